/* au-job-queue.c: jobs that wait, the most urgent first
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "au-job-queue-private.h"

#define MIN_CAPACITY (64)
/* Programs use few priorities; those that use many do not keep a lane for each. */
#define KEPT_LANES (8)

/* The jobs of one priority, in a ring. */
typedef struct
{
  int     priority;
  AuJob **ring;
  guint   capacity;     /* a power of two */
  guint   head;
  guint   length;
} Lane;

struct _AuJobQueue
{
  GArray *lanes;        /* of Lane, the highest priority first */
  guint   length;
};

static void
lane_clear (gpointer data)
{
  Lane *lane = data;

  for (guint i = 0; i < lane->length; i++)
    au_job_unref (lane->ring[(lane->head + i) & (lane->capacity - 1)]);
  g_free (lane->ring);
}

AuJobQueue *
au_job_queue_new (void)
{
  AuJobQueue *self = g_new0 (AuJobQueue, 1);

  self->lanes = g_array_new (FALSE, FALSE, sizeof (Lane));
  g_array_set_clear_func (self->lanes, lane_clear);

  return self;
}

void
au_job_queue_free (AuJobQueue *self)
{
  g_array_unref (self->lanes);
  g_free (self);
}

static Lane *
get_lane (AuJobQueue *self,
          int         priority)
{
  Lane lane = { .priority = priority, .capacity = MIN_CAPACITY };
  guint place = 0;

  for (; place < self->lanes->len; place++)
    {
      Lane *existing = &g_array_index (self->lanes, Lane, place);

      if (existing->priority == priority)
        return existing;
      if (existing->priority < priority)
        break;
    }

  lane.ring = g_new (AuJob *, lane.capacity);
  g_array_insert_val (self->lanes, place, lane);

  return &g_array_index (self->lanes, Lane, place);
}

static void
lane_grow (Lane *lane)
{
  AuJob **ring = g_new (AuJob *, lane->capacity * 2);

  for (guint i = 0; i < lane->length; i++)
    ring[i] = lane->ring[(lane->head + i) & (lane->capacity - 1)];

  g_free (lane->ring);
  lane->ring = ring;
  lane->head = 0;
  lane->capacity *= 2;
}

void
au_job_queue_push (AuJobQueue *self,
                   AuJob      *job)
{
  Lane *lane = get_lane (self, au_job_get_priority (job));

  if (lane->length == lane->capacity)
    lane_grow (lane);

  lane->ring[(lane->head + lane->length) & (lane->capacity - 1)] = job;
  lane->length++;
  self->length++;
}

void
au_job_queue_push_first (AuJobQueue *self,
                         AuJob      *job)
{
  Lane *lane = get_lane (self, au_job_get_priority (job));

  if (lane->length == lane->capacity)
    lane_grow (lane);

  lane->head = (lane->head + lane->capacity - 1) & (lane->capacity - 1);
  lane->ring[lane->head] = job;
  lane->length++;
  self->length++;
}

static Lane *
find_first_lane (AuJobQueue *self)
{
  for (guint i = 0; i < self->lanes->len; i++)
    {
      Lane *lane = &g_array_index (self->lanes, Lane, i);

      if (lane->length > 0)
        return lane;
    }

  return NULL;
}

AuJob *
au_job_queue_peek (AuJobQueue *self)
{
  Lane *lane = find_first_lane (self);

  return lane != NULL ? lane->ring[lane->head] : NULL;
}

AuJob *
au_job_queue_pop (AuJobQueue *self)
{
  Lane *lane = find_first_lane (self);
  AuJob *job;

  if (lane == NULL)
    return NULL;

  job = lane->ring[lane->head];
  lane->head = (lane->head + 1) & (lane->capacity - 1);
  lane->length--;
  self->length--;
  if (lane->length == 0 && self->lanes->len > KEPT_LANES)
    g_array_remove_index (self->lanes, lane - (Lane *) (gpointer) self->lanes->data);

  return job;
}

guint
au_job_queue_get_length (AuJobQueue *self)
{
  return self->length;
}
