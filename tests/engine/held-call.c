/* held-call.c: a computation that does what the test says
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "held-call.h"
#include "board.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The test sends orders, the worker how it began, and a byte when it is cancelled. */
#define ORDER_TYPE "(sv)"
#define MAX_ORDER (4096)

struct _HeldCall
{
  AuCall   *call;     /* in this process */

  int       fd;       /* or to the worker */
  gboolean  cancelled;

  guint     attempt;
  gint64    time_left;
};

typedef struct
{
  guint  attempt;
  gint64 time_left;
} Beginning;

/* In the process that obeys. */
typedef struct
{
  AuCall  *call;
  int      fd;
  GSource *source;
  gpointer tag;       /* of the cancellable's descriptor, until it was cancelled */
} Puppet;

static int listener = -1;
static GMutex lock;
static GQueue waiting = G_QUEUE_INIT;

static Beginning
describe (AuCall *call)
{
  gint64 deadline = au_call_get_deadline (call);

  return (Beginning) { au_call_get_attempt (call), deadline > 0 ? deadline - au_clock_get_monotonic_time () : -1 };
}

/* A name without a file: it is gone with the socket. */
static socklen_t
fill_address (struct sockaddr_un *address,
              const char         *name)
{
  *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
  g_strlcpy (address->sun_path + 1, name, sizeof address->sun_path - 1);

  return G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + 1 + strlen (name);
}

/* Where it runs elsewhere. */

static void
puppet_free (Puppet *self)
{
  if (self->tag != NULL)
    g_cancellable_release_fd (au_call_get_cancellable (self->call));
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->fd);
  au_call_unref (self->call);
  g_free (self);
}

static void
puppet_fail (Puppet *self,
             GError *error)
{
  au_call_return_error (self->call, error);
  g_error_free (error);
  puppet_free (self);
}

static void
puppet_obey (Puppet   *self,
             GVariant *order)
{
  g_autoptr(GVariant) value = NULL;
  const char *verb, *text;
  double progress;
  int code;

  g_variant_get (order, "(&sv)", &verb, &value);
  if (g_str_equal (verb, "return"))
    {
      au_call_return_value (self->call, value);
      puppet_free (self);
    }
  else if (g_str_equal (verb, "fail"))
    {
      const char *domain;

      g_variant_get (value, "(&si&s)", &domain, &code, &text);
      puppet_fail (self, g_error_new_literal (g_quark_from_string (domain), code, text));
    }
  else if (g_str_equal (verb, "progress"))
    {
      g_variant_get (value, "(dm&s)", &progress, &text);
      au_call_set_progress (self->call, progress, text);
    }
  else
    {
      g_assert_cmpstr (verb, ==, "emit");
      au_call_emit (self->call, value, NULL);
    }
}

static gboolean
puppet_cb (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  Puppet *self = data;
  char bytes[MAX_ORDER];
  gssize n_read;

  if (self->tag != NULL && g_cancellable_is_cancelled (au_call_get_cancellable (self->call)))
    {
      g_source_remove_unix_fd (self->source, self->tag);
      g_cancellable_release_fd (au_call_get_cancellable (self->call));
      self->tag = NULL;
      send (fd, "c", 1, MSG_NOSIGNAL);
    }

  n_read = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n_read > 0)
    {
      g_autoptr(GBytes) copy = g_bytes_new (bytes, n_read);
      g_autoptr(GVariant) order = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (ORDER_TYPE), copy,
                                                                                FALSE));

      puppet_obey (self, order);
    }
  else if (n_read == 0 || errno != EAGAIN)
    {
      puppet_fail (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "The test is gone"));
    }

  return G_SOURCE_CONTINUE;
}

static void
puppet_start (AuCall *call)
{
  Puppet *self = g_new0 (Puppet, 1);
  Beginning beginning = describe (call);
  struct sockaddr_un address;
  socklen_t length = fill_address (&address, g_getenv ("AU_TEST_HELD_CALLS"));
  GPollFD cancelled;

  self->call = au_call_ref (call);
  self->fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  g_assert_cmpint (self->fd, >=, 0);
  g_assert_cmpint (connect (self->fd, (struct sockaddr *) &address, length), ==, 0);
  g_assert_cmpint (send (self->fd, &beginning, sizeof beginning, MSG_NOSIGNAL), ==, sizeof beginning);

  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_assert_true (g_cancellable_make_pollfd (au_call_get_cancellable (call), &cancelled));
  self->tag = g_source_add_unix_fd (self->source, cancelled.fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (puppet_cb), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

/* Where the test is. */

static void
add_call (HeldCall *self)
{
  g_mutex_lock (&lock);
  g_queue_push_tail (&waiting, self);
  g_mutex_unlock (&lock);
  g_main_context_wakeup (NULL);
}

static void
held_start (AuCall   *call,
            GVariant *arguments,
            gpointer  data)
{
  Beginning beginning;
  HeldCall *self;

  g_atomic_int_inc (&board_get ()->n_held);
  if (listener < 0)
    {
      puppet_start (call);
      return;
    }

  beginning = describe (call);
  self = g_new0 (HeldCall, 1);
  self->call = au_call_ref (call);
  self->fd = -1;
  self->attempt = beginning.attempt;
  self->time_left = beginning.time_left;
  add_call (self);
}

static gboolean
accept_cb (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  HeldCall *self = g_new0 (HeldCall, 1);
  Beginning beginning;

  self->fd = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (self->fd, >=, 0);
  g_assert_cmpint (recv (self->fd, &beginning, sizeof beginning, 0), ==, sizeof beginning);
  self->attempt = beginning.attempt;
  self->time_left = beginning.time_left;
  add_call (self);

  return G_SOURCE_CONTINUE;
}

void
held_call_register (void)
{
  static const AuFunctionEntry functions[] = {
    { "held", "()", "s", NULL, AU_FUNCTION_NONE, NULL, .start = held_start },
    { NULL }
  };

  au_functions_register (functions);
}

void
held_call_listen (void)
{
  g_autofree char *name = g_strdup_printf ("au-held-calls-%d", (int) getpid ());
  struct sockaddr_un address;
  socklen_t length = fill_address (&address, name);
  g_autoptr(GSource) source = NULL;

  listener = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  g_assert_cmpint (listener, >=, 0);
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, length), ==, 0);
  g_assert_cmpint (listen (listener, 100), ==, 0);
  g_assert_true (g_setenv ("AU_TEST_HELD_CALLS", name, TRUE));

  source = g_unix_fd_source_new (listener, G_IO_IN);
  g_source_set_callback (source, G_SOURCE_FUNC (accept_cb), NULL, NULL);
  g_source_attach (source, NULL);
}

HeldCall *
held_call_take (void)
{
  for (;;)
    {
      HeldCall *self;

      g_mutex_lock (&lock);
      self = g_queue_pop_head (&waiting);
      g_mutex_unlock (&lock);

      if (self != NULL)
        return self;

      g_main_context_iteration (NULL, TRUE);
    }
}

guint
held_call_count (void)
{
  return g_atomic_int_get (&board_get ()->n_held);
}

/* The worker closes when it has obeyed the last order. What is closed with something unread in
 * it takes along what the other side has not read either. */
static void
held_call_close (HeldCall *self)
{
  char byte;

  while (recv (self->fd, &byte, 1, 0) > 0)
    ;
  close (self->fd);
}

static void
held_call_free (HeldCall *self)
{
  if (self->call != NULL)
    au_call_unref (self->call);
  else
    held_call_close (self);
  g_free (self);
}

/* A worker that was stopped meanwhile obeys no more. */
static void
held_call_order (HeldCall   *self,
                 const char *verb,
                 GVariant   *value)
{
  g_autoptr(GVariant) order = g_variant_ref_sink (g_variant_new (ORDER_TYPE, verb, value));

  if (send (self->fd, g_variant_get_data (order), g_variant_get_size (order), MSG_NOSIGNAL) < 0)
    g_assert_true (errno == EPIPE || errno == ECONNRESET);
}

void
held_call_return (HeldCall *self,
                  GVariant *value)
{
  if (self->call != NULL)
    au_call_return_value (self->call, value);
  else
    held_call_order (self, "return", value);
  held_call_free (self);
}

void
held_call_fail (HeldCall   *self,
                GQuark      domain,
                int         code,
                const char *message)
{
  g_autoptr(GError) error = g_error_new_literal (domain, code, message);

  if (self->call != NULL)
    au_call_return_error (self->call, error);
  else
    held_call_order (self, "fail", g_variant_new ("(sis)", g_quark_to_string (domain), code, message));
  held_call_free (self);
}

void
held_call_set_progress (HeldCall   *self,
                        double      progress,
                        const char *text)
{
  if (self->call != NULL)
    au_call_set_progress (self->call, progress, text);
  else
    held_call_order (self, "progress", g_variant_new ("(dms)", progress, text));
}

void
held_call_emit (HeldCall *self,
                GVariant *item)
{
  g_autoptr(GError) error = NULL;

  if (self->call == NULL)
    {
      held_call_order (self, "emit", item);
      return;
    }

  g_assert_true (au_call_emit (self->call, item, &error));
  g_assert_no_error (error);
}

guint
held_call_get_attempt (HeldCall *self)
{
  return self->attempt;
}

gint64
held_call_get_time_left (HeldCall *self)
{
  return self->time_left;
}

gboolean
held_call_is_cancelled (HeldCall *self)
{
  char byte;

  if (self->call != NULL)
    {
      gboolean cancelled = au_call_is_cancelled (self->call);

      if (cancelled)
        g_assert_true (g_cancellable_is_cancelled (au_call_get_cancellable (self->call)));
      return cancelled;
    }

  if (!self->cancelled && recv (self->fd, &byte, 1, MSG_DONTWAIT) == 1)
    self->cancelled = TRUE;

  return self->cancelled;
}

gboolean
held_call_is_elsewhere (HeldCall *self)
{
  return self->call == NULL;
}

AuCall *
held_call_get_call (HeldCall *self)
{
  return self->call;
}
