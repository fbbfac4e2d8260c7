/* au-test-serializer.c: what every serializer must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test-serializer.h>

#include "au-test-maker-private.h"
#include "au-test-run-private.h"
#include "au-test-variant-private.h"

#include <string.h>

#define N_THREADS (4)

static const char *const values[] = {
  "()",
  "true",
  "byte 0x80",
  "int16 -1",
  "int64 -9223372036854775808",
  "uint64 18446744073709551615",
  "-0.0",
  "1.5",
  "2.2250738585072014e-308",
  "1.7976931348623157e308",
  "''",
  "'é🦆'",
  "'\\u0001\\u001f\\u007f\\u2028 \\\" \\\\ /'",
  "objectpath '/a'",
  "signature 'a{sv}'",
  "@ay []",
  "b'bytes'",
  "@as []",
  "['a', 'bc', '']",
  "(1, 'a', int64 5, [byte 1, 2])",
  "{'a': <1>, 'b': <('x', [1.5])>}",
  "@a{ux} {1: 2}",
  "@a{sv} {}",
  "@mmi just nothing",
  "@ms nothing",
  "<<<1>>>",
};

static void
run_test (gconstpointer user_data)
{
  const AuTestOfMaker *test = user_data;
  AuSerializer *serializer = au_test_maker_make (test->maker, AU_TYPE_SERIALIZER);
  gpointer left = serializer;

  test->entry->test (serializer);

  g_object_add_weak_pointer (left, &left);
  g_object_unref (serializer);
  g_assert_null (left);
}

static GVariant *
parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  GVariant *value = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static void
assert_returns (AuSerializer *serializer,
                GVariant     *value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, value, &error);
  g_autoptr(GVariant) read = NULL;

  g_assert_no_error (error);
  read = au_serializer_from_bytes (serializer, bytes, &error);
  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (read));
  g_assert_cmpvariant (read, value);
}

static void
test_returns_what_it_was_given (gpointer serializer)
{
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr(GVariant) value = parse (values[i]);

      assert_returns (serializer, value);
    }
}

static void
test_returns_whatever_it_was_given (gpointer serializer)
{
  guint n = au_test_scale (2000);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GVariant) value = au_test_variant_new_random ();

      assert_returns (serializer, value);
    }
}

static void
test_large_values_come_back (gpointer serializer)
{
  gsize size = au_test_scale (3 << 20);
  guint8 *bytes = g_malloc (size);
  g_autofree char *text = g_strnfill (size, '"');
  g_autoptr(GVariant) blob = NULL;
  g_autoptr(GVariant) string = NULL;

  for (gsize i = 0; i < size; i++)
    bytes[i] = (i * 2654435761u) >> 24;
  blob = g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, bytes, size, TRUE, g_free, bytes));
  assert_returns (serializer, blob);
  string = g_variant_ref_sink (g_variant_new_string (text));
  assert_returns (serializer, string);
}

static void
test_bytes_may_stand_anywhere (gpointer serializer)
{
  g_autoptr(GVariant) value = g_variant_ref_sink (g_variant_new_parsed ("(int64 1, 'a', [2.5, 3.5])"));
  g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, value, NULL);
  gsize size = g_bytes_get_size (bytes);

  for (guint offset = 0; offset < 8; offset++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree guint8 *buffer = g_malloc (size + offset);
      g_autoptr(GBytes) moved = NULL;
      g_autoptr(GVariant) read = NULL;

      memcpy (buffer + offset, g_bytes_get_data (bytes, NULL), size);
      moved = g_bytes_new_static (buffer + offset, size);
      read = au_serializer_from_bytes (serializer, moved, &error);
      g_assert_no_error (error);
      g_assert_cmpvariant (read, value);
    }
}

static void
test_floating_values_are_consumed (gpointer serializer)
{
  GVariant *value = g_variant_ref (g_variant_new_string ("a"));
  g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, value, NULL);

  g_assert_nonnull (bytes);
  g_assert_false (g_variant_is_floating (value));
  g_variant_unref (value);
}

/* Bytes from wherever give a value in normal form, or one of two errors. */
static void
assert_reads_or_refuses (AuSerializer *serializer,
                         GBytes       *bytes)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) read = au_serializer_from_bytes (serializer, bytes, &error);

  if (read != NULL)
    {
      g_assert_no_error (error);
      g_assert_true (g_variant_is_normal_form (read));
    }
  else
    {
      g_assert_true (g_error_matches (error, AU_ERROR, AU_ERROR_DAMAGED) ||
                     g_error_matches (error, AU_ERROR, AU_ERROR_UNSUPPORTED));
      g_assert_cmpuint (strlen (error->message), >, 10);
    }
}

static void
test_damaged_bytes_are_errors (gpointer serializer)
{
  guint n = au_test_scale (5000);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GVariant) value = parse (values[i % G_N_ELEMENTS (values)]);
      g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, value, NULL);
      g_autoptr(GBytes) damaged = NULL;
      gsize size = g_bytes_get_size (bytes);
      guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);

      for (int j = g_test_rand_int_range (0, 3); j >= 0; j--)
        data[g_test_rand_int_range (0, size)] = g_test_rand_int ();
      damaged = g_bytes_new_take (data, g_test_rand_int_range (0, size + 1));
      assert_reads_or_refuses (serializer, damaged);
    }
}

static void
test_other_bytes_are_errors (gpointer serializer)
{
  g_autoptr(GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr(GError) error = NULL;
  guint n = au_test_scale (1000);

  g_assert_null (au_serializer_from_bytes (serializer, nothing, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);

  for (guint i = 0; i < n; i++)
    {
      gsize size = g_test_rand_int_range (1, 100);
      guint8 *data = g_malloc (size);
      g_autoptr(GBytes) noise = NULL;

      for (gsize j = 0; j < size; j++)
        data[j] = g_test_rand_int ();
      noise = g_bytes_new_take (data, size);
      assert_reads_or_refuses (serializer, noise);
    }
}

static gpointer
use_in_thread (gpointer data)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr(GVariant) value = parse (values[i % G_N_ELEMENTS (values)]);

      assert_returns (data, value);
    }

  return NULL;
}

static void
test_threads_use_it_at_once (gpointer serializer)
{
  au_test_run_threads (N_THREADS, use_in_thread, serializer);
}

static void
test_says_what_the_bytes_are (gpointer serializer)
{
  const char *type = au_serializer_get_content_type (serializer);

  g_assert_nonnull (type);
  g_assert_true (g_regex_match_simple ("^[a-z]+/[a-z0-9.+-]+(;.*)?$", type, 0, 0));
}

/**
 * au_test_serializer_add_suite:
 * @prefix: what the names of the tests start with, such as `/serializer/acme`
 * @make: (scope notified) (closure user_data) (destroy destroy): makes a serializer
 * @user_data: data for @make
 * @destroy: (nullable): frees @user_data
 *
 * Adds tests of everything that a serializer must do, for those that @make makes, to the
 * tests of this program.
 *
 * They are about values of all types and random ones, which come back as they were;
 * large ones; bytes that are damaged or were never made by a serializer; threads; and
 * references. Handles, which mean nothing outside of a message of D-Bus, are not tried,
 * nor are dictionaries that have a key twice.
 *
 * Since: 1.0
 */
void
au_test_serializer_add_suite (const char          *prefix,
                              AuTestSerializerFunc make,
                              gpointer             user_data,
                              GDestroyNotify       destroy)
{
  static const AuTestEntry tests[] = {
    { "returns-what-it-was-given", test_returns_what_it_was_given },
    { "returns-whatever-it-was-given", test_returns_whatever_it_was_given },
    { "large-values-come-back", test_large_values_come_back },
    { "bytes-may-stand-anywhere", test_bytes_may_stand_anywhere },
    { "floating-values-are-consumed", test_floating_values_are_consumed },
    { "damaged-bytes-are-errors", test_damaged_bytes_are_errors },
    { "other-bytes-are-errors", test_other_bytes_are_errors },
    { "threads-use-it-at-once", test_threads_use_it_at_once },
    { "says-what-the-bytes-are", test_says_what_the_bytes_are },
    { NULL, NULL }
  };

  g_return_if_fail (prefix != NULL && prefix[0] == '/');
  g_return_if_fail (make != NULL);

  au_test_maker_add_suite (prefix, make, user_data, destroy, tests, run_test);
}
