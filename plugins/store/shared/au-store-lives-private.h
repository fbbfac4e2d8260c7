/* au-store-lives-private.h: which processes with workers live
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* AuStoreLives:
 *
 * A process with a worker holds a pipe open in a folder of the store, under the name of
 * the owner that it claims for. The kernel closes it however the process ends, and tells
 * at once whoever has the other end: also across containers, where numbers of processes
 * say nothing, and without anybody writing that it still lives. A pipe that nobody holds
 * is of a process that is gone, also of one from before the machine was started.
 */
typedef struct _AuStoreLives AuStoreLives;

AuStoreLives *au_store_lives_new        (const char    *folder);
AuStoreLives *au_store_lives_ref        (AuStoreLives *self);
void           au_store_lives_unref      (AuStoreLives *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuStoreLives, au_store_lives_unref)

void           au_store_lives_enter      (AuStoreLives *self,
                                           const char    *owner);
void           au_store_lives_leave      (AuStoreLives *self);

GHashTable    *au_store_lives_find_dead  (AuStoreLives *self);
gboolean       au_store_lives_is_among   (GHashTable    *dead,
                                           const char    *owner);
void           au_store_lives_clear_dead (AuStoreLives *self,
                                           GHashTable    *dead);

gboolean       au_store_lives_take_news  (AuStoreLives *self);
void           au_store_lives_look_again (AuStoreLives *self);
/* Takes over @work, a source that tells of work, and adds to it that of the workers that
 * are gone. Passes NULL on. */
GSource       *au_store_lives_join_source (AuStoreLives *self,
                                           GSource      *work);

G_END_DECLS
