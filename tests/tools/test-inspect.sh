#!/bin/sh
# shellcheck disable=SC1111 # quotes for people
# No module, however broken, keeps au inspect from listing the others.

# shellcheck source=tests/tools/tools.sh
. "${abs_top_srcdir:?is set by make check}/tests/tools/tools.sh"

export AU_CONFIG=
built=$builddir/tests/modules/.libs
dangerous=$builddir/tests/modules/dangerous/.libs

# row MODULE TEXT: what the line about a store says
row ()
{
  grep -qE "^store +$1 +$2\$" "$tmp/out" || wrong "no line says of $1: $2"
}

# broken MODULE TEXT
broken ()
{
  row "$1" "- +cannot be used: $2"
}

export AU_MODULE_PATH="$builddir/tests/modules:$builddir/tests/modules/dangerous"
run 0 inspect --timeout 2s store
no_err
row good '1\.2 +A store for tests'
row loud '1\.0 +Dangerous on purpose'
broken crash-loading 'opening it crashes \(signal 6, Aborted\)'
broken crash-get-type 'opening it crashes \(signal 6, Aborted\)'
broken crash-class 'opening it crashes \(signal 6, Aborted\)'
broken exit-loading 'opening it ends the process'
broken hang 'opening it takes longer than 2s'
broken abstract ".*$built/au_store_abstract\\.so provides .* by the abstract type MuseumAbstract.*"
broken bad-name ".*describes its type .*badly.*"
broken functions '.*provides functions, which only a module au_function_NAME may do.*'
broken newer-minor '.*was built for au 1\.3 and this is au 1\.0.*'
broken no-descriptor '.*is no module of au.*'
broken no-gtype '.*gives no GType.*'
broken other-abi '.*was built for module interface .*'
broken other-name '.*says that its name is .*'
broken provides-other '.*provides no store “provides-other”, as its name says.*'
broken second-libau '.*is linked to another copy of libau.*'
broken small '.*has a descriptor of 24 bytes.*'
broken twice '.*provides two types.*'
broken undefined '.*undefined symbol.*'
broken unknown-kind '.*describes its type .*badly.*'
broken wrong-interface '.*which is no object that implements AuStore.*'
ok 'every broken module is one line, and the others are listed'

run 0 inspect --timeout 2s --json store
is_json
out '"name":"crash-loading".*"error":"opening it crashes'
out '"name":"loud".*"version":"1.0"'
ok 'the same in JSON'

run 4 inspect --timeout 100ms hang
err 'takes longer than 100ms'
run 4 inspect crash-get-type
err 'crashes'
ok 'one that is asked for by name is an error'

run 0 inspect --exists store/good
no_out
no_err
run 0 inspect --exists store/good --atleast-version 1.2
run 0 inspect --exists store/good --atleast-version 1.1.9
run 0 inspect --exists store/good --atleast-version 1.2.0
run 3 inspect --exists store/good --atleast-version 1.10
no_out
err 'store/good has the version 1.2, and 1.10 or a newer one is wanted'
run 3 inspect --exists store/godo
err 'did you mean “good”'
run 3 inspect --exists store
run 4 inspect --exists store/crash-loading
err 'store/crash-loading: opening it crashes'
run 0 inspect --json --exists store/good
is_json
run 2 inspect --exists
run 2 inspect --atleast-version 1.0 good
run 2 inspect --exists good --atleast-version new
ok 'a script can ask whether there is a part, and of which version'

cat > bad.conf <<'END'
[au]
stor=main
nonsense
[store main]
type=good
limit=99
pin=123456
password=hunter2
[stor other]
[backend main]
type=god
END
for command in 'inspect --check bad.conf' 'config check bad.conf' '--config bad.conf config show'; do
  # shellcheck disable=SC2086 # a list of words
  run 4 $command
  no_out
  err 'bad.conf:2: \[au\] stor: no such key; did you mean “store”?'
  err 'bad.conf:3: this line is neither'
  err 'bad.conf:6: \[store main\] limit: “99” is not allowed: it takes a whole number from 1 to 64'
  err 'bad.conf:7: \[store main\] pin: the secret is not allowed'
  err 'bad.conf:9: \[stor other\]: no such group; did you mean “store”?'
  err 'bad.conf:11: \[backend main\] type: no such backend: “god”; did you mean “good”?'
  [ "$(wc -l < "$tmp/err")" -eq 6 ] || wrong 'not six lines'
  ! grep -q 'hunter2\|123456' "$tmp/err" || wrong 'a secret is told'
done
run 4 inspect --json --check bad.conf
is_json
out '"valid":false,"mistakes":\["bad.conf:2: '
run 2 inspect --check bad.conf good
ok 'all mistakes of a key file are listed at once'

printf '[store main]\ntype=crash-loading\n[backend main]\ntype=good\n' > crash.conf
run 4 config check crash.conf
err 'a module that the settings name cannot be used: opening it crashes (signal 6, Aborted)'
run 4 config show crash.conf
err 'crashes'
ok 'a module that crashes does not end a check'

printf '[au]\nttl=1h\n[store main]\ntype=good\npassword=hunter2\npin=@pin\n[backend main]\ntype=good\n' > good.conf
echo 1234 > pin
run 0 config check good.conf
out_is 'good.conf: the settings are valid'
run 0 -o store.main.limit=5 config show good.conf
out '^# good.conf:2$'
out '^# override$'
out '^# default$'
out '^password=(secret)$'
out '^pin=(secret)$'
! grep -q 'hunter2\|1234' "$tmp/out" || wrong 'a secret is shown'
run 0 config show --json good.conf
is_json
! grep -q 'hunter2\|1234' "$tmp/out" || wrong 'a secret is shown'
run 0 inspect store/good
out '^  ttl='
out 'duration.* from 0'
out 'size.*written as 512, 64KiB, 2MB'
out ', secret: @FILE reads it from a file'
ok 'secrets are never shown, and settings say where they come from'

done_testing
