/* sync-fixture.c: what the tests of the building blocks share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

void
sync_outcome_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  SyncOutcome *self = data;

  g_set_object (&self->result, result);
  self->n_calls++;
  self->thread = g_thread_self ();
}

GAsyncResult *
sync_outcome_await (SyncOutcome *self)
{
  while (self->result == NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  g_assert_cmpuint (self->n_calls, ==, 1);

  return self->result;
}

void
sync_outcome_clear (SyncOutcome *self)
{
  g_clear_object (&self->result);
  self->n_calls = 0;
}

void
sync_iterate (void)
{
  while (g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    ;
}
