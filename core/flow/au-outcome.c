/* au-outcome.c: what came of a task
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-outcome-private.h"

#include <glib/gi18n-lib.h>

/**
 * AuOutcome:
 *
 * A task of a [class@Au.Dispatcher], and what came of it: its status, its result, its
 * error. `notify` is emitted in the main context that was the thread-default one where the
 * task was started.
 *
 * MT safe.
 *
 * Since: 1.0
 */
struct _AuOutcome
{
  GObject     parent_instance;

  AuFunction *function;
  char       *target;

  GMutex      lock;             /* for what follows */
  GVariant   *arguments;
  AuHandle   *handle;           /* NULL before it is started */
  GError     *error;            /* why it could not be started */
  gboolean    cancelled;        /* before it was started */
};

G_DEFINE_FINAL_TYPE (AuOutcome, au_outcome, G_TYPE_OBJECT)

enum
{
  PROP_FUNCTION = 1,
  PROP_TARGET,
  PROP_HANDLE,
  PROP_STATUS,
  PROP_RESULT,
  PROP_ERROR,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void status_cb (AuOutcome *self);

static void
au_outcome_dispose (GObject *object)
{
  AuOutcome *self = AU_OUTCOME (object);

  if (self->handle != NULL)
    g_signal_handlers_disconnect_by_func (self->handle, status_cb, self);

  G_OBJECT_CLASS (au_outcome_parent_class)->dispose (object);
}

static void
au_outcome_finalize (GObject *object)
{
  AuOutcome *self = AU_OUTCOME (object);

  g_clear_object (&self->function);
  g_clear_object (&self->handle);
  g_clear_error (&self->error);
  g_clear_pointer (&self->arguments, g_variant_unref);
  g_free (self->target);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_outcome_parent_class)->finalize (object);
}

static void
au_outcome_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  AuOutcome *self = AU_OUTCOME (object);

  switch (prop_id)
    {
    case PROP_FUNCTION:
      g_value_set_object (value, self->function);
      break;
    case PROP_TARGET:
      g_value_set_string (value, self->target);
      break;
    case PROP_HANDLE:
      g_value_set_object (value, au_outcome_get_handle (self));
      break;
    case PROP_STATUS:
      g_value_set_enum (value, au_outcome_get_status (self));
      break;
    case PROP_RESULT:
      g_value_take_variant (value, au_outcome_dup_result (self));
      break;
    case PROP_ERROR:
      g_value_take_boxed (value, au_outcome_dup_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_outcome_class_init (AuOutcomeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = au_outcome_dispose;
  object_class->finalize = au_outcome_finalize;
  object_class->get_property = au_outcome_get_property;

  /**
   * AuOutcome:function: (getter get_function)
   *
   * What was to be run.
   *
   * Since: 1.0
   */
  props[PROP_FUNCTION] = g_param_spec_object ("function", NULL, NULL, AU_TYPE_FUNCTION, flags);

  /**
   * AuOutcome:target: (getter get_target)
   *
   * Where it runs.
   *
   * Since: 1.0
   */
  props[PROP_TARGET] = g_param_spec_string ("target", NULL, NULL, NULL, flags);

  /**
   * AuOutcome:handle: (getter get_handle)
   *
   * Its computation, or %NULL before it is started.
   *
   * Since: 1.0
   */
  props[PROP_HANDLE] = g_param_spec_object ("handle", NULL, NULL, AU_TYPE_HANDLE, flags);

  /**
   * AuOutcome:status: (getter get_status)
   *
   * Where it stands.
   *
   * Since: 1.0
   */
  props[PROP_STATUS] = g_param_spec_enum ("status", NULL, NULL, AU_TYPE_STATUS,
                                          AU_STATUS_PENDING, flags);

  /**
   * AuOutcome:result: (getter dup_result)
   *
   * Its value, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_RESULT] = g_param_spec_variant ("result", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);

  /**
   * AuOutcome:error: (getter dup_error)
   *
   * Its error, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_outcome_init (AuOutcome *self)
{
  g_mutex_init (&self->lock);
}

AuOutcome *
au_outcome_new (AuFunction *function,
                const char *target,
                GVariant   *arguments)
{
  AuOutcome *self = g_object_new (AU_TYPE_OUTCOME, NULL);

  self->function = g_object_ref (function);
  self->target = g_strdup (target);
  self->arguments = arguments != NULL ? g_variant_ref (arguments) : NULL;

  return self;
}

static void
status_cb (AuOutcome *self)
{
  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATUS]);
  if (au_outcome_is_ended (self))
    {
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RESULT]);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

void
au_outcome_start (AuOutcome *self,
                  AuTargets *targets)
{
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  engine = au_targets_get (targets, self->target, self->function, &error);
  if (engine != NULL)
    handle = au_engine_submit (engine, au_function_get_name (self->function), self->arguments,
                               NULL, &error);
  if (handle != NULL)
    g_signal_connect_object (handle, "notify::status", G_CALLBACK (status_cb), self,
                             G_CONNECT_SWAPPED);

  g_mutex_lock (&self->lock);
  self->handle = handle != NULL ? g_object_ref (handle) : NULL;
  self->error = g_steal_pointer (&error);
  g_mutex_unlock (&self->lock);

  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HANDLE]);
  status_cb (self);
}

gboolean
au_outcome_is_ended (AuOutcome *self)
{
  return au_status_is_terminal (au_outcome_get_status (self));
}

void
au_outcome_cancel (AuOutcome *self)
{
  AuHandle *handle;

  g_mutex_lock (&self->lock);
  handle = self->handle;
  if (handle == NULL && self->error == NULL)
    {
      self->cancelled = TRUE;
      self->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                         _("The task was cancelled before it was started"));
    }
  g_mutex_unlock (&self->lock);

  if (handle != NULL)
    au_handle_cancel (handle);
}

/**
 * au_outcome_get_function:
 * @self: an outcome
 *
 * Gets what was to be run.
 *
 * Returns: (transfer none): the function
 *
 * Since: 1.0
 */
AuFunction *
au_outcome_get_function (AuOutcome *self)
{
  g_return_val_if_fail (AU_IS_OUTCOME (self), NULL);

  return self->function;
}

/**
 * au_outcome_get_target:
 * @self: an outcome
 *
 * Gets where it runs.
 *
 * Returns: the name of the target
 *
 * Since: 1.0
 */
const char *
au_outcome_get_target (AuOutcome *self)
{
  g_return_val_if_fail (AU_IS_OUTCOME (self), NULL);

  return self->target;
}

/**
 * au_outcome_get_handle:
 * @self: an outcome
 *
 * Gets its computation.
 *
 * Returns: (transfer none) (nullable): a handle, or %NULL before it is started, or when it
 *   could not be
 *
 * Since: 1.0
 */
AuHandle *
au_outcome_get_handle (AuOutcome *self)
{
  AuHandle *handle;

  g_return_val_if_fail (AU_IS_OUTCOME (self), NULL);

  g_mutex_lock (&self->lock);
  handle = self->handle;
  g_mutex_unlock (&self->lock);

  return handle;
}

/**
 * au_outcome_get_status:
 * @self: an outcome
 *
 * Gets where it stands. What waits to be started is pending.
 *
 * Returns: the status
 *
 * Since: 1.0
 */
AuStatus
au_outcome_get_status (AuOutcome *self)
{
  AuHandle *handle;
  AuStatus status = AU_STATUS_PENDING;

  g_return_val_if_fail (AU_IS_OUTCOME (self), AU_STATUS_PENDING);

  g_mutex_lock (&self->lock);
  handle = self->handle;
  if (self->error != NULL)
    status = self->cancelled ? AU_STATUS_CANCELLED : AU_STATUS_FAILED;
  g_mutex_unlock (&self->lock);

  return handle != NULL ? au_handle_get_status (handle) : status;
}

/**
 * au_outcome_dup_result: (get-property result)
 * @self: an outcome
 *
 * Gets its value.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL when it has not completed, or
 *   has none
 *
 * Since: 1.0
 */
GVariant *
au_outcome_dup_result (AuOutcome *self)
{
  AuHandle *handle = au_outcome_get_handle (self);

  return handle != NULL ? au_handle_dup_result (handle, NULL) : NULL;
}

/**
 * au_outcome_dup_error: (get-property error)
 * @self: an outcome
 *
 * Gets its error.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL when it has completed or not
 *   ended
 *
 * Since: 1.0
 */
GError *
au_outcome_dup_error (AuOutcome *self)
{
  AuHandle *handle = au_outcome_get_handle (self);
  GError *error;

  if (handle != NULL)
    return au_handle_dup_error (handle);

  g_mutex_lock (&self->lock);
  error = self->error != NULL ? g_error_copy (self->error) : NULL;
  g_mutex_unlock (&self->lock);

  return error;
}
