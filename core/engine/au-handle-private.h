/* au-handle-private.h: how computations reach the handles on them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-computation-private.h"

#include <au/au-handle.h>

G_BEGIN_DECLS

struct _AuHandle
{
  GObject        parent_instance;

  AuComputation *computation;
  GMainContext  *context;       /* where it was made; NULL for the default one */

  /* Under the computation's lock. */
  AuHandle      *next;
  AuHandle      *previous;
  gboolean       listed;
  gboolean       told;          /* a source is on its way */
};

/* Called with the computation's lock held: references those that have listeners and
 * are not told yet. */
GSList *au_handles_collect (AuHandle *first);
/* Called without: attaches their sources, and drops the references. */
void    au_handles_notify  (GSList   *pending);


G_END_DECLS
