#!/bin/sh
# Whatever other languages and the reference see is documented: symbols, parameters,
# return values, members of enumerations and of structures.

set -eu

builddir=${abs_top_builddir:?is set by make check}

if [ -z "${GI_DOCGEN-}" ]; then
  echo '1..0 # SKIP there is no gi-docgen'
  exit 0
fi
if [ ! -f "$builddir/Au-1.gir" ]; then
  echo '1..0 # SKIP built without introspection'
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

# check_description NAME CONFIGURATION
check_description ()
{
  status=0
  "$GI_DOCGEN" check --add-include-path . --config "$2" "$1.gir" > "$tmp/messages" 2>&1 || status=$?

  # A quark is documented by the macro of its error domain, which cannot be seen here;
  # test-symbols.sh looks after that.
  sed 's/\x1b\[[0-9;]*m//g' "$tmp/messages" | grep '^WARNING: ' |
    grep -vE "[Ss]ymbol '[A-Za-z.]*[qQ]uark'" > "$tmp/undocumented" || :

  if grep -qi 'traceback\|^error' "$tmp/messages" || { [ "$status" -ne 0 ] && ! grep -q WARNING "$tmp/messages"; }; then
    sed 's/^/# /' "$tmp/messages"
    report 1 "gi-docgen reads the description $1"
  else
    report 0 "gi-docgen reads the description $1"
  fi

  [ -s "$tmp/undocumented" ] || report 0 "everything of $1 is documented"
  while read -r line; do
    report 1 "$1: ${line#WARNING: }"
  done < "$tmp/undocumented"
}

cd "$builddir"
check_description Au-1 docs/au.toml
check_description AuTest-1 docs/au-test.toml

echo "1..$n"
exit "$failed"
