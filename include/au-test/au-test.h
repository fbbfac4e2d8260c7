/* au-test.h: the one header of the test kit
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

#define AU_TEST_INSIDE

#include <au-test/au-test-backend.h>
#include <au-test/au-test-clock.h>
#include <au-test/au-test-context.h>
#include <au-test/au-test-middleware.h>
#include <au-test/au-test-queue.h>
#include <au-test/au-test-run.h>
#include <au-test/au-test-serializer.h>
#include <au-test/au-test-store.h>

#undef AU_TEST_INSIDE
