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

# Times that a test moves come from au-clock.c. What remains is no time that anybody waits for:
# how long a thread keeps a processor to itself, what other processes do in their own time, and
# what the system has stamped.
nobody_calls 'the time comes from one clock' \
  'g_get_monotonic_time|g_get_real_time|clock_gettime|gettimeofday|time|g_date_time_new_now_[a-z]*' \
  'core/model/au-clock.c:the clock' \
  'core/sync/au-spin.c:how long a thread looks before it sleeps' \
  'plugins/backend/au-worker-pool.c:likewise, and its doze between two jobs' \
  'plugins/backend/au-loop-backend.c:how long one turn keeps the main loop from others' \
  'core/engine/au-follower.c:how much of a processor a look has taken' \
  'plugins/backend/process/au-wire.c:what a worker process does and answers, in its own time' \
  'plugins/store/file/au-file-queue.c:the age of files, which the system has stamped' \
  'plugins/store/file/au-file-recovery.c:likewise' \
  'plugins/store/sqlite/au-sqlite-keeper.c:likewise'

nobody_calls 'timers are sources of the clock' \
  'g_timeout_add[a-z_]*|g_timeout_source_new[a-z_]*|timerfd_create|timer_create|setitimer|alarm' \
  'plugins/backend/process/au-serve-watch.c:how long a job of a worker process may keep its reader' \
  'testing/au-test-backend.c:ends a test that would wait for ever'

# au_clock_wait_until () and au_clock_poll () wake when the clock is moved.
nobody_calls 'threads sleep by the clock' \
  'g_cond_wait_until|g_async_queue_timeout_pop[a-z_]*|epoll_wait|select|sem_timedwait|pthread_cond_timedwait' \
  'core/model/au-clock.c:the clock' \
  'plugins/backend/au-worker-pool.c:its doze' \
  'plugins/backend/process/au-pool-thread.c:watches the clock, which wakes it'

nobody_calls 'nobody sleeps' 'sleep|usleep|g_usleep|nanosleep|clock_nanosleep'

nobody_calls 'nobody forks' 'fork|vfork|system|popen|daemon|g_spawn_[a-z_]*'

nobody_calls 'no callback runs in whatever thread is at hand' 'g_main_context_invoke|g_main_context_invoke_full'

echo "1..$n"
exit "$failed"
