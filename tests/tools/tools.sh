# shellcheck shell=sh
# shellcheck disable=SC1111,SC2034 # quotes for people; used by those who source it
# What the tests of au share. To be sourced: it runs au, looks at what it said, and
# speaks TAP.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}
builddir=${abs_top_builddir:?is set by make check}
export AU_MODULE_PATH="$builddir/plugins:$builddir/tests/tools"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

n=0
failed=0

# Settings of a store in files, and of one in memory.
cat > "$tmp/file.conf" <<END
[au]
store=files
backend=threads

[store files]
type=file
path=$tmp/store

[backend threads]
type=thread
max-workers=2
END
cat > "$tmp/memory.conf" <<END
[au]
store=memory
backend=threads

[store memory]
type=memory

[backend threads]
type=thread
max-workers=2
END
export AU_CONFIG="$tmp/file.conf"

au ()
{
  "$builddir/tools/au" "$@"
}

# ok NAME: what was looked at since the last one was as it should be
# $status tells; what was wrong is in $tmp/wrong
ok ()
{
  n=$((n + 1))
  if [ ! -s "$tmp/wrong" ]; then
    echo "ok $n - $1"
  else
    sed 's/^/# /' "$tmp/wrong"
    [ ! -f "$tmp/out" ] || sed 's/^/# out: /' "$tmp/out" | head -n 20
    [ ! -f "$tmp/err" ] || sed 's/^/# err: /' "$tmp/err" | head -n 20
    echo "not ok $n - $1"
    failed=1
  fi
  : > "$tmp/wrong"
}

skip ()
{
  n=$((n + 1))
  echo "ok $n - $1 # SKIP $2"
}

wrong ()
{
  echo "$*" >> "$tmp/wrong"
}

# run CODE ARGUMENT…: au must end with CODE; what it writes is in $tmp/out and $tmp/err
run ()
{
  expected=$1
  shift
  code=0
  au "$@" > "$tmp/out" 2> "$tmp/err" < "${input:-/dev/null}" || code=$?
  [ "$code" -eq "$expected" ] || wrong "au $*: exit code $code instead of $expected"
}

# out PATTERN, err PATTERN: a line of the output, of the messages, has it
out ()
{
  grep -q -e "$1" "$tmp/out" || wrong "no line of the output has “$1”"
}

err ()
{
  grep -q -e "$1" "$tmp/err" || wrong "no message has “$1”"
}

no_out ()
{
  [ ! -s "$tmp/out" ] || wrong "there is output"
}

no_err ()
{
  [ ! -s "$tmp/err" ] || wrong "there are messages"
}

# out_is TEXT: that is the whole output
out_is ()
{
  printf '%s\n' "$1" > "$tmp/expected"
  cmp -s "$tmp/expected" "$tmp/out" || wrong "the output is not “$1”"
}

# lines N: so many lines of output
lines ()
{
  found=$(wc -l < "$tmp/out")
  [ "$found" -eq "$1" ] || wrong "$found lines of output instead of $1"
}

# is_json: every line of the output is JSON
is_json ()
{
  python3 -c '
import json, sys
for line in sys.stdin:
    json.loads(line, parse_constant=lambda name: sys.exit("constant " + name))
' < "$tmp/out" 2> "$tmp/json" || wrong "not JSON: $(tail -n 1 "$tmp/json")"
}

done_testing ()
{
  echo "1..$n"
  exit "$failed"
}

: > "$tmp/wrong"
