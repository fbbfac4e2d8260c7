/* bench-file-store.c: what the store “file” costs, and what the bare system calls do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Prints one line of JSON for each figure: medians of several rounds, in which the store
 * and the bare system calls take turns. The calls write the same records as the
 * store, into as many folders, in the way that is usually recommended: a new file is
 * written under no name and linked, a file is replaced by a new one that is renamed,
 * and where that is to survive the loss of power, file and folder are synced.
 */

#include "config.h"

#include "au-bench.h"

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
static int n_records = 8000;
static int n_power_records = 128;
static int growth = 100000;
static gboolean only_growth = FALSE;

static GOptionEntry entries[] = {
  { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where to write (default: a folder in /tmp)", "FOLDER" },
  { "format", 0, 0, G_OPTION_ARG_STRING, &format, "json (default) or variant", "FORMAT" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Rounds of each figure (default: 5)", "N" },
  { "records", 0, 0, G_OPTION_ARG_INT, &n_records, "Records of a round (default: 8000)", "N" },
  { "power-records", 0, 0, G_OPTION_ARG_INT, &n_power_records,
    "Records of a round with syncing (default: 128)", "N" },
  { "growth", 0, 0, G_OPTION_ARG_INT, &growth,
    "Measure inserts up to so many records (default: 100000; 0: do not)", "N" },
  { "only-growth", 0, 0, G_OPTION_ARG_NONE, &only_growth, "Measure nothing else", NULL },
  { NULL }
};

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
  gboolean made[N_FOLDERS];
} Bare;

static void
bare_init (Bare       *self,
           const char *path,
           gboolean    sync)
{
  *self = (Bare) { .path = g_strdup (path), .sync = sync };
  check (mkdir (path, 0700) == 0, "mkdir");
  self->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  check (self->fd >= 0, "open");
}

/* Where a record is, in a folder and below it. As the store, it makes folders when they
 * are needed, and keeps none open: the usual limit is 1024 open files.
 */
typedef struct
{
  char folder[8];
  char path[AU_KEY_MAX_LENGTH + 8];
} Place;

static Place
bare_get_place (Bare       *self,
                const char *key)
{
  guint i = g_str_hash (key) % N_FOLDERS;
  Place place;

  g_snprintf (place.folder, sizeof place.folder, "%03x", i);
  g_snprintf (place.path, sizeof place.path, "%03x/%s", i, key);
  if (self->made[i])
    return place;

  check (mkdirat (self->fd, place.folder, 0700) == 0, "mkdirat");
  if (self->sync)
    check (fsync (self->fd) == 0, "fsync");
  self->made[i] = TRUE;
  return place;
}

static void
bare_sync (Bare  *self,
           Place *place)
{
  int fd = openat (self->fd, place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  check (fd >= 0 && fsync (fd) == 0, "fsync");
  close (fd);
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
  Place place = bare_get_place (self, key);
  int fd = openat (self->fd, place.folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  char link[32];

  check (fd >= 0, "openat");
  bare_write (fd, bytes);
  if (self->sync)
    check (fdatasync (fd) == 0, "fdatasync");
  g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  check (linkat (AT_FDCWD, link, self->fd, place.path, AT_SYMLINK_FOLLOW) == 0, "linkat");
  close (fd);
  if (self->sync)
    bare_sync (self, &place);
}

static void
bare_replace (Bare       *self,
              const char *key,
              GBytes     *bytes)
{
  Place place = bare_get_place (self, key);
  int fd = openat (self->fd, "new", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

  check (fd >= 0, "openat");
  bare_write (fd, bytes);
  if (self->sync)
    check (fdatasync (fd) == 0, "fdatasync");
  close (fd);
  check (renameat (self->fd, "new", self->fd, place.path) == 0, "renameat");
  if (self->sync)
    bare_sync (self, &place);
}

static void
bare_load (Bare       *self,
           const char *key)
{
  Place place = bare_get_place (self, key);
  int fd = openat (self->fd, place.path, O_RDONLY | O_CLOEXEC);
  char buffer[4096];

  check (fd >= 0 && read (fd, buffer, sizeof buffer) > 0, "read");
  close (fd);
}

static void
bare_remove (Bare       *self,
             const char *key)
{
  Place place = bare_get_place (self, key);

  check (unlinkat (self->fd, place.path, 0) == 0, "unlinkat");
  if (self->sync)
    bare_sync (self, &place);
}

/* A batch: many files are written, then all are synced, then all get their names, then
 * all folders are synced.
 */
static void
bare_write_batch (Bare     *self,
                  Records  *records,
                  GBytes  **bytes,
                  guint     first,
                  gboolean  replace)
{
  Place places[BATCH];
  int fds[BATCH];
  char name[32];

  for (guint i = 0; i < BATCH; i++)
    {
      places[i] = bare_get_place (self, au_record_get_key (records->pending[first + i]));
      g_snprintf (name, sizeof name, "new%u", i);
      fds[i] = openat (self->fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
      check (fds[i] >= 0, "openat");
      bare_write (fds[i], bytes[first + i]);
    }

  for (guint i = 0; i < BATCH; i++)
    {
      if (self->sync)
        check (fdatasync (fds[i]) == 0, "fdatasync");
      close (fds[i]);
    }

  for (guint i = 0; i < BATCH; i++)
    {
      g_snprintf (name, sizeof name, "new%u", i);
      check (renameat2 (self->fd, name, self->fd, places[i].path, replace ? 0 : RENAME_NOREPLACE) == 0,
             "renameat2");
    }

  for (guint i = 0; self->sync && i < BATCH; i++)
    bare_sync (self, &places[i]);
}

static void
bare_write_many (Bare     *self,
                 Records  *records,
                 GBytes  **bytes,
                 gboolean  replace)
{
  for (guint first = 0; first < records->n; first += BATCH)
    bare_write_batch (self, records, bytes, first, replace);
}

static void
bare_clear (Bare *self)
{
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

typedef enum
{
  INSERT,
  REPLACE,
  LOAD,
  REMOVE,
  INSERT_BATCH,
  REPLACE_BATCH,
  N_STEPS
} Step;

static const char *const step_names[N_STEPS] = {
  "insert", "replace", "load", "remove", "insert-64", "replace-64"
};

/* What a figure is about. */
typedef struct
{
  const char *durability;
  Step        step;
  guint       n;
} Subject;

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

/* Goes through the steps up to the one that is measured, and gives its time. */
static double
run_store (gpointer data)
{
  const Subject *subject = data;
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = new_store (path, subject->durability);
  g_autoptr(GError) error = NULL;
  Records records;
  gboolean created;
  double start = 0;

  records_init (&records, subject->n);

  for (Step step = subject->step < INSERT_BATCH ? INSERT : INSERT_BATCH; step <= subject->step; step++)
    {
      start = au_bench_now ();

      switch (step)
        {
        case INSERT:
          for (guint i = 0; i < records.n; i++)
            au_record_unref (au_store_insert (store, records.pending[i], &created, NULL, &error));
          break;

        case REPLACE:
          for (guint i = 0; i < records.n; i++)
            {
              au_store_replace (store, records.running[i], 1, NULL, &error);
              au_store_replace (store, records.completed[i], 2, NULL, &error);
            }
          break;

        case LOAD:
          for (guint i = 0; i < records.n; i++)
            au_record_unref (au_store_load (store, au_record_get_key (records.pending[i]), NULL, &error));
          break;

        case REMOVE:
          for (guint i = 0; i < records.n; i++)
            au_store_remove (store, au_record_get_key (records.pending[i]), NULL, &error);
          break;

        case INSERT_BATCH:
          write_batches (store, &records, records.pending, 0);
          break;

        case REPLACE_BATCH:
        default:
          write_batches (store, &records, records.running, 1);
          write_batches (store, &records, records.completed, 2);
        }

      check_error (error);
    }

  start = au_bench_now () - start;
  records_clear (&records);
  remove_folder (path);
  return start;
}

static double
run_bare (gpointer data)
{
  const Subject *subject = data;
  g_autofree char *path = g_build_filename (folder, "bare", NULL);
  Records records;
  double start = 0;
  Bare bare;

  records_init (&records, subject->n);
  bare_init (&bare, path, g_str_equal (subject->durability, "power"));

  for (Step step = subject->step < INSERT_BATCH ? INSERT : INSERT_BATCH; step <= subject->step; step++)
    {
      start = au_bench_now ();

      switch (step)
        {
        case INSERT:
          for (guint i = 0; i < records.n; i++)
            bare_insert (&bare, au_record_get_key (records.pending[i]), records.pending_bytes[i]);
          break;

        case REPLACE:
          for (guint i = 0; i < records.n; i++)
            {
              bare_replace (&bare, au_record_get_key (records.pending[i]), records.pending_bytes[i]);
              bare_replace (&bare, au_record_get_key (records.pending[i]), records.completed_bytes[i]);
            }
          break;

        case LOAD:
          for (guint i = 0; i < records.n; i++)
            bare_load (&bare, au_record_get_key (records.pending[i]));
          break;

        case REMOVE:
          for (guint i = 0; i < records.n; i++)
            bare_remove (&bare, au_record_get_key (records.pending[i]));
          break;

        case INSERT_BATCH:
          bare_write_many (&bare, &records, records.pending_bytes, FALSE);
          break;

        case REPLACE_BATCH:
        default:
          bare_write_many (&bare, &records, records.pending_bytes, TRUE);
          bare_write_many (&bare, &records, records.completed_bytes, TRUE);
        }
    }

  start = au_bench_now () - start;
  records_clear (&records);
  bare_clear (&bare);
  return start;
}

static void
measure (const char *durability)
{
  guint n = g_str_equal (durability, "power") ? n_power_records : n_records;

  n = (n + BATCH - 1) / BATCH * BATCH;
  for (Step step = INSERT; step < N_STEPS; step++)
    {
      g_autofree char *name = g_strdup_printf ("file-store.%s.%s.%s.%s", step_names[step], durability,
                                               format, get_kind_of_folder ());
      Subject subject = { durability, step, n };
      gboolean is_twice = step == REPLACE || step == REPLACE_BATCH;
      AuBenchFigure figure = {
        name, "s", run_store, "system calls", run_bare, &subject, is_twice ? 2 * n : n, FALSE
      };

      au_bench_run (&figure, n_rounds);
    }
}

/* What an insert costs when there are so many records already. */
typedef struct
{
  AuStore *store;
  Bare     bare;
  guint    n_store;
  guint    n_bare;
  guint    part;  /* how many each run adds */
} Growth;

static double
grow_store (gpointer data)
{
  Growth *self = data;
  g_autoptr(GError) error = NULL;
  Records records;
  gboolean created;
  double start;

  records_init (&records, self->part);
  start = au_bench_now ();
  for (guint i = 0; i < records.n; i++)
    au_record_unref (au_store_insert (self->store, records.pending[i], &created, NULL, &error));
  start = au_bench_now () - start;
  check_error (error);
  records_clear (&records);
  self->n_store += self->part;

  return start;
}

static double
grow_bare (gpointer data)
{
  Growth *self = data;
  Records records;
  double start;

  records_init (&records, self->part);
  start = au_bench_now ();
  for (guint i = 0; i < records.n; i++)
    bare_insert (&self->bare, au_record_get_key (records.pending[i]), records.pending_bytes[i]);
  start = au_bench_now () - start;
  records_clear (&records);
  self->n_bare += self->part;

  return start;
}

static void
measure_growth (void)
{
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autofree char *bare_path = g_build_filename (folder, "bare", NULL);
  g_autoptr(AuStore) store = new_store (path, "process");
  Growth self = { .store = store };

  bare_init (&self.bare, bare_path, FALSE);
  for (int target = 1000; target <= growth; target *= 10)
    {
      g_autofree char *name = g_strdup_printf ("file-store.insert-at-%d.process.%s.%s", target,
                                               format, get_kind_of_folder ());
      AuBenchFigure figure = {
        name, "s", grow_store, "system calls", grow_bare, &self, 0, FALSE
      };

      /* The runs are what is inserted last. */
      self.part = 500;
      while (self.n_store + self.part * (n_rounds + 1) < (guint) target)
        grow_store (&self);
      while (self.n_bare < self.n_store)
        grow_bare (&self);

      figure.n = self.part;
      au_bench_run (&figure, n_rounds);
    }

  bare_clear (&self.bare);
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
