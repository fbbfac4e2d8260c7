/* au-test-store-private.h: what the tests of stores share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au-test/au-test-store.h>

#include "au-test-run-private.h"

G_BEGIN_DECLS

/* What a suite is added for. */
typedef struct _StoreKind StoreKind;

/* What a store must be able to do for a test; without it, the test is skipped. */
typedef enum
{
  STORE_NEEDS_NOTHING = 0,
  STORE_NEEDS_ITEMS = 1 << 0,
  STORE_NEEDS_SOURCE = 1 << 1,
  STORE_NEEDS_PERSISTENT = 1 << 2,
  STORE_NEEDS_SHARED = 1 << 3,
} StoreNeeds;

/* One store while a test runs. */
typedef struct
{
  StoreKind *kind;
  char      *folder;
  char      *place;
  AuStore   *store;
} StoreFixture;

typedef void (*StoreTest) (StoreFixture *fixture);

void store_suite_add_records  (StoreKind       *kind);
void store_suite_add_values   (StoreKind       *kind,
                               gboolean         large);
void store_suite_add_listing  (StoreKind       *kind);
void store_suite_add_items    (StoreKind       *kind);
void store_suite_add_sharing  (StoreKind       *kind);
void store_suite_add_keeping  (StoreKind       *kind);
void store_suite_add_model    (StoreKind       *kind);

StoreKind *store_kind_new     (const char      *prefix,
                               AuTestStoreFunc  open,
                               gpointer         user_data,
                               GDestroyNotify   destroy);
void store_kind_unref         (StoreKind       *kind);

/* A name that starts with “subprocess/” is for store_fixture_start_child(). */
void store_suite_add_test     (StoreKind       *kind,
                               StoreNeeds       needs,
                               const char      *name,
                               StoreTest        test);

void store_fixture_open       (StoreFixture    *self);
/* Allows the store to be refused. */
gboolean store_fixture_try_open (StoreFixture  *self);
void store_fixture_reopen     (StoreFixture    *self);
/* Drops the store, and asserts that nothing else holds it. */
void store_fixture_close      (StoreFixture    *self);
/* Another process, which runs a test with a store at the same place. */
GSubprocess *store_fixture_start_child (StoreFixture     *self,
                                        const char       *name,
                                        GSubprocessFlags  flags);
gboolean     store_fixture_keeps_items (StoreFixture    *self);

G_END_DECLS
