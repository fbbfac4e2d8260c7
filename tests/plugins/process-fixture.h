/* process-fixture.h: what the tests of the process backend share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* Registers the functions of the tests, and becomes a worker when it is one. To be called
 * first in main (). */
void        process_init       (int         *argc,
                                char      ***argv);

/* Settings are “name=value;name=value”, or NULL. */
AuBackend  *process_backend    (const char  *settings);
/* An engine in memory; takes over @backend. */
AuEngine   *process_engine     (AuBackend   *backend);
AuHandle   *process_submit     (AuEngine    *engine,
                                const char  *function,
                                GVariant    *arguments);
/* Waits for the end, which must be a value. */
GVariant   *process_value      (AuHandle    *handle);
/* Waits for the end, which must be an error. */
GError     *process_error      (AuHandle    *handle);
GVariant   *process_call       (AuEngine    *engine,
                                const char  *function,
                                GVariant    *arguments);
/* Waits until a file is there, as a function makes it to say that it runs. */
void        process_await_file (const char  *path);
/* A descriptor to wait for the end of a process, even if it is not a child; -1 when it has
 * ended already. */
int         process_watch      (int          pid);
/* Waits for that end, and closes the descriptor. */
void        process_await_end  (int          watch);
/* Waits until an engine that nobody else holds has let go of all it had, its backend and
 * the workers of that included. */
void        process_close      (AuEngine    *engine);
char       *process_new_path   (void);
guint       process_count_fds  (void);

G_END_DECLS
