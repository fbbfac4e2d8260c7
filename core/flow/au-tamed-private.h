/* au-tamed-private.h: starting functions, for those who combine them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-delayed-private.h"

#include <au/au-tamed.h>

G_BEGIN_DECLS

/* Starts the function in a scope or, where that is NULL, in @home, which it takes over;
 * there it @stays, or is taken along by whoever waits synchronously. */
AuDelayed *au_tamed_start  (AuTamed     *self,
                            AuScopeCore *scope,
                            AuFlowLoop  *home,
                            gboolean     stays,
                            const char  *place,
                            GVariant    *arguments,
                            GError     **error) G_GNUC_WARN_UNUSED_RESULT;

/* For those who start it later. @options are for an engine, and may be NULL. */
gboolean   au_tamed_check_arguments (AuTamed *self,
                            GVariant    *arguments,
                            GError     **error);
gboolean   au_tamed_launch (AuTamed     *self,
                            AuDelayed   *result,
                            GVariant    *arguments,
                            AuOptions   *options,
                            GError     **error);
gboolean   au_tamed_is_local (AuTamed   *self);

G_END_DECLS
