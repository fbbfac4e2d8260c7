/* au-serve-log.c: what is logged in a worker reaches the log of the program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-serve-private.h"

#include <string.h>

/* Longer texts are cut, and more fields are dropped. */
#define MAX_TEXT (16 * 1024)
#define MAX_FIELDS (32)

static void
put_text (GByteArray *buffer,
          const char *text,
          gssize      length)
{
  g_autofree char *copy = g_strndup (text, length < 0 ? MAX_TEXT : MIN (length, MAX_TEXT));

  au_wire_put_string (buffer, copy);
}

/* @job is the number of the job that it belongs to, or 0. */
void
au_serve_send_log (AuServe         *self,
                   guint32          job,
                   GLogLevelFlags   level,
                   const GLogField *fields,
                   gsize            n_fields)
{
  GByteArray *buffer = au_link_lock (self->link);
  gsize begin = au_wire_begin (buffer, AU_WIRE_LOG, job, level & G_LOG_LEVEL_MASK);

  n_fields = MIN (n_fields, MAX_FIELDS);
  au_wire_put_number (buffer, n_fields);
  for (gsize i = 0; i < n_fields; i++)
    {
      au_wire_put_string (buffer, fields[i].key);
      put_text (buffer, fields[i].value, fields[i].length);
    }
  au_wire_end (buffer, begin);
  au_link_unlock (self->link);

  au_link_flush (self->link, TRUE);
}

static const char *
find_domain (const GLogField *fields,
             gsize            n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "GLIB_DOMAIN") && fields[i].length < 0)
        return fields[i].value;
    }

  return NULL;
}

static guint32
get_current (AuServe  *self,
             gboolean *closed)
{
  guint32 number;

  g_mutex_lock (&self->lock);
  number = self->current != NULL ? self->current->number : 0;
  *closed = self->closed;
  g_mutex_unlock (&self->lock);

  return number;
}

/* What ends the process is written to its standard error, which is kept. */
static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         data)
{
  AuServe *self = data;
  gboolean closed;
  guint32 job;

  if (g_log_writer_default_would_drop (level, find_domain (fields, n_fields)))
    return G_LOG_WRITER_HANDLED;

  job = get_current (self, &closed);
  if (closed || (level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) != 0)
    return g_log_writer_default (level, fields, n_fields, NULL);

  au_serve_send_log (self, job, level, fields, n_fields);

  return G_LOG_WRITER_HANDLED;
}

static void
handle_log (const char     *domain,
            GLogLevelFlags  level,
            const char     *message,
            gpointer        data)
{
  AuServe *self = data;
  const GLogField fields[] = {
    { "MESSAGE", message, -1 },
    { "GLIB_DOMAIN", domain, -1 },
  };
  gboolean closed;
  guint32 job = get_current (self, &closed);

  if (closed || (level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) != 0)
    g_log_default_handler (domain, level, message, NULL);
  else if (!g_log_writer_default_would_drop (level, domain))
    au_serve_send_log (self, job, level, fields, domain != NULL ? 2 : 1);
}

/* GLib aborts when its writer is set twice, so that in a program of somebody else only
 * what goes through its handlers is forwarded, and what functions log by their call. */
void
au_serve_forward_logs (AuServe  *self,
                       gboolean  all)
{
  if (all)
    g_log_set_writer_func (write_log, self, NULL);
  else
    g_log_set_default_handler (handle_log, self);
}
