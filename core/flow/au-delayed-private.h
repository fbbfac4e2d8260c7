/* au-delayed-private.h: the inside of a delayed result, for those who bring it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-flow-loop-private.h"

#include <au/au-delayed.h>

G_BEGIN_DECLS

typedef struct _AuScopeCore AuScopeCore;

/* What brings the value; a part of whatever that needs. The result holds one reference
 * until it is there. */
typedef struct _AuDelayedWork AuDelayedWork;

typedef struct
{
  void     (*cancel)   (AuDelayedWork *self);
  /* Whether waiting for it in this thread would never end; may be NULL. */
  gboolean (*is_stuck) (AuDelayedWork *self);
  void     (*free)     (AuDelayedWork *self);
} AuDelayedWorkFuncs;

struct _AuDelayedWork
{
  gatomicrefcount           ref_count;
  const AuDelayedWorkFuncs *funcs;
};

void           au_delayed_work_init  (AuDelayedWork            *self,
                                      const AuDelayedWorkFuncs *funcs);
AuDelayedWork *au_delayed_work_ref   (AuDelayedWork *self);
void           au_delayed_work_unref (AuDelayedWork *self);

struct _AuDelayed
{
  GObject        parent_instance;

  AuFlowBinding *binding;       /* that of the scope, or own */
  AuFlowBinding  own;
  AuScopeCore   *scope;         /* whose binding it is; NULL if none */
  gboolean       is_member;     /* the scope waits for it */
  AuDelayed     *next;          /* under the scope's lock: its members */
  AuDelayed     *previous;
  const char    *name;          /* interned */
  const char    *place;         /* interned; NULL if unknown */

  GMutex         lock;          /* for what follows */
  gint           done;          /* atomic too */
  gboolean       awaited;
  gboolean       cancelled;
  GVariant      *value;         /* these two never change any more */
  GError        *error;
  AuDelayedWork *work;
  AuWaiterList   line;          /* of AuWaits */
  AuWaiterList   watchers;
  AuWaiterList   silent_watchers;
};

/* Takes over @home, which is NULL for a member of a scope. */
AuDelayed *au_delayed_new      (AuFlowLoop    *home,
                                const char    *name);
/* Gives it work, in the place of what it has; takes over a reference. Tells whether it
 * is still wanted. */
gboolean   au_delayed_put_work (AuDelayed     *self,
                                AuDelayedWork *work);
gboolean   au_delayed_complete (AuDelayed     *self,
                                GVariant      *value,
                                const GError  *error);
/* Likewise as what @other has, which is done. */
gboolean   au_delayed_complete_as (AuDelayed  *self,
                                AuDelayed     *other);
gboolean   au_delayed_watch    (AuDelayed     *self,
                                AuWaiter      *waiter);
/* Likewise, without counting as somebody who waits for the result. */
gboolean   au_delayed_watch_silently (AuDelayed *self,
                                AuWaiter      *waiter);
gboolean   au_delayed_unwatch  (AuDelayed     *self,
                                AuWaiter      *waiter);

gboolean   au_delayed_is_stuck (AuDelayed     *self);

static inline gboolean
au_delayed_is_done (AuDelayed *self)
{
  return g_atomic_int_get (&self->done);
}

/* au-delayed-handle.c */
void       au_delayed_follow   (AuDelayed     *self,
                                AuHandle      *handle);

/* au-local-call.c: calls @function, whose name is that of @self, in the loop that @self
 * is bound to. */
void       au_delayed_call     (AuDelayed     *self,
                                AuFunction    *function,
                                GVariant      *arguments,
                                gint64         deadline);

G_END_DECLS
