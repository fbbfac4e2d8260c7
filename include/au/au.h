/* au.h: the one header that users of au include
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#define AU_INSIDE

#include <au/au-version.h>
#include <au/au-version-macros.h>

#include <au/au-error.h>
#include <au/au-status.h>
#include <au/au-types.h>
#include <au/au-clock.h>
#include <au/au-priority.h>
#include <au/au-semaphore.h>
#include <au/au-mutex.h>
#include <au/au-keyed-mutex.h>
#include <au/au-lockout.h>
#include <au/au-channel.h>
#include <au/au-rate-limiter.h>
#include <au/au-task.h>
#include <au/au-task-group.h>
#include <au/au-task-iterator.h>
#include <au/au-loop-thread.h>
#include <au/au-executor.h>
#include <au/au-lru.h>
#include <au/au-cache.h>
#include <au/au-scheduler.h>
#include <au/au-batcher.h>
#include <au/au-dep-sorter.h>
#include <au/au-stream.h>
#include <au/au-signal-service.h>
#include <au/au-key.h>
#include <au/au-owner.h>
#include <au/au-options.h>
#include <au/au-function.h>
#include <au/au-json.h>
#include <au/au-value.h>
#include <au/au-record.h>
#include <au/au-transition.h>
#include <au/au-query.h>
#include <au/au-serializer.h>
#include <au/au-store-change.h>
#include <au/au-store.h>
#include <au/au-claim.h>
#include <au/au-worker-info.h>
#include <au/au-queue.h>
#include <au/au-job.h>
#include <au/au-call.h>
#include <au/au-backend.h>
#include <au/au-middleware.h>
#include <au/au-module.h>
#include <au/au-module-info.h>
#include <au/au-param.h>
#include <au/au-part.h>
#include <au/au-init.h>
#include <au/au-config.h>
#include <au/au-handle.h>
#include <au/au-engine.h>
#include <au/au-schedule.h>
#include <au/au-worker.h>
#include <au/au-process.h>
#include <au/au-property.h>
#include <au/au-delayed.h>
#include <au/au-completed.h>
#include <au/au-scope.h>
#include <au/au-tamed.h>
#include <au/au-task-runner.h>
#include <au/au-outcome.h>
#include <au/au-dispatcher.h>
#include <au/au-temporary.h>

#undef AU_INSIDE
