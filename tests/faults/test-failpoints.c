/* test-failpoints.c: processes that die at every step of the work on a queue
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test.h>

#include "tests/engine/worker-fixture.h"
#include "tests/failpoints/au-store-failpoint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The modules that die are beside those that do not; see AU_STORE_FAILPOINT. A child plays
 * all that can happen to computations of a queue, and dies at one step of it; another one
 * goes on where that has stopped; and then everything must be as if nothing had happened.
 */

/* More than what is kept in a record, and no more than that: whoever reads it looks at
 * each byte.
 */
#define LARGE (68 * 1024)

static const char *const queues[] = { "q", "lost", NULL };
static const char *const limited_queues[] = { "narrow", NULL };

/* The child */

typedef struct
{
  AuStore *store;
  int      acknowledged;
} Play;

/* Notes what was acknowledged, in one write. */
static void
note (Play       *self,
      const char *what,
      const char *key,
      guint       number)
{
  g_autofree char *line = g_strdup_printf ("%s %s %u\n", what, key, number);

  g_assert_cmpint (write (self->acknowledged, line, strlen (line)), ==, strlen (line));
}

static GVariant *
make_large (void)
{
  static const guint8 bytes[LARGE];

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, sizeof bytes, 1);
}

static void
put (Play       *self,
     const char *key,
     AuOptions  *options,
     GVariant   *arguments)
{
  g_autoptr(AuRecord) record = au_record_new (key, "f", arguments, options);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created;

  stored = au_store_insert (self->store, record, &created, NULL, &error);
  g_assert_no_error (error);
  note (self, "put", au_record_get_key (stored), 0);
  g_object_unref (options);
}

static AuOptions *
queued (const char *queue)
{
  AuOptions *options = au_options_new ();

  au_options_set_queue (options, queue);
  return options;
}

static AuOptions *
queued_after (const char *key)
{
  const char *after[] = { key, NULL };
  AuOptions *options = queued ("q");

  au_options_set_after (options, after);
  return options;
}

static void
put_all (Play *self)
{
  AuOptions *options;

  put (self, "plain", queued ("q"), NULL);
  put (self, "large", queued ("q"), make_large ());

  for (guint i = 0; i < 2; i++)
    {
      options = queued ("q");
      au_options_set_unique_key (options, "u");
      put (self, i == 0 ? "unique" : "again", options, NULL);
    }

  put (self, "next", queued_after ("plain"), NULL);
  put (self, "last", queued_after ("next"), NULL);
  put (self, "doomed", queued_after ("failing"), NULL);
  put (self, "damned", queued_after ("doomed"), NULL);

  options = queued ("q");
  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, 1);
  put (self, "failing", options, NULL);

  options = queued ("q");
  au_options_set_delay (options, G_TIME_SPAN_MILLISECOND);
  put (self, "later", options, NULL);

  for (guint i = 0; i < 2; i++)
    {
      options = queued ("narrow");
      au_options_set_concurrency_key (options, "one");
      put (self, i == 0 ? "limited1" : "limited2", options, NULL);
    }
}

static AuRecord *
change (Play     *self,
        AuRecord *record,
        AuRecord *next)
{
  return au_test_store_replace (self->store, record, next);
}

/* One that somebody has claimed: it is reported, renewed, given back once, and ends. */
static void
work (Play     *self,
      AuRecord *claimed)
{
  guint attempt = au_record_get_attempt (claimed);
  const char *key = au_record_get_key (claimed);
  g_autoptr(GPtrArray) records = g_ptr_array_new ();
  g_autoptr(GPtrArray) renewed = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  note (self, "start", key, attempt);
  record = change (self, au_record_ref (claimed), au_transition_report (claimed, attempt, 0.5, "half", NULL));
  g_ptr_array_add (records, record);
  renewed = au_queue_renew (AU_QUEUE (self->store), records, G_TIME_SPAN_HOUR, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (renewed->len, ==, 1);

  if (g_str_equal (key, "plain") && attempt == 1)
    {
      au_record_unref (au_queue_release (AU_QUEUE (self->store), record, 0, NULL, &error));
      g_assert_no_error (error);
    }
  else if (g_str_equal (key, "failing"))
    {
      g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "as it should");

      record = change (self, g_steal_pointer (&record), au_transition_fail (record, attempt, reason, NULL));
    }
  else
    {
      GVariant *value = g_variant_new ("(u@ay)", attempt,
                                       g_str_equal (key, "large") ? make_large ()
                                                                  : g_variant_new_bytestring (""));

      record = change (self, g_steal_pointer (&record), au_transition_complete (record, attempt, value, NULL));
      note (self, "end", key, attempt);
    }
}

static gboolean
is_done (Play *self)
{
  g_autoptr(AuQuery) query = au_query_new ();

  au_query_set_statuses (query, AU_STATUS_FLAGS_PENDING | AU_STATUS_FLAGS_RUNNING);
  return au_store_count (self->store, query, NULL, NULL) == 0;
}

static void
work_all (Play *self)
{
  g_autoptr(AuClaim) claim = au_claim_new ();

  au_claim_set_max (claim, 3);
  au_claim_set_lease (claim, G_TIME_SPAN_HOUR);
  for (guint i = 0; !is_done (self); i++)
    {
      g_autoptr(GPtrArray) records = NULL;
      g_autoptr(GError) error = NULL;

      au_queue_reap (AU_QUEUE (self->store), 0, NULL, &error);
      g_assert_no_error (error);

      au_claim_set_queues (claim, i % 2 == 0 ? queues : limited_queues);
      records = au_queue_claim (AU_QUEUE (self->store), claim, NULL, NULL, &error);
      g_assert_no_error (error);
      for (guint j = 0; j < records->len; j++)
        work (self, g_ptr_array_index (records, j));
    }
}

/* One is claimed by a process that is gone. */
static void
lose_one (Play *self)
{
  static const char *const lost_queues[] = { "lost", NULL };
  g_auto(GStrv) parts = g_strsplit (au_owner_get_own (), "/", -1);
  g_autofree char *owner = g_strdup_printf ("%s/%s/%s/1", parts[0], parts[1], parts[2]);
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GError) error = NULL;

  put (self, "lost", queued ("lost"), NULL);
  au_claim_set_queues (claim, lost_queues);
  au_claim_set_owner (claim, owner);
  g_ptr_array_unref (au_queue_claim (AU_QUEUE (self->store), claim, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
remove_one (Play *self)
{
  static const char *const key = "gone";
  g_autoptr(GError) error = NULL;

  put (self, key, queued ("paused"), make_large ());
  put (self, "orphan", queued_after (key), NULL);
  au_store_remove (self->store, key, NULL, &error);
  g_assert_no_error (error);
  note (self, "removed", key, 0);
}

static int
play (const char *type,
      const char *durability,
      const char *folder)
{
  g_autofree char *path = g_strconcat ("path=", folder, "/store", NULL);
  g_autofree char *notes = g_build_filename (folder, "acknowledged", NULL);
  const char *settings[] = { path, durability, NULL };
  g_autoptr(AuWorkerInfo) worker = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = NULL;
  Play self;

  store = (AuStore *) au_part_new_from_strings (AU_MODULE_STORE, type, settings, &error);
  g_assert_no_error (error);
  self.store = store;
  self.acknowledged = open (notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  g_assert_cmpint (self.acknowledged, >=, 0);

  worker = au_worker_info_new ("w", au_owner_get_own (), queues, 1, 0, AU_WORKER_STATE_RUNNING,
                               au_clock_get_real_time (), au_clock_get_real_time (),
                               au_clock_get_real_time () + G_TIME_SPAN_HOUR);
  g_assert_true (au_queue_announce (AU_QUEUE (store), worker, NULL, NULL));

  remove_one (&self);
  lose_one (&self);
  put_all (&self);
  work_all (&self);
  g_assert_true (au_queue_withdraw (AU_QUEUE (store), "w", NULL, NULL));
  g_assert_cmpint (au_store_cleanup_expired (store, 0, 0, NULL, NULL), >=, 0);

  return 0;
}

/* The parent */

static int
run_child (const char *type,
           const char *folder,
           const char *failpoint)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *modules = g_test_build_filename (G_TEST_BUILT, "failpoints", NULL);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "AU_MODULE_PATH", modules, TRUE);
  if (failpoint != NULL)
    g_subprocess_launcher_setenv (launcher, "AU_FAILPOINT", failpoint, TRUE);
  child = g_subprocess_launcher_spawn (launcher, &error, program, "--play", type,
                                       g_test_slow () ? "durability=power" : "durability=process", folder, NULL);
  g_assert_no_error (error);
  g_subprocess_wait (child, NULL, NULL);

  return g_subprocess_get_if_exited (child) ? g_subprocess_get_exit_status (child) : -1;
}

/* Invariants */

static void
check_failed (AuStore    *store,
              const char *key,
              int         code)
{
  g_autoptr(AuRecord) record = fixture_load_record (store, key);
  g_autoptr(GError) error = au_record_dup_error (record);

  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);
  if (code != 0)
    g_assert_error (error, AU_ERROR, code);
}

/* Nothing was started before what it comes after had completed. */
static void
check_order (AuStore    *store,
             const char *first,
             const char *second)
{
  g_autoptr(AuRecord) before = fixture_load_record (store, first);
  g_autoptr(AuRecord) after = fixture_load_record (store, second);

  g_assert_cmpint (au_record_get_status (before), ==, AU_STATUS_COMPLETED);
  g_assert_cmpint (au_record_get_status (after), ==, AU_STATUS_COMPLETED);
  g_assert_cmpint (au_record_get_completed (before), <=, au_record_get_started (after));
}

/* The unique key was held by one at a time. */
static void
check_unique (AuStore *store)
{
  g_autoptr(AuRecord) unique = fixture_load_record (store, "unique");
  g_autoptr(AuRecord) again = au_store_load (store, "again", NULL, NULL);

  if (again != NULL)
    g_assert_cmpint (au_record_get_created (again), >=, au_record_get_completed (unique));
}

static void
check_acknowledged (AuStore    *store,
                    const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "acknowledged", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GHashTable) started = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) words = g_strsplit (lines[i], " ", -1);
      g_autoptr(AuRecord) record = NULL;

      if (g_str_equal (words[1], "gone"))
        continue;

      record = fixture_load_record (store, words[1]);
      g_assert_true (au_status_is_terminal (au_record_get_status (record)));

      /* each attempt is given out once */
      if (g_str_equal (words[0], "start"))
        g_assert_true (g_hash_table_add (started, lines[i]));
      if (!g_str_equal (words[0], "end"))
        continue;

      g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
      g_assert_cmpuint (g_ascii_strtoull (words[2], NULL, 10), ==, au_record_get_attempt (record));
    }
}

/* What has completed has the value of its last attempt. */
static void
check_values (AuStore *store)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;

  au_query_set_statuses (query, AU_STATUS_FLAGS_COMPLETED);
  records = au_store_list (store, query, NULL, NULL);
  g_assert_cmpuint (records->len, >=, 8);
  for (guint i = 0; i < records->len; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);
      g_autoptr(GVariant) bytes = NULL;
      guint attempt;

      g_variant_get (au_record_get_value (record), "(u@ay)", &attempt, &bytes);
      g_assert_cmpuint (attempt, ==, au_record_get_attempt (record));
      if (g_str_equal (au_record_get_key (record), "large"))
        g_assert_cmpuint (g_variant_n_children (bytes), ==, LARGE);
    }
}

static void
check_all (const char *type,
           const char *folder)
{
  g_autofree char *path = g_strconcat ("path=", folder, "/store", NULL);
  const char *settings[] = { path, NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GPtrArray) left = NULL;
  g_autoptr(GPtrArray) workers = NULL;
  g_autoptr(GError) error = NULL;
  gint64 next_due;

  store = (AuStore *) au_part_new_from_strings (AU_MODULE_STORE, type, settings, &error);
  g_assert_no_error (error);

  check_acknowledged (store, folder);
  check_values (store);
  check_order (store, "plain", "next");
  check_order (store, "next", "last");
  check_failed (store, "failing", 0);
  check_failed (store, "doomed", AU_ERROR_DEPENDENCY);
  check_failed (store, "damned", AU_ERROR_DEPENDENCY);
  check_failed (store, "orphan", AU_ERROR_DEPENDENCY);
  check_unique (store);
  au_test_store_assert_lacks (store, "gone");

  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 0);
  au_claim_set_queues (claim, queues);
  left = au_queue_claim (AU_QUEUE (store), claim, &next_due, NULL, NULL);
  g_assert_cmpuint (left->len, ==, 0);
  g_assert_cmpint (next_due, ==, 0);
  workers = au_queue_list_workers (AU_QUEUE (store), NULL, NULL);
  g_assert_cmpuint (workers->len, ==, 0);
}

/* Whoever is only killed leaves behind what it wrote, also where no disk is waited for. The
 * function of GLib that makes such folders is for one thread at a time.
 */
static char *
make_folder (void)
{
  const char *place = g_test_slow () || access ("/dev/shm", W_OK) != 0 ? g_get_tmp_dir () : "/dev/shm";
  char *folder = g_build_filename (place, "au-failpoints-XXXXXX", NULL);

  g_assert_nonnull (mkdtemp (folder));

  return folder;
}

/* Lets a child die at the given time that it passes a failpoint, and another one go on.
 * Returns FALSE if it did not come by so often.
 */
static gboolean
die_and_go_on (const char *type,
               const char *failpoint,
               guint       time)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *wanted = g_strdup_printf ("%s:%u", failpoint, time);
  int status = run_child (type, folder, wanted);

  g_test_message ("%s: %d", wanted, status);
  if (status != 0)
    {
      g_assert_cmpint (status, ==, AU_STORE_FAILPOINT_STATUS);
      g_assert_cmpint (run_child (type, folder, NULL), ==, 0);
    }
  check_all (type, folder);
  au_test_remove_folder (folder);

  return status != 0;
}

/* The names of all failpoints, as the module itself tells them. */
static char **
list_failpoints (const char *type)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *file = g_build_filename (folder, "names", NULL);
  g_autofree char *wanted = g_strconcat ("list:", file, NULL);
  g_autofree char *names = NULL;

  g_assert_cmpint (run_child (type, folder, wanted), ==, 0);
  check_all (type, folder);
  g_file_get_contents (file, &names, NULL, NULL);
  au_test_remove_folder (folder);

  return names != NULL ? g_strsplit (g_strchomp (names), "\n", -1) : NULL;
}

/* Processes take long to start with a sanitizer, which says all that it knows the first time. */
#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
#define DIES_TWICE (FALSE)
#else
#define DIES_TWICE (TRUE)
#endif

/* Each at its first time and at a later one; “-m slow” is for every time. */
static void
die_everywhere (gpointer data,
                gpointer user_data)
{
  const char *failpoint = data;
  const char *type = user_data;

  g_assert_true (die_and_go_on (type, failpoint, 1));
  if (DIES_TWICE && !g_test_slow ())
    die_and_go_on (type, failpoint, 2 + g_str_hash (failpoint) % 7);
  for (guint time = 2; g_test_slow () && die_and_go_on (type, failpoint, time); time++)
    ;
}

static void
test_nothing_is_lost (gconstpointer data)
{
  const char *type = data;
  g_auto(GStrv) names = list_failpoints (type);
  GThreadPool *pool;

  if (names == NULL)
    {
      g_test_skip ("the modules are part of the program, without failpoints");
      return;
    }

  g_assert_cmpuint (g_strv_length (names), >, 15);
  pool = g_thread_pool_new (die_everywhere, (gpointer) type, g_get_num_processors (), TRUE, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    g_thread_pool_push (pool, names[i], NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 5 && g_str_equal (argv[1], "--play"))
    return play (argv[2], argv[3], argv[4]);

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/failpoints/sqlite", "sqlite", test_nothing_is_lost);
  g_test_add_data_func ("/failpoints/file", "file", test_nothing_is_lost);

  return g_test_run ();
}
