/* au-serve-job.c: a job in its worker, and what it says to the program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-serve-private.h"

#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>

/* How often the program is told of progress at most. */
#define REPORT_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)

/* Answers are sent together, but none waits for longer than this for the others. */
#define ANSWER_DELAY (100)
#define MANY_BYTES (16 * 1024)

/* In µs; see is_program_gone (). */
#define LONG_JOB (1000)

/* Longer texts are cut. */
#define MAX_TEXT (16 * 1024)

static AuServeJob *
get_serve_job (AuJob *job)
{
  return au_job_get_owner (job);
}

/* Something was written to the link: it is sent now, or when the time has come. */
void
au_serve_note_written (AuServe  *self,
                       gboolean  now)
{
  gint64 time = au_wire_now ();
  gboolean send = now || au_link_get_pending (self->link) >= MANY_BYTES;

  g_mutex_lock (&self->lock);
  if (self->written == 0)
    self->written = time;
  send |= time - self->written >= ANSWER_DELAY;
  if (send)
    self->written = 0;
  g_mutex_unlock (&self->lock);

  if (send)
    au_link_flush (self->link, TRUE);
}

static guint
hook_begin (AuJob   *job,
            GError **error)
{
  return get_serve_job (job)->attempt;
}

static char *
cut (const char *text)
{
  char *end;

  if (text == NULL || strlen (text) <= MAX_TEXT)
    return g_strdup (text);

  end = g_utf8_find_prev_char (text, text + MAX_TEXT);

  return g_strndup (text, end != NULL ? (gsize) (end - text) : MAX_TEXT);
}

/* Called with the lock held. */
void
au_serve_job_send_report (AuServeJob *self)
{
  GByteArray *buffer = au_link_lock (self->serve->link);
  gsize begin = au_wire_begin (buffer, AU_WIRE_REPORT, self->number, 0);
  guint64 bits;

  memcpy (&bits, &self->progress, sizeof bits);
  au_wire_put_number (buffer, bits);
  au_wire_put_string (buffer, self->status_text);
  au_wire_end (buffer, begin);
  au_link_unlock (self->serve->link);

  self->unreported = FALSE;
  self->reported = au_wire_now ();
}

static gboolean
hook_report (AuJob       *job,
             double       progress,
             const char  *status_text,
             GError     **error)
{
  AuServeJob *self = get_serve_job (job);
  AuServe *serve = self->serve;
  gboolean due;

  g_mutex_lock (&serve->lock);
  g_free (self->status_text);
  self->status_text = cut (status_text);
  self->progress = progress;
  due = self->reported == 0 || au_wire_now () - self->reported >= REPORT_INTERVAL;
  if (due)
    au_serve_job_send_report (self);
  else
    self->unreported = TRUE;
  g_mutex_unlock (&serve->lock);

  if (due)
    au_serve_note_written (serve, TRUE);

  return TRUE;
}

static guint
hook_get_wanted (AuJob *job)
{
  return G_MAXUINT;
}

static void
ask (AuServeJob *self)
{
  GByteArray *buffer = au_link_lock (self->serve->link);

  au_wire_end (buffer, au_wire_begin (buffer, AU_WIRE_WANT, self->number, 0));
  au_link_unlock (self->serve->link);
  au_link_flush (self->serve->link, TRUE);
}

static void
hook_wait_wanted (AuJob *job)
{
  AuServeJob *self = get_serve_job (job);
  AuServe *serve = self->serve;
  gboolean first;

  g_mutex_lock (&serve->lock);
  first = !self->asked && !serve->closed;
  self->asked = TRUE;
  g_mutex_unlock (&serve->lock);

  if (first)
    ask (self);

  g_mutex_lock (&serve->lock);
  if (self->n_wanted == 0 && !serve->closed)
    {
      /* Whoever reads must not wait for what is not sent. */
      g_mutex_unlock (&serve->lock);
      au_link_flush (serve->link, TRUE);
      g_mutex_lock (&serve->lock);
    }
  while (self->n_wanted == 0 && self->stopped == NULL && !serve->closed && !au_job_is_cancelled (job))
    g_cond_wait (&serve->changed, &serve->lock);
  g_mutex_unlock (&serve->lock);
}

static gboolean
hook_emit (AuJob     *job,
           GVariant  *item,
           GError   **error)
{
  AuServeJob *self = get_serve_job (job);
  AuServe *serve = self->serve;
  GError *stopped = NULL;
  GByteArray *buffer;
  gboolean closed, last;

  g_mutex_lock (&serve->lock);
  closed = serve->closed;
  if (self->stopped != NULL)
    {
      stopped = g_error_copy (self->stopped);
    }
  else if (!closed)
    {
      self->n_wanted -= MIN (self->n_wanted, 1);
      self->n_items++;
    }
  last = self->n_wanted == 0;
  g_mutex_unlock (&serve->lock);

  if (stopped != NULL)
    {
      g_propagate_error (error, stopped);
      return FALSE;
    }

  if (closed)
    return au_serve_orphan_emit (self, item, error);

  buffer = au_link_lock (serve->link);
  au_link_put_value (serve->link, au_wire_begin (buffer, AU_WIRE_ITEM, self->number, 0), item, -1);
  au_link_unlock (serve->link);
  au_serve_note_written (serve, last);

  return TRUE;
}

/* Gives a descriptor of @value if it was built where it can be handed over, or -1. */
static int
seal (AuServeJob *self,
      GVariant   *value)
{
  gconstpointer data;
  int fd = -1;

  if (value == NULL || self->mappings == NULL)
    return -1;

  data = g_variant_get_data (value);
  g_mutex_lock (&self->serve->lock);
  for (GSList *link = self->mappings; link != NULL && fd < 0; link = link->next)
    {
      AuMapping *mapping = link->data;

      if (au_mapping_get_data (mapping) == data &&
          au_mapping_get_size (mapping) == g_variant_get_size (value))
        fd = au_mapping_seal (mapping);
    }
  g_mutex_unlock (&self->serve->lock);

  return fd;
}

/* How long it has taken, in µs, is told with the answer. */
static guint32
get_duration (AuServeJob *self)
{
  return MIN (au_wire_now () - self->started, G_MAXUINT32);
}

/* An answer that is sent when nobody is there to read it is lost. The thread that watches
 * may not have noticed yet that the program is gone, so one looks before the outcome of
 * what took a while is sent; what took no time is soon computed again. */
static gboolean
is_program_gone (AuServeJob *self,
                 guint32     duration)
{
  struct pollfd fd = { .fd = au_link_get_fd (self->serve->link) };

  return duration >= LONG_JOB && self->serve->finish_orphans && self->store != NULL &&
         poll (&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR)) != 0;
}

static gboolean
conclude (AuServeJob   *self,
          GVariant     *value,
          const GError *reason)
{
  AuServe *serve = self->serve;
  guint32 duration = get_duration (self);
  GByteArray *buffer;
  gboolean closed;
  gsize begin;
  int fd;

  if (is_program_gone (self, duration))
    au_serve_note_closed (serve);

  g_mutex_lock (&serve->lock);
  closed = serve->closed;
  self->concluded = self->started + duration;
  if (self->unreported && !closed)
    au_serve_job_send_report (self);
  g_mutex_unlock (&serve->lock);

  if (closed)
    {
      au_serve_orphan_conclude (self, value, reason);
      return TRUE;
    }

  fd = seal (self, value);
  buffer = au_link_lock (serve->link);
  begin = au_wire_begin (buffer, reason != NULL ? AU_WIRE_FAILED : AU_WIRE_DONE, self->number,
                         duration);
  if (reason != NULL)
    {
      g_autofree char *message = cut (reason->message);
      const GError short_reason = { reason->domain, reason->code, message };

      au_wire_put_error (buffer, &short_reason);
      au_wire_end (buffer, begin);
    }
  else
    {
      au_link_put_value (serve->link, begin, value, fd);
    }
  au_link_unlock (serve->link);

  return TRUE;
}

static gboolean
hook_complete (AuJob     *job,
               GVariant  *value,
               GError   **error)
{
  return conclude (get_serve_job (job), value, NULL);
}

static gboolean
hook_fail (AuJob         *job,
           const GError  *reason,
           GError       **error)
{
  return conclude (get_serve_job (job), NULL, reason);
}

static void
hook_log (AuJob          *job,
          GLogLevelFlags  level,
          const char     *message)
{
  const GLogField fields[] = {
    { "GLIB_DOMAIN", "au-computation", -1 },
    { "MESSAGE", message, -1 },
  };
  AuServeJob *self = get_serve_job (job);

  if (!g_log_writer_default_would_drop (level, "au-computation"))
    au_serve_send_log (self->serve, self->number, level, fields, G_N_ELEMENTS (fields));
}

static GBytes *
hook_new_bytes (AuJob     *job,
                gsize      size,
                gpointer  *data,
                GError   **error)
{
  AuServeJob *self = get_serve_job (job);
  AuMapping *mapping = au_mapping_new (size, error);

  if (mapping == NULL)
    return NULL;

  g_mutex_lock (&self->serve->lock);
  self->mappings = g_slist_prepend (self->mappings, mapping);
  g_mutex_unlock (&self->serve->lock);

  *data = au_mapping_get_data (mapping);

  return au_mapping_to_bytes (mapping);
}

static void
hook_free_owner (gpointer owner)
{
  AuServeJob *self = owner;

  g_clear_pointer (&self->store, g_variant_unref);
  g_slist_free_full (self->mappings, (GDestroyNotify) au_mapping_unref);
  g_clear_error (&self->stopped);
  g_free (self->status_text);
  g_free (self);
}

static const AuJobHooks hooks = {
  .begin = hook_begin,
  .report = hook_report,
  .get_wanted = hook_get_wanted,
  .wait_wanted = hook_wait_wanted,
  .emit = hook_emit,
  .complete = hook_complete,
  .fail = hook_fail,
  .log = hook_log,
  .new_bytes = hook_new_bytes,
  .free_owner = hook_free_owner,
};

static AuJob *
make_job (AuServeJob *self,
          const char *key,
          GTimeSpan   left,
          GVariant   *arguments,
          GVariant   *metadata)
{
  AuFunction *function = self->function->function;
  g_autoptr(AuOptions) options = NULL;
  g_autoptr(AuRecord) record = NULL;
  AuJob *job;

  if (metadata != NULL)
    {
      options = au_options_new ();
      au_options_set_metadata (options, metadata);
    }

  record = au_record_new (key, au_function_get_name (function), arguments, options);
  job = au_job_new (&hooks, self, function, record);
  if (left > 0)
    au_job_set_deadline (job, au_clock_get_monotonic_time () + left);

  return job;
}

AuServeJob *
au_serve_job_new (AuServe         *serve,
                  guint32          number,
                  AuServeFunction *function,
                  guint            attempt,
                  const char      *key,
                  GTimeSpan        left,
                  GVariant        *arguments,
                  GVariant        *metadata)
{
  AuServeJob *self = g_new0 (AuServeJob, 1);

  self->serve = serve;
  self->number = number;
  self->function = function;
  self->attempt = attempt;
  self->store = serve->store != NULL ? g_variant_ref (serve->store) : NULL;
  if (function->function != NULL)
    self->job = make_job (self, key, left, arguments, metadata);

  return self;
}

/* A function may keep its call, and with it the job, for longer than it runs. */
void
au_serve_job_free (AuServeJob *self)
{
  if (self->job != NULL)
    au_job_unref (self->job);
  else
    hook_free_owner (self);
}

void
au_serve_job_run (AuServeJob *self)
{
  self->started = au_wire_now ();

  if (self->job == NULL)
    {
      conclude (self, NULL, self->function->error);
    }
  else if (au_job_is_cancelled (self->job))
    {
      g_autoptr(GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                             _("The computation “%s” was cancelled"),
                                             au_job_get_key (self->job));

      conclude (self, NULL, error);
    }
  else
    {
      au_serve_limit (self->serve, &self->function->limits);
      au_job_run (self->job);
      au_serve_unlimit (self->serve, &self->function->limits);
    }

  au_serve_note_written (self->serve, FALSE);
}
