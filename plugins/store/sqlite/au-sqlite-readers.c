/* au-sqlite-readers.c: connections to read by
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-readers-private.h"

/* Each costs some descriptors and up to 2 MB. */
#define MAX_IDLE (4)

static void
connection_free (gpointer data)
{
  au_sqlite_connection_close (data);
  g_free (data);
}

void
au_sqlite_readers_init (AuSqliteReaders *self,
                        AuSqlitePlace   *place)
{
  self->place = place;
  g_mutex_init (&self->lock);
  self->idle = g_ptr_array_new_with_free_func (connection_free);
}

void
au_sqlite_readers_clear (AuSqliteReaders *self)
{
  g_ptr_array_unref (self->idle);
  g_mutex_clear (&self->lock);
}

/* Takes a connection for this thread alone, to be given back soon. */
AuSqliteConnection *
au_sqlite_readers_take (AuSqliteReaders  *self,
                        GError          **error)
{
  AuSqliteConnection *connection = NULL;

  if (!au_sqlite_place_check (self->place, error))
    return NULL;

  g_mutex_lock (&self->lock);
  if (self->idle->len > 0)
    connection = g_ptr_array_steal_index_fast (self->idle, self->idle->len - 1);
  g_mutex_unlock (&self->lock);
  if (connection != NULL)
    return connection;

  connection = g_new (AuSqliteConnection, 1);
  if (au_sqlite_connection_open (connection, self->place, AU_SQLITE_READER, error))
    return connection;

  g_free (connection);
  return NULL;
}

void
au_sqlite_readers_give (AuSqliteReaders    *self,
                        AuSqliteConnection *connection)
{
  gboolean kept;

  g_mutex_lock (&self->lock);
  kept = self->idle->len < MAX_IDLE;
  if (kept)
    g_ptr_array_add (self->idle, connection);
  g_mutex_unlock (&self->lock);

  if (!kept)
    connection_free (connection);
}
