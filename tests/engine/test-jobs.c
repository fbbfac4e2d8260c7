/* test-jobs.c: what an engine makes of what a backend says of its jobs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

static AuRecord *
assert_stored (AuEngine *engine,
               AuHandle *handle,
               AuStatus  status)
{
  AuRecord *record = fixture_load (engine, au_handle_get_key (handle));
  g_autoptr(AuRecord) shown = au_handle_dup_record (handle);

  g_assert_cmpint (au_record_get_status (record), ==, status);
  g_assert_cmpint (au_handle_get_status (handle), ==, status);
  g_assert_cmpuint (au_record_get_revision (record), ==, au_record_get_revision (shown));
  g_assert_cmpint (au_record_get_due (record), ==, 0);

  return record;
}

static void
assert_error_is (AuRecord   *record,
                 GQuark      domain,
                 int         code,
                 const char *message)
{
  g_autoptr(GError) error = au_record_dup_error (record);

  g_assert_error (error, domain, code);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

static GVariant *
greet_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  return g_variant_new_string ("hello");
}

/* A backend whose jobs the test handles itself. */
#define TYPE_HAND_BACKEND (hand_backend_get_type ())
G_DECLARE_FINAL_TYPE (HandBackend, hand_backend, HAND, BACKEND, GObject)

struct _HandBackend
{
  GObject      parent_instance;

  GAsyncQueue *jobs;
  guint        n_cancelled;
};

static void
hand_backend_launch (AuBackend *backend,
                     AuJob     *job)
{
  g_async_queue_push (HAND_BACKEND (backend)->jobs, au_job_ref (job));
}

static void
hand_backend_cancel (AuBackend *backend,
                     AuJob     *job)
{
  HAND_BACKEND (backend)->n_cancelled++;
}

static void
hand_backend_iface_init (AuBackendInterface *iface)
{
  iface->launch = hand_backend_launch;
  iface->cancel = hand_backend_cancel;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (HandBackend, hand_backend, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_BACKEND, hand_backend_iface_init))

static void
hand_backend_finalize (GObject *object)
{
  g_async_queue_unref (HAND_BACKEND (object)->jobs);
  G_OBJECT_CLASS (hand_backend_parent_class)->finalize (object);
}

static void
hand_backend_get_property (GObject    *object,
                           guint       id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  g_value_set_uint (value, 0);
}

static void
hand_backend_set_property (GObject      *object,
                           guint         id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
}

static void
hand_backend_class_init (HandBackendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = hand_backend_finalize;
  object_class->get_property = hand_backend_get_property;
  object_class->set_property = hand_backend_set_property;
  g_object_class_override_property (object_class, 1, "max-workers");
  g_object_class_override_property (object_class, 2, "running");
  g_object_class_override_property (object_class, 3, "waiting");
}

static void
hand_backend_init (HandBackend *self)
{
  self->jobs = g_async_queue_new_full ((GDestroyNotify) au_job_unref);
}

static AuEngine *
hand_engine_new (const char   *store_type,
                 HandBackend **backend)
{
  g_autoptr(AuStore) store = fixture_store_new (store_type);

  *backend = g_object_new (TYPE_HAND_BACKEND, NULL);

  return au_engine_new_with_parts (store, AU_BACKEND (*backend));
}

static void
test_jobs_lost (gconstpointer store)
{
  HandBackend *backend;
  AuEngine *engine = hand_engine_new (store, &backend);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "greet", NULL, NULL);
  g_autoptr(GError) reason = g_error_new_literal (AU_ERROR, AU_ERROR_WORKER_LOST, "signal 9");
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;

  for (guint i = 1; i <= 3; i++)
    {
      g_autoptr(AuJob) job = g_async_queue_pop (backend->jobs);

      g_assert_cmpuint (au_job_begin (job, &error), ==, i);
      g_assert_no_error (error);
      g_assert_true (au_job_lost (job, reason, &error));
      g_assert_no_error (error);

      /* what it says now is too late */
      g_assert_false (au_job_complete (job, g_variant_new_string ("late"), &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_STALE);
      g_clear_error (&error);
    }

  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WORKER_LOST);
  record = assert_stored (engine, handle, AU_STATUS_FAILED);
  g_assert_cmpuint (au_record_get_lost (record), ==, 3);
  g_assert_cmpuint (au_record_get_failures (record), ==, 0);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 3);
  assert_error_is (record, AU_ERROR, AU_ERROR_WORKER_LOST, "signal 9");

  g_clear_object (&handle);
  fixture_drop (engine);
  g_object_unref (backend);
}

static void
test_jobs_released (gconstpointer store)
{
  HandBackend *backend;
  AuEngine *engine = hand_engine_new (store, &backend);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "greet", NULL, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;

  for (guint i = 1; i <= 10; i++)
    {
      g_autoptr(AuJob) job = g_async_queue_pop (backend->jobs);

      g_assert_cmpuint (au_job_begin (job, &error), ==, i);
      g_assert_true (au_job_report (job, 0.5, "half", &error));
      g_assert_true (au_job_release (job, &error));
      g_assert_no_error (error);
      g_assert_false (au_job_report (job, 0.6, "more", &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_STALE);
      g_clear_error (&error);
      g_assert_cmpfloat (au_handle_get_progress (handle), ==, -1);
    }

  {
    g_autoptr(AuJob) job = g_async_queue_pop (backend->jobs);

    au_job_run (job);
  }

  g_assert_true (fixture_wait (handle, &error));
  record = assert_stored (engine, handle, AU_STATUS_COMPLETED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 11);
  g_assert_cmpuint (au_record_get_failures (record), ==, 0);
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);

  g_clear_object (&handle);
  fixture_drop (engine);
  g_object_unref (backend);
}

/* Everything that comes from an attempt that has ended is refused. */
static void
test_jobs_stale (gconstpointer store)
{
  HandBackend *backend;
  AuEngine *engine = hand_engine_new (store, &backend);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "greet", NULL, NULL);
  g_autoptr(AuJob) job = g_async_queue_pop (backend->jobs);
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "no");
  GError *errors[6] = { NULL };
  g_autoptr(AuRecord) record = NULL;

  g_assert_cmpuint (au_job_begin (job, NULL), ==, 1);
  g_assert_true (au_job_complete (job, g_variant_new_string ("done"), NULL));
  g_assert_true (fixture_wait (handle, NULL));

  g_assert_false (au_job_complete (job, g_variant_new_string ("again"), &errors[0]));
  g_assert_false (au_job_fail (job, reason, &errors[1]));
  g_assert_false (au_job_lost (job, reason, &errors[2]));
  g_assert_false (au_job_release (job, &errors[3]));
  g_assert_false (au_job_report (job, 0, NULL, &errors[4]));
  g_assert_false (au_job_emit (job, g_variant_new_string ("item"), &errors[5]));
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_assert_error (errors[i], AU_ERROR, AU_ERROR_STALE);
      g_error_free (errors[i]);
    }

  record = assert_stored (engine, handle, AU_STATUS_COMPLETED);
  g_assert_cmpstr (g_variant_get_string (au_record_get_value (record), NULL), ==, "done");

  g_clear_object (&handle);
  g_clear_pointer (&job, au_job_unref);
  fixture_drop (engine);
  g_object_unref (backend);
}

/* A job that was cancelled while it waited cannot begin; its backend hears of it. */
static void
test_jobs_cancelled_in_queue (gconstpointer store)
{
  HandBackend *backend;
  AuEngine *engine = hand_engine_new (store, &backend);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "greet", NULL, NULL);
  g_autoptr(AuJob) job = g_async_queue_pop (backend->jobs);
  g_autoptr(GError) error = NULL;

  g_assert_true (au_handle_cancel (handle));
  g_assert_true (au_job_is_cancelled (job));
  g_assert_cmpuint (backend->n_cancelled, ==, 1);
  g_assert_cmpuint (au_job_begin (job, &error), ==, 0);
  g_assert_nonnull (error);
  g_assert_false (fixture_wait (handle, NULL));
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_CANCELLED);

  g_clear_object (&handle);
  g_clear_pointer (&job, au_job_unref);
  fixture_drop (engine);
  g_object_unref (backend);
}

static const AuFunctionEntry functions[] = {
  { "greet", "()", "s", greet_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, functions);

  g_test_add_data_func ("/engine/jobs/lost/memory", "memory", test_jobs_lost);
  g_test_add_data_func ("/engine/jobs/lost/held", "held", test_jobs_lost);
  g_test_add_data_func ("/engine/jobs/released/memory", "memory", test_jobs_released);
  g_test_add_data_func ("/engine/jobs/released/held", "held", test_jobs_released);
  g_test_add_data_func ("/engine/jobs/stale/memory", "memory", test_jobs_stale);
  g_test_add_data_func ("/engine/jobs/stale/held", "held", test_jobs_stale);
  g_test_add_data_func ("/engine/jobs/cancelled-in-queue/memory", "memory",
                        test_jobs_cancelled_in_queue);
  g_test_add_data_func ("/engine/jobs/cancelled-in-queue/held", "held",
                        test_jobs_cancelled_in_queue);

  return g_test_run ();
}
