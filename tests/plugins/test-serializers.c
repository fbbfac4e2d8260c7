/* test-serializers.c: the serializers that come with au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test.h>

#include <string.h>

static AuSerializer *
make (const char *type)
{
  g_autoptr(GError) error = NULL;
  AuSerializer *serializer = au_part_new (AU_MODULE_SERIALIZER, type, &error, NULL);

  g_assert_no_error (error);
  g_assert_true (AU_IS_SERIALIZER (serializer));

  return serializer;
}

static AuSerializer *
make_for_suite (gpointer  user_data,
                GError  **error)
{
  return au_part_new (AU_MODULE_SERIALIZER, user_data, error, NULL);
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
  g_test_init (&argc, &argv, NULL);

  au_test_serializer_add_suite ("/serializer/json", make_for_suite, (gpointer) "json", NULL);
  au_test_serializer_add_suite ("/serializer/variant", make_for_suite, (gpointer) "variant", NULL);

  g_test_add_func ("/serializer/variant/has-the-documented-form", test_variant_has_the_documented_form);
  g_test_add_func ("/serializer/variant/other-bytes-are-refused", test_variant_other_bytes_are_refused);
  g_test_add_func ("/serializer/variant/large-bytes-are-not-copied", test_variant_large_bytes_are_not_copied);
  g_test_add_func ("/serializer/json/has-the-documented-form", test_json_has_the_documented_form);
  g_test_add_func ("/serializer/json/other-bytes-are-refused", test_json_other_bytes_are_refused);
  g_test_add_func ("/serializer/json/handles-are-refused", test_json_handles_are_refused);

  return g_test_run ();
}
