/* board.h: what functions of a test write down, wherever they run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers in memory that a test program shares with its worker processes; to be used by
 * atomic operations. */
typedef struct
{
  gint n_held;      /* calls of the function “held” that began */
  gint n_given;     /* items that generators have made */
  gint n_runs;      /* whatever else a test counts */
} Board;

/* Makes the board that workers find. To be called before they are started, by the test only. */
void   board_init (void);
Board *board_get  (void);

G_END_DECLS
