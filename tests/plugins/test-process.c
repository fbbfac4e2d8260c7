/* test-process.c: computations in worker processes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define N_SHORT (2000)

static GVariant *
own_func (AuCall    *call,
          GVariant  *arguments,
          gpointer   data,
          GError   **error)
{
  return g_variant_new_int32 (getpid ());
}

static void
test_runs_elsewhere (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(GVariant) pid = process_call (engine, "trial.pid", NULL);

  g_assert_cmpint (g_variant_get_int32 (pid), >, 0);
  g_assert_cmpint (g_variant_get_int32 (pid), !=, getpid ());
}

static void
test_stays_warm (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1"));
  g_autoptr(GVariant) first = process_call (engine, "trial.pid", NULL);

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr(GVariant) next = process_call (engine, "trial.pid", NULL);

      g_assert_cmpint (g_variant_get_int32 (next), ==, g_variant_get_int32 (first));
    }
}

/* A module that the worker finds by the name of its function. */
static void
test_helper (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("program=au-worker"));
  g_autoptr(GVariant) value = NULL;
  g_autofree char *path = process_new_path ();
  const char *type;
  guint64 size, n_lines;

  g_assert_true (g_file_set_contents (path, "one\ntwo\n", -1, NULL));
  value = process_call (engine, "digest.file", g_variant_new ("(s)", path));
  g_variant_get (value, "(&st&st)", &type, &size, NULL, &n_lines);
  g_assert_cmpuint (size, ==, 8);
  g_assert_cmpuint (n_lines, ==, 2);
  g_unlink (path);
}

static void
test_helper_without_function (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("program=au-worker"));
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.pid", NULL);
  g_autoptr(GError) error = process_error (handle);

  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
  g_assert_nonnull (strstr (error->message, "trial.pid"));
}

/* A program whose worker is refused, and that says why: with both versions. */
static void
assert_refused (AuBackend  *backend,
                const char *pattern)
{
  g_autoptr(AuEngine) engine = process_engine (backend);
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.square", g_variant_new ("(x)", (gint64) 2));
  g_autoptr(GError) error = process_error (handle);
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);

  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION);
  if (!g_regex_match_simple (pattern, error->message, 0, 0))
    g_error ("“%s” is not in “%s”", pattern, error->message);

  /* Nothing was lost: it did not even begin there. */
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);
}

static void
test_other_build (void)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "plugins", "other-worker", NULL);
  g_autofree char *setting = g_strdup_printf ("program=%s", program);

  assert_refused (process_backend (setting),
                  "the worker uses au_backend_process " AU_VERSION_S " \\([0-9a-f]+\\), and this program "
                  AU_VERSION_S " \\([0-9a-f]+\\): ");
}

static void
test_other_functions (void)
{
  g_setenv ("AU_TRIAL_OTHER", "1", TRUE);
  assert_refused (process_backend (NULL),
                  "function “trial.square” turns “\\(i\\)” into “i”, and that of this program “\\(x\\)” into “x”");
  g_unsetenv ("AU_TRIAL_OTHER");
}

/* What this program has registered before au_init () runs elsewhere, and what an engine
 * has for itself runs here, if it may. */
static void
test_fallback (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("fallback=thread"));
  g_autoptr(AuEngine) strict = process_engine (process_backend (NULL));
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) here = NULL;
  g_autoptr(GVariant) there = NULL;
  g_autoptr(GError) error = NULL;

  function = au_function_new ("own", "()", "i", AU_FUNCTION_NONE, own_func, NULL, NULL, &error);
  g_assert_no_error (error);
  au_engine_add_function (engine, function);
  au_engine_add_function (strict, function);

  here = process_call (engine, "own", NULL);
  there = process_call (engine, "trial.pid", NULL);
  g_assert_cmpint (g_variant_get_int32 (here), ==, getpid ());
  g_assert_cmpint (g_variant_get_int32 (there), !=, getpid ());

  handle = process_submit (strict, "own", NULL);
  error = process_error (handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
}

static void
test_error (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.fail", NULL);
  g_autoptr(GError) error = process_error (handle);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "no such host");
}

static void
test_call (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  const char *key, *function, *colour;
  gboolean in_time;
  guint attempt;

  au_options_set_metadata (options, g_variant_new_parsed ("{'colour': <'blue'>}"));
  au_options_set_timeout (options, G_TIME_SPAN_HOUR);
  handle = au_engine_submit (engine, "trial.describe", NULL, options, &error);
  g_assert_no_error (error);

  value = process_value (handle);
  g_variant_get (value, "(&s&su&sb)", &key, &function, &attempt, &colour, &in_time);
  g_assert_cmpstr (key, ==, au_handle_get_key (handle));
  g_assert_cmpstr (function, ==, "trial.describe");
  g_assert_cmpuint (attempt, ==, 1);
  g_assert_cmpstr (colour, ==, "blue");
  g_assert_true (in_time);
}

static void
test_async (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(GVariant) value = process_call (engine, "trial.async", NULL);

  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "later");
}

static void
test_many (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);

  for (gint64 i = 0; i < N_SHORT; i++)
    g_ptr_array_add (handles, process_submit (engine, "trial.square", g_variant_new ("(x)", i)));

  for (gint64 i = 0; i < N_SHORT; i++)
    {
      g_autoptr(GVariant) value = process_value (g_ptr_array_index (handles, i));

      g_assert_cmpint (g_variant_get_int64 (value), ==, i * i);
    }
}

static void
test_large (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  const gsize sizes[] = { 0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 128 * 1024, 3000001 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree guint8 *bytes = g_malloc (sizes[i] + 1);
      g_autoptr(GVariant) value = NULL;
      gconstpointer data;
      gsize size;

      for (gsize j = 0; j < sizes[i]; j++)
        bytes[j] = j * 31 + j / 253;

      value = process_call (engine, "trial.echo",
                            g_variant_new ("(@ay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, sizes[i], 1)));
      data = g_variant_get_fixed_array (value, &size, 1);
      g_assert_cmpmem (data, size, bytes, sizes[i]);
    }
}

static void
test_built_in_place (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  const guint64 sizes[] = { 1, 4096, 4097, 5000000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GVariant) value = process_call (engine, "trial.built", g_variant_new ("(t)", sizes[i]));
      const guint8 *data;
      gsize size;

      data = g_variant_get_fixed_array (value, &size, 1);
      g_assert_cmpuint (size, ==, sizes[i]);
      for (gsize j = 0; j < size; j++)
        g_assert_cmpuint (data[j], ==, 'b');
    }
}

static void
test_items (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.count", g_variant_new ("(u)", 300));
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr(GVariant) item = au_handle_next_item (handle, -1, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_get_uint32 (item), ==, i);
    }
  g_assert_null (au_handle_next_item (handle, -1, NULL, &error));
  g_assert_no_error (error);
}

static void
test_items_unread (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.count", g_variant_new ("(u)", 1000));
  g_autoptr(GError) error = NULL;

  au_handle_wait (handle, -1, NULL, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr(GVariant) item = au_handle_next_item (handle, -1, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_get_uint32 (item), ==, i);
    }
}

static gboolean
was_made (const char *path,
          guint       item)
{
  g_autofree char *name = g_strdup_printf ("%s%u", path, item);

  return g_file_test (name, G_FILE_TEST_EXISTS);
}

/* Of a generator that may be no item ahead, each is made only when it is asked for. */
static void
test_items_wait_for_their_reader (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=2"));
  g_autoptr(AuOptions) options = au_options_new ();
  g_autofree char *path = process_new_path ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_ahead (options, 0);
  handle = au_engine_submit (engine, "trial.trace", g_variant_new ("(s)", path), options, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr(GVariant) item = au_handle_next_item (handle, -1, NULL, &error);
      g_autofree char *name = g_strdup_printf ("%s%u", path, i);
      g_autoptr(GVariant) pid = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_get_uint32 (item), ==, i);

      /* What another worker does takes long enough for a mistake to show. */
      pid = process_call (engine, "trial.pid", NULL);
      g_assert_false (was_made (path, i + 1));
      g_unlink (name);
    }
}

static void
test_progress (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.report", NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  /* The last report is told of, however many there were before. */
  while (g_strcmp0 (text, "all done") != 0)
    {
      g_main_context_iteration (NULL, FALSE);
      g_free (text);
      text = au_handle_dup_status_text (handle);
    }
  g_assert_cmpfloat (au_handle_get_progress (handle), ==, 1.0);

  au_handle_cancel (handle);
  error = process_error (handle);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A job behind a long one is given to another worker, or waits for its turn. */
static void
test_long_ones_do_not_hold_up (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=2"));
  g_autofree char *path = process_new_path ();
  g_autoptr(AuHandle) long_one = NULL;
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GVariant) pid = NULL;

  /* So that squares are known to be short. */
  for (gint64 i = 0; i < 50; i++)
    g_variant_unref (process_call (engine, "trial.square", g_variant_new ("(x)", i)));

  long_one = process_submit (engine, "trial.wait", g_variant_new ("(s)", path));
  for (gint64 i = 0; i < N_SHORT; i++)
    g_ptr_array_add (handles, process_submit (engine, "trial.square", g_variant_new ("(x)", i)));
  for (gint64 i = 0; i < N_SHORT; i++)
    g_variant_unref (process_value (g_ptr_array_index (handles, i)));

  process_await_file (path);
  g_unlink (path);
  pid = process_value (long_one);
}

static guint64
get_count (AuMiddleware *metrics,
           const char   *name)
{
  g_autoptr(GVariant) snapshot = NULL;
  guint64 count = 0;

  g_object_get (metrics, "snapshot", &snapshot, NULL);
  g_assert_true (g_variant_lookup (snapshot, name, "t", &count));

  return count;
}

/* Middleware is told in the program, whatever process works. */
static void
test_metrics (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (NULL));
  g_autoptr(GError) error = NULL;
  g_autoptr(AuMiddleware) metrics = au_part_new (AU_MODULE_MIDDLEWARE, "metrics", &error, NULL);

  g_assert_no_error (error);
  au_engine_add_middleware (engine, metrics);

  for (guint i = 0; i < 5; i++)
    g_variant_unref (process_call (engine, "trial.pid", NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(AuHandle) handle = process_submit (engine, "trial.fail", NULL);

      error = process_error (handle);
      g_clear_error (&error);
    }

  g_assert_cmpuint (get_count (metrics, "submitted"), ==, 7);
  g_assert_cmpuint (get_count (metrics, "started"), ==, 7);
  g_assert_cmpuint (get_count (metrics, "completed"), ==, 5);
  g_assert_cmpuint (get_count (metrics, "failed"), ==, 2);
}

int
main (int    argc,
      char **argv)
{
  process_init (&argc, &argv);

  g_test_add_func ("/process/runs-elsewhere", test_runs_elsewhere);
  g_test_add_func ("/process/stays-warm", test_stays_warm);
  g_test_add_func ("/process/helper", test_helper);
  g_test_add_func ("/process/helper-without-function", test_helper_without_function);
  g_test_add_func ("/process/other-build", test_other_build);
  g_test_add_func ("/process/other-functions", test_other_functions);
  g_test_add_func ("/process/fallback", test_fallback);
  g_test_add_func ("/process/error", test_error);
  g_test_add_func ("/process/call", test_call);
  g_test_add_func ("/process/async", test_async);
  g_test_add_func ("/process/many", test_many);
  g_test_add_func ("/process/large", test_large);
  g_test_add_func ("/process/built-in-place", test_built_in_place);
  g_test_add_func ("/process/items", test_items);
  g_test_add_func ("/process/items-unread", test_items_unread);
  g_test_add_func ("/process/items-wait-for-their-reader", test_items_wait_for_their_reader);
  g_test_add_func ("/process/progress", test_progress);
  g_test_add_func ("/process/long-ones-do-not-hold-up", test_long_ones_do_not_hold_up);
  g_test_add_func ("/process/metrics", test_metrics);

  return g_test_run ();
}
