/* test-queue-faults.c: submitters and workers that are killed and stopped
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "worker-fixture.h"

#include <au-test/au-test.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What “AU_FAULTS=20000” makes of it is for a run over night. */
#define N_COMPUTATIONS (160)
#define N_WORKERS (2)
#define N_CHAIN (4)             /* every so manieth comes after the one before it */
#define LEASE_MS (1000)

static guint
get_n_computations (void)
{
  const char *text = g_getenv ("AU_FAULTS");
  guint64 n;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, 10000000, &n, NULL) ? n : N_COMPUTATIONS;
}

/* Some work, to be killed in. The value says which attempt has made it. */
static GVariant *
work (AuCall    *call,
      GVariant  *arguments,
      gpointer   user_data,
      GError   **error)
{
  static const guint8 bytes[64 * 1024];
  g_autofree char *digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, sizeof bytes);

  return g_variant_new_uint32 (au_call_get_attempt (call));
}

static const AuFunctionEntry functions[] = {
  { "work", "()", "u", work, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL }
};

static AuStore *
open_store (const char *type,
            const char *folder)
{
  g_autofree char *setting = g_strconcat ("path=", folder, "/store", NULL);

  return fixture_make_part (AU_MODULE_STORE, type, setting);
}

/* The children */

G_NORETURN static void
run_worker (const char *type,
            const char *folder)
{
  g_autoptr(AuStore) store = open_store (type, folder);
  g_autoptr(AuBackend) backend = fixture_make_part (AU_MODULE_BACKEND, "thread", "max-workers=4");
  g_autoptr(AuEngine) engine = au_engine_new_with_parts (store, backend);
  g_autoptr(AuWorker) worker = NULL;
  g_autoptr(GError) error = NULL;

  worker = g_initable_new (AU_TYPE_WORKER, NULL, &error, "engine", engine,
                           "lease", LEASE_MS * G_TIME_SPAN_MILLISECOND, NULL);
  g_assert_no_error (error);
  au_worker_start (worker, &error);
  g_assert_no_error (error);

  /* until it is killed */
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static void
submitted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  AuHandle **handle = data;
  g_autoptr(GError) error = NULL;

  *handle = au_engine_submit_finish (AU_ENGINE (source), result, &error);
  g_assert_no_error (error);
}

/* Submits what is not there yet, and notes each key once it was acknowledged. */
static int
run_submitter (const char *type,
               const char *folder)
{
  g_autoptr(AuStore) store = open_store (type, folder);
  g_autoptr(AuBackend) backend = fixture_make_part (AU_MODULE_BACKEND, "queue", NULL);
  g_autoptr(AuEngine) engine = au_engine_new_with_parts (store, backend);
  g_autofree char *path = g_build_filename (folder, "acknowledged", NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  guint n = get_n_computations ();

  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();
      g_autoptr(AuHandle) handle = NULL;
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autofree char *before = g_strdup_printf ("k%u", i - 1);
      g_autofree char *line = g_strdup_printf ("%s\n", key);
      const char *after[] = { before, NULL };

      au_options_set_key (options, key);
      if (i % N_CHAIN > 0)
        au_options_set_after (options, after);

      au_engine_submit_async (engine, "work", NULL, options, NULL, submitted_cb, &handle);
      while (handle == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (write (fd, line, strlen (line)), ==, strlen (line));
    }
  close (fd);

  return 0;
}

/* The parent */

static GSubprocess *
start_child (const char *role,
             const char *type,
             const char *folder)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr(GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, role, type, folder, NULL);

  g_assert_no_error (error);

  return child;
}

static void
kill_child (GSubprocess **child)
{
  g_subprocess_force_exit (*child);
  g_subprocess_wait (*child, NULL, NULL);
  g_clear_object (child);
}

static guint
count_ended (AuStore *store)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GError) error = NULL;
  gint64 n;

  au_query_set_statuses (query, AU_STATUS_FLAGS_TERMINAL);
  n = au_store_count (store, query, NULL, &error);
  g_assert_no_error (error);

  return n;
}

static gboolean
look_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* The system may stop it while it writes to the database, and then nobody can. */
static gboolean
go_on_cb (gpointer data)
{
  g_subprocess_send_signal (data, SIGCONT);

  return G_SOURCE_REMOVE;
}

typedef struct
{
  const char  *type;
  const char  *folder;
  GSubprocess *workers[N_WORKERS];
  GSubprocess *submitter;
  GSubprocess *stopped;
  guint        n_kills;
  guint        n_stops;
} Trouble;

/* Stops a worker for longer than its leases; it comes back as one that was believed dead. */
static void
stop_one (Trouble *self)
{
  self->n_stops++;
  g_subprocess_send_signal (self->stopped, SIGSTOP);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 2 * LEASE_MS, go_on_cb,
                      g_object_ref (self->stopped), g_object_unref);
}

static void
kill_some (Trouble *self)
{
  GSubprocess **worker = &self->workers[self->n_kills % N_WORKERS];

  kill_child (worker);
  *worker = start_child ("--worker", self->type, self->folder);
  kill_child (&self->submitter);
  self->submitter = start_child ("--submitter", self->type, self->folder);
  self->n_kills++;
}

static void
clear_trouble (Trouble *self)
{
  g_subprocess_send_signal (self->stopped, SIGCONT);
  kill_child (&self->stopped);
  for (guint i = 0; i < N_WORKERS; i++)
    kill_child (&self->workers[i]);
  kill_child (&self->submitter);
}

/* Kills and starts children as the work goes on, until all of it is done. */
static void
make_trouble (AuStore    *store,
              const char *type,
              const char *folder)
{
  Trouble self = { .type = type, .folder = folder };
  g_autoptr(GSource) source = au_store_create_source (store);
  gint64 start = g_get_monotonic_time ();
  guint n = get_n_computations ();
  guint max_step = CLAMP (n / 5, 1, 200);
  guint next = g_test_rand_int_range (1, max_step + 1);
  guint n_ended;

  self.stopped = start_child ("--worker", type, folder);
  self.submitter = start_child ("--submitter", type, folder);
  for (guint i = 0; i < N_WORKERS; i++)
    self.workers[i] = start_child ("--worker", type, folder);

  g_source_set_callback (source, look_cb, NULL, NULL);
  g_source_attach (source, NULL);
  while ((n_ended = count_ended (store)) < n)
    {
      if (n_ended < next)
        {
          g_main_context_iteration (NULL, TRUE);
          continue;
        }

      next = n_ended + g_test_rand_int_range (1, max_step + 1);
      if (self.n_kills % 10 == 0)
        stop_one (&self);
      kill_some (&self);
    }
  g_source_destroy (source);
  clear_trouble (&self);

  g_assert_cmpuint (self.n_kills, >, 1);
  g_test_message ("%u computations, %u times a worker and a submitter killed, %u times a worker stopped, %.1f s",
                  n, self.n_kills, self.n_stops, (g_get_monotonic_time () - start) / 1e6);
}

/* Invariants */

static gboolean
has_failed_with (AuRecord *record,
                 AuError   code)
{
  g_autoptr(GError) error = au_record_dup_error (record);

  return au_record_get_status (record) == AU_STATUS_FAILED && g_error_matches (error, AU_ERROR, code);
}

/* It has ended once; by its last attempt, or because its workers were killed three times,
 * or because what it comes after was. */
static void
check_record (AuStore    *store,
              const char *key)
{
  g_autoptr(AuRecord) record = fixture_load_record (store, key);
  const char * const *after = au_options_get_after (au_record_get_options (record));

  if (au_record_get_status (record) == AU_STATUS_COMPLETED)
    {
      g_assert_cmpuint (g_variant_get_uint32 (au_record_get_value (record)), ==, au_record_get_attempt (record));
      g_assert_cmpuint (au_record_get_attempt (record), ==, au_record_get_lost (record) + 1);
    }
  else
    {
      g_assert_true (has_failed_with (record, AU_ERROR_WORKER_LOST) ||
                     has_failed_with (record, AU_ERROR_DEPENDENCY));
    }

  for (; after != NULL && *after != NULL && au_record_get_attempt (record) > 0; after++)
    {
      g_autoptr(AuRecord) other = fixture_load_record (store, *after);

      g_assert_cmpint (au_record_get_status (other), ==, AU_STATUS_COMPLETED);
      g_assert_cmpint (au_record_get_completed (other), <=, au_record_get_started (record));
    }
}

static void
check_all (AuStore    *store,
           const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "acknowledged", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) keys = NULL;
  g_autoptr(AuQuery) all = au_query_new ();
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GPtrArray) left = NULL;
  static const char *const queues[] = { "default", NULL };

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  keys = g_strsplit (text, "\n", -1);
  for (guint i = 0; keys[i] != NULL && keys[i][0] != '\0'; i++)
    check_record (store, keys[i]);

  g_assert_cmpint (au_store_count (store, all, NULL, NULL), ==, get_n_computations ());
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 0);
  au_claim_set_queues (claim, queues);
  left = au_queue_claim (AU_QUEUE (store), claim, NULL, NULL, NULL);
  g_assert_cmpuint (left->len, ==, 0);
}

static void
test_nothing_is_lost_and_nothing_ends_twice (gconstpointer data)
{
  const char *type = data;
  g_autofree char *folder = g_dir_make_tmp ("au-faults-XXXXXX", NULL);
  g_autoptr(AuStore) store = open_store (type, folder);

  make_trouble (store, type, folder);
  check_all (store, folder);

  g_clear_object (&store);
  au_test_remove_folder (folder);
}

int
main (int   argc,
      char *argv[])
{
  au_functions_register (functions);

  if (argc == 4 && g_str_equal (argv[1], "--worker"))
    run_worker (argv[2], argv[3]);
  if (argc == 4 && g_str_equal (argv[1], "--submitter"))
    return run_submitter (argv[2], argv[3]);

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/queue-faults/sqlite/nothing-is-lost-and-nothing-ends-twice", "sqlite",
                        test_nothing_is_lost_and_nothing_ends_twice);
  g_test_add_data_func ("/queue-faults/file/nothing-is-lost-and-nothing-ends-twice", "file",
                        test_nothing_is_lost_and_nothing_ends_twice);

  return g_test_run ();
}
