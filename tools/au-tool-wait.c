/* au-tool-wait.c: waiting for computations, with a way out
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-interrupt.h"
#include "au-tool-output.h"
#include "au-tool-progress.h"
#include "au-tool-records.h"
#include "au-tool-wait.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  AuTool         *tool;
  GPtrArray      *handles;
  AuToolWaitFlags flags;
  AuToolEndedFunc func;
  gpointer        user_data;
  GCancellable   *cancellable;
  AuToolProgress *progress;
  guint           waiting;
  guint           ended;
  guint           failed;
  int             code;
} Wait;

typedef struct
{
  Wait     *wait;
  AuHandle *handle;
} Waiter;

static void on_item (GObject      *source,
                     GAsyncResult *result,
                     gpointer      data);

static void
on_ended (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Waiter *waiter = data;
  Wait *wait = waiter->wait;

  /* What went wrong is in the record; only whether it has ended matters here. */
  au_handle_wait_finish (AU_HANDLE (source), result, NULL);
  wait->waiting--;

  if (au_handle_is_ready (waiter->handle))
    {
      wait->ended++;
      if (au_handle_get_status (waiter->handle) != AU_STATUS_COMPLETED)
        wait->failed++;
      au_tool_progress_set_done (wait->progress, wait->ended, wait->ended, wait->failed);
      wait->func (waiter->handle, wait->user_data);
    }
  g_free (waiter);
}

static void
wait_for_next (Waiter *waiter)
{
  Wait *wait = waiter->wait;

  if ((wait->flags & AU_TOOL_WAIT_ITEMS) != 0)
    au_handle_next_item_async (waiter->handle, wait->cancellable, on_item, waiter);
  else
    au_handle_wait_async (waiter->handle, wait->cancellable, on_ended, waiter);
}

static void
on_item (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Waiter *waiter = data;
  g_autoptr(GVariant) item = NULL;

  item = au_handle_next_item_finish (AU_HANDLE (source), result, NULL);
  if (item != NULL)
    {
      au_tool_print_json (item);
      au_tool_output_flush ();
      wait_for_next (waiter);
      return;
    }
  au_handle_wait_async (waiter->handle, waiter->wait->cancellable, on_ended, waiter);
}

static void
on_notify (AuHandle   *handle,
           GParamSpec *pspec,
           gpointer    data)
{
  Wait *wait = data;
  g_autofree char *text = au_handle_dup_status_text (handle);

  au_tool_progress_set_single (wait->progress, au_handle_get_progress (handle), text);
}

static void
on_interrupt (gpointer data)
{
  Wait *wait = data;

  if ((wait->flags & AU_TOOL_WAIT_OWN) == 0)
    {
      g_cancellable_cancel (wait->cancellable);
      return;
    }

  au_tool_say (wait->tool, _("cancelling; press Ctrl-C again to leave at once"));
  for (guint i = 0; i < wait->handles->len; i++)
    au_handle_cancel (g_ptr_array_index (wait->handles, i));
}

static gboolean
on_timeout (gpointer data)
{
  Wait *wait = data;

  wait->code = AU_TOOL_EXIT_NOT_ENDED;
  g_cancellable_cancel (wait->cancellable);
  return G_SOURCE_CONTINUE;
}

/* A process that has died tells nobody. */
static gboolean
on_check_owners (gpointer data)
{
  Wait *wait = data;

  for (guint i = 0; i < wait->handles->len; i++)
    {
      AuHandle *handle = g_ptr_array_index (wait->handles, i);
      g_autoptr(AuRecord) record = au_handle_is_ready (handle) ? NULL : au_handle_dup_record (handle);

      if (record == NULL || !au_tool_record_is_orphan (record))
        continue;

      wait->code = au_tool_worse (wait->code, au_tool_print_outcome (wait->tool, record, FALSE, NULL));
      g_cancellable_cancel (wait->cancellable);
    }
  return wait->code == AU_TOOL_EXIT_SUCCESS ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
start (Wait *wait)
{
  wait->progress = au_tool_progress_new (wait->tool);
  if (wait->handles->len == 1)
    {
      AuHandle *handle = g_ptr_array_index (wait->handles, 0);

      au_tool_progress_set_single (wait->progress, -1, NULL);
      g_signal_connect (handle, "notify::progress", G_CALLBACK (on_notify), wait);
      g_signal_connect (handle, "notify::status-text", G_CALLBACK (on_notify), wait);
    }
  else
    {
      au_tool_progress_set_total (wait->progress, wait->handles->len, TRUE);
    }

  for (guint i = 0; i < wait->handles->len; i++)
    {
      Waiter *waiter = g_new (Waiter, 1);

      waiter->wait = wait;
      waiter->handle = g_ptr_array_index (wait->handles, i);
      wait->waiting++;
      wait_for_next (waiter);
    }
}

static void
finish (Wait *wait)
{
  for (guint i = 0; i < wait->handles->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (wait->handles, i), wait);
  au_tool_interrupt_unwatch ();
  g_clear_pointer (&wait->progress, au_tool_progress_free);
  g_clear_object (&wait->cancellable);
}

/* Waits for all of @handles in the default main context, and calls @func for each
 * that ends. @timeout is 0 for none. Returns success when all have ended, whatever
 * their outcome, and otherwise the exit code that says why not. */
int
au_tool_wait (AuTool         *tool,
              GPtrArray      *handles,
              AuToolWaitFlags flags,
              GTimeSpan       timeout,
              AuToolEndedFunc func,
              gpointer        user_data)
{
  Wait wait = {
    .tool = tool,
    .handles = handles,
    .flags = flags,
    .func = func,
    .user_data = user_data,
    .cancellable = g_cancellable_new (),
  };
  guint timeout_source = 0;
  guint owner_source = 0;

  au_tool_interrupt_watch (on_interrupt, &wait);
  if (timeout > 0)
    timeout_source = g_timeout_add ((timeout + 999) / 1000, on_timeout, &wait);
  if ((flags & AU_TOOL_WAIT_OWN) == 0 && on_check_owners (&wait))
    owner_source = g_timeout_add_seconds (1, on_check_owners, &wait);

  start (&wait);
  while (wait.waiting > 0)
    g_main_context_iteration (NULL, TRUE);

  /* Whoever found an abandoned one has taken its own source away. */
  if (owner_source != 0 && g_main_context_find_source_by_id (NULL, owner_source) != NULL)
    g_source_remove (owner_source);
  g_clear_handle_id (&timeout_source, g_source_remove);
  finish (&wait);

  if (au_tool_interrupt_signal () != 0)
    return AU_TOOL_EXIT_SIGNAL + au_tool_interrupt_signal ();
  return wait.code;
}
