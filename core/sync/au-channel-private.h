/* au-channel-private.h: what the files of channels share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-item-queue-private.h"
#include "au-spin-private.h"
#include "au-wait-private.h"

#include <au/au-channel.h>

G_BEGIN_DECLS

struct _AuChannel
{
  GObject               parent_instance;

  AuItems               items;
  guint                 capacity;       /* 0 for any number */
  AuChannelPriorityFunc priority_func;
  gpointer              priority_data;
  GDestroyNotify        priority_destroy;
  AuSpin                spin;

  GMutex                lock;
  gboolean              closed;
  AuItemQueue           queue;

  /* At most one of these has anybody in it: getters while there are no items, putters
   * while there is no room. */
  AuWaiterList          getters;
  AuWaiterList          putters;
  guint                 n_getters;
  guint                 n_putters;
};

G_END_DECLS
