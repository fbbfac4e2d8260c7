/* au-store-bell-private.h: tells processes that something changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void     au_store_bell_ring       (int fd);
GSource *au_store_bell_new_source (int fd);

G_END_DECLS
