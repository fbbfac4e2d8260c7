/* bench-limits.c: what a claim costs past computations that a limit holds up
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-bench.h"

#include <stdio.h>
#include <stdlib.h>

#include <glib/gstdio.h>

#define BATCH (1000)
#define SAMPLES (200)
#define PATIENCE (5.0)

static int n_blocked = 1000000;
static char *folder = NULL;
static char *store_type = NULL;

static void
check (gboolean      fine,
       const GError *error)
{
  if (!fine)
    g_error ("%s", error->message);
}

static AuStore *
open_store (const char *place)
{
  g_autofree char *path = g_build_filename (place, "store", NULL);
  g_autofree char *setting = g_strconcat ("path=", path, NULL);
  const char *settings[] = { setting, "durability=process", NULL };
  const char *const none[] = { NULL };
  g_autoptr(GError) error = NULL;
  GObject *store = au_part_new_from_strings (AU_MODULE_STORE, store_type,
                                             g_str_equal (store_type, "memory") ? none : settings, &error);

  check (store != NULL, error);
  return AU_STORE (store);
}

static void
put (AuStore    *store,
     const char *function,
     guint       n)
{
  g_autofree AuWrite *writes = g_new0 (AuWrite, n);
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_queue (options, "default");
  for (guint i = 0; i < n; i++)
    writes[i].record = au_record_new (NULL, function, NULL, options);
  au_store_write_many (store, writes, n, NULL);
  for (guint i = 0; i < n; i++)
    {
      check (writes[i].error == NULL, writes[i].error);
      au_record_unref (writes[i].record);
      au_record_unref (writes[i].stored);
    }
}

/* Claims one, under a limit of one for “slow” or under none. Returns how often it had to
 * ask for it.
 */
static guint
claim (AuStore   *store,
       guint      limit,
       AuRecord **record)
{
  static const char *const queues[] = { "default", NULL };
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GError) error = NULL;
  guint n_asked = 0;
  gint64 next_due;

  au_claim_set_queues (claim, queues);
  au_claim_set_max (claim, 1);
  au_claim_set_limit (claim, "slow", limit);
  *record = NULL;
  do
    {
      g_autoptr(GPtrArray) records = au_queue_claim (AU_QUEUE (store), claim, &next_due, NULL, &error);

      check (records != NULL, error);
      n_asked++;
      if (records->len > 0)
        *record = au_record_ref (g_ptr_array_index (records, 0));
    }
  while (*record == NULL && next_due != 0);

  return n_asked;
}

static void
finish (AuStore  *store,
        AuRecord *record)
{
  g_autoptr(AuRecord) next = au_transition_complete (record, au_record_get_attempt (record),
                                                     g_variant_new_int64 (0), NULL);
  g_autoptr(GError) error = NULL;

  check (au_store_replace (store, next, au_record_get_revision (record), NULL, &error), error);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;

  return first < second ? -1 : first > second;
}

/* What it takes to claim one that has just been put in, in µs. */
static double
time_claims (AuStore *store,
             guint    limit)
{
  double samples[SAMPLES];
  double end = au_bench_now () + PATIENCE;
  guint n = 0;

  while (n < SAMPLES && (n < 3 || au_bench_now () < end))
    {
      g_autoptr(AuRecord) record = NULL;
      double start;

      put (store, "fast", 1);
      start = au_bench_now ();
      claim (store, limit, &record);
      samples[n++] = (au_bench_now () - start) * 1e6;
      g_assert_nonnull (record);
      g_assert_cmpstr (au_record_get_function (record), ==, "fast");
      finish (store, record);
    }

  qsort (samples, n, sizeof *samples, compare);

  return samples[n / 2];
}

static void
run (const char *place,
     guint       n)
{
  g_autofree char *own = g_strdup_printf ("%s/%u", place, n);
  g_autoptr(AuRecord) running = NULL;
  g_autoptr(AuRecord) first = NULL;
  g_autoptr(AuStore) store = NULL;
  double alone, start, took, past;
  guint n_asked;

  g_assert_no_errno (g_mkdir (own, 0700));
  store = open_store (own);
  alone = time_claims (store, 0);

  put (store, "slow", 1);
  claim (store, 1, &running);
  g_assert_nonnull (running);
  for (guint i = 0; i < n; i += MIN (n - i, BATCH))
    put (store, "slow", MIN (n - i, BATCH));
  put (store, "fast", 1);

  start = au_bench_now ();
  n_asked = claim (store, 1, &first);
  took = au_bench_now () - start;
  g_assert_nonnull (first);
  finish (store, first);

  past = time_claims (store, 1);
  printf ("{\"figure\": \"claim of one past %u without room\", \"store\": \"%s\", \"unit\": \"us\","
          " \"au\": %.4g, \"alone\": %.4g, \"ratio\": %.3g, \"first-ms\": %.4g, \"first-claims\": %u}\n",
          n, store_type, past, alone, past / alone, took * 1e3, n_asked);
  fflush (stdout);
}

int
main (int   argc,
      char *argv[])
{
  const GOptionEntry entries[] = {
    { "blocked", 'b', 0, G_OPTION_ARG_INT, &n_blocked, "How many there is no room for, at most", "N" },
    { "folder", 'f', 0, G_OPTION_ARG_FILENAME, &folder, "Where to put the store", "FOLDER" },
    { "store", 's', 0, G_OPTION_ARG_STRING, &store_type, "sqlite (the default), file or memory", "TYPE" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *place = NULL;
  g_autofree char *command = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  if (store_type == NULL)
    store_type = g_strdup ("sqlite");

  place = g_build_filename (folder != NULL ? folder : g_get_tmp_dir (), "au-bench-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (place));
  for (gint64 n = 10; n < n_blocked; n *= 1000)
    run (place, n);
  run (place, n_blocked);

  command = g_strdup_printf ("rm -r '%s'", place);
  return system (command);
}
