/* au-pool-private.h: worker processes, and the jobs that they run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../au-job-queue-private.h"
#include "au-limits-private.h"
#include "au-link-private.h"
#include "au-tail-private.h"

G_BEGIN_DECLS

/* What the properties of the backend say; each is read and written under the lock. */
typedef struct
{
  guint     max_workers;        /* 0 for one a processor */
  guint     min_workers;
  char     *program;            /* NULL for this one, or au-worker */
  gboolean  finish_orphans;
  GTimeSpan idle_time;          /* 0 for ever */
  GTimeSpan grace;
  GTimeSpan liveness;           /* 0 for never */
  guint     max_jobs;           /* of one worker; 0 for any number */
  guint64   max_growth;         /* of its memory; 0 for any */
  GTimeSpan pause;              /* of functions that end their workers; 0 for none */

  /* set before the first job comes */
  AuLimits    limits;
  GHashTable *function_limits;  /* name → AuLimits; NULL for none */
} AuPoolSettings;

typedef struct _AuPool AuPool;
typedef struct _AuPoolWorker AuPoolWorker;

/* What is known of a function; it stays as long as the pool. */
typedef struct
{
  AuFunction *function;
  guint       number;
  int         duration;         /* of late, in µs; -1 before it is known */
  guint       n_deaths;         /* of workers that had not begun it, in a row */
  AuLimits    limits;

  /* how it has ended its workers, see au-pool-pause.c */
  guint       n_lost;           /* computations in a row */
  char       *last_lost;        /* the key of the last one */
  GError     *reason;
  gint64      paused_until;     /* monotonic; 0 when it is not */
} AuPoolFunction;

/* A job that a worker has. */
typedef struct
{
  gatomicrefcount ref_count;
  guint32         number;       /* on the worker's link */
  AuJob          *job;          /* NULL once its end was told */
  AuPoolFunction *function;
  AuPoolWorker   *worker;
  gboolean        sent;         /* guarded by the lock of the link */
  gint            cancelled;    /* written with the lock of the pool, which guards what follows */
  gboolean        timed_out;    /* and was cancelled for that */
  gint64          began;        /* monotonic; where there is a limit */

  /* items; see au-pool-items.c */
  GMutex          lock;         /* for what follows */
  GQueue          items;        /* of GVariant; arrived and not given to the job */
  gboolean        asked;
  gboolean        giving;       /* a thread does so */
  guint           n_granted;    /* and not given to the job yet */
  GError         *refused;      /* why no more are taken */
  gboolean        ended;        /* no longer its worker's */

  /* of the pool's thread */
  gboolean        lost;         /* with its worker, as the error says */
  GVariant       *value;        /* with which it ended */
  GError         *error;
} AuPoolJob;

typedef enum
{
  AU_POOL_WORKER_STARTING,      /* has not said hello */
  AU_POOL_WORKER_READY,
  AU_POOL_WORKER_LEAVING,       /* its link is closed */
  AU_POOL_WORKER_GONE,
} AuPoolWorkerState;

typedef enum
{
  AU_POOL_WATCH_WAKE,
  AU_POOL_WATCH_LINK,
  AU_POOL_WATCH_PROCESS,
  AU_POOL_WATCH_TAIL,
} AuPoolWatchKind;

typedef struct
{
  AuPoolWatchKind kind;
  AuPoolWorker   *worker;
} AuPoolWatch;

struct _AuPoolWorker
{
  gatomicrefcount   ref_count;
  AuPool           *pool;
  AuProcess        *process;
  int               pid;
  AuLink           *link;
  AuTail           *tail;
  AuWirePage       *page;
  AuPoolWatch       link_watch;
  AuPoolWatch       process_watch;
  AuPoolWatch       tail_watch;

  /* guarded by the lock of the pool */
  AuPoolWorkerState state;
  GQueue            jobs;           /* of AuPoolJob, as they were sent */
  gint64            load;           /* how long they will take, in µs; 0 when not known */
  guint32           last_number;
  gboolean          filling;        /* a thread gives it jobs */
  gboolean          fill_again;
  gboolean          bury;           /* it has died, and is to be looked after */
  gint64            idle_since;     /* monotonic; while it has no job */
  guint             n_jobs;         /* that it was given */
  gboolean          retiring;       /* is given no more */

  /* of whoever fills it */
  GArray           *sent_functions; /* guint32: the number on the link + 1, by ours */
  guint32           n_sent_functions;
  GVariant         *sent_store;

  /* of the pool's thread */
  GPtrArray        *finished;       /* of AuPoolJob; not told of */
  GPtrArray        *returned;       /* likewise */
  char             *fault;          /* why it is ended by us */
  guint             rung;           /* of the ladder */
  gint64            next_rung;      /* monotonic; 0 for none */
  gint64            pinged;         /* when, monotonic; 0 while nothing is awaited */
  gint64            heard;
  gint64            started;        /* when its process was */
  gint64            closed;         /* when its link was; 0 while it is open */
  guint64           first_memory;   /* that it had at first; 0 before that is known */
  gint64            measured;       /* when */
};

struct _AuPool
{
  gatomicrefcount ref_count;
  guint           n_processors;
  gint            n_waiting;      /* atomic, so that one may look without the lock */
  int             epoll;
  int             wakeup;         /* an eventfd */
  AuPoolWatch     wake_watch;
  guint64         oom_kills;      /* of the system; of the pool's thread */
  gboolean        has_oom_kills;  /* they were counted */
  GThreadPool    *givers;         /* of items; made when needed */

  GMutex          lock;           /* for what follows */
  AuPoolSettings  settings;
  GThread        *thread;
  AuJobQueue     *queue;
  GPtrArray      *workers;        /* of AuPoolWorker */
  GHashTable     *functions;      /* AuFunction → AuPoolFunction */
  guint           n_running;
  guint           n_ready;
  guint           n_busy;         /* workers that have jobs */
  guint           n_failed_starts;
  GError         *start_error;    /* of the last one */
  gboolean        give_up;        /* to wait for another one */
  gint64          start_again;    /* monotonic; not before */
  gint64          start_failed;   /* when one has that counts */
  gboolean        stopping;
  GThread        *releasing;      /* jobs that are launched by it come first */
  GSList         *idle_calls;
};

/* au-pool.c: jobs that wait, and who gets them */
AuPool        *au_pool_new            (void);
void           au_pool_stop           (AuPool         *self);
AuPool        *au_pool_ref            (AuPool         *self);
void           au_pool_unref          (AuPool         *self);
void           au_pool_launch         (AuPool         *self,
                                       AuJob          *job);
void           au_pool_cancel         (AuPool         *self,
                                       AuJob          *job);
void           au_pool_when_idle      (AuPool         *self,
                                       void          (*func) (gpointer data),
                                       gpointer        data);
void           au_pool_tell_idle      (AuPool         *self);
void           au_pool_wake           (AuPool         *self);
void           au_pool_settings_changed (AuPool       *self);
guint          au_pool_get_limit_locked (AuPool       *self);
/* Gives jobs to a worker that has room. */
void           au_pool_fill           (AuPool         *self,
                                       AuPoolWorker   *worker);
void           au_pool_fill_idle      (AuPool         *self);
AuPoolJob     *au_pool_take_job       (AuPoolWorker   *worker,
                                       guint32         number);
void           au_pool_job_unref      (AuPoolJob      *job);
/* Gives back a job that no worker has begun; takes it over. */
void           au_pool_job_release    (AuPoolJob      *job);

/* au-pool-thread.c: what comes from workers */
gpointer       au_pool_thread         (gpointer        data);
void           au_pool_watch          (AuPool         *self,
                                       int             fd,
                                       AuPoolWatch    *watch);

/* au-pool-worker.c: one worker */
AuPoolWorker  *au_pool_worker_new     (AuPool         *pool,
                                       GError        **error);
AuPoolWorker  *au_pool_worker_ref     (AuPoolWorker   *self);
void           au_pool_worker_unref   (AuPoolWorker   *self);
void           au_pool_worker_send    (AuPoolWorker   *self,
                                       AuPoolJob      *job);
void           au_pool_worker_send_order (AuPoolWorker *self,
                                       AuWireType      type,
                                       guint32         job,
                                       guint32         extra);
void           au_pool_worker_send_cancel
                                      (AuPoolWorker   *self,
                                       AuPoolJob      *job);
void           au_pool_worker_flush   (AuPoolWorker   *self);
AuLinkState    au_pool_worker_receive (AuPoolWorker   *self);
void           au_pool_worker_fault   (AuPoolWorker   *self,
                                       const char     *fault);

/* au-pool-death.c: workers that are gone */
void           au_pool_worker_bury    (AuPoolWorker   *self);
void           au_pool_note_failed_start (AuPool      *self,
                                       gint64          started,
                                       const GError   *error,
                                       gboolean        final);
void           au_pool_give_up_waiting (AuPool        *self);
void           au_pool_note_oom_kills  (AuPool        *self);

/* au-pool-age.c: workers that have done enough, and computations that take too long */
void           au_pool_worker_measure (AuPoolWorker   *self);
gint64         au_pool_worker_check_timeout (AuPoolWorker *self,
                                       gint64          now);
void           au_pool_job_note_limits (AuPoolJob     *job);

/* au-pool-pause.c: functions that end their workers */
void           au_pool_note_lost      (AuPool         *self,
                                       AuPoolJob      *job);
void           au_pool_note_alive_locked (AuPoolFunction *function);
GError        *au_pool_dup_pause      (AuPool         *self,
                                       AuPoolFunction *function);

/* au-pool-items.c: items */
void           au_pool_job_want       (AuPoolJob      *job);
void           au_pool_job_take_item  (AuPoolJob      *job,
                                       GVariant       *item);
/* Its end has come, and is told once its items are; takes it over. */
void           au_pool_job_end        (AuPoolJob      *job);

G_END_DECLS
