#!/bin/sh
# The commands of au, one after the other: what they print, where, and how they end.

# shellcheck disable=SC1111,SC2016 # quotes for people; programs for other shells

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tools.sh"

# The program itself

run 0 --version
out '^au [0-9]'
no_err
ok 'au --version tells the version'

run 0 --help
out 'Exit codes'
for command in run submit map status result wait watch list cancel retry remove cleanup \
    functions inspect config; do
  out "^  $command "
done
ok 'au --help lists the commands and the exit codes'

for command in run submit map status result wait watch list cancel retry remove cleanup \
    functions inspect config; do
  run 0 help $command
  out "au $command"
  out '\-\-config'
  no_err
  cp "$tmp/out" "$tmp/help"
  run 0 $command --help
  cmp -s "$tmp/out" "$tmp/help" || wrong "the two helps of $command differ"
done
ok 'every command has help'

run 2
err 'a command is missing'
no_out
run 2 stauts
err 'did you mean “status”'
run 2 xyzzy
err '“xyzzy” is no command'
run 2 help stauts
err 'did you mean “status”'
run 2 --nonsense
err 'nonsense'
run 2 list --nonsense
err 'nonsense'
err 'au help list'
no_out
ok 'a wrong command line is refused, and the right one suggested'

# run

run 0 run trial.sum 17 25
out_is 42
no_err
ok 'au run prints the value and nothing else'

run 0 run trial.sum '(17, 25)'
out_is 42
run 0 run trial.sum '[17, 25]'
out_is 42
run 0 run --json-input trial.sum '[17, 25]'
out_is 42
run 0 run trial.sum -- -17 -25
out_is -42
run 0 run -- trial.sum -17 25
out_is 8
run 0 run trial.echo -- --
out_is '"--"'
run 0 run trial.sum 9007199254740993 0
out_is '"9007199254740993"'
ok 'arguments are words, GVariant text or JSON'

run 0 run trial.echo "it's [1] \"text\" – ü"
out_is '"it'\''s [1] \"text\" – ü"'
run 0 run trial.echo 'two
lines	and a tab'
out_is '"two\nlines\tand a tab"'
run 0 run trial.bytes 'xyz'
is_json
run 0 run trial.value '<1.5>'
out_is 1.5
run 0 run trial.value "{'a': [1, 2]}"
out_is '{"a":[1,2]}'
run 0 run trial.value '{"a": [true, null]}'
out_is '{"a":[true,null]}'
ok 'texts are taken as they are'

run 0 run trial.same name=text number:=5 list:='["a", "b"]'
is_json
out '"name":"text"'
out '"number":5'
out '"list":\["a","b"\]'
run 0 run trial.same '{"name": "text", "number": 5}'
out '"name":"text"'
run 2 run trial.same name
err 'NAME=TEXT'
ok 'a dictionary is given by names and values, or as one'

run 0 run --text trial.sum 1 2
out_is 'int64 3'
run 0 run --json trial.sum 1 2
is_json
out '"status":"completed"'
out '"value":3'
run 0 run trial.nothing x
no_out
no_err
ok 'the value may be printed as text, as a record, or not be'

run 0 run trial.count 3
out_is '1
2
3'
run 0 run trial.count 0
no_out
ok 'the items of a generator are one a line'

run 1 run trial.fail it
no_out
err 'trial.fail: “it” is busy'
run 1 run --json trial.fail it
is_json
out '"status":"failed"'
out '"name":"busy"'
ok 'a failure is told by message and exit code'

run 0 run --retries 1 --backoff 1ms trial.flaky x
out_is 2
ok 'what fails is tried again'

run 5 run --timeout 10ms trial.block "$tmp/blocked"
no_out
ok 'what takes too long ends with an exit code of its own'

run 2 run
err 'a function is missing'
run 3 run no.function
err 'no.function'
no_out
run 2 run trial.sum 1
err 'takes 2 arguments'
run 2 run trial.sum 1 two
err 'argument 2 of “trial.sum”'
err 'a whole number'
run 2 run trial.sum 1 99999999999999999999
err 'argument 2'
run 2 run --json-input trial.sum '[1'
run 2 run --json-input trial.sum '[1, "two"]'
run 2 run --key ../x trial.sum 1 2
err '\.\./x'
run 2 run --timeout soon trial.sum 1 2
err '\-\-timeout'
run 2 run --retries -1 trial.sum 1 2
err '\-\-retries'
no_out
ok 'bad arguments are refused before anything is recorded'

run 0 list --count
before=$(cat "$tmp/out")
run 0 run --key once trial.echo first
out_is '"first"'
run 0 run --key once trial.echo first
out_is '"first"'
run 0 list --count
[ "$(cat "$tmp/out")" -eq $((before + 1)) ] || wrong 'two records were made'
run 1 run --key once trial.echo second
err 'once'
ok 'the same key and call is computed once, another call refused'

# submit

run 0 submit --key sub-1 trial.echo text
out_is sub-1
run 0 submit --json trial.echo text
is_json
run 1 submit --key sub-2 trial.fail text
out_is sub-2
err 'busy'
run 2 submit trial.sum 1
no_out
ok 'au submit prints the key and goes on until the end'

run 0 submit --no-wait --key later trial.echo text
out_is later
err 'au run --resume later'
run 0 status later
out 'pending'
run 5 result later
err 'au run --resume later'
no_out
run 5 wait later
err 'au run --resume later'
run 0 run --resume later
out_is '"text"'
run 0 result later
out_is '"text"'
run 3 run --resume nowhere
err 'nowhere'
run 2 run --resume later trial.echo text
ok 'what was only recorded is computed when somebody takes it over'

run 2 --config "$tmp/memory.conf" submit --no-wait trial.echo text
err 'type=file'
ok 'nothing is recorded where it would not be kept'

# status, result, wait

run 0 status once sub-2
lines 2
out '^once .*completed'
out '^sub-2 .*failed.*busy'
run 0 status --json once sub-2
is_json
out '"key":"once".*"value":"first"'
out '"error":{"domain":"g-io-error-quark","code":[0-9]*,"name":"busy"'
run 3 status nowhere once
lines 1
err 'nowhere'
run 2 status ../x
err '\.\./x'
run 2 status
ok 'au status tells where computations stand'

run 0 result once
out_is '"first"'
run 0 result --text once
out_is "'first'"
run 1 result sub-2
err 'busy'
no_out
run 3 result nowhere
err 'nowhere'
run 2 result ../x
run 2 result
run 2 result once sub-1
run 0 run --key items trial.count 3
run 0 result items
out_is '1
2
3'
ok 'au result prints the value, or why there is none'

run 0 wait once sub-1
lines 2
run 1 wait once sub-2
lines 2
out '^sub-2 .*failed'
run 0 wait --json once
is_json
run 3 wait nowhere
run 2 wait
run 2 wait --timeout never once
ok 'au wait tells how computations ended'

# list

run 0 list
out '^KEY'
out '^once '
run 0 list --json
is_json
run 0 list --keys
out '^once$'
grep -v -x '[A-Za-z0-9._:-]*' "$tmp/out" > "$tmp/odd" && wrong "not a key: $(cat "$tmp/odd")"
all=$(wc -l < "$tmp/out")
run 0 list --count
out_is "$all"
run 0 list --count --json
out_is "{\"count\":$all}"
run 0 list --keys --limit 2
lines 2
last=$(tail -n 1 "$tmp/out")
run 0 list --keys --after-key "$last"
lines $((all - 2))
run 0 list --keys --status failed
out '^sub-2$'
grep -q '^once$' "$tmp/out" && wrong 'a completed one is listed as failed'
run 0 list --count --status failed,completed,pending,cancelled,running
out_is "$all"
run 0 list --keys --function trial.count
out '^items$'
run 0 list --count --since 1h
out_is "$all"
run 0 submit --tag red --tag blue --key tagged trial.echo x
run 0 list --keys --tag blue
out_is tagged
run 0 list --tag green
no_out
run 2 list --status nonsense
err 'nonsense'
run 2 list --since yesterday
run 2 list --limit -1
run 2 list extra
run 2 list --after-key ../x
ok 'au list chooses and pages'

# cancel, retry, remove, cleanup

run 0 submit --no-wait --key stop-1 trial.echo x
run 0 cancel stop-1
no_out
run 0 status stop-1
out 'cancelled'
run 1 result stop-1
err 'cancelled'
run 1 cancel stop-1
err 'stop-1'
run 3 cancel nowhere
run 2 cancel
err 'say which'
run 2 cancel --tag red once
err 'either'
run 0 submit --no-wait --tag stop --key stop-2 trial.echo x
run 0 submit --no-wait --tag stop --key stop-3 trial.echo x
run 0 cancel --tag stop
err '2 computations cancelled'
run 0 list --count --status cancelled --tag stop
out_is 2
ok 'au cancel cancels by key and by choice'

run 0 retry stop-1
out '^stop-1 .*completed'
run 1 run --key needs trial.exists "$tmp/needed"
run 1 retry needs
out '^needs .*failed'
: > "$tmp/needed"
run 0 retry --json needs
is_json
out '"status":"completed"'
run 1 retry once
err 'once'
run 3 retry nowhere
run 0 retry --tag stop
lines 2
run 2 retry
ok 'au retry computes once more'

run 0 remove once
run 3 status once
run 3 remove once
run 2 remove
run 0 remove --tag stop
err '2 computations removed'
run 0 list --tag stop
no_out
run 0 submit --no-wait --tag left --key left trial.echo x
run 0 remove --tag left
run 0 status left
ok 'au remove forgets by key and by choice, and not what has not ended'

run 0 cleanup
out_is 0
run 0 run --ttl 1ms --key short trial.echo x
run 0 run --ttl 1h --key long trial.echo x
run 0 cleanup --json
is_json
out_is '{"removed":1}'
run 3 status short
run 0 status long
run 2 cleanup long
ok 'au cleanup forgets what has expired'

# functions, inspect, config

run 0 functions
out '^trial.sum  *(xx) '
out '^digest.file '
out '^command '
run 0 functions --json
is_json
out '"name":"trial.sum","input":"(xx)","output":"x","form":"plain"'
out '"name":"trial.nothing","input":"(s)","output":null'
out '"name":"trial.count".*"iterator"'
run 0 functions --names
out '^trial.sum$'
run 0 functions trial.echo digest.file
lines 2
run 3 functions no.function
no_out
err 'no.function'
ok 'au functions lists functions with their types'

run 0 inspect
out '^store  *memory '
out '^backend  *thread '
out '^function  *digest '
run 0 inspect --json
is_json
run 0 inspect store
out '^store '
grep -q '^backend' "$tmp/out" && wrong 'a backend is listed as a store'
run 0 inspect backend/thread
out '^backend/thread '
out '^type=thread$'
out 'max-workers='
run 0 inspect --json thread
is_json
out '"name":"max-workers","type":"integer"'
run 0 inspect digest
out '^digest.file (s) '
run 3 inspect thraed
err 'did you mean “thread”'
run 2 inspect a b
ok 'au inspect shows modules and what can be set'

mkdir "$tmp/modules"
cat > "$tmp/crash.c" <<'END'
__attribute__ ((constructor)) static void crash (void) { __builtin_trap (); }
END
if ${CC:-cc} -shared -fPIC -o "$tmp/modules/au_function_crash.so" "$tmp/crash.c" 2> /dev/null; then
  echo 'no module' > "$tmp/modules/au_function_text.so"
  chmod -R go-w "$tmp/modules"
  saved=$AU_MODULE_PATH
  AU_MODULE_PATH="$tmp/modules:$saved"
  run 0 inspect
  out '^function  *crash .*crashes'
  out '^function  *text .*cannot be used'
  out '^function  *digest .*[0-9]'
  run 0 inspect --json function
  is_json
  out '"name":"crash".*"error":'
  run 4 inspect crash
  err 'crashes'
  run 0 functions
  out '^digest.file '
  err 'crash'
  AU_MODULE_PATH=$saved
  ok 'a module that crashes or is none is one line'
else
  skip 'a module that crashes or is none is one line' 'there is no compiler'
fi

run 0 config check
out 'valid'
run 0 config check --json
is_json
run 0 config show
out '^\[store files\]$'
out '^max-workers=2$'
run 0 config show --json
is_json
out '"store files":{.*"type":"file"'
run 0 config check "$tmp/memory.conf"
out 'memory.conf'
printf '[au]\nstore=s\n[store s]\ntype=memory\nnonsense=1\n' > "$tmp/bad.conf"
run 4 config check "$tmp/bad.conf"
err 'nonsense'
err 'bad.conf'
no_out
run 4 --config "$tmp/bad.conf" list
err 'nonsense'
run 4 --config "$tmp/none.conf" list
err 'none.conf'
run 2 config
run 2 config check a b
ok 'au config checks and shows the settings'

cat > "$tmp/engines.conf" << END
[au]
store=one
backend=pool

[engine other]
store=two
backend=pool

[store one]
type=file
path=one

[store two]
type=file
path=two

[backend pool]
type=thread
END
run 0 --config engines.conf --engine other submit --key k trial.echo hello
run 0 --config engines.conf --engine other result k
out_is '"hello"'
run 3 --config engines.conf result k
run 0 --config engines.conf list
no_out
run 0 list --config engines.conf --engine other --keys
out_is k
run 4 --config engines.conf --engine othr list
err 'engines.conf: there is no group \[engine othr\]; did you mean “engine other”? (have: engine other)'
ok '--engine chooses one of several engines'

cat > "$tmp/schedule.conf" << END
[schedule good]
function=trial.echo
arguments=('x',)
when=0 3 * * *
[schedule time]
function=trial.echo
arguments=('x',)
when=0 25 * * *
[schedule name]
function=trial.ekko
arguments=('x',)
when=@daily
[schedule type]
function=trial.echo
arguments=(1,)
when=@daily
END
run 4 config check schedule.conf
lines_of_err=$(grep -c 'schedule.conf:' "$tmp/err")
[ "$lines_of_err" -eq 3 ] || wrong "$lines_of_err mistakes instead of 3"
err '\[schedule time\].*25'
err '\[schedule name\].*did you mean “trial.echo”'
err '\[schedule type\].*“(s)”'
ok 'au config check tells of schedules that no worker could follow'

cat > "$tmp/worker.conf" << END
[au]
store=main
backend=queue
[store main]
type=sqlite
path=au.db
[backend queue]
type=queue
[backend pool]
type=thread
[worker]
backend=pool
[schedule nightly]
function=trial.echo
arguments=('x',)
when=@daily
END
run 0 config show worker.conf
out '^\[worker\]$'
out '^lease='
out '^\[schedule nightly\]$'
out '^name=nightly$'
[ "$(grep -c '^backend=' "$tmp/out")" -eq 2 ] || wrong 'a schedule has a backend'
ok 'au config show tells what a worker and a schedule have by default'

echo text > "$tmp/text"
mkdir "$tmp/full"
echo text > "$tmp/full/text"
cat > "$tmp/places.conf" << END
[au]
store=new
backend=left
[worker]
backend=pool
queues=default;de fault
limits=trial.echo
[backend pool]
type=thread
[backend left]
type=queue
queue=
[store folder]
type=sqlite
path=.
[store text]
type=sqlite
path=text
[store below]
type=sqlite
path=text/au.db
[store none]
type=sqlite
[store full]
type=file
path=full
[store files]
type=file
path=text
[store new]
type=sqlite
path=new/folder/au.db
END
run 4 config check places.conf
lines_of_err=$(grep -c 'places.conf:' "$tmp/err")
[ "$lines_of_err" -eq 9 ] || wrong "$lines_of_err mistakes instead of 9: $(cat "$tmp/err")"
err 'places.conf:6: \[worker\] queues: “de fault” cannot be a key: use 1 to'
err 'places.conf:7: \[worker\] limits: “trial.echo” is no limit: write'
err 'places.conf:12: \[backend left\] queue: “” cannot be a key: use 1 to'
err 'places.conf:15: \[store folder\] path: “.*” is no file, .*: set “path” to another one'
err 'places.conf:18: \[store text\] path: “.*/text” is no database of SQLite: set “path” to another file'
err 'places.conf:21: \[store below\] path: “.*/text/au.db” cannot be made in “.*/text”: .*; set “path” to another place'
err 'places.conf:22: \[store none\]: The SQLite store needs a file: set its property “path”'
err 'places.conf:26: \[store full\] path: .*/full” is not a store and not empty, as it holds “text”: use a new folder'
err 'places.conf:29: \[store files\] path: .*/text”: .*'
[ ! -e "$tmp/new" ] || wrong 'what was only checked was made'
run 4 -o worker.backend=threads -o worker.queues= config check
err 'worker.queues: it names no queue: write at least one, or leave the key out for “default”'
run 0 -o worker.backend=threads -o 'worker.queues=a;b' config check
ok 'au config check tells of queues and stores that could not be used'

run 0 -o backend.threads.max-workers=3 config show
out '^max-workers=3$'
run 0 -o backend.threads.max-workers=3 config show -o backend.threads.max-workers=4
out '^max-workers=4$'
run 0 -o backend.threads.max-workers=3 config show -o au.ttl=1h
out '^max-workers=3$'
out '^ttl=1h$'
run 2 -o nonsense list
err 'NAME=VALUE\|GROUP.KEY=VALUE'
run 4 -o backend.threads.max-wrokers=3 list
err 'max-workers'
run 4 -o backend.threads.max-workers=many list
err 'many'
ok 'settings may be changed by -o, before and after the command'

# Output

if [ -w /dev/full ]; then
  code=0
  au list > /dev/full 2> "$tmp/err" || code=$?
  [ "$code" -eq 6 ] || wrong "exit code $code instead of 6"
  err 'No space left'
fi
code=0
au list >&- 2> "$tmp/err" || code=$?
[ "$code" -eq 6 ] || wrong "exit code $code instead of 6"
err 'closed'
code=0
au remove --tag nothing-has-this >&- 2> "$tmp/err" || code=$?
[ "$code" -eq 0 ] || wrong "what prints nothing needs no output: exit code $code"
ok 'output that cannot be written is an error'

run 0 --quiet cancel --tag nothing-has-this
no_err
ok '--quiet leaves remarks out'

# Completion and manual page

if command -v bash > /dev/null; then
  # offer WORD…: what is offered for the last word
  offer ()
  {
    PATH="$builddir/tools:$PATH" bash -c '
      source "$1"
      shift
      complete -p au > /dev/null
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      _au
      printf "%s\n" "${COMPREPLY[@]}"' bash "$srcdir/tools/completion/au" "$@" \
      > "$tmp/out" 2> "$tmp/err" || wrong "the completion fails: $*"
  }

  offer au sta
  out_is status
  offer au run dig
  out_is digest.file
  offer au list --sta
  out_is '--status'
  offer au list --status fai
  out_is failed
  offer au status tagg
  out_is tagged
  offer au config sh
  out_is show
  offer au map --command gzi
  offer au -o store.files.path=/nowhere li
  out_is list
  no_err
  ok 'bash completes commands, functions, options and keys'
else
  skip 'bash completes commands, functions, options and keys' 'there is no bash'
fi

if command -v groff > /dev/null; then
  rm -f "$tmp/out"
  groff -ww -man -rHY=0 -Tutf8 -P-c "$srcdir/docs/man/au.1" > "$tmp/page" 2> "$tmp/err" ||
    wrong 'groff fails'
  no_err
  for command in run submit map status result wait watch list cancel retry remove cleanup \
      functions inspect 'config check' 'config show'; do
    sed 's/.\x08//g' "$tmp/page" | grep -q "au $command" || wrong "au $command is not in the page"
  done
  for command in run submit map wait watch list retry functions inspect config; do
    for option in $(au help $command | sed -n 's/^  \(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p'); do
      sed 's/.\x08//g; s/‐/-/g' "$tmp/page" | grep -q -e "$option" ||
        wrong "$option of au $command is not in the page"
    done
  done
  ok 'the manual page is well formed and has every command and option'
else
  skip 'the manual page is well formed and has every command and option' 'there is no groff'
fi

done_testing
