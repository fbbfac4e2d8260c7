#!/usr/bin/env bash
# What “au map” costs for each item, beside xargs and GNU parallel, in turn.
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# usage: ./devenv bench/bench-map.sh [RUNS]
#
# Prints one line of JSON for each figure: medians in seconds, and the median of the
# ratios of each pair of runs.

set -euo pipefail

runs=${1:-5}
n_files=${N_FILES:-50000}
n_commands=${N_COMMANDS:-2000}
folder=$(mktemp -d "${TMPDIR:-/tmp}/au-bench-XXXXXX")
trap 'rm -rf "$folder"' EXIT

median () {
  sort -g | awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'
}

# Prints the seconds that a command takes.
seconds () {
  local start end

  start=$(date +%s%N)
  "$@" > "$folder/output" 2> "$folder/messages" || { cat "$folder/messages" >&2; exit 1; }
  end=$(date +%s%N)
  awk -v ns=$((end - start)) 'BEGIN { printf "%.4f\n", ns / 1e9 }'
}

# figure NAME OURS PEER-NAME PEER, the commands being functions
figure () {
  local name=$1 ours=$2 peer_name=$3 peer=$4 i own other

  : > "$folder/own"; : > "$folder/peer"; : > "$folder/ratio"
  "$ours" > /dev/null 2>&1 || true
  "$peer" > /dev/null 2>&1 || true
  for ((i = 0; i < runs; i++)); do
    own=$(seconds "$ours")
    other=$(seconds "$peer")
    echo "$own" >> "$folder/own"
    echo "$other" >> "$folder/peer"
    awk -v a="$own" -v b="$other" 'BEGIN { print a / b }' >> "$folder/ratio"
  done
  printf '{"figure": "%s", "unit": "s", "runs": %d, "au": %s, "peer": "%s", "peer-value": %s, "ratio": %s, "better": "less"}\n' \
         "$name" "$runs" "$(median < "$folder/own")" "$peer_name" \
         "$(median < "$folder/peer")" "$(median < "$folder/ratio")"
}

memory=(-o store.main.type=memory -o backend.main.type=thread)

mkdir "$folder/files"
(
  cd "$folder/files"
  head -c $((n_files * 256)) /dev/urandom | od -An -v -tx1 | tr -d ' \n' |
    split -b 512 -a 5 -d - file-
)
find "$folder/files" -type f > "$folder/list"

digest_memory () { au "${memory[@]}" map digest.file < "$folder/list"; }
digest_xargs () { xargs -P2 -n64 sha256sum < "$folder/list"; }
figure map.digest.memory digest_memory "xargs -P2 -n64 sha256sum" digest_xargs

digest_file () {
  rm -rf "$folder/store"
  au -o store.main.type=file -o "store.main.path=$folder/store" map digest.file < "$folder/list"
}
figure map.digest.file-store digest_file "the same with the memory store" digest_memory

digest_sqlite () {
  rm -f "$folder"/au.db*
  au -o store.main.type=sqlite -o "store.main.path=$folder/au.db" map digest.file < "$folder/list"
}
figure map.digest.sqlite-store digest_sqlite "the same with the file store" digest_file

seq "$n_commands" > "$folder/numbers"
command_au () { au "${memory[@]}" -o backend.main.max-workers=2 map --command -- true < "$folder/numbers"; }
command_xargs () { xargs -P2 -n1 true < "$folder/numbers"; }
figure map.command command_au "xargs -P2 -n1 true" command_xargs

if command -v parallel > /dev/null; then
  command_parallel () { parallel -j2 true < "$folder/numbers"; }
  figure map.command.parallel command_au "parallel -j2 true" command_parallel
fi
