/* au-test-run.h: test programs that use the test kit
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

AU_AVAILABLE_IN_1_0
void au_test_init (const char * const *arguments);
AU_AVAILABLE_IN_1_0
int au_test_run (void);
AU_AVAILABLE_IN_1_0
void au_test_remove_folder (const char *path);

G_END_DECLS
