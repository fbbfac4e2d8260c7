/* test-options.c: how one computation is to be treated
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"

#include <au/au.h>

#include <string.h>

/* Options that nobody counts must be let go of in their own way. */
typedef AuOptions SealedOptions;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SealedOptions, au_options_unseal)

static const char *const two_words[] = { "one", "two", NULL };
static const char *const no_words[] = { NULL };

/* Options of which all is set, to something unusual. */
static AuOptions *
make_full (void)
{
  AuOptions *options = au_options_new ();

  au_options_set_key (options, "key");
  au_options_set_ttl (options, 1);
  au_options_set_timeout (options, 2);
  au_options_set_delay (options, 3);
  au_options_set_due (options, 4);
  au_options_set_priority (options, -5);
  au_options_set_queue (options, "queue");
  au_options_set_attempts (options, 6);
  au_options_set_backoff (options, 7);
  au_options_set_max_backoff (options, 8);
  au_options_set_unique_key (options, "unique");
  au_options_set_after (options, two_words);
  au_options_set_tags (options, two_words);
  au_options_set_metadata (options, g_variant_new_parsed ("{'who': <'me'>}"));
  au_options_set_ahead (options, -1);
  au_options_set_without (options, two_words);

  return options;
}

static void
assert_full (AuOptions  *options,
             const char *key)
{
  g_autofree char *metadata = g_variant_print (au_options_get_metadata (options), FALSE);

  g_assert_cmpstr (au_options_get_key (options), ==, key);
  g_assert_cmpint (au_options_get_ttl (options), ==, 1);
  g_assert_cmpint (au_options_get_timeout (options), ==, 2);
  g_assert_cmpint (au_options_get_delay (options), ==, 3);
  g_assert_cmpint (au_options_get_due (options), ==, 4);
  g_assert_cmpint (au_options_get_priority (options), ==, -5);
  g_assert_cmpstr (au_options_get_queue (options), ==, "queue");
  g_assert_cmpuint (au_options_get_attempts (options), ==, 6);
  g_assert_cmpint (au_options_get_backoff (options), ==, 7);
  g_assert_cmpint (au_options_get_max_backoff (options), ==, 8);
  g_assert_cmpstr (au_options_get_unique_key (options), ==, "unique");
  g_assert_cmpstrv (au_options_get_after (options), two_words);
  g_assert_cmpstrv (au_options_get_tags (options), two_words);
  g_assert_cmpstr (metadata, ==, "{'who': <'me'>}");
  g_assert_cmpint (au_options_get_ahead (options), ==, -1);
  g_assert_cmpstrv (au_options_get_without (options), two_words);
}

static void
assert_unset (AuOptions *options)
{
  g_assert_null (au_options_get_key (options));
  g_assert_cmpint (au_options_get_ttl (options), ==, 0);
  g_assert_cmpint (au_options_get_timeout (options), ==, 0);
  g_assert_cmpint (au_options_get_delay (options), ==, 0);
  g_assert_cmpint (au_options_get_due (options), ==, 0);
  g_assert_cmpint (au_options_get_priority (options), ==, 0);
  g_assert_null (au_options_get_queue (options));
  g_assert_cmpuint (au_options_get_attempts (options), ==, 1);
  g_assert_cmpint (au_options_get_backoff (options), ==, G_TIME_SPAN_SECOND);
  g_assert_cmpint (au_options_get_max_backoff (options), ==, G_TIME_SPAN_HOUR);
  g_assert_null (au_options_get_unique_key (options));
  g_assert_null (au_options_get_after (options));
  g_assert_null (au_options_get_tags (options));
  g_assert_null (au_options_get_metadata (options));
  g_assert_cmpint (au_options_get_ahead (options), ==, 1);
  g_assert_null (au_options_get_without (options));
}

static void
test_options_are_what_was_set (void)
{
  g_autoptr(AuOptions) unset = au_options_new ();
  g_autoptr(AuOptions) full = make_full ();

  assert_unset (unset);
  assert_full (full, "key");
}

static void
test_options_can_be_unset_again (void)
{
  g_autoptr(AuOptions) options = make_full ();
  g_autoptr(GVariant) variant = NULL;

  au_options_set_key (options, NULL);
  au_options_set_ttl (options, 0);
  au_options_set_timeout (options, 0);
  au_options_set_delay (options, 0);
  au_options_set_due (options, 0);
  au_options_set_priority (options, 0);
  au_options_set_queue (options, NULL);
  au_options_set_attempts (options, 1);
  au_options_set_backoff (options, G_TIME_SPAN_SECOND);
  au_options_set_max_backoff (options, G_TIME_SPAN_HOUR);
  au_options_set_unique_key (options, NULL);
  au_options_set_after (options, NULL);
  au_options_set_tags (options, no_words);
  au_options_set_metadata (options, g_variant_new_parsed ("@a{sv} {}"));
  au_options_set_ahead (options, 1);
  au_options_set_without (options, NULL);

  assert_unset (options);
  variant = au_options_to_variant (options);
  g_assert_cmpuint (g_variant_n_children (variant), ==, 0);
}

static void
test_options_are_properties (void)
{
  g_autoptr(AuOptions) full = make_full ();
  g_autoptr(AuOptions) copy = au_options_new ();
  guint n_properties;
  g_autofree GParamSpec **properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (full), &n_properties);

  g_assert_cmpuint (n_properties, ==, AU_OPTIONS_N_FIELDS);
  for (guint i = 0; i < n_properties; i++)
    {
      g_auto(GValue) value = G_VALUE_INIT;
      g_auto(GValue) initial = G_VALUE_INIT;

      g_value_init (&initial, properties[i]->value_type);
      g_object_get_property (G_OBJECT (copy), properties[i]->name, &initial);
      g_assert_true (g_param_value_defaults (properties[i], &initial));

      g_value_init (&value, properties[i]->value_type);
      g_object_get_property (G_OBJECT (full), properties[i]->name, &value);
      g_object_set_property (G_OBJECT (copy), properties[i]->name, &value);
    }

  assert_full (copy, "key");
}

static void
note (GObject    *object,
      GParamSpec *pspec,
      gpointer    user_data)
{
  g_string_append_printf (user_data, "%s ", pspec->name);
}

static void
test_options_tell_of_changes_only (void)
{
  g_autoptr(AuOptions) options = make_full ();
  g_autoptr(GString) notified = g_string_new (NULL);

  g_signal_connect (options, "notify", G_CALLBACK (note), notified);
  au_options_set_ttl (options, 1);
  au_options_set_queue (options, "queue");
  au_options_set_tags (options, au_options_get_tags (options));
  au_options_set_metadata (options, au_options_get_metadata (options));
  g_assert_cmpstr (notified->str, ==, "");

  au_options_set_ttl (options, 2);
  au_options_set_queue (options, NULL);
  au_options_set_tags (options, NULL);
  au_options_set_metadata (options, NULL);
  g_assert_cmpstr (notified->str, ==, "ttl queue tags metadata ");
}

static void
test_options_out_of_range_change_nothing (void)
{
  g_autoptr(AuOptions) options = make_full ();

  for (guint i = 0; i < 8; i++)
    g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "The option*cannot be*");
  au_options_set_ttl (options, -1);
  au_options_set_timeout (options, -1);
  au_options_set_delay (options, -1);
  au_options_set_due (options, -1);
  au_options_set_attempts (options, 0);
  au_options_set_backoff (options, -1);
  au_options_set_max_backoff (options, -1);
  au_options_set_ahead (options, -2);
  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "The option*a{sv}*");
  au_options_set_metadata (options, g_variant_new_int32 (1));
  g_test_assert_expected_messages ();

  assert_full (options, "key");
}

static void
test_options_sealed_are_shared_until_changed (void)
{
  g_autoptr(AuOptions) options = make_full ();
  g_autoptr(SealedOptions) first = au_options_seal (options);
  g_autoptr(SealedOptions) second = NULL;
  g_autoptr(SealedOptions) third = NULL;
  g_autoptr(SealedOptions) again = NULL;

  assert_full (first, NULL);

  /* the key is no part of it */
  au_options_set_key (options, "another");
  second = au_options_seal (options);
  g_assert_true (second == first);

  au_options_set_ttl (options, 100);
  third = au_options_seal (options);
  g_assert_true (third != first);
  g_assert_cmpint (au_options_get_ttl (third), ==, 100);
  assert_full (first, NULL);

  again = au_options_seal (third);
  g_assert_true (again == third);
}

static void
test_options_sealed_outlive_the_others (void)
{
  AuOptions *options = make_full ();
  g_autoptr(SealedOptions) sealed = au_options_seal (options);

  g_object_unref (options);
  assert_full (sealed, NULL);
}

static void
test_options_unset_are_one_for_all (void)
{
  AuOptions *none = au_options_seal (NULL);
  AuOptions *again = au_options_seal (NULL);
  g_autoptr(AuOptions) unset = au_options_new ();
  AuOptions *of_unset;

  assert_unset (none);
  g_assert_true (none == again);

  au_options_set_key (unset, "key");
  of_unset = au_options_seal (unset);
  g_assert_true (of_unset == none);

  au_options_unseal (none);
  au_options_unseal (again);
  au_options_unseal (of_unset);
  assert_unset (au_options_seal (NULL));
}

static void
test_options_sealed_cannot_be_set (void)
{
  g_autoptr(AuOptions) options = make_full ();
  g_autoptr(SealedOptions) sealed = au_options_seal (options);

  for (guint i = 0; i < 5; i++)
    g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*cannot be set any more*");
  au_options_set_ttl (sealed, 5);
  au_options_set_key (sealed, "new");
  au_options_set_tags (sealed, NULL);
  au_options_set_metadata (sealed, g_variant_new_parsed ("@a{sv} {}"));
  g_object_set (sealed, "priority", 7, NULL);
  g_test_assert_expected_messages ();

  assert_full (sealed, NULL);
}

static gpointer
seal (gpointer data)
{
  return au_options_seal (data);
}

static void
test_options_may_be_sealed_by_all_threads (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_autoptr(AuOptions) options = make_full ();
      GThread *threads[4];
      g_autoptr(SealedOptions) sealed = NULL;

      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("seal", seal, options);
      sealed = au_options_seal (options);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        {
          g_autoptr(SealedOptions) other = g_thread_join (threads[i]);

          g_assert_true (other == sealed);
        }
      assert_full (sealed, NULL);
    }
}

static void
test_options_stored_and_read (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuOptions) full = make_full ();
  g_autoptr(AuOptions) unset = au_options_new ();
  g_autoptr(GVariant) variant = au_options_to_variant (full);
  g_autoptr(GVariant) empty = au_options_to_variant (unset);
  g_autoptr(AuOptions) read = au_options_new_from_variant (variant, &error);
  g_autoptr(AuOptions) read_empty = NULL;
  g_autofree char *text = g_variant_print (variant, TRUE);

  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (variant));
  assert_full (read, "key");

  g_assert_cmpstr (text, ==,
                   "{'key': <'key'>, 'ttl': <int64 1>, 'timeout': <int64 2>, 'delay': <int64 3>, 'due': <int64 4>, "
                   "'priority': <-5>, 'queue': <'queue'>, 'attempts': <uint32 6>, 'backoff': <int64 7>, "
                   "'max-backoff': <int64 8>, 'unique-key': <'unique'>, 'after': <['one', 'two']>, "
                   "'tags': <['one', 'two']>, 'metadata': <{'who': <'me'>}>, 'ahead': <-1>, "
                   "'without': <['one', 'two']>}");

  g_assert_cmpuint (g_variant_n_children (empty), ==, 0);
  read_empty = au_options_new_from_variant (empty, &error);
  g_assert_no_error (error);
  assert_unset (read_empty);

  /* what was read may be set */
  au_options_set_ttl (read, 55);
  g_assert_cmpint (au_options_get_ttl (read), ==, 55);
}

static void
test_options_of_a_newer_version_are_left_out (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuOptions) options = NULL;

  options = au_options_new_from_variant (g_variant_new_parsed ("{'colour': <'red'>, 'ttl': <int64 5>}"), &error);
  g_assert_no_error (error);
  g_assert_cmpint (au_options_get_ttl (options), ==, 5);
}

static void
test_options_damaged_are_refused (void)
{
  static const char *const damaged[] = {
    "1",
    "@a{ss} {}",
    "{'ttl': <5>}",
    "{'ttl': <int64 -1>}",
    "{'timeout': <'1s'>}",
    "{'priority': <uint32 1>}",
    "{'attempts': <uint32 0>}",
    "{'attempts': <1>}",
    "{'ahead': <-2>}",
    "{'queue': <1>}",
    "{'after': <'a'>}",
    "{'tags': <[1]>}",
    "{'metadata': <{'a': 'b'}>}",
    "{'ttl': <int64 1>, 'without': <@ms nothing>}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GError) error_of_load = NULL;
      g_autoptr(GVariant) variant = g_variant_parse (NULL, damaged[i], NULL, NULL, NULL);

      g_assert_null (au_options_new_from_variant (variant, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);

      g_assert_null (au_options_load (variant, &error_of_load));
      g_assert_error (error_of_load, AU_ERROR, AU_ERROR_DAMAGED);
    }
}

static void
test_options_loaded_are_sealed (void)
{
  static const char *const initial[] = { "@a{sv} {}", "{'ttl': <int64 0>, 'attempts': <uint32 1>}", "{'key': <'k'>}" };
  g_autoptr(GError) error = NULL;
  g_autoptr(SealedOptions) none = au_options_seal (NULL);
  g_autoptr(AuOptions) full = make_full ();
  g_autoptr(SealedOptions) loaded = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (initial); i++)
    {
      g_autoptr(SealedOptions) options = au_options_load (g_variant_new_parsed (initial[i]), &error);

      g_assert_no_error (error);
      g_assert_true (options == none);
    }

  au_options_set_key (full, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GVariant) variant = au_options_to_variant (full);
      g_autoptr(SealedOptions) sealed = NULL;

      g_clear_pointer (&loaded, au_options_unseal);
      loaded = au_options_load (variant, &error);
      g_assert_no_error (error);
      assert_full (loaded, NULL);
      sealed = au_options_seal (loaded);
      g_assert_true (sealed == loaded);

      /* even where a key was stored */
      au_options_set_key (full, "key");
    }
}

static void
assert_backoff (AuOptions *options,
                guint      failures,
                gint64     least,
                gint64     most)
{
  gint64 lowest = G_MAXINT64;
  gint64 highest = 0;

  for (guint i = 0; i < 1000; i++)
    {
      gint64 span = au_options_next_backoff (options, failures);

      g_assert_cmpint (span, >=, least);
      g_assert_cmpint (span, <=, most);
      lowest = MIN (lowest, span);
      highest = MAX (highest, span);
    }

  /* a thousand throws come near both ends */
  g_assert_cmpint (lowest, <=, least + (most - least) / 10);
  g_assert_cmpint (highest, >=, most - (most - least) / 10);
}

static void
test_options_backoff_doubles_with_jitter (void)
{
  g_autoptr(AuOptions) options = au_options_new ();

  assert_backoff (options, 1, 750000, 1250000);
  assert_backoff (options, 2, 1500000, 2500000);
  assert_backoff (options, 5, 12000000, 20000000);

  /* 2¹² seconds are more than an hour */
  assert_backoff (options, 13, 2700 * G_TIME_SPAN_SECOND, G_TIME_SPAN_HOUR);
  assert_backoff (options, G_MAXUINT, 2700 * G_TIME_SPAN_SECOND, G_TIME_SPAN_HOUR);

  au_options_set_max_backoff (options, G_TIME_SPAN_SECOND / 2);
  assert_backoff (options, 1, 375000, 500000);

  au_options_set_backoff (options, 0);
  assert_backoff (options, 1, 0, 0);
  assert_backoff (options, 100, 0, 0);
}

static void
test_options_backoff_without_limit_does_not_overflow (void)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_max_backoff (options, 0);
  assert_backoff (options, 1000, G_MAXINT64 / 4 - G_MAXINT64 / 16 - 1, G_MAXINT64 / 4);

  au_options_set_backoff (options, G_MAXINT64);
  au_options_set_max_backoff (options, G_MAXINT64);
  assert_backoff (options, 2, G_MAXINT64 / 4 - G_MAXINT64 / 16 - 1, G_MAXINT64 / 4);
  g_assert_cmpint (g_get_real_time () + au_options_next_backoff (options, 5), >, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/options/are-what-was-set", test_options_are_what_was_set);
  g_test_add_func ("/options/can-be-unset-again", test_options_can_be_unset_again);
  g_test_add_func ("/options/are-properties", test_options_are_properties);
  g_test_add_func ("/options/tell-of-changes-only", test_options_tell_of_changes_only);
  g_test_add_func ("/options/out-of-range-change-nothing", test_options_out_of_range_change_nothing);
  g_test_add_func ("/options/sealed/are-shared-until-changed", test_options_sealed_are_shared_until_changed);
  g_test_add_func ("/options/sealed/outlive-the-others", test_options_sealed_outlive_the_others);
  g_test_add_func ("/options/sealed/unset-are-one-for-all", test_options_unset_are_one_for_all);
  g_test_add_func ("/options/sealed/cannot-be-set", test_options_sealed_cannot_be_set);
  g_test_add_func ("/options/sealed/by-all-threads", test_options_may_be_sealed_by_all_threads);
  g_test_add_func ("/options/stored/and-read", test_options_stored_and_read);
  g_test_add_func ("/options/stored/of-a-newer-version-are-left-out", test_options_of_a_newer_version_are_left_out);
  g_test_add_func ("/options/stored/damaged-are-refused", test_options_damaged_are_refused);
  g_test_add_func ("/options/stored/loaded-are-sealed", test_options_loaded_are_sealed);
  g_test_add_func ("/options/backoff/doubles-with-jitter", test_options_backoff_doubles_with_jitter);
  g_test_add_func ("/options/backoff/without-limit-does-not-overflow", test_options_backoff_without_limit_does_not_overflow);

  return g_test_run ();
}
