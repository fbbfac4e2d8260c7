/* au-store-failpoint-private.h: where tests let a process die
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* AU_STORE_FAILPOINT:
 *
 * A place, with a name, in which a process may die. The tests have modules of their own in
 * which it does so when AU_FAILPOINT says “NAME:N”, at the Nth time that it comes by;
 * “list:FILE” writes the names of all. In what is installed it is nothing.
 */
#ifdef AU_STORE_FAILPOINTS

#define AU_STORE_FAILPOINT(name) \
  G_STMT_START { \
    static const char *failpoint_ __attribute__ ((section ("au_failpoints"), used)) = name; \
    au_store_failpoint_pass (failpoint_); \
  } G_STMT_END

void au_store_failpoint_pass (const char *name);

#else

#define AU_STORE_FAILPOINT(name) G_STMT_START { } G_STMT_END

#endif

G_END_DECLS
