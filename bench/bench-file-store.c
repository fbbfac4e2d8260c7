/* bench-file-store.c: what the store “file” costs, and what the bare system calls do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Prints one line of JSON for each figure: the median of several rounds, in which the
 * store and the bare system calls take turns. The calls write the same records as the
 * store, into as many folders, in the way that is usually recommended: a new file is
 * written under no name and linked, a file is replaced by a new one that is renamed,
 * and where that is to survive the loss of power, file and folder are synced.
 */

#include "config.h"

#include <au/au.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define N_FOLDERS (1024)
#define BATCH (64)

static char *folder = NULL;
static char *format = NULL;
static int n_rounds = 5;
static int n_records = 2000;
static int n_power_records = 128;
static int growth = 100000;
static gboolean only_growth = FALSE;

static GOptionEntry entries[] = {
  { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where to write (default: a folder in /tmp)", "FOLDER" },
  { "format", 0, 0, G_OPTION_ARG_STRING, &format, "json (default) or variant", "FORMAT" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Rounds of each figure (default: 5)", "N" },
  { "records", 0, 0, G_OPTION_ARG_INT, &n_records, "Records of a round (default: 2000)", "N" },
  { "power-records", 0, 0, G_OPTION_ARG_INT, &n_power_records,
    "Records of a round with syncing (default: 128)", "N" },
  { "growth", 0, 0, G_OPTION_ARG_INT, &growth,
    "Measure inserts up to so many records (default: 100000; 0: do not)", "N" },
  { "only-growth", 0, 0, G_OPTION_ARG_NONE, &only_growth, "Measure nothing else", NULL },
  { NULL }
};

/* Time */

static gint64
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double difference = *(const double *) a - *(const double *) b;

  return difference < 0 ? -1 : difference > 0;
}

static double
get_median (GArray *figures)
{
  g_array_sort (figures, compare_doubles);
  return g_array_index (figures, double, figures->len / 2);
}

/* The records of a round, in the three forms of their life, and as text. */
typedef struct
{
  guint     n;
  AuRecord **pending;
  AuRecord **running;
  AuRecord **completed;
  GBytes   **pending_bytes;
  GBytes   **completed_bytes;
} Records;

static GBytes *
get_bytes (AuRecord *record)
{
  char *text;

  if (g_str_equal (format, "variant"))
    return au_record_to_bytes (record);

  text = au_record_to_json (record, FALSE);
  return g_bytes_new_take (text, strlen (text));
}

static void
records_init (Records *self,
              guint    n)
{
  self->n = n;
  self->pending = g_new (AuRecord *, n);
  self->running = g_new (AuRecord *, n);
  self->completed = g_new (AuRecord *, n);
  self->pending_bytes = g_new (GBytes *, n);
  self->completed_bytes = g_new (GBytes *, n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("/usr/share/doc/package-%u/changelog.Debian.gz", i);
      GVariant *value = g_variant_new ("(sttss)", "file", (guint64) 1234, (guint64) 56, "text/plain",
                                       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

      self->pending[i] = au_record_new (NULL, "digest.file", g_variant_new ("(s)", path), NULL);
      self->running[i] = au_transition_begin (self->pending[i], au_owner_get_own (), 0, NULL);
      self->completed[i] = au_transition_complete (self->running[i], 1, value, NULL);
      self->pending_bytes[i] = get_bytes (self->pending[i]);
      self->completed_bytes[i] = get_bytes (self->completed[i]);
    }
}

static void
records_clear (Records *self)
{
  for (guint i = 0; i < self->n; i++)
    {
      au_record_unref (self->pending[i]);
      au_record_unref (self->running[i]);
      au_record_unref (self->completed[i]);
      g_bytes_unref (self->pending_bytes[i]);
      g_bytes_unref (self->completed_bytes[i]);
    }

  g_free (self->pending);
  g_free (self->running);
  g_free (self->completed);
  g_free (self->pending_bytes);
  g_free (self->completed_bytes);
}

/* Folders */

static int
remove_entry (const char        *path,
              const struct stat *info,
              int                kind,
              struct FTW        *position)
{
  return remove (path);
}

static void
remove_folder (const char *path)
{
  nftw (path, remove_entry, 64, FTW_DEPTH | FTW_PHYS);
}

static void
check (gboolean    fine,
       const char *what)
{
  if (!fine)
    g_error ("%s: %s", what, g_strerror (errno));
}

/* The bare system calls */

typedef struct
{
  char    *path;
  int      fd;
  gboolean sync;
  int      folders[N_FOLDERS];
} Bare;

static void
bare_init (Bare       *self,
           const char *path,
           gboolean    sync)
{
  self->path = g_strdup (path);
  self->sync = sync;
  check (mkdir (path, 0700) == 0, "mkdir");
  self->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  check (self->fd >= 0, "open");
  for (guint i = 0; i < N_FOLDERS; i++)
    self->folders[i] = -1;
}

/* As the store, it makes folders when they are needed. */
static int
bare_get_folder (Bare       *self,
                 const char *key)
{
  guint i = g_str_hash (key) % N_FOLDERS;
  char name[8];

  if (self->folders[i] >= 0)
    return self->folders[i];

  g_snprintf (name, sizeof name, "%03x", i);
  check (mkdirat (self->fd, name, 0700) == 0, "mkdirat");
  self->folders[i] = openat (self->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  check (self->folders[i] >= 0, "openat");
  return self->folders[i];
}

static void
bare_write (int     fd,
            GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  check (write (fd, data, size) == (gssize) size, "write");
}

static void
bare_insert (Bare       *self,
             const char *key,
             GBytes     *bytes)
{
  int parent = bare_get_folder (self, key);
  int fd = openat (parent, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  char link[32];

  check (fd >= 0, "openat");
  bare_write (fd, bytes);
  if (self->sync)
    check (fdatasync (fd) == 0, "fdatasync");
  g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  check (linkat (AT_FDCWD, link, parent, key, AT_SYMLINK_FOLLOW) == 0, "linkat");
  close (fd);
  if (self->sync)
    check (fsync (parent) == 0, "fsync");
}

static void
bare_replace (Bare       *self,
              const char *key,
              GBytes     *bytes)
{
  int parent = bare_get_folder (self, key);
  int fd = openat (parent, "new", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

  check (fd >= 0, "openat");
  bare_write (fd, bytes);
  if (self->sync)
    check (fdatasync (fd) == 0, "fdatasync");
  close (fd);
  check (renameat (parent, "new", parent, key) == 0, "renameat");
  if (self->sync)
    check (fsync (parent) == 0, "fsync");
}

static void
bare_load (Bare       *self,
           const char *key)
{
  int fd = openat (bare_get_folder (self, key), key, O_RDONLY | O_CLOEXEC);
  char buffer[4096];

  check (fd >= 0 && read (fd, buffer, sizeof buffer) > 0, "read");
  close (fd);
}

/* Many new files, then all that makes them durable. */
static void
bare_insert_many (Bare     *self,
                  Records  *records,
                  guint     first)
{
  int fds[BATCH];

  for (guint i = 0; i < BATCH; i++)
    {
      const char *key = au_record_get_key (records->pending[first + i]);

      fds[i] = openat (bare_get_folder (self, key), key,
                       O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
      check (fds[i] >= 0, "openat");
      bare_write (fds[i], records->pending_bytes[first + i]);
    }

  for (guint i = 0; i < BATCH; i++)
    {
      check (fdatasync (fds[i]) == 0, "fdatasync");
      close (fds[i]);
    }
  for (guint i = 0; i < BATCH; i++)
    check (fsync (bare_get_folder (self, au_record_get_key (records->pending[first + i]))) == 0,
           "fsync");
}

static void
bare_clear (Bare *self)
{
  for (guint i = 0; i < N_FOLDERS; i++)
    {
      if (self->folders[i] >= 0)
        close (self->folders[i]);
    }
  close (self->fd);
  remove_folder (self->path);
  g_free (self->path);
}

/* Figures */

static const char *
get_kind_of_folder (void)
{
  struct statfs info;

  if (statfs (folder, &info) != 0)
    return "unknown";

  switch ((guint) info.f_type)
    {
    case 0x01021994:
      return "tmpfs";
    case 0xef53:
      return "ext4";
    default:
      return "other";
    }
}

static void
print_figure (const char *figure,
              const char *durability,
              GArray     *store,
              GArray     *bare)
{
  double store_median = get_median (store);
  double bare_median = bare->len > 0 ? get_median (bare) : 0;

  g_print ("{\"bench\":\"file-store\",\"figure\":\"%s\",\"folder\":\"%s\",\"format\":\"%s\","
           "\"durability\":\"%s\",\"unit\":\"us\",\"store\":%.2f,\"bare\":%.2f,\"ratio\":%.2f,"
           "\"store-min\":%.2f,\"store-max\":%.2f,\"rounds\":%u}\n",
           figure, get_kind_of_folder (), format, durability, store_median, bare_median,
           bare_median > 0 ? store_median / bare_median : 0,
           g_array_index (store, double, 0), g_array_index (store, double, store->len - 1),
           store->len);
}

typedef enum
{
  INSERT,
  REPLACE,
  LOAD,
  INSERT_BATCH,
  REPLACE_BATCH,
  REMOVE,
  N_FIGURES
} Figure;

static const char *const figure_names[N_FIGURES] = {
  "insert", "replace", "load", "insert-batch-64", "replace-batch-64", "remove"
};

static void
add_figure (GArray **figures,
            Figure   figure,
            gint64   start,
            guint    n)
{
  double each = (get_time () - start) / 1000.0 / n;

  g_array_append_val (figures[figure], each);
}

static AuStore *
new_store (const char *path,
           const char *durability)
{
  g_autoptr(GError) error = NULL;
  const char *const settings[] = {
    g_intern_string (g_strconcat ("path=", path, NULL)),
    g_intern_string (g_strconcat ("durability=", durability, NULL)),
    g_intern_string (g_strconcat ("format=", format, NULL)),
    NULL
  };
  GObject *store = au_part_new_from_strings (AU_MODULE_STORE, "file", settings, &error);

  if (store == NULL)
    g_error ("%s", error->message);
  return AU_STORE (store);
}

static void
check_error (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
write_batches (AuStore    *store,
               Records    *records,
               AuRecord  **what,
               guint64     expected)
{
  for (guint first = 0; first < records->n; first += BATCH)
    {
      AuWrite writes[BATCH] = { 0 };

      for (guint i = 0; i < BATCH; i++)
        writes[i] = (AuWrite) { .record = what[first + i], .expected = expected };
      au_store_write_many (store, writes, BATCH, NULL);
      for (guint i = 0; i < BATCH; i++)
        {
          check_error (writes[i].error);
          au_record_unref (writes[i].stored);
        }
    }
}

static void
run_store (const char  *durability,
           guint        n,
           GArray     **figures)
{
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = new_store (path, durability);
  g_autoptr(GError) error = NULL;
  Records records, batch;
  gboolean created;
  gint64 start;

  records_init (&records, n);
  records_init (&batch, n);

  start = get_time ();
  for (guint i = 0; i < n; i++)
    au_record_unref (au_store_insert (store, records.pending[i], &created, NULL, &error));
  add_figure (figures, INSERT, start, n);
  check_error (error);

  start = get_time ();
  for (guint i = 0; i < n; i++)
    {
      au_store_replace (store, records.running[i], 1, NULL, &error);
      au_store_replace (store, records.completed[i], 2, NULL, &error);
    }
  add_figure (figures, REPLACE, start, 2 * n);
  check_error (error);

  start = get_time ();
  for (guint i = 0; i < n; i++)
    au_record_unref (au_store_load (store, au_record_get_key (records.pending[i]), NULL, &error));
  add_figure (figures, LOAD, start, n);
  check_error (error);

  start = get_time ();
  write_batches (store, &batch, batch.pending, 0);
  add_figure (figures, INSERT_BATCH, start, n);

  start = get_time ();
  write_batches (store, &batch, batch.running, 1);
  write_batches (store, &batch, batch.completed, 2);
  add_figure (figures, REPLACE_BATCH, start, 2 * n);

  start = get_time ();
  for (guint i = 0; i < n; i++)
    au_store_remove (store, au_record_get_key (records.pending[i]), NULL, &error);
  add_figure (figures, REMOVE, start, n);
  check_error (error);

  records_clear (&records);
  records_clear (&batch);
  remove_folder (path);
}

static void
run_bare (const char  *durability,
          guint        n,
          GArray     **figures)
{
  g_autofree char *path = g_build_filename (folder, "bare", NULL);
  Records records, batch;
  gint64 start;
  Bare bare;

  records_init (&records, n);
  records_init (&batch, n);
  bare_init (&bare, path, g_str_equal (durability, "power"));

  start = get_time ();
  for (guint i = 0; i < n; i++)
    bare_insert (&bare, au_record_get_key (records.pending[i]), records.pending_bytes[i]);
  add_figure (figures, INSERT, start, n);

  start = get_time ();
  for (guint i = 0; i < n; i++)
    {
      bare_replace (&bare, au_record_get_key (records.pending[i]), records.pending_bytes[i]);
      bare_replace (&bare, au_record_get_key (records.pending[i]), records.completed_bytes[i]);
    }
  add_figure (figures, REPLACE, start, 2 * n);

  start = get_time ();
  for (guint i = 0; i < n; i++)
    bare_load (&bare, au_record_get_key (records.pending[i]));
  add_figure (figures, LOAD, start, n);

  if (bare.sync)
    {
      start = get_time ();
      for (guint i = 0; i < n; i += BATCH)
        bare_insert_many (&bare, &batch, i);
      add_figure (figures, INSERT_BATCH, start, n);
    }

  start = get_time ();
  for (guint i = 0; i < n; i++)
    {
      const char *key = au_record_get_key (records.pending[i]);

      check (unlinkat (bare_get_folder (&bare, key), key, 0) == 0, "unlinkat");
      if (bare.sync)
        check (fsync (bare_get_folder (&bare, key)) == 0, "fsync");
    }
  add_figure (figures, REMOVE, start, n);

  records_clear (&records);
  records_clear (&batch);
  bare_clear (&bare);
}

static void
measure (const char *durability)
{
  guint n = g_str_equal (durability, "power") ? n_power_records : n_records;
  GArray *store[N_FIGURES], *bare[N_FIGURES];

  n = (n + BATCH - 1) / BATCH * BATCH;
  for (guint i = 0; i < N_FIGURES; i++)
    {
      store[i] = g_array_new (FALSE, FALSE, sizeof (double));
      bare[i] = g_array_new (FALSE, FALSE, sizeof (double));
    }

  /* They take turns in who comes first, as the later one finds the disk busier. */
  for (int round = 0; round < n_rounds; round++)
    {
      if (round % 2 == 0)
        run_store (durability, n, store);
      run_bare (durability, n, bare);
      if (round % 2 != 0)
        run_store (durability, n, store);
    }

  for (guint i = 0; i < N_FIGURES; i++)
    {
      print_figure (figure_names[i], durability, store[i], bare[i]);
      g_array_unref (store[i]);
      g_array_unref (bare[i]);
    }
}

/* What an insert costs when there are so many records already. */
static void
measure_growth (void)
{
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autofree char *bare_path = g_build_filename (folder, "bare", NULL);
  g_autoptr(AuStore) store = new_store (path, "process");
  g_autoptr(GError) error = NULL;
  int count = 0;
  Bare bare;

  bare_init (&bare, bare_path, FALSE);
  for (int target = 1000; target <= growth; target *= 10)
    {
      g_autofree char *figure = g_strdup_printf ("insert-at-%d", target);
      g_autoptr(GArray) store_figures = g_array_new (FALSE, FALSE, sizeof (double));
      g_autoptr(GArray) bare_figures = g_array_new (FALSE, FALSE, sizeof (double));
      int n = target / 10;

      while (count < target)
        {
          double each;
          gboolean created;
          Records records;
          gint64 start;

          n = MIN (n, target - count);
          records_init (&records, n);

          start = get_time ();
          for (int i = 0; i < n; i++)
            au_record_unref (au_store_insert (store, records.pending[i], &created, NULL, &error));
          each = (get_time () - start) / 1000.0 / n;
          check_error (error);
          g_array_append_val (store_figures, each);

          start = get_time ();
          for (int i = 0; i < n; i++)
            bare_insert (&bare, au_record_get_key (records.pending[i]), records.pending_bytes[i]);
          each = (get_time () - start) / 1000.0 / n;
          g_array_append_val (bare_figures, each);

          records_clear (&records);
          count += n;
        }

      print_figure (figure, "process", store_figures, bare_figures);
    }

  bare_clear (&bare);
  remove_folder (path);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }

  if (format == NULL)
    format = g_strdup ("json");
  folder = g_build_filename (folder != NULL ? folder : g_get_tmp_dir (), "au-bench-XXXXXX", NULL);
  check (g_mkdtemp (folder) != NULL, "mkdtemp");

  if (!only_growth)
    {
      measure ("none");
      measure ("process");
      measure ("power");
    }
  if (growth > 0)
    measure_growth ();

  remove_folder (folder);
  return 0;
}
