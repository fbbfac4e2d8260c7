/* au-test-run-private.h: what the suites share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au-test/au-test-run.h>

#include <glib-object.h>

G_BEGIN_DECLS

/* How often to do what is done often: less with a sanitizer, more with “-m slow”. */
guint au_test_scale (guint n);

/* Drops the last reference but those that threads still have, and iterates the default main
 * context until these are dropped, and all that the object held with them. */
void  au_test_end_object (gpointer object);

/* The test @path of this program, which has “/subprocess/” in its name, in a process of
 * its own; au_test_get_place () gives @place there. */
GSubprocess *au_test_child_new (const char       *path,
                                const char       *place,
                                GSubprocessFlags  flags);
void         au_test_child_end (GSubprocess      *child);
const char  *au_test_get_place (void);

G_END_DECLS
