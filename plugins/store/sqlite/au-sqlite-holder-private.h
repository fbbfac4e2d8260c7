/* au-sqlite-holder-private.h: who keeps a database from being written
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *au_sqlite_holder_find (const char *path);

G_END_DECLS
