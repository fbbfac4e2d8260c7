/* test-record.c: what a record holds, and that its stored forms hold the same
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* A sanitizer takes its time, and sees as much in fewer. */
#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
#define N_RECORDS (400)
#define N_GARBAGE (4000)
#else
#define N_RECORDS (2000)
#define N_GARBAGE (20000)
#endif
#define N_THREADS (4)
#define N_ROUNDS (2000)

static char *
random_text (gboolean empty)
{
  static const char *const pieces[] = {
    "a", "Z", "é", "🦆", "\001", "\177", "\"", "\\", "/", "\n", "\t", "\342\200\250", "\357\277\277", "日本", " ",
  };
  GString *text = g_string_new (empty ? NULL : "t");

  for (int i = g_test_rand_int_range (0, 6); i > 0; i--)
    g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);

  return g_string_free (text, FALSE);
}

static guint64
random_number (void)
{
  static const guint64 extremes[] = {
    0, 1, G_MAXINT32, G_MAXUINT32, G_MAXINT64, G_MAXUINT64, (guint64) G_MININT64, G_GUINT64_CONSTANT (9007199254740991),
    G_GUINT64_CONSTANT (9007199254740993),
  };

  if (g_test_rand_bit ())
    return extremes[g_test_rand_int_range (0, G_N_ELEMENTS (extremes))];

  return ((guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ()) >> g_test_rand_int_range (0, 64);
}

static gint64
random_time (void)
{
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return 0;
    case 1:
      return (gint64) random_number ();
    case 2:
      return G_GINT64_CONSTANT (253402300799999998) + g_test_rand_int_range (0, 4);
    default:
      return (gint64) (random_number () % G_GUINT64_CONSTANT (253402300800000000));
    }
}

static double
random_double (void)
{
  static const double extremes[] = { 0, -0.0, NAN, INFINITY, -INFINITY, 5e-324, 1.7976931348623157e308, 0.1, 1e20 };

  if (g_test_rand_bit ())
    return extremes[g_test_rand_int_range (0, G_N_ELEMENTS (extremes))];

  return ldexp (g_test_rand_double () - 0.5, g_test_rand_int_range (-1000, 1000));
}

static GVariant *
random_basic (void)
{
  g_autofree char *text = random_text (TRUE);

  switch (g_test_rand_int_range (0, 12))
    {
    case 0:
      return g_variant_new_boolean (g_test_rand_bit ());
    case 1:
      return g_variant_new_byte (random_number ());
    case 2:
      return g_variant_new_int16 (random_number ());
    case 3:
      return g_variant_new_uint16 (random_number ());
    case 4:
      return g_variant_new_int32 (random_number ());
    case 5:
      return g_variant_new_uint32 (random_number ());
    case 6:
      return g_variant_new_int64 (random_number ());
    case 7:
      return g_variant_new_uint64 (random_number ());
    case 8:
      return g_variant_new_double (random_double ());
    case 9:
      return g_variant_new_object_path ("/a/b");
    case 10:
      return g_variant_new_signature ("a{sv}");
    default:
      return g_variant_new_string (text);
    }
}

static GVariant *
random_value (guint depth)
{
  GVariant *children[3];
  guint n_children = g_test_rand_int_range (0, 4);

  if (depth == 0)
    return random_basic ();

  switch (g_test_rand_int_range (0, 6))
    {
    case 0:
      return g_variant_new_variant (random_value (depth - 1));
    case 1:
      return g_variant_new_maybe (NULL, random_value (depth - 1));
    case 2:
      for (guint i = 0; i < n_children; i++)
        children[i] = random_value (depth - 1);
      return g_variant_new_tuple (children, n_children);
    case 3:
      children[0] = random_value (depth - 1);
      children[1] = children[2] = children[0];
      return g_variant_new_array (g_variant_get_type (children[0]), children, MAX (n_children, 1));
    case 4:
      children[0] = g_variant_new_dict_entry (random_basic (), random_value (depth - 1));
      return g_variant_new_array (NULL, children, 1);
    default:
      return random_basic ();
    }
}

static GVariant *
random_dictionary (void)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (int i = g_test_rand_int_range (0, 4); i > 0; i--)
    {
      g_autofree char *name = random_text (TRUE);

      g_variant_builder_add (&builder, "{sv}", g_test_rand_bit () ? "bytes" : name, random_value (2));
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
random_options (void)
{
  static const char *const words[] = { "one", "deux", "🦆", "", NULL };
  g_autoptr(AuOptions) options = au_options_new ();

  if (g_test_rand_bit ())
    return au_options_to_variant (options);

  au_options_set_ttl (options, random_number () & G_MAXINT64);
  au_options_set_delay (options, random_number () & G_MAXINT64);
  au_options_set_due (options, random_number () & G_MAXINT64);
  au_options_set_priority (options, (int) random_number ());
  au_options_set_attempts (options, 1 + random_number () % G_MAXUINT32);
  au_options_set_queue (options, "mail");
  au_options_set_unique_key (options, "é \"x\"");
  au_options_set_tags (options, words);
  au_options_set_after (options, words);
  au_options_set_metadata (options, random_dictionary ());

  return au_options_to_variant (options);
}

static GVariant *
random_form (void)
{
  guint8 status = g_test_rand_int_range (0, 5);
  gboolean has_error = status == AU_STATUS_FAILED || g_test_rand_bit ();
  gboolean has_value = status == AU_STATUS_COMPLETED && g_test_rand_bit ();
  guint64 revision = 1 + (random_number () & G_MAXINT64) % (G_MAXINT64 - 1);
  g_autofree char *function = random_text (FALSE);
  g_autofree char *text = random_text (TRUE);
  g_autofree char *owner = random_text (TRUE);
  GVariant *options = random_options ();
  GVariant *metadata = g_test_rand_bit () ? random_dictionary () : NULL;
  GVariant *arguments = g_test_rand_bit () ? g_variant_new_variant (random_value (4)) : NULL;
  GVariant *value = has_value ? g_variant_new_variant (random_value (4)) : NULL;
  g_autoptr(GVariant) owned_options = options;
  float progress = g_test_rand_bit () ? -1 : g_test_rand_double ();

  return g_variant_ref_sink (
    g_variant_new ("(yssy@mv@mvm(sis)xxxxxxuuudmsmstbt@a{sv}@ma{sv})", 1, "a.Key-1:_", function, status,
                   g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, arguments),
                   g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, value),
                   has_error, text, (int) random_number (), owner,
                   random_time (), random_time (), random_time (), random_time (), random_time (), random_time (),
                   1 + (guint) (random_number () % G_MAXUINT32), (guint) random_number (), (guint) random_number (),
                   (double) progress, g_test_rand_bit () ? text : NULL, g_test_rand_bit () ? owner : NULL,
                   random_number (), g_test_rand_bit (), revision, options,
                   g_variant_new_maybe (G_VARIANT_TYPE_VARDICT, metadata)));
}

static AuRecord *
random_record (void)
{
  g_autoptr(GVariant) form = random_form ();
  g_autoptr(GError) error = NULL;
  AuRecord *record = au_record_from_variant (form, &error);

  g_assert_no_error (error);

  return record;
}

static void
assert_same (AuRecord *a,
             AuRecord *b)
{
  g_autoptr(GBytes) of_a = au_record_to_bytes (a);
  g_autoptr(GBytes) of_b = au_record_to_bytes (b);

  g_assert_cmpmem (g_bytes_get_data (of_a, NULL), g_bytes_get_size (of_a),
                   g_bytes_get_data (of_b, NULL), g_bytes_get_size (of_b));
}

static void
test_new_record_is_pending_and_created_now (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) keyless = au_record_new (NULL, "f", NULL, NULL);
  g_autoptr(GVariant) wanted = NULL;
  gint64 now = au_clock_get_real_time ();

  au_options_set_key (options, "of-options");
  au_options_set_delay (options, 7);
  record = au_record_new (NULL, "digest.file", g_variant_new ("(s)", "x"), options);

  g_assert_cmpstr (au_record_get_key (record), ==, "of-options");
  g_assert_cmpstr (au_record_get_function (record), ==, "digest.file");
  wanted = g_variant_ref_sink (g_variant_new_parsed ("('x',)"));
  g_assert_cmpvariant (au_record_get_arguments (record), wanted);
  g_assert_cmpint (au_options_get_delay (au_record_get_options (record)), ==, 7);
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_PENDING);
  g_assert_cmpuint (au_record_get_revision (record), ==, 1);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 0);
  g_assert_cmpuint (au_record_get_failures (record), ==, 0);
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);
  g_assert_null (au_record_get_value (record));
  g_assert_false (au_record_has_error (record));
  g_assert_null (au_record_dup_error (record));
  g_assert_cmpint (au_record_get_created (record), ==, now);
  g_assert_cmpint (au_record_get_due (record), ==, now + 7);
  g_assert_cmpint (au_record_get_started (record), ==, 0);
  g_assert_cmpint (au_record_get_completed (record), ==, 0);
  g_assert_cmpint (au_record_get_expires (record), ==, 0);
  g_assert_cmpint (au_record_get_lease_end (record), ==, 0);
  g_assert_cmpfloat (au_record_get_progress (record), ==, -1);
  g_assert_null (au_record_get_status_text (record));
  g_assert_null (au_record_get_metadata (record));
  g_assert_cmpuint (au_record_get_n_items (record), ==, 0);
  g_assert_null (au_record_get_owner (record));
  g_assert_false (au_record_get_cancel_requested (record));

  g_assert_true (au_key_is_valid (au_record_get_key (keyless)));
  g_assert_null (au_record_get_arguments (keyless));
  g_assert_nonnull (au_record_get_options (keyless));
}

static gpointer
use_record (gpointer data)
{
  g_autoptr(AuRecord) record = data;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr(AuRecord) next = au_transition_report (record, 1, 0.5, "half", NULL);
      g_autoptr(AuRecord) held = g_boxed_copy (AU_TYPE_RECORD, record);

      g_assert_cmpuint (au_record_get_revision (next), ==, 3);
      g_assert_cmpuint (au_record_get_revision (held), ==, 2);
      g_assert_true (au_record_get_arguments (next) == au_record_get_arguments (held));
    }

  return NULL;
}

static void
set_freed (gpointer freed)
{
  *(gboolean *) freed = TRUE;
}

static void
test_threads_share_a_record (void)
{
  gboolean freed = FALSE;
  g_autoptr(GBytes) bytes = g_bytes_new_with_free_func ("12345678", 8, set_freed, &freed);
  AuRecord *first = au_record_new ("key", "f", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE), NULL);
  AuRecord *record = au_transition_begin (first, "host/boot/1/2", 0, NULL);
  GThread *threads[N_THREADS];

  g_clear_pointer (&bytes, g_bytes_unref);
  au_record_unref (first);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("user", use_record, au_record_ref (record));
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_assert_false (freed);
  au_record_unref (record);
  g_assert_true (freed);
}

static void
test_forms_are_the_same_record (void)
{
  for (guint i = 0; i < N_RECORDS; i++)
    {
      g_autoptr(GVariant) form = random_form ();
      g_autoptr(GVariant) form_again = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(AuRecord) record = au_record_from_variant (form, &error);

      g_assert_no_error (error);
      form_again = au_record_to_variant (record);
      g_assert_cmpmem (g_variant_get_data (form), g_variant_get_size (form),
                       g_variant_get_data (form_again), g_variant_get_size (form_again));

      for (guint trip = 0; trip < 2; trip++)
        {
          g_autoptr(GBytes) bytes = au_record_to_bytes (record);
          g_autoptr(AuRecord) of_bytes = au_record_from_bytes (bytes, &error);
          g_autofree char *json = au_record_to_json (record, trip);
          g_autoptr(AuRecord) of_json = au_record_from_json (json, -1, &error);

          g_assert_no_error (error);
          assert_same (of_bytes, record);
          assert_same (of_json, record);
          au_record_unref (record);
          record = g_steal_pointer (&of_json);
        }
    }
}

static void
test_texts_that_are_not_utf8_are_stored (void)
{
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "no file \xff");
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) kept = NULL;
  g_autoptr(AuRecord) pending = au_record_new ("key", "f", NULL, NULL);
  g_autoptr(AuRecord) running = au_transition_begin (pending, "host\xfe", 0, NULL);
  g_autoptr(AuRecord) reported = au_transition_report (running, 1, 0, "at \xff", NULL);
  g_autoptr(AuRecord) failed = au_transition_fail (reported, 1, reason, NULL);
  g_autoptr(GBytes) bytes = au_record_to_bytes (failed);
  g_autoptr(AuRecord) read = au_record_from_bytes (bytes, &error);

  g_assert_no_error (error);
  kept = au_record_dup_error (read);
  g_assert_error (kept, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (kept->message, ==, "no file \357\277\275");
  g_assert_cmpstr (au_record_get_status_text (read), ==, "at \357\277\275");
  g_assert_cmpstr (au_record_get_owner (read), ==, "host\357\277\275");
}

/* A format that changes must get another version. */
static void
test_stored_bytes_never_change (void)
{
  static const char *const hex =
    "016b65790066000305000000000000000028782900000000640000000700000062616400020000000100000000000000"
    "020000000000000003000000000000000400000000000000050000000000000006000000000000000700000008000000"
    "0900000000000000000000000000e03f7465787400006d6500000000000000000a000000000000000100000000000000"
    "0b0000000000000074746c00000000000c000000000000000078041300000000610000000000000062000073020d00ac"
    "7a762618150705";
  g_autoptr(GVariant) form = g_variant_ref_sink (g_variant_new_parsed (
    "(byte 1, 'key', 'f', byte 3, @mv just <(int64 5,)>, @mv nothing, @m(sis) just ('d', 7, 'bad'), "
    "int64 1, int64 2, int64 3, int64 4, int64 5, int64 6, uint32 7, uint32 8, uint32 9, 0.5, "
    "@ms just 'text', @ms just 'me', uint64 10, true, uint64 11, {'ttl': <int64 12>}, @ma{sv} just {'a': <'b'>})"));
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = au_record_from_variant (form, &error);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  const guint8 *data;
  gsize size;

  g_assert_no_error (error);
  bytes = au_record_to_bytes (record);
  data = g_bytes_get_data (bytes, &size);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  g_assert_cmpstr (text->str, ==, hex);
}

/* Python takes NaN for JSON, and of two equal names the last one, if one lets it. */
static void
test_other_readers_accept_the_json (void)
{
  static const char *const script =
    "import json, sys\n"
    "def refuse (what): raise ValueError (what)\n"
    "def unique (pairs):\n"
    "  return dict (pairs) if len (dict (pairs)) == len (pairs) else refuse ('twice the same name')\n"
    "for line in open (sys.argv[1], encoding='utf-8', newline='\\n'):\n"
    "  json.loads (line, parse_constant=refuse, object_pairs_hook=unique)\n";
  g_autofree char *python = g_find_program_in_path ("python3");
  g_autofree char *output = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  int fd, status;

  if (python == NULL)
    {
      g_test_skip ("there is no python3");
      return;
    }

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr(AuRecord) record = random_record ();
      g_autofree char *json = au_record_to_json (record, FALSE);

      g_string_append_printf (text, "%s\n", json);
    }
  fd = g_file_open_tmp ("au-record-XXXXXX", &path, &error);
  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, text->str, text->len, &error));

  {
    const char *const strict[] = { python, "-c", script, path, NULL };
    const char *const tool[] = { python, "-m", "json.tool", "--json-lines", path, "/dev/null", NULL };

    g_assert_true (g_spawn_sync (NULL, (char **) strict, NULL, 0, NULL, NULL, NULL, &output, &status, &error));
    g_assert_cmpstr (output, ==, "");
    g_assert_true (g_spawn_check_wait_status (status, NULL));
    g_assert_true (g_spawn_sync (NULL, (char **) tool, NULL, 0, NULL, NULL, NULL, NULL, &status, &error));
    g_assert_true (g_spawn_check_wait_status (status, NULL));
  }
  g_remove (path);
}

/* What was read is a whole record: all of it can be asked for, and stored again. */
static void
assert_whole_or_error (AuRecord     *record,
                       const GError *error)
{
  g_autoptr(GError) no_error = NULL;
  g_autoptr(GError) kept = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(AuRecord) again = NULL;

  if (record == NULL)
    {
      g_assert_true (g_error_matches (error, AU_ERROR, AU_ERROR_DAMAGED) ||
                     g_error_matches (error, AU_ERROR, AU_ERROR_UNSUPPORTED));
      return;
    }

  g_assert_null (error);
  g_assert_true (au_key_is_valid (au_record_get_key (record)));
  g_assert_cmpstr (au_record_get_function (record), !=, "");
  g_assert_cmpint (au_record_get_status (record), <=, AU_STATUS_CANCELLED);
  kept = au_record_dup_error (record);
  g_assert_true (kept != NULL || au_record_get_status (record) != AU_STATUS_FAILED);
  bytes = au_record_to_bytes (record);
  again = au_record_from_bytes (bytes, &no_error);
  g_assert_no_error (no_error);
  assert_same (again, record);
}

static AuRecord *
make_rich (void)
{
  g_autoptr(GError) error = NULL;
  AuRecord *record = au_record_from_json (
    "{\"au\":1,\"key\":\"k\",\"function\":\"f\",\"status\":\"failed\",\"arguments\":{\"type\":\"(is)\",\"value\":[5,\"x\"]},"
    "\"error\":{\"domain\":\"d\",\"code\":3,\"message\":\"bad\"},\"created\":5,\"attempt\":3,\"progress\":0.5,"
    "\"status-text\":\"half\",\"owner\":\"me\",\"revision\":7,\"options\":{\"ttl\":{\"type\":\"x\",\"value\":5}},"
    "\"metadata\":{\"a\":{\"type\":\"i\",\"value\":5}}}", -1, &error);

  g_assert_no_error (error);

  return record;
}

static void
test_bytes_cut_short_are_refused (void)
{
  g_autoptr(AuRecord) record = make_rich ();
  g_autoptr(GBytes) bytes = au_record_to_bytes (record);

  for (gsize size = 0; size < g_bytes_get_size (bytes); size++)
    {
      g_autoptr(GBytes) cut = g_bytes_new_from_bytes (bytes, 0, size);
      g_autoptr(GError) error = NULL;

      g_assert_null (au_record_from_bytes (cut, &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
    }
}

/* Whether to try this one of the 255 ways to change a byte: each single bit, all of them,
 * and some others; every one with “-m slow”. */
static gboolean
is_tried (guint flip)
{
  return g_test_slow () || (flip & (flip - 1)) == 0 || flip == 0xff || g_test_rand_int_range (0, 64) == 0;
}

static void
test_bytes_with_one_changed_are_whole_or_refused (void)
{
  g_autoptr(AuRecord) record = make_rich ();
  g_autoptr(GBytes) bytes = au_record_to_bytes (record);
  gsize size = g_bytes_get_size (bytes);

  for (gsize i = 0; i < size; i++)
    for (guint flip = 1; flip < 256; flip++)
      {
        guint8 *data;
        g_autoptr(GBytes) changed = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(AuRecord) read = NULL;

        if (!is_tried (flip))
          continue;

        data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
        changed = g_bytes_new_take (data, size);
        data[i] ^= flip;
        read = au_record_from_bytes (changed, &error);
        assert_whole_or_error (read, error);
        if (i == 0)
          g_assert_error (error, AU_ERROR, (data[0] > 1 ? AU_ERROR_UNSUPPORTED : AU_ERROR_DAMAGED));
      }
}

static void
test_garbage_is_refused (void)
{
  static const char *const tokens[] = {
    "{", "}", "[", "]", ",", ":", "\"au\":1", "\"key\":\"k\"", "\"value\"", "\"type\"", "\"s\"", "null", "1", "-1e9", "\\u",
  };

  for (guint i = 0; i < N_GARBAGE; i++)
    {
      gsize size = g_test_rand_int_range (0, 200);
      guint8 *data = g_malloc (size + 1);
      g_autoptr(GBytes) bytes = g_bytes_new_take (data, size);
      g_autoptr(GString) text = g_string_new ("{\"au\":1,");
      g_autoptr(GError) error = NULL;
      g_autoptr(GError) error_of_json = NULL;

      for (gsize k = 0; k < size; k++)
        data[k] = g_test_rand_int ();
      data[0] = 1;
      for (int k = g_test_rand_int_range (0, 20); k > 0; k--)
        g_string_append (text, tokens[g_test_rand_int_range (0, G_N_ELEMENTS (tokens))]);

      g_assert_null (au_record_from_bytes (bytes, &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
      g_assert_null (au_record_from_json (text->str, text->len, &error_of_json));
      g_assert_error (error_of_json, AU_ERROR, AU_ERROR_DAMAGED);
    }
}

static const struct
{
  const char *name;
  const char *value;
  gboolean    required;
} members[] = {
  { "au", "1", TRUE },
  { "key", "\"k\"", TRUE },
  { "function", "\"f\"", TRUE },
  { "status", "\"failed\"", TRUE },
  { "arguments", "{\"type\":\"(i)\",\"value\":[5]}", FALSE },
  { "error", "{\"domain\":\"d\",\"code\":3,\"message\":\"bad\"}", TRUE },
  { "created", "\"2026-01-02T03:04:05.000006Z\"", FALSE },
  { "due", "5", FALSE },
  { "attempt", "3", FALSE },
  { "items", "\"18446744073709551615\"", FALSE },
  { "progress", "0.5", FALSE },
  { "status-text", "\"half\"", FALSE },
  { "owner", "\"me\"", FALSE },
  { "cancel-requested", "true", FALSE },
  { "revision", "7", TRUE },
  { "options", "{\"ttl\":{\"type\":\"x\",\"value\":5}}", FALSE },
  { "metadata", "{\"a\":{\"type\":\"i\",\"value\":5}}", FALSE },
};

/* The record with @other in place of the value of a member, or without the member. */
static AuRecord *
read_altered (guint        member,
              const char  *other,
              gboolean     twice,
              GError     **error)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (i != member || other != NULL)
      g_string_append_printf (text, "%c\"%s\":%s", text->len == 0 ? '{' : ',', members[i].name,
                              i == member ? other : members[i].value);
  if (twice)
    g_string_append_printf (text, ",\"%s\":%s", members[member].name, members[member].value);
  g_string_append_c (text, '}');
  g_test_message ("%s", text->str);

  return au_record_from_json (text->str, -1, error);
}

static void
test_json_members_that_are_wrong_are_refused (void)
{
  static const char *const others[] = {
    "null", "[]", "{}", "[[[[]]]]", "true", "\"\"", "-1", "1e30", "1e999", "123456789012345678901234567890", "\"2\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GError) error_of_two = NULL;
      g_autoptr(AuRecord) without = read_altered (i, NULL, FALSE, &error);

      g_assert_true ((without == NULL) == members[i].required);
      assert_whole_or_error (without, error);
      g_assert_null (read_altered (i, members[i].value, TRUE, &error_of_two));
      g_assert_error (error_of_two, AU_ERROR, AU_ERROR_DAMAGED);

      for (guint k = 0; k < G_N_ELEMENTS (others); k++)
        {
          g_autoptr(GError) reason = NULL;
          g_autoptr(AuRecord) read = read_altered (i, others[k], FALSE, &reason);

          assert_whole_or_error (read, reason);
          if (k == 0 || k == 3 || k == 8)
            g_assert_error (reason, AU_ERROR, AU_ERROR_DAMAGED);
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  au_clock_freeze ();

  g_test_add_func ("/record/new-is-pending-and-created-now", test_new_record_is_pending_and_created_now);
  g_test_add_func ("/record/threads-share-one", test_threads_share_a_record);
  g_test_add_func ("/record/forms/are-the-same-record", test_forms_are_the_same_record);
  g_test_add_func ("/record/forms/hold-texts-that-are-not-utf8", test_texts_that_are_not_utf8_are_stored);
  g_test_add_func ("/record/bytes/never-change", test_stored_bytes_never_change);
  g_test_add_func ("/record/bytes/cut-short-are-refused", test_bytes_cut_short_are_refused);
  g_test_add_func ("/record/bytes/with-one-changed-are-whole-or-refused",
                   test_bytes_with_one_changed_are_whole_or_refused);
  g_test_add_func ("/record/json/other-readers-accept-it", test_other_readers_accept_the_json);
  g_test_add_func ("/record/json/members-that-are-wrong-are-refused", test_json_members_that_are_wrong_are_refused);
  g_test_add_func ("/record/garbage-is-refused", test_garbage_is_refused);

  return g_test_run ();
}
