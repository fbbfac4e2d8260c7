/* au-hello-private.h: what a worker says first
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* What a process is: the version of the wire, the builds of libau and of this module, and
 * the functions that it has, as (u, ss, a(sss)). */
GVariant *au_hello_new   (void);

/* Whether a worker that said @hello can work for this process. */
gboolean  au_hello_check (GVariant  *hello,
                          GError   **error);

/* How a type of values is shown; NULL is none. */
char     *au_hello_dup_type (const GVariantType *type);

G_END_DECLS
