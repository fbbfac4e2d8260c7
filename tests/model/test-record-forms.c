/* test-record-forms.c: records as bytes and as JSON text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <string.h>

#define N_DAMAGES (10000)
#define N_ANY (1500)

/* members of the stored form */
#define PROGRESS (16)
#define OPTIONS (22)

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

/* What au wrote before it did so by hand, and others may write: a value built member by
 * member. */
static GVariant *
build_form (AuRecord *record)
{
  g_autoptr(GVariant) form = au_record_to_variant (record);
  g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes (form);
  g_autoptr(GVariant) read = g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (form), bytes,
                                                                           FALSE));
  GVariantBuilder builder;
  GVariantIter iter;
  GVariant *child;

  g_assert_true (g_variant_is_normal_form (read));

  g_variant_builder_init (&builder, g_variant_get_type (form));
  g_variant_iter_init (&iter, read);
  while ((child = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autofree char *text = g_variant_print (child, TRUE);
      g_autoptr(GVariant) built = g_variant_parse (g_variant_get_type (child), text, NULL, NULL, NULL);

      g_variant_builder_add_value (&builder, built);
      g_variant_unref (child);
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static char *
make_text (void)
{
  static const gunichar letters[] = { 'a', '"', '/', 0x20ac, 0x1f986, 1 };
  /* around where numbers begin to need more bytes */
  static const guint lengths[] = { 0, 1, 7, 50, 200, 70000 };
  GString *text = g_string_new (NULL);
  guint length = lengths[g_test_rand_int_range (0, G_N_ELEMENTS (lengths) - (g_test_rand_int_range (0, 20) > 0))];

  length += g_test_rand_int_range (0, 60);
  for (guint i = 0; i < length; i++)
    g_string_append_unichar (text, letters[g_test_rand_int_range (0, G_N_ELEMENTS (letters))]);

  return g_string_free (text, FALSE);
}

static GVariant *
make_value (void)
{
  g_autofree char *text = make_text ();

  switch (g_test_rand_int_range (0, 6))
    {
    case 0:
      return NULL;
    case 1:
      return g_variant_new_uint16 (g_test_rand_int ());
    case 2:
      return g_variant_new_string (text);
    case 3:
      return g_variant_new ("(ytsv)", 1, G_MAXUINT64, text, g_variant_new ("a{sv}", NULL));
    case 4:
      return g_variant_new ("(ams)", NULL);
    default:
      return g_variant_new_parsed ("[[%s], ['x', 'y'], []]", text);
    }
}

static AuOptions *
make_some_options (void)
{
  AuOptions *options = au_options_new ();
  g_autofree char *text = make_text ();

  if (g_test_rand_bit ())
    au_options_set_queue (options, "q");
  if (g_test_rand_bit ())
    au_options_set_attempts (options, g_test_rand_int_range (1, 5));
  if (g_test_rand_int_range (0, 8) == 0)
    au_options_set_unique_key (options, text);
  if (g_test_rand_int_range (0, 8) == 0)
    au_options_set_metadata (options, g_variant_new_parsed ("{'who': <%s>}", text));

  return options;
}

/* A record on some point of its way. */
static AuRecord *
make_any (void)
{
  /* few: names of functions are kept for ever */
  static const char *const names[] = { "f", "digest.file", "é🦆", "a.name.that.is.as.long.as.they.get.where.people.like.long.names" };
  g_autoptr(AuOptions) options = g_test_rand_bit () ? make_some_options () : NULL;
  g_autoptr(GError) reason = NULL;
  g_autofree char *text = make_text ();
  const char *function = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))];
  AuRecord *record = au_record_new (NULL, function, make_value (), options);
  guint n_steps = g_test_rand_int_range (0, 6);

  for (guint step = 0; step < n_steps; step++)
    {
      guint attempt = au_record_get_attempt (record);
      AuRecord *next = NULL;

      switch (g_test_rand_int_range (0, 6))
        {
        case 0:
          next = au_transition_begin (record, g_test_rand_bit () ? au_owner_get_own () : "another",
                                      g_test_rand_bit () ? 0 : g_get_real_time (), NULL);
          break;
        case 1:
          next = au_transition_report (record, attempt, g_test_rand_double_range (-1, 2), text, NULL);
          break;
        case 2:
          next = au_transition_set_metadata (record, "more", g_variant_new_string (text), NULL);
          break;
        case 3:
          g_set_error_literal (&reason, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, text);
          next = au_transition_fail (record, attempt, reason, NULL);
          g_clear_error (&reason);
          break;
        case 4:
          next = au_transition_cancel (record, NULL);
          break;
        default:
          {
            g_autoptr(GVariant) value = make_value ();

            if (value != NULL)
              g_variant_ref_sink (value);
            next = au_transition_complete (record, attempt, value, NULL);
          }
        }

      if (next != NULL)
        {
          au_record_unref (record);
          record = next;
        }
    }

  return record;
}

static void
test_record_bytes_are_a_variant (void)
{
  for (guint i = 0; i < N_ANY; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(AuRecord) record = make_any ();
      g_autoptr(GBytes) bytes = au_record_to_bytes (record);
      g_autoptr(GVariant) form = build_form (record);
      g_autoptr(AuRecord) of_form = au_record_from_variant (form, &error);
      g_autoptr(AuRecord) of_bytes = NULL;

      g_assert_no_error (error);
      assert_equal (of_form, record);
      of_bytes = au_record_from_bytes (bytes, &error);
      g_assert_no_error (error);
      assert_equal (of_bytes, record);

      if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
        g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                         g_variant_get_data (form), g_variant_get_size (form));
    }
}

/* What GVariant itself makes of bytes. */
static GVariant *
read_as_variant (GBytes *bytes)
{
  g_autoptr(AuRecord) record = au_record_new ("k", "f", NULL, NULL);
  g_autoptr(GVariant) form = au_record_to_variant (record);

  return g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (form), bytes, FALSE));
}

/* Options that this au does not know are left out, and progress has fewer digits. */
static gboolean
is_kept (GVariant *form,
         AuRecord *record)
{
  g_autoptr(GVariant) options = g_variant_get_child_value (form, OPTIONS);
  double progress;

  g_variant_get_child (form, PROGRESS, "d", &progress);

  return g_variant_n_children (options) == 0 && progress == au_record_get_progress (record);
}

/* What is taken is a record of which all is as it was written: there is only one form of
 * each. What GVariant takes is refused only for what it says. */
static void
assert_read_as_variant (GBytes *bytes)
{
  g_autoptr(GVariant) form = read_as_variant (bytes);
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = au_record_from_bytes (bytes, &error);

  g_assert_true ((record != NULL) == (error == NULL));
  if (record == NULL)
    {
      if (strstr (error->message, "normal form") != NULL)
        g_assert_false (g_variant_is_normal_form (form));
      return;
    }

  g_assert_true (g_variant_is_normal_form (form));
  if (is_kept (form, record))
    {
      g_autoptr(GBytes) again = au_record_to_bytes (record);

      g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again),
                       g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
}

static void
test_record_bytes_are_read_as_a_variant (void)
{
  for (guint i = 0; i < N_ANY; i++)
    {
      g_autoptr(AuRecord) record = make_any ();
      g_autoptr(GBytes) bytes = au_record_to_bytes (record);
      gsize size = g_bytes_get_size (bytes);

      for (guint j = 0; j < 20; j++)
        {
          guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
          gsize kept = g_test_rand_int_range (0, 4) > 0 ? size : (gsize) g_test_rand_int_range (0, size);
          guint n_damages = g_test_rand_int_range (0, 4);
          g_autoptr(GBytes) damaged = NULL;

          /* most often among the numbers at the end, and by little */
          for (guint k = 0; k < n_damages; k++)
            {
              gsize from = g_test_rand_bit () && size > 24 ? size - 24 : 0;
              guint8 *byte = &data[g_test_rand_int_range (from, size)];

              *byte = g_test_rand_bit () ? *byte + g_test_rand_int_range (-2, 3) : g_test_rand_int ();
            }
          data[0] = 1;

          damaged = g_bytes_new_take (data, kept);
          assert_read_as_variant (damaged);
        }
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

/* All years, and days of each month and length of year. */
static void
test_record_json_tells_the_day (void)
{
  const gint64 end = G_GINT64_CONSTANT (253402300800);

  for (gint64 day = 0; day < end; day += 331 * 24 * 3600)
    {
      gint64 second = day + g_test_rand_int_range (0, 24 * 3600);
      g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc (second);
      g_autofree char *expected = g_date_time_format (moment, "\"created\":\"%Y-%m-%dT%H:%M:%S.000001Z\"");
      g_autofree char *text = g_strdup_printf (START ",\"created\":%" G_GINT64_FORMAT "}",
                                               second * G_USEC_PER_SEC + 1);
      g_autoptr(GError) error = NULL;
      g_autoptr(AuRecord) record = au_record_from_json (text, -1, &error);
      g_autofree char *json = NULL;

      g_assert_no_error (error);
      json = au_record_to_json (record, FALSE);
      if (strstr (json, expected) == NULL)
        g_error ("%s is not in %s", expected, json);
    }
}

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
  g_test_add_func ("/record/json/tells-the-day", test_record_json_tells_the_day);
  g_test_add_func ("/record/json/that-is-none-is-refused", test_record_json_that_is_none_is_refused);
  g_test_add_func ("/record/json/of-an-abyss-is-refused", test_record_json_of_an_abyss_is_refused);
  g_test_add_func ("/record/bytes/are-the-same-record", test_record_bytes_are_the_same_record);
  g_test_add_func ("/record/bytes/are-a-variant", test_record_bytes_are_a_variant);
  g_test_add_func ("/record/bytes/are-read-as-a-variant", test_record_bytes_are_read_as_a_variant);
  g_test_add_func ("/record/bytes/that-are-odd-can-be-read-again", test_record_of_odd_bytes_can_be_read_again);
  g_test_add_func ("/record/damaged-never-crashes", test_record_damaged_never_crashes);

  return g_test_run ();
}
