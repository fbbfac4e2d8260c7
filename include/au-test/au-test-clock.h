/* au-test-clock.h: a clock that a test moves
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

#define AU_TEST_TYPE_CLOCK (au_test_clock_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuTestClock, au_test_clock, AU_TEST, CLOCK, GObject)

AU_AVAILABLE_IN_1_0
AuTestClock *au_test_clock_new (void) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_test_clock_advance (AuTestClock *self,
                            GTimeSpan    span);
AU_AVAILABLE_IN_1_0
GTimeSpan au_test_clock_get_elapsed (AuTestClock *self);

G_END_DECLS
