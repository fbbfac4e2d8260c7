/* au-test-backend-private.h: what the tests of backends share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au-test/au-test-backend.h>
#include <au-test/au-test-clock.h>
#include <au-test/au-test-context.h>

#include "au-test-run-private.h"
#include "au-test-stage-private.h"

G_BEGIN_DECLS

/* What a suite is added for. */
typedef struct _BackendKind BackendKind;

/* An engine with one backend while a test runs. */
typedef struct
{
  BackendKind   *kind;
  AuBackend     *backend;
  AuEngine      *engine;
  Stage         *stage;
  AuTestContext *context;

  /* the function that does what its arguments say, in the form to be tested now */
  const char    *script;
} BackendFixture;

typedef void (*BackendTest) (BackendFixture *fixture);

void backend_suite_add_calls  (BackendKind *kind);
void backend_suite_add_life   (BackendKind *kind);
void backend_suite_add_items  (BackendKind *kind);
void backend_suite_add_users  (BackendKind *kind);

typedef enum
{
  BACKEND_TEST_NORMAL = 0,
  /* the test and a function wait for each other: not for synchronous backends; once for
   * each form of functions that the backend can run beside the test */
  BACKEND_TEST_TOGETHER = 1 << 0,
} BackendTestFlags;

void backend_suite_add_test   (BackendKind     *kind,
                               BackendTestFlags flags,
                               const char      *name,
                               BackendTest      test);

/* Another engine, with a backend of so many workers. */
void backend_fixture_reopen   (BackendFixture  *self,
                               guint            max_workers);
/* Drops the engine, and waits until it and the backend are gone. */
void backend_fixture_close    (BackendFixture  *self);

/* Submits what must be accepted. */
AuHandle *backend_submit      (BackendFixture  *self,
                               const char      *function,
                               GVariant        *arguments,
                               AuOptions       *options);
/* Submits the function of the fixture, with steps as in au-test-functions.c. */
AuHandle *backend_play        (BackendFixture  *self,
                               AuOptions       *options,
                               ...) G_GNUC_NULL_TERMINATED;
/* Waits for the end, and gives the value. */
GVariant *backend_finish      (BackendFixture  *self,
                               AuHandle        *handle,
                               GError         **error);
GVariant *backend_next_item   (BackendFixture  *self,
                               AuHandle        *handle,
                               GError         **error);
/* Waits for the end, which is an error. */
void      backend_assert_fails (BackendFixture *self,
                                AuHandle       *handle,
                                AuStatus        status,
                                GQuark          domain,
                                int             code);
/* Waits until the backend has no job left. */
void      backend_drain       (BackendFixture  *self);

G_END_DECLS
