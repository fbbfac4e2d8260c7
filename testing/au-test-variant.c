/* au-test-variant.c: random values
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-variant-private.h"

#include <math.h>

#define MAX_DEPTH (4)
#define MAX_CHILDREN (5)

/* Of the letters of basic types; a dictionary has keys of those up to “s”. */
static const char basic_types[] = "ybnqiuxtsdog";
#define N_KEY_TYPES (9)

static char
pick_basic (guint n)
{
  return basic_types[g_test_rand_int_range (0, n)];
}

static void
append_type (GString *type,
             guint    depth)
{
  guint n_children = g_test_rand_int_range (0, MAX_CHILDREN);

  switch (depth < MAX_DEPTH ? g_test_rand_int_range (0, 9) : 0)
    {
    case 0:
    case 1:
    case 2:
    case 3:
      g_string_append_c (type, pick_basic (G_N_ELEMENTS (basic_types) - 1));
      break;
    case 4:
      g_string_append_c (type, 'v');
      break;
    case 5:
      g_string_append_c (type, 'm');
      append_type (type, depth + 1);
      break;
    case 6:
      g_string_append_c (type, 'a');
      append_type (type, depth + 1);
      break;
    case 7:
      g_string_append_printf (type, "a{%c", pick_basic (N_KEY_TYPES));
      append_type (type, depth + 1);
      g_string_append_c (type, '}');
      break;
    default:
      g_string_append_c (type, '(');
      for (guint i = 0; i < n_children; i++)
        append_type (type, depth + 1);
      g_string_append_c (type, ')');
    }
}

static char *
pick_text (void)
{
  static const gunichar characters[] = { 'a', 'Z', '0', ' ', '"', '\\', '/', '\n', 0x01, 0x7f, 0xe9, 0x2028, 0x1f986 };
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint n = g_test_rand_int_range (0, 12); n > 0; n--)
    g_string_append_unichar (text, characters[g_test_rand_int_range (0, G_N_ELEMENTS (characters))]);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static double
pick_double (void)
{
  static const double special[] = { 0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, INFINITY, -INFINITY, NAN, 9007199254740993.0 };

  if (g_test_rand_bit ())
    return special[g_test_rand_int_range (0, G_N_ELEMENTS (special))];

  return g_test_rand_double_range (-1e6, 1e6);
}

/* Small and large ones, and all between. */
static guint64
pick_bits (void)
{
  guint64 bits = ((guint64) (guint32) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();

  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return bits % 3;
    case 1:
      return G_MAXUINT64 - bits % 3;
    default:
      return bits >> g_test_rand_int_range (0, 64);
    }
}

static GVariant *
new_basic (char type)
{
  static const char *const paths[] = { "/", "/a", "/a/b_0" };
  static const char *const signatures[] = { "", "s", "a{sv}", "(iasay)" };
  guint64 bits = pick_bits ();
  g_autofree char *text = NULL;

  switch (type)
    {
    case 'y':
      return g_variant_new_byte (bits);
    case 'b':
      return g_variant_new_boolean (bits & 1);
    case 'n':
      return g_variant_new_int16 (bits);
    case 'q':
      return g_variant_new_uint16 (bits);
    case 'i':
      return g_variant_new_int32 (bits);
    case 'u':
      return g_variant_new_uint32 (bits);
    case 'x':
      return g_variant_new_int64 (bits);
    case 't':
      return g_variant_new_uint64 (bits);
    case 'd':
      return g_variant_new_double (pick_double ());
    case 'o':
      return g_variant_new_object_path (paths[bits % G_N_ELEMENTS (paths)]);
    case 'g':
      return g_variant_new_signature (signatures[bits % G_N_ELEMENTS (signatures)]);
    default:
      text = pick_text ();
      return g_variant_new_string (text);
    }
}

static GVariant *new_of_type (const GVariantType *type,
                              guint               depth);

static GVariant *
new_array (const GVariantType *type,
           guint               depth)
{
  g_autoptr(GVariantBuilder) builder = g_variant_builder_new (type);
  const GVariantType *element = g_variant_type_element (type);
  g_autoptr(GHashTable) keys = g_hash_table_new_full (g_variant_hash, g_variant_equal,
                                                      (GDestroyNotify) g_variant_unref, NULL);

  for (guint n = g_test_rand_int_range (0, MAX_CHILDREN); n > 0; n--)
    {
      GVariant *key;

      if (!g_variant_type_is_dict_entry (element))
        {
          g_variant_builder_add_value (builder, new_of_type (element, depth + 1));
          continue;
        }

      key = g_variant_ref_sink (new_basic (g_variant_type_peek_string (g_variant_type_key (element))[0]));
      if (g_hash_table_add (keys, key))
        g_variant_builder_add_value (builder,
                                     g_variant_new_dict_entry (key, new_of_type (g_variant_type_value (element),
                                                                                 depth + 1)));
    }

  return g_variant_builder_end (builder);
}

static GVariant *
new_tuple (const GVariantType *type,
           guint               depth)
{
  g_autoptr(GVariantBuilder) builder = g_variant_builder_new (type);

  for (const GVariantType *child = g_variant_type_first (type); child != NULL; child = g_variant_type_next (child))
    g_variant_builder_add_value (builder, new_of_type (child, depth + 1));

  return g_variant_builder_end (builder);
}

static GVariant *
new_any (guint depth)
{
  g_autoptr(GString) type = g_string_new (NULL);

  append_type (type, depth);

  return new_of_type (G_VARIANT_TYPE (type->str), depth);
}

static GVariant *
new_of_type (const GVariantType *type,
             guint               depth)
{
  if (g_variant_type_is_variant (type))
    return g_variant_new_variant (new_any (depth + 1));
  if (g_variant_type_is_array (type))
    return new_array (type, depth);
  if (g_variant_type_is_tuple (type))
    return new_tuple (type, depth);
  if (g_variant_type_is_maybe (type))
    return g_variant_new_maybe (g_variant_type_element (type),
                                g_test_rand_bit () ? new_of_type (g_variant_type_element (type), depth + 1) : NULL);

  return new_basic (g_variant_type_peek_string (type)[0]);
}

GVariant *
au_test_variant_new_random (void)
{
  return g_variant_ref_sink (new_any (0));
}
