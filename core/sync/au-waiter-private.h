/* au-waiter-private.h: who waits for something, in order
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A waiter is in at most one list. Whoever takes it out, under the lock of the list's
 * owner, is the one who wakes it, after that lock is released: so each is woken exactly
 * once, and nothing is called with a lock held. */

typedef struct _AuWaiter AuWaiter;

struct _AuWaiter
{
  AuWaiter *next;
  AuWaiter *previous;
  gboolean  listed;
  void    (*wake) (AuWaiter *self);
};

typedef struct
{
  AuWaiter *head;
} AuWaiterList;

void      au_waiter_list_add    (AuWaiterList *list,
                                 AuWaiter     *waiter);
gboolean  au_waiter_list_remove (AuWaiterList *list,
                                 AuWaiter     *waiter);
AuWaiter *au_waiter_list_steal  (AuWaiterList *list) G_GNUC_WARN_UNUSED_RESULT;
void      au_waiters_wake       (AuWaiter     *first);

/* Those who were taken out of their lists, in the order in which they are to be woken. */
typedef struct
{
  AuWaiter *first;
  AuWaiter *last;
} AuWakeList;

void      au_wake_list_add      (AuWakeList   *list,
                                 AuWaiter     *waiter);

/* A thread that waits. What it sleeps on is apart, and also of whoever wakes it: so that
 * a thread that is woken does not find itself waiting for the one that has woken it. */
typedef struct _AuSleep AuSleep;

typedef struct
{
  AuWaiter waiter;
  AuSleep *sleep;
} AuThreadWaiter;

void      au_thread_waiter_init  (AuThreadWaiter *self);
void      au_thread_waiter_clear (AuThreadWaiter *self);
/* @end_time is a time of au_clock_get_monotonic_time (), or -1 for no limit. */
gboolean  au_thread_waiter_wait  (AuThreadWaiter *self,
                                  gint64          end_time);

G_END_DECLS
