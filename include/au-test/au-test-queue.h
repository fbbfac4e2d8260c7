/* au-test-queue.h: what every queue must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_TEST_INSIDE) && !defined (AU_TEST_COMPILATION)
# error "Only <au-test/au-test.h> can be included directly."
#endif

#include <au-test/au-test-store.h>

G_BEGIN_DECLS

AU_AVAILABLE_IN_1_0
void au_test_queue_add_suite (const char      *prefix,
                              AuTestStoreFunc  open,
                              gpointer         user_data,
                              GDestroyNotify   destroy);

G_END_DECLS
