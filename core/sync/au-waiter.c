/* au-waiter.c: who waits for something, in order
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-waiter-private.h"

#include <au/au-clock.h>

/* The list knows its first waiter only, and that one the last. */

void
au_waiter_list_add (AuWaiterList *list,
                    AuWaiter     *waiter)
{
  g_assert (!waiter->listed);

  waiter->listed = TRUE;
  waiter->next = NULL;
  if (list->head == NULL)
    {
      list->head = waiter;
    }
  else
    {
      waiter->previous = list->head->previous;
      waiter->previous->next = waiter;
    }
  list->head->previous = waiter;
}

/* Tells whether the waiter was still there: if not, it is being woken. */
gboolean
au_waiter_list_remove (AuWaiterList *list,
                       AuWaiter     *waiter)
{
  if (!waiter->listed)
    return FALSE;

  if (waiter == list->head)
    list->head = waiter->next;
  else
    waiter->previous->next = waiter->next;

  if (waiter->next != NULL)
    waiter->next->previous = waiter->previous;
  else if (list->head != NULL)
    list->head->previous = waiter->previous;

  waiter->next = waiter->previous = NULL;
  waiter->listed = FALSE;

  return TRUE;
}

/* Takes all waiters out of the list; they are for au_waiters_wake (). */
AuWaiter *
au_waiter_list_steal (AuWaiterList *list)
{
  AuWaiter *first = list->head;

  for (AuWaiter *waiter = first; waiter != NULL; waiter = waiter->next)
    waiter->listed = FALSE;

  list->head = NULL;

  return first;
}

void
au_waiters_wake (AuWaiter *first)
{
  while (first != NULL)
    {
      AuWaiter *waiter = first;

      /* A waiter may be gone as soon as it is awake. */
      first = waiter->next;
      waiter->next = NULL;
      waiter->wake (waiter);
    }
}

void
au_wake_list_add (AuWakeList *list,
                  AuWaiter   *waiter)
{
  waiter->next = NULL;
  if (list->first == NULL)
    list->first = waiter;
  else
    list->last->next = waiter;
  list->last = waiter;
}

struct _AuSleep
{
  gatomicrefcount ref_count;
  GMutex          lock;
  GCond           cond;
  gboolean        woken;
};

static void
sleep_unref (AuSleep *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
thread_waiter_wake (AuWaiter *waiter)
{
  AuSleep *sleep = ((AuThreadWaiter *) waiter)->sleep;

  g_atomic_ref_count_inc (&sleep->ref_count);

  g_mutex_lock (&sleep->lock);
  sleep->woken = TRUE;
  g_mutex_unlock (&sleep->lock);

  g_cond_signal (&sleep->cond);
  sleep_unref (sleep);
}

void
au_thread_waiter_init (AuThreadWaiter *self)
{
  self->waiter = (AuWaiter) { .wake = thread_waiter_wake };
  self->sleep = g_new0 (AuSleep, 1);
  g_atomic_ref_count_init (&self->sleep->ref_count);
  g_mutex_init (&self->sleep->lock);
  g_cond_init (&self->sleep->cond);
}

void
au_thread_waiter_clear (AuThreadWaiter *self)
{
  g_clear_pointer (&self->sleep, sleep_unref);
}

gboolean
au_thread_waiter_wait (AuThreadWaiter *self,
                       gint64          end_time)
{
  AuSleep *sleep = self->sleep;
  gboolean woken;

  g_mutex_lock (&sleep->lock);
  while (!sleep->woken)
    {
      if (end_time < 0)
        g_cond_wait (&sleep->cond, &sleep->lock);
      else if (!au_clock_wait_until (&sleep->cond, &sleep->lock, end_time))
        break;
    }
  woken = sleep->woken;
  g_mutex_unlock (&sleep->lock);

  return woken;
}
