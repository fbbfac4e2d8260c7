/* scope-errors.c: errors in three ways of calling, and what nobody handles
 *
 *   cc scope-errors.c -o scope-errors $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static void
faulty_function (AuCall   *call,
                 GVariant *arguments,
                 gpointer  user_data)
{
  g_autoptr(GError) error = g_error_new_literal (AU_ERROR, AU_ERROR_FAILED, "Oh no!");

  au_call_return_error (call, error);
}

static void
done_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;
  gboolean *done = data;

  value = au_tamed_call_finish (AU_TAMED (object), result, &error);
  if (error != NULL)
    g_print ("async: Actually, I'm good.\n");
  *done = TRUE;
}

int
main (void)
{
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuTamed) tamed = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  gboolean done = FALSE;

  function = au_function_new_async ("faulty", "()", NULL, AU_FUNCTION_NONE, faulty_function, NULL,
                                    NULL, NULL);
  tamed = au_tamed_new (function);

  au_tamed_call_async (tamed, NULL, NULL, done_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);

  value = au_tamed_call_sync (tamed, NULL, NULL, &error);
  if (error != NULL)
    g_print ("sync: Actually, I'm good.\n");
  g_clear_error (&error);

  /* An error that somebody has waited for is not told again. */
  {
    g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
    g_autoptr(AuDelayed) result = au_tamed_call_in_scope (tamed, scope, NULL, NULL);

    if (!au_delayed_block (result, -1, NULL, &error))
      g_print ("scope: Actually, I'm good.\n");
    g_clear_error (&error);
    g_print ("closed: %s\n", au_scope_close (scope, NULL, &error) ? "well" : error->message);
  }

  /* And what nobody has waited for is. */
  {
    g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
    g_autoptr(AuDelayed) result = au_tamed_call_in_scope (tamed, scope, NULL, NULL);

    if (!au_scope_close (scope, NULL, &error))
      {
        g_print ("closed: %s\n", error->message);
        for (guint i = 0; i < au_error_get_n_children (error); i++)
          g_print ("  %s\n", au_error_get_child (error, i)->message);
      }
  }

  return 0;
}
