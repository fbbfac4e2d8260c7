/* au-serve-limits.c: holds a function to what it may use
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-serve-private.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* Only the soft limits are set: the next function may have others. What a function starts
 * has them, too. */

/* The address space that this process has, in bytes. */
static guint64
get_memory (void)
{
  FILE *file = fopen ("/proc/self/statm", "re");
  unsigned long n_pages = 0;

  if (file == NULL)
    return 0;
  if (fscanf (file, "%lu", &n_pages) != 1)
    n_pages = 0;
  fclose (file);

  return (guint64) n_pages * sysconf (_SC_PAGESIZE);
}

static GTimeSpan
get_cpu_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_TIME_SPAN_SECOND +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static guint64
to_seconds (GTimeSpan span)
{
  return (span + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND;
}

static void
set (int     resource,
     guint64 soft)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) != 0 || soft >= limit.rlim_cur)
    return;

  limit.rlim_cur = soft;
  setrlimit (resource, &limit);
}

void
au_serve_limit (AuServe        *self,
                const AuLimits *limits)
{
  /* These add to what the worker has used before; processor time is counted in seconds. */
  if (limits->memory > 0)
    set (RLIMIT_AS, get_memory () + MIN (limits->memory, G_MAXUINT64 / 2));
  if (limits->cpu_time > 0)
    set (RLIMIT_CPU, to_seconds (get_cpu_time () + MIN (limits->cpu_time, G_MAXINT64 / 2)));
  if (limits->no_core)
    set (RLIMIT_CORE, 0);
}

void
au_serve_unlimit (AuServe        *self,
                  const AuLimits *limits)
{
  if (limits->memory > 0)
    setrlimit (RLIMIT_AS, &self->own_limits[AU_SERVE_MEMORY]);
  if (limits->cpu_time > 0)
    setrlimit (RLIMIT_CPU, &self->own_limits[AU_SERVE_CPU_TIME]);
  if (limits->no_core)
    setrlimit (RLIMIT_CORE, &self->own_limits[AU_SERVE_CORE]);
}

/* Those that the worker was started with. */
void
au_serve_note_limits (AuServe *self)
{
  getrlimit (RLIMIT_AS, &self->own_limits[AU_SERVE_MEMORY]);
  getrlimit (RLIMIT_CPU, &self->own_limits[AU_SERVE_CPU_TIME]);
  getrlimit (RLIMIT_CORE, &self->own_limits[AU_SERVE_CORE]);
}
