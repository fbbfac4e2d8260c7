/* au-service-private.h: the thread in which an engine keeps its appointments
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One thread with a main context, made when first needed. It fires timers, follows
 * what other processes do to a store, and is never used on the path of a computation
 * that needs neither. */
typedef struct _AuService AuService;

typedef void (*AuServiceFunc) (gpointer data);

/* Part of whatever needs it; zero it before use. */
typedef struct
{
  gint64        time;   /* monotonic */
  guint         place;  /* in the heap, from 1; 0 when not set */
  AuServiceFunc func;
  gpointer      data;
} AuTimer;

AuService    *au_service_new         (void);
AuService    *au_service_ref         (AuService     *self);
void          au_service_unref       (AuService     *self);
/* Ends the thread; nothing is called any more once it returns, unless it is called
 * from that thread itself. */
void          au_service_stop        (AuService     *self);

gboolean      au_service_set_timer   (AuService     *self,
                                      AuTimer       *timer,
                                      gint64         time,
                                      AuServiceFunc  func,
                                      gpointer       data);
/* Tells whether the timer was still set: if not, it fires or has fired. */
gboolean      au_service_unset_timer (AuService     *self,
                                      AuTimer       *timer);

void          au_service_invoke      (AuService     *self,
                                      AuServiceFunc  func,
                                      gpointer       data);
GMainContext *au_service_get_context (AuService     *self);

G_END_DECLS
