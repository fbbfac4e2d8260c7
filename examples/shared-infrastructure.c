/* shared-infrastructure.c: functions that share an engine, one after the other
 *
 *   cc shared-infrastructure.c -o shared-infrastructure $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

#define TIMEOUT (60 * G_TIME_SPAN_SECOND)

static GVariant *
preprocess (AuCall    *call,
            GVariant  *arguments,
            gpointer   user_data,
            GError   **error)
{
  const char *text;

  g_variant_get (arguments, "(&s)", &text);
  return g_variant_new_take_string (g_strstrip (g_utf8_strdown (text, -1)));
}

/* The second step is given the key of the first, and gets the value from the store. */
static GVariant *
transform (AuCall    *call,
           GVariant  *arguments,
           gpointer   store,
           GError   **error)
{
  g_autoptr(AuRecord) record = NULL;
  const char *key, *text;

  g_variant_get (arguments, "(&s)", &key);
  record = au_store_load (store, key, au_call_get_cancellable (call), error);
  if (record == NULL)
    return NULL;

  text = g_variant_get_string (au_record_get_value (record), NULL);
  return g_variant_new_take_string (g_utf8_strreverse (text, -1));
}

/* Functions that only this engine knows; the second one is given the engine's store. */
static AuEngine *
make_engine (GError **error)
{
  g_autoptr(AuEngine) engine = au_engine_new (NULL, error);
  g_autoptr(AuFunction) step1 = NULL;
  g_autoptr(AuFunction) step2 = NULL;

  if (engine == NULL ||
      !(step1 = au_function_new ("step1", "(s)", "s", AU_FUNCTION_NONE, preprocess,
                                 NULL, NULL, error)) ||
      !(step2 = au_function_new ("step2", "(s)", "s", AU_FUNCTION_NONE, transform,
                                 au_engine_get_store (engine), NULL, error)))
    return NULL;

  au_engine_add_function (engine, step1);
  au_engine_add_function (engine, step2);
  return g_steal_pointer (&engine);
}

static gboolean
run (GError **error)
{
  g_autoptr(AuEngine) engine = make_engine (error);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) first = NULL;
  g_autoptr(GVariant) waited = NULL, chained = NULL;

  /* Wait for the first step, then submit the second … */
  if (engine == NULL ||
      !(first = au_engine_submit (engine, "step1", g_variant_new ("(s)", "  Some TEXT "),
                                  NULL, error)) ||
      !au_handle_wait (first, TIMEOUT, NULL, error) ||
      !(waited = au_engine_call (engine, "step2", g_variant_new ("(s)", au_handle_get_key (first)),
                                 NULL, TIMEOUT, NULL, error)))
    return FALSE;
  g_print ("waited:  %s\n", g_variant_get_string (waited, NULL));

  /* … or submit both, and let the engine wait: if the first does not complete, the
   * second fails with AU_ERROR_DEPENDENCY. */
  g_clear_object (&first);
  first = au_engine_submit (engine, "step1", g_variant_new ("(s)", " Other TEXT "), NULL, error);
  if (first == NULL)
    return FALSE;
  au_options_set_after (options, (const char *[]) { au_handle_get_key (first), NULL });
  chained = au_engine_call (engine, "step2", g_variant_new ("(s)", au_handle_get_key (first)),
                            options, TIMEOUT, NULL, error);
  if (chained == NULL)
    return FALSE;
  g_print ("chained: %s\n", g_variant_get_string (chained, NULL));
  return TRUE;
}

int
main (void)
{
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  if (run (&error))
    return 0;
  g_printerr ("shared-infrastructure: %s\n", error->message);
  return 1;
}
