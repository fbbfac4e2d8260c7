#!/bin/sh
# What only a terminal shows: the progress bar and the table.

# shellcheck disable=SC1111,SC2016 # quotes for people; programs for other shells

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tools.sh"

if ! command -v script > /dev/null; then
  echo '1..0 # SKIP there is no script(1)'
  exit 0
fi

# on_terminal COMMAND: runs a shell command with a terminal of its own; what is shown
# there is in $tmp/screen, a line for each drawing
on_terminal ()
{
  code=0
  TERM=xterm script -qec "$1" /dev/null < /dev/null > "$tmp/typescript" 2> "$tmp/err" || code=$?
  tr '\r' '\n' < "$tmp/typescript" > "$tmp/screen"
}

screen ()
{
  grep -q -e "$1" "$tmp/screen" || wrong "the screen never shows “$1”"
}

rm -f "$tmp/out"
seq 1 40 > "$tmp/inputs"
on_terminal "stty cols 100; '$builddir/tools/au' map --jobs 1 -a inputs --command -- sh -c 'sleep 0.02; exit \$((\$0 % 20 == 0))' > results"
[ "$code" -eq 2 ] || wrong "exit code $code instead of 2"
screen '% .*[0-9] of 40.*/s.*left'
screen '1 failed'
screen '40 inputs done'
[ "$(wc -l < "$tmp/results")" -eq 40 ] || wrong 'the results are not in the file'
grep -q 'of 40' "$tmp/results" && wrong 'the bar is among the results'
ok 'a bar shows count, failures, rate and the time left'

on_terminal "stty cols 100; '$builddir/tools/au' --quiet map --jobs 1 -a inputs --command -- sh -c 'sleep 0.01' > results"
[ "$code" -eq 0 ] || wrong "exit code $code"
[ ! -s "$tmp/screen" ] || wrong 'something is shown'
ok '--quiet shows none'

on_terminal "stty cols 40; '$builddir/tools/au' map --jobs 1 -a inputs --command -- sh -c 'sleep 0.02' > results"
sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' "$tmp/screen" | grep 'of 40' | awk 'length ($0) > 40' > "$tmp/long"
[ ! -s "$tmp/long" ] || wrong 'the bar is wider than the terminal'
ok 'the bar is not wider than the terminal'

# The watched one is cancelled as soon as the table shows it.
au submit --no-wait --key waiting trial.echo x > /dev/null 2>&1
TERM=xterm script -qefc "stty cols 100 rows 20; '$builddir/tools/au' watch --until-done" /dev/null < /dev/null |
while IFS= read -r line; do
  printf '%s\n' "$line"
  case $line in
    'waiting '*pending*) au --quiet cancel waiting ;;
  esac
done > "$tmp/screen"
screen '0 running, 1 pending'
screen 'waiting .*pending'
run 0 status waiting
out 'cancelled'
ok 'au watch shows a table'

# watch OPTION…: the same elsewhere, where each change is a line
watch ()
{
  au submit --no-wait --key watched trial.echo x > /dev/null 2>&1
  au watch --until-done "$@" 2> "$tmp/err" | {
    IFS= read -r line
    au --quiet cancel watched
    printf '%s\n' "$line"
    cat
  } > "$tmp/out"
  au --quiet remove watched
}

watch
lines 2
out '^watched .*pending'
out '^watched .*cancelled'
watch --json
is_json
lines 2
out '"key":"watched".*"status":"cancelled"'
run 2 --config "$tmp/memory.conf" watch
run 2 watch extra
ok 'au watch prints a line for each change elsewhere'

done_testing
