/* au-file-after.c: what comes after what
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-line-private.h"

#include "au-file-write-private.h"
#include "../shared/au-store-rules-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <fcntl.h>
#include <unistd.h>

/* All that anybody waits for is looked at so often, in case a process died between writing
 * that it had ended, and telling those who waited for it.
 */
#define LOOK_INTERVAL (10 * G_USEC_PER_SEC)

static void
make_wait_mark (char       *mark,
                const char *other,
                const char *key)
{
  g_snprintf (mark, AU_FILE_MARK_SIZE, "queue/wait/%s%s%s", other, key != NULL ? "/" : "",
              key != NULL ? key : "");
}

static const char * const *
get_after (AuRecord *record)
{
  return au_options_get_after (au_record_get_options (record));
}

static gboolean
is_there (AuFileLine *self,
          const char *path)
{
  return faccessat (self->records->folder.root_fd, path, F_OK, 0) == 0;
}

static void
drop_folder (AuFileLine *self,
             const char *other)
{
  char path[AU_FILE_MARK_SIZE];

  /* only if it is empty */
  make_wait_mark (path, other, NULL);
  unlinkat (self->records->folder.root_fd, path, AT_REMOVEDIR);
}

/* Whether a computation waits for another one, other than @ended. */
static gboolean
waits_beside (AuFileLine *self,
              AuRecord   *record,
              const char *ended)
{
  char mark[AU_FILE_MARK_SIZE];

  for (const char * const *after = get_after (record); *after != NULL; after++)
    {
      make_wait_mark (mark, *after, au_record_get_key (record));
      if (g_strcmp0 (*after, ended) != 0 && is_there (self, mark))
        return TRUE;
    }

  return FALSE;
}

gboolean
au_file_after_is_waiting (AuFileLine *self,
                          AuRecord   *record)
{
  return au_store_standing_awaits (record) && waits_beside (self, record, NULL);
}

/* Marks what a computation waits for, whatever has become of that. */
gboolean
au_file_after_enter (AuFileLine  *self,
                     AuRecord    *record,
                     GError     **error)
{
  char mark[AU_FILE_MARK_SIZE];

  for (const char * const *after = get_after (record); *after != NULL; after++)
    {
      make_wait_mark (mark, *after, au_record_get_key (record));
      if (!au_key_check (*after, error) || !au_file_line_put_mark (self, mark, error))
        return FALSE;
      AU_STORE_FAILPOINT ("after/marked");
    }

  return TRUE;
}

void
au_file_after_leave (AuFileLine *self,
                     AuRecord   *record)
{
  char mark[AU_FILE_MARK_SIZE];

  for (const char * const *after = get_after (record); *after != NULL; after++)
    {
      make_wait_mark (mark, *after, au_record_get_key (record));
      au_file_line_drop_mark (self, mark);
      drop_folder (self, *after);
    }
}

/* Settling */

/* Lets one go, unless it still waits for others. Whoever makes its record holds its lock,
 * so if there is none, there will be none.
 */
static gboolean
let_go (AuFileLine *self,
        const char *ended,
        const char *key)
{
  guint lock = au_file_locks_for_record (key);
  g_autoptr(AuRecord) record = NULL;
  gboolean released = FALSE;
  char mark[AU_FILE_MARK_SIZE];

  if (!au_file_locks_take (&self->records->locks, lock, NULL))
    return FALSE;

  record = au_file_records_load (self->records, key, AU_FILE_LOAD_LOCKED, NULL);
  make_wait_mark (mark, ended, key);
  if (record != NULL && au_store_standing_awaits (record) && is_there (self, mark) &&
      !waits_beside (self, record, ended))
    released = au_file_line_release (self, record, NULL);
  AU_STORE_FAILPOINT ("after/let-go");

  /* What could not be let go is tried again. */
  if (released || record == NULL || !au_store_standing_awaits (record) ||
      waits_beside (self, record, ended))
    au_file_line_drop_mark (self, mark);
  au_file_locks_release (&self->records->locks, lock);

  return released;
}

/* Gets one that waits; drops the mark of one that does not. */
static AuRecord *
get_waiting (AuFileLine *self,
             const char *ended,
             const char *key)
{
  guint lock = au_file_locks_for_record (key);
  AuRecord *record;
  char mark[AU_FILE_MARK_SIZE];

  if (!au_file_locks_take (&self->records->locks, lock, NULL))
    return NULL;

  record = au_file_records_load (self->records, key, AU_FILE_LOAD_LOCKED, NULL);
  if (record == NULL || !au_store_standing_awaits (record))
    {
      make_wait_mark (mark, ended, key);
      au_file_line_drop_mark (self, mark);
      g_clear_pointer (&record, au_record_unref);
    }
  au_file_locks_release (&self->records->locks, lock);

  return record;
}

/* Fails one because of another that it comes after. Returns whether it did. */
static gboolean
refuse (AuFileLine *self,
        const char *ended,
        AuRecord   *other,
        const char *key)
{
  g_autoptr(AuRecord) record = NULL;

  while ((record = get_waiting (self, ended, key)) != NULL)
    {
      g_autoptr(AuRecord) refused = au_transition_refuse_after (record, ended, other, NULL);
      AuWrite write = { .record = refused, .expected = au_record_get_revision (record) };
      gboolean again;

      if (refused == NULL)
        return FALSE;

      au_file_write_many (self->records, self->expiry, &write, 1);
      AU_STORE_FAILPOINT ("after/refused");
      if (write.error == NULL)
        {
          au_file_line_tell (self, key);
          au_record_unref (write.stored);
          return TRUE;
        }

      again = g_error_matches (write.error, AU_ERROR, AU_ERROR_CONFLICT);
      g_error_free (write.error);
      g_clear_pointer (&record, au_record_unref);
      if (!again)
        return FALSE;
    }

  return FALSE;
}

static GPtrArray *
list_names (AuFileLine *self,
            const char *path)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  DIR *list = au_file_folder_list (&self->records->folder, path);
  struct dirent *entry;

  while (list != NULL && (entry = readdir (list)) != NULL)
    {
      if (au_key_is_valid (entry->d_name))
        g_ptr_array_add (names, g_strdup (entry->d_name));
    }
  if (list != NULL)
    closedir (list);

  return names;
}

/* Lets go, or refuses, what waits for a computation that has ended; notes those that were
 * refused. Returns whether something may be claimed.
 */
static gboolean
settle_one (AuFileLine *self,
            const char *key,
            GQueue     *ended)
{
  g_autoptr(GPtrArray) names = NULL;
  g_autoptr(AuRecord) other = NULL;
  g_autoptr(GError) reason = NULL;
  gboolean has_ended, completed;
  gboolean claimable = FALSE;
  char path[AU_FILE_MARK_SIZE];

  make_wait_mark (path, key, NULL);
  if (!is_there (self, path))
    return FALSE;

  names = list_names (self, path);
  other = au_file_records_load (self->records, key, AU_FILE_LOAD_SET_ASIDE, &reason);
  has_ended = other != NULL ? au_store_rules_is_terminal (other)
                            : (g_error_matches (reason, AU_ERROR, AU_ERROR_NOT_FOUND) ||
                               g_error_matches (reason, AU_ERROR, AU_ERROR_DAMAGED));
  completed = other != NULL && au_record_get_status (other) == AU_STATUS_COMPLETED;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (completed)
        claimable |= let_go (self, key, name);
      else if ((has_ended || g_str_equal (name, key)) && refuse (self, key, other, name))
        g_queue_push_tail (ended, g_strdup (name));
    }
  drop_folder (self, key);

  return claimable;
}

static void
settle_all (AuFileLine *self,
            GQueue     *ended)
{
  gboolean claimable = FALSE;
  char *key;

  while ((key = g_queue_pop_head (ended)) != NULL)
    {
      claimable |= settle_one (self, key, ended);
      g_free (key);
    }

  if (claimable)
    au_file_line_ring (self);
}

/* Lets go, or refuses, what comes after what has ended or is gone; and so on. */
void
au_file_after_settle (AuFileLine *self,
                      const char *key)
{
  GQueue ended = G_QUEUE_INIT;

  g_queue_push_tail (&ended, g_strdup (key));
  settle_all (self, &ended);
}

/* Looks at what a computation waits for, after that was marked: so either this sees that
 * one of them has ended, or whoever ends it sees the mark.
 */
void
au_file_after_look (AuFileLine *self,
                    AuRecord   *record)
{
  GQueue ended = G_QUEUE_INIT;

  for (const char * const *after = get_after (record); *after != NULL; after++)
    g_queue_push_tail (&ended, g_strdup (*after));
  settle_all (self, &ended);
}

/* Looks at all that anybody waits for. */
void
au_file_after_look_round (AuFileLine *self)
{
  gint64 now = au_clock_get_monotonic_time ();
  g_autoptr(GPtrArray) names = NULL;

  g_mutex_lock (&self->lock);
  if (self->looked_round == 0 || now - self->looked_round >= LOOK_INTERVAL)
    {
      self->looked_round = now;
      names = list_names (self, "queue/wait");
    }
  g_mutex_unlock (&self->lock);

  for (guint i = 0; names != NULL && i < names->len; i++)
    au_file_after_settle (self, g_ptr_array_index (names, i));
}
