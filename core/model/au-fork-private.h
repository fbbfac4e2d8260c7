/* au-fork-private.h: notices that this process is a fork of another
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint au_fork_get_epoch (void);

G_END_DECLS
