/* au-config-defaults.c: what a configuration need not say
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-config-private.h"

#include "au-module-private.h"
#include "au-text-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <pwd.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define MAIN AU_CONFIG_MAIN
#define TYPE AU_CONFIG_TYPE

/* The names of the groups for parts of @kind. */
char **
au_config_list_parts (AuConfig     *self,
                      AuModuleKind  kind)
{
  GPtrArray *groups = au_config_get_groups (self);
  g_autoptr(GPtrArray) labels = g_ptr_array_new ();

  for (guint i = 0; i < groups->len; i++)
    {
      AuGroup *group = g_ptr_array_index (groups, i);

      if (group->sort == AU_GROUP_PART && group->kind == kind)
        g_ptr_array_add (labels, g_strdup (strchr (group->name, ' ') + 1));
    }

  g_ptr_array_add (labels, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&labels), FALSE);
}

/* Where records are when nobody says. A program with more rights than its
 * user must not write where the user's environment says.
 */
static char *
get_state_folder (void)
{
  char buffer[4096];
  struct passwd entry;
  struct passwd *found = NULL;

  if (getauxval (AT_SECURE) == 0)
    return g_strdup (g_get_user_state_dir ());

  if (getpwuid_r (geteuid (), &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
    return g_strdup ("/var/lib");
  return g_build_filename (found->pw_dir, ".local", "state", NULL);
}

/* A program with more rights than its user has no worker processes, see au-init.c. */
static const char *
get_default_backend (void)
{
  return getauxval (AT_SECURE) == 0 ? "process" : "thread";
}

/* Gives the group for the store or backend “main”, of which no file need say anything. */
AuGroup *
au_config_get_main_group (AuConfig     *self,
                          AuModuleKind  kind)
{
  GPtrArray *groups = au_config_get_groups (self);
  g_autofree char *name = g_strdup_printf ("%s " MAIN, au_module_kind_to_string (kind));
  AuGroup *group = au_groups_find (groups, name);
  const char *name_of_place;
  AuSetting *type;

  if (group != NULL && group->origin == AU_ORIGIN_FILE)
    return group;

  if (group == NULL)
    {
      group = au_group_new (name, AU_ORIGIN_DEFAULT, 0, NULL);
      g_ptr_array_add (groups, group);
    }

  type = au_group_find (group, TYPE);
  if (type == NULL)
    {
      type = au_group_add (group, TYPE, kind == AU_MODULE_STORE ? "sqlite" : get_default_backend (),
                           AU_ORIGIN_DEFAULT, 0);

      /* Functions that workers do not have run all the same. */
      if (g_str_equal (type->value, "process"))
        au_group_add (group, "fallback", "thread", AU_ORIGIN_DEFAULT, 0);
    }

  name_of_place = g_str_equal (type->value, "sqlite") ? "au.db" : "store";
  if (kind == AU_MODULE_STORE && au_group_find (group, "path") == NULL &&
      (g_str_equal (type->value, "sqlite") || g_str_equal (type->value, "file")))
    {
      g_autofree char *state = get_state_folder ();
      g_autofree char *path = g_build_filename (state, "au", name_of_place, NULL);

      au_group_add (group, "path", path, AU_ORIGIN_DEFAULT, 0);
    }

  return group;
}

/* An engine without a store or backend gets the one called “main”. */
static gboolean
fill_engine (AuConfig      *self,
             AuGroup       *group,
             GObjectClass  *class,
             GError       **error)
{
  const AuModuleKind kinds[] = { AU_MODULE_STORE, AU_MODULE_BACKEND };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const char *key = au_module_kind_to_string (kinds[i]);
      g_auto (GStrv) labels = NULL;

      if (g_object_class_find_property (class, key) == NULL || au_group_find (group, key) != NULL)
        continue;

      labels = au_config_list_parts (self, kinds[i]);
      if (labels[0] != NULL && !g_strv_contains ((const char *const *) labels, MAIN))
        {
          g_autofree char *have = au_text_join ((const char *const *) labels);

          g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                       _("no %s= says which %s to use, and none is called “%s” (have: %s)"),
                       key, key, MAIN, have);
          au_config_place_error (self, group, NULL, error);
          return FALSE;
        }

      au_config_get_main_group (self, kinds[i]);
      au_group_add (group, key, MAIN, AU_ORIGIN_DEFAULT, 0);
    }

  return TRUE;
}

/* A worker has the store of the engine whose computations it runs, and what goes with it,
 * unless it says otherwise; but a backend of its own. */
static void
fill_worker (AuConfig     *self,
             AuGroup      *group,
             GObjectClass *class)
{
  static const char *const keys[] = { "store", "middleware", "ttl" };
  AuGroup *engine = au_groups_find (au_config_get_groups (self), "au");

  for (guint i = 0; engine != NULL && i < G_N_ELEMENTS (keys); i++)
    {
      AuSetting *setting = au_group_find (engine, keys[i]);

      if (setting != NULL && au_group_find (group, keys[i]) == NULL &&
          g_object_class_find_property (class, keys[i]) != NULL)
        au_group_add (group, keys[i], setting->value, AU_ORIGIN_DEFAULT, 0);
    }
}

/* A schedule is called as its group is. */
static void
fill_schedule (AuGroup      *group,
               GObjectClass *class)
{
  if (au_group_find (group, "name") == NULL && g_object_class_find_property (class, "name") != NULL)
    au_group_add (group, "name", strchr (group->name, ' ') + 1, AU_ORIGIN_DEFAULT, 0);
}

/* Adds what [@group] does not say; @class is that of what it describes. */
gboolean
au_config_fill (AuConfig      *self,
                AuGroup       *group,
                GObjectClass  *class,
                GError       **error)
{
  if (group->sort == AU_GROUP_WORKER)
    fill_worker (self, group, class);
  else if (group->sort == AU_GROUP_SCHEDULE)
    fill_schedule (group, class);

  return fill_engine (self, group, class, error);
}
