/* au-types.h: the names that the other headers share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <gio/gio.h>

#include <au/au-version-macros.h>

G_BEGIN_DECLS

typedef struct _AuCall AuCall;
typedef struct _AuEngine AuEngine;
typedef struct _AuFunction AuFunction;
typedef struct _AuHandle AuHandle;
typedef struct _AuJob AuJob;
typedef struct _AuOptions AuOptions;
typedef struct _AuQuery AuQuery;
typedef struct _AuRecord AuRecord;
typedef struct _AuWorkerInfo AuWorkerInfo;

G_END_DECLS
