/* au-memory-table.c: records by key, and by when they expire
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-table-private.h"

#include <string.h>

#define MIN_SLOTS (16)
#define MIN_EXPIRIES (16)

/* Finds a hash for key that nobody who does not know seed can predict.
 *
 * Eight bytes at a time, since a key that au made has 26 of them. The last one is added
 * at the end: keys made one after another differ in it only, and are neighbours in
 * memory then, which saves most of what waiting for memory costs.
 */
guint64
au_memory_hash (const char *key,
                guint64     seed)
{
  gsize length = strlen (key);
  guint64 last = length > 0 ? (guint8) key[--length] : 0;
  guint64 hash = seed ^ (length * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
  guint64 word;

  for (; length >= sizeof word; length -= sizeof word, key += sizeof word)
    {
      memcpy (&word, key, sizeof word);
      hash = (hash ^ word) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
      hash ^= hash >> 32;
    }

  word = 0;
  memcpy (&word, key, length);
  hash = (hash ^ word) * G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53);
  hash ^= hash >> 29;
  hash *= G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (hash ^ (hash >> 32)) + last;
}

/* Frees what the table is made of; it must hold no record any more. */
void
au_memory_table_clear (AuMemoryTable *self)
{
  g_assert (self->n_records == 0);

  g_clear_pointer (&self->slots, g_free);
  g_clear_pointer (&self->expiries, g_free);
  self->n_slots = 0;
  self->n_expiries = 0;
  self->max_expiries = 0;
}

static void
au_memory_table_resize (AuMemoryTable *self,
                        gsize          n_slots)
{
  AuMemorySlot *slots = g_new0 (AuMemorySlot, n_slots);

  for (gsize i = 0; i < self->n_slots; i++)
    {
      AuMemorySlot *slot = &self->slots[i];
      gsize position = slot->hash & (n_slots - 1);

      if (slot->record == NULL)
        continue;

      while (slots[position].record != NULL)
        position = (position + 1) & (n_slots - 1);
      slots[position] = *slot;
    }

  g_free (self->slots);
  self->slots = slots;
  self->n_slots = n_slots;
}

/* Finds the slot of a key; NULL when no record has it.
 *
 * A slot is good until the next record is added or taken.
 */
AuMemorySlot *
au_memory_table_find (AuMemoryTable *self,
                      guint64        hash,
                      const char    *key)
{
  gsize position;

  if (self->n_slots == 0)
    return NULL;

  for (position = hash & (self->n_slots - 1);
       self->slots[position].record != NULL;
       position = (position + 1) & (self->n_slots - 1))
    {
      AuMemorySlot *slot = &self->slots[position];

      if (slot->hash == hash && strcmp (au_record_get_key (slot->record), key) == 0)
        return slot;
    }

  return NULL;
}

/* The heap of expiries */

static void
au_memory_table_sift_up (AuMemoryTable *self,
                         gsize          position)
{
  AuMemoryExpiry expiry = self->expiries[position];

  while (position > 0)
    {
      gsize parent = (position - 1) / 2;

      if (self->expiries[parent].expires <= expiry.expires)
        break;
      self->expiries[position] = self->expiries[parent];
      position = parent;
    }

  self->expiries[position] = expiry;
}

static void
au_memory_table_sift_down (AuMemoryTable *self,
                           gsize          position)
{
  AuMemoryExpiry expiry = self->expiries[position];

  for (;;)
    {
      gsize child = 2 * position + 1;

      if (child >= self->n_expiries)
        break;
      if (child + 1 < self->n_expiries &&
          self->expiries[child + 1].expires < self->expiries[child].expires)
        child++;
      if (expiry.expires <= self->expiries[child].expires)
        break;
      self->expiries[position] = self->expiries[child];
      position = child;
    }

  self->expiries[position] = expiry;
}

static gint64
slot_get_expires (const AuMemorySlot *slot)
{
  if (slot->record == NULL || !au_status_is_terminal (au_record_get_status (slot->record)))
    return 0;

  return au_record_get_expires (slot->record);
}

/* Drops what was left by records that were removed or run again meanwhile.
 *
 * There is room: each record is noted at most once, and the heap has become larger
 * than there are records.
 */
static void
au_memory_table_rebuild_expiries (AuMemoryTable *self)
{
  self->n_expiries = 0;
  for (gsize i = 0; i < self->n_slots; i++)
    {
      gint64 expires = slot_get_expires (&self->slots[i]);

      if (expires > 0)
        self->expiries[self->n_expiries++] = (AuMemoryExpiry) { expires, self->slots[i].hash };
    }

  for (gsize i = self->n_expiries / 2; i > 0; i--)
    au_memory_table_sift_down (self, i - 1);
}

static void
au_memory_table_note_expiry (AuMemoryTable *self,
                             AuMemorySlot  *slot)
{
  gint64 expires = slot_get_expires (slot);

  if (expires <= 0)
    return;

  if (self->n_expiries == self->max_expiries)
    {
      if (self->n_expiries >= 2 * self->n_records + MIN_EXPIRIES)
        {
          /* this slot is found as well */
          au_memory_table_rebuild_expiries (self);
          return;
        }

      self->max_expiries = MAX (MIN_EXPIRIES, 2 * self->max_expiries);
      self->expiries = g_renew (AuMemoryExpiry, self->expiries, self->max_expiries);
    }

  self->expiries[self->n_expiries++] = (AuMemoryExpiry) { expires, slot->hash };
  au_memory_table_sift_up (self, self->n_expiries - 1);
}

/* Adds a record, whose reference is taken over; its key must not be there yet. */
void
au_memory_table_add (AuMemoryTable *self,
                     guint64        hash,
                     AuRecord      *record)
{
  gsize position;

  if (4 * (self->n_records + 1) > 3 * self->n_slots)
    au_memory_table_resize (self, MAX (MIN_SLOTS, 2 * self->n_slots));

  position = hash & (self->n_slots - 1);
  while (self->slots[position].record != NULL)
    position = (position + 1) & (self->n_slots - 1);

  self->slots[position] = (AuMemorySlot) { hash, record };
  self->n_records++;

  au_memory_table_note_expiry (self, &self->slots[position]);
}

/* Puts another record of the same key into a slot, whose reference is taken over.
 *
 * Returns the old one, which is the caller's now.
 */
AuRecord *
au_memory_table_swap (AuMemoryTable *self,
                      AuMemorySlot  *slot,
                      AuRecord      *record)
{
  AuRecord *old = slot->record;

  slot->record = record;
  au_memory_table_note_expiry (self, slot);

  return old;
}

/* Takes a record out. Returns it; it is the caller's now. */
AuRecord *
au_memory_table_take (AuMemoryTable *self,
                      AuMemorySlot  *slot)
{
  AuRecord *record = slot->record;
  gsize mask = self->n_slots - 1;
  gsize hole = slot - self->slots;
  gsize next;

  /* Close the hole, so that nobody stops at it who has to look further. */
  for (next = (hole + 1) & mask; self->slots[next].record != NULL; next = (next + 1) & mask)
    {
      gsize home = self->slots[next].hash & mask;

      if (((next - home) & mask) >= ((next - hole) & mask))
        {
          self->slots[hole] = self->slots[next];
          hole = next;
        }
    }
  self->slots[hole] = (AuMemorySlot) { 0, NULL };
  self->n_records--;

  if (self->n_slots > MIN_SLOTS && 8 * self->n_records < self->n_slots)
    au_memory_table_resize (self, self->n_slots / 2);

  return record;
}

/* Finds an ended record with this hash that expires at this time. */
static AuMemorySlot *
au_memory_table_find_expiring (AuMemoryTable        *self,
                               const AuMemoryExpiry *expiry)
{
  gsize position;

  if (self->n_slots == 0)
    return NULL;

  for (position = expiry->hash & (self->n_slots - 1);
       self->slots[position].record != NULL;
       position = (position + 1) & (self->n_slots - 1))
    {
      AuMemorySlot *slot = &self->slots[position];

      if (slot->hash == expiry->hash && slot_get_expires (slot) == expiry->expires)
        return slot;
    }

  return NULL;
}

/* Takes one record out that has expired. Returns it, or NULL when none has. */
AuRecord *
au_memory_table_take_due (AuMemoryTable *self,
                          gint64         now)
{
  while (self->n_expiries > 0 && self->expiries[0].expires <= now)
    {
      AuMemoryExpiry due = self->expiries[0];
      AuMemorySlot *slot;

      self->expiries[0] = self->expiries[--self->n_expiries];
      if (self->n_expiries > 0)
        au_memory_table_sift_down (self, 0);

      slot = au_memory_table_find_expiring (self, &due);
      if (slot != NULL)
        return au_memory_table_take (self, slot);
    }

  return NULL;
}
