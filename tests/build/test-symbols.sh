#!/bin/sh
# What a library exports, what its headers declare and what is documented must be
# the same: a forgotten declaration is a symbol that nobody can use, a forgotten
# comment one that nobody understands.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}
builddir=${abs_top_builddir:?is set by make check}
# where another set of both is to be looked at
library_dir=${AU_TEST_LIBRARY_DIR-$builddir/.libs}
include_dir=${AU_TEST_INCLUDE_DIR-$srcdir/include}

if [ ! -e "$library_dir/libau-1.so" ]; then
  echo '1..0 # SKIP no shared library was built'
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

# list_declared HEADER PREFIX: the compiler knows best what is declared: let it expand
# our macros, and GLib's
list_declared ()
{
  # shellcheck disable=SC2086 # CC and the flags are lists of words
  echo "#include <$1>" |
  ${CC:-cc} -E -P -x c ${AU_PUBLIC_CFLAGS-} -I"$include_dir" -I"$builddir/include" \
    '-D_AU_EXTERN=__au_exported__ extern' - |
  tr '\n' ' ' | tr ';{}' '[\n*]' | grep __au_exported__ |
  sed -E -e 's/.*__au_exported__ extern//' \
    -e 's/__attribute__ *\(\(([^()]|\(([^()]|\([^()]*\))*\))*\)\)//g' \
    -e 's/ *\(.*//' -e 's/ *(\[.*)?$//' -e 's/.*[^A-Za-z0-9_]//' |
  grep "^$2" | sort -u > "$tmp/declared"
}

# list_exported LIBRARY; _init, _fini and their like are the linker's
list_exported ()
{
  nm -D --defined-only "$1" | awk '{ print $3 }' | sed 's/@.*//' |
  grep -vE '^(_init|_fini|__bss_start|_edata|_end)$' | sort -u > "$tmp/exported"
}

# list_documented PREFIX FILE-OR-FOLDER…
list_documented ()
{
  prefix=$1
  shift

  find "$@" -name '*.[ch]' -exec awk '
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
  grep "^$prefix" "$tmp/blocks" | cat - "$tmp/implied" | sort -u > "$tmp/documented"
}

# compare FILE FILE: each line of the first that is missing in the second
compare ()
{
  comm -23 "$tmp/$1" "$tmp/$2" > "$tmp/missing"
  if [ ! -s "$tmp/missing" ]; then
    report 0 "every symbol of $library that is $1 is $2"
  fi
  while read -r symbol; do
    report 1 "$symbol of $library is $1 but not $2"
  done < "$tmp/missing"
}

# check_library NAME HEADER PREFIX KNOWN FILE-OR-FOLDER…: KNOWN is a symbol that is in
# every list, since an empty list would make every comparison with it pass
check_library ()
{
  library=$1 header=$2 symbol_prefix=$3 known=$4
  shift 4

  list_declared "$header" "$symbol_prefix"
  list_exported "$library_dir/$library.so"
  list_documented "$symbol_prefix" "$@"

  status=0
  for list in declared exported documented; do
    grep -qx "$known" "$tmp/$list" || status=1
  done
  report $status "the lists of $library were read: $(wc -l < "$tmp/declared") symbols are declared"

  compare exported declared
  compare declared exported
  compare declared documented
  compare documented declared

  # Names of the library, and of nobody else.
  status=0
  ! grep -v "^$symbol_prefix" "$tmp/exported" | sed 's/^/# /' | grep . || status=1
  report $status "every symbol that $library exports starts with $symbol_prefix"
}

# shellcheck disable=SC2046 # lists of words
{
  check_library libau-1 au/au.h au_ au_status_to_string "$include_dir/au" \
    $(echo " ${AU_SOURCES?is set by make check}" | sed "s| core/| $srcdir/core/|g")
  check_library libau-test-1 au-test/au-test.h au_test_ au_test_store_add_suite "$include_dir/au-test" \
    $(echo " ${AU_TEST_SOURCES?is set by make check}" | sed "s| testing/| $srcdir/testing/|g")
}

echo "1..$n"
exit "$failed"
