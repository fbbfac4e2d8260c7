/* au-file-items.c: the items that generators gave
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-items-private.h"

#include "au-file-frame-private.h"
#include "../shared/au-store-rules-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of so many items, where the first one begins is known. */
#define STRIDE (8)

#define MAX_INDICES (1024)

/* Where the items begin in a file that has been looked through up to its end. */
typedef struct
{
  guint64 inode;
  gint64  created;
  guint   attempt;
  guint64 n_items;
  goffset end;
  GArray *starts;
} AuFileItemsIndex;

/* A file of items, open. */
typedef struct
{
  AuFileItems      *items;
  const char       *key;
  char              path[AU_FILE_PATH_SIZE];
  int               fd;
  goffset           size;
  AuFileItemsIndex *index;
} AuFileItemsFile;

static void
au_file_items_index_free (AuFileItemsIndex *self)
{
  g_array_unref (self->starts);
  g_free (self);
}

void
au_file_items_init (AuFileItems   *self,
                    AuFileRecords *records)
{
  self->records = records;
  g_mutex_init (&self->lock);
  self->indices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) au_file_items_index_free);
}

void
au_file_items_clear (AuFileItems *self)
{
  g_clear_pointer (&self->indices, g_hash_table_unref);
  g_mutex_clear (&self->lock);
}

/* Indices: taken out while they are used, so that no lock is held while files are read.
 * Two who use the same file at once both have one, and one is put back.
 */

static AuFileItemsIndex *
take_index (AuFileItems *self,
            const char  *key)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  AuFileItemsIndex *index = NULL;
  g_autofree char *owned_key = NULL;

  g_hash_table_steal_extended (self->indices, key, (gpointer *) &owned_key, (gpointer *) &index);
  return index;
}

static void
put_index (AuFileItems      *self,
           const char       *key,
           AuFileItemsIndex *index)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (g_hash_table_size (self->indices) >= MAX_INDICES)
    g_hash_table_remove_all (self->indices);
  g_hash_table_replace (self->indices, g_strdup (key), index);
}

static AuFileItemsIndex *
new_index (const AuFileItemsHead *head,
           guint64                inode)
{
  AuFileItemsIndex *self = g_new0 (AuFileItemsIndex, 1);

  self->inode = inode;
  self->created = head->created;
  self->attempt = head->attempt;
  self->end = head->size;
  self->starts = g_array_new (FALSE, FALSE, sizeof (goffset));

  return self;
}

static void
index_add (AuFileItemsIndex *self,
           gsize             size)
{
  if (self->n_items % STRIDE == 0)
    g_array_append_val (self->starts, self->end);
  self->n_items++;
  self->end += size;
}

/* Files */

static void
close_items (AuFileItemsFile *file)
{
  if (file->index != NULL)
    put_index (file->items, file->key, g_steal_pointer (&file->index));
  if (file->fd >= 0)
    close (file->fd);
  file->fd = -1;
}

/* Looks through what was added since the last time. */
static AuFileFrameResult
update_index (AuFileItemsFile *file)
{
  AuFileItemsIndex *index = file->index;
  AuFileFrameResult result;
  AuFileFrame frame;

  for (;;)
    {
      g_autoptr(GBytes) value = NULL;

      result = au_file_frame_read (&frame, file->fd, index->end, file->size, &value);
      if (result == AU_FILE_FRAME_OK && frame.index != index->n_items)
        result = AU_FILE_FRAME_BAD;
      if (result != AU_FILE_FRAME_OK)
        return result;

      index_add (index, au_file_frame_get_size (&frame));
    }
}

/* Opens the items of a computation. There may be none: then no file is open, which is
 * not an error. Those of an earlier computation of the same key do not count.
 */
static AuFileFrameResult
open_items (AuFileItems     *self,
            const char      *key,
            gint64           created,
            int              flags,
            AuFileItemsFile *file)
{
  AuFileFrameResult result;
  AuFileItemsHead head;
  struct stat info;

  *file = (AuFileItemsFile) { .items = self, .key = key, .fd = -1 };
  au_file_folder_items_path (file->path, key);

  file->fd = openat (self->records->folder.root_fd, file->path,
                     flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file->fd < 0)
    return errno == ENOENT ? AU_FILE_FRAME_END
         : errno == ELOOP || errno == ENXIO || errno == EISDIR ? AU_FILE_FRAME_BAD
         : AU_FILE_FRAME_UNREADABLE;

  if (fstat (file->fd, &info) != 0)
    return AU_FILE_FRAME_UNREADABLE;
  if (!S_ISREG (info.st_mode))
    return AU_FILE_FRAME_BAD;
  file->size = info.st_size;

  result = au_file_items_head_read (&head, file->fd, key);
  if (result == AU_FILE_FRAME_END || (result == AU_FILE_FRAME_OK && head.created != created))
    {
      close_items (file);
      return AU_FILE_FRAME_END;
    }
  if (result != AU_FILE_FRAME_OK)
    return result;

  file->index = take_index (self, key);
  if (file->index != NULL &&
      (file->index->inode != info.st_ino || file->index->created != created ||
       file->index->attempt != head.attempt || file->index->end > file->size))
    g_clear_pointer (&file->index, au_file_items_index_free);
  if (file->index == NULL)
    file->index = new_index (&head, info.st_ino);

  return update_index (file);
}

/* Turns a failure into an error; damage is moved away by who holds the lock. */
static gboolean
fail_items (AuFileItemsFile    *file,
            AuFileFrameResult   result,
            gboolean            locked,
            GError            **error)
{
  AuFileFolder *folder = &file->items->records->folder;
  int reason = errno;
  g_autofree char *name = NULL;
  g_autofree char *target = NULL;

  g_clear_pointer (&file->index, au_file_items_index_free);
  if (result == AU_FILE_FRAME_UNREADABLE)
    return au_file_folder_fail_reading (folder, file->path, reason, error);

  if (locked)
    {
      name = g_strconcat (file->key, ".items", NULL);
      target = au_file_folder_set_aside (folder, file->path, name, _("an item is not readable"));
    }

  if (target != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                 _("The items of the computation “%s” are damaged: their file was moved to “%s”"),
                 file->key, target);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                 _("The items of the computation “%s” are damaged, in the file “%s/%s”"),
                 file->key, folder->path, file->path);

  return FALSE;
}

/* Reads items from the one of index first on. */
static AuFileFrameResult
read_items (AuFileItemsFile  *file,
            guint64           first,
            guint             limit,
            GPtrArray        *list,
            GError          **error)
{
  AuFileItemsIndex *index = file->index;
  AuFileFrameResult result;
  AuFileFrame frame;
  goffset offset;

  if (first >= index->n_items)
    return AU_FILE_FRAME_OK;

  offset = g_array_index (index->starts, goffset, first / STRIDE);
  for (guint64 i = first - first % STRIDE;
       i < index->n_items && (limit == 0 || list->len < limit);
       i++)
    {
      g_autoptr(GBytes) value = NULL;
      GVariant *item;

      result = au_file_frame_read (&frame, file->fd, offset, file->size, i < first ? NULL : &value);
      if (result == AU_FILE_FRAME_END || (result == AU_FILE_FRAME_OK && frame.index != i))
        result = AU_FILE_FRAME_BAD;
      if (result != AU_FILE_FRAME_OK)
        return result;

      offset += au_file_frame_get_size (&frame);
      if (i < first)
        continue;

      item = au_file_frame_parse (&frame, value, error);
      if (item == NULL)
        return AU_FILE_FRAME_BAD;
      g_ptr_array_add (list, item);
    }

  return AU_FILE_FRAME_OK;
}

static AuFileFrameResult
try_list (AuFileItems      *self,
          const char       *key,
          gint64            created,
          guint64           first,
          guint             limit,
          AuFileItemsFile  *file,
          GPtrArray        *list)
{
  AuFileFrameResult result = open_items (self, key, created, O_RDONLY, file);

  if (result != AU_FILE_FRAME_END || file->index == NULL)
    return result == AU_FILE_FRAME_END ? AU_FILE_FRAME_OK : result;

  return read_items (file, first, limit, list, NULL);
}

/* Lists items, as au_store_list_items() does. */
GPtrArray *
au_file_items_list (AuFileItems  *self,
                    const char   *key,
                    guint64       first,
                    guint         limit,
                    GError      **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  guint lock = au_file_locks_for_record (key);
  AuFileFrameResult result;
  AuFileItemsFile file;
  AuFileHeader header;
  gboolean locked;

  if (!au_file_records_visit (self->records, key, AU_FILE_LOAD_SET_ASIDE, NULL,
                              &header, NULL, error))
    return NULL;

  result = try_list (self, key, header.created, first, limit, &file, list);

  /* Somebody may have been writing; who holds the lock sees what is really there. */
  if (result == AU_FILE_FRAME_BAD)
    {
      close_items (&file);
      g_ptr_array_set_size (list, 0);

      locked = au_file_locks_take (&self->records->locks, lock, NULL);
      result = try_list (self, key, header.created, first, limit, &file, list);
      if (result == AU_FILE_FRAME_BAD)
        fail_items (&file, result, locked, error);
      if (locked)
        au_file_locks_release (&self->records->locks, lock);
    }
  else if (result == AU_FILE_FRAME_UNREADABLE)
    {
      fail_items (&file, result, FALSE, error);
    }

  close_items (&file);
  return result == AU_FILE_FRAME_OK ? g_steal_pointer (&list) : NULL;
}

/* Appending */

/* Begins a file with its first item, in the place of one that there may be. */
static gboolean
start_file (AuFileItemsFile  *file,
            gint64            created,
            guint             attempt,
            GBytes           *frame,
            GError          **error)
{
  AuFileFolder *folder = &file->items->records->folder;
  AuFileItemsHead head = { created, attempt, 0 };
  g_autofree char *line = au_file_items_head_format (&head, file->key);
  struct iovec parts[2];
  AuFileStaged staged;
  struct stat info;
  int reason = 0;

  if (!au_file_folder_make_parent (folder, file->path, error) ||
      !au_file_folder_stage (folder, file->path, TRUE, &staged, error))
    return FALSE;

  head.size = strlen (line);
  parts[0] = (struct iovec) { line, head.size };
  parts[1] = (struct iovec) { (gpointer) g_bytes_get_data (frame, NULL), g_bytes_get_size (frame) };

  if (!au_file_write (staged.fd, parts, 2, 0) ||
      (folder->sync && fdatasync (staged.fd) != 0) ||
      fstat (staged.fd, &info) != 0 ||
      renameat (folder->root_fd, staged.path, folder->root_fd, file->path) != 0)
    reason = errno;
  else
    staged.path[0] = '\0';
  au_file_folder_unstage (folder, &staged);

  if (reason != 0)
    return au_file_folder_fail_writing (folder, file->path, reason, error);
  if (folder->sync && !au_file_folder_sync_parents (folder, file->path, error))
    return FALSE;

  g_clear_pointer (&file->index, au_file_items_index_free);
  file->index = new_index (&head, info.st_ino);
  index_add (file->index, g_bytes_get_size (frame));

  return TRUE;
}

static gboolean
append_frame (AuFileItemsFile  *file,
              GBytes           *frame,
              GError          **error)
{
  AuFileFolder *folder = &file->items->records->folder;
  struct iovec part = { (gpointer) g_bytes_get_data (frame, NULL), g_bytes_get_size (frame) };

  /* What a crash has left of an item goes. */
  if ((file->size > file->index->end && ftruncate (file->fd, file->index->end) != 0) ||
      !au_file_write (file->fd, &part, 1, file->index->end) ||
      (folder->sync && fdatasync (file->fd) != 0))
    {
      int reason = errno;

      /* The next who writes does the same if this does not work. */
      if (ftruncate (file->fd, file->index->end) != 0)
        g_clear_pointer (&file->index, au_file_items_index_free);
      return au_file_folder_fail_writing (folder, file->path, reason, error);
    }

  index_add (file->index, g_bytes_get_size (frame));
  return TRUE;
}

/* Whether the item is the one that there is already. */
static gboolean
compare_item (AuFileItemsFile  *file,
              guint64           index,
              GVariant         *item,
              GError          **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  AuFileFrameResult result = read_items (file, index, 1, list, NULL);

  if (result != AU_FILE_FRAME_OK)
    return fail_items (file, result, TRUE, error);

  if (list->len == 1 && g_variant_equal (g_ptr_array_index (list, 0), item))
    return TRUE;

  return au_store_rules_fail_other_item (file->key, index, error);
}

static gboolean
append_locked (AuFileItemsFile  *file,
               gint64            created,
               guint             attempt,
               guint64           index,
               GVariant         *item,
               GError          **error)
{
  AuFileItemsIndex *known = file->index;
  g_autoptr(GBytes) frame = NULL;

  if (known != NULL && attempt < known->attempt)
    return au_store_rules_fail_attempt (file->key, attempt, known->attempt, error);

  if (known == NULL || attempt > known->attempt)
    {
      if (index > 0)
        return au_store_rules_fail_not_next (file->key, index, 0, error);

      frame = au_file_frame_format (0, item, file->items->records->form);
      return start_file (file, created, attempt, frame, error);
    }

  if (index > known->n_items)
    return au_store_rules_fail_not_next (file->key, index, known->n_items, error);
  if (index < known->n_items)
    return compare_item (file, index, item, error);

  frame = au_file_frame_format (index, item, file->items->records->form);
  return append_frame (file, frame, error);
}

static gboolean
append_to_record (AuFileItems   *self,
                  const char    *key,
                  guint          attempt,
                  guint64        index,
                  GVariant      *item,
                  GError       **error)
{
  AuFileFrameResult result;
  AuFileItemsFile file;
  AuFileHeader header;
  gboolean fine;

  if (!au_file_records_visit (self->records, key, AU_FILE_LOAD_LOCKED, NULL,
                              &header, NULL, error))
    return FALSE;

  if (attempt < header.attempt)
    return au_store_rules_fail_attempt (key, attempt, header.attempt, error);

  result = open_items (self, key, header.created, O_RDWR, &file);
  if (result == AU_FILE_FRAME_END)
    fine = append_locked (&file, header.created, attempt, index, item, error);
  else
    fine = fail_items (&file, result, TRUE, error);

  close_items (&file);
  return fine;
}

/* Appends an item, as au_store_append_item() does. */
gboolean
au_file_items_append (AuFileItems  *self,
                      const char   *key,
                      guint         attempt,
                      guint64       index,
                      GVariant     *item,
                      GError      **error)
{
  guint lock = au_file_locks_for_record (key);
  gboolean fine;

  if (strlen (g_variant_get_type_string (item)) > AU_FILE_MAX_TYPE)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("An item of the computation “%s” has a type of more than %d characters, which this store does not keep"),
                   key, AU_FILE_MAX_TYPE);
      return FALSE;
    }

  if (!au_file_locks_take (&self->records->locks, lock, error))
    return FALSE;

  fine = append_to_record (self, key, attempt, index, item, error);
  au_file_locks_release (&self->records->locks, lock);

  return fine;
}

/* Removes the items of a record that has been removed. The caller holds its lock. */
void
au_file_items_remove (AuFileItems *self,
                      const char  *key)
{
  AuFileItemsIndex *index = take_index (self, key);
  char path[AU_FILE_PATH_SIZE];

  au_file_folder_items_path (path, key);
  unlinkat (self->records->folder.root_fd, path, 0);
  g_clear_pointer (&index, au_file_items_index_free);
}
