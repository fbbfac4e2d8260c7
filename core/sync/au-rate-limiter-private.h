/* au-rate-limiter-private.h: what the files of rate limiters share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-rate-window-private.h"
#include "au-timer-private.h"
#include "au-wait-private.h"

#include <au/au-rate-limiter.h>

G_BEGIN_DECLS

/* What is known of one key. */
typedef struct
{
  AuHeapNode   node;            /* in the heap while somebody waits; the key is when the
                                   first of them may come in */
  char        *key;             /* NULL for the one without a key */
  gboolean     has_limit;
  guint        limit;

  AuRateWindow window;
  AuWaiterList line;
  guint        n_waiting;
  GList        link;            /* in the queue of keys, by their last use */
} AuRateBucket;

struct _AuRateLimiter
{
  GObject      parent_instance;

  AuTimer      timer;           /* has a reference while it is set */
  GMutex       lock;
  guint        limit;
  GTimeSpan    period;
  AuRateBucket common;
  GHashTable  *buckets;         /* key → AuRateBucket */
  GQueue       keys;
  AuHeap       waiting;
};

extern const AuWaitOperation au_rate_limiter_acquire_operation;

void          au_rate_limiter_timer_cb      (AuTimer       *timer);

/* With the lock held. */
AuRateBucket *au_rate_limiter_find          (AuRateLimiter *self,
                                             const char    *key);
AuRateBucket *au_rate_limiter_ensure        (AuRateLimiter *self,
                                             const char    *key,
                                             gint64         now);
gint64        au_rate_limiter_get_next_time (AuRateLimiter *self,
                                             AuRateBucket  *bucket,
                                             gint64         now);
gboolean      au_rate_limiter_come_in       (AuRateLimiter *self,
                                             const char    *key);
void          au_rate_limiter_serve         (AuRateLimiter *self,
                                             AuRateBucket  *bucket,
                                             gint64         now,
                                             AuWakeList    *woken);
void          au_rate_limiter_set_timer     (AuRateLimiter *self);

G_END_DECLS
