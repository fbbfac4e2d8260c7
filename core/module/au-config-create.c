/* au-config-create.c: makes parts as a configuration says
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-config-private.h"

#include "au-module-folders-private.h"
#include "au-param-private.h"
#include "au-part-private.h"
#include "au-settings-private.h"
#include "au-text-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAIN AU_CONFIG_MAIN
#define TYPE AU_CONFIG_TYPE

static gboolean process_group (AuConfig  *self,
                               AuGroup   *group,
                               GType      type,
                               gboolean   make,
                               GObject  **object,
                               GError   **error);

/* Where a mistake is: a line of the file, or what was set in its place. @setting is
 * %NULL for the group itself.
 */
static char *
get_place (AuConfig  *self,
           AuGroup   *group,
           AuSetting *setting)
{
  AuOrigin origin = setting != NULL ? setting->origin : group->origin;
  guint line = setting != NULL ? setting->line : group->line;
  const char *space = setting != NULL ? " " : "";
  const char *key = setting != NULL ? setting->key : "";

  if (origin == AU_ORIGIN_FILE)
    return g_strdup_printf ("%s:%u: [%s]%s%s: ", au_config_get_origin (self), line,
                            group->name, space, key);

  if (origin == AU_ORIGIN_OVERRIDE && setting != NULL)
    {
      char *place = g_strdup_printf ("%s.%s: ", group->name, key);
      char *gap = strpbrk (place, " :");

      if (*gap == ' ')
        *gap = '.';
      return place;
    }

  return g_strdup_printf ("[%s]%s%s: ", group->name, space, key);
}

/* A group that several refer to is looked at for each of them. */
static gboolean
is_known (GPtrArray    *mistakes,
          const GError *error)
{
  for (guint i = 0; i < mistakes->len; i++)
    {
      AuMistake *mistake = g_ptr_array_index (mistakes, i);

      if (g_str_equal (mistake->error->message, error->message))
        return TRUE;
    }

  return FALSE;
}

/* Says in @error where it is. A value that is not acceptable is, seen from here, a key
 * file that is not. Where all mistakes are collected, this one goes to them, and none
 * is left in @error.
 */
void
au_config_place_error (AuConfig   *self,
                       AuGroup    *group,
                       AuSetting  *setting,
                       GError    **error)
{
  g_autofree char *place = get_place (self, group, setting);
  GPtrArray *mistakes = au_config_get_mistakes (self);

  if (error == NULL)
    return;

  /* What a worker has from the engine is that group's mistake, and told there. */
  if (mistakes != NULL && setting != NULL && setting->origin == AU_ORIGIN_DEFAULT &&
      group->sort == AU_GROUP_WORKER)
    {
      g_clear_error (error);
      return;
    }

  if (g_error_matches (*error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT) ||
      g_error_matches (*error, AU_ERROR, AU_ERROR_UNSUPPORTED))
    (*error)->code = AU_ERROR_CONFIG;
  g_prefix_error_literal (error, place);

  if (mistakes == NULL)
    return;
  if (mistakes->len < AU_MAX_MISTAKES && !is_known (mistakes, *error))
    au_mistakes_add (mistakes, setting != NULL ? setting->line : group->line,
                     g_steal_pointer (error));
  g_clear_error (error);
}

/* Whether to look further after a mistake. */
static gboolean
is_collecting (AuConfig *self)
{
  return au_config_get_mistakes (self) != NULL;
}

/* What relative paths in a setting start from; %NULL for where the program is, as on a
 * command line.
 */
static const char *
get_folder (AuConfig  *self,
            AuSetting *setting)
{
  return setting->origin == AU_ORIGIN_FILE ? au_config_get_folder (self) : NULL;
}

/* Takes over what [modules] says. From then on nothing can be set any more. */
gboolean
au_config_prepare (AuConfig  *self,
                   GError   **error)
{
  AuGroup *group = au_groups_find (au_config_get_groups (self), "modules");

  au_config_seal (self);

  for (guint i = 0; group != NULL && i < group->settings->len; i++)
    {
      AuSetting *setting = g_ptr_array_index (group->settings, i);
      g_auto (GStrv) folders = NULL;

      if (!g_str_equal (setting->key, "path"))
        {
          g_set_error (error, AU_ERROR, AU_ERROR_CONFIG, _("no such key (have: path)"));
          au_config_place_error (self, group, setting, error);
          if (!is_collecting (self))
            return FALSE;
          continue;
        }

      folders = au_text_split (setting->value);
      for (guint j = 0; folders[j] != NULL; j++)
        {
          g_autofree char *folder = NULL;

          if (folders[j][0] == '\0')
            continue;
          folder = au_settings_resolve_path (folders[j], get_folder (self, setting), error);
          if (folder != NULL)
            {
              au_module_add_folder (folder);
              continue;
            }
          au_config_place_error (self, group, setting, error);
          if (!is_collecting (self))
            return FALSE;
        }
    }

  return TRUE;
}

/* The type of what a group describes that is no part. That of an engine is given; it knows
 * those of the groups beside it, which belong to a floor above this one. */
static GType
get_object_type (AuGroup *group,
                 GType    engine_type)
{
  G_GNUC_UNUSED g_autoptr(GTypeClass) class = g_type_class_ref (engine_type);
  GType type = 0;

  if (group->sort == AU_GROUP_WORKER)
    type = GPOINTER_TO_SIZE (g_type_get_qdata (engine_type, AU_CONFIG_WORKER_QUARK));
  else if (group->sort == AU_GROUP_SCHEDULE)
    type = GPOINTER_TO_SIZE (g_type_get_qdata (engine_type, AU_CONFIG_SCHEDULE_QUARK));

  return type != 0 ? type : engine_type;
}

/* The type of what @group describes, with its defaults filled in. */
GType
au_config_get_group_type (AuConfig  *self,
                          AuGroup   *group,
                          GType      engine_type,
                          GError   **error)
{
  g_autoptr(GTypeClass) class = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *have = NULL;
  AuSetting *type;
  GType gtype;

  if (group->sort != AU_GROUP_PART)
    {
      gtype = get_object_type (group, engine_type);
      class = g_type_class_ref (gtype);

      return au_config_fill (self, group, G_OBJECT_CLASS (class), error) ? gtype : G_TYPE_INVALID;
    }

  type = au_group_find (group, TYPE);
  if (type != NULL)
    {
      gtype = au_part_get_gtype (group->kind, type->value, error);
      if (gtype == G_TYPE_INVALID)
        au_config_place_error (self, group, type, error);
      return gtype;
    }

  names = au_module_folders_list_names (group->kind);
  have = au_text_join ((const char *const *) names);
  g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
               _("no type= says which %s it is (have: %s)"),
               au_module_kind_to_string (group->kind), have);
  au_config_place_error (self, group, NULL, error);
  return G_TYPE_INVALID;
}

/* Whether the value of @pspec is a part, or a list of parts, and then of which kind. */
static gboolean
is_reference (GParamSpec   *pspec,
              AuModuleKind *kind,
              gboolean     *list)
{
  for (AuModuleKind i = 0; i < AU_MODULE_FUNCTION; i++)
    {
      *kind = i;
      *list = FALSE;
      if (g_type_is_a (pspec->value_type, au_part_get_interface (i)))
        return TRUE;

      *list = TRUE;
      if (g_type_is_a (pspec->value_type, G_TYPE_LIST_MODEL) &&
          g_str_equal (pspec->name, au_module_kind_to_string (i)))
        return TRUE;
    }

  return FALSE;
}

/* The group that @label refers to, or %NULL and an error without a place. */
static AuGroup *
find_referred (AuConfig      *self,
               AuModuleKind   kind,
               const char    *label,
               GError       **error)
{
  const char *word = au_module_kind_to_string (kind);
  g_autofree char *name = g_strdup_printf ("%s %s", word, label);
  AuGroup *group = au_groups_find (au_config_get_groups (self), name);
  g_auto (GStrv) labels = NULL;
  g_autofree char *have = NULL;
  const char *nearest;

  if (group != NULL)
    return group;

  labels = au_config_list_parts (self, kind);
  have = au_text_join ((const char *const *) labels);
  nearest = au_text_nearest (label, (const char *const *) labels);

  if (nearest != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                 _("there is no group [%s]; did you mean “%s”? (have: %s)"), name, nearest, have);
  else if (strpbrk (label, ",#;") != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                 _("there is no group [%s] (have: %s); “;” is what separates several, and comments "
                   "are lines of their own"),
                 name, have);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                 _("there is no group [%s] (have: %s); add one, with a line type=…"), name, have);
  return NULL;
}

static gboolean
check_cycle (AuConfig  *self,
             AuGroup   *group,
             GError   **error)
{
  GPtrArray *stack = au_config_get_stack (self);
  g_autoptr(GString) path = NULL;
  guint first;

  if (!g_ptr_array_find (stack, group, &first))
    return TRUE;

  path = g_string_new (NULL);
  for (guint i = first; i < stack->len; i++)
    {
      AuGroup *step = g_ptr_array_index (stack, i);

      g_string_append_printf (path, "[%s] → ", step->name);
    }

  g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
               _("a part cannot be made of itself: %s[%s]"), path->str, group->name);
  return FALSE;
}

/* Makes the part that @label refers to, or only checks it and leaves @part alone. */
static gboolean
resolve_reference (AuConfig      *self,
                   AuGroup       *group,
                   AuSetting     *setting,
                   AuModuleKind   kind,
                   GType          type,
                   const char    *label,
                   gboolean       make,
                   GObject      **part,
                   GError       **error)
{
  AuGroup *referred = find_referred (self, kind, label, error);

  if (referred == NULL || !check_cycle (self, referred, error))
    {
      au_config_place_error (self, group, setting, error);
      return FALSE;
    }

  return process_group (self, referred, type, make, part, error);
}

static gboolean
resolve_list (AuConfig      *self,
              AuGroup       *group,
              AuSetting     *setting,
              AuModuleKind   kind,
              gboolean       make,
              GListStore    *list,
              GError       **error)
{
  g_auto (GStrv) labels = au_text_split (setting->value);

  for (guint i = 0; labels[i] != NULL; i++)
    {
      g_autoptr(GObject) part = NULL;

      for (guint j = 0; j < i; j++)
        {
          if (g_str_equal (labels[i], labels[j]))
            {
              g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                           _("“%s” is given twice: remove one"), labels[i]);
              au_config_place_error (self, group, setting, error);
              return FALSE;
            }
        }

      if (!resolve_reference (self, group, setting, kind, au_part_get_interface (kind),
                              labels[i], make, &part, error) &&
          !is_collecting (self))
        return FALSE;
      if (part != NULL)
        g_list_store_append (list, part);
    }

  return TRUE;
}

static gboolean
process_setting (AuConfig      *self,
                 AuGroup       *group,
                 AuSetting     *setting,
                 GObjectClass  *class,
                 gboolean       make,
                 AuSettings    *settings,
                 GError       **error)
{
  GParamSpec *pspec = au_settings_find_key (class, setting->key, error);
  g_autoptr(GListStore) parts = NULL;
  g_autoptr(GObject) part = NULL;
  AuModuleKind kind;
  gboolean list;
  GValue *value;

  if (pspec == NULL)
    {
      au_config_place_error (self, group, setting, error);
      return FALSE;
    }

  if (!is_reference (pspec, &kind, &list))
    {
      value = au_settings_add (settings, pspec);
      /* A part that is made says itself what it does not accept. */
      if (au_settings_convert (pspec, setting->value, get_folder (self, setting), value, error) &&
          (make || au_param_check (pspec, value, error)))
        return TRUE;
      au_config_place_error (self, group, setting, error);
      return FALSE;
    }

  if (list)
    {
      parts = g_list_store_new (au_part_get_interface (kind));
      if (!resolve_list (self, group, setting, kind, make, parts, error))
        return FALSE;
    }
  else if (!resolve_reference (self, group, setting, kind, pspec->value_type,
                               setting->value, make, &part, error))
    return FALSE;

  value = au_settings_add (settings, pspec);
  g_value_init (value, pspec->value_type);
  g_value_set_object (value, list ? (gpointer) parts : (gpointer) part);
  return TRUE;
}

static GObject *
find_living (AuConfig *self,
             AuGroup  *group)
{
  GWeakRef *weak = g_hash_table_lookup (au_config_get_parts (self), group->name);

  return weak != NULL ? g_weak_ref_get (weak) : NULL;
}

static void
remember (AuConfig *self,
          AuGroup  *group,
          GObject  *part)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, part);
  g_hash_table_replace (au_config_get_parts (self), g_strdup (group->name), weak);
}

static gboolean
is_given (AuSettings *settings,
          GParamSpec *pspec)
{
  for (guint i = 0; i < settings->names->len; i++)
    {
      if (g_str_equal (g_ptr_array_index (settings->names, i), pspec->name))
        return TRUE;
    }

  return FALSE;
}

/* What is left to its default may be what cannot be left. */
static gboolean
check_defaults (AuConfig      *self,
                AuGroup       *group,
                GObjectClass  *class,
                AuSettings    *settings,
                GError       **error)
{
  g_autofree GParamSpec **pspecs = NULL;
  gboolean good = TRUE;
  guint n_pspecs;

  pspecs = g_object_class_list_properties (class, &n_pspecs);
  for (guint i = 0; good && i < n_pspecs; i++)
    {
      if (is_given (settings, pspecs[i]) ||
          au_param_check (pspecs[i], g_param_spec_get_default_value (au_param_get_target (pspecs[i])), error))
        continue;

      au_config_place_error (self, group, NULL, error);
      good = is_collecting (self);
    }

  return good;
}

/* Reads the settings of @group, and the groups that it refers to. */
static gboolean
process_settings (AuConfig    *self,
                  AuGroup     *group,
                  GType        type,
                  gboolean     make,
                  AuSettings  *settings,
                  GError     **error)
{
  g_autoptr(GTypeClass) class = g_type_class_ref (type);
  GPtrArray *stack = au_config_get_stack (self);
  gboolean good = TRUE;

  g_ptr_array_add (stack, group);
  for (guint i = 0; good && i < group->settings->len; i++)
    {
      AuSetting *setting = g_ptr_array_index (group->settings, i);

      if (group->sort == AU_GROUP_PART && g_str_equal (setting->key, TYPE))
        continue;
      good = process_setting (self, group, setting, G_OBJECT_CLASS (class), make, settings, error) ||
             is_collecting (self);
    }
  g_ptr_array_set_size (stack, stack->len - 1);

  return good && (make || check_defaults (self, group, G_OBJECT_CLASS (class), settings, error));
}

/* Makes an object of what @group says, or only checks it and leaves @object alone. */
static gboolean
process_group (AuConfig  *self,
               AuGroup   *group,
               GType      type,
               gboolean   make,
               GObject  **object,
               GError   **error)
{
  g_autoptr(AuSettings) settings = au_settings_new ();
  GType gtype = au_config_get_group_type (self, group, type, error);
  GObject *living;

  if (gtype == G_TYPE_INVALID)
    return FALSE;

  if (!g_type_is_a (gtype, type))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("it is a %s, and a %s is needed: give another type="),
                   g_type_name (gtype), g_type_name (type));
      au_config_place_error (self, group, au_group_find (group, TYPE), error);
      return FALSE;
    }

  living = make ? find_living (self, group) : NULL;
  if (living != NULL)
    {
      *object = living;
      return TRUE;
    }

  if (!make && !g_hash_table_add (au_config_get_checked (self), group))
    return TRUE;
  if (!process_settings (self, group, gtype, make, settings, error))
    return FALSE;
  if (!make)
    return TRUE;

  *object = au_part_start (au_settings_build (settings, gtype), error);
  if (*object == NULL)
    {
      g_autofree char *place = get_place (self, group, NULL);

      g_prefix_error_literal (error, place);
      return FALSE;
    }

  if (group->sort == AU_GROUP_PART)
    remember (self, group, *object);
  return TRUE;
}

/* The group of this name; those that have defaults are added when they are missing. */
static AuGroup *
find_group (AuConfig    *self,
            const char  *name,
            GError     **error)
{
  GPtrArray *groups = au_config_get_groups (self);
  AuGroup *group = au_groups_find (groups, name);
  const char *origin = au_config_get_origin (self);
  gsize length = strcspn (name, " ") + 1;
  g_autoptr(GPtrArray) names = NULL;
  g_autofree char *have = NULL;
  const char *nearest;

  if (g_str_equal (name, "store " MAIN))
    return au_config_get_main_group (self, AU_MODULE_STORE);
  if (g_str_equal (name, "backend " MAIN))
    return au_config_get_main_group (self, AU_MODULE_BACKEND);
  if (group != NULL && group->sort != AU_GROUP_MODULES)
    return group;

  if (g_str_equal (name, "au") || g_str_equal (name, "worker"))
    {
      group = au_group_new (name, AU_ORIGIN_DEFAULT, 0, NULL);
      g_ptr_array_add (groups, group);
      return group;
    }

  names = g_ptr_array_new ();
  for (guint i = 0; i < groups->len; i++)
    {
      group = g_ptr_array_index (groups, i);
      if (strncmp (group->name, name, length) == 0)
        g_ptr_array_add (names, group->name);
    }
  g_ptr_array_add (names, NULL);
  have = au_text_join ((const char *const *) names->pdata);
  nearest = au_text_nearest (name, (const char *const *) names->pdata);

  if (nearest != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                 _("%s%sthere is no group [%s]; did you mean “%s”? (have: %s)"),
                 origin != NULL ? origin : "", origin != NULL ? ": " : "", name, nearest, have);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_CONFIG, _("%s%sthere is no group [%s] (have: %s)"),
                 origin != NULL ? origin : "", origin != NULL ? ": " : "", name, have);
  return NULL;
}

/**
 * au_config_create:
 * @self: a configuration
 * @type: the type of the object; for a part, it may be the interface
 * @group: the name of its group, such as `au`, `engine NAME` or `store NAME`
 * @error: return location for an error
 *
 * Makes the object that @group describes, and the parts that it refers to.
 *
 * A part that is named by several is one object, for as long as somebody has a
 * reference to it. An engine is made anew by each call.
 *
 * Fails with %AU_ERROR_CONFIG when there is no such group, or when what it says is not
 * acceptable; the message gives file, line, group and key. Fails with the errors of
 * [func@Au.part_get_gtype] when a module cannot be had, and with a part's own error
 * when it cannot be started, each with the place before it.
 *
 * For one thread at a time. Blocks while modules are loaded and parts are started.
 *
 * Returns: (transfer full): the object
 *
 * Since: 1.0
 */
GObject *
au_config_create (AuConfig    *self,
                  GType        type,
                  const char  *group,
                  GError     **error)
{
  g_autoptr(GError) failure = NULL;
  GObject *object = NULL;
  AuGroup *found;

  g_return_val_if_fail (AU_IS_CONFIG (self), NULL);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), NULL);
  g_return_val_if_fail (group != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!au_config_prepare (self, error))
    return NULL;

  found = find_group (self, group, error);
  if (found == NULL)
    return NULL;

  if (found->sort != AU_GROUP_PART && G_TYPE_IS_INTERFACE (type))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG, _("it describes an engine, and no %s"),
                   g_type_name (type));
      au_config_place_error (self, found, NULL, error);
      return NULL;
    }

  if (!process_group (self, found, type, TRUE, &object, &failure))
    g_propagate_error (error, g_steal_pointer (&failure));

  return object;
}

/**
 * au_config_list_labels:
 * @self: a configuration
 * @word: the first word of groups, such as `schedule`
 *
 * Lists the names of the groups of a sort, such as `nightly` of `[schedule nightly]`, in
 * their order.
 *
 * For one thread at a time.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
au_config_list_labels (AuConfig   *self,
                       const char *word)
{
  g_autoptr(GPtrArray) labels = g_ptr_array_new ();
  GPtrArray *groups;

  g_return_val_if_fail (AU_IS_CONFIG (self), NULL);
  g_return_val_if_fail (word != NULL, NULL);

  groups = au_config_get_groups (self);
  for (guint i = 0; i < groups->len; i++)
    {
      AuGroup *group = g_ptr_array_index (groups, i);
      const char *space = strchr (group->name, ' ');

      if (space != NULL && strlen (word) == (gsize) (space - group->name) && g_str_has_prefix (group->name, word))
        g_ptr_array_add (labels, g_strdup (space + 1));
    }
  g_ptr_array_add (labels, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&labels), FALSE);
}

/* Checks what @group says, and the groups that it refers to. */
gboolean
au_config_check_group (AuConfig  *self,
                       AuGroup   *group,
                       GType      engine_type,
                       GError   **error)
{
  GType type = group->sort == AU_GROUP_PART ? au_part_get_interface (group->kind)
                                            : get_object_type (group, engine_type);

  return process_group (self, group, type, FALSE, NULL, error);
}
