/* queue-suite.h: what every queue must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "queue-fixture.h"

void queue_suite_add          (const QueueKind *kind);
void queue_suite_add_after    (const QueueKind *kind);
void queue_suite_add_limits   (const QueueKind *kind);
void queue_suite_add_sharing  (const QueueKind *kind);

int  queue_suite_run_child    (const QueueKind *kind,
                               const char      *place,
                               const char      *work);
