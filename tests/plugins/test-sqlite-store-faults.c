/* test-sqlite-store-faults.c: a SQLite store when processes are killed and disks fail
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sqlite-store-fixture.h"
#include "../faults/au-fault-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define N_CRASHES (8)
#define N_CHILDREN (2)

static char *own_program;
static char *fault_library;

/* A child that submits and completes, and says so line by line */

static void
say (char        sort,
     const char *key)
{
  g_autofree char *line = g_strdup_printf ("%c%s\n", sort, key);

  if (write (STDOUT_FILENO, line, strlen (line)) < 0)
    _exit (1);
}

G_GNUC_NORETURN static void
run_child (const char *path)
{
  Place place = { .path = (char *) path };
  AuStore *store = place_open (&place, NULL);

  for (guint i = 0; ; i++)
    {
      g_autoptr(AuRecord) record = i % 16 == 7 ? insert_sized (store, NULL, 100000)
                                               : au_test_store_insert (store, NULL, NULL);

      say ('+', au_record_get_key (record));
      if (i % 3 == 0)
        continue;

      record = au_test_store_begin (store, g_steal_pointer (&record));
      record = au_test_store_complete (store, g_steal_pointer (&record));
      say ('=', au_record_get_key (record));
    }
}

typedef struct
{
  GSubprocess *process;
  GString     *said;
} Child;

static void
child_start (Child       *self,
             Place       *place,
             const char  *log)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *folder = g_strconcat (place->folder, "/", NULL);
  g_autoptr(GError) error = NULL;

  if (log != NULL)
    {
      g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", fault_library, TRUE);
      g_subprocess_launcher_setenv (launcher, "AU_FAULT_FOLDER", folder, TRUE);
      g_subprocess_launcher_setenv (launcher, "AU_FAULT_LOG", log, TRUE);
    }

  self->process = g_subprocess_launcher_spawn (launcher, &error, own_program, "--child", place->path, NULL);
  g_assert_no_error (error);
  self->said = g_string_new (NULL);
}

/* Lets it say so much, and kills it. */
static void
child_kill (Child *self,
            gsize  length)
{
  GInputStream *stream = g_subprocess_get_stdout_pipe (self->process);
  char buffer[4096];
  gssize n;

  while (self->said->len < length &&
         (n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (self->said, buffer, n);
  g_assert_cmpuint (self->said->len, >=, length);

  g_subprocess_send_signal (self->process, SIGKILL);
  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (self->said, buffer, n);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
}

/* Whatever was acknowledged is there, whole, and as it was acknowledged. */
static void
assert_kept (AuStore    *store,
             const char *said)
{
  g_auto(GStrv) lines = g_strsplit (said, "\n", -1);

  /* the last one may be cut off */
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(AuRecord) record = au_store_load (store, lines[i] + 1, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (au_record_get_arguments (record));
      if (lines[i][0] == '=')
        g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
    }
}

static void
assert_sound (Place *place)
{
  g_assert_cmpint (place_ask (place, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), ==, 1);
  g_assert_cmpint (place_ask (place, "SELECT count(*) FROM damaged"), ==, 0);
  g_assert_cmpint (place_ask (place, "SELECT count(*) FROM record WHERE live = 1 AND status > 1"), ==, 0);
}

static void
test_killed_processes_lose_nothing (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(GString) all = g_string_new (NULL);
  g_autoptr(AuStore) store = NULL;

  place_init (&place);
  for (guint i = 0; i < N_CRASHES; i++)
    {
      Child children[N_CHILDREN];

      for (guint j = 0; j < N_CHILDREN; j++)
        child_start (&children[j], &place, NULL);
      for (guint j = 0; j < N_CHILDREN; j++)
        {
          child_kill (&children[j], 28 * g_test_rand_int_range (1, 40));
          g_string_append (all, children[j].said->str);
          if (!g_str_has_suffix (all->str, "\n"))
            g_string_append (all, "\n");
          g_string_free (children[j].said, TRUE);
        }
    }

  store = place_open (&place, NULL);
  assert_kept (store, all->str);
  assert_sound (&place);
}

/* The loss of power */

typedef struct
{
  AuFaultEntry  entry;
  const char   *before;
  const char   *after;
} Write;

/* Reads which writes were not synced. */
static GArray *
read_log (const char *log,
          gsize       length)
{
  GArray *writes = g_array_new (FALSE, FALSE, sizeof (Write));
  gsize at = 0;

  while (at + sizeof (AuFaultEntry) <= length)
    {
      Write one;

      memcpy (&one.entry, log + at, sizeof one.entry);
      at += sizeof one.entry;
      one.before = log + at;
      one.after = one.before + one.entry.before_size;
      at += one.entry.before_size + one.entry.after_size;
      if (at > length)
        break;

      if (one.entry.offset >= 0)
        {
          g_array_append_val (writes, one);
          continue;
        }

      for (guint i = writes->len; i > 0; i--)
        {
          if (strcmp (g_array_index (writes, Write, i - 1).entry.name, one.entry.name) == 0)
            g_array_remove_index (writes, i - 1);
        }
    }

  return writes;
}

static void
change_file (Place       *place,
             const Write *one,
             gboolean     undo)
{
  g_autofree char *path = g_build_filename (place->folder, one->entry.name, NULL);
  int fd = open (path, O_RDWR);

  /* one that was removed meanwhile */
  if (fd < 0)
    return;

  if (undo)
    {
      g_assert_cmpint (pwrite (fd, one->before, one->entry.before_size, one->entry.offset), ==,
                       one->entry.before_size);
      g_assert_cmpint (ftruncate (fd, one->entry.file_size), ==, 0);
    }
  else
    {
      g_assert_cmpint (pwrite (fd, one->after, one->entry.after_size, one->entry.offset), ==,
                       one->entry.after_size);
    }
  close (fd);
}

/* Does to the files what a disk may do that loses power: of the writes that were not
 * synced, some happened and others did not, whatever their order was.
 */
static void
lose_power (Place      *place,
            const char *log_path)
{
  g_autofree char *log = NULL;
  g_autofree char *shared_memory = g_strconcat (place->path, "-shm", NULL);
  g_autoptr(GArray) writes = NULL;
  gsize length;

  unlink (shared_memory);
  if (!g_file_get_contents (log_path, &log, &length, NULL))
    return;

  writes = read_log (log, length);
  for (guint i = writes->len; i > 0; i--)
    change_file (place, &g_array_index (writes, Write, i - 1), TRUE);
  for (guint i = 0; i < writes->len; i++)
    {
      if (g_test_rand_bit ())
        change_file (place, &g_array_index (writes, Write, i), FALSE);
    }
  g_assert_cmpint (unlink (log_path), ==, 0);
}

static void
test_power_loss_loses_nothing (void)
{
  g_auto(Place) place = { NULL };
  g_autofree char *log = NULL;
  g_autoptr(GString) all = g_string_new (NULL);

  if (fault_library == NULL)
    {
      g_test_skip ("this program cannot preload a library");
      return;
    }

  place_init (&place);
  log = g_strconcat (place.folder, ".log", NULL);
  g_object_unref (place_open (&place, NULL));
  for (guint i = 0; i < N_CRASHES; i++)
    {
      g_autoptr(AuStore) store = NULL;
      Child child;

      child_start (&child, &place, log);
      child_kill (&child, 28 * g_test_rand_int_range (1, 60));
      lose_power (&place, log);
      g_string_append (all, child.said->str);
      if (!g_str_has_suffix (all->str, "\n"))
        g_string_append (all, "\n");
      g_string_free (child.said, TRUE);

      store = place_open (&place, NULL);
      assert_kept (store, all->str);
      assert_sound (&place);
    }
}

/* Disks */

/* Runs the rest of a test in a process of its own, which may be spoiled. */
static gboolean
in_subprocess (void)
{
  if (g_test_subprocess ())
    return TRUE;

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  return FALSE;
}

static gboolean
can_mount (void)
{
  if (geteuid () == 0)
    return TRUE;

  g_test_skip ("only root can mount a file system");
  return FALSE;
}

/* Mounts a small file system in a folder, for this process only. */
static gboolean
mount_small (const char *folder)
{
  if (unshare (CLONE_NEWNS) == 0 &&
      mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
      mount ("au-test", folder, "tmpfs", 0, "size=2m,mode=0700") == 0)
    return TRUE;

  g_printerr ("cannot mount a file system: %s\n", g_strerror (errno));
  return FALSE;
}

static void
test_full_disk_fails_writes_and_not_reads (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) first = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *ballast = NULL;
  g_autofree char *bytes = g_malloc0 (500000);
  guint n = 0;

  if (!can_mount () || !in_subprocess ())
    return;

  place_init (&place);
  if (!mount_small (place.folder))
    return;

  ballast = g_build_filename (place.folder, "ballast", NULL);
  g_assert_true (g_file_set_contents (ballast, bytes, 500000, NULL));
  store = place_open (&place, NULL);
  first = au_test_store_insert (store, "first", NULL);
  for (;; n++)
    {
      g_autoptr(AuRecord) record = new_sized (NULL, n % 10 == 9 ? 70000 : 10000);
      g_autoptr(AuRecord) stored = au_store_insert (store, record, NULL, NULL, &error);

      g_assert_cmpuint (n, <, 1000);
      if (stored == NULL)
        {
          au_test_store_assert_lacks (store, au_record_get_key (record));
          break;
        }
    }
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, "free some space"));

  au_test_store_assert_holds (store, first);
  g_assert_cmpint (au_store_count (store, query, NULL, NULL), ==, n + 1);

  g_assert_cmpint (unlink (ballast), ==, 0);
  first = au_test_store_complete (store, au_test_store_begin (store, g_steal_pointer (&first)));
  g_clear_object (&store);
  store = place_open (&place, NULL);
  au_test_store_assert_holds (store, first);
}

static void
test_read_only_disk_is_read (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuStore) again = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) other = au_record_new (NULL, "f", NULL, NULL);
  g_autoptr(GError) error = NULL;

  if (!can_mount () || !in_subprocess ())
    return;

  place_init (&place);
  if (!mount_small (place.folder))
    return;

  store = place_open (&place, NULL);
  record = au_test_store_insert (store, "a", NULL);
  g_clear_object (&store);
  if (mount (NULL, place.folder, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0)
    return;

  again = place_open (&place, NULL);
  au_test_store_assert_holds (again, record);
  g_assert_null (au_store_insert (again, other, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, g_strerror (EROFS)));
}

static void
test_network_file_systems_are_refused (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GSubprocess) child = NULL;
  g_autofree char *said = NULL;
  g_autoptr(GError) error = NULL;

  if (fault_library == NULL)
    {
      g_test_skip ("this program cannot preload a library");
      return;
    }

  place_init (&place);
  g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", fault_library, TRUE);
  g_subprocess_launcher_setenv (launcher, "AU_FAULT_FILE_SYSTEM", "0x6969", TRUE);
  child = g_subprocess_launcher_spawn (launcher, &error, own_program, "--open", place.path, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (child, NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (said, "NFS"));
  g_assert_nonnull (strstr (said, place.folder));
  g_assert_false (g_file_test (place.path, G_FILE_TEST_EXISTS));
}

/* Says why a database cannot be opened. */
static int
run_open (const char *path)
{
  Place place = { .path = (char *) path };
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = place_try_open (&place, NULL, &error);

  g_print ("%s\n", store != NULL ? "opened" : error->message);
  return 0;
}

/* A library that is preloaded comes before that of a sanitizer, which must be the first. */
static char *
find_fault_library (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "faults", ".libs", "au_fault_disk.so", NULL);

#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
  return NULL;
#endif

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

/* Files that somebody else has spoilt */

static void
assert_fails (AuStore    *store,
              Place      *place,
              const char *reason)
{
  g_autoptr(AuRecord) record = au_record_new (NULL, "f", NULL, NULL);
  g_autoptr(AuQuery) query = au_query_new ();
  GError *errors[3] = { NULL };

  g_assert_null (au_store_insert (store, record, NULL, NULL, &errors[0]));
  g_assert_null (au_store_load (store, "a", NULL, &errors[1]));
  g_assert_null (au_store_list (store, query, NULL, &errors[2]));
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_assert_error (errors[i], AU_ERROR, AU_ERROR_STORE);
      g_assert_nonnull (strstr (errors[i]->message, place->path));
      g_assert_nonnull (strstr (errors[i]->message, reason));
      g_error_free (errors[i]);
    }
}

static void
test_removed_database_is_noticed (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autofree char *moved = NULL;

  place_init (&place);
  moved = g_strconcat (place.path, ".moved", NULL);
  store = place_open (&place, NULL);
  record = au_test_store_insert (store, "a", NULL);

  g_assert_cmpint (rename (place.path, moved), ==, 0);
  assert_fails (store, &place, "removed or replaced");
  g_assert_true (g_file_set_contents (place.path, "", 0, NULL));
  assert_fails (store, &place, "removed or replaced");

  g_assert_cmpint (rename (moved, place.path), ==, 0);
  au_test_store_assert_holds (store, record);
  au_record_unref (au_test_store_insert (store, "b", NULL));
}

static void
test_truncated_database_is_noticed (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  for (guint i = 0; i < 200; i++)
    au_record_unref (insert_sized (store, NULL, 1000));
  au_record_unref (au_test_store_insert (store, "a", NULL));
  g_clear_object (&store);

  store = place_open (&place, NULL);
  g_assert_cmpint (truncate (place.path, 8192), ==, 0);
  assert_fails (store, &place, "damaged");
}

/* For whoever opens it, an empty file is a new database, whose log is worth nothing. */
static void
test_emptied_database_is_noticed (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuStore) other = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *log = NULL;
  struct stat before, after;

  place_init (&place);
  store = place_open (&place, NULL);
  au_record_unref (au_test_store_insert (store, "a", NULL));
  g_clear_object (&store);

  store = place_open (&place, NULL);
  au_record_unref (au_test_store_insert (store, "b", NULL));
  log = g_strconcat (place.path, "-wal", NULL);
  g_assert_cmpint (stat (log, &before), ==, 0);
  g_assert_cmpint (truncate (place.path, 0), ==, 0);
  assert_fails (store, &place, "is empty");

  other = place_try_open (&place, NULL, &error);
  g_assert_null (other);
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, "is empty"));
  g_assert_cmpint (stat (log, &after), ==, 0);
  g_assert_cmpint (after.st_size, ==, before.st_size);
  g_assert_cmpint (stat (place.path, &after), ==, 0);
  g_assert_cmpint (after.st_size, ==, 0);
}

static void
test_log_cut_short_is_noticed (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *log = NULL;

  place_init (&place);
  log = g_strconcat (place.path, "-wal", NULL);
  store = place_open (&place, NULL);
  au_record_unref (au_test_store_insert (store, "a", NULL));
  g_assert_cmpint (truncate (log, 0), ==, 0);
  g_assert_null (au_store_load (store, "a", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, place.path));
  g_assert_nonnull (strstr (error->message, "cut short"));
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    run_child (argv[2]);
  if (argc == 3 && g_str_equal (argv[1], "--open"))
    return run_open (argv[2]);

  g_test_init (&argc, &argv, NULL);
  own_program = g_file_read_link ("/proc/self/exe", NULL);
  fault_library = find_fault_library ();

  g_test_add_func ("/sqlite/killed-processes-lose-nothing", test_killed_processes_lose_nothing);
  g_test_add_func ("/sqlite/power-loss-loses-nothing", test_power_loss_loses_nothing);
  g_test_add_func ("/sqlite/full-disk-fails-writes-and-not-reads",
                   test_full_disk_fails_writes_and_not_reads);
  g_test_add_func ("/sqlite/read-only-disk-is-read", test_read_only_disk_is_read);
  g_test_add_func ("/sqlite/network-file-systems-are-refused", test_network_file_systems_are_refused);
  g_test_add_func ("/sqlite/removed-database-is-noticed", test_removed_database_is_noticed);
  g_test_add_func ("/sqlite/truncated-database-is-noticed", test_truncated_database_is_noticed);
  g_test_add_func ("/sqlite/emptied-database-is-noticed", test_emptied_database_is_noticed);
  g_test_add_func ("/sqlite/log-cut-short-is-noticed", test_log_cut_short_is_noticed);

  return au_test_run ();
}
