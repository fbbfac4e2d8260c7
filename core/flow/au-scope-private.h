/* au-scope-private.h: what a scope and its functions share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-delayed-private.h"

#include <au/au-scope.h>

G_BEGIN_DECLS

/* The scope itself belongs to the program, which may drop it; this belongs to it and to
 * its functions, which may go on. */

AuScopeCore   *au_scope_core_new          (AuScopeCore    *parent,
                                           AuScopeExitMode exit_mode,
                                           AuScopeErrorMode error_mode,
                                           gboolean        shielded);
AuScopeCore   *au_scope_core_ref          (AuScopeCore    *self);
void           au_scope_core_unref        (AuScopeCore    *self);

/* Makes a result that the scope is to wait for. */
AuDelayed     *au_scope_core_new_member   (AuScopeCore    *self,
                                           const char     *name,
                                           const char     *place);
gboolean       au_scope_core_check_open   (AuScopeCore    *self,
                                           const char     *name,
                                           GError        **error);
/* Fails when the scope is closed. The member may be cancelled before it has any work. */
gboolean       au_scope_core_add          (AuScopeCore    *self,
                                           AuDelayed      *member,
                                           GError        **error);
void           au_scope_core_take_back    (AuScopeCore    *self,
                                           AuDelayed      *member);
void           au_scope_core_member_done  (AuScopeCore    *self,
                                           AuDelayed      *member);

void           au_scope_core_cancel       (AuScopeCore    *self);
void           au_scope_core_fail         (AuScopeCore    *self,
                                           const GError   *error);
void           au_scope_core_set_end_time (AuScopeCore    *self,
                                           gint64          end_time);
gint64         au_scope_core_get_end_time (AuScopeCore    *self);
GCancellable  *au_scope_core_get_cancellable (AuScopeCore *self);
/* Whether closing it in this thread would never end. */
gboolean       au_scope_core_is_stuck     (AuScopeCore    *self);
/* Begins to close, once. */
void           au_scope_core_close        (AuScopeCore    *self);
gboolean       au_scope_core_is_closed    (AuScopeCore    *self);
guint          au_scope_core_get_n_unfinished (AuScopeCore *self);
/* Arrives when the scope is closed, with its error. */
AuDelayed     *au_scope_core_get_finished (AuScopeCore    *self);

/* au-scope-close.c: that of a scope which nobody has closed. */
void           au_scope_core_close_dropped (AuScopeCore   *self);

/* au-scope.c */
AuScopeCore   *au_scope_get_core          (AuScope        *self);

G_END_DECLS
