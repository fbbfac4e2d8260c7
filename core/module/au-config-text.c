/* au-config-text.c: shows what a configuration comes to
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-config-private.h"

#include "au-settings-private.h"

#include <au/au-error.h>
#include <au/au-param.h>

#include <glib/gi18n-lib.h>

static void
append_setting (GString    *text,
                const char *origin,
                const char *key,
                const char *value)
{
  g_string_append_printf (text, "# %s\n%s=%s\n", origin, key, value);
}

static void
append_given (AuConfig   *self,
              AuSetting  *setting,
              GParamSpec *pspec,
              GString    *text)
{
  gboolean secret = pspec != NULL && (pspec->flags & AU_PARAM_SECRET) != 0;
  const char *value = secret ? "(secret)" : setting->value;
  g_autofree char *place = NULL;

  switch (setting->origin)
    {
    case AU_ORIGIN_FILE:
      place = g_strdup_printf ("%s:%u", au_config_get_origin (self), setting->line);
      append_setting (text, place, setting->key, value);
      break;

    case AU_ORIGIN_OVERRIDE:
      append_setting (text, _("override"), setting->key, value);
      break;

    case AU_ORIGIN_DEFAULT:
    default:
      append_setting (text, _("default"), setting->key, value);
      break;
    }
}

/* What is not given, but could be. */
static void
append_defaults (AuGroup      *group,
                 GObjectClass *class,
                 GString      *text)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  pspecs = g_object_class_list_properties (class, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_autofree char *value = NULL;

      if ((pspecs[i]->flags & G_PARAM_WRITABLE) == 0 ||
          au_group_find (group, pspecs[i]->name) != NULL)
        continue;

      value = au_param_value_to_text (pspecs[i], g_param_spec_get_default_value (pspecs[i]));
      if (value != NULL)
        append_setting (text, _("default"), pspecs[i]->name,
                        (pspecs[i]->flags & AU_PARAM_SECRET) != 0 ? "(secret)" : value);
    }
}

static gboolean
append_group (AuConfig  *self,
              AuGroup   *group,
              GType      engine_type,
              GString   *text,
              GError   **error)
{
  g_autoptr(GTypeClass) class = NULL;

  if (group->sort != AU_GROUP_MODULES)
    {
      GType type = au_config_get_group_type (self, group, engine_type, error);

      if (type == G_TYPE_INVALID)
        return FALSE;
      class = g_type_class_ref (type);
    }

  g_string_append_printf (text, "%s[%s]\n", text->len > 0 ? "\n" : "", group->name);
  for (guint i = 0; i < group->settings->len; i++)
    {
      AuSetting *setting = g_ptr_array_index (group->settings, i);
      GParamSpec *pspec = class != NULL ? g_object_class_find_property (G_OBJECT_CLASS (class),
                                                                        setting->key) : NULL;

      append_given (self, setting, pspec, text);
    }

  if (class != NULL)
    append_defaults (group, G_OBJECT_CLASS (class), text);
  return TRUE;
}

/**
 * au_config_to_text:
 * @self: a configuration
 * @engine_type: the type of which the groups `[au]` and `[engine NAME]` are, that is
 *   `AU_TYPE_ENGINE`
 * @error: return location for an error
 *
 * Writes all settings that are in force, also those that nobody gave, as a key file in
 * which a comment before each says where it comes from: a line of the key file, an
 * override by [method@Au.Config.set], or the default.
 *
 * Secrets are written as `(secret)`.
 *
 * Fails as [method@Au.Config.check] does.
 *
 * For one thread at a time. Blocks while modules are loaded.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
au_config_to_text (AuConfig  *self,
                   GType      engine_type,
                   GError   **error)
{
  g_autoptr(GString) text = g_string_new (NULL);
  GPtrArray *groups;

  g_return_val_if_fail (AU_IS_CONFIG (self), NULL);
  g_return_val_if_fail (g_type_is_a (engine_type, G_TYPE_OBJECT), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!au_config_check (self, engine_type, error))
    return NULL;

  groups = au_config_get_groups (self);
  for (guint i = 0; i < groups->len; i++)
    {
      if (!append_group (self, g_ptr_array_index (groups, i), engine_type, text, error))
        return NULL;
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}
