/* au-store-bell-private.h: tells processes that something changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whoever changes a record writes to a file, which inotify tells to those who listen. A
 * listener holds a lock on that file, so that nothing needs to be written when there is
 * none. MT safe.
 */

gboolean au_store_bell_is_heard   (int       fd);
void     au_store_bell_ring       (int       fd);
GSource *au_store_bell_new_source (int       fd,
                                   GTimeSpan quiet,
                                   gboolean *first);

G_END_DECLS
