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
grep -q 'no process' "$tmp/err" && wrong 'nobody is said to compute what waits for a worker'
run 0 list
grep -q abandoned "$tmp/out" && wrong 'what waits for a worker is called abandoned'
ok 'what is submitted waits for a worker'

start_worker
run 0 wait "$key"
run 0 list --workers
out 'running .* default,mail'
run 0 list --workers --json
is_json
out '"state":"running","queues":\["default","mail"\],"running":0,"slots":2'
run 0 run --queue mail trial.echo world
run 0 list --queue mail
out completed
run 0 queue list --json
is_json
out '"queue":"mail","paused":false,"pending":0'
stop_worker 0
for left in "$tmp"/au.db-wal "$tmp"/au.db-workers/*; do
  [ -e "$left" ] && wrong "the worker left $left"
done
run 0 list --workers
no_out
ok 'a worker computes what was submitted, before and after it came'

run 0 submit trial.block "$tmp/started"
key=$(cat "$tmp/out")
start_worker
until [ -e "$tmp/started" ]; do :; done
until au list --workers | grep -q ' 1/2 '; do kill -0 $worker || break; done
kill -0 $worker || wrong 'the worker has ended before it said what it runs'
kill -TERM $worker
until grep -q 'once more' "$tmp/worker.err"; do :; done
kill -TERM $worker
run 0 cancel "$key"
stop_code=0
wait $worker || stop_code=$?
[ "$stop_code" -eq 0 ] || wrong "a signal that was sent twice gave $stop_code"
ok 'a signal that is sent twice at once, as timeout does, is one order'

run 0 submit trial.block "$tmp/started"
key=$(cat "$tmp/out")
rm -f "$tmp/started"
python3 - "$builddir/tools/au" "$tmp/started" > "$tmp/out" 2> "$tmp/err" << 'END' || wrong "$(cat "$tmp/out" "$tmp/err")"
import os, pty, sys

worker, terminal = pty.fork()
if worker == 0:
    os.execv(sys.argv[1], [sys.argv[1], "worker"])
while not os.path.exists(sys.argv[2]):
    pass
os.write(terminal, b"\x03")
said = b""
while b"once more" not in said:
    said += os.read(terminal, 4096)
os.write(terminal, b"\x03")
code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
assert code == 130, code
END
ok 'a Ctrl-C that is typed again ends a worker at once'

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

# announced N: so many workers have announced themselves since the last start
announced ()
{
  until [ "$(grep -c ' serves ' "$tmp/worker.err")" -ge "$1" ]; do
    kill -0 $worker || { wrong "the worker has ended: $(cat "$tmp/worker.err")"; return; }
  done
}

# What runs is neither interrupted nor given back, although a drain would give it back at once.
rm -f "$tmp/started"
run 0 submit trial.block "$tmp/started"
key=$(cat "$tmp/out")
start_worker --drain-timeout 0s
announced 1
until [ -e "$tmp/started" ]; do :; done
sed 's/^queues=.*/queues=news/' "$tmp/queue.conf" > "$tmp/new.conf"
cp "$tmp/queue.conf" "$tmp/old.conf"
cp "$tmp/new.conf" "$tmp/queue.conf"
kill -HUP $worker
announced 2
grep -q 'serves news, 2 at a time' "$tmp/worker.err" || wrong "$(cat "$tmp/worker.err")"
run 0 run --queue news trial.echo fresh
run 0 submit --queue mail trial.echo stale
stale=$(cat "$tmp/out")
run 0 status --json "$key"
out '"status":"running"'
run 0 status --json "$stale"
out '"status":"pending"'
run 0 cancel "$key"
run 1 wait "$key"
run 0 status --json "$key"
out '"attempt":1'
run 0 cancel "$stale"
ok 'on SIGHUP a worker reads its settings again, and what runs goes on'

sed 's/^max-workers=2/max-workers=two/' "$tmp/new.conf" > "$tmp/queue.conf"
kill -HUP $worker
until grep -q 'stay in force' "$tmp/worker.err"; do kill -0 $worker || break; done
grep -q "stay in force: $tmp/queue.conf:[0-9]*: \[backend pool\] max-workers" "$tmp/worker.err" ||
  wrong "$(cat "$tmp/worker.err")"
cp "$tmp/new.conf" "$tmp/queue.conf"
run 0 run --queue news trial.echo still
cp "$tmp/old.conf" "$tmp/queue.conf"
kill -HUP $worker
announced 3
run 0 run --queue mail trial.echo back
stop_worker 0
ok 'settings that are wrong change nothing, and say what is wrong'

run 0 submit trial.block "$tmp/started"
key=$(cat "$tmp/out")
rm -f "$tmp/started"
start_worker --drain-timeout 0s
until [ -e "$tmp/started" ]; do :; done
kill -HUP $worker
announced 2
stop_worker 5
run 0 status --json "$key"
out '"status":"pending"'
run 0 cancel "$key"
ok 'a worker that is told to stop gives back what it runs by former settings, too'

python3 - "$builddir/tools/au" > "$tmp/out" 2> "$tmp/err" << 'END' || wrong "the notices are others: $(cat "$tmp/out" "$tmp/err")"
import os, signal, socket, subprocess, sys

def sort(notice):
    return [line.split("=")[0] for line in notice.decode().splitlines()]

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
path = os.path.abspath("notices")
listener.bind(path)
listener.settimeout(120)
worker = subprocess.Popen([sys.argv[1], "--quiet", "worker"], env=dict(os.environ, NOTIFY_SOCKET=path))
assert sort(listener.recv(4096)) == ["READY", "STATUS"]
worker.send_signal(signal.SIGHUP)
assert sort(listener.recv(4096)) == ["RELOADING", "MONOTONIC_USEC"]
assert sort(listener.recv(4096)) == ["READY", "STATUS"]
os.rename("queue.conf", "away.conf")
worker.send_signal(signal.SIGHUP)
assert sort(listener.recv(4096)) == ["RELOADING", "MONOTONIC_USEC"]
notice = listener.recv(4096).decode()
assert notice.startswith("READY=1") and "queue.conf" in notice, notice
os.rename("away.conf", "queue.conf")
worker.send_signal(signal.SIGTERM)
assert sort(listener.recv(4096)) == ["STOPPING"]
assert worker.wait() == 0
END
ok 'a service is told when a worker is ready, reads its settings again, and stops'

# The terminal is closed: nobody could end the worker any more.
python3 - "$builddir/tools/au" > "$tmp/out" 2> "$tmp/err" << 'END' || wrong "$(cat "$tmp/out" "$tmp/err")"
import os, pty, sys

worker, terminal = pty.fork()
if worker == 0:
    os.execv(sys.argv[1], [sys.argv[1], "worker"])
while b" serves " not in os.read(terminal, 4096):
    pass
os.close(terminal)
code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
assert code == 0, code
END
ok 'a worker stops when its terminal is closed'

# what a worker has from [au] is told of [au]
sed 's/^backend=queue/backend=queue\nttl=soon/' "$tmp/queue.conf" > "$tmp/bad.conf"
run 4 config check bad.conf
[ "$(wc -l < "$tmp/err")" -eq 1 ] || wrong 'one mistake is told more than once'
err 'bad.conf:4: \[au\] ttl: “soon”'

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

# Somebody empties the database while a worker computes: that is said once, and what is lost with it.
sed "s,^path=.*,path=$tmp/emptied/au.db," "$tmp/queue.conf" > "$tmp/emptied.conf"
AU_CONFIG="$tmp/emptied.conf"
mkfifo "$tmp/gate"
start_worker --drain-timeout 0
run 0 submit command "argv:=['cat', '$tmp/gate']"
key=$(cat "$tmp/out")
until au status "$key" | grep -q running; do kill -0 $worker || break; done
: > "$tmp/emptied/au.db"
run 6 list
err 'is empty, though it was in use'
run 6 submit trial.echo more
err 'is empty, though it was in use'
until grep -q 'The queue cannot be used.* is empty' "$tmp/worker.err"; do kill -0 $worker || break; done
: > "$tmp/gate"
until grep -q "$key: its outcome cannot be recorded" "$tmp/worker.err"; do kill -0 $worker || break; done
stop_worker 5
[ "$(grep -c 'cannot be used' "$tmp/worker.err")" -eq 1 ] || wrong "it is not said once: $(cat "$tmp/worker.err")"
ok 'a worker says at once that its database was emptied, and nobody takes that for a new one'

# A disk that takes no more, as long as the limit is there: what only reads succeeds all the time.
if command -v prlimit > /dev/null; then
  sed "s,^path=.*,path=$tmp/full/au.db," "$tmp/queue.conf" > "$tmp/full.conf"
  AU_CONFIG="$tmp/full.conf"
  trap '' XFSZ
  start_worker --lease 3s
  trap - XFSZ
  prlimit --pid $worker --fsize=4096:
  until au list --workers | grep -q ' gone '; do kill -0 $worker || break; done
  prlimit --pid $worker --fsize=unlimited:
  until grep -q 'The queue can be used again' "$tmp/worker.err"; do kill -0 $worker || break; done
  run 0 run trial.echo back
  stop_worker 0
  [ "$(grep -c 'cannot be used, which is tried again' "$tmp/worker.err")" -eq 1 ] ||
    wrong "it is not said once: $(cat "$tmp/worker.err")"
  [ "$(grep -c 'can be used again' "$tmp/worker.err")" -eq 1 ] || wrong 'the end of it is not said once'
  ok 'a worker says once that its disk is full, and once that it is not'

  trap '' XFSZ
  start_worker
  trap - XFSZ
  run 0 submit command "argv:=['cat', '$tmp/gate']"
  key=$(cat "$tmp/out")
  until au status "$key" | grep -q running; do kill -0 $worker || break; done
  prlimit --pid $worker --fsize=4096:
  echo computed > "$tmp/gate"
  until grep -q "$key: its outcome cannot be recorded" "$tmp/worker.err"; do kill -0 $worker || break; done
  prlimit --pid $worker --fsize=unlimited:
  run 0 wait "$key"
  run 0 result "$key"
  out computed
  run 0 status --json "$key"
  out '"attempt":1'
  stop_worker 0
  ok 'an outcome that the store does not take is kept until it does'
else
  for what in 'a worker says once that its disk is full, and once that it is not' \
              'an outcome that the store does not take is kept until it does'; do
    skip "$what" 'there is no prlimit'
  done
fi

# The same without a database.
sed "s/^type=sqlite$/type=file/; s,^path=.*,path=$tmp/queue-store," "$tmp/queue.conf" > "$tmp/files.conf"
AU_CONFIG="$tmp/files.conf"
rm -f "$tmp/started"
run 0 submit trial.echo hello
key=$(cat "$tmp/out")
run 0 submit trial.block "$tmp/started"
blocked=$(cat "$tmp/out")
start_worker
run 0 wait "$key"
until [ -e "$tmp/started" ]; do :; done
rm "$tmp/started"
kill -KILL $worker
wait $worker 2> /dev/null || :
start_worker
until [ -e "$tmp/started" ]; do :; done
run 0 status --json "$blocked"
out '"attempt":2'
run 0 cancel "$blocked"
stop_worker 0
run 0 list --workers
no_out
ok 'a store of files is a queue, too, and gives what a killed worker had to the next'

done_testing
