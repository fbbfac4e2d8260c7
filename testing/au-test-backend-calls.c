/* au-test-backend-calls.c: what every backend must do with values and errors
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-backend-private.h"

#include <string.h>

static void
assert_echo (BackendFixture *fixture,
             GVariant       *value)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (value);
  g_autoptr(AuHandle) handle = backend_submit (fixture, "test.echo", g_variant_new ("(v)", sunk), NULL);
  g_autoptr(GVariant) result = NULL;
  g_autoptr(GVariant) inner = NULL;
  g_autoptr(GError) error = NULL;

  result = backend_finish (fixture, handle, &error);
  g_assert_no_error (error);
  inner = g_variant_get_variant (result);
  g_assert_cmpvariant (inner, sunk);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
}

static void
test_values_come_back (BackendFixture *fixture)
{
  static const char *const texts[] = {
    "''", "'two\nlines'", "'\\u0001 🐿'", "uint64 18446744073709551615", "int64 -9223372036854775808",
    "byte 0xff", "true", "-0.0", "1e308", "()", "@as []", "@a{sv} {}", "@mms just nothing",
    "{'a': <1>, 'b': <('x', [<2.5>])>}", "<<<'deep'>>>", "[byte 0x00, 0x0a, 0xff]", "objectpath '/a'",
  };
  static const gsize sizes[] = { 0, 4095, 65536, 300000, 4 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = g_variant_parse (NULL, texts[i], NULL, NULL, &error);

      g_assert_no_error (error);
      assert_echo (fixture, value);
    }

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint8 *bytes = g_malloc (sizes[i] + 1);

      memset (bytes, 'x', sizes[i]);
      assert_echo (fixture, g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, bytes, sizes[i], TRUE,
                                                     g_free, bytes));
    }
}

static void
test_nothing_comes_back (BackendFixture *fixture)
{
  g_autoptr(AuHandle) handle = backend_submit (fixture, "test.nothing", NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (backend_finish (fixture, handle, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
}

static void
test_wrong_values_are_errors (BackendFixture *fixture)
{
  g_autoptr(AuHandle) missing = backend_submit (fixture, "test.no-value", NULL, NULL);
  g_autoptr(AuHandle) wrong = backend_submit (fixture, "test.wrong-type", NULL, NULL);

  backend_assert_fails (fixture, missing, AU_STATUS_FAILED, AU_ERROR, AU_ERROR_NO_VALUE);
  backend_assert_fails (fixture, wrong, AU_STATUS_FAILED, AU_ERROR, AU_ERROR_BAD_TYPE);
}

static void
test_errors_keep_domain_code_and_message (BackendFixture *fixture)
{
  static const char *const forms[] = { "test.script", "test.script-async" };
  g_autofree char *step = g_strdup_printf ("fail %d no more “room”", G_IO_ERROR_NO_SPACE);

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr(AuHandle) handle = NULL;
      g_autoptr(GVariant) value = NULL;
      g_autoptr(GError) error = NULL;

      fixture->script = forms[i];
      handle = backend_play (fixture, NULL, step, NULL);
      value = backend_finish (fixture, handle, &error);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
      g_assert_cmpstr (error->message, ==, "no more “room”");
      g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_FAILED);
    }
}

static void
assert_forms_run (BackendFixture *fixture,
                  const char     *script)
{
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) expected = g_variant_ref_sink (g_variant_new_variant (g_variant_new_int32 (7)));
  g_autoptr(GError) error = NULL;

  fixture->script = script;
  handle = backend_play (fixture, NULL, "tell here", "return 7", NULL);
  value = backend_finish (fixture, handle, &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (value, expected);
}

static void
test_all_forms_run (BackendFixture *fixture)
{
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  assert_forms_run (fixture, "test.script");
  assert_forms_run (fixture, "test.script-async");
  stage_await (fixture->stage, "here");
  stage_await (fixture->stage, "here");

  handle = backend_submit (fixture, "test.count", g_variant_new ("(st)", "", (guint64) 3), NULL);
  value = backend_finish (fixture, handle, &error);
  g_assert_no_error (error);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
}

static void
test_calls_know_what_they_are (BackendFixture *fixture)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) about = NULL;
  g_autoptr(GError) error = NULL;
  const char *key, *name;
  guint attempt;
  gint64 process;

  au_options_set_key (options, "my-key");
  au_options_set_metadata (options, g_variant_new_parsed ("{'name': <'my name'>}"));
  handle = backend_play (fixture, options, "about", NULL);
  value = backend_finish (fixture, handle, &error);
  g_assert_no_error (error);

  about = g_variant_get_variant (value);
  g_variant_get (about, "(&sux&s)", &key, &attempt, &process, &name);
  g_assert_cmpstr (key, ==, "my-key");
  g_assert_cmpuint (attempt, ==, 1);
  g_assert_cmpstr (name, ==, "my name");

  record = au_handle_dup_record (handle);
  g_assert_cmpint (au_record_get_started (record), >=, au_record_get_created (record));
  g_assert_cmpint (au_record_get_completed (record), >=, au_record_get_started (record));
}

void
backend_suite_add_calls (BackendKind *kind)
{
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "values-come-back", test_values_come_back);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "nothing-comes-back", test_nothing_comes_back);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "wrong-values-are-errors", test_wrong_values_are_errors);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "errors-keep-domain-code-and-message",
                          test_errors_keep_domain_code_and_message);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "all-forms-run", test_all_forms_run);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "calls-know-what-they-are", test_calls_know_what_they_are);
}
