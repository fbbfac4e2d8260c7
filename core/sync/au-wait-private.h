/* au-wait-private.h: one wait, of a thread or of a main loop
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-waiter-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Everything in this room that can be waited for is written once, as an AuWaitOperation:
 * what it is to get it at once, and where to stand in line when that is not possible.
 * From this come the forms that everybody may use, all in one line:
 *
 *   without waiting     au_wait_try ()
 *   a thread            au_wait_sync (), with a time limit and a cancellable
 *   a main loop         au_wait_async () and au_wait_finish ()
 *
 * A wait ends once: whoever sets its outcome, under the lock of the object, also takes
 * it out of its line and wakes it after that lock is released. */

typedef enum
{
  AU_WAIT_PENDING,
  AU_WAIT_GRANTED,
  AU_WAIT_CLOSED,
  AU_WAIT_FAILED,
  AU_WAIT_CANCELLED,
  AU_WAIT_TIMED_OUT,
} AuWaitOutcome;

typedef struct _AuWait AuWait;
typedef struct _AuWaitExtra AuWaitExtra;

typedef struct
{
  gsize       lock_offset;  /* of the GMutex in the object's structure */
  gsize       spin_offset;  /* of an AuSpin there; 0 never to spin */
  const char *timed_out;    /* translatable messages */
  const char *closed;

  /* All are called with the lock held, but for @set_error. What they take out of lines
   * they add to @woken. */

  /* Ends the wait if that is possible at once. */
  gboolean  (*attempt)   (gpointer    object,
                          AuWait     *wait,
                          AuWakeList *woken);
  /* Puts the wait into a line. */
  void      (*enter)     (gpointer    object,
                          AuWait     *wait,
                          AuWakeList *woken);
  /* The wait has left its line of its own accord; may be NULL. */
  void      (*leave)     (gpointer    object,
                          AuWait     *wait,
                          AuWakeList *woken);
  /* An asynchronous wait goes with its data, as it was given something that nobody has
   * fetched, or was not granted what it brought; may be NULL. */
  void      (*discard)   (gpointer    object,
                          AuWait     *wait,
                          AuWakeList *woken);
  /* Says why, of AU_WAIT_FAILED; may be NULL where nothing fails. */
  void      (*set_error) (gpointer    object,
                          AuWait     *wait,
                          GError    **error);
} AuWaitOperation;

struct _AuWait
{
  AuWaiter               waiter;
  const AuWaitOperation *operation;
  gpointer               object;
  AuWaiterList          *line;
  gpointer               data;      /* what is wanted, and then what was given */
  AuWaitExtra           *extra;
  int                    priority;
  guint8                 outcome;
  guint8                 is_async;
};

static inline void
au_wait_line_up (AuWait       *self,
                 AuWaiterList *line)
{
  self->line = line;
  au_waiter_list_add (line, &self->waiter);
}

/* The first in @line, which stays there; NULL if nobody waits. */
static inline AuWait *
au_wait_peek (AuWaiterList *line)
{
  return (AuWait *) line->head;
}

/* For those who wait in a line. */
static inline void
au_wait_end (AuWait       *self,
             AuWaitOutcome outcome,
             gpointer      data,
             AuWakeList   *woken)
{
  au_waiter_list_remove (self->line, &self->waiter);
  self->outcome = outcome;
  self->data = data;
  au_wake_list_add (woken, &self->waiter);
}

/* For the attempt. */
static inline gboolean
au_wait_done (AuWait       *self,
              AuWaitOutcome outcome,
              gpointer      data)
{
  self->outcome = outcome;
  self->data = data;

  return TRUE;
}

void     au_wait_end_all (AuWaiterList          *line,
                          AuWaitOutcome          outcome,
                          AuWakeList            *woken);

gboolean au_wait_try     (const AuWaitOperation *operation,
                          gpointer               object,
                          int                    priority,
                          gpointer              *data);
gboolean au_wait_sync    (const AuWaitOperation *operation,
                          gpointer               object,
                          int                    priority,
                          gpointer              *data,
                          GTimeSpan              timeout,
                          GCancellable          *cancellable,
                          GError               **error);
void     au_wait_async   (const AuWaitOperation *operation,
                          gpointer               object,
                          int                    priority,
                          gpointer               data,
                          GCancellable          *cancellable,
                          GAsyncReadyCallback    callback,
                          gpointer               user_data);
gboolean au_wait_finish  (const AuWaitOperation *operation,
                          gpointer               object,
                          GAsyncResult          *result,
                          gpointer              *data,
                          GError               **error);

G_END_DECLS
