/* au-delayed-handle.c: the result of a computation, as a delayed one
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-delayed-private.h"
#include "au-handle-watch-private.h"

typedef struct
{
  AuDelayedWork  work;
  AuWaiter       waiter;
  AuHandle      *handle;
  AuDelayed     *delayed;       /* until the computation has ended */
} HandleWork;

static HandleWork *
get_work (AuWaiter *waiter)
{
  return (HandleWork *) ((char *) waiter - G_STRUCT_OFFSET (HandleWork, waiter));
}

static void
handle_work_cancel (AuDelayedWork *work)
{
  au_handle_cancel (((HandleWork *) work)->handle);
}

static void
handle_work_free (AuDelayedWork *work)
{
  HandleWork *self = (HandleWork *) work;

  g_object_unref (self->handle);
  g_free (self);
}

static gboolean
handle_work_is_stuck (AuDelayedWork *work)
{
  return au_handle_needs_this_thread (((HandleWork *) work)->handle);
}

static const AuDelayedWorkFuncs handle_work_funcs = {
  .cancel = handle_work_cancel,
  .is_stuck = handle_work_is_stuck,
  .free = handle_work_free,
};

static void
ended (HandleWork *self)
{
  g_autoptr(AuDelayed) delayed = g_steal_pointer (&self->delayed);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = au_handle_dup_result (self->handle, &error);

  au_delayed_complete (delayed, value, error);
}

static void
woken_cb (AuWaiter *waiter)
{
  HandleWork *self = get_work (waiter);

  ended (self);
  au_delayed_work_unref (&self->work);
}

/* The computation ends whether anybody waits or not, and then lets go of the result. */
void
au_delayed_follow (AuDelayed *self,
                   AuHandle  *handle)
{
  HandleWork *work = g_new0 (HandleWork, 1);

  au_delayed_work_init (&work->work, &handle_work_funcs);
  work->waiter.wake = woken_cb;
  work->handle = g_object_ref (handle);
  au_delayed_work_ref (&work->work);

  if (!au_delayed_put_work (self, &work->work))
    {
      au_handle_cancel (handle);
      au_delayed_work_unref (&work->work);
      return;
    }

  work->delayed = g_object_ref (self);
  if (au_handle_watch (handle, &work->waiter))
    return;

  ended (work);
  au_delayed_work_unref (&work->work);
}

/**
 * au_delayed_new_for_handle:
 * @handle: a handle
 *
 * Makes a delayed result of a computation, for what takes such results.
 *
 * To cancel it cancels the computation.
 *
 * MT safe.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
AuDelayed *
au_delayed_new_for_handle (AuHandle *handle)
{
  AuDelayed *self;

  g_return_val_if_fail (AU_IS_HANDLE (handle), NULL);

  self = au_delayed_new (au_flow_loop_get (), g_intern_string (au_handle_get_function (handle)));
  au_delayed_follow (self, handle);

  return self;
}
