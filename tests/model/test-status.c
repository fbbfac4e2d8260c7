/* test-status.c: statuses and errors
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <string.h>

static const struct
{
  AuStatus    status;
  const char *word;
  gboolean    terminal;
} statuses[] = {
  { AU_STATUS_PENDING, "pending", FALSE },
  { AU_STATUS_RUNNING, "running", FALSE },
  { AU_STATUS_COMPLETED, "completed", TRUE },
  { AU_STATUS_FAILED, "failed", TRUE },
  { AU_STATUS_CANCELLED, "cancelled", TRUE },
};

static void
test_status_words_round_trip (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autoptr(GError) error = NULL;
      AuStatus status = AU_STATUS_PENDING;

      g_assert_cmpstr (au_status_to_string (statuses[i].status), ==, statuses[i].word);
      g_assert_true (au_status_from_string (statuses[i].word, &status, &error));
      g_assert_no_error (error);
      g_assert_cmpint (status, ==, statuses[i].status);
    }
}

static void
test_status_only_ends_are_terminal (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    g_assert_cmpint (au_status_is_terminal (statuses[i].status), ==, statuses[i].terminal);
}

static void
test_status_unknown_word_is_an_error (void)
{
  static const char *const words[] = { "", "Pending", "running ", "done" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *quoted = g_strdup_printf ("“%s”", words[i]);
      AuStatus status = AU_STATUS_FAILED;

      g_assert_false (au_status_from_string (words[i], &status, &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, quoted));
      g_assert_nonnull (strstr (error->message, "cancelled"));
      g_assert_cmpint (status, ==, AU_STATUS_FAILED);
    }

  /* nobody is forced to ask why */
  {
    AuStatus status;

    g_assert_false (au_status_from_string ("done", &status, NULL));
  }
}

static void
test_status_out_of_range_has_no_word (void)
{
  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*assertion*failed*");
  g_assert_null (au_status_to_string ((AuStatus) 5));
  g_test_assert_expected_messages ();
}

static void
test_status_type_has_the_same_words (void)
{
  g_autoptr(GEnumClass) class = g_type_class_ref (AU_TYPE_STATUS);

  g_assert_cmpstr (g_type_name (AU_TYPE_STATUS), ==, "AuStatus");
  g_assert_cmpuint (class->n_values, ==, G_N_ELEMENTS (statuses));
  for (guint i = 0; i < class->n_values; i++)
    {
      const GEnumValue *value = &class->values[i];

      g_assert_cmpstr (value->value_nick, ==, au_status_to_string (value->value));
      g_assert_true (g_str_has_prefix (value->value_name, "AU_STATUS_"));
    }
}

static void
test_error_type_lists_every_code_once (void)
{
  g_autoptr(GEnumClass) class = g_type_class_ref (AU_TYPE_ERROR);

  g_assert_cmpstr (g_quark_to_string (AU_ERROR), ==, "au-error-quark");
  g_assert_cmpint (class->minimum, ==, AU_ERROR_FAILED);
  g_assert_cmpint (class->maximum, ==, AU_ERROR_NOT_AWAITED);
  g_assert_cmpint (class->n_values, ==, class->maximum + 1);

  for (int code = class->minimum; code <= class->maximum; code++)
    {
      const GEnumValue *value = g_enum_get_value (class, code);
      g_autofree char *name = NULL;

      /* the nick is the name in small letters, as “au --json” prints it */
      g_assert_nonnull (value);
      name = g_ascii_strdown (value->value_name + strlen ("AU_ERROR_"), -1);
      g_strdelimit (name, "_", '-');
      g_assert_cmpstr (value->value_nick, ==, name);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/status/words-round-trip", test_status_words_round_trip);
  g_test_add_func ("/status/only-ends-are-terminal", test_status_only_ends_are_terminal);
  g_test_add_func ("/status/unknown-word-is-an-error", test_status_unknown_word_is_an_error);
  g_test_add_func ("/status/out-of-range-has-no-word", test_status_out_of_range_has_no_word);
  g_test_add_func ("/status/type-has-the-same-words", test_status_type_has_the_same_words);
  g_test_add_func ("/error/type-lists-every-code-once", test_error_type_lists_every_code_once);

  return g_test_run ();
}
