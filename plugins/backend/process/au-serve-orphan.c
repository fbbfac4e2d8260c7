/* au-serve-orphan.c: what a worker does with its job when the program is gone
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-serve-private.h"

#include <signal.h>
#include <unistd.h>

/* The job is of no use any more: whatever runs it ends here, and what it has started. */
static void
give_up (const char *why)
{
  g_debug ("worker %d ends with its program: %s", (int) getpid (), why);
  kill (0, SIGKILL);
}

static AuStore *
open_store (GVariant *store)
{
  g_autoptr(GError) error = NULL;
  g_autofree const char **settings = NULL;
  const char *type;
  GObject *object;

  g_variant_get (store, "(&s^a&s)", &type, &settings);
  object = au_part_new_from_strings (AU_MODULE_STORE, type, settings, &error);
  if (object == NULL)
    give_up (error->message);

  return AU_STORE (object);
}

typedef AuRecord *(*Change) (AuServeJob  *self,
                             AuRecord    *record,
                             gpointer     data,
                             GError     **error);

/* The attempt fences: if somebody else has begun another one, nothing is changed. */
static gboolean
change_record (AuServeJob  *self,
               Change       change,
               gpointer     data,
               GError     **error)
{
  AuStore *store = self->serve->orphan_store;

  for (;;)
    {
      g_autoptr(AuRecord) record = au_store_load (store, au_job_get_key (self->job), NULL, error);
      g_autoptr(AuRecord) fresh = NULL;
      g_autoptr(GError) failure = NULL;

      fresh = record != NULL ? change (self, record, data, error) : NULL;
      if (fresh == NULL)
        return FALSE;

      if (au_store_replace (store, fresh, au_record_get_revision (record), NULL, &failure))
        return TRUE;

      if (!g_error_matches (failure, AU_ERROR, AU_ERROR_CONFLICT))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
    }
}

static AuRecord *
take_over (AuServeJob  *self,
           AuRecord    *record,
           gpointer     data,
           GError     **error)
{
  return au_transition_take_over (record, self->attempt, au_owner_get_own (), error);
}

/* Called with the orphan's lock. */
static void
ensure_store (AuServeJob *self)
{
  AuServe *serve = self->serve;
  g_autoptr(GError) error = NULL;

  if (serve->orphan_store != NULL)
    return;

  if (!serve->finish_orphans || self->store == NULL)
    give_up ("nobody wants the outcome");

  serve->orphan_store = open_store (self->store);
  if (!change_record (self, take_over, NULL, &error))
    give_up (error->message);
}

/* The program is gone while this job runs. */
void
au_serve_orphan_decide (AuServeJob *self)
{
  g_mutex_lock (&self->serve->orphan_lock);
  ensure_store (self);
  g_mutex_unlock (&self->serve->orphan_lock);
}

gboolean
au_serve_orphan_emit (AuServeJob  *self,
                      GVariant    *item,
                      GError     **error)
{
  AuServe *serve = self->serve;
  gboolean done;

  g_mutex_lock (&serve->orphan_lock);
  ensure_store (self);
  done = au_store_append_item (serve->orphan_store, au_job_get_key (self->job), self->attempt,
                               self->n_items, item, NULL, error);
  if (done)
    self->n_items++;
  g_mutex_unlock (&serve->orphan_lock);

  return done;
}

typedef struct
{
  GVariant     *value;
  const GError *reason;
} Outcome;

static AuRecord *
end (AuServeJob  *self,
     AuRecord    *record,
     gpointer     data,
     GError     **error)
{
  g_autoptr(AuRecord) counted = NULL;
  Outcome *outcome = data;

  if (outcome->reason != NULL)
    return au_transition_fail (record, self->attempt, outcome->reason, error);

  counted = au_transition_add_items (record, self->attempt, self->n_items, error);
  if (counted == NULL)
    return NULL;

  return au_transition_complete (counted, self->attempt, outcome->value, error);
}

void
au_serve_orphan_conclude (AuServeJob   *self,
                          GVariant     *value,
                          const GError *reason)
{
  g_autoptr(GError) error = NULL;
  Outcome outcome = { value, reason };

  if (self->job == NULL)
    return;

  g_mutex_lock (&self->serve->orphan_lock);
  ensure_store (self);
  if (!change_record (self, end, &outcome, &error))
    give_up (error->message);
  g_mutex_unlock (&self->serve->orphan_lock);
}
