/* au-test-backend.h: what every backend must do
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
 * AuTestBackendFunc:
 * @max_workers: how many jobs it is to run at once at most; 0 for what it does when
 *   nothing is said
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * Makes a backend for a test. One that has a fixed number of workers ignores
 * @max_workers.
 *
 * Returns: (transfer full) (nullable): a new backend, or %NULL with @error set
 *
 * Since: 1.0
 */
typedef AuBackend *(*AuTestBackendFunc) (guint    max_workers,
                                         gpointer user_data,
                                         GError **error);

AU_AVAILABLE_IN_1_0
void au_test_functions_register (void);
AU_AVAILABLE_IN_1_0
void au_test_backend_add_suite (const char       *prefix,
                                AuTestBackendFunc make,
                                gpointer          user_data,
                                GDestroyNotify    destroy);

G_END_DECLS
