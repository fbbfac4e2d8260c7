/* au-tool-input.c: the inputs of au map
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-input.h"

#include <au/au.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#define BLOCK_SIZE (64 * 1024)

/* So much is read ahead, for the number of inputs still to come. */
#define AHEAD_SIZE (8 * 1024 * 1024)

/* An input longer than this was hardly meant to be one. */
#define INPUT_SIZE_MAX (64 * 1024 * 1024)

struct _AuToolInput
{
  /* Words of the command line, or else a file. */
  char   **words;
  char   **next_word;

  int      fd;
  char    *path;
  char     delimiter;
  gboolean close_fd;
  gboolean regular;
  gboolean eof;

  /* What was read and not yet given out: from @begin to @end. */
  char    *buffer;
  gsize    size;
  gsize    begin;
  gsize    end;
  /* Up to here there is no delimiter. */
  gsize    searched;

  guint64  count;
};

/* Gives each of @words, which must live as long. */
AuToolInput *
au_tool_input_new_from_words (char **words)
{
  AuToolInput *self = g_new0 (AuToolInput, 1);

  self->fd = -1;
  self->words = words;
  self->next_word = words;
  self->count = g_strv_length (words);
  self->eof = TRUE;
  return self;
}

/* Gives each line of a file, “-” for the standard input; with a @delimiter of zero,
 * what stands between zero bytes. */
AuToolInput *
au_tool_input_new_from_file (const char *path,
                             char        delimiter,
                             GError    **error)
{
  AuToolInput *self;
  struct stat info;
  int fd = 0;

  if (!g_str_equal (path, "-"))
    {
      do
        fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
      while (fd < 0 && errno == EINTR);
      if (fd < 0)
        {
          int saved = errno;

          g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                       _("the inputs cannot be read from “%s”: %s"), path, g_strerror (saved));
          return NULL;
        }
    }

  self = g_new0 (AuToolInput, 1);
  self->fd = fd;
  self->close_fd = fd != 0;
  self->path = g_strdup (fd != 0 ? path : _("the standard input"));
  self->delimiter = delimiter;
  self->regular = fstat (fd, &info) == 0 && S_ISREG (info.st_mode);
  return self;
}

void
au_tool_input_free (AuToolInput *self)
{
  if (self == NULL)
    return;

  if (self->close_fd)
    close (self->fd);
  g_free (self->path);
  g_free (self->buffer);
  g_free (self);
}

/* Whether more could be read now, and would be of use. */
gboolean
au_tool_input_wants_data (AuToolInput *self)
{
  return !self->eof && self->end - self->begin < AHEAD_SIZE;
}

/* The descriptor to wait for, or -1 when reading never has to wait. */
int
au_tool_input_get_fd (AuToolInput *self)
{
  return self->regular ? -1 : self->fd;
}

static void
make_room (AuToolInput *self)
{
  if (self->begin > 0 && self->begin >= self->end - self->begin)
    {
      memcpy (self->buffer, self->buffer + self->begin, self->end - self->begin);
      self->end -= self->begin;
      self->searched -= self->begin;
      self->begin = 0;
    }

  if (self->size - self->end < BLOCK_SIZE)
    {
      self->size = MAX (self->size * 2, self->end + BLOCK_SIZE);
      self->buffer = g_realloc (self->buffer, self->size);
    }
}

static void
count_inputs (AuToolInput *self,
              gsize        length)
{
  const char *p = self->buffer + self->end;
  const char *end = p + length;
  char before = self->end > self->begin ? p[-1] : self->delimiter;

  while (p < end)
    {
      const char *found = memchr (p, self->delimiter, end - p);

      if (found == NULL)
        break;
      /* Empty lines are no inputs. */
      if (self->delimiter == '\0' || found > p || before != self->delimiter)
        self->count++;
      before = self->delimiter;
      p = found + 1;
    }
}

static gboolean
check_length (AuToolInput *self,
              GError     **error)
{
  if (self->end - self->begin <= INPUT_SIZE_MAX ||
      memchr (self->buffer + self->begin, self->delimiter, self->end - self->begin) != NULL)
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("an input from %s is longer than 64 MiB: inputs are separated by %s"),
               self->path, self->delimiter == '\0' ? _("zero bytes") : _("line ends (--null: zero bytes)"));
  return FALSE;
}

/* Reads what is there, once; waits if nothing is. */
gboolean
au_tool_input_read (AuToolInput *self,
                    GError     **error)
{
  gssize n;

  make_room (self);
  do
    n = read (self->fd, self->buffer + self->end, self->size - self->end);
  while (n < 0 && errno == EINTR);

  if (n < 0 && errno == EAGAIN)
    return TRUE;
  if (n < 0)
    {
      int saved = errno;

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("the inputs cannot be read from %s: %s"), self->path, g_strerror (saved));
      return FALSE;
    }

  if (n == 0)
    {
      self->eof = TRUE;
      if (self->end > self->begin && self->buffer[self->end - 1] != self->delimiter)
        self->count++;
      return TRUE;
    }

  count_inputs (self, n);
  self->end += n;
  return check_length (self, error);
}

static gboolean
next_word (AuToolInput *self,
           const char **text,
           gsize       *length)
{
  if (*self->next_word == NULL)
    return FALSE;

  *text = *self->next_word++;
  *length = strlen (*text);
  return TRUE;
}

/* Gives the next input, if one was read; it is valid until the next call. */
gboolean
au_tool_input_next (AuToolInput *self,
                    const char **text,
                    gsize       *length)
{
  if (self->words != NULL)
    return next_word (self, text, length);

  while (self->begin < self->end)
    {
      const char *start = self->buffer + self->begin;
      const char *found = memchr (self->buffer + self->searched, self->delimiter, self->end - self->searched);

      if (found == NULL)
        {
          self->searched = self->end;
          if (!self->eof)
            return FALSE;
          found = self->buffer + self->end;
        }

      *text = start;
      *length = found - start;
      self->begin = MIN ((gsize) (found - self->buffer) + 1, self->end);
      self->searched = self->begin;
      if (*length > 0 || self->delimiter == '\0')
        return TRUE;
    }
  return FALSE;
}

/* Whether au_tool_input_next() will never give anything again. */
gboolean
au_tool_input_is_at_end (AuToolInput *self)
{
  if (self->words != NULL)
    return *self->next_word == NULL;
  return self->eof && self->begin >= self->end;
}

/* How many inputs were seen so far, whether given out or not. */
guint64
au_tool_input_count (AuToolInput *self,
                     gboolean    *exact)
{
  *exact = self->eof;
  return self->count;
}
