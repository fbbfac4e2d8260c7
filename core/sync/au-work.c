/* au-work.c: a function and where it runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-work-private.h"

#include <au/au-error.h>

AuWork *
au_work_new_start (GMainContext    *context,
                   AuTaskStartFunc  func,
                   gpointer         user_data,
                   GDestroyNotify   destroy)
{
  AuWork *self = g_new0 (AuWork, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref (context);
  self->start = func;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

AuWork *
au_work_new_plain (GMainContext    *context,
                   AuTaskFunc       func,
                   gpointer         user_data,
                   GDestroyNotify   destroy)
{
  AuWork *self = g_new0 (AuWork, 1);

  g_atomic_ref_count_init (&self->ref_count);
  if (context != NULL)
    self->context = g_main_context_ref (context);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

AuWork *
au_work_ref (AuWork *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
au_work_unref (AuWork *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

void
au_work_do (AuWork *self,
            AuTask *task)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;

  if (self->start != NULL)
    {
      self->start (task, self->user_data);
      return;
    }

  value = self->func (task, self->user_data, &error);
  if (value != NULL)
    g_variant_take_ref (value);

  if (error != NULL)
    au_task_return_error (task, error);
  else
    au_task_return_value (task, value);
}
