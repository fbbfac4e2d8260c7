/* test-config.c: key files, and what is made of them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "config-fixture.h"
#include "module-fixture.h"

#include <au/au-error.h>
#include <au/au-serializer.h>

#include <glib/gstdio.h>
#include <unistd.h>

static TestEngine *
make_engine (AuConfig *config)
{
  g_autoptr(GError) error = NULL;
  GObject *engine;

  au_config_check (config, TEST_TYPE_ENGINE, &error);
  g_assert_no_error (error);
  engine = au_config_create (config, TEST_TYPE_ENGINE, "au", &error);
  g_assert_no_error (error);
  return TEST_ENGINE (engine);
}

/* Good files */

static void
test_all_values (void)
{
  g_autoptr(AuConfig) config = read_text (
    "\xef\xbb\xbf# A comment\r\n"
    "[au]\r\n"
    "  ttl = 1h30m  \r\n"
    "label= one = two # three\r\n"
    "\n"
    "[ backend  main ]\n"
    "type=good\n"
    "[store main]\n"
    "type=good\n"
    "path=/var/lib/a b\\n\n"
    "limit=9\n"
    "size=64KiB\n"
    "ttl=250ms\n"
    "rate=600/min\n"
    "ratio=0.25\n"
    "enabled=off\n"
    "kind=middleware\n"
    "flags=owner-context\n"
    "words=a; b\\;c\n"
    "metadata={'a': <5>}\n"
    "password=x\n"
    "pin=1234\n"
    "serializer=fine\n"
    "[serializer fine]\n"
    "type=good");
  g_autoptr(TestEngine) engine = make_engine (config);
  g_autoptr(GVariant) metadata = NULL;
  g_autoptr(AuSerializer) serializer = NULL;
  g_autofree char *path = NULL;
  g_autofree char *password = NULL;
  g_auto (GStrv) words = NULL;
  gboolean enabled;
  guint64 size;
  gint64 ttl;
  double rate, ratio;
  guint flags, pin;
  int limit, kind;

  g_assert_cmpint (engine->ttl, ==, 90 * G_TIME_SPAN_MINUTE);
  g_assert_cmpstr (engine->label, ==, "one = two # three");
  g_assert_true (AU_IS_BACKEND (engine->backend));

  g_object_get (engine->store, "path", &path, "limit", &limit, "size", &size, "ttl", &ttl,
                "rate", &rate, "ratio", &ratio, "enabled", &enabled, "kind", &kind,
                "flags", &flags, "words", &words, "metadata", &metadata,
                "password", &password, "pin", &pin, "serializer", &serializer, NULL);
  g_assert_cmpstr (path, ==, "/var/lib/a b\\n");
  g_assert_cmpint (limit, ==, 9);
  g_assert_cmpuint (size, ==, 65536);
  g_assert_cmpint (ttl, ==, 250000);
  g_assert_cmpfloat (rate, ==, 10);
  g_assert_cmpfloat (ratio, ==, 0.25);
  g_assert_false (enabled);
  g_assert_cmpint (kind, ==, AU_MODULE_MIDDLEWARE);
  g_assert_cmpuint (flags, ==, AU_FUNCTION_OWNER_CONTEXT);
  g_assert_cmpuint (g_strv_length (words), ==, 2);
  g_assert_cmpstr (words[1], ==, "b;c");
  g_assert_cmpuint (g_variant_n_children (metadata), ==, 1);
  g_assert_cmpstr (password, ==, "x");
  g_assert_cmpuint (pin, ==, 1234);
  g_assert_true (AU_IS_SERIALIZER (serializer));
}

static void
test_references (void)
{
  g_autoptr(AuConfig) config = read_text ("[au]\nstore=a\nmiddleware=two; one ;three;\n"
                                          "[engine other]\nstore=b\n" BACKEND
                                          "[store a]\ntype=good\nnext=b\n"
                                          "[store b]\ntype=good\n"
                                          "[middleware one]\ntype=good\n"
                                          "[middleware two]\ntype=good\n"
                                          "[middleware three]\ntype=good\n");
  g_autoptr(TestEngine) engine = make_engine (config);
  g_autoptr(TestEngine) again = make_engine (config);
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) other = NULL;
  g_autoptr(GObject) one = NULL;
  g_autoptr(GObject) first = NULL;
  g_autoptr(GObject) second = NULL;
  g_autoptr(GObject) next = NULL;
  g_autoptr(GObject) b = NULL;

  /* In the order that is given. */
  g_assert_cmpuint (g_list_model_get_n_items (engine->middleware), ==, 3);
  g_assert_true (g_list_model_get_item_type (engine->middleware) == AU_TYPE_MIDDLEWARE);
  one = au_config_create (config, AU_TYPE_MIDDLEWARE, "middleware one", &error);
  g_assert_no_error (error);
  first = g_list_model_get_item (engine->middleware, 0);
  second = g_list_model_get_item (engine->middleware, 1);
  g_assert_true (second == one);
  g_assert_true (first != one);

  /* What several name is one object. */
  other = au_config_create (config, TEST_TYPE_ENGINE, "engine other", &error);
  g_assert_no_error (error);
  g_object_get (engine->store, "next", &next, NULL);
  g_assert_true (next == G_OBJECT (TEST_ENGINE (other)->store));
  g_assert_true (engine->store == again->store);
  g_assert_true (engine != again);
  b = au_config_create (config, AU_TYPE_STORE, "store b", &error);
  g_assert_true (b == next);
}

static void
test_parts_live_as_long_as_used (void)
{
  g_autoptr(AuConfig) config = read_text ("[store main]\ntype=good\n" BACKEND);
  g_autoptr(GObject) store = au_config_create (config, AU_TYPE_STORE, "store main", NULL);
  GObject *watched = store;

  g_object_add_weak_pointer (watched, (gpointer *) &watched);
  g_clear_object (&store);
  g_assert_null (watched);

  store = au_config_create (config, AU_TYPE_STORE, "store main", NULL);
  g_assert_true (AU_IS_STORE (store));
}

static void
test_override (void)
{
  g_autoptr(AuConfig) config = read_text ("[au]\nttl=1h\n[store main]\ntype=good\nlimit=3\n"
                                          BACKEND);
  g_autoptr(TestEngine) engine = NULL;
  g_autoptr(GError) error = NULL;
  int limit;

  g_assert_true (au_config_set (config, "au.ttl", "2h", &error));
  g_assert_true (au_config_set (config, "store.main.limit", "4", &error));
  g_assert_true (au_config_set (config, "store.main.limit", "5", &error));
  g_assert_true (au_config_set (config, "middleware.log.type", "good", &error));
  g_assert_true (au_config_set (config, "au.middleware", "log", &error));
  g_assert_no_error (error);

  engine = make_engine (config);
  g_assert_cmpint (engine->ttl, ==, 2 * G_TIME_SPAN_HOUR);
  g_object_get (engine->store, "limit", &limit, NULL);
  g_assert_cmpint (limit, ==, 5);
  g_assert_cmpuint (g_list_model_get_n_items (engine->middleware), ==, 1);

  g_assert_false (au_config_set (config, "au.ttl", "3h", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
                   "au.ttl: the configuration is in use, and cannot be changed any more: "
                   "make another");
}

/* Secrets */

static char *
get_password (const char *text)
{
  g_autoptr(AuConfig) config = read_text (text);
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) store = au_config_create (config, AU_TYPE_STORE, "store main", &error);
  char *password;

  g_assert_no_error (error);
  g_object_get (store, "password", &password, NULL);
  return password;
}

static void
test_secrets (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *secret = g_build_filename (folder, "secret", NULL);
  g_autofree char *file = g_build_filename (folder, "au.conf", NULL);
  g_autofree char *text = g_strdup_printf ("[store main]\ntype=good\npassword=@%s\n", secret);
  g_autofree char *from_file = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *at = NULL;
  g_autofree char *relative = NULL;
  g_autofree char *message = NULL;
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) store = NULL;

  g_assert_true (g_file_set_contents (secret, " two words \n", -1, NULL));
  from_file = get_password (text);
  g_assert_cmpstr (from_file, ==, " two words ");
  plain = get_password ("[store main]\ntype=good\npassword=plain\n");
  g_assert_cmpstr (plain, ==, "plain");
  at = get_password ("[store main]\ntype=good\npassword=@@home\n");
  g_assert_cmpstr (at, ==, "@home");

  /* Relative to the file that names it. */
  g_assert_true (g_file_set_contents (file, "[store main]\ntype=good\npassword=@secret\n", -1,
                                      NULL));
  config = au_config_new_from_file (file, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_config_get_origin (config), ==, file);
  store = au_config_create (config, AU_TYPE_STORE, "store main", &error);
  g_assert_no_error (error);
  g_object_get (store, "password", &relative, NULL);
  g_assert_cmpstr (relative, ==, " two words ");

  g_assert_no_errno (g_unlink (secret));
  message = g_strdup_printf ("au.conf:3: [store main] password: the secret cannot be read: %s: "
                             "No such file or directory", secret);
  g_free (text);
  text = g_strdup_printf ("[store main]\ntype=good\npassword=@%s\n" BACKEND, secret);
  assert_refused (text, message);

  /* What is secret is not told. */
  assert_setting_refused ("pin=123456", "au.conf:10: [store main] pin: the secret is not allowed: "
                          "it takes a whole number from 0 to 9999");

  g_unlink (file);
  g_rmdir (folder);
}

/* Showing */

static void
test_to_text (void)
{
  g_autoptr(AuConfig) config = read_text ("[au]\nttl=90m\n\n[store main]\ntype=good\n"
                                          "password=hunter2\nlimit=3\nwords=a;b\n" BACKEND);
  g_autoptr(AuConfig) again = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (au_config_set (config, "store.main.limit", "5", &error));
  text = au_config_to_text (config, TEST_TYPE_ENGINE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==,
                   "[au]\n"
                   "# au.conf:2\nttl=90m\n"
                   "# default\nstore=main\n"
                   "# default\nbackend=main\n"
                   "\n[store main]\n"
                   "# au.conf:5\ntype=good\n"
                   "# au.conf:6\npassword=(secret)\n"
                   "# override\nlimit=5\n"
                   "# au.conf:8\nwords=a;b\n"
                   "# default\nsize=64KiB\n"
                   "# default\nttl=0\n"
                   "# default\nrate=10/s\n"
                   "# default\nratio=0.5\n"
                   "# default\nenabled=true\n"
                   "# default\nkind=store\n"
                   "# default\nflags=none\n"
                   "# default\npin=(secret)\n"
                   "# default\nfail-silently=false\n"
                   "\n[backend main]\n"
                   "# au.conf:10\ntype=good\n"
                   "# default\nmax-workers=0\n");

  /* It is a key file again. */
  again = au_config_new_from_data (text, -1, NULL, &error);
  g_assert_no_error (error);
}

/* Defaults */

static void
link_module (const char *folder,
             const char *target,
             const char *name)
{
  g_autofree char *from = g_build_filename (folder, name, NULL);
  g_autofree char *to = g_build_filename (fixture_built (), target, NULL);

  g_assert_no_errno (symlink (to, from));
}

static void
test_defaults (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *path = g_strdup_printf ("%s:%s", folder, fixture_modules ());
  g_autofree char *expected = g_build_filename (g_get_user_state_dir (), "au", "au.db", NULL);
  g_autofree char *start = NULL;
  g_autofree char *store = g_build_filename (folder, "au_store_sqlite.so", NULL);
  g_autofree char *backend = g_build_filename (folder, "au_backend_process.so", NULL);
  g_autoptr(AuConfig) empty = au_config_new ();
  g_autoptr(AuConfig) partly = au_config_new ();
  g_autoptr(AuConfig) other = au_config_new ();
  g_autoptr(AuConfig) file = NULL;
  g_autoptr(TestEngine) empty_engine = NULL;
  g_autoptr(TestEngine) partly_engine = NULL;
  g_autoptr(TestEngine) other_engine = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *empty_path = NULL;
  g_autofree char *partly_path = NULL;
  g_autofree char *other_path = NULL;

  link_module (folder, "au_store_good.so", "au_store_sqlite.so");
  link_module (folder, "au_backend_good.so", "au_backend_process.so");
  g_setenv ("AU_MODULE_PATH", path, TRUE);

  /* Nothing is set. */
  empty_engine = make_engine (empty);
  g_object_get (empty_engine->store, "path", &empty_path, NULL);
  g_assert_cmpstr (empty_path, ==, expected);
  g_assert_true (AU_IS_BACKEND (empty_engine->backend));
  g_assert_cmpint (empty_engine->ttl, ==, G_TIME_SPAN_DAY);
  g_assert_null (empty_engine->middleware);

  text = au_config_to_text (empty, TEST_TYPE_ENGINE, &error);
  g_assert_no_error (error);
  start = g_strdup_printf ("[au]\n"
                           "# default\nstore=main\n"
                           "# default\nbackend=main\n"
                           "# default\nttl=1d\n"
                           "\n[store main]\n"
                           "# default\ntype=sqlite\n"
                           "# default\npath=%s\n", expected);
  g_assert_true (g_str_has_prefix (text, start));

  /* Only the place of the default store is. */
  g_assert_true (au_config_set (partly, "store.main.path", "/elsewhere", NULL));
  partly_engine = make_engine (partly);
  g_object_get (partly_engine->store, "path", &partly_path, NULL);
  g_assert_cmpstr (partly_path, ==, "/elsewhere");

  /* Another store has no use for the place of the default one. */
  g_assert_true (au_config_set (other, "store.main.type", "good", NULL));
  other_engine = make_engine (other);
  g_object_get (other_engine->store, "path", &other_path, NULL);
  g_assert_null (other_path);

  /* A group in a file is as the file says. */
  file = read_text ("[store main]\nlimit=3\n");
  assert_config_refused (file, AU_ERROR_CONFIG,
                         "au.conf:1: [store main]: no type= says which store it is "
                         "(have: abstract, bad-name, clash, functions, good, "
                         "missing-library, newer-minor, no-descriptor, no-gtype, other-abi, "
                         "other-name, provides-other, second-libau, small, sqlite, twice, undefined, "
                         "unknown-kind, wrong-interface)");

  g_setenv ("AU_MODULE_PATH", fixture_modules (), TRUE);
  g_unlink (store);
  g_unlink (backend);
  g_rmdir (folder);
}

/* Places */

static void
test_modules_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "au.conf", NULL);
  g_autofree char *module = g_build_filename (folder, "mine", "au_store_empty.so", NULL);
  g_autofree char *mine = g_path_get_dirname (module);
  g_autofree char *message = g_strdup_printf ("%s:4: [store main] type: %s is empty: "
                                              "install the module again", file, module);
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(GError) error = NULL;

  /* Relative to the file that names it. */
  g_assert_no_errno (g_mkdir (mine, 0755));
  g_assert_true (g_file_set_contents_full (module, "", 0, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  g_assert_no_errno (g_chmod (module, 0644));
  g_assert_true (g_file_set_contents (file, "[modules]\npath=/nonexistent; mine\n[store main]\n"
                                      "type=empty\n", -1, NULL));

  config = au_config_new_from_file (file, &error);
  g_assert_no_error (error);
  g_assert_null (au_config_create (config, AU_TYPE_STORE, "store main", &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID);

  g_unlink (module);
  g_rmdir (mine);
  g_unlink (file);
  g_rmdir (folder);
}

static void
write_config (const char *folder,
              const char *label)
{
  g_autofree char *path = g_build_filename (folder, "au.conf", NULL);
  g_autofree char *text = g_strdup_printf ("[au]\nlabel=%s\n", label);
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (g_mkdir_with_parents (folder, 0755));
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
assert_found (const char *origin)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuConfig) config = au_config_find (&error);

  g_assert_no_error (error);
  g_assert_cmpstr (au_config_get_origin (config), ==, origin);
}

static void
test_find (void)
{
  /* GLib reads the variables that name these folders only once. */
  g_autofree char *user = g_build_filename (g_get_user_config_dir (), "au", NULL);
  g_autofree char *user_file = g_build_filename (user, "au.conf", NULL);
  g_autofree char *system = g_build_filename (g_get_system_config_dirs ()[0], "au", NULL);
  g_autofree char *system_file = g_build_filename (system, "au.conf", NULL);
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *here = g_get_current_dir ();
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (g_chdir (folder));
  assert_found (NULL);

  write_config (system, "system");
  assert_found (system_file);
  write_config (user, "user");
  assert_found (user_file);
  write_config (".", "here");
  assert_found ("au.conf");

  g_setenv ("AU_CONFIG", user_file, TRUE);
  assert_found (user_file);
  g_setenv ("AU_CONFIG", "", TRUE);
  assert_found (NULL);
  g_setenv ("AU_CONFIG", "/nonexistent/au.conf", TRUE);
  g_assert_null (au_config_find (&error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==,
                   "AU_CONFIG: the key file cannot be read: /nonexistent/au.conf: No such file "
                   "or directory");
  g_unsetenv ("AU_CONFIG");

  /* Anybody can leave a file in a folder that is for all. */
  g_clear_error (&error);
  g_assert_no_errno (g_chmod ("au.conf", 0666));
  g_assert_null (au_config_find (&error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, "the key file cannot be read: au.conf: everyone may write "
                   "to it: use “chmod o-w” on the file");
  g_setenv ("AU_CONFIG", "au.conf", TRUE);
  assert_found ("au.conf");
  g_unsetenv ("AU_CONFIG");
  g_assert_no_errno (g_chmod ("au.conf", 0664));
  assert_found ("au.conf");

  /* One that is there and wrong is not passed over. */
  g_clear_error (&error);
  g_assert_true (g_file_set_contents ("au.conf", "[uu]\n", -1, NULL));
  g_assert_null (au_config_find (&error));
  g_assert_cmpstr (error->message, ==,
                   "au.conf:1: [uu]: no such group; did you mean “au”? (groups: " GROUPS ")");

  g_unlink ("au.conf");
  g_assert_no_errno (g_chdir (here));
  g_rmdir (folder);
  g_unlink (user_file);
  g_rmdir (user);
  g_rmdir (g_get_user_config_dir ());
  g_unlink (system_file);
  g_rmdir (system);
  g_rmdir (g_get_system_config_dirs ()[0]);
}

static void
test_find_foreign (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *here = g_get_current_dir ();
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (g_chdir (folder));
  write_config (".", "here");
  if (chown ("au.conf", 65534, (gid_t) -1) == 0)
    {
      g_assert_null (au_config_find (&error));
      g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
      g_assert_cmpstr (error->message, ==, "the key file cannot be read: au.conf: it belongs to "
                       "another user (65534): name it with AU_CONFIG if it is meant");
    }
  else
    g_test_skip ("files cannot be given away here");

  g_unlink ("au.conf");
  g_assert_no_errno (g_chdir (here));
  g_rmdir (folder);
}

/* A device never ends. */
static void
test_too_long (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuConfig) config = NULL;

  g_assert_null (au_config_new_from_file ("/dev/zero", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, "the key file cannot be read: /dev/zero: it is longer than "
                   "16777216 bytes");

  config = read_text ("[store main]\ntype=good\npassword=@/dev/zero\n" BACKEND);
  assert_config_refused (config, AU_ERROR_CONFIG, "au.conf:3: [store main] password: the secret "
                         "cannot be read: /dev/zero: it is longer than 65536 bytes");
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);

  g_test_add_func ("/config/all-values", test_all_values);
  g_test_add_func ("/config/references", test_references);
  g_test_add_func ("/config/parts-live-as-long-as-used", test_parts_live_as_long_as_used);
  g_test_add_func ("/config/override", test_override);
  g_test_add_func ("/config/secrets", test_secrets);
  g_test_add_func ("/config/to-text", test_to_text);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/modules-path", test_modules_path);
  g_test_add_func ("/config/find", test_find);
  g_test_add_func ("/config/find-foreign", test_find_foreign);
  g_test_add_func ("/config/too-long", test_too_long);

  return fixture_run ();
}
