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

n=1
failed=0

cd "$builddir"
status=0
"$GI_DOCGEN" check --config docs/au.toml Au-1.gir > "$tmp/messages" 2>&1 || status=$?

# A quark is documented by the macro of its error domain, which cannot be seen here;
# test-symbols.sh looks after that.
sed 's/\x1b\[[0-9;]*m//g' "$tmp/messages" | grep '^WARNING: ' |
  grep -vE "[Ss]ymbol '[A-Za-z.]*[qQ]uark'" > "$tmp/undocumented" || :

if grep -qi 'traceback\|^error' "$tmp/messages" || { [ "$status" -ne 0 ] && ! grep -q WARNING "$tmp/messages"; }; then
  sed 's/^/# /' "$tmp/messages"
  echo 'not ok 1 - gi-docgen reads the description'
  failed=1
else
  echo 'ok 1 - gi-docgen reads the description'
fi

if [ ! -s "$tmp/undocumented" ]; then
  n=$((n + 1))
  echo "ok $n - everything is documented"
fi
while read -r line; do
  n=$((n + 1))
  failed=1
  echo "not ok $n - ${line#WARNING: }"
done < "$tmp/undocumented"

echo "1..$n"
exit "$failed"
