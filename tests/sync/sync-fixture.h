/* sync-fixture.h: what the tests of the building blocks share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

#if defined (__SANITIZE_THREAD__) || defined (__SANITIZE_ADDRESS__)
# define SYNC_SLOWER (20)
#else
# define SYNC_SLOWER (1)
#endif

/* How often a test is to do something: a million times with “-m slow”. */
#define SYNC_MANY(n) (g_test_slow () ? 1000000 : (n) / SYNC_SLOWER)

/* The outcome of an asynchronous call. */
typedef struct
{
  GAsyncResult *result;
  guint         n_calls;
  GThread      *thread;
} SyncOutcome;

#define SYNC_OUTCOME_INIT { NULL }

void sync_outcome_cb    (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data);
/* Iterates the thread-default main context until it is there. */
GAsyncResult *sync_outcome_await (SyncOutcome *self);
void sync_outcome_clear (SyncOutcome *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SyncOutcome, sync_outcome_clear)

/* Whatever is ready in the thread-default main context. */
void sync_iterate       (void);

/* Iterates the thread-default main context until the expression is true. */
#define sync_iterate_until(expression) \
  G_STMT_START { \
    while (!(expression)) \
      { \
        sync_iterate (); \
        g_thread_yield (); \
      } \
  } G_STMT_END

/* For what another thread is about to do. */
#define sync_await(expression) \
  G_STMT_START { \
    while (!(expression)) \
      g_thread_yield (); \
  } G_STMT_END

G_END_DECLS
