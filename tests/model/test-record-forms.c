/* test-record-forms.c: records as bytes and as JSON text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <string.h>

#define N_DAMAGES (10000)

/* What has been seen to get lost in JSON. */
static const char *const values[] = {
  "true",
  "uint64 18446744073709551615",
  "int64 -9223372036854775808",
  "1e20",
  "1e300",
  "2.2250738585072014e-308",
  "-0.0",
  "byte 0xff",
  "b'bytes'",
  "'é🦆\\u0001'",
  "@mms just nothing",
  "{1: 'a', 2: 'b'}",
  "[{'a', 1}, {'a', 2}]",
  "(handle 3, <handle 4>)",
  "<<<'x'>>>",
};

static GVariant *
make_deep (guint depth)
{
  GVariant *value = g_variant_new_int32 (1);

  for (guint i = 0; i < depth; i++)
    value = g_variant_new_variant (value);

  return value;
}

static AuRecord *
make_completed (GVariant *value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) pending = au_record_new ("key", "f", g_variant_new ("(v)", value), NULL);
  g_autoptr(AuRecord) running = au_transition_begin (pending, au_owner_get_own (), 0, &error);
  AuRecord *completed = au_transition_complete (running, 1, value, &error);

  g_assert_no_error (error);

  return completed;
}

static AuOptions *
make_options (void)
{
  static const char *const words[] = { "one", "two", NULL };
  AuOptions *options = au_options_new ();

  au_options_set_ttl (options, G_TIME_SPAN_DAY);
  au_options_set_tags (options, words);
  au_options_set_attempts (options, 3);
  au_options_set_due (options, G_GINT64_CONSTANT (4102444800000001));
  au_options_set_metadata (options, g_variant_new_parsed ("{'who': <'me'>, 'factor': <1e20>}"));

  return options;
}

/* One record of each kind that there is. */
static GPtrArray *
make_all (void)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) reason = g_error_new_literal (AU_ERROR, AU_ERROR_FAILED, "It “failed”\n");
  g_autoptr(AuOptions) options = make_options ();
  AuRecord *record = au_record_new ("a.key:1", "digest.file", NULL, NULL);

  g_ptr_array_add (records, record);
  record = au_record_new ("b", "factorial", g_variant_new ("(x)", G_GINT64_CONSTANT (5)), options);
  g_ptr_array_add (records, record);
  record = au_transition_begin (record, au_owner_get_own (), G_GINT64_CONSTANT (253402300800000000), &error);
  g_ptr_array_add (records, record);
  record = au_transition_report (record, 1, 0.3, "a third, “nearly”", &error);
  g_ptr_array_add (records, record);
  record = au_transition_set_metadata (record, "more", g_variant_new_parsed ("@ms nothing"), &error);
  g_ptr_array_add (records, record);
  record = au_transition_fail (record, 1, reason, &error);
  g_ptr_array_add (records, record);
  record = au_transition_cancel (record, &error);
  g_ptr_array_add (records, record);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr(GVariant) value = g_variant_parse (NULL, values[i], NULL, NULL, NULL);

      g_ptr_array_add (records, make_completed (value));
    }
  for (guint depth = 60; depth < 72; depth++)
    {
      g_autoptr(GVariant) value = g_variant_ref_sink (make_deep (depth));

      g_ptr_array_add (records, make_completed (value));
    }
  g_assert_no_error (error);

  return records;
}

static void
assert_equal (AuRecord *a,
              AuRecord *b)
{
  g_autoptr(GVariant) form_of_a = au_record_to_variant (a);
  g_autoptr(GVariant) form_of_b = au_record_to_variant (b);

  g_assert_true (g_variant_is_normal_form (form_of_a));
  g_assert_cmpvariant (form_of_a, form_of_b);
}

static void
test_record_json_is_the_same_record (void)
{
  g_autoptr(GPtrArray) records = make_all ();

  for (guint i = 0; i < records->len; i++)
    {
      for (guint pretty = 0; pretty < 2; pretty++)
        {
          g_autoptr(GError) error = NULL;
          g_autofree char *json = au_record_to_json (records->pdata[i], pretty);
          g_autoptr(AuRecord) read = au_record_from_json (json, -1, &error);

          g_assert_no_error (error);
          assert_equal (read, records->pdata[i]);
          g_assert_cmpint (strchr (json, '\n') != NULL, ==, pretty);
        }
    }
}

static void
test_record_bytes_are_the_same_record (void)
{
  g_autoptr(GPtrArray) records = make_all ();

  for (guint i = 0; i < records->len; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) bytes = au_record_to_bytes (records->pdata[i]);
      g_autoptr(AuRecord) read = au_record_from_bytes (bytes, &error);

      g_assert_no_error (error);
      assert_equal (read, records->pdata[i]);
    }
}

static void
test_record_of_odd_bytes_can_be_read_again (void)
{
  /* the padding of the tuple is not zero, so it is not in normal form */
  static const guint8 odd[] = { 1, 0xff, 0xff, 0xff, 2, 0, 0, 0 };
  g_autoptr(GVariant) arguments = g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE ("(yu)"), odd,
                                                                               sizeof odd, FALSE, NULL, NULL));
  g_autoptr(AuRecord) record = au_record_new ("key", "f", arguments, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = au_record_to_bytes (record);
  g_autofree char *json = au_record_to_json (record, FALSE);
  g_autoptr(AuRecord) of_bytes = NULL;
  g_autoptr(AuRecord) of_json = NULL;

  of_bytes = au_record_from_bytes (bytes, &error);
  g_assert_no_error (error);
  assert_equal (of_bytes, record);
  of_json = au_record_from_json (json, -1, &error);
  g_assert_no_error (error);
  assert_equal (of_json, record);
}

static void
test_record_json_is_for_people (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autofree char *json = NULL;
  const char *text =
    "{\n"
    "  \"au\": 1,\n"
    "  \"key\": \"k\",\n"
    "  \"function\": \"factorial\",\n"
    "  \"status\": \"completed\",\n"
    "  \"arguments\": {\n"
    "    \"type\": \"(x)\",\n"
    "    \"value\": [\n"
    "      5\n"
    "    ]\n"
    "  },\n"
    "  \"value\": {\n"
    "    \"type\": \"s\",\n"
    "    \"value\": \"120\"\n"
    "  },\n"
    "  \"created\": \"2026-01-02T03:04:05.000006Z\",\n"
    "  \"started\": \"1970-01-01T00:00:00.000001Z\",\n"
    "  \"completed\": \"9999-12-31T23:59:59.999999Z\",\n"
    "  \"expires\": 253402300800000000,\n"
    "  \"attempt\": 1,\n"
    "  \"progress\": 0.3,\n"
    "  \"status-text\": \"a \\\"third\\\"\",\n"
    "  \"owner\": \"host/boot/1/2\",\n"
    "  \"revision\": 3,\n"
    "  \"options\": {\n"
    "    \"ttl\": {\n"
    "      \"type\": \"x\",\n"
    "      \"value\": 5\n"
    "    }\n"
    "  }\n"
    "}";

  record = au_record_from_json (text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (au_record_get_created (record), ==, G_GINT64_CONSTANT (1767323045000006));
  g_assert_cmpint (au_record_get_started (record), ==, 1);
  g_assert_cmpint (au_record_get_expires (record), ==, G_GINT64_CONSTANT (253402300800000000));

  json = au_record_to_json (record, TRUE);
  g_assert_cmpstr (json, ==, text);
}

#define START "{\"au\":1,\"key\":\"k\",\"function\":\"f\",\"status\":\"pending\",\"revision\":1"

static void
test_record_json_that_is_none_is_refused (void)
{
  static const char *const damaged[] = {
    "",
    "[]",
    "{}",
    "5",
    START,
    START ",}",
    START ",\"key\":\"k\"}",
    START ",\"attempt\":-1}",
    START ",\"attempt\":4294967296}",
    START ",\"attempt\":\"1\"}",
    START ",\"created\":\"yesterday\"}",
    START ",\"created\":true}",
    START ",\"owner\":5}",
    START ",\"arguments\":[]}",
    START ",\"arguments\":{\"type\":\"(i)\"}}",
    START ",\"arguments\":{\"value\":[1]}}",
    START ",\"arguments\":{\"type\":\"(i\",\"value\":[1]}}",
    START ",\"arguments\":{\"type\":\"(i)\",\"value\":[\"x\"]}}",
    START ",\"arguments\":{\"type\":\"(i)\",\"bytes\":5}}",
    START ",\"arguments\":{\"type\":\"(i)\",\"bytes\":\"AA==\"}}",
    START ",\"arguments\":{\"type\":\"(*)\",\"bytes\":\"AA==\"}}",
    START ",\"value\":{\"type\":\"i\",\"value\":1}}",
    START ",\"options\":{\"ttl\":5}}",
    START ",\"options\":{\"ttl\":{\"type\":\"i\",\"value\":5}}}",
    START ",\"options\":{\"bytes\":\"!\"}}",
    START ",\"metadata\":5}",
    START ",\"error\":{\"domain\":\"d\"}}",
    "{\"au\":0,\"key\":\"k\",\"function\":\"f\",\"status\":\"pending\",\"revision\":1}",
    "{\"au\":1,\"function\":\"f\",\"status\":\"pending\",\"revision\":1}",
    "{\"au\":1,\"key\":\"../k\",\"function\":\"f\",\"status\":\"pending\",\"revision\":1}",
    "{\"au\":1,\"key\":\"k\",\"function\":\"f\",\"status\":\"waiting\",\"revision\":1}",
    "{\"au\":1,\"key\":\"k\",\"function\":\"f\",\"status\":\"failed\",\"revision\":1}",
    "{\"au\":1,\"key\":\"k\",\"function\":\"f\",\"status\":\"pending\"}",
  };
  g_autoptr(GError) no_error = NULL;
  g_autoptr(AuRecord) good = au_record_from_json (START ",\"new-in-2.0\":[{}]}", -1, &no_error);
  g_autoptr(GError) newer = NULL;

  g_assert_no_error (no_error);
  g_assert_nonnull (good);

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", damaged[i]);
      g_assert_null (au_record_from_json (damaged[i], -1, &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
      g_test_message ("%s", error->message);
    }

  g_assert_null (au_record_from_json ("{\"au\":2,\"what\":5}", -1, &newer));
  g_assert_error (newer, AU_ERROR, AU_ERROR_UNSUPPORTED);
}

static void
test_record_json_of_an_abyss_is_refused (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new (START ",\"metadata\":");

  for (guint i = 0; i < 1000000; i++)
    g_string_append (text, "{\"a\":");

  g_assert_null (au_record_from_json (text->str, text->len, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
}

static void
assert_whole_or_error (AuRecord     *record,
                       const GError *error)
{
  if (record == NULL)
    {
      g_assert_true (g_error_matches (error, AU_ERROR, AU_ERROR_DAMAGED) ||
                     g_error_matches (error, AU_ERROR, AU_ERROR_UNSUPPORTED));
      return;
    }

  g_assert_null (error);
  g_assert_true (au_key_is_valid (au_record_get_key (record)));
  g_assert_cmpint (au_record_get_status (record), <=, AU_STATUS_CANCELLED);
}

static void
damage (guint8 *data,
        gsize   size)
{
  for (int i = g_test_rand_int_range (0, 4); i > 0 && size > 0; i--)
    data[g_test_rand_int_range (0, size)] = g_test_rand_int ();
}

static void
test_record_damaged_never_crashes (void)
{
  g_autoptr(GPtrArray) records = make_all ();

  for (guint i = 0; i < N_DAMAGES; i++)
    {
      AuRecord *record = records->pdata[i % records->len];
      g_autoptr(GError) error_of_json = NULL;
      g_autoptr(GError) error_of_bytes = NULL;
      g_autofree char *json = au_record_to_json (record, FALSE);
      g_autoptr(GBytes) bytes = au_record_to_bytes (record);
      g_autoptr(GBytes) damaged = NULL;
      g_autoptr(AuRecord) of_json = NULL;
      g_autoptr(AuRecord) of_bytes = NULL;
      gsize size = g_bytes_get_size (bytes);
      gsize length = strlen (json);
      guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);

      damage ((guint8 *) json, length);
      of_json = au_record_from_json (json, g_test_rand_bit () ? length : (gsize) g_test_rand_int_range (0, length),
                                     &error_of_json);
      assert_whole_or_error (of_json, error_of_json);

      damage (data, size);
      damaged = g_bytes_new_take (data, g_test_rand_bit () ? size : (gsize) g_test_rand_int_range (0, size));
      of_bytes = au_record_from_bytes (damaged, &error_of_bytes);
      assert_whole_or_error (of_bytes, error_of_bytes);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/record/json/is-the-same-record", test_record_json_is_the_same_record);
  g_test_add_func ("/record/json/is-for-people", test_record_json_is_for_people);
  g_test_add_func ("/record/json/that-is-none-is-refused", test_record_json_that_is_none_is_refused);
  g_test_add_func ("/record/json/of-an-abyss-is-refused", test_record_json_of_an_abyss_is_refused);
  g_test_add_func ("/record/bytes/are-the-same-record", test_record_bytes_are_the_same_record);
  g_test_add_func ("/record/bytes/that-are-odd-can-be-read-again", test_record_of_odd_bytes_can_be_read_again);
  g_test_add_func ("/record/damaged-never-crashes", test_record_damaged_never_crashes);

  return g_test_run ();
}
