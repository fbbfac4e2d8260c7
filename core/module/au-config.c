/* au-config.c: settings from a key file
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-config-private.h"

#include "au-file-text-private.h"
#include "au-text-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/auxv.h>

/**
 * AuConfig:
 *
 * Settings of engines and of the parts they are made of, from a key file.
 *
 * A key file has the group `[au]` for the engine, or several groups `[engine NAME]`,
 * and a group for each part: `[store NAME]`, `[backend NAME]`, `[middleware NAME]`,
 * `[serializer NAME]`, of which the key `type` says which module provides it. All
 * other keys are the properties of the object. `path` in the group `[modules]` is a
 * list of folders in which modules are looked for.
 *
 * ```ini
 * [au]
 * store=main
 * backend=pool
 * ttl=1h
 *
 * [store main]
 * type=file
 * path=/var/lib/app/au
 *
 * [backend pool]
 * type=thread
 * max-workers=8
 * ```
 *
 * What is not given has a default: without a store, records are kept in a database under
 * the user's state folder, and without a backend, computations run in worker processes, or
 * in threads where the workers do not have the function: see
 * [method@Au.Function.is_portable].
 *
 * Settings may be changed with [method@Au.Config.set] until the configuration is used
 * for the first time. A configuration is for one thread at a time.
 *
 * Since: 1.0
 */
struct _AuConfig
{
  GObject     parent_instance;

  char       *origin;
  char       *folder;
  gboolean    sealed;

  /* of AuGroup */
  GPtrArray  *groups;

  /* The parts that are alive, by the names of their groups, so that what two engines
   * name is one object: char* → GWeakRef*.
   */
  GHashTable *parts;

  /* The groups of which parts are being made, from the outermost on. */
  GPtrArray  *stack;

  /* The groups that were looked at by the check that goes on. */
  GHashTable *checked;

  /* Where all that is wrong goes, of AuMistake; %NULL when the first mistake ends it. */
  GPtrArray  *mistakes;
};

G_DEFINE_FINAL_TYPE (AuConfig, au_config, G_TYPE_OBJECT)

static void
free_weak_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
au_config_finalize (GObject *object)
{
  AuConfig *self = AU_CONFIG (object);

  g_free (self->origin);
  g_free (self->folder);
  g_ptr_array_unref (self->groups);
  g_hash_table_unref (self->parts);
  g_ptr_array_unref (self->stack);
  g_hash_table_unref (self->checked);

  G_OBJECT_CLASS (au_config_parent_class)->finalize (object);
}

static void
au_config_class_init (AuConfigClass *class)
{
  G_OBJECT_CLASS (class)->finalize = au_config_finalize;
}

static void
au_config_init (AuConfig *self)
{
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) au_group_free);
  self->parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_weak_ref);
  self->stack = g_ptr_array_new ();
  self->checked = g_hash_table_new (NULL, NULL);
}

GPtrArray *
au_config_get_groups (AuConfig *self)
{
  return self->groups;
}

GHashTable *
au_config_get_parts (AuConfig *self)
{
  return self->parts;
}

GPtrArray *
au_config_get_stack (AuConfig *self)
{
  return self->stack;
}

GHashTable *
au_config_get_checked (AuConfig *self)
{
  return self->checked;
}

GPtrArray *
au_config_get_mistakes (AuConfig *self)
{
  return self->mistakes;
}

/* From now on what is wrong is added to @mistakes, and does not end anything. */
void
au_config_collect (AuConfig  *self,
                   GPtrArray *mistakes)
{
  self->mistakes = mistakes;
}

/* What relative paths of the key file start from, or %NULL. */
const char *
au_config_get_folder (AuConfig *self)
{
  return self->folder;
}

/* From now on nothing can be set. */
void
au_config_seal (AuConfig *self)
{
  self->sealed = TRUE;
}

/**
 * au_config_new:
 *
 * Makes a configuration in which nothing is set.
 *
 * MT safe.
 *
 * Returns: (transfer full): the configuration
 *
 * Since: 1.0
 */
AuConfig *
au_config_new (void)
{
  return g_object_new (AU_TYPE_CONFIG, NULL);
}

static AuConfig *
read_data (const char *text,
           gsize       length,
           const char *origin,
           GPtrArray  *mistakes)
{
  AuConfig *self = au_config_new ();

  self->origin = g_strdup (origin);
  g_ptr_array_unref (self->groups);
  self->groups = au_groups_read (text, length, origin, mistakes);
  return self;
}

/* Gives %FALSE and the first mistake when there is one. */
static gboolean
propagate_mistake (GPtrArray  *mistakes,
                   GError    **error)
{
  AuMistake *first;

  if (mistakes->len == 0)
    return TRUE;

  first = g_ptr_array_index (mistakes, 0);
  g_propagate_error (error, g_error_copy (first->error));
  return FALSE;
}

/**
 * au_config_new_from_data:
 * @text: (array length=length) (element-type guint8): a key file
 * @length: its length in bytes, or -1 if it ends with a zero
 * @origin: (nullable): what to call it in messages; %NULL for “key file”
 * @error: return location for an error
 *
 * Reads a key file that is in memory. Relative paths in it are taken from the current
 * folder.
 *
 * Only the form is checked here: see [method@Au.Config.check] for the rest.
 *
 * Fails with %AU_ERROR_CONFIG when @text is no key file, has a group of an unknown
 * sort, or gives a group or a key twice; the message names the line.
 *
 * MT safe.
 *
 * Returns: (transfer full): the configuration
 *
 * Since: 1.0
 */
AuConfig *
au_config_new_from_data (const char  *text,
                         gssize       length,
                         const char  *origin,
                         GError     **error)
{
  g_autoptr(GPtrArray) mistakes = au_mistakes_new ();
  g_autoptr(AuConfig) self = NULL;

  g_return_val_if_fail (text != NULL || length == 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = read_data (text, length < 0 ? strlen (text) : (gsize) length,
                    origin != NULL ? origin : _("key file"), mistakes);

  return propagate_mistake (mistakes, error) ? g_steal_pointer (&self) : NULL;
}

/* The most that is read of a key file, which is a thousand times what people write. */
#define MAX_LENGTH (16 * 1024 * 1024)

static AuConfig *
read_file (const char   *path,
           AuFileTrust   trust,
           GPtrArray    *mistakes,
           GError      **error)
{
  g_autofree char *contents = NULL;
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *absolute = NULL;
  g_autoptr(GError) reason = NULL;
  AuConfig *self;
  gsize length;

  contents = au_file_text_read (path, trust, MAX_LENGTH, &length, &reason);
  if (contents == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("the key file cannot be read: %s"), reason->message);
      return NULL;
    }

  self = read_data (contents, length, shown, mistakes);
  absolute = g_canonicalize_filename (path, NULL);
  self->folder = g_path_get_dirname (absolute);
  return self;
}

/* Reads the key file @path. What is wrong with its form is added to @mistakes; gives
 * %NULL and an error only when it cannot be read at all.
 */
AuConfig *
au_config_read (const char  *path,
                GPtrArray   *mistakes,
                GError     **error)
{
  return read_file (path, AU_FILE_OF_ANYBODY, mistakes, error);
}

/**
 * au_config_new_from_file:
 * @path: (type filename): a key file
 * @error: return location for an error
 *
 * Reads a key file. Relative paths in it are taken from its folder.
 *
 * Fails as [ctor@Au.Config.new_from_data] does, and with %AU_ERROR_CONFIG when the
 * file cannot be read.
 *
 * MT safe.
 *
 * Returns: (transfer full): the configuration
 *
 * Since: 1.0
 */
AuConfig *
au_config_new_from_file (const char  *path,
                         GError     **error)
{
  g_autoptr(GPtrArray) mistakes = au_mistakes_new ();
  g_autoptr(AuConfig) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = au_config_read (path, mistakes, error);

  return self != NULL && propagate_mistake (mistakes, error) ? g_steal_pointer (&self) : NULL;
}

/* The first of the places for a key file that has one, or %NULL. */
static char *
find_file (void)
{
  g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func (g_free);
  const char *const *folders;

  if (getauxval (AT_SECURE) != 0)
    {
      /* The user, who chose the environment and the current folder, has fewer rights
       * than this program.
       */
      g_ptr_array_add (places, g_build_filename (AU_SYSCONF_DIR, "xdg", "au", "au.conf", NULL));
    }
  else
    {
      g_ptr_array_add (places, g_strdup ("au.conf"));
      g_ptr_array_add (places, g_build_filename (g_get_user_config_dir (), "au", "au.conf", NULL));
      folders = g_get_system_config_dirs ();
      for (guint i = 0; folders[i] != NULL; i++)
        g_ptr_array_add (places, g_build_filename (folders[i], "au", "au.conf", NULL));
    }

  for (guint i = 0; i < places->len; i++)
    {
      /* One that is there but cannot be read is an error, not a reason to go on. */
      if (g_file_test (g_ptr_array_index (places, i), G_FILE_TEST_EXISTS))
        return g_strdup (g_ptr_array_index (places, i));
    }

  return NULL;
}

/* Reads the key file that is meant when none is named; @mistakes and @error are as in
 * au_config_read ().
 */
AuConfig *
au_config_search (GPtrArray  *mistakes,
                  GError    **error)
{
  const char *chosen = getauxval (AT_SECURE) == 0 ? g_getenv ("AU_CONFIG") : NULL;
  g_autofree char *path = NULL;
  AuConfig *self;

  if (chosen != NULL && chosen[0] == '\0')
    return au_config_new ();

  if (chosen != NULL)
    {
      self = au_config_read (chosen, mistakes, error);
      if (self == NULL)
        g_prefix_error (error, "AU_CONFIG: ");
      return self;
    }

  path = find_file ();
  if (path == NULL)
    return au_config_new ();

  /* A key file says what runs and where its results go. Somebody else could have left
   * one in a folder where this user only happens to be.
   */
  return read_file (path, g_path_is_absolute (path) ? AU_FILE_OF_ANYBODY : AU_FILE_OF_US,
                    mistakes, error);
}

/**
 * au_config_find:
 * @error: return location for an error
 *
 * Reads the key file that is meant when none is named: the one that the environment
 * variable `AU_CONFIG` names, or the first there is of `au.conf` in the current folder,
 * `au/au.conf` in the user's configuration folder, and `au/au.conf` in the system's.
 *
 * The one in the current folder must belong to root or to this user, and must not be
 * for everyone to write: it is an error, and not passed over, when it is not so.
 *
 * Without any, and when `AU_CONFIG` is empty, nothing is set and the defaults are used.
 * A program that has more rights than its user looks in the system's folder only.
 *
 * Fails as [ctor@Au.Config.new_from_file] does.
 *
 * MT safe.
 *
 * Returns: (transfer full): the configuration
 *
 * Since: 1.0
 */
AuConfig *
au_config_find (GError **error)
{
  g_autoptr(GPtrArray) mistakes = au_mistakes_new ();
  g_autoptr(AuConfig) self = NULL;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = au_config_search (mistakes, error);

  return self != NULL && propagate_mistake (mistakes, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * au_config_get_origin:
 * @self: a configuration
 *
 * Gets the name of the key file, as messages use it.
 *
 * Returns: (nullable): the name, or %NULL when there is no key file
 *
 * Since: 1.0
 */
const char *
au_config_get_origin (AuConfig *self)
{
  g_return_val_if_fail (AU_IS_CONFIG (self), NULL);

  return self->origin;
}

/* Splits “store.main.path” into group and key. */
static gboolean
split_name (const char  *name,
            char       **group,
            char       **key)
{
  g_auto (GStrv) words = g_strsplit (name, ".", -1);
  guint n_words = g_strv_length (words);

  if (n_words < 2 || n_words > 3 || words[n_words - 1][0] == '\0')
    return FALSE;

  *group = n_words == 2 ? g_strdup (words[0]) : g_strdup_printf ("%s %s", words[0], words[1]);
  *key = g_strdup (words[n_words - 1]);
  return TRUE;
}

/**
 * au_config_set:
 * @self: a configuration
 * @name: what to set: group and key with dots between, such as `store.main.path` or
 *   `au.ttl`
 * @value: the value, as in a key file
 * @error: return location for an error
 *
 * Sets one value, in place of what the key file says.
 *
 * Whether the value is acceptable is checked when the configuration is used, or by
 * [method@Au.Config.check]. Messages about it name @name.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when there can be no such group or when @value
 * has several lines, and with %AU_ERROR_UNSUPPORTED when the configuration was used
 * already.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_config_set (AuConfig    *self,
               const char  *name,
               const char  *value,
               GError     **error)
{
  g_autoptr(GError) reason = NULL;
  g_autofree char *group_name = NULL;
  g_autofree char *key = NULL;
  AuSetting *setting;
  AuGroup *group;

  g_return_val_if_fail (AU_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->sealed)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("%s: the configuration is in use, and cannot be changed any more: make "
                     "another"), name);
      return FALSE;
    }

  if (!split_name (name, &group_name, &key))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is no name of a setting: write au.KEY, or KIND.NAME.KEY as in "
                     "store.main.path"), name);
      return FALSE;
    }

  if (strpbrk (value, "\r\n") != NULL || !g_utf8_validate (value, -1, NULL))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("%s: a value is one line of text in UTF-8"), name);
      return FALSE;
    }

  group = au_group_new (group_name, AU_ORIGIN_OVERRIDE, 0, &reason);
  if (group == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT, "%s: %s", name, reason->message);
      return FALSE;
    }

  if (au_groups_find (self->groups, group->name) != NULL)
    {
      AuGroup *present = au_groups_find (self->groups, group->name);

      au_group_free (group);
      group = present;
    }
  else
    g_ptr_array_add (self->groups, group);

  setting = au_group_find (group, key);
  if (setting == NULL)
    {
      au_group_add (group, key, value, AU_ORIGIN_OVERRIDE, 0);
      return TRUE;
    }

  g_free (setting->value);
  setting->value = g_strdup (value);
  setting->origin = AU_ORIGIN_OVERRIDE;
  setting->line = 0;
  return TRUE;
}
