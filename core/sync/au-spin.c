/* au-spin.c: looking for a moment before going to sleep
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-spin-private.h"

#define MAX_CREDIT (8)
#define FAILURE_COSTS (2)
#define MIN_PAUSE (16)          /* waits, when all credit is spent */
#define MAX_PAUSE (512)
#define LOOKS_PER_TIME (64)     /* the clock costs more than a look */
#define MIN_LOCK_PAUSE (128)    /* looks */
#define MAX_LOCK_PAUSE (512)

static inline void
relax (void)
{
#if defined (__x86_64__) || defined (__i386__)
  __builtin_ia32_pause ();
#elif defined (__aarch64__)
  __asm__ volatile ("yield");
#endif
}

static gboolean
has_several_processors (void)
{
  static guint n;
  guint known = g_atomic_int_get (&n);

  if (G_UNLIKELY (known == 0))
    {
      known = g_get_num_processors ();
      g_atomic_int_set (&n, known);
    }

  return known > 1;
}

static gboolean
look (gint *flag,
      gint  limit)
{
  gint64 end = g_get_monotonic_time () + limit;

  do
    {
      for (guint i = 0; i < LOOKS_PER_TIME; i++)
        {
          if (g_atomic_int_get (flag))
            return TRUE;
          relax ();
        }
    }
  while (g_get_monotonic_time () < end);

  return FALSE;
}

/* Each failure after a pause makes the next one twice as long. */
static void
note_failure (AuSpin *self,
              gint    credit)
{
  gint pause = 0;

  credit -= FAILURE_COSTS;
  if (credit < 0)
    {
      pause = CLAMP (2 * g_atomic_int_get (&self->pause), MIN_PAUSE, MAX_PAUSE);
      credit = -pause;
    }

  g_atomic_int_set (&self->pause, pause);
  g_atomic_int_set (&self->credit, credit);
}

/* Two threads may spoil each other's account; it is advice only. */
gboolean
au_spin (AuSpin *self,
         gint   *flag,
         gint    limit)
{
  gint credit = g_atomic_int_get (&self->credit);

  if (!has_several_processors ())
    return FALSE;

  if (credit < 0)
    {
      g_atomic_int_set (&self->credit, credit + 1);
      return FALSE;
    }

  if (!look (flag, limit))
    {
      note_failure (self, credit);
      return FALSE;
    }

  if (credit < MAX_CREDIT)
    {
      g_atomic_int_set (&self->credit, credit + 1);
      g_atomic_int_set (&self->pause, 0);
    }

  return TRUE;
}

/* Whoever holds the lock is likely to want it again: a thread that tries at once, and
 * again and again, takes the memory it is in away from the other one, each time. To stay
 * away for a while lets both work in batches. */
void
au_lock_briefly (GMutex *lock)
{
  if (G_LIKELY (g_mutex_trylock (lock)))
    return;

  if (has_several_processors ())
    {
      for (guint pause = MIN_LOCK_PAUSE; pause <= MAX_LOCK_PAUSE; pause *= 2)
        {
          for (guint i = 0; i < pause; i++)
            relax ();
          if (g_mutex_trylock (lock))
            return;
        }
    }

  g_mutex_lock (lock);
}
