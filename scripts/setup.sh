# shellcheck shell=bash
# What quickstart and check have in common. To be sourced, by bash, with
# “set -euo pipefail” in force.

# shellcheck disable=SC2034 # used where this is sourced
au_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
au_logs=$au_source/_build-logs
# shellcheck disable=SC2034
au_jobs=$(nproc 2>/dev/null || echo 2)

# Tests often wait for something: one more of them than there are processors.
# shellcheck disable=SC2034
au_test_jobs=$((au_jobs + 1))

say ()
{
  printf '%s\n' "$*"
}

complain ()
{
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# logged LOG COMMAND…: runs a command quietly, and shows the end of what it wrote
# when it fails
logged ()
{
  local log=$1 status=0
  shift
  mkdir -p "$(dirname "$log")"
  "$@" < /dev/null > "$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    complain "failed with status $status: $*"
    tail -n 40 "$log" | sed 's/^/    /' >&2
    complain "all of it is in $log"
  fi
  return "$status"
}

# as_root COMMAND…: with sudo where that is needed
as_root ()
{
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    complain "this must be done by root, and there is no sudo: $*"
    return 1
  fi
}

# need_packages GROUP…: installs what is missing of these groups of scripts/packages
need_packages ()
{
  local group package reason installed present=0
  local -a missing=() reasons=()

  if ! command -v dpkg-query > /dev/null; then
    say "packages: this is no Debian; scripts/packages tells what must be there"
    return 0
  fi

  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p')
  while read -r group package reason; do
    case " $* " in
      *" $group "*) ;;
      *) continue ;;
    esac
    if grep -qxF "$package" <<< "$installed"; then
      present=$((present + 1))
    else
      missing+=("$package")
      reasons+=("$reason")
    fi
  done < <(grep -v '^\(#\|$\)' "$au_source/scripts/packages")

  if [ ${#missing[@]} -eq 0 ]; then
    say "packages: all $present are there"
    return 0
  fi

  say "packages: installing ${#missing[@]} that are missing"
  local i
  for i in "${!missing[@]}"; do
    printf '  %-24s %s\n' "${missing[i]}" "${reasons[i]}"
  done
  logged "$au_logs/apt-update.log" as_root apt-get -q update
  logged "$au_logs/apt-install.log" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q install --yes --no-install-recommends "${missing[@]}"
}

# bootstrap: makes configure, unless it is there and as new as what it is made from
bootstrap ()
{
  local newer=

  if [ -f "$au_source/configure" ]; then
    newer=$(find "$au_source" -path "$au_source/_build*" -prune -o -path "$au_source/.git" -prune -o \
      \( -name configure.ac -o -name '*.am' \) -newer "$au_source/configure" -print -quit)
    if [ -z "$newer" ]; then
      return 0
    fi
  fi
  say "bootstrap: autoreconf"
  (cd "$au_source" && logged "$au_logs/autoreconf.log" autoreconf -fi)
  # A configure that came out unchanged keeps its old time.
  touch "$au_source/configure"
}

# configure_in FOLDER OPTION…: configures a build folder, unless that was done with
# the same options before
configure_in ()
{
  mkdir -p "$1" "$au_logs"
  # Whoever comes second finds it done.
  (flock 9 && configure_locked "$@" 9>&-) 9> "$au_logs/configure-${1##*/}.lock"
}

configure_locked ()
{
  local folder=$1 wanted old=
  shift
  wanted=$(printf '%q ' "$@")

  if [ -f "$folder/.configured-with" ]; then
    old=$(cat "$folder/.configured-with")
  fi
  if [ -f "$folder/config.status" ] && [ "$old" = "$wanted" ] &&
     [ ! "$au_source/configure" -nt "$folder/.configured-with" ]; then
    return 0
  fi

  say "configure: in ${folder#"$au_source"/}"
  rm -f "$folder/.configured-with"
  (cd "$folder" && logged "$au_logs/configure-${folder##*/}.log" "$au_source/configure" "$@") || return 1
  # Objects do not depend on the options that they were compiled with.
  if [ -n "$old" ] && [ "$old" != "$wanted" ]; then
    logged "$au_logs/clean-${folder##*/}.log" make -C "$folder" clean || return 1
  fi
  printf '%s\n' "$wanted" > "$folder/.configured-with"
}
