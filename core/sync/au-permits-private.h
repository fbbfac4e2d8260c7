/* au-permits-private.h: permits, and who waits for one
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-wait-private.h"

G_BEGIN_DECLS

/* The heart of semaphores and mutexes. The number of free permits is one word, which
 * takes and gives without the lock as long as nobody waits. */

typedef struct
{
  GMutex     lock;
  int        state;         /* twice the free permits, plus 1 while somebody waits */
  guint      n_waiting;
  GPtrArray *lines;         /* by priority; NULL until somebody waits */
} AuPermits;

void     au_permits_init    (AuPermits  *self,
                             int         n_free);
void     au_permits_clear   (AuPermits  *self);

int      au_permits_get_free (AuPermits *self);
guint    au_permits_get_waiting (AuPermits *self);

/* Adds @n permits, or takes them away for good: there may be less than none then. */
void     au_permits_add     (AuPermits  *self,
                             int         n);

/* For operations: the lock is held. */
gboolean au_permits_attempt (AuPermits  *self,
                             AuWait     *wait);
void     au_permits_enter   (AuPermits  *self,
                             AuWait     *wait,
                             AuWakeList *woken);
void     au_permits_leave   (AuPermits  *self);

void     au_permits_release_slowly (AuPermits *self);

/* Takes one if nobody waits. */
static inline gboolean
au_permits_take (AuPermits *self)
{
  int state = __atomic_load_n (&self->state, __ATOMIC_RELAXED);

  while (state >= 2 && (state & 1) == 0)
    {
      if (__atomic_compare_exchange_n (&self->state, &state, state - 2, TRUE,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return TRUE;
    }

  return FALSE;
}

/* Gives one back: to the first who waits, if there is one. With as many free as @limit
 * none is out, and nothing is done. */
static inline gboolean
au_permits_release (AuPermits *self,
                    int        limit)
{
  int state = __atomic_load_n (&self->state, __ATOMIC_RELAXED);

  while ((state & 1) == 0)
    {
      if (G_UNLIKELY (state / 2 >= limit))
        return FALSE;
      if (__atomic_compare_exchange_n (&self->state, &state, state + 2, TRUE,
                                       __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        return TRUE;
    }

  au_permits_release_slowly (self);

  return TRUE;
}

G_END_DECLS
