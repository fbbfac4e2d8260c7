/* au-key.c: names of computations
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-fork-private.h"
#include "au-key-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/random.h>

/* A key is 48 bits of milliseconds and 80 bits that no other thread or machine has,
 * five bits to a character. */
#define TIME_LENGTH (10)
#define TIME_MAX ((G_GINT64_CONSTANT (1) << 48) - 1)

/* Crockford's digits: neither i, l, o nor u, and in the order of their codes, so
 * that keys sort as the numbers they stand for. */
static const char digits[32] = {
  '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
  'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
};

typedef struct
{
  guint  epoch;
  gint64 time;
  char   text[AU_KEY_LENGTH + 1];
} KeyState;

/* One for each thread: making a key takes no lock. */
static __thread KeyState thread_state;

static void
key_state_set_time (KeyState *self,
                    gint64    time)
{
  self->time = time;

  for (guint i = TIME_LENGTH; i > 0; i--)
    {
      self->text[i - 1] = digits[time & 31];
      time >>= 5;
    }
}

static void
key_state_seed (KeyState *self)
{
  guint8 noise[AU_KEY_LENGTH - TIME_LENGTH];
  gssize n_read;

  do
    n_read = getrandom (noise, sizeof noise, 0);
  while (n_read < 0 && errno == EINTR);

  if (n_read != sizeof noise)
    {
      for (guint i = 0; i < sizeof noise; i++)
        noise[i] = g_random_int () >> 24;
    }

  for (guint i = 0; i < sizeof noise; i++)
    self->text[TIME_LENGTH + i] = digits[noise[i] & 31];
  self->text[AU_KEY_LENGTH] = '\0';

  self->epoch = au_fork_get_epoch ();
  key_state_set_time (self, self->time);
}

static char
next_digit (char digit)
{
  switch (digit)
    {
    case '9':
      return 'a';
    case 'h':
      return 'j';
    case 'k':
      return 'm';
    case 'n':
      return 'p';
    case 't':
      return 'v';
    default:
      return digit + 1;
    }
}

/* Counts on the text itself, as nearly always only its last character changes. */
static void
key_state_increment (KeyState *self)
{
  for (guint i = AU_KEY_LENGTH; i > TIME_LENGTH; i--)
    {
      if (self->text[i - 1] != 'z')
        {
          self->text[i - 1] = next_digit (self->text[i - 1]);
          return;
        }
      self->text[i - 1] = '0';
    }

  /* all 80 bits were used up: borrow from the future, to stay in order */
  key_state_set_time (self, MIN (self->time + 1, TIME_MAX));
}

/*
 * au_key_write:
 * @buffer: (out caller-allocates): where to put the key, terminated by a zero
 * @real_time: the time, in microseconds since the epoch, UTC
 *
 * Makes a key as [func@Au.key_new] does, for callers that know the time and have
 * the memory.
 *
 * MT safe.
 */
void
au_key_write (char   buffer[AU_KEY_LENGTH + 1],
              gint64 real_time)
{
  KeyState *state = &thread_state;
  gint64 time = MIN (real_time / 1000, TIME_MAX);

  if (G_UNLIKELY (state->epoch != au_fork_get_epoch ()))
    key_state_seed (state);

  /* a clock that was set back must not make keys go back */
  if (time > state->time)
    key_state_set_time (state, time);
  key_state_increment (state);

  memcpy (buffer, state->text, sizeof state->text);
}

/**
 * au_key_new:
 *
 * Makes a key that no other computation has, on any machine.
 *
 * It has 26 characters: the time in milliseconds, then 80 bits which are random for
 * each thread and then counted, in lower-case digits of Crockford's base 32. Keys
 * sort by the time they were made, and those of one thread strictly in the order
 * they were made, even when the clock is set back. They are unique, not secret.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new key
 *
 * Since: 1.0
 */
char *
au_key_new (void)
{
  char *key = g_malloc (AU_KEY_LENGTH + 1);

  au_key_write (key, au_clock_get_real_time ());

  return key;
}

typedef struct
{
  GVariant *entry;
  GVariant *key;
} Entry;

static int
compare_entries (gconstpointer a,
                 gconstpointer b,
                 gpointer      user_data)
{
  const Entry *one = a;
  const Entry *other = b;
  gsize one_size = g_variant_get_size (one->key);
  gsize other_size = g_variant_get_size (other->key);
  gsize size = MIN (one_size, other_size);
  int order = size > 0 ? memcmp (g_variant_get_data (one->key), g_variant_get_data (other->key), size) : 0;

  if (order != 0)
    return order;

  return (one_size > other_size) - (one_size < other_size);
}

/* Leaves the entries of a dictionary in the order of the bytes of their keys. */
static void
sort_entries (GVariant **children,
              gsize      n_children)
{
  g_autofree Entry *entries = g_new (Entry, n_children);

  for (gsize i = 0; i < n_children; i++)
    {
      entries[i].entry = children[i];
      entries[i].key = g_variant_get_child_value (children[i], 0);
    }

  /* stable: of two entries with one key, the order decides which one counts */
  g_qsort_with_data (entries, n_children, sizeof (Entry), compare_entries, NULL);

  for (gsize i = 0; i < n_children; i++)
    {
      children[i] = entries[i].entry;
      g_variant_unref (entries[i].key);
    }
}

/* Gives the same value with all dictionaries sorted, as equal arguments written in
 * another order must give equal keys. */
static GVariant *
sort_dictionaries (GVariant *value)
{
  const GVariantType *type = g_variant_get_type (value);
  g_autofree GVariant **children = NULL;
  GVariant *sorted;
  gsize n_children;

  if (strpbrk (g_variant_get_type_string (value), "{v") == NULL)
    return g_variant_ref (value);

  n_children = g_variant_n_children (value);
  children = g_new0 (GVariant *, n_children + 1);
  for (gsize i = 0; i < n_children; i++)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (value, i);

      children[i] = sort_dictionaries (child);
    }

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_VARIANT:
      sorted = g_variant_new_variant (children[0]);
      break;
    case G_VARIANT_CLASS_MAYBE:
      sorted = g_variant_new_maybe (g_variant_type_element (type), children[0]);
      break;
    case G_VARIANT_CLASS_DICT_ENTRY:
      sorted = g_variant_new_dict_entry (children[0], children[1]);
      break;
    case G_VARIANT_CLASS_TUPLE:
      sorted = g_variant_new_tuple (children, n_children);
      break;
    default:
      if (g_variant_type_is_dict_entry (g_variant_type_element (type)))
        sort_entries (children, n_children);
      sorted = g_variant_new_array (g_variant_type_element (type), children, n_children);
      break;
    }
  g_variant_ref_sink (sorted);

  for (gsize i = 0; i < n_children; i++)
    g_variant_unref (children[i]);

  return sorted;
}

/* The bytes that stand for a value on every machine. */
static GVariant *
normalize (GVariant *value)
{
  g_autoptr(GVariant) normal = g_variant_get_normal_form (value);
  g_autoptr(GVariant) sorted = sort_dictionaries (normal);

#if G_BYTE_ORDER == G_BIG_ENDIAN
  return g_variant_byteswap (sorted);
#else
  return g_steal_pointer (&sorted);
#endif
}

/**
 * au_key_new_for_call:
 * @function: the name of a function
 * @arguments: (nullable): its arguments, %NULL for the unit value; a floating
 *   reference is consumed
 * @salt: (nullable): text that sets this key apart from that of the same call with
 *   another salt, such as a version
 *
 * Makes the key that stands for a call: the same function, arguments and salt give
 * the same key, in every process and on every machine.
 *
 * A computation submitted under such a key is computed once, and its result is
 * found again later. The order of the entries of dictionaries makes no difference.
 * The key is a `c` and 32 hexadecimal digits of a SHA-256 sum.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new key
 *
 * Since: 1.0
 */
char *
au_key_new_for_call (const char *function,
                     GVariant   *arguments,
                     const char *salt)
{
  g_autoptr(GChecksum) checksum = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) normal = NULL;
  const char *type;
  guint64 size;

  g_return_val_if_fail (function != NULL, NULL);

  value = g_variant_ref_sink (arguments != NULL ? arguments : g_variant_new_tuple (NULL, 0));
  normal = normalize (value);
  type = g_variant_get_type_string (normal);
  size = GUINT64_TO_LE ((guint64) g_variant_get_size (normal));

  /* each part ends where it says, so that no two calls give the same bytes */
  checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, (const guchar *) function, strlen (function) + 1);
  g_checksum_update (checksum, (const guchar *) type, strlen (type) + 1);
  g_checksum_update (checksum, (const guchar *) &size, sizeof size);
  if (size > 0)
    g_checksum_update (checksum, g_variant_get_data (normal), g_variant_get_size (normal));
  if (salt != NULL)
    g_checksum_update (checksum, (const guchar *) salt, strlen (salt) + 1);

  return g_strdup_printf ("c%.32s", g_checksum_get_string (checksum));
}

static gboolean
is_key_character (char c)
{
  return g_ascii_isalnum (c) || c == '.' || c == '_' || c == ':' || c == '-';
}

/**
 * au_key_is_valid:
 * @key: a text
 *
 * Tells whether @key may name a computation: 1 to %AU_KEY_MAX_LENGTH letters,
 * digits, dots, underscores, colons and hyphens of ASCII, not starting with a dot.
 *
 * MT safe.
 *
 * Returns: %TRUE if it may
 *
 * Since: 1.0
 */
gboolean
au_key_is_valid (const char *key)
{
  gsize length = 0;

  g_return_val_if_fail (key != NULL, FALSE);

  if (key[0] == '.')
    return FALSE;

  while (length <= AU_KEY_MAX_LENGTH && is_key_character (key[length]))
    length++;

  return length > 0 && length <= AU_KEY_MAX_LENGTH && key[length] == '\0';
}

/* A key that is none may hold anything: nothing of it may confuse a terminal. */
static char *
make_printable (const char *key)
{
  g_autofree char *start = g_strndup (key, AU_KEY_MAX_LENGTH);
  g_autofree char *valid = g_utf8_make_valid (start, -1);
  GString *printable = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (printable, g_unichar_isprint (c) ? c : 0xfffd);
    }
  if (strlen (start) < strlen (key))
    g_string_append (printable, "…");

  return g_string_free (printable, FALSE);
}

/**
 * au_key_check:
 * @key: a text
 * @error: return location for an error
 *
 * Checks that @key may name a computation, as [func@Au.key_is_valid] does.
 *
 * Fails with %AU_ERROR_INVALID_KEY when it may not.
 *
 * MT safe.
 *
 * Returns: %TRUE if it may
 *
 * Since: 1.0
 */
gboolean
au_key_check (const char *key,
              GError    **error)
{
  g_autofree char *printable = NULL;

  g_return_val_if_fail (key != NULL, FALSE);

  if (au_key_is_valid (key))
    return TRUE;

  printable = make_printable (key);
  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_KEY,
               _("“%s” cannot be a key: use 1 to %d letters, digits and “. _ : -” of ASCII, and no dot at the start"),
               printable, AU_KEY_MAX_LENGTH);
  return FALSE;
}
