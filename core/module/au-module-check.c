/* au-module-check.c: whether a module fits this au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-function-private.h"
#include "au-module-loader-private.h"

#include <au/au-error.h>
#include <au/au-function.h>

/* dladdr () */
#include <dlfcn.h>
#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
check_version (const char                *shown,
               const AuModuleDescriptor  *descriptor,
               GError                   **error)
{
  Dl_info theirs;
  Dl_info ours;

  if (descriptor->abi != AU_MODULE_ABI)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION,
                   _("%s was built for module interface %u of au, and this au has %d: "
                     "rebuild it for this au, or install the au that it was built for"),
                   shown, descriptor->abi, AU_MODULE_ABI);
      return FALSE;
    }

  if (descriptor->struct_size < sizeof (AuModuleDescriptor))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("%s has a descriptor of %u bytes where %u are needed: "
                     "build the module with AU_MODULE_DEFINE"),
                   shown, descriptor->struct_size, (guint) sizeof (AuModuleDescriptor));
      return FALSE;
    }

  /* A newer module may implement functions that our interfaces have no room for. */
  if (descriptor->api_minor > AU_MODULE_API_MINOR)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION,
                   _("%s was built for au %d.%u and this is au %d.%u: upgrade au, or rebuild "
                     "the module with AU_VERSION_MAX_ALLOWED=AU_VERSION_%d_%u"),
                   shown,
                   AU_MAJOR_VERSION, descriptor->api_minor,
                   AU_MAJOR_VERSION, (guint) AU_MODULE_API_MINOR,
                   AU_MAJOR_VERSION, (guint) AU_MODULE_API_MINOR);
      return FALSE;
    }

  if (descriptor->cookie != &au_module_abi_1)
    {
      g_autofree char *other = NULL;
      g_autofree char *this = NULL;

      if (descriptor->cookie != NULL && dladdr (descriptor->cookie, &theirs) != 0)
        other = g_filename_display_name (theirs.dli_fname);
      if (dladdr (&au_module_abi_1, &ours) != 0)
        this = g_filename_display_name (ours.dli_fname);

      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION,
                   _("%s is linked to another copy of libau (%s) than this process uses (%s): "
                     "link it to this one"),
                   shown,
                   other != NULL ? other : _("unknown"),
                   this != NULL ? this : _("unknown"));
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_types (const char                *shown,
             const AuModuleDescriptor  *descriptor,
             GError                   **error)
{
  for (const AuModuleType *type = descriptor->types; type != NULL && type->name != NULL; type++)
    {
      /* Functions are no types. */
      if ((guint) type->kind >= AU_MODULE_FUNCTION ||
          !au_module_name_is_valid (type->name) ||
          type->get_type == NULL)
        {
          g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                       _("%s describes its type “%s” badly (kind %u): a type has the kind of a "
                         "store, backend, middleware or serializer, a name of small letters, "
                         "digits and hyphens, and a function that gives its GType"),
                       shown, type->name, (guint) type->kind);
          return FALSE;
        }

      for (const AuModuleType *other = descriptor->types; other != type; other++)
        {
          if (other->kind == type->kind && g_str_equal (other->name, type->name))
            {
              g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                           _("%s provides two types for the %s “%s”: rename one of them"),
                           shown, au_module_kind_to_string (type->kind), type->name);
              return FALSE;
            }
        }
    }

  return TRUE;
}

/* A function is looked for in the module that its name starts with: one of another name
 * would be found only after something else had opened the module.
 */
static gboolean
check_functions (const char                *shown,
                 const AuModuleDescriptor  *descriptor,
                 GError                   **error)
{
  g_autofree char *prefix = g_strdup_printf ("au_%s_",
                                             au_module_kind_to_string (AU_MODULE_FUNCTION));
  const char *name;

  if (descriptor->functions == NULL || descriptor->functions->name == NULL)
    return TRUE;

  if (!g_str_has_prefix (descriptor->name, prefix))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("%s provides functions, which only a module au_function_NAME may do: move "
                     "them to one"), shown);
      return FALSE;
    }

  name = descriptor->name + strlen (prefix);
  for (const AuFunctionEntry *entry = descriptor->functions; entry->name != NULL; entry++)
    {
      g_autofree char *first = g_strndup (entry->name, strcspn (entry->name, "."));

      g_strdelimit (first, "-", '_');
      if (!g_str_equal (first, name))
        {
          g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                       _("%s provides the function “%s”, which would not be found there: call it "
                         "“%s.…”, or move it to au_function_%s.so"),
                       shown, entry->name, name, first);
          return FALSE;
        }
    }

  return TRUE;
}

/* Checks what @descriptor says, before any code of the module is run. Messages call the
 * module @shown.
 */
gboolean
au_module_check (const char                *shown,
                 const char                *stem,
                 const AuModuleDescriptor  *descriptor,
                 GError                   **error)
{
  if (!check_version (shown, descriptor, error))
    return FALSE;

  if (g_strcmp0 (descriptor->name, stem) != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("%s says that its name is “%s”: name the file and the module alike"),
                   shown, descriptor->name != NULL ? descriptor->name : "");
      return FALSE;
    }

  return check_types (shown, descriptor, error) &&
         check_functions (shown, descriptor, error);
}

/* Adds the functions of a module to those that can be called by name. If they are
 * @portable, workers find the module as well. */
gboolean
au_module_register_functions (const char                *shown,
                              const AuModuleDescriptor  *descriptor,
                              gboolean                   portable,
                              GError                   **error)
{
  g_autoptr(GPtrArray) functions = g_ptr_array_new_with_free_func (g_object_unref);

  /* All or none: each is made before the first is registered. */
  for (const AuFunctionEntry *entry = descriptor->functions;
       entry != NULL && entry->name != NULL;
       entry++)
    {
      AuFunction *function = au_function_new_from_entry (entry, error);

      if (function == NULL)
        {
          g_prefix_error (error, "%s: ", shown);
          return FALSE;
        }
      if (portable)
        au_function_set_portable (function);
      g_ptr_array_add (functions, function);
    }

  for (guint i = 0; i < functions->len; i++)
    {
      AuFunction *function = g_ptr_array_index (functions, i);

      /* A program may have its own in place of a module's. */
      if (!au_function_register (function, NULL))
        g_info ("%s: the function “%s” was there already, and stays",
                shown, au_function_get_name (function));
    }

  return TRUE;
}
