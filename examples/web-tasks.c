/* web-tasks.c: one request starts a computation, others ask for it by its key
 *
 *   cc web-tasks.c -o web-tasks $(pkg-config --cflags --libs au-1)
 *   ./web-tasks analyze TEXT      answers with a key
 *   ./web-tasks status KEY        in the same process, or in any that shares the store
 *   ./web-tasks result KEY
 *
 * The two handlers below have all that a web server needs of au.
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>
#include <stdlib.h>

static GVariant *
analyze (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  g_auto(GStrv) words = NULL;
  const char *text;

  g_variant_get (arguments, "(&s)", &text);
  words = g_str_tokenize_and_fold (text, NULL, NULL);
  return g_variant_new_uint32 (g_strv_length (words));
}

static const AuFunctionEntry functions[] = {
  { "analyze", "(s)", "u", analyze, AU_FUNCTION_NONE, "counts words" },
  { NULL }
};

/* POST /analyze: does not wait. */
static char *
handle_analyze (AuEngine    *engine,
                const char  *text,
                GError     **error)
{
  g_autoptr(AuHandle) handle = au_engine_submit (engine, "analyze", g_variant_new ("(s)", text),
                                                 NULL, error);

  return handle != NULL ? g_strdup (au_handle_get_key (handle)) : NULL;
}

/* GET /status/KEY and GET /result/KEY: a key that is unknown, or damaged, or none at
 * all, is an error. */
static char *
handle_question (AuEngine    *engine,
                 const char  *question,
                 const char  *key,
                 GError     **error)
{
  g_autoptr(AuHandle) handle = au_engine_get_handle (engine, key, NULL, error);
  g_autoptr(GVariant) value = NULL;

  if (handle == NULL)
    return NULL;
  if (g_str_equal (question, "status"))
    return g_strdup (au_status_to_string (au_handle_get_status (handle)));

  value = au_handle_dup_result (handle, error);
  return value != NULL ? au_json_from_variant (value, FALSE) : NULL;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *answer = NULL;

  if (argc != 3)
    {
      g_printerr ("usage: web-tasks analyze TEXT | status KEY | result KEY\n");
      return 2;
    }

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  engine = au_engine_new (NULL, &error);
  if (engine != NULL)
    answer = g_str_equal (argv[1], "analyze") ? handle_analyze (engine, argv[2], &error)
                                              : handle_question (engine, argv[1], argv[2], &error);

  /* A server drains its engine when it is told to stop. */
  if (answer != NULL && au_engine_drain (engine, -1, NULL, &error))
    g_print ("%s\n", answer);
  if (error != NULL)
    g_printerr ("web-tasks: %s\n", error->message);
  return error == NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
