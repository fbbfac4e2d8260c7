/* test-sqlite-store-locks.c: a SQLite store that somebody keeps from being written
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sqlite-store-fixture.h"

#include <fcntl.h>

#define STEP (10 * G_TIME_SPAN_SECOND)

static char *own_program;
static GAsyncQueue *told;

/* What is logged about a store */

static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data)
{
  const char *message = NULL;
  gboolean of_store = FALSE;

  for (gsize i = 0; i < n_fields; i++)
    {
      of_store = of_store || g_str_equal (fields[i].key, "AU_STORE");
      if (g_str_equal (fields[i].key, "MESSAGE"))
        message = fields[i].value;
    }
  if (!of_store)
    return g_log_writer_default (level, fields, n_fields, user_data);

  g_async_queue_push (told, g_strdup (message));
  return G_LOG_WRITER_HANDLED;
}

/* Lets time go by until something is told. */
static char *
await_told (AuTestClock *clock)
{
  char *message;

  while ((message = g_async_queue_timeout_pop (told, G_USEC_PER_SEC / 100)) == NULL)
    au_test_clock_advance (clock, STEP);

  return message;
}

/* A child that has a lock until it is killed */

G_NORETURN static void
hold_ticket (const char *path)
{
  g_autofree char *file = g_strconcat (path, "-lock", NULL);
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1 };
  int fd = open (file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fcntl (fd, F_OFD_SETLK, &range), ==, 0);
  g_print ("held\n");
  for (;;)
    pause ();
}

G_NORETURN static void
hold_database (const char *path)
{
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  g_print ("held\n");
  for (;;)
    pause ();
}

static GSubprocess *
start_holder (Place      *place,
              const char *what)
{
  g_autoptr(GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, own_program, what,
                                         place->path, NULL);
  char buffer[16];

  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (child), buffer, sizeof buffer, NULL, NULL),
                   ==, strlen ("held\n"));

  return child;
}

static void
stop_holder (GSubprocess *child)
{
  g_subprocess_force_exit (child);
  g_subprocess_wait (child, NULL, NULL);
}

static void
assert_names (const char  *message,
              Place       *place,
              GSubprocess *child)
{
  g_autofree char *name = g_strdup_printf ("process %s (", g_subprocess_get_identifier (child));

  g_assert_nonnull (strstr (message, name));
  g_assert_nonnull (strstr (message, "test-sqlite-st"));
  g_assert_nonnull (strstr (message, place->path));
}

/* Those who wait */

static gpointer
insert_thread (gpointer data)
{
  au_record_unref (au_test_store_insert (data, NULL, NULL));

  return NULL;
}

static gpointer
open_thread (gpointer data)
{
  return place_open (data, NULL);
}

static void
test_who_has_the_ticket_is_named (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuTestClock) clock = NULL;
  g_autoptr(GSubprocess) child = NULL;
  g_autofree char *message = NULL;
  g_autofree char *again = NULL;
  GThread *thread;

  place_init (&place);
  store = place_open (&place, NULL);
  child = start_holder (&place, "--hold-ticket");
  clock = au_test_clock_new ();
  thread = g_thread_new ("insert", insert_thread, store);

  message = await_told (clock);
  assert_names (message, &place, child);

  /* now and then, and not all the time */
  again = await_told (clock);
  assert_names (again, &place, child);
  g_assert_cmpint (au_test_clock_get_elapsed (clock), >=, G_TIME_SPAN_MINUTE + 5 * G_TIME_SPAN_SECOND);

  stop_holder (child);
  g_thread_join (thread);
}

static void
test_who_keeps_others_from_opening_is_named (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuTestClock) clock = NULL;
  g_autoptr(GSubprocess) child = NULL;
  g_autofree char *message = NULL;
  GThread *thread;

  place_init (&place);
  child = start_holder (&place, "--hold-ticket");
  clock = au_test_clock_new ();
  thread = g_thread_new ("open", open_thread, &place);

  message = await_told (clock);
  assert_names (message, &place, child);

  stop_holder (child);
  store = g_thread_join (thread);
}

/* Who has the ticket waits as well. */
static void
test_another_program_is_named (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuStore) other = NULL;
  g_autoptr(AuTestClock) clock = NULL;
  g_autoptr(GSubprocess) child = NULL;
  g_autofree char *message = NULL;
  GThread *first, *second;

  place_init (&place);
  store = place_open (&place, NULL);
  other = place_open (&place, NULL);
  child = start_holder (&place, "--hold-database");
  clock = au_test_clock_new ();
  first = g_thread_new ("first", insert_thread, store);
  second = g_thread_new ("second", insert_thread, other);

  message = await_told (clock);
  assert_names (message, &place, child);

  stop_holder (child);
  g_thread_join (first);
  g_thread_join (second);
}

int
main (int   argc,
      char *argv[])
{
  int status;

  if (argc == 3 && g_str_equal (argv[1], "--hold-ticket"))
    hold_ticket (argv[2]);
  if (argc == 3 && g_str_equal (argv[1], "--hold-database"))
    hold_database (argv[2]);

  g_test_init (&argc, &argv, NULL);
  own_program = g_file_read_link ("/proc/self/exe", NULL);
  told = g_async_queue_new_full (g_free);
  g_log_set_writer_func (write_log, NULL, NULL);

  g_test_add_func ("/sqlite/locks/who-has-the-ticket-is-named", test_who_has_the_ticket_is_named);
  g_test_add_func ("/sqlite/locks/who-keeps-others-from-opening-is-named",
                   test_who_keeps_others_from_opening_is_named);
  g_test_add_func ("/sqlite/locks/another-program-is-named", test_another_program_is_named);

  status = au_test_run ();
  g_async_queue_unref (told);
  g_free (own_program);

  return status;
}
