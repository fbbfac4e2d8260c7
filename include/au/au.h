/* au.h: the one header that users of au include
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#define AU_INSIDE

#include <au/au-version.h>
#include <au/au-version-macros.h>

#include <au/au-error.h>
#include <au/au-status.h>

#undef AU_INSIDE
