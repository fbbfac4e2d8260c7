/* au-file-names.c: the keys of the records of a store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-names-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Moves a file away that is not of this store, so that it is not met again. */
static void
set_foreign_aside (AuFileRecords *records,
                   const char    *folder,
                   guint          shard,
                   const char    *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  guint lock = AU_FILE_N_UNIQUE + shard;
  g_autofree char *target = NULL;
  struct stat info;

  if (!au_file_locks_take (&records->locks, lock, NULL))
    return;

  if (fstatat (records->folder.root_fd, path, &info, AT_SYMLINK_NOFOLLOW) == 0)
    target = au_file_folder_set_aside (&records->folder, path, name,
                                       _("it is not the record of a computation that belongs here"));
  au_file_locks_release (&records->locks, lock);
}

/* Gets the key out of the name of a file. Returns FALSE when that is not the name of a
 * record of this shard.
 */
static gboolean
get_key (const char *name,
         guint       shard,
         char       *key)
{
  const gsize ending = strlen (AU_FILE_RECORD_ENDING);
  gsize length = strlen (name);

  if (length <= ending || length > AU_KEY_MAX_LENGTH + ending ||
      !g_str_equal (name + length - ending, AU_FILE_RECORD_ENDING))
    return FALSE;

  memcpy (key, name, length - ending);
  key[length - ending] = '\0';

  return au_key_is_valid (key) && au_file_folder_get_shard (key) == shard;
}

/* Which keys are looked for, and what was found. */
typedef struct
{
  const char *after;  /* only those after this one; NULL: all */
  const char *last;   /* and none after this one; NULL: all */
  GPtrArray  *keys;   /* NULL: they are only counted */
  gint64      count;
} Search;

static gboolean
visit_shard (AuFileRecords  *records,
             guint           shard,
             Search         *search,
             GError        **error)
{
  g_autoptr(GPtrArray) foreign = NULL;
  char key[AU_KEY_MAX_LENGTH + 1];
  char folder[32];
  struct dirent *entry;
  DIR *list;

  g_snprintf (folder, sizeof folder, "records/%03x", shard);
  list = au_file_folder_list (&records->folder, folder);
  if (list == NULL && errno == ENOTDIR)
    {
      set_foreign_aside (records, "records", shard, strrchr (folder, '/') + 1);
      return TRUE;
    }
  if (list == NULL)
    return errno == ENOENT || au_file_folder_fail_reading (&records->folder, folder, errno, error);

  while ((entry = readdir (list)) != NULL)
    {
      if (g_str_equal (entry->d_name, ".") || g_str_equal (entry->d_name, ".."))
        continue;

      if (!get_key (entry->d_name, shard, key))
        {
          if (foreign == NULL)
            foreign = g_ptr_array_new_with_free_func (g_free);
          g_ptr_array_add (foreign, g_strdup (entry->d_name));
          continue;
        }

      if ((search->after != NULL && strcmp (key, search->after) <= 0) ||
          (search->last != NULL && strcmp (key, search->last) > 0))
        continue;

      search->count++;
      if (search->keys != NULL)
        g_ptr_array_add (search->keys, g_strdup (key));
    }
  closedir (list);

  for (guint i = 0; foreign != NULL && i < foreign->len; i++)
    set_foreign_aside (records, folder, shard, g_ptr_array_index (foreign, i));

  return TRUE;
}

/* Lists the keys of one shard, in no order. */
GPtrArray *
au_file_names_list_shard (AuFileRecords  *records,
                          guint           shard,
                          GError        **error)
{
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  Search search = { .keys = keys };

  return visit_shard (records, shard, &search, error) ? g_steal_pointer (&keys) : NULL;
}

static int
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Finds which folders of records there are, as small stores have few. */
static gboolean
find_shards (AuFileRecords  *records,
             gboolean        found[AU_FILE_N_SHARDS],
             GError        **error)
{
  DIR *list = au_file_folder_list (&records->folder, "records");
  struct dirent *entry;

  memset (found, FALSE, AU_FILE_N_SHARDS * sizeof *found);
  if (list == NULL)
    return errno == ENOENT || au_file_folder_fail_reading (&records->folder, "records", errno, error);

  while ((entry = readdir (list)) != NULL)
    {
      guint64 shard;

      if (g_ascii_string_to_unsigned (entry->d_name, 16, 0, AU_FILE_N_SHARDS - 1, &shard, NULL))
        found[shard] = TRUE;
    }
  closedir (list);

  return TRUE;
}

static gboolean
check_present (AuFileRecords  *records,
               GError        **error)
{
  struct stat info;

  if (fstat (records->folder.root_fd, &info) == 0 && info.st_nlink > 0)
    return TRUE;

  return au_file_folder_fail_absent (&records->folder, "", error);
}

static void
sort_and_cut (GPtrArray *keys,
              guint      limit)
{
  g_ptr_array_sort (keys, compare_keys);
  if (limit > 0 && keys->len > limit)
    g_ptr_array_set_size (keys, limit);
}

/* Lists the first keys after a key, at most limit, all with a limit of 0, in order. */
GPtrArray *
au_file_names_list (AuFileRecords  *records,
                    const char     *after,
                    guint           limit,
                    GCancellable   *cancellable,
                    GError        **error)
{
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  Search search = { .after = after, .keys = keys };
  gboolean found[AU_FILE_N_SHARDS];

  if (!check_present (records, error) || !find_shards (records, found, error))
    return NULL;

  for (guint shard = 0; shard < AU_FILE_N_SHARDS; shard++)
    {
      if (!found[shard])
        continue;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !visit_shard (records, shard, &search, error))
        return NULL;

      /* Of a page, not much more is held than is wanted. */
      if (limit > 0 && keys->len / 2 > limit)
        {
          sort_and_cut (keys, limit);
          search.last = g_ptr_array_index (keys, limit - 1);
        }
    }

  sort_and_cut (keys, limit);
  return g_steal_pointer (&keys);
}

/* Counts all keys. Returns -1 with error set on error. */
gint64
au_file_names_count (AuFileRecords  *records,
                     GCancellable   *cancellable,
                     GError        **error)
{
  gboolean found[AU_FILE_N_SHARDS];
  Search search = { .keys = NULL };

  if (!check_present (records, error) || !find_shards (records, found, error))
    return -1;

  for (guint shard = 0; shard < AU_FILE_N_SHARDS; shard++)
    {
      if (!found[shard])
        continue;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !visit_shard (records, shard, &search, error))
        return -1;
    }

  return search.count;
}
