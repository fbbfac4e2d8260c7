/* au-test-queue-private.h: what the tests of queues share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au-test/au-test-queue.h>

#include "au-test-store-private.h"

G_BEGIN_DECLS

void queue_suite_add_claims   (StoreKind       *kind);
void queue_suite_add_after    (StoreKind       *kind);
void queue_suite_add_limits   (StoreKind       *kind);
void queue_suite_add_sharing  (StoreKind       *kind);

void       stored_assert_holds  (AuStore         *store,
                                 AuRecord        *record);

/* The names of queues and owners, and the lease, that tests use. */
#define QUEUE "q"
#define LEASE (10 * G_TIME_SPAN_SECOND)

AuOptions *queue_options      (const char      *queue);
AuClaim   *queue_make_claim   (const char      *queues,
                               guint            max);
AuRecord  *queue_put          (StoreFixture    *fixture,
                               const char      *key,
                               AuOptions       *options);
GPtrArray *queue_claim        (StoreFixture    *fixture,
                               const char      *queues,
                               guint            max,
                               gint64          *next_due);
char      *queue_claim_keys   (StoreFixture    *fixture,
                               const char      *queues,
                               guint            max);
AuRecord  *queue_claim_one    (StoreFixture    *fixture,
                               const char      *key);
AuRecord  *queue_load         (StoreFixture    *fixture,
                               const char      *key);
AuRecord  *queue_complete     (StoreFixture    *fixture,
                               AuRecord        *record);
AuRecord  *queue_fail         (StoreFixture    *fixture,
                               AuRecord        *record);
AuRecord  *queue_cancel       (StoreFixture    *fixture,
                               const char      *key);
guint      queue_reap         (StoreFixture    *fixture);
void       queue_assert_status (StoreFixture   *fixture,
                               const char      *key,
                               AuStatus         status);
char      *queue_dead_owner   (void);

/* Claims, and compares the keys of what that gave, with blanks between them. */
#define queue_assert_claims(fixture, queues, max, expected) \
  G_STMT_START { \
    g_autofree char *claimed_keys_ = queue_claim_keys (fixture, queues, max); \
    g_assert_cmpstr (claimed_keys_, ==, expected); \
  } G_STMT_END

G_END_DECLS
