/* store-suite.h: what every store must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

/* A kind of store to be tested.
 *
 * @open makes a store. Those that keep records when they are gone (persistent) find
 * them again when they are opened with the same place: the path of a folder that does
 * not exist at first, and that the suite removes.
 */
typedef struct _StoreKind StoreKind;

struct _StoreKind
{
  const char *name;
  AuStore  *(*open) (const StoreKind *self,
                     const char      *place);
  gconstpointer data;
};

/* One store while a test runs. */
typedef struct
{
  const StoreKind *kind;
  char            *folder;
  char            *place;
  AuStore         *store;
} StoreFixture;

typedef void (*StoreTest) (StoreFixture *fixture);

void store_suite_add          (const StoreKind *kind);
void store_suite_add_large    (const StoreKind *kind);
void store_suite_add_listing  (const StoreKind *kind);
void store_suite_add_items    (const StoreKind *kind);
void store_suite_add_sharing  (const StoreKind *kind);
void store_suite_add_model    (const StoreKind *kind);

void store_suite_add_test     (const StoreKind *kind,
                               const char      *name,
                               StoreTest        test);
int  store_suite_run_child    (const StoreKind *kind,
                               const char      *place,
                               const char      *work);

void store_fixture_reopen     (StoreFixture    *self);
void store_remove_folder      (const char      *path);

AuRecord *store_insert        (AuStore         *store,
                               const char      *key,
                               AuOptions       *options);
AuRecord *store_replace       (AuStore         *store,
                               AuRecord        *record,
                               AuRecord        *next);
AuRecord *store_begin         (AuStore         *store,
                               AuRecord        *record);
AuRecord *store_complete      (AuStore         *store,
                               AuRecord        *record);
void      store_assert_equal  (AuRecord        *a,
                               AuRecord        *b);
void      store_assert_holds  (AuStore         *store,
                               AuRecord        *record);
void      store_assert_lacks  (AuStore         *store,
                               const char      *key);
char     *store_list_keys     (AuStore         *store,
                               AuQuery         *query);
