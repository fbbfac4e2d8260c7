/* au-test-middleware.h: what every middleware must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_TEST_INSIDE) && !defined (AU_TEST_COMPILATION)
# error "Only <au-test/au-test.h> can be included directly."
#endif

#include <au/au.h>

G_BEGIN_DECLS

/**
 * AuTestMiddlewareFunc:
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * Makes a middleware for a test: one that refuses none of the functions whose names start
 * with `test.`, however many are submitted.
 *
 * Returns: (transfer full) (nullable): a new middleware, or %NULL with @error set
 *
 * Since: 1.0
 */
typedef AuMiddleware *(*AuTestMiddlewareFunc) (gpointer user_data,
                                               GError **error);

AU_AVAILABLE_IN_1_0
void au_test_middleware_add_suite (const char          *prefix,
                                   AuTestMiddlewareFunc make,
                                   gpointer             user_data,
                                   GDestroyNotify       destroy);

G_END_DECLS
