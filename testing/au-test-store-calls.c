/* au-test-store-calls.c: calls of stores that must succeed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test-store.h>

/**
 * au_test_store_insert:
 * @store: a store
 * @key: (nullable): the key of the record; %NULL for a new one
 * @options: (nullable): the options of the computation
 *
 * Inserts a new record of a computation of the function `f`, and asserts that it was
 * created as it is.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
AuRecord *
au_test_store_insert (AuStore    *store,
                      const char *key,
                      AuOptions  *options)
{
  g_autoptr(AuRecord) record = au_record_new (key, "f", g_variant_new ("(s)", "x"), options);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created = FALSE;

  stored = au_store_insert (store, record, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (created);
  au_test_record_assert_equal (stored, record);

  return g_steal_pointer (&stored);
}

/**
 * au_test_store_replace:
 * @store: a store
 * @record: (transfer full): the record that @store has
 * @next: (transfer full): the next one, such as [func@Au.transition_begin] makes it
 *
 * Replaces a record by the next one, and asserts that this is done.
 *
 * References are taken over so that calls can be nested.
 *
 * Returns: (transfer full): @next
 *
 * Since: 1.0
 */
AuRecord *
au_test_store_replace (AuStore  *store,
                       AuRecord *record,
                       AuRecord *next)
{
  g_autoptr(GError) error = NULL;
  gboolean replaced;

  g_assert_nonnull (next);
  replaced = au_store_replace (store, next, au_record_get_revision (record), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (replaced);
  au_record_unref (record);

  return next;
}

/**
 * au_test_store_begin:
 * @store: a store
 * @record: (transfer full): a pending record that @store has
 *
 * Replaces a record by one that runs, and asserts that this is done.
 *
 * Returns: (transfer full): the running record
 *
 * Since: 1.0
 */
AuRecord *
au_test_store_begin (AuStore  *store,
                     AuRecord *record)
{
  return au_test_store_replace (store, record, au_transition_begin (record, NULL, 0, NULL));
}

/**
 * au_test_store_complete:
 * @store: a store
 * @record: (transfer full): a running record that @store has
 *
 * Replaces a record by one that has completed with the value `'done'`, and asserts that
 * this is done.
 *
 * Returns: (transfer full): the completed record
 *
 * Since: 1.0
 */
AuRecord *
au_test_store_complete (AuStore  *store,
                        AuRecord *record)
{
  return au_test_store_replace (store, record,
                                au_transition_complete (record, au_record_get_attempt (record),
                                                        g_variant_new_string ("done"), NULL));
}

/**
 * au_test_record_assert_equal:
 * @a: a record
 * @b: another one
 *
 * Asserts that two records are the same in every member.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_test_record_assert_equal (AuRecord *a,
                             AuRecord *b)
{
  g_autoptr(GVariant) variant_a = NULL;
  g_autoptr(GVariant) variant_b = NULL;

  g_assert_nonnull (a);
  g_assert_nonnull (b);
  if (a == b)
    return;

  variant_a = au_record_to_variant (a);
  variant_b = au_record_to_variant (b);
  g_assert_cmpvariant (variant_a, variant_b);
}

/**
 * au_test_store_assert_holds:
 * @store: a store
 * @record: a record
 *
 * Asserts that @store has just this record under its key.
 *
 * Since: 1.0
 */
void
au_test_store_assert_holds (AuStore  *store,
                            AuRecord *record)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) stored = au_store_load (store, au_record_get_key (record), NULL, &error);

  g_assert_no_error (error);
  au_test_record_assert_equal (stored, record);
}

/**
 * au_test_store_assert_lacks:
 * @store: a store
 * @key: a key
 *
 * Asserts that @store has no record of this key, and says so by %AU_ERROR_NOT_FOUND with
 * a message that has the key in it.
 *
 * Since: 1.0
 */
void
au_test_store_assert_lacks (AuStore    *store,
                            const char *key)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_store_load (store, key, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, key));
}

/**
 * au_test_store_list_keys:
 * @store: a store
 * @query: what to list
 *
 * Lists keys, and asserts that as many are counted.
 *
 * Returns: (transfer full): the keys, with spaces between them
 *
 * Since: 1.0
 */
char *
au_test_store_list_keys (AuStore *store,
                         AuQuery *query)
{
  g_autoptr(GString) keys = g_string_new (NULL);
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;

  records = au_store_list (store, query, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (au_store_count (store, query, NULL, &error), ==, records->len);
  g_assert_no_error (error);

  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (keys, "%s%s", i > 0 ? " " : "",
                            au_record_get_key (g_ptr_array_index (records, i)));

  return g_string_free (g_steal_pointer (&keys), FALSE);
}
