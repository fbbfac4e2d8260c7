/* test-handle.c: handles: properties, notifications and waits
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

static GVariant *
nothing_func (AuCall    *call,
              GVariant  *arguments,
              gpointer   data,
              GError   **error)
{
  return NULL;
}

static void
test_handle_properties (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) early = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *key = NULL;
  g_autofree char *function = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GVariant) metadata = NULL;
  g_autoptr(GVariant) result = NULL;
  AuStatus status;
  double progress;
  guint answer = 0;
  HeldCall *call;

  au_options_set_metadata (options, g_variant_new_parsed ("{'answer': <uint32 42>}"));
  handle = fixture_submit (engine, "held", NULL, options);
  call = held_call_take ();
  held_call_set_progress (call, 0.25, "a quarter");
  held_call_expect (call, au_handle_get_progress (handle) == 0.25);

  g_assert_null (au_handle_dup_result (handle, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_READY);
  g_assert_false (au_handle_is_ready (handle));
  g_object_get (handle, "key", &key, "function", &function, "status", &status,
                "progress", &progress, "status-text", &text, "metadata", &metadata,
                "result", &early, NULL);
  g_assert_cmpstr (key, ==, au_handle_get_key (handle));
  g_assert_cmpstr (function, ==, "held");
  g_assert_cmpint (status, ==, AU_STATUS_RUNNING);
  g_assert_cmpfloat (progress, ==, 0.25);
  g_assert_cmpstr (text, ==, "a quarter");
  g_assert_true (g_variant_lookup (metadata, "answer", "u", &answer));
  g_assert_cmpuint (answer, ==, 42);
  g_assert_null (early);

  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, NULL));
  g_object_get (handle, "result", &result, "status", &status, NULL);
  g_assert_cmpstr (g_variant_get_string (result, NULL), ==, "done");
  g_assert_cmpint (status, ==, AU_STATUS_COMPLETED);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* Notifications. */

typedef struct
{
  GMainContext *context;
  GThread      *thread;
  guint         n_status;
  guint         n_result;
  AuStatus      last;
  double        last_progress;
} Listener;

static void
notify_status_cb (GObject    *object,
                  GParamSpec *pspec,
                  gpointer    data)
{
  Listener *listener = data;
  AuStatus status = au_handle_get_status (AU_HANDLE (object));

  g_assert_true (g_thread_self () == listener->thread);
  g_assert_true (g_main_context_is_owner (listener->context));
  g_assert_false (au_status_is_terminal (listener->last));
  g_assert_cmpint (status, >=, listener->last);
  listener->last = status;
  listener->n_status++;
}

static void
notify_progress_cb (GObject    *object,
                    GParamSpec *pspec,
                    gpointer    data)
{
  Listener *listener = data;
  double progress = au_handle_get_progress (AU_HANDLE (object));

  g_assert_cmpfloat (progress, >=, listener->last_progress);
  listener->last_progress = progress;
}

static void
notify_result_cb (GObject    *object,
                  GParamSpec *pspec,
                  gpointer    data)
{
  ((Listener *) data)->n_result++;
}

/* The thread has a main context of its own, if it is not the default one. */
static void
listen (const Parts  *parts,
        GMainContext *context)
{
  Listener listener = { context, g_thread_self (), 0, 0, AU_STATUS_PENDING, -1 };
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call;

  g_signal_connect (handle, "notify::status", G_CALLBACK (notify_status_cb), &listener);
  g_signal_connect (handle, "notify::progress", G_CALLBACK (notify_progress_cb), &listener);
  g_signal_connect (handle, "notify::result", G_CALLBACK (notify_result_cb), &listener);

  call = held_call_take ();
  while (g_main_context_iteration (context, FALSE))
    ;
  listener.n_status = 0;

  /* many changes, one notification */
  for (guint i = 1; i <= 1000; i++)
    held_call_set_progress (call, i / 1000.0, "on");
  g_assert_cmpuint (listener.n_status, ==, 0);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (listener.n_status, ==, 1);
  g_assert_cmpfloat (listener.last_progress, ==, 1);

  held_call_return (call, g_variant_new_string ("done"));
  while (!au_status_is_terminal (listener.last))
    g_main_context_iteration (context, TRUE);
  g_assert_cmpuint (listener.n_result, ==, 1);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (listener.n_result, ==, 1);

  g_clear_object (&handle);
  g_object_unref (engine);
}

static void
test_handle_notify (const Parts *parts)
{
  listen (parts, g_main_context_default ());
}

static gpointer
listen_thread (gpointer data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  listen (data, context);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_handle_notify_private (const Parts *parts)
{
  g_thread_join (g_thread_new ("listener", listen_thread, (gpointer) parts));
}

static void
never_cb (GObject    *object,
          GParamSpec *pspec,
          gpointer    data)
{
  g_assert_not_reached ();
}

/* A handle that is dropped just when it is to be told. */
static void
test_handle_dropped (const Parts *parts)
{
  const guint n_handles = fixture_scale (parts, 5000);
  AuEngine *engine = fixture_engine_new (parts);

  for (guint i = 0; i < n_handles; i++)
    {
      g_autoptr(AuHandle) handle = fixture_submit (engine, "nothing", NULL, NULL);

      g_signal_connect (handle, "notify", G_CALLBACK (never_cb), NULL);
    }

  fixture_drop (engine);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Waits. */

static gpointer
wait_thread (gpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (au_handle_wait (data, -1, NULL, &error));
  g_assert_no_error (error);

  return NULL;
}

static void
test_handle_wait_from_threads (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  GThread *threads[16];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("wait", wait_thread, handle);
  held_call_return (call, g_variant_new_string ("done"));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  g_clear_object (&handle);
  fixture_drop (engine);
}

typedef struct
{
  AuHandle     *handle;
  GCancellable *cancellable;
} CancelledWait;

static gpointer
cancelled_wait_thread (gpointer data)
{
  CancelledWait *wait = data;
  g_autoptr(GError) error = NULL;

  g_assert_false (au_handle_wait (wait->handle, -1, wait->cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  return NULL;
}

static void
test_handle_wait_gives_up (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  CancelledWait wait = { handle, cancellable };
  g_autoptr(GError) error = NULL;
  GThread *other, *cancelled;

  g_assert_false (au_handle_wait (handle, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_false (au_handle_wait (handle, 100, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);

  other = g_thread_new ("wait", wait_thread, handle);
  cancelled = g_thread_new ("cancelled", cancelled_wait_thread, &wait);
  g_cancellable_cancel (cancellable);
  g_thread_join (cancelled);
  g_assert_false (held_call_is_cancelled (call));
  g_assert_false (au_handle_wait (handle, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  held_call_return (call, g_variant_new_string ("done"));
  g_thread_join (other);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
count_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  guint *n = data;

  g_assert_true (au_handle_wait_finish (AU_HANDLE (source), result, NULL));
  (*n)++;
}

/* Never before the function has returned, not even when there is nothing to wait for. */
static void
test_handle_wait_async_later (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "nothing", NULL, NULL);
  guint n = 0;

  g_assert_true (fixture_wait (handle, NULL));
  for (guint i = 0; i < 10; i++)
    {
      au_handle_wait_async (handle, NULL, count_cb, &n);
      g_assert_cmpuint (n, ==, 0);
    }
  while (n < 10)
    g_main_context_iteration (NULL, TRUE);

  g_clear_object (&handle);
  fixture_drop (engine);
}

typedef struct
{
  AuHandle     *handle;
  GMainContext *context;
  GThread      *thread;
  gboolean      done;
} ContextWait;

static void
context_wait_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  ContextWait *wait = data;

  g_assert_true (g_thread_self () == wait->thread);
  g_assert_true (g_main_context_is_owner (wait->context));
  g_assert_true (au_handle_wait_finish (AU_HANDLE (source), result, NULL));
  wait->done = TRUE;
}

static gpointer
context_wait_thread (gpointer data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  ContextWait wait = { data, context, g_thread_self (), FALSE };

  g_main_context_push_thread_default (context);
  au_handle_wait_async (wait.handle, NULL, context_wait_cb, &wait);
  while (!wait.done)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_handle_wait_async_contexts (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("context", context_wait_thread, handle);
  held_call_return (call, g_variant_new_string ("done"));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* The cancellable of the wait is what cancels the computation, too. */
static void
cancel_handle_cb (GCancellable *cancellable,
                  gpointer      data)
{
  au_handle_cancel (data);
}

static void
cancelled_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (au_handle_wait_finish (AU_HANDLE (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *(gboolean *) data = TRUE;
}

static void
test_handle_cancel_both (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(AuHandle) handle = NULL;
  gboolean done = FALSE;

  au_options_set_delay (options, G_TIME_SPAN_HOUR);
  handle = fixture_submit (engine, "held", NULL, options);
  g_cancellable_connect (cancellable, G_CALLBACK (cancel_handle_cb), handle, NULL);
  au_handle_wait_async (handle, cancellable, cancelled_cb, &done);
  g_cancellable_cancel (cancellable);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (fixture_wait (handle, NULL));
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_CANCELLED);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* A job that is not started any more is worth a message, but not a hundred thousand. */
static void
ignore_message (const char     *domain,
                GLogLevelFlags  level,
                const char     *message,
                gpointer        data)
{
}

/* An order to cancel against the end: one of two ends, and never none. */
static void
test_handle_cancel_races (void)
{
  const Parts parts = { "memory", "thread" };
  AuEngine *engine = fixture_engine_new (&parts);
  guint handler = g_log_set_handler ("au", G_LOG_LEVEL_DEBUG, ignore_message, NULL);
  guint n_runs = 100000;
  guint n_completed = 0;

  for (guint i = 0; i < n_runs; i++)
    {
      g_autoptr(AuHandle) handle = fixture_submit (engine, "nothing", NULL, NULL);
      g_autoptr(GError) error = NULL;
      gboolean completed;

      for (guint k = 0; k < i % 64; k++)
        g_atomic_int_get (&n_runs);
      au_handle_cancel (handle);
      completed = au_handle_wait (handle, -1, NULL, &error);
      if (completed)
        n_completed++;
      else
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (au_handle_get_status (handle), ==,
                       completed ? AU_STATUS_COMPLETED : AU_STATUS_CANCELLED);
    }

  g_test_message ("%u of %u completed", n_completed, n_runs);
  g_log_remove_handler ("au", handler);
  fixture_drop (engine);
}

static gpointer
cancel_thread (gpointer data)
{
  g_cancellable_cancel (data);

  return NULL;
}

static void
either_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(GError) error = NULL;

  if (!au_handle_wait_finish (AU_HANDLE (source), result, &error))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  (*(guint *) data)++;
}

/* Cancelling a wait against the end of the computation: one answer. */
static void
test_handle_cancel_wait_races (void)
{
  const Parts parts = { "memory", "thread" };
  AuEngine *engine = fixture_engine_new (&parts);

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(AuHandle) handle = NULL;
      guint n = 0;
      GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

      handle = fixture_submit (engine, "nothing", NULL, NULL);
      au_handle_wait_async (handle, cancellable, either_cb, &n);
      g_thread_join (thread);
      while (n == 0)
        g_main_context_iteration (NULL, TRUE);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_cmpuint (n, ==, 1);
    }

  fixture_drop (engine);
}

/* Waiters cost no descriptor and no thread. */

static guint
count_entries (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

#define N_OUTSTANDING (50000)

static void
test_handle_many_outstanding (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) first = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_done = 0, n_descriptors, n_threads;

  /* once, for what is made when first needed */
  au_options_set_delay (options, G_TIME_SPAN_HOUR);
  g_ptr_array_add (handles, fixture_submit (engine, "held", NULL, options));
  n_descriptors = count_entries ("/proc/self/fd");
  n_threads = count_entries ("/proc/self/task");

  for (guint i = 1; i < N_OUTSTANDING; i++)
    g_ptr_array_add (handles, fixture_submit (engine, "held", NULL, options));
  for (guint i = 0; i < N_OUTSTANDING; i++)
    au_handle_wait_async (handles->pdata[i], NULL, either_cb, &n_done);
  g_assert_cmpuint (count_entries ("/proc/self/fd"), <=, n_descriptors);
  g_assert_cmpuint (count_entries ("/proc/self/task"), <=, n_threads);
  g_assert_cmpuint (n_done, ==, 0);
  g_assert_cmpuint (au_engine_get_n_live (engine), ==, N_OUTSTANDING + 1);

  for (guint i = 0; i < N_OUTSTANDING; i++)
    au_handle_cancel (handles->pdata[i]);
  while (n_done < N_OUTSTANDING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count_entries ("/proc/self/fd"), <=, n_descriptors);

  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (first, NULL));
  g_clear_pointer (&handles, g_ptr_array_unref);
  g_clear_object (&first);
  fixture_drop (engine);
}

static void
gone_cb (gpointer data,
         GObject *where)
{
  g_atomic_int_set ((gint *) data, TRUE);
}

/* An engine lives on until what it runs has ended, and no longer. */
static void
test_handle_engine_dropped (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuStore) store = g_object_ref (au_engine_get_store (engine));
  g_autoptr(AuRecord) record = NULL;
  g_autofree char *key = g_strdup (au_handle_get_key (handle));
  g_autoptr(GError) error = NULL;
  gint gone = FALSE;

  g_object_weak_ref (G_OBJECT (engine), gone_cb, &gone);
  g_object_unref (engine);
  g_clear_object (&handle);
  g_assert_false (g_atomic_int_get (&gone));

  held_call_return (call, g_variant_new_string ("done"));
  for (;;)
    {
      g_clear_pointer (&record, au_record_unref);
      record = au_store_load (store, key, NULL, &error);
      g_assert_no_error (error);
      if (au_status_is_terminal (au_record_get_status (record)))
        break;
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
  while (!g_atomic_int_get (&gone))
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
}

static const AuFunctionEntry functions[] = {
  { "nothing", "()", NULL, nothing_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, functions);

  fixture_add ("/engine/handle/properties", "loop thread process", test_handle_properties);
  fixture_add ("/engine/handle/notify", "loop thread", test_handle_notify);
  fixture_add ("/engine/handle/notify-private", "thread", test_handle_notify_private);
  fixture_add ("/engine/handle/dropped", "inline thread", test_handle_dropped);
  fixture_add ("/engine/handle/wait-from-threads", "loop thread process", test_handle_wait_from_threads);
  fixture_add ("/engine/handle/wait-gives-up", "thread process", test_handle_wait_gives_up);
  fixture_add ("/engine/handle/wait-async-later", NULL, test_handle_wait_async_later);
  fixture_add ("/engine/handle/wait-async-contexts", "loop thread process",
               test_handle_wait_async_contexts);
  fixture_add ("/engine/handle/cancel-both", NULL, test_handle_cancel_both);
  fixture_add ("/engine/handle/engine-dropped", "loop thread process", test_handle_engine_dropped);
  g_test_add_func ("/engine/handle/cancel-races", test_handle_cancel_races);
  g_test_add_func ("/engine/handle/cancel-wait-races", test_handle_cancel_wait_races);
  {
    static const Parts many[] = { { "memory", "thread" }, { "memory", "loop" }, { "memory", "process" } };

    for (guint i = 0; i < G_N_ELEMENTS (many); i++)
      {
        g_autofree char *path = g_strconcat ("/engine/handle/many-outstanding/",
                                             many[i].backend, NULL);

        g_test_add_data_func (path, &many[i],
                              (GTestDataFunc) (void (*) (void)) test_handle_many_outstanding);
      }
  }

  return g_test_run ();
}
