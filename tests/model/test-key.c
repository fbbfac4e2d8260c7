/* test-key.c: names of computations
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-key-private.h"

#include <au/au.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIGITS "0123456789abcdefghjkmnpqrstvwxyz"

#define N_THREADS (4)
#define N_KEYS_OF_A_THREAD (250000)

typedef char Key[AU_KEY_LENGTH + 1];

static gint64
get_time (const char *key)
{
  gint64 time = 0;

  for (guint i = 0; i < 10; i++)
    time = time * 32 + (strchr (DIGITS, key[i]) - DIGITS);

  return time;
}

static void
test_key_has_the_time_and_26_digits (void)
{
  g_autofree char *key = NULL;
  gint64 before, after;

  before = au_clock_get_real_time () / 1000;
  key = au_key_new ();
  after = au_clock_get_real_time () / 1000;

  g_assert_cmpuint (strlen (key), ==, 26);
  g_assert_cmpuint (strspn (key, DIGITS), ==, 26);
  g_assert_cmpint (get_time (key), >=, before);
  g_assert_cmpint (get_time (key), <=, after);
  g_assert_true (au_key_is_valid (key));
}

static void
test_key_follows_a_clock_that_tests_move (void)
{
  g_autofree char *key = NULL;

  au_clock_freeze ();
  au_clock_advance (G_TIME_SPAN_DAY);
  key = au_key_new ();
  g_assert_cmpint (get_time (key), ==, au_clock_get_real_time () / 1000);
  au_clock_thaw ();
}

static gpointer
check_order (gpointer data)
{
  /* forward, within one millisecond, and back */
  static const gint64 times[] = { 1000000, 1000001, 2000000, 2000999, 1000, 0, -5, 3000000 };
  Key last = "";
  Key key;

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      for (guint j = 0; j < 100000; j++)
        {
          au_key_write (key, times[i]);
          g_assert_cmpstr (key, >, last);
          memcpy (last, key, sizeof last);
        }
    }
  g_assert_cmpint (get_time (key), ==, 3000);

  return NULL;
}

static guint64
get_count (const char *key)
{
  guint64 count = 0;

  /* the last 60 of the 80 bits */
  for (guint i = AU_KEY_LENGTH - 12; i < AU_KEY_LENGTH; i++)
    count = count * 32 + (strchr (DIGITS, key[i]) - DIGITS);

  return count;
}

static void
test_key_uses_every_number (void)
{
  const guint64 mask = (G_GUINT64_CONSTANT (1) << 60) - 1;
  Key last, key;

  au_key_write (last, 0);
  for (guint i = 0; i < 100000; i++)
    {
      au_key_write (key, 0);
      g_assert_cmpuint (get_count (key), ==, (get_count (last) + 1) & mask);
      memcpy (last, key, sizeof last);
    }
}

static void
test_key_order_is_kept_when_the_clock_is_not (void)
{
  /* the order is that of a thread, and other tests must not be in its past */
  g_thread_join (g_thread_new ("order", check_order, NULL));
}

static gpointer
check_range (gpointer data)
{
  Key key;

  au_key_write (key, G_MAXINT64);
  g_assert_cmpint (get_time (key), ==, (G_GINT64_CONSTANT (1) << 48) - 1);
  g_assert_cmpint (key[0], ==, '7');

  return NULL;
}

static void
test_key_time_is_48_bits (void)
{
  g_thread_join (g_thread_new ("range", check_range, NULL));
}

static gpointer
make_keys (gpointer data)
{
  Key *keys = data;
  gint64 time = au_clock_get_real_time ();

  for (guint i = 0; i < N_KEYS_OF_A_THREAD; i++)
    au_key_write (keys[i], time);

  return NULL;
}

static int
compare_keys (const void *a,
              const void *b)
{
  return memcmp (a, b, sizeof (Key));
}

static void
test_key_threads_make_a_million_different_ones (void)
{
  const guint n_keys = N_THREADS * N_KEYS_OF_A_THREAD;
  g_autofree Key *keys = g_new (Key, n_keys);
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("keys", make_keys, keys + i * N_KEYS_OF_A_THREAD);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  qsort (keys, n_keys, sizeof (Key), compare_keys);
  for (guint i = 1; i < n_keys; i++)
    g_assert_cmpint (compare_keys (keys[i - 1], keys[i]), <, 0);
}

static void
test_key_forked_child_makes_others (void)
{
  const gint64 time = au_clock_get_real_time ();
  Key of_parent, of_child;
  int ends[2];
  int status;
  pid_t child;

  au_key_write (of_parent, time);
  g_assert_cmpint (pipe (ends), ==, 0);

  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      au_key_write (of_child, time);
      _exit (write (ends[1], of_child, sizeof of_child) == sizeof of_child ? 0 : 1);
    }

  au_key_write (of_parent, time);
  g_assert_cmpint (read (ends[0], of_child, sizeof of_child), ==, sizeof of_child);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  close (ends[0]);
  close (ends[1]);

  g_assert_cmpuint (strspn (of_child, DIGITS), ==, AU_KEY_LENGTH);
  /* not the next one, nor one of the next millions, which share the beginning */
  g_assert_cmpint (strncmp (of_parent, of_child, AU_KEY_LENGTH - 4), !=, 0);
}

static char *
key_of (const char *function,
        const char *arguments,
        const char *salt)
{
  g_autoptr(GVariant) value = arguments != NULL ? g_variant_parse (NULL, arguments, NULL, NULL, NULL) : NULL;

  g_assert_true (arguments == NULL || value != NULL);

  return au_key_new_for_call (function, value, salt);
}

static void
test_key_of_a_call_is_always_the_same (void)
{
  static const struct
  {
    const char *function;
    const char *arguments;
    const char *salt;
    const char *key;
  } calls[] = {
    /* stored keys are found by these: they must never change */
    { "f", NULL, NULL, "cd097c2fea27c9aaa65375c42fb584a7d" },
    { "factorial", "(int64 100,)", NULL, "c26457ba426276d1bb746c70dbd92980a" },
    { "factorial", "(int64 100,)", "v2", "ce45cb6838a01f5f759ff8aaea10425f8" },
    { "f", "{'a': <1>, 'b': <'x'>}", NULL, "cc0bbac84b193517b541e9c5d153d7a66" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autofree char *key = key_of (calls[i].function, calls[i].arguments, calls[i].salt);

      g_assert_cmpstr (key, ==, calls[i].key);
      g_assert_true (au_key_is_valid (key));
      g_assert_cmpuint (strlen (key), ==, 33);
    }
}

static void
test_key_of_another_call_is_another (void)
{
  static const struct
  {
    const char *function;
    const char *arguments;
    const char *salt;
  } calls[] = {
    { "f", "()", NULL },
    { "g", "()", NULL },
    { "f", "()", "" },
    { "f", "()", "a" },
    { "f", "(1,)", NULL },
    { "f", "(uint32 1,)", NULL },
    { "f", "(int64 1,)", NULL },
    { "f", "('1',)", NULL },
    { "f", "('ab','c')", NULL },
    { "f", "('a','bc')", NULL },
    { "f", "(<1>,)", NULL },
    { "f", "({1:'a'},)", NULL },
    { "f", "({1:'b'},)", NULL },
    { "f", "([1,2],)", NULL },
    { "f", "([2,1],)", NULL },
    { "f", "([('a',1)],)", NULL },
    { "f", "({'a':1},)", NULL },
    { "f", "({'a':1,'b':2},)", NULL },
    { "f", "({'a':2,'b':1},)", NULL },
  };
  g_autoptr(GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    g_assert_true (g_hash_table_add (keys, key_of (calls[i].function, calls[i].arguments, calls[i].salt)));
}

static void
test_key_of_a_call_ignores_the_order_of_dictionaries (void)
{
  static const char *const pairs[][2] = {
    { "@a{sv} {'a': <1>, 'b': <2>, 'ab': <3>}", "@a{sv} {'ab': <3>, 'b': <2>, 'a': <1>}" },
    { "({1: 'x', 2: 'y'},)", "({2: 'y', 1: 'x'},)" },
    { "({'o': <{'a': <1>, 'b': <2>}>},)", "({'o': <{'b': <2>, 'a': <1>}>},)" },
    { "([{'a': 1, 'b': 2}],)", "([{'b': 2, 'a': 1}],)" },
    { "(@ma{si} {'a': 1, 'b': 2},)", "(@ma{si} {'b': 2, 'a': 1},)" },
    { "({objectpath '/b': byte 1, '/a': 2},)", "({objectpath '/a': byte 2, '/b': 1},)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *one = key_of ("f", pairs[i][0], NULL);
      g_autofree char *other = key_of ("f", pairs[i][1], NULL);

      g_assert_cmpstr (one, ==, other);
    }
}

static void
test_key_of_a_call_does_not_depend_on_its_bytes (void)
{
  /* the padding of the tuple is not zero, so it is not in normal form */
  static const guint8 bytes[] = { 1, 0xff, 0xff, 0xff, 2, 0, 0, 0 };
  g_autoptr(GVariant) odd = g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE ("(yu)"), bytes, sizeof bytes,
                                                                         FALSE, NULL, NULL));
  g_autofree char *one = au_key_new_for_call ("f", odd, NULL);
  g_autofree char *other = au_key_new_for_call ("f", g_variant_new ("(yu)", 1, GUINT32_TO_LE (2)), NULL);

  g_assert_false (g_variant_is_normal_form (odd));
  g_assert_cmpstr (one, ==, other);
}

static const char *const valid_keys[] = { "a", "0", "-", "_", ":", "a.b", "A-Z_0:9.", "01m7y44qtsw5txswgfc416g6yp" };

static const char *const invalid_keys[] = {
  "", ".", "..", ".hidden", "../x", "a/b", "/", "a b", "a\n", "é", "a\\b", "a*", "\xff", "a%2f", "~", "a,b", "\x1b[31m",
};

static void
test_key_of_a_user_is_checked (void)
{
  g_autofree char *longest = g_strnfill (128, 'a');
  g_autofree char *longer = g_strnfill (129, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (valid_keys); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_true (au_key_check (valid_keys[i], &error));
      g_assert_no_error (error);
      g_assert_true (au_key_is_valid (valid_keys[i]));
    }
  g_assert_true (au_key_is_valid (longest));
  g_assert_false (au_key_is_valid (longer));

  for (guint i = 0; i < G_N_ELEMENTS (invalid_keys); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (au_key_is_valid (invalid_keys[i]));
      g_assert_false (au_key_check (invalid_keys[i], &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_KEY);
    }
}

static void
test_key_message_cannot_harm_a_terminal (void)
{
  static const struct
  {
    const char *key;
    const char *quoted;
  } keys[] = {
    { "../x", "“../x”" },
    { "a\x1b[31mb\n", "“a\uFFFD[31mb\uFFFD”" },
    { "a\xff", "“a\uFFFD”" },
    { "a\u202Eb", "“a\uFFFDb”" },
  };
  g_autofree char *huge = g_strnfill (1000000, ' ');
  g_autoptr(GError) too_long = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (au_key_check (keys[i].key, &error));
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, keys[i].quoted));
    }

  g_assert_false (au_key_check (huge, &too_long));
  g_assert_cmpuint (strlen (too_long->message), <, 500);
  g_assert_nonnull (strstr (too_long->message, "…”"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/key/has-the-time-and-26-digits", test_key_has_the_time_and_26_digits);
  g_test_add_func ("/key/uses-every-number", test_key_uses_every_number);
  g_test_add_func ("/key/order-is-kept-when-the-clock-is-not", test_key_order_is_kept_when_the_clock_is_not);
  g_test_add_func ("/key/time-is-48-bits", test_key_time_is_48_bits);
  g_test_add_func ("/key/threads-make-a-million-different-ones", test_key_threads_make_a_million_different_ones);
  g_test_add_func ("/key/forked-child-makes-others", test_key_forked_child_makes_others);
  g_test_add_func ("/key/follows-a-clock-that-tests-move", test_key_follows_a_clock_that_tests_move);
  g_test_add_func ("/key/of-a-call/is-always-the-same", test_key_of_a_call_is_always_the_same);
  g_test_add_func ("/key/of-a-call/is-another-for-another", test_key_of_another_call_is_another);
  g_test_add_func ("/key/of-a-call/ignores-the-order-of-dictionaries", test_key_of_a_call_ignores_the_order_of_dictionaries);
  g_test_add_func ("/key/of-a-call/does-not-depend-on-its-bytes", test_key_of_a_call_does_not_depend_on_its_bytes);
  g_test_add_func ("/key/of-a-user/is-checked", test_key_of_a_user_is_checked);
  g_test_add_func ("/key/of-a-user/message-cannot-harm-a-terminal", test_key_message_cannot_harm_a_terminal);

  return g_test_run ();
}
