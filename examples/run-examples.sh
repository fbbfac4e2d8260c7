#!/bin/sh
# Every example does what expected/NAME.txt says, and compiles with what pkg-config says
# of au and nothing else. Run by “make check”.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}
builddir=${abs_top_builddir:?is set by make check}
examples=$srcdir/examples

tmp=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$tmp"' EXIT

n=0
failed=0

report ()
{
  n=$((n + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $n - $2"
  else
    sed 's/^/# /' "$tmp/messages"
    echo "not ok $n - $2"
    failed=1
  fi
}

skip ()
{
  n=$((n + 1))
  echo "ok $n - $1 # SKIP $2"
}

# What differs from one run to the next: new keys, times, folders, and how far a
# computation has come while it is looked at.
steady ()
{
  sed -E -e "s|$work|FOLDER|g" \
    -e 's/\b[0-9a-hjkmnp-tv-z]{26}\b/KEY/g' \
    -e 's/\b[0-9]+\.[0-9]{6} s\b/TIME/g' \
    -e 's/^now:   (pending|running|completed)$/now:   STATUS/'
}

# begin NAME: each example has a folder of its own, and a state of its own
begin ()
{
  work=$tmp/$1
  mkdir -p "$work/state" "$work/tmp"
  cd "$work"
  XDG_STATE_HOME=$work/state
  TMPDIR=$work/tmp
  export XDG_STATE_HOME TMPDIR
  unset AU_CONFIG
  : > "$tmp/output"
  : > "$tmp/messages"
}

# run COMMAND…: adds its output to what is compared
run ()
{
  "$@" >> "$tmp/output" 2>> "$tmp/messages" || { echo "exit status $?: $*" >> "$tmp/messages"; status=1; }
}

# compare NAME TITLE
compare ()
{
  steady < "$tmp/output" | diff -u "$examples/expected/$1.txt" - >> "$tmp/messages" || status=1
  report $status "$2"
  cd "$tmp"
}

# run_queue COMMAND…: one process writes a task down, another one runs it
run_queue ()
{
  # what it names is beside it
  cp "$examples/queue.conf" .
  AU_CONFIG=$PWD/queue.conf
  export AU_CONFIG
  run "$@" write first World
  "$@" read 2>> "$tmp/messages" &
  reader=$!
  run "$@" result first
  kill -TERM $reader
  wait $reader || { echo "exit status $?: the reader" >> "$tmp/messages"; status=1; }
  run "$@" both second au
}

# run_example NAME COMMAND…: as it is to be run
run_example ()
{
  example=$1
  shift
  case $example in
    thread-io)
      for i in 1 2 3 4 5 6 7 8; do
        printf "%${i}000s" x > "file-$i"
      done
      run "$@" file-1 file-2 file-3 no-such-file file-4 file-5 file-6 file-7 file-8
      ;;
    web-tasks)
      # Four processes: one submits, the others know no more than a key.
      run "$@" analyze 'one process asks, another one answers'
      key=$(cat "$tmp/output")
      run "$@" status "$key"
      run "$@" result "$key"
      # shellcheck disable=SC2016 # for the other shell
      run sh -c '"$@" result ../../etc/passwd 2>&1 || echo "exit status $?"' sh "$@"
      ;;
    queue-tasks)
      run_queue "$@"
      ;;
    *)
      run "$@"
      ;;
  esac
}

for text in "$examples"/expected/*.txt; do
  name=$(basename "$text" .txt)
  program=$builddir/examples/$name
  status=0

  if [ "$name" = libdex ] && [ ! -x "$program" ]; then
    skip "$name" 'there was no libdex-1'
    continue
  fi
  begin "$name"
  run_example "$name" "$program"
  compare "$name" "$name"
done

# The same program, wherever the key file says that it computes.
for backend in inline loop thread process; do
  status=0
  begin "key-file-$backend"
  sed "s/^type=thread$/type=$backend/" "$examples/au.conf" > au.conf
  grep -qx "type=$backend" au.conf || status=1
  run "$builddir/examples/quick-start" au.conf
  compare quick-start "quick-start, with type=$backend in the key file"
done

# The same in other languages.
for script in "$examples"/*.py "$examples"/*.js; do
  name=$(basename "$script")
  case $name in
    *.py) interpreter=${PYTHON3:-no} missing='there is no Python with PyGObject' ;;
    *) interpreter=${GJS:-no} missing='there is no gjs' ;;
  esac

  if [ ! -f "$builddir/Au-1.typelib" ]; then
    skip "$name" 'built without introspection'
  elif [ "$interpreter" = no ]; then
    skip "$name" "$missing"
  else
    status=0
    begin "$name"
    case $name in
      *.js) run_example "${name%.*}" "$interpreter" -m "$script" ;;
      *) run_example "${name%.*}" "$interpreter" "$script" ;;
    esac
    text=${name%.*}
    if [ -f "$examples/expected/python/$text.txt" ]; then
      text=python/$text
    fi
    compare "$text" "$name"
  fi
done

PKG_CONFIG_PATH=$builddir/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
: > "$tmp/messages"
status=0
for source in "$examples"/*.c; do
  if [ "$source" = "$examples/libdex.c" ]; then
    continue                    # needs more than au
  fi
  # shellcheck disable=SC2046 # lists of words
  ${CC:-cc} -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror \
    -fsyntax-only $(pkg-config --cflags au-1) "$source" >> "$tmp/messages" 2>&1 || status=1
done
report $status 'all compile with the flags of pkg-config au-1'

status=0
begin readme
sed -n '/^```c$/,/^```$/p' "$srcdir/README.md" | sed '1d;$d' > square.c
# shellcheck disable=SC2046 # lists of words
${CC:-cc} -Wall -Werror ${AU_CFLAGS_SANITIZER-} -o square square.c $(pkg-config --cflags --libs au-1) \
  >> "$tmp/messages" 2>&1 || status=1
run ./square
echo 'KEY: 144' > expected
steady < "$tmp/output" | diff -u expected - >> "$tmp/messages" || status=1
report $status 'the program in README.md'
cd "$tmp"

echo "1..$n"
exit "$failed"
