/* au-error.c: what can go wrong
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-error.h>

#include <libintl.h>

G_DEFINE_QUARK (au-error-quark, au_error)

G_DEFINE_ENUM_TYPE (AuError, au_error,
                    G_DEFINE_ENUM_VALUE (AU_ERROR_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_INVALID_ARGUMENT, "invalid-argument"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_INVALID_KEY, "invalid-key"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_NOT_FOUND, "not-found"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_NOT_READY, "not-ready"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_UNKNOWN_FUNCTION, "unknown-function"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_BAD_TYPE, "bad-type"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_STALE, "stale"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_CONFLICT, "conflict"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_INVALID_TRANSITION, "invalid-transition"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_DEPENDENCY, "dependency"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_WORKER_LOST, "worker-lost"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_NO_VALUE, "no-value"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_WOULD_DEADLOCK, "would-deadlock"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_DAMAGED, "damaged"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_UNSUPPORTED, "unsupported"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_STORE, "store"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_CONFIG, "config"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_NOT_FOUND, "module-not-found"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_LOAD, "module-load"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_INVALID, "module-invalid"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_VERSION, "module-version"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_UNSAFE, "module-unsafe"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_CYCLE, "cycle"))

/* Messages are translated from the first error on, in any thread, and au has no
 * function that every program calls first. */
static void __attribute__ ((constructor))
bind_translations (void)
{
  bindtextdomain (GETTEXT_PACKAGE, AU_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}
