/* au-sqlite-place-private.h: where a database is, and what lies beside it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-watch-private.h"

#include <au/au.h>

#include <sys/types.h>

G_BEGIN_DECLS

/* “audb”, by which file(1) and others can tell such a database. */
#define AU_SQLITE_APPLICATION_ID (0x61756462)

/* AuSqlitePlace:
 *
 * The files of a database, except those that only SQLite may open: SQLite's locks are
 * gone as soon as a process closes any descriptor of them.
 */
typedef struct
{
  char     *path;
  char     *folder;
  char     *values;         /* the folder of large values, made when there is one */
  gboolean  sync;           /* what is acknowledged survives the loss of power */
  int       read_only;      /* the reason, an errno, if it cannot be written */
  gboolean  is_new;

  int       lock_fd;
  int       bell_fd;
  int       work_fd;        /* the bell that rings when something may be claimed */
  int       notes_fd;       /* what was changed lately */

  AuSqliteWatch watch;      /* tells whom for who waits for the ticket */

  dev_t     device;
  ino_t     inode;
} AuSqlitePlace;

gboolean au_sqlite_place_judge  (const char     *path,
                                 GError        **error);
gboolean au_sqlite_place_open   (AuSqlitePlace  *self,
                                 const char     *path,
                                 gboolean        sync,
                                 GError        **error);
void     au_sqlite_place_close  (AuSqlitePlace  *self);

gboolean au_sqlite_place_create (AuSqlitePlace  *self,
                                 GError        **error);
gboolean au_sqlite_place_check  (AuSqlitePlace  *self,
                                 GError        **error);

gboolean au_sqlite_place_lock   (AuSqlitePlace  *self,
                                 GError        **error);
void     au_sqlite_place_unlock (AuSqlitePlace  *self);

gboolean au_sqlite_place_fail   (AuSqlitePlace  *self,
                                 const char     *suffix,
                                 int             reason,
                                 GError        **error);
gboolean au_sqlite_place_fail_foreign (AuSqlitePlace  *self,
                                       GError        **error);

G_END_DECLS
