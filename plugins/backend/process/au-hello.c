/* au-hello.c: what a worker says first
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-hello-private.h"

#include "au-build-private.h"
#include "au-wire-private.h"

#include <glib/gi18n-lib.h>

char *
au_hello_dup_type (const GVariantType *type)
{
  return type != NULL ? g_variant_type_dup_string (type) : g_strdup ("");
}

static GVariant *
list_functions (void)
{
  g_autoptr(GListModel) functions = au_functions_list ();
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; i < g_list_model_get_n_items (functions); i++)
    {
      g_autoptr(AuFunction) function = g_list_model_get_item (functions, i);
      g_autofree char *input = au_hello_dup_type (au_function_get_input (function));
      g_autofree char *output = au_hello_dup_type (au_function_get_output (function));

      g_variant_builder_add (&builder, "(sss)", au_function_get_name (function), input, output);
    }

  return g_variant_builder_end (&builder);
}

/* They stay as they are while a process lives. */
static const char *
get_library_build (void)
{
  static gsize build;

  if (g_once_init_enter (&build))
    g_once_init_leave (&build, (gsize) au_build_describe (&au_module_abi_1, AU_VERSION_S));

  return (const char *) build;
}

static const char *
get_module_build (void)
{
  static const char here = 0;
  static gsize build;

  if (g_once_init_enter (&build))
    g_once_init_leave (&build, (gsize) au_build_describe (&here, AU_VERSION_S));

  return (const char *) build;
}

GVariant *
au_hello_new (void)
{
  return g_variant_ref_sink (g_variant_new ("(uss@a(sss))", AU_WIRE_VERSION, get_library_build (),
                                            get_module_build (), list_functions ()));
}

static gboolean
check_build (const char  *what,
             const char  *ours,
             const char  *theirs,
             GError     **error)
{
  if (g_str_equal (ours, theirs))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION,
               _("the worker uses %s %s, and this program %s: start the program again, so that both use the one that is installed"),
               what, theirs, ours);

  return FALSE;
}

static gboolean
check_functions (GVariant  *list,
                 GError   **error)
{
  const char *name, *input, *output;
  GVariantIter iter;

  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(&s&s&s)", &name, &input, &output))
    {
      AuFunction *function = au_function_lookup (name);
      g_autofree char *our_input = NULL;
      g_autofree char *our_output = NULL;

      if (function == NULL)
        continue;

      our_input = au_hello_dup_type (au_function_get_input (function));
      our_output = au_hello_dup_type (au_function_get_output (function));
      if (g_str_equal (input, our_input) && g_str_equal (output, our_output))
        continue;

      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION,
                   _("the worker's function “%s” turns “%s” into “%s”, and that of this program “%s” into “%s”: start the program again, so that both are of one version"),
                   name, input, output, our_input, our_output);
      return FALSE;
    }

  return TRUE;
}

gboolean
au_hello_check (GVariant  *hello,
                GError   **error)
{
  g_autoptr(GVariant) functions = NULL;
  const char *library, *module;
  guint32 version;

  if (!g_variant_is_of_type (hello, G_VARIANT_TYPE ("(ussa(sss))")))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_MODULE_VERSION,
                           _("the worker introduces itself in an unknown way"));
      return FALSE;
    }

  g_variant_get (hello, "(u&s&s@a(sss))", &version, &library, &module, &functions);

  return check_build ("libau", get_library_build (), library, error) &&
         check_build ("au_backend_process", get_module_build (), module, error) &&
         check_functions (functions, error);
}
