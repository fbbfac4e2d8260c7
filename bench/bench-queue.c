/* bench-queue.c: what it costs to leave work to other processes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-bench.h"
#include "au-queue-peers.h"
#include "au-raw-sqlite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OUTSTANDING (AU_QUEUE_PEERS_OUTSTANDING)
#define PAGE (100)

static const char *const none[] = { NULL };

static int n_computations = 20000;
static int n_alone = 1000;
static int n_delayed = 100000;
static int n_kills = 20;
static int n_followed = 0;
static int n_finished = 100000;
static int n_soaked = 0;
static int n_of_peers = 5000;
static char *folder = NULL;
static char *durability = NULL;

/* Functions, which run in the worker */

/* When it was started: all processes of a machine have the same monotonic clock. */
static GVariant *
stamp (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GError   **error)
{
  return g_variant_new_int64 (g_get_monotonic_time ());
}

/* Holds its first worker until that is killed; the second attempt says when it began. */
static GVariant *
stick (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GError   **error)
{
  if (au_call_get_attempt (call) == 1)
    {
      const char *path;

      g_variant_get (arguments, "(&s)", &path);
      g_file_set_contents (path, "", 0, NULL);
      g_usleep (60 * G_USEC_PER_SEC);
    }

  return g_variant_new_int64 (g_get_monotonic_time ());
}

static const AuFunctionEntry functions[] = {
  { "stamp", "()", "x", stamp, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "stick", "(s)", "x", stick, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL }
};

static gpointer
make_part (AuModuleKind        kind,
           const char         *name,
           const char * const *settings)
{
  g_autoptr(GError) error = NULL;
  GObject *part = au_part_new_from_strings (kind, name, settings, &error);

  if (part == NULL)
    g_error ("%s", error->message);

  return part;
}

static AuStore *
open_store (const char *path)
{
  g_autofree char *path_setting = g_strconcat ("path=", path, NULL);
  g_autofree char *durability_setting = g_strconcat ("durability=", durability, NULL);
  const char *settings[] = { path_setting, durability_setting, NULL };

  return make_part (AU_MODULE_STORE, "sqlite", settings);
}

/* The peer: two processes, SQLite, and a pipe each way */

/* Claims and finishes whatever there is, each time that it is told to look. */
G_NORETURN static void
run_raw_worker (const char *path)
{
  g_autoptr(AuRecord) record = au_record_new (NULL, "stamp", NULL, NULL);
  gint64 ids[OUTSTANDING];
  AuRaw raw;
  char told[OUTSTANDING];

  au_raw_open (&raw, path, g_str_equal (durability, "power"), record);
  while (read (STDIN_FILENO, told, sizeof told) > 0)
    {
      guint8 n;

      while ((n = au_raw_claim (&raw, ids, OUTSTANDING)) > 0)
        {
          au_raw_finish (&raw, ids, n);
          if (write (STDOUT_FILENO, &n, 1) != 1)
            g_error ("nobody reads");
        }
    }
  exit (0);
}

static void
start_raw_worker (const char *path,
                  int        *to,
                  int        *from)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  const char *argv[] = { program, "--raw-worker", path, "--durability", durability, NULL };
  g_autoptr(GError) error = NULL;

  if (!g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, to, from, NULL,
                                 &error))
    g_error ("%s", error->message);
}

G_NORETURN static void
run_worker (const char *path)
{
  static const char *const settings[] = { "max-workers=1", NULL };
  g_autoptr(AuStore) store = open_store (path);
  g_autoptr(AuBackend) backend = make_part (AU_MODULE_BACKEND, "thread", settings);
  g_autoptr(AuEngine) engine = au_engine_new_with_parts (store, backend);
  g_autoptr(GError) error = NULL;
  AuWorker *worker = g_initable_new (AU_TYPE_WORKER, NULL, &error, "engine", engine,
                                     "slots", OUTSTANDING, NULL);

  if (worker == NULL || !au_worker_start (worker, &error))
    g_error ("%s", error->message);

  /* until it is killed */
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static GPid
start_worker (const char *path)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  const char *argv[] = { program, "--worker", path, "--durability", durability, NULL };
  g_autoptr(GError) error = NULL;
  GPid pid;

  if (!g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error))
    g_error ("%s", error->message);

  return pid;
}

/* The program that leaves work to it */

typedef struct
{
  char     *path;
  AuStore  *store;
  AuEngine *engine;
  GPid      worker;

  AuRaw     raw;
  int       to_raw;
  int       from_raw;
} Bench;

static AuHandle *
submit (Bench      *self,
        const char *function,
        GVariant   *arguments)
{
  g_autoptr(GError) error = NULL;
  AuHandle *handle = au_engine_submit (self->engine, function, arguments, NULL, &error);

  if (handle == NULL)
    g_error ("%s", error->message);

  return handle;
}

static gint64
wait_for (AuHandle *handle)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;

  if (!au_handle_wait (handle, -1, NULL, &error))
    g_error ("%s", error->message);
  value = au_handle_dup_result (handle, &error);
  if (value == NULL)
    g_error ("%s", error->message);

  return g_variant_get_int64 (value);
}

static double
run_many (gpointer data)
{
  Bench *self = data;
  AuHandle *handles[OUTSTANDING] = { NULL };
  double start = au_bench_now ();

  for (int i = 0; i < n_computations + OUTSTANDING; i++)
    {
      AuHandle **handle = &handles[i % OUTSTANDING];

      if (*handle != NULL)
        wait_for (*handle);
      g_clear_object (handle);
      if (i < n_computations)
        *handle = submit (self, "stamp", NULL);
    }

  return au_bench_now () - start;
}

static void
raw_submit (Bench *self,
            guint  n)
{
  au_raw_submit (&self->raw, n);
  if (write (self->to_raw, "*", 1) != 1)
    g_error ("nobody works");
}

static guint
raw_wait (Bench *self)
{
  guint8 n;

  if (read (self->from_raw, &n, 1) != 1)
    g_error ("nobody works");
  return n;
}

static double
run_raw_many (gpointer data)
{
  Bench *self = data;
  double start = au_bench_now ();
  int n_left = n_computations;
  int n_there = 0;

  while (n_left + n_there > 0)
    {
      int n = MIN (OUTSTANDING - n_there, n_left);

      if (n > 0)
        raw_submit (self, n);
      n_left -= n;
      n_there += n;
      n_there -= raw_wait (self);
    }

  return au_bench_now () - start;
}

/* Figures of many samples */

static int
compare (const void *a,
         const void *b)
{
  double difference = *(const double *) a - *(const double *) b;

  return difference < 0 ? -1 : difference > 0;
}

static void
print_samples (const char *figure,
               const char *unit,
               double     *samples,
               int         n)
{
  qsort (samples, n, sizeof *samples, compare);
  printf ("{\"figure\": \"%s\", \"unit\": \"%s\", \"samples\": %d, \"median\": %.4g, \"p99\": %.4g, \"max\": %.4g}\n",
          figure, unit, n, samples[n / 2], samples[(int) (n * 0.99)], samples[n - 1]);
  fflush (stdout);
}

static void
run_alone (Bench *self)
{
  g_autofree double *whole = g_new (double, n_alone);
  g_autofree double *raw = g_new (double, n_alone);
  g_autofree double *waking = g_new (double, n_alone);

  for (int i = 0; i < n_alone; i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr(AuHandle) handle = submit (self, "stamp", NULL);

      gint64 began = wait_for (handle);
      whole[i] = g_get_monotonic_time () - start;
      waking[i] = began - start;
      /* the worker is asleep again */
      g_usleep (2000);

      start = g_get_monotonic_time ();
      raw_submit (self, 1);
      raw_wait (self);
      raw[i] = g_get_monotonic_time () - start;
    }
  print_samples ("one alone, from submission to its result from another process", "us", whole, n_alone);
  print_samples ("of that, to the start of the function", "us", waking, n_alone);
  print_samples ("the same by SQLite and pipes", "us", raw, n_alone);

  for (int i = 0; i < n_alone; i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();
      g_autoptr(AuRecord) record = NULL;
      g_autoptr(AuRecord) stored = NULL;
      g_autoptr(AuHandle) handle = NULL;
      gint64 acknowledged;

      au_options_set_queue (options, "default");
      record = au_record_new (NULL, "stamp", NULL, options);
      stored = au_store_insert (self->store, record, NULL, NULL, NULL);
      acknowledged = g_get_monotonic_time ();
      handle = au_engine_get_handle (self->engine, au_record_get_key (stored), NULL, NULL);
      waking[i] = wait_for (handle) - acknowledged;
      g_usleep (2000);
    }
  print_samples ("a worker that sleeps, from acknowledgement to the start of the function", "us",
                 waking, n_alone);
}

static void
run_kills (Bench *self)
{
  g_autofree double *samples = g_new (double, n_kills);

  for (int i = 0; i < n_kills; i++)
    {
      g_autofree char *sign = g_strdup_printf ("%s-started-%d", self->path, i);
      g_autoptr(AuHandle) handle = submit (self, "stick", g_variant_new ("(s)", sign));
      GPid other;
      gint64 killed;

      while (!g_file_test (sign, G_FILE_TEST_EXISTS))
        g_usleep (1000);
      other = start_worker (self->path);
      g_usleep (300 * 1000);

      killed = g_get_monotonic_time ();
      kill (self->worker, SIGKILL);
      samples[i] = (wait_for (handle) - killed) / 1000.0;
      g_spawn_close_pid (self->worker);
      self->worker = other;
      unlink (sign);
    }
  print_samples ("kill -9 of a worker, until another one starts what it ran", "ms", samples, n_kills);
}

/* What those that do not change cost who waits for one that does. */
static void
run_followed (Bench *self)
{
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuOptions) options = au_options_new ();
  const int n = 100;
  double cpu;

  au_options_set_queue (options, "later");
  au_options_set_delay (options, G_TIME_SPAN_DAY);
  for (int i = 0; i < n_followed; i++)
    {
      g_autoptr(GError) error = NULL;
      AuHandle *handle = au_engine_submit (self->engine, "stamp", NULL, options, &error);

      g_assert_no_error (error);
      g_ptr_array_add (handles, handle);
    }
  {
    g_autoptr(AuHandle) last = submit (self, "stamp", NULL);

    wait_for (last);
  }

  cpu = clock () / (double) CLOCKS_PER_SEC;
  for (int i = 0; i < n; i++)
    {
      g_autoptr(AuHandle) handle = submit (self, "stamp", NULL);

      wait_for (handle);
    }
  cpu = clock () / (double) CLOCKS_PER_SEC - cpu;
  printf ("{\"figure\": \"processor time of one alone while %d others are followed\", \"unit\": \"us\", \"au\": %.4g}\n",
          n_followed, cpu / n * 1e6);
  fflush (stdout);
}

static double
insert_delayed (Bench     *self,
                AuOptions *options,
                int        n)
{
  enum { GROUP = 500 };
  double start = au_bench_now ();

  for (int i = 0; i < n; i += GROUP)
    {
      AuWrite writes[GROUP] = { { NULL } };

      for (int j = 0; j < GROUP; j++)
        writes[j].record = au_record_new (NULL, "stamp", NULL, options);
      au_store_write_many (self->store, writes, GROUP, NULL);
      for (int j = 0; j < GROUP; j++)
        {
          g_assert_no_error (writes[j].error);
          au_record_unref (writes[j].stored);
          au_record_unref (writes[j].record);
        }
    }

  return n / (au_bench_now () - start);
}

/* What a page takes in the middle of what is there. */
static double
list_page (Bench      *self,
           const char *after)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GError) error = NULL;
  double samples[11];

  au_query_set_queue (query, "later");
  au_query_set_after_key (query, after);
  au_query_set_limit (query, PAGE);
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      double start = au_bench_now ();
      g_autoptr(GPtrArray) page = au_store_list (self->store, query, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (page->len, ==, PAGE);
      samples[i] = (au_bench_now () - start) * 1e6;
    }
  qsort (samples, G_N_ELEMENTS (samples), sizeof *samples, compare);

  return samples[G_N_ELEMENTS (samples) / 2];
}

static void
run_delayed (Bench *self)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autofree char *middle = NULL;

  au_options_set_queue (options, "later");
  au_options_set_due (options, au_clock_get_real_time () + G_TIME_SPAN_DAY);
  for (int tenth = 1; tenth <= 10; tenth++)
    {
      double rate;

      if (tenth == 6)
        middle = au_key_new ();
      rate = insert_delayed (self, options, n_delayed / 10);
      if (tenth != 1 && tenth != 10)
        continue;

      printf ("{\"figure\": \"delayed computations put in, with %d there\", \"unit\": \"1/s\", \"au\": %.4g}\n",
              n_delayed / 10 * tenth, rate);
      printf ("{\"figure\": \"a page of %d of them, from the first one\", \"unit\": \"us\", \"au\": %.4g}\n",
              PAGE, list_page (self, NULL));
      if (middle != NULL)
        printf ("{\"figure\": \"a page of %d of them, from the middle\", \"unit\": \"us\", \"au\": %.4g}\n",
                PAGE, list_page (self, middle));
      fflush (stdout);
    }
}

/* Claims beside what has ended */

static void
check (gboolean      fine,
       const GError *error)
{
  if (!fine)
    g_error ("%s", error->message);
}

static void
put_some (AuStore *store,
          int      n)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(GError) error = NULL;

  au_options_set_queue (options, "default");
  for (int i = 0; i < n; i++)
    {
      g_autoptr(AuRecord) record = au_record_new (NULL, "stamp", NULL, options);
      gboolean created;
      AuRecord *stored = au_store_insert (store, record, &created, NULL, &error);

      check (stored != NULL, error);
      au_record_unref (stored);
    }
}

static void
finish_some (AuStore   *store,
             GPtrArray *records)
{
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < records->len; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);
      g_autoptr(AuRecord) next = au_transition_complete (record, au_record_get_attempt (record),
                                                         g_variant_new_int64 (0), NULL);

      check (au_store_replace (store, next, au_record_get_revision (record), NULL, &error), error);
    }
}

/* Copies the one that has ended, as many times as it takes. */
static void
copy_ended (const char *path,
            int         first,
            int         n)
{
  static const char columns[] = "revision, status, live, created, expires, function, queue, place, priority,"
                                " due, lease, owner, attempt, concurrency_key, arguments_file, value_file, crc, form";
  g_autofree char *sql =
    g_strdup_printf ("PRAGMA synchronous=OFF;"
                     "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                     " INSERT INTO record (key, %s) SELECT printf('f%%010d', i), %s"
                     " FROM n, (SELECT * FROM record WHERE live IS NULL LIMIT 1)",
                     first, first + n - 1, columns, columns);
  sqlite3 *handle;
  char *wrong = NULL;

  if (n == 0)
    return;
  if (sqlite3_open (path, &handle) != SQLITE_OK || sqlite3_exec (handle, sql, NULL, NULL, &wrong) != SQLITE_OK)
    g_error ("%s", wrong);
  sqlite3_close (handle);
}

/* What it takes to claim one, when so many are asked for at a time. */
static double
time_claims (AuStore *store,
             guint    max)
{
  enum { N = 2048 };
  static const char *const queues[] = { "default", NULL };
  g_autoptr(AuClaim) claim = au_claim_new ();
  double samples[N];
  guint n = N / max;

  au_claim_set_queues (claim, queues);
  au_claim_set_max (claim, max);
  put_some (store, N);
  for (guint i = 0; i < n; i++)
    {
      double start = au_bench_now ();
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) records = au_queue_claim (AU_QUEUE (store), claim, NULL, NULL, &error);

      check (records != NULL, error);
      g_assert_cmpuint (records->len, ==, max);
      samples[i] = (au_bench_now () - start) * 1e6 / max;
      finish_some (store, records);
    }
  qsort (samples, n, sizeof *samples, compare);

  return samples[n / 2];
}

static void
run_finished (const char *place)
{
  g_autofree char *path = g_build_filename (place, "finished.db", NULL);
  g_autofree char *setting = g_strconcat ("path=", path, NULL);
  const char *settings[] = { setting, "durability=process", NULL };
  g_autoptr(AuStore) store = make_part (AU_MODULE_STORE, "sqlite", settings);
  int counts[] = { 0, n_finished / 10, n_finished };
  int there = 0;

  time_claims (store, 64);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      copy_ended (path, there, counts[i] - there);
      there = counts[i];
      printf ("{\"figure\": \"claim of one, beside %d that have ended\", \"unit\": \"us\", \"au\": %.4g, \"by-64\": %.4g}\n",
              there, time_claims (store, 1), time_claims (store, 64));
      fflush (stdout);
    }
}

/* A long run */

/* The second number of a file of /proc is the size in memory, in pages. */
static double
get_memory (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/statm", pid);
  g_autofree char *text = NULL;
  long size, resident = 0;

  if (g_file_get_contents (path, &text, NULL, NULL))
    sscanf (text, "%ld %ld", &size, &resident);

  return resident * (double) sysconf (_SC_PAGESIZE) / (1024 * 1024);
}

static guint
count_descriptors (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr(GDir) list = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (list != NULL && g_dir_read_name (list) != NULL)
    n++;

  return n;
}

/* Of all threads, in seconds. */
static double
get_processor_time (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr(GDir) list = g_dir_open (path, 0, NULL);
  const char *thread;
  gint64 spent = 0;

  while (list != NULL && (thread = g_dir_read_name (list)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, thread, "schedstat", NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (file, &text, NULL, NULL))
        spent += g_ascii_strtoll (text, NULL, 10);
    }

  return spent / 1e9;
}

static void
print_soak (Bench *self,
            int    n_done,
            double rate)
{
  g_autofree char *wal = g_strconcat (self->path, "-wal", NULL);
  struct stat info = { 0 };

  if (stat (wal, &info) != 0)
    info.st_size = 0;
  printf ("{\"figure\": \"soak\", \"done\": %d, \"1/s\": %.4g, \"program-MiB\": %.1f, \"worker-MiB\": %.1f,"
          " \"program-files\": %u, \"worker-files\": %u, \"wal-MiB\": %.1f}\n",
          n_done, rate, get_memory (getpid ()), get_memory (self->worker),
          count_descriptors (getpid ()), count_descriptors (self->worker), info.st_size / (1024. * 1024));
  fflush (stdout);
}

static void
run_soak (Bench *self)
{
  enum { PARTS = 20, IDLE = 5 };
  double own, workers;

  n_computations = MAX (n_soaked / PARTS, OUTSTANDING);
  for (int i = 1; i <= PARTS; i++)
    print_soak (self, i * n_computations, n_computations / run_many (self));
  n_computations = 0;

  /* what is left to do is done within two seconds */
  g_usleep (2 * G_USEC_PER_SEC);
  own = get_processor_time (getpid ());
  workers = get_processor_time (self->worker);
  g_usleep (IDLE * G_USEC_PER_SEC);
  printf ("{\"figure\": \"processor time while idle\", \"unit\": \"%%\", \"program\": %.3g, \"worker\": %.3g}\n",
          (get_processor_time (getpid ()) - own) / IDLE * 100,
          (get_processor_time (self->worker) - workers) / IDLE * 100);
  print_soak (self, n_soaked, 0);
}

int
main (int   argc,
      char *argv[])
{
  char *worker_path = NULL;
  char *raw_worker_path = NULL;
  char *peer = NULL;
  char *peer_address = NULL;
  const GOptionEntry entries[] = {
    { "folder", 'f', 0, G_OPTION_ARG_FILENAME, &folder, "Where to put the database", "FOLDER" },
    { "durability", 'd', 0, G_OPTION_ARG_STRING, &durability, "process or power (the default)", "WHAT" },
    { "number", 'n', 0, G_OPTION_ARG_INT, &n_computations, "How many computations a run", "N" },
    { "alone", 'a', 0, G_OPTION_ARG_INT, &n_alone, "How many one by one", "N" },
    { "delayed", 'l', 0, G_OPTION_ARG_INT, &n_delayed, "How many that are delayed", "N" },
    { "kills", 'k', 0, G_OPTION_ARG_INT, &n_kills, "How many workers to kill", "N" },
    { "followed", 'w', 0, G_OPTION_ARG_INT, &n_followed, "How many to wait for meanwhile", "N" },
    { "finished", 'e', 0, G_OPTION_ARG_INT, &n_finished, "How many that have ended to claim beside", "N" },
    { "soak", 's', 0, G_OPTION_ARG_INT, &n_soaked, "How many to run while memory and files are watched", "N" },
    { "peers", 'p', 0, G_OPTION_ARG_INT, &n_of_peers, "How many for gearmand, beanstalkd, Celery and RQ", "N" },
    { "peer-worker", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &peer, NULL, NULL },
    { "peer-address", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &peer_address, NULL, NULL },
    { "worker", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &worker_path, NULL, NULL },
    { "raw-worker", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &raw_worker_path, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("[RUNS]");
  g_autoptr(AuBackend) backend = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autofree char *place = NULL;
  g_autofree char *raw_path = NULL;
  g_autofree char *command = NULL;
  Bench bench = { NULL };
  AuBenchFigure many = { .name = "computations of another process, 64 outstanding", .unit = "1/s",
                         .func = run_many, .peer = "two processes, SQLite and pipes", .peer_func = run_raw_many,
                         .data = &bench, .is_rate = TRUE };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  if (durability == NULL)
    durability = g_strdup ("power");

  au_functions_register (functions);
  if (worker_path != NULL)
    run_worker (worker_path);
  if (raw_worker_path != NULL)
    run_raw_worker (raw_worker_path);
  if (peer != NULL)
    au_queue_peers_work (peer, peer_address);

  place = g_build_filename (folder != NULL ? folder : g_get_tmp_dir (), "au-bench-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (place));
  bench.path = g_build_filename (place, "au.db", NULL);
  bench.store = open_store (bench.path);
  backend = make_part (AU_MODULE_BACKEND, "queue", none);
  bench.engine = au_engine_new_with_parts (bench.store, backend);
  bench.worker = start_worker (bench.path);

  raw_path = g_build_filename (place, "raw.db", NULL);
  record = au_record_new (NULL, "stamp", NULL, NULL);
  g_object_unref (open_store (raw_path));
  au_raw_open (&bench.raw, raw_path, g_str_equal (durability, "power"), record);
  start_raw_worker (raw_path, &bench.to_raw, &bench.from_raw);

  if (n_soaked > 0)
    run_soak (&bench);
  if (n_followed > 0)
    run_followed (&bench);
  many.n = n_computations;
  if (n_computations > 0)
    au_bench_run (&many, argc > 1 ? atoi (argv[1]) : 3);
  if (n_alone > 0)
    run_alone (&bench);
  if (n_kills > 0)
    run_kills (&bench);
  kill (bench.worker, SIGKILL);
  if (n_of_peers > 0)
    au_queue_peers_run (place, n_of_peers, MAX (n_of_peers / 5, 10));
  if (n_delayed > 0)
    run_delayed (&bench);
  if (n_finished > 0)
    run_finished (place);

  g_object_unref (bench.engine);
  g_object_unref (bench.store);
  g_free (bench.path);
  close (bench.to_raw);
  close (bench.from_raw);
  au_raw_close (&bench.raw);
  command = g_strdup_printf ("rm -r '%s'", place);

  return system (command);
}
