#!/bin/sh
# What modules of others are compiled with cannot change its size: a new function of an
# interface takes the place of one element of its padding. tests/build/sizes.txt has the
# size of every public structure, on machines with pointers of 64 bits; a line is added
# when a structure is new, and never changed after the release that it came with.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}
builddir=${abs_top_builddir:?is set by make check}

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

# Structures with members that others see: typedef struct { … } Name; and struct _Name { … };
cat "$srcdir"/include/au/*.h "$srcdir"/include/au-test/*.h |
  sed -nE -e 's/^\} (Au[A-Za-z]+);$/\1/p' -e 's/^struct _(Au[A-Za-z]+)$/\1/p' | sort -u > "$tmp/names"
# what ends in the same way is an enumeration
cat "$srcdir"/include/au/*.h "$srcdir"/include/au-test/*.h |
  awk '/^typedef enum/ { inside = 1 } inside && /^\} / { sub (/;$/, "", $2); print $2; inside = 0 }' |
  sort -u > "$tmp/enumerations"
comm -23 "$tmp/names" "$tmp/enumerations" > "$tmp/structures"

{
  echo '#include <au-test/au-test.h>'
  echo '#include <stdio.h>'
  echo 'int main (void) { if (sizeof (void *) != 8) return 77;'
  while read -r name; do
    printf '%s\n' "printf (\"%s %zu\\n\", \"$name\", sizeof ($name));"
  done < "$tmp/structures"
  echo 'return 0; }'
} > "$tmp/sizes.c"

# shellcheck disable=SC2086 # lists of words
${CC:-cc} -I"$srcdir/include" -I"$builddir/include" ${AU_PUBLIC_CFLAGS-} -o "$tmp/sizes" "$tmp/sizes.c"
status=0
"$tmp/sizes" > "$tmp/there" || status=$?
if [ "$status" -eq 77 ]; then
  echo '1..0 # SKIP pointers have another size here'
  exit 0
fi

# without them, nothing was read
status=0
grep -q '^AuStoreInterface ' "$tmp/there" || status=1
report $status "the structures were read: there are $(wc -l < "$tmp/there")"

status=0
LC_ALL=C sort "$tmp/there" > "$tmp/sorted"
LC_ALL=C sort "$srcdir/tests/build/sizes.txt" | diff -u - "$tmp/sorted" > "$tmp/difference" || status=1
sed -n '3,$s/^/# /p' "$tmp/difference"
report $status 'every public structure has the size that is noted in tests/build/sizes.txt'

# An interface without padding cannot grow.
status=0
grep -Eo '^struct _Au[A-Za-z]+Interface$' "$srcdir"/include/au/*.h | sed 's/.*_//' |
while read -r name; do
  awk -v name="$name" '
    $0 == "struct _" name { inside = 1 }
    inside && /gpointer padding\[[0-9]+\];/ { padded = 1 }
    inside && /^\};/ { inside = 0 }
    END { exit !padded }' "$srcdir"/include/au/*.h || echo "# $name has no padding"
done > "$tmp/unpadded"
[ ! -s "$tmp/unpadded" ] || { cat "$tmp/unpadded"; status=1; }
report $status 'every interface can grow'

echo "1..$n"
exit "$failed"
