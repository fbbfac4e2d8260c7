/* engine-fixture.h: what the tests of the engine share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* What an engine of a test is made of. */
typedef struct
{
  const char *store;      /* “memory”, “held” or “file” */
  const char *backend;    /* “inline”, “loop” or “thread” */
} Parts;

typedef void (*PartsFunc) (const Parts *parts);

/* Adds a test for each store and backend, or for those whose names are in @backends. */
void      fixture_add        (const char  *path,
                              const char  *backends,
                              PartsFunc    func);

AuStore  *fixture_store_new  (const char  *type);
AuEngine *fixture_engine_new (const Parts *parts);
/* An engine with the function “f”; takes over @function. */
AuEngine *fixture_engine_new_with (const Parts *parts,
                                   AuFunction  *function);

AuFunction *fixture_plain    (const char  *input,
                              const char  *output,
                              AuFunc       func);
AuFunction *fixture_async    (const char  *input,
                              const char  *output,
                              AuStartFunc  start);
AuFunction *fixture_iterator (const char  *input,
                              const char  *output,
                              AuStepFunc   step);

/* Submits “f”, which must be accepted. */
AuHandle *fixture_submit     (AuEngine    *engine,
                              GVariant    *arguments,
                              AuOptions   *options);
/* Iterates the default main context until the computation has ended. */
gboolean  fixture_wait       (AuHandle    *handle,
                              GError     **error);
/* Likewise, until the handle has one more item, or none. */
GVariant *fixture_next_item  (AuHandle    *handle,
                              GError     **error);
AuHandle *fixture_submit_async (AuEngine  *engine,
                                GVariant  *arguments,
                                AuOptions *options,
                                GError   **error);
/* Lets what was begun come to its end, and asserts that the engine goes away. */
void      fixture_drop       (AuEngine    *engine);

/* An asynchronous function that returns when the test says so. */
AuFunction *fixture_hold     (void);
/* Waits, iterating the default main context, for a call of it. */
AuCall   *fixture_take_call  (void);
guint     fixture_n_calls    (void);
void      fixture_return     (AuCall      *call,
                              GVariant    *value);
void      fixture_return_error (AuCall    *call,
                              GQuark       domain,
                              int          code,
                              const char  *message);

/* A thread that waits for another one. */
typedef struct
{
  GMutex lock;
  GCond  cond;
  guint  count;
} Gate;

void      gate_init          (Gate        *gate);
void      gate_clear         (Gate        *gate);
void      gate_post          (Gate        *gate);
void      gate_await         (Gate        *gate,
                              guint        count);

/* The record that the store has. */
AuRecord *fixture_load       (AuEngine    *engine,
                              const char  *key);

/* A store around the one in memory that can block, hold writes back, and fail. */
#define FIXTURE_TYPE_STORE (fixture_held_store_get_type ())
G_DECLARE_FINAL_TYPE (FixtureStore, fixture_held_store, FIXTURE, STORE, GObject)

AuStore  *fixture_held_store_new        (AuStoreFlags  flags);
/* Another door to the same records, as another process would have it. */
AuStore  *fixture_held_store_new_beside (FixtureStore *store);
void      fixture_held_store_hold       (FixtureStore *self,
                                         gboolean      hold);
void      fixture_held_store_set_full   (FixtureStore *self,
                                         gboolean      full);
/* Waits until a write is held back. */
void      fixture_held_store_await_held (FixtureStore *self);
void      fixture_held_store_set_silent (FixtureStore *self,
                                         gboolean      silent);

G_END_DECLS
