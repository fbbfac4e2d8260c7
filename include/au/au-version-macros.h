/* au-version-macros.h: which release a symbol came with
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <glib.h>

#include <au/au-version.h>

#ifndef _AU_EXTERN
# define _AU_EXTERN extern
#endif

/**
 * AU_VERSION_1_0:
 *
 * The version 1.0, for %AU_VERSION_MAX_ALLOWED.
 *
 * Since: 1.0
 */
#define AU_VERSION_1_0 (G_ENCODE_VERSION (1, 0))

/**
 * AU_VERSION_MAX_ALLOWED:
 *
 * The newest API that the including program may use; a symbol that came later
 * gives a compiler warning. Define it before including `<au/au.h>`.
 *
 * Since: 1.0
 */
#ifndef AU_VERSION_MAX_ALLOWED
# define AU_VERSION_MAX_ALLOWED AU_VERSION_1_0
#endif

#if AU_VERSION_MAX_ALLOWED < AU_VERSION_1_0
# define AU_AVAILABLE_IN_1_0 G_UNAVAILABLE (1, 0) _AU_EXTERN
#else
# define AU_AVAILABLE_IN_1_0 _AU_EXTERN
#endif
