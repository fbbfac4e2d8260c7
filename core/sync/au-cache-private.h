/* au-cache-private.h: what the files of caches share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-timer-private.h"
#include "au-wait-private.h"
#include "au-work-private.h"

#include <au/au-cache.h>

G_BEGIN_DECLS

struct _AuCache
{
  GObject        parent_instance;

  AuWork        *work;
  AuCacheKeyFunc key_func;
  gpointer       key_data;
  GDestroyNotify key_destroy;

  GMutex         lock;
  GTimeSpan      ttl;               /* -1 for ever */
  guint          max_size;          /* 0 for any */
  gboolean       evict_on_error;
  GHashTable    *entries;           /* key → entry */
  GQueue         by_use;            /* of entries that have ended, the oldest first */
  GQueue         by_age;            /* the same, by their end */
  guint64        n_hits;
  guint64        n_misses;
  guint64        n_shared;
};

extern const AuWaitOperation au_cache_get_operation;

/* The key that counts; may sink @key. */
GVariant *au_cache_make_key (AuCache *self,
                             GVariant *key) G_GNUC_WARN_UNUSED_RESULT;

/* With the lock held: forgets what has ended, as far as there are too many. */
void au_cache_trim       (AuCache    *self,
                          AuWakeList *woken);
void au_cache_forget_all (AuCache    *self,
                          AuWakeList *woken);
void au_cache_forget     (AuCache    *self,
                          GVariant   *key,
                          AuWakeList *woken);

G_END_DECLS
