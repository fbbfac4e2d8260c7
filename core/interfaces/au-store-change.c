/* au-store-change.c: word of a record that has changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-store-change.h>

#include <string.h>

G_DEFINE_BOXED_TYPE (AuStoreChange, au_store_change, au_store_change_copy, au_store_change_free)

/**
 * au_store_change_new:
 * @key: the key of the record
 * @revision: the revision that it got, or 0
 *
 * Makes word of a change, for those who implement a store.
 *
 * Returns: (transfer full): the change
 *
 * Since: 1.0
 */
AuStoreChange *
au_store_change_new (const char *key,
                     guint64     revision)
{
  AuStoreChange *self;
  gsize size;

  g_return_val_if_fail (key != NULL, NULL);

  /* One block holds both, as they are made by the hundred. */
  size = strlen (key) + 1;
  self = g_malloc (sizeof *self + size);
  self->key = memcpy (self + 1, key, size);
  self->revision = revision;

  return self;
}

/**
 * au_store_change_copy:
 * @self: a change
 *
 * Copies word of a change.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
AuStoreChange *
au_store_change_copy (const AuStoreChange *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return au_store_change_new (self->key, self->revision);
}

/**
 * au_store_change_free:
 * @self: (transfer full): a change
 *
 * Frees word of a change.
 *
 * Since: 1.0
 */
void
au_store_change_free (AuStoreChange *self)
{
  g_return_if_fail (self != NULL);

  g_free (self);
}
