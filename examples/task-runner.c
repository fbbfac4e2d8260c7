/* task-runner.c: chunks of a long list, handled here while they are made elsewhere
 *
 *   cc task-runner.c -o task-runner $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

/* Gives the list in chunks, one for each step. */
static gboolean
long_blocking_function (AuCall    *call,
                        GVariant  *arguments,
                        gpointer   user_data,
                        GVariant **item,
                        GError   **error)
{
  guint n = GPOINTER_TO_UINT (au_call_get_state (call));
  GVariantBuilder builder;
  guint total_size, chunk_size;

  g_variant_get (arguments, "(uu)", &total_size, &chunk_size);
  total_size = MAX (total_size, chunk_size);
  if (n >= total_size / chunk_size)
    return FALSE;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("au"));
  for (guint i = chunk_size * n; i < chunk_size * (n + 1); i++)
    g_variant_builder_add (&builder, "u", i);
  *item = g_variant_builder_end (&builder);
  au_call_set_state (call, GUINT_TO_POINTER (n + 1), NULL);

  return TRUE;
}

static void
handle_chunk (AuTaskRunner *runner,
              AuHandle     *handle,
              GVariant     *chunk,
              gpointer      data)
{
  g_autofree char *text = g_variant_print (chunk, FALSE);

  g_print ("got a chunk: %s\n", text);
}

static void
handle_end (AuTaskRunner *runner,
            AuHandle     *handle,
            GVariant     *value,
            gpointer      data)
{
  g_print ("end\n");
}

static void
handle_error (AuTaskRunner *runner,
              AuHandle     *handle,
              GError       *error,
              gpointer      data)
{
  g_print ("error: %s\n", error->message);
}

static gboolean
run (const char  *target,
     AuFunction  *function,
     GError     **error)
{
  g_autoptr(AuTaskRunner) runner = au_task_runner_new (target, function, error);
  g_autoptr(GVariant) value = NULL;

  if (runner == NULL)
    return FALSE;

  g_print ("%s:\n", target);
  g_signal_connect (runner, "item", G_CALLBACK (handle_chunk), NULL);
  g_signal_connect (runner, "end", G_CALLBACK (handle_end), NULL);
  g_signal_connect (runner, "error", G_CALLBACK (handle_error), NULL);

  /* Each run has this before its own arguments. */
  if (!au_task_runner_bind (runner, g_variant_new ("(u)", 6), error))
    return FALSE;

  value = au_task_runner_run (runner, g_variant_new ("(u)", 2), NULL, error);

  return TRUE;
}

int
main (void)
{
  const char *targets[] = { "thread", "loop", "sync" };
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(GError) error = NULL;

  function = au_function_new_iterator ("long-blocking-function", "(uu)", "au", AU_FUNCTION_NONE,
                                       long_blocking_function, NULL, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      if (!run (targets[i], function, &error))
        {
          g_printerr ("task-runner: %s\n", error->message);
          return 1;
        }
    }

  return 0;
}
