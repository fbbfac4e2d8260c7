/* bench-memory-store.c: what the store “memory” costs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Prints one line of JSON for each figure. The peer is what one would write by hand:
 * a GHashTable behind a GMutex, without any of the checks that a store makes.
 */

#include "au-bench.h"

#include <stdlib.h>

/* Few enough for the caches of the processor, as records in use are. */
#define N_RECORDS (1000)
#define N_ROUNDS (100)

#define N_MANY (200000)

typedef struct
{
  AuStore    *store;
  AuRecord  **pending;
  AuRecord  **running;
  AuRecord  **completed;

  GMutex      lock;
  GHashTable *table;
} Bench;

static AuStore *
new_store (void)
{
  g_autoptr(GError) error = NULL;
  AuStore *store = au_part_new (AU_MODULE_STORE, "memory", &error, NULL);

  if (store == NULL)
    g_error ("%s", error->message);
  return store;
}

static void
check (gboolean fine)
{
  if (!fine)
    g_error ("the store has refused a change");
}

static void
insert_all (AuStore   *store,
            AuRecord **records,
            guint      n)
{
  for (guint i = 0; i < n; i++)
    au_record_unref (au_store_insert (store, records[i], NULL, NULL, NULL));
}

static void
replace_all (AuStore   *store,
             AuRecord **records,
             guint64    expected)
{
  for (guint i = 0; i < N_RECORDS; i++)
    check (au_store_replace (store, records[i], expected, NULL, NULL));
}

static void
remove_all (AuStore   *store,
            AuRecord **records)
{
  for (guint i = 0; i < N_RECORDS; i++)
    check (au_store_remove (store, au_record_get_key (records[i]), NULL, NULL));
}

static double
measure_insert (gpointer data)
{
  Bench *bench = data;
  double time = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      time -= au_bench_now ();
      insert_all (bench->store, bench->pending, N_RECORDS);
      time += au_bench_now ();
      remove_all (bench->store, bench->pending);
    }

  return time;
}

static double
measure_replace (gpointer data)
{
  Bench *bench = data;
  double time = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      insert_all (bench->store, bench->pending, N_RECORDS);
      time -= au_bench_now ();
      replace_all (bench->store, bench->running, 1);
      replace_all (bench->store, bench->completed, 2);
      time += au_bench_now ();
      remove_all (bench->store, bench->pending);
    }

  return time;
}

static double
measure_load (gpointer data)
{
  Bench *bench = data;
  double time;

  insert_all (bench->store, bench->pending, N_RECORDS);
  time = au_bench_now ();
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (guint i = 0; i < N_RECORDS; i++)
        au_record_unref (au_store_load (bench->store, au_record_get_key (bench->pending[i]), NULL, NULL));
    }
  time = au_bench_now () - time;
  remove_all (bench->store, bench->pending);

  return time;
}

/* The peer */

static void
table_put (Bench    *bench,
           AuRecord *record)
{
  g_mutex_lock (&bench->lock);
  g_hash_table_replace (bench->table, g_strdup (au_record_get_key (record)), au_record_ref (record));
  g_mutex_unlock (&bench->lock);
}

static double
measure_table_insert (gpointer data)
{
  Bench *bench = data;
  double time = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      time -= au_bench_now ();
      for (guint i = 0; i < N_RECORDS; i++)
        table_put (bench, bench->pending[i]);
      time += au_bench_now ();
      g_hash_table_remove_all (bench->table);
    }

  return time;
}

static double
measure_table_replace (gpointer data)
{
  Bench *bench = data;
  double time = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (guint i = 0; i < N_RECORDS; i++)
        table_put (bench, bench->pending[i]);
      time -= au_bench_now ();
      for (guint i = 0; i < N_RECORDS; i++)
        table_put (bench, bench->running[i]);
      for (guint i = 0; i < N_RECORDS; i++)
        table_put (bench, bench->completed[i]);
      time += au_bench_now ();
      g_hash_table_remove_all (bench->table);
    }

  return time;
}

static double
measure_table_load (gpointer data)
{
  Bench *bench = data;
  double time;

  for (guint i = 0; i < N_RECORDS; i++)
    table_put (bench, bench->pending[i]);
  time = au_bench_now ();
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (guint i = 0; i < N_RECORDS; i++)
        {
          AuRecord *record;

          g_mutex_lock (&bench->lock);
          record = au_record_ref (g_hash_table_lookup (bench->table, au_record_get_key (bench->pending[i])));
          g_mutex_unlock (&bench->lock);
          au_record_unref (record);
        }
    }
  time = au_bench_now () - time;
  g_hash_table_remove_all (bench->table);

  return time;
}

/* What a record takes in the store, besides itself. */
static double
measure_memory (gpointer data)
{
  AuRecord **records = g_new (AuRecord *, N_MANY);
  g_autoptr(AuStore) store = new_store ();
  double size;

  for (guint i = 0; i < N_MANY; i++)
    records[i] = au_record_new (NULL, "f", NULL, NULL);

  size = au_bench_resident ();
  insert_all (store, records, N_MANY);
  size = au_bench_resident () - size;

  for (guint i = 0; i < N_MANY; i++)
    au_record_unref (records[i]);
  g_free (records);

  return size / N_MANY;
}

int
main (int    argc,
      char **argv)
{
  guint n_runs = argc > 1 ? MAX (atoi (argv[1]), 1) : 7;
  Bench bench = {
    .pending = g_new (AuRecord *, N_RECORDS),
    .running = g_new (AuRecord *, N_RECORDS),
    .completed = g_new (AuRecord *, N_RECORDS),
  };
  const double n = N_ROUNDS * N_RECORDS;
  const char *peer = "GMutex and GHashTable";
  const AuBenchFigure figures[] = {
    { "memory-store.memory", "bytes a record", measure_memory },
    { "memory-store.insert", "s", measure_insert, peer, measure_table_insert, &bench, n, FALSE },
    { "memory-store.replace", "s", measure_replace, peer, measure_table_replace, &bench, 2 * n, FALSE },
    { "memory-store.load", "s", measure_load, peer, measure_table_load, &bench, n, FALSE },
  };

  bench.store = new_store ();
  bench.table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) au_record_unref);
  g_mutex_init (&bench.lock);
  for (guint i = 0; i < N_RECORDS; i++)
    {
      bench.pending[i] = au_record_new (NULL, "f", g_variant_new ("(u)", i), NULL);
      bench.running[i] = au_transition_begin (bench.pending[i], NULL, 0, NULL);
      bench.completed[i] = au_transition_complete (bench.running[i], 1, NULL, NULL);
    }

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    au_bench_run (&figures[i], i == 0 ? 1 : n_runs);

  for (guint i = 0; i < N_RECORDS; i++)
    {
      au_record_unref (bench.pending[i]);
      au_record_unref (bench.running[i]);
      au_record_unref (bench.completed[i]);
    }
  g_free (bench.pending);
  g_free (bench.running);
  g_free (bench.completed);
  g_hash_table_unref (bench.table);
  g_mutex_clear (&bench.lock);
  g_object_unref (bench.store);

  return 0;
}
