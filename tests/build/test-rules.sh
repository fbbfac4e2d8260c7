#!/bin/sh
# Rules for the code that no program can be asked about: one clock, no fork, no callback in
# the wrong thread. What is allowed is named with its reason.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

n=0
failed=0

# nobody_calls WHAT PATTERN [FILE:REASON…]
nobody_calls ()
{
  what=$1 pattern=$2
  shift 2

  # comments and messages are not calls
  (cd "$srcdir" && grep -nE "(^|[^A-Za-z0-9_])($pattern) \\(" $(find core plugins testing -name '*.c') |
    grep -vE '^[^:]*:[0-9]+: *(\*|/\*|.*_\(")') > "$tmp/calls" || :
  for allowed in "$@"; do
    file=${allowed%%:*}
    # what is allowed and not there would allow it later
    grep -q "^$file:" "$tmp/calls" || echo "$file is allowed to, and does not" >> "$tmp/stale"
    grep -v "^$file:" "$tmp/calls" > "$tmp/rest" || :
    mv "$tmp/rest" "$tmp/calls"
  done
  [ ! -s "$tmp/stale" ] || cat "$tmp/stale" >> "$tmp/calls"
  rm -f "$tmp/stale"

  n=$((n + 1))
  if [ -s "$tmp/calls" ]; then
    sed 's/^/# /' "$tmp/calls"
    echo "not ok $n - $what"
    failed=1
  else
    echo "ok $n - $what"
  fi
}

# Times that a test moves come from au-clock.c. What measures how long its own work has
# taken, so as to stop in time, is no timer.
nobody_calls 'the time comes from one clock' \
  'g_get_monotonic_time|g_get_real_time|clock_gettime|gettimeofday|time|g_date_time_new_now_[a-z]*' \
  'core/model/au-clock.c:the clock' \
  'core/engine/au-follower.c:how much of a processor a look has taken' \
  'core/sync/au-spin.c:looks for a bounded while before anybody sleeps' \
  'core/engine/au-handle-wait.c:the time limit of a caller who sleeps' \
  'core/engine/au-worker.c:the time limit of draining, which a stopped clock must not stop' \
  'core/engine/au-worker-thread.c:likewise' \
  'core/engine/au-engine-drain.c:the time limit of a caller who sleeps' \
  'plugins/backend/au-loop-backend.c:the length of one turn of the main loop' \
  'core/flow/au-process-wait.c:how long a program takes to start and to end' \
  'plugins/backend/au-worker-pool.c:a doze between two jobs' \
  'plugins/backend/process/au-wire.c:how long a worker process takes for what it does' \
  'plugins/store/file/au-file-queue.c:the age of files, which the system has stamped' \
  'plugins/store/file/au-file-recovery.c:likewise' \
  'plugins/store/sqlite/au-sqlite-keeper.c:rounds of keeping house, and the age of files'

nobody_calls 'timers are sources of the clock' \
  'g_timeout_add|g_timeout_add_seconds|g_timeout_add_full|g_timeout_source_new|g_timeout_source_new_seconds' \
  'core/engine/au-worker-thread.c:the next turn of its loop' \
  'core/interfaces/au-queue.c:looks once a second where nobody tells' \
  'core/flow/au-process-wait.c:asks a program that starts whether it is ready' \
  'plugins/store/file/au-file-queue.c:likewise' \
  'plugins/store/sqlite/au-sqlite-store.c:likewise' \
  'testing/au-test-backend.c:ends a test that would wait for ever'

nobody_calls 'nobody sleeps' 'sleep|usleep|g_usleep|nanosleep|clock_nanosleep'

nobody_calls 'nobody forks' 'fork|vfork|system|popen|daemon|g_spawn_[a-z_]*'

nobody_calls 'no callback runs in whatever thread is at hand' 'g_main_context_invoke|g_main_context_invoke_full'

echo "1..$n"
exit "$failed"
