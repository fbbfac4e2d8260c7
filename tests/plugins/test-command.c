/* test-command.c: the function command
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "plugins-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

typedef struct
{
  AuEngine *engine;
  char     *folder;
  char     *fifo;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fixture->engine = fixture_engine_new (data != NULL ? data : "inline");
  fixture->folder = g_dir_make_tmp ("au-command-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->fifo = g_build_filename (fixture->folder, "fifo", NULL);
  g_assert_cmpint (mkfifo (fixture->fifo, 0600), ==, 0);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_object_unref (fixture->engine);
  g_assert_cmpint (g_remove (fixture->fifo), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->fifo);
}

/* The arguments of a command, as GVariant text with %s in it. */
static GVariant *
parse (const char *format,
       ...) G_GNUC_PRINTF (1, 2);

static GVariant *
parse (const char *format,
       ...)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  GVariant *arguments;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  arguments = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);
  g_assert_no_error (error);

  return arguments;
}

/* Takes over @arguments. */
static GVariant *
run (Fixture  *fixture,
     GVariant *arguments,
     GError  **error)
{
  g_autoptr(GVariant) owned = g_variant_take_ref (arguments);
  GVariant *value = fixture_call (fixture->engine, "command", owned, error);

  if (value != NULL)
    g_assert_true (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT));

  return value;
}

static void
assert_result (Fixture    *fixture,
               GVariant   *arguments,
               int         status,
               const char *expected_stdout,
               const char *expected_stderr)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = run (fixture, arguments, &error);
  const char *text;
  double duration;
  int real_status;

  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (value, "exit-status", "i", &real_status));
  g_assert_cmpint (real_status, ==, status);
  g_assert_true (g_variant_lookup (value, "stdout", "&s", &text));
  g_assert_cmpstr (text, ==, expected_stdout);
  g_assert_true (g_variant_lookup (value, "stderr", "&s", &text));
  g_assert_cmpstr (text, ==, expected_stderr);
  g_assert_true (g_variant_lookup (value, "duration", "d", &duration));
  g_assert_cmpfloat (duration, >=, 0);
  g_assert_false (g_variant_lookup (value, "signal", "i", &real_status));
}

static void
assert_signal (Fixture  *fixture,
               GVariant *arguments,
               int       number)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = run (fixture, arguments, &error);
  int real_number;

  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (value, "signal", "i", &real_number));
  g_assert_cmpint (real_number, ==, number);
  g_assert_false (g_variant_lookup (value, "exit-status", "i", &real_number));
}

static void
assert_error (Fixture    *fixture,
              GVariant   *arguments,
              GQuark      domain,
              int         code,
              const char *word)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = run (fixture, arguments, &error);

  g_assert_null (value);
  g_assert_error (error, domain, code);
  if (strstr (error->message, word) == NULL)
    {
      g_test_message ("“%s” is missing in “%s”", word, error->message);
      g_test_fail ();
    }
}

/* What it gives */

static void
test_command_result (Fixture      *fixture,
                     gconstpointer data)
{
  assert_result (fixture, parse ("{'argv': <['true']>}"), 0, "", "");
  assert_result (fixture, parse ("{'argv': <['sh', '-c', 'echo out; echo err >&2; exit 3']>}"),
                 3, "out\n", "err\n");
  assert_result (fixture, parse ("{'argv': <['printf', '%%s|', 'a b', '', 'ü', '$x']>}"),
                 0, "a b||ü|$x|", "");
  assert_signal (fixture, parse ("{'argv': <['sh', '-c', 'kill -SEGV $$']>}"), SIGSEGV);
}

static void
test_command_output_that_is_no_text (Fixture      *fixture,
                                     gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) bytes = NULL;
  gconstpointer content;
  gsize length;

  value = run (fixture, parse ("{'argv': <['printf', 'a\\\\377\\\\000b']>}"), &error);
  g_assert_no_error (error);

  bytes = g_variant_lookup_value (value, "stdout", G_VARIANT_TYPE_BYTESTRING);
  g_assert_nonnull (bytes);
  content = g_variant_get_fixed_array (bytes, &length, 1);
  g_assert_cmpmem (content, length, "a\377\0b", 4);
}

static void
test_command_check_makes_an_error (Fixture      *fixture,
                                   gconstpointer data)
{
  assert_result (fixture, parse ("{'argv': <['echo', 'x']>, 'check': <true>}"), 0, "x\n", "");
  assert_error (fixture,
                parse ("{'argv': <['sh', '-c', 'echo first >&2; echo last words >&2; echo; exit 4']>, 'check': <true>}"),
                AU_ERROR, AU_ERROR_FAILED, "“sh” ended with status 4: last words");
  assert_error (fixture, parse ("{'argv': <['false']>, 'check': <true>}"),
                AU_ERROR, AU_ERROR_FAILED, "“false” ended with status 1");
  assert_error (fixture, parse ("{'argv': <['sh', '-c', 'kill -KILL $$']>, 'check': <true>}"),
                AU_ERROR, AU_ERROR_FAILED, "signal 9");
}

static void
test_command_large_output (Fixture      *fixture,
                           gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) out = NULL;
  g_autoptr(GVariant) err = NULL;

  /* more than any pipe holds, on both at once */
  value = run (fixture,
               parse ("{'argv': <['sh', '-c', 'head -c 3000000 /dev/zero & head -c 2000000 /dev/zero >&2; wait']>}"),
               &error);
  g_assert_no_error (error);

  out = g_variant_lookup_value (value, "stdout", G_VARIANT_TYPE_BYTESTRING);
  err = g_variant_lookup_value (value, "stderr", G_VARIANT_TYPE_BYTESTRING);
  g_assert_cmpuint (g_variant_get_size (out), ==, 3000000);
  g_assert_cmpuint (g_variant_get_size (err), ==, 2000000);
}

static void
test_command_too_much_output (Fixture      *fixture,
                              gconstpointer data)
{
  assert_result (fixture, parse ("{'argv': <['printf', '12345678']>, 'max-output': <8>}"),
                 0, "12345678", "");
  assert_error (fixture, parse ("{'argv': <['printf', '123456789']>, 'max-output': <8>}"),
                AU_ERROR, AU_ERROR_FAILED, "max-output");

  /* they would never end by themselves */
  assert_error (fixture, parse ("{'argv': <['yes']>, 'max-output': <'64KiB'>}"),
                AU_ERROR, AU_ERROR_FAILED, "“yes” wrote more than 64.0\u00a0KiB to its stdout");
  assert_error (fixture, parse ("{'argv': <['sh', '-c', 'yes >&2']>}"),
                AU_ERROR, AU_ERROR_FAILED, "stderr");
}

/* What it is given */

static void
test_command_input (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) bytes = NULL;
  g_autofree guint8 *content = g_malloc (1024 * 1024);
  GVariantDict dict;
  gconstpointer echo;
  gsize length;

  assert_result (fixture, parse ("{'argv': <['cat']>}"), 0, "", "");
  assert_result (fixture, parse ("{'argv': <['cat']>, 'stdin': <'grüße\\n'>}"), 0, "grüße\n", "");
  assert_result (fixture, parse ("{'argv': <['true']>, 'stdin': <'not read'>}"), 0, "", "");

  for (gsize i = 0; i < 1024 * 1024; i++)
    content[i] = i * i >> 7;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "argv", "^as", (const char *const[]) { "cat", NULL });
  g_variant_dict_insert_value (&dict, "stdin",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, content,
                                                          1024 * 1024, 1));
  value = run (fixture, g_variant_dict_end (&dict), &error);
  g_assert_no_error (error);

  bytes = g_variant_lookup_value (value, "stdout", G_VARIANT_TYPE_BYTESTRING);
  echo = g_variant_get_fixed_array (bytes, &length, 1);
  g_assert_cmpmem (echo, length, content, 1024 * 1024);
}

static void
test_command_environment (Fixture      *fixture,
                          gconstpointer data)
{
  g_autofree char *both = NULL;

  g_setenv ("AU_TEST_INHERITED", "yes", TRUE);
  g_setenv ("AU_TEST_CHANGED", "old", TRUE);

  both = g_strdup ("'sh', '-c', 'echo $AU_TEST_INHERITED $AU_TEST_CHANGED $AU_TEST_NEW'");
  assert_result (fixture, parse ("{'argv': <[%s]>}", both), 0, "yes old\n", "");
  assert_result (fixture,
                 parse ("{'argv': <[%s]>, 'environment': <{'AU_TEST_CHANGED': 'new', 'AU_TEST_NEW': 'a=b'}>}", both),
                 0, "yes new a=b\n", "");

  /* the program is looked for in the folders that it sees itself */
  assert_result (fixture,
                 parse ("{'argv': <['/usr/bin/env']>, 'environment': <{'A': 'b'}>, 'clear-environment': <true>}"),
                 0, "A=b\n", "");
  assert_result (fixture, parse ("{'argv': <['env']>, 'clear-environment': <true>}"), 0, "", "");
  assert_error (fixture, parse ("{'argv': <['env']>, 'environment': <{'PATH': '/nowhere'}>}"),
                G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT, "PATH");
}

static void
test_command_folder (Fixture      *fixture,
                     gconstpointer data)
{
  assert_result (fixture, parse ("{'argv': <['pwd']>, 'cwd': <'/usr/bin'>}"), 0, "/usr/bin\n", "");
  assert_result (fixture, parse ("{'argv': <['./env', 'pwd']>, 'cwd': <'/usr/bin'>}"), 0, "/usr/bin\n", "");
  assert_error (fixture, parse ("{'argv': <['pwd']>, 'cwd': <'%s/missing'>}", fixture->folder),
                G_SPAWN_ERROR, G_SPAWN_ERROR_CHDIR, "/missing");
  assert_error (fixture, parse ("{'argv': <['pwd']>, 'cwd': <'/etc/passwd'>}"),
                G_SPAWN_ERROR, G_SPAWN_ERROR_CHDIR, "/etc/passwd");
}

static void
test_command_limits (Fixture      *fixture,
                     gconstpointer data)
{
  assert_result (fixture,
                 parse ("{'argv': <['sh', '-c', 'ulimit -v; ulimit -n; ulimit -S -t; ulimit -H -t']>, "
                        "'memory': <'256MiB'>, 'files': <17>, 'cpu-time': <1.5>}"),
                 0, "262144\n17\n2\n3\n", "");

  /* with limits, arguments and errors are the same as without */
  assert_result (fixture, parse ("{'argv': <['printf', '%%s|', 'a b', '', '$x']>, 'files': <17>}"),
                 0, "a b||$x|", "");
  assert_error (fixture, parse ("{'argv': <['au-no-such-program']>, 'files': <17>}"),
                G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT, "“au-no-such-program”");
  assert_error (fixture, parse ("{'argv': <['/etc/passwd']>, 'files': <17>}"),
                G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES, "“/etc/passwd”");

  assert_signal (fixture,
                 parse ("{'argv': <['sh', '-c', 'while :; do :; done']>, 'cpu-time': <1>}"), SIGXCPU);
}

static void
test_command_program_that_cannot_be_started (Fixture      *fixture,
                                             gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *script = g_build_filename (fixture->folder, "script", NULL);
  g_autofree char *plain = g_build_filename (fixture->folder, "plain", NULL);

  assert_error (fixture, parse ("{'argv': <['au-no-such-program']>}"),
                G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT, "“au-no-such-program”");
  assert_error (fixture, parse ("{'argv': <['/nowhere/program']>}"),
                G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT, "“/nowhere/program”");
  assert_error (fixture, parse ("{'argv': <['/etc/passwd']>}"),
                G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES, "“/etc/passwd”");
  assert_error (fixture, parse ("{'argv': <['/etc']>}"),
                G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES, "“/etc”");

  g_file_set_contents_full (script, "#!/nowhere/interpreter\n", -1, G_FILE_SET_CONTENTS_NONE, 0700,
                            &error);
  g_assert_no_error (error);
  assert_error (fixture, parse ("{'argv': <['%s']>}", script),
                G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT, "interpreter");

  g_file_set_contents_full (plain, "echo\n", -1, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
  assert_error (fixture, parse ("{'argv': <['%s']>}", plain),
                G_SPAWN_ERROR, G_SPAWN_ERROR_NOEXEC, plain);

  g_assert_cmpint (g_remove (script), ==, 0);
  g_assert_cmpint (g_remove (plain), ==, 0);
}

static void
test_command_bad_arguments (Fixture      *fixture,
                            gconstpointer data)
{
  static const struct
  {
    const char *arguments;
    const char *word;
  } bad[] = {
    { "@a{sv} {}", "“argv”" },
    { "{'argv': <@as []>}", "“argv”" },
    { "{'argv': <['']>}", "“argv”" },
    { "{'argv': <[1, 2]>}", "“argv”" },
    { "{'argv': <'true'>}", "“argv”" },
    { "{'argv': <[b'true', [byte 65, 0, 66]]>}", "“argv”" },
    { "{'argv': <['true']>, 'stdin': <1>}", "“stdin”" },
    { "{'argv': <['true']>, 'environment': <['A=b']>}", "“environment”" },
    { "{'argv': <['true']>, 'environment': <{'': 'b'}>}", "“environment”" },
    { "{'argv': <['true']>, 'environment': <{'A=B': 'b'}>}", "“environment”" },
    { "{'argv': <['true']>, 'clear-environment': <1>}", "“clear-environment”" },
    { "{'argv': <['true']>, 'cwd': <''>}", "“cwd”" },
    { "{'argv': <['true']>, 'max-output': <-1>}", "“max-output”" },
    { "{'argv': <['true']>, 'max-output': <'much'>}", "“max-output”" },
    { "{'argv': <['true']>, 'memory': <0>}", "“memory”" },
    { "{'argv': <['true']>, 'memory': <1.5>}", "“memory”" },
    { "{'argv': <['true']>, 'cpu-time': <0>}", "“cpu-time”" },
    { "{'argv': <['true']>, 'files': <'many'>}", "“files”" },
    { "{'argv': <['true']>, 'grace': <'soon'>}", "“grace”" },
    { "{'argv': <['true']>, 'grace': <1e300>}", "“grace”" },
    { "{'argv': <['true']>, 'check': <'yes'>}", "“check”" },
    { "{'argv': <['true']>, 'shell': <true>}", "“shell”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_error (fixture, parse ("%s", bad[i].arguments),
                  AU_ERROR, AU_ERROR_INVALID_ARGUMENT, bad[i].word);

  /* the other way round: what people and JSON write is understood */
  assert_result (fixture,
                 parse ("{'argv': <[<'sh'>, <'-c'>, <'echo $A'>]>, 'environment': <{'A': <'b'>}>, "
                        "'grace': <'500ms'>, 'max-output': <int64 1000>}"),
                 0, "b\n", "");
  assert_result (fixture, parse ("{'argv': <[b'echo', b'x']>}"), 0, "x\n", "");
}

/* What it is born with */

static void
test_command_inherits_nothing (Fixture      *fixture,
                               gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;
  int fd = open ("/dev/null", O_RDONLY);        /* without O_CLOEXEC, as others do it */
  sigset_t blocked;
  sigset_t before;
  const char *text;

  g_assert_cmpint (fd, >, 2);
  sigemptyset (&blocked);
  sigaddset (&blocked, SIGUSR1);
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, &blocked, &before), ==, 0);
  signal (SIGUSR2, SIG_IGN);

  assert_result (fixture, parse ("{'argv': <['sh', '-c', 'ls /proc/$$/fd']>}"), 0, "0\n1\n2\n", "");

  assert_result (fixture,
                 parse ("{'argv': <['sh', '-c', 'set -- $(cat /proc/$$/stat); test $5 = $$ && echo leads']>}"),
                 0, "leads\n", "");

  /* posix_spawn() leaves two ignored that are above these, the C library's own */
  value = run (fixture, parse ("{'argv': <['grep', '-E', 'Sig(Blk|Ign)', '/proc/self/status']>}"), &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (value, "stdout", "&s", &text));
  g_assert_true (g_regex_match_simple ("^SigBlk:\\s0+\\nSigIgn:\\s[0-9a-f]*0000000\\n$", text, 0, 0));

  signal (SIGUSR2, SIG_DFL);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  close (fd);
}

/* How it ends */

/* Opens the fifo that a program opens for writing, and waits for its first line. */
static int
open_fifo_and_wait (Fixture    *fixture,
                    const char *line)
{
  char buffer[64] = { 0 };
  int fd = open (fixture->fifo, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (read (fd, buffer, strlen (line)), ==, strlen (line));
  g_assert_cmpstr (buffer, ==, line);

  return fd;
}

/* The end of the file means that all are dead who had it open. */
static void
assert_all_dead (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 0);
  close (fd);
}

/* Takes over @arguments. */
static AuHandle *
submit (Fixture   *fixture,
        GVariant  *arguments,
        AuOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) owned = g_variant_take_ref (arguments);
  AuHandle *handle = au_engine_submit (fixture->engine, "command", owned, options, &error);

  g_assert_no_error (error);
  return handle;
}

static void
assert_cancelled (AuHandle *handle)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (au_handle_wait (handle, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_CANCELLED);
}

static void
test_command_cancel_ends_the_whole_group (Fixture      *fixture,
                                          gconstpointer data)
{
  g_autoptr(AuHandle) handle = NULL;
  int fd;

  /* sleep has the fifo open, and its parent, and its grandparent */
  handle = submit (fixture,
                   parse ("{'argv': <['sh', '-c', 'exec 3>%s; (sleep 1000; :) & echo up >&3; wait']>}",
                          fixture->fifo), NULL);
  fd = open_fifo_and_wait (fixture, "up\n");

  au_handle_cancel (handle);
  assert_cancelled (handle);
  assert_all_dead (fd);
}

static void
test_command_cancel_is_polite_first (Fixture      *fixture,
                                     gconstpointer data)
{
  g_autoptr(AuHandle) handle = NULL;
  char buffer[5] = { 0 };
  int fd;

  /* the child of the program is asked as well, and both may take their time */
  handle = submit (fixture,
                   parse ("{'argv': <['sh', '-c', 'exec 3>%s; trap : TERM; "
                          "(trap \"echo bye >&3; exit\" TERM; sleep 1000 & echo up >&3; wait) & wait; wait']>, "
                          "'grace': <'1h'>}", fixture->fifo), NULL);
  fd = open_fifo_and_wait (fixture, "up\n");

  au_handle_cancel (handle);
  assert_cancelled (handle);
  g_assert_cmpint (read (fd, buffer, 4), ==, 4);
  g_assert_cmpstr (buffer, ==, "bye\n");
  assert_all_dead (fd);
}

static void
test_command_cancel_is_firm_then (Fixture      *fixture,
                                  gconstpointer data)
{
  g_autoptr(AuHandle) deaf = NULL;
  g_autoptr(AuHandle) patient = NULL;
  g_autoptr(AuHandle) stopped = NULL;
  char buffer[4] = { 0 };
  int fd;

  deaf = submit (fixture,
                 parse ("{'argv': <['sh', '-c', 'trap \"\" TERM; exec 3>%s; echo up >&3; while :; do sleep 1000; done']>, "
                        "'grace': <0.01>}", fixture->fifo), NULL);
  fd = open_fifo_and_wait (fixture, "up\n");
  au_handle_cancel (deaf);
  assert_cancelled (deaf);
  assert_all_dead (fd);

  /* for as long as the clock says */
  au_clock_freeze ();
  patient = submit (fixture,
                    parse ("{'argv': <['sh', '-c', 'trap \"echo no >&3\" TERM; exec 3>%s; echo up >&3; "
                           "while :; do sleep 1000 & wait $!; done']>, 'grace': <'1h'>}", fixture->fifo), NULL);
  fd = open_fifo_and_wait (fixture, "up\n");
  au_handle_cancel (patient);
  g_assert_cmpint (read (fd, buffer, 3), ==, 3);
  g_assert_cmpstr (buffer, ==, "no\n");
  au_clock_advance (G_TIME_SPAN_HOUR);
  assert_cancelled (patient);
  assert_all_dead (fd);
  au_clock_thaw ();

  /* a stopped program is woken, so that it can obey */
  stopped = submit (fixture,
                    parse ("{'argv': <['sh', '-c', 'exec 3>%s; (kill -STOP $$; echo up >&3) & wait']>, "
                           "'grace': <'1h'>}", fixture->fifo), NULL);
  fd = open_fifo_and_wait (fixture, "up\n");
  au_handle_cancel (stopped);
  assert_cancelled (stopped);
  assert_all_dead (fd);
}

static void
test_command_timeout (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;

  au_options_set_timeout (options, 50 * G_TIME_SPAN_MILLISECOND);
  handle = submit (fixture, parse ("{'argv': <['sleep', '1000']>}"), options);

  g_assert_false (au_handle_wait (handle, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_FAILED);
}

static void
test_command_leaves_nobody_behind (Fixture      *fixture,
                                   gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuHandle) handle = NULL;
  int fd;

  handle = submit (fixture,
                   parse ("{'argv': <['sh', '-c', 'exec 3>%s; sleep 1000 & echo up >&3; echo done']>}",
                          fixture->fifo), NULL);
  fd = open_fifo_and_wait (fixture, "up\n");

  /* sleep has stdout open as well, which must not be waited for */
  g_assert_true (au_handle_wait (handle, -1, NULL, &error));
  g_assert_no_error (error);
  assert_all_dead (fd);
}

static void
test_command_does_not_wait_for_who_left (Fixture      *fixture,
                                         gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;
  const char *text;
  char number[32] = { 0 };
  g_autofree char *script = NULL;

  /* the one in the background leaves the group with stdout open, and says so; only
   * then the program ends */
  script = g_strdup_printf ("setsid sh -c \"echo up >%s; exec sleep 1000\" & read up <%s; echo $!",
                            fixture->fifo, fixture->fifo);
  value = run (fixture, parse ("{'argv': <['sh', '-c', '%s']>}", script), &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (value, "stdout", "&s", &text));

  /* it is alive: it is ours to end */
  g_strlcpy (number, text, sizeof number);
  g_assert_cmpint (atoi (number), >, 1);
  g_assert_cmpint (kill (atoi (number), SIGKILL), ==, 0);
}

static guint
count_descriptors (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static void
run_many (Fixture *fixture,
          guint    n)
{
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      /* failures leave nothing behind either */
      static const char *const arguments[] = {
        "{'argv': <['true']>}",
        "{'argv': <['cat']>, 'stdin': <'x'>}",
        "{'argv': <['sh', '-c', 'exit 2']>, 'files': <20>}",
        "{'argv': <['au-no-such-program']>}",
        "{'argv': <['yes']>, 'max-output': <10>}",
      };

      g_ptr_array_add (handles, submit (fixture, parse ("%s", arguments[i % G_N_ELEMENTS (arguments)]),
                                        NULL));
    }

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GError) error = NULL;
      gboolean done = au_handle_wait (g_ptr_array_index (handles, i), -1, NULL, &error);

      g_assert_true (done == (i % 5 < 3));
    }
}

static void
test_command_leaks_nothing (Fixture      *fixture,
                            gconstpointer data)
{
  guint before;

  /* every thread has a descriptor of its own, which it keeps */
  run_many (fixture, 50);
  before = count_descriptors ();
  run_many (fixture, 200);
  g_assert_cmpuint (count_descriptors (), <=, before + g_get_num_processors ());

  /* all children were waited for */
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, backend, function) \
  g_test_add (path, Fixture, backend, set_up, function, tear_down)

  ADD ("/command/result", NULL, test_command_result);
  ADD ("/command/output-that-is-no-text", NULL, test_command_output_that_is_no_text);
  ADD ("/command/check-makes-an-error", NULL, test_command_check_makes_an_error);
  ADD ("/command/large-output", NULL, test_command_large_output);
  ADD ("/command/too-much-output", NULL, test_command_too_much_output);
  ADD ("/command/input", NULL, test_command_input);
  ADD ("/command/environment", NULL, test_command_environment);
  ADD ("/command/folder", NULL, test_command_folder);
  ADD ("/command/limits", NULL, test_command_limits);
  ADD ("/command/program-that-cannot-be-started", NULL, test_command_program_that_cannot_be_started);
  ADD ("/command/bad-arguments", NULL, test_command_bad_arguments);
  ADD ("/command/inherits-nothing", NULL, test_command_inherits_nothing);
  ADD ("/command/cancel-ends-the-whole-group", "thread", test_command_cancel_ends_the_whole_group);
  ADD ("/command/cancel-is-polite-first", "thread", test_command_cancel_is_polite_first);
  ADD ("/command/cancel-is-firm-then", "thread", test_command_cancel_is_firm_then);
  ADD ("/command/timeout", "thread", test_command_timeout);
  ADD ("/command/leaves-nobody-behind", "thread", test_command_leaves_nobody_behind);
  ADD ("/command/does-not-wait-for-who-left", NULL, test_command_does_not_wait_for_who_left);
  ADD ("/command/leaks-nothing", "thread", test_command_leaks_nothing);

  return g_test_run ();
}
