/* test-function.c: named, typed pieces of work
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-function-private.h"

#include <au/au.h>

#include <string.h>

#define N_THREADS (4)
#define N_FUNCTIONS (200)

static GVariant *
run (AuCall   *call,
     GVariant *arguments,
     gpointer  user_data,
     GError  **error)
{
  return NULL;
}

static GVariant *
run_otherwise (AuCall   *call,
               GVariant *arguments,
               gpointer  user_data,
               GError  **error)
{
  return g_variant_new_boolean (TRUE);
}

static void
start (AuCall   *call,
       GVariant *arguments,
       gpointer  user_data)
{
}

static gboolean
step (AuCall    *call,
      GVariant  *arguments,
      gpointer   user_data,
      GVariant **item,
      GError   **error)
{
  return FALSE;
}

static void
count (gpointer user_data)
{
  (*(int *) user_data)++;
}

static AuFunction *
make (const char *name,
      const char *input)
{
  g_autoptr(GError) error = NULL;
  AuFunction *function = au_function_new (name, input, NULL, AU_FUNCTION_NONE, run, NULL, NULL, &error);

  g_assert_no_error (error);

  return function;
}

static void
test_function_is_what_was_declared (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuFunction) function = NULL;
  g_autofree char *name = NULL;
  g_autofree char *input = NULL;
  g_autofree char *output = NULL;
  g_autofree char *summary = NULL;
  AuFunctionFlags flags;
  gboolean is_iterator, is_async;
  int n_destroyed = 0;

  function = au_function_new ("digest.file_1-a", "(sx)", "a{sv}", AU_FUNCTION_OWNER_CONTEXT, run, &n_destroyed, count,
                              &error);
  g_assert_no_error (error);
  au_function_set_summary (function, "Sums up");

  g_assert_cmpstr (au_function_get_name (function), ==, "digest.file_1-a");
  g_assert_true (g_variant_type_equal (au_function_get_input (function), "(sx)"));
  g_assert_true (g_variant_type_equal (au_function_get_output (function), "a{sv}"));
  g_assert_cmpint (au_function_get_flags (function), ==, AU_FUNCTION_OWNER_CONTEXT);
  g_assert_cmpstr (au_function_get_summary (function), ==, "Sums up");
  g_assert_false (au_function_is_iterator (function));
  g_assert_false (au_function_is_async (function));
  g_assert_true (function->func == run);
  g_assert_null (function->start);
  g_assert_null (function->step);
  g_assert_true (function->user_data == &n_destroyed);
  g_assert_true (function->context == g_main_context_default ());

  g_object_get (function, "name", &name, "input", &input, "output", &output, "flags", &flags, "summary", &summary,
                "is-iterator", &is_iterator, "is-async", &is_async, NULL);
  g_assert_cmpstr (name, ==, "digest.file_1-a");
  g_assert_cmpstr (input, ==, "(sx)");
  g_assert_cmpstr (output, ==, "a{sv}");
  g_assert_cmpint (flags, ==, AU_FUNCTION_OWNER_CONTEXT);
  g_assert_cmpstr (summary, ==, "Sums up");
  g_assert_false (is_iterator);
  g_assert_false (is_async);
}

static void
test_function_has_three_forms (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuFunction) async = au_function_new_async ("a", "()", "s", AU_FUNCTION_NONE, start, NULL, NULL, &error);
  g_autoptr(AuFunction) iterator = NULL;

  g_assert_no_error (error);
  iterator = au_function_new_iterator ("i", "()", "s", AU_FUNCTION_NONE, step, NULL, NULL, &error);
  g_assert_no_error (error);

  g_assert_true (au_function_is_async (async));
  g_assert_false (au_function_is_iterator (async));
  g_assert_true (async->start == start);
  g_assert_null (async->func);
  g_assert_null (async->step);

  g_assert_true (au_function_is_iterator (iterator));
  g_assert_false (au_function_is_async (iterator));
  g_assert_true (iterator->step == step);
  g_assert_null (iterator->func);
  g_assert_null (iterator->start);
}

static void
test_function_of_a_bad_declaration_is_refused (void)
{
  static const struct
  {
    const char *name;
    const char *input;
    const char *output;
  } bad[] = {
    { "", "()", "s" },
    { "F", "()", "s" },
    { "1f", "()", "s" },
    { ".f", "()", "s" },
    { "-f", "()", "s" },
    { "f g", "()", "s" },
    { "f/g", "()", "s" },
    { "fé", "()", "s" },
    { "f\n", "()", "s" },
    { "f", "", "s" },
    { "f", "s", "s" },
    { "f", "a{ss}", "s" },
    { "f", "r", "s" },
    { "f", "(*)", "s" },
    { "f", "(s", "s" },
    { "f", "()()", "s" },
    { "f", "m()", "s" },
    { "f", "()", "" },
    { "f", "()", "*" },
    { "f", "()", "a?" },
    { "f", "()", "ss" },
    { "f", "()", "z" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;
      int n_destroyed = 0;

      g_assert_null (au_function_new (bad[i].name, bad[i].input, bad[i].output, AU_FUNCTION_NONE, run, &n_destroyed,
                                      count, &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
      g_test_message ("%s", error->message);
      g_assert_cmpint (n_destroyed, ==, 1);
    }
}

static void
test_function_of_a_table_has_exactly_one_code (void)
{
  static const AuFunctionEntry entries[] = {
    { "none", "()", "s" },
    { "two", "()", "s", run, AU_FUNCTION_NONE, NULL, start },
    { "three", "()", "s", run, AU_FUNCTION_NONE, NULL, start, step },
  };
  static const AuFunctionEntry good = { "one", "()", "s", NULL, AU_FUNCTION_NONE, "Steps", NULL, step };
  g_autoptr(GError) no_error = NULL;
  g_autoptr(AuFunction) function = au_function_new_from_entry (&good, &no_error);

  g_assert_no_error (no_error);
  g_assert_true (au_function_is_iterator (function));
  g_assert_cmpstr (au_function_get_summary (function), ==, "Steps");

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (au_function_new_from_entry (&entries[i], &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_function_checks_its_arguments (void)
{
  g_autoptr(AuFunction) unit = make ("unit", "()");
  g_autoptr(AuFunction) pair = make ("pair", "(sx)");
  g_autoptr(AuFunction) named = make ("named", "a{sv}");
  g_autoptr(GVariant) nothing = g_variant_ref_sink (g_variant_new ("()"));
  g_autoptr(GVariant) good = g_variant_ref_sink (g_variant_new ("(sx)", "a", G_GINT64_CONSTANT (1)));
  g_autoptr(GVariant) bad = g_variant_ref_sink (g_variant_new ("(si)", "a", 1));
  g_autoptr(GVariant) dictionary = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  const struct
  {
    AuFunction *function;
    GVariant   *arguments;
    gboolean    fits;
  } cases[] = {
    { unit, NULL, TRUE },
    { unit, nothing, TRUE },
    { unit, good, FALSE },
    { pair, NULL, FALSE },
    { pair, nothing, FALSE },
    { pair, good, TRUE },
    { pair, bad, FALSE },
    { named, NULL, FALSE },
    { named, dictionary, TRUE },
    { named, good, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (au_function_check_arguments (cases[i].function, cases[i].arguments, &error), ==, cases[i].fits);
      if (cases[i].fits)
        g_assert_no_error (error);
      else
        g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
    }

  {
    g_autoptr(GError) error = NULL;

    au_function_check_arguments (pair, bad, &error);
    g_assert_cmpstr (error->message, ==,
                     "The function “pair” takes arguments of the type “(sx)”, but got “(si)”");
  }
}

static void
test_function_leaves_arguments_floating (void)
{
  g_autoptr(AuFunction) function = make ("floating", "(i)");
  GVariant *arguments = g_variant_new ("(i)", 1);

  g_assert_true (au_function_check_arguments (function, arguments, NULL));
  g_assert_true (g_variant_is_floating (arguments));
  g_variant_unref (g_variant_ref_sink (arguments));
}

static void
test_function_registered_is_found (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuFunction) function = make ("found", "()");
  g_autoptr(AuFunction) same = make ("found", "()");

  g_assert_null (au_function_lookup ("found"));
  g_assert_true (au_function_register (function, &error));
  g_assert_no_error (error);
  g_assert_true (au_function_lookup ("found") == function);
  g_assert_null (au_function_lookup ("Found"));

  /* again, and another one that does the same */
  g_assert_true (au_function_register (function, &error));
  g_assert_true (au_function_register (same, &error));
  g_assert_no_error (error);
  g_assert_true (au_function_lookup ("found") == function);
}

static void
test_function_with_a_taken_name_is_refused (void)
{
  static const AuFunctionEntry others[] = {
    { "taken", "()", NULL, run_otherwise },
    { "taken", "(i)", NULL, run },
    { "taken", "()", "s", run },
    { "taken", "()", NULL, run, AU_FUNCTION_OWNER_CONTEXT },
    { "taken", "()", NULL, NULL, AU_FUNCTION_NONE, NULL, start },
  };
  g_autoptr(AuFunction) function = make ("taken", "()");
  g_autoptr(AuFunction) other_data = NULL;
  g_autoptr(GError) error_of_data = NULL;

  g_assert_true (au_function_register (function, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(AuFunction) other = au_function_new_from_entry (&others[i], &error);

      g_assert_no_error (error);
      g_assert_false (au_function_register (other, &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, "“taken”"));
    }

  other_data = au_function_new ("taken", "()", NULL, AU_FUNCTION_NONE, run, function, NULL, NULL);
  g_assert_false (au_function_register (other_data, &error_of_data));
  g_assert_error (error_of_data, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_assert_true (au_function_lookup ("taken") == function);
}

static void
test_function_without_code_is_refused (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuFunction) function = g_object_new (AU_TYPE_FUNCTION, "name", "empty", "input", "()", NULL);
  g_autoptr(AuFunction) nothing = g_object_new (AU_TYPE_FUNCTION, NULL);

  g_assert_false (au_function_register (function, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (au_function_register (nothing, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_assert_null (au_function_lookup ("empty"));
}

static void
test_functions_of_a_table_are_listed_by_name (void)
{
  static const AuFunctionEntry entries[] = {
    { "list.c", "()", NULL, run },
    { "list.a", "()", NULL, NULL, AU_FUNCTION_NONE, NULL, start },
    { "list.b", "()", NULL, NULL, AU_FUNCTION_NONE, NULL, NULL, step },
    { NULL },
  };
  static const AuFunctionEntry more[] = { { "list.d", "()", NULL, run }, { NULL } };
  g_autoptr(GListModel) list = NULL;
  g_autoptr(GString) names = g_string_new (NULL);
  guint n_functions;

  au_functions_register (entries);
  au_functions_register (entries);
  list = au_functions_list ();
  n_functions = g_list_model_get_n_items (list);
  g_assert_true (g_list_model_get_item_type (list) == AU_TYPE_FUNCTION);

  for (guint i = 0; i < n_functions; i++)
    {
      g_autoptr(AuFunction) function = g_list_model_get_item (list, i);

      g_assert_true (au_function_lookup (au_function_get_name (function)) == function);
      if (g_str_has_prefix (au_function_get_name (function), "list."))
        g_string_append (names, au_function_get_name (function));
      if (i > 0)
        {
          g_autoptr(AuFunction) before = g_list_model_get_item (list, i - 1);

          g_assert_cmpstr (au_function_get_name (before), <, au_function_get_name (function));
        }
    }
  g_assert_cmpstr (names->str, ==, "list.alist.blist.c");

  au_functions_register (more);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, n_functions);
}

static void
test_functions_of_a_bad_table_are_left_out (void)
{
  static const AuFunctionEntry entries[] = {
    { "Bad", "()", NULL, run },
    { "table.no-code", "()", NULL },
    { "table.good", "()", NULL, run },
    { "table.good", "(i)", NULL, run },
    { NULL },
  };

  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*Bad*");
  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*table.no-code*");
  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*table.good*");
  au_functions_register (entries);
  g_test_assert_expected_messages ();

  g_assert_nonnull (au_function_lookup ("table.good"));
  g_assert_null (au_function_lookup ("table.no-code"));
}

static gpointer
register_and_look_up (gpointer data)
{
  guint n_refused = 0;

  for (guint i = 0; i < N_FUNCTIONS; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *name = g_strdup_printf ("threads.%u", i);
      g_autoptr(AuFunction) function = au_function_new (name, "()", NULL, AU_FUNCTION_NONE, run, data, NULL, &error);
      g_autoptr(GListModel) list = NULL;
      AuFunction *found;

      g_assert_no_error (error);
      if (!au_function_register (function, &error))
        n_refused++;

      found = au_function_lookup (name);
      g_assert_nonnull (found);
      g_assert_cmpstr (au_function_get_name (found), ==, name);
      g_assert_cmpint (found == function, ==, error == NULL);

      if (i % 20 == 0)
        list = au_functions_list ();
    }

  return GUINT_TO_POINTER (n_refused);
}

static void
test_functions_are_registered_by_one_thread_each (void)
{
  GThread *threads[N_THREADS];
  guint n_refused = 0;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("register", register_and_look_up, GUINT_TO_POINTER (i));
  for (guint i = 0; i < N_THREADS; i++)
    n_refused += GPOINTER_TO_UINT (g_thread_join (threads[i]));

  g_assert_cmpuint (n_refused, ==, (N_THREADS - 1) * N_FUNCTIONS);
}

static void
note_thread (gpointer user_data)
{
  *(GThread **) user_data = g_thread_self ();
}

static gpointer
drop (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

static void
test_function_of_a_context_is_freed_there (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  GThread *freed_in = NULL;
  AuFunction *function;

  g_main_context_push_thread_default (context);
  function = au_function_new ("owned", "()", NULL, AU_FUNCTION_OWNER_CONTEXT, run, &freed_in, note_thread, NULL);
  g_main_context_pop_thread_default (context);
  g_assert_true (function->context == context);

  g_thread_join (g_thread_new ("drop", drop, function));
  g_assert_null (freed_in);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_true (freed_in == g_thread_self ());

  /* any other is freed where it is dropped */
  freed_in = NULL;
  function = au_function_new ("free", "()", NULL, AU_FUNCTION_NONE, run, &freed_in, note_thread, NULL);
  g_thread_join (g_thread_new ("drop", drop, function));
  g_assert_nonnull (freed_in);
  g_assert_true (freed_in != g_thread_self ());
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/function/is-what-was-declared", test_function_is_what_was_declared);
  g_test_add_func ("/function/has-three-forms", test_function_has_three_forms);
  g_test_add_func ("/function/of-a-bad-declaration-is-refused", test_function_of_a_bad_declaration_is_refused);
  g_test_add_func ("/function/of-a-table-has-exactly-one-code", test_function_of_a_table_has_exactly_one_code);
  g_test_add_func ("/function/checks-its-arguments", test_function_checks_its_arguments);
  g_test_add_func ("/function/leaves-arguments-floating", test_function_leaves_arguments_floating);
  g_test_add_func ("/function/of-a-context-is-freed-there", test_function_of_a_context_is_freed_there);
  g_test_add_func ("/function/registered/is-found", test_function_registered_is_found);
  g_test_add_func ("/function/registered/with-a-taken-name-is-refused", test_function_with_a_taken_name_is_refused);
  g_test_add_func ("/function/registered/without-code-is-refused", test_function_without_code_is_refused);
  g_test_add_func ("/function/registered/of-a-table-are-listed-by-name", test_functions_of_a_table_are_listed_by_name);
  g_test_add_func ("/function/registered/of-a-bad-table-are-left-out", test_functions_of_a_bad_table_are_left_out);
  g_test_add_func ("/function/registered/by-one-thread-each", test_functions_are_registered_by_one_thread_each);

  return g_test_run ();
}
