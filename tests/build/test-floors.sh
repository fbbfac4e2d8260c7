#!/bin/sh
# The house has floors: a file includes headers of its own floor or of one below,
# never of one above, and a plugin sees what a stranger's plugin would see.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}

n=0
failed=0

cd "$srcdir"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

report ()
{
  n=$((n + 1))
  if [ -s "$tmp/wrong" ]; then
    sed 's/^/# /' "$tmp/wrong"
    echo "not ok $n - $1"
    failed=1
  else
    echo "ok $n - $1"
  fi
}

floor_of ()
{
  case $1 in
    sync | model) echo 1 ;;
    interfaces) echo 2 ;;
    module) echo 3 ;;
    engine) echo 4 ;;
    flow) echo 5 ;;
    *) echo 0 ;;
  esac
}

# The room of a header is the room of the file that implements it.
: > "$tmp/rooms"
for file in core/*/*.[ch]; do
  [ -f "$file" ] || continue
  room=${file#core/}
  room=${room%%/*}
  base=${file##*/}
  case $base in
    *.c) echo "${base%.c}.h $room" ;;
    *.h) echo "$base $room" ;;
  esac
done | sort -u > "$tmp/rooms"

: > "$tmp/wrong"
for file in core/*/*.[ch]; do
  [ -f "$file" ] || continue
  room=${file#core/}
  room=${room%%/*}
  floor=$(floor_of "$room")
  if [ "$floor" -eq 0 ]; then
    echo "$file: core/$room is not a room of the house"
    continue
  fi
  sed -nE 's/^#[[:space:]]*include[[:space:]]*[<"]([^>"]*)[>"].*/\1/p' "$file" |
  while read -r header; do
    other=$(awk -v header="${header##*/}" '$1 == header { print $2; exit }' "$tmp/rooms")
    [ -n "$other" ] || continue
    if [ "$(floor_of "$other")" -gt "$floor" ]; then
      echo "$file: includes $header, which belongs to core/$other above"
    fi
    case $header in
      *-private.h)
        if [ "$room" = sync ] && [ "$other" != sync ]; then
          echo "$file: includes $header of core/$other, but core/sync knows nothing of engines"
        fi
        ;;
    esac
  done
done > "$tmp/wrong"
report 'no file of the core includes a header from a floor above'

# Rooms are searched for headers one after the other.
find core -name '*.h' | sed 's|.*/||' | sort | uniq -d |
  sed 's/$/ is the name of two headers/' > "$tmp/wrong"
report 'no two headers of the core have the same name'

: > "$tmp/wrong"
for file in plugins/*/*.[ch]; do
  [ -f "$file" ] || continue
  sed -nE 's/^#[[:space:]]*include[[:space:]]*[<"]([^>"]*)[>"].*/\1/p' "$file" |
  while read -r header; do
    case $header in
      au/au.h | au/au-test.h) ;;
      au/* | core/* | */core/*) echo "$file: includes $header" ;;
    esac
  done
done > "$tmp/wrong"
report 'plugins include au/au.h and nothing else of au'

: > "$tmp/wrong"
find core include plugins tools testing -name '*.[ch]' |
while read -r file; do
  lines=$(wc -l < "$file")
  if [ "$lines" -gt 900 ]; then
    echo "$file has $lines lines: it is two things by now"
  fi
done > "$tmp/wrong"
report 'no file is longer than about 800 lines'

echo "1..$n"
exit "$failed"
