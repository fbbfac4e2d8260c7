/* custom-middleware.c: a middleware that refuses what comes too often
 *
 *   cc custom-middleware.c -o custom-middleware $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

#define EXAMPLE_TYPE_RATE_LIMIT (example_rate_limit_get_type ())
G_DECLARE_FINAL_TYPE (ExampleRateLimit, example_rate_limit, EXAMPLE, RATE_LIMIT, GObject)

struct _ExampleRateLimit
{
  GObject parent_instance;

  guint   max_per_minute;
  GMutex  lock;             /* computations of several threads come by */
  GArray *times;            /* gint64: when those of the last minute came */
  guint   n_refused;
};

/* Every function of the interface is optional; this one is asked before a computation
 * runs. Its error becomes the error of the computation. */
static gboolean
example_rate_limit_before_compute (AuMiddleware  *middleware,
                                   AuJob         *job,
                                   GError       **error)
{
  ExampleRateLimit *self = EXAMPLE_RATE_LIMIT (middleware);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint64 now = au_clock_get_monotonic_time ();

  while (self->times->len > 0 && g_array_index (self->times, gint64, 0) <= now - G_TIME_SPAN_MINUTE)
    g_array_remove_index (self->times, 0);

  if (self->times->len < self->max_per_minute)
    {
      g_array_append_val (self->times, now);
      return TRUE;
    }

  self->n_refused++;
  g_set_error (error, AU_ERROR, AU_ERROR_REFUSED, "more than %u computations a minute",
               self->max_per_minute);
  return FALSE;
}

static void
example_rate_limit_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = example_rate_limit_before_compute;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (ExampleRateLimit, example_rate_limit, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE,
                                                      example_rate_limit_iface_init))

static void
example_rate_limit_finalize (GObject *object)
{
  g_array_unref (EXAMPLE_RATE_LIMIT (object)->times);
  G_OBJECT_CLASS (example_rate_limit_parent_class)->finalize (object);
}

static void
example_rate_limit_class_init (ExampleRateLimitClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = example_rate_limit_finalize;
}

static void
example_rate_limit_init (ExampleRateLimit *self)
{
  g_mutex_init (&self->lock);
  self->times = g_array_new (FALSE, FALSE, sizeof (gint64));
}

static GVariant *
call_api (AuCall    *call,
          GVariant  *arguments,
          gpointer   user_data,
          GError   **error)
{
  return g_variant_get_child_value (arguments, 0);
}

static const AuFunctionEntry functions[] = {
  { "call-api", "(u)", "u", call_api, AU_FUNCTION_NONE, "something that costs" },
  { NULL }
};

int
main (void)
{
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(ExampleRateLimit) limit = g_object_new (EXAMPLE_TYPE_RATE_LIMIT, NULL);
  g_autoptr(GError) error = NULL;

  limit->max_per_minute = 3;
  setlocale (LC_ALL, "");
  au_functions_register (functions);
  engine = au_engine_new (NULL, &error);
  if (engine != NULL)
    au_engine_add_middleware (engine, AU_MIDDLEWARE (limit));

  for (guint i = 1; engine != NULL && i <= 5; i++)
    {
      g_autoptr(GVariant) value = NULL;

      g_clear_error (&error);
      value = au_engine_call (engine, "call-api", g_variant_new ("(u)", i), NULL, -1, NULL, &error);
      g_print ("call %u: %s\n", i, value != NULL ? "done" : error->message);
    }

  if (engine == NULL)
    {
      g_printerr ("custom-middleware: %s\n", error->message);
      return 1;
    }
  g_print ("%u refused\n", limit->n_refused);
  return 0;
}
