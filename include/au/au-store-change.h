/* au-store-change.h: word of a record that has changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

/**
 * AuStoreChange:
 * @key: the key of the record
 * @revision: the revision that it got, or 0 if it was removed, if only its items have
 *   changed, or if the store does not say
 *
 * Word of a record that has changed, as [method@Au.Store.list_changes] gives it.
 *
 * Immutable.
 *
 * Since: 1.0
 */
typedef struct
{
  const char *key;
  guint64     revision;
} AuStoreChange;

#define AU_TYPE_STORE_CHANGE (au_store_change_get_type ())

AU_AVAILABLE_IN_1_0
GType au_store_change_get_type (void);

AU_AVAILABLE_IN_1_0
AuStoreChange *au_store_change_new (const char *key,
                                    guint64     revision) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuStoreChange *au_store_change_copy (const AuStoreChange *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_store_change_free (AuStoreChange *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuStoreChange, au_store_change_free)

G_END_DECLS
