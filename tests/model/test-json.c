/* test-json.c: values as JSON text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-json-private.h"

#include <au/au.h>

#include <string.h>

#define N_RANDOM_VALUES (10000)
#define N_RANDOM_TEXTS (20000)

/* Makes a type at random, at most @depth levels deep. */
static void
append_random_type (GString *type,
                    guint    depth)
{
  static const char basic[] = "bynqiuxtdsog";
  guint kind = depth > 0 ? g_test_rand_int_range (0, 8) : 0;
  guint n_items;

  switch (kind)
    {
    case 3:
      g_string_append_c (type, 'v');
      break;
    case 4:
      g_string_append_c (type, 'm');
      append_random_type (type, depth - 1);
      break;
    case 5:
      g_string_append_c (type, 'a');
      append_random_type (type, depth - 1);
      break;
    case 6:
      g_string_append (type, "a{");
      g_string_append_c (type, g_test_rand_bit () ? 's' : basic[g_test_rand_int_range (0, strlen (basic))]);
      append_random_type (type, depth - 1);
      g_string_append_c (type, '}');
      break;
    case 7:
      n_items = g_test_rand_int_range (0, 4);
      g_string_append_c (type, '(');
      for (guint i = 0; i < n_items; i++)
        append_random_type (type, depth - 1);
      g_string_append_c (type, ')');
      break;
    default:
      g_string_append_c (type, basic[g_test_rand_int_range (0, strlen (basic))]);
      break;
    }
}

static guint64
random_integer (void)
{
  /* as many small ones as large ones */
  guint64 bits = ((guint64) (guint32) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();

  return bits >> g_test_rand_int_range (0, 64);
}

static double
random_double (void)
{
  static const double odd[] = { 0.0, -0.0, 1.0, 5e-324, 1.7976931348623157e308, G_MAXDOUBLE, G_MINDOUBLE };
  union { guint64 bits; double number; } any;

  if (g_test_rand_int_range (0, 4) == 0)
    return odd[g_test_rand_int_range (0, G_N_ELEMENTS (odd))];

  do
    any.bits = ((guint64) (guint32) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();
  while (any.number != any.number); /* no NaN has an equal */

  return any.number;
}

static char *
random_string (void)
{
  GString *string = g_string_new (NULL);
  guint length = g_test_rand_int_range (0, 12);

  for (guint i = 0; i < length; i++)
    {
      gunichar c;

      do
        c = g_test_rand_bit () ? g_test_rand_int_range (1, 128) : g_test_rand_int_range (1, 0x110000);
      while (!g_unichar_validate (c));
      g_string_append_unichar (string, c);
    }

  return g_string_free (string, FALSE);
}

static GVariant *random_value (const GVariantType *type,
                               guint               depth);

static GVariant *
random_container (const GVariantType *type,
                  guint               depth)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, type);
  if (g_variant_type_is_array (type))
    {
      guint length = g_test_rand_int_range (0, 4);

      for (guint i = 0; i < length; i++)
        g_variant_builder_add_value (&builder, random_value (g_variant_type_element (type), depth));
    }
  else
    {
      for (const GVariantType *item = g_variant_type_first (type); item != NULL; item = g_variant_type_next (item))
        g_variant_builder_add_value (&builder, random_value (item, depth));
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
random_value (const GVariantType *type,
              guint               depth)
{
  g_autofree char *string = NULL;
  g_autoptr(GString) inner = NULL;

  switch (*(const char *) type)
    {
    case 'b':
      return g_variant_new_boolean (g_test_rand_bit ());
    case 'y':
      return g_variant_new_byte (random_integer ());
    case 'n':
      return g_variant_new_int16 (random_integer ());
    case 'q':
      return g_variant_new_uint16 (random_integer ());
    case 'i':
      return g_variant_new_int32 (random_integer ());
    case 'u':
      return g_variant_new_uint32 (random_integer ());
    case 'x':
      return g_variant_new_int64 (random_integer ());
    case 't':
      return g_variant_new_uint64 (random_integer ());
    case 'd':
      return g_variant_new_double (random_double ());
    case 's':
      string = random_string ();
      return g_variant_new_string (string);
    case 'o':
      return g_variant_new_object_path (g_test_rand_bit () ? "/" : "/org/example/a_1");
    case 'g':
      return g_variant_new_signature (g_test_rand_bit () ? "" : "a{sv}(ii)");
    case 'v':
      inner = g_string_new (NULL);
      append_random_type (inner, depth);
      return g_variant_new_variant (random_value ((const GVariantType *) inner->str, depth > 0 ? depth - 1 : 0));
    case 'm':
      if (g_test_rand_bit ())
        return g_variant_new_maybe (g_variant_type_element (type), NULL);
      return g_variant_new_maybe (NULL, random_value (g_variant_type_element (type), depth));
    default:
      return random_container (type, depth);
    }
}

static void
assert_round_trip (GVariant *value,
                   gboolean  pretty)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *json = au_json_from_variant (value, pretty);
  g_autoptr(GVariant) read = NULL;

  g_assert_nonnull (json);
  read = au_json_to_variant (json, -1, g_variant_get_type (value), &error);
  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (read));
  g_assert_cmpvariant (read, value);
}

static void
test_json_random_values_round_trip (void)
{
  for (guint i = 0; i < N_RANDOM_VALUES; i++)
    {
      g_autoptr(GString) type = g_string_new (NULL);
      g_autoptr(GVariant) value = NULL;

      append_random_type (type, 4);
      value = g_variant_ref_sink (random_value ((const GVariantType *) type->str, 3));
      assert_round_trip (value, i % 2);
    }
}

static const struct
{
  const char *value;
  const char *json;
} forms[] = {
  { "true", "true" },
  { "byte 0xff", "255" },
  { "int16 -5", "-5" },
  { "uint32 4294967295", "4294967295" },
  { "int64 9007199254740992", "9007199254740992" },
  { "int64 9007199254740993", "\"9007199254740993\"" },
  { "int64 -9007199254740992", "-9007199254740992" },
  { "int64 -9007199254740993", "\"-9007199254740993\"" },
  { "int64 -9223372036854775808", "\"-9223372036854775808\"" },
  { "uint64 18446744073709551615", "\"18446744073709551615\"" },
  { "1.0", "1.0" },
  { "-0.0", "-0.0" },
  { "0.1", "0.1" },
  { "1e300", "1e+300" },
  { "1.7976931348623157e+308", "1.7976931348623157e+308" },
  { "''", "\"\"" },
  { "'a\"b\\\\c/d'", "\"a\\\"b\\\\c/d\"" },
  { "'\\n\\t\\r\\b\\f\\v\\u0001\\u007f'", "\"\\n\\t\\r\\b\\f\\u000b\\u0001\\u007f\"" },
  { "'é 🦆'", "\"é 🦆\"" },
  { "objectpath '/a/b'", "\"/a/b\"" },
  { "signature 'a{sv}'", "\"a{sv}\"" },
  { "@ay []", "\"\"" },
  { "@ay [0]", "\"AA==\"" },
  { "b'abc'", "\"YWJjAA==\"" },
  { "@ay [1,2,3]", "\"AQID\"" },
  { "@aay [[1],[]]", "[\"AQ==\",\"\"]" },
  { "@ai []", "[]" },
  { "[1,2]", "[1,2]" },
  { "()", "[]" },
  { "('a',1)", "[\"a\",1]" },
  { "@a{sv} {}", "{}" },
  { "{'a':1,'b c':2}", "{\"a\":1,\"b c\":2}" },
  { "{'a':<1>}", "{\"a\":{\"type\":\"i\",\"value\":1}}" },
  { "[{'a',1},{'a',2}]", "[[\"a\",1],[\"a\",2]]" },
  { "@a{ss} {'0':'','1':'','2':'','3':'','4':'','5':'','6':'','7':'','8':''}",
    "{\"0\":\"\",\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\",\"5\":\"\",\"6\":\"\",\"7\":\"\",\"8\":\"\"}" },
  { "[{'0',1},{'1',2},{'2',3},{'3',4},{'4',5},{'5',6},{'6',7},{'7',8},{'0',9}]",
    "[[\"0\",1],[\"1\",2],[\"2\",3],[\"3\",4],[\"4\",5],[\"5\",6],[\"6\",7],[\"7\",8],[\"0\",9]]" },
  { "{1:'a',2:'b'}", "[[1,\"a\"],[2,\"b\"]]" },
  { "{objectpath '/':1}", "[[\"/\",1]]" },
  { "{'a',1}", "[\"a\",1]" },
  { "@mi nothing", "null" },
  { "just 5", "5" },
  { "@mmi nothing", "null" },
  { "@mmi just nothing", "[null]" },
  { "@mmi 5", "[5]" },
  { "@mmmi just just nothing", "[[null]]" },
  { "@m() just ()", "[]" },
  { "@mai just []", "[]" },
  { "<<'s'>>", "{\"type\":\"v\",\"value\":{\"type\":\"s\",\"value\":\"s\"}}" },
};

static void
test_json_has_the_documented_form (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = g_variant_parse (NULL, forms[i].value, NULL, NULL, &error);
      g_autofree char *json = NULL;

      g_assert_no_error (error);
      json = au_json_from_variant (value, FALSE);
      g_assert_cmpstr (json, ==, forms[i].json);
      assert_round_trip (value, FALSE);
      assert_round_trip (value, TRUE);
    }
}

static void
test_json_pretty_is_indented (void)
{
  g_autoptr(GVariant) value = g_variant_ref_sink (g_variant_new_parsed ("('a', {'b': [1, 2]}, @ai [], @a{ss} {})"));
  g_autofree char *json = au_json_from_variant (value, TRUE);

  g_assert_cmpstr (json, ==,
                   "[\n"
                   "  \"a\",\n"
                   "  {\n"
                   "    \"b\": [\n"
                   "      1,\n"
                   "      2\n"
                   "    ]\n"
                   "  },\n"
                   "  [],\n"
                   "  {}\n"
                   "]");
}

static void
test_json_no_numbers_are_strings (void)
{
  static const char *const texts[] = { "\"NaN\"", "\"Infinity\"", "\"-Infinity\"" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = au_json_to_variant (texts[i], -1, G_VARIANT_TYPE_DOUBLE, &error);
      g_autofree char *json = NULL;

      g_assert_no_error (error);
      json = au_json_from_variant (value, FALSE);
      g_assert_cmpstr (json, ==, texts[i]);
    }
}

/* as text of GVariant; NULL where the JSON does not fit */
static const struct
{
  const char *json;
  const char *type;
  const char *value;
} readings[] = {
  { " \t\r\n 1 \n", "i", "1" },
  { "1e3", "i", "1000" },
  { "5.0", "x", "5" },
  { "-0", "i", "0" },
  { "-0", "d", "-0.0" },
  { "1.5", "i", NULL },
  { "1e20", "x", NULL },
  { "9007199254740994.0", "x", NULL },
  { "9223372036854775807", "x", "9223372036854775807" },
  { "-9223372036854775808", "x", "-9223372036854775808" },
  { "9223372036854775808", "x", NULL },
  { "9223372036854775807", "t", "9223372036854775807" },
  { "18446744073709551615", "t", NULL },
  { "\"18446744073709551615\"", "t", "18446744073709551615" },
  { "\"18446744073709551616\"", "t", NULL },
  { "\"5\"", "t", "5" },
  { "\"-5\"", "t", NULL },
  { "-5", "t", NULL },
  { "\"-9223372036854775808\"", "x", "-9223372036854775808" },
  { "\"-9223372036854775809\"", "x", NULL },
  { "\" 5\"", "x", NULL },
  { "\"0x5\"", "x", NULL },
  { "\"5\"", "i", NULL },
  { "255", "y", "0xff" },
  { "256", "y", NULL },
  { "-1", "y", NULL },
  { "-32768", "n", "-32768" },
  { "-32769", "n", NULL },
  { "65535", "q", "65535" },
  { "65536", "q", NULL },
  { "2147483648", "i", NULL },
  { "4294967296", "u", NULL },
  { "1", "d", "1.0" },
  { "100000000000000000000", "d", "1e+20" },
  { "1e-400", "d", "0.0" },
  { "\"nan\"", "d", NULL },
  { "\"1\"", "d", NULL },
  { "true", "d", NULL },
  { "true", "i", NULL },
  { "1", "b", NULL },
  { "\"true\"", "b", NULL },
  { "null", "s", NULL },
  { "1", "s", NULL },
  { "\"\\u00e9\\uD83E\\udd86\\/\"", "s", "'é🦆/'" },
  { "\"a\"", "o", NULL },
  { "\"/a\"", "o", "'/a'" },
  { "\"{\"", "g", NULL },
  { "\"YQ==\"", "ay", "[0x61]" },
  { "\"YQ=\"", "ay", NULL },
  { "\"Y===\"", "ay", NULL },
  { "\"Y Q=\"", "ay", NULL },
  { "\"YQ==YQ==\"", "ay", NULL },
  { "[1,2]", "ay", NULL },
  { "{}", "ai", NULL },
  { "[]", "a{sv}", "{}" },
  { "[[\"a\",1]]", "a{si}", "{'a': 1}" },
  { "[[\"a\"]]", "a{si}", NULL },
  { "{\"a\":1}", "a{oi}", NULL },
  { "5", "a{si}", NULL },
  { "[1]", "(i)", "(1,)" },
  { "[]", "(i)", NULL },
  { "[1,2]", "(i)", NULL },
  { "{}", "(i)", NULL },
  { "[5]", "mmi", "5" },
  { "5", "mmi", NULL },
  { "[5,6]", "mmi", NULL },
  { "{\"type\":\"i\",\"value\":1}", "v", "<1>" },
  { "{\"value\":1,\"type\":\"i\"}", "v", "<1>" },
  { "{\"type\":\"i\"}", "v", NULL },
  { "{\"type\":\"i\",\"value\":1,\"more\":1}", "v", NULL },
  { "{\"type\":\"a*\",\"value\":[]}", "v", NULL },
  { "{\"type\":\"zz\",\"value\":[]}", "v", NULL },
  { "{\"type\":1,\"value\":1}", "v", NULL },
  { "1", "v", NULL },
};

static void
test_json_fits_the_type_or_is_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (readings); i++)
    {
      const GVariantType *type = G_VARIANT_TYPE (readings[i].type);
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = au_json_to_variant (readings[i].json, -1, type, &error);

      g_test_message ("%s as %s", readings[i].json, readings[i].type);
      if (readings[i].value == NULL)
        {
          g_assert_null (value);
          g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
        }
      else
        {
          g_autofree char *printed = NULL;

          g_assert_no_error (error);
          g_assert_true (g_variant_is_of_type (value, type));
          g_assert_true (g_variant_is_normal_form (value));
          printed = g_variant_print (value, FALSE);
          g_assert_cmpstr (printed, ==, readings[i].value);
        }
    }
}

static const struct
{
  const char *json;
  const char *value;
} natural[] = {
  { "true", "true" },
  { "-5", "int64 -5" },
  { "9223372036854775807", "int64 9223372036854775807" },
  { "1.5", "1.5" },
  { "1e2", "100.0" },
  { "-0", "-0.0" },
  { "\"a\"", "'a'" },
  { "null", "@mv nothing" },
  { "[]", "@av []" },
  { "[1,\"a\",null]", "[<int64 1>, <'a'>, <@mv nothing>]" },
  { "{}", "@a{sv} {}" },
  { "{\"b\":1,\"a\":[{}]}", "{'b': <int64 1>, 'a': <[<@a{sv} {}>]>}" },
};

static void
test_json_without_a_type_takes_the_natural_one (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (natural); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = au_json_to_variant (natural[i].json, -1, NULL, &error);
      g_autofree char *printed = NULL;

      g_assert_no_error (error);
      g_assert_false (g_variant_is_floating (value));
      printed = g_variant_print (value, TRUE);
      g_assert_cmpstr (printed, ==, natural[i].value);
    }
}

static const struct
{
  const char *json;
  const char *position;
} malformed[] = {
  { "", "1:1" },
  { "  ", "1:3" },
  { "\n\n é", "3:2" },
  { "[1,\n 2,\n  x]", "3:3" },
  { "\"é\" x", "1:5" },
  { "[", "1:2" },
  { "[1", "1:3" },
  { "[1,", "1:4" },
  { "[1,]", "1:4" },
  { "[1 2]", "1:4" },
  { "{", "1:2" },
  { "{a:1}", "1:2" },
  { "{'a':1}", "1:2" },
  { "{\"a\"}", "1:5" },
  { "{\"a\":1,}", "1:8" },
  { "{\"a\":1,\"a\":2}", "1:8" },
  { "{\"a\":1,\"\\u0061\":2}", "1:8" },
  { "// no\n1", "1:1" },
  { "/* no */ 1", "1:1" },
  { "tru", "1:1" },
  { "True", "1:1" },
  { "nul", "1:1" },
  { "truest", "1:5" },
  { "NaN", "1:1" },
  { "Infinity", "1:1" },
  { "-", "1:2" },
  { "-x", "1:2" },
  { "+1", "1:1" },
  { ".5", "1:1" },
  { "1.", "1:3" },
  { "1.e5", "1:3" },
  { "1e", "1:3" },
  { "1e+", "1:4" },
  { "01", "1:2" },
  { "0x10", "1:2" },
  { "1e400", "1:1" },
  { "-1e400", "1:1" },
  { "9223372036854775808", "1:1" },
  { "123456789012345678901234567890", "1:1" },
  { "\"", "1:1" },
  { "\"a", "1:1" },
  { "\"a\\", "1:3" },
  { "\"\\x\"", "1:2" },
  { "\"\\u12\"", "1:2" },
  { "\"\\u12g4\"", "1:2" },
  { "\"\\u0000\"", "1:2" },
  { "\"\\ud800\"", "1:2" },
  { "\"\\ud800\\u0041\"", "1:2" },
  { "\"\\udc00\"", "1:2" },
  { "\"\x01\"", "1:2" },
  { "\"a\nb\"", "1:3" },
  { "\"\xff\"", "1:2" },
  { "\"\xed\xa0\x80\"", "1:2" },
  { "1 2", "1:3" },
  { "\xef\xbb\xbf" "1", "1:1" },
};

static void
test_json_malformed_text_is_refused_with_its_place (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = au_json_to_variant (malformed[i].json, -1, NULL, &error);
      g_autofree char *expected = g_strdup_printf (" at %s: ", malformed[i].position);

      g_assert_null (value);
      g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, expected));
    }
}

static void
test_json_length_is_respected (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = au_json_to_variant ("123456", 3, G_VARIANT_TYPE_INT32, &error);
  g_autoptr(GVariant) nothing = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (value), ==, 123);

  nothing = au_json_to_variant ("1\0002", 3, G_VARIANT_TYPE_INT32, &error);
  g_assert_null (nothing);
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

static void
test_json_says_where_it_does_not_fit (void)
{
  static const struct
  {
    const char *json;
    const char *type;
    const char *place;
  } cases[] = {
    { "1", "s", "$ " },
    { "[1,2,\"x\"]", "ai", "$[2] " },
    { "[[],[{\"name\":5}]]", "aa{ss}", "$[1]" },
    { "[{\"name\":5}]", "aa{ss}", "$[0].name " },
    { "{\"a b\":{\"\":[true]}}", "a{sa{sai}}", "$[\"a b\"][\"\"][0] " },
    { "[[\"k\",{\"type\":\"ai\",\"value\":[1,null]}]]", "a{sv}", "$[0][1].value[1] " },
    { "{\"type\":\"?\",\"value\":[1,null]}", "v", "$.type " },
    { "[[[\"x\"]]]", "mm(i)", "$[0][0] " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = au_json_to_variant (cases[i].json, -1, G_VARIANT_TYPE (cases[i].type), &error);

      g_assert_null (value);
      g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].place));
    }
}

static char *
make_nested (guint depth)
{
  GString *json = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append_c (json, '[');
  for (guint i = 0; i < depth; i++)
    g_string_append_c (json, ']');

  return g_string_free (json, FALSE);
}

static void
test_json_deep_nesting_is_refused (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *deepest = make_nested (64);
  g_autofree char *deeper = make_nested (65);
  g_autofree char *abyss = make_nested (1000000);
  g_autoptr(GVariant) value = au_json_to_variant (deepest, -1, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);

  g_assert_null (au_json_to_variant (deeper, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_assert_null (au_json_to_variant (abyss, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

static void
test_json_writes_what_it_can_read_or_nothing (void)
{
  GVariant *value = g_variant_new_int32 (1);
  g_autofree char *json = NULL;

  for (guint i = 0; i < AU_JSON_MAX_DEPTH; i++)
    value = g_variant_new_variant (value);
  g_variant_ref_sink (value);
  assert_round_trip (value, FALSE);

  json = au_json_from_variant (g_variant_new_variant (value), FALSE);
  g_assert_null (json);
  g_variant_unref (value);
}

static void
test_json_handles_are_refused (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_json_from_variant (g_variant_new_handle (0), FALSE));
  g_assert_null (au_json_from_variant (g_variant_new_parsed ("{'a': <handle 0>}"), TRUE));

  g_assert_null (au_json_to_variant ("0", -1, G_VARIANT_TYPE_HANDLE, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
  g_clear_error (&error);

  g_assert_null (au_json_to_variant ("[{\"type\":\"h\",\"value\":1}]", -1, G_VARIANT_TYPE ("av"), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
}

/* Whatever comes in: a value of the type or an error, never both and never neither. */
static void
test_json_damaged_text_never_crashes (void)
{
  g_autoptr(GString) seed = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    g_string_append_printf (seed, "%s%s", i == 0 ? "[" : ",", forms[i].json);
  g_string_append_c (seed, ']');

  for (guint i = 0; i < N_RANDOM_TEXTS; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = NULL;
      g_autofree char *text = NULL;
      guint start = g_test_rand_int_range (0, seed->len);
      guint length = g_test_rand_int_range (0, seed->len - start + 1);
      guint n_damages = g_test_rand_int_range (0, 4);
      gboolean typed = g_test_rand_bit ();

      text = g_memdup2 (seed->str + start, length);
      for (guint j = 0; j < n_damages && length > 0; j++)
        text[g_test_rand_int_range (0, length)] = g_test_rand_bit () ? g_test_rand_int () : "[]{}\",:\\0-e."[g_test_rand_int_range (0, 13)];

      value = au_json_to_variant (text != NULL ? text : "", length, typed ? G_VARIANT_TYPE ("av") : NULL, &error);
      g_assert_true ((value != NULL) != (error != NULL));
    }
}

static void
test_json_floating_values_are_consumed (void)
{
  GVariant *value = g_variant_new_string ("a");
  g_autofree char *json = NULL;

  g_variant_ref (value);
  json = au_json_from_variant (value, FALSE);
  g_assert_false (g_variant_is_floating (value));
  g_variant_unref (value);
}

static void
test_json_nodes_hold_the_same (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = g_variant_parse (NULL, forms[i].value, NULL, NULL, &error);
      g_autoptr(JsonNode) node = au_json_node_from_variant (value);
      g_autoptr(GVariant) read = NULL;

      g_assert_nonnull (node);
      read = au_json_node_to_variant (node, g_variant_get_type (value), &error);
      g_assert_no_error (error);
      g_assert_cmpvariant (read, value);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json/random-values-round-trip", test_json_random_values_round_trip);
  g_test_add_func ("/json/has-the-documented-form", test_json_has_the_documented_form);
  g_test_add_func ("/json/pretty-is-indented", test_json_pretty_is_indented);
  g_test_add_func ("/json/no-numbers-are-strings", test_json_no_numbers_are_strings);
  g_test_add_func ("/json/fits-the-type-or-is-refused", test_json_fits_the_type_or_is_refused);
  g_test_add_func ("/json/without-a-type-takes-the-natural-one", test_json_without_a_type_takes_the_natural_one);
  g_test_add_func ("/json/malformed-text-is-refused-with-its-place", test_json_malformed_text_is_refused_with_its_place);
  g_test_add_func ("/json/length-is-respected", test_json_length_is_respected);
  g_test_add_func ("/json/says-where-it-does-not-fit", test_json_says_where_it_does_not_fit);
  g_test_add_func ("/json/deep-nesting-is-refused", test_json_deep_nesting_is_refused);
  g_test_add_func ("/json/writes-what-it-can-read-or-nothing", test_json_writes_what_it_can_read_or_nothing);
  g_test_add_func ("/json/handles-are-refused", test_json_handles_are_refused);
  g_test_add_func ("/json/damaged-text-never-crashes", test_json_damaged_text_never_crashes);
  g_test_add_func ("/json/floating-values-are-consumed", test_json_floating_values_are_consumed);
  g_test_add_func ("/json/nodes-hold-the-same", test_json_nodes_hold_the_same);

  return g_test_run ();
}
