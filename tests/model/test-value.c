/* test-value.c: values of bytes that nobody vouches for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <string.h>

#define LARGE (100 * 1024)

static GVariant *
new_array (const char *type,
           gsize       size)
{
  g_autofree guint8 *data = g_malloc (size);
  g_autoptr(GBytes) bytes = NULL;

  for (gsize i = 0; i < size; i++)
    data[i] = i % 251;
  bytes = g_bytes_new_take (g_steal_pointer (&data), size);

  return g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, TRUE);
}

/* Of all kinds of containers around something large. */
static GVariant *
new_value (guint kind)
{
  GVariantBuilder builder;

  switch (kind)
    {
    case 0:
      return new_array ("ay", LARGE);
    case 1:
      return g_variant_new ("(@at)", new_array ("at", LARGE));
    case 2:
      return g_variant_new ("(s@ayyx)", "name", new_array ("ay", LARGE + 3), 7, G_GINT64_CONSTANT (9));
    case 3:
      g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&builder, "{sv}", "a", g_variant_new_int32 (1));
      g_variant_builder_add (&builder, "{sv}", "b", new_array ("ad", LARGE));
      g_variant_builder_add (&builder, "{sv}", "c", g_variant_new_string ("end"));
      return g_variant_builder_end (&builder);
    case 4:
      return g_variant_new_maybe (NULL, new_array ("aq", LARGE));
    case 5:
      return g_variant_new_variant (g_variant_new ("(bs@ay)", TRUE, "x", new_array ("ay", LARGE)));
    case 6:
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("aas"));
      for (guint i = 0; i < 4; i++)
        {
          g_variant_builder_open (&builder, G_VARIANT_TYPE ("as"));
          for (guint j = 0; j < 4000; j++)
            g_variant_builder_add (&builder, "s", "text");
          g_variant_builder_close (&builder);
        }
      return g_variant_builder_end (&builder);
    case 7:
      return g_variant_new ("(@ab)", g_variant_new_fixed_array (G_VARIANT_TYPE_BOOLEAN, "\1\0\1", 3, 1));
    default:
      return NULL;
    }
}

static gboolean
is_normal (const GVariantType *type,
           GBytes             *bytes)
{
  g_autoptr(GVariant) value = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));

  return g_variant_is_normal_form (value);
}

static void
assert_as_glib (const GVariantType *type,
                GBytes             *bytes)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = au_value_from_bytes (type, bytes, &error);

  g_assert_cmpint (value != NULL, ==, is_normal (type, bytes));
  if (value == NULL)
    {
      g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
      return;
    }

  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (value));
  g_assert_true (g_variant_is_of_type (value, type));
  g_assert_cmpmem (g_variant_get_data (value), g_variant_get_size (value),
                   g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_what_was_written_is_read (void)
{
  g_autoptr(GVariant) value = NULL;

  for (guint kind = 0; (value = new_value (kind)) != NULL; kind++)
    {
      g_autoptr(GVariant) owned = g_variant_ref_sink (g_steal_pointer (&value));
      g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes (owned);
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) read = au_value_from_bytes (g_variant_get_type (owned), bytes, &error);

      g_assert_no_error (error);
      g_assert_true (g_variant_equal (read, owned));
    }
}

/* At the ends, where what frames the members is, and anywhere. */
static void
change (guint8 *data,
        gsize   size)
{
  gsize place = g_test_rand_int_range (0, 3) == 0 ? g_test_rand_int_range (0, size)
                                                  : g_test_rand_int_range (0, MIN (size, 64));

  if (g_test_rand_bit ())
    place = size - 1 - place;
  data[place] = g_test_rand_bit () ? data[place] + 1 : g_test_rand_int_range (0, 256);
}

static void
test_what_was_changed_is_read_as_by_glib (void)
{
  GVariant *value;

  for (guint kind = 0; (value = new_value (kind)) != NULL; kind++)
    {
      g_autoptr(GVariant) owned = g_variant_ref_sink (value);
      gsize size = g_variant_get_size (owned);

      for (guint i = 0; i < 100; i++)
        {
          guint8 *data = g_memdup2 (g_variant_get_data (owned), size);
          gsize cut = g_test_rand_bit () ? 0 : g_test_rand_int_range (0, MIN (size, 20));
          g_autoptr(GBytes) bytes = NULL;

          for (gint n = g_test_rand_int_range (0, 3); n > 0; n--)
            change (data, size);
          bytes = g_bytes_new_take (data, size - cut);
          assert_as_glib (g_variant_get_type (owned), bytes);
        }
    }
}

static void
test_numbers_that_are_cut_off_are_damage (void)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("\1\2\3\4\5\6\7", 7);
  g_autoptr(GBytes) none = g_bytes_new_static ("", 0);

  assert_as_glib (G_VARIANT_TYPE ("at"), bytes);
  assert_as_glib (G_VARIANT_TYPE ("(aq)"), bytes);
  assert_as_glib (G_VARIANT_TYPE ("(ay)"), bytes);
  assert_as_glib (G_VARIANT_TYPE ("ay"), none);
  assert_as_glib (G_VARIANT_TYPE ("(at)"), none);
  assert_as_glib (G_VARIANT_TYPE ("()"), none);
  g_assert_null (au_value_from_bytes (G_VARIANT_TYPE ("at"), bytes, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value/from-bytes/what-was-written-is-read", test_what_was_written_is_read);
  g_test_add_func ("/value/from-bytes/what-was-changed-is-read-as-by-glib", test_what_was_changed_is_read_as_by_glib);
  g_test_add_func ("/value/from-bytes/numbers-that-are-cut-off-are-damage", test_numbers_that_are_cut_off_are_damage);

  return g_test_run ();
}
