/* au-arguments.c: arguments that were given before, and those given now
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-task-runner-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

static void
add_children (GPtrArray *children,
              GVariant  *tuple)
{
  gsize n = g_variant_n_children (tuple);

  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (children, g_variant_get_child_value (tuple, i));
}

static GVariant *
join_tuples (GVariant *bound,
             GVariant *arguments)
{
  g_autoptr(GPtrArray) children = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  add_children (children, bound);
  add_children (children, arguments);

  return g_variant_new_tuple ((GVariant **) children->pdata, children->len);
}

/* What is given now takes the place of what was bound. */
static GVariant *
join_dictionaries (GVariant *bound,
                   GVariant *arguments)
{
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (bound);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, arguments);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    g_variant_dict_insert_value (&dict, name, value);

  return g_variant_dict_end (&dict);
}

GVariant *
au_arguments_join (GVariant  *bound,
                   GVariant  *arguments,
                   GError   **error)
{
  if (bound == NULL)
    return arguments != NULL ? g_variant_ref (arguments) : NULL;

  if (arguments == NULL)
    return g_variant_ref (bound);

  if (g_variant_is_of_type (bound, G_VARIANT_TYPE_VARDICT) &&
      g_variant_is_of_type (arguments, G_VARIANT_TYPE_VARDICT))
    return g_variant_ref_sink (join_dictionaries (bound, arguments));

  if (g_variant_is_of_type (bound, G_VARIANT_TYPE_TUPLE) &&
      g_variant_is_of_type (arguments, G_VARIANT_TYPE_TUPLE))
    return g_variant_ref_sink (join_tuples (bound, arguments));

  g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
               _("Arguments of type “%s” cannot be added to bound ones of type “%s”: give two tuples, or two dictionaries of type “a{sv}”"),
               g_variant_get_type_string (arguments), g_variant_get_type_string (bound));

  return NULL;
}
