/* au-main-context.c: whether a main context is this thread's own
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-main-context-private.h"

#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

/* A thread asks the system once. */
static gboolean
is_main_thread (void)
{
#ifdef __linux__
  static __thread gint8 known;

  if (known == 0)
    known = syscall (SYS_gettid) == getpid () ? 1 : -1;

  return known > 0;
#else
  return FALSE;
#endif
}

/* A thread owns a context while it iterates it, or has made it its thread-default one.
 * The default one belongs to the main thread before its loop runs, too: nobody else
 * will iterate it, unless somebody does so right now. */
gboolean
au_main_context_is_ours (GMainContext *context)
{
  if (g_main_context_is_owner (context))
    return TRUE;

  if (context != g_main_context_default () || !is_main_thread () ||
      !g_main_context_acquire (context))
    return FALSE;

  g_main_context_release (context);

  return TRUE;
}
