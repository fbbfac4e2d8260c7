/* au-test-store-values.c: what every store must do with values
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-store-private.h"

static void
assert_value_is_kept (StoreFixture *fixture,
                      GVariant     *value)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (value);
  g_autoptr(AuRecord) record = au_record_new (NULL, "f", g_variant_new_tuple (&sunk, 1), NULL);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created;

  stored = au_store_insert (fixture->store, record, &created, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&stored, au_record_unref);

  record = au_test_store_begin (fixture->store, record);
  record = au_test_store_replace (fixture->store, record, au_transition_complete (record, 1, sunk, NULL));

  stored = au_store_load (fixture->store, au_record_get_key (record), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (au_record_get_value (stored), sunk);
  au_test_record_assert_equal (stored, record);
}

static void
test_odd_values_are_kept (StoreFixture *fixture)
{
  static const char *const texts[] = {
    "''", "'line\\nline\\ttab \\\"quote\\\" \\\\ backslash'", "'\\u0001\\u001f\\u007f'", "'🐿 ünïcode \\u2028'",
    "uint64 18446744073709551615", "int64 -9223372036854775808", "byte 0xff", "true",
    "0.1", "-0.0", "1e308", "2.2250738585072014e-308", "@as []", "@a{sv} {}", "()", "@mi nothing", "@mms just nothing",
    "{'a': <1>, 'b': <('x', [<2.5>])>}", "<<<'deep'>>>", "objectpath '/a'", "signature 'a{sv}'",
    "b'bytes'", "[byte 0x00, 0x01, 0x00]", "{uint16 7: ['a', 'b']}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = g_variant_parse (NULL, texts[i], NULL, NULL, &error);

      g_assert_no_error (error);
      assert_value_is_kept (fixture, value);
    }
}

static GVariant *
make_bytes (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (i * 2654435761u) >> 24;

  return g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, data, size, TRUE, g_free, data);
}

static void
test_values_of_all_sizes_are_kept (StoreFixture *fixture)
{
  /* around the sizes of buffers and blocks */
  static const gsize sizes[] = { 0, 1, 2900, 3000, 3072, 4095, 4096, 4097, 49000, 65536, 1 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    assert_value_is_kept (fixture, make_bytes (sizes[i]));
}

static void
test_64_mebibytes_are_kept (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_record_new ("a", "f", make_bytes (64 << 20), NULL);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;

  stored = au_store_insert (fixture->store, record, NULL, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&stored, au_record_unref);
  stored = au_store_load (fixture->store, "a", NULL, &error);
  g_assert_no_error (error);
  au_test_record_assert_equal (stored, record);
}

void
store_suite_add_values (StoreKind *kind,
                        gboolean   large)
{
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "odd-values-are-kept", test_odd_values_are_kept);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "values-of-all-sizes-are-kept", test_values_of_all_sizes_are_kept);
  if (large)
    store_suite_add_test (kind, STORE_NEEDS_NOTHING, "64-mebibytes-are-kept", test_64_mebibytes_are_kept);
}
