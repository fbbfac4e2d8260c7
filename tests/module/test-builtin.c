/* test-builtin.c: modules that are part of the program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <ltdl.h>

/* Every module of au, made by the rules by which configure builds them in. */
extern const AuModuleDescriptor *const test_builtin_table[];

/* By -dlpreopen */

static void
test_preloaded (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) store = NULL;
  g_autoptr(AuModuleInfo) info = NULL;

  g_assert_null (au_part_new_from_strings (AU_MODULE_STORE, "preloaded", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND);
  g_clear_error (&error);

  g_assert_true (au_module_register_preloaded (lt_preloaded_symbols, &error));
  g_assert_no_error (error);
  /* Again does no harm. */
  g_assert_true (au_module_register_preloaded (lt_preloaded_symbols, &error));
  g_assert_no_error (error);

  store = au_part_new_from_strings (AU_MODULE_STORE, "preloaded", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_part_get_type_name (store), ==, "preloaded");

  info = au_module_info_new (AU_MODULE_STORE, "preloaded", &error);
  g_assert_no_error (error);
  g_assert_null (au_module_info_get_file (info));
  g_assert_true (au_module_info_load (info, &error));
  g_assert_cmpstr (au_module_info_get_version (info), ==, "2.5");
}

/* One by one */

static GType
get_no_type (void)
{
  return G_TYPE_INVALID;
}

static const AuModuleType own_types[] = {
  { AU_MODULE_MIDDLEWARE, "own", get_no_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_middleware_own, "1.0", "LGPL-2.1-or-later", "For this test", own_types, NULL)

static void
assert_refused (const AuModuleDescriptor *descriptor,
                AuError                   code,
                const char               *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (au_module_register (descriptor, &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, (int) code);
}

static void
test_refused (void)
{
  AuModuleDescriptor descriptor = au_middleware_own_LTX_au_module;
  g_autoptr(GError) error = NULL;

  descriptor.abi = 77;
  assert_refused (&descriptor, AU_ERROR_MODULE_VERSION,
                  "A module of the program was built for module interface 77 of au, and this au "
                  "has 1: rebuild it for this au, or install the au that it was built for");
  descriptor.abi = AU_MODULE_ABI;
  descriptor.name = "own";
  assert_refused (&descriptor, AU_ERROR_MODULE_INVALID,
                  "A module of the program says that its name is “own”: name the file and the "
                  "module alike");

  g_assert_true (au_module_register (&au_middleware_own_LTX_au_module, &error));
  g_assert_no_error (error);
  descriptor.name = "au_middleware_own";
  assert_refused (&descriptor, AU_ERROR_MODULE_INVALID,
                  "there is a built-in module au_middleware_own already: rename one of them");

  /* Messages about it have no file to name. */
  g_assert_cmpuint (au_part_get_gtype (AU_MODULE_MIDDLEWARE, "own", &error), ==, G_TYPE_INVALID);
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "au_middleware_own, which is built in gives no "
                                                   "GType for its middleware “own”: "));
}

/* All of them */

static void
test_all (void)
{
  g_autoptr(GListModel) list = NULL;
  g_autoptr(GError) error = NULL;
  guint n = 0;

  for (const AuModuleDescriptor *const *row = test_builtin_table; *row != NULL; row++, n++)
    {
      g_assert_true (au_module_register (*row, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (n, >=, 10);

  list = au_modules_list ();
  g_assert_cmpuint (g_list_model_get_n_items (list), >=, n);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr(AuModuleInfo) info = g_list_model_get_item (list, i);
      g_auto(GStrv) types = NULL;

      g_assert_null (au_module_info_get_file (info));
      g_assert_true (au_module_info_load (info, &error));
      g_assert_no_error (error);

      types = au_module_info_list_types (info);
      for (char **id = types; *id != NULL; id++)
        {
          const char *name = strchr (*id, '/') + 1;

          if (g_str_equal (*id, "middleware/own"))
            continue;
          g_assert_cmpuint (au_part_get_gtype (au_module_info_get_kind (info), name, &error),
                            !=, G_TYPE_INVALID);
          g_assert_no_error (error);
        }
    }
}

/* A whole computation without a single file of a module. */
static void
test_computation (void)
{
  const char text[] = "[store main]\ntype=memory\n[backend main]\ntype=thread\n"
                      "[middleware log]\ntype=logging\n[au]\nmiddleware=log\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) result = NULL;
  g_autofree char *file = NULL;
  int fd;

  fd = g_file_open_tmp ("au-builtin-XXXXXX", &file, &error);
  g_assert_no_error (error);
  g_close (fd, NULL);

  config = au_config_new_from_data (text, -1, NULL, &error);
  g_assert_no_error (error);
  engine = au_engine_new_from_config (config, &error);
  g_assert_no_error (error);

  handle = au_engine_submit (engine, "digest.file", g_variant_new ("(s)", file), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (au_handle_wait (handle, -1, NULL, &error));
  g_assert_no_error (error);
  result = au_handle_dup_result (handle, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result);
  g_unlink (file);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  /* Nothing but what is built in. */
  g_unsetenv ("AU_MODULE_PATH");
  g_setenv ("AU_MODULE_SYSTEM_PATH", "", TRUE);

  g_test_add_func ("/builtin/preloaded", test_preloaded);
  g_test_add_func ("/builtin/refused", test_refused);
  g_test_add_func ("/builtin/all", test_all);
  g_test_add_func ("/builtin/computation", test_computation);

  return g_test_run ();
}
