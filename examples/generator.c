/* generator.c: a function that gives many values, one at a time
 *
 *   cc generator.c -o generator $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

typedef struct
{
  guint64 this, next;
} Numbers;

static int n_made;   /* atomic */

/* Makes one item at each call. What it needs from one to the next, the call keeps. */
static gboolean
fibonacci (AuCall    *call,
           GVariant  *arguments,
           gpointer   user_data,
           GVariant **item,
           GError   **error)
{
  Numbers *numbers = au_call_get_state (call);
  guint64 sum;

  if (numbers == NULL)
    {
      numbers = g_new (Numbers, 1);
      *numbers = (Numbers) { 0, 1 };
      au_call_set_state (call, numbers, g_free);
    }

  /* The next one would not fit: that was all. */
  if (!g_uint64_checked_add (&sum, numbers->this, numbers->next))
    return FALSE;

  *item = g_variant_new_uint64 (numbers->this);
  *numbers = (Numbers) { numbers->next, sum };
  g_atomic_int_inc (&n_made);
  return TRUE;
}

static const AuFunctionEntry functions[] = {
  { .name = "fibonacci", .input = "()", .output = "t", .step = fibonacci,
    .summary = "as many as fit into 64 bits" },
  { NULL }
};

static gboolean
run (GError **error)
{
  g_autoptr(AuEngine) engine = au_engine_new (NULL, error);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL, late = NULL;
  g_autoptr(GVariant) last = NULL, end = NULL;

  /* An item is made when somebody asks for it; by default one ahead of that. */
  au_options_set_ahead (options, 0);
  if (engine == NULL || !(handle = au_engine_submit (engine, "fibonacci", NULL, options, error)))
    return FALSE;

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr(GVariant) item = au_handle_next_item (handle, -1, NULL, error);

      if (item == NULL)
        return FALSE;
      g_print ("%" G_GUINT64_FORMAT "%s", g_variant_get_uint64 (item), i < 9 ? " " : "\n");
    }
  g_print ("read 10, made %d\n", g_atomic_int_get (&n_made));

  /* Whoever waits for the end lets it run: items are stored, and can be read later, from
   * any place on, by another handle. */
  if (!au_handle_wait (handle, -1, NULL, error) ||
      !(late = au_engine_get_handle (engine, au_handle_get_key (handle), NULL, error)))
    return FALSE;
  au_handle_set_position (late, g_atomic_int_get (&n_made) - 1);
  if (!(last = au_handle_next_item (late, -1, NULL, error)))
    return FALSE;
  g_print ("made %d, the last is %" G_GUINT64_FORMAT "\n", g_atomic_int_get (&n_made),
           g_variant_get_uint64 (last));

  /* After the last there is neither an item nor an error. */
  end = au_handle_next_item (late, -1, NULL, error);
  g_print ("after it: %s\n", end == NULL ? "the end" : "another");
  return end == NULL;
}

int
main (void)
{
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  if (run (&error))
    return 0;

  g_printerr ("generator: %s\n", error != NULL ? error->message : "no end");
  return 1;
}
