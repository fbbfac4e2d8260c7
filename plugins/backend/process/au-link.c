/* au-link.c: one end of the socket between a program and a worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-link-private.h"

#include "au-mapping-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER (sizeof (AuWireHeader))
#define BUFFER (HEADER + AU_WIRE_PIECE + AU_WIRE_PACKET)

/* A packet that is to be sent, and the large value behind it. */
typedef struct
{
  GByteArray *packet;   /* NULL once it is sent */
  GVariant   *value;
  gsize       offset;   /* of what is sent of it */
  guint32     job;
  int         fd;       /* goes with the packet; -1 for none */
} Segment;

struct _AuLink
{
  int         fd;

  GMutex      lock;     /* for what is sent */
  GByteArray *open;     /* the packet that is written */
  GQueue      segments; /* of Segment */
  gsize       pending;  /* bytes in them */

  /* what is received */
  guint8     *buffer;
  guint8     *frame;    /* whose value is on its way, or NULL */
  guint8     *value;
  gsize       size;
  gsize       received;
};

AuLink *
au_link_new (int fd)
{
  AuLink *self = g_new0 (AuLink, 1);

  self->fd = fd;
  g_mutex_init (&self->lock);
  g_queue_init (&self->segments);
  self->open = g_byte_array_sized_new (1024);
  self->buffer = g_malloc (BUFFER);

  return self;
}

static void
segment_free (Segment *segment)
{
  g_clear_pointer (&segment->packet, g_byte_array_unref);
  g_clear_pointer (&segment->value, g_variant_unref);
  if (segment->fd >= 0)
    close (segment->fd);
  g_free (segment);
}

void
au_link_free (AuLink *self)
{
  close (self->fd);
  g_queue_clear_full (&self->segments, (GDestroyNotify) segment_free);
  g_byte_array_unref (self->open);
  g_free (self->buffer);
  g_free (self->frame);
  g_free (self->value);
  g_mutex_clear (&self->lock);
  g_free (self);
}

int
au_link_get_fd (AuLink *self)
{
  return self->fd;
}

/* Sending */

/* Called with the lock held. */
static void
close_packet (AuLink   *self,
              GVariant *value,
              guint32   job,
              int       fd)
{
  Segment *segment;

  if (self->open->len == 0)
    return;

  segment = g_new0 (Segment, 1);
  segment->packet = g_steal_pointer (&self->open);
  segment->value = value != NULL ? g_variant_ref (value) : NULL;
  segment->job = job;
  segment->fd = fd;
  g_queue_push_tail (&self->segments, segment);
  self->pending += segment->packet->len + (value != NULL ? g_variant_get_size (value) : 0);

  self->open = g_byte_array_sized_new (1024);
}

GByteArray *
au_link_lock (AuLink *self)
{
  g_mutex_lock (&self->lock);
  if (self->open->len >= AU_WIRE_PACKET)
    close_packet (self, NULL, 0, -1);

  return self->open;
}

void
au_link_unlock (AuLink *self)
{
  g_mutex_unlock (&self->lock);
}

static void
set_flags (GByteArray *packet,
           gsize       begin,
           guint16     flags)
{
  memcpy (packet->data + begin + G_STRUCT_OFFSET (AuWireHeader, flags), &flags, sizeof flags);
}

/* Takes over @fd, a file in memory that holds the value, or is -1. */
void
au_link_put_value (AuLink   *self,
                   gsize     begin,
                   GVariant *value,
                   int       fd)
{
  gsize size = value != NULL ? g_variant_get_size (value) : 0;
  gboolean in_pieces = fd < 0 && size > AU_WIRE_INLINE;
  AuWireHeader header;

  if (fd < 0 && !in_pieces)
    {
      au_wire_put_value (self->open, value, AU_WIRE_VALUE_INLINE);
      au_wire_end (self->open, begin);
      return;
    }

  au_wire_put_value (self->open, value, AU_WIRE_VALUE_ELSEWHERE);
  au_wire_put_number (self->open, size);
  au_wire_end (self->open, begin);
  set_flags (self->open, begin, in_pieces ? AU_WIRE_IN_PIECES : AU_WIRE_BY_DESCRIPTOR);

  memcpy (&header, self->open->data + begin, sizeof header);
  close_packet (self, in_pieces ? value : NULL, header.job, fd);
}

gsize
au_link_get_pending (AuLink *self)
{
  gsize pending;

  g_mutex_lock (&self->lock);
  pending = self->pending + self->open->len;
  g_mutex_unlock (&self->lock);

  return pending;
}

static AuLinkState
send_packet (AuLink        *self,
             gboolean       block,
             struct iovec  *parts,
             guint          n_parts,
             int            fd)
{
  union { struct cmsghdr header; char space[CMSG_SPACE (sizeof (int))]; } control = { 0 };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = n_parts };

  if (fd >= 0)
    {
      message.msg_control = &control;
      message.msg_controllen = sizeof control;
      control.header.cmsg_len = CMSG_LEN (sizeof fd);
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
    }

  for (;;)
    {
      if (sendmsg (self->fd, &message, MSG_NOSIGNAL | (block ? 0 : MSG_DONTWAIT)) >= 0)
        return AU_LINK_OK;

      if (errno == EAGAIN || errno == ENOBUFS)
        return AU_LINK_AGAIN;

      if (errno != EINTR)
        return AU_LINK_CLOSED;
    }
}

/* Called with the lock held. */
static AuLinkState
send_piece (AuLink   *self,
            gboolean  block,
            Segment  *segment)
{
  gsize size = g_variant_get_size (segment->value);
  gsize length = MIN (size - segment->offset, AU_WIRE_PIECE);
  AuWireHeader header = { HEADER + length, AU_WIRE_PIECE_OF_VALUE, 0, segment->job, 0 };
  struct iovec parts[] = {
    { &header, sizeof header },
    { (guint8 *) g_variant_get_data (segment->value) + segment->offset, length },
  };
  AuLinkState state = send_packet (self, block, parts, G_N_ELEMENTS (parts), -1);

  if (state == AU_LINK_OK)
    {
      segment->offset += length;
      self->pending -= length;
    }

  return state;
}

/* Called with the lock held. */
static AuLinkState
send_segment (AuLink   *self,
              gboolean  block,
              Segment  *segment)
{
  AuLinkState state = AU_LINK_OK;

  if (segment->packet != NULL)
    {
      struct iovec part = { segment->packet->data, segment->packet->len };

      state = send_packet (self, block, &part, 1, segment->fd);
      if (state != AU_LINK_OK)
        return state;

      self->pending -= segment->packet->len;
      g_clear_pointer (&segment->packet, g_byte_array_unref);
    }

  while (state == AU_LINK_OK && segment->value != NULL &&
         segment->offset < g_variant_get_size (segment->value))
    state = send_piece (self, block, segment);

  return state;
}

/* The usual case: a packet, and nothing before it. */
static AuLinkState
send_open (AuLink   *self,
           gboolean  block)
{
  struct iovec part = { self->open->data, self->open->len };
  AuLinkState state;

  if (self->open->len == 0)
    return AU_LINK_OK;

  state = send_packet (self, block, &part, 1, -1);
  if (state == AU_LINK_OK)
    g_byte_array_set_size (self->open, 0);

  return state;
}

AuLinkState
au_link_flush (AuLink   *self,
               gboolean  block)
{
  AuLinkState state = AU_LINK_OK;
  Segment *segment;

  g_mutex_lock (&self->lock);
  while (state == AU_LINK_OK && (segment = g_queue_peek_head (&self->segments)) != NULL)
    {
      state = send_segment (self, block, segment);
      if (state == AU_LINK_OK)
        segment_free (g_queue_pop_head (&self->segments));
    }
  if (state == AU_LINK_OK)
    state = send_open (self, block);
  g_mutex_unlock (&self->lock);

  return state;
}

/* Receiving */

static int
take_descriptor (struct msghdr *message)
{
  int fd = -1;

  for (struct cmsghdr *control = CMSG_FIRSTHDR (message); control != NULL;
       control = CMSG_NXTHDR (message, control))
    {
      gsize n_fds;

      if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
        continue;

      n_fds = (control->cmsg_len - CMSG_LEN (0)) / sizeof (int);
      for (gsize i = 0; i < n_fds; i++)
        {
          if (fd >= 0)
            close (fd);
          memcpy (&fd, CMSG_DATA (control) + i * sizeof fd, sizeof fd);
        }
    }

  return fd;
}

/* What was meant to be a piece of the value is another packet: it is put together as if
 * none had been expected. */
static void
gather (AuLink             *self,
        const AuWireHeader *header,
        gsize               length,
        gsize               space)
{
  memcpy (self->buffer, header, HEADER);
  if (length > HEADER && space > 0)
    memcpy (self->buffer + HEADER, self->value + self->received, MIN (length - HEADER, space));
}

static AuLinkState
receive (AuLink       *self,
         gboolean      block,
         AuWireHeader *header,
         gsize        *length,
         int          *fd)
{
  union { struct cmsghdr header; char space[CMSG_SPACE (4 * sizeof (int))]; } control;
  gsize space = self->frame != NULL ? MIN (self->size - self->received, AU_WIRE_PIECE) : 0;
  struct iovec parts[] = {
    { header, HEADER },
    { self->value != NULL ? self->value + self->received : NULL, space },
    { self->buffer + HEADER + space, BUFFER - HEADER - space },
  };
  struct msghdr message = {
    .msg_iov = parts, .msg_iovlen = G_N_ELEMENTS (parts),
    .msg_control = &control, .msg_controllen = sizeof control,
  };
  gssize n;

  do
    n = recvmsg (self->fd, &message, MSG_CMSG_CLOEXEC | (block ? 0 : MSG_DONTWAIT));
  while (n < 0 && errno == EINTR);

  if (n < 0)
    return errno == EAGAIN ? AU_LINK_AGAIN : AU_LINK_CLOSED;
  if (n == 0)
    return AU_LINK_CLOSED;

  *fd = take_descriptor (&message);
  *length = n;
  if ((message.msg_flags & MSG_TRUNC) != 0 || *length < HEADER)
    return AU_LINK_BROKEN;

  if (header->type != AU_WIRE_PIECE_OF_VALUE)
    gather (self, header, *length, space);

  return AU_LINK_OK;
}

static gboolean
deliver (const guint8 *frame,
         GBytes       *bytes,
         AuLinkFunc    func,
         gpointer      data)
{
  const AuWireHeader *header = (const AuWireHeader *) (gconstpointer) frame;
  AuWireReader reader = {
    .header = header,
    .data = frame + HEADER,
    .left = header->size - HEADER,
    .bytes = bytes,
  };

  return func (&reader, data);
}

static gboolean
take_piece (AuLink             *self,
            const AuWireHeader *header,
            gsize               length,
            AuLinkFunc          func,
            gpointer            data)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autofree guint8 *frame = NULL;

  if (self->frame == NULL || header->size != length || length - HEADER > self->size - self->received)
    return FALSE;

  self->received += length - HEADER;
  if (self->received < self->size)
    return TRUE;

  bytes = g_bytes_new_take (g_steal_pointer (&self->value), self->size);
  frame = g_steal_pointer (&self->frame);

  return deliver (frame, bytes, func, data);
}

/* The value of this frame follows it. */
static gboolean
expect_pieces (AuLink       *self,
               const guint8 *frame,
               guint64       size)
{
  const AuWireHeader *header = (const AuWireHeader *) (gconstpointer) frame;

  if (self->frame != NULL || size == 0 || size > G_MAXSSIZE)
    return FALSE;

  self->value = g_try_malloc (size);
  if (self->value == NULL)
    return FALSE;

  self->frame = g_memdup2 (frame, header->size);
  self->size = size;
  self->received = 0;

  return TRUE;
}

static gboolean
take_frame (AuLink       *self,
            const guint8 *frame,
            int          *fd,
            AuLinkFunc    func,
            gpointer      data)
{
  const AuWireHeader *header = (const AuWireHeader *) (gconstpointer) frame;
  g_autoptr(GBytes) bytes = NULL;
  guint64 size;

  if (header->flags == 0)
    return deliver (frame, NULL, func, data);

  if (header->size < HEADER + sizeof size)
    return FALSE;
  memcpy (&size, frame + header->size - sizeof size, sizeof size);

  if (header->flags == AU_WIRE_IN_PIECES)
    return expect_pieces (self, frame, size);

  bytes = au_mapping_open (*fd, size);
  *fd = -1;

  return bytes != NULL && deliver (frame, bytes, func, data);
}

static gboolean
take_frames (AuLink     *self,
             gsize       length,
             int        *fd,
             AuLinkFunc  func,
             gpointer    data)
{
  for (gsize offset = 0; offset < length; )
    {
      const guint8 *frame = self->buffer + offset;
      const AuWireHeader *header = (const AuWireHeader *) (gconstpointer) frame;

      if (length - offset < HEADER || header->size < HEADER || header->size % 8 != 0 ||
          header->size > length - offset || !take_frame (self, frame, fd, func, data))
        return FALSE;

      offset += header->size;
    }

  return TRUE;
}

AuLinkState
au_link_receive (AuLink     *self,
                 gboolean    block,
                 AuLinkFunc  func,
                 gpointer    data)
{
  AuWireHeader header;
  gsize length = 0;
  int fd = -1;
  AuLinkState state = receive (self, block, &header, &length, &fd);

  if (state == AU_LINK_OK)
    {
      gboolean taken = header.type == AU_WIRE_PIECE_OF_VALUE
        ? take_piece (self, &header, length, func, data)
        : take_frames (self, length, &fd, func, data);

      if (!taken)
        state = AU_LINK_BROKEN;
    }

  if (fd >= 0)
    close (fd);

  return state;
}
