/* test-loader-refused.c: modules that are broken or not safe
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "module-fixture.h"

#include <au/au-error.h>
#include <au/au-module-info.h>

#include <glib/gstdio.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

static void
assert_museum (const char *type,
               AuError     code,
               const char *format)
{
  g_autofree char *stem = g_strdup_printf ("au_store_%s.so", type);
  g_autofree char *file = NULL;

  g_strdelimit (stem, "-", '_');
  file = g_build_filename (fixture_built (), stem, NULL);
  assert_no_type (AU_MODULE_STORE, type, code, format, file);
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

  assert_no_type (AU_MODULE_STORE, "garbage", AU_ERROR_MODULE_INVALID,
                  "%s is no shared object: install the module again", garbage);
  assert_no_type (AU_MODULE_STORE, "tiny", AU_ERROR_MODULE_INVALID,
                  "%s is no shared object: install the module again", tiny);
  assert_no_type (AU_MODULE_STORE, "empty", AU_ERROR_MODULE_INVALID,
                  "%s is empty: install the module again", empty);
  assert_no_type (AU_MODULE_STORE, "cut", AU_ERROR_MODULE_LOAD,
                  "%s cannot be loaded: file too short: install what is missing, or rebuild the "
                  "module", cut);

  g_assert_no_errno (g_mkdir (folder, 0755));
  assert_no_type (AU_MODULE_STORE, "folder", AU_ERROR_MODULE_INVALID,
                  "%s is no regular file, so it is no module: remove it", folder);

  /* Nobody writes to it, so that whoever opened it would wait for ever. */
  g_assert_no_errno (mkfifo (fifo, 0644));
  assert_no_type (AU_MODULE_STORE, "pipe", AU_ERROR_MODULE_INVALID,
                  "%s is no regular file, so it is no module: remove it", fifo);
}

static void
test_unreadable (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *file = write_file (fixture->folder, "au_store_unreadable.so", "x", -1);

  g_assert_no_errno (g_chmod (file, 0));
  g_assert_no_errno (g_chmod (fixture->folder, 0755));

  /* Root can read everything, unless it looks at files as somebody else. */
  if (geteuid () == 0)
    setfsuid (65534);
  assert_no_type (AU_MODULE_STORE, "unreadable", AU_ERROR_MODULE_LOAD,
                  "%s cannot be read: Permission denied: let this user read it", file);
  if (geteuid () == 0)
    setfsuid (0);
}

static void
test_missing_library (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *file = copy_module (fixture->folder, "au_store_missing_library.so",
                                       "au_store_missing_library.so",
                                       "libm.so.", "libq.so.");

  assert_no_type (AU_MODULE_STORE, "missing-library", AU_ERROR_MODULE_LOAD,
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

  assert_no_type (AU_MODULE_STORE, "best", AU_ERROR_MODULE_INVALID,
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
  g_autofree char *file = g_build_filename (fixture_built (), "au_store_second_libau.so", NULL);
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
  g_autofree char *message = NULL;

  g_assert_cmpuint (au_part_get_gtype (AU_MODULE_STORE, "good", NULL), !=, G_TYPE_INVALID);

  g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_WARNING,
                         "cannot register existing type 'TestGoodStore'");
  g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_CRITICAL, "*G_TYPE_IS_INSTANTIATABLE*");
  g_test_expect_message ("GLib", G_LOG_LEVEL_CRITICAL, "*result != 0*");

  /* The second time, which would block in GLib, does not get there. */
  message = g_strdup_printf ("%%s gives no GType for its store “clash”: a type TestGoodStore is "
                             "there already, from %s/au_store_good.so: rename one of them",
                             fixture_built ());
  assert_museum ("clash", AU_ERROR_MODULE_INVALID, message);
  g_test_assert_expected_messages ();
}

static void
test_misplaced_functions (void)
{
  g_autofree char *stray = g_build_filename (fixture_built (), "au_function_stray.so", NULL);
  g_autofree char *bad = g_build_filename (fixture_built (), "au_function_bad_entry.so", NULL);
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
  assert_no_type (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s is writable by everyone and is not loaded; use “chmod go-w” on the file",
                  file);
  g_assert_no_errno (g_chmod (file, 0664));
  assert_no_type (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
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
  assert_no_type (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s is writable by everyone: modules there are not loaded; use “chmod go-w” on "
                  "the folder", fixture->folder);
  g_assert_no_errno (g_chmod (fixture->folder, 0775));
  assert_no_type (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s is writable by its group: modules there are not loaded; use “chmod go-w” on "
                  "the folder", fixture->folder);

  /* Nor what a link in a safe folder leads to. */
  {
    g_autofree char *safe = g_build_filename (fixture->folder, "safe", NULL);
    g_autofree char *name = g_build_filename (safe, "au_store_small.so", NULL);

    g_assert_no_errno (g_mkdir (safe, 0755));
    g_assert_no_errno (symlink (file, name));
    g_setenv ("AU_MODULE_PATH", safe, TRUE);
    assert_no_type (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
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
  assert_no_type (AU_MODULE_STORE, "unchecked", AU_ERROR_MODULE_INVALID,
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
  assert_no_type (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s belongs to another user (12345) and is not loaded; give the file to root or "
                  "to yourself", file);
  g_assert_no_errno (chown (fixture->folder, 12345, 12345));
  assert_no_type (AU_MODULE_STORE, "small", AU_ERROR_MODULE_UNSAFE,
                  "%s belongs to another user (12345): modules there are not loaded; give the "
                  "folder to root or to yourself", fixture->folder);
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);

  fixture_add ("/module/museum/no-module", test_no_module);
  fixture_add ("/module/museum/unreadable", test_unreadable);
  fixture_add ("/module/museum/missing-library", test_missing_library);
  g_test_add_func ("/module/museum/undefined", test_undefined);
  fixture_add ("/module/museum/other-abi-symbol", test_other_abi_symbol);
  fixture_add ("/module/museum/renamed", test_renamed);
  g_test_add_func ("/module/museum/descriptors", test_descriptors);
  g_test_add_func ("/module/museum/second-libau", test_second_libau);
  g_test_add_func ("/module/museum/types", test_types);
  g_test_add_func ("/module/museum/clash", test_clash);
  g_test_add_func ("/module/museum/misplaced-functions", test_misplaced_functions);

  fixture_add_checked ("/module/safety/safe", test_safe);
  fixture_add_checked ("/module/safety/writable-file", test_writable_file);
  fixture_add_checked ("/module/safety/writable-folder", test_writable_folder);
  fixture_add_checked ("/module/safety/checks-off", test_checks_off);
  fixture_add_checked ("/module/safety/foreign-owner", test_foreign_owner);

  return fixture_run ();
}
