#!/bin/sh
# Every file with a message for users is known to the translators, every message is
# whole, and every translation is well formed. How many messages a translation lacks
# is told only: whoever writes a message need not know every language.

set -eu

srcdir=${abs_top_srcdir:?is set by make check}

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

cd "$srcdir"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

status=0
grep -rlE --include='*.[ch]' '(^|[^A-Za-z0-9_])(N?C?_|g_dn?gettext|g_dpgettext2?|AU_MODULE_DEFINE) ?\(' \
    core plugins tools testing > "$tmp/files" || :
while read -r file; do
  if ! grep -qxF "$file" po/POTFILES.in; then
    echo "# $file is missing in po/POTFILES.in"
    status=1
  fi
done < "$tmp/files"
report $status 'every file with translated strings is in po/POTFILES.in'

status=0
while read -r file; do
  case $file in
    '' | '#'*) continue ;;
  esac
  if [ ! -f "$file" ]; then
    echo "# po/POTFILES.in names $file, which does not exist"
    status=1
  elif ! grep -qxF "$file" "$tmp/files"; then
    echo "# po/POTFILES.in names $file, which has no translated strings"
    status=1
  fi
done < po/POTFILES.in
report $status 'every file in po/POTFILES.in has translated strings'

# With the words that the translators use.
template=
if command -v xgettext > /dev/null; then
  options=$(sed -n '/^XGETTEXT_OPTIONS *=/,/[^\\]$/ { s/^XGETTEXT_OPTIONS *=//; s/\\$//; p; }' po/Makevars)
  status=0
  # shellcheck disable=SC2086
  xgettext $options --files-from=po/POTFILES.in --add-location=file --no-wrap \
           --output="$tmp/au.pot" > "$tmp/messages" 2>&1 || status=1
  sed 's/^/# /' "$tmp/messages"
  # A macro such as G_GSIZE_FORMAT ends what is extracted, which then is no message of
  # the program: “%zu” and the macros of inttypes.h are understood.
  if [ "$status" -eq 0 ] && grep -n '[^%]%"$' "$tmp/au.pot" > "$tmp/cut"; then
    sed 's/^/# cut short: /' "$tmp/cut"
    status=1
  fi
  if [ "$status" -eq 0 ]; then
    template=$tmp/au.pot
  fi
  report $status 'every message can be extracted whole'
else
  n=$((n + 1))
  echo "ok $n - every message can be extracted whole # SKIP there is no xgettext"
fi

while read -r language; do
  case $language in
    '' | '#'*) continue ;;
  esac
  if command -v msgfmt > /dev/null; then
    status=0
    msgfmt --check --output-file=/dev/null "po/$language.po" > "$tmp/messages" 2>&1 || status=1
    sed 's/^/# /' "$tmp/messages"
    report $status "po/$language.po is well formed"

    if [ "$status" -eq 0 ] && [ -n "$template" ] && command -v msgmerge > /dev/null; then
      msgmerge --quiet --no-fuzzy-matching --output-file="$tmp/$language.po" "po/$language.po" "$template"
      echo "# $language: $(LC_ALL=C msgfmt --statistics --output-file=/dev/null "$tmp/$language.po" 2>&1)"
    fi
  else
    n=$((n + 1))
    echo "ok $n - po/$language.po is well formed # SKIP there is no msgfmt"
  fi
done < po/LINGUAS

echo "1..$n"
exit "$failed"
