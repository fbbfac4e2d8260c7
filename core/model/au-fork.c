/* au-fork.c: notices that this process is a fork of another
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-fork-private.h"

#include <pthread.h>

/* Never 0, so that zeroed memory is recognised as made in no process at all. */
static guint epoch = 1;

static void
epoch_raise (void)
{
  __atomic_fetch_add (&epoch, 1, __ATOMIC_RELAXED);
}

/*
 * au_fork_get_epoch:
 *
 * Gets a number that differs between a process and the children it forked after
 * the first call, without a system call.
 *
 * MT safe.
 *
 * Returns: the number, never 0
 */
guint
au_fork_get_epoch (void)
{
  static gsize watching = 0;

  if (g_once_init_enter (&watching))
    {
      pthread_atfork (NULL, NULL, epoch_raise);
      g_once_init_leave (&watching, 1);
    }

  return __atomic_load_n (&epoch, __ATOMIC_RELAXED);
}
