#!/bin/sh
# An installed au must be usable by somebody who knows nothing but its name: run by
# “make installcheck”, in distcheck too, and by check with a DESTDIR.

set -eu

builddir=${abs_top_builddir:?is set by make installcheck}
srcdir=${abs_top_srcdir:?is set by make installcheck}
destdir=${DESTDIR-}
libdir=$destdir${AU_LIBDIR:?is set by make installcheck}
bindir=$destdir${AU_BINDIR:?is set by make installcheck}
libexecdir=$destdir${AU_LIBEXECDIR:?is set by make installcheck}

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
    [ ! -s "$tmp/messages" ] || sed 's/^/# /' "$tmp/messages"
    echo "not ok $n - $2"
    failed=1
  fi
  : > "$tmp/messages"
}

skip ()
{
  n=$((n + 1))
  echo "ok $n - $1 # SKIP $2"
}

# What is in a DESTDIR is not where it says it is.
mkdir "$tmp/pkgconfig"
sed -E "s|^([a-z_]+)=/|\1=$destdir/|" "$libdir/pkgconfig/au-1.pc" > "$tmp/pkgconfig/au-1.pc"
PKG_CONFIG_PATH=$tmp/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
export PKG_CONFIG_DISABLE_UNINSTALLED=1
LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
unset AU_MODULE_PATH AU_MODULE_SYSTEM_PATH

cat > "$tmp/program.c" <<'END'
#include <au/au.h>

#include <locale.h>

int
main (void)
{
  GError *error = NULL;
  AuStatus status;

  setlocale (LC_ALL, "");
  if (au_status_from_string ("nonsense", &status, &error))
    return 1;
  g_print ("%s\n%s\n", au_status_to_string (AU_STATUS_RUNNING), error->message);
  g_error_free (error);
  return 0;
}
END

status=0
# shellcheck disable=SC2046,SC2086 # lists of words
${CC:-cc} -Wall -Wextra -Werror -o "$tmp/program" "$tmp/program.c" \
  $(pkg-config --cflags --libs au-1) > "$tmp/messages" 2>&1 || status=1
report $status 'a program compiles with what pkg-config au-1 says'

status=0
LC_ALL=C.UTF-8 "$tmp/program" > "$tmp/output" 2> "$tmp/messages" || status=1
grep -qx running "$tmp/output" || status=1
report $status 'the program runs'

if [ -n "$destdir" ]; then
  skip 'messages are translated' 'translations are looked for outside of DESTDIR'
  skip 'what programs read of modules is not translated' 'translations are looked for outside of DESTDIR'
elif [ ! -f "$AU_LOCALEDIR/de/LC_MESSAGES/au-1.mo" ]; then
  skip 'messages are translated' 'built without translations'
  skip 'what programs read of modules is not translated' 'built without translations'
else
  status=0
  LC_ALL=C.UTF-8 LANGUAGE=de "$tmp/program" > "$tmp/output" 2> "$tmp/messages" || status=1
  LC_ALL=C.UTF-8 LANGUAGE=de "$bindir/au" --help >> "$tmp/output" 2>> "$tmp/messages" || status=1
  grep -q '„nonsense“ ist kein Status' "$tmp/output" || status=1
  grep -qx 'Befehle:' "$tmp/output" || status=1
  [ $status -eq 0 ] || cat "$tmp/output" >> "$tmp/messages"
  report $status 'messages are translated'

  status=0
  for option in '' --json; do
    LC_ALL=C.UTF-8 LANGUAGE=de "$bindir/au" inspect $option store/file > "$tmp/german" 2>> "$tmp/messages" || status=1
    LC_ALL=C.UTF-8 "$bindir/au" inspect $option store/file > "$tmp/plain" 2>> "$tmp/messages" || status=1
    same=0
    cmp -s "$tmp/plain" "$tmp/german" || same=1
    [ "$same" -eq "$([ -n "$option" ] && echo 0 || echo 1)" ] || status=1
  done
  [ $status -eq 0 ] || cat "$tmp/german" >> "$tmp/messages"
  report $status 'what programs read of modules is not translated'
fi

status=0
printf 'two\nlines\n' > "$tmp/file"
printf '[au]\nstore=s\nbackend=b\n[store s]\ntype=memory\n[backend b]\ntype=thread\n' > "$tmp/au.conf"
AU_CONFIG=$tmp/au.conf AU_MODULE_SYSTEM_PATH=$libdir/au-1/modules \
  "$bindir/au" run digest.file "$tmp/file" > "$tmp/output" 2> "$tmp/messages" || status=1
grep -q '^\["text/plain",10,".*",2\]$' "$tmp/output" || status=1
[ -f "$destdir${AU_DATADIR:?is set by make installcheck}/bash-completion/completions/au" ] || status=1
report $status 'the program au computes with the modules'

status=0
for variable in moduledir module_ldflags abi templatedir; do
  if [ -z "$(pkg-config --variable=$variable au-1)" ]; then
    echo "au-1.pc lacks $variable" >> "$tmp/messages"
    status=1
  fi
done
report $status 'au-1.pc tells what a module needs'

status=0
readelf -d "$libdir/libau-1.so" > "$tmp/dynamic"
grep -q 'SONAME.*\[libau-1\.so\.0\]' "$tmp/dynamic" || status=1
report $status 'the library is called libau-1.so.0'

status=0
for file in "$libdir"/libau-*.so "$libdir"/au-1/modules/*.so "$bindir"/au* "$libexecdir"/au*; do
  [ -f "$file" ] || continue
  if readelf -d "$file" 2> /dev/null | grep -E 'R(UN)?PATH' | grep -F "$builddir"; then
    echo "$file looks for libraries in the build folder" >> "$tmp/messages"
    status=1
  fi
done
for file in "$libdir"/pkgconfig/au-1*.pc "$destdir${AU_INCLUDEDIR:?}"/au-1/au/*.h; do
  if grep -nF -e "$builddir" -e "$srcdir" "$file" >> "$tmp/messages"; then
    status=1
  fi
done
report $status 'nothing that is installed knows the build folder'

status=0
for name in au-1-uninstalled.pc libau-core.la libau-core.a; do
  find "$libdir" -name "$name" >> "$tmp/messages"
done
[ ! -s "$tmp/messages" ] || status=1
report $status 'nothing is installed that only the build needs'

typelib=$libdir/girepository-1.0/Au-1.typelib
if [ ! -f "$typelib" ]; then
  skip 'Python can use the library' 'built without introspection'
elif [ "${PYTHON3:-no}" = no ]; then
  skip 'Python can use the library' 'there is no PyGObject'
else
  status=0
  GI_TYPELIB_PATH=${typelib%/*} "$PYTHON3" - > "$tmp/messages" 2>&1 <<'END' || status=1
import gi
gi.require_version("Au", "1")
from gi.repository import Au
assert Au.status_to_string(Au.Status.RUNNING) == "running"
END
  report $status 'Python can use the library'
fi

vapidir=$destdir${AU_DATADIR:?}/vala/vapi
if [ ! -f "$vapidir/au-1.vapi" ]; then
  skip 'Vala can use the library' 'built without Vala'
elif ! command -v valac > /dev/null; then
  skip 'Vala can use the library' 'there is no valac'
else
  status=0
  cat > "$tmp/program.vala" <<'END'
int main () {
  print ("%s\n", Au.status_to_string (Au.Status.RUNNING));
  return 0;
}
END
  # The C code that valac writes is not ours to judge.
  # shellcheck disable=SC2046 # a list of words
  valac --vapidir="$vapidir" --pkg=au-1 -o "$tmp/vala" -X -w \
    $(pkg-config --cflags --libs au-1 | sed 's/\(^\| \)\([^ ]\)/ -X \2/g') \
    "$tmp/program.vala" > "$tmp/messages" 2>&1 || status=1
  [ "$("$tmp/vala" 2>> "$tmp/messages")" = running ] || status=1
  report $status 'Vala can use the library'
fi

echo "1..$n"
exit "$failed"
