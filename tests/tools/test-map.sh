#!/bin/sh
# au map: inputs, results, order, failures, programs.

# shellcheck disable=SC1111,SC2016 # quotes for people; programs for other shells

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tools.sh"

# Results do not come in the order of the inputs.
sorted ()
{
  sort "$tmp/out" > "$tmp/sorted"
  mv "$tmp/sorted" "$tmp/out"
}

run 0 map trial.echo one two three
sorted
lines 3
is_json
out '^{"input":"one","key":"[^"]*","status":"completed","value":"one","duration":[0-9.]*}$'
err '3 inputs done'
ok 'each argument is one computation, and each result one line of JSON'

printf 'one\n\ntwo\nthree' > "$tmp/inputs"
input=$tmp/inputs run 0 map trial.echo
lines 3
out '"input":"three"'
run 0 map -a "$tmp/inputs" trial.echo
lines 3
printf 'one\ntwo\0\0three' > "$tmp/zeros"
run 0 map --null --arg-file "$tmp/zeros" trial.echo
lines 3
out '"input":"one\\ntwo"'
out '"input":""'
: > "$tmp/empty"
input=$tmp/empty run 0 map trial.echo
no_out
run 2 map --arg-file "$tmp/nowhere" trial.echo
err 'nowhere'
run 2 map --arg-file "$tmp/inputs" trial.echo one
run 2 map --arg-file "$tmp" trial.echo
ok 'inputs come from arguments, the standard input or a file'

seq 1 5000 > "$tmp/numbers"
input=$tmp/numbers run 0 --config "$tmp/memory.conf" map --ordered --window 7 trial.echo
lines 5000
sed 's/^{"input":"\([0-9]*\)".*/\1/' "$tmp/out" > "$tmp/order"
cmp -s "$tmp/order" "$tmp/numbers" || wrong 'the order is another one'
err '5000 inputs done'
# A pipe, not a file.
# shellcheck disable=SC2002
cat "$tmp/numbers" | au --config "$tmp/memory.conf" map trial.echo > "$tmp/out" 2> "$tmp/err" || wrong 'exit code'
lines 5000
ok '--ordered gives results in the order of the inputs'

run 0 map --json-input trial.sum '[1, 2]' '(3, 4)'
sorted
out '"input":"\[1, 2\]".*"value":3'
out '"input":"(3, 4)".*"value":7'
run 1 map --json-input trial.sum '[1, "x"]' '[2]' '[1, 2'
lines 3
is_json
grep -c '"status":"failed"' "$tmp/out" | grep -qx 3 || wrong 'not all have failed'
out '"key":null'
ok 'functions of several arguments take GVariant text or JSON'

run 1 map trial.fail a b c
lines 3
is_json
out '"status":"failed","error":{"domain":"g-io-error-quark","code":[0-9]*,"name":"busy","message":"“a” is busy"}'
err '3 failed'
run 1 map trial.sum '(1, 2)' nonsense
out '"value":3'
out '"input":"nonsense","key":null,"status":"failed".*nonsense'
printf 'a\377b\n' > "$tmp/latin"
input=$tmp/latin run 1 map trial.echo
is_json
out '"input-base64":"Yf9i"'
out 'UTF-8'
input=$tmp/latin run 0 map trial.bytes
is_json
ok 'a failure is a line too'

run 0 map --retries 2 --backoff 1ms trial.flaky a
out '"value":2.*"attempt":2'
run 1 map --timeout 10ms trial.block "$tmp/blocked"
out '"name":"timed-out"'
ok 'what fails is tried again, what takes too long ends'

run 0 map --tag mine trial.echo x
id=$(sed -n 's/.*au list --tag \(map:[^”]*\).*/\1/p' "$tmp/err")
run 0 list --count --tag "$id"
out_is 1
run 0 list --count --tag mine
out_is 1
ok 'a run is tagged'

# As make, xargs and parallel take them; what belongs to a program is left as it is.
run 0 map -kj2 -r1 "-a$tmp/inputs" --backoff=1ms trial.flaky
lines 3
out '"attempt":2'
run 0 -ostore.files.path="$tmp/elsewhere" map -j1 trial.echo one
[ -d "$tmp/elsewhere" ] || wrong 'a setting before the command was not taken'
run 0 map trial.echo one -j2 two -r1
lines 2
input=$tmp/inputs run 0 map --raw -j1 --name -j2 --command -- printf '%s %s\n' -j3
out '^-j3 one$'
run 2 map -jtwo trial.echo one
err 'two'
run 0 list -scompleted -ftrial.flaky --count
out_is 4
ok 'short options take their values in the same word'

run 0 map --jobs 1 trial.echo x
run 0 map trial.echo -- --jobs
out '"input":"--jobs"'
run 0 map -- trial.echo --jobs
out '"input":"--jobs"'
run 2 map
err 'a function is missing'
run 3 map no.function x
err 'no.function'
no_out
run 2 map --window 0 trial.echo x
run 2 map --raw trial.echo x
run 2 map --retry-failed trial.echo x
run 2 map --jobs -1 trial.echo x
run 2 map trial.echo --command x
err '\-\-command'
run 2 map --timeout soon trial.echo x
ok 'a wrong command line is refused'

# Output that nobody reads

au map --quiet -a "$tmp/numbers" trial.echo 2> "$tmp/err" | head -n 1 > "$tmp/out"
lines 1
no_err
ok 'au map | head ends quietly'

code=0
au map --quiet trial.echo x >&- 2> "$tmp/err" || code=$?
[ "$code" -eq 6 ] || wrong "exit code $code instead of 6"
err 'closed'
ok 'a closed output is an error'

# Programs

run 0 map --command echo -- a 'b c'
no_out
printf 'a\nb c\n' > "$tmp/inputs"
input=$tmp/inputs run 0 map --command echo -n 'x'
sorted
is_json
out '"input":"a".*"exit-status":0,"stdout":"x a"'
out '"input":"b c".*"stdout":"x b c"'
input=$tmp/inputs run 0 map --command echo --ordered
out '"stdout":"--ordered a\\n"'
ok '--command runs a program for each input, which is appended'

input=$tmp/inputs run 0 map --ordered --raw --command -- echo '<{}>' '{}{}'
out_is '<a> aa
<b c> b cb c'
ok '{} stands for the input, --raw prints what the program writes'

input=$tmp/inputs run 2 map --command -- sh -c 'echo "$0" >&2; exit 3'
lines 2
out '“sh” ended with status 3: a'
printf '%s\n' $(seq 1 120) > "$tmp/many"
input=$tmp/many run 101 map --command false
input=$tmp/many run 1 map --command -- test 7 -ne
err '1 failed'
input=$tmp/inputs run 1 map --ordered --raw --command -- sh -c 'echo "out $0"; test "$0" = a'
out_is 'out a'
err 'b c: .*status 1'
input=$tmp/inputs run 2 map --command no-such-program
lines 2
out 'no-such-program'
run 255 map --command
err 'a program'
run 255 map --command --retry-failed true
ok 'the exit code counts failed programs, as GNU parallel does'

printf '%s\n' 1 2 3 > "$tmp/inputs"
input=$tmp/inputs run 0 map --retries 1 --backoff 1ms --command -- \
  sh -c 'test -e "$0.done" || { : > "$0.done"; exit 1; }'
lines 3
ok 'a program that fails is run again'

printf 'a\377b\n' > "$tmp/latin"
input=$tmp/latin run 0 map --raw --command printf '%s'
printf 'a\377b' | cmp -s - "$tmp/out" || wrong 'the bytes are others'
ok 'inputs of programs may be any bytes'

done_testing
