/* au-scope.h: functions that end before the scope does
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-delayed.h>
#include <au/au-engine.h>

G_BEGIN_DECLS

/**
 * AuScopeExitMode:
 * @AU_SCOPE_EXIT_WAIT: wait for the functions that have not finished
 * @AU_SCOPE_EXIT_CANCEL: cancel them, and wait until they have given up
 * @AU_SCOPE_EXIT_RAISE: the same, and fail with %AU_ERROR_NOT_AWAITED if there are
 *   results that nobody has waited for, whether they have arrived or not
 *
 * What happens to the functions of a scope when it is closed.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_SCOPE_EXIT_WAIT,
  AU_SCOPE_EXIT_CANCEL,
  AU_SCOPE_EXIT_RAISE,
} AuScopeExitMode;

#define AU_TYPE_SCOPE_EXIT_MODE (au_scope_exit_mode_get_type ())

AU_AVAILABLE_IN_1_0
GType au_scope_exit_mode_get_type (void);

/**
 * AuScopeErrorMode:
 * @AU_SCOPE_ERROR_CANCEL: cancel the others
 * @AU_SCOPE_ERROR_CONTINUE: leave the others alone
 *
 * What happens to the functions of a scope when one of them fails.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_SCOPE_ERROR_CANCEL,
  AU_SCOPE_ERROR_CONTINUE,
} AuScopeErrorMode;

#define AU_TYPE_SCOPE_ERROR_MODE (au_scope_error_mode_get_type ())

AU_AVAILABLE_IN_1_0
GType au_scope_error_mode_get_type (void);

#define AU_TYPE_SCOPE (au_scope_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuScope, au_scope, AU, SCOPE, GObject)

AU_AVAILABLE_IN_1_0
AuScope *au_scope_new (AuScopeExitMode  exit_mode,
                       AuScopeErrorMode error_mode) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuScope *au_scope_new_nested (AuScope         *parent,
                              AuScopeExitMode  exit_mode,
                              AuScopeErrorMode error_mode) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuScope *au_scope_get_parent (AuScope *self);
AU_AVAILABLE_IN_1_0
AuScopeExitMode au_scope_get_exit_mode (AuScope *self);
AU_AVAILABLE_IN_1_0
AuScopeErrorMode au_scope_get_error_mode (AuScope *self);
AU_AVAILABLE_IN_1_0
gboolean au_scope_get_shielded (AuScope *self);
AU_AVAILABLE_IN_1_0
void au_scope_set_timeout (AuScope  *self,
                           GTimeSpan timeout);
AU_AVAILABLE_IN_1_0
gint64 au_scope_get_deadline (AuScope *self);
AU_AVAILABLE_IN_1_0
GCancellable *au_scope_get_cancellable (AuScope *self);
AU_AVAILABLE_IN_1_0
guint au_scope_get_n_unfinished (AuScope *self);
AU_AVAILABLE_IN_1_0
gboolean au_scope_is_closed (AuScope *self);

AU_AVAILABLE_IN_1_0
AuDelayed *au_scope_submit (AuScope    *self,
                            AuEngine   *engine,
                            const char *function,
                            GVariant   *arguments,
                            AuOptions  *options,
                            GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuDelayed *au_scope_add_handle (AuScope  *self,
                                AuHandle *handle,
                                GError  **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_scope_cancel (AuScope *self);
AU_AVAILABLE_IN_1_0
void au_scope_fail (AuScope      *self,
                    const GError *error);
AU_AVAILABLE_IN_1_0
gboolean au_scope_close (AuScope      *self,
                         GCancellable *cancellable,
                         GError      **error);
AU_AVAILABLE_IN_1_0
void au_scope_close_async (AuScope            *self,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_scope_close_finish (AuScope      *self,
                                GAsyncResult *result,
                                GError      **error);
AU_AVAILABLE_IN_1_0
guint au_scope_get_n_errors (AuScope *self);
AU_AVAILABLE_IN_1_0
GError *au_scope_dup_error (AuScope *self,
                            guint    index) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
