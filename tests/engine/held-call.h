/* held-call.h: a computation that does what the test says
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* A call of the function “held”, which takes nothing, is asynchronous, and returns a text or
 * fails when the test says so. It runs in this process, or in a worker that obeys the test. */
typedef struct _HeldCall HeldCall;

/* Registers the function. */
void      held_call_register      (void);
/* Lets workers find this process. To be called before they are started, by the test only. */
void      held_call_listen        (void);

/* Waits, iterating the default main context, for a call. */
HeldCall *held_call_take          (void);
/* How many have begun. */
guint     held_call_count         (void);

/* These free @call. */
void      held_call_return        (HeldCall   *call,
                                   GVariant   *value);
void      held_call_fail          (HeldCall   *call,
                                   GQuark      domain,
                                   int         code,
                                   const char *message);

void      held_call_set_progress  (HeldCall   *call,
                                   double      progress,
                                   const char *text);
void      held_call_emit          (HeldCall   *call,
                                   GVariant   *item);

guint     held_call_get_attempt   (HeldCall   *call);
/* How long it may take, as it was when it began; -1 for ever. */
gint64    held_call_get_time_left (HeldCall   *call);
gboolean  held_call_is_cancelled  (HeldCall   *call);
/* Whether it runs in another process. */
gboolean  held_call_is_elsewhere  (HeldCall   *call);
/* In this process. */
AuCall   *held_call_get_call      (HeldCall   *call);

/* What is true at once where the function runs in this process, and elsewhere a while later. */
#define held_call_expect(call, condition) \
  G_STMT_START { \
    while (held_call_is_elsewhere (call) && !(condition)) \
      { \
        g_main_context_iteration (NULL, FALSE); \
        g_thread_yield (); \
      } \
    g_assert_true (condition); \
  } G_STMT_END

G_END_DECLS
