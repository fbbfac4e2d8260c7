#!/bin/sh
# What the library exports, what its headers declare and what is documented must
# be the same: a forgotten declaration is a symbol that nobody can use, a forgotten
# comment one that nobody understands.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}
builddir=${abs_top_builddir:?is set by make check}
library=${AU_TEST_LIBRARY-$builddir/.libs/libau-1.so}
include=${AU_TEST_INCLUDE-$srcdir/include}
sources=${AU_TEST_SOURCES-$(echo " ${AU_SOURCES?is set by make check}" | sed "s| core/| $srcdir/core/|g")}

if [ ! -e "$library" ]; then
  echo '1..0 # SKIP no shared library was built'
  exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The compiler knows best what is declared: let it expand our macros, and GLib's.
# shellcheck disable=SC2086 # CC and the flags are lists of words
echo '#include <au/au.h>' |
  ${CC:-cc} -E -P -x c ${AU_PUBLIC_CFLAGS-} -I"$include" -I"$builddir/include" \
    '-D_AU_EXTERN=__au_exported__ extern' - |
  tr '\n' ' ' | tr ';{}' '[\n*]' | grep __au_exported__ |
  sed -E -e 's/.*__au_exported__ extern//' \
    -e 's/__attribute__ *\(\(([^()]|\(([^()]|\([^()]*\))*\))*\)\)//g' \
    -e 's/ *\(.*//' -e 's/ *(\[.*)?$//' -e 's/.*[^A-Za-z0-9_]//' |
  sort -u > "$tmp/declared"

# _init, _fini and their like are the linker's.
nm -D --defined-only "$library" | awk '{ print $3 }' | sed 's/@.*//' |
  grep -vE '^(_init|_fini|__bss_start|_edata|_end)$' | sort -u > "$tmp/exported"

# shellcheck disable=SC2086 # a list of words
find "$include" $sources -name '*.[ch]' -exec awk '
  FNR == 1 { first = 0 }
  first && match ($0, /^ \* [A-Za-z0-9_]+:/) { print substr ($0, 4, RLENGTH - 4) }
  { first = ($0 ~ /^\/\*\*$/) }
' '{}' + | sort -u > "$tmp/blocks"

# A function that returns a type is explained by the comment on the type, and one
# that returns an error domain by the comment on its macro.
awk '
  NR == FNR {
    block[$0] = 1
    if ($0 ~ /^Au/)
      type[tolower ($0)] = 1
    next
  }
  /_get_type$/ {
    name = $0; sub (/_get_type$/, "", name); gsub (/_/, "", name)
    if (name in type) print
    next
  }
  /_quark$/ {
    name = $0; sub (/_quark$/, "", name)
    if (toupper (name) in block) print
    next
  }
' "$tmp/blocks" "$tmp/declared" > "$tmp/implied"
grep '^au_' "$tmp/blocks" | cat - "$tmp/implied" | sort -u > "$tmp/documented"

n=0
failed=0

# compare FILE FILE WHAT: each line of the first that is missing in the second
compare ()
{
  comm -23 "$1" "$2" > "$tmp/missing"
  if [ ! -s "$tmp/missing" ]; then
    n=$((n + 1))
    echo "ok $n - every symbol that is ${1##*/} is ${2##*/}"
  fi
  while read -r symbol; do
    n=$((n + 1))
    failed=1
    echo "not ok $n - $symbol is ${1##*/} but not ${2##*/}"
  done < "$tmp/missing"
}

# An empty list would make every comparison with it pass.
n=$((n + 1))
if grep -qx au_status_to_string "$tmp/declared" && grep -qx au_status_to_string "$tmp/exported"; then
  echo "ok $n - the lists were read: $(wc -l < "$tmp/declared") symbols are declared"
else
  echo "not ok $n - the lists were read"
  failed=1
fi

compare "$tmp/exported" "$tmp/declared"
compare "$tmp/declared" "$tmp/exported"
compare "$tmp/declared" "$tmp/documented"
compare "$tmp/documented" "$tmp/declared"

# Names of the library, and of nobody else.
n=$((n + 1))
if grep -v '^au_' "$tmp/exported" | sed 's/^/# /' | grep .; then
  echo "not ok $n - every exported symbol starts with au_"
  failed=1
else
  echo "ok $n - every exported symbol starts with au_"
fi

echo "1..$n"
exit "$failed"
