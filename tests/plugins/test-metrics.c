/* test-metrics.c: the middleware that counts
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "plugins-fixture.h"

#include <string.h>

static AuMiddleware *
metrics_new (void)
{
  g_autoptr(GError) error = NULL;
  AuMiddleware *metrics = au_part_new (AU_MODULE_MIDDLEWARE, "metrics", &error, NULL);

  g_assert_no_error (error);
  return metrics;
}

/* The counters of @function, or the totals. */
static GVariant *
get_counters (AuMiddleware *metrics,
              const char   *function)
{
  g_autoptr(GVariant) snapshot = NULL;
  g_autoptr(GVariant) functions = NULL;

  g_object_get (metrics, "snapshot", &snapshot, NULL);
  g_assert_true (g_variant_is_of_type (snapshot, G_VARIANT_TYPE_VARDICT));
  if (function == NULL)
    return g_steal_pointer (&snapshot);

  functions = g_variant_lookup_value (snapshot, "functions", G_VARIANT_TYPE ("a{sa{sv}}"));
  g_assert_nonnull (functions);
  return g_variant_lookup_value (functions, function, G_VARIANT_TYPE_VARDICT);
}

static guint64
get_count (AuMiddleware *metrics,
           const char   *function,
           const char   *name)
{
  g_autoptr(GVariant) counters = get_counters (metrics, function);
  guint64 count = 0;

  g_assert_nonnull (counters);
  g_assert_true (g_variant_lookup (counters, name, "t", &count));
  return count;
}

static void
assert_counts (AuMiddleware *metrics,
               const char   *function,
               guint64       started,
               guint64       refused,
               guint64       completed,
               guint64       failed,
               guint64       cancelled,
               guint64       retried,
               guint64       lost)
{
  g_assert_cmpuint (get_count (metrics, function, "started"), ==, started);
  g_assert_cmpuint (get_count (metrics, function, "refused"), ==, refused);
  g_assert_cmpuint (get_count (metrics, function, "completed"), ==, completed);
  g_assert_cmpuint (get_count (metrics, function, "failed"), ==, failed);
  g_assert_cmpuint (get_count (metrics, function, "cancelled"), ==, cancelled);
  g_assert_cmpuint (get_count (metrics, function, "retried"), ==, retried);
  g_assert_cmpuint (get_count (metrics, function, "lost"), ==, lost);
}

/* Tells @metrics of an attempt that takes @duration, without running any. */
static void
complete_one (AuMiddleware *metrics,
              const char   *function,
              GTimeSpan     duration)
{
  g_autoptr(AuRecord) pending = fixture_pending (function, 1);
  g_autoptr(AuRecord) running = fixture_begin (pending);
  g_autoptr(AuRecord) completed = NULL;

  au_middleware_attempt_started (metrics, NULL, running);
  au_clock_advance (duration);
  completed = fixture_complete (running);
  g_assert_true (au_middleware_after_compute (metrics, NULL, completed, NULL));
}

static void
test_metrics_start_at_zero (void)
{
  g_autoptr(AuMiddleware) metrics = metrics_new ();
  g_autoptr(GVariant) snapshot = get_counters (metrics, NULL);
  g_autofree char *text = NULL;

  assert_counts (metrics, NULL, 0, 0, 0, 0, 0, 0, 0);
  g_assert_cmpuint (get_count (metrics, NULL, "submitted"), ==, 0);
  g_assert_cmpuint (get_count (metrics, NULL, "duration-count"), ==, 0);
  g_assert_null (g_variant_lookup_value (snapshot, "duration-min", NULL));

  g_object_get (metrics, "prometheus", &text, NULL);
  g_assert_nonnull (strstr (text, "# TYPE au_computations_submitted_total counter\n"));
  g_assert_null (strstr (text, "{"));
}

static void
test_metrics_every_end_counts_once (void)
{
  g_autoptr(AuMiddleware) metrics = metrics_new ();
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "no luck");
  g_autoptr(GError) lost = g_error_new_literal (AU_ERROR, AU_ERROR_WORKER_LOST, "gone");
  g_autoptr(GError) late = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "late");
  g_autoptr(GError) unmet = g_error_new_literal (AU_ERROR, AU_ERROR_DEPENDENCY, "unmet");
  g_autoptr(AuRecord) pending = fixture_pending ("f", 2);
  g_autoptr(AuRecord) refused = au_transition_refuse (pending, reason, NULL);
  g_autoptr(AuRecord) running = fixture_begin (pending);
  g_autoptr(AuRecord) again = fixture_fail (running, reason);
  g_autoptr(AuRecord) running_again = fixture_begin (again);
  g_autoptr(AuRecord) failed = fixture_fail (running_again, reason);
  g_autoptr(AuRecord) cancelled = fixture_cancel (pending);

  au_middleware_attempt_started (metrics, NULL, running);
  assert_counts (metrics, "f", 1, 0, 0, 0, 0, 0, 0);
  au_middleware_attempt_failed (metrics, NULL, again, reason);
  assert_counts (metrics, "f", 1, 0, 0, 0, 0, 1, 0);
  au_middleware_attempt_failed (metrics, NULL, again, lost);
  assert_counts (metrics, "f", 1, 0, 0, 0, 0, 2, 1);
  au_middleware_on_error (metrics, NULL, failed, reason);
  assert_counts (metrics, "f", 1, 0, 0, 1, 0, 2, 1);
  au_middleware_on_error (metrics, NULL, failed, lost);
  assert_counts (metrics, "f", 1, 0, 0, 2, 0, 2, 2);
  au_middleware_on_error (metrics, NULL, refused, reason);
  assert_counts (metrics, "f", 1, 1, 0, 2, 0, 2, 2);
  au_middleware_on_error (metrics, NULL, refused, late);
  au_middleware_on_error (metrics, NULL, refused, unmet);
  assert_counts (metrics, "f", 1, 1, 0, 4, 0, 2, 2);
  au_middleware_on_error (metrics, NULL, cancelled, reason);
  assert_counts (metrics, "f", 1, 1, 0, 4, 1, 2, 2);

  /* only what completed has a duration */
  g_assert_cmpuint (get_count (metrics, "f", "duration-count"), ==, 0);
  g_assert_null (get_counters (metrics, "g"));
}

static void
assert_bucket (AuMiddleware *metrics,
               const char   *function,
               gint64        bound,
               guint64       expected)
{
  g_autoptr(GVariant) counters = get_counters (metrics, function);
  g_autoptr(GVariant) buckets = NULL;
  GVariantIter iter;
  gint64 upper;
  guint64 count;

  buckets = g_variant_lookup_value (counters, "duration-buckets", G_VARIANT_TYPE ("a(xt)"));
  g_assert_nonnull (buckets);

  g_variant_iter_init (&iter, buckets);
  while (g_variant_iter_next (&iter, "(xt)", &upper, &count))
    {
      if (upper == bound)
        {
          g_assert_cmpuint (count, ==, expected);
          return;
        }
    }

  g_test_message ("there is no bucket up to %" G_GINT64_FORMAT " µs", bound);
  g_test_fail ();
}

static void
test_metrics_durations (void)
{
  g_autoptr(AuMiddleware) metrics = metrics_new ();
  g_autoptr(GVariant) f = NULL;
  g_autoptr(GVariant) total = NULL;
  gint64 value;

  au_clock_freeze ();
  complete_one (metrics, "f", 3 * G_TIME_SPAN_MILLISECOND);
  complete_one (metrics, "f", 5 * G_TIME_SPAN_MILLISECOND);
  complete_one (metrics, "f", 2 * G_TIME_SPAN_HOUR);
  complete_one (metrics, "g", 0);
  au_clock_thaw ();

  f = get_counters (metrics, "f");
  g_assert_true (g_variant_lookup (f, "duration-min", "x", &value));
  g_assert_cmpint (value, ==, 3 * G_TIME_SPAN_MILLISECOND);
  g_assert_true (g_variant_lookup (f, "duration-max", "x", &value));
  g_assert_cmpint (value, ==, 2 * G_TIME_SPAN_HOUR);
  g_assert_true (g_variant_lookup (f, "duration-sum", "x", &value));
  g_assert_cmpint (value, ==, 2 * G_TIME_SPAN_HOUR + 8 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (get_count (metrics, "f", "duration-count"), ==, 3);

  /* a bucket has what took as long as its bound, and all that took less */
  assert_bucket (metrics, "f", 2500, 0);
  assert_bucket (metrics, "f", 5000, 2);
  assert_bucket (metrics, "f", 10000, 2);
  assert_bucket (metrics, "f", 3600000000, 2);

  total = get_counters (metrics, NULL);
  g_assert_true (g_variant_lookup (total, "duration-min", "x", &value));
  g_assert_cmpint (value, ==, 0);
  g_assert_cmpuint (get_count (metrics, NULL, "duration-count"), ==, 4);
  g_assert_cmpuint (get_count (metrics, NULL, "completed"), ==, 4);
  assert_bucket (metrics, NULL, 5000, 3);
}

static void
assert_line (const char *text,
             const char *line)
{
  g_autofree char *whole = g_strconcat ("\n", line, "\n", NULL);

  if (strstr (text, whole) == NULL)
    {
      g_test_message ("“%s” is missing in:\n%s", line, text);
      g_test_fail ();
    }
}

static void
test_metrics_prometheus (void)
{
  g_autoptr(AuMiddleware) metrics = metrics_new ();
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autofree char *metric = NULL;
  gsize length;

  au_clock_freeze ();
  complete_one (metrics, "digest.file", 3 * G_TIME_SPAN_MILLISECOND);
  complete_one (metrics, "digest.file", 1500 * G_TIME_SPAN_MILLISECOND);
  complete_one (metrics, "b", 0);
  au_clock_thaw ();

  g_object_get (metrics, "prometheus", &text, NULL);
  assert_line (text, "au_computations_completed_total{function=\"digest.file\"} 2");
  assert_line (text, "au_attempts_started_total{function=\"b\"} 1");
  assert_line (text, "au_computations_failed_total{function=\"b\"} 0");
  assert_line (text, "# TYPE au_computation_duration_seconds histogram");
  assert_line (text, "au_computation_duration_seconds_bucket{function=\"digest.file\",le=\"0.0025\"} 0");
  assert_line (text, "au_computation_duration_seconds_bucket{function=\"digest.file\",le=\"0.005\"} 1");
  assert_line (text, "au_computation_duration_seconds_bucket{function=\"digest.file\",le=\"2.5\"} 2");
  assert_line (text, "au_computation_duration_seconds_bucket{function=\"digest.file\",le=\"+Inf\"} 2");
  assert_line (text, "au_computation_duration_seconds_sum{function=\"digest.file\"} 1.503000");
  assert_line (text, "au_computation_duration_seconds_count{function=\"digest.file\"} 2");

  /* the form of the whole: each metric has its help, its type, and then its samples */
  length = strlen (text);
  g_assert_cmpint (text[length - 1], ==, '\n');
  text[length - 1] = '\0';
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], "# HELP "))
        {
          g_auto(GStrv) help = g_strsplit (lines[i], " ", 4);
          g_auto(GStrv) type = g_strsplit (lines[i + 1], " ", 4);

          g_assert_cmpuint (g_strv_length (help), ==, 4);
          g_assert_cmpuint (g_strv_length (type), ==, 4);
          g_assert_cmpstr (type[1], ==, "TYPE");
          g_assert_cmpstr (type[2], ==, help[2]);
          g_free (metric);
          metric = g_strdup (help[2]);
          i++;
          continue;
        }

      g_assert_nonnull (metric);
      g_assert_true (g_str_has_prefix (lines[i], metric));
      g_assert_true (g_regex_match_simple ("^[a-z_]+\\{function=\"[^\"]*\"(,le=\"[^\"]*\")?\\} [0-9.]+$",
                                           lines[i], 0, 0));
    }
}

/* No function is called that, but a store may hold anything. */
static void
test_metrics_prometheus_escapes_labels (void)
{
  g_autoptr(AuMiddleware) metrics = metrics_new ();
  g_autofree char *text = NULL;

  complete_one (metrics, "a\"b\\c\nd", 0);

  g_object_get (metrics, "prometheus", &text, NULL);
  assert_line (text, "au_computations_completed_total{function=\"a\\\"b\\\\c\\nd\"} 1");
}

static void
test_metrics_reset (void)
{
  g_autoptr(AuMiddleware) metrics = metrics_new ();

  complete_one (metrics, "f", 0);
  g_signal_emit_by_name (metrics, "reset");
  assert_counts (metrics, NULL, 0, 0, 0, 0, 0, 0, 0);
  g_assert_null (get_counters (metrics, "f"));

  complete_one (metrics, "f", 0);
  assert_counts (metrics, "f", 1, 0, 1, 0, 0, 0, 0);
}

#define N_THREADS (4)
#define N_ROUNDS (100000)

static gpointer
count_in_thread (gpointer data)
{
  AuMiddleware *metrics = data;
  g_autoptr(AuRecord) pending = fixture_pending ("f", 1);
  g_autoptr(AuRecord) running = fixture_begin (pending);
  g_autoptr(AuRecord) completed = fixture_complete (running);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      au_middleware_attempt_started (metrics, NULL, running);
      au_middleware_after_compute (metrics, NULL, completed, NULL);
    }

  return NULL;
}

static void
test_metrics_threads_lose_nothing (void)
{
  g_autoptr(AuMiddleware) metrics = metrics_new ();
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("count", count_in_thread, metrics);

  /* reading meanwhile harms nothing */
  for (guint i = 0; i < 20; i++)
    g_assert_cmpuint (get_count (metrics, NULL, "completed"), <=, N_THREADS * N_ROUNDS);

  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  assert_counts (metrics, NULL, N_THREADS * N_ROUNDS, 0, N_THREADS * N_ROUNDS, 0, 0, 0, 0);
  g_assert_cmpuint (get_count (metrics, "f", "duration-count"), ==, N_THREADS * N_ROUNDS);
}

/* Through an engine */

static GVariant *
maybe (AuCall   *call,
       GVariant *arguments,
       gpointer  user_data,
       GError  **error)
{
  gboolean well;

  g_variant_get (arguments, "(b)", &well);
  if (well)
    return NULL;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no luck");
  return NULL;
}

static void
test_metrics_of_an_engine (void)
{
  g_autoptr(AuEngine) engine = fixture_engine_new ("inline");
  g_autoptr(AuMiddleware) metrics = metrics_new ();
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuOptions) twice = au_options_new ();
  g_autoptr(GError) error = NULL;

  function = au_function_new ("maybe", "(b)", NULL, AU_FUNCTION_NONE, maybe, NULL, NULL, &error);
  g_assert_no_error (error);
  au_engine_add_function (engine, function);
  au_engine_add_middleware (engine, metrics);

  g_assert_null (au_engine_call (engine, "maybe", g_variant_new ("(b)", TRUE), NULL, -1, NULL, &error));
  g_assert_no_error (error);

  g_assert_null (au_engine_call (engine, "maybe", g_variant_new ("(b)", FALSE), NULL, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);

  au_options_set_attempts (twice, 2);
  au_options_set_backoff (twice, 1);
  au_options_set_max_backoff (twice, 1);
  g_assert_null (au_engine_call (engine, "maybe", g_variant_new ("(b)", FALSE), twice, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);

  g_assert_cmpuint (get_count (metrics, "maybe", "submitted"), ==, 3);
  assert_counts (metrics, "maybe", 4, 0, 1, 2, 0, 1, 0);
}

#define TEST_TYPE_REFUSER (test_refuser_get_type ())
G_DECLARE_FINAL_TYPE (TestRefuser, test_refuser, TEST, REFUSER, GObject)

struct _TestRefuser
{
  GObject parent_instance;
};

static void test_refuser_iface_init (AuMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestRefuser, test_refuser, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE, test_refuser_iface_init))

static gboolean
test_refuser_before_compute (AuMiddleware *middleware,
                             AuJob        *job,
                             GError      **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "not you");
  return FALSE;
}

static void
test_refuser_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = test_refuser_before_compute;
}

static void
test_refuser_class_init (TestRefuserClass *klass)
{
}

static void
test_refuser_init (TestRefuser *self)
{
}

static void
test_metrics_of_a_refusal (void)
{
  g_autoptr(AuEngine) engine = fixture_engine_new ("inline");
  g_autoptr(AuMiddleware) metrics = metrics_new ();
  g_autoptr(AuMiddleware) refuser = g_object_new (TEST_TYPE_REFUSER, NULL);
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(GError) error = NULL;

  function = au_function_new ("maybe", "(b)", NULL, AU_FUNCTION_NONE, maybe, NULL, NULL, &error);
  g_assert_no_error (error);
  au_engine_add_function (engine, function);
  au_engine_add_middleware (engine, metrics);
  au_engine_add_middleware (engine, refuser);

  g_assert_null (au_engine_call (engine, "maybe", g_variant_new ("(b)", TRUE), NULL, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);

  g_assert_cmpuint (get_count (metrics, "maybe", "submitted"), ==, 1);
  assert_counts (metrics, "maybe", 0, 1, 0, 0, 0, 0, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/metrics/start-at-zero", test_metrics_start_at_zero);
  g_test_add_func ("/metrics/every-end-counts-once", test_metrics_every_end_counts_once);
  g_test_add_func ("/metrics/durations", test_metrics_durations);
  g_test_add_func ("/metrics/prometheus", test_metrics_prometheus);
  g_test_add_func ("/metrics/prometheus-escapes-labels", test_metrics_prometheus_escapes_labels);
  g_test_add_func ("/metrics/reset", test_metrics_reset);
  g_test_add_func ("/metrics/threads-lose-nothing", test_metrics_threads_lose_nothing);
  g_test_add_func ("/metrics/of-an-engine", test_metrics_of_an_engine);
  g_test_add_func ("/metrics/of-a-refusal", test_metrics_of_a_refusal);

  return g_test_run ();
}
