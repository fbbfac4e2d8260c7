/* au-bench.c: figures measured in turn with those of a peer
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "au-bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

double
au_bench_now (void)
{
  return g_get_monotonic_time () / (double) G_USEC_PER_SEC;
}

double
au_bench_resident (void)
{
  g_autofree char *text = NULL;
  long pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*s %ld", &pages);

  return (double) pages * sysconf (_SC_PAGESIZE);
}

static int
compare (const void *a,
         const void *b)
{
  double difference = *(const double *) a - *(const double *) b;

  return difference < 0 ? -1 : difference > 0;
}

static double
median (double *values,
        guint   n_values)
{
  qsort (values, n_values, sizeof *values, compare);

  return n_values % 2 == 1 ? values[n_values / 2]
                           : (values[n_values / 2 - 1] + values[n_values / 2]) / 2;
}

static double
measure (const AuBenchFigure *figure,
         AuBenchFunc          func)
{
  double value = func (figure->data);

  if (figure->n == 0)
    return value;

  return figure->is_rate ? figure->n / value : value / figure->n;
}

void
au_bench_run (const AuBenchFigure *figure,
              guint                n_runs)
{
  g_autofree double *own = g_new (double, n_runs);
  g_autofree double *peer = g_new (double, n_runs);
  g_autofree double *ratios = g_new (double, n_runs);
  double ratio;

  /* Once to warm up, where there is more than one. */
  if (n_runs > 1)
    {
      measure (figure, figure->func);
      if (figure->peer_func != NULL)
        measure (figure, figure->peer_func);
    }

  for (guint i = 0; i < n_runs; i++)
    {
      own[i] = measure (figure, figure->func);
      if (figure->peer_func != NULL)
        {
          peer[i] = measure (figure, figure->peer_func);
          ratios[i] = own[i] / peer[i];
        }
    }

  ratio = figure->peer_func != NULL ? median (ratios, n_runs) : 0;
  printf ("{\"figure\": \"%s\", \"unit\": \"%s\", \"runs\": %u, \"au\": %.6g",
          figure->name, figure->unit, n_runs, median (own, n_runs));
  if (figure->peer_func != NULL)
    printf (", \"peer\": \"%s\", \"peer-value\": %.6g, \"ratio\": %.3g, \"better\": \"%s\"",
            figure->peer, median (peer, n_runs), ratio, figure->is_rate ? "more" : "less");
  printf ("}\n");
  fflush (stdout);
}
