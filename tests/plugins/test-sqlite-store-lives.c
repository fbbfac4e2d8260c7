/* test-sqlite-store-lives.c: workers that die, and those that do not
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sqlite-store-fixture.h"

#include <signal.h>

/* Of whom the system says nothing here: a process of another container. */
#define OWNER "elsewhere/0-0-0.1/7/1"

static char *own_program;

static void
announce (AuStore    *store,
          const char *id)
{
  static const char *const queues[] = { "default", NULL };
  gint64 now = au_clock_get_real_time ();
  g_autoptr(AuWorkerInfo) info = au_worker_info_new (id, OWNER, queues, 1, 0, AU_WORKER_STATE_RUNNING,
                                                     now, now, now + G_TIME_SPAN_DAY);
  g_autoptr(GError) error = NULL;

  au_queue_announce (AU_QUEUE (store), info, NULL, &error);
  g_assert_no_error (error);
}

static guint
claim (AuStore *store)
{
  static const char *const queues[] = { "default", NULL };
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;

  au_claim_set_queues (claim, queues);
  au_claim_set_owner (claim, OWNER);
  au_claim_set_lease (claim, G_TIME_SPAN_DAY);
  records = au_queue_claim (AU_QUEUE (store), claim, NULL, NULL, &error);
  g_assert_no_error (error);

  return records->len;
}

static void
put_as (AuStore    *store,
        const char *key)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_queue (options, "default");
  au_record_unref (au_test_store_insert (store, key, options));
}

static void
put (AuStore *store)
{
  put_as (store, "k");
}

/* The child holds what it has claimed until it is killed. */
G_NORETURN static void
run_child (const char *path)
{
  Place place = { .path = (char *) path };
  AuStore *store = place_open (&place, NULL);

  announce (store, "child");
  g_assert_cmpuint (claim (store), ==, 1);
  g_print ("claimed\n");

  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static GSubprocess *
start_child (Place *place)
{
  g_autoptr(GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, own_program, "--child",
                                         place->path, NULL);
  char buffer[16];

  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (child), buffer, sizeof buffer, NULL, NULL),
                   ==, strlen ("claimed\n"));

  return child;
}

static gboolean
told_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
test_work_of_the_dead_is_claimed_at_once (void)
{
  static const char *const queues[] = { "default", NULL };
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GSource) source = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GPtrArray) workers = NULL;
  g_autofree char *folder = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  put (store);
  child = start_child (&place);
  source = au_queue_create_source (AU_QUEUE (store), queues);
  g_source_set_callback (source, told_cb, NULL, NULL);
  g_source_attach (source, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (claim (store), ==, 0);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 0);

  /* nobody reaps, and no lease is over: it is the source that tells */
  g_subprocess_force_exit (child);
  while (claim (store) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_destroy (source);
  g_subprocess_wait (child, NULL, NULL);

  record = au_store_load (store, "k", NULL, NULL);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 2);
  g_assert_cmpuint (au_record_get_lost (record), ==, 1);
  workers = au_queue_list_workers (AU_QUEUE (store), NULL, NULL);
  g_assert_cmpuint (workers->len, ==, 0);

  /* nothing of it stays */
  folder = g_strconcat (place.path, "-workers", NULL);
  g_assert_cmpint (rmdir (folder), ==, 0);
}

static void
test_those_who_are_stopped_keep_their_work (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(GSubprocess) child = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  put (store);
  child = start_child (&place);
  g_subprocess_send_signal (child, SIGSTOP);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 0);
  g_assert_cmpuint (claim (store), ==, 0);

  g_subprocess_force_exit (child);
  g_subprocess_wait (child, NULL, NULL);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 1);
  g_assert_cmpuint (claim (store), ==, 1);
}

static void
test_damage_keeps_nothing_from_coming_back (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  au_clock_freeze ();
  put_as (store, "a");
  put_as (store, "b");
  g_assert_cmpuint (claim (store), ==, 1);
  g_assert_cmpuint (claim (store), ==, 1);
  place_exec (&place, "UPDATE record SET form = x'00' WHERE key = 'a'");

  au_clock_advance (2 * G_TIME_SPAN_DAY);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 1);
  g_assert_cmpuint (claim (store), ==, 1);
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM damaged"), ==, 1);
  au_clock_thaw ();
}

/* CRC-32C, which the store keeps beside a record. */
static guint32
get_crc (const guint8 *data,
         gsize         size)
{
  guint32 crc = ~0u;

  for (gsize i = 0; i < size; i++)
    {
      crc ^= data[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    }

  return ~crc;
}

/* Makes a record one that a later au has written: its first byte is the version. */
static void
make_newer (Place      *place,
            const char *key)
{
  sqlite3 *handle;
  sqlite3_stmt *statement;
  g_autofree guint8 *form = NULL;
  int size;

  g_assert_cmpint (sqlite3_open (place->path, &handle), ==, SQLITE_OK);
  sqlite3_busy_timeout (handle, 10000);
  sqlite3_prepare_v2 (handle, "SELECT form, crc FROM record WHERE key = ?1", -1, &statement, NULL);
  sqlite3_bind_text (statement, 1, key, -1, SQLITE_STATIC);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  size = sqlite3_column_bytes (statement, 0);
  form = g_memdup2 (sqlite3_column_blob (statement, 0), size);
  g_assert_cmpint (sqlite3_column_int64 (statement, 1), ==, get_crc (form, size));
  sqlite3_finalize (statement);

  form[0] = 200;
  sqlite3_prepare_v2 (handle, "UPDATE record SET form = ?2, crc = ?3 WHERE key = ?1", -1, &statement, NULL);
  sqlite3_bind_text (statement, 1, key, -1, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 2, form, size, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, get_crc (form, size));
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_DONE);
  sqlite3_finalize (statement);
  sqlite3_close (handle);
}

static guint n_told;

static GLogWriterOutput
count_told (GLogLevelFlags   level,
            const GLogField *fields,
            gsize            n_fields,
            gpointer         data)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "AU_KEY"))
        n_told++;
    }

  return g_log_writer_default (level, fields, n_fields, data);
}

static void
test_what_is_newer_keeps_nothing_from_coming_back (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  au_clock_freeze ();
  put_as (store, "a");
  put_as (store, "b");
  put_as (store, "c");
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (claim (store), ==, 1);
  make_newer (&place, "a");
  make_newer (&place, "b");
  n_told = 0;

  au_clock_advance (2 * G_TIME_SPAN_DAY);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 1);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 0);
  g_assert_cmpuint (n_told, ==, 2);
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM damaged"), ==, 0);
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM record"), ==, 3);
  record = au_store_load (store, "c", NULL, NULL);
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_PENDING);
  g_assert_cmpuint (claim (store), ==, 1);
  au_clock_thaw ();
}

/* Neither where it is ready nor where it was put aside, as a limit left no room for it. */
static void
test_what_is_newer_keeps_nothing_from_being_claimed (void)
{
  static const char *const queues[] = { "default", NULL };
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuStore) other = NULL;
  g_autoptr(AuClaim) limited = au_claim_new ();
  g_autoptr(GPtrArray) first = NULL;
  g_autoptr(GPtrArray) none = NULL;
  g_autoptr(GPtrArray) last = NULL;
  g_autoptr(AuRecord) done = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  put_as (store, "a");
  put_as (store, "b");
  put_as (store, "c");
  put_as (store, "d");
  make_newer (&place, "a");
  other = place_open (&place, NULL);

  au_claim_set_queues (limited, queues);
  au_claim_set_owner (limited, OWNER);
  au_claim_set_max (limited, 1);
  au_claim_set_limit (limited, "f", 1);
  first = au_queue_claim (AU_QUEUE (other), limited, NULL, NULL, NULL);
  g_assert_cmpuint (first->len, ==, 1);
  g_assert_cmpstr (au_record_get_key (first->pdata[0]), ==, "b");

  none = au_queue_claim (AU_QUEUE (other), limited, NULL, NULL, NULL);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM record WHERE place = 5"), ==, 3);
  make_newer (&place, "c");

  done = au_transition_complete (first->pdata[0], 1, NULL, NULL);
  g_assert_true (au_store_replace (other, done, au_record_get_revision (first->pdata[0]), NULL, NULL));
  last = au_queue_claim (AU_QUEUE (other), limited, NULL, NULL, NULL);
  g_assert_cmpuint (last->len, ==, 1);
  g_assert_cmpstr (au_record_get_key (last->pdata[0]), ==, "d");
}

/* A process lives as long as any of its stores does. */
static void
test_a_store_that_is_closed_is_no_death (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuStore) second = NULL;
  g_autoptr(AuStore) other = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  second = place_open (&place, NULL);
  other = place_open (&place, NULL);
  put (store);
  announce (store, "first");
  announce (second, "second");
  g_assert_cmpuint (claim (second), ==, 1);

  g_clear_object (&store);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (other), 0, NULL, NULL), ==, 0);
  g_assert_cmpuint (claim (other), ==, 0);

  /* nor is the end of the last one, which only goes away */
  g_clear_object (&second);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (other), 0, NULL, NULL), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    run_child (argv[2]);

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_told, NULL, NULL);
  own_program = g_file_read_link ("/proc/self/exe", NULL);

  g_test_add_func ("/sqlite/lives/work-of-the-dead-is-claimed-at-once", test_work_of_the_dead_is_claimed_at_once);
  g_test_add_func ("/sqlite/lives/those-who-are-stopped-keep-their-work",
                   test_those_who_are_stopped_keep_their_work);
  g_test_add_func ("/sqlite/lives/damage-keeps-nothing-from-coming-back",
                   test_damage_keeps_nothing_from_coming_back);
  g_test_add_func ("/sqlite/lives/what-is-newer-keeps-nothing-from-coming-back",
                   test_what_is_newer_keeps_nothing_from_coming_back);
  g_test_add_func ("/sqlite/lives/what-is-newer-keeps-nothing-from-being-claimed",
                   test_what_is_newer_keeps_nothing_from_being_claimed);
  g_test_add_func ("/sqlite/lives/a-store-that-is-closed-is-no-death", test_a_store_that_is_closed_is_no_death);

  return au_test_run ();
}
