#!/bin/sh
# The pages in docs/ and README.md say what is so: keys of parts, error codes, exit codes,
# names of tests, and files that they link to.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}
builddir=${abs_top_builddir:?is set by make check}
docs=$srcdir/docs

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
    sed 's/^/# /' "$tmp/messages"
    echo "not ok $n - $2"
    failed=1
  fi
  : > "$tmp/messages"
}

# same TITLE: what is documented is what is there
same ()
{
  status=0
  diff -u "$tmp/there" "$tmp/documented" > "$tmp/messages" || status=1
  report $status "$1"
}

au ()
{
  "$builddir/tools/au" "$@"
}

: > "$tmp/messages"

# A row of a table of keys is: | `key` | `default` | sort | what it is |
keys_of_section ()
{
  awk -v title="$1" '
    /^#/ { inside = ($0 == title) }
    inside && /^\| `/ {
      split ($0, cell, / *\| */)
      gsub (/`/, "", cell[2]); gsub (/`/, "", cell[3])
      print cell[2] "=" cell[3] " " cell[4]
    }' "$docs/key-file.md" | sort
}

# au inspect KIND/NAME has for each key a line with its default, and one with its sort.
keys_of_part ()
{
  au inspect "$1" | awk '
    /^  [a-z-]+=/ { key = substr ($0, 3); getline; sub (/^ */, ""); print key " " $0 }' | sort
}

au inspect | awk '$1 != "function" { print $1 "/" $2 }' | sort > "$tmp/parts"
for part in $(cat "$tmp/parts"); do
  keys_of_part "$part" > "$tmp/there"
  keys_of_section "### $part" > "$tmp/documented"
  same "the keys of $part"
done

sed 's/^/### /' "$tmp/parts" > "$tmp/there"
grep '^### .*/' "$docs/key-file.md" | sort > "$tmp/documented"
same 'the parts'

AU_CONFIG='' au config show | sed -n '/^\[au\]/,/^$/s/^\([a-z-]*\)=\(.*\)/\1=\2/p' | sort > "$tmp/there"
# Without a value, a key is not shown.
keys_of_section '## [au], the engine' | sed 's/ .*//' | grep -v '=$' > "$tmp/documented"
same 'the keys of the engine'

sed -n '/^typedef enum/,/^}/s/^  \(AU_ERROR_[A-Z_]*\),*$/\1/p' "$srcdir/include/au/au-error.h" \
  | sort > "$tmp/there"
sed -n 's/^| `\(AU_ERROR_[A-Z_]*\)`.*/\1/p' "$docs/errors.md" | sort > "$tmp/documented"
same 'the codes of AU_ERROR'

sed -n '/typedef enum/,/}/s/^ *AU_TOOL_EXIT_[A-Z_]* = \([0-6]\),$/\1/p' \
  "$srcdir/tools/au-tool.h" | sort > "$tmp/there"
sed -n 's/^| \([0-6]\) |.*/\1/p' "$docs/command-line.md" | sort > "$tmp/documented"
same 'the exit codes'

status=0
for name in $(grep -oh '`/engine/[a-z/-]*`' "$docs"/*.md | tr -d '`' | sort -u); do
  grep -rqF "\"$name\"" "$srcdir/tests" || { echo "no test $name" >> "$tmp/messages"; status=1; }
done
# The suites of the test kit name their tests after what they test.
for name in $(grep -oh '`/\(backend\|middleware\|store\|serializer\)/[a-z-]*/[a-z-]*`' "$docs"/*.md | tr -d '`' | sort -u); do
  grep -rqF "\"${name##*/}\"" "$srcdir/testing" || { echo "no test $name" >> "$tmp/messages"; status=1; }
done
report $status 'the tests that are named'

# “1. **Rule**, …” up to the next one
status=0
awk '
  /^[0-9]+\. \*\*/ { rule = $1 + 0; n_rules++ }
  /^## / { rule = 0 }
  rule && /`(\/[a-z]+\/|tests\/)/ { tested[rule] = 1 }
  END {
    for (i = 1; i < n_rules; i++)
      if (!tested[i]) print "rule " i " names no test"
    if (n_rules < 8) print "the rules were not read"
  }' "$docs/threads.md" > "$tmp/messages"
[ ! -s "$tmp/messages" ] || status=1
report $status 'every rule of threads names its test'

status=0
for page in "$srcdir/README.md" "$docs"/*.md; do
  for link in $(grep -o '](\([A-Za-z./-]*\))' "$page" | sed 's/^](//; s/)$//' | sort -u); do
    [ -e "$(dirname "$page")/$link" ] ||
      { echo "$(basename "$page") links to $link" >> "$tmp/messages"; status=1; }
  done
done
report $status 'the files that are linked to'

echo "1..$n"
exit "$failed"
