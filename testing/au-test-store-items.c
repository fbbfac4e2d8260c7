/* au-test-store-items.c: what every store must do with items
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-store-private.h"

#include <string.h>

static gboolean
append (StoreFixture  *fixture,
        guint          attempt,
        guint64        index,
        const char    *text,
        GError       **error)
{
  return au_store_append_item (fixture->store, "a", attempt, index,
                               g_variant_new_string (text), NULL, error);
}

static void
assert_appends (StoreFixture *fixture,
                guint         attempt,
                guint64       index,
                const char   *text)
{
  g_autoptr(GError) error = NULL;
  gboolean appended = append (fixture, attempt, index, text, &error);

  g_assert_no_error (error);
  g_assert_true (appended);
}

static void
assert_refuses (StoreFixture *fixture,
                guint         attempt,
                guint64       index,
                const char   *text,
                int           code)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (append (fixture, attempt, index, text, &error));
  g_assert_error (error, AU_ERROR, code);
  g_assert_nonnull (strstr (error->message, "“a”"));
}

static void
assert_items (StoreFixture *fixture,
              guint64       first,
              guint         limit,
              const char   *expected)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) items = au_store_list_items (fixture->store, "a", first, limit, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            g_variant_get_string (g_ptr_array_index (items, i), NULL));
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_items_are_kept_in_order (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));

  assert_items (fixture, 0, 0, "");
  assert_appends (fixture, 1, 0, "zero");
  assert_appends (fixture, 1, 1, "one");
  assert_appends (fixture, 1, 2, "two");

  assert_items (fixture, 0, 0, "zero one two");
  assert_items (fixture, 1, 0, "one two");
  assert_items (fixture, 0, 2, "zero one");
  assert_items (fixture, 2, 5, "two");
  assert_items (fixture, 3, 0, "");
  assert_items (fixture, G_MAXUINT64, 1, "");

  record = au_test_store_complete (fixture->store, g_steal_pointer (&record));
  assert_items (fixture, 0, 0, "zero one two");
}

static void
test_many_items_are_kept (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      assert_appends (fixture, 1, i, text);
      assert_items (fixture, i, 1, text);
      if (i > 30)
        assert_items (fixture, 29, 2, "29 30");
    }

  assert_items (fixture, 297, 0, "297 298 299");
}

static void
test_item_given_twice_is_harmless (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));

  assert_appends (fixture, 1, 0, "zero");
  assert_appends (fixture, 1, 1, "one");
  assert_appends (fixture, 1, 1, "one");
  assert_appends (fixture, 1, 0, "zero");
  assert_refuses (fixture, 1, 0, "other", AU_ERROR_CONFLICT);
  assert_items (fixture, 0, 0, "zero one");
}

static void
test_item_that_is_not_next_is_refused (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));

  assert_refuses (fixture, 1, 1, "one", AU_ERROR_CONFLICT);
  assert_appends (fixture, 1, 0, "zero");
  assert_refuses (fixture, 1, 2, "two", AU_ERROR_CONFLICT);
  assert_refuses (fixture, 1, G_MAXUINT64, "last", AU_ERROR_CONFLICT);
  assert_items (fixture, 0, 0, "zero");
}

static void
test_items_of_a_newer_attempt_replace_the_old (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));

  assert_appends (fixture, 1, 0, "old zero");
  assert_appends (fixture, 1, 1, "old one");

  record = au_test_store_replace (fixture->store, record, au_transition_release (record, 1, NULL));
  record = au_test_store_begin (fixture->store, g_steal_pointer (&record));
  assert_refuses (fixture, 1, 2, "old two", AU_ERROR_STALE);
  assert_refuses (fixture, 2, 1, "one", AU_ERROR_CONFLICT);
  assert_items (fixture, 0, 0, "old zero old one");

  assert_appends (fixture, 2, 0, "zero");
  assert_items (fixture, 0, 0, "zero");

  /* the record of attempt 3 may be written later than its items */
  assert_appends (fixture, 3, 0, "new");
  assert_refuses (fixture, 2, 1, "one", AU_ERROR_STALE);
  assert_items (fixture, 0, 0, "new");
}

static void
test_items_need_a_record (StoreFixture *fixture)
{
  g_autoptr(GError) error = NULL;

  assert_refuses (fixture, 1, 0, "zero", AU_ERROR_NOT_FOUND);
  g_assert_null (au_store_list_items (fixture->store, "a", 0, 0, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
}

static void
test_items_go_with_their_record (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));
  g_autoptr(AuRecord) again = NULL;
  g_autoptr(GError) error = NULL;

  assert_appends (fixture, 1, 0, "zero");
  g_assert_true (au_store_remove (fixture->store, "a", NULL, NULL));
  g_assert_null (au_store_list_items (fixture->store, "a", 0, 0, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);

  again = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));
  assert_items (fixture, 0, 0, "");
  assert_appends (fixture, 1, 0, "new");
  assert_items (fixture, 0, 0, "new");
}

static void
test_items_of_all_kinds_are_kept (StoreFixture *fixture)
{
  static const char *const texts[] = {
    "''", "'two\\nlines'", "()", "@as []", "uint64 18446744073709551615", "{'a': <(1, 2.5)>}",
    "[byte 0x00, 0x0a, 0xff]", "<<'deep'>>",
  };
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));
  g_autofree char *large = g_strnfill (300000, '\n');
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i <= G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GVariant) item = i < G_N_ELEMENTS (texts) ? g_variant_parse (NULL, texts[i], NULL, NULL, NULL)
                                                          : g_variant_ref_sink (g_variant_new_string (large));

      g_assert_true (au_store_append_item (fixture->store, "a", 1, i, item, NULL, &error));
      g_assert_no_error (error);
      g_assert_true (au_store_append_item (fixture->store, "a", 1, i, item, NULL, &error));
    }

  items = au_store_list_items (fixture->store, "a", 0, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, G_N_ELEMENTS (texts) + 1);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GVariant) item = g_variant_parse (NULL, texts[i], NULL, NULL, NULL);

      g_assert_cmpvariant (g_ptr_array_index (items, i), item);
    }
  g_assert_cmpstr (g_variant_get_string (g_ptr_array_index (items, items->len - 1), NULL), ==, large);
}

void
store_suite_add_items (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_ITEMS, "items-are-kept-in-order", test_items_are_kept_in_order);
  store_suite_add_test (kind, STORE_NEEDS_ITEMS, "many-items-are-kept", test_many_items_are_kept);
  store_suite_add_test (kind, STORE_NEEDS_ITEMS, "item-given-twice-is-harmless", test_item_given_twice_is_harmless);
  store_suite_add_test (kind, STORE_NEEDS_ITEMS, "item-that-is-not-next-is-refused", test_item_that_is_not_next_is_refused);
  store_suite_add_test (kind, STORE_NEEDS_ITEMS, "items-of-a-newer-attempt-replace-the-old",
                        test_items_of_a_newer_attempt_replace_the_old);
  store_suite_add_test (kind, STORE_NEEDS_ITEMS, "items-need-a-record", test_items_need_a_record);
  store_suite_add_test (kind, STORE_NEEDS_ITEMS, "items-go-with-their-record", test_items_go_with_their_record);
  store_suite_add_test (kind, STORE_NEEDS_ITEMS, "items-of-all-kinds-are-kept", test_items_of_all_kinds_are_kept);
}
