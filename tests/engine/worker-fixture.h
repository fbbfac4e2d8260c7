/* worker-fixture.h: an engine that submits, and workers beside it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

#define FIXTURE_FOREVER (60 * G_TIME_SPAN_SECOND)

/* One store, an engine that submits, and an engine for workers */
typedef struct
{
  AuStore  *store;
  AuEngine *submitter;
  AuEngine *runner;
} Fixture;

void      fixture_set_up             (Fixture        *self,
                                      gconstpointer   data);
void      fixture_tear_down          (Fixture        *self,
                                      gconstpointer   data);

gpointer  fixture_make_part          (AuModuleKind    kind,
                                      const char     *name,
                                      const char     *setting);
AuRecord *fixture_load_record        (AuStore        *store,
                                      const char     *key);

AuHandle *fixture_submit             (Fixture        *self,
                                      const char     *function,
                                      GVariant       *arguments,
                                      AuOptions      *options);
gint64    fixture_wait_for_number    (AuHandle       *handle);

/* Computations beyond one are refused by the engine of the workers. */
void      fixture_allow_one_at_a_time (Fixture       *self);
AuWorker *fixture_start_worker       (Fixture        *self);
/* Takes over the reference. Tells how many were given back. */
guint     fixture_stop_worker        (AuWorker       *worker,
                                      GTimeSpan       timeout);

/* A function that adds two numbers. */
GVariant *fixture_add                (AuCall         *call,
                                      GVariant       *arguments,
                                      gpointer        user_data,
                                      GError        **error);
/* A function that fails at its first attempt, and then gives the number of it. */
GVariant *fixture_fail_first         (AuCall         *call,
                                      GVariant       *arguments,
                                      gpointer        user_data,
                                      GError        **error);
/* A function that ends when it is cancelled. */
GVariant *fixture_block              (AuCall         *call,
                                      GVariant       *arguments,
                                      gpointer        user_data,
                                      GError        **error);
/* Waits until @n calls of it have begun. */
void      fixture_wait_until_blocked (gint            n);

G_END_DECLS
