/* au-function-private.h: the code of functions, for those who run it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-function.h>

G_BEGIN_DECLS

/* Of these three exactly one is not NULL. */
AuFunc au_function_get_func (AuFunction *self);
AuStartFunc au_function_get_start (AuFunction *self);
AuStepFunc au_function_get_step (AuFunction *self);

gpointer au_function_get_user_data (AuFunction *self);

/* The main context that was thread-default where the function was made; never NULL. */
GMainContext *au_function_get_context (AuFunction *self);

G_END_DECLS
