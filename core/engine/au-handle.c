/* au-handle.c: a caller's view of one computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-handle-private.h"
#include "au-record-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/**
 * AuHandle:
 *
 * A caller's view of one computation: where it stands, what it gave, and a way to
 * cancel it.
 *
 * A handle comes from [method@Au.Engine.submit], or from the key of a computation that
 * any process has submitted to the same store, by [method@Au.Engine.get_handle].
 * Dropping it does not stop the computation.
 *
 * Handles are MT safe. Their properties change at any time; `notify` is emitted in the
 * main context that was the thread-default one where the handle was made, once for
 * each turn of its loop.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuHandle, au_handle, G_TYPE_OBJECT)

enum
{
  PROP_KEY = 1,
  PROP_FUNCTION,
  PROP_STATUS,
  PROP_PROGRESS,
  PROP_STATUS_TEXT,
  PROP_METADATA,
  PROP_ERROR,
  PROP_RESULT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint notify_id;

/* Only those who read items have a position, so it is not in every handle. */
static G_DEFINE_QUARK (au-handle-position, au_handle_position)

AuHandle *
au_handle_new (AuComputation *computation)
{
  AuHandle *self = g_object_new (AU_TYPE_HANDLE, NULL);
  GMainContext *context = g_main_context_get_thread_default ();

  self->computation = au_computation_ref (computation);
  if (context != NULL)
    self->context = g_main_context_ref (context);

  g_mutex_lock (&computation->lock);
  self->next = computation->handles;
  if (self->next != NULL)
    self->next->previous = self;
  computation->handles = self;
  computation->handle_due = FALSE;
  self->listed = TRUE;
  g_mutex_unlock (&computation->lock);

  return self;
}

/* Here and not in finalize, so that au_handles_collect () may still take a reference
 * on whatever it finds in the list. */
static void
au_handle_dispose (GObject *object)
{
  AuHandle *self = AU_HANDLE (object);
  AuComputation *computation = self->computation;
  gboolean last = FALSE;

  if (computation != NULL)
    {
      g_mutex_lock (&computation->lock);
      if (self->listed)
        {
          if (self->previous != NULL)
            self->previous->next = self->next;
          else
            computation->handles = self->next;
          if (self->next != NULL)
            self->next->previous = self->previous;
          self->listed = FALSE;
          last = computation->handles == NULL && computation->extra != NULL;
        }
      g_mutex_unlock (&computation->lock);

      if (last)
        au_computation_release_emitters (computation);
    }

  G_OBJECT_CLASS (au_handle_parent_class)->dispose (object);
}

static void
au_handle_finalize (GObject *object)
{
  AuHandle *self = AU_HANDLE (object);

  g_clear_pointer (&self->computation, au_computation_unref);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (au_handle_parent_class)->finalize (object);
}

static void
au_handle_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  AuHandle *self = AU_HANDLE (object);

  switch (prop_id)
    {
    case PROP_KEY:
      g_value_set_string (value, au_handle_get_key (self));
      break;
    case PROP_FUNCTION:
      g_value_set_string (value, au_handle_get_function (self));
      break;
    case PROP_STATUS:
      g_value_set_enum (value, au_handle_get_status (self));
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, au_handle_get_progress (self));
      break;
    case PROP_STATUS_TEXT:
      g_value_take_string (value, au_handle_dup_status_text (self));
      break;
    case PROP_METADATA:
      g_value_take_variant (value, au_handle_dup_metadata (self));
      break;
    case PROP_ERROR:
      g_value_take_boxed (value, au_handle_dup_error (self));
      break;
    case PROP_RESULT:
      g_value_take_variant (value, au_handle_dup_result (self, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_handle_class_init (AuHandleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = au_handle_dispose;
  object_class->finalize = au_handle_finalize;
  object_class->get_property = au_handle_get_property;

  /**
   * AuHandle:key:
   *
   * The key of the computation. It never changes.
   *
   * Since: 1.0
   */
  props[PROP_KEY] = g_param_spec_string ("key", NULL, NULL, NULL, flags);

  /**
   * AuHandle:function:
   *
   * The name of the function. It never changes.
   *
   * Since: 1.0
   */
  props[PROP_FUNCTION] = g_param_spec_string ("function", NULL, NULL, NULL, flags);

  /**
   * AuHandle:status:
   *
   * Where the computation stands.
   *
   * Since: 1.0
   */
  props[PROP_STATUS] = g_param_spec_enum ("status", NULL, NULL, AU_TYPE_STATUS,
                                          AU_STATUS_PENDING, flags);

  /**
   * AuHandle:progress:
   *
   * How far the running attempt has come, from 0 to 1, or -1 when unknown.
   *
   * Since: 1.0
   */
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1, 1, -1, flags);

  /**
   * AuHandle:status-text: (getter dup_status_text)
   *
   * What the running attempt says that it does, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_STATUS_TEXT] = g_param_spec_string ("status-text", NULL, NULL, NULL, flags);

  /**
   * AuHandle:metadata: (getter dup_metadata)
   *
   * The metadata of the computation, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_METADATA] = g_param_spec_variant ("metadata", NULL, NULL, G_VARIANT_TYPE_VARDICT,
                                               NULL, flags);

  /**
   * AuHandle:error: (getter dup_error)
   *
   * The error of a computation that has failed or was cancelled, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);

  /**
   * AuHandle:result:
   *
   * The value of a computation that has completed, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_RESULT] = g_param_spec_variant ("result", NULL, NULL, G_VARIANT_TYPE_ANY,
                                             NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);

  notify_id = g_signal_lookup ("notify", G_TYPE_OBJECT);
}

static void
au_handle_init (AuHandle *self)
{
}

GSList *
au_handles_collect (AuHandle *first)
{
  GSList *pending = NULL;

  for (AuHandle *handle = first; handle != NULL; handle = handle->next)
    {
      /* A source for each change of each handle would be dear, and most have nobody who
       * listens: they are waited for. */
      if (handle->told ||
          g_signal_handler_find (handle, G_SIGNAL_MATCH_ID, notify_id, 0, NULL, NULL, NULL) == 0)
        continue;

      handle->told = TRUE;
      pending = g_slist_prepend (pending, g_object_ref (handle));
    }

  return pending;
}

static gboolean
notify_cb (gpointer data)
{
  g_autoptr(AuHandle) self = g_weak_ref_get (data);
  GObject *object = (GObject *) self;
  gboolean stands_for_other;

  if (self == NULL)
    return G_SOURCE_REMOVE;

  g_mutex_lock (&self->computation->lock);
  self->told = FALSE;
  stands_for_other = self->computation->extra != NULL &&
                     self->computation->extra->stands_for != NULL;
  g_mutex_unlock (&self->computation->lock);

  g_object_freeze_notify (object);
  if (stands_for_other)
    g_object_notify_by_pspec (object, props[PROP_KEY]);
  g_object_notify_by_pspec (object, props[PROP_PROGRESS]);
  g_object_notify_by_pspec (object, props[PROP_STATUS_TEXT]);
  g_object_notify_by_pspec (object, props[PROP_METADATA]);
  g_object_notify_by_pspec (object, props[PROP_STATUS]);
  if (au_handle_is_ready (self))
    {
      g_object_notify_by_pspec (object, props[PROP_ERROR]);
      g_object_notify_by_pspec (object, props[PROP_RESULT]);
    }
  g_object_thaw_notify (object);

  return G_SOURCE_REMOVE;
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* Who drops a handle does not want to hear of it any more, so the sources do not keep it. */
void
au_handles_notify (GSList *pending)
{
  for (GSList *link = pending; link != NULL; link = link->next)
    {
      AuHandle *handle = link->data;
      g_autoptr(GSource) source = g_idle_source_new ();
      GWeakRef *weak_ref = g_new (GWeakRef, 1);

      g_weak_ref_init (weak_ref, handle);
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, notify_cb, weak_ref, weak_ref_free);
      g_source_set_static_name (source, "[au] handle changed");
      g_source_attach (source, handle->context);
    }

  g_slist_free_full (pending, g_object_unref);
}

/**
 * au_handle_get_key:
 * @self: a handle
 *
 * Gets the key of the computation, by which any process that shares the store can find
 * it again.
 *
 * With a unique key in the options, a store that blocks may tell only later that another
 * computation has it: then this handle is one on that computation, and `notify::key` is
 * emitted.
 *
 * MT safe.
 *
 * Returns: the key
 *
 * Since: 1.0
 */
const char *
au_handle_get_key (AuHandle *self)
{
  g_return_val_if_fail (AU_IS_HANDLE (self), NULL);

  return au_computation_get_stored_key (self->computation);
}

/**
 * au_handle_get_function:
 * @self: a handle
 *
 * Gets the name of the function.
 *
 * MT safe.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
au_handle_get_function (AuHandle *self)
{
  g_return_val_if_fail (AU_IS_HANDLE (self), NULL);

  return self->computation->spec->function;
}

/**
 * au_handle_get_status:
 * @self: a handle
 *
 * Gets where the computation stands.
 *
 * MT safe.
 *
 * Returns: the status
 *
 * Since: 1.0
 */
AuStatus
au_handle_get_status (AuHandle *self)
{
  AuStatus status;

  g_return_val_if_fail (AU_IS_HANDLE (self), AU_STATUS_FAILED);

  g_mutex_lock (&self->computation->lock);
  status = self->computation->record->status;
  g_mutex_unlock (&self->computation->lock);

  return status;
}

/**
 * au_handle_is_ready:
 * @self: a handle
 *
 * Tells whether the computation has ended.
 *
 * MT safe.
 *
 * Returns: %TRUE if it has
 *
 * Since: 1.0
 */
gboolean
au_handle_is_ready (AuHandle *self)
{
  g_return_val_if_fail (AU_IS_HANDLE (self), FALSE);

  return au_computation_is_done (self->computation);
}

/**
 * au_handle_get_progress:
 * @self: a handle
 *
 * Gets how far the running attempt has come.
 *
 * MT safe.
 *
 * Returns: a number from 0 to 1, or -1 when unknown
 *
 * Since: 1.0
 */
double
au_handle_get_progress (AuHandle *self)
{
  double progress;

  g_return_val_if_fail (AU_IS_HANDLE (self), -1);

  g_mutex_lock (&self->computation->lock);
  progress = self->computation->record->progress;
  g_mutex_unlock (&self->computation->lock);

  return progress;
}

/**
 * au_handle_dup_status_text: (get-property status-text)
 * @self: a handle
 *
 * Gets what the running attempt says that it does.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): a short text for people, or %NULL
 *
 * Since: 1.0
 */
char *
au_handle_dup_status_text (AuHandle *self)
{
  g_autoptr(AuRecord) record = au_handle_dup_record (self);

  return record != NULL ? g_strdup (record->status_text) : NULL;
}

/**
 * au_handle_dup_metadata: (get-property metadata)
 * @self: a handle
 *
 * Gets the metadata of the computation.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): a dictionary of type `a{sv}`, or %NULL when there
 *   is none
 *
 * Since: 1.0
 */
GVariant *
au_handle_dup_metadata (AuHandle *self)
{
  g_autoptr(AuRecord) record = au_handle_dup_record (self);
  GVariant *metadata = record != NULL ? au_record_get_metadata (record) : NULL;

  return metadata != NULL ? g_variant_ref (metadata) : NULL;
}

/**
 * au_handle_dup_error: (get-property error)
 * @self: a handle
 *
 * Gets the error of a computation that has failed or was cancelled, with the domain,
 * code and message it had where it arose.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL when the computation has
 *   completed or not ended
 *
 * Since: 1.0
 */
GError *
au_handle_dup_error (AuHandle *self)
{
  g_autoptr(AuRecord) record = au_handle_dup_record (self);

  if (record == NULL || !au_status_is_terminal (record->status))
    return NULL;

  return au_record_dup_error (record);
}

/**
 * au_handle_dup_result:
 * @self: a handle
 * @error: return location for an error
 *
 * Gets the value of a computation that has completed; it does not wait.
 *
 * Fails with %AU_ERROR_NOT_READY before the computation has ended, with the function's
 * own error when it has failed, and with %G_IO_ERROR_CANCELLED when it was cancelled.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without @error set for a
 *   function that has none
 *
 * Since: 1.0
 */
GVariant *
au_handle_dup_result (AuHandle  *self,
                      GError   **error)
{
  g_autoptr(AuRecord) record = NULL;

  g_return_val_if_fail (AU_IS_HANDLE (self), NULL);

  record = au_handle_dup_record (self);

  if (!au_status_is_terminal (record->status))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_NOT_READY,
                   _("The computation “%s” is still %s: wait for it"),
                   au_handle_get_key (self), au_status_to_string (record->status));
      return NULL;
    }

  if (record->status != AU_STATUS_COMPLETED)
    {
      g_propagate_error (error, au_record_dup_error (record));
      return NULL;
    }

  return record->value != NULL ? g_variant_ref (record->value) : NULL;
}

/**
 * au_handle_dup_record:
 * @self: a handle
 *
 * Gets all that is known about the computation at this moment.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record, which does not change any more
 *
 * Since: 1.0
 */
AuRecord *
au_handle_dup_record (AuHandle *self)
{
  g_return_val_if_fail (AU_IS_HANDLE (self), NULL);

  return au_computation_dup_record (self->computation);
}

/**
 * au_handle_get_position:
 * @self: a handle
 *
 * Gets the number of the item that [method@Au.Handle.next_item] gives next.
 *
 * MT safe.
 *
 * Returns: the number; the first item is 0
 *
 * Since: 1.0
 */
guint64
au_handle_get_position (AuHandle *self)
{
  gpointer position;

  g_return_val_if_fail (AU_IS_HANDLE (self), 0);

  position = g_object_get_qdata (G_OBJECT (self), au_handle_position_quark ());

  return GPOINTER_TO_SIZE (position);
}

/**
 * au_handle_set_position:
 * @self: a handle
 * @position: the number of an item
 *
 * Sets which item [method@Au.Handle.next_item] gives next: a reader that knows how many
 * it has had goes on from there.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_handle_set_position (AuHandle *self,
                        guint64   position)
{
  g_return_if_fail (AU_IS_HANDLE (self));

  g_object_set_qdata (G_OBJECT (self), au_handle_position_quark (), GSIZE_TO_POINTER (position));
}

/**
 * au_handle_cancel:
 * @self: a handle
 *
 * Asks for the computation to be cancelled. It does not block.
 *
 * A computation that waits is cancelled at once. One that runs is told, and is
 * cancelled when its function gives up; if it completes all the same before that, it
 * has completed. One that another process runs is told through the store.
 *
 * MT safe.
 *
 * Returns: %FALSE when the computation had ended already
 *
 * Since: 1.0
 */
gboolean
au_handle_cancel (AuHandle *self)
{
  g_return_val_if_fail (AU_IS_HANDLE (self), FALSE);

  return au_computation_cancel (self->computation);
}
