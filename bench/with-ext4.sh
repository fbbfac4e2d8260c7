#!/bin/sh
# Runs a command with a folder on a journaled ext4 of its own, which is a file that is
# mounted for that long; for root only.
#
# usage: with-ext4.sh COMMAND [ARGUMENT…]
#
# @ in an argument stands for the folder:
#
#   bench/with-ext4.sh bench/bench-file-store --folder=@

set -eu

size=${AU_BENCH_EXT4_SIZE:-4G}

if [ "$(id -u)" -ne 0 ]; then
  echo "with-ext4.sh: only root can mount a file system" >&2
  exit 77
fi

tmp=$(mktemp -d "${TMPDIR:-/var/tmp}/au-ext4-XXXXXX")
trap 'umount "$tmp/folder" 2>/dev/null || :; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

mkdir "$tmp/folder"
truncate -s "$size" "$tmp/image"
# As many files as a million records need; all of it now, not while it is measured.
mkfs.ext4 -q -F -i 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$tmp/image"
mount -o loop "$tmp/image" "$tmp/folder"

for argument in "$@"; do
  shift
  set -- "$@" "$(printf '%s' "$argument" | sed "s|@|$tmp/folder|g")"
done

"$@"
