/* test-logging.c: the middleware that logs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "plugins-fixture.h"

#include <string.h>

/* What was logged, as tables of fields; filled by whatever thread logs. */
static GMutex entries_lock;
static GPtrArray *entries;

typedef struct
{
  GLogLevelFlags level;
  GHashTable    *fields;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_hash_table_unref (entry->fields);
  g_free (entry);
}

static GLogWriterOutput
keep_entry (GLogLevelFlags   level,
            const GLogField *fields,
            gsize            n_fields,
            gpointer         user_data)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->level = level;
  entry->fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (gsize i = 0; i < n_fields; i++)
    {
      const char *value = fields[i].value;

      g_assert_cmpint (fields[i].length, ==, -1);
      g_assert_true (g_utf8_validate (value, -1, NULL));
      g_assert_true (g_hash_table_insert (entry->fields, g_strdup (fields[i].key), g_strdup (value)));
    }

  if (g_hash_table_lookup (entry->fields, "AU_KEY") == NULL)
    {
      entry_free (entry);
      return g_log_writer_default (level, fields, n_fields, user_data);
    }

  g_mutex_lock (&entries_lock);
  g_ptr_array_add (entries, entry);
  g_mutex_unlock (&entries_lock);

  return G_LOG_WRITER_HANDLED;
}

static AuMiddleware *
logging_new (const char *level,
             const char *domain)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) settings = g_ptr_array_new_with_free_func (g_free);
  AuMiddleware *logging;

  if (level != NULL)
    g_ptr_array_add (settings, g_strconcat ("level=", level, NULL));
  if (domain != NULL)
    g_ptr_array_add (settings, g_strconcat ("domain=", domain, NULL));
  g_ptr_array_add (settings, NULL);

  g_ptr_array_set_size (entries, 0);
  logging = AU_MIDDLEWARE (au_part_new_from_strings (AU_MODULE_MIDDLEWARE, "logging",
                                                     (const char * const *) settings->pdata,
                                                     &error));
  g_assert_no_error (error);
  return logging;
}

/* The only entry there is, or the one at @index. */
static Entry *
get_entry (guint index,
           guint n_entries)
{
  g_assert_cmpuint (entries->len, ==, n_entries);
  return g_ptr_array_index (entries, index);
}

static void
assert_field (Entry      *entry,
              const char *name,
              const char *value)
{
  g_assert_cmpstr (g_hash_table_lookup (entry->fields, name), ==, value);
}

static void
test_logging_start (void)
{
  g_autoptr(AuMiddleware) logging = logging_new (NULL, NULL);
  g_autoptr(AuRecord) pending = fixture_pending ("digest.file", 1);
  g_autoptr(AuRecord) running = fixture_begin (pending);
  Entry *entry;

  au_middleware_attempt_started (logging, NULL, running);

  entry = get_entry (0, 1);
  g_assert_cmpint (entry->level, ==, G_LOG_LEVEL_INFO);
  assert_field (entry, "PRIORITY", "6");
  assert_field (entry, "GLIB_DOMAIN", "au-computation");
  assert_field (entry, "MESSAGE", "started key (digest.file)");
  assert_field (entry, "AU_KEY", "key");
  assert_field (entry, "AU_FUNCTION", "digest.file");
  assert_field (entry, "AU_ATTEMPT", "1");
  assert_field (entry, "AU_STATUS", "running");
  assert_field (entry, "AU_DURATION", NULL);
  assert_field (entry, "AU_ERROR", NULL);
}

static void
test_logging_completion (void)
{
  static const struct
  {
    GTimeSpan   duration;
    const char *field;
    const char *message;
  } durations[] = {
    { 0, "0", "completed key (f) in 0 µs" },
    { 999, "999", "completed key (f) in 999 µs" },
    { 12345, "12345", "completed key (f) in 12.3 ms" },
    { 90 * G_TIME_SPAN_SECOND, "90000000", "completed key (f) in 90.0 s" },
  };

  au_clock_freeze ();
  for (guint i = 0; i < G_N_ELEMENTS (durations); i++)
    {
      g_autoptr(AuMiddleware) logging = logging_new (NULL, NULL);
      g_autoptr(AuRecord) pending = fixture_pending ("f", 1);
      g_autoptr(AuRecord) running = fixture_begin (pending);
      g_autoptr(AuRecord) completed = NULL;
      g_autoptr(GError) error = NULL;
      Entry *entry;

      au_clock_advance (durations[i].duration);
      completed = fixture_complete (running);
      g_assert_true (au_middleware_after_compute (logging, NULL, completed, &error));
      g_assert_no_error (error);

      entry = get_entry (0, 1);
      g_assert_cmpint (entry->level, ==, G_LOG_LEVEL_INFO);
      assert_field (entry, "MESSAGE", durations[i].message);
      assert_field (entry, "AU_DURATION", durations[i].field);
      assert_field (entry, "AU_STATUS", "completed");
    }
  au_clock_thaw ();
}

static void
test_logging_failures_are_warnings (void)
{
  g_autoptr(AuMiddleware) logging = logging_new ("debug", NULL);
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "no luck");
  g_autoptr(AuRecord) pending = NULL;
  g_autoptr(AuRecord) running = NULL;
  g_autoptr(AuRecord) again = NULL;
  g_autoptr(AuRecord) running_again = NULL;
  g_autoptr(AuRecord) failed = NULL;
  g_autoptr(AuRecord) refused = NULL;
  Entry *entry;

  au_clock_freeze ();
  pending = fixture_pending ("f", 2);
  running = fixture_begin (pending);
  again = fixture_fail (running, reason);
  running_again = fixture_begin (again);
  au_clock_advance (5 * G_TIME_SPAN_MILLISECOND);
  failed = fixture_fail (running_again, reason);
  refused = au_transition_refuse (pending, reason, NULL);
  au_clock_thaw ();

  au_middleware_attempt_failed (logging, NULL, again, reason);
  entry = get_entry (0, 1);
  g_assert_cmpint (entry->level, ==, G_LOG_LEVEL_WARNING);
  assert_field (entry, "PRIORITY", "4");
  assert_field (entry, "MESSAGE", "retrying key (f) after attempt 1: no luck");
  assert_field (entry, "AU_STATUS", "pending");
  assert_field (entry, "AU_ERROR", "no luck");
  assert_field (entry, "AU_DURATION", NULL);

  au_middleware_on_error (logging, NULL, failed, reason);
  entry = get_entry (1, 2);
  g_assert_cmpint (entry->level, ==, G_LOG_LEVEL_WARNING);
  assert_field (entry, "MESSAGE", "failed key (f) after 5.0 ms: no luck");
  assert_field (entry, "AU_ATTEMPT", "2");
  assert_field (entry, "AU_STATUS", "failed");
  assert_field (entry, "AU_ERROR", "no luck");
  assert_field (entry, "AU_DURATION", "5000");

  /* it was never started, so that it took no time */
  au_middleware_on_error (logging, NULL, refused, reason);
  entry = get_entry (2, 3);
  assert_field (entry, "MESSAGE", "failed key (f): no luck");
  assert_field (entry, "AU_ATTEMPT", "0");
  assert_field (entry, "AU_DURATION", NULL);
}

static void
test_logging_cancellation_is_no_failure (void)
{
  g_autoptr(AuMiddleware) logging = logging_new ("message", NULL);
  g_autoptr(AuRecord) pending = fixture_pending ("f", 1);
  g_autoptr(AuRecord) cancelled = fixture_cancel (pending);
  g_autoptr(GError) reason = au_record_dup_error (cancelled);
  Entry *entry;

  au_middleware_on_error (logging, NULL, cancelled, reason);

  entry = get_entry (0, 1);
  g_assert_cmpint (entry->level, ==, G_LOG_LEVEL_MESSAGE);
  assert_field (entry, "MESSAGE", "cancelled key (f)");
  assert_field (entry, "AU_STATUS", "cancelled");
  assert_field (entry, "AU_ERROR", NULL);
}

static void
test_logging_level_and_domain_can_be_set (void)
{
  static const struct
  {
    const char    *nick;
    GLogLevelFlags level;
    const char    *priority;
  } levels[] = {
    { "debug", G_LOG_LEVEL_DEBUG, "7" },
    { "info", G_LOG_LEVEL_INFO, "6" },
    { "message", G_LOG_LEVEL_MESSAGE, "5" },
    { "warning", G_LOG_LEVEL_WARNING, "4" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      g_autoptr(AuMiddleware) logging = logging_new (levels[i].nick, "shop");
      g_autoptr(AuRecord) pending = fixture_pending ("f", 1);
      g_autoptr(AuRecord) running = fixture_begin (pending);
      Entry *entry;

      au_middleware_attempt_started (logging, NULL, running);

      entry = get_entry (0, 1);
      g_assert_cmpint (entry->level, ==, levels[i].level);
      assert_field (entry, "PRIORITY", levels[i].priority);
      assert_field (entry, "GLIB_DOMAIN", "shop");
    }
}

static void
test_logging_unknown_level_is_an_error (void)
{
  static const char *const settings[] = { "level=loud", NULL };
  g_autoptr(GError) error = NULL;

  g_assert_null (au_part_new_from_strings (AU_MODULE_MIDDLEWARE, "logging", settings, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "loud"));
  g_assert_nonnull (strstr (error->message, "warning"));
}

static GVariant *
nothing (AuCall   *call,
         GVariant *arguments,
         gpointer  user_data,
         GError  **error)
{
  return NULL;
}

static void
test_logging_of_an_engine (void)
{
  g_autoptr(AuMiddleware) logging = logging_new (NULL, NULL);
  g_autoptr(AuEngine) engine = fixture_engine_new ("thread");
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;
  Entry *entry;

  function = au_function_new ("nothing", "()", NULL, AU_FUNCTION_NONE, nothing, NULL, NULL, &error);
  g_assert_no_error (error);
  au_engine_add_function (engine, function);
  au_engine_add_middleware (engine, logging);

  handle = au_engine_submit (engine, "nothing", g_variant_new ("()"), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (au_handle_wait (handle, -1, NULL, &error));
  g_assert_no_error (error);

  /* middleware is told before those who wait */
  g_mutex_lock (&entries_lock);
  entry = get_entry (0, 2);
  assert_field (entry, "AU_KEY", au_handle_get_key (handle));
  assert_field (entry, "AU_STATUS", "running");
  entry = get_entry (1, 2);
  assert_field (entry, "AU_KEY", au_handle_get_key (handle));
  assert_field (entry, "AU_STATUS", "completed");
  g_assert_nonnull (g_hash_table_lookup (entry->fields, "AU_DURATION"));
  g_mutex_unlock (&entries_lock);
}

int
main (int   argc,
      char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);

  entries = g_ptr_array_new_with_free_func (entry_free);
  g_log_set_writer_func (keep_entry, NULL, NULL);

  g_test_add_func ("/logging/start", test_logging_start);
  g_test_add_func ("/logging/completion", test_logging_completion);
  g_test_add_func ("/logging/failures-are-warnings", test_logging_failures_are_warnings);
  g_test_add_func ("/logging/cancellation-is-no-failure", test_logging_cancellation_is_no_failure);
  g_test_add_func ("/logging/level-and-domain-can-be-set", test_logging_level_and_domain_can_be_set);
  g_test_add_func ("/logging/unknown-level-is-an-error", test_logging_unknown_level_is_an_error);
  g_test_add_func ("/logging/of-an-engine", test_logging_of_an_engine);

  status = g_test_run ();
  g_ptr_array_unref (entries);
  return status;
}
