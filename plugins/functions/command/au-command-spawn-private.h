/* au-command-spawn-private.h: starts a program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-command-request-private.h"

#include <sys/types.h>

G_BEGIN_DECLS

pid_t au_command_spawn (const AuCommandRequest *request,
                        int                     output[2],
                        GError                **error);

G_END_DECLS
