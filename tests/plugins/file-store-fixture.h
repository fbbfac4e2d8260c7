/* file-store-fixture.h: what the tests of the store “file” share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au-test/au-test.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder for a test, removed with all that is in it. */
typedef char *TestFolder;

static inline void
test_folder_clear (TestFolder *folder)
{
  if (*folder != NULL)
    au_test_remove_folder (*folder);
  g_free (*folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestFolder, test_folder_clear)

static inline TestFolder
test_folder_new (void)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("au-file-store-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static inline AuStore *
file_store_try_new (const char  *path,
                    const char  *setting,
                    GError     **error)
{
  g_autofree char *path_setting = path != NULL ? g_strconcat ("path=", path, NULL) : NULL;
  const char *settings[] = { path_setting, setting, NULL };

  return (AuStore *) au_part_new_from_strings (AU_MODULE_STORE, "file", settings, error);
}

static inline AuStore *
file_store_new (const char *path,
                const char *setting)
{
  g_autoptr(GError) error = NULL;
  AuStore *store = file_store_try_new (path, setting, &error);

  g_assert_no_error (error);
  return store;
}

/* Finds the file of a record, by looking for it. */
static inline char *
find_file (const char *path,
           const char *room,
           const char *name)
{
  g_autofree char *folder = g_build_filename (path, room, NULL);
  g_autoptr(GDir) shards = g_dir_open (folder, 0, NULL);
  const char *shard;

  while (shards != NULL && (shard = g_dir_read_name (shards)) != NULL)
    {
      g_autofree char *file = g_build_filename (folder, shard, name, NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS) || g_file_test (file, G_FILE_TEST_IS_SYMLINK))
        return g_steal_pointer (&file);
    }

  return NULL;
}

static inline gboolean
is_in (const char *path,
       const char *room,
       const char *name)
{
  g_autofree char *file = g_build_filename (path, room, name, NULL);
  struct stat info;

  return lstat (file, &info) == 0;
}

/* Items of the record “a”. */
static inline void
append_items (AuStore *store,
              guint    first,
              guint    n)
{
  for (guint i = first; i < first + n; i++)
    {
      g_autoptr(GError) error = NULL;

      au_store_append_item (store, "a", 1, i, g_variant_new ("(us)", i, "item"), NULL, &error);
      g_assert_no_error (error);
    }
}

static inline void
assert_n_items (AuStore *store,
                guint    n)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) items = au_store_list_items (store, "a", 0, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, n);
}
