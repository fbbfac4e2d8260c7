# shellcheck shell=bash
# The parts of check. To be sourced by it: it uses scripts/setup.sh, and adds to
# passed, failed, skipped and summary.
# shellcheck disable=SC2154 # what scripts/setup.sh sets

# Results of the part that runs
part_passed=0
part_failed=0
part_skipped=0
part_remark=

# run_part NAME: runs part_NAME, and keeps its results whatever becomes of it
run_part ()
{
  local name=$1 start=$SECONDS status=0 verdict=ok

  part_passed=0
  part_failed=0
  part_skipped=0
  part_remark=
  "part_$name" || status=$?

  # Failed tests have been counted; this is for what cannot be counted.
  if [ "$status" -ne 0 ] && [ "$part_failed" -eq 0 ]; then
    part_failed=1
  fi
  if [ "$part_failed" -ne 0 ]; then
    verdict=FAILED
  fi
  passed=$((passed + part_passed))
  failed=$((failed + part_failed))
  skipped=$((skipped + part_skipped))
  summary+=("$(printf '%-10s %-6s %5d s %6d passed %4d failed %4d skipped%s' \
    "$name" "$verdict" $((SECONDS - start)) \
    "$part_passed" "$part_failed" "$part_skipped" "${part_remark:+  ($part_remark)}")")
  say "${summary[-1]}"
}

# An expected failure is no success and no failure: it counts as skipped. A test
# that succeeds although it is expected to fail must be looked at.
#
# count_results LOG: adds up the summaries that “make check” wrote to a log
count_results ()
{
  local log=$1 total pass fail skip

  read -r total pass fail skip < <(awk '
    /^# TOTAL: / { total += $3 }
    /^# PASS: / { pass += $3 }
    /^# (FAIL|XPASS|ERROR): / { fail += $3 }
    /^# (SKIP|XFAIL): / { skip += $3 }
    END { print total + 0, pass + 0, fail + 0, skip + 0 }' "$log")
  part_passed=$((part_passed + pass))
  part_failed=$((part_failed + fail))
  part_skipped=$((part_skipped + skip))
  if [ "$total" -eq 0 ]; then
    part_remark="no test ran"
    return 1
  fi
}

# show_failed FOLDER: the logs of the tests that failed
show_failed ()
{
  local trs log

  while read -r trs; do
    log=${trs%.trs}.log
    say
    say "-- ${log#"$au_source"/}"
    if [ "$(wc -l < "$log")" -gt 300 ]; then
      say "   (the last 300 lines)"
    fi
    tail -n 300 "$log"
  done < <(find "$1" -name '*.trs' -exec grep -lE '^:global-test-result: (FAIL|XPASS|ERROR)' '{}' + | sort)
}

# no_warnings LOG: the names of tests may say “warning”, and libtool always reminds of
# something; the compiler must not
no_warnings ()
{
  local found

  found=$(grep -n 'warning:' "$1" | grep -vE '^[0-9]+:((PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): |libtool: )' || :)
  if [ -n "$found" ]; then
    say "warnings in $1:"
    printf '%s\n' "$found" | head -n 20
    part_remark="warnings"
    return 1
  fi
}

# make_in FOLDER LOG TARGET…: the compiler's part
make_in ()
{
  local folder=$1 log=$2
  shift 2
  logged "$log" make -C "$folder" -j"$au_jobs" "$@" || { part_remark="make failed"; return 1; }
  no_warnings "$log"
}

# test_in FOLDER LOG COMMAND…: a command that runs tests by make, in FOLDER
test_in ()
{
  local folder=$1 log=$2 status=0 result=0
  shift 2

  # What an earlier run left must not be taken for a result of this one.
  find "$folder" -name '*.trs' -delete
  "$@" < /dev/null > "$log" 2>&1 || status=$?
  count_results "$log" || result=1
  if [ "$part_failed" -ne 0 ]; then
    show_failed "$folder"
  elif [ "$status" -ne 0 ]; then
    # no test failed, so something else did
    tail -n 40 "$log" | sed 's/^/    /'
    part_remark=${part_remark:-"failed beside the tests, see ${log#"$au_source"/}"}
  fi
  no_warnings "$log" || result=1
  if [ "$status" -ne 0 ]; then
    result=1
  fi
  return "$result"
}

# What each part is configured with. Most of that is one process that waits for others, so
# it is done for the next parts while the first ones are at work.

configure_build ()
{
  configure_in "$au_source/_build" --enable-werror --enable-introspection --enable-vala
}

# A sanitized library cannot be loaded by the scanner, and translations would write
# to the source folder once more.
plain=(--disable-introspection --disable-vala --disable-nls)

# The sanitizers make the compiler see variables that might be used unset.
configure_asan ()
{
  configure_in "$au_source/_build-asan" "${plain[@]}" --enable-sanitizers=address,undefined \
    CFLAGS="-g1 -O1 -Wno-maybe-uninitialized"
}

# An rpath of the old kind also governs what libraries of libraries are found,
# such as the GLib of json-glib; and unlike LD_LIBRARY_PATH it does not reach
# programs that are not instrumented, which could not load this GLib.
configure_tsan ()
{
  tsan_glib || { part_remark="no GLib for ThreadSanitizer"; return 1; }
  configure_in "$au_source/_build-tsan" "${plain[@]}" --enable-sanitizers=thread \
    CFLAGS="-g1 -O1 -Wno-maybe-uninitialized" \
    LDFLAGS="-Wl,--disable-new-dtags -Wl,-rpath,$tsan_glib/lib" \
    PKG_CONFIG_PATH="$tsan_glib/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
}

configure_static ()
{
  configure_in "$au_source/_build-static" "${plain[@]}" --enable-werror --enable-builtin-modules=all \
    --enable-static --disable-shared CFLAGS="-g0 -O0"
}

configure_fuzz ()
{
  configure_in "$au_source/_build-fuzz" "${plain[@]}" --enable-static --disable-shared CC=clang \
    CFLAGS="-g1 -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined"
}

configure_distcheck ()
{
  configure_build
}

configure_install ()
{
  configure_build
}

# configure_ahead PART…: in the background; a part that needs one waits for it, and tells
# of what went wrong
configure_ahead ()
{
  local part

  renice -n 10 "$BASHPID" > /dev/null
  for part in "$@"; do
    "configure_$part" > /dev/null 2>&1 || :
  done
}

part_build ()
{
  local folder=$au_source/_build

  configure_build || return 1
  make_in "$folder" "$au_logs/build-make.log" || return 1
  test_in "$folder" "$au_logs/build-check.log" make -C "$folder" -j"$au_test_jobs" check
}

part_asan ()
{
  local folder=$au_source/_build-asan

  configure_asan || return 1
  make_in "$folder" "$au_logs/asan-make.log" || return 1
  test_in "$folder" "$au_logs/asan-check.log" make -C "$folder" -j"$au_test_jobs" check-programs
}

part_tsan ()
{
  local folder=$au_source/_build-tsan
  local -a without_aslr=()

  configure_tsan || return 1
  make_in "$folder" "$au_logs/tsan-make.log" || return 1

  # With more random bits in addresses than this, programs of gcc 12 do not start.
  if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)" -gt 28 ]; then
    if setarch -R true 2>/dev/null; then
      without_aslr=(setarch -R)
    else
      say "tsan: vm.mmap_rnd_bits is above 28 and cannot be bypassed here"
    fi
  fi
  test_in "$folder" "$au_logs/tsan-check.log" \
    "${without_aslr[@]}" make -C "$folder" -j"$au_test_jobs" check-programs
}

# Everything in one static library: only what is different then is tested.
part_static ()
{
  local folder=$au_source/_build-static

  configure_static || return 1
  make_in "$folder" "$au_logs/static-make.log" tools/au tests/module/test-builtin || return 1
  test_in "$folder" "$au_logs/static-check.log" make -C "$folder" -j"$au_jobs" check-TESTS \
    TESTS="tests/module/test-builtin tests/tools/test-static.sh"
}

# How long the fuzzer runs; its corpus grows in the build folder from run to run.
fuzz_seconds=${AU_FUZZ_SECONDS:-15}

part_fuzz ()
{
  local folder=$au_source/_build-fuzz log=$au_logs/fuzz.log

  configure_fuzz || return 1
  make_in "$folder" "$au_logs/fuzz-make.log" tests/fuzz/fuzz-key-file || return 1
  mkdir -p "$folder/corpus/key-file"
  if ! (cd "$folder" && ASAN_OPTIONS=detect_leaks=1 tests/fuzz/fuzz-key-file -timeout=5 -max_len=4096 \
         -max_total_time="$fuzz_seconds" -print_final_stats=1 \
         corpus/key-file "$au_source/tests/fuzz/key-file") < /dev/null > "$log" 2>&1; then
    tail -n 60 "$log"
    part_remark="what it found is in $folder"
    return 1
  fi
  part_passed=1
  part_remark="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
}

part_distcheck ()
{
  local folder=$au_source/_build status=0

  configure_build || return 1
  make_in "$folder" "$au_logs/distcheck-make.log" || return 1
  test_in "$folder" "$au_logs/distcheck.log" \
    env AU_SKIP_TEMPLATE=yes make -C "$folder" -j"$au_test_jobs" distcheck \
      DISTCHECK_CONFIGURE_FLAGS=--enable-werror || status=1
  # A failed distcheck leaves a read-only copy of everything.
  find "$folder" -maxdepth 1 -name 'au-[0-9]*' -type d \
    -exec chmod -R u+w '{}' + -exec rm -rf '{}' +
  return "$status"
}

part_install ()
{
  local folder=$au_source/_build stage=$au_source/_build-stage log=$au_logs/install-check.log
  local status=0 pass fail skip

  configure_build || return 1
  make_in "$folder" "$au_logs/install-make.log" || return 1
  rm -rf "$stage"
  logged "$au_logs/install.log" make -C "$folder" install DESTDIR="$stage" || return 1

  make -s -C "$folder" installcheck DESTDIR="$stage" < /dev/null > "$log" 2>&1 || status=$?
  read -r pass fail skip < <(awk '
    /^ok .*# SKIP/ { skip++; next }
    /^ok / { pass++ }
    /^not ok / { fail++ }
    END { print pass + 0, fail + 0, skip + 0 }' "$log")
  part_passed=$pass
  part_failed=$fail
  part_skipped=$skip
  if [ $((pass + fail)) -eq 0 ]; then
    part_remark="no test ran"
    status=1
  fi
  if [ "$status" -ne 0 ]; then
    cat "$log"
  fi
  return "$status"
}

# ThreadSanitizer knows pthread calls, but not the futexes in GLib's own locks: with
# an ordinary GLib every correct program is full of races. So a GLib is compiled for
# it, once, from Debian's source package, and kept in the cache of the user.
#
# tsan_glib: sets the variable tsan_glib to the folder of that GLib
tsan_glib ()
{
  local version cache work

  version=$(dpkg-query -W -f='${source:Version}' libglib2.0-dev) || return 1
  cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/au-build
  tsan_glib=$cache/glib-tsan-$version
  mkdir -p "$cache"

  # Two checks at once would build it twice into one place.
  exec 9> "$cache/lock"
  flock 9
  if [ ! -f "$tsan_glib/.complete" ]; then
    say "tsan: building GLib $version for ThreadSanitizer, once, into $tsan_glib"
    work=$tsan_glib.work
    rm -rf "$work" "$tsan_glib"
    mkdir -p "$work"
    if ! build_tsan_glib "$version" "$work"; then
      exec 9>&-
      return 1
    fi
    touch "$tsan_glib/.complete"
    rm -rf "$work"
  fi
  exec 9>&-
}

# build_tsan_glib VERSION WORK-FOLDER
build_tsan_glib ()
{
  local version=$1 work=$2 source
  local -a apt

  # Source packages are not enabled on most machines: use the machine's own sources
  # as such, without touching its configuration.
  mkdir -p "$work/apt/sources" "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $file in
      *.list)
        [ -f "$file" ] || continue
        sed -n 's/^deb[[:space:]]/deb-src /p' "$file"
        ;;
    esac
  done > "$work/apt/sources/all.list"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    sed 's/^Types:.*/Types: deb-src/' "$file" > "$work/apt/sources/${file##*/}"
  done
  apt=(apt-get -q
    -o Dir::Etc::sourcelist=/dev/null
    -o Dir::Etc::sourceparts="$work/apt/sources"
    -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache"
    -o Acquire::Languages=none
    -o APT::Sandbox::User=)
  logged "$au_logs/glib-apt-update.log" "${apt[@]}" update || return 1
  (cd "$work" && logged "$au_logs/glib-apt-source.log" "${apt[@]}" source "glib2.0=$version") || return 1

  source=$(find "$work" -maxdepth 1 -type d -name 'glib2.0-*' -print -quit)
  logged "$au_logs/glib-meson.log" env -u CFLAGS -u LDFLAGS meson setup "$work/build" "$source" \
    --prefix="$tsan_glib" --libdir=lib --buildtype=debugoptimized --wrap-mode=nodownload \
    -Db_sanitize=thread -Db_lundef=false \
    -Dtests=false -Dinstalled_tests=false -Dnls=disabled -Dselinux=disabled \
    -Dlibelf=disabled -Dman=false -Dgtk_doc=false -Ddtrace=false -Dsystemtap=false || return 1
  logged "$au_logs/glib-ninja.log" ninja -C "$work/build" -j"$au_jobs" install || return 1
}
