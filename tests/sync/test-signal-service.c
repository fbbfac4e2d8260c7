/* test-signal-service.c: an orderly end on signals
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

#include <signal.h>
#include <unistd.h>

typedef struct
{
  GString *order;
  int      signum;
  int      kill;        /* what to send itself in the first startup */
} Log;

static gboolean
startup_cb (AuSignalService  *service,
            gpointer          data,
            GError          **error)
{
  Log *log = data;

  g_string_append_c (log->order, 's');
  if (log->kill > 0)
    kill (getpid (), log->kill);
  log->kill = 0;
  return TRUE;
}

static gboolean
failing_cb (AuSignalService  *service,
            gpointer          data,
            GError          **error)
{
  g_string_append_c (((Log *) data)->order, 'f');
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

static void
callback_cb (AuSignalService *service,
             int              signum,
             gpointer         data)
{
  Log *log = data;

  g_string_append_c (log->order, 'c');
  log->signum = signum;
}

static void
join_cb (AuSignalService *service,
         int              signum,
         gpointer         data)
{
  g_string_append_c (((Log *) data)->order, 'j');
}

static AuSignalService *
make_service (Log *log)
{
  AuSignalService *service = au_signal_service_new ();

  log->order = g_string_new (NULL);
  au_signal_service_add_join (service, join_cb, log, NULL);
  au_signal_service_add_callback (service, callback_cb, log, NULL);
  au_signal_service_add_callback (service, callback_cb, log, NULL);
  au_signal_service_add_startup (service, startup_cb, log, NULL);
  au_signal_service_add_startup (service, startup_cb, log, NULL);

  return service;
}

static void
test_order (void)
{
  static const int signals[] = { SIGINT, SIGTERM };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      Log log = { .kill = signals[i] };
      g_autoptr(AuSignalService) service = make_service (&log);
      struct sigaction before, after;

      sigaction (signals[i], NULL, &before);
      g_assert_true (au_signal_service_run (service, NULL));
      sigaction (signals[i], NULL, &after);
      g_assert_cmpstr (log.order->str, ==, "ssccj");
      g_assert_cmpint (log.signum, ==, signals[i]);
      g_assert_cmpint (au_signal_service_get_signal (service), ==, signals[i]);
      g_assert_true (before.sa_handler == after.sa_handler);
      g_string_free (log.order, TRUE);
    }
}

static gpointer
exit_thread (gpointer data)
{
  au_signal_service_request_exit (data, 0);
  return NULL;
}

static void
test_requested (void)
{
  Log log = { 0 };
  g_autoptr(AuSignalService) service = make_service (&log);
  GThread *thread = g_thread_new ("exit", exit_thread, service);

  g_assert_true (au_signal_service_run (service, NULL));
  g_assert_cmpstr (log.order->str, ==, "ssccj");
  g_assert_cmpint (log.signum, ==, 0);
  g_thread_join (thread);
  g_string_free (log.order, TRUE);
}

static void
test_startup_fails (void)
{
  Log log = { 0 };
  g_autoptr(AuSignalService) service = make_service (&log);
  g_autoptr(GError) error = NULL;

  au_signal_service_add_startup (service, failing_cb, &log, NULL);
  au_signal_service_add_startup (service, startup_cb, &log, NULL);
  g_assert_false (au_signal_service_run (service, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpstr (log.order->str, ==, "ssfccj");
  g_string_free (log.order, TRUE);
}

static void
test_main_loop (void)
{
  Log log = { 0 };
  Log second = { 0 };
  g_autoptr(AuSignalService) service = make_service (&log);
  g_autoptr(AuSignalService) other = make_service (&second);
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  au_signal_service_add_signal (service, SIGUSR1);
  au_signal_service_run_async (service, NULL, sync_outcome_cb, &outcome);
  g_assert_cmpstr (log.order->str, ==, "ss");
  g_assert_false (au_signal_service_run (other, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_FAILED);
  sync_iterate ();
  g_assert_cmpuint (outcome.n_calls, ==, 0);
  kill (getpid (), SIGUSR1);
  g_assert_true (au_signal_service_run_finish (service, sync_outcome_await (&outcome), NULL));
  g_assert_cmpstr (log.order->str, ==, "ssccj");
  g_assert_cmpint (log.signum, ==, SIGUSR1);
  g_string_free (log.order, TRUE);
  g_string_free (second.order, TRUE);
}

static void
hanging_cb (AuSignalService *service,
            int              signum,
            gpointer         data)
{
  /* what a user does who has lost patience */
  kill (getpid (), SIGINT);
  while (TRUE)
    pause ();
}

/* A second Ctrl-C ends a program that hangs while it ends. */
static void
test_second_signal_escapes (void)
{
  if (g_test_subprocess ())
    {
      Log log = { .kill = SIGINT };
      g_autoptr(AuSignalService) service = make_service (&log);

      signal (SIGINT, SIG_DFL);
      au_signal_service_add_join (service, hanging_cb, NULL, NULL);
      au_signal_service_run (service, NULL);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

static void
test_invalid_signal (void)
{
  Log log = { 0 };
  g_autoptr(AuSignalService) service = make_service (&log);
  g_autoptr(GError) error = NULL;

  au_signal_service_add_signal (service, SIGKILL);
  g_assert_false (au_signal_service_run (service, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (log.order->str, ==, "");
  g_string_free (log.order, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sync/signal-service/order", test_order);
  g_test_add_func ("/sync/signal-service/requested", test_requested);
  g_test_add_func ("/sync/signal-service/startup-fails", test_startup_fails);
  g_test_add_func ("/sync/signal-service/main-loop", test_main_loop);
  g_test_add_func ("/sync/signal-service/second-signal-escapes", test_second_signal_escapes);
  g_test_add_func ("/sync/signal-service/invalid-signal", test_invalid_signal);

  return g_test_run ();
}
