/* au-sqlite-watch.c: tells of those who have to wait for long
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-watch-private.h"

#include "au-sqlite-holder-private.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>

/* When it is told that somebody waits, and how often again. */
#define PATIENCE (5 * G_TIME_SPAN_SECOND)
#define INTERVAL (G_TIME_SPAN_MINUTE)

void
au_sqlite_watch_init (AuSqliteWatch *self,
                      const char    *path)
{
  *self = (AuSqliteWatch) { .path = path };
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
}

void
au_sqlite_watch_clear (AuSqliteWatch *self)
{
  GThread *thread;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  thread = g_steal_pointer (&self->thread);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);

  if (thread != NULL)
    g_thread_join (thread);

  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
}

static void
tell (AuSqliteWatch *self,
      gint64         waited)
{
  g_autofree char *holder = au_sqlite_holder_find (self->path);
  guint seconds = waited / G_USEC_PER_SEC;

  if (holder != NULL)
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                      "AU_STORE", self->path,
                      "MESSAGE", _("The database “%s” has been locked for %u seconds by the process %s: let it go on if it was stopped, or end it"),
                      self->path, seconds, holder);
  else
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                      "AU_STORE", self->path,
                      "MESSAGE", _("The database “%s” has been locked for %u seconds by a process that cannot be seen from here: look for it in other containers"),
                      self->path, seconds);
}

/* Tells of a wait that has become long. Called with the lock, which is given up meanwhile. */
static void
look_locked (AuSqliteWatch *self)
{
  gint64 now = au_clock_get_monotonic_time ();
  gint64 since = self->since;

  if (since == 0 || now - since < PATIENCE || (self->told > 0 && now - self->told < INTERVAL))
    return;

  self->told = now;
  g_mutex_unlock (&self->lock);
  tell (self, now - since);
  g_mutex_lock (&self->lock);
}

static gpointer
watch_thread (gpointer data)
{
  AuSqliteWatch *self = data;

  g_mutex_lock (&self->lock);
  while (!self->stopping)
    {
      gint64 next = au_clock_get_monotonic_time () + G_TIME_SPAN_SECOND;

      if (self->since == 0 && !self->any)
        {
          self->asleep = TRUE;
          g_cond_wait (&self->cond, &self->lock);
          self->asleep = FALSE;
          continue;
        }

      /* Most waits are so short that nobody need be woken for them. */
      self->any = FALSE;
      while (!self->stopping && au_clock_wait_until (&self->cond, &self->lock, next))
        ;
      if (!self->stopping)
        look_locked (self);
    }
  g_mutex_unlock (&self->lock);

  return NULL;
}

void
au_sqlite_watch_begin (AuSqliteWatch *self)
{
  g_mutex_lock (&self->lock);
  self->any = TRUE;
  self->since = au_clock_get_monotonic_time ();
  self->told = 0;
  if (self->thread == NULL)
    self->thread = g_thread_new ("au-sqlite-watch", watch_thread, self);
  else if (self->asleep)
    g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
au_sqlite_watch_end (AuSqliteWatch *self)
{
  g_mutex_lock (&self->lock);
  self->since = 0;
  g_mutex_unlock (&self->lock);
}
