/* au-cmd-inspect.c: au inspect
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-check.h"
#include "au-tool-child.h"
#include "au-tool-modules.h"
#include "au-tool-output.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* JSON */

static void
append_property_json (GString  *json,
                      GVariant *property)
{
  const char *name, *type, *unit, *value, *minimum, *maximum, *summary;
  g_autofree const char **choices = NULL;
  gboolean secret;

  g_variant_get (property, "(&s&s&s&s&s&s^a&sb&s)", &name, &type, &unit, &value, &minimum, &maximum,
                 &choices, &secret, &summary);

  g_string_append_c (json, '{');
  au_tool_json_text (json, "name", name);
  au_tool_json_text (json, "type", type);
  if (unit[0] != '\0')
    au_tool_json_text (json, "unit", unit);
  if (!secret)
    au_tool_json_text (json, "default", value);
  if (minimum[0] != '\0')
    au_tool_json_text (json, "minimum", minimum);
  if (maximum[0] != '\0')
    au_tool_json_text (json, "maximum", maximum);
  if (choices[0] != NULL)
    au_tool_json_strv (json, "choices", choices);
  au_tool_json_boolean (json, "secret", secret);
  au_tool_json_text (json, "summary", summary);
  g_string_append_c (json, '}');
}

static void
append_types_json (GString  *json,
                   GVariant *types)
{
  au_tool_json_member (json, "types");
  g_string_append_c (json, '[');
  for (gsize i = 0; i < g_variant_n_children (types); i++)
    {
      const char *kind, *name;
      g_autoptr(GVariant) properties = NULL;

      g_variant_get_child (types, i, "(&s&s@a" AU_TOOL_PROPERTY_STRING ")", &kind, &name, &properties);
      g_string_append (json, i == 0 ? "{" : ",{");
      au_tool_json_text (json, "kind", kind);
      au_tool_json_text (json, "name", name);
      au_tool_json_member (json, "properties");
      g_string_append_c (json, '[');
      for (gsize j = 0; j < g_variant_n_children (properties); j++)
        {
          g_autoptr(GVariant) property = g_variant_get_child_value (properties, j);

          if (j > 0)
            g_string_append_c (json, ',');
          append_property_json (json, property);
        }
      g_string_append (json, "]}");
    }
  g_string_append_c (json, ']');
}

static void
append_functions_json (GString  *json,
                       GVariant *functions)
{
  au_tool_json_member (json, "functions");
  g_string_append_c (json, '[');
  for (gsize i = 0; i < g_variant_n_children (functions); i++)
    {
      const char *name;

      g_variant_get_child (functions, i, "(&s&s&s&s&s)", &name, NULL, NULL, NULL, NULL);
      if (i > 0)
        g_string_append_c (json, ',');
      au_tool_json_string (json, name, -1);
    }
  g_string_append_c (json, ']');
}

static void
print_json (GVariant *module)
{
  GString *json = au_tool_output_begin ();
  const char *kind, *name, *file, *version, *license, *summary, *error;
  g_autoptr(GVariant) types = NULL;
  g_autoptr(GVariant) functions = NULL;

  g_variant_get (module, "(&s&s&s&s&s&s&s@*@*)", &kind, &name, &file, &version, &license, &summary, &error,
                 &types, &functions);

  g_string_append_c (json, '{');
  au_tool_json_text (json, "kind", kind);
  au_tool_json_text (json, "name", name);
  au_tool_json_text (json, "file", file[0] != '\0' ? file : NULL);
  if (error[0] != '\0')
    {
      au_tool_json_text (json, "error", error);
    }
  else
    {
      au_tool_json_text (json, "version", version);
      au_tool_json_text (json, "license", license);
      au_tool_json_text (json, "summary", summary);
      append_types_json (json, types);
      append_functions_json (json, functions);
    }
  g_string_append (json, "}\n");
  au_tool_output_end ();
}

/* For people */

static void
print_row (GVariant *module)
{
  GString *line = au_tool_output_begin ();
  const char *kind, *name, *version, *summary, *error;

  g_variant_get (module, "(&s&s&s&s&s&s&s@*@*)", &kind, &name, NULL, &version, NULL, &summary, &error, NULL, NULL);
  if (error[0] != '\0')
    g_string_append_printf (line, _("%-10s %-14s %-8s cannot be used: %s\n"), kind, name, "-", error);
  else
    g_string_append_printf (line, "%-10s %-14s %-8s %s\n", kind, name, version, summary);
  au_tool_output_end ();
}

static void
print_property (GString  *text,
                GVariant *property)
{
  const char *name, *type, *unit, *value, *minimum, *maximum, *summary;
  g_autofree const char **choices = NULL;
  gboolean secret;

  g_variant_get (property, "(&s&s&s&s&s&s^a&sb&s)", &name, &type, &unit, &value, &minimum, &maximum,
                 &choices, &secret, &summary);

  g_string_append_printf (text, "  %s=%s\n", name, value);
  g_string_append_printf (text, "      %s", _(type));
  if (choices[0] != NULL)
    {
      g_autofree char *list = g_strjoinv (", ", (char **) choices);

      g_string_append_printf (text, _(": %s"), list);
    }
  if (minimum[0] != '\0')
    g_string_append_printf (text, _(" from %s"), minimum);
  if (maximum[0] != '\0')
    g_string_append_printf (text, _(" to %s"), maximum);
  if (unit[0] != '\0')
    g_string_append_printf (text, _(", written as %s"), unit);
  if (secret)
    g_string_append (text, _(", secret: @FILE reads it from a file"));
  if (summary[0] != '\0')
    g_string_append_printf (text, "\n      %s", summary);
  g_string_append_c (text, '\n');
}

static void
print_type (GString  *text,
            GVariant *type)
{
  const char *kind, *name;
  g_autoptr(GVariant) properties = NULL;

  g_variant_get (type, "(&s&s@*)", &kind, &name, &properties);
  g_string_append_printf (text, "\n[%s …]\ntype=%s\n", kind, name);
  for (gsize i = 0; i < g_variant_n_children (properties); i++)
    {
      g_autoptr(GVariant) property = g_variant_get_child_value (properties, i);

      print_property (text, property);
    }
}

static void
print_function (GString  *text,
                GVariant *function)
{
  const char *name, *input, *output, *summary;

  g_variant_get (function, "(&s&s&s&s&s)", &name, &input, &output, NULL, &summary);
  g_string_append_printf (text, "\n%s %s → %s\n      %s\n", name, input, output[0] != '\0' ? output : "()", summary);
}

static void
print_details (GVariant *module)
{
  GString *text = au_tool_output_begin ();
  const char *kind, *name, *file, *version, *license, *summary;
  g_autoptr(GVariant) types = NULL;
  g_autoptr(GVariant) functions = NULL;

  g_variant_get (module, "(&s&s&s&s&s&s&s@*@*)", &kind, &name, &file, &version, &license, &summary, NULL,
                 &types, &functions);

  g_string_append_printf (text, "%s/%s %s (%s)\n%s\n%s\n", kind, name, version, license, summary,
                          file[0] != '\0' ? file : _("built in"));
  for (gsize i = 0; i < g_variant_n_children (types); i++)
    {
      g_autoptr(GVariant) type = g_variant_get_child_value (types, i);

      print_type (text, type);
    }
  for (gsize i = 0; i < g_variant_n_children (functions); i++)
    {
      g_autoptr(GVariant) function = g_variant_get_child_value (functions, i);

      print_function (text, function);
    }
  au_tool_output_end ();
}

/* Choosing */

static gboolean
is_wanted (AuModuleInfo *info,
           const char   *wanted)
{
  g_autofree char *id = au_tool_module_get_id (info);
  gsize length;

  if (wanted == NULL || g_str_equal (id, wanted) || g_str_equal (au_module_info_get_name (info), wanted))
    return TRUE;

  /* A kind stands for all of them. */
  length = strlen (wanted);
  return strncmp (id, wanted, length) == 0 && id[length] == '/';
}

static gboolean
is_kind (const char *wanted)
{
  g_autoptr(GEnumClass) kinds = g_type_class_ref (AU_TYPE_MODULE_KIND);

  return g_enum_get_value_by_nick (kinds, wanted) != NULL;
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  g_autofree char *id_a = au_tool_module_get_id (*(AuModuleInfo * const *) a);
  g_autofree char *id_b = au_tool_module_get_id (*(AuModuleInfo * const *) b);

  return strcmp (id_a, id_b);
}

static GPtrArray *
find_modules (const char *wanted,
              GPtrArray  *names)
{
  g_autoptr(GListModel) list = au_modules_list ();
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr(AuModuleInfo) info = g_list_model_get_item (list, i);

      g_ptr_array_add (names, g_strdup (au_module_info_get_name (info)));
      if (is_wanted (info, wanted))
        g_ptr_array_add (found, g_object_ref (info));
    }
  g_ptr_array_add (names, NULL);
  g_ptr_array_sort (found, compare_ids);
  return found;
}

static int
not_found (AuTool     *tool,
           const char *wanted,
           GPtrArray  *names)
{
  const char *slash = strchr (wanted, '/');
  const char *nearest = au_tool_nearest (slash != NULL ? slash + 1 : wanted, (const char * const *) names->pdata);

  if (nearest != NULL)
    au_tool_complain (tool, _("there is no module “%s”: did you mean “%s”?"), wanted, nearest);
  else
    au_tool_complain (tool, _("there is no module “%s”: “au inspect” lists them"), wanted);
  return AU_TOOL_EXIT_NOT_FOUND;
}

static int
show (AuTool     *tool,
      const char *wanted,
      GTimeSpan   timeout)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) found = find_modules (wanted, names);
  g_autoptr(GPtrArray) modules = NULL;
  gboolean several;
  int code = AU_TOOL_EXIT_SUCCESS;

  if (found->len == 0 && wanted != NULL && !is_kind (wanted))
    return not_found (tool, wanted, names);

  modules = au_tool_modules_describe (tool, found, timeout);
  several = wanted == NULL || is_kind (wanted);
  for (guint i = 0; i < modules->len; i++)
    {
      GVariant *module = g_ptr_array_index (modules, i);
      const char *error;

      g_variant_get_child (module, 6, "&s", &error);
      if (tool->json)
        print_json (module);
      else if (several)
        print_row (module);
      else if (error[0] == '\0')
        print_details (module);

      if (!several && error[0] != '\0')
        {
          au_tool_complain (tool, "%s", error);
          code = AU_TOOL_EXIT_CONFIG;
        }
    }
  return code;
}

/* Whether there is something */

/* Compares the numbers between the dots; what is not there counts as 0. */
static int
compare_versions (const char *a,
                  const char *b)
{
  while (*a != '\0' || *b != '\0')
    {
      char *end_a, *end_b;
      guint64 number_a = g_ascii_strtoull (a, &end_a, 10);
      guint64 number_b = g_ascii_strtoull (b, &end_b, 10);

      if (number_a != number_b)
        return number_a < number_b ? -1 : 1;

      /* Words such as “rc1” do not count. */
      a = end_a + strcspn (end_a, ".");
      b = end_b + strcspn (end_b, ".");
      a += *a == '.';
      b += *b == '.';
    }
  return 0;
}

static gboolean
is_version (const char *text)
{
  return g_ascii_isdigit (text[0]) && text[strspn (text, "0123456789.")] == '\0';
}

/* Says nothing when all is well: it is for scripts. */
static int
check_one (AuTool     *tool,
           GVariant   *module,
           const char *version)
{
  const char *kind, *name, *has, *error;

  g_variant_get (module, "(&s&s&s&s&s&s&s@*@*)", &kind, &name, NULL, &has, NULL, NULL, &error, NULL, NULL);
  if (error[0] != '\0')
    {
      au_tool_complain (tool, "%s/%s: %s", kind, name, error);
      return AU_TOOL_EXIT_CONFIG;
    }
  if (version != NULL && compare_versions (has, version) < 0)
    {
      au_tool_complain (tool, _("%s/%s has the version %s, and %s or a newer one is wanted"), kind, name, has, version);
      return AU_TOOL_EXIT_NOT_FOUND;
    }
  return AU_TOOL_EXIT_SUCCESS;
}

static int
check_exists (AuTool     *tool,
              const char *wanted,
              const char *version,
              GTimeSpan   timeout)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) found = find_modules (wanted, names);
  g_autoptr(GPtrArray) modules = NULL;
  int code = AU_TOOL_EXIT_SUCCESS;

  if (found->len == 0 || is_kind (wanted))
    return not_found (tool, wanted, names);

  modules = au_tool_modules_describe (tool, found, timeout);
  for (guint i = 0; i < modules->len; i++)
    {
      GVariant *module = g_ptr_array_index (modules, i);

      if (tool->json)
        print_json (module);
      code = au_tool_worse (code, check_one (tool, module, version));
    }
  return code;
}

/* The command */

typedef struct
{
  char    *answer;
  char    *check;
  char    *version;
  char    *timeout;
  gboolean exists;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->answer);
  g_free (self->check);
  g_free (self->version);
  g_free (self->timeout);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static int
answer (AuTool     *tool,
        const char *question)
{
  au_tool_child_begin ();
  if (g_str_equal (question, AU_TOOL_CHECK_QUESTION))
    au_tool_check_answer (tool);

  /* The key file may name folders of modules. Who asks has complained if it is bad. */
  au_tool_get_config (tool, NULL);
  return au_tool_module_answer (question);
}

static gboolean
add_folders (AuTool *tool,
             int    *code)
{
  g_autoptr(GError) error = NULL;

  if (au_tool_get_config (tool, &error) != NULL)
    return TRUE;

  *code = au_tool_fail (tool, error);
  return tool->config_path == NULL;
}

static int
run (AuTool        *tool,
     const Options *options,
     const char    *wanted)
{
  GTimeSpan timeout = AU_TOOL_CHILD_TIMEOUT;
  g_autoptr(GError) error = NULL;
  int code = AU_TOOL_EXIT_SUCCESS;

  if (options->timeout != NULL && !au_duration_from_text (options->timeout, &timeout, &error))
    return au_tool_usage (tool, "--timeout: %s", error->message);
  if (options->version != NULL && !options->exists)
    return au_tool_usage (tool, _("--atleast-version goes with --exists"));
  if (options->version != NULL && !is_version (options->version))
    return au_tool_usage (tool, _("--atleast-version takes numbers with dots between, such as 1.2"));
  if (options->exists && wanted == NULL)
    return au_tool_usage (tool, _("say what should exist, such as store/file"));
  if (options->check != NULL && (options->exists || wanted != NULL))
    return au_tool_usage (tool, _("--check takes a key file, and nothing else"));

  if (options->check != NULL)
    {
      g_free (tool->config_path);
      tool->config_path = g_strdup (options->check);
      return au_tool_check (tool, timeout);
    }

  if (!add_folders (tool, &code))
    return code;
  return options->exists ? check_exists (tool, wanted, options->version, timeout)
                         : show (tool, wanted, timeout);
}

int
au_cmd_inspect (AuTool *tool,
                int     argc,
                char  **argv)
{
  g_auto(Options) options = { NULL, };
  const GOptionEntry entries[] = {
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each module as a line of JSON"), NULL },
    { "exists", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &options.exists,
      N_("Only tell by the exit code whether there is such a module, and it can be used"), NULL },
    { "atleast-version", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &options.version,
      N_("With --exists: whether it is of this version, or newer"), N_("VERSION") },
    { "check", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &options.check,
      N_("List what is wrong with a key file, as “au config check” does"), N_("FILE") },
    { "timeout", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &options.timeout,
      N_("How long a module may take to open; 10s unless given"), N_("DURATION") },
    { "answer", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &options.answer,
      "Answer a question of another au", "QUESTION" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;

  context = au_tool_context_new (tool, _("[NAME|KIND|KIND/NAME] — list modules, or show what can be set"),
                                 _("A KIND is store, backend, middleware, serializer or function. Each module is opened\n"
                                   "in a process of its own, so that one that crashes is one line."),
                                 entries);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  au_tool_plain_json (tool);
  if (argc > 2)
    return au_tool_usage (tool, _("give one module, or none for all"));
  if (options.answer != NULL)
    return answer (tool, options.answer);
  return run (tool, &options, argc == 2 ? argv[1] : NULL);
}
