/* test-middleware.c: how an engine asks and tells its middleware
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "../await.h"

/* Notes what it is asked and told, and refuses or fails when it is to. */
#define TYPE_NOTER (noter_get_type ())
G_DECLARE_FINAL_TYPE (Noter, noter, NOTER, , GObject)

struct _Noter
{
  GObject  parent_instance;

  char     letter;
  gboolean refuse;
  gboolean fail_after;
  AuEngine *cancels;      /* by which it cancels what starts */
};

static GMutex notes_lock;
static GString *notes;

static void
note (Noter      *self,
      const char *what)
{
  g_mutex_lock (&notes_lock);
  g_string_append_printf (notes, "%s%c ", what, self->letter);
  g_mutex_unlock (&notes_lock);
}

static gboolean
noter_before (AuMiddleware *middleware,
              AuJob        *job,
              GError      **error)
{
  Noter *self = (Noter *) middleware;
  g_autofree char *name = g_strdup_printf ("seen-by-%c", self->letter);

  note (self, "before");
  if (self->refuse)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_REFUSED, "not you");
      return FALSE;
    }

  au_job_set_metadata (job, name, g_variant_new_boolean (TRUE));

  return TRUE;
}

static void
noter_started (AuMiddleware *middleware,
               AuJob        *job,
               AuRecord     *record)
{
  Noter *self = (Noter *) middleware;

  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_RUNNING);
  note (self, "start");
  if (self->cancels != NULL)
    {
      g_autoptr(GError) error = NULL;

      g_assert_true (au_engine_cancel (self->cancels, au_job_get_key (job), NULL, &error));
      g_assert_no_error (error);
    }
}

static void
noter_attempt_failed (AuMiddleware *middleware,
                      AuJob        *job,
                      AuRecord     *record,
                      const GError *reason)
{
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_PENDING);
  g_assert_error (reason, G_IO_ERROR, G_IO_ERROR_BUSY);
  note ((Noter *) middleware, "again");
}

static gboolean
noter_after (AuMiddleware *middleware,
             AuJob        *job,
             AuRecord     *record,
             GError      **error)
{
  Noter *self = (Noter *) middleware;

  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
  note (self, "after");
  if (self->fail_after)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot count");
      return FALSE;
    }

  return TRUE;
}

static void
noter_on_error (AuMiddleware *middleware,
                AuJob        *job,
                AuRecord     *record,
                const GError *reason)
{
  g_assert_nonnull (reason);
  g_assert_true (au_status_is_terminal (au_record_get_status (record)));
  note ((Noter *) middleware, "error");
}

static void
noter_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = noter_before;
  iface->attempt_started = noter_started;
  iface->attempt_failed = noter_attempt_failed;
  iface->after_compute = noter_after;
  iface->on_error = noter_on_error;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Noter, noter, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE, noter_iface_init))

static void
noter_class_init (NoterClass *klass)
{
}

static void
noter_init (Noter *self)
{
}

static GVariant *
work_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  guint n_failures;

  g_variant_get (arguments, "(u)", &n_failures);
  if (au_call_get_attempt (call) <= n_failures)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
      return NULL;
    }

  return g_variant_ref (au_call_get_metadata (call));
}

static GVariant *
patient_func (AuCall    *call,
              GVariant  *arguments,
              gpointer   data,
              GError   **error)
{
  return await_cancelled (call, error);
}

static GVariant *
pid_func (AuCall    *call,
          GVariant  *arguments,
          gpointer   data,
          GError   **error)
{
  return g_variant_new_int32 (getpid ());
}

static gint32
get_pid (AuEngine *engine)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) pid = au_engine_call (engine, "pid", NULL, NULL, -1, NULL, &error);

  g_assert_no_error (error);

  return g_variant_get_int32 (pid);
}

static AuEngine *
engine_with (const Parts *parts,
             Noter       *noters[3])
{
  AuEngine *engine = fixture_engine_new (parts);

  for (guint i = 0; i < 3; i++)
    {
      noters[i] = g_object_new (TYPE_NOTER, NULL);
      noters[i]->letter = 'A' + i;
      au_engine_add_middleware (engine, AU_MIDDLEWARE (noters[i]));
      g_object_unref (noters[i]);
    }

  notes = g_string_new (NULL);

  return engine;
}

static void
assert_notes (const char *expected)
{
  g_mutex_lock (&notes_lock);
  g_assert_cmpstr (notes->str, ==, expected);
  g_string_set_size (notes, 0);
  g_mutex_unlock (&notes_lock);
}

static void
engine_end (AuEngine *engine)
{
  fixture_drop (engine);
  g_string_free (notes, TRUE);
}

/* When whoever waits is awake, everybody was told. */
static void
test_middleware_order (const Parts *parts)
{
  Noter *noters[3];
  AuEngine *engine = engine_with (parts, noters);

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr(AuHandle) handle = fixture_submit (engine, "work", g_variant_new ("(u)", 0), NULL);

      g_assert_true (fixture_wait (handle, NULL));
      assert_notes ("beforeA beforeB beforeC startA startB startC afterC afterB afterA ");
    }

  engine_end (engine);
}

static void
test_middleware_metadata (const Parts *parts)
{
  Noter *noters[3];
  AuEngine *engine = engine_with (parts, noters);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GVariant) value = NULL;
  gboolean seen;

  au_options_set_metadata (options, g_variant_new_parsed ("{'own': <'x'>}"));
  handle = fixture_submit (engine, "work", g_variant_new ("(u)", 0), options);
  g_assert_true (fixture_wait (handle, NULL));
  value = au_handle_dup_result (handle, NULL);
  g_assert_cmpuint (g_variant_n_children (value), ==, 4);
  g_assert_true (g_variant_lookup (value, "seen-by-B", "b", &seen));
  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_true (g_variant_lookup (au_record_get_metadata (record), "seen-by-C", "b", &seen));
  g_assert_true (g_variant_lookup (au_record_get_metadata (record), "own", "s", NULL));

  g_clear_object (&handle);
  engine_end (engine);
}

/* Only those that let it pass are told; nothing is run. */
static void
test_middleware_refuses (const Parts *parts)
{
  Noter *noters[3];
  AuEngine *engine = engine_with (parts, noters);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  noters[2]->refuse = TRUE;
  handle = fixture_submit (engine, "work", g_variant_new ("(u)", 0), NULL);
  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_REFUSED);
  g_assert_cmpstr (error->message, ==, "not you");
  assert_notes ("beforeA beforeB beforeC errorB errorA ");
  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 0);
  g_assert_cmpint (au_record_get_started (record), ==, 0);

  /* the first of all: nobody is told */
  noters[0]->refuse = TRUE;
  g_clear_object (&handle);
  handle = fixture_submit (engine, "work", g_variant_new ("(u)", 0), NULL);
  g_assert_false (fixture_wait (handle, NULL));
  assert_notes ("beforeA ");

  g_clear_object (&handle);
  engine_end (engine);
}

static void
test_middleware_failures (const Parts *parts)
{
  Noter *noters[3];
  AuEngine *engine = engine_with (parts, noters);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) retried = NULL;
  g_autoptr(AuHandle) failed = NULL;

  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, 0);
  retried = fixture_submit (engine, "work", g_variant_new ("(u)", 1), options);
  g_assert_true (fixture_wait (retried, NULL));
  assert_notes ("beforeA beforeB beforeC startA startB startC againC againB againA "
                "startA startB startC afterC afterB afterA ");

  failed = fixture_submit (engine, "work", g_variant_new ("(u)", 2), options);
  g_assert_false (fixture_wait (failed, NULL));
  assert_notes ("beforeA beforeB beforeC startA startB startC againC againB againA "
                "startA startB startC errorC errorB errorA ");

  g_clear_object (&retried);
  g_clear_object (&failed);
  engine_end (engine);
}

static void
test_middleware_fails_after (const Parts *parts)
{
  Noter *noters[3];
  AuEngine *engine = engine_with (parts, noters);
  g_autoptr(AuHandle) handle = NULL;

  noters[1]->fail_after = TRUE;
  g_test_expect_message ("au", G_LOG_LEVEL_WARNING, "*cannot count*");
  handle = fixture_submit (engine, "work", g_variant_new ("(u)", 0), NULL);
  g_assert_true (fixture_wait (handle, NULL));
  g_test_assert_expected_messages ();
  assert_notes ("beforeA beforeB beforeC startA startB startC afterC afterB afterA ");

  g_clear_object (&handle);
  engine_end (engine);
}

/* A computation may do without a type of middleware. */
static void
test_middleware_without (const Parts *parts)
{
  Noter *noters[3];
  AuEngine *engine = engine_with (parts, noters);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  const char *without[] = { au_part_get_type_name (G_OBJECT (noters[0])), NULL };

  noters[1]->refuse = TRUE;
  au_options_set_without (options, without);
  au_options_set_metadata (options, g_variant_new_parsed ("{'own': <'x'>}"));
  handle = fixture_submit (engine, "work", g_variant_new ("(u)", 0), options);
  g_assert_true (fixture_wait (handle, NULL));
  assert_notes ("");

  g_clear_object (&handle);
  engine_end (engine);
}

/* What was cancelled while it waited is told as well, to those that let it pass. */
static void
test_middleware_cancelled (const Parts *parts)
{
  Noter *noters[3];
  AuEngine *engine = engine_with (parts, noters);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_delay (options, G_TIME_SPAN_HOUR);
  handle = fixture_submit_async (engine, "work", g_variant_new ("(u)", 0), options, &error);
  g_assert_no_error (error);
  for (;;)
    {
      gboolean all;

      g_mutex_lock (&notes_lock);
      all = strstr (notes->str, "beforeC") != NULL;
      g_mutex_unlock (&notes_lock);
      if (all)
        break;
      g_thread_yield ();
    }
  g_clear_object (&options);
  /* the last of them has been asked when its metadata is there */
  for (;;)
    {
      g_autoptr(GVariant) metadata = au_handle_dup_metadata (handle);

      if (metadata != NULL && g_variant_lookup (metadata, "seen-by-C", "b", NULL) &&
          au_engine_get_n_live (engine) == 1)
        break;
      g_thread_yield ();
    }
  g_assert_true (au_handle_cancel (handle));
  g_assert_false (fixture_wait (handle, NULL));

  g_clear_object (&handle);
  engine_end (engine);
}

/* Just when a backend is about to run it: the function is told, and no process has to be ended. */
static void
test_middleware_cancels_at_start (const Parts *parts)
{
  Noter *noters[3];
  AuEngine *engine = engine_with (parts, noters);

  gint32 pid = get_pid (engine);

  assert_notes ("beforeA beforeB beforeC startA startB startC afterC afterB afterA ");
  noters[1]->cancels = engine;
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(AuHandle) handle = fixture_submit (engine, "patient", NULL, NULL);
      g_autoptr(GError) error = NULL;

      g_assert_false (fixture_wait (handle, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_notes ("beforeA beforeB beforeC startA startB startC errorC errorB errorA ");
    }

  noters[1]->cancels = NULL;
  g_assert_cmpint (get_pid (engine), ==, pid);

  engine_end (engine);
}

static const AuFunctionEntry functions[] = {
  { "pid", "()", "i", pid_func, AU_FUNCTION_NONE },
  { "patient", "()", NULL, patient_func, AU_FUNCTION_NONE },
  { "work", "(u)", "a{sv}", work_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, functions);

  fixture_add ("/engine/middleware/order", NULL, test_middleware_order);
  fixture_add ("/engine/middleware/metadata", NULL, test_middleware_metadata);
  fixture_add ("/engine/middleware/refuses", NULL, test_middleware_refuses);
  fixture_add ("/engine/middleware/failures", NULL, test_middleware_failures);
  fixture_add ("/engine/middleware/fails-after", NULL, test_middleware_fails_after);
  fixture_add ("/engine/middleware/without", NULL, test_middleware_without);
  fixture_add ("/engine/middleware/cancelled", NULL, test_middleware_cancelled);
  fixture_add ("/engine/middleware/cancels-at-start", "inline thread process", test_middleware_cancels_at_start);

  return g_test_run ();
}
