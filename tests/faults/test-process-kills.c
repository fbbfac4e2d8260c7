/* test-process-kills.c: many computations, while worker processes are killed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "../plugins/process-fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* “AU_FAULTS=10000” makes it as many as were promised. */
#define N_COMPUTATIONS (1500)
/* One worker is killed for so many that have ended. */
#define PER_KILL (15)
#define AHEAD (500)

static guint
get_n_computations (void)
{
  const char *text = g_getenv ("AU_FAULTS");
  guint64 n;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, 10000000, &n, NULL) ? n : N_COMPUTATIONS;
}

/* The children of this process, whichever thread has made them. */
static GArray *
list_children (void)
{
  g_autoptr(GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  GArray *children = g_array_new (FALSE, FALSE, sizeof (int));
  const char *thread;

  while ((thread = g_dir_read_name (threads)) != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/children", thread);
      g_autofree char *text = NULL;
      g_auto(GStrv) words = NULL;

      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      words = g_strsplit (text, " ", -1);
      for (guint i = 0; words[i] != NULL; i++)
        {
          int pid = atoi (words[i]);

          if (pid > 0)
            g_array_append_val (children, pid);
        }
    }

  return children;
}

/* One that has answered already: who kills three in a row that have just been started is
 * told that none can be. */
static guint
kill_one (GRand      *rand,
          GHashTable *answered)
{
  g_autoptr(GArray) children = list_children ();

  for (guint i = children->len; i-- > 0; )
    {
      if (!g_hash_table_contains (answered, GINT_TO_POINTER (g_array_index (children, int, i))))
        g_array_remove_index_fast (children, i);
    }
  if (children->len == 0)
    return 0;

  kill (g_array_index (children, int, g_rand_int_range (rand, 0, children->len)), SIGKILL);

  return 1;
}

/* Its items need no reader: who waits for another one does not read. */
static AuHandle *
submit_count (AuEngine *engine)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(GError) error = NULL;
  AuHandle *handle;

  au_options_set_ahead (options, -1);
  handle = au_engine_submit (engine, "trial.count", g_variant_new ("(u)", 5), options, &error);
  g_assert_no_error (error);

  return handle;
}

/* Short ones, large ones, and such as hand over memory or give items. */
static AuHandle *
submit_one (AuEngine *engine,
            guint     number)
{
  static guint8 bytes[100000];

  switch (number % 8)
    {
    case 0:
      return process_submit (engine, "trial.echo",
                             g_variant_new ("(@ay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes,
                                                                                sizeof bytes, 1)));
    case 1:
      return process_submit (engine, "trial.built", g_variant_new ("(t)", (guint64) 50000));
    case 2:
      return submit_count (engine);
    case 3:
      return process_submit (engine, "trial.async", NULL);
    case 4:
      return process_submit (engine, "trial.pid", NULL);
    default:
      return process_submit (engine, "trial.square", g_variant_new ("(x)", (gint64) number));
    }
}

static void
assert_ended (AuHandle   *handle,
              guint       number,
              GHashTable *answered,
              guint      *n_lost)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  if (!au_handle_wait (handle, -1, NULL, &error))
    g_assert_error (error, AU_ERROR, AU_ERROR_WORKER_LOST);

  record = au_handle_dup_record (handle);
  g_assert_true (au_status_is_terminal (au_record_get_status (record)));
  *n_lost += au_record_get_lost (record);
  if (error != NULL || number % 8 < 4)
    return;

  value = au_handle_dup_result (handle, &error);
  g_assert_no_error (error);
  if (number % 8 == 4)
    g_hash_table_add (answered, GINT_TO_POINTER (g_variant_get_int32 (value)));
  else
    g_assert_cmpint (g_variant_get_int64 (value), ==, (gint64) number * number);
}

static guint64
get_count (AuMiddleware *metrics,
           const char   *name)
{
  g_autoptr(GVariant) snapshot = NULL;
  guint64 count = 0;

  g_object_get (metrics, "snapshot", &snapshot, NULL);
  g_assert_true (g_variant_lookup (snapshot, name, "t", &count));

  return count;
}

static guint
count_shared_memory (void)
{
  g_autofree char *text = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents ("/proc/self/maps", &text, NULL, NULL));
  for (const char *place = text; (place = strstr (place, "/memfd:au")) != NULL; place++)
    n++;

  return n;
}

/* Each is recorded once, none is lost, and nothing of the workers is left. */
static void
test_random_kills (void)
{
  const guint n = get_n_computations ();
  guint n_fds = process_count_fds ();
  AuEngine *engine = process_engine (process_backend ("max-workers=4;pause=0"));
  g_autoptr(GError) error = NULL;
  g_autoptr(AuMiddleware) metrics = au_part_new (AU_MODULE_MIDDLEWARE, "metrics", &error, NULL);
  g_autoptr(GRand) rand = g_rand_new_with_seed (4711);
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GHashTable) answered = g_hash_table_new (NULL, NULL);
  guint n_kills = 0, n_lost = 0;

  g_assert_no_error (error);
  au_engine_add_middleware (engine, metrics);

  for (guint i = 0; i < n; i++)
    {
      while (handles->len < MIN (i + AHEAD, n))
        g_ptr_array_add (handles, submit_one (engine, handles->len));
      assert_ended (g_ptr_array_index (handles, i), i, answered, &n_lost);
      if (i % PER_KILL == 0)
        n_kills += kill_one (rand, answered);
    }
  g_ptr_array_set_size (handles, 0);

  g_assert_cmpuint (get_count (metrics, "submitted"), ==, n);
  g_assert_cmpuint (get_count (metrics, "completed") + get_count (metrics, "failed"), ==, n);
  g_assert_cmpuint (get_count (metrics, "lost"), ==, n_lost);
  g_test_message ("%u computations, %u kills; %" G_GUINT64_FORMAT " completed, %" G_GUINT64_FORMAT " failed, %u attempts lost",
                  n, n_kills, get_count (metrics, "completed"), get_count (metrics, "failed"), n_lost);

  g_assert_cmpuint (n_kills, >, n / PER_KILL / 4);

  process_close (engine);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);

  /* The thread that gave the last item may be about to close its worker's socket. */
  while (process_count_fds () > n_fds)
    g_thread_yield ();
  g_assert_cmpuint (count_shared_memory (), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  process_init (&argc, &argv);

  g_test_add_func ("/faults/process/random-kills", test_random_kills);

  return g_test_run ();
}
