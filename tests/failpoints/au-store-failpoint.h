/* au-store-failpoint.h: what a process says that died in a failpoint
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#define AU_STORE_FAILPOINT_STATUS (86)
