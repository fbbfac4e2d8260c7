#!/bin/sh
# au map --resume: after an end, after Ctrl-C, after kill -9, and beside another one.

# shellcheck disable=SC1111,SC2016 # quotes for people; programs for other shells

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tools.sh"

seq 1 200 > "$tmp/numbers"

# stored N: so many lines were answered from the store
stored ()
{
  found=$(grep -c '"stored":true' "$tmp/out" || :)
  [ "$found" -eq "$1" ] || wrong "$found answers from the store instead of $1"
}

run 0 map -a "$tmp/numbers" trial.echo
lines 200
stored 0
sed 's/,"duration.*//' "$tmp/out" | sort > "$tmp/first"
run 0 map --resume -a "$tmp/numbers" trial.echo
lines 200
stored 200
err '200 answered from the store, 0 computed'
sed 's/,"duration.*//' "$tmp/out" | sort > "$tmp/second"
cmp -s "$tmp/first" "$tmp/second" || wrong 'the answers are others'
run 0 list --count --function trial.echo
out_is 200
ok 'a second run is answered from the store'

seq 150 250 > "$tmp/more"
run 0 map --resume -a "$tmp/more" trial.echo
lines 101
stored 51
ok 'only what is new is computed'

run 0 map -a "$tmp/numbers" trial.echo
lines 200
stored 0
err '200 results of an earlier run replaced'
run 0 list --count --function trial.echo
out_is 250
ok 'a run without --resume computes anew, and replaces'

run 0 map --name other --resume -a "$tmp/numbers" trial.echo
stored 0
run 0 map --name other --resume -a "$tmp/numbers" trial.echo
stored 200
mkdir "$tmp/elsewhere"
(cd "$tmp/elsewhere" && au map --resume trial.echo 1 > "$tmp/out" 2> "$tmp/err") || wrong 'exit code'
stored 0
ok 'another name, or another folder, is another run'

run 0 map --ordered trial.echo same same same
lines 3
[ "$(sed 's/.*"key":"\([^"]*\)".*/\1/' "$tmp/out" | sort -u | wc -l)" -eq 3 ] || wrong 'the keys are not three'
run 0 map --resume trial.echo same same same same
lines 4
stored 3
ok 'the same input again is another computation'

: > "$tmp/there"
run 1 map trial.exists "$tmp/there" "$tmp/missing"
run 1 map --resume trial.exists "$tmp/there" "$tmp/missing"
stored 2
out '"status":"failed".*"stored":true'
: > "$tmp/missing"
run 0 map --resume --retry-failed trial.exists "$tmp/there" "$tmp/missing"
lines 2
stored 1
run 0 map --resume trial.exists "$tmp/there" "$tmp/missing"
stored 2
ok 'failures are computed again only when asked for'

run 2 --config "$tmp/memory.conf" map --resume trial.echo x
err 'type=file'
no_out
ok '--resume needs a store that keeps'

# The program ends au's own run with Ctrl-C, at a place that is always the same.
cat > "$tmp/program" <<'END'
#!/bin/sh
if [ "$2" = 7 ] && [ ! -e interrupted ]; then
  : > interrupted
  kill -s "$1" "$PPID"
  sleep 60
fi
echo "did $2"
END
chmod +x "$tmp/program"

# in_foreground COMMAND…: as a shell starts it on a terminal, where no signal is ignored
in_foreground ()
{
  python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

for signal in INT TERM HUP; do
  rm -f "$tmp/interrupted"
  case $signal in
    INT) expected=130 ;;
    TERM) expected=143 ;;
    HUP) expected=129 ;;
  esac
  code=0
  in_foreground "$builddir/tools/au" map --jobs 1 --name "after-$signal" -a "$tmp/numbers" \
    --command ./program $signal > "$tmp/out" 2> "$tmp/err" || code=$?
  [ "$code" -eq $expected ] || wrong "exit code $code instead of $expected"
  is_json
  # The next one may be done before it is its turn to be cancelled.
  done=$(wc -l < "$tmp/out")
  [ "$done" -ge 6 ] && [ "$done" -lt 200 ] || wrong "$done lines of output instead of 6"
  err 'goes on from here'
  run 0 list --count --status pending,running
  out_is 0
  run 0 map --jobs 2 --name "after-$signal" --resume -a "$tmp/numbers" --command ./program $signal
  lines 200
  stored "$done"
done
ok 'Ctrl-C and a hangup stop cleanly, and --resume goes on from there'

cat > "$tmp/hangup" <<'END'
#!/bin/sh
[ "$1" != 7 ] || kill -s HUP "$PPID"
echo "did $1"
END
chmod +x "$tmp/hangup"
code=0
nohup "$builddir/tools/au" map --jobs 1 --name hangup -a "$tmp/numbers" --command ./hangup \
  < /dev/null > "$tmp/out" 2> "$tmp/err" || code=$?
[ "$code" -eq 0 ] || wrong "exit code $code instead of 0"
lines 200
ok 'under nohup a run goes on when its terminal has gone'

rm -f "$tmp/interrupted"
code=0
# The seventh is submitted when three at least are recorded as done.
in_foreground "$builddir/tools/au" map --jobs 1 --window 4 --name after-kill -a "$tmp/numbers" \
  --command ./program KILL > "$tmp/out" 2> "$tmp/err" || code=$?
[ "$code" -eq 137 ] || wrong "exit code $code instead of 137"
run 0 list --keys --status pending,running
abandoned=$(wc -l < "$tmp/out")
[ "$abandoned" -gt 0 ] || wrong 'nothing was left behind'
run 0 map --jobs 2 --name after-kill --resume -a "$tmp/numbers" --command ./program KILL
lines 200
grep -c '"status":"completed"' "$tmp/out" | grep -qx 200 || wrong 'not all have completed'
[ "$(grep -c '"stored":true' "$tmp/out")" -ge 3 ] || wrong 'what was recorded is lost'
run 0 list --count --status pending,running
out_is 0
ok 'after kill -9 --resume takes over what was left behind'

# Two runs side by side: each input is computed by one of them.
au map --name both --resume -a "$tmp/numbers" trial.echo > "$tmp/one" 2> "$tmp/one.err" &
other=$!
run 0 map --name both --resume -a "$tmp/numbers" trial.echo
wait $other || wrong "the other run fails: $(cat "$tmp/one.err")"
lines 200
[ "$(wc -l < "$tmp/one")" -eq 200 ] || wrong 'the other run has not all results'
sed 's/.*"key":"\([^"]*\)".*/\1/' "$tmp/one" "$tmp/out" | sort -u > "$tmp/keys"
[ "$(wc -l < "$tmp/keys")" -eq 200 ] || wrong 'the keys of both are not the same'
ok 'two runs share the work'

# The first failure ends the run; what was not started is no failure.
run 1 map --jobs 1 --window 5 --name halt --halt -a "$tmp/numbers" trial.fail
[ "$(wc -l < "$tmp/out")" -le 5 ] || wrong 'it did not stop'
is_json
out '"status":"failed"'
err 'stopped at the first failure'
err 'goes on from here'
ok '--halt stops at the first failure'

# A disk that takes no more: every file that grows is refused.
run 0 map --name full trial.echo 1 2 3
full ()
{
  code=0
  (trap '' XFSZ; ulimit -f 0; exec "$builddir/tools/au" "$@" 2>&1 > /dev/null) 2>&1 | cat > "$tmp/err" || :
}
full map --name full --resume -a "$tmp/numbers" trial.echo
err 'not recorded'
err 'goes on from here'
full run trial.echo x
err 'could not be recorded'
run 0 map --name full --resume trial.echo 1 2 3
stored 3
run 0 map --name full --resume -a "$tmp/numbers" trial.echo
lines 200
stored 3
ok 'a full disk ends the run, what is recorded stays, and --resume goes on'

# What somebody has spoilt is set aside, said once, and computed again.
run 0 map --name spoilt trial.echo 1 2 3
key=$(sed -n 's/.*"input":"2","key":"\([^"]*\)".*/\1/p' "$tmp/out")
spoil ()
{
  find "$tmp/store/records" -name "$key*" | while read -r file; do
    echo spoilt > "$file"
  done
}
spoil
run 6 status "$key"
[ "$(grep -c '^au status: ' "$tmp/err")" -eq 1 ] || wrong 'it is not said once'
run 3 status "$key"
run 0 map --name spoilt trial.echo 1 2 3
spoil
run 0 map --name spoilt --resume trial.echo 1 2 3
lines 3
stored 2
err 'damaged'
ok 'a damaged record is computed again'

# Interrupting a single computation cancels it.
cat > "$tmp/interrupt-run" <<'END'
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
# The key is printed when the computation is recorded.
key = child.stdout.readline()
child.send_signal(signal.SIGINT)
sys.exit(child.wait())
END
code=0
python3 "$tmp/interrupt-run" "$builddir/tools/au" submit --key blocked trial.block "$tmp/blocked" \
  2> "$tmp/err" || code=$?
[ "$code" -eq 130 ] || wrong "exit code $code instead of 130"
run 0 status blocked
out 'cancelled'
ok 'Ctrl-C cancels a single computation'

done_testing
