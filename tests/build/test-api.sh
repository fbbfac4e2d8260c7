#!/bin/sh
# What the last release promised is promised still. docs/api has a summary of each
# release's description, made by “make release-api”; what is gone since the last one is a
# failure, and what is new is shown.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}
builddir=${abs_top_builddir:?is set by make check}
# where the summaries of other releases are to be looked for
released=${AU_TEST_RELEASED-$srcdir/docs/api}

if [ ! -f "$builddir/Au-1.gir" ]; then
  echo '1..0 # SKIP built without introspection'
  exit 0
fi
if ! command -v python3 > /dev/null; then
  echo '1..0 # SKIP there is no Python'
  exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

n=0
failed=0

report ()
{
  n=$((n + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $n - $2"
  else
    echo "not ok $n - $2"
    failed=1
  fi
}

# compare OLD NEW: fails when something is gone
compare ()
{
  LC_ALL=C sort "$1" > "$tmp/old"
  LC_ALL=C sort "$2" > "$tmp/new"
  LC_ALL=C comm -13 "$tmp/old" "$tmp/new" | sed 's/^/# new: /'
  LC_ALL=C comm -23 "$tmp/old" "$tmp/new" | sed 's/^/# gone: /' > "$tmp/gone"
  cat "$tmp/gone"
  [ ! -s "$tmp/gone" ]
}

for name in Au-1 AuTest-1; do
  "$srcdir/scripts/api-summary" "$builddir/$name.gir" > "$tmp/$name.txt"
done

status=0
grep -q '^function au_status_to_string (Status) gives utf8$' "$tmp/Au-1.txt" || status=1
grep -q '^field Au.StoreInterface.insert at [0-9]' "$tmp/Au-1.txt" || status=1
grep -q '^member AU_STATUS_PENDING = 0$' "$tmp/Au-1.txt" || status=1
grep -q '^property Au.Handle.progress gdouble$' "$tmp/Au-1.txt" || status=1
grep -q '^function au_test_store_add_suite ' "$tmp/AuTest-1.txt" || status=1
report $status 'descriptions are summarised'

# that a difference would be found
status=0
sed '/^function au_status_to_string /d' "$tmp/Au-1.txt" > "$tmp/less"
compare "$tmp/less" "$tmp/Au-1.txt" > "$tmp/shown" || status=1
grep -q '^# new: function au_status_to_string ' "$tmp/shown" || status=1
! compare "$tmp/Au-1.txt" "$tmp/less" > "$tmp/shown" || status=1
grep -q '^# gone: function au_status_to_string ' "$tmp/shown" || status=1
sed 's/^\(field Au.StoreInterface.insert at \).*/\199/' "$tmp/Au-1.txt" > "$tmp/moved"
! compare "$tmp/Au-1.txt" "$tmp/moved" > "$tmp/shown" || status=1
report $status 'what is gone or has changed is found, and what is new is shown'

for name in Au-1 AuTest-1; do
  last=$(find "$released" -name "$name-[0-9]*.txt" 2> /dev/null | sort -V | tail -n 1)
  if [ -z "$last" ]; then
    n=$((n + 1))
    echo "ok $n - $name promises what the last release did # SKIP there is no release yet"
    continue
  fi
  status=0
  compare "$last" "$tmp/$name.txt" || status=1
  last=${last##*/"$name"-}
  report $status "$name promises what release ${last%.txt} did"
done

echo "1..$n"
exit "$failed"
