/* au-engine-private.h: the inside of an engine, for the other files of this room
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-computation-private.h"
#include "au-computation-table-private.h"
#include "au-follower-private.h"
#include "au-ledger-private.h"
#include "au-options-private.h"
#include "au-service-private.h"
#include "au-spin-private.h"

#include <au/au-engine.h>

G_BEGIN_DECLS

/* A function as an engine keeps it: never dropped before the engine. */
typedef struct
{
  AuFunction *function;
  const char *name;     /* interned */
} AuEngineFunction;

struct _AuEngine
{
  GObject             parent_instance;

  AuStore            *store;
  AuBackend          *backend;
  GListModel         *middleware;       /* as configured */
  GPtrArray          *chain;            /* the same as an array, NULL when there is none */
  GTimeSpan           ttl;
  const char         *owner;            /* this process */
  char               *queue;            /* for workers, which run everything; NULL if this does */

  /* Their functions, which are looked up once. */
  AuStoreInterface   *store_iface;
  AuBackendInterface *backend_iface;

  /* The store may be called in any thread, or the backend runs in the caller's. */
  gboolean            direct;
  gboolean            shared;           /* others may change records */
  gboolean            synchronous;

  AuComputationTable *table;
  AuLedger           *ledger;
  AuService          *service;
  AuFollower         *follower;

  GRWLock             functions_lock;
  GHashTable         *functions;        /* name → AuEngineFunction */
  AuEngineFunction   *last_function;    /* atomic; what most calls want */

  AuSpin              thread_spin;
  AuSpin              main_loop_spin;

  gint                draining;         /* atomic */

  /* Where it ends; see au-engine-end.c. */
  GThread            *maker;
  GMainContext       *context;          /* the one that was thread-default where it was made */
  gboolean            has_guests;       /* parts or functions that are no module's */

  GMutex              lock;             /* for what follows */
  GVariant           *store_settings;   /* for other processes; see au_job_get_store () */
  gboolean            store_described;
  AuOptions          *plain_options;    /* what was submitted last, sealed */
  AuOptions          *full_options;     /* the same with what the engine adds */
};

gboolean       au_engine_has_middleware  (AuEngine      *self);
AuEngineFunction *au_engine_get_function (AuEngine      *self,
                                          const char    *name,
                                          GError       **error);
GVariant      *au_engine_dup_store_settings (AuEngine   *self);
AuOptions     *au_engine_seal_options    (AuEngine      *self,
                                          AuOptions     *options);
AuHandle      *au_engine_run_record      (AuEngine      *self,
                                          AuRecord      *record,
                                          AuFunction    *function);
/* Makes a computation, unless one of the same key is known. */
AuComputation *au_engine_enter           (AuEngine       *self,
                                          AuFunction     *function,
                                          AuRecord       *record,
                                          gboolean        is_new,
                                          AuComputation **existing);
gboolean       au_engine_check_arguments (AuFunction     *function,
                                          GVariant       *arguments,
                                          AuOptions      *options,
                                          GError        **error);
/* Finds or makes the live side of a stored record, as one that others run. */
AuComputation *au_engine_adopt_record    (AuEngine      *self,
                                          AuRecord      *record);

/* au-engine-records.c */
gboolean       au_engine_is_orphan       (AuEngine      *self,
                                          AuRecord      *record);

/* au-engine-end.c */
void           au_engine_note_part       (AuEngine      *self,
                                          gpointer       part);
void           au_engine_note_function   (AuEngine      *self,
                                          AuFunction    *function);
void           au_engine_drop_parts      (AuEngine      *self);
void           au_engine_end_former      (void);

/* au-engine-middleware.c */
gboolean       au_engine_before_compute  (AuEngine      *self,
                                          AuJob         *job,
                                          guint         *n_asked,
                                          GError       **error);
gboolean       au_engine_may_launch      (AuEngine      *self,
                                          AuJob         *job);
void           au_engine_attempt_started (AuEngine      *self,
                                          AuJob         *job,
                                          AuRecord      *record);
void           au_engine_attempt_failed  (AuEngine      *self,
                                          AuJob         *job,
                                          AuRecord      *record,
                                          const GError  *reason);
void           au_engine_after_compute   (AuEngine      *self,
                                          AuJob         *job,
                                          AuRecord      *record);
void           au_engine_on_error        (AuEngine      *self,
                                          AuJob         *job,
                                          AuRecord      *record,
                                          guint          n_asked);
void           au_engine_left            (AuEngine      *self,
                                          AuJob         *job,
                                          AuRecord      *record,
                                          guint          n_asked);

/* au-engine-peers.c */
void           au_engine_peers_add       (AuEngine      *self);
void           au_engine_peers_remove    (AuEngine      *self);
AuComputation *au_engine_peers_find      (AuEngine      *self,
                                          AuRecord      *record);

/* au-handle.c */
AuHandle      *au_handle_new             (AuComputation *computation);

G_END_DECLS
