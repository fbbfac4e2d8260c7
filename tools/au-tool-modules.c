/* au-tool-modules.c: what modules say about themselves
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-child.h"
#include "au-tool-modules.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

static const char *
kind_to_string (AuModuleKind kind)
{
  g_autoptr(GEnumClass) kinds = g_type_class_ref (AU_TYPE_MODULE_KIND);
  const GEnumValue *value = g_enum_get_value (kinds, kind);

  /* Static data of the library, as the class is. */
  return value != NULL ? value->value_nick : "";
}

/* “store/file” */
char *
au_tool_module_get_id (AuModuleInfo *info)
{
  return g_strconcat (kind_to_string (au_module_info_get_kind (info)), "/",
                      au_module_info_get_name (info), NULL);
}

/* Properties */

static const char *
property_type (GParamSpec *pspec)
{
  GType type = G_PARAM_SPEC_VALUE_TYPE (pspec);

  switch (au_param_spec_get_unit (pspec))
    {
    case AU_UNIT_DURATION: return N_("duration");
    case AU_UNIT_SIZE: return N_("size");
    case AU_UNIT_RATE: return N_("rate");
    case AU_UNIT_FILE: return N_("file");
    case AU_UNIT_NONE:
    default: break;
    }

  if (G_TYPE_IS_ENUM (type))
    return N_("choice");
  if (G_TYPE_IS_FLAGS (type))
    return N_("choices");
  if (type == G_TYPE_STRV)
    return N_("list");
  if (G_TYPE_IS_OBJECT (type) || G_TYPE_IS_INTERFACE (type))
    return N_("part");

  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN: return N_("boolean");
    case G_TYPE_STRING: return N_("text");
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE: return N_("number");
    case G_TYPE_VARIANT: return N_("value");
    default: return N_("integer");
    }
}

static const char *
property_unit (GParamSpec *pspec)
{
  switch (au_param_spec_get_unit (pspec))
    {
    case AU_UNIT_DURATION: return "250ms, 30s, 1h30m";
    case AU_UNIT_SIZE: return "512, 64KiB, 2MB";
    case AU_UNIT_RATE: return "20/s, 600/min, 10/h";
    case AU_UNIT_FILE:
    case AU_UNIT_NONE:
    default: return "";
    }
}

static char *
default_text (GParamSpec *pspec)
{
  char *text = au_param_value_to_text (pspec, g_param_spec_get_default_value (pspec));

  return text != NULL ? text : g_strdup ("");
}

/* A number that is as low or high as its type can be is no limit. */
static char *
limit_text (GParamSpec *pspec,
            gboolean    upper)
{
  g_auto(GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (pspec));
  if (G_IS_PARAM_SPEC_INT (pspec))
    {
      GParamSpecInt *limits = G_PARAM_SPEC_INT (pspec);

      if (upper ? limits->maximum == G_MAXINT : limits->minimum == G_MININT)
        return g_strdup ("");
      g_value_set_int (&value, upper ? limits->maximum : limits->minimum);
    }
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    {
      GParamSpecUInt *limits = G_PARAM_SPEC_UINT (pspec);

      if (upper && limits->maximum == G_MAXUINT)
        return g_strdup ("");
      g_value_set_uint (&value, upper ? limits->maximum : limits->minimum);
    }
  else if (G_IS_PARAM_SPEC_INT64 (pspec))
    {
      GParamSpecInt64 *limits = G_PARAM_SPEC_INT64 (pspec);

      if (upper ? limits->maximum == G_MAXINT64 : limits->minimum == G_MININT64)
        return g_strdup ("");
      g_value_set_int64 (&value, upper ? limits->maximum : limits->minimum);
    }
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    {
      GParamSpecUInt64 *limits = G_PARAM_SPEC_UINT64 (pspec);

      if (upper && limits->maximum == G_MAXUINT64)
        return g_strdup ("");
      g_value_set_uint64 (&value, upper ? limits->maximum : limits->minimum);
    }
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    {
      GParamSpecDouble *limits = G_PARAM_SPEC_DOUBLE (pspec);

      if (upper ? limits->maximum == G_MAXDOUBLE : limits->minimum == -G_MAXDOUBLE)
        return g_strdup ("");
      g_value_set_double (&value, upper ? limits->maximum : limits->minimum);
    }
  else
    {
      return g_strdup ("");
    }

  text = au_param_value_to_text (pspec, &value);
  return text != NULL ? g_steal_pointer (&text) : g_strdup ("");
}

static GVariant *
property_choices (GParamSpec *pspec)
{
  GType type = G_PARAM_SPEC_VALUE_TYPE (pspec);
  GVariantBuilder choices;

  g_variant_builder_init (&choices, G_VARIANT_TYPE_STRING_ARRAY);
  if (G_TYPE_IS_ENUM (type))
    {
      g_autoptr(GEnumClass) class = g_type_class_ref (type);

      for (guint i = 0; i < class->n_values; i++)
        g_variant_builder_add (&choices, "s", class->values[i].value_nick);
    }
  else if (G_TYPE_IS_FLAGS (type))
    {
      g_autoptr(GFlagsClass) class = g_type_class_ref (type);

      for (guint i = 0; i < class->n_values; i++)
        g_variant_builder_add (&choices, "s", class->values[i].value_nick);
    }
  return g_variant_builder_end (&choices);
}

static GVariant *
property_describe (GParamSpec *pspec)
{
  gboolean secret = (pspec->flags & AU_PARAM_SECRET) != 0;
  g_autofree char *value = secret ? g_strdup ("") : default_text (pspec);
  g_autofree char *minimum = limit_text (pspec, FALSE);
  g_autofree char *maximum = limit_text (pspec, TRUE);
  const char *blurb = g_param_spec_get_blurb (pspec);

  return g_variant_new ("(ssssss@asbs)", pspec->name, property_type (pspec), property_unit (pspec),
                        value, minimum, maximum, property_choices (pspec), secret,
                        blurb != NULL ? blurb : "");
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp ((*(GParamSpec * const *) a)->name, (*(GParamSpec * const *) b)->name);
}

static GVariant *
properties_describe (GType type)
{
  g_autoptr(GTypeClass) class = g_type_class_ref (type);
  g_autofree GParamSpec **properties = NULL;
  GVariantBuilder builder;
  guint n;

  properties = g_object_class_list_properties (G_OBJECT_CLASS (class), &n);
  qsort (properties, n, sizeof *properties, compare_names);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" AU_TOOL_PROPERTY_STRING));
  for (guint i = 0; i < n; i++)
    {
      if ((properties[i]->flags & G_PARAM_WRITABLE) != 0)
        g_variant_builder_add_value (&builder, property_describe (properties[i]));
    }
  return g_variant_builder_end (&builder);
}

/* Modules */

static gboolean
kind_from_string (const char   *string,
                  AuModuleKind *kind)
{
  g_autoptr(GEnumClass) kinds = g_type_class_ref (AU_TYPE_MODULE_KIND);
  const GEnumValue *value = g_enum_get_value_by_nick (kinds, string);

  if (value != NULL)
    *kind = value->value;
  return value != NULL;
}

/* What one of the types of @info can be set; %NULL without an error when it cannot be had
 * by its name, for want of a link of that name to the file.
 */
static GVariant *
type_describe (AuModuleInfo *info,
               const char   *id,
               GError      **error)
{
  g_auto(GStrv) parts = g_strsplit (id, "/", 2);
  g_autofree char *main_id = au_tool_module_get_id (info);
  g_autoptr(GError) failure = NULL;
  AuModuleKind kind;
  GType type;

  if (parts[0] == NULL || parts[1] == NULL || !kind_from_string (parts[0], &kind))
    return NULL;

  type = au_part_get_gtype (kind, parts[1], &failure);
  if (type == G_TYPE_INVALID)
    {
      if (g_str_equal (id, main_id) || !g_error_matches (failure, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND))
        g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }

  return g_variant_new ("(ss@a" AU_TOOL_PROPERTY_STRING ")", parts[0], parts[1], properties_describe (type));
}

static GVariant *
types_describe (AuModuleInfo *info,
                GError      **error)
{
  g_auto(GStrv) ids = au_module_info_list_types (info);
  g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ssa" AU_TOOL_PROPERTY_STRING ")"));
  AuModuleKind kind = au_module_info_get_kind (info);

  /* It must provide what its name says. */
  if (kind != AU_MODULE_FUNCTION &&
      au_part_get_gtype (kind, au_module_info_get_name (info), error) == G_TYPE_INVALID)
    return NULL;

  for (char **id = ids; *id != NULL; id++)
    {
      g_autoptr(GError) failure = NULL;
      GVariant *type = type_describe (info, *id, &failure);

      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
      if (type != NULL)
        g_variant_builder_add_value (&builder, type);
    }
  return g_variant_builder_end (&builder);
}

GVariant *
au_tool_function_describe (AuFunction *function)
{
  g_autofree char *input = g_variant_type_dup_string (au_function_get_input (function));
  const GVariantType *output_type = au_function_get_output (function);
  g_autofree char *output = output_type != NULL ? g_variant_type_dup_string (output_type) : g_strdup ("");
  const char *form = au_function_is_iterator (function) ? "iterator"
                     : (au_function_is_async (function) ? "asynchronous" : "plain");
  const char *summary = au_function_get_summary (function);

  return g_variant_new (AU_TOOL_FUNCTION_STRING, au_function_get_name (function), input, output, form,
                        summary != NULL ? g_dgettext (GETTEXT_PACKAGE, summary) : "");
}

static GVariant *
functions_describe (AuModuleInfo *info)
{
  g_auto(GStrv) names = au_module_info_list_functions (info);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" AU_TOOL_FUNCTION_STRING));
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr(AuFunction) function = au_part_find_function (*name, NULL);

      if (function != NULL)
        g_variant_builder_add_value (&builder, au_tool_function_describe (function));
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
describe (AuModuleInfo *info,
          GVariant     *types,
          GVariant     *functions,
          const char   *error)
{
  const char *version = au_module_info_get_version (info);
  const char *license = au_module_info_get_license (info);
  const char *summary = au_module_info_get_summary (info);
  const char *path = au_module_info_get_file (info);
  g_autofree char *file = path != NULL ? g_filename_display_name (path) : g_strdup ("");
  GVariant *children[] = {
    g_variant_new_string (kind_to_string (au_module_info_get_kind (info))),
    g_variant_new_string (au_module_info_get_name (info)),
    g_variant_new_string (file),
    g_variant_new_string (version != NULL ? version : ""),
    g_variant_new_string (license != NULL ? license : ""),
    g_variant_new_string (summary != NULL ? g_dgettext (GETTEXT_PACKAGE, summary) : ""),
    g_variant_new_string (error),
    types != NULL ? types : g_variant_new_array (G_VARIANT_TYPE ("(ssa" AU_TOOL_PROPERTY_STRING ")"), NULL, 0),
    functions != NULL ? functions : g_variant_new_array (G_VARIANT_TYPE (AU_TOOL_FUNCTION_STRING), NULL, 0),
  };

  return g_variant_ref_sink (g_variant_new_tuple (children, G_N_ELEMENTS (children)));
}

/* Opens a module in this process, and tells what it says, or why it cannot be used. */
GVariant *
au_tool_module_describe (AuModuleInfo *info)
{
  g_autoptr(GError) error = NULL;
  GVariant *types;

  if (!au_module_info_load (info, &error))
    return describe (info, NULL, NULL, error->message);

  types = types_describe (info, &error);
  if (types == NULL)
    return describe (info, NULL, NULL, error->message);
  return describe (info, types, functions_describe (info), "");
}

/* What the child of au_tool_modules_describe () does. */
int
au_tool_module_answer (const char *id)
{
  g_auto(GStrv) parts = g_strsplit (id, "/", 2);
  g_autoptr(AuModuleInfo) info = NULL;
  g_autoptr(GVariant) description = NULL;
  AuModuleKind kind;

  if (parts[0] == NULL || parts[1] == NULL || !kind_from_string (parts[0], &kind))
    return AU_TOOL_EXIT_USAGE;
  info = au_module_info_new (kind, parts[1], NULL);
  if (info == NULL)
    return AU_TOOL_EXIT_NOT_FOUND;

  description = au_tool_module_describe (info);
  au_tool_child_answer (g_steal_pointer (&description));
}

/* Tells what each of @infos says, without letting any of them into this process. */
GPtrArray *
au_tool_modules_describe (AuTool    *tool,
                          GPtrArray *infos,
                          GTimeSpan  timeout)
{
  GPtrArray *descriptions = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (guint i = 0; i < infos->len; i++)
    {
      AuModuleInfo *info = g_ptr_array_index (infos, i);
      g_autofree char *id = au_tool_module_get_id (info);
      g_autofree char *reason = NULL;
      GVariant *description = au_tool_child_ask (tool, id, AU_TOOL_MODULE_TYPE, timeout, &reason);

      if (description == NULL)
        description = describe (info, NULL, NULL, reason);
      g_ptr_array_add (descriptions, description);
    }
  return descriptions;
}
