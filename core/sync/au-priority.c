/* au-priority.c: how urgent what is done here is
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-priority.h>

/* The priorities that were pushed in this thread, the innermost last. */
static GPrivate stack = G_PRIVATE_INIT ((GDestroyNotify) g_array_unref);

/**
 * au_priority_push:
 * @priority: the smaller, the more urgent; 0 is the usual one
 *
 * Makes what this thread does from now on more or less urgent, until
 * [func@Au.priority_pop].
 *
 * Whoever waits for a [class@Au.Semaphore] waits with this priority. Tasks inherit it
 * from where they are begun: a function that [class@Au.TaskGroup],
 * [class@Au.Executor] or [class@Au.LoopThread] calls has the priority of its
 * caller.
 *
 * Calls may be nested. Each thread has priorities of its own; a callback of a main loop
 * has none but those that it pushes.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_priority_push (int priority)
{
  GArray *priorities = g_private_get (&stack);

  if (priorities == NULL)
    {
      priorities = g_array_new (FALSE, FALSE, sizeof (int));
      g_private_set (&stack, priorities);
    }

  g_array_append_val (priorities, priority);
}

/**
 * au_priority_pop:
 *
 * Takes back the innermost [func@Au.priority_push] of this thread.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_priority_pop (void)
{
  GArray *priorities = g_private_get (&stack);

  g_return_if_fail (priorities != NULL && priorities->len > 0);

  g_array_set_size (priorities, priorities->len - 1);
}

/**
 * au_priority_get:
 *
 * Gets the priority of what this thread does.
 *
 * MT safe.
 *
 * Returns: what was pushed last, or 0
 *
 * Since: 1.0
 */
int
au_priority_get (void)
{
  GArray *priorities = g_private_get (&stack);

  if (priorities == NULL || priorities->len == 0)
    return 0;

  return g_array_index (priorities, int, priorities->len - 1);
}
