/* au-worker.c: runs what others have put into queues
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-worker-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-key.h>
#include <au/au-param.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/**
 * AuWorker:
 *
 * Runs what others have put into queues: it claims as many computations as it has free
 * slots, runs them on the backend of its engine, through its middleware, and writes how
 * they ended. There may be any number of workers in any number of processes.
 *
 * While it works it renews its leases, tells of itself, takes computations away from
 * workers that are gone, and puts in what its schedules say is due.
 *
 * A worker that is to stop is drained: it claims no more, waits for what runs, and gives
 * back what does not end in time. It lives until then, also without a reference.
 *
 * Workers are MT safe. Schedules are added before it is started.
 *
 * Since: 1.0
 */

static void au_worker_initable_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuWorker, au_worker, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, au_worker_initable_init))

enum
{
  PROP_ENGINE = 1,
  PROP_STORE,
  PROP_BACKEND,
  PROP_MIDDLEWARE,
  PROP_TTL,
  PROP_QUEUES,
  PROP_SLOTS,
  PROP_LEASE,
  PROP_LIMITS,
  PROP_DRAIN_TIMEOUT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static gboolean
make_engine (AuWorker  *self,
             GError   **error)
{
  if (self->engine == NULL)
    self->engine = g_initable_new (AU_TYPE_ENGINE, NULL, error,
                                   "store", self->store,
                                   "backend", self->backend,
                                   "middleware", self->middleware,
                                   "ttl", self->ttl,
                                   NULL);
  g_clear_object (&self->store);
  g_clear_object (&self->backend);
  g_clear_object (&self->middleware);

  return self->engine != NULL;
}

static gboolean
check_engine (AuWorker  *self,
              GError   **error)
{
  AuStore *store = au_engine_get_store (self->engine);
  AuBackend *backend = au_engine_get_backend (self->engine);

  if (!AU_IS_QUEUE (store))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("A worker needs a store that is a queue, and “%s” is none: use another store"),
                   G_OBJECT_TYPE_NAME (store));
      return FALSE;
    }

  if (au_backend_get_queue (backend) != NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("A worker needs a backend that runs computations, and “%s” leaves them to workers: use another backend, such as thread"),
                   G_OBJECT_TYPE_NAME (backend));
      return FALSE;
    }

  self->queue = AU_QUEUE (store);

  return TRUE;
}

static gboolean
check_queues (const char * const *queues,
              GError            **error)
{
  for (; *queues != NULL; queues++)
    {
      if (!au_key_check (*queues, error))
        return FALSE;
    }

  return TRUE;
}

/* Each limit is FUNCTION=NUMBER. They go to @claim, unless that is %NULL. */
static gboolean
read_limits (const char * const  *limits,
             AuClaim             *claim,
             GError             **error)
{
  for (; limits != NULL && *limits != NULL; limits++)
    {
      g_auto(GStrv) parts = g_strsplit (*limits, "=", 2);
      guint64 limit;

      if (parts[0] == NULL || g_strstrip (parts[0])[0] == '\0' || parts[1] == NULL ||
          !g_ascii_string_to_unsigned (g_strstrip (parts[1]), 10, 1, G_MAXUINT, &limit, NULL))
        {
          g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                       _("“%s” is no limit: write the name of a function and a number, such as send-mail=4"),
                       *limits);
          return FALSE;
        }

      if (claim != NULL)
        au_claim_set_limit (claim, parts[0], limit);
    }

  return TRUE;
}

/* The same in a key file, where a list that is given is not empty by intention. Without
 * one it is %NULL. */
static gboolean
queues_check (const GValue  *value,
              gpointer       user_data,
              GError       **error)
{
  const char * const *queues = g_value_get_boxed (value);

  if (queues == NULL)
    return TRUE;
  if (queues[0] != NULL)
    return check_queues (queues, error);

  g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                       _("it names no queue: write at least one, or leave the key out for “default”"));

  return FALSE;
}

static gboolean
limits_check (const GValue  *value,
              gpointer       user_data,
              GError       **error)
{
  return read_limits (g_value_get_boxed (value), NULL, error);
}

static gboolean
au_worker_init_parts (GInitable     *initable,
                      GCancellable  *cancellable,
                      GError       **error)
{
  AuWorker *self = AU_WORKER (initable);

  if (self->claim != NULL)
    return TRUE;

  if (self->queues == NULL || self->queues[0] == NULL)
    {
      g_strfreev (self->queues);
      self->queues = g_strsplit ("default", " ", -1);
    }

  if (!make_engine (self, error) || !check_engine (self, error) ||
      !check_queues ((const char * const *) self->queues, error))
    return FALSE;

  self->id = au_key_new ();
  self->claim = au_claim_new ();
  au_claim_set_lease (self->claim, self->lease);
  au_claim_set_queues (self->claim, (const char * const *) self->queues);

  return read_limits ((const char * const *) self->limits, self->claim, error);
}

static void
au_worker_initable_init (GInitableIface *iface)
{
  iface->init = au_worker_init_parts;
}

static void
au_worker_finalize (GObject *object)
{
  AuWorker *self = AU_WORKER (object);

  g_clear_pointer (&self->thread, g_thread_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_hash_table_unref (self->held);
  g_ptr_array_unref (self->schedules);
  g_clear_object (&self->claim);
  g_clear_object (&self->engine);
  g_clear_object (&self->store);
  g_clear_object (&self->backend);
  g_clear_object (&self->middleware);
  g_strfreev (self->queues);
  g_strfreev (self->limits);
  g_free (self->id);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_worker_parent_class)->finalize (object);
}

static void
au_worker_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  AuWorker *self = AU_WORKER (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;
    case PROP_STORE:
      g_value_set_object (value, self->engine != NULL ? au_engine_get_store (self->engine) : self->store);
      break;
    case PROP_BACKEND:
      g_value_set_object (value, self->engine != NULL ? au_engine_get_backend (self->engine) : self->backend);
      break;
    case PROP_MIDDLEWARE:
      g_value_set_object (value, self->engine != NULL ? au_engine_get_middleware (self->engine) : self->middleware);
      break;
    case PROP_TTL:
      g_value_set_int64 (value, self->ttl);
      break;
    case PROP_QUEUES:
      g_value_set_boxed (value, self->queues);
      break;
    case PROP_SLOTS:
      g_value_set_uint (value, self->slots);
      break;
    case PROP_LEASE:
      g_value_set_int64 (value, self->lease);
      break;
    case PROP_LIMITS:
      g_value_set_boxed (value, self->limits);
      break;
    case PROP_DRAIN_TIMEOUT:
      g_value_set_int64 (value, self->drain_timeout);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_worker_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  AuWorker *self = AU_WORKER (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      self->engine = g_value_dup_object (value);
      break;
    case PROP_STORE:
      self->store = g_value_dup_object (value);
      break;
    case PROP_BACKEND:
      self->backend = g_value_dup_object (value);
      break;
    case PROP_MIDDLEWARE:
      self->middleware = g_value_dup_object (value);
      break;
    case PROP_TTL:
      self->ttl = g_value_get_int64 (value);
      break;
    case PROP_QUEUES:
      self->queues = g_value_dup_boxed (value);
      break;
    case PROP_SLOTS:
      self->slots = g_value_get_uint (value);
      break;
    case PROP_LEASE:
      self->lease = g_value_get_int64 (value);
      break;
    case PROP_LIMITS:
      self->limits = g_value_dup_boxed (value);
      break;
    case PROP_DRAIN_TIMEOUT:
      self->drain_timeout = g_value_get_int64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_parts (GObjectClass *object_class,
               GParamFlags   flags)
{
  /**
   * AuWorker:engine:
   *
   * What runs the computations. Without it, one is made of the store, the backend and the
   * middleware.
   *
   * Since: 1.0
   */
  props[PROP_ENGINE] = g_param_spec_object ("engine", NULL, _("What runs the computations"),
                                            AU_TYPE_ENGINE, flags);

  /**
   * AuWorker:store:
   *
   * The store that is the queue.
   *
   * Since: 1.0
   */
  props[PROP_STORE] = g_param_spec_object ("store", NULL, _("The store that is the queue"),
                                           AU_TYPE_STORE, flags);

  /**
   * AuWorker:backend:
   *
   * Where computations run.
   *
   * Since: 1.0
   */
  props[PROP_BACKEND] = g_param_spec_object ("backend", NULL, _("Where computations run"),
                                             AU_TYPE_BACKEND, flags);

  /**
   * AuWorker:middleware:
   *
   * What runs around computations, in this order: a list of [iface@Au.Middleware].
   *
   * Since: 1.0
   */
  props[PROP_MIDDLEWARE] = g_param_spec_object ("middleware", NULL,
                                                _("What runs around computations, in this order"),
                                                G_TYPE_LIST_MODEL, flags);

  /**
   * AuWorker:ttl:
   *
   * How long records of what functions submit here are kept; see
   * [property@Au.Engine:ttl].
   *
   * Since: 1.0
   */
  props[PROP_TTL] = au_param_spec_duration ("ttl", NULL,
                                            _("How long records are kept after their end; 0 for ever"),
                                            0, G_MAXINT64, 0, flags);
}

static void
au_worker_class_init (AuWorkerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = au_worker_finalize;
  object_class->get_property = au_worker_get_property;
  object_class->set_property = au_worker_set_property;

  install_parts (object_class, flags);

  /**
   * AuWorker:queues:
   *
   * The names of the queues that are served, the most important one first; by default
   * `default`. Every eighth claim begins with another one, so that the last queue gets
   * something however much is in those before it.
   *
   * Since: 1.0
   */
  props[PROP_QUEUES] = g_param_spec_boxed ("queues", NULL, _("The queues to serve, the most important one first"),
                                           G_TYPE_STRV, flags);
  au_param_spec_set_check (props[PROP_QUEUES], queues_check, NULL, NULL);

  /**
   * AuWorker:slots:
   *
   * How many computations it has in hand at the same time; 0 for as many as its backend
   * runs at the same time.
   *
   * Since: 1.0
   */
  props[PROP_SLOTS] = g_param_spec_uint ("slots", NULL,
                                         _("How many computations at the same time; 0 for as many as the backend runs"),
                                         0, G_MAXUINT, 0, flags);

  /**
   * AuWorker:lease:
   *
   * After how long without a word from it others take its computations away, in
   * microseconds. It speaks three times as often.
   *
   * Since: 1.0
   */
  props[PROP_LEASE] = au_param_spec_duration ("lease", NULL,
                                              _("After how long without a word others take its computations away"),
                                              G_TIME_SPAN_SECOND / 10, G_TIME_SPAN_DAY,
                                              30 * G_TIME_SPAN_SECOND, flags);

  /**
   * AuWorker:limits:
   *
   * How many computations of a function run at the same time, all workers together: each
   * is a name and a number, such as `send-mail=4`.
   *
   * Since: 1.0
   */
  props[PROP_LIMITS] = g_param_spec_boxed ("limits", NULL,
                                           _("How many of a function run at the same time, such as send-mail=4"),
                                           G_TYPE_STRV, flags);
  au_param_spec_set_check (props[PROP_LIMITS], limits_check, NULL, NULL);

  /**
   * AuWorker:drain-timeout:
   *
   * How long a worker that is to stop waits for what runs, in microseconds, where whoever
   * stops it does not say.
   *
   * Since: 1.0
   */
  props[PROP_DRAIN_TIMEOUT] = au_param_spec_duration ("drain-timeout", NULL,
                                                      _("How long to wait for what runs when told to stop"),
                                                      0, G_MAXINT64, 25 * G_TIME_SPAN_SECOND, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_worker_init (AuWorker *self)
{
  g_mutex_init (&self->lock);
  self->held = g_hash_table_new (NULL, NULL);
  self->schedules = g_ptr_array_new_with_free_func (au_worker_schedule_free);
}

/**
 * au_worker_new:
 * @engine: what runs the computations: its store is a queue, and its backend runs what it
 *   is given
 * @queues: (array zero-terminated=1) (nullable): the queues to serve, or %NULL for
 *   `default`
 * @error: return location for an error
 *
 * Makes a worker. It does nothing before [method@Au.Worker.start].
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when the engine has no queue or only leaves work to
 * others, and with %AU_ERROR_INVALID_KEY.
 *
 * Returns: (transfer full): the worker
 *
 * Since: 1.0
 */
AuWorker *
au_worker_new (AuEngine            *engine,
               const char * const  *queues,
               GError             **error)
{
  g_return_val_if_fail (AU_IS_ENGINE (engine), NULL);

  return g_initable_new (AU_TYPE_WORKER, NULL, error,
                         "engine", engine,
                         "queues", queues,
                         NULL);
}

/**
 * au_worker_get_engine:
 * @self: a worker
 *
 * Gets what runs its computations; functions are added there.
 *
 * Returns: (transfer none): the engine
 *
 * Since: 1.0
 */
AuEngine *
au_worker_get_engine (AuWorker *self)
{
  g_return_val_if_fail (AU_IS_WORKER (self), NULL);

  return self->engine;
}

/**
 * au_worker_get_id:
 * @self: a worker
 *
 * Gets its name, which no other worker has.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
au_worker_get_id (AuWorker *self)
{
  g_return_val_if_fail (AU_IS_WORKER (self), NULL);

  return self->id;
}

/**
 * au_worker_get_queues:
 * @self: a worker
 *
 * Gets the queues that it serves.
 *
 * Returns: (transfer none) (array zero-terminated=1): their names
 *
 * Since: 1.0
 */
const char * const *
au_worker_get_queues (AuWorker *self)
{
  g_return_val_if_fail (AU_IS_WORKER (self), NULL);

  return (const char * const *) self->queues;
}

/**
 * au_worker_get_slots:
 * @self: a worker
 *
 * Gets how many computations it has in hand at the same time.
 *
 * MT safe.
 *
 * Returns: the number, never 0
 *
 * Since: 1.0
 */
guint
au_worker_get_slots (AuWorker *self)
{
  guint slots;

  g_return_val_if_fail (AU_IS_WORKER (self), 0);

  slots = self->slots > 0 ? self->slots : au_backend_get_max_workers (au_engine_get_backend (self->engine));

  return slots > 0 ? slots : g_get_num_processors ();
}

/**
 * au_worker_get_running:
 * @self: a worker
 *
 * Gets how many computations it has in hand now.
 *
 * MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_worker_get_running (AuWorker *self)
{
  guint n_in_hand;

  g_return_val_if_fail (AU_IS_WORKER (self), 0);

  g_mutex_lock (&self->lock);
  n_in_hand = self->n_in_hand;
  g_mutex_unlock (&self->lock);

  return n_in_hand;
}

/**
 * au_worker_get_seen:
 * @self: a worker
 *
 * Gets when its thread was last seen to do its round, which it does at least once a second
 * unless the queue does not answer: for a watchdog.
 *
 * MT safe.
 *
 * Returns: a time of [func@Au.clock_get_monotonic_time], 0 before the first round
 *
 * Since: 1.0
 */
gint64
au_worker_get_seen (AuWorker *self)
{
  gint64 seen;

  g_return_val_if_fail (AU_IS_WORKER (self), 0);

  g_mutex_lock (&self->lock);
  seen = self->seen;
  g_mutex_unlock (&self->lock);

  return seen;
}

/**
 * au_worker_add_schedule:
 * @self: a worker
 * @schedule: a schedule
 * @error: return location for an error
 *
 * Has the worker put the computations of @schedule into their queue when they are due. To
 * be called before the worker is started.
 *
 * Fails with %AU_ERROR_UNKNOWN_FUNCTION, with the errors of modules, and as
 * [method@Au.Schedule.make_record] does.
 *
 * Returns: %TRUE when it was added
 *
 * Since: 1.0
 */
gboolean
au_worker_add_schedule (AuWorker    *self,
                        AuSchedule  *schedule,
                        GError     **error)
{
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuRecord) record = NULL;

  g_return_val_if_fail (AU_IS_WORKER (self), FALSE);
  g_return_val_if_fail (AU_IS_SCHEDULE (schedule), FALSE);

  function = au_engine_find_function (self->engine, au_schedule_get_function (schedule), error);
  if (function == NULL)
    return FALSE;

  record = au_schedule_make_record (schedule, function, self->queues[0], au_clock_get_real_time (), error);
  if (record == NULL)
    return FALSE;

  g_ptr_array_add (self->schedules, au_worker_schedule_new (schedule, function));

  return TRUE;
}

/**
 * au_worker_start:
 * @self: a worker
 * @error: return location for an error
 *
 * Starts the work, in a thread of its own.
 *
 * Fails with %AU_ERROR_STORE when the queue cannot be used, and with %AU_ERROR_CLOSED when
 * the worker was started before.
 *
 * Returns: %TRUE when it was started
 *
 * Since: 1.0
 */
gboolean
au_worker_start (AuWorker  *self,
                 GError   **error)
{
  g_return_val_if_fail (AU_IS_WORKER (self), FALSE);

  if (self->context != NULL)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_CLOSED, _("The worker was started before"));
      return FALSE;
    }

  self->started = au_clock_get_real_time ();
  if (!au_worker_announce (self, AU_WORKER_STATE_RUNNING, error))
    return FALSE;

  self->context = g_main_context_new ();
  self->thread = g_thread_new ("au-worker-queue", au_worker_thread, g_object_ref (self));

  return TRUE;
}

/**
 * au_worker_drain_async:
 * @self: a worker
 * @timeout: how long to wait for what runs, in microseconds; -1 for as long as
 *   [property@Au.Worker:drain-timeout] says
 * @callback: (scope async): called when nothing runs any more
 * @user_data: data for @callback
 *
 * Stops the worker: it claims no more, waits for what runs, and gives back what has not
 * ended in time, which costs it no attempt. A second call with another timeout changes the
 * first one's.
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_worker_drain_async (AuWorker            *self,
                       GTimeSpan            timeout,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  GTask *task;
  gint64 now;

  g_return_if_fail (AU_IS_WORKER (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, au_worker_drain_async);
  if (timeout < 0)
    timeout = self->drain_timeout;

  g_mutex_lock (&self->lock);
  if (self->context == NULL || self->finished)
    {
      g_mutex_unlock (&self->lock);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  self->drain_tasks = g_slist_prepend (self->drain_tasks, task);
  now = au_clock_get_monotonic_time ();
  self->drain_end = timeout < G_MAXINT64 - now ? now + timeout : G_MAXINT64;
  self->draining = TRUE;
  g_mutex_unlock (&self->lock);

  g_main_context_wakeup (self->context);
}

/**
 * au_worker_drain_finish:
 * @self: a worker
 * @result: what the callback was given
 * @n_given_back: (out) (optional): how many computations have not ended here: those that
 *   were given back, and those whose outcome the store did not take, which come back when
 *   their lease is over
 * @error: return location for an error
 *
 * Ends [method@Au.Worker.drain_async].
 *
 * MT safe.
 *
 * Returns: %TRUE
 *
 * Since: 1.0
 */
gboolean
au_worker_drain_finish (AuWorker      *self,
                        GAsyncResult  *result,
                        guint         *n_given_back,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (n_given_back != NULL)
    {
      g_mutex_lock (&self->lock);
      *n_given_back = self->n_given_back;
      g_mutex_unlock (&self->lock);
    }

  return g_task_propagate_boolean (G_TASK (result), error);
}
