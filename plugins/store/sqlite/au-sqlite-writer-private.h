/* au-sqlite-writer-private.h: changes of many threads in one transaction
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-cache-private.h"
#include "au-sqlite-connection-private.h"
#include "../shared/au-store-notes-private.h"
#include "../shared/au-store-reports-private.h"

G_BEGIN_DECLS

typedef struct _AuSqliteChange AuSqliteChange;
typedef struct _AuSqliteWriter AuSqliteWriter;

/* What a change has done, and what follows from it once it is committed. */
typedef enum
{
  AU_SQLITE_NOTHING = 0,
  AU_SQLITE_CHANGED = 1 << 0,       /* somebody may wait for it */
  AU_SQLITE_CLAIMABLE = 1 << 1,     /* a worker may find something to do */
} AuSqliteEffects;

/* Makes a change, inside of a transaction. It returns FALSE only when the database fails;
 * it is then called once more, in a transaction of its own. Whatever a change has to say
 * to who asked for it, it keeps, and forgets when it is called again.
 */
typedef gboolean (*AuSqliteChangeFunc) (AuSqliteChange  *self,
                                        AuSqliteWriter  *writer,
                                        GError         **error);

/* AuSqliteChange: what one thread wants to be written. It lives on that thread's stack. */
struct _AuSqliteChange
{
  AuSqliteChangeFunc func;
  gboolean           sync;      /* to be acknowledged when the disk has it */

  AuSqliteEffects    effects;   /* set by func */
  GPtrArray         *freed;     /* names of files that are no longer needed, or NULL */

  /* for the writer */
  AuSqliteChange    *next;
  gboolean           done;
  GError            *error;
  GCond              cond;
};

/* AuSqliteWriter:
 *
 * The one connection of this store that writes. A thread that wants to write while nobody
 * else does it at once. Those that come meanwhile line up; the first of them then writes
 * for all of them, in one transaction. So a thread that is alone waits for nobody, and
 * many share the one wait for the disk.
 */
struct _AuSqliteWriter
{
  AuSqliteConnection  connection;
  gboolean            power;        /* durability */
  gboolean            syncs;        /* what the connection is set to */
  AuStoreReports      reports;
  AuSqliteCache      *cache;        /* these for who writes */
  GQueue              ended;        /* what others may wait for, and nobody was told of yet */
  gboolean            settling;
  AuStoreNotes      *notes;        /* of the present transaction */

  /* what is known in the present transaction, in which nobody else writes */
  gboolean            looked;
  gboolean            any_awaited;  /* somebody may wait for the end of another */
  gboolean            any_blocked;  /* somebody found no room under a limit */
  gboolean            any_aside;    /* somebody waits for others of its concurrency key */

  GMutex              lock;         /* for what follows */
  gboolean            busy;
  AuSqliteChange     *first;
  AuSqliteChange    **last;
};

gboolean au_sqlite_writer_init   (AuSqliteWriter  *self,
                                  AuSqlitePlace   *place,
                                  gboolean         power,
                                  GError         **error);
void     au_sqlite_writer_clear  (AuSqliteWriter  *self);

void     au_sqlite_writer_note   (AuSqliteWriter  *self,
                                  AuSqliteChange  *change,
                                  const char      *key,
                                  guint64          revision);
gboolean au_sqlite_writer_change (AuSqliteWriter  *self,
                                  AuSqliteChange  *change,
                                  GError         **error);

G_END_DECLS
