/* au-test-context.h: asserts in which main context things happen
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

#define AU_TEST_TYPE_CONTEXT (au_test_context_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuTestContext, au_test_context, AU_TEST, CONTEXT, GObject)

AU_AVAILABLE_IN_1_0
AuTestContext *au_test_context_new (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_test_context_assert_current (AuTestContext *self);
AU_AVAILABLE_IN_1_0
void au_test_context_watch (AuTestContext *self,
                            GObject       *object);
AU_AVAILABLE_IN_1_0
guint au_test_context_get_n_signals (AuTestContext *self);
AU_AVAILABLE_IN_1_0
void au_test_context_forbid (AuTestContext *self);
AU_AVAILABLE_IN_1_0
void au_test_context_allow (AuTestContext *self);

AU_AVAILABLE_IN_1_0
void au_test_context_take_result (GObject      *source,
                                  GAsyncResult *result,
                                  gpointer      user_data);
AU_AVAILABLE_IN_1_0
GAsyncResult *au_test_context_await_result (AuTestContext *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
