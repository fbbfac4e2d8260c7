/* sqlite-store-fixture.h: what the tests of the store “sqlite” share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au-test/au-test.h>

#include <sqlite3.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A database in a folder of its own, removed with all that is beside it. */
typedef struct
{
  char *folder;
  char *path;
} Place;

static inline void
place_clear (Place *self)
{
  if (self->folder != NULL)
    {
      /* what a test may have mounted there */
      umount2 (self->folder, MNT_DETACH);
      au_test_remove_folder (self->folder);
    }
  g_free (self->folder);
  g_free (self->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static inline void
place_init (Place *self)
{
  g_autoptr(GError) error = NULL;

  self->folder = g_dir_make_tmp ("au-sqlite-store-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "au.db", NULL);
}

static inline AuStore *
place_try_open (Place       *self,
                const char  *setting,
                GError     **error)
{
  g_autofree char *path = g_strconcat ("path=", self->path, NULL);
  const char *settings[] = { path, setting, NULL };

  return (AuStore *) au_part_new_from_strings (AU_MODULE_STORE, "sqlite", settings, error);
}

static inline AuStore *
place_open (Place      *self,
            const char *setting)
{
  g_autoptr(GError) error = NULL;
  AuStore *store = place_try_open (self, setting, &error);

  g_assert_no_error (error);
  return store;
}

/* Runs statements as some other program would. */
static inline void
place_exec (Place      *self,
            const char *sql)
{
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (self->path, &handle), ==, SQLITE_OK);
  sqlite3_busy_timeout (handle, 10000);
  if (sqlite3_exec (handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (handle));
  sqlite3_close (handle);
}

static inline gint64
place_ask (Place      *self,
           const char *sql)
{
  sqlite3 *handle;
  sqlite3_stmt *statement;
  gint64 number;

  g_assert_cmpint (sqlite3_open (self->path, &handle), ==, SQLITE_OK);
  sqlite3_busy_timeout (handle, 10000);
  g_assert_cmpint (sqlite3_prepare_v2 (handle, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (handle);

  return number;
}

static inline AuRecord *
new_sized (const char *key,
           gsize       size)
{
  g_autofree char *text = g_strnfill (size, 'x');

  return au_record_new (key, "f", g_variant_new ("(s)", text), NULL);
}

/* Inserts a new record with so much in it. */
static inline AuRecord *
insert_sized (AuStore    *store,
              const char *key,
              gsize       size)
{
  g_autoptr(AuRecord) record = new_sized (key, size);
  g_autoptr(GError) error = NULL;
  gboolean created;
  AuRecord *stored = au_store_insert (store, record, &created, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (created);
  return stored;
}
