/* runner-fixture.h: what the tests of task runners and dispatchers share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flow-fixture.h"

G_BEGIN_DECLS

/* (uu) → items u: the numbers from the first to the second; fails at 13. */
extern AuFunction *counting;
/* (ss) → s: both together; fails with the second one if that begins with “-”. */
extern AuFunction *concatenating;
/* () → items u: gives 0, and goes on until it is cancelled. */
extern AuFunction *stubborn;
/* () → i: the process that it runs in. */
extern AuFunction *telling_pid;

/* To be called first in main (), as this program is also what runs the functions: the
 * workers of the target “process”, and one of those of the target “queue”. */
void runner_init     (int          *argc,
                      char       ***argv);
int  runner_finish   (int           status);

/* Adds /flow/NAME/TARGET for each target there is. */
void add_for_targets (const char   *name,
                      GTestDataFunc func);
/* How often something is to be done with a target: what it costs differs by far. */
guint scaled_for     (const char   *target,
                      guint         n);

G_END_DECLS
