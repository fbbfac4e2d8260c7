/* test-store.c: the stores that come with au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "store-suite.h"

#include <string.h>

/* Makes a store with the settings of its kind, as a key file would. */
static AuStore *
open_store (const StoreKind *kind,
            const char      *place)
{
  const char *const *settings = kind->data;
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;
  GObject *store;

  for (guint i = 1; settings[i] != NULL; i++)
    g_ptr_array_add (all, g_strdup (settings[i]));
  if (settings[1] != NULL)
    g_ptr_array_add (all, g_strconcat ("path=", place, NULL));
  g_ptr_array_add (all, NULL);

  store = au_part_new_from_strings (AU_MODULE_STORE, settings[0],
                                    (const char *const *) all->pdata, &error);
  g_assert_no_error (error);
  return AU_STORE (store);
}

static const char *const memory[] = { "memory", NULL };
static const char *const json_none[] = { "file", "durability=none", NULL };
static const char *const json_process[] = { "file", "format=json", NULL };
static const char *const json_power[] = { "file", "durability=power", NULL };
static const char *const variant_process[] = { "file", "format=variant", NULL };
static const char *const variant_power[] = { "file", "format=variant", "durability=power", NULL };

static const StoreKind kinds[] = {
  { "memory", open_store, memory },
  { "file-json-none", open_store, json_none },
  { "file-json-process", open_store, json_process },
  { "file-json-power", open_store, json_power },
  { "file-variant-process", open_store, variant_process },
  { "file-variant-power", open_store, variant_power },
};

static const StoreKind *
find_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_str_equal (kinds[i].name, name))
        return &kinds[i];
    }

  g_assert_not_reached ();
}

static void
test_stores_say_what_they_are (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-store-XXXXXX", NULL);
  static const struct
  {
    const char   *name;
    AuStoreFlags  flags;
    AuDurability  durability;
  } expected[] = {
    { "memory", AU_STORE_IMMEDIATE, AU_DURABILITY_NONE },
    { "file-json-none", AU_STORE_PERSISTENT | AU_STORE_SHARED, AU_DURABILITY_NONE },
    { "file-json-process", AU_STORE_PERSISTENT | AU_STORE_SHARED, AU_DURABILITY_PROCESS },
    { "file-json-power", AU_STORE_PERSISTENT | AU_STORE_SHARED, AU_DURABILITY_POWER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const StoreKind *kind = find_kind (expected[i].name);
      g_autofree char *place = g_build_filename (folder, kind->name, NULL);
      g_autoptr(AuStore) store = kind->open (kind, place);

      g_assert_cmpuint (au_store_get_flags (store), ==, expected[i].flags);
      g_assert_cmpuint (au_store_get_durability (store), ==, expected[i].durability);
    }

  store_remove_folder (folder);
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 5 && g_str_equal (argv[1], "--child"))
    return store_suite_run_child (find_kind (argv[2]), argv[3], argv[4]);

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store/say-what-they-are", test_stores_say_what_they_are);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      store_suite_add (&kinds[i]);
      store_suite_add_listing (&kinds[i]);
      store_suite_add_items (&kinds[i]);
      store_suite_add_sharing (&kinds[i]);
      store_suite_add_model (&kinds[i]);
    }

  store_suite_add_large (find_kind ("memory"));
  store_suite_add_large (find_kind ("file-json-process"));
  store_suite_add_large (find_kind ("file-variant-process"));

  return g_test_run ();
}
