/* batch.c: a thousand computations
 *
 *   cc batch.c -o batch $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

#define N_ITEMS (1000)

/* How many steps n takes to 1: halved when even, else tripled and one added. */
static GVariant *
process_item (AuCall    *call,
              GVariant  *arguments,
              gpointer   user_data,
              GError   **error)
{
  guint64 n;
  guint steps = 0;

  g_variant_get (arguments, "(t)", &n);
  for (; n > 1; steps++)
    n = n % 2 == 0 ? n / 2 : 3 * n + 1;
  return g_variant_new_uint32 (steps);
}

static const AuFunctionEntry functions[] = {
  { "process-item", "(t)", "u", process_item, AU_FUNCTION_NONE, "steps to 1" },
  { NULL }
};

static GListModel *
submit_all (AuEngine  *engine,
            GError   **error)
{
  g_autoptr(GPtrArray) arguments = NULL;
  const char *tags[] = { "batch", NULL };
  g_autoptr(AuOptions) options = au_options_new ();

  arguments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  for (guint64 i = 1; i <= N_ITEMS; i++)
    g_ptr_array_add (arguments, g_variant_ref_sink (g_variant_new ("(t)", i)));

  /* A tag finds them again, tomorrow and in another program: au list --tag batch */
  au_options_set_tags (options, tags);
  return au_engine_submit_many (engine, "process-item", (GVariant **) arguments->pdata,
                                arguments->len, options, error);
}

static gboolean
run (GError **error)
{
  g_autoptr(AuEngine) engine = au_engine_new (NULL, error);
  g_autoptr(GListModel) handles = NULL;
  guint longest = 0, of = 0;

  if (engine == NULL || !(handles = submit_all (engine, error)))
    return FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (handles); i++)
    {
      g_autoptr(AuHandle) handle = g_list_model_get_item (handles, i);
      g_autoptr(GVariant) steps = NULL;

      if (!au_handle_wait (handle, -1, NULL, error) ||
          !(steps = au_handle_dup_result (handle, error)))
        return FALSE;
      if (g_variant_get_uint32 (steps) > longest)
        {
          longest = g_variant_get_uint32 (steps);
          of = i + 1;
        }
    }

  g_print ("%u computations; %u takes longest: %u steps\n",
           g_list_model_get_n_items (handles), of, longest);
  return TRUE;
}

int
main (void)
{
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  if (run (&error))
    return 0;

  g_printerr ("batch: %s\n", error->message);
  return 1;
}
