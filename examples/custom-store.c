/* custom-store.c: a store of one's own, which is part of the program
 *
 *   cc custom-store.c template/acme-store.c -o custom-store $(pkg-config --cflags --libs au-1)
 *
 * The store itself is that of the template: what is a module there is linked into this
 * program, which tells au of it and then has it by its name, as a key file would.
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

/* AU_MODULE_DEFINE in acme-store.c */
extern const AuModuleDescriptor au_store_acme_LTX_au_module;

static GVariant *
process (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  return g_variant_get_child_value (arguments, 0);
}

static const AuFunctionEntry functions[] = {
  { "process", "(s)", "s", process, AU_FUNCTION_NONE, "gives back what it is given" },
  { NULL }
};

int
main (void)
{
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuBackend) backend = NULL;
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;
  const char *keys[] = { "red", "green", "blue", "green" };

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  if (au_module_register (&au_store_acme_LTX_au_module, &error))
    store = au_part_new (AU_MODULE_STORE, "acme", &error, "max-records", 1000, NULL);
  if (store != NULL)
    backend = au_part_new (AU_MODULE_BACKEND, "thread", &error, NULL);
  if (backend != NULL)
    engine = au_engine_new_with_parts (store, backend);

  for (guint i = 0; i < G_N_ELEMENTS (keys) && error == NULL; i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();
      g_autoptr(GVariant) value = NULL;

      /* The second “green” is not computed: the store has it. */
      au_options_set_key (options, keys[i]);
      value = au_engine_call (engine, "process", g_variant_new ("(s)", keys[i]), options,
                              -1, NULL, &error);
    }
  if (error == NULL)
    records = au_store_list (store, query, NULL, &error);
  if (error != NULL)
    {
      g_printerr ("custom-store: %s\n", error->message);
      return 1;
    }

  for (guint i = 0; i < records->len; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);

      g_print ("%-5s %s, revision %" G_GUINT64_FORMAT "\n", au_record_get_key (record),
               au_status_to_string (au_record_get_status (record)),
               au_record_get_revision (record));
    }
  return 0;
}
