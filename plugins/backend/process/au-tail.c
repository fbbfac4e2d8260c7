/* au-tail.c: the last words of a worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tail-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* How much is kept. */
#define KEPT (64 * 1024)
/* How much is read at once, so that one that never ends does not hold up the others. */
#define MAX_READS (16)
/* A pipe with room takes as much without blocking. */
#define PART (4096)
/* What fits into the message of an error. */
#define MAX_LINES (5)
#define MAX_CHARS (500)

struct _AuTail
{
  int     fd;
  char   *ring;         /* of KEPT bytes, made when something comes */
  gsize   written;      /* ever */
};

AuTail *
au_tail_new (int fd)
{
  AuTail *self = g_new0 (AuTail, 1);

  self->fd = fd;
  fcntl (fd, F_SETFL, O_NONBLOCK);

  return self;
}

void
au_tail_free (AuTail *self)
{
  close (self->fd);
  g_free (self->ring);
  g_free (self);
}

int
au_tail_get_fd (AuTail *self)
{
  return self->fd;
}

static void
keep (AuTail     *self,
      const char *text,
      gsize       length)
{
  if (self->ring == NULL)
    self->ring = g_malloc (KEPT);

  for (gsize i = 0; i < length; )
    {
      gsize place = self->written % KEPT;
      gsize part = MIN (length - i, KEPT - place);

      memcpy (self->ring + place, text + i, part);
      self->written += part;
      i += part;
    }
}

/* Where ours is full, what comes is only kept: whoever reads it must not hold up every
 * computation. */
static void
pass_on (const char *text,
         gsize       length)
{
  struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };

  while (length > 0 && poll (&fd, 1, 0) > 0 && (fd.revents & POLLOUT) != 0)
    {
      gssize n = write (STDERR_FILENO, text, MIN (length, PART));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return;

      text += n;
      length -= n;
    }
}

gboolean
au_tail_read (AuTail *self)
{
  char buffer[PART];

  for (guint i = 0; i < MAX_READS; i++)
    {
      gssize n = read (self->fd, buffer, sizeof buffer);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n < 0 && errno == EAGAIN;

      keep (self, buffer, n);
      pass_on (buffer, n);
    }

  return TRUE;
}

gboolean
au_tail_has_more (AuTail *self)
{
  struct pollfd fd = { .fd = self->fd, .events = POLLIN };

  return poll (&fd, 1, 0) > 0 && (fd.revents & POLLIN) != 0;
}

char *
au_tail_dup_text (AuTail *self)
{
  gsize length = MIN (self->written, KEPT);
  gsize place = self->written % KEPT;
  g_autofree char *text = g_malloc (length + 1);

  if (self->written > KEPT)
    {
      memcpy (text, self->ring + place, KEPT - place);
      memcpy (text + KEPT - place, self->ring, place);
    }
  else if (length > 0)
    {
      memcpy (text, self->ring, length);
    }
  text[length] = '\0';

  return g_utf8_make_valid (text, length);
}

char *
au_tail_dup_lines (AuTail *self)
{
  g_autofree char *text = g_strchomp (au_tail_dup_text (self));
  const char *begin = text + strlen (text);
  guint n_lines = 0, n_chars = 0;

  while (begin > text && n_chars < MAX_CHARS)
    {
      const char *before = g_utf8_prev_char (begin);

      if (*before == '\n' && ++n_lines == MAX_LINES)
        break;

      begin = before;
      n_chars++;
    }

  return g_strdup (begin);
}
