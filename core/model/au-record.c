/* au-record.c: what is kept about a computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"
#include "au-record-private.h"

#include <au/au-clock.h>
#include <au/au-key.h>
#include <au/au-owner.h>

G_DEFINE_BOXED_TYPE (AuRecord, au_record, au_record_ref, au_record_unref)

AuRecordSpec *
au_record_spec_ref (AuRecordSpec *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
au_record_spec_unref (AuRecordSpec *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->arguments != NULL)
    g_variant_unref (self->arguments);
  au_options_unseal (self->options);
  g_free (self);
}

/* Messages quote file names, and the output of programs: they need not be UTF-8, which
 * is all that a stored form can hold. */
static char *
make_text (const char *text)
{
  return g_utf8_validate (text, -1, NULL) ? g_strdup (text) : g_utf8_make_valid (text, -1);
}

/*
 * au_record_new_text:
 *
 * Makes a text that a record can hold, in which U+FFFD stands for what is not UTF-8.
 */
GRefString *
au_record_new_text (const char *text)
{
  g_autofree char *valid = NULL;

  if (g_utf8_validate (text, -1, NULL))
    return g_ref_string_new (text);

  valid = g_utf8_make_valid (text, -1);

  return g_ref_string_new (valid);
}

AuRecordError *
au_record_error_new (const char *domain,
                     int         code,
                     const char *message)
{
  AuRecordError *self = g_new (AuRecordError, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->domain = g_strdup (domain);
  self->code = code;
  self->message = make_text (message);

  return self;
}

AuRecordError *
au_record_error_ref (AuRecordError *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
au_record_error_unref (AuRecordError *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->domain);
  g_free (self->message);
  g_free (self);
}

void
au_record_take_error (AuRecord      *self,
                      AuRecordError *error)
{
  g_clear_pointer (&self->error, au_record_error_unref);
  self->error = error;
}

/* The name of this process lives as long as it does. Nearly all records bear it, and all
 * threads count their records; counting its users would be what they quarrel about. */
void
au_record_set_owner (AuRecord   *self,
                     const char *owner)
{
  char *old = self->owner_is_own ? NULL : (char *) self->owner;

  self->owner_is_own = owner != NULL && owner == au_owner_get_own ();
  self->owner = owner == NULL || self->owner_is_own ? owner : au_record_new_text (owner);

  if (old != NULL)
    g_ref_string_release (old);
}

void
au_record_take_status_text (AuRecord   *self,
                            GRefString *status_text)
{
  g_clear_pointer (&self->status_text, g_ref_string_release);
  self->status_text = status_text;
}

/* The caller has checked the key. @arguments is sunk; @sealed_options is taken over. */
AuRecord *
au_record_new_full (const char *key,
                    const char *interned_function,
                    GVariant   *arguments,
                    AuOptions  *sealed_options,
                    gint64      created,
                    const char *owner)
{
  AuRecordSpec *spec = g_malloc (G_STRUCT_OFFSET (AuRecordSpec, key) + strlen (key) + 1);
  AuRecord *self = g_new0 (AuRecord, 1);
  GTimeSpan delay = au_options_peek_number (sealed_options, AU_OPTIONS_DELAY);

  g_atomic_ref_count_init (&spec->ref_count);
  spec->function = interned_function;
  spec->arguments = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  spec->options = sealed_options;
  spec->created = created;
  strcpy (spec->key, key);

  g_atomic_ref_count_init (&self->ref_count);
  self->spec = spec;
  self->status = AU_STATUS_PENDING;
  self->revision = 1;
  self->progress = -1;
  self->due = delay > 0 ? au_record_add_span (created, delay) : au_options_peek_number (sealed_options, AU_OPTIONS_DUE);
  au_record_set_owner (self, owner);

  return self;
}

/* A copy that nobody else sees yet and that may therefore be changed: the next
 * revision of @self. */
AuRecord *
au_record_copy (AuRecord *self)
{
  AuRecord *copy = g_new (AuRecord, 1);

  /* Not the count, which others may change. */
  memcpy ((char *) copy + sizeof copy->ref_count, (char *) self + sizeof self->ref_count,
          sizeof *self - sizeof self->ref_count);
  g_atomic_ref_count_init (&copy->ref_count);
  au_record_spec_ref (copy->spec);
  if (copy->value != NULL)
    g_variant_ref (copy->value);
  if (copy->error != NULL)
    au_record_error_ref (copy->error);
  if (copy->status_text != NULL)
    g_ref_string_acquire (copy->status_text);
  if (copy->owner != NULL && !copy->owner_is_own)
    g_ref_string_acquire ((char *) copy->owner);
  if (copy->metadata != NULL)
    g_variant_ref (copy->metadata);
  copy->revision++;

  return copy;
}

/**
 * au_record_new:
 * @key: (nullable): a valid key, or %NULL for that of @options or else a new one
 * @function: the name of a function
 * @arguments: (nullable): its arguments; a floating reference is sunk
 * @options: (nullable): how the computation is to be treated, or %NULL for the
 *   defaults
 *
 * Creates the first record of a computation: pending, created now. A key that is not
 * valid is a programming error, also as one of @options.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
AuRecord *
au_record_new (const char *key,
               const char *function,
               GVariant   *arguments,
               AuOptions  *options)
{
  g_autofree char *new_key = NULL;

  g_return_val_if_fail (function != NULL, NULL);

  if (key == NULL && options != NULL)
    key = au_options_get_key (options);
  if (key == NULL)
    key = new_key = au_key_new ();

  g_return_val_if_fail (au_key_is_valid (key), NULL);

  return au_record_new_full (key, g_intern_string (function), arguments,
                             au_options_seal (options), au_clock_get_real_time (), NULL);
}

/**
 * au_record_ref:
 * @self: a record
 *
 * Takes a reference.
 *
 * MT safe.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
AuRecord *
au_record_ref (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * au_record_unref:
 * @self: (transfer full): a record
 *
 * Drops a reference, and frees the record with the last one.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_record_unref (AuRecord *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->error, au_record_error_unref);
  g_clear_pointer (&self->status_text, g_ref_string_release);
  au_record_set_owner (self, NULL);
  g_clear_pointer (&self->metadata, g_variant_unref);
  au_record_spec_unref (self->spec);
  g_free (self);
}

/**
 * au_record_get_key:
 * @self: a record
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
au_record_get_key (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->spec->key;
}

/**
 * au_record_get_function:
 * @self: a record
 *
 * Gets the name of the function that is called.
 *
 * MT safe.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
au_record_get_function (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->spec->function;
}

/**
 * au_record_get_arguments:
 * @self: a record
 *
 * Gets the arguments of the call.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): the arguments, or %NULL for the unit value
 *
 * Since: 1.0
 */
GVariant *
au_record_get_arguments (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->spec->arguments;
}

/**
 * au_record_get_options:
 * @self: a record
 *
 * Tells how the computation is to be treated.
 *
 * MT safe.
 *
 * Returns: (transfer none): the options, which cannot be changed any more
 *
 * Since: 1.0
 */
AuOptions *
au_record_get_options (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->spec->options;
}

/**
 * au_record_get_status:
 * @self: a record
 *
 * Tells where the computation stands.
 *
 * MT safe.
 *
 * Returns: the status
 *
 * Since: 1.0
 */
AuStatus
au_record_get_status (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, AU_STATUS_FAILED);

  return self->status;
}

/**
 * au_record_get_revision:
 * @self: a record
 *
 * Tells which revision of the computation's record this is. The first is 1, and every
 * change makes the next one.
 *
 * MT safe.
 *
 * Returns: the revision
 *
 * Since: 1.0
 */
guint64
au_record_get_revision (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->revision;
}

/**
 * au_record_get_attempt:
 * @self: a record
 *
 * Gets the number of the current or last attempt.
 *
 * It is also the fence: whoever reports about a computation says for which attempt, and
 * is refused when that is no longer this one.
 *
 * MT safe.
 *
 * Returns: the attempt, or 0 before the first
 *
 * Since: 1.0
 */
guint
au_record_get_attempt (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->attempt;
}

/**
 * au_record_get_failures:
 * @self: a record
 *
 * Tells how many attempts have failed since the computation was submitted, or since a
 * user last ordered a retry.
 *
 * MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_record_get_failures (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->failures;
}

/**
 * au_record_get_lost:
 * @self: a record
 *
 * Tells how many attempts ended because their worker was lost, since the computation was
 * submitted, or since a user last ordered a retry.
 *
 * MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_record_get_lost (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->lost;
}

/**
 * au_record_get_value:
 * @self: a record
 *
 * Gets the value of a completed computation.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): the value, or %NULL for the unit value and for
 *   computations that have not completed
 *
 * Since: 1.0
 */
GVariant *
au_record_get_value (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->value;
}

/**
 * au_record_has_error:
 * @self: a record
 *
 * Tells whether the record holds an error: that of a failed or cancelled
 * computation, or that of the last attempt of one that will be tried again.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_record_has_error (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->error != NULL;
}

/**
 * au_record_dup_error:
 * @self: a record
 *
 * Gets the error of a failed or cancelled computation, or of the last attempt of one
 * that will be tried again, with the domain, code and message it had where it arose.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL when there is none
 *
 * Since: 1.0
 */
GError *
au_record_dup_error (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->error == NULL)
    return NULL;

  return g_error_new_literal (g_quark_from_string (self->error->domain),
                              self->error->code, self->error->message);
}

/**
 * au_record_get_metadata:
 * @self: a record
 *
 * Gets the metadata of the computation: what was given with it, as amended by
 * middleware.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): a dictionary of type `a{sv}`, or %NULL when
 *   there is none
 *
 * Since: 1.0
 */
GVariant *
au_record_get_metadata (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->metadata != NULL)
    return self->metadata;

  return au_options_get_metadata (self->spec->options);
}

/**
 * au_record_get_created:
 * @self: a record
 *
 * Tells when the computation was submitted.
 *
 * MT safe.
 *
 * Returns: microseconds since the epoch, UTC
 *
 * Since: 1.0
 */
gint64
au_record_get_created (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->spec->created;
}

/**
 * au_record_get_due:
 * @self: a record
 *
 * Tells when a pending computation, or its next attempt, may start.
 *
 * MT safe.
 *
 * Returns: microseconds since the epoch, UTC; 0 for at once
 *
 * Since: 1.0
 */
gint64
au_record_get_due (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->due;
}

/**
 * au_record_get_started:
 * @self: a record
 *
 * Tells when the last attempt started.
 *
 * MT safe.
 *
 * Returns: microseconds since the epoch, UTC; 0 before the first
 *
 * Since: 1.0
 */
gint64
au_record_get_started (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->started;
}

/**
 * au_record_get_completed:
 * @self: a record
 *
 * Tells when the computation ended.
 *
 * MT safe.
 *
 * Returns: microseconds since the epoch, UTC; 0 while it has not
 *
 * Since: 1.0
 */
gint64
au_record_get_completed (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->completed;
}

/**
 * au_record_get_expires:
 * @self: a record
 *
 * Tells from when on the record may be removed.
 *
 * MT safe.
 *
 * Returns: microseconds since the epoch, UTC; 0 for never
 *
 * Since: 1.0
 */
gint64
au_record_get_expires (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->expires;
}

/**
 * au_record_get_lease_end:
 * @self: a record
 *
 * Tells until when the worker has promised to report again.
 *
 * MT safe.
 *
 * Returns: microseconds since the epoch, UTC; 0 where leases are not used
 *
 * Since: 1.0
 */
gint64
au_record_get_lease_end (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->lease_end;
}

/**
 * au_record_get_progress:
 * @self: a record
 *
 * Tells how far the last attempt has come: 1 when it has completed.
 *
 * MT safe.
 *
 * Returns: a number from 0 to 1, or -1 when unknown
 *
 * Since: 1.0
 */
double
au_record_get_progress (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->progress;
}

/**
 * au_record_get_status_text:
 * @self: a record
 *
 * Tells what the last attempt said that it does.
 *
 * MT safe.
 *
 * Returns: (nullable): a short text for people
 *
 * Since: 1.0
 */
const char *
au_record_get_status_text (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->status_text;
}

/**
 * au_record_get_n_items:
 * @self: a record
 *
 * Tells how many items the current or last attempt has given.
 *
 * MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
au_record_get_n_items (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_items;
}

/**
 * au_record_get_owner:
 * @self: a record
 *
 * Tells which process the computation belongs to; see [func@Au.owner_get_state].
 *
 * MT safe.
 *
 * Returns: (nullable): the owner
 *
 * Since: 1.0
 */
const char *
au_record_get_owner (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->owner;
}

/**
 * au_record_get_cancel_requested:
 * @self: a record
 *
 * Tells whether somebody asked for the computation to be cancelled.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_record_get_cancel_requested (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->cancel_requested;
}

/**
 * au_record_is_queued:
 * @self: a record
 *
 * Tells whether the computation belongs to the queue that its options name, so that a
 * worker may claim it: it is pending, and no process owns it. It may still have to wait
 * for its time, or for others.
 *
 * Returns: %TRUE if it is in a queue
 *
 * Since: 1.0
 */
gboolean
au_record_is_queued (AuRecord *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->status == AU_STATUS_PENDING &&
         self->owner == NULL &&
         au_options_get_queue (self->spec->options) != NULL;
}
