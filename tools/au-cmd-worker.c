/* au-cmd-worker.c: au worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-interrupt.h"
#include "au-tool-options.h"

#include <systemd/sd-daemon.h>

#include <glib/gi18n-lib.h>

/* A worker that has not done its round for so long is stuck. */
#define STUCK (10 * G_TIME_SPAN_SECOND)

typedef struct
{
  AuTool    *tool;
  char     **queues;
  int        slots;
  char      *lease;
  char      *drain_timeout;
  GTimeSpan  drain_span;    /* -1 when not given */
  AuWorker  *worker;        /* the one that claims */
  GPtrArray *workers;       /* it, and former ones that still have something in hand */
  gboolean   stopping;
  guint      n_given_back;

  GMutex     lock;          /* for what follows */
  GCond      closed;
  guint      n_stores;      /* that workers have open */
} Run;

/* The last one of a store's users may be a thread that is just ending. */
#define CLOSE_TIMEOUT (2 * G_TIME_SPAN_SECOND)

static void
store_closed_cb (gpointer data)
{
  Run *run = data;

  g_mutex_lock (&run->lock);
  run->n_stores--;
  g_cond_signal (&run->closed);
  g_mutex_unlock (&run->lock);
}

/* Notes a store that is to be closed before this program ends, so that it leaves nothing
 * behind that others have to clean up.
 */
static void
watch_store (Run      *run,
             AuWorker *worker)
{
  AuStore *store = au_engine_get_store (au_worker_get_engine (worker));

  g_mutex_lock (&run->lock);
  run->n_stores++;
  g_mutex_unlock (&run->lock);
  g_object_set_data_full (G_OBJECT (store), "au-tool-worker", run, store_closed_cb);
}

static void
wait_for_stores (Run *run)
{
  gint64 end = au_clock_get_monotonic_time () + CLOSE_TIMEOUT;

  g_mutex_lock (&run->lock);
  while (run->n_stores > 0 && g_cond_wait_until (&run->closed, &run->lock, end))
    ;
  g_mutex_unlock (&run->lock);
}

/* Options go before what the key file says. */
static gboolean
apply_options (Run       *run,
               AuConfig  *config,
               GError   **error)
{
  g_autofree char *queues = run->queues != NULL ? g_strjoinv (";", run->queues) : NULL;
  g_autofree char *slots = run->slots > 0 ? g_strdup_printf ("%d", run->slots) : NULL;
  const struct
  {
    const char *name;
    const char *value;
  } settings[] = {
    { "worker.queues", queues },
    { "worker.slots", slots },
    { "worker.lease", run->lease },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      if (settings[i].value != NULL && !au_config_set (config, settings[i].name, settings[i].value, error))
        return FALSE;
    }

  return TRUE;
}

/* Makes a worker of what the key file says now. */
static AuWorker *
make_worker (Run     *run,
             GError **error)
{
  g_autoptr(AuConfig) config = au_tool_read_config (run->tool, error);

  if (config == NULL || !apply_options (run, config, error))
    return NULL;

  return au_worker_new_from_config (config, error);
}

static void
announce (Run        *run,
          const char *remark)
{
  g_autofree char *queues = g_strjoinv (", ", (char **) au_worker_get_queues (run->worker));

  sd_notifyf (0, "READY=1\nSTATUS=Serves %s, %u at a time%s%s", queues, au_worker_get_slots (run->worker),
              remark != NULL ? "; " : "", remark != NULL ? remark : "");
  if (remark == NULL)
    au_tool_say (run->tool, _("%s serves %s, %u at a time"), au_worker_get_id (run->worker), queues,
                 au_worker_get_slots (run->worker));
}

static gboolean
start_worker (Run       *run,
              AuWorker  *worker,
              GError   **error)
{
  if (!au_worker_start (worker, error))
    return FALSE;

  g_ptr_array_add (run->workers, g_object_ref (worker));
  g_set_object (&run->worker, worker);
  watch_store (run, worker);
  announce (run, NULL);

  return TRUE;
}

static void
on_drained (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Run *run = data;
  guint n_given_back = 0;

  au_worker_drain_finish (AU_WORKER (source), result, &n_given_back, NULL);

  /* A former one is told twice when the program ends meanwhile. */
  if (g_ptr_array_remove (run->workers, source))
    run->n_given_back += n_given_back;
}

/* The first signal; a second one ends the program, and others get what it had in hand. */
static void
on_signal (gpointer data)
{
  Run *run = data;
  guint running = 0;

  run->stopping = TRUE;
  sd_notify (0, "STOPPING=1");
  for (guint i = 0; i < run->workers->len; i++)
    running += au_worker_get_running (g_ptr_array_index (run->workers, i));
  if (running > 0)
    au_tool_say (run->tool,
                 g_dngettext (GETTEXT_PACKAGE, "stopping when %u computation has ended; once more to stop at once",
                              "stopping when %u computations have ended; once more to stop at once", running),
                 running);

  /* The last one first, as those before it claim nothing any more: it is not to take what
   * they give back. */
  for (guint i = run->workers->len; i > 0; i--)
    au_worker_drain_async (g_ptr_array_index (run->workers, i - 1), run->drain_span, on_drained, run);
}

/* The new settings are in force before the former ones are given up, so that no moment is
 * without a worker, and settings that cannot be used change nothing. What runs ends as it
 * began, however long it takes. */
static void
on_reload (gpointer data)
{
  Run *run = data;
  g_autoptr(AuWorker) former = NULL;
  g_autoptr(AuWorker) worker = NULL;
  g_autoptr(GError) error = NULL;

  if (run->stopping)
    return;

  sd_notifyf (0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, au_clock_get_monotonic_time ());
  former = g_object_ref (run->worker);
  worker = make_worker (run, &error);
  if (worker == NULL || !start_worker (run, worker, &error))
    {
      au_tool_complain (run->tool, _("the former settings stay in force: %s"), error->message);
      announce (run, error->message);
      return;
    }

  au_worker_drain_async (former, G_MAXINT64, on_drained, run);
}

static gboolean
on_watchdog (gpointer data)
{
  Run *run = data;

  if (au_clock_get_monotonic_time () - au_worker_get_seen (run->worker) < STUCK)
    sd_notify (0, "WATCHDOG=1");

  return G_SOURCE_CONTINUE;
}

static guint
add_watchdog (Run *run)
{
  uint64_t period;

  if (sd_watchdog_enabled (0, &period) <= 0)
    return 0;

  return g_timeout_add (MAX (period / 2 / G_TIME_SPAN_MILLISECOND, 1), on_watchdog, run);
}

static int
work (Run      *run,
      AuWorker *worker)
{
  g_autoptr(GError) error = NULL;
  guint watchdog;

  au_tool_interrupt_watch_reload (on_reload, run);
  au_tool_interrupt_hold ();
  if (!start_worker (run, worker, &error))
    return au_tool_fail (run->tool, error);

  watchdog = add_watchdog (run);
  au_tool_interrupt_watch (on_signal, run);
  while (run->workers->len > 0)
    g_main_context_iteration (NULL, TRUE);
  au_tool_interrupt_unwatch ();
  g_clear_handle_id (&watchdog, g_source_remove);

  if (run->n_given_back == 0)
    return AU_TOOL_EXIT_SUCCESS;

  au_tool_say (run->tool,
               g_dngettext (GETTEXT_PACKAGE, "%u computation had not ended, and is in its queue again",
                            "%u computations had not ended, and are in their queues again", run->n_given_back),
               run->n_given_back);

  return AU_TOOL_EXIT_NOT_ENDED;
}

static void
run_clear (Run *run)
{
  g_clear_object (&run->worker);
  g_ptr_array_unref (run->workers);
  g_strfreev (run->queues);
  g_free (run->lease);
  g_free (run->drain_timeout);
}

static int
parse_and_work (Run   *run,
                int    argc,
                char **argv)
{
  const GOptionEntry entries[] = {
    { "queue", 'Q', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &run->queues,
      N_("Serve this queue; may be given more than once, the most important one first"), N_("QUEUE") },
    { "slots", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &run->slots,
      N_("Have so many computations in hand at the same time"), N_("N") },
    { "lease", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &run->lease,
      N_("Let others take computations away after so long without a word"), N_("DURATION") },
    { "drain-timeout", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &run->drain_timeout,
      N_("When told to stop, wait so long for what runs"), N_("DURATION") },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(AuWorker) worker = NULL;
  g_autoptr(GError) error = NULL;

  context = au_tool_context_new (run->tool, _("— run what was put into queues"),
                                 _("Runs until it is told to stop by SIGTERM or SIGINT. It then claims no more, waits for\n"
                                   "what runs, and gives back what does not end in time, which costs it no attempt. The\n"
                                   "exit code is 0 when everything has ended, and 5 when something was given back.\n"
                                   "On SIGHUP it reads its settings again, while what runs goes on to its end.\n"
                                   "The group [worker] of the key file says where computations run; see “man au”."),
                                 entries);
  if (!au_tool_parse (run->tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc > 1)
    return au_tool_usage (run->tool, _("“%s” is not wanted: --queue names a queue"), argv[1]);
  if (run->slots < 0)
    return au_tool_usage (run->tool, _("--slots: %d is out of range: use 1 or more"), run->slots);

  if (run->drain_timeout != NULL &&
      !au_tool_duration ("drain-timeout", run->drain_timeout, &run->drain_span, &error))
    return au_tool_fail (run->tool, error);

  /* What is wrong on the command line is not in the settings, which others may be. */
  if (au_tool_get_config (run->tool, &error) == NULL || !apply_options (run, run->tool->config, &error))
    return au_tool_fail (run->tool, error);

  worker = au_worker_new_from_config (run->tool->config, &error);
  if (worker == NULL)
    {
      au_tool_fail (run->tool, error);

      /* What parts do not accept is in the settings, and not in the command line. */
      return MAX (au_tool_exit_for_error (error), AU_TOOL_EXIT_CONFIG);
    }

  return work (run, worker);
}

int
au_cmd_worker (AuTool *tool,
               int     argc,
               char  **argv)
{
  /* stays there for a store that is closed too late */
  static Run run;
  int code;

  run = (Run) { .tool = tool, .drain_span = -1, .workers = g_ptr_array_new_with_free_func (g_object_unref) };
  code = parse_and_work (&run, argc, argv);

  run_clear (&run);
  wait_for_stores (&run);

  return code;
}
