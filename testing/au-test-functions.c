/* au-test-functions.c: the functions that test backends
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test-backend.h>

#include "au-test-stage-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A function does what its arguments say, step by step:
 *
 *   tell TEXT       tells the test
 *   meet PLACE      waits for the test, and gives up when it is cancelled
 *   stay PLACE      waits for the test, whatever happens
 *   progress NUMBER reports
 *   emit TEXT       gives an item
 *   about           returns its key, its attempt, its process, and its metadata “name”
 *   fail CODE TEXT  fails with a code of G_IO_ERROR
 *   fail-once CODE TEXT  likewise, at the first attempt only
 *   return VALUE    returns
 *
 * in a plain function, or in an asynchronous one that never blocks.
 */

typedef struct
{
  AuCall    *call;
  char      *address;
  GStrv      steps;
  guint      next;

  GVariant  *value;
  GError    *error;

  /* while it waits, without blocking */
  int        fd;
  GSource   *source;
  gboolean   deaf;
  gboolean   listens;
} Script;

static Script *
script_new (AuCall   *call,
            GVariant *arguments)
{
  Script *self = g_new0 (Script, 1);

  self->call = au_call_ref (call);
  self->fd = -1;
  g_variant_get (arguments, "(s^as)", &self->address, &self->steps);

  return self;
}

static void
script_free (Script *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_error (&self->error);
  au_call_unref (self->call);
  g_free (self->address);
  g_strfreev (self->steps);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Script, script_free)

static GVariant *
describe_call (AuCall *call)
{
  GVariant *metadata = au_call_get_metadata (call);
  const char *name = "";

  if (metadata != NULL)
    g_variant_lookup (metadata, "name", "&s", &name);

  return g_variant_new_variant (g_variant_new ("(suxs)", au_call_get_key (call), au_call_get_attempt (call),
                                               (gint64) getpid (), name));
}

static void
fail (Script     *self,
      const char *text)
{
  char *message;
  int code = strtol (text, &message, 10);

  g_set_error_literal (&self->error, G_IO_ERROR, code, message[0] == ' ' ? message + 1 : "");
}

/* Takes steps up to the next one that waits. Returns its descriptor, or -1 at the end. */
static int
script_go_on (Script *self)
{
  const char *step;

  while (self->value == NULL && self->error == NULL && (step = self->steps[self->next]) != NULL)
    {
      const char *space = strchr (step, ' ');
      const char *rest = space != NULL ? space + 1 : "";

      self->next++;
      if (g_str_has_prefix (step, "meet ") || g_str_has_prefix (step, "stay "))
        {
          self->deaf = step[0] == 's';
          self->fd = stage_come_to (self->address, rest);
          if (self->fd >= 0)
            return self->fd;
          g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_FAILED, "The test is gone: %s", g_strerror (errno));
        }
      else if (g_str_has_prefix (step, "tell "))
        stage_tell (self->address, rest);
      else if (g_str_has_prefix (step, "progress "))
        au_call_set_progress (self->call, g_ascii_strtod (rest, NULL), rest);
      else if (g_str_has_prefix (step, "emit "))
        au_call_emit (self->call, g_variant_new_variant (g_variant_new_string (rest)), &self->error);
      else if (g_str_equal (step, "about"))
        self->value = g_variant_ref_sink (describe_call (self->call));
      else if (g_str_has_prefix (step, "fail-once "))
        {
          if (au_call_get_attempt (self->call) == 1)
            fail (self, rest);
        }
      else if (g_str_has_prefix (step, "fail "))
        fail (self, rest);
      else if (g_str_has_prefix (step, "return "))
        {
          g_autoptr(GVariant) value = g_variant_parse (NULL, rest, NULL, NULL, &self->error);

          if (value != NULL)
            self->value = g_variant_ref_sink (g_variant_new_variant (value));
        }
      else
        g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "No such step: %s", step);
    }

  return -1;
}

/* The wait is over. */
static void
script_arrive (Script *self)
{
  close (self->fd);
  self->fd = -1;
  if (!self->deaf)
    au_call_set_error_if_cancelled (self->call, &self->error);
}

static GVariant *
script_func (AuCall    *call,
             GVariant  *arguments,
             gpointer   data,
             GError   **error)
{
  g_autoptr(Script) self = script_new (call, arguments);
  GCancellable *cancellable = au_call_get_cancellable (call);

  while (script_go_on (self) >= 0)
    {
      GPollFD fds[2] = { { .fd = self->fd, .events = G_IO_IN } };
      guint n_fds = 1;

      if (!self->deaf && g_cancellable_make_pollfd (cancellable, &fds[1]))
        n_fds = 2;
      while (g_poll (fds, n_fds, -1) < 0 && errno == EINTR)
        ;
      if (n_fds == 2)
        g_cancellable_release_fd (cancellable);
      script_arrive (self);
    }

  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return NULL;
    }

  return g_steal_pointer (&self->value);
}

static void script_run (Script *self);

static gboolean
arrived_cb (int          fd,
            GIOCondition condition,
            gpointer     data)
{
  Script *self = data;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->listens)
    g_cancellable_release_fd (au_call_get_cancellable (self->call));
  self->listens = FALSE;
  script_arrive (self);
  script_run (self);

  return G_SOURCE_REMOVE;
}

/* Goes on until it waits, which it does in the main context that it was started in. */
static void
script_run (Script *self)
{
  int fd = script_go_on (self);
  GPollFD cancelled;

  if (fd >= 0)
    {
      self->source = g_unix_fd_source_new (fd, G_IO_IN | G_IO_HUP);
      /* not a source of the cancellable: GLib forgets one that is cancelled as it goes */
      if (!self->deaf && g_cancellable_make_pollfd (au_call_get_cancellable (self->call), &cancelled))
        {
          g_source_add_unix_fd (self->source, cancelled.fd, G_IO_IN);
          self->listens = TRUE;
        }
      g_source_set_callback (self->source, G_SOURCE_FUNC (arrived_cb), self, NULL);
      g_source_attach (self->source, g_main_context_get_thread_default ());
      return;
    }

  if (self->error != NULL)
    au_call_return_error (self->call, self->error);
  else
    au_call_return_value (self->call, self->value);
  script_free (self);
}

static void
script_start (AuCall   *call,
              GVariant *arguments,
              gpointer  data)
{
  script_run (script_new (call, arguments));
}

/* Counts, and tells before each number. */
static gboolean
count_step (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GVariant **item,
            GError   **error)
{
  guint64 n = GPOINTER_TO_SIZE (au_call_get_state (call));
  const char *address;
  guint64 end;

  g_variant_get (arguments, "(&st)", &address, &end);
  if (n == end)
    return FALSE;

  if (address[0] != '\0')
    stage_tell (address, "number");
  au_call_set_state (call, GSIZE_TO_POINTER (n + 1), NULL);
  *item = g_variant_new_uint64 (n);

  return TRUE;
}

/* Likewise, as a plain function. */
static GVariant *
count_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  const char *address;
  guint64 end;

  g_variant_get (arguments, "(&st)", &address, &end);
  for (guint64 n = 0; n < end; n++)
    {
      if (address[0] != '\0')
        stage_tell (address, "number");
      if (!au_call_emit (call, g_variant_new_uint64 (n), error))
        return NULL;
    }

  return g_variant_new_uint64 (end);
}

static GVariant *
echo_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  return g_variant_get_child_value (arguments, 0);
}

static GVariant *
nothing_func (AuCall    *call,
              GVariant  *arguments,
              gpointer   data,
              GError   **error)
{
  return NULL;
}

static GVariant *
wrong_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  return g_variant_new_string ("no number");
}

static const AuFunctionEntry functions[] = {
  { "test.script", "(sas)", "v", script_func, AU_FUNCTION_NONE, "Does what its arguments say" },
  { "test.script-async", "(sas)", "v", NULL, AU_FUNCTION_NONE, "Does what its arguments say, without blocking",
    .start = script_start },
  { "test.count", "(st)", "t", NULL, AU_FUNCTION_NONE, "Counts", .step = count_step },
  { "test.count-plain", "(st)", "t", count_func, AU_FUNCTION_NONE, "Counts, and returns how far" },
  { "test.echo", "(v)", "v", echo_func, AU_FUNCTION_NONE, "Returns its argument" },
  { "test.nothing", "()", NULL, nothing_func, AU_FUNCTION_NONE, "Returns nothing" },
  { "test.no-value", "()", "s", nothing_func, AU_FUNCTION_NONE, "Returns nothing, although it should" },
  { "test.wrong-type", "()", "x", wrong_func, AU_FUNCTION_NONE, "Returns a text in place of a number" },
  { NULL },
};

/**
 * au_test_functions_register:
 *
 * Registers the functions that the suite of backends submits, whose names start with
 * `test.`. More than once does no harm.
 *
 * [func@AuTest.backend_add_suite] does this itself. A program whose backend starts it
 * again, to run functions there, calls this first of all, as it would register functions
 * of its own.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_test_functions_register (void)
{
  static gsize registered;

  if (g_once_init_enter (&registered))
    {
      au_functions_register (functions);
      g_once_init_leave (&registered, 1);
    }
}
