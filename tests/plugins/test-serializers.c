/* test-serializers.c: the serializers that come with au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <string.h>

#define N_DAMAGES (5000)

static const char *const values[] = {
  "()",
  "true",
  "byte 0x80",
  "int16 -1",
  "uint64 18446744073709551615",
  "-0.0",
  "1.5",
  "''",
  "'é🦆'",
  "objectpath '/a'",
  "signature 'a{sv}'",
  "@ay []",
  "b'bytes'",
  "@as []",
  "['a', 'bc', '']",
  "(1, 'a', int64 5, [byte 1, 2])",
  "{'a': <1>, 'b': <('x', [1.5])>}",
  "@a{ux} {1: 2}",
  "@mmi just nothing",
  "@ms nothing",
  "<<<1>>>",
};

static AuSerializer *
make (const char *type)
{
  g_autoptr(GError) error = NULL;
  AuSerializer *serializer = au_part_new (AU_MODULE_SERIALIZER, type, &error, NULL);

  g_assert_no_error (error);
  g_assert_true (AU_IS_SERIALIZER (serializer));

  return serializer;
}

static void
test_serializer_returns_what_it_was_given (gconstpointer type)
{
  g_autoptr(AuSerializer) serializer = make (type);

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = g_variant_parse (NULL, values[i], NULL, NULL, NULL);
      g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, value, &error);
      g_autoptr(GVariant) read = NULL;

      g_assert_no_error (error);
      read = au_serializer_from_bytes (serializer, bytes, &error);
      g_assert_no_error (error);
      g_assert_false (g_variant_is_floating (read));
      g_assert_cmpvariant (read, value);
    }
}

static void
test_serializer_bytes_may_stand_anywhere (gconstpointer type)
{
  g_autoptr(AuSerializer) serializer = make (type);
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
test_serializer_consumes_floating_values (gconstpointer type)
{
  g_autoptr(AuSerializer) serializer = make (type);
  GVariant *value = g_variant_ref (g_variant_new_string ("a"));
  g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, value, NULL);

  g_assert_nonnull (bytes);
  g_assert_false (g_variant_is_floating (value));
  g_variant_unref (value);
}

/* Bytes from wherever give a value in normal form, or one of two errors. */
static void
test_serializer_damaged_bytes_never_crash (gconstpointer type)
{
  g_autoptr(AuSerializer) serializer = make (type);

  for (guint i = 0; i < N_DAMAGES; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = g_variant_parse (NULL, values[i % G_N_ELEMENTS (values)], NULL, NULL, NULL);
      g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, value, NULL);
      g_autoptr(GBytes) damaged = NULL;
      g_autoptr(GVariant) read = NULL;
      gsize size = g_bytes_get_size (bytes);
      guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);

      for (int j = g_test_rand_int_range (0, 3); j >= 0; j--)
        data[g_test_rand_int_range (0, size)] = g_test_rand_int ();
      damaged = g_bytes_new_take (data, g_test_rand_int_range (0, size + 1));

      read = au_serializer_from_bytes (serializer, damaged, &error);
      if (read != NULL)
        {
          g_assert_no_error (error);
          g_assert_true (g_variant_is_normal_form (read));
        }
      else
        {
          g_assert_true (g_error_matches (error, AU_ERROR, AU_ERROR_DAMAGED) ||
                         g_error_matches (error, AU_ERROR, AU_ERROR_UNSUPPORTED));
        }
    }
}

static void
assert_refused (AuSerializer *serializer,
                const char   *data,
                gsize         size,
                AuError       code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new (data, size);

  g_assert_null (au_serializer_from_bytes (serializer, bytes, &error));
  g_assert_error (error, AU_ERROR, (int) code);
  g_test_message ("%s", error->message);
}

static void
test_variant_has_the_documented_form (void)
{
  static const guint8 expected[] = { 1, '(', 's', 'i', ')', 0, 0, 0, 'h', 'i', 0, 0, 5, 0, 0, 0, 3 };
  g_autoptr(AuSerializer) serializer = make ("variant");
  g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, g_variant_new ("(si)", "hi", 5), NULL);

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, sizeof expected);
  g_assert_cmpstr (au_serializer_get_content_type (serializer), ==, "application/x-gvariant");
}

static void
test_variant_other_bytes_are_refused (void)
{
  g_autoptr(AuSerializer) serializer = make ("variant");

  assert_refused (serializer, "", 0, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\0y\0\0\0\0\0\0a", 9, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\2y\0\0\0\0\0\0a", 9, AU_ERROR_UNSUPPORTED);
  assert_refused (serializer, "\1", 1, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1yyyyyyy", 8, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1\0\0\0\0\0\0\0", 8, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1*\0\0\0\0\0\0a", 9, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1yy\0\0\0\0\0a", 9, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1y\0\0", 4, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1y\0\0\0x\0\0a", 9, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1y\0\0\0\0\0\0", 8, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1y\0\0\0\0\0\0ab", 10, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1s\0\0\0\0\0\0ab", 10, AU_ERROR_DAMAGED);
  assert_refused (serializer, "\1b\0\0\0\0\0\0\2", 9, AU_ERROR_DAMAGED);
}

static void
test_variant_large_bytes_are_not_copied (void)
{
  g_autoptr(AuSerializer) serializer = make ("variant");
  const gsize size = 1 << 20;
  g_autoptr(GBytes) blob = g_bytes_new_take (g_malloc0 (size), size);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GVariant) read = NULL;
  const char *start;

  bytes = au_serializer_to_bytes (serializer, g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, blob, TRUE), NULL);
  read = au_serializer_from_bytes (serializer, bytes, NULL);
  start = g_bytes_get_data (bytes, NULL);
  g_assert_true ((const char *) g_variant_get_data (read) == start + 8);
  g_assert_cmpuint (g_variant_get_size (read), ==, size);
}

static void
test_json_has_the_documented_form (void)
{
  static const char expected[] = "{\"type\":\"(si)\",\"value\":[\"hi\",5]}";
  g_autoptr(AuSerializer) serializer = make ("json");
  g_autoptr(GBytes) bytes = au_serializer_to_bytes (serializer, g_variant_new ("(si)", "hi", 5), NULL);

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, strlen (expected));
  g_assert_cmpstr (au_serializer_get_content_type (serializer), ==, "application/json");
}

static void
test_json_other_bytes_are_refused (void)
{
  static const char *const texts[] = {
    "",
    "5",
    "null",
    "{}",
    "{\"type\":\"i\"}",
    "{\"type\":\"i\",\"value\":\"x\"}",
    "{\"type\":\"i\",\"value\":1,\"more\":2}",
    "{\"type\":\"h\",\"value\":1}",
    "{\"type\":\"i\",\"value\":1} ?",
  };
  g_autoptr(AuSerializer) serializer = make ("json");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (serializer, texts[i], strlen (texts[i]), AU_ERROR_DAMAGED);
}

static void
test_json_handles_are_refused (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuSerializer) serializer = make ("json");

  g_assert_null (au_serializer_to_bytes (serializer, g_variant_new_parsed ("(handle 1,)"), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const types[] = { "json", "variant" };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const struct
      {
        const char   *name;
        GTestDataFunc func;
      } tests[] = {
        { "returns-what-it-was-given", test_serializer_returns_what_it_was_given },
        { "bytes-may-stand-anywhere", test_serializer_bytes_may_stand_anywhere },
        { "consumes-floating-values", test_serializer_consumes_floating_values },
        { "damaged-bytes-never-crash", test_serializer_damaged_bytes_never_crash },
      };

      for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
        {
          g_autofree char *path = g_strdup_printf ("/serializer/%s/%s", types[i], tests[j].name);

          g_test_add_data_func (path, types[i], tests[j].func);
        }
    }

  g_test_add_func ("/serializer/variant/has-the-documented-form", test_variant_has_the_documented_form);
  g_test_add_func ("/serializer/variant/other-bytes-are-refused", test_variant_other_bytes_are_refused);
  g_test_add_func ("/serializer/variant/large-bytes-are-not-copied", test_variant_large_bytes_are_not_copied);
  g_test_add_func ("/serializer/json/has-the-documented-form", test_json_has_the_documented_form);
  g_test_add_func ("/serializer/json/other-bytes-are-refused", test_json_other_bytes_are_refused);
  g_test_add_func ("/serializer/json/handles-are-refused", test_json_handles_are_refused);

  return g_test_run ();
}
