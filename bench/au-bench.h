/* au-bench.h: figures measured in turn with those of a peer
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* Measures something once, and gives the seconds it took, or whatever the figure is. */
typedef double (*AuBenchFunc) (gpointer data);

typedef struct
{
  const char  *name;
  const char  *unit;
  AuBenchFunc  func;
  const char  *peer;        /* NULL for none */
  AuBenchFunc  peer_func;
  gpointer     data;
  /* What is measured is the time of this many; 0 for a figure that stands as it is. */
  double       n;
  gboolean     is_rate;     /* more is better */
} AuBenchFigure;

/* Measures both in turn, so that a machine that slows down does so for both, and prints
 * one line of JSON: medians, and the median of the ratios. */
void   au_bench_run      (const AuBenchFigure *figure,
                          guint                n_runs);

double au_bench_now      (void);
/* What the process has in memory, in bytes. */
double au_bench_resident (void);

G_END_DECLS
