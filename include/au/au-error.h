/* au-error.h: what can go wrong
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <glib-object.h>

#include <au/au-version-macros.h>

G_BEGIN_DECLS

/**
 * AuError:
 * @AU_ERROR_FAILED: anything that no other code describes; the message says what
 * @AU_ERROR_INVALID_ARGUMENT: a value given by the caller is not acceptable; the
 *   message says which and what would be
 * @AU_ERROR_INVALID_KEY: a key is not of the form `[A-Za-z0-9._:-]{1,128}` or
 *   starts with a dot
 * @AU_ERROR_NOT_FOUND: no record has this key: it was never submitted, was
 *   removed, or has expired
 * @AU_ERROR_NOT_READY: the computation has not ended yet; wait for it
 * @AU_ERROR_UNKNOWN_FUNCTION: no function has this name; register it, or install
 *   the module that provides it
 * @AU_ERROR_BAD_TYPE: a value is not of the type that its function declares
 * @AU_ERROR_STALE: the attempt that reports is no longer the current one, and its
 *   report was refused; nothing is to be done
 * @AU_ERROR_CONFLICT: the record was changed by somebody else meanwhile; load it
 *   again and decide again
 * @AU_ERROR_INVALID_TRANSITION: the record cannot go from its status to the
 *   wanted one, such as out of a terminal one
 * @AU_ERROR_REFUSED: a middleware refused the computation
 * @AU_ERROR_DEPENDENCY: a computation that this one depends on did not complete
 * @AU_ERROR_WORKER_LOST: the worker died or vanished while it ran the computation
 * @AU_ERROR_NO_VALUE: a function returned neither a value of its declared type
 *   nor an error; mend the function
 * @AU_ERROR_WOULD_DEADLOCK: the calling thread would wait for something that only
 *   itself can do; wait asynchronously instead
 * @AU_ERROR_CLOSED: nothing new is taken, as the engine is being drained, or the object
 *   was closed
 * @AU_ERROR_DAMAGED: stored or received data cannot be read; it was set aside
 *   where that is possible
 * @AU_ERROR_UNSUPPORTED: this part cannot do that, or a record is of a newer
 *   format than this version reads
 * @AU_ERROR_STORE: the store could not read or write; the message gives the
 *   system's reason
 * @AU_ERROR_CONFIG: a key file is not acceptable; the message gives file, line,
 *   group and key
 * @AU_ERROR_MODULE_NOT_FOUND: no module has this name in the folders searched
 * @AU_ERROR_MODULE_LOAD: the system could not open the module
 * @AU_ERROR_MODULE_INVALID: the file is no module of au, or its descriptor
 *   contradicts its name or its contents
 * @AU_ERROR_MODULE_VERSION: the module was built for another version of au
 * @AU_ERROR_MODULE_UNSAFE: the module's file or folder may be written by others
 * @AU_ERROR_CYCLE: things depend on each other in a circle; the message names them
 * @AU_ERROR_GROUP: several things have failed; [func@Au.error_get_child] gives each of
 *   their errors
 * @AU_ERROR_NOT_AWAITED: a scope that wants every result to be awaited has some that
 *   never were; the message says where they were started
 *
 * The errors that au itself reports.
 *
 * Besides these, a cancelled wait or computation gives %G_IO_ERROR_CANCELLED, one
 * that ran out of time gives %G_IO_ERROR_TIMED_OUT, and a function's own error
 * arrives with the domain, code and message that the function gave it.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_ERROR_FAILED,
  AU_ERROR_INVALID_ARGUMENT,
  AU_ERROR_INVALID_KEY,
  AU_ERROR_NOT_FOUND,
  AU_ERROR_NOT_READY,
  AU_ERROR_UNKNOWN_FUNCTION,
  AU_ERROR_BAD_TYPE,
  AU_ERROR_STALE,
  AU_ERROR_CONFLICT,
  AU_ERROR_INVALID_TRANSITION,
  AU_ERROR_REFUSED,
  AU_ERROR_DEPENDENCY,
  AU_ERROR_WORKER_LOST,
  AU_ERROR_NO_VALUE,
  AU_ERROR_WOULD_DEADLOCK,
  AU_ERROR_CLOSED,
  AU_ERROR_DAMAGED,
  AU_ERROR_UNSUPPORTED,
  AU_ERROR_STORE,
  AU_ERROR_CONFIG,
  AU_ERROR_MODULE_NOT_FOUND,
  AU_ERROR_MODULE_LOAD,
  AU_ERROR_MODULE_INVALID,
  AU_ERROR_MODULE_VERSION,
  AU_ERROR_MODULE_UNSAFE,
  AU_ERROR_CYCLE,
  AU_ERROR_GROUP,
  AU_ERROR_NOT_AWAITED,
} AuError;

/**
 * AU_ERROR:
 *
 * The error domain of au. Its codes are those of [error@Au.Error].
 *
 * Since: 1.0
 */
#define AU_ERROR (au_error_quark ())

#define AU_TYPE_ERROR (au_error_get_type ())

AU_AVAILABLE_IN_1_0
GType au_error_get_type (void);
AU_AVAILABLE_IN_1_0
GQuark au_error_quark (void);

AU_AVAILABLE_IN_1_0
guint au_error_get_n_children (const GError *error);
AU_AVAILABLE_IN_1_0
const GError *au_error_get_child (const GError *error,
                                  guint         index);

G_END_DECLS
