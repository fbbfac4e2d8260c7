#!/bin/sh
# au worker, au queue, and what is left to workers.
# shellcheck disable=SC2119,SC2120 # the helpers take what they need

. "${abs_top_srcdir:?is set by make check}/tests/tools/tools.sh"

cat > "$tmp/queue.conf" <<END
[au]
store=main
backend=queue

[store main]
type=sqlite
path=$tmp/au.db

[backend queue]
type=queue

[worker]
backend=pool
queues=default;mail

[backend pool]
type=thread
max-workers=2
END
export AU_CONFIG="$tmp/queue.conf"

# start_worker [ARGUMENT…]: one in the background, which has announced itself
start_worker ()
{
  rm -f "$tmp/workers"
  "$builddir/tools/au" worker "$@" > "$tmp/worker.out" 2> "$tmp/worker.err" &
  worker=$!
  until grep -q '"state":"running"' "$tmp/workers" 2> /dev/null; do
    kill -0 $worker || { wrong "the worker has ended: $(cat "$tmp/worker.err")"; return; }
    au list --workers --json > "$tmp/workers" || { wrong "the workers cannot be listed"; return; }
  done
}

# stop_worker CODE: it ends with CODE
stop_worker ()
{
  code=0
  kill -TERM $worker
  wait $worker || code=$?
  [ "$code" -eq "$1" ] || wrong "the worker ended with $code instead of $1"
}

run 0 config check
run 0 submit trial.echo hello
key=$(cat "$tmp/out")
run 0 status --json "$key"
out '"status":"pending"'
run 5 wait --timeout 1ms "$key"
ok 'what is submitted waits for a worker'

start_worker
run 0 wait "$key"
run 0 list --workers
out 'running .* default,mail'
run 0 run --queue mail trial.echo world
run 0 list --queue mail
out completed
run 0 queue list --json
is_json
out '"queue":"mail","paused":false,"pending":0'
stop_worker 0
run 0 list --workers
no_out
ok 'a worker computes what was submitted, before and after it came'

run 0 submit trial.block "$tmp/started"
key=$(cat "$tmp/out")
start_worker
until [ -e "$tmp/started" ]; do :; done
stop_code=0
kill -TERM $worker
until grep -q 'once more' "$tmp/worker.err"; do :; done
kill -TERM $worker
wait $worker || stop_code=$?
[ "$stop_code" -eq 143 ] || wrong "a second signal gave $stop_code"
ok 'a second signal ends a worker at once'

rm -f "$tmp/started"
start_worker --drain-timeout 0s
until [ -e "$tmp/started" ]; do :; done
stop_worker 5
run 0 status --json "$key"
out '"status":"pending"'
run 0 cancel "$key"
ok 'a worker that is drained gives back what has not ended, and says so'

run 0 queue pause mail
run 0 queue list
out 'mail .*paused'
run 0 submit --queue mail trial.echo later
key=$(cat "$tmp/out")
start_worker
run 0 run trial.echo other
run 0 status --json "$key"
out '"status":"pending"'
run 0 queue resume mail
run 0 wait "$key"
ok 'a paused queue is not served until it is resumed'

run 0 submit --queue mail trial.fail broken
key=$(cat "$tmp/out")
run 1 wait "$key"
run 0 list --keys --status failed --queue mail
out_is "$key"
run 0 retry --status failed --queue mail
run 1 wait "$key"
run 0 remove --status failed --queue mail
run 0 list --status failed --queue mail
no_out
stop_worker 0
ok 'dead letters are listed, retried and removed'

run 2 queue
run 2 queue stop mail
run 2 worker mail
run 4 -o worker.backend=queue worker
run 4 -o worker.limits=nonsense worker
run 2 submit --queue no/name trial.echo x
ok 'mistakes are told'

# What follows has no backend queue in its settings.
sed 's/^backend=queue$/backend=pool/' "$tmp/queue.conf" > "$tmp/plain.conf"
AU_CONFIG="$tmp/plain.conf"
run 0 submit --queue mail trial.echo later
key=$(cat "$tmp/out")
run 0 status --json "$key"
out '"status":"pending"'
start_worker
run 0 wait "$key"
run 0 run --queue mail trial.echo there
out 'there'
stop_worker 0
ok 'a queue that is named is used, whatever the backend'

done_testing
