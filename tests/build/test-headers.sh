#!/bin/sh
# A user includes au.h and nothing else: it must hold every public header, none of
# them may be included alone, and C and C++ must accept them without a warning.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}
builddir=${abs_top_builddir:?is set by make check}
headers=${AU_PUBLIC_HEADERS:?is set by make check}

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

# compile LANGUAGE OPTION…: compiles standard input; what the compiler says is a
# comment of TAP
compile ()
{
  language=$1
  shift
  case $language in
    c++) compiler=${CXX:-g++} ;;
    *) compiler=${CC:-cc} ;;
  esac
  # GLib's own headers are not on trial, ours are.
  # shellcheck disable=SC2046,SC2086 # lists of words
  if $compiler -fsyntax-only -x "$language" "$@" \
      -I"$srcdir/include" -I"$builddir/include" \
      $(echo " ${AU_PUBLIC_CFLAGS-}" | sed 's/ -I/ -isystem /g') \
      - > "$tmp/messages" 2>&1; then
    return 0
  fi
  sed 's/^/# /' "$tmp/messages"
  return 1
}

c_warnings='-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes
  -Wmissing-declarations -Wredundant-decls -Wundef -Wno-unused-parameter -Werror'
cxx_warnings='-std=c++17 -Wall -Wextra -Wpedantic -Wshadow -Wundef
  -Wno-unused-parameter -Werror'

# check_headers UMBRELLA GUARD HEADER…
check_headers ()
{
  umbrella=$1 guard=$2
  shift 2

  for header in "$@"; do
    name=${header#include/}
    [ "$name" != "$umbrella" ] || continue

    status=0
    grep -qxF "#include <$name>" "$srcdir/include/$umbrella" || status=1
    report $status "$name is in ${umbrella##*/}"

    # Each must hold what it needs itself, not rely on its place in the umbrella.
    status=0
    # shellcheck disable=SC2086 # a list of words
    printf '#define %s\n#include <%s>\ntypedef int not_empty;\n' "$guard" "$name" |
      compile c $c_warnings || status=1
    report $status "$name needs nothing that it does not include"

    status=0
    printf '#include <%s>\n' "$name" | compile c > "$tmp/direct" && status=1
    grep -q 'can be included directly' "$tmp/direct" || status=1
    report $status "$name cannot be included directly"
  done

  status=0
  for file in "$srcdir/include/${umbrella%/*}"/*.h; do
    case " $* " in
      *" include/${umbrella%/*}/${file##*/} "*) ;;
      *) echo "# ${file#"$srcdir/"} is not in headers.am"; status=1 ;;
    esac
  done
  report $status "every header beside ${umbrella##*/} is installed"
}

# shellcheck disable=SC2086 # lists of words
{
  check_headers au/au.h AU_INSIDE $headers
  check_headers au-test/au-test.h AU_TEST_INSIDE ${AU_TEST_HEADERS:?is set by make check}
}

status=0
printf '#include <au/au.h>\n#include <au/au.h>\nint main (void) { return AU_MAJOR_VERSION - 1; }\n' \
  > "$tmp/twice.c"
# shellcheck disable=SC2086 # a list of words
compile c $c_warnings < "$tmp/twice.c" || status=1
report $status 'au.h compiles in C, twice too'

status=0
# shellcheck disable=SC2086 # a list of words
compile c -std=gnu89 -Wall < "$tmp/twice.c" || status=1
report $status 'au.h compiles in old C'

if command -v "${CXX:-g++}" > /dev/null; then
  status=0
  # shellcheck disable=SC2086 # a list of words
  printf '#include <au-test/au-test.h>\n#include <au/au.h>\nint main () { return au_status_is_terminal (AU_STATUS_FAILED) ? 0 : 1; }\n' |
    compile c++ $cxx_warnings || status=1
  report $status 'au.h and au-test.h compile in C++'
else
  n=$((n + 1))
  echo "ok $n - au.h compiles in C++ # SKIP there is no C++ compiler"
fi

echo "1..$n"
exit "$failed"
