/* au-test-stage-private.h: where functions and their test meet
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A test and the functions that it submits meet on a stage, by a socket, since nobody
 * knows in which process a backend runs them. A function tells what it does, or says
 * that it has come to some place and waits there until the test lets it go.
 *
 * The test iterates its default main context meanwhile, which some backends need.
 */
typedef struct _Stage Stage;

Stage      *stage_new          (void);
void        stage_free         (Stage      *self);
/* for the arguments of functions */
const char *stage_get_address  (Stage      *self);

/* Whether a function has come to this place, or has told this, and was not released. */
gboolean    stage_has          (Stage      *self,
                                const char *place);
/* Waits until one has. */
void        stage_await        (Stage      *self,
                                const char *place);
/* Lets the function that came first go on from there. */
void        stage_release      (Stage      *self,
                                const char *place);
/* How often this was told, up to now. */
guint       stage_count        (Stage      *self,
                                const char *place);

/* What functions do: both give a descriptor of the connection, which can be read when
 * the test lets the function go, or -1. */
int         stage_come_to      (const char *address,
                                const char *place);
void        stage_tell         (const char *address,
                                const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

G_END_DECLS
