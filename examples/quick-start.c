/* quick-start.c: a function, a computation of it, and its result
 *
 *   cc quick-start.c -o quick-start $(pkg-config --cflags --libs au-1)
 *   ./quick-start                 records in a database, computed in processes
 *   ./quick-start au.conf         wherever that key file says
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

/* n! as decimal digits: no integer type can hold 100!, which has 158 of them. */
static GVariant *
factorial (AuCall    *call,
           GVariant  *arguments,
           gpointer   user_data,
           GError   **error)
{
  g_autoptr(GString) digits = g_string_new ("1");   /* the last one first */
  guint n;

  g_variant_get (arguments, "(u)", &n);

  for (guint factor = 2; factor <= n; factor++)
    {
      guint64 carry = 0;

      /* Whoever cancels the computation does not want to wait for its end. */
      if (au_call_set_error_if_cancelled (call, error))
        return NULL;

      for (gsize i = 0; i < digits->len; i++)
        {
          carry += (guint64) factor * (digits->str[i] - '0');
          digits->str[i] = '0' + carry % 10;
          carry /= 10;
        }
      for (; carry > 0; carry /= 10)
        g_string_append_c (digits, '0' + carry % 10);
    }

  g_strreverse (digits->str);
  return g_variant_new_string (digits->str);
}

/* What can be computed: name, type of the arguments, type of the value, code. */
static const AuFunctionEntry functions[] = {
  { "factorial", "(u)", "s", factorial, AU_FUNCTION_NONE, "n! as decimal digits" },
  { NULL }
};

static void
waited_cb (GObject      *handle,
           GAsyncResult *result,
           gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
run (const char  *key_file,
     GError     **error)
{
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GVariant) digits = NULL;

  /* An engine is a place to keep records, and a place to run computations. */
  engine = au_engine_new (key_file, error);
  if (engine == NULL)
    return FALSE;

  /* This returns at once; the work is done elsewhere. */
  handle = au_engine_submit (engine, "factorial", g_variant_new ("(u)", 100), NULL, error);
  if (handle == NULL)
    return FALSE;
  g_print ("now:   %s\n", au_status_to_string (au_handle_get_status (handle)));

  /* Most programs have a main loop that turns anyway. Without one, au_handle_wait () is
     shorter; it cannot wait for what the key file has run in this very loop. */
  au_handle_wait_async (handle, NULL, waited_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (!au_handle_wait_finish (handle, result, error))
    return FALSE;
  g_print ("then:  %s\n", au_status_to_string (au_handle_get_status (handle)));

  digits = au_handle_dup_result (handle, error);
  if (digits == NULL)
    return FALSE;
  g_print ("100! = %s\n", g_variant_get_string (digits, NULL));
  return TRUE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  /* If computations run in processes, each is this program again, and goes no further. */
  au_init (&argc, &argv);

  if (run (argc > 1 ? argv[1] : NULL, &error))
    return 0;

  g_printerr ("quick-start: %s\n", error->message);
  return 1;
}
