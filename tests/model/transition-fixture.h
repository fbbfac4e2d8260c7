/* transition-fixture.h: records on their way, for tests of the transitions
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

#define LEASE (G_GINT64_CONSTANT (4102444800000000))

/* The places of the fields in the stored form, which holds all of them. */
typedef enum
{
  FIELD_END = 0,
  FIELD_STATUS = 3,
  FIELD_VALUE = 5,
  FIELD_ERROR = 6,
  FIELD_DUE = 8,
  FIELD_STARTED = 9,
  FIELD_COMPLETED = 10,
  FIELD_EXPIRES = 11,
  FIELD_LEASE_END = 12,
  FIELD_ATTEMPT = 13,
  FIELD_FAILURES = 14,
  FIELD_LOST = 15,
  FIELD_PROGRESS = 16,
  FIELD_STATUS_TEXT = 17,
  FIELD_OWNER = 18,
  FIELD_N_ITEMS = 19,
  FIELD_CANCEL_REQUESTED = 20,
  FIELD_REVISION = 21,
  FIELD_METADATA = 23,
  N_FIELDS = 24,
} Field;

typedef enum
{
  BEGIN,
  RENEW,
  REPORT,
  ADD_ITEMS,
  SET_METADATA,
  COMPLETE,
  FAIL,
  LOSE,
  RELEASE,
  REFUSE,
  CANCEL,
  RETRY,
  ADOPT,
  N_TRANSITIONS,
} Transition;

AuRecord *transition_make        (Transition   transition,
                                  AuRecord    *record,
                                  guint        attempt,
                                  GError     **error);
AuRecord *transition_go          (AuRecord    *record,
                                  Transition   transition);
AuRecord *transition_pending     (AuOptions   *options);
AuRecord *transition_running     (AuOptions   *options);
AuRecord *transition_with_status (AuStatus     status);
AuRecord *transition_altered     (AuRecord    *record,
                                  Field        field,
                                  GVariant    *value);

G_END_DECLS
