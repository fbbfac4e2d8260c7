/* au-task-runner-private.h: runners that share their engines
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-target-private.h"

#include <au/au-task-runner.h>

G_BEGIN_DECLS

/* The bound arguments followed by those of a call. */
GVariant *au_arguments_join (GVariant *bound,
                             GVariant *arguments,
                             GError  **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
