/* au-file-queue.c: leases, pauses and workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-queue-private.h"

#include "au-file-write-private.h"
#include "../shared/au-store-bell-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Between the renaming of a mark and the writing of the record that says so, it looks as if
 * the claim were lost. It is put right when that has lasted so long, in µs.
 */
#define CLAIM_TIME (10 * G_USEC_PER_SEC)

/* So many are taken away from workers that have died before something is claimed. */
#define REAP_LIMIT (500)

/* The largest description of a worker that is read. */
#define MAX_WORKER_SIZE (64 * 1024)

void
au_file_queue_init (AuFileQueue    *self,
                    AuFileLine     *line,
                    AuFileRecovery *recovery)
{
  g_autofree char *folder = g_build_filename (line->records->folder.path, "queue", "lives", NULL);

  self->line = line;
  self->records = line->records;
  self->recovery = recovery;
  self->lives = au_store_lives_new (folder);
  au_store_reports_init (&self->reports);
  g_mutex_init (&self->claim_lock);
  self->listings = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                          (GDestroyNotify) au_file_listing_free);
}

void
au_file_queue_clear (AuFileQueue *self)
{
  au_store_lives_leave (self->lives);
  g_clear_pointer (&self->lives, au_store_lives_unref);
  au_store_reports_clear (&self->reports);
  g_clear_pointer (&self->listings, g_hash_table_unref);
  g_mutex_clear (&self->claim_lock);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* Lists the files of a folder, sorted; one that is not there is empty. */
char **
au_file_queue_list_names (AuFileQueue  *self,
                          const char   *path,
                          GError      **error)
{
  AuFileFolder *folder = &self->records->folder;
  GPtrArray *names;
  DIR *list = au_file_folder_list (folder, path);
  struct dirent *entry;

  if (list == NULL && errno != ENOENT)
    {
      au_file_folder_fail_reading (folder, path, errno, error);
      return NULL;
    }

  names = g_ptr_array_new ();
  while (list != NULL && (entry = readdir (list)) != NULL)
    {
      if (entry->d_name[0] != '.')
        g_ptr_array_add (names, g_strdup (entry->d_name));
    }
  if (list != NULL)
    closedir (list);

  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

/* Leases */

static gboolean
is_current (AuRecord *current,
            AuRecord *record)
{
  return au_store_standing_is_leased (current) &&
         au_record_get_attempt (current) == au_record_get_attempt (record);
}

GPtrArray *
au_file_queue_renew (AuFileQueue  *self,
                     GPtrArray    *records,
                     GTimeSpan     lease,
                     GError      **error)
{
  g_autoptr(GPtrArray) renewed = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  gint64 now = au_clock_get_real_time ();
  gint64 lease_end = lease < G_MAXINT64 - now ? now + lease : G_MAXINT64;

  for (guint i = 0; i < records->len; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);
      g_autoptr(GError) reason = NULL;
      g_autoptr(AuRecord) current = NULL;
      char mark[AU_FILE_MARK_SIZE];

      current = au_file_records_load (self->records, au_record_get_key (record), AU_FILE_LOAD_SET_ASIDE, &reason);
      if (current == NULL && g_error_matches (reason, AU_ERROR, AU_ERROR_STORE))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }
      if (current == NULL || !is_current (current, record) ||
          !au_file_line_make_mark (mark, current, AU_STORE_STANDING_RUNNING, NULL))
        continue;

      if (!au_file_line_set_lease (self->line, mark, lease_end))
        au_file_line_put_right (self->line, NULL, au_record_get_key (current));
      g_ptr_array_add (renewed, g_steal_pointer (&current));
    }

  return g_steal_pointer (&renewed);
}

/* Reaping */

typedef struct
{
  AuFileQueue *queue;
  gint64       now;
  guint        limit;
  guint        n_lost;
} Reaping;

/* Takes a computation away from its worker, unless it has ended meanwhile. */
static gboolean
take_away (Reaping     *self,
           AuRecord    *record,
           GError     **error)
{
  g_autoptr(AuRecord) next = au_transition_reap (record, NULL);
  AuWrite write = { .record = next, .expected = au_record_get_revision (record) };
  gboolean fine;

  if (next == NULL)
    return TRUE;

  AU_STORE_FAILPOINT ("reap/before-one");
  au_file_line_write_many (self->queue->line, &write, 1);
  g_clear_pointer (&write.stored, au_record_unref);
  if (write.error == NULL)
    {
      self->n_lost++;
      return TRUE;
    }

  fine = g_error_matches (write.error, AU_ERROR, AU_ERROR_CONFLICT) ||
         g_error_matches (write.error, AU_ERROR, AU_ERROR_NOT_FOUND);
  if (fine)
    g_clear_error (&write.error);
  else
    g_propagate_error (error, write.error);
  return fine;
}

/* Whether a claim was begun a while ago. Its time is that of the system, whatever clock
 * a test has.
 */
static gboolean
is_old (const struct stat *info)
{
  gint64 changed = (gint64) info->st_ctim.tv_sec * G_USEC_PER_SEC + info->st_ctim.tv_nsec / 1000;
  gint64 age = g_get_real_time () - changed;

  return age > CLAIM_TIME || age < -CLAIM_TIME;
}

static gboolean
reap_mark (Reaping     *self,
           const char  *owner,
           const char  *name,
           gboolean     dead,
           GError     **error)
{
  AuFileQueue *queue = self->queue;
  g_autofree char *mark = g_strconcat ("queue/run/", owner, "/", name, NULL);
  const char *comma = strchr (name, ',');
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) reason = NULL;
  char right[AU_FILE_MARK_SIZE];
  struct stat info;
  gboolean late;

  if (comma == NULL || !au_key_is_valid (comma + 1) ||
      fstatat (queue->records->folder.root_fd, mark, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return TRUE;

  late = (gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000 <= self->now;
  if (!dead && !late)
    return TRUE;

  record = au_file_records_load (queue->records, comma + 1, AU_FILE_LOAD_SET_ASIDE, &reason);
  if (g_error_matches (reason, AU_ERROR, AU_ERROR_UNSUPPORTED))
    {
      au_store_reports_not_lost (&queue->reports, queue->records->folder.path, comma + 1, reason);
      return TRUE;
    }

  if (record != NULL && au_store_standing_is_leased (record) &&
      au_file_line_make_mark (right, record, AU_STORE_STANDING_RUNNING, NULL) && g_str_equal (right, mark))
    return take_away (self, record, error);

  if (dead || is_old (&info))
    au_file_line_put_right (queue->line, mark, comma + 1);
  return TRUE;
}

static gboolean
reap_owner (Reaping     *self,
            const char  *owner,
            GHashTable  *left_behind,
            GError     **error)
{
  AuFileQueue *queue = self->queue;
  g_autofree char *path = g_strconcat ("queue/run/", owner, NULL);
  g_autofree char *full = g_strdelimit (g_strdup (owner), ",", '/');
  gboolean dead = au_store_lives_is_among (left_behind, full) ||
                  au_owner_get_state (full) == AU_OWNER_STATE_DEAD;
  g_auto(GStrv) names = au_file_queue_list_names (queue, path, error);

  if (names == NULL)
    return FALSE;

  for (guint i = 0; names[i] != NULL && self->n_lost < self->limit; i++)
    {
      if (!reap_mark (self, owner, names[i], dead, error))
        return FALSE;
    }

  /* if it is empty */
  if (dead)
    unlinkat (queue->records->folder.root_fd, path, AT_REMOVEDIR);
  return TRUE;
}

static void
forget_workers (AuFileQueue *self,
                GHashTable  *left_behind,
                gint64       now)
{
  g_autoptr(GPtrArray) workers = au_file_queue_list_workers (self, NULL);

  for (guint i = 0; workers != NULL && i < workers->len; i++)
    {
      AuWorkerInfo *worker = g_ptr_array_index (workers, i);

      if (au_worker_info_is_gone (worker, now) ||
          au_store_lives_is_among (left_behind, au_worker_info_get_owner (worker)))
        au_file_queue_withdraw (self, au_worker_info_get_id (worker), NULL);
    }
}

gint
au_file_queue_reap (AuFileQueue  *self,
                    guint         limit,
                    GError      **error)
{
  Reaping reaping = { .queue = self, .now = au_clock_get_real_time (), .limit = limit };
  g_autoptr(GHashTable) left_behind = au_store_lives_find_dead (self->lives);
  g_auto(GStrv) owners = au_file_queue_list_names (self, "queue/run", error);

  if (owners == NULL)
    return -1;

  forget_workers (self, left_behind, reaping.now);
  for (guint i = 0; owners[i] != NULL && reaping.n_lost < limit; i++)
    {
      if (!reap_owner (&reaping, owners[i], left_behind, error))
        return -1;
    }

  AU_STORE_FAILPOINT ("reap/before-clearing");
  if (reaping.n_lost < limit)
    au_store_lives_clear_dead (self->lives, left_behind);

  au_file_recovery_step (self->recovery);
  au_file_after_look_round (self->line);
  return reaping.n_lost;
}

/* Pauses */

static void
make_paused_mark (char       *mark,
                  const char *queue)
{
  g_snprintf (mark, AU_FILE_MARK_SIZE, "queue/paused/%s", queue);
}

gboolean
au_file_queue_is_paused (AuFileQueue *self,
                         const char  *queue)
{
  char mark[AU_FILE_MARK_SIZE];

  make_paused_mark (mark, queue);
  return faccessat (self->records->folder.root_fd, mark, F_OK, 0) == 0;
}

gboolean
au_file_queue_set_paused (AuFileQueue  *self,
                          const char   *queue,
                          gboolean      paused,
                          GError      **error)
{
  AuFileFolder *folder = &self->records->folder;
  char mark[AU_FILE_MARK_SIZE];

  if (!au_file_line_open (self->line, error))
    return FALSE;

  make_paused_mark (mark, queue);
  if (paused)
    {
      if (!au_file_line_put_mark (self->line, mark, error))
        return FALSE;
    }
  else
    {
      if (unlinkat (folder->root_fd, mark, 0) != 0)
        return errno == ENOENT || au_file_folder_fail_writing (folder, mark, errno, error);
      au_file_line_ring (self->line);
    }

  return !folder->sync || au_file_folder_sync_parents (folder, mark, error);
}

char **
au_file_queue_list_paused (AuFileQueue  *self,
                           GError      **error)
{
  return au_file_queue_list_names (self, "queue/paused", error);
}

/* Workers */

static void
make_worker_path (char       *path,
                  const char *id)
{
  g_autofree char *hash = NULL;

  if (!au_key_is_valid (id))
    hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, id, -1);
  g_snprintf (path, AU_FILE_MARK_SIZE, "queue/workers/%s", hash != NULL ? hash : id);
}

/* Writes a file in the place of another. */
static gboolean
write_file (AuFileFolder  *folder,
            const char    *path,
            GVariant      *form,
            GError       **error)
{
  struct iovec part = { (gpointer) g_variant_get_data (form), g_variant_get_size (form) };
  AuFileStaged staged;
  gboolean written;
  int reason;

  if (!au_file_folder_make_parent (folder, path, error) ||
      !au_file_folder_stage (folder, path, TRUE, &staged, error))
    return FALSE;

  AU_STORE_FAILPOINT ("worker/staged");
  written = au_file_write (staged.fd, &part, 1, 0) &&
            renameat (folder->root_fd, staged.path, folder->root_fd, path) == 0;
  reason = errno;
  if (written)
    staged.path[0] = '\0';
  au_file_folder_unstage (folder, &staged);

  return written || au_file_folder_fail_writing (folder, path, reason, error);
}

gboolean
au_file_queue_announce (AuFileQueue   *self,
                        AuWorkerInfo  *worker,
                        GError       **error)
{
  g_autoptr(GVariant) form = au_worker_info_to_variant (worker);
  g_autoptr(GVariant) boxed = g_variant_ref_sink (g_variant_new_variant (form));
  char path[AU_FILE_MARK_SIZE];

  if (!au_file_line_open (self->line, error))
    return FALSE;

  au_store_lives_enter (self->lives, au_worker_info_get_owner (worker));
  make_worker_path (path, au_worker_info_get_id (worker));
  return write_file (&self->records->folder, path, boxed, error);
}

gboolean
au_file_queue_withdraw (AuFileQueue  *self,
                        const char   *worker_id,
                        GError      **error)
{
  AuFileFolder *folder = &self->records->folder;
  char path[AU_FILE_MARK_SIZE];

  make_worker_path (path, worker_id);
  return unlinkat (folder->root_fd, path, 0) == 0 || errno == ENOENT ||
         au_file_folder_fail_writing (folder, path, errno, error);
}

/* Reads what a worker says of itself; NULL if it has gone, or is of a newer au. */
static AuWorkerInfo *
read_worker (AuFileQueue *self,
             const char  *name)
{
  g_autofree char *path = g_strconcat ("queue/workers/", name, NULL);
  g_autofree char *data = g_malloc (MAX_WORKER_SIZE);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GVariant) boxed = NULL;
  g_autoptr(GVariant) normal = NULL;
  g_autoptr(GVariant) form = NULL;
  int fd = openat (self->records->folder.root_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  gssize length;

  if (fd < 0)
    return NULL;

  length = au_file_read (fd, data, MAX_WORKER_SIZE, 0);
  close (fd);
  if (length < 0)
    return NULL;

  bytes = g_bytes_new (data, length);
  boxed = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARIANT, bytes, FALSE));
  normal = g_variant_get_normal_form (boxed);
  form = g_variant_get_variant (normal);
  return au_worker_info_from_variant (form, NULL);
}

GPtrArray *
au_file_queue_list_workers (AuFileQueue  *self,
                            GError      **error)
{
  g_auto(GStrv) names = au_file_queue_list_names (self, "queue/workers", error);
  GPtrArray *workers;

  if (names == NULL)
    return NULL;

  workers = g_ptr_array_new_with_free_func ((GDestroyNotify) au_worker_info_unref);
  for (guint i = 0; names[i] != NULL; i++)
    {
      AuWorkerInfo *worker = read_worker (self, names[i]);

      if (worker != NULL)
        g_ptr_array_add (workers, worker);
    }

  return workers;
}

/* Waiting */

/* What a worker left that has just died may be claimed at once; if it is much, a part of it
 * before each claim.
 */
gboolean
au_file_queue_take_from_dead (AuFileQueue  *self,
                              GError      **error)
{
  gint n_lost;

  if (!au_store_lives_take_news (self->lives))
    return TRUE;

  n_lost = au_file_queue_reap (self, REAP_LIMIT, error);
  if (n_lost < 0 || n_lost == REAP_LIMIT)
    au_store_lives_look_again (self->lives);
  return n_lost >= 0;
}

/* NULL without a source of its own, or with NULL: then one looks once a second. */
GSource *
au_file_queue_create_source (AuFileQueue *self)
{
  if (self == NULL || !au_file_line_open (self->line, NULL))
    return NULL;

  return au_store_lives_join_source (self->lives, au_store_bell_new_source (self->line->bell_fd, 0, NULL));
}
