/* flow-fixture.h: what the tests of ways to call share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* What functions did, in order. */
extern GString *trace;

/* Compares the trace, and empties it. */
#define assert_trace(text) \
  G_STMT_START { \
    g_assert_cmpstr (trace->str, ==, text); \
    g_string_truncate (trace, 0); \
  } G_STMT_END

void       flow_init     (int         *argc,
                          char      ***argv);

/* (su) → s: after so many milliseconds, which do not really pass, or never from 60000 on,
 * traces its name and returns it; cancelled, it traces the name with a “!” and gives up.
 * One whose name begins with “-” fails with it instead. */
AuTamed   *nap_new       (void);
GVariant  *nap           (const char  *name,
                          guint        milliseconds);
/* How many have begun; atomic, for other threads. */
extern gint naps_begun;
/* () → s: fails at once, with G_IO_ERROR_FAILED and “Oh no!”. */
AuTamed   *faulty_new    (void);
/* () → (): never returns, unless it is cancelled. */
AuTamed   *endless_new   (void);
AuTamed   *tamed_new     (const char  *name,
                          const char  *input,
                          const char  *output,
                          AuStartFunc  start,
                          gpointer     user_data);

AuEngine  *engine_new    (const char  *backend);

AuDelayed *start         (AuTamed     *tamed,
                          AuScope     *scope,
                          GVariant    *arguments);
char      *get_text      (AuDelayed   *delayed);

/* Iterates the default main context until an operation has called back. */
typedef struct
{
  GAsyncResult *result;
} Await;

void          await_cb   (GObject      *object,
                          GAsyncResult *result,
                          gpointer      data);
GAsyncResult *await      (Await        *self);

/* Whether so many make too much for a sanitizer. */
guint      scaled        (guint         n);

G_END_DECLS
