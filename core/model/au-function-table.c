/* au-function-table.c: the functions of this process, by name
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-function-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* Functions stay for the life of the process, so what lookups give needs no
 * reference. */
static GRWLock lock;
static GHashTable *functions;

static gboolean
have_same_code (AuFunction *a,
                AuFunction *b)
{
  const GVariantType *a_output = au_function_get_output (a);
  const GVariantType *b_output = au_function_get_output (b);

  if ((a_output == NULL) != (b_output == NULL) ||
      (a_output != NULL && !g_variant_type_equal (a_output, b_output)))
    return FALSE;

  return g_variant_type_equal (au_function_get_input (a), au_function_get_input (b)) &&
         au_function_get_flags (a) == au_function_get_flags (b) &&
         a->func == b->func &&
         a->start == b->start &&
         a->step == b->step &&
         a->user_data == b->user_data;
}

/**
 * au_function_register:
 * @function: a function
 * @error: return location for an error
 *
 * Makes @function known by its name, to every engine of this process, for as long
 * as the process lives. Registering one again, or one with the same types, code and
 * user data, does nothing.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when another function has the name, or when
 * @function has no code because no constructor of au made it.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_function_register (AuFunction *function,
                      GError    **error)
{
  AuFunction *known;
  const char *name;

  g_return_val_if_fail (AU_IS_FUNCTION (function), FALSE);

  name = au_function_get_name (function);
  if (function->func == NULL &&
      function->start == NULL &&
      function->step == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("The function “%s” has no code: make it with one of the constructors of AuFunction"),
                   name != NULL ? name : "");
      return FALSE;
    }

  g_rw_lock_writer_lock (&lock);
  if (functions == NULL)
    functions = g_hash_table_new (g_str_hash, g_str_equal);
  known = g_hash_table_lookup (functions, name);
  if (known == NULL)
    g_hash_table_insert (functions, (char *) name, g_object_ref (function));
  g_rw_lock_writer_unlock (&lock);

  if (known == NULL || known == function || have_same_code (known, function))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("There is already another function of the name “%s”: give this one a name of its own"),
               name);
  return FALSE;
}

/**
 * au_functions_register: (skip)
 * @entries: (array): a table of functions; ends with a row whose name is %NULL
 *
 * Registers all functions of a table, as [method@Au.Function.register] does.
 *
 * A row that cannot be registered is a programming error: it is reported as critical
 * and left out.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_functions_register (const AuFunctionEntry *entries)
{
  g_return_if_fail (entries != NULL);

  for (const AuFunctionEntry *entry = entries; entry->name != NULL; entry++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(AuFunction) function = au_function_new_from_entry (entry, &error);

      if (function == NULL || !au_function_register (function, &error))
        g_critical ("%s", error->message);
    }
}

/**
 * au_function_lookup:
 * @name: a name
 *
 * Finds a function that was registered in this process. Modules are not searched:
 * see [func@Au.part_find_function] for those.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): the function, or %NULL if there is none; it
 *   stays for the life of the process
 *
 * Since: 1.0
 */
AuFunction *
au_function_lookup (const char *name)
{
  AuFunction *function;

  g_return_val_if_fail (name != NULL, NULL);

  g_rw_lock_reader_lock (&lock);
  function = functions != NULL ? g_hash_table_lookup (functions, name) : NULL;
  g_rw_lock_reader_unlock (&lock);

  return function;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  AuFunction *const *one = a;
  AuFunction *const *other = b;

  return strcmp (au_function_get_name (*one), au_function_get_name (*other));
}

/**
 * au_functions_list:
 *
 * Lists the functions that are registered in this process now, by name. The list
 * does not change when more are registered.
 *
 * MT safe; the list itself belongs to the caller.
 *
 * Returns: (transfer full): a list of [class@Au.Function]
 *
 * Since: 1.0
 */
GListModel *
au_functions_list (void)
{
  GListStore *list = g_list_store_new (AU_TYPE_FUNCTION);
  g_autoptr(GPtrArray) found = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer function;

  g_rw_lock_reader_lock (&lock);
  if (functions != NULL)
    {
      g_hash_table_iter_init (&iter, functions);
      while (g_hash_table_iter_next (&iter, NULL, &function))
        g_ptr_array_add (found, function);
    }
  g_rw_lock_reader_unlock (&lock);

  g_ptr_array_sort (found, compare_names);
  g_list_store_splice (list, 0, 0, found->pdata, found->len);

  return G_LIST_MODEL (list);
}
