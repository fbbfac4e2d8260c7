/* au-settings.c: the keys of a part
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-settings-private.h"

#include "au-file-text-private.h"
#include "au-text-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

AuSettings *
au_settings_new (void)
{
  AuSettings *self = g_new0 (AuSettings, 1);

  self->names = g_ptr_array_new ();
  self->values = g_array_new (FALSE, TRUE, sizeof (GValue));
  g_array_set_clear_func (self->values, (GDestroyNotify) g_value_unset);
  return self;
}

void
au_settings_free (AuSettings *self)
{
  g_ptr_array_unref (self->names);
  g_array_unref (self->values);
  g_free (self);
}

/* Adds a property; the value that is returned is for the caller to set, before the
 * next is added.
 */
GValue *
au_settings_add (AuSettings *self,
                 GParamSpec *pspec)
{
  g_ptr_array_add (self->names, (gpointer) pspec->name);
  g_array_set_size (self->values, self->values->len + 1);

  return &g_array_index (self->values, GValue, self->values->len - 1);
}

GObject *
au_settings_build (AuSettings *self,
                   GType       type)
{
  return g_object_new_with_properties (type, self->names->len,
                                       (const char **) self->names->pdata,
                                       (const GValue *) (gconstpointer) self->values->data);
}

static int
compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The properties of @class that can be set, by name. */
static char **
list_keys (GObjectClass *class)
{
  g_autofree GParamSpec **pspecs = NULL;
  g_autoptr(GPtrArray) keys = g_ptr_array_new ();
  guint n_pspecs;

  pspecs = g_object_class_list_properties (class, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      if ((pspecs[i]->flags & G_PARAM_WRITABLE) != 0)
        g_ptr_array_add (keys, g_strdup (pspecs[i]->name));
    }

  g_ptr_array_sort (keys, compare_strings);
  g_ptr_array_add (keys, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&keys), FALSE);
}

/* The property that @key sets, or %NULL and an error that says what there is. */
GParamSpec *
au_settings_find_key (GObjectClass  *class,
                      const char    *key,
                      GError       **error)
{
  GParamSpec *pspec = g_object_class_find_property (class, key);
  g_auto (GStrv) keys = NULL;
  g_autofree char *have = NULL;
  const char *nearest;

  /* GObject takes an underscore for a hyphen; one way to write a key is enough. */
  if (pspec != NULL && (pspec->flags & G_PARAM_WRITABLE) != 0 && g_str_equal (pspec->name, key))
    return pspec;

  keys = list_keys (class);
  have = au_text_join ((const char *const *) keys);
  nearest = au_text_nearest (key, (const char *const *) keys);

  if (nearest != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                 _("no such key; did you mean “%s”? (have: %s)"), nearest, have);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                 _("no such key (have: %s)"), have);
  return NULL;
}

/* The longest secret that may be in a file, such as a key with its certificates. */
#define MAX_SECRET (64 * 1024)

/* Reads the file that a secret is in. The last end of line is none of the secret's. */
static char *
read_secret (const char  *name,
             const char  *folder,
             GError     **error)
{
  g_autofree char *path = g_canonicalize_filename (name, folder);
  g_autofree char *contents = NULL;
  g_autoptr(GError) reason = NULL;
  gsize length;

  contents = au_file_text_read (path, AU_FILE_OF_ANYBODY, MAX_SECRET, &length, &reason);
  if (contents == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("the secret cannot be read: %s"), reason->message);
      return NULL;
    }

  if (!g_utf8_validate (contents, length, NULL))
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("the secret in %s is not text in UTF-8"), shown);
      return NULL;
    }

  if (length > 0 && contents[length - 1] == '\n')
    contents[--length] = '\0';
  if (length > 0 && contents[length - 1] == '\r')
    contents[--length] = '\0';

  return g_steal_pointer (&contents);
}

/* The path that @text names, from @folder on, or from where the program is if that is
 * %NULL. %NULL and an error for what only a shell understands.
 */
char *
au_settings_resolve_path (const char  *text,
                          const char  *folder,
                          GError     **error)
{
  if (text[0] == '~')
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“~” stands for no folder here: write the whole path, or “./%s” for a file "
                     "of that name"), text);
      return NULL;
    }

  return text[0] == '\0' || folder == NULL ? g_strdup (text) : g_canonicalize_filename (text, folder);
}

/* Converts @text for @pspec. Files, those of secrets too, start from @folder. What is
 * secret does not appear in the error.
 */
gboolean
au_settings_convert (GParamSpec  *pspec,
                     const char  *text,
                     const char  *folder,
                     GValue      *value,
                     GError     **error)
{
  g_autofree char *secret = NULL;
  g_autofree char *description = NULL;

  if (au_param_spec_get_unit (pspec) == AU_UNIT_FILE)
    {
      g_autofree char *path = au_settings_resolve_path (text, folder, error);

      return path != NULL && au_param_value_from_text (pspec, path, value, error);
    }

  if ((pspec->flags & AU_PARAM_SECRET) == 0)
    return au_param_value_from_text (pspec, text, value, error);

  /* Two of them stand for one that belongs to the secret. */
  if (g_str_has_prefix (text, "@@"))
    secret = g_strdup (text + 1);
  else if (text[0] == '@')
    secret = read_secret (text + 1, folder, error);
  else
    secret = g_strdup (text);

  if (secret == NULL)
    return FALSE;
  if (au_param_value_from_text (pspec, secret, value, NULL))
    return TRUE;

  description = au_param_spec_describe (pspec);
  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("the secret is not allowed: it takes %s"), description);
  return FALSE;
}
