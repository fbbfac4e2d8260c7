/* au-test-store.h: what every store must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_TEST_INSIDE) && !defined (AU_TEST_COMPILATION)
# error "Only <au-test/au-test.h> can be included directly."
#endif

#include <au/au.h>

G_BEGIN_DECLS

/**
 * AuTestStoreFunc:
 * @place: where the store is to keep its records: a path that does not exist at first
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * Makes a store for a test.
 *
 * A store whose records outlive it finds them again when it is made with the same
 * @place, in another process too. One that keeps them in files makes @place a file or a
 * folder; the suite removes it. One that keeps them elsewhere uses @place as a name that
 * is unique to the test.
 *
 * Returns: (transfer full) (nullable): a new store, or %NULL with @error set
 *
 * Since: 1.0
 */
typedef AuStore *(*AuTestStoreFunc) (const char *place,
                                     gpointer    user_data,
                                     GError    **error);

/**
 * AuTestStoreFlags:
 * @AU_TEST_STORE_DEFAULT: everything is tested
 * @AU_TEST_STORE_NO_LARGE_VALUES: a value of 64 MiB is not tried. For stores that refuse
 *   such values, and to save time where one kind of store is tested with many settings
 *
 * What to leave out of the suite of stores.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_TEST_STORE_DEFAULT = 0,
  AU_TEST_STORE_NO_LARGE_VALUES = 1 << 0,
} AuTestStoreFlags;

#define AU_TEST_TYPE_STORE_FLAGS (au_test_store_flags_get_type ())

AU_AVAILABLE_IN_1_0
GType au_test_store_flags_get_type (void);

AU_AVAILABLE_IN_1_0
void au_test_store_add_suite (const char      *prefix,
                              AuTestStoreFlags flags,
                              AuTestStoreFunc  open,
                              gpointer         user_data,
                              GDestroyNotify   destroy);

AU_AVAILABLE_IN_1_0
AuRecord *au_test_store_insert (AuStore    *store,
                                const char *key,
                                AuOptions  *options) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_test_store_replace (AuStore  *store,
                                 AuRecord *record,
                                 AuRecord *next) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_test_store_begin (AuStore  *store,
                               AuRecord *record) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_test_store_complete (AuStore  *store,
                                  AuRecord *record) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_test_store_assert_holds (AuStore  *store,
                                 AuRecord *record);
AU_AVAILABLE_IN_1_0
void au_test_store_assert_lacks (AuStore    *store,
                                 const char *key);
AU_AVAILABLE_IN_1_0
char *au_test_store_list_keys (AuStore *store,
                               AuQuery *query) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_test_record_assert_equal (AuRecord *a,
                                  AuRecord *b);

G_END_DECLS
