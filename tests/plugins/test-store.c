/* test-store.c: the stores that come with au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test.h>

/* A store with the settings that a key file would have. */
typedef struct
{
  const char      *name;
  AuTestStoreFlags test_flags;
  AuStoreFlags     flags;
  AuDurability     durability;
  const char      *type;
  const char      *settings[4];
} Kind;

#define KEPT (AU_STORE_PERSISTENT | AU_STORE_SHARED | AU_STORE_QUEUE)

static const Kind kinds[] = {
  { "memory", AU_TEST_STORE_DEFAULT, AU_STORE_IMMEDIATE | AU_STORE_QUEUE, AU_DURABILITY_NONE,
    "memory", { NULL } },
  { "file-json-none", AU_TEST_STORE_NO_LARGE_VALUES, KEPT, AU_DURABILITY_NONE,
    "file", { "path=@", "durability=none" } },
  { "file-json-process", AU_TEST_STORE_DEFAULT, KEPT, AU_DURABILITY_PROCESS,
    "file", { "path=@", "format=json" } },
  { "file-json-power", AU_TEST_STORE_NO_LARGE_VALUES, KEPT, AU_DURABILITY_POWER,
    "file", { "path=@", "durability=power" } },
  { "file-variant-process", AU_TEST_STORE_DEFAULT, KEPT, AU_DURABILITY_PROCESS,
    "file", { "path=@", "format=variant" } },
  { "sqlite-process", AU_TEST_STORE_NO_LARGE_VALUES, KEPT, AU_DURABILITY_PROCESS,
    "sqlite", { "path=@", "durability=process" } },
  { "sqlite-power", AU_TEST_STORE_DEFAULT, KEPT, AU_DURABILITY_POWER,
    "sqlite", { "path=@" } },
};

static AuStore *
open_store (const char  *place,
            gpointer     user_data,
            GError     **error)
{
  const Kind *kind = user_data;
  g_auto(GStrv) settings = g_strdupv ((char **) kind->settings);

  for (guint i = 0; settings[i] != NULL; i++)
    {
      if (g_str_equal (settings[i], "path=@"))
        {
          g_free (settings[i]);
          settings[i] = g_strconcat ("path=", place, NULL);
        }
    }

  return (AuStore *) au_part_new_from_strings (AU_MODULE_STORE, kind->type,
                                               (const char *const *) settings, error);
}

static void
test_stores_say_what_they_are (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-store-XXXXXX", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *place = g_build_filename (folder, kinds[i].name, NULL);
      g_autoptr(GError) error = NULL;
      g_autoptr(AuStore) store = open_store (place, (gpointer) &kinds[i], &error);

      g_assert_no_error (error);
      g_assert_cmpuint (au_store_get_flags (store), ==, kinds[i].flags);
      g_assert_cmpuint (au_store_get_durability (store), ==, kinds[i].durability);
    }

  au_test_remove_folder (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store/say-what-they-are", test_stores_say_what_they_are);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *prefix = g_strconcat ("/store/", kinds[i].name, NULL);

      au_test_store_add_suite (prefix, kinds[i].test_flags, open_store, (gpointer) &kinds[i], NULL);
    }

  return g_test_run ();
}
