/* au-flow-loop-private.h: where the functions of a thread take turns
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-waiter-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A home is the main context that is the thread-default one where a scope is made, or,
 * in a thread that iterates none, that thread itself. What belongs there runs in the
 * home, when its context is iterated; or in a private context beneath it, when somebody
 * waits in that thread without iterating anything. Which of the two is decided, for each
 * binding once, by what happens first. */
typedef struct _AuFlowLoop AuFlowLoop;
typedef struct _AuFlowItem AuFlowItem;

typedef struct
{
  AuFlowLoop *home;
  AuFlowLoop *loop;     /* atomic; NULL before it is decided, under the home's lock */
} AuFlowBinding;

/* Something to do in a loop; it is in one queue at most. */
struct _AuFlowItem
{
  AuFlowItem    *next;
  AuFlowBinding *binding;
  gint           queued;        /* atomic */
  void         (*run) (AuFlowItem *self);
};

/* The home of this thread. */
AuFlowLoop *au_flow_loop_get           (void) G_GNUC_WARN_UNUSED_RESULT;
/* Likewise, but always the thread-default main context, whoever iterates it. */
AuFlowLoop *au_flow_loop_get_for_async (void) G_GNUC_WARN_UNUSED_RESULT;
AuFlowLoop *au_flow_loop_ref           (AuFlowLoop    *self);
void        au_flow_loop_unref         (AuFlowLoop    *self);
/* Whether some main context may come to run what belongs there. */
gboolean    au_flow_loop_has_context   (AuFlowLoop    *self);

/* Takes over @home. */
void        au_flow_binding_init       (AuFlowBinding *self,
                                        AuFlowLoop    *home);
void        au_flow_binding_clear      (AuFlowBinding *self);
gboolean    au_flow_binding_push       (AuFlowBinding *self,
                                        AuFlowItem    *item);

/* Whether what is bound there cannot go on while this thread waits. */
gboolean    au_flow_binding_is_stuck   (AuFlowBinding *self);

/* A synchronous wait, which iterates the private context of a home. */
typedef struct
{
  AuWaiter      waiter;
  AuFlowLoop   *home;
  AuFlowLoop   *loop;
  GMainContext *context;
  gint          woken;          /* atomic */
} AuFlowDrive;

typedef enum
{
  AU_FLOW_DRIVE_READY,          /* au_flow_drive_end () is to be called */
  AU_FLOW_DRIVE_ELSEWHERE,      /* another thread does what is waited for */
  AU_FLOW_DRIVE_DEADLOCK,
} AuFlowDriveState;

AuFlowDriveState au_flow_drive_begin   (AuFlowDrive   *self,
                                        AuFlowBinding *binding);
/* Until the waiter is woken, or @end_time, one of au's clock or -1; the waiter is the caller's to put into a
 * list, and to take out of it again when it was not woken. */
gboolean    au_flow_drive_run          (AuFlowDrive   *self,
                                        gint64         end_time,
                                        GCancellable  *cancellable);
void        au_flow_drive_end          (AuFlowDrive   *self);

G_END_DECLS
