/* au-serve-private.h: the half of the process backend that is in the worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-link-private.h"
#include "au-limits-private.h"
#include "au-mapping-private.h"

#include <sys/resource.h>

G_BEGIN_DECLS

/* Two threads share the work. The one that was there first reads from the socket, runs
 * what comes, and reads again: so that a short job costs no more wake-ups than the one
 * from the socket. A function that runs for longer than a moment is watched by the other
 * one, which then reads in its place: orders to cancel, and the end of the program. */
typedef struct _AuServe AuServe;

/* A function, as the program calls it by a number. */
typedef struct
{
  AuFunction *function; /* NULL with an error */
  GError     *error;
  AuLimits    limits;
} AuServeFunction;

typedef struct
{
  AuServe         *serve;
  guint32          number;
  AuServeFunction *function;
  guint            attempt;
  AuJob           *job;         /* NULL when there is no function */
  GVariant        *store;       /* how to open the store that has its record */
  gint64           started;     /* monotonic */

  /* guarded by the lock of the serve */
  guint            n_wanted;    /* items that may be sent */
  gboolean         asked;       /* whether they are */
  GError          *stopped;     /* why no item is taken any more */
  guint64          n_items;     /* sent */
  gint64           concluded;   /* when its outcome was said, monotonic; 0 before */
  GSList          *mappings;    /* of AuMapping */
  gint64           reported;    /* when, monotonic */
  gboolean         unreported;
  double           progress;
  char            *status_text;
} AuServeJob;

/* Limits that the worker itself has. */
enum
{
  AU_SERVE_MEMORY,
  AU_SERVE_CPU_TIME,
  AU_SERVE_CORE,
  AU_SERVE_N_LIMITS,
};

struct _AuServe
{
  AuLink     *link;
  AuWirePage *page;
  gboolean    finish_orphans;
  gboolean    forward_logs;
  struct rlimit own_limits[AU_SERVE_N_LIMITS];

  GMutex      reader;           /* who reads from the socket; for what follows */
  GPtrArray  *functions;        /* of AuServeFunction, by number */
  GVariant   *metadata;         /* of the next job */
  GVariant   *store;            /* of the jobs that follow */

  GMutex      lock;             /* for what follows */
  GCond       changed;          /* a function waits until an item is wanted */
  GQueue      waiting;          /* of AuServeJob */
  AuServeJob *current;
  guint64     n_started;
  gboolean    watching;         /* there is a thread that does */
  int         watch_timer;      /* a timerfd, or -1 where there is none */
  guint64     watched;          /* the n_started for which it was set; 0 while it is not */
  gboolean    closed;           /* the program is gone */
  gint64      written;          /* when the oldest answer was that is not sent; 0 for none */

  GMutex      orphan_lock;      /* for what follows */
  AuStore    *orphan_store;     /* that of the program, which is gone */
};

/* au-serve.c */
int         au_serve_run           (void);
/* Reads a packet; called with the reader's lock. */
AuLinkState au_serve_receive       (AuServe      *self,
                                    gboolean      block);
void        au_serve_note_closed   (AuServe      *self);

/* au-serve-job.c */
AuServeJob *au_serve_job_new       (AuServe      *serve,
                                    guint32       number,
                                    AuServeFunction *function,
                                    guint         attempt,
                                    const char   *key,
                                    GTimeSpan     left,
                                    GVariant     *arguments,
                                    GVariant     *metadata);
void        au_serve_job_free      (AuServeJob   *self);
void        au_serve_job_run       (AuServeJob   *self);
void        au_serve_job_send_report (AuServeJob *self);
void        au_serve_note_written  (AuServe      *self,
                                    gboolean      now);

/* au-serve-limits.c */
void        au_serve_note_limits   (AuServe      *self);
void        au_serve_limit         (AuServe      *self,
                                    const AuLimits *limits);
void        au_serve_unlimit       (AuServe      *self,
                                    const AuLimits *limits);

/* au-serve-watch.c */
void        au_serve_watch_locked  (AuServe      *self);

/* au-serve-log.c */
void        au_serve_forward_logs  (AuServe      *self,
                                    gboolean      all);
void        au_serve_send_log      (AuServe      *self,
                                    guint32       job,
                                    GLogLevelFlags level,
                                    const GLogField *fields,
                                    gsize         n_fields);

/* au-serve-orphan.c: what to do with a job when the program is gone */
void        au_serve_orphan_decide   (AuServeJob   *self);
gboolean    au_serve_orphan_emit     (AuServeJob   *self,
                                      GVariant     *item,
                                      GError      **error);
void        au_serve_orphan_conclude (AuServeJob   *self,
                                      GVariant     *value,
                                      const GError *reason);

G_END_DECLS
