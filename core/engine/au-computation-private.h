/* au-computation-private.h: a computation that this process knows of
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-job-private.h"
#include "au-record-private.h"
#include "au-service-private.h"
#include "au-waiter-private.h"

#include <au/au-engine.h>
#include <au/au-job.h>

G_BEGIN_DECLS

/* The live side of a record: what several handles share, and what the engine needs to
 * run it. It is local when this process runs it, and foreign when another one does, or
 * nobody.
 *
 * Its record is what handles show. A computation that has ended is shown so only when
 * the store has acknowledged it, and middleware was told. */
typedef struct _AuComputation AuComputation;

/* What only some computations need; made when needed, and then there to stay. */
typedef struct
{
  AuTimer       timer;          /* due time or deadline */

  /* progress */
  AuTimer       report_timer;
  gint64        last_report;    /* monotonic; written to the store */
  gboolean      report_held;    /* what is shown here is newer than that */

  /* items */
  guint64       n_items;        /* given */
  guint64       wanted;         /* asked for by readers */
  AuWaiterList  readers;        /* wait for the next item */
  AuWaiterList  emitters;       /* wait until it is wanted */
  gboolean      stalled;        /* a stepped job waits for its ready function */

  /* of a claimed one: who is told, once each */
  void        (*returned) (AuComputation *self, gpointer data);
  void        (*settled)  (AuComputation *self, gpointer data);
  gpointer      claim_data;
  gboolean      unrecorded;     /* the store has refused its outcome so far */

  /* submission */
  GSList       *insert_waits;   /* see au-computation-insert.c */
  AuRecordSpec *stands_for;     /* whose unique key was there first */
  guint         n_awaited;      /* dependencies that have not ended */
} AuComputationExtra;

struct _AuComputation
{
  gint                ref_count;        /* atomic; the table holds none */
  guint32             hash;
  AuComputation      *next_in_table;
  AuComputation     **place_in_table;   /* what points to it; NULL when in no bucket */
  AuEngine           *engine;           /* kept alive by the table */
  AuRecordSpec       *spec;             /* what it was made for; holds the key */
  AuFunction         *function;         /* NULL when foreign */
  gboolean            claimed;          /* from a queue, where it goes back to; set before it is started */

  GMutex              lock;             /* for what follows */
  AuRecord           *record;
  AuRecord           *unwritten;        /* newer than the store's; NULL if none */
  guint64             stored_revision;  /* 0 before the insert is acknowledged */
  AuJob              *job;              /* of the current attempt */
  AuJob               first_job;        /* most computations have but one */
  AuHandle           *handles;          /* not owned */
  AuWaiterList        waiters;          /* wait for the end */
  AuComputationExtra *extra;
  gint                done;             /* atomic too; the record shown is terminal */
  guint               queued : 1;       /* in the ledger */
  guint               ended : 1;        /* its end is being told */
  guint               tabled : 1;       /* before anybody else knows of it */
  guint               awaited : 1;      /* somebody waits for the end */
  guint               handle_due : 1;   /* its first handle is about to be made */
  guint               cancelled_early : 1; /* before the store had the record */
  guint               n_asked : 16;     /* middleware that let it pass */
  gint                followed;         /* atomic */
};

/* A change of a record that can be tried again on a newer one. */
typedef enum
{
  AU_CHANGE_BEGIN,
  AU_CHANGE_REPORT,
  AU_CHANGE_COMPLETE,
  AU_CHANGE_FAIL,
  AU_CHANGE_LOSE,
  AU_CHANGE_RELEASE,
  AU_CHANGE_REFUSE,
  AU_CHANGE_CANCEL,
  AU_CHANGE_METADATA,
} AuChangeKind;

typedef struct
{
  AuChangeKind  kind;
  guint         attempt;
  GVariant     *value;
  const GError *reason;
  double        progress;
  const char   *text;
} AuChange;

AuComputation *au_computation_new      (AuEngine      *engine,
                                        AuFunction    *function,
                                        AuRecord      *record,
                                        guint32        hash);
AuComputation *au_computation_ref      (AuComputation *self);
gboolean       au_computation_try_ref  (AuComputation *self);
void           au_computation_unref    (AuComputation *self);
void           au_computation_free     (AuComputation *self);

const char    *au_computation_get_key  (AuComputation *self);
const char    *au_computation_get_stored_key (AuComputation *self);
AuRecord      *au_computation_dup_record (AuComputation *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean       au_computation_is_done  (AuComputation *self);
gboolean       au_computation_is_run_here (AuComputation *self);
gboolean       au_computation_needs_this_thread (AuComputation *self);
AuComputationExtra *au_computation_ensure_extra (AuComputation *self);
AuComputationExtra *au_computation_add_extra (AuComputation *self);

/* au-computation-change.c: how its record goes on */
gboolean       au_computation_change      (AuComputation  *self,
                                           const AuChange *change,
                                           AuRecord      **changed,
                                           GError        **error);
void           au_computation_written     (AuComputation  *self,
                                           AuWrite        *write,
                                           guint64         mark);
void           au_computation_refresh     (AuComputation  *self,
                                           AuRecord       *stored);
void           au_computation_queue_locked (AuComputation *self);

/* au-computation-insert.c: how it gets into the store, and who waits for that */
gboolean       au_computation_insert      (AuComputation  *self,
                                           GError        **error);
gboolean       au_computation_await_insert (AuComputation *self,
                                           GTask          *task);
void           au_computation_forget_insert_wait (AuComputation *self,
                                           GTask          *task);
void           au_computation_return_insert_waits (AuComputation *self,
                                           const GError   *reason);
void           au_computation_inserted    (AuComputation  *self,
                                           AuWrite        *write,
                                           guint64         mark);
void           au_computation_become      (AuComputation  *self,
                                           AuRecord       *stored);

/* au-computation-end.c: how it ends, and who is told */
void           au_computation_end         (AuComputation  *self,
                                           AuRecord       *record);
void           au_computation_tell_left   (AuComputation  *self,
                                           AuJob          *job,
                                           AuRecord       *record);
void           au_computation_end_unstored (AuComputation *self,
                                           const GError   *reason);
void           au_computation_notify      (AuComputation  *self);

/* au-computation-run.c: how it is run */
void           au_computation_start       (AuComputation  *self);
void           au_computation_launch      (AuComputation  *self);
void           au_computation_refuse      (AuComputation  *self,
                                           const GError   *reason);
gboolean       au_computation_cancel      (AuComputation  *self);
void           au_computation_stop_job    (AuComputation  *self);
void           au_computation_let_go      (AuComputation  *self);
gboolean       au_computation_give_back   (AuComputation  *self,
                                           GError        **error);
void           au_computation_tell_returned (AuComputation *self);
void           au_computation_tell_settled (AuComputation *self);

/* au-computation-timers.c: what it is to be reminded of */
void           au_computation_set_timer    (AuComputation *self,
                                           AuTimer       *timer,
                                           gint64         time,
                                           AuServiceFunc  func);
void           au_computation_unset_timers (AuComputation *self);

/* au-computation-after.c: what it waits for before it is run */
gboolean       au_computation_await_others (AuComputation *self);
gboolean       au_computation_pass_results (AuComputation *self,
                                           AuJob          *job,
                                           GError        **error);

/* au-computation-items.c: its items, and who reads them */
void           au_computation_release_emitters (AuComputation *self);
void           au_computation_lift_pressure (AuComputation *self);
GVariant      *au_computation_load_item   (AuComputation  *self,
                                           guint64         position,
                                           GCancellable   *cancellable,
                                           GError        **error);
void           au_computation_note_reader (AuComputation *self,
                                           guint64        position);
gboolean       au_computation_want_item   (AuComputation  *self,
                                           guint64         position,
                                           AuWaiter       *waiter);
guint          au_computation_get_wanted  (AuJob          *job);
void           au_computation_wait_wanted (AuJob          *job);
gboolean       au_computation_emit        (AuJob          *job,
                                           GVariant       *item,
                                           GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuComputation, au_computation_unref)

G_END_DECLS
