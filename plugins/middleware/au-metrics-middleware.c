/* au-metrics-middleware.c: counts what computations do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>

/*
 * The type “metrics”: counters and durations, in total and for each function, to be
 * read as a GVariant (`snapshot`) or as Prometheus text (`prometheus`).
 *
 * Counting must cost next to nothing, and from many threads at once. So the counters
 * are split into shards, each with a lock of its own; a thread always counts in the
 * same shard, which is most often its alone, and reading adds the shards up.
 */

typedef enum
{
  COUNT_SUBMITTED,
  COUNT_REFUSED,
  COUNT_STARTED,
  COUNT_COMPLETED,
  COUNT_FAILED,
  COUNT_CANCELLED,
  COUNT_RETRIED,
  COUNT_LOST,
  N_COUNTS
} Count;

static const struct
{
  const char *name;
  const char *metric;
  const char *help;
} counts[N_COUNTS] = {
  [COUNT_SUBMITTED] = { "submitted", "au_computations_submitted_total", "Computations submitted." },
  [COUNT_REFUSED] = { "refused", "au_computations_refused_total", "Computations that ended without having been started, as a middleware refused them." },
  [COUNT_STARTED] = { "started", "au_attempts_started_total", "Attempts started." },
  [COUNT_COMPLETED] = { "completed", "au_computations_completed_total", "Computations that ended with a value." },
  [COUNT_FAILED] = { "failed", "au_computations_failed_total", "Computations that ended with an error, other than those refused." },
  [COUNT_CANCELLED] = { "cancelled", "au_computations_cancelled_total", "Computations that ended because somebody asked for it." },
  [COUNT_RETRIED] = { "retried", "au_attempts_retried_total", "Attempts that failed or were lost and are followed by another." },
  [COUNT_LOST] = { "lost", "au_attempts_lost_total", "Attempts whose worker died or vanished." },
};

/* Upper bounds, in µs and as the seconds that Prometheus wants. The middle ones are
 * those that its client libraries use; an empty computation takes a few µs, though,
 * and a long one hours. */
static const struct
{
  gint64      bound;
  const char *seconds;
} buckets[] = {
  { 10, "0.00001" },
  { 100, "0.0001" },
  { 1000, "0.001" },
  { 2500, "0.0025" },
  { 5000, "0.005" },
  { 10000, "0.01" },
  { 25000, "0.025" },
  { 50000, "0.05" },
  { 100000, "0.1" },
  { 250000, "0.25" },
  { 500000, "0.5" },
  { 1000000, "1" },
  { 2500000, "2.5" },
  { 5000000, "5" },
  { 10000000, "10" },
  { 60000000, "60" },
  { 600000000, "600" },
  { 3600000000, "3600" },
};

typedef struct
{
  guint64 counts[N_COUNTS];

  /* durations of completed computations, in µs; a bucket counts what lies between
   * the bound below and its own, the last one what lies above all bounds */
  guint64 n_durations;
  gint64  sum;
  gint64  min;
  gint64  max;
  guint64 histogram[G_N_ELEMENTS (buckets) + 1];
} Counters;

#define CACHE_LINE (64)

typedef struct
{
  GMutex      lock;
  GHashTable *functions;        /* name → Counters */
} Shard;

typedef union
{
  Shard shard;
  char  alone[CACHE_LINE];
} PaddedShard;

#define MAX_SHARDS (64)

#define AU_TYPE_METRICS_MIDDLEWARE (au_metrics_middleware_get_type ())
G_DECLARE_FINAL_TYPE (AuMetricsMiddleware, au_metrics_middleware, AU, METRICS_MIDDLEWARE, GObject)

/* MT safe. */
struct _AuMetricsMiddleware
{
  GObject      parent_instance;

  PaddedShard *shards;
  guint        n_shards;
};

enum
{
  PROP_0,
  PROP_SNAPSHOT,
  PROP_PROMETHEUS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void au_metrics_middleware_iface_init (AuMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuMetricsMiddleware, au_metrics_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE,
                                                      au_metrics_middleware_iface_init))

/* Counting */

static guint
get_thread_number (void)
{
  static GPrivate number_of_thread;
  static int last_number;
  guint number = GPOINTER_TO_UINT (g_private_get (&number_of_thread));

  if (number == 0)
    {
      /* never 0, as that is what a thread without a number has */
      number = ((guint) g_atomic_int_add (&last_number, 1) + 1) | (1u << 31);
      g_private_set (&number_of_thread, GUINT_TO_POINTER (number));
    }

  return number;
}

/* Gives the counters of @function in the shard of this thread, which stays locked. */
static Counters *
lock_counters (AuMetricsMiddleware *self,
               const char          *function,
               Shard              **shard)
{
  Shard *own = &self->shards[get_thread_number () % self->n_shards].shard;
  Counters *counters;

  g_mutex_lock (&own->lock);

  counters = g_hash_table_lookup (own->functions, function);
  if (counters == NULL)
    {
      counters = g_new0 (Counters, 1);
      g_hash_table_insert (own->functions, g_strdup (function), counters);
    }

  *shard = own;
  return counters;
}

static void
count (AuMetricsMiddleware *self,
       const char          *function,
       Count                what)
{
  Shard *shard;
  Counters *counters = lock_counters (self, function, &shard);

  counters->counts[what]++;
  g_mutex_unlock (&shard->lock);
}

static void
add_duration (Counters *counters,
              gint64    duration)
{
  guint bucket = 0;

  /* the clock of stored times may be set back */
  duration = MAX (duration, 0);

  while (bucket < G_N_ELEMENTS (buckets) && duration > buckets[bucket].bound)
    bucket++;

  counters->histogram[bucket]++;
  counters->min = counters->n_durations == 0 ? duration : MIN (counters->min, duration);
  counters->max = MAX (counters->max, duration);
  counters->sum += duration;
  counters->n_durations++;
}

static gboolean
au_metrics_middleware_before_compute (AuMiddleware *middleware,
                                      AuJob        *job,
                                      GError      **error)
{
  count (AU_METRICS_MIDDLEWARE (middleware),
         au_function_get_name (au_job_get_function (job)), COUNT_SUBMITTED);

  return TRUE;
}

static void
au_metrics_middleware_attempt_started (AuMiddleware *middleware,
                                       AuJob        *job,
                                       AuRecord     *record)
{
  count (AU_METRICS_MIDDLEWARE (middleware), au_record_get_function (record), COUNT_STARTED);
}

static void
au_metrics_middleware_attempt_failed (AuMiddleware *middleware,
                                      AuJob        *job,
                                      AuRecord     *record,
                                      const GError *reason)
{
  Shard *shard;
  Counters *counters;

  counters = lock_counters (AU_METRICS_MIDDLEWARE (middleware),
                            au_record_get_function (record), &shard);
  counters->counts[COUNT_RETRIED]++;
  if (g_error_matches (reason, AU_ERROR, AU_ERROR_WORKER_LOST))
    counters->counts[COUNT_LOST]++;
  g_mutex_unlock (&shard->lock);
}

static gboolean
au_metrics_middleware_after_compute (AuMiddleware *middleware,
                                     AuJob        *job,
                                     AuRecord     *record,
                                     GError      **error)
{
  Shard *shard;
  Counters *counters;

  counters = lock_counters (AU_METRICS_MIDDLEWARE (middleware),
                            au_record_get_function (record), &shard);
  counters->counts[COUNT_COMPLETED]++;
  add_duration (counters, au_record_get_completed (record) - au_record_get_started (record));
  g_mutex_unlock (&shard->lock);

  return TRUE;
}

/* A middleware refuses with whatever error it likes, but before anything was started.
 * Waiting may end then for two other reasons. */
static gboolean
was_refused (AuRecord     *record,
             const GError *reason)
{
  if (g_error_matches (reason, AU_ERROR, AU_ERROR_REFUSED))
    return TRUE;

  return au_record_get_attempt (record) == 0 &&
         !g_error_matches (reason, AU_ERROR, AU_ERROR_DEPENDENCY) &&
         !g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
au_metrics_middleware_on_error (AuMiddleware *middleware,
                                AuJob        *job,
                                AuRecord     *record,
                                const GError *reason)
{
  Shard *shard;
  Counters *counters;
  Count what;

  if (au_record_get_status (record) == AU_STATUS_CANCELLED)
    what = COUNT_CANCELLED;
  else if (was_refused (record, reason))
    what = COUNT_REFUSED;
  else
    what = COUNT_FAILED;

  counters = lock_counters (AU_METRICS_MIDDLEWARE (middleware),
                            au_record_get_function (record), &shard);
  counters->counts[what]++;
  if (g_error_matches (reason, AU_ERROR, AU_ERROR_WORKER_LOST))
    counters->counts[COUNT_LOST]++;
  g_mutex_unlock (&shard->lock);
}

static void
au_metrics_middleware_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = au_metrics_middleware_before_compute;
  iface->attempt_started = au_metrics_middleware_attempt_started;
  iface->attempt_failed = au_metrics_middleware_attempt_failed;
  iface->after_compute = au_metrics_middleware_after_compute;
  iface->on_error = au_metrics_middleware_on_error;
}

/* Reading */

static void
add_counters (Counters       *sum,
              const Counters *counters)
{
  for (guint i = 0; i < N_COUNTS; i++)
    sum->counts[i] += counters->counts[i];

  if (counters->n_durations == 0)
    return;

  sum->min = sum->n_durations == 0 ? counters->min : MIN (sum->min, counters->min);
  sum->max = MAX (sum->max, counters->max);
  sum->sum += counters->sum;
  sum->n_durations += counters->n_durations;
  for (guint i = 0; i < G_N_ELEMENTS (sum->histogram); i++)
    sum->histogram[i] += counters->histogram[i];
}

/* The counters of every function, in the order of their names. The shards are read
 * one after another: what is counted meanwhile may be in or not. */
static GTree *
collect (AuMetricsMiddleware *self)
{
  GTree *functions = g_tree_new_full ((GCompareDataFunc) g_strcmp0, NULL, g_free, g_free);

  for (guint i = 0; i < self->n_shards; i++)
    {
      Shard *shard = &self->shards[i].shard;
      GHashTableIter iter;
      gpointer name;
      gpointer counters;

      g_mutex_lock (&shard->lock);
      g_hash_table_iter_init (&iter, shard->functions);
      while (g_hash_table_iter_next (&iter, &name, &counters))
        {
          Counters *sum = g_tree_lookup (functions, name);

          if (sum == NULL)
            {
              sum = g_new0 (Counters, 1);
              g_tree_insert (functions, g_strdup (name), sum);
            }
          add_counters (sum, counters);
        }
      g_mutex_unlock (&shard->lock);
    }

  return functions;
}

static void
write_counters (GVariantDict   *dict,
                const Counters *counters)
{
  GVariantBuilder histogram;
  guint64 up_to_here = 0;

  for (guint i = 0; i < N_COUNTS; i++)
    g_variant_dict_insert (dict, counts[i].name, "t", counters->counts[i]);

  g_variant_dict_insert (dict, "duration-count", "t", counters->n_durations);
  g_variant_dict_insert (dict, "duration-sum", "x", counters->sum);
  if (counters->n_durations > 0)
    {
      g_variant_dict_insert (dict, "duration-min", "x", counters->min);
      g_variant_dict_insert (dict, "duration-max", "x", counters->max);
    }

  g_variant_builder_init (&histogram, G_VARIANT_TYPE ("a(xt)"));
  for (guint i = 0; i < G_N_ELEMENTS (buckets); i++)
    {
      up_to_here += counters->histogram[i];
      g_variant_builder_add (&histogram, "(xt)", buckets[i].bound, up_to_here);
    }
  g_variant_dict_insert_value (dict, "duration-buckets", g_variant_builder_end (&histogram));
}

static GVariant *
make_snapshot (AuMetricsMiddleware *self)
{
  g_autoptr(GTree) functions = collect (self);
  GVariantBuilder per_function;
  GVariantDict dict;
  Counters total = { 0 };

  g_variant_builder_init (&per_function, G_VARIANT_TYPE ("a{sa{sv}}"));
  for (GTreeNode *node = g_tree_node_first (functions); node; node = g_tree_node_next (node))
    {
      const Counters *counters = g_tree_node_value (node);

      g_variant_dict_init (&dict, NULL);
      write_counters (&dict, counters);
      g_variant_builder_add (&per_function, "{s@a{sv}}",
                             (const char *) g_tree_node_key (node), g_variant_dict_end (&dict));
      add_counters (&total, counters);
    }

  g_variant_dict_init (&dict, NULL);
  write_counters (&dict, &total);
  g_variant_dict_insert_value (&dict, "functions", g_variant_builder_end (&per_function));

  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/* The value of a label, as the text format 0.0.4 wants it. */
static char *
escape_label (const char *value)
{
  GString *escaped = g_string_new (NULL);

  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '\\' || *p == '"')
        g_string_append_c (escaped, '\\');

      if (*p == '\n')
        g_string_append (escaped, "\\n");
      else
        g_string_append_c (escaped, *p);
    }

  return g_string_free (escaped, FALSE);
}

static void
write_histogram (GString        *text,
                 const char     *label,
                 const Counters *counters)
{
  guint64 up_to_here = 0;

  for (guint i = 0; i < G_N_ELEMENTS (buckets); i++)
    {
      up_to_here += counters->histogram[i];
      g_string_append_printf (text,
                              "au_computation_duration_seconds_bucket{function=\"%s\",le=\"%s\"} %" G_GUINT64_FORMAT "\n",
                              label, buckets[i].seconds, up_to_here);
    }

  g_string_append_printf (text,
                          "au_computation_duration_seconds_bucket{function=\"%s\",le=\"+Inf\"} %" G_GUINT64_FORMAT "\n"
                          "au_computation_duration_seconds_sum{function=\"%s\"} %" G_GINT64_FORMAT ".%06d\n"
                          "au_computation_duration_seconds_count{function=\"%s\"} %" G_GUINT64_FORMAT "\n",
                          label, counters->n_durations,
                          label, counters->sum / G_TIME_SPAN_SECOND,
                          (int) (counters->sum % G_TIME_SPAN_SECOND),
                          label, counters->n_durations);
}

/* There are no totals in here: Prometheus adds up itself, and would count double. */
static char *
make_prometheus (AuMetricsMiddleware *self)
{
  g_autoptr(GTree) functions = collect (self);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < N_COUNTS; i++)
    {
      g_string_append_printf (text, "# HELP %s %s\n# TYPE %s counter\n",
                              counts[i].metric, counts[i].help, counts[i].metric);

      for (GTreeNode *node = g_tree_node_first (functions); node; node = g_tree_node_next (node))
        {
          const Counters *counters = g_tree_node_value (node);
          g_autofree char *label = escape_label (g_tree_node_key (node));

          g_string_append_printf (text, "%s{function=\"%s\"} %" G_GUINT64_FORMAT "\n",
                                  counts[i].metric, label, counters->counts[i]);
        }
    }

  g_string_append (text,
                   "# HELP au_computation_duration_seconds How long the last attempt of completed computations ran.\n"
                   "# TYPE au_computation_duration_seconds histogram\n");
  for (GTreeNode *node = g_tree_node_first (functions); node; node = g_tree_node_next (node))
    {
      g_autofree char *label = escape_label (g_tree_node_key (node));

      write_histogram (text, label, g_tree_node_value (node));
    }

  return g_string_free (text, FALSE);
}

/* The object */

static void
au_metrics_middleware_reset (AuMetricsMiddleware *self)
{
  for (guint i = 0; i < self->n_shards; i++)
    {
      Shard *shard = &self->shards[i].shard;

      g_mutex_lock (&shard->lock);
      g_hash_table_remove_all (shard->functions);
      g_mutex_unlock (&shard->lock);
    }
}

static void
au_metrics_middleware_finalize (GObject *object)
{
  AuMetricsMiddleware *self = AU_METRICS_MIDDLEWARE (object);

  for (guint i = 0; i < self->n_shards; i++)
    {
      g_hash_table_unref (self->shards[i].shard.functions);
      g_mutex_clear (&self->shards[i].shard.lock);
    }
  g_aligned_free (self->shards);

  G_OBJECT_CLASS (au_metrics_middleware_parent_class)->finalize (object);
}

static void
au_metrics_middleware_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  AuMetricsMiddleware *self = AU_METRICS_MIDDLEWARE (object);

  switch (prop_id)
    {
    case PROP_SNAPSHOT:
      g_value_take_variant (value, make_snapshot (self));
      break;

    case PROP_PROMETHEUS:
      g_value_take_string (value, make_prometheus (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_metrics_middleware_class_init (AuMetricsMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_metrics_middleware_finalize;
  object_class->get_property = au_metrics_middleware_get_property;

  /**
   * AuMetricsMiddleware:snapshot:
   *
   * What was counted so far, as an `a{sv}`.
   *
   * It has the counters `submitted`, `refused`, `started`, `completed`, `failed`,
   * `cancelled`, `retried` and `lost` (`t`); of the durations of completed
   * computations, in microseconds, `duration-count` (`t`), `duration-sum`, unless
   * there are none `duration-min` and `duration-max` (`x`), and `duration-buckets`
   * (`a(xt)`: upper bound, how many took at most that); and `functions`
   * (`a{sa{sv}}`), the same for each function.
   *
   * A computation that a middleware refused counts as refused, not as failed. An
   * attempt that failed and is followed by another counts as retried, and one whose
   * worker died as lost, whether another follows or not.
   *
   * Since: 1.0
   */
  properties[PROP_SNAPSHOT] =
    g_param_spec_variant ("snapshot", _("Snapshot"),
                          _("counters and durations, in total and for each function"),
                          G_VARIANT_TYPE_VARDICT, NULL,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuMetricsMiddleware:prometheus:
   *
   * What was counted so far, in the text format 0.0.4 of Prometheus.
   *
   * Since: 1.0
   */
  properties[PROP_PROMETHEUS] =
    g_param_spec_string ("prometheus", _("Prometheus"),
                         _("counters and durations of each function, as Prometheus text"),
                         NULL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * AuMetricsMiddleware::reset:
   * @self: the middleware
   *
   * Emit it to start counting from zero again.
   *
   * Since: 1.0
   */
  g_signal_new_class_handler ("reset", G_TYPE_FROM_CLASS (klass),
                              G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
                              G_CALLBACK (au_metrics_middleware_reset),
                              NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
au_metrics_middleware_init (AuMetricsMiddleware *self)
{
  self->n_shards = MIN (2 * g_get_num_processors (), MAX_SHARDS);
  self->shards = g_aligned_alloc0 (self->n_shards, sizeof (PaddedShard), CACHE_LINE);

  for (guint i = 0; i < self->n_shards; i++)
    {
      g_mutex_init (&self->shards[i].shard.lock);
      self->shards[i].shard.functions = g_hash_table_new_full (g_str_hash, g_str_equal,
                                                               g_free, g_free);
    }
}

static const AuModuleType types[] = {
  { AU_MODULE_MIDDLEWARE, "metrics", au_metrics_middleware_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_middleware_metrics, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Counts computations and their durations, for people and for Prometheus",
                  types, NULL)
