/* plugins-fixture.h: what the tests of the modules share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

/* An engine that keeps its records in memory, and runs them in the caller's thread
 * (“inline”) or in threads of its own (“thread”). */
static inline AuEngine *
fixture_engine_new (const char *backend_type)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuBackend) backend = NULL;

  store = au_part_new (AU_MODULE_STORE, "memory", &error, NULL);
  g_assert_no_error (error);
  backend = au_part_new (AU_MODULE_BACKEND, backend_type, &error, NULL);
  g_assert_no_error (error);

  return au_engine_new_with_parts (store, backend);
}

/* @keys, with spaces between, were changed since @position; NULL for any. A key may be
 * followed by a colon and the revision of its change.
 */
static inline void
fixture_assert_changes (AuStore    *store,
                        guint64    *position,
                        const char *keys)
{
  g_autoptr(GPtrArray) changes = au_store_list_changes (store, position);
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; changes != NULL && i < changes->len; i++)
    {
      const AuStoreChange *change = g_ptr_array_index (changes, i);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", change->key);
      if (change->revision > 0)
        g_string_append_printf (text, ":%" G_GUINT64_FORMAT, change->revision);
    }

  g_assert_cmpstr (changes != NULL ? text->str : NULL, ==, keys);
}

/* Runs @function to its end. */
static inline GVariant *
fixture_call (AuEngine   *engine,
              const char *function,
              GVariant   *arguments,
              GError    **error)
{
  return au_engine_call (engine, function, arguments, NULL, -1, NULL, error);
}

/* The records of a computation at three points of its life, without an engine. */
static inline AuRecord *
fixture_pending (const char *function,
                 guint       attempts)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_attempts (options, attempts);

  return au_record_new ("key", function, g_variant_new ("()"), options);
}

static inline AuRecord *
fixture_begin (AuRecord *record)
{
  g_autoptr(GError) error = NULL;
  AuRecord *running = au_transition_begin (record, NULL, 0, &error);

  g_assert_no_error (error);
  return running;
}

static inline AuRecord *
fixture_fail (AuRecord     *record,
              const GError *reason)
{
  g_autoptr(GError) error = NULL;
  AuRecord *failed = au_transition_fail (record, au_record_get_attempt (record), reason, &error);

  g_assert_no_error (error);
  return failed;
}

static inline AuRecord *
fixture_complete (AuRecord *record)
{
  g_autoptr(GError) error = NULL;
  AuRecord *completed = au_transition_complete (record, au_record_get_attempt (record), NULL,
                                                &error);

  g_assert_no_error (error);
  return completed;
}

static inline AuRecord *
fixture_cancel (AuRecord *record)
{
  g_autoptr(GError) error = NULL;
  AuRecord *cancelled = au_transition_cancel (record, &error);

  g_assert_no_error (error);
  return cancelled;
}
