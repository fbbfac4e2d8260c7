/* au-permits.c: permits, and who waits for one
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-permits-private.h"
#include "au-spin-private.h"

/* Those who wait with one priority, in the order of their arrival. */
typedef struct
{
  int          priority;
  AuWaiterList waiters;
} Line;

void
au_permits_init (AuPermits *self,
                 int        n_free)
{
  g_mutex_init (&self->lock);
  self->state = 2 * n_free;
  self->n_waiting = 0;
  self->lines = NULL;
}

void
au_permits_clear (AuPermits *self)
{
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
}

static inline int
get_state (AuPermits *self)
{
  return __atomic_load_n (&self->state, __ATOMIC_ACQUIRE);
}

static inline int
change_state (AuPermits *self,
              int        change)
{
  return __atomic_add_fetch (&self->state, change, __ATOMIC_ACQ_REL);
}

/* Rounds down, as there may be less than none. */
static inline int
count_free (int state)
{
  return (state - (state & 1)) / 2;
}

int
au_permits_get_free (AuPermits *self)
{
  return count_free (get_state (self));
}

guint
au_permits_get_waiting (AuPermits *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_waiting;
  g_mutex_unlock (&self->lock);

  return n;
}

/* Where the line of @priority is, or would be. */
static guint
find_line (AuPermits *self,
           int        priority)
{
  guint low = 0, high = self->lines->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (((Line *) self->lines->pdata[middle])->priority < priority)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static Line *
ensure_line (AuPermits *self,
             int        priority)
{
  Line *line;
  guint i;

  if (self->lines == NULL)
    self->lines = g_ptr_array_new_with_free_func (g_free);

  i = find_line (self, priority);
  if (i < self->lines->len)
    {
      line = self->lines->pdata[i];
      if (line->priority == priority)
        return line;
    }

  line = g_new0 (Line, 1);
  line->priority = priority;
  g_ptr_array_insert (self->lines, i, line);

  return line;
}

/* Lines are left by giving up, too, so that any of them may be empty. */
static AuWait *
find_first (AuPermits *self)
{
  guint i;

  for (i = 0; i < self->lines->len; i++)
    {
      Line *line = self->lines->pdata[i];

      if (au_wait_peek (&line->waiters) != NULL)
        {
          if (i > 0)
            g_ptr_array_remove_range (self->lines, 0, i);
          return au_wait_peek (&line->waiters);
        }
    }

  return NULL;
}

/* While the mark is set, only who holds the lock takes permits. */
static void
serve (AuPermits  *self,
       AuWakeList *woken)
{
  while (self->n_waiting > 0 && get_state (self) >= 2)
    {
      change_state (self, -2);
      self->n_waiting--;
      au_wait_end (find_first (self), AU_WAIT_GRANTED, NULL, woken);
    }

  if (self->n_waiting == 0 && (get_state (self) & 1) != 0)
    change_state (self, -1);
}

gboolean
au_permits_attempt (AuPermits *self,
                    AuWait    *wait)
{
  return au_permits_take (self) && au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

void
au_permits_enter (AuPermits  *self,
                  AuWait     *wait,
                  AuWakeList *woken)
{
  au_wait_line_up (wait, &ensure_line (self, wait->priority)->waiters);
  self->n_waiting++;

  /* Once the mark is there, a permit that was given back before it is ours to see. */
  if ((get_state (self) & 1) == 0)
    change_state (self, 1);
  serve (self, woken);
}

void
au_permits_leave (AuPermits *self)
{
  AuWakeList woken = { NULL };

  self->n_waiting--;
  serve (self, &woken);
  g_assert (woken.first == NULL);
}

void
au_permits_add (AuPermits *self,
                int        n)
{
  AuWakeList woken = { NULL };

  g_mutex_lock (&self->lock);
  change_state (self, 2 * n);
  serve (self, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

void
au_permits_release_slowly (AuPermits *self)
{
  AuWakeList woken = { NULL };

  au_lock_briefly (&self->lock);
  change_state (self, 2);
  serve (self, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}
