/* au-signal-service.c: an orderly end on signals
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-error.h>
#include <au/au-signal-service.h>

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A function that was added. */
typedef struct
{
  AuSignalServiceStartup  startup;  /* either of the two */
  AuSignalServiceCallback callback;
  gpointer                user_data;
  GDestroyNotify          destroy;
} Step;

/* A signal that is listened to. */
typedef struct
{
  int              signum;
  struct sigaction former;
  gboolean         installed;
} Signal;

struct _AuSignalService
{
  GObject    parent_instance;

  GArray    *signals;
  GPtrArray *startups;
  GPtrArray *callbacks;
  GPtrArray *joins;

  int        bell;              /* readable once the end was asked for */
  int        asked;             /* atomic: by which signal; 0 by the program, -1 not yet */
  gboolean   running;

  GCancellable *cancellable;    /* while it runs in a main loop */
  gulong     cancelled_id;
};

/* The one that listens; read by the signal handler. */
static AuSignalService *listening;

/**
 * AuSignalService:
 *
 * Starts the parts of a program, waits for a signal, and ends them in order.
 *
 * [method@Au.SignalService.run] calls the startups in the order in which they were
 * added, waits for one of its signals (SIGINT and SIGTERM if none was added) or for
 * [method@Au.SignalService.request_exit], tells the callbacks, which make everything
 * end, and calls the joins, which wait for that. When a startup fails, the later ones
 * are left out, and callbacks and joins are called all the same.
 *
 * From the first signal on, all signals have the effect that they had before: a second
 * Ctrl-C ends a program that hangs while it ends. Afterwards everything is as it was.
 *
 * One service can run at a time. Functions are added before it runs, by the thread that
 * runs it; [method@Au.SignalService.request_exit] is MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuSignalService, au_signal_service, G_TYPE_OBJECT)

static void
step_free (gpointer data)
{
  Step *step = data;

  if (step->destroy != NULL)
    step->destroy (step->user_data);
  g_free (step);
}

static void
ask (AuSignalService *self,
     int              signum)
{
  int expected = -1;

  /* only the first counts */
  if (__atomic_compare_exchange_n (&self->asked, &expected, signum, FALSE,
                                   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    {
      const guint64 one = 1;

      if (write (self->bell, &one, sizeof one) < 0)
        return;
    }
}

/* Calls nothing but what a signal handler may. */
static void
signal_handler (int signum)
{
  AuSignalService *self = __atomic_load_n (&listening, __ATOMIC_SEQ_CST);
  int saved = errno;

  if (self != NULL)
    ask (self, signum);
  errno = saved;
}

static void
restore_signals (AuSignalService *self)
{
  for (guint i = 0; i < self->signals->len; i++)
    {
      Signal *each = &g_array_index (self->signals, Signal, i);

      if (each->installed)
        sigaction (each->signum, &each->former, NULL);
      each->installed = FALSE;
    }
}

static gboolean
install_signals (AuSignalService  *self,
                 GError          **error)
{
  struct sigaction action = { .sa_handler = signal_handler, .sa_flags = SA_RESTART };

  if (self->signals->len == 0)
    {
      au_signal_service_add_signal (self, SIGINT);
      au_signal_service_add_signal (self, SIGTERM);
    }

  sigemptyset (&action.sa_mask);
  for (guint i = 0; i < self->signals->len; i++)
    {
      Signal *each = &g_array_index (self->signals, Signal, i);

      if (sigaction (each->signum, &action, &each->former) != 0)
        {
          int code = errno;

          restore_signals (self);
          g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                       _("Signal %d cannot be listened to: %s"), each->signum, g_strerror (code));
          return FALSE;
        }
      each->installed = TRUE;
    }

  return TRUE;
}

static gboolean
begin (AuSignalService  *self,
       GError          **error)
{
  AuSignalService *none = NULL;

  if (!__atomic_compare_exchange_n (&listening, &none, self, FALSE,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_FAILED,
                           _("Another service listens to signals already: only one can run at a time"));
      return FALSE;
    }

  if (!install_signals (self, error))
    {
      __atomic_store_n (&listening, NULL, __ATOMIC_SEQ_CST);
      return FALSE;
    }

  self->running = TRUE;
  g_object_ref (self);

  return TRUE;
}

static gboolean
start (AuSignalService  *self,
       GError          **error)
{
  for (guint i = 0; i < self->startups->len; i++)
    {
      Step *step = self->startups->pdata[i];

      if (!step->startup (self, step->user_data, error))
        return FALSE;
    }

  return TRUE;
}

static void
end (AuSignalService *self)
{
  int signum = MAX (au_signal_service_get_signal (self), 0);
  guint64 n_rings;

  restore_signals (self);
  __atomic_store_n (&listening, NULL, __ATOMIC_SEQ_CST);
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (self->cancellable, self->cancelled_id);
  self->cancelled_id = 0;
  g_clear_object (&self->cancellable);

  for (guint i = 0; i < self->callbacks->len; i++)
    {
      Step *step = self->callbacks->pdata[i];

      step->callback (self, signum, step->user_data);
    }
  for (guint i = 0; i < self->joins->len; i++)
    {
      Step *step = self->joins->pdata[i];

      step->callback (self, signum, step->user_data);
    }

  if (read (self->bell, &n_rings, sizeof n_rings) < 0)
    g_debug ("a service ends that was not asked to");
  self->running = FALSE;
  g_object_unref (self);
}

static void
au_signal_service_finalize (GObject *object)
{
  AuSignalService *self = AU_SIGNAL_SERVICE (object);

  g_array_unref (self->signals);
  g_ptr_array_unref (self->startups);
  g_ptr_array_unref (self->callbacks);
  g_ptr_array_unref (self->joins);
  if (self->bell >= 0)
    close (self->bell);

  G_OBJECT_CLASS (au_signal_service_parent_class)->finalize (object);
}

static void
au_signal_service_class_init (AuSignalServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_signal_service_finalize;
}

static void
au_signal_service_init (AuSignalService *self)
{
  self->signals = g_array_new (FALSE, TRUE, sizeof (Signal));
  self->startups = g_ptr_array_new_with_free_func (step_free);
  self->callbacks = g_ptr_array_new_with_free_func (step_free);
  self->joins = g_ptr_array_new_with_free_func (step_free);
  self->bell = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->asked = -1;
}

/**
 * au_signal_service_new:
 *
 * Makes a service for SIGINT and SIGTERM, unless signals are added.
 *
 * Returns: (transfer full): a new service
 *
 * Since: 1.0
 */
AuSignalService *
au_signal_service_new (void)
{
  return g_object_new (AU_TYPE_SIGNAL_SERVICE, NULL);
}

/**
 * au_signal_service_add_signal:
 * @self: a service that does not run
 * @signum: the number of a signal, such as SIGHUP
 *
 * Listens to a signal, in the place of SIGINT and SIGTERM unless they are added too.
 *
 * Since: 1.0
 */
void
au_signal_service_add_signal (AuSignalService *self,
                              int              signum)
{
  Signal added = { .signum = signum };

  g_return_if_fail (AU_IS_SIGNAL_SERVICE (self));
  g_return_if_fail (!self->running);
  g_return_if_fail (signum > 0);

  g_array_append_val (self->signals, added);
}

static void
add_step (GPtrArray               *steps,
          AuSignalServiceStartup   startup,
          AuSignalServiceCallback  callback,
          gpointer                 user_data,
          GDestroyNotify           destroy)
{
  Step *step = g_new0 (Step, 1);

  step->startup = startup;
  step->callback = callback;
  step->user_data = user_data;
  step->destroy = destroy;
  g_ptr_array_add (steps, step);
}

/**
 * au_signal_service_add_startup:
 * @self: a service that does not run
 * @func: (scope notified) (closure user_data) (destroy destroy): starts something
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Has @func called when the service begins to run, after those added before.
 *
 * Since: 1.0
 */
void
au_signal_service_add_startup (AuSignalService        *self,
                               AuSignalServiceStartup  func,
                               gpointer                user_data,
                               GDestroyNotify          destroy)
{
  g_return_if_fail (AU_IS_SIGNAL_SERVICE (self));
  g_return_if_fail (!self->running);
  g_return_if_fail (func != NULL);

  add_step (self->startups, func, NULL, user_data, destroy);
}

/**
 * au_signal_service_add_callback:
 * @self: a service that does not run
 * @func: (scope notified) (closure user_data) (destroy destroy): tells something to end
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Has @func called on the signal, after those added before. It must not wait.
 *
 * Since: 1.0
 */
void
au_signal_service_add_callback (AuSignalService         *self,
                                AuSignalServiceCallback  func,
                                gpointer                 user_data,
                                GDestroyNotify           destroy)
{
  g_return_if_fail (AU_IS_SIGNAL_SERVICE (self));
  g_return_if_fail (!self->running);
  g_return_if_fail (func != NULL);

  add_step (self->callbacks, NULL, func, user_data, destroy);
}

/**
 * au_signal_service_add_join:
 * @self: a service that does not run
 * @func: (scope notified) (closure user_data) (destroy destroy): waits for the end of
 *   something
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Has @func called after all callbacks, and after the joins added before.
 *
 * Since: 1.0
 */
void
au_signal_service_add_join (AuSignalService         *self,
                            AuSignalServiceCallback  func,
                            gpointer                 user_data,
                            GDestroyNotify           destroy)
{
  g_return_if_fail (AU_IS_SIGNAL_SERVICE (self));
  g_return_if_fail (!self->running);
  g_return_if_fail (func != NULL);

  add_step (self->joins, NULL, func, user_data, destroy);
}

/**
 * au_signal_service_run:
 * @self: a service
 * @error: return location for an error
 *
 * Runs the service, and blocks the calling thread until everything has ended. All
 * functions are called in this thread.
 *
 * Fails with the error of a startup; with %AU_ERROR_FAILED when another service runs,
 * and with %AU_ERROR_INVALID_ARGUMENT when a signal cannot be listened to, and nothing
 * was called then.
 *
 * Returns: %TRUE when the service was started and has ended
 *
 * Since: 1.0
 */
gboolean
au_signal_service_run (AuSignalService  *self,
                       GError          **error)
{
  gboolean started;

  g_return_val_if_fail (AU_IS_SIGNAL_SERVICE (self), FALSE);
  g_return_val_if_fail (!self->running, FALSE);

  if (!begin (self, error))
    return FALSE;

  started = start (self, error);
  while (started && au_signal_service_get_signal (self) < 0)
    {
      struct pollfd bell = { .fd = self->bell, .events = POLLIN };

      poll (&bell, 1, -1);
    }
  end (self);

  return started;
}

static gboolean
rang_cb (int          fd,
         GIOCondition condition,
         gpointer     data)
{
  GTask *task = data;

  end (g_task_get_source_object (task));
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);

  return G_SOURCE_REMOVE;
}

static void
run_cancelled_cb (GCancellable *cancellable,
                  gpointer      data)
{
  ask (data, 0);
}

/**
 * au_signal_service_run_async:
 * @self: a service
 * @cancellable: (nullable): asks for the end as
 *   [method@Au.SignalService.request_exit] does
 * @callback: (scope async): called when everything has ended
 * @user_data: data for @callback
 *
 * Runs the service without blocking. Startups are called before this returns, callbacks
 * and joins in the thread-default main context of the caller, and so is @callback.
 *
 * Since: 1.0
 */
void
au_signal_service_run_async (AuSignalService     *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(GSource) source = NULL;
  GError *error = NULL;

  g_return_if_fail (AU_IS_SIGNAL_SERVICE (self));
  g_return_if_fail (!self->running);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_signal_service_run_async);

  if (!begin (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  if (!start (self, &error))
    {
      end (self);
      g_task_return_error (task, error);
      return;
    }

  source = g_unix_fd_source_new (self->bell, G_IO_IN);
  g_source_set_static_name (source, "[au] signals");
  g_source_set_callback (source, G_SOURCE_FUNC (rang_cb), g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));

  if (cancellable != NULL)
    {
      self->cancellable = g_object_ref (cancellable);
      self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (run_cancelled_cb),
                                                  g_object_ref (self), g_object_unref);
    }
}

/**
 * au_signal_service_run_finish:
 * @self: a service
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.SignalService.run_async].
 *
 * Fails as [method@Au.SignalService.run] does, and with %G_IO_ERROR_CANCELLED, after
 * everything has ended in order.
 *
 * Returns: %TRUE when the service was started and has ended
 *
 * Since: 1.0
 */
gboolean
au_signal_service_run_finish (AuSignalService  *self,
                              GAsyncResult     *result,
                              GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * au_signal_service_request_exit:
 * @self: a service
 * @signum: the signal that callbacks are told of, or 0 for none
 *
 * Asks for the end from inside the program. A service that does not run yet ends as soon
 * as it was started.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_signal_service_request_exit (AuSignalService *self,
                                int              signum)
{
  g_return_if_fail (AU_IS_SIGNAL_SERVICE (self));
  g_return_if_fail (signum >= 0);

  ask (self, signum);
}

/**
 * au_signal_service_get_signal:
 * @self: a service
 *
 * Gets which signal has asked for the end.
 *
 * MT safe.
 *
 * Returns: the signal; 0 if it was the program itself, -1 if nobody has
 *
 * Since: 1.0
 */
int
au_signal_service_get_signal (AuSignalService *self)
{
  g_return_val_if_fail (AU_IS_SIGNAL_SERVICE (self), -1);

  return __atomic_load_n (&self->asked, __ATOMIC_SEQ_CST);
}
