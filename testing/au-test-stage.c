/* au-test-stage.c: where functions and their test meet
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-stage-private.h"

#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct _Stage
{
  int         listener;
  GSource    *source;
  char       *address;

  GHashTable *arrived; /* place → GArray of descriptors */
  GHashTable *counts;  /* place → number */
};

/* Names without a file: they are gone when the socket is closed. */
static socklen_t
fill_address (struct sockaddr_un *socket_address,
              const char         *name)
{
  memset (socket_address, 0, sizeof *socket_address);
  socket_address->sun_family = AF_UNIX;
  g_strlcpy (socket_address->sun_path + 1, name, sizeof socket_address->sun_path - 1);

  return G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + 1 + strlen (name);
}

static void
close_all (GArray *descriptors)
{
  for (guint i = 0; i < descriptors->len; i++)
    close (g_array_index (descriptors, int, i));
  g_array_unref (descriptors);
}

/* Whoever connects has its line written already, or is dying. */
static char *
read_line (int fd)
{
  g_autoptr(GString) line = g_string_new (NULL);
  char c;

  while (read (fd, &c, 1) == 1 && c != '\n')
    g_string_append_c (line, c);

  return g_string_free (g_steal_pointer (&line), FALSE);
}

static gboolean
accept_cb (int          listener,
           GIOCondition condition,
           gpointer     data)
{
  Stage *self = data;
  int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  g_autofree char *line = NULL;
  GArray *waiting;
  guint count;

  if (fd < 0)
    return G_SOURCE_CONTINUE;

  line = read_line (fd);
  count = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, line)) + 1;
  g_hash_table_insert (self->counts, g_strdup (line), GUINT_TO_POINTER (count));

  waiting = g_hash_table_lookup (self->arrived, line);
  if (waiting == NULL)
    {
      waiting = g_array_new (FALSE, FALSE, sizeof (int));
      g_hash_table_insert (self->arrived, g_strdup (line), waiting);
    }
  g_array_append_val (waiting, fd);

  return G_SOURCE_CONTINUE;
}

Stage *
stage_new (void)
{
  static gint n_stages;
  Stage *self = g_new0 (Stage, 1);
  struct sockaddr_un socket_address;
  socklen_t length;

  self->address = g_strdup_printf ("au-test-%d-%d", getpid (), g_atomic_int_add (&n_stages, 1));
  self->arrived = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) close_all);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  length = fill_address (&socket_address, self->address);
  self->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_assert_cmpint (self->listener, >=, 0);
  g_assert_cmpint (bind (self->listener, (struct sockaddr *) &socket_address, length), ==, 0);
  g_assert_cmpint (listen (self->listener, 1000), ==, 0);

  self->source = g_unix_fd_source_new (self->listener, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (accept_cb), self, NULL);
  g_source_attach (self->source, NULL);

  return self;
}

void
stage_free (Stage *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->listener);
  g_hash_table_unref (self->arrived);
  g_hash_table_unref (self->counts);
  g_free (self->address);
  g_free (self);
}

const char *
stage_get_address (Stage *self)
{
  return self->address;
}

gboolean
stage_has (Stage      *self,
           const char *place)
{
  GArray *waiting = g_hash_table_lookup (self->arrived, place);

  return waiting != NULL && waiting->len > 0;
}

void
stage_await (Stage      *self,
             const char *place)
{
  while (!stage_has (self, place))
    g_main_context_iteration (NULL, TRUE);
}

void
stage_release (Stage      *self,
               const char *place)
{
  GArray *waiting;

  stage_await (self, place);
  waiting = g_hash_table_lookup (self->arrived, place);
  /* the end of the connection is the sign */
  close (g_array_index (waiting, int, 0));
  g_array_remove_index (waiting, 0);
}

guint
stage_count (Stage      *self,
             const char *place)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, place));
}

int
stage_come_to (const char *address,
               const char *place)
{
  g_autofree char *line = g_strconcat (place, "\n", NULL);
  struct sockaddr_un socket_address;
  socklen_t length = fill_address (&socket_address, address);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd >= 0 && (connect (fd, (struct sockaddr *) &socket_address, length) != 0 ||
                  send (fd, line, strlen (line), MSG_NOSIGNAL) < 0))
    {
      close (fd);
      fd = -1;
    }

  return fd;
}

void
stage_tell (const char *address,
            const char *text)
{
  int fd = stage_come_to (address, text);

  if (fd >= 0)
    close (fd);
}
