/* au-worker-schedule.c: what a worker puts into queues because its time has come
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-worker-private.h"

#include <au/au-clock.h>

/* What is later than this is not made up for: its record may have been made, and removed
 * again, by another worker. */
#define MAX_LATE (G_TIME_SPAN_HOUR)

typedef struct
{
  AuSchedule *schedule;
  AuFunction *function;
  gint64      next;         /* 0 before the first look, -1 when there is none any more */
} WorkerSchedule;

gpointer
au_worker_schedule_new (AuSchedule *schedule,
                        AuFunction *function)
{
  WorkerSchedule *self = g_new0 (WorkerSchedule, 1);

  self->schedule = g_object_ref (schedule);
  self->function = g_object_ref (function);

  return self;
}

void
au_worker_schedule_free (gpointer data)
{
  WorkerSchedule *self = data;

  g_object_unref (self->schedule);
  g_object_unref (self->function);
  g_free (self);
}

/* The key is the same whoever is first, and a key is created once. */
static gboolean
submit (AuWorker       *worker,
        WorkerSchedule *self)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;

  record = au_schedule_make_record (self->schedule, self->function, worker->queues[0], self->next, &error);
  if (record != NULL)
    stored = au_store_insert (AU_STORE (worker->queue), record, NULL, NULL, &error);
  if (stored == NULL)
    g_warning ("The schedule “%s” could not be kept: %s", au_schedule_get_name (self->schedule), error->message);

  return stored != NULL;
}

static void
set_next (WorkerSchedule *self,
          gint64          after)
{
  self->next = au_schedule_get_next (self->schedule, after);
  if (self->next == 0)
    self->next = -1;
}

static void
look_at (AuWorker       *worker,
         WorkerSchedule *self,
         gint64          now)
{
  if (self->next == 0)
    set_next (self, now);

  /* Of several that were missed, as by a machine that slept, the last is made up for. */
  while (self->next > 0 && self->next <= now)
    {
      gint64 later = au_schedule_get_next (self->schedule, self->next);

      if ((later == 0 || later > now) && now - self->next <= MAX_LATE && !submit (worker, self))
        return;

      set_next (self, self->next);
    }
}

/* Puts in what is due. Tells when the next one is, in microseconds since the epoch; 0 for
 * never. */
gint64
au_worker_submit_due (AuWorker *self)
{
  gint64 now = au_clock_get_real_time ();
  gint64 next = 0;

  for (guint i = 0; i < self->schedules->len; i++)
    {
      WorkerSchedule *schedule = g_ptr_array_index (self->schedules, i);

      look_at (self, schedule, now);
      if (schedule->next > 0 && (next == 0 || schedule->next < next))
        next = schedule->next;
    }

  return next;
}
