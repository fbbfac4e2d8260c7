#!/bin/sh
# An au that has its modules within needs no file of them. Only for builds that were
# configured with --enable-builtin-modules=all.

set -eu

builddir=${abs_top_builddir:?is set by make check}

if [ "${AU_BUILTIN_MODULES-}" != all ]; then
  echo '1..0 # SKIP modules are files of their own in this build'
  exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp "$builddir/tools/au" "$tmp/au"
cd "$tmp"
unset AU_MODULE_PATH LD_LIBRARY_PATH
export AU_MODULE_SYSTEM_PATH='' XDG_STATE_HOME="$tmp/state" AU_CONFIG=''

n=0
failed=0

# check NAME COMMAND…
check ()
{
  n=$((n + 1))
  name=$1
  shift
  if "$@" > "$tmp/out" 2> "$tmp/err"; then
    echo "ok $n - $name"
  else
    sed 's/^/# /' "$tmp/out" "$tmp/err"
    echo "not ok $n - $name"
    failed=1
  fi
}

has_all ()
{
  ./au inspect > list && ! grep 'cannot be used' list && [ "$(wc -l < list)" -ge 10 ]
}

says_built_in ()
{
  ./au inspect store/file | grep -qx 'built in' && ./au inspect --json store/file | grep -q '"file":null'
}

prefers_itself ()
{
  mkdir -p modules && : > modules/au_store_memory.so && chmod go-w . modules modules/*
  AU_MODULE_PATH="$tmp/modules" ./au inspect --exists store/memory
}

computes ()
{
  echo text > file && [ -n "$(./au run digest.file file)" ] &&
    printf 'a\nb\n' | ./au map --command true > /dev/null && ./au list | grep -q digest.file
}

check 'every module is there without a file' has_all
check 'what is built in says so' says_built_in
check 'a module within is preferred to one in a folder' prefers_itself
check 'it computes and keeps records' computes

echo "1..$n"
exit $failed
