/* test-loader.c: modules, and what they provide
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "module-fixture.h"

#include <au/au-backend.h>
#include <au/au-error.h>
#include <au/au-middleware.h>
#include <au/au-module-info.h>
#include <au/au-serializer.h>
#include <au/au-store.h>

#include <glib/gstdio.h>
#include <unistd.h>

/* A function of the program, of which a module has one of the same name. */

static GVariant *
own_function (AuCall   *call,
              GVariant *arguments,
              gpointer  user_data,
              GError  **error)
{
  return g_variant_new_int64 (0);
}

static const AuFunctionEntry own_functions[] = {
  { "good.taken", "(x)", "x", own_function, AU_FUNCTION_NONE, "The program's own", NULL, NULL },
  { NULL, NULL, NULL, NULL, AU_FUNCTION_NONE, NULL, NULL, NULL }
};

/* Threads */

#define N_THREADS 8

static GMutex start_lock;
static GCond start_cond;
static guint n_started;

static gpointer
make_parts (gpointer data)
{
  const AuModuleKind kinds[] = { AU_MODULE_STORE, AU_MODULE_BACKEND, AU_MODULE_MIDDLEWARE,
                                 AU_MODULE_SERIALIZER };
  const char *const broken[] = { "other-abi", "newer-minor", "no-descriptor", "undefined" };
  guint number = GPOINTER_TO_UINT (data);

  g_mutex_lock (&start_lock);
  n_started++;
  g_cond_broadcast (&start_cond);
  while (n_started < N_THREADS)
    g_cond_wait (&start_cond, &start_lock);
  g_mutex_unlock (&start_lock);

  for (guint i = 0; i < 200; i++)
    {
      AuModuleKind kind = kinds[(i + number) % G_N_ELEMENTS (kinds)];
      g_autoptr(GError) error = NULL;
      g_autoptr(GObject) part = au_part_new (kind, "good", &error, NULL);
      g_autoptr(AuFunction) function = NULL;

      g_assert_no_error (error);
      g_assert_nonnull (part);

      function = au_part_find_function ("good.twice", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (au_function_get_name (function), ==, "good.twice");

      g_assert_cmpuint (au_part_get_gtype (AU_MODULE_STORE,
                                           broken[(i + number) % G_N_ELEMENTS (broken)],
                                           &error), ==, G_TYPE_INVALID);
      g_assert_nonnull (error);
    }

  return NULL;
}

/* First of all, while nothing is loaded yet. */
static void
test_threads (void)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("maker", make_parts, GUINT_TO_POINTER (i));
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

/* Good modules */

static void
test_kinds (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) store = au_part_new (AU_MODULE_STORE, "good", &error, NULL);
  g_autoptr(GObject) backend = au_part_new (AU_MODULE_BACKEND, "good", &error, NULL);
  g_autoptr(GObject) middleware = au_part_new (AU_MODULE_MIDDLEWARE, "good", &error, NULL);
  g_autoptr(GObject) serializer = au_part_new (AU_MODULE_SERIALIZER, "good", &error, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_assert_no_error (error);
  g_assert_true (AU_IS_STORE (store));
  g_assert_true (AU_IS_BACKEND (backend));
  g_assert_true (AU_IS_MIDDLEWARE (middleware));
  g_assert_true (AU_IS_SERIALIZER (serializer));
  g_assert_cmpuint (au_part_get_gtype (AU_MODULE_STORE, "good", NULL), ==, G_OBJECT_TYPE (store));
  g_assert_cmpstr (au_part_get_type_name (store), ==, "good");
  g_assert_cmpstr (au_part_get_type_name (G_OBJECT (cancellable)), ==, "GCancellable");
}

static void
test_properties (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) store = au_part_new (AU_MODULE_STORE, "good", &error,
                                          "path", "/tmp", "limit", 9, NULL);
  g_autofree char *path = NULL;
  int limit;

  g_assert_no_error (error);
  g_object_get (store, "path", &path, "limit", &limit, NULL);
  g_assert_cmpstr (path, ==, "/tmp");
  g_assert_cmpint (limit, ==, 9);
}

static void
test_start_fails (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_part_new (AU_MODULE_STORE, "good", &error, "fail", "the disk is full", NULL));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpstr (error->message, ==, "the disk is full");

  g_clear_error (&error);
  g_assert_null (au_part_new (AU_MODULE_STORE, "good", &error, "fail-silently", TRUE, NULL));
  g_assert_error (error, AU_ERROR, AU_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==,
                   "TestGoodStore could not be started and gives no reason: "
                   "that is a mistake in it");
}

static void
test_strings (void)
{
  const char *const settings[] = { "path=/tmp/a=b", "ttl=1h", "words=a;b", "enabled=no",
                                   "password=@@home", NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) store = au_part_new_from_strings (AU_MODULE_STORE, "good", settings, &error);
  g_autofree char *path = NULL;
  g_autofree char *password = NULL;
  g_auto (GStrv) words = NULL;
  gboolean enabled;
  gint64 ttl;

  g_assert_no_error (error);
  g_object_get (store, "path", &path, "ttl", &ttl, "words", &words, "enabled", &enabled,
                "password", &password, NULL);
  g_assert_cmpstr (path, ==, "/tmp/a=b");
  g_assert_cmpint (ttl, ==, G_TIME_SPAN_HOUR);
  g_assert_cmpstr (words[1], ==, "b");
  g_assert_false (enabled);
  g_assert_cmpstr (password, ==, "@home");
}

static void
assert_strings_refused (const char *first,
                        const char *second,
                        AuError     code,
                        const char *message)
{
  const char *const settings[] = { first, second, NULL };
  g_autoptr(GError) error = NULL;

  g_assert_null (au_part_new_from_strings (AU_MODULE_STORE, "good", settings, &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, (int) code);
}

static void
test_strings_refused (void)
{
  assert_strings_refused ("path", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "“path” is no setting: write NAME=VALUE");
  assert_strings_refused ("pathh=x", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "pathh: no such key; did you mean “path”? (have: " GOOD_KEYS ")");
  assert_strings_refused ("nonsense=x", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "nonsense: no such key (have: " GOOD_KEYS ")");
  assert_strings_refused ("fail_silently=x", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "fail_silently: no such key; did you mean “fail-silently”? "
                          "(have: " GOOD_KEYS ")");
  /* It cannot be written. */
  assert_strings_refused ("state=x", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "state: no such key; did you mean “rate”? (have: " GOOD_KEYS ")");
  assert_strings_refused ("path=a", "path=b", AU_ERROR_INVALID_ARGUMENT, "path: given twice");
  assert_strings_refused ("limit=99", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "limit: “99” is not allowed: it takes a whole number from 1 to 64");
  assert_strings_refused ("parent=x", NULL, AU_ERROR_UNSUPPORTED,
                          "parent: the property “parent” is GCancellable, which cannot be given "
                          "as text: set it in the program");
  assert_strings_refused ("password=@/nonexistent/secret", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "password: the secret cannot be read: /nonexistent/secret: No such file or directory");
  /* What is secret is not told. */
  assert_strings_refused ("pin=123456", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "pin: the secret is not allowed: it takes a whole number "
                          "from 0 to 9999");
}

static void
test_functions (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuFunction) function = NULL;

  function = au_part_find_function ("good.twice", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_function_get_name (function), ==, "good.twice");
  g_assert_cmpstr (au_function_get_summary (function), ==, "Twice a number");

  g_clear_object (&function);
  function = au_part_find_function ("good", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_function_get_name (function), ==, "good");

  /* A program may have its own in place of a module's. */
  g_clear_object (&function);
  function = au_part_find_function ("good.taken", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_function_get_summary (function), ==, "The program's own");
}

static void
test_unknown_functions (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_part_find_function ("good.twise", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
  g_assert_cmpstr (error->message, ==,
                   "no such function: “good.twise”; did you mean “good.twice”? "
                   "(have: good, good.taken, good.twice, bad-entry.*, stray.*)");

  g_clear_error (&error);
  g_assert_null (au_part_find_function ("nonsense.thing", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
  g_assert_cmpstr (error->message, ==,
                   "no such function: “nonsense.thing” "
                   "(have: good, good.taken, good.twice, bad-entry.*, stray.*); "
                   "register it, or install the module that has it");

  /* A name that is a path leads nowhere. */
  g_clear_error (&error);
  g_assert_null (au_part_find_function ("../good", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
}

static void
test_list (void)
{
  g_autoptr(GListModel) list = au_modules_list ();
  g_autoptr(AuModuleInfo) good = NULL;
  g_autoptr(GError) error = NULL;
  g_auto (GStrv) types = NULL;
  g_auto (GStrv) functions = NULL;
  gboolean found = FALSE;

  g_assert_cmpuint (g_list_model_get_n_items (list), >, 20);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr(AuModuleInfo) info = g_list_model_get_item (list, i);

      if (au_module_info_get_kind (info) == AU_MODULE_FUNCTION &&
          g_str_equal (au_module_info_get_name (info), "good"))
        {
          g_assert_false (found);
          found = TRUE;
          g_assert_true (g_str_has_suffix (au_module_info_get_file (info),
                                           "/tests/modules/.libs/au_function_good.so"));
        }
    }
  g_assert_true (found);

  good = au_module_info_new (AU_MODULE_STORE, "good", &error);
  g_assert_no_error (error);
  g_assert_null (au_module_info_get_version (good));
  types = au_module_info_list_types (good);
  g_assert_cmpuint (g_strv_length (types), ==, 0);
  g_clear_pointer (&types, g_strfreev);

  g_assert_true (au_module_info_load (good, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (au_module_info_get_version (good), ==, "1.2");
  g_assert_cmpstr (au_module_info_get_license (good), ==, "LGPL-2.1-or-later");
  g_assert_cmpstr (au_module_info_get_summary (good), ==, "A store for tests");
  types = au_module_info_list_types (good);
  g_assert_cmpuint (g_strv_length (types), ==, 3);
  g_assert_cmpstr (types[0], ==, "store/good");
  g_assert_cmpstr (types[1], ==, "store/good-twin");
  functions = au_module_info_list_functions (good);
  g_assert_cmpuint (g_strv_length (functions), ==, 0);

  g_clear_object (&good);
  good = au_module_info_new (AU_MODULE_FUNCTION, "good", &error);
  g_assert_no_error (error);
  g_assert_true (au_module_info_load (good, &error));
  g_clear_pointer (&functions, g_strfreev);
  functions = au_module_info_list_functions (good);
  g_assert_cmpuint (g_strv_length (functions), ==, 3);
  g_assert_cmpstr (functions[1], ==, "good.twice");

  g_assert_null (au_module_info_new (AU_MODULE_STORE, "nonsense", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND);
}

/* Finding */

static void
test_not_found (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *message = NULL;
  g_autofree char *redis = write_file (fixture->folder, "au_store_redis.so", "", 0);
  g_autofree char *queue = write_file (fixture->folder, "au_store_redis_queue.so", "", 0);
  g_autofree char *other = write_file (fixture->folder, "au_backend_pool.so", "", 0);
  g_autofree char *upper = write_file (fixture->folder, "au_store_Upper.so", "", 0);
  g_autofree char *archive = write_file (fixture->folder, "au_store_archive.la", "", 0);

  assert_no_type (AU_MODULE_STORE, "redsi", AU_ERROR_MODULE_NOT_FOUND,
                  "no such store: “redsi”; did you mean “redis”? "
                  "(have: redis, redis-queue; looked in: %s)", fixture->folder);
  assert_no_type (AU_MODULE_STORE, "nonsense", AU_ERROR_MODULE_NOT_FOUND,
                  "no such store: “nonsense” (have: redis, redis-queue; looked in: %s); "
                  "install the module that has it, or set AU_MODULE_PATH", fixture->folder);
  assert_no_type (AU_MODULE_STORE, "redis_queue", AU_ERROR_MODULE_NOT_FOUND,
                  "no such store: “redis_queue”; did you mean “redis-queue”? "
                  "(have: redis, redis-queue; looked in: %s)", fixture->folder);
  assert_no_type (AU_MODULE_MIDDLEWARE, "log", AU_ERROR_MODULE_NOT_FOUND,
                  "no such middleware: “log” (have: none; looked in: %s); "
                  "install the module that has it, or set AU_MODULE_PATH", fixture->folder);
  assert_no_type (AU_MODULE_STORE, "../../x", AU_ERROR_INVALID_ARGUMENT,
                  "“../../x” cannot be the name of a store: names are of small letters, digits "
                  "and hyphens, and start with a letter (have: redis, redis-queue; "
                  "looked in: %s)", fixture->folder);

  g_unsetenv ("AU_MODULE_PATH");
  assert_no_type (AU_MODULE_STORE, "nonsense", AU_ERROR_MODULE_NOT_FOUND,
                  "no such store: “nonsense” (have: none; looked in: none); "
                  "install the module that has it, or set AU_MODULE_PATH", "");
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *first = g_build_filename (fixture->folder, "first", NULL);
  g_autofree char *second = g_build_filename (fixture->folder, "second", NULL);
  g_autofree char *third = g_build_filename (fixture->folder, "third", NULL);
  g_autofree char *uninstalled = g_build_filename (first, ".libs", NULL);
  g_autofree char *path = g_strdup_printf (":%s::%s:", first, second);
  const char *const folders[] = { first, second, third, uninstalled };
  g_autofree char *in_second = NULL;
  g_autofree char *in_third = NULL;
  g_autofree char *in_uninstalled = NULL;
  g_autofree char *in_first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    g_assert_no_errno (g_mkdir (folders[i], 0755));

  /* Empty parts are not the current folder. */
  g_setenv ("AU_MODULE_PATH", path, TRUE);
  g_setenv ("AU_MODULE_SYSTEM_PATH", third, TRUE);

  in_third = write_file (third, "au_store_ordered.so", "", 0);
  assert_no_type (AU_MODULE_STORE, "ordered", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", in_third);
  in_second = write_file (second, "au_store_ordered.so", "", 0);
  assert_no_type (AU_MODULE_STORE, "ordered", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", in_second);
  in_uninstalled = write_file (uninstalled, "au_store_ordered.so", "", 0);
  assert_no_type (AU_MODULE_STORE, "ordered", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", in_uninstalled);
  in_first = write_file (first, "au_store_ordered.so", "", 0);
  assert_no_type (AU_MODULE_STORE, "ordered", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", in_first);

  g_setenv ("AU_MODULE_SYSTEM_PATH", "", TRUE);
}

static void
test_link (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *target = g_build_filename (fixture_built (), "au_store_good.so", NULL);
  g_autofree char *link_twin = g_build_filename (fixture->folder, "au_store_good_twin.so", NULL);
  g_autofree char *link_alias = g_build_filename (fixture->folder, "au_store_alias.so", NULL);
  g_autofree char *broken = g_build_filename (fixture->folder, "au_store_broken.so", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) twin = NULL;

  g_assert_no_errno (symlink (target, link_twin));
  g_assert_no_errno (symlink (target, link_alias));
  g_assert_no_errno (symlink ("/nonexistent/au_store_broken.so", broken));

  /* A module with several types is found by links to it, with hyphens in names. */
  twin = au_part_new (AU_MODULE_STORE, "good-twin", &error, NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (G_OBJECT_TYPE_NAME (twin), ==, "TestTwinStore");

  assert_no_type (AU_MODULE_STORE, "alias", AU_ERROR_MODULE_INVALID,
                  "%s provides no store “alias”, as its name says "
                  "(provides: store/good, store/good-twin, store/sqlite): name the file after what it provides",
                  target);
  assert_no_type (AU_MODULE_STORE, "broken", AU_ERROR_MODULE_LOAD,
                  "%s cannot be read: No such file or directory", broken);
}

static void
test_la_is_ignored (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *module = copy_module (fixture->folder, "au_store_small.so",
                                         "au_store_small.so", NULL, NULL);
  /* libltdl would open what this says. */
  g_autofree char *archive =
    write_file (fixture->folder, "au_store_small.la",
                "dlname='/nonexistent/evil.so'\nlibrary_names='evil.so'\nold_library=''\n"
                "installed=yes\nshouldnotlink=yes\nlibdir='/nonexistent'\n", -1);
  g_autofree char *only = write_file (fixture->folder, "au_store_only.la",
                                      "dlname='au_store_small.so'\n", -1);
  g_autofree char *message = NULL;

  message = g_strdup_printf ("%%s has a descriptor of 24 bytes where %" G_GSIZE_FORMAT
                             " are needed: build the module with AU_MODULE_DEFINE",
                             sizeof (AuModuleDescriptor));
  assert_no_type (AU_MODULE_STORE, "small", AU_ERROR_MODULE_INVALID, message, module);
  assert_no_type (AU_MODULE_STORE, "only", AU_ERROR_MODULE_NOT_FOUND,
                  "no such store: “only” (have: small; looked in: %s); "
                  "install the module that has it, or set AU_MODULE_PATH", fixture->folder);
}

static void
test_add_folder (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *added = g_build_filename (fixture->folder, "added", NULL);
  g_autofree char *file = NULL;

  g_assert_no_errno (g_mkdir (added, 0755));
  file = write_file (added, "au_store_added.so", "", 0);

  au_module_add_folder (added);
  au_module_add_folder (added);
  assert_no_type (AU_MODULE_STORE, "added", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", file);
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
  au_functions_register (own_functions);

  g_test_add_func ("/module/threads", test_threads);
  g_test_add_func ("/module/part/kinds", test_kinds);
  g_test_add_func ("/module/part/properties", test_properties);
  g_test_add_func ("/module/part/start-fails", test_start_fails);
  g_test_add_func ("/module/part/strings", test_strings);
  g_test_add_func ("/module/part/strings-refused", test_strings_refused);
  g_test_add_func ("/module/part/functions", test_functions);
  g_test_add_func ("/module/part/unknown-functions", test_unknown_functions);
  g_test_add_func ("/module/info/list", test_list);

  fixture_add ("/module/find/not-found", test_not_found);
  fixture_add ("/module/find/order", test_order);
  fixture_add ("/module/find/link", test_link);
  fixture_add ("/module/find/la-is-ignored", test_la_is_ignored);
  /* The folder stays added, so that messages about folders must be tested before. */
  fixture_add ("/module/find/add-folder", test_add_folder);

  return fixture_run ();
}
