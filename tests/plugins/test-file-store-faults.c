/* test-file-store-faults.c: a file store when the system fails
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "file-store-fixture.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

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

static AuRecord *
new_large (const char *key,
           gsize       size)
{
  g_autofree char *text = g_strnfill (size, 'x');

  return au_record_new (key, "f", g_variant_new ("(s)", text), NULL);
}

static void
assert_store_error (const GError *error,
                    const char   *path,
                    int           reason)
{
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, g_strerror (reason)));
}

/* Full disks */

/* Inserts until that fails. Returns how many there are then. */
static guint
fill (AuStore    *store,
      const char *path,
      int         reason)
{
  for (guint i = 0; ; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autoptr(AuRecord) record = new_large (key, 10000);
      g_autoptr(AuRecord) stored = NULL;
      g_autoptr(GError) error = NULL;

      g_assert_cmpuint (i, <, 1000);
      stored = au_store_insert (store, record, NULL, NULL, &error);
      if (stored != NULL)
        continue;

      assert_store_error (error, path, reason);
      au_test_store_assert_lacks (store, key);
      return i;
    }
}

static void
assert_all_there (AuStore *store,
                  guint    n)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;

  records = au_store_list (store, query, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, n);
}

/* Mounts a small file system in a folder, for this process only. */
static gboolean
mount_small (const char *folder)
{
  return unshare (CLONE_NEWNS) == 0 &&
         mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
         mount ("au-test", folder, "tmpfs", 0, "size=1m,mode=0700") == 0;
}

static gboolean
can_mount (void)
{
  if (geteuid () == 0)
    return TRUE;

  g_test_skip ("only root can mount a file system");
  return FALSE;
}

static void
test_full_disk_fails_writes_and_not_reads (gconstpointer data)
{
  const char *setting = data;
  g_auto(TestFolder) folder = NULL;
  g_autofree char *path = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) next = NULL;
  g_autoptr(AuRecord) again = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_strnfill (20000, 'y');
  guint n;

  if (!can_mount () || !in_subprocess ())
    return;

  folder = test_folder_new ();
  path = g_build_filename (folder, "store", NULL);
  if (!mount_small (folder))
    {
      g_printerr ("cannot mount a file system: %s\n", g_strerror (errno));
      return;
    }

  store = file_store_new (path, setting);
  record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  g_assert_true (au_store_append_item (store, "a", 1, 0, g_variant_new_string ("zero"), NULL, NULL));
  n = fill (store, path, ENOSPC);
  g_assert_cmpuint (n, >, 10);

  /* a change that needs more room leaves everything as it was */
  next = au_transition_report (record, 1, 0.5, text, NULL);
  g_assert_false (au_store_replace (store, next, 2, NULL, &error));
  assert_store_error (error, path, ENOSPC);
  g_clear_error (&error);
  au_test_store_assert_holds (store, record);

  g_assert_false (au_store_append_item (store, "a", 1, 1, g_variant_new_string (text), NULL, &error));
  assert_store_error (error, path, ENOSPC);
  g_clear_error (&error);
  assert_n_items (store, 1);
  assert_all_there (store, n + 1);

  /* and it goes on when there is room again */
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);

      g_assert_true (au_store_remove (store, key, NULL, &error));
      g_assert_no_error (error);
    }
  record = au_test_store_replace (store, record, g_steal_pointer (&next));
  au_test_store_assert_holds (store, record);
  g_assert_true (au_store_append_item (store, "a", 1, 1, g_variant_new_string (text), NULL, &error));
  g_assert_no_error (error);
  assert_n_items (store, 2);
  again = new_large ("k0", 10000);
  stored = au_store_insert (store, again, NULL, NULL, &error);
  g_assert_no_error (error);

  g_clear_object (&store);
  store = file_store_new (path, setting);
  assert_all_there (store, n + 1 - 10 + 1);
  g_assert_false (is_in (path, "damaged", ""));
  g_clear_object (&store);
  umount2 (folder, MNT_DETACH);
}

static void
test_limit_of_file_size_fails_writes (void)
{
  const struct rlimit limit = { 50000, 50000 };
  g_auto(TestFolder) folder = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) large = NULL;
  g_autoptr(AuRecord) next = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_strnfill (60000, 'y');

  if (!in_subprocess ())
    return;

  folder = test_folder_new ();
  store = file_store_new (folder, NULL);
  record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);

  large = new_large ("large", 60000);
  g_assert_null (au_store_insert (store, large, NULL, NULL, &error));
  assert_store_error (error, folder, EFBIG);
  g_clear_error (&error);
  au_test_store_assert_lacks (store, "large");

  next = au_transition_report (record, 1, 0.5, text, NULL);
  g_assert_false (au_store_replace (store, next, 2, NULL, &error));
  assert_store_error (error, folder, EFBIG);
  au_test_store_assert_holds (store, record);
  record = au_test_store_complete (store, g_steal_pointer (&record));
  au_test_store_assert_holds (store, record);
}

static void
test_read_only_store_is_read (void)
{
  g_auto(TestFolder) folder = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) next = NULL;
  g_autoptr(AuRecord) other = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;

  if (!can_mount () || !in_subprocess ())
    return;

  folder = test_folder_new ();
  if (!mount_small (folder))
    {
      g_printerr ("cannot mount a file system: %s\n", g_strerror (errno));
      return;
    }

  store = file_store_new (folder, NULL);
  record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  append_items (store, 0, 2);
  g_clear_object (&store);
  g_assert_cmpint (mount (NULL, folder, NULL, MS_REMOUNT | MS_RDONLY, NULL), ==, 0);

  store = file_store_new (folder, NULL);
  au_test_store_assert_holds (store, record);
  assert_n_items (store, 2);
  assert_all_there (store, 1);

  other = au_record_new ("b", "f", NULL, NULL);
  g_assert_null (au_store_insert (store, other, NULL, NULL, &error));
  assert_store_error (error, folder, EROFS);
  g_clear_error (&error);
  next = au_transition_report (record, 1, 0.5, NULL, NULL);
  g_assert_false (au_store_replace (store, next, 2, NULL, &error));
  assert_store_error (error, folder, EROFS);
  g_clear_error (&error);
  g_assert_false (au_store_remove (store, "a", NULL, &error));
  assert_store_error (error, folder, EROFS);
  g_clear_error (&error);
  g_assert_false (au_store_append_item (store, "a", 1, 2, g_variant_new_boolean (TRUE), NULL, &error));
  assert_store_error (error, folder, EROFS);
  au_test_store_assert_holds (store, record);

  g_clear_object (&store);
  umount2 (folder, MNT_DETACH);
}

/* System calls that fail */

typedef struct
{
  int call;
  int flag;    /* only with this in its third argument; 0: always */
  int reason;
} Failure;

/* From now on the calls of this thread fail. */
static void
let_fail (const Failure *failures,
          guint          n_failures)
{
  struct sock_filter filter[64];
  struct sock_fprog program = { .filter = filter };
  guint n = 0;

  for (guint i = 0; i < n_failures; i++)
    {
      const Failure *failure = &failures[i];

      filter[n++] = (struct sock_filter) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr));
      filter[n++] = (struct sock_filter) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, failure->call,
                                                   0, failure->flag != 0 ? 3 : 1);
      if (failure->flag != 0)
        {
          filter[n++] = (struct sock_filter) BPF_STMT (BPF_LD | BPF_W | BPF_ABS,
                                                       offsetof (struct seccomp_data, args[2]));
          filter[n++] = (struct sock_filter) BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, failure->flag, 0, 1);
        }
      filter[n++] = (struct sock_filter) BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | failure->reason);
    }
  filter[n++] = (struct sock_filter) BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  program.len = n;

  g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  g_assert_cmpint (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
}

/* What O_TMPFILE has that O_DIRECTORY has not. */
#define TMPFILE_FLAG (O_TMPFILE & ~O_DIRECTORY)

static void
use_store (AuStore *store)
{
  g_autoptr(AuRecord) record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  g_autoptr(AuRecord) again = au_record_new ("a", "f", g_variant_new ("(s)", "x"), NULL);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created = TRUE;

  append_items (store, 0, 3);
  assert_n_items (store, 3);
  record = au_test_store_complete (store, g_steal_pointer (&record));
  au_test_store_assert_holds (store, record);

  stored = au_store_insert (store, again, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (created);
  au_test_record_assert_equal (stored, record);
}

static guint
count_files (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static void
test_store_works_without_unnamed_files (gconstpointer data)
{
  static const Failure no_tmpfile[] = {
    { SYS_openat, TMPFILE_FLAG, EOPNOTSUPP },
  };
  static const Failure no_links[] = {
    { SYS_openat, TMPFILE_FLAG, EISDIR },
    { SYS_linkat, 0, EPERM },
  };
  g_auto(TestFolder) folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *staging = NULL;
  g_autoptr(AuStore) store = NULL;

  if (!in_subprocess ())
    return;

  if (data != NULL)
    let_fail (no_links, G_N_ELEMENTS (no_links));
  else
    let_fail (no_tmpfile, G_N_ELEMENTS (no_tmpfile));

  folder = test_folder_new ();
  path = g_build_filename (folder, "store", NULL);
  store = file_store_new (path, "durability=power");
  use_store (store);

  staging = g_build_filename (path, "staging", NULL);
  g_assert_cmpuint (count_files (staging), ==, 0);
}

static void
test_failing_sync_is_an_error (void)
{
  static const Failure failures[] = {
    { SYS_fdatasync, 0, EIO },
    { SYS_fsync, 0, EIO },
  };
  static const char *const keys[] = { "b", "c", "large" };
  g_auto(TestFolder) folder = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) next = NULL;
  g_autoptr(AuRecord) large = NULL;
  AuWrite writes[2] = { 0 };
  g_autoptr(GError) error = NULL;

  if (!in_subprocess ())
    return;

  folder = test_folder_new ();
  store = file_store_new (folder, "durability=power");
  record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));

  /* so that the folders are there, and nothing but the files is to be synced */
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      au_record_unref (au_test_store_insert (store, keys[i], NULL));
      g_assert_true (au_store_remove (store, keys[i], NULL, NULL));
    }
  let_fail (failures, G_N_ELEMENTS (failures));

  next = au_transition_report (record, 1, 0.5, NULL, NULL);
  g_assert_false (au_store_replace (store, next, 2, NULL, &error));
  assert_store_error (error, folder, EIO);
  g_clear_error (&error);
  au_test_store_assert_holds (store, record);

  large = new_large ("large", 100000);
  g_assert_null (au_store_insert (store, large, NULL, NULL, &error));
  assert_store_error (error, folder, EIO);
  g_clear_error (&error);
  au_test_store_assert_lacks (store, "large");

  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    writes[i].record = au_record_new (keys[i], "f", NULL, NULL);
  au_store_write_many (store, writes, G_N_ELEMENTS (writes), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      assert_store_error (writes[i].error, folder, EIO);
      au_test_store_assert_lacks (store, au_record_get_key (writes[i].record));
      g_clear_error (&writes[i].error);
      au_record_unref (writes[i].record);
    }

  g_assert_false (au_store_append_item (store, "a", 1, 0, g_variant_new_boolean (TRUE), NULL, &error));
  assert_store_error (error, folder, EIO);
}

/* Processes that are killed */

/* Writes records for ever, and says of each what has been acknowledged. */
static void
write_for_ever (const char *path,
                const char *setting)
{
  g_autoptr(AuStore) store = file_store_new (path, setting);

  for (guint i = 0; ; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autoptr(AuRecord) record = new_large (key, i * 379 % 9000);
      g_autoptr(AuRecord) stored = au_store_insert (store, record, NULL, NULL, NULL);

      g_assert_nonnull (stored);
      printf ("%s 1\n", key);
      fflush (stdout);
      record = au_test_store_begin (store, g_steal_pointer (&record));
      printf ("%s 2\n", key);
      fflush (stdout);
      record = au_test_store_complete (store, g_steal_pointer (&record));
      printf ("%s 3\n", key);
      fflush (stdout);
    }
}

static void
test_killed_writer_loses_nothing (gconstpointer data)
{
  const char *setting = data;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  for (guint round = 0; round < 6; round++)
    {
      g_auto(TestFolder) folder = test_folder_new ();
      g_autofree char *path = g_build_filename (folder, "store", NULL);
      g_autoptr(GHashTable) acknowledged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_autoptr(GSubprocess) child = NULL;
      g_autoptr(GDataInputStream) output = NULL;
      g_autoptr(AuStore) store = NULL;
      g_autoptr(AuQuery) query = au_query_new ();
      g_autoptr(GPtrArray) records = NULL;
      g_autoptr(GError) error = NULL;
      GHashTableIter iter;
      gpointer key, revision;
      char *line;

      child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--write", path, setting, NULL);
      g_assert_no_error (error);
      output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));

      /* It is killed while it writes what comes next, and what it said before its end
       * counts.
       */
      for (guint i = 0; (line = g_data_input_stream_read_line (output, NULL, NULL, NULL)) != NULL; i++)
        {
          char *space = strchr (line, ' ');

          g_assert_nonnull (space);
          *space = '\0';
          g_hash_table_replace (acknowledged, line, GUINT_TO_POINTER (atoi (space + 1)));
          if (i == 20 + round * 7)
            g_subprocess_force_exit (child);
        }
      g_subprocess_wait (child, NULL, NULL);

      store = file_store_new (path, setting);
      records = au_store_list (store, query, NULL, &error);
      g_assert_no_error (error);
      g_assert_false (is_in (path, "damaged", ""));
      g_assert_cmpuint (records->len, >=, g_hash_table_size (acknowledged));
      g_assert_cmpuint (records->len, <=, g_hash_table_size (acknowledged) + 1);

      g_hash_table_iter_init (&iter, acknowledged);
      while (g_hash_table_iter_next (&iter, &key, &revision))
        {
          g_autoptr(AuRecord) record = au_store_load (store, key, NULL, &error);

          g_assert_no_error (error);
          g_assert_cmpuint (au_record_get_revision (record), >=, GPOINTER_TO_UINT (revision));
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 4 && g_str_equal (argv[1], "--write"))
    write_for_ever (argv[2], argv[3]);

  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/store/file/full-disk/fails-writes-and-not-reads",
                        "durability=process", test_full_disk_fails_writes_and_not_reads);
  g_test_add_data_func ("/store/file/full-disk/fails-durable-writes-and-not-reads",
                        "durability=power", test_full_disk_fails_writes_and_not_reads);
  g_test_add_func ("/store/file/limit-of-file-size-fails-writes", test_limit_of_file_size_fails_writes);
  g_test_add_func ("/store/file/read-only-is-read", test_read_only_store_is_read);
  g_test_add_data_func ("/store/file/works-without-unnamed-files", NULL,
                        test_store_works_without_unnamed_files);
  g_test_add_data_func ("/store/file/works-without-links", "links",
                        test_store_works_without_unnamed_files);
  g_test_add_func ("/store/file/failing-sync-is-an-error", test_failing_sync_is_an_error);
  g_test_add_data_func ("/store/file/killed-writer-loses-nothing", "durability=process",
                        test_killed_writer_loses_nothing);
  g_test_add_data_func ("/store/file/killed-durable-writer-loses-nothing", "durability=power",
                        test_killed_writer_loses_nothing);

  return g_test_run ();
}
