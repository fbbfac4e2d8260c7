/* au-sqlite-store-private.h: what the two sides of the store share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-keeper-private.h"
#include "au-sqlite-readers-private.h"
#include "au-sqlite-writer-private.h"

#include "../shared/au-store-lives-private.h"

G_BEGIN_DECLS

#define AU_TYPE_SQLITE_STORE (au_sqlite_store_get_type ())
G_DECLARE_FINAL_TYPE (AuSqliteStore, au_sqlite_store, AU, SQLITE_STORE, GObject)

/* AuSqliteStore:
 *
 * The store `sqlite` keeps records in one database of SQLite. Records outlive the
 * process, and several processes of one machine may use a database at the same time.
 *
 * What threads write at the same time is written in one transaction, so many share one
 * wait for the disk. Values above 64 KiB are in files of their own, in the folder
 * `PATH-values`. What an acknowledged write survives is set by the property `durability`.
 */
struct _AuSqliteStore
{
  GObject         parent_instance;

  char           *path;
  AuDurability    durability;
  guint64         max_size;

  /* Opened once, by initialisation or by the first use. */
  GMutex          open_lock;
  gint            is_open;
  gint            is_busy;      /* whether the last claim found something */

  AuSqlitePlace   place;
  AuSqliteReaders readers;
  AuSqliteWriter  writer;
  AuSqliteKeeper  keeper;
  AuStoreLives   *lives;
};

/* Before anything is done with the database. */
gboolean au_sqlite_store_ensure_open (AuSqliteStore     *self,
                                      GError           **error);
gboolean au_sqlite_store_begin       (AuSqliteStore     *self,
                                      GCancellable      *cancellable,
                                      GError           **error);

/* au-sqlite-store-queue.c */
void     au_sqlite_store_queue_init  (AuQueueInterface  *iface);

G_END_DECLS
