/* test-param.c: properties as text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-error.h>
#include <au/au-module.h>
#include <au/au-param.h>

#include <math.h>

#define RW (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)

/* Takes the floating property. */
static void
assert_text (GParamSpec *pspec,
             const char *text,
             const char *written)
{
  g_autoptr(GParamSpec) owned = g_param_spec_ref_sink (pspec);
  g_autoptr(GError) error = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) again = G_VALUE_INIT;
  g_autofree char *back = NULL;
  g_autofree char *back_again = NULL;

  g_assert_true (au_param_value_from_text (owned, text, &value, &error));
  g_assert_no_error (error);

  back = au_param_value_to_text (owned, &value);
  g_assert_cmpstr (back, ==, written);

  /* What is written is read as the same again. */
  g_assert_true (au_param_value_from_text (owned, back, &again, &error));
  g_assert_no_error (error);
  if (G_IS_PARAM_SPEC_ENUM (owned))
    g_assert_cmpint (g_value_get_enum (&again), ==, g_value_get_enum (&value));
  back_again = au_param_value_to_text (owned, &again);
  g_assert_cmpstr (back_again, ==, written);
}

static void
assert_refused (GParamSpec *pspec,
                const char *text,
                const char *message)
{
  g_autoptr(GParamSpec) owned = g_param_spec_ref_sink (pspec);
  g_autoptr(GError) error = NULL;
  GValue value = G_VALUE_INIT;

  g_assert_false (au_param_value_from_text (owned, text, &value, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_false (G_IS_VALUE (&value));
}

static void
test_booleans (void)
{
  const char *const yes[] = { "true", "yes", "on", "1", "True", "YES", " on " };
  const char *const no[] = { "false", "no", "off", "0", "FALSE" };

  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    assert_text (g_param_spec_boolean ("p", NULL, NULL, FALSE, RW), yes[i], "true");
  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    assert_text (g_param_spec_boolean ("p", NULL, NULL, TRUE, RW), no[i], "false");

  assert_refused (g_param_spec_boolean ("p", NULL, NULL, FALSE, RW), "maybe",
                  "“maybe” is not allowed: it takes true, yes, on or 1, or else false, no, off or 0");
  assert_refused (g_param_spec_boolean ("p", NULL, NULL, FALSE, RW), "",
                  "“” is not allowed: it takes true, yes, on or 1, or else false, no, off or 0");
}

static void
test_integers (void)
{
  assert_text (g_param_spec_int ("p", NULL, NULL, -5, 64, 1, RW), "-5", "-5");
  assert_text (g_param_spec_int ("p", NULL, NULL, -5, 64, 1, RW), "+64", "64");
  assert_text (g_param_spec_uint ("p", NULL, NULL, 1, 64, 1, RW), "64", "64");
  assert_text (g_param_spec_char ("p", NULL, NULL, -128, 127, 1, RW), "-128", "-128");
  assert_text (g_param_spec_uchar ("p", NULL, NULL, 0, 255, 1, RW), "255", "255");
  assert_text (g_param_spec_long ("p", NULL, NULL, G_MINLONG, G_MAXLONG, 1, RW), "-7", "-7");
  assert_text (g_param_spec_ulong ("p", NULL, NULL, 0, G_MAXULONG, 1, RW), "7", "7");
  assert_text (g_param_spec_int64 ("p", NULL, NULL, G_MININT64, G_MAXINT64, 1, RW),
               "-9223372036854775808", "-9223372036854775808");
  assert_text (g_param_spec_uint64 ("p", NULL, NULL, 0, G_MAXUINT64, 1, RW),
               "18446744073709551615", "18446744073709551615");

  assert_refused (g_param_spec_int ("p", NULL, NULL, 1, 64, 1, RW), "65",
                  "“65” is not allowed: it takes a whole number from 1 to 64");
  assert_refused (g_param_spec_int ("p", NULL, NULL, 1, 64, 1, RW), "0",
                  "“0” is not allowed: it takes a whole number from 1 to 64");
  assert_refused (g_param_spec_int ("p", NULL, NULL, 1, 64, 1, RW), "10abc",
                  "“10abc” is not allowed: it takes a whole number from 1 to 64");
  assert_refused (g_param_spec_int ("p", NULL, NULL, 1, 64, 1, RW), "1.5",
                  "“1.5” is not allowed: it takes a whole number from 1 to 64");
  assert_refused (g_param_spec_int ("p", NULL, NULL, 1, 64, 1, RW), "",
                  "“” is not allowed: it takes a whole number from 1 to 64");
  assert_refused (g_param_spec_int ("p", NULL, NULL, 1, G_MAXINT, 1, RW), "99999999999999999999",
                  "“99999999999999999999” is not allowed: it takes a whole number of at least 1");
  assert_refused (g_param_spec_int ("p", NULL, NULL, G_MININT, G_MAXINT, 1, RW), "2147483648",
                  "“2147483648” is not allowed: it takes a whole number");
  assert_refused (g_param_spec_int ("p", NULL, NULL, G_MININT, 3, 1, RW), "4",
                  "“4” is not allowed: it takes a whole number of at most 3");
  assert_refused (g_param_spec_uint ("p", NULL, NULL, 0, G_MAXUINT, 1, RW), "-1",
                  "“-1” is not allowed: it takes a whole number of at least 0");
  assert_refused (g_param_spec_uint64 ("p", NULL, NULL, 0, G_MAXUINT64, 1, RW),
                  "18446744073709551616",
                  "“18446744073709551616” is not allowed: it takes a whole number of at least 0");
  assert_refused (g_param_spec_uint ("p", NULL, NULL, 0, 9, 1, RW), "0x1",
                  "“0x1” is not allowed: it takes a whole number from 0 to 9");
}

static void
test_doubles (void)
{
  assert_text (g_param_spec_double ("p", NULL, NULL, 0, 1, 0, RW), "0.25", "0.25");
  assert_text (g_param_spec_double ("p", NULL, NULL, 0, 1, 0, RW), "1e-3", "0.001");
  assert_text (g_param_spec_double ("p", NULL, NULL, 0, 1, 0, RW), "0.1", "0.1");
  assert_text (g_param_spec_float ("p", NULL, NULL, 0, 1, 0, RW), "0.5", "0.5");
  assert_text (g_param_spec_double ("p", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, RW),
               "-1234567.875", "-1234567.875");

  assert_refused (g_param_spec_double ("p", NULL, NULL, 0, 1, 0, RW), "1.5",
                  "“1.5” is not allowed: it takes a number from 0 to 1");
  assert_refused (g_param_spec_double ("p", NULL, NULL, 0, 1, 0, RW), "nan",
                  "“nan” is not allowed: it takes a number from 0 to 1");
  assert_refused (g_param_spec_double ("p", NULL, NULL, 0, G_MAXDOUBLE, 0, RW), "inf",
                  "“inf” is not allowed: it takes a number of at least 0");
  assert_refused (g_param_spec_double ("p", NULL, NULL, 0, G_MAXDOUBLE, 0, RW), "1e999",
                  "“1e999” is not allowed: it takes a number of at least 0");
  assert_refused (g_param_spec_double ("p", NULL, NULL, 0, 1, 0, RW), "0,5",
                  "“0,5” is not allowed: it takes a number from 0 to 1");
}

static void
test_enums (void)
{
  assert_text (g_param_spec_enum ("p", NULL, NULL, AU_TYPE_MODULE_KIND, AU_MODULE_STORE, RW),
               "middleware", "middleware");

  assert_refused (g_param_spec_enum ("p", NULL, NULL, AU_TYPE_MODULE_KIND, AU_MODULE_STORE, RW),
                  "backedn",
                  "“backedn” is not allowed; did you mean “backend”? "
                  "It takes one of store, backend, middleware, serializer, function");
  assert_refused (g_param_spec_enum ("p", NULL, NULL, AU_TYPE_MODULE_KIND, AU_MODULE_STORE, RW),
                  "nonsense",
                  "“nonsense” is not allowed: "
                  "it takes one of store, backend, middleware, serializer, function");
}

static void
test_flags (void)
{
  GType type = G_TYPE_APPLICATION_FLAGS;

  assert_text (g_param_spec_flags ("p", NULL, NULL, type, 0, RW),
               "is-service; handles-open", "is-service;handles-open");
  assert_text (g_param_spec_flags ("p", NULL, NULL, type, 0, RW), "is-launcher", "is-launcher");
  assert_text (g_param_spec_flags ("p", NULL, NULL, type, 0, RW), "", "flags-none");

  assert_refused (g_param_spec_flags ("p", NULL, NULL, type, 0, RW), "is-service;handles-opem",
                  "“handles-opem” is not allowed; did you mean “handles-open”? It takes any of "
                  "flags-none, default-flags, is-service, is-launcher, handles-open, "
                  "handles-command-line, send-environment, non-unique, can-override-app-id, "
                  "allow-replacement, replace, separated by “;”");
}

static void
test_texts (void)
{
  /* As it stands, with all that means something elsewhere. */
  assert_text (g_param_spec_string ("p", NULL, NULL, NULL, RW), " a\\n;b = [c] ", " a\\n;b = [c] ");
  assert_text (g_param_spec_string ("p", NULL, NULL, "x", RW), "", "");
}

static void
assert_list (const char *text,
             const char *written,
             const char *const *expected)
{
  g_autoptr(GParamSpec) pspec =
    g_param_spec_ref_sink (g_param_spec_boxed ("p", NULL, NULL, G_TYPE_STRV, RW));
  g_autoptr(GError) error = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_true (au_param_value_from_text (pspec, text, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpstrv (g_value_get_boxed (&value), (char **) expected);

  assert_text (g_param_spec_boxed ("p", NULL, NULL, G_TYPE_STRV, RW), text, written);
}

static void
test_lists (void)
{
  const char *const none[] = { NULL };
  const char *const three[] = { "a", "b c", "d", NULL };
  const char *const odd[] = { "a;b", "c\\", " d ", NULL };
  const char *const empty[] = { "a", "", "b", "", NULL };

  assert_list ("", "", none);
  assert_list ("a;b c;d", "a;b c;d", three);
  assert_list (" a ;\tb c; d ;", "a;b c;d", three);
  assert_list ("a\\;b;c\\\\;\\ d\\ ", "a\\;b;c\\\\;\\ d\\ ", odd);
  assert_list ("a;;b;;", "a;;b;;", empty);
}

static void
test_variants (void)
{
  assert_text (g_param_spec_variant ("p", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, RW),
               "{'a': <int16 5>, 'b': <'x'>}", "{'a': <int16 5>, 'b': <'x'>}");
  assert_text (g_param_spec_variant ("p", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, RW),
               "{}", "@a{sv} {}");
  assert_text (g_param_spec_variant ("p", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, RW), "5", "5");

  {
    g_autoptr(GParamSpec) pspec = g_param_spec_ref_sink (
      g_param_spec_variant ("p", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, RW));
    g_autoptr(GError) error = NULL;
    GValue value = G_VALUE_INIT;

    g_assert_false (au_param_value_from_text (pspec, "{'a'}", &value, &error));
    g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
    g_assert_true (g_str_has_prefix (error->message,
                                     "“{'a'}” is not allowed: it takes a GVariant of the type "
                                     "a{sv}, in text form ("));
  }
}

static void
test_durations (void)
{
  struct
  {
    const char *text;
    gint64 duration;
    const char *written;
  } good[] = {
    { "0", 0, "0" },
    { "0s", 0, "0" },
    { "7us", 7, "7us" },
    { "7µs", 7, "7us" },
    { "250ms", 250000, "250ms" },
    { "1.5s", 1500000, "1s500ms" },
    { "0.000001s", 1, "1us" },
    { "30s", 30000000, "30s" },
    { "90s", 90000000, "1m30s" },
    { "1h30m", G_GINT64_CONSTANT (5400000000), "1h30m" },
    { "1h30min", G_GINT64_CONSTANT (5400000000), "1h30m" },
    { " 1h 30m ", G_GINT64_CONSTANT (5400000000), "1h30m" },
    { "2d", G_GINT64_CONSTANT (172800000000), "2d" },
    { "-1s", -1000000, "-1s" },
    { "106751991d4h54s775ms807us", G_MAXINT64, "106751991d4h54s775ms807us" },
    { "-106751991d4h54s775ms808us", G_MININT64, "-106751991d4h54s775ms808us" },
  };
  const char *const bad[] = {
    "", "s", "1x", "1.s", ".5s", "30m1h", "1s1s", "1m1min", "1h30", "1s;", "--1s", "1s-",
    "0.5us", "1.0000001s", "1e3s", "1 2s", "0 0", "never", "1H",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *written = NULL;
      GTimeSpan duration = 77;

      g_assert_true (au_duration_from_text (good[i].text, &duration, &error));
      g_assert_no_error (error);
      g_assert_cmpint (duration, ==, good[i].duration);

      written = au_duration_to_text (duration);
      g_assert_cmpstr (written, ==, good[i].written);
      g_assert_true (au_duration_from_text (written, &duration, &error));
      g_assert_cmpint (duration, ==, good[i].duration);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *message =
        g_strdup_printf ("“%s” is not a duration, such as 250ms, 30s, 1h30m or 2d", bad[i]);
      GTimeSpan duration = 77;

      g_assert_false (au_duration_from_text (bad[i], &duration, &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
      g_assert_cmpstr (error->message, ==, message);
      g_assert_cmpint (duration, ==, 77);
    }

  {
    const char *const long_ones[] = { "106751992d", "106751991d4h54s775ms808us",
                                      "99999999999999999999s", "300000000d" };

    for (guint i = 0; i < G_N_ELEMENTS (long_ones); i++)
      {
        g_autoptr(GError) error = NULL;
        g_autofree char *message =
          g_strdup_printf ("“%s” is too long a duration", long_ones[i]);
        GTimeSpan duration;

        g_assert_false (au_duration_from_text (long_ones[i], &duration, &error));
        g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
        g_assert_cmpstr (error->message, ==, message);
      }
  }

  {
    g_autoptr(GError) error = NULL;
    GTimeSpan duration;

    g_assert_false (au_duration_from_text ("30", &duration, &error));
    g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
    g_assert_cmpstr (error->message, ==,
                     "“30” has no unit: write a duration such as 250ms, 30s, 1h30m or 2d");
  }
}

static void
test_duration_properties (void)
{
  assert_text (au_param_spec_duration ("p", NULL, NULL, 0, G_MAXINT64, 0, RW), "90m", "1h30m");
  assert_text (au_param_spec_duration ("p", NULL, NULL, 0, G_MAXINT64, 0, RW), "0", "0");

  assert_refused (au_param_spec_duration ("p", NULL, NULL, 1000, 60000000, 1000, RW), "2m",
                  "“2m” is not allowed: it takes a duration such as 250ms, 30s or 1h30m "
                  "from 1ms to 1m");
  assert_refused (au_param_spec_duration ("p", NULL, NULL, 0, G_MAXINT64, 0, RW), "-1s",
                  "“-1s” is not allowed: it takes a duration such as 250ms, 30s or 1h30m "
                  "of at least 0");
  assert_refused (au_param_spec_duration ("p", NULL, NULL, 0, G_MAXINT64, 0, RW), "30",
                  "“30” has no unit: it takes a duration such as 250ms, 30s or 1h30m "
                  "of at least 0");
}

static void
test_sizes (void)
{
  struct
  {
    const char *text;
    guint64 size;
    const char *written;
  } good[] = {
    { "0", 0, "0" },
    { "512", 512, "512" },
    { "512B", 512, "512" },
    { "64KiB", 65536, "64KiB" },
    { "64kib", 65536, "64KiB" },
    { "64 KiB", 65536, "64KiB" },
    { "1.5MiB", 1572864, "1536KiB" },
    { "2kB", 2000, "2kB" },
    { "2MB", 2000000, "2MB" },
    { "1GB", 1000000000, "1GB" },
    { "3TB", G_GUINT64_CONSTANT (3000000000000), "3TB" },
    { "1TiB", G_GUINT64_CONSTANT (1) << 40, "1TiB" },
    { "18446744073709551615", G_MAXUINT64, "18446744073709551615" },
  };
  const char *const bad[] = { "", "B", "1K", "1XB", "-1", "0.3B", "1.5", "1KiB2", "0x10",
                              "16777216TiB", "18446744073709551616" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GParamSpec) pspec = g_param_spec_ref_sink (
        au_param_spec_size ("p", NULL, NULL, 0, G_MAXUINT64, 0, RW));
      g_auto (GValue) value = G_VALUE_INIT;

      g_assert_true (au_param_value_from_text (pspec, good[i].text, &value, NULL));
      g_assert_cmpuint (g_value_get_uint64 (&value), ==, good[i].size);
      assert_text (au_param_spec_size ("p", NULL, NULL, 0, G_MAXUINT64, 0, RW),
                   good[i].text, good[i].written);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *message =
        g_strdup_printf ("“%s” is not allowed: it takes a size such as 512, 64KiB or 2MB", bad[i]);

      assert_refused (au_param_spec_size ("p", NULL, NULL, 0, G_MAXUINT64, 0, RW),
                      bad[i], message);
    }

  assert_refused (au_param_spec_size ("p", NULL, NULL, 4096, 1 << 20, 4096, RW), "1kB",
                  "“1kB” is not allowed: it takes a size such as 512, 64KiB or 2MB "
                  "from 4KiB to 1MiB");
}

static void
test_rates (void)
{
  struct
  {
    const char *text;
    double rate;
    const char *written;
  } good[] = {
    { "0", 0, "0" },
    { "20/s", 20, "20/s" },
    { "600/min", 10, "10/s" },
    { "10/min", 10.0 / 60, "10/min" },
    { "10/m", 10.0 / 60, "10/min" },
    { "10/h", 10.0 / 3600, "10/h" },
    { "1/d", 1.0 / 86400, "1/d" },
    { "0.5/s", 0.5, "30/min" },
    { " 20 / s ", 20, "20/s" },
    { "0.0001/s", 0.0001, "0.0001/s" },
  };
  const char *const bad[] = { "", "/s", "20/x", "20/", "20s", "20/s/s", "nan/s", "inf/s",
                              "1e999/s", "-1/s" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GParamSpec) pspec = g_param_spec_ref_sink (
        au_param_spec_rate ("p", NULL, NULL, 0, G_MAXDOUBLE, 0, RW));
      g_auto (GValue) value = G_VALUE_INIT;

      g_assert_true (au_param_value_from_text (pspec, good[i].text, &value, NULL));
      g_assert_true (fabs (g_value_get_double (&value) - good[i].rate) < 1e-12);
      assert_text (au_param_spec_rate ("p", NULL, NULL, 0, G_MAXDOUBLE, 0, RW),
                   good[i].text, good[i].written);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *message =
        g_strdup_printf ("“%s” is not allowed: it takes a rate such as 20/s, 600/min or 10/h "
                         "of at least 0", bad[i]);

      assert_refused (au_param_spec_rate ("p", NULL, NULL, 0, G_MAXDOUBLE, 0, RW),
                      bad[i], message);
    }

  assert_refused (au_param_spec_rate ("p", NULL, NULL, 0, 1000, 0, RW), "20",
                  "“20” has no unit: it takes a rate such as 20/s, 600/min or 10/h "
                  "from 0 to 1000/s");
}

static void
test_units (void)
{
  g_autoptr(GParamSpec) duration = g_param_spec_ref_sink (
    au_param_spec_duration ("p", NULL, NULL, 0, 1, 0, RW));
  g_autoptr(GParamSpec) size = g_param_spec_ref_sink (
    au_param_spec_size ("p", NULL, NULL, 0, 1, 0, RW));
  g_autoptr(GParamSpec) rate = g_param_spec_ref_sink (
    au_param_spec_rate ("p", NULL, NULL, 0, 1, 0, RW));
  g_autoptr(GParamSpec) plain = g_param_spec_ref_sink (
    g_param_spec_int64 ("p", NULL, NULL, 0, 1, 0, RW));
  g_autoptr(GParamSpec) overridden = g_param_spec_ref_sink (
    g_param_spec_override ("p", duration));
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_assert_cmpint (au_param_spec_get_unit (duration), ==, AU_UNIT_DURATION);
  g_assert_cmpint (au_param_spec_get_unit (size), ==, AU_UNIT_SIZE);
  g_assert_cmpint (au_param_spec_get_unit (rate), ==, AU_UNIT_RATE);
  g_assert_cmpint (au_param_spec_get_unit (plain), ==, AU_UNIT_NONE);

  /* A class that implements a property of an interface has only a reference to it. */
  g_assert_cmpint (au_param_spec_get_unit (overridden), ==, AU_UNIT_DURATION);
  g_assert_true (au_param_value_from_text (overridden, "1us", &value, NULL));
  text = au_param_value_to_text (overridden, &value);
  g_assert_cmpstr (text, ==, "1us");
}

static void
test_unsupported (void)
{
  g_autoptr(GParamSpec) pspec = g_param_spec_ref_sink (
    g_param_spec_object ("parent", NULL, NULL, G_TYPE_OBJECT, RW));
  g_autoptr(GError) error = NULL;
  GValue value = G_VALUE_INIT;

  g_assert_false (au_param_value_from_text (pspec, "x", &value, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
                   "the property “parent” is GObject, which cannot be given as text: "
                   "set it in the program");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/module/param/booleans", test_booleans);
  g_test_add_func ("/module/param/integers", test_integers);
  g_test_add_func ("/module/param/doubles", test_doubles);
  g_test_add_func ("/module/param/enums", test_enums);
  g_test_add_func ("/module/param/flags", test_flags);
  g_test_add_func ("/module/param/texts", test_texts);
  g_test_add_func ("/module/param/lists", test_lists);
  g_test_add_func ("/module/param/variants", test_variants);
  g_test_add_func ("/module/param/durations", test_durations);
  g_test_add_func ("/module/param/duration-properties", test_duration_properties);
  g_test_add_func ("/module/param/sizes", test_sizes);
  g_test_add_func ("/module/param/rates", test_rates);
  g_test_add_func ("/module/param/units", test_units);
  g_test_add_func ("/module/param/unsupported", test_unsupported);

  return g_test_run ();
}
