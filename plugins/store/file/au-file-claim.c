/* au-file-claim.c: claims of computations by workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-queue-private.h"

#include "au-file-write-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOUR ((gint64) 60 * 60 * G_USEC_PER_SEC)

/* So many without room are read in one claim, as others wait meanwhile. */
#define LEARN_LIMIT (1000)

/* A mark that was taken, and the record that is to say so. */
typedef struct
{
  AuFileListed *listed;
  char         *ready_mark;
  char         *run_mark;
  AuWrite       write;
} Taken;

typedef struct
{
  AuFileQueue *queue;
  AuClaim     *claim;
  gint64       now;
  gint64       next_due;
  GPtrArray   *records;

  char         owner[AU_FILE_MARK_SIZE];
  GArray      *taken;        /* of Taken */
  gboolean     locked;       /* nobody else counts what runs */
  GHashTable  *counts;       /* limit → how many run under it; only if locked */
  GHashTable  *noted;        /* limits that were found full, and noted to be */
  char        *full;         /* the function that was last found to have no room, or NULL */
  guint        n_learned;    /* without room, whose records had to be read to see that */
} Claim;

static void
taken_clear (gpointer data)
{
  Taken *self = data;

  g_free (self->ready_mark);
  g_free (self->run_mark);
  g_clear_pointer (&self->write.record, au_record_unref);
  g_clear_pointer (&self->write.stored, au_record_unref);
  g_clear_error (&self->write.error);
}

/* Limits */

static void
count_one (GHashTable *counts,
           const char *prefix,
           const char *name,
           int         difference)
{
  g_autofree char *limit = NULL;
  guint count;

  if (name == NULL)
    return;

  limit = g_strconcat (prefix, name, NULL);
  count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, limit)) + difference;
  g_hash_table_insert (counts, g_steal_pointer (&limit), GUINT_TO_POINTER (count));
}

static void
count_record (GHashTable *counts,
              AuRecord   *record,
              int         difference)
{
  count_one (counts, "f:", au_record_get_function (record), difference);
  count_one (counts, "k:", au_options_get_concurrency_key (au_record_get_options (record)), difference);
}

/* Counts what runs, whoever runs it. */
static gboolean
count_running (Claim   *self,
               GError **error)
{
  AuFileQueue *queue = self->queue;
  g_auto(GStrv) owners = au_file_queue_list_names (queue, "queue/run", error);

  if (owners == NULL)
    return FALSE;

  for (guint i = 0; owners[i] != NULL; i++)
    {
      g_autofree char *path = g_strconcat ("queue/run/", owners[i], NULL);
      g_auto(GStrv) names = au_file_queue_list_names (queue, path, error);

      for (guint j = 0; names != NULL && names[j] != NULL; j++)
        {
          const char *comma = strchr (names[j], ',');
          g_autoptr(AuRecord) record = NULL;

          if (comma != NULL && au_key_is_valid (comma + 1))
            record = au_file_records_load (queue->records, comma + 1, AU_FILE_LOAD_PEEK, NULL);
          if (record != NULL && au_store_standing_is_leased (record))
            count_record (self->counts, record, 1);
        }
      if (names == NULL)
        return FALSE;
    }

  for (guint i = 0; i < self->taken->len; i++)
    count_record (self->counts, g_array_index (self->taken, Taken, i).write.record, 1);

  return TRUE;
}

/* From here on to the end of the claim, nobody else counts. */
static gboolean
ensure_counts (Claim   *self,
               GError **error)
{
  if (self->counts != NULL)
    return TRUE;

  if (!au_file_locks_take (&self->queue->records->locks, AU_FILE_LOCK_CLAIM, error))
    return FALSE;

  self->locked = TRUE;
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->noted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return count_running (self, error);
}

static gboolean
is_full (Claim      *self,
         const char *limit,
         guint       max)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, limit)) >= max;
}

/* Notes that there was no room, and then looks once more: so either this sees that one has
 * ended, or whoever ends one sees the note.
 */
static gboolean
is_still_full (Claim       *self,
               const char  *limit,
               guint        max,
               gboolean    *full,
               GError     **error)
{
  *full = is_full (self, limit, max);
  if (!*full || !g_hash_table_add (self->noted, g_strdup (limit)))
    return TRUE;

  au_file_line_note_full (self->queue->line, limit);
  g_hash_table_remove_all (self->counts);
  if (!count_running (self, error))
    return FALSE;

  *full = is_full (self, limit, max);
  return TRUE;
}

/* Whether a limit leaves no room for what was listed. */
static gboolean
find_room (Claim         *self,
           AuFileListed  *listed,
           gboolean      *full,
           GError       **error)
{
  guint function_max = au_claim_get_limit (self->claim, listed->function);
  g_autofree char *function_limit = NULL;
  g_autofree char *key_limit = NULL;

  *full = g_strcmp0 (listed->function, self->full) == 0;
  if (*full || (function_max == 0 && listed->concurrency_key == NULL))
    return TRUE;
  if (!ensure_counts (self, error))
    return FALSE;

  function_limit = g_strconcat ("f:", listed->function, NULL);
  if (function_max > 0 && !is_still_full (self, function_limit, function_max, full, error))
    return FALSE;
  if (*full)
    {
      g_free (self->full);
      self->full = g_strdup (listed->function);
    }
  if (*full || listed->concurrency_key == NULL)
    return TRUE;

  key_limit = g_strconcat ("k:", listed->concurrency_key, NULL);
  return is_still_full (self, key_limit, listed->concurrency, full, error);
}

/* Taking */

static void
learn (AuFileListed *listed,
       AuRecord     *record)
{
  AuOptions *options = au_record_get_options (record);

  if (listed->known)
    return;

  listed->known = TRUE;
  listed->function = g_strdup (au_record_get_function (record));
  listed->concurrency_key = g_strdup (au_options_get_concurrency_key (options));
  listed->concurrency = au_options_get_concurrency (options);
}

/* Whether a mark is that of a computation which may be claimed. */
static gboolean
is_right (Claim      *self,
          AuRecord   *record,
          const char *mark)
{
  char right[AU_FILE_MARK_SIZE];

  return au_record_is_queued (record) &&
         au_record_get_due (record) <= self->now &&
         au_file_line_make_mark (right, record, AU_STORE_STANDING_READY, NULL) &&
         g_str_equal (right, mark) &&
         !au_file_after_is_waiting (self->queue->line, record);
}

/* Reads the record of a mark; NULL if there is nothing to be claimed. */
static AuRecord *
get_record (Claim        *self,
            AuFileListed *listed,
            const char   *mark)
{
  const char *comma = strchr (listed->name, ',');
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) reason = NULL;

  if (comma == NULL || !au_key_is_valid (comma + 1))
    {
      listed->gone = TRUE;
      return NULL;
    }

  record = au_file_records_load (self->queue->records, comma + 1, AU_FILE_LOAD_SET_ASIDE, &reason);
  if (record != NULL && is_right (self, record, mark))
    return g_steal_pointer (&record);

  /* It is listed again if it is there nevertheless. */
  listed->gone = TRUE;
  au_file_line_put_right (self->queue->line, mark, comma + 1);
  return NULL;
}

/* Renames a mark, which only one can do. */
static gboolean
rename_mark (Claim       *self,
             const char  *from,
             const char  *to,
             gboolean    *renamed,
             GError     **error)
{
  AuFileFolder *folder = &self->queue->records->folder;

  *renamed = renameat (folder->root_fd, from, folder->root_fd, to) == 0;
  if (!*renamed && errno == ENOENT)
    {
      /* Somebody else has it, or the folder is not there. */
      if (!au_file_folder_make_parent (folder, to, error))
        return FALSE;
      *renamed = renameat (folder->root_fd, from, folder->root_fd, to) == 0;
    }

  return *renamed || errno == ENOENT || au_file_folder_fail_writing (folder, to, errno, error);
}

/* The next record of what is claimed: it runs, or cannot be started. */
static AuRecord *
make_next (Claim    *self,
           AuRecord *record)
{
  gint64 lease = au_claim_get_lease (self->claim);
  gint64 lease_end = lease < G_MAXINT64 - self->now ? self->now + lease : G_MAXINT64;
  g_autoptr(GError) reason = NULL;
  AuRecord *next = au_transition_begin (record, au_claim_get_owner (self->claim), lease_end, &reason);

  return next != NULL ? next : au_transition_refuse (record, reason, NULL);
}

static gboolean
take (Claim         *self,
      AuFileListed  *listed,
      const char    *mark,
      AuRecord      *record,
      GError       **error)
{
  Taken taken = { .listed = listed };
  char run_mark[AU_FILE_MARK_SIZE];
  gboolean renamed;

  g_snprintf (run_mark, sizeof run_mark, "queue/run/%s/%s", self->owner, listed->name);
  if (!rename_mark (self, mark, run_mark, &renamed, error))
    return FALSE;

  listed->gone = TRUE;
  if (!renamed)
    return TRUE;

  AU_STORE_FAILPOINT ("claim/renamed");
  taken.ready_mark = g_strdup (mark);
  taken.run_mark = g_strdup (run_mark);
  taken.write.record = make_next (self, record);
  taken.write.expected = au_record_get_revision (record);
  if (self->counts != NULL)
    count_record (self->counts, record, 1);
  g_array_append_val (self->taken, taken);
  return TRUE;
}

static gboolean
claim_one (Claim         *self,
           AuFileListing *listing,
           AuFileListed  *listed,
           GError       **error)
{
  g_autofree char *mark = NULL;
  g_autoptr(AuRecord) record = NULL;
  gboolean was_known = listed->known;
  gboolean full = FALSE;

  if (was_known && !find_room (self, listed, &full, error))
    return FALSE;
  if (full)
    return TRUE;

  mark = g_strconcat (listing->folder, "/", listed->name, NULL);
  record = get_record (self, listed, mark);
  if (record == NULL)
    return TRUE;

  if (!was_known)
    {
      learn (listed, record);
      if (!find_room (self, listed, &full, error))
        return FALSE;
      if (full)
        {
          self->n_learned++;
          return TRUE;
        }
    }

  return take (self, listed, mark, record, error);
}

static gboolean
claim_listed (Claim          *self,
              AuFileListing  *listing,
              GError        **error)
{
  guint max = au_claim_get_max (self->claim);
  AuFileListed *listed;

  for (guint i = au_file_listing_begin (listing);
       self->taken->len < max && self->n_learned < LEARN_LIMIT &&
       (listed = au_file_listing_get (listing, i)) != NULL;
       i++)
    {
      if (!listed->gone && !claim_one (self, listing, listed, error))
        return FALSE;
    }

  return TRUE;
}

static AuFileListing *
get_listing (Claim      *self,
             const char *folder,
             const char *stamped)
{
  GHashTable *listings = self->queue->listings;
  AuFileListing *listing = g_hash_table_lookup (listings, folder);

  if (listing == NULL)
    {
      listing = au_file_listing_new (self->queue->line, folder, stamped);
      g_hash_table_insert (listings, listing->folder, listing);
    }

  return listing;
}

static gboolean
claim_ready (Claim       *self,
             const char  *name,
             GError     **error)
{
  g_autofree char *folder = g_strconcat ("queue/ready/", name, NULL);
  AuFileListing *listing = get_listing (self, folder, folder);
  gboolean current;

  if (!au_file_listing_refresh (listing, FALSE, &current, error) ||
      !claim_listed (self, listing, error))
    return FALSE;

  return current || self->taken->len == au_claim_get_max (self->claim) || self->n_learned == LEARN_LIMIT ||
         (au_file_listing_refresh (listing, TRUE, &current, error) &&
          claim_listed (self, listing, error));
}

/* What falls due */

static void
add_due (Claim  *self,
         gint64  due)
{
  if (self->next_due == 0 || due < self->next_due)
    self->next_due = due;
}

/* Moves what is due of one hour. Sets *all when nothing is left of it. */
static gboolean
promote_hour (Claim       *self,
              const char  *name,
              const char  *due_folder,
              const char  *hour,
              gboolean    *moved,
              gboolean    *all,
              GError     **error)
{
  g_autofree char *folder = g_strconcat (due_folder, "/", hour, NULL);
  AuFileListing *listing = get_listing (self, folder, due_folder);
  gboolean current;
  AuFileListed *listed;

  if (!au_file_listing_refresh (listing, FALSE, &current, error))
    return FALSE;

  *all = FALSE;
  for (guint i = au_file_listing_begin (listing); (listed = au_file_listing_get (listing, i)) != NULL; i++)
    {
      gint64 due = (gint64) g_ascii_strtoull (listed->name, NULL, 16);
      const char *comma = strchr (listed->name, ',');
      g_autofree char *from = NULL;
      g_autofree char *to = NULL;
      gboolean renamed;

      if (listed->gone || comma == NULL)
        continue;
      if (due > self->now)
        {
          add_due (self, due);
          return TRUE;
        }

      from = g_strconcat (folder, "/", listed->name, NULL);
      to = g_strconcat ("queue/ready/", name, "/", comma + 1, NULL);
      if (!rename_mark (self, from, to, &renamed, error))
        return FALSE;
      listed->gone = TRUE;
      *moved |= renamed;
      AU_STORE_FAILPOINT ("promote/renamed");
    }

  *all = TRUE;
  return TRUE;
}

/* Lets what is due into the line, and finds out when the next one is. */
static gboolean
promote (Claim       *self,
         const char  *name,
         GError     **error)
{
  g_autofree char *folder = g_strconcat ("queue/due/", name, NULL);
  AuFileListing *hours = get_listing (self, folder, folder);
  AuFileFolder *root = &self->queue->records->folder;
  gboolean moved = FALSE;
  gboolean current;
  AuFileListed *hour;

  if (!au_file_listing_refresh (hours, FALSE, &current, error))
    return FALSE;

  while ((hour = au_file_listing_get (hours, au_file_listing_begin (hours))) != NULL)
    {
      g_autofree char *path = g_strconcat (folder, "/", hour->name, NULL);
      gboolean all;

      if (!promote_hour (self, name, folder, hour->name, &moved, &all, error))
        return FALSE;
      if (!all)
        break;

      /* Whatever was added meanwhile is found the next time. */
      hour->gone = TRUE;
      g_hash_table_remove (self->queue->listings, path);
      unlinkat (root->root_fd, path, AT_REMOVEDIR);
    }

  if (moved)
    au_file_line_write_stamp (self->queue->line, AU_STORE_STANDING_READY, name);
  return TRUE;
}

/* Writing */

/* Puts one back that was taken, but could not be started. */
static void
put_back (Claim *self,
          Taken *taken)
{
  const char *key = au_record_get_key (taken->write.record);

  /* Whoever was quicker has made it another one's, or has ended it. */
  au_file_line_put_right (self->queue->line, taken->run_mark, key);
}

/* Writes what was taken, all of it together. */
static gboolean
start_all (Claim   *self,
           GError **error)
{
  g_autofree AuWrite *writes = g_new (AuWrite, self->taken->len);
  gboolean fine = TRUE;

  for (guint i = 0; i < self->taken->len; i++)
    writes[i] = g_array_index (self->taken, Taken, i).write;
  AU_STORE_FAILPOINT ("claim/before-write");
  au_file_line_write_many (self->queue->line, writes, self->taken->len);
  AU_STORE_FAILPOINT ("claim/written");

  for (guint i = 0; i < self->taken->len; i++)
    {
      Taken *taken = &g_array_index (self->taken, Taken, i);

      taken->write = writes[i];
      if (taken->write.error == NULL)
        {
          if (au_record_get_status (taken->write.record) == AU_STATUS_RUNNING)
            g_ptr_array_add (self->records, au_record_ref (taken->write.record));
          continue;
        }

      put_back (self, taken);
      if (fine && !g_error_matches (taken->write.error, AU_ERROR, AU_ERROR_CONFLICT) &&
          !g_error_matches (taken->write.error, AU_ERROR, AU_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&taken->write.error));
          fine = FALSE;
        }
    }

  return fine || self->records->len > 0;
}

static gboolean
claim_all (Claim   *self,
           GError **error)
{
  const char * const *queues = au_claim_get_queues (self->claim);

  for (; *queues != NULL && self->taken->len < au_claim_get_max (self->claim) &&
         self->n_learned < LEARN_LIMIT; queues++)
    {
      if (au_file_queue_is_paused (self->queue, *queues))
        continue;
      if (!promote (self, *queues, error) || !claim_ready (self, *queues, error))
        return FALSE;
    }

  /* There may be more behind them. */
  if (self->n_learned == LEARN_LIMIT)
    self->next_due = self->now;
  return TRUE;
}

/* Claims computations. What was taken before something failed is started all the same. */
GPtrArray *
au_file_queue_claim (AuFileQueue  *queue,
                     AuClaim      *claim,
                     gint64       *next_due,
                     GError      **error)
{
  Claim self = { .queue = queue, .claim = claim, .now = au_clock_get_real_time () };
  g_autoptr(GError) reason = NULL;
  gboolean fine;

  if (!au_file_line_open (queue->line, error) ||
      !au_file_line_make_owner (self.owner, au_claim_get_owner (claim), error))
    return NULL;

  self.records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  self.taken = g_array_new (FALSE, FALSE, sizeof (Taken));
  g_array_set_clear_func (self.taken, taken_clear);

  g_mutex_lock (&queue->claim_lock);
  fine = claim_all (&self, &reason);
  if (self.taken->len > 0 && !start_all (&self, reason == NULL ? &reason : NULL))
    fine = FALSE;
  if (self.locked)
    au_file_locks_release (&queue->records->locks, AU_FILE_LOCK_CLAIM);
  g_mutex_unlock (&queue->claim_lock);

  *next_due = self.next_due;
  g_clear_pointer (&self.counts, g_hash_table_unref);
  g_clear_pointer (&self.noted, g_hash_table_unref);
  g_free (self.full);
  g_array_unref (self.taken);
  if (fine || self.records->len > 0)
    {
      g_clear_error (&reason);
      return self.records;
    }

  g_ptr_array_unref (self.records);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}
