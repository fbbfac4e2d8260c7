/* au-call-private.h: what a call does for its job
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-call.h>
#include <au/au-job.h>

G_BEGIN_DECLS

struct _AuCall
{
  gatomicrefcount ref_count;
  gint            returned;     /* atomic; see au-call.c */
  AuJob          *job;
  GMainContext   *context;      /* whose iteration waits for the return, or NULL */
  gpointer        state;
  GDestroyNotify  destroy_state;
};

AuCall *au_call_new (AuJob *job) G_GNUC_WARN_UNUSED_RESULT;

/* Runs a plain function, or one step of an iterator function, in the context that the
 * function wants. */
GVariant *au_call_invoke (AuCall  *self,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean  au_call_step   (AuCall    *self,
                          GVariant **item,
                          GError   **error);

/* Starts an asynchronous function; its outcome goes to the job by itself. */
void      au_call_start  (AuCall *self);

/* Waits, iterating @context, until a started function has returned. */
void      au_call_finish (AuCall       *self,
                          GMainContext *context);
gboolean  au_call_has_returned (AuCall *self);

/* Whether what the function gave can go into a record. */
gboolean  au_call_check_value (AuCall    *self,
                               GVariant  *value,
                               GError   **error);

/* Says to the job how the function has ended. */
void      au_call_conclude (AuCall   *self,
                            GVariant *value,
                            GError   *error);

G_END_DECLS
