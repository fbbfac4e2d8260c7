#!/bin/sh
# Somebody else's modules, built with what the installed au-1.pc and au-test-1.pc say and
# nothing else, by each of the build systems of the template: they pass the suites that
# our own parts pass, and a key file brings them into the installed program au.

set -eu

destdir=${DESTDIR-}
libdir=$destdir${AU_LIBDIR:?is set by make installcheck}
bindir=$destdir${AU_BINDIR:?is set by make installcheck}

if [ -n "${AU_SKIP_TEMPLATE-}" ]; then
  echo '1..0 # SKIP AU_SKIP_TEMPLATE is set'
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
    tail -n 40 "$tmp/messages" | sed 's/^/# /'
    echo "not ok $n - $2"
    failed=1
  fi
  : > "$tmp/messages"
}

# What is in a DESTDIR is not where it says it is.
mkdir "$tmp/pkgconfig"
for name in au-1 au-test-1; do
  sed -E "s|^([a-z_]+)=/|\1=$destdir/|" "$libdir/pkgconfig/$name.pc" > "$tmp/pkgconfig/$name.pc"
done
PKG_CONFIG_PATH=$tmp/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
export PKG_CONFIG_DISABLE_UNINSTALLED=1
LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
AU_MODULE_SYSTEM_PATH=$libdir/au-1/modules
export AU_MODULE_SYSTEM_PATH
unset AU_MODULE_PATH AU_CONFIG
LC_ALL=C.UTF-8
export LC_ALL
export CFLAGS='-g -O1 -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror'

template=$destdir$(PKG_CONFIG_PATH=$libdir/pkgconfig pkg-config --variable=templatedir au-1)

# try WHAT COMMAND…: in a copy of the template, $tmp/build
try ()
{
  what=$1
  shift
  status=0
  rm -rf "$tmp/build"
  cp -R "$template" "$tmp/build"
  (cd "$tmp/build" && set -e && "$@") > "$tmp/messages" 2>&1 < /dev/null || status=1
  report $status "$what"
}

with_automake ()
{
  autoreconf -fi && ./configure -q --prefix=/usr && make -s && make -s check || { cat test-suite.log; return 1; }
  make -s install DESTDIR="$tmp/automake" moduledir=/modules
  ls "$tmp/automake/modules/au_store_acme.so" "$tmp/automake/modules/au_function_acme.so"
}

with_meson ()
{
  meson setup --werror _build
  ninja -C _build
  meson test -C _build --print-errorlogs
  DESTDIR=$tmp/meson ninja -C _build install
}

with_make ()
{
  make -f plain.mk
  make -f plain.mk check
  make -f plain.mk install DESTDIR="$tmp/make" moduledir=/modules
}

# Each exports its descriptor, and nothing that could be in the way of another module.
one_symbol_each ()
{
  for file in *.so; do
    nm -D --defined-only "$file" | awk '{ print $3 }' | grep -vE '^(_init|_fini|__bss_start|_edata|_end)$' > symbols
    echo "${file%.so}_LTX_au_module" | diff - symbols
  done
}

try 'the template builds with make, and its tests pass' with_make
cp -R "$tmp/build" "$tmp/built"

if command -v meson > /dev/null; then
  try 'the template builds with meson, and its tests pass' with_meson
else
  n=$((n + 1))
  echo "ok $n - the template builds with meson # SKIP there is no meson"
fi

if command -v autoreconf > /dev/null; then
  try 'the template builds with automake, and its tests pass' with_automake
else
  n=$((n + 1))
  echo "ok $n - the template builds with automake # SKIP there are no autotools"
fi

cd "$tmp/built"
AU_MODULE_PATH=$tmp/make/modules
export AU_MODULE_PATH

status=0
one_symbol_each > "$tmp/messages" 2>&1 || status=1
report $status 'a module exports its descriptor alone'

status=0
"$bindir/au" config check acme.conf > "$tmp/messages" 2>&1 || status=1
report $status 'au config check takes the key file'

status=0
"$bindir/au" inspect store/acme > "$tmp/messages" 2>&1 || status=1
grep -q 'max-records=0' "$tmp/messages" || status=1
report $status 'au inspect shows the store and its keys'

status=0
AU_CONFIG=acme.conf "$bindir/au" run acme.reverse emca > "$tmp/messages" 2>&1 || status=1
grep -qx '"acme"' "$tmp/messages" || status=1
report $status 'au run computes with the three modules'

echo "1..$n"
exit "$failed"
