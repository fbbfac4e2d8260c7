/* au-memory-bell-private.h: tells main loops of this process that something changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Shared by a store and its sources, which may outlive it. */
typedef struct _AuMemoryBell AuMemoryBell;

AuMemoryBell *au_memory_bell_new        (void);
void          au_memory_bell_unref      (AuMemoryBell *self);
void          au_memory_bell_ring       (AuMemoryBell *self);
GSource      *au_memory_bell_new_source (AuMemoryBell *self);

G_END_DECLS
