/* engine-fixture.h: what the tests of the engine share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

#include "board.h"
#include "held-call.h"

G_BEGIN_DECLS

/* What an engine of a test is made of. */
typedef struct
{
  const char *store;      /* “memory”, “held” or “file” */
  const char *backend;    /* “inline”, “loop”, “thread” or “process” */
} Parts;

typedef void (*PartsFunc) (const Parts *parts);

/* Registers the functions of a test program, which is its own worker where it has the backend
 * “process”, and becomes a worker when it is one. To be called first in main (). Functions that
 * are to run in workers cannot use memory of the test, apart from the board. */
void      fixture_init       (int                    *argc,
                              char                 ***argv,
                              const AuFunctionEntry  *functions);

/* Adds a test for each store and backend, or for those whose names are in @backends. */
void      fixture_add        (const char  *path,
                              const char  *backends,
                              PartsFunc    func);

/* How often to do what is done often: less where each computation is a file. A test of what the
 * engine does with many has them with the store “held”, which is written by the same thread. */
guint      fixture_scale       (const Parts *parts,
                                guint        n);

/* A folder that is removed after the test. */
char      *fixture_folder_new  (void);
AuStore   *fixture_store_new   (const char *type);
AuBackend *fixture_backend_new (const char *type);
AuEngine  *fixture_engine_new  (const Parts *parts);
/* With a function of its own; takes over @function. */
AuEngine  *fixture_engine_new_with (const Parts *parts,
                                    AuFunction  *function);

/* Submits what must be accepted. */
AuHandle *fixture_submit     (AuEngine    *engine,
                              const char  *function,
                              GVariant    *arguments,
                              AuOptions   *options);
/* Iterates the default main context until the computation has ended. */
gboolean  fixture_wait       (AuHandle    *handle,
                              GError     **error);
/* Likewise, until the handle has one more item, or none. */
GVariant *fixture_next_item  (AuHandle    *handle,
                              GError     **error);
AuHandle *fixture_submit_async (AuEngine  *engine,
                                const char *function,
                                GVariant  *arguments,
                                AuOptions *options,
                                GError   **error);
/* Lets what was begun come to its end, and asserts that the engine goes away. */
void      fixture_drop       (AuEngine    *engine);

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
