#!/bin/sh
# What au is for, on real files: digests every file of this checkout, of the system's
# documentation and of its headers, and looks at what came out.
#
# usage: scripts/main-job.sh
#
# Everything goes into the folder main-job of the build folder, unless $AU_MAIN_JOB
# names another one.

set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "${AU_DEVENV-}" ]; then
  exec "$source/devenv" "$0" "$@"
fi
build=$AU_DEVENV
folder=${AU_MAIN_JOB:-$build/main-job}
config=$folder/au.conf

mkdir -p "$folder"

# The uninstalled au of the build folder, with the settings of this job.
au ()
{
  command au --config "$config" "$@"
}

# step TEXT: what happens now
step ()
{
  number=$((${number-0} + 1))
  printf '\n%d. %s\n' "$number" "$1"
}

# command TEXT: how a user does the same
command_line ()
{
  printf '   $ %s\n' "$1"
}

printf 'In the uninstalled au, “au” below is “./devenv au --config %s”.\n' "$config"

step "Say where results are kept and what computes: a key file. They are kept in $folder/store."
command_line "cat $config"
cat > "$config" <<END
[au]
store=results
backend=threads

[store results]
type=file
path=$folder/store

[backend threads]
type=thread
END
sed 's/^/     /' "$config"
au config check

step 'List the files: those of this checkout, of /usr/share/doc and of /usr/include.'
command_line "find $source /usr/share/doc /usr/include -type f -print0 > files"
# What is not there is left out: a small system has no headers.
find "$source" -type f -not -path '*/.git/*' -not -path '*/_build*/*' -print0 > "$folder/files"
for other in /usr/share/doc /usr/include; do
  if [ -d "$other" ]; then
    find "$other" -type f -print0 >> "$folder/files"
  fi
done
n=$(tr -cd '\0' < "$folder/files" | wc -c)
echo "   $n files"

step "Digest each of them: media type, size, SHA-256 and number of lines."
command_line 'au map --null digest.file < files > results.json'
# A file that this user may not read, or that changes, is a failure and no reason to end.
au map --null digest.file < "$folder/files" > "$folder/results.json" || [ $? -eq 1 ]

step 'Show the ten largest. Each result is a line of JSON, so any tool can read it.'
by_size='s/{"input":"\(.*\)","key":.*"value":\["\([^"]*\)",\([0-9]*\),.*/\3 \2 \1/p'
command_line "sed -n '$by_size' results.json | sort -rn | head"
sed -n "$by_size" "$folder/results.json" | sort -rn > "$folder/by-size"
head -n 10 "$folder/by-size" | while read -r size type name; do
  printf '   %10d  %-24s %s\n' "$size" "$type" "$name"
done

step 'Start again: every answer comes from the store, and nothing is computed.'
command_line 'au map --null --resume digest.file < files > again.json'
au map --null --resume digest.file < "$folder/files" > "$folder/again.json" || [ $? -eq 1 ]
stored=$(grep -c '"stored":true' "$folder/again.json" || :)
recorded=$(grep -vc '"key":null' "$folder/again.json" || :)
echo "   $stored of $n answers came from the store"
[ "$stored" -eq "$recorded" ]

step 'Look at one of them later, in another process, by its key.'
key=$(sed -n '1s/.*"key":"\([^"]*\)".*/\1/p' "$folder/results.json")
command_line "au status $key; au result $key"
au status "$key" | sed 's/^/   /'
au result "$key" | sed 's/^/   /'

step 'See how a failure is told: the file does not exist, the exit code is 1, the record stays.'
command_line 'au map digest.file /no/such/file; au list --status failed'
au --quiet map digest.file /no/such/file > "$folder/failure.json" || echo "   exit code $?"
sed 's/^/   /' "$folder/failure.json"
au list --status failed | sed 's/^/   /'
au remove --status failed --quiet

printf '\nDone. “au help” lists the commands, “man %s/docs/man/au.1” tells all about them.\n' "$source"
