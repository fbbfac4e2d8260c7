/* test-loader.c: modules, good and broken
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-backend.h>
#include <au/au-error.h>
#include <au/au-middleware.h>
#include <au/au-module-info.h>
#include <au/au-part.h>
#include <au/au-serializer.h>
#include <au/au-store.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder where libtool puts the modules of tests/modules/. */
static char *built;

/* A folder for one test, in which it may put modules as it likes. */
typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("au-loader-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("AU_MODULE_PATH", fixture->folder, TRUE);
}

static void
remove_all (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_all (path);
      else
        g_assert_no_errno (g_unlink (path));
    }

  g_assert_no_errno (g_rmdir (folder));
}

/* With the checks that the other tests do without. */
static void
set_up_checks (Fixture       *fixture,
               gconstpointer  data)
{
  set_up (fixture, data);
  g_unsetenv ("AU_MODULE_CHECKS");
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *modules = g_path_get_dirname (built);

  g_setenv ("AU_MODULE_PATH", modules, TRUE);
  g_setenv ("AU_MODULE_CHECKS", "off", TRUE);
  remove_all (fixture->folder);
  g_free (fixture->folder);
}

static char *
write_file (const char *folder,
            const char *name,
            const char *contents,
            gssize      length)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, contents, length, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (path, 0644));
  return path;
}

/* Copies a module that was built; @from is replaced by @to, of the same length, in it. */
static char *
copy_module (const char *folder,
             const char *name,
             const char *new_name,
             const char *from,
             const char *to)
{
  g_autofree char *path = g_build_filename (built, name, NULL);
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;
  char *p;

  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);

  if (from != NULL)
    {
      guint n_replaced = 0;

      g_assert_cmpuint (strlen (from), ==, strlen (to));
      while ((p = memmem (contents, length, from, strlen (from))) != NULL)
        {
          memcpy (p, to, strlen (to));
          n_replaced++;
        }
      g_assert_cmpuint (n_replaced, >, 0);
    }

  return write_file (folder, new_name, contents, length);
}

/* @format has one %s, for the file. */
static void
assert_refused (AuModuleKind kind,
                const char  *type,
                AuError      code,
                const char  *format,
                const char  *file)
{
  g_autoptr(GError) error = NULL;
  g_auto (GStrv) parts = g_strsplit (format, "%s", -1);
  g_autofree char *message = g_strjoinv (file, parts);

  g_assert_cmpuint (au_part_get_gtype (kind, type, &error), ==, G_TYPE_INVALID);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, (int) code);

  /* It is refused again, for the same reason. */
  g_clear_error (&error);
  g_assert_cmpuint (au_part_get_gtype (kind, type, &error), ==, G_TYPE_INVALID);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, (int) code);
}

static void
assert_museum (const char *type,
               AuError     code,
               const char *format)
{
  g_autofree char *stem = g_strdup_printf ("au_store_%s.so", type);
  g_autofree char *file = NULL;

  g_strdelimit (stem, "-", '_');
  file = g_build_filename (built, stem, NULL);
  assert_refused (AU_MODULE_STORE, type, code, format, file);
}

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

#define KEYS "enabled, fail, fail-silently, flags, kind, limit, metadata, next, parent, " \
             "password, path, pin, rate, ratio, serializer, size, ttl, words"

static void
test_strings_refused (void)
{
  assert_strings_refused ("path", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "“path” is no setting: write NAME=VALUE");
  assert_strings_refused ("pathh=x", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "pathh: no such key; did you mean “path”? (have: " KEYS ")");
  assert_strings_refused ("nonsense=x", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "nonsense: no such key (have: " KEYS ")");
  assert_strings_refused ("fail_silently=x", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "fail_silently: no such key; did you mean “fail-silently”? "
                          "(have: " KEYS ")");
  /* It cannot be written. */
  assert_strings_refused ("state=x", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "state: no such key; did you mean “rate”? (have: " KEYS ")");
  assert_strings_refused ("path=a", "path=b", AU_ERROR_INVALID_ARGUMENT, "path: given twice");
  assert_strings_refused ("limit=99", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "limit: “99” is not allowed: it takes a whole number from 1 to 64");
  assert_strings_refused ("parent=x", NULL, AU_ERROR_UNSUPPORTED,
                          "parent: the property “parent” is GCancellable, which cannot be given "
                          "as text: set it in the program");
  assert_strings_refused ("password=@/nonexistent/secret", NULL, AU_ERROR_INVALID_ARGUMENT,
                          "password: the secret cannot be read: Failed to open file "
                          "“/nonexistent/secret”: No such file or directory");
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

  assert_refused (AU_MODULE_STORE, "redsi", AU_ERROR_MODULE_NOT_FOUND,
                  "no such store: “redsi”; did you mean “redis”? "
                  "(have: redis, redis-queue; looked in: %s)", fixture->folder);
  assert_refused (AU_MODULE_STORE, "nonsense", AU_ERROR_MODULE_NOT_FOUND,
                  "no such store: “nonsense” (have: redis, redis-queue; looked in: %s); "
                  "install the module that has it, or set AU_MODULE_PATH", fixture->folder);
  assert_refused (AU_MODULE_STORE, "redis_queue", AU_ERROR_MODULE_NOT_FOUND,
                  "no such store: “redis_queue”; did you mean “redis-queue”? "
                  "(have: redis, redis-queue; looked in: %s)", fixture->folder);
  assert_refused (AU_MODULE_MIDDLEWARE, "log", AU_ERROR_MODULE_NOT_FOUND,
                  "no such middleware: “log” (have: none; looked in: %s); "
                  "install the module that has it, or set AU_MODULE_PATH", fixture->folder);
  assert_refused (AU_MODULE_STORE, "../../x", AU_ERROR_INVALID_ARGUMENT,
                  "“../../x” cannot be the name of a store: names are of small letters, digits "
                  "and hyphens, and start with a letter (have: redis, redis-queue; "
                  "looked in: %s)", fixture->folder);

  g_unsetenv ("AU_MODULE_PATH");
  assert_refused (AU_MODULE_STORE, "nonsense", AU_ERROR_MODULE_NOT_FOUND,
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
  assert_refused (AU_MODULE_STORE, "ordered", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", in_third);
  in_second = write_file (second, "au_store_ordered.so", "", 0);
  assert_refused (AU_MODULE_STORE, "ordered", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", in_second);
  in_uninstalled = write_file (uninstalled, "au_store_ordered.so", "", 0);
  assert_refused (AU_MODULE_STORE, "ordered", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", in_uninstalled);
  in_first = write_file (first, "au_store_ordered.so", "", 0);
  assert_refused (AU_MODULE_STORE, "ordered", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", in_first);

  g_setenv ("AU_MODULE_SYSTEM_PATH", "", TRUE);
}

static void
test_link (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *target = g_build_filename (built, "au_store_good.so", NULL);
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

  assert_refused (AU_MODULE_STORE, "alias", AU_ERROR_MODULE_INVALID,
                  "%s provides no store “alias”, as its name says "
                  "(provides: store/good, store/good-twin, store/file): name the file after what it provides",
                  target);
  assert_refused (AU_MODULE_STORE, "broken", AU_ERROR_MODULE_LOAD,
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
  assert_refused (AU_MODULE_STORE, "small", AU_ERROR_MODULE_INVALID, message, module);
  assert_refused (AU_MODULE_STORE, "only", AU_ERROR_MODULE_NOT_FOUND,
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
  assert_refused (AU_MODULE_STORE, "added", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", file);
}

/* The museum */

static void
test_no_module (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *garbage = write_file (fixture->folder, "au_store_garbage.so",
                                         "This is no module.\n", -1);
  g_autofree char *tiny = write_file (fixture->folder, "au_store_tiny.so", "\177E", -1);
  g_autofree char *empty = write_file (fixture->folder, "au_store_empty.so", "", 0);
  g_autofree char *cut = write_file (fixture->folder, "au_store_cut.so", "\177ELF", -1);
  g_autofree char *folder = g_build_filename (fixture->folder, "au_store_folder.so", NULL);
  g_autofree char *fifo = g_build_filename (fixture->folder, "au_store_pipe.so", NULL);

  assert_refused (AU_MODULE_STORE, "garbage", AU_ERROR_MODULE_INVALID,
                  "%s is no shared object: install the module again", garbage);
  assert_refused (AU_MODULE_STORE, "tiny", AU_ERROR_MODULE_INVALID,
                  "%s is no shared object: install the module again", tiny);
  assert_refused (AU_MODULE_STORE, "empty", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", empty);
  assert_refused (AU_MODULE_STORE, "cut", AU_ERROR_MODULE_LOAD,
                  "%s cannot be loaded: file too short: install what is missing, or rebuild the "
                  "module", cut);

  g_assert_no_errno (g_mkdir (folder, 0755));
  assert_refused (AU_MODULE_STORE, "folder", AU_ERROR_MODULE_INVALID,
                  "%s is no regular file, so it is no module: remove it", folder);

  /* Nobody writes to it, so that whoever opened it would wait for ever. */
  g_assert_no_errno (mkfifo (fifo, 0644));
  assert_refused (AU_MODULE_STORE, "pipe", AU_ERROR_MODULE_INVALID,
                  "%s is no regular file, so it is no module: remove it", fifo);
}

static void
test_unreadable (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *file = write_file (fixture->folder, "au_store_unreadable.so", "x", -1);

  if (geteuid () == 0)
    {
      g_test_skip ("root can read everything");
      return;
    }

  g_assert_no_errno (g_chmod (file, 0));
  assert_refused (AU_MODULE_STORE, "unreadable", AU_ERROR_MODULE_LOAD,
                  "%s cannot be read: Permission denied: let this user read it", file);
}

static void
test_missing_library (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *file = copy_module (fixture->folder, "au_store_missing_library.so",
                                       "au_store_missing_library.so",
                                       "libm.so.", "libq.so.");

  assert_refused (AU_MODULE_STORE, "missing-library", AU_ERROR_MODULE_LOAD,
                  "%s cannot be loaded: libq.so.6: cannot open shared object file: No such file "
                  "or directory: install what is missing, or rebuild the module", file);
}

static void
test_undefined (void)
{
  assert_museum ("undefined", AU_ERROR_MODULE_LOAD,
                 "%s cannot be loaded: undefined symbol: au_test_function_of_the_future: link it "
                 "with the library that has this symbol, or install a newer version of that "
                 "library");
}

static void
test_other_abi_symbol (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autofree char *file = copy_module (fixture->folder, "au_store_good.so", "au_store_good.so",
                                       "au_module_abi_1", "au_module_abi_7");
  g_autoptr(AuModuleInfo) info = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *message =
    g_strdup_printf ("%s was built for module interface 7 of au, and this au has 1: rebuild it "
                     "for this au, or install the au that it was built for", file);

  info = au_module_info_new (AU_MODULE_STORE, "good", &error);
  g_assert_no_error (error);
  g_assert_false (au_module_info_load (info, &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION);
}

static void
test_renamed (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *file = copy_module (fixture->folder, "au_store_good.so", "au_store_best.so",
                                       NULL, NULL);

  assert_refused (AU_MODULE_STORE, "best", AU_ERROR_MODULE_INVALID,
                  "%s has no symbol au_store_best_LTX_au_module, but "
                  "au_store_good_LTX_au_module: was the file renamed? Call it au_store_good.so",
                  file);
}

static void
test_descriptors (void)
{
  g_autofree char *small = NULL;

  assert_museum ("no-descriptor", AU_ERROR_MODULE_INVALID,
                 "%s is no module of au: it has no symbol au_store_no_descriptor_LTX_au_module; "
                 "use AU_MODULE_DEFINE (au_store_no_descriptor, …)");
  assert_museum ("other-abi", AU_ERROR_MODULE_VERSION,
                 "%s was built for module interface 2 of au, and this au has 1: rebuild it for "
                 "this au, or install the au that it was built for");
  assert_museum ("newer-minor", AU_ERROR_MODULE_VERSION,
                 "%s was built for au 1.3 and this is au 1.0: upgrade au, or rebuild the module "
                 "with AU_VERSION_MAX_ALLOWED=AU_VERSION_1_0");
  small = g_strdup_printf ("%%s has a descriptor of 24 bytes where %" G_GSIZE_FORMAT
                           " are needed: build the module with AU_MODULE_DEFINE",
                           sizeof (AuModuleDescriptor));
  assert_museum ("small", AU_ERROR_MODULE_INVALID, small);
  assert_museum ("other-name", AU_ERROR_MODULE_INVALID,
                 "%s says that its name is “au_store_another”: name the file and the module "
                 "alike");
}

static void
test_second_libau (void)
{
  g_autofree char *file = g_build_filename (built, "au_store_second_libau.so", NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *start =
    g_strdup_printf ("%s is linked to another copy of libau (%s) than this process uses (",
                     file, file);

  /* Where this process has its libau from is another matter. */
  g_assert_cmpuint (au_part_get_gtype (AU_MODULE_STORE, "second-libau", &error), ==,
                    G_TYPE_INVALID);
  g_assert_true (g_str_has_prefix (error->message, start));
  g_assert_true (g_str_has_suffix (error->message, "): link it to this one"));
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION);
}

static void
test_types (void)
{
  assert_museum ("unknown-kind", AU_ERROR_MODULE_INVALID,
                 "%s describes its type “unknown-kind” badly (kind 17): a type has the kind of a "
                 "store, backend, middleware or serializer, a name of small letters, digits and "
                 "hyphens, and a function that gives its GType");
  assert_museum ("bad-name", AU_ERROR_MODULE_INVALID,
                 "%s describes its type “Bad_Name” badly (kind 0): a type has the kind of a "
                 "store, backend, middleware or serializer, a name of small letters, digits and "
                 "hyphens, and a function that gives its GType");
  assert_museum ("twice", AU_ERROR_MODULE_INVALID,
                 "%s provides two types for the store “twice”: rename one of them");
  assert_museum ("provides-other", AU_ERROR_MODULE_INVALID,
                 "%s provides no store “provides-other”, as its name says "
                 "(provides: serializer/provides-other): name the file after what it provides");
  assert_museum ("wrong-interface", AU_ERROR_MODULE_INVALID,
                 "%s provides the store “wrong-interface” by the type MuseumWrongInterface, "
                 "which is no object that implements AuStore: use G_IMPLEMENT_INTERFACE where "
                 "the type is defined");
  assert_museum ("abstract", AU_ERROR_MODULE_INVALID,
                 "%s provides the store “abstract” by the abstract type MuseumAbstract, of which "
                 "there can be no object: name one that is derived from it");
  assert_museum ("no-gtype", AU_ERROR_MODULE_INVALID,
                 "%s gives no GType for its store “no-gtype”: if GLib warned that a type exists "
                 "already, another module or the program has a type of the same name, and one of "
                 "them must be renamed");
}

static void
test_clash (void)
{
  g_assert_cmpuint (au_part_get_gtype (AU_MODULE_STORE, "good", NULL), !=, G_TYPE_INVALID);

  g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_WARNING,
                         "cannot register existing type 'TestGoodStore'");
  g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_CRITICAL, "*G_TYPE_IS_INSTANTIATABLE*");
  g_test_expect_message ("GLib", G_LOG_LEVEL_CRITICAL, "*result != 0*");

  /* The second time, which would block in GLib, does not get there. */
  assert_museum ("clash", AU_ERROR_MODULE_INVALID,
                 "%s gives no GType for its store “clash”: if GLib warned that a type exists "
                 "already, another module or the program has a type of the same name, and one of "
                 "them must be renamed");
  g_test_assert_expected_messages ();
}

static void
test_misplaced_functions (void)
{
  g_autofree char *stray = g_build_filename (built, "au_function_stray.so", NULL);
  g_autofree char *bad = g_build_filename (built, "au_function_bad_entry.so", NULL);
  g_autofree char *message = NULL;
  g_autoptr(GError) error = NULL;

  assert_museum ("functions", AU_ERROR_MODULE_INVALID,
                 "%s provides functions, which only a module au_function_NAME may do: move them "
                 "to one");

  message = g_strdup_printf ("%s provides the function “other.nothing”, which would not be found "
                             "there: call it “stray.…”, or move it to au_function_other.so",
                             stray);
  g_assert_null (au_part_find_function ("stray.nothing", &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID);

  g_clear_error (&error);
  g_assert_null (au_part_find_function ("bad-entry.nothing", &error));
  g_assert_true (g_str_has_prefix (error->message, bad));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

/* Safety */

static void
test_writable_file (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *file = copy_module (fixture->folder, "au_store_small.so", "au_store_small.so",
                                       NULL, NULL);

  g_assert_no_errno (g_chmod (file, 0666));
  assert_refused (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s is writable by everyone and is not loaded; use “chmod go-w” on the file",
                  file);
  g_assert_no_errno (g_chmod (file, 0664));
  assert_refused (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s is writable by its group and is not loaded; use “chmod go-w” on the file",
                  file);
}

static void
test_writable_folder (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *file = copy_module (fixture->folder, "au_store_small.so", "au_store_small.so",
                                       NULL, NULL);

  g_assert_no_errno (g_chmod (fixture->folder, 0777));
  assert_refused (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s is writable by everyone: modules there are not loaded; use “chmod go-w” on "
                  "the folder", fixture->folder);
  g_assert_no_errno (g_chmod (fixture->folder, 0775));
  assert_refused (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s is writable by its group: modules there are not loaded; use “chmod go-w” on "
                  "the folder", fixture->folder);

  /* Nor what a link in a safe folder leads to. */
  {
    g_autofree char *safe = g_build_filename (fixture->folder, "safe", NULL);
    g_autofree char *name = g_build_filename (safe, "au_store_small.so", NULL);

    g_assert_no_errno (g_mkdir (safe, 0755));
    g_assert_no_errno (symlink (file, name));
    g_setenv ("AU_MODULE_PATH", safe, TRUE);
    assert_refused (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                    "%s is writable by its group: modules there are not loaded; use “chmod go-w” "
                    "on the folder", fixture->folder);
  }
}

static void
test_safe (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *file = copy_module (fixture->folder, "au_serializer_good.so",
                                       "au_serializer_good.so", NULL, NULL);
  g_autoptr(AuModuleInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  info = au_module_info_new (AU_MODULE_SERIALIZER, "good", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_module_info_get_file (info), ==, file);
  g_assert_true (au_module_info_load (info, &error));
  g_assert_no_error (error);
}

static void
test_checks_off (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *file = write_file (fixture->folder, "au_store_unchecked.so", "", 0);

  g_assert_no_errno (g_chmod (file, 0666));
  g_setenv ("AU_MODULE_CHECKS", "off", TRUE);
  assert_refused (AU_MODULE_STORE, "unchecked", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", file);
}

static void
test_foreign_owner (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *file = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can give files to others");
      return;
    }

  file = copy_module (fixture->folder, "au_store_small.so", "au_store_small.so", NULL, NULL);
  g_assert_no_errno (chown (file, 12345, 12345));
  assert_refused (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s belongs to another user (12345) and is not loaded; give the file to root or "
                  "to yourself", file);
  g_assert_no_errno (chown (fixture->folder, 12345, 12345));
  assert_refused (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s belongs to another user (12345): modules there are not loaded; give the "
                  "folder to root or to yourself", fixture->folder);
}

#define ADD(PATH, FUNCTION) \
  g_test_add ("/module/" PATH, Fixture, NULL, set_up, FUNCTION, tear_down)

#define ADD_CHECKED(PATH, FUNCTION) \
  g_test_add ("/module/" PATH, Fixture, NULL, set_up_checks, FUNCTION, tear_down)

int
main (int    argc,
      char **argv)
{
  g_autofree char *modules = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);

  modules = g_test_build_filename (G_TEST_BUILT, "modules", NULL);
  built = g_build_filename (modules, ".libs", NULL);
  g_setenv ("AU_MODULE_PATH", modules, TRUE);
  g_setenv ("AU_MODULE_SYSTEM_PATH", "", TRUE);
  /* The build may have been made by somebody else, and for a group. */
  g_setenv ("AU_MODULE_CHECKS", "off", TRUE);

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

  ADD ("find/not-found", test_not_found);
  ADD ("find/order", test_order);
  ADD ("find/link", test_link);
  ADD ("find/la-is-ignored", test_la_is_ignored);
  /* The folder stays added, so that messages about folders must be tested before. */
  ADD ("find/add-folder", test_add_folder);

  ADD ("museum/no-module", test_no_module);
  ADD ("museum/unreadable", test_unreadable);
  ADD ("museum/missing-library", test_missing_library);
  g_test_add_func ("/module/museum/undefined", test_undefined);
  ADD ("museum/other-abi-symbol", test_other_abi_symbol);
  ADD ("museum/renamed", test_renamed);
  g_test_add_func ("/module/museum/descriptors", test_descriptors);
  g_test_add_func ("/module/museum/second-libau", test_second_libau);
  g_test_add_func ("/module/museum/types", test_types);
  g_test_add_func ("/module/museum/clash", test_clash);
  g_test_add_func ("/module/museum/misplaced-functions", test_misplaced_functions);

  ADD_CHECKED ("safety/safe", test_safe);
  ADD_CHECKED ("safety/writable-file", test_writable_file);
  ADD_CHECKED ("safety/writable-folder", test_writable_folder);
  ADD_CHECKED ("safety/checks-off", test_checks_off);
  ADD_CHECKED ("safety/foreign-owner", test_foreign_owner);

  status = g_test_run ();
  g_free (built);
  return status;
}
