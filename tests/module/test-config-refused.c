/* test-config-refused.c: key files that are wrong, and what is said of them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "config-fixture.h"
#include "module-fixture.h"

#include <au/au-error.h>

#include <glib/gstdio.h>

/* The file is refused as soon as it is read. */
static void
assert_unreadable (const char *text,
                   const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_config_new_from_data (text, -1, "au.conf", &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
}

/* Overrides */

static void
assert_override_refused (const char *name,
                         const char *value,
                         const char *message)
{
  g_autoptr(AuConfig) config = au_config_new ();
  g_autoptr(GError) error = NULL;

  g_assert_false (au_config_set (config, name, value, &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

static void
test_override_refused (void)
{
  g_autoptr(AuConfig) config = read_text ("[store main]\ntype=good\n" BACKEND);

  assert_override_refused ("ttl", "1h", "“ttl” is no name of a setting: write au.KEY, or "
                           "KIND.NAME.KEY as in store.main.path");
  assert_override_refused ("store.main.path.more", "x", "“store.main.path.more” is no name of a "
                           "setting: write au.KEY, or KIND.NAME.KEY as in store.main.path");
  assert_override_refused ("au.", "x", "“au.” is no name of a setting: write au.KEY, or "
                           "KIND.NAME.KEY as in store.main.path");
  assert_override_refused ("stor.main.path", "x",
                           "stor.main.path: no such group; did you mean “store”? "
                           "(groups: " GROUPS ")");
  assert_override_refused ("store.path", "x",
                           "store.path: the group needs a name of letters, digits, “-” and “_”: "
                           "write [store NAME]");
  assert_override_refused ("au.main.path", "x",
                           "au.main.path: there is only one group of this sort: write [au]");
  assert_override_refused ("au.label", "a\nb",
                           "au.label: a value is one line of text in UTF-8");
  assert_override_refused ("au.label", "a\xff",
                           "au.label: a value is one line of text in UTF-8");

  /* What is wrong with a value is told with the name that was given. */
  g_assert_true (au_config_set (config, "store.main.limit", "99", NULL));
  assert_config_refused (config, AU_ERROR_CONFIG,
                         "store.main.limit: “99” is not allowed: it takes a whole number "
                         "from 1 to 64");
  g_clear_object (&config);

  config = read_text ("[store main]\ntype=good\n" BACKEND);
  g_assert_true (au_config_set (config, "au.tll", "1h", NULL));
  assert_config_refused (config, AU_ERROR_CONFIG,
                         "au.tll: no such key; did you mean “ttl”? (have: " ENGINE_KEYS ")");
}

/* The form of a file */

static void
test_bad_lines (void)
{
  g_autoptr(GError) error = NULL;

  assert_unreadable ("[au]\n\nnonsense\n",
                     "au.conf:3: this line is neither a group in brackets, a setting KEY=VALUE, "
                     "nor a comment after “#”");
  assert_unreadable ("; no comment\n[au]\n",
                     "au.conf:1: this line is neither a group in brackets, a setting KEY=VALUE, "
                     "nor a comment after “#”");
  assert_unreadable ("[au]\n=x\n", "au.conf:2: there is no key before “=”");
  assert_unreadable ("# first\nttl=1h\n",
                     "au.conf:2: “ttl” is in no group: put a line such as [au] before it");
  assert_unreadable ("[au\n", "au.conf:1: “[au” is no group: a group is one line such as "
                     "[store main]");
  assert_unreadable ("[au] # engine\n",
                     "au.conf:1: “[au] # engine” is no group: a group is one line such as "
                     "[store main]");
  assert_unreadable ("[au]\nttl=1h\r\nx\xff=y\n", "au.conf:3: this line is not text in UTF-8");

  g_assert_null (au_config_new_from_data ("[au]\nttl=\0\n", 11, NULL, &error));
  g_assert_cmpstr (error->message, ==, "key file:2: this line is not text in UTF-8");
}

static void
test_bad_groups (void)
{
  assert_unreadable ("[stor main]\n",
                     "au.conf:1: [stor main]: no such group; did you mean “store”? "
                     "(groups: " GROUPS ")");
  assert_unreadable ("[nonsense]\n",
                     "au.conf:1: [nonsense]: no such group (groups: " GROUPS ")");
  assert_unreadable ("[]\n", "au.conf:1: []: no such group (groups: " GROUPS ")");
  assert_unreadable ("\n[store]\n",
                     "au.conf:2: [store]: the group needs a name of letters, digits, “-” and “_”: "
                     "write [store NAME]");
  assert_unreadable ("[store a b]\n",
                     "au.conf:1: [store a b]: the group needs a name of letters, digits, “-” and "
                     "“_”: write [store NAME]");
  assert_unreadable ("[store ../x]\n",
                     "au.conf:1: [store ../x]: the group needs a name of letters, digits, “-” and "
                     "“_”: write [store NAME]");
  assert_unreadable ("[au main]\n",
                     "au.conf:1: [au main]: there is only one group of this sort: write [au]");
  assert_unreadable ("[function x]\n",
                     "au.conf:1: [function x]: no such group (groups: " GROUPS ")");
}

static void
test_given_twice (void)
{
  assert_unreadable ("[au]\n[store main]\ntype=good\n\n[store  main]\n",
                     "au.conf:5: [store main]: given twice, first in line 2: put both into one");
  assert_unreadable ("[au]\nttl=1h\n#\nttl=2h\n",
                     "au.conf:4: [au] ttl: given twice, first in line 2: remove one");
}

/* What a file says */

static void
test_unknown_keys (void)
{
  assert_refused ("[store main]\ntype=good\n" BACKEND "[au]\ntll=1h\n",
                  "au.conf:6: [au] tll: no such key; did you mean “ttl”? "
                  "(have: " ENGINE_KEYS ")");
  assert_refused ("[store main]\ntype=good\n" BACKEND "[au]\ntype=good\n",
                  "au.conf:6: [au] type: no such key (have: " ENGINE_KEYS ")");
  assert_setting_refused ("limits=1", "au.conf:10: [store main] limits: no such key; "
                          "did you mean “limit”? (have: " GOOD_KEYS ")");
  assert_setting_refused ("max_workers=1", "au.conf:10: [store main] max_workers: no such key "
                          "(have: " GOOD_KEYS ")");
  assert_setting_refused ("limit[de]=1", "au.conf:10: [store main] limit[de]: no such key "
                          "(have: " GOOD_KEYS ")");
  assert_setting_refused ("state=x", "au.conf:10: [store main] state: no such key; "
                          "did you mean “rate”? (have: " GOOD_KEYS ")");
  assert_refused ("[modules]\npaht=/x\n",
                  "au.conf:2: [modules] paht: no such key (have: path)");
}

static void
test_bad_values (void)
{
  assert_setting_refused ("limit=99", "au.conf:10: [store main] limit: “99” is not allowed: "
                          "it takes a whole number from 1 to 64");
  assert_setting_refused ("limit=nine", "au.conf:10: [store main] limit: “nine” is not allowed: "
                          "it takes a whole number from 1 to 64");
  assert_setting_refused ("limit=", "au.conf:10: [store main] limit: “” is not allowed: "
                          "it takes a whole number from 1 to 64");
  assert_setting_refused ("ratio=2", "au.conf:10: [store main] ratio: “2” is not allowed: "
                          "it takes a number from 0 to 1");
  assert_setting_refused ("ttl=30", "au.conf:10: [store main] ttl: “30” has no unit: it takes a "
                          "duration such as 250ms, 30s or 1h30m of at least 0");
  assert_setting_refused ("size=1XB", "au.conf:10: [store main] size: “1XB” is not allowed: it "
                          "takes a size such as 512, 64KiB or 2MB");
  assert_setting_refused ("rate=20", "au.conf:10: [store main] rate: “20” has no unit: it takes a "
                          "rate such as 20/s, 600/min or 10/h of at least 0");
  assert_setting_refused ("enabled=maybe", "au.conf:10: [store main] enabled: “maybe” is not "
                          "allowed: it takes true, yes, on or 1, or else false, no, off or 0");
  assert_setting_refused ("kind=backedn", "au.conf:10: [store main] kind: “backedn” is not "
                          "allowed; did you mean “backend”? It takes one of store, backend, "
                          "middleware, serializer, function");
  assert_setting_refused ("flags=owner-contxt", "au.conf:10: [store main] flags: “owner-contxt” is "
                          "not allowed; did you mean “owner-context”? It takes any of none, "
                          "owner-context, separated by “;”");
  assert_setting_refused ("parent=x", "au.conf:10: [store main] parent: the property “parent” is "
                          "GCancellable, which cannot be given as text: set it in the program");
}

static void
test_bad_types (void)
{
  g_autofree char *have = NULL;
  g_autofree char *message = NULL;
  g_autoptr(AuConfig) config = read_text ("[au]\n" BACKEND "[store main]\ntype=god\n");
  g_autoptr(AuConfig) no_name = NULL;
  g_autoptr(AuConfig) broken = NULL;
  g_autoptr(AuConfig) no_type = NULL;
  g_autoptr(GError) error = NULL;

  message = g_strdup_printf ("au.conf:5: [middleware log] type: no such middleware: “god”; did "
                             "you mean “good”? (have: good; looked in: %s)", fixture_modules ());
  g_clear_object (&config);
  config = read_text ("[au]\nmiddleware=log\n"
                      "\n[middleware log]\ntype=god\n"
                      "[store main]\ntype=good\n" BACKEND);
  assert_config_refused (config, AU_ERROR_MODULE_NOT_FOUND, message);

  g_clear_pointer (&message, g_free);
  message = g_strdup_printf ("au.conf:2: [backend main] type: “No/Name” cannot be the name of a "
                             "backend: names are of small letters, digits and hyphens, and start "
                             "with a letter (have: good; looked in: %s)", fixture_modules ());
  no_name = read_text ("[backend main]\ntype=No/Name\n[store main]\ntype=good\n");
  assert_config_refused (no_name, AU_ERROR_CONFIG, message);

  g_clear_pointer (&message, g_free);
  message = g_strdup_printf ("au.conf:4: [store main] type: %s/.libs/au_store_newer_minor.so was "
                             "built for au 1.3 and this is au 1.0: upgrade au, or rebuild the "
                             "module with AU_VERSION_MAX_ALLOWED=AU_VERSION_1_0",
                             fixture_modules ());
  broken = read_text (BACKEND "[store main]\ntype=newer-minor\n");
  assert_config_refused (broken, AU_ERROR_MODULE_VERSION, message);

  no_type = read_text ("[store main]\ntype=good\n\n[backend main]\nmax-workers=8\n");
  assert_config_refused (no_type, AU_ERROR_CONFIG,
                         "au.conf:4: [backend main]: no type= says which backend it is "
                         "(have: good)");
}

static void
test_bad_references (void)
{
  assert_refused ("[au]\nstore=mian\n[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] store: there is no group [store mian]; did you mean “main”? "
                  "(have: main)");
  assert_refused ("[au]\nmiddleware=log;limit\n[middleware limit]\ntype=good\n"
                  "[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] middleware: there is no group [middleware log] (have: limit); "
                  "add one, with a line type=…");
  assert_refused ("[au]\nmiddleware=log,limit\n[middleware limit]\ntype=good\n"
                  "[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] middleware: there is no group [middleware log,limit] (have: limit); "
                  "“;” is what separates several, and comments are lines of their own");
  assert_refused ("[au]\nmiddleware=log;log\n[middleware log]\ntype=good\n"
                  "[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] middleware: “log” is given twice: remove one");
  assert_refused ("[au]\nbackend=\n[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] backend: there is no group [backend ] (have: main); "
                  "add one, with a line type=…");

  /* Named, it must be there; only what nobody names has a default. */
  assert_refused ("[au]\nstore=main\n" BACKEND,
                  "au.conf:2: [au] store: there is no group [store main] (have: none); "
                  "add one, with a line type=…");
  assert_refused ("[au]\nttl=1h\n[store one]\ntype=good\n[store two]\ntype=good\n" BACKEND,
                  "au.conf:1: [au]: no store= says which store to use, and none is called “main” "
                  "(have: one, two)");
}

static void
test_cycles (void)
{
  assert_refused ("[au]\nstore=a\n" BACKEND "[store a]\ntype=good\nnext=a\n",
                  "au.conf:7: [store a] next: a part cannot be made of itself: "
                  "[store a] → [store a]");
  assert_refused ("[au]\nstore=a\n" BACKEND "[store a]\ntype=good\nnext=b\n"
                  "[store b]\ntype=good\nnext=c\n[store c]\ntype=good\nnext=b\n",
                  "au.conf:13: [store c] next: a part cannot be made of itself: "
                  "[store b] → [store c] → [store b]");
}

static void
test_unused_groups_are_checked (void)
{
  g_autoptr(AuConfig) config = read_text ("[store main]\ntype=good\n" BACKEND
                                          "[store unused]\ntype=good\nlimit=0\n");
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) engine = NULL;

  g_assert_false (au_config_check (config, TEST_TYPE_ENGINE, &error));
  g_assert_cmpstr (error->message, ==, "au.conf:7: [store unused] limit: “0” is not allowed: it "
                   "takes a whole number from 1 to 64");

  /* But do not harm what does not need them. */
  g_clear_error (&error);
  engine = au_config_create (config, TEST_TYPE_ENGINE, "au", &error);
  g_assert_no_error (error);
  g_assert_true (TEST_IS_ENGINE (engine));
}

static void
test_check_makes_nothing (void)
{
  g_autoptr(AuConfig) config = read_text ("[store main]\ntype=good\nfail=the disk is full\n"
                                          BACKEND);
  g_autoptr(GError) error = NULL;

  g_assert_true (au_config_check (config, TEST_TYPE_ENGINE, &error));
  g_assert_no_error (error);

  /* A part's own error keeps its code, and gets the place. */
  g_assert_null (au_config_create (config, TEST_TYPE_ENGINE, "au", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpstr (error->message, ==, "au.conf:1: [store main]: the disk is full");
}

static void
test_create_refused (void)
{
  g_autoptr(AuConfig) config = read_text ("[au]\n[store main]\ntype=good\n" BACKEND);
  g_autoptr(AuConfig) empty = au_config_new ();
  g_autoptr(GError) error = NULL;

  g_assert_null (au_config_create (config, AU_TYPE_STORE, "store other", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, "au.conf: there is no group [store other] "
                   "(have: store main)");

  g_clear_error (&error);
  g_assert_null (au_config_create (empty, TEST_TYPE_ENGINE, "engine x", &error));
  g_assert_cmpstr (error->message, ==, "there is no group [engine x] (have: none)");

  g_clear_error (&error);
  g_assert_null (au_config_create (config, AU_TYPE_STORE, "backend main", &error));
  g_assert_cmpstr (error->message, ==, "au.conf:5: [backend main] type: it is a TestGoodBackend, "
                   "and a AuStore is needed: give another type=");

  g_clear_error (&error);
  g_assert_null (au_config_create (config, AU_TYPE_STORE, "au", &error));
  g_assert_cmpstr (error->message, ==, "au.conf:1: [au]: it describes an engine, and no AuStore");
}

/* All mistakes */

static void
assert_mistakes (const char         *text,
                 const char * const *settings,
                 const char         *expected)
{
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "au.conf", NULL);
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) mistakes = NULL;
  g_autofree char *joined = NULL;
  g_auto(GStrv) parts = NULL;
  g_autofree char *found = NULL;

  g_assert_true (g_file_set_contents (file, text, -1, &error));
  mistakes = au_config_find_mistakes (file, settings, TEST_TYPE_ENGINE);
  g_unlink (file);
  g_rmdir (folder);

  /* Without the folder, which is another one each time. */
  joined = g_strjoinv ("\n", mistakes);
  parts = g_strsplit (joined, file, -1);
  found = g_strjoinv ("au.conf", parts);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_all_mistakes (void)
{
  const char *const settings[] = { "store.main.limit=99", "nonsense", "backend.mian.x=1", NULL };

  assert_mistakes ("[store main]\ntype=good\n" BACKEND, NULL, "");

  /* Form and meaning together, in the order of lines, each once. */
  assert_mistakes ("[modules]\npaht=/x\n[au]\nstore=a\ntll=1h\nmiddleware=log;a;b\nnonsense\n"
                   "[stor b]\nlimit=99\n"
                   "[store a]\ntype=good\nlimit=0\nratio=2\nnext=a\n" BACKEND
                   "[store a]\nttl=30\nlimit=2\n",
                   NULL,
                   "au.conf:2: [modules] paht: no such key (have: path)\n"
                   "au.conf:5: [au] tll: no such key; did you mean “ttl”? (have: " ENGINE_KEYS ")\n"
                   "au.conf:6: [au] middleware: there is no group [middleware log] (have: none); "
                   "add one, with a line type=…\n"
                   "au.conf:6: [au] middleware: there is no group [middleware a] (have: none); "
                   "add one, with a line type=…\n"
                   "au.conf:6: [au] middleware: there is no group [middleware b] (have: none); "
                   "add one, with a line type=…\n"
                   "au.conf:7: this line is neither a group in brackets, a setting KEY=VALUE, nor a "
                   "comment after “#”\n"
                   "au.conf:8: [stor b]: no such group; did you mean “store”? (groups: " GROUPS ")\n"
                   "au.conf:12: [store a] limit: “0” is not allowed: it takes a whole number "
                   "from 1 to 64\n"
                   "au.conf:13: [store a] ratio: “2” is not allowed: it takes a number from 0 to 1\n"
                   "au.conf:14: [store a] next: a part cannot be made of itself: "
                   "[store a] → [store a]\n"
                   "au.conf:17: [store a]: given twice, first in line 10: put both into one\n"
                   "au.conf:18: [store a] ttl: “30” has no unit: it takes a duration such as 250ms, "
                   "30s or 1h30m of at least 0\n"
                   "au.conf:19: [store a] limit: given twice, first in line 12: remove one");

  assert_mistakes ("[store main]\ntype=good\n" BACKEND, settings,
                   "“nonsense” is no setting: write NAME=VALUE\n"
                   "store.main.limit: “99” is not allowed: it takes a whole number from 1 to 64\n"
                   "[backend mian]: no type= says which backend it is (have: good)");
}

static void
test_all_mistakes_of_no_file (void)
{
  g_auto(GStrv) mistakes = au_config_find_mistakes ("/nonexistent/au.conf", NULL, TEST_TYPE_ENGINE);

  g_assert_cmpuint (g_strv_length (mistakes), ==, 1);
  g_assert_cmpstr (mistakes[0], ==, "the key file cannot be read: /nonexistent/au.conf: "
                   "No such file or directory");
}

/* What is no key file at all. */
static void
test_many_mistakes (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "au.conf", NULL);
  g_auto(GStrv) mistakes = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "nonsense\n");
  g_assert_true (g_file_set_contents (file, text->str, -1, NULL));

  mistakes = au_config_find_mistakes (file, NULL, TEST_TYPE_ENGINE);
  g_assert_cmpuint (g_strv_length (mistakes), ==, 100);

  g_unlink (file);
  g_rmdir (folder);
}

/* Parts that name each other in a great many ways are looked at once. */
static void
test_many_references (void)
{
  g_autoptr(GString) text = g_string_new ("[au]\nstore=s0\n" BACKEND);
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 40; i++)
    g_string_append_printf (text, "[store s%u]\ntype=good\nnext=s%u\nother=s%u\n", i, i + 1, i + 1);
  g_string_append (text, "[store s40]\ntype=good\n");

  config = read_text (text->str);
  g_assert_true (au_config_check (config, TEST_TYPE_ENGINE, &error));
  g_assert_no_error (error);
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);

  g_test_add_func ("/config/override-refused", test_override_refused);
  g_test_add_func ("/config/bad-lines", test_bad_lines);
  g_test_add_func ("/config/bad-groups", test_bad_groups);
  g_test_add_func ("/config/given-twice", test_given_twice);
  g_test_add_func ("/config/unknown-keys", test_unknown_keys);
  g_test_add_func ("/config/bad-values", test_bad_values);
  g_test_add_func ("/config/bad-types", test_bad_types);
  g_test_add_func ("/config/bad-references", test_bad_references);
  g_test_add_func ("/config/cycles", test_cycles);
  g_test_add_func ("/config/unused-groups-are-checked", test_unused_groups_are_checked);
  g_test_add_func ("/config/check-makes-nothing", test_check_makes_nothing);
  g_test_add_func ("/config/create-refused", test_create_refused);
  g_test_add_func ("/config/all-mistakes", test_all_mistakes);
  g_test_add_func ("/config/all-mistakes-of-no-file", test_all_mistakes_of_no_file);
  g_test_add_func ("/config/many-mistakes", test_many_mistakes);
  g_test_add_func ("/config/many-references", test_many_references);

  return fixture_run ();
}
