/* au-memory-table-private.h: records by key, and by when they expire
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* One slot of a table; empty without a record. */
typedef struct
{
  guint64   hash;
  AuRecord *record;
} AuMemorySlot;

/* When a record expires. The record is not pointed to but found again by its hash,
 * so that removing or replacing a record need not look for it here.
 */
typedef struct
{
  gint64  expires;
  guint64 hash;
} AuMemoryExpiry;

/* Records by key: open addressing, linear probing, the hash given by the caller, so
 * that a key is hashed once for whatever is done with it. Holds one reference on
 * each record, and never drops one: records that leave are handed to the caller,
 * who may then release them without the lock that guards the table.
 */
typedef struct
{
  AuMemorySlot   *slots;
  gsize           n_slots;
  gsize           n_records;

  /* A binary heap, earliest first. */
  AuMemoryExpiry *expiries;
  gsize           n_expiries;
  gsize           max_expiries;
} AuMemoryTable;

guint64       au_memory_hash             (const char    *key,
                                          guint64        seed);

void          au_memory_table_clear      (AuMemoryTable *self);
AuMemorySlot *au_memory_table_find       (AuMemoryTable *self,
                                          guint64        hash,
                                          const char    *key);
void          au_memory_table_add        (AuMemoryTable *self,
                                          guint64        hash,
                                          AuRecord      *record);
AuRecord     *au_memory_table_swap       (AuMemoryTable *self,
                                          AuMemorySlot  *slot,
                                          AuRecord      *record);
AuRecord     *au_memory_table_take       (AuMemoryTable *self,
                                          AuMemorySlot  *slot);
AuRecord     *au_memory_table_take_due   (AuMemoryTable *self,
                                          gint64         now);

G_END_DECLS
