/* au-config-check.c: finds what is wrong with a configuration
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-config-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* Adds the group of the engine when there is none at all. */
static void
ensure_engine (AuConfig *self)
{
  GPtrArray *groups = au_config_get_groups (self);

  for (guint i = 0; i < groups->len; i++)
    {
      AuGroup *group = g_ptr_array_index (groups, i);

      if (group->sort == AU_GROUP_AU || group->sort == AU_GROUP_ENGINE)
        return;
    }

  g_ptr_array_insert (groups, 0, au_group_new ("au", AU_ORIGIN_DEFAULT, 0, NULL));
}

/* Checks all groups; stops at the first mistake, unless they are collected. */
static gboolean
check_groups (AuConfig  *self,
              GType      engine_type,
              GError   **error)
{
  GPtrArray *groups = au_config_get_groups (self);

  g_hash_table_remove_all (au_config_get_checked (self));
  if (!au_config_prepare (self, error))
    return FALSE;

  ensure_engine (self);

  /* Defaults may be added on the way. */
  for (guint i = 0; i < groups->len; i++)
    {
      AuGroup *group = g_ptr_array_index (groups, i);

      if (group->sort != AU_GROUP_MODULES &&
          !au_config_check_group (self, group, engine_type, error) &&
          au_config_get_mistakes (self) == NULL)
        return FALSE;
    }

  return TRUE;
}

/**
 * au_config_check:
 * @self: a configuration
 * @engine_type: the type of which the groups `[au]` and `[engine NAME]` are, that is
 *   `AU_TYPE_ENGINE`
 * @error: return location for an error
 *
 * Checks everything that the configuration says, also in groups that nothing refers
 * to.
 *
 * The modules that it names are loaded, and files with secrets are read, but nothing is
 * made or started: a store that cannot be opened is found only by
 * [method@Au.Config.create].
 *
 * Fails with the error of the first mistake, as [method@Au.Config.create] does.
 *
 * For one thread at a time. Blocks while modules are loaded.
 *
 * Returns: %TRUE when there is no mistake
 *
 * Since: 1.0
 */
gboolean
au_config_check (AuConfig  *self,
                 GType      engine_type,
                 GError   **error)
{
  g_autoptr(GError) failure = NULL;

  g_return_val_if_fail (AU_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (g_type_is_a (engine_type, G_TYPE_OBJECT), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (check_groups (self, engine_type, &failure))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Overrides come after the lines of the file, in the order in which they were found. */
static int
compare_mistakes (gconstpointer a,
                  gconstpointer b)
{
  const AuMistake *mistake_a = *(AuMistake *const *) a;
  const AuMistake *mistake_b = *(AuMistake *const *) b;
  guint line_a = mistake_a->line != 0 ? mistake_a->line : G_MAXUINT;
  guint line_b = mistake_b->line != 0 ? mistake_b->line : G_MAXUINT;

  return (line_a > line_b) - (line_a < line_b);
}

static void
apply_settings (AuConfig           *self,
                const char * const *settings,
                GPtrArray          *mistakes)
{
  for (; settings != NULL && *settings != NULL; settings++)
    {
      const char *equals = strchr (*settings, '=');
      g_autofree char *name = NULL;
      GError *error = NULL;

      if (equals != NULL)
        {
          name = g_strndup (*settings, equals - *settings);
          au_config_set (self, name, equals + 1, &error);
        }
      else
        g_set_error (&error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                     _("“%s” is no setting: write NAME=VALUE"), *settings);

      if (error != NULL)
        au_mistakes_add (mistakes, 0, error);
    }
}

/**
 * au_config_find_mistakes:
 * @path: (nullable) (type filename): a key file, or %NULL for the one that
 *   [func@Au.Config.find] reads
 * @settings: (nullable) (array zero-terminated=1): settings in place of those of the
 *   file, each `NAME=VALUE`, as [method@Au.Config.set] takes them
 * @engine_type: the type of which the groups `[au]` and `[engine NAME]` are, that is
 *   `AU_TYPE_ENGINE`
 *
 * Reads a key file and finds everything that is wrong with it, its form as well as what
 * it says.
 *
 * The modules that it names are loaded, and files with secrets are read, but nothing is
 * made or started. After 100 mistakes the rest of the file is not looked at.
 *
 * MT safe. Blocks while modules are loaded.
 *
 * Returns: (transfer full) (array zero-terminated=1): one sentence for each mistake, in
 *   the order of lines, with file, line, group and key; none when the file is good
 *
 * Since: 1.0
 */
char **
au_config_find_mistakes (const char         *path,
                         const char * const *settings,
                         GType               engine_type)
{
  g_autoptr(GPtrArray) mistakes = au_mistakes_new ();
  g_autoptr(GStrvBuilder) list = g_strv_builder_new ();
  g_autoptr(AuConfig) self = NULL;
  g_autoptr(GError) failure = NULL;

  g_return_val_if_fail (g_type_is_a (engine_type, G_TYPE_OBJECT), NULL);

  self = path != NULL ? au_config_read (path, mistakes, &failure)
                      : au_config_search (mistakes, &failure);
  if (self == NULL)
    {
      g_strv_builder_add (list, failure->message);
      return g_strv_builder_end (list);
    }

  apply_settings (self, settings, mistakes);
  au_config_collect (self, mistakes);
  check_groups (self, engine_type, &failure);
  au_config_collect (self, NULL);

  g_ptr_array_sort (mistakes, compare_mistakes);
  for (guint i = 0; i < mistakes->len; i++)
    g_strv_builder_add (list, ((AuMistake *) g_ptr_array_index (mistakes, i))->error->message);

  return g_strv_builder_end (list);
}
