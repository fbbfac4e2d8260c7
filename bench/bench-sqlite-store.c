/* bench-sqlite-store.c: what the store “sqlite” costs beside SQLite itself
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-bench.h"
#include "au-raw-sqlite.h"

#include <stdlib.h>
#include <string.h>

#define LEASE AU_RAW_LEASE

static int n_cycles = 6400;
static int n_ended = 100000;
static int only_group = 0;
static char *folder = NULL;
static char *durability = NULL;

typedef struct
{
  AuStore   *store;
  AuOptions *options;
  AuClaim   *claim;
  AuRaw      raw;
  char      *key;       /* of one that is there */
  guint      group;
} Bench;

/* au */

static void
write_all (AuStore *store,
           AuWrite *writes,
           guint    n)
{
  au_store_write_many (store, writes, n, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_assert_no_error (writes[i].error);
      g_clear_pointer (&writes[i].stored, au_record_unref);
      g_clear_pointer (&writes[i].record, au_record_unref);
    }
}

static GVariant *
new_arguments (void)
{
  static char text[200];

  memset (text, 'x', sizeof text - 1);
  return g_variant_new ("(s)", text);
}

static void
submit (Bench *self,
        guint  n)
{
  AuWrite *writes = g_newa (AuWrite, n);

  for (guint i = 0; i < n; i++)
    writes[i] = (AuWrite) { .record = au_record_new (NULL, "bench", new_arguments (), self->options) };
  write_all (self->store, writes, n);
}

static GPtrArray *
claim (Bench *self,
       guint  n)
{
  g_autoptr(GError) error = NULL;
  GPtrArray *records;

  au_claim_set_max (self->claim, n);
  records = au_queue_claim (AU_QUEUE (self->store), self->claim, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, n);

  return records;
}

static void
finish (Bench     *self,
        GPtrArray *records)
{
  guint n = records->len;
  AuWrite *writes = g_newa (AuWrite, n);

  for (guint i = 0; i < n; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);
      g_autoptr(GVariant) value = g_variant_ref_sink (g_variant_new_int64 (i));

      writes[i] = (AuWrite) {
        .record = au_transition_complete (record, au_record_get_attempt (record), value, NULL),
        .expected = au_record_get_revision (record),
      };
    }
  write_all (self->store, writes, n);
}

static double
run_cycles (gpointer data)
{
  Bench *self = data;
  double start = au_bench_now ();

  for (int i = 0; i < n_cycles; i += self->group)
    {
      g_autoptr(GPtrArray) records = NULL;

      submit (self, self->group);
      records = claim (self, self->group);
      finish (self, records);
    }

  return au_bench_now () - start;
}

static double
run_loads (gpointer data)
{
  Bench *self = data;
  double start = au_bench_now ();

  for (int i = 0; i < n_cycles; i++)
    au_record_unref (au_store_load (self->store, self->key, NULL, NULL));

  return au_bench_now () - start;
}

/* SQLite */

static double
run_raw_cycles (gpointer data)
{
  Bench *bench = data;
  AuRaw *self = &bench->raw;
  guint n = bench->group;
  gint64 *ids = g_newa (gint64, n);
  double start = au_bench_now ();

  for (int i = 0; i < n_cycles; i += n)
    {
      au_raw_submit (self, n);
      g_assert_cmpuint (au_raw_claim (self, ids, n), ==, n);
      au_raw_finish (self, ids, n);
    }

  return au_bench_now () - start;
}

static double
run_raw_loads (gpointer data)
{
  Bench *bench = data;
  AuRaw *self = &bench->raw;
  sqlite3_stmt *statement = au_raw_get (self, AU_SQL_FIND_BY_KEY);
  double start = au_bench_now ();

  for (int i = 0; i < n_cycles; i++)
    {
      sqlite3_bind_text (statement, 1, "00000000000000000000000000", -1, SQLITE_STATIC);
      g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
      sqlite3_column_blob (statement, AU_SQL_ROW_FORM);
      sqlite3_reset (statement);
    }

  return au_bench_now () - start;
}

/* Making both */

static AuStore *
open_store (const char *path)
{
  g_autofree char *path_setting = g_strconcat ("path=", path, NULL);
  g_autofree char *durability_setting = g_strconcat ("durability=", durability, NULL);
  const char *settings[] = { path_setting, durability_setting, NULL };
  g_autoptr(GError) error = NULL;
  AuStore *store = AU_STORE (au_part_new_from_strings (AU_MODULE_STORE, "sqlite", settings, &error));

  if (store == NULL)
    g_error ("%s", error->message);
  return store;
}

/* Much that has ended, to see whether that makes a claim slower. */
static void
fill (Bench *self)
{
  guint group = 500;

  for (int i = 0; i < n_ended; i += group)
    {
      AuWrite *writes = g_new0 (AuWrite, group);

      for (guint j = 0; j < group; j++)
        {
          g_autoptr(AuRecord) record = au_record_new (NULL, "bench", new_arguments (), self->options);

          writes[j].record = au_transition_cancel (record, NULL);
        }
      write_all (self->store, writes, group);
      g_free (writes);
    }
}

static void
run (Bench      *self,
     const char *name,
     guint       group,
     guint       n_runs)
{
  g_autofree char *peer = g_strdup_printf ("SQLite, the same statements, groups of %u", group);
  const AuBenchFigure figure = {
    .name = name, .unit = "cycles/s", .func = run_cycles, .peer = peer, .peer_func = run_raw_cycles,
    .data = self, .n = n_cycles, .is_rate = TRUE,
  };

  if (only_group != 0 && only_group != (int) group)
    return;

  self->group = group;
  au_bench_run (&figure, n_runs);
}

int
main (int   argc,
      char *argv[])
{
  const GOptionEntry entries[] = {
    { "folder", 'f', 0, G_OPTION_ARG_FILENAME, &folder, "Where to put the databases", "FOLDER" },
    { "durability", 'd', 0, G_OPTION_ARG_STRING, &durability, "process or power (the default)", "WHAT" },
    { "number", 'n', 0, G_OPTION_ARG_INT, &n_cycles, "How many cycles a run", "N" },
    { "group", 'g', 0, G_OPTION_ARG_INT, &only_group, "Only cycles in groups of this size", "N" },
    { "ended", 'e', 0, G_OPTION_ARG_INT, &n_ended, "How many that have ended", "N" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("[RUNS]");
  g_autoptr(GError) error = NULL;
  g_autofree char *place = NULL;
  g_autofree char *path = NULL;
  g_autofree char *raw_path = NULL;
  g_autofree char *command = NULL;
  g_autoptr(AuRecord) record = NULL;
  const char *const queues[] = { "q", NULL };
  Bench bench = { NULL };
  guint n_runs;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  n_runs = argc > 1 ? atoi (argv[1]) : 5;
  if (durability == NULL)
    durability = g_strdup ("power");

  place = g_build_filename (folder != NULL ? folder : g_get_tmp_dir (), "au-bench-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (place));
  path = g_build_filename (place, "au.db", NULL);
  raw_path = g_build_filename (place, "raw.db", NULL);

  bench.store = open_store (path);
  bench.options = au_options_new ();
  au_options_set_queue (bench.options, "q");
  bench.claim = au_claim_new ();
  au_claim_set_queues (bench.claim, queues);
  au_claim_set_owner (bench.claim, au_owner_get_own ());
  au_claim_set_lease (bench.claim, LEASE);
  record = au_record_new (NULL, "bench", new_arguments (), bench.options);
  /* the store makes the tables */
  g_object_unref (open_store (raw_path));
  au_raw_open (&bench.raw, raw_path, g_str_equal (durability, "power"), record);

  run (&bench, "cycle, 64 at a time", 64, n_runs);
  run (&bench, "cycle, 8 at a time", 8, n_runs);
  run (&bench, "cycle, one at a time", 1, n_runs);

  {
    g_autoptr(AuRecord) stored = au_store_insert (bench.store, record, NULL, NULL, NULL);
    const AuBenchFigure figure = {
      .name = "load", .unit = "loads/s", .func = run_loads, .peer = "SQLite, without reading the record",
      .peer_func = run_raw_loads, .data = &bench, .n = n_cycles, .is_rate = TRUE,
    };
    bench.key = g_strdup (au_record_get_key (stored));
    au_bench_run (&figure, n_runs);
    au_store_remove (bench.store, bench.key, NULL, NULL);
  }

  if (n_ended > 0)
    {
      g_autofree char *name = g_strdup_printf ("cycle, 64 at a time, beside %d that have ended", n_ended);

      fill (&bench);
      run (&bench, name, 64, n_runs);
    }

  g_object_unref (bench.store);
  g_object_unref (bench.options);
  g_object_unref (bench.claim);
  au_raw_close (&bench.raw);
  g_free (bench.key);
  command = g_strdup_printf ("rm -r '%s'", place);

  return system (command);
}
