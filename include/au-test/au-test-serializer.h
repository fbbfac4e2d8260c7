/* au-test-serializer.h: what every serializer must do
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
 * AuTestSerializerFunc:
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * Makes a serializer for a test.
 *
 * Returns: (transfer full) (nullable): a new serializer, or %NULL with @error set
 *
 * Since: 1.0
 */
typedef AuSerializer *(*AuTestSerializerFunc) (gpointer user_data,
                                               GError **error);

AU_AVAILABLE_IN_1_0
void au_test_serializer_add_suite (const char          *prefix,
                                   AuTestSerializerFunc make,
                                   gpointer             user_data,
                                   GDestroyNotify       destroy);

G_END_DECLS
