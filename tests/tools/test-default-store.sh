#!/bin/sh
# What au keeps without a key file: in a database, for all programs of a user at once, and
# whatever is killed.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tools.sh"

unset AU_CONFIG
export XDG_STATE_HOME="$tmp/state" XDG_CONFIG_HOME="$tmp/none" XDG_CONFIG_DIRS="$tmp/none"

seq 60 > "$tmp/numbers"
cat > "$tmp/program" <<'END'
#!/bin/sh
echo "$2" >> "$1"
echo "did $2"
END
chmod +x "$tmp/program"

# did FILE: how often the program has run
did ()
{
  wc -l < "$1"
}

echo 1 > "$tmp/one"
run 0 map --name first -a "$tmp/one" --command ./program "$tmp/first"
run 0 map --resume --name first -a "$tmp/one" --command ./program "$tmp/first"
[ -f "$tmp/state/au/au.db" ] || wrong 'there is no database'
out '"stored":true'
[ "$(did "$tmp/first")" -eq 1 ] || wrong 'it was done again'
ok 'records are kept in a database'

# n_times INPUT: how often the program has run for it
n_times ()
{
  grep -c "^$1\$" "$tmp/killed"
}

# Two terminals at once, of which one is killed again and again.
: > "$tmp/told"
"$builddir/tools/au" map --name other -a "$tmp/numbers" --command ./program "$tmp/other" \
  > "$tmp/other.out" 2> "$tmp/other.err" &
other=$!
for lines in 3 10 17 25; do
  : > "$tmp/killed.out"
  "$builddir/tools/au" map --resume --name killed --jobs 2 -a "$tmp/numbers" \
    --command ./program "$tmp/killed" > "$tmp/killed.out" 2> /dev/null &
  pid=$!
  while [ "$(did "$tmp/killed.out")" -lt "$lines" ] && kill -0 "$pid" 2> /dev/null; do
    sleep 0.01
  done
  kill -KILL "$pid" 2> /dev/null || :
  wait "$pid" 2> /dev/null || :

  # What was told is recorded. The last line may be cut off.
  sed -n 's/.*"input":"\([0-9]*\)".*"status":"completed".*}$/\1/p' "$tmp/killed.out" |
    while read -r input; do
      echo "$input $(n_times "$input")"
    done >> "$tmp/told"
done
[ -s "$tmp/told" ] || wrong 'nothing was told before it was killed'
run 0 map --resume --name killed -a "$tmp/numbers" --command ./program "$tmp/killed"
lines 60
while read -r input count; do
  [ "$(n_times "$input")" -eq "$count" ] || wrong "$input was done again"
done < "$tmp/told"
ok 'what is recorded is not computed again, whatever is killed'

wait "$other" || wrong 'the other terminal failed'
[ "$(did "$tmp/other.out")" -eq 60 ] || wrong 'the other terminal lacks something'
[ "$(did "$tmp/other")" -eq 60 ] || wrong 'the other terminal did something twice'
run 0 list --json --status completed
lines 121
ok 'two terminals use one database at the same time'

done_testing
