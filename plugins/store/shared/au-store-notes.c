/* au-store-notes.c: which records were changed lately
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-notes-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "aunotes2"
#define MAGIC_SIZE (8)

/* The file is a header, and then a ring of notes. All of it is there from the start, so
 * that a full disk has room.
 */
#define NOTE_SIZE (128)
#define N_NOTES (4096)
#define KEY_SIZE (NOTE_SIZE - sizeof (guint64))

typedef struct
{
  char    magic[MAGIC_SIZE];
  guint64 n_written;        /* since the file was made */
} Header;

/* The key ends with a zero; an empty one stands for any. */
typedef struct
{
  char    key[KEY_SIZE];
  guint64 revision;
} Note;

G_STATIC_ASSERT (sizeof (Header) <= NOTE_SIZE);
G_STATIC_ASSERT (sizeof (Note) == NOTE_SIZE);

static off_t
get_offset (guint64 number)
{
  return NOTE_SIZE + (off_t) (number % N_NOTES) * NOTE_SIZE;
}

static gboolean
read_header (int      fd,
             guint64 *n_written)
{
  Header header;

  if (pread (fd, &header, sizeof header, 0) != sizeof header ||
      memcmp (header.magic, MAGIC, MAGIC_SIZE) != 0)
    return FALSE;

  *n_written = header.n_written;
  return TRUE;
}

static gboolean
write_header (int     fd,
              guint64 n_written)
{
  Header header = { .magic = MAGIC, .n_written = n_written };

  return pwrite (fd, &header, sizeof header, 0) == sizeof header;
}

/* Makes the file what it has to be; the caller has the ticket to write. */
gboolean
au_store_notes_prepare (int fd)
{
  const off_t size = get_offset (0) + (off_t) N_NOTES * NOTE_SIZE;
  struct stat info;
  guint64 n_written;

  if (fstat (fd, &info) == 0 && info.st_size == size && read_header (fd, &n_written))
    return TRUE;

  return posix_fallocate (fd, 0, size) == 0 && write_header (fd, 0);
}

/* Notes a key and the revision that its record has now, or 0 if that does not say what
 * has changed; for NULL, that it can be any.
 */
void
au_store_notes_add (AuStoreNotes *self,
                    const char   *key,
                    guint64       revision)
{
  Note note = { .revision = revision };
  gsize length = key != NULL ? strlen (key) : 0;

  if (self->len == NOTE_SIZE * N_NOTES)
    return;

  if (length < KEY_SIZE && self->len + NOTE_SIZE < NOTE_SIZE * N_NOTES)
    memcpy (note.key, key != NULL ? key : "", length);
  g_byte_array_append (self, (const guint8 *) &note, sizeof note);
}

static gboolean
write_ring (int           fd,
            guint64       number,
            const guint8 *notes,
            guint         n_notes)
{
  guint n_first = MIN (n_notes, N_NOTES - number % N_NOTES);

  return pwrite (fd, notes, (gsize) n_first * NOTE_SIZE, get_offset (number)) == (gssize) n_first * NOTE_SIZE &&
         (n_first == n_notes || write_ring (fd, number + n_first, notes + n_first * NOTE_SIZE, n_notes - n_first));
}

/* Writes what was added. The caller still has the ticket, so nobody else does. */
void
au_store_notes_write (AuStoreNotes *self,
                       int            fd)
{
  guint n_notes = self->len / NOTE_SIZE;
  guint64 n_written;

  if (n_notes == 0 || !read_header (fd, &n_written))
    return;

  /* What was not written was too much for everybody. */
  if (!write_ring (fd, n_written, self->data, n_notes))
    n_notes = N_NOTES + 1;
  write_header (fd, n_written + n_notes);
}

/* Lets those who listed changes before now take it that any can have changed. The caller
 * has the ticket.
 */
gboolean
au_store_notes_break (int fd)
{
  guint64 n_written;

  return read_header (fd, &n_written) && write_header (fd, n_written + N_NOTES + 1);
}

static gboolean
read_ring (int      fd,
           guint64  number,
           Note    *notes,
           guint    n_notes)
{
  guint n_first = MIN (n_notes, N_NOTES - number % N_NOTES);

  return pread (fd, notes, (gsize) n_first * NOTE_SIZE, get_offset (number)) == (gssize) n_first * NOTE_SIZE &&
         (n_first == n_notes || read_ring (fd, number + n_first, notes + n_first, n_notes - n_first));
}

/* Gives what was noted since *position, which is 0 at first, or NULL if it can be any. */
GPtrArray *
au_store_notes_list (int      fd,
                     guint64 *position)
{
  guint64 since = *position;
  g_autofree Note *notes = NULL;
  g_autoptr(GPtrArray) changes = NULL;
  guint64 n_written, n_later;
  guint n_notes;

  if (!read_header (fd, &n_written))
    {
      *position = 0;
      return NULL;
    }

  *position = n_written + 1;
  if (since == 0 || n_written + 1 < since || n_written + 1 - since > N_NOTES)
    return NULL;

  n_notes = n_written + 1 - since;
  notes = g_new (Note, n_notes);
  if (n_notes > 0 && !read_ring (fd, since - 1, notes, n_notes))
    return NULL;

  /* The oldest may have been written over meanwhile. */
  if (!read_header (fd, &n_later) || n_later < n_written || n_later + 1 - since > N_NOTES)
    return NULL;

  changes = g_ptr_array_new_full (n_notes, (GDestroyNotify) au_store_change_free);
  for (guint i = 0; i < n_notes; i++)
    {
      notes[i].key[KEY_SIZE - 1] = '\0';
      if (notes[i].key[0] == '\0' || !g_utf8_validate (notes[i].key, -1, NULL))
        return NULL;

      g_ptr_array_add (changes, au_store_change_new (notes[i].key, notes[i].revision));
    }

  return g_steal_pointer (&changes);
}
