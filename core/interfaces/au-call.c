/* au-call.c: a running computation, as its function sees it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-call-private.h"
#include "au-function-private.h"
#include "au-job-private.h"
#include "au-main-context-private.h"
#include "au-value-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>

#include <glib/gi18n-lib.h>

typedef enum
{
  NOT_RETURNED,
  RETURNING,        /* the job is being told */
  RETURNED,
} Returned;

/**
 * AuCall:
 *
 * What a function is given of the computation that it runs for: its key, whether it
 * was cancelled, and ways to say how far it has come and to give items.
 *
 * A call is MT safe, unless a function says otherwise. It may be kept beyond the
 * return of an asynchronous function by a reference.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (AuCall, au_call, au_call_ref, au_call_unref)

AuCall *
au_call_new (AuJob *job)
{
  AuCall *self = g_new0 (AuCall, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->job = au_job_ref (job);

  return self;
}

/**
 * au_call_ref:
 * @self: a call
 *
 * Takes a reference.
 *
 * MT safe.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
AuCall *
au_call_ref (AuCall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
fail_unreturned (AuCall *self)
{
  g_autoptr(GError) error = NULL;

  error = g_error_new (AU_ERROR, AU_ERROR_NO_VALUE,
                       _("The function “%s” dropped its call without returning: mend it to return a value or an error"),
                       au_call_get_function (self));
  au_job_fail (self->job, error, NULL);
}

/**
 * au_call_unref:
 * @self: (transfer full): a call
 *
 * Drops a reference. When an asynchronous function drops the last one without having
 * returned, its computation fails with %AU_ERROR_NO_VALUE.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_call_unref (AuCall *self)
{
  g_autoptr(AuJob) job = NULL;
  g_autoptr(GMainContext) context = NULL;
  gboolean last;

  g_return_if_fail (self != NULL);

  /* Whoever waits for an asynchronous function has to see that it let go: either it finds
   * so when it begins to wait, under this lock, or its context is known here. */
  if (!g_atomic_int_get (&self->returned) && self->job->function->start != NULL)
    {
      job = au_job_ref (self->job);
      g_mutex_lock (&job->lock);
      context = self->context != NULL ? g_main_context_ref (self->context) : NULL;
      last = g_atomic_ref_count_dec (&self->ref_count);
      g_mutex_unlock (&job->lock);
    }
  else
    {
      last = g_atomic_ref_count_dec (&self->ref_count);
    }

  if (!last)
    {
      if (context != NULL)
        g_main_context_wakeup (context);
      else if (job != NULL)
        au_job_ready (job);
      return;
    }

  if (g_atomic_int_get (&self->returned) == NOT_RETURNED)
    fail_unreturned (self);

  if (self->destroy_state != NULL)
    self->destroy_state (self->state);
  g_clear_pointer (&self->context, g_main_context_unref);
  au_job_unref (self->job);
  g_free (self);
}

/**
 * au_call_get_key:
 * @self: a call
 *
 * Gets the key of the computation.
 *
 * MT safe.
 *
 * Returns: the key
 *
 * Since: 1.0
 */
const char *
au_call_get_key (AuCall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return au_job_get_key (self->job);
}

/**
 * au_call_get_function:
 * @self: a call
 *
 * Gets the name of the function that runs.
 *
 * MT safe.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
au_call_get_function (AuCall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return au_function_get_name (self->job->function);
}

/**
 * au_call_get_attempt:
 * @self: a call
 *
 * Gets the number of this attempt; the first is 1.
 *
 * MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_call_get_attempt (AuCall *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->job->attempt;
}

/**
 * au_call_get_deadline:
 * @self: a call
 *
 * Gets until when the function must have returned. After that the attempt has failed
 * with %G_IO_ERROR_TIMED_OUT, the call is cancelled, and whatever the function
 * returns is refused.
 *
 * MT safe.
 *
 * Returns: the time in microseconds, to be compared with
 *   [func@Au.clock_get_monotonic_time], or 0 for no limit
 *
 * Since: 1.0
 */
gint64
au_call_get_deadline (AuCall *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return au_job_get_deadline (self->job);
}

/**
 * au_call_get_metadata:
 * @self: a call
 *
 * Gets the metadata that the computation was started with.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): a dictionary of type `a{sv}`, or %NULL when
 *   there is none
 *
 * Since: 1.0
 */
GVariant *
au_call_get_metadata (AuCall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return au_record_get_metadata (self->job->record);
}

/**
 * au_call_get_cancellable:
 * @self: a call
 *
 * Gets an object that is cancelled when the function is to give up. Pass it on to
 * whatever the function calls.
 *
 * MT safe.
 *
 * Returns: (transfer none): the cancellable, which lives as long as the call
 *
 * Since: 1.0
 */
GCancellable *
au_call_get_cancellable (AuCall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return au_job_get_cancellable (self->job);
}

/**
 * au_call_is_cancelled:
 * @self: a call
 *
 * Tells whether the function is to give up.
 *
 * MT safe, and cheap enough for every turn of a loop.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_call_is_cancelled (AuCall *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return au_job_is_cancelled (self->job);
}

/**
 * au_call_set_error_if_cancelled:
 * @self: a call
 * @error: return location for an error
 *
 * Sets @error to %G_IO_ERROR_CANCELLED when the function is to give up.
 *
 * MT safe.
 *
 * Returns: %TRUE when @error was set
 *
 * Since: 1.0
 */
gboolean
au_call_set_error_if_cancelled (AuCall  *self,
                                GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (!au_job_is_cancelled (self->job))
    return FALSE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
               _("The computation “%s” was cancelled"), au_call_get_key (self));

  return TRUE;
}

/**
 * au_call_set_progress:
 * @self: a call
 * @progress: how far the function has come, from 0 to 1, or -1 when unknown
 * @status_text: (nullable): what it does, for people
 *
 * Says how far the function has come. It may be called as often as is convenient:
 * handles are told once for each turn of their main loop, and the store at most a few
 * times a second.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_call_set_progress (AuCall     *self,
                      double      progress,
                      const char *status_text)
{
  g_return_if_fail (self != NULL);

  au_job_report (self->job, progress, status_text, NULL);
}

/**
 * au_call_emit:
 * @self: a call
 * @item: the item; a floating reference is sunk
 * @error: return location for an error
 *
 * Gives the next item of the computation. Items are numbered and stored, so that a
 * late reader gets all of them.
 *
 * In a thread of its own the function waits here while the reader is behind by more
 * than the options allow; nobody waits when there is no reader, or when it waits for
 * the end.
 *
 * Fails with %G_IO_ERROR_CANCELLED when the function is to give up, with
 * %AU_ERROR_STALE when its attempt is no longer the current one, and when the store
 * cannot keep the item; the function should return the error.
 *
 * MT safe; one at a time for each call.
 *
 * Returns: %TRUE when it was taken
 *
 * Since: 1.0
 */
gboolean
au_call_emit (AuCall    *self,
              GVariant  *item,
              GError   **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return au_job_emit (self->job, item, error);
}

/**
 * au_call_log:
 * @self: a call
 * @level: a level of GLib's structured logging
 * @message: the message
 *
 * Logs a message with the fields `AU_KEY`, `AU_FUNCTION` and `AU_ATTEMPT`, by which
 * it can be found again.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_call_log (AuCall         *self,
             GLogLevelFlags  level,
             const char     *message)
{
  g_autofree char *attempt = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (message != NULL);

  if (self->job->hooks->log != NULL)
    {
      self->job->hooks->log (self->job, level, message);
      return;
    }

  attempt = g_strdup_printf ("%u", au_call_get_attempt (self));
  g_log_structured ("au-computation", level,
                    "AU_KEY", au_call_get_key (self),
                    "AU_FUNCTION", au_call_get_function (self),
                    "AU_ATTEMPT", attempt,
                    "MESSAGE", "%s", message);
}

/**
 * au_call_new_bytes: (skip)
 * @self: a call
 * @size: the size in bytes, at least 1
 * @data: (out) (transfer none): where to put where the bytes are; they are zero, and
 *   may be written until the function returns
 * @error: return location for an error
 *
 * Makes room for a large value, such that it reaches the caller without being copied
 * wherever the function runs.
 *
 * The function fills it, makes a value of it with g_variant_new_from_bytes(), such as
 * of the type `ay`, and returns that, as it is and not within another value. What it
 * returns otherwise, or emits, is copied as any other value.
 *
 * Fails with %G_IO_ERROR_NO_SPACE when there is no memory.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL with @error set
 *
 * Since: 1.0
 */
GBytes *
au_call_new_bytes (AuCall    *self,
                   gsize      size,
                   gpointer  *data,
                   GError   **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (size > 0, NULL);
  g_return_val_if_fail (data != NULL, NULL);

  if (self->job->hooks->new_bytes != NULL)
    return self->job->hooks->new_bytes (self->job, size, data, error);

  *data = g_try_malloc0 (size);
  if (*data == NULL)
    {
      g_autofree char *text = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   _("There is no memory for a value of %s of the computation “%s”"), text,
                   au_call_get_key (self));
      return NULL;
    }

  return g_bytes_new_take (*data, size);
}

/**
 * au_call_get_state:
 * @self: a call
 *
 * Gets what [method@Au.Call.set_state] has set. For the function itself.
 *
 * Returns: (transfer none) (nullable): the state, %NULL at first
 *
 * Since: 1.0
 */
gpointer
au_call_get_state (AuCall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->state;
}

/**
 * au_call_set_state: (skip)
 * @self: a call
 * @state: (nullable): anything
 * @destroy: (nullable): frees @state, with the call or when it is replaced
 *
 * Keeps what an iterator function needs from one step to the next. For the function
 * itself. In a language with introspection, a table by [method@Au.Call.get_key] serves
 * better.
 *
 * Since: 1.0
 */
void
au_call_set_state (AuCall         *self,
                   gpointer        state,
                   GDestroyNotify  destroy)
{
  gpointer old_state;
  GDestroyNotify old_destroy;

  g_return_if_fail (self != NULL);

  old_state = self->state;
  old_destroy = self->destroy_state;
  self->state = state;
  self->destroy_state = destroy;

  if (old_destroy != NULL)
    old_destroy (old_state);
}

/* What somebody else's function gave is checked before it goes into a record. */
gboolean
au_call_check_value (AuCall    *self,
                     GVariant  *value,
                     GError   **error)
{
  AuFunction *function = self->job->function;
  const GVariantType *output = function->output;

  if (output == NULL ? value == NULL : value != NULL && g_variant_is_of_type (value, output))
    return value == NULL || au_value_check_depth (value, error);

  if (value == NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_NO_VALUE,
                 _("The function “%s” returned neither a value of type “%s” nor an error"),
                 au_function_get_name (function), g_variant_type_peek_string (output));
  else if (output == NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                 _("The function “%s” returned a value of type “%s”, and declares none"),
                 au_function_get_name (function), g_variant_get_type_string (value));
  else
    g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                 _("The function “%s” returned a value of type “%s”, not of its declared type “%.*s”"),
                 au_function_get_name (function), g_variant_get_type_string (value),
                 (int) g_variant_type_get_string_length (output),
                 g_variant_type_peek_string (output));

  return FALSE;
}

/* Takes over both. */
void
au_call_conclude (AuCall   *self,
                  GVariant *value,
                  GError   *error)
{
  g_autoptr(GVariant) owned_value = value != NULL ? g_variant_take_ref (value) : NULL;
  g_autoptr(GError) owned_error = error;

  g_atomic_int_set (&self->returned, RETURNING);

  if (owned_error == NULL && self->job->function->step == NULL)
    au_call_check_value (self, owned_value, &owned_error);

  if (owned_error != NULL)
    au_job_fail (self->job, owned_error, NULL);
  else
    au_job_complete (self->job, owned_value, NULL);

  g_atomic_int_set (&self->returned, RETURNED);
}

/* Whether a started function has returned, or can no longer do so because nobody but
 * the caller holds the call. */
gboolean
au_call_has_returned (AuCall *self)
{
  if (g_atomic_int_get (&self->returned) == RETURNED)
    return TRUE;

  if (!g_atomic_ref_count_compare (&self->ref_count, 1))
    return FALSE;

  if (g_atomic_int_compare_and_exchange (&self->returned, NOT_RETURNED, RETURNED))
    fail_unreturned (self);

  return TRUE;
}

void
au_call_finish (AuCall       *self,
                GMainContext *context)
{
  g_mutex_lock (&self->job->lock);
  self->context = g_main_context_ref (context);
  g_mutex_unlock (&self->job->lock);

  while (!au_call_has_returned (self))
    g_main_context_iteration (context, TRUE);
}

static gboolean
claim_return (AuCall *self)
{
  if (g_atomic_int_compare_and_exchange (&self->returned, NOT_RETURNED, RETURNING))
    return TRUE;

  g_critical ("The function “%s” returned twice", au_call_get_function (self));
  return FALSE;
}

static void
wake_after_return (AuCall *self)
{
  g_mutex_lock (&self->job->lock);
  if (self->context != NULL)
    g_main_context_wakeup (self->context);
  g_mutex_unlock (&self->job->lock);

  au_job_ready (self->job);
}

/**
 * au_call_return_value:
 * @self: a call
 * @value: (nullable): the value, or %NULL for none; a floating reference is sunk
 *
 * Ends an asynchronous function with a value. To be called once, from any thread.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_call_return_value (AuCall   *self,
                      GVariant *value)
{
  g_autoptr(GVariant) sunk = value != NULL ? g_variant_ref_sink (value) : NULL;

  g_return_if_fail (self != NULL);

  if (!claim_return (self))
    return;

  au_call_conclude (self, g_steal_pointer (&sunk), NULL);
  wake_after_return (self);
}

/**
 * au_call_return_error:
 * @self: a call
 * @error: the error
 *
 * Ends an asynchronous function with an error. To be called once, from any thread.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_call_return_error (AuCall       *self,
                      const GError *error)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (error != NULL);

  if (!claim_return (self))
    return;

  au_call_conclude (self, NULL, g_error_copy (error));
  wake_after_return (self);
}
