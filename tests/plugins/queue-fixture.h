/* queue-fixture.h: one queue while a test runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au-test/au-test.h>

/* A kind of queue to be tested.
 *
 * @open makes a store. Those that keep records when they are gone (persistent) find
 * them again when they are opened with the same place: the path of a folder that does
 * not exist at first, and that the suite removes.
 */
typedef struct _QueueKind QueueKind;

struct _QueueKind
{
  const char   *name;
  AuStore    *(*open) (const QueueKind *self,
                       const char      *place);
  gconstpointer data;
};

typedef struct
{
  const QueueKind *kind;
  char            *folder;
  char            *place;
  AuStore         *store;
} QueueFixture;

typedef void (*QueueTest) (QueueFixture *fixture);

void       queue_suite_add_test (const QueueKind *kind,
                                 const char      *name,
                                 QueueTest        test);
void       queue_fixture_reopen (QueueFixture    *self);

AuRecord  *stored_insert        (AuStore         *store,
                                 const char      *key,
                                 AuOptions       *options);
AuRecord  *stored_replace       (AuStore         *store,
                                 AuRecord        *record,
                                 AuRecord        *next);
AuRecord  *stored_begin         (AuStore         *store,
                                 AuRecord        *record);
AuRecord  *stored_complete      (AuStore         *store,
                                 AuRecord        *record);
void       stored_assert_holds  (AuStore         *store,
                                 AuRecord        *record);

/* The names of queues and owners, and the lease, that tests use. */
#define QUEUE "q"
#define LEASE (10 * G_TIME_SPAN_SECOND)

AuOptions *queue_options      (const char      *queue);
AuClaim   *queue_make_claim   (const char      *queues,
                               guint            max);
AuRecord  *queue_put          (QueueFixture    *fixture,
                               const char      *key,
                               AuOptions       *options);
GPtrArray *queue_claim        (QueueFixture    *fixture,
                               const char      *queues,
                               guint            max,
                               gint64          *next_due);
char      *queue_claim_keys   (QueueFixture    *fixture,
                               const char      *queues,
                               guint            max);
AuRecord  *queue_claim_one    (QueueFixture    *fixture,
                               const char      *key);
AuRecord  *queue_load         (QueueFixture    *fixture,
                               const char      *key);
AuRecord  *queue_complete     (QueueFixture    *fixture,
                               AuRecord        *record);
AuRecord  *queue_fail         (QueueFixture    *fixture,
                               AuRecord        *record);
AuRecord  *queue_cancel       (QueueFixture    *fixture,
                               const char      *key);
guint      queue_reap         (QueueFixture    *fixture);
void       queue_assert_status (QueueFixture   *fixture,
                               const char      *key,
                               AuStatus         status);
char      *queue_dead_owner   (void);

/* Claims, and compares the keys of what that gave, with blanks between them. */
#define queue_assert_claims(fixture, queues, max, expected) \
  G_STMT_START { \
    g_autofree char *claimed_keys_ = queue_claim_keys (fixture, queues, max); \
    g_assert_cmpstr (claimed_keys_, ==, expected); \
  } G_STMT_END
