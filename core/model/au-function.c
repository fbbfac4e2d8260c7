/* au-function.c: a named, typed piece of work
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-function-private.h"
#include "au-value-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/**
 * AuFunction:
 *
 * A named piece of work with typed arguments and a typed value: what computations
 * are made of.
 *
 * A function has a name because a pointer means nothing to another process. It comes
 * in one of three forms, and each runs on every backend: plain (it works and
 * returns), asynchronous (it starts work, which ends later) and iterator (it makes
 * one item at a time).
 *
 * A function does not change, apart from its summary, which is set before others
 * see it. It is MT safe.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_NAME = 1,
  PROP_INPUT,
  PROP_OUTPUT,
  PROP_FLAGS,
  PROP_SUMMARY,
  PROP_IS_ITERATOR,
  PROP_IS_ASYNC,
} Property;

static GParamSpec *properties[PROP_IS_ASYNC + 1];

G_DEFINE_FLAGS_TYPE (AuFunctionFlags, au_function_flags,
                     G_DEFINE_ENUM_VALUE (AU_FUNCTION_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (AU_FUNCTION_OWNER_CONTEXT, "owner-context"))

G_DEFINE_FINAL_TYPE (AuFunction, au_function, G_TYPE_OBJECT)

static gboolean
is_name (const char *name)
{
  if (name == NULL || !g_ascii_islower (name[0]))
    return FALSE;

  for (const char *p = name; *p != '\0'; p++)
    {
      if (!g_ascii_islower (*p) && !g_ascii_isdigit (*p) && strchr ("_.-", *p) == NULL)
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_input (const char *type)
{
  if (type == NULL || !g_variant_type_string_is_valid (type))
    return FALSE;

  if (!g_variant_type_is_definite ((const GVariantType *) type))
    return FALSE;

  return g_variant_type_is_tuple ((const GVariantType *) type) ||
         g_variant_type_equal (type, G_VARIANT_TYPE_VARDICT);
}

static gboolean
is_output (const char *type)
{
  return type == NULL ||
         (g_variant_type_string_is_valid (type) &&
          g_variant_type_is_definite ((const GVariantType *) type));
}

static gboolean
check_declaration (const char *name,
                   const char *input,
                   const char *output,
                   GError    **error)
{
  if (!is_name (name))
    {
      g_autofree char *printable = g_strescape (name != NULL ? name : "", NULL);

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” cannot be the name of a function: use a lower-case letter, then lower-case letters, digits and “_ . -” of ASCII"),
                   printable);
      return FALSE;
    }

  if (!is_input (input))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” cannot be the type of the arguments of “%s”: use a tuple, such as “(xs)”, or “a{sv}”"),
                   input != NULL ? input : "", name);
      return FALSE;
    }

  if (!is_output (output))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” cannot be the type of the value of “%s”: use one definite type, such as “s” or “a{sv}”"),
                   output, name);
      return FALSE;
    }

  return TRUE;
}

static void
au_function_get_property (GObject    *object,
                          guint       id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  AuFunction *self = AU_FUNCTION (object);

  switch ((Property) id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_INPUT:
      g_value_take_string (value, self->input != NULL ? g_variant_type_dup_string (self->input) : NULL);
      break;
    case PROP_OUTPUT:
      g_value_take_string (value, self->output != NULL ? g_variant_type_dup_string (self->output) : NULL);
      break;
    case PROP_FLAGS:
      g_value_set_flags (value, self->flags);
      break;
    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;
    case PROP_IS_ITERATOR:
      g_value_set_boolean (value, au_function_is_iterator (self));
      break;
    case PROP_IS_ASYNC:
      g_value_set_boolean (value, au_function_is_async (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static GVariantType *
dup_type (const GValue *value)
{
  const char *string = g_value_get_string (value);

  if (string == NULL)
    return NULL;

  if (g_variant_type_string_is_valid (string))
    return g_variant_type_new (string);

  g_critical ("“%s” is no type string", string);
  return NULL;
}

static void
au_function_set_property (GObject      *object,
                          guint         id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  AuFunction *self = AU_FUNCTION (object);

  switch ((Property) id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_INPUT:
      self->input = dup_type (value);
      break;
    case PROP_OUTPUT:
      self->output = dup_type (value);
      break;
    case PROP_FLAGS:
      self->flags = g_value_get_flags (value);
      break;
    case PROP_SUMMARY:
      au_function_set_summary (self, g_value_get_string (value));
      break;
    case PROP_IS_ITERATOR:
    case PROP_IS_ASYNC:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
au_function_constructed (GObject *object)
{
  AuFunction *self = AU_FUNCTION (object);

  G_OBJECT_CLASS (au_function_parent_class)->constructed (object);

  self->takes_unit = self->input != NULL && g_variant_type_equal (self->input, G_VARIANT_TYPE_UNIT);
}

typedef struct
{
  GDestroyNotify destroy;
  gpointer       user_data;
} Garbage;

static gboolean
destroy_in_context (gpointer user_data)
{
  Garbage *garbage = user_data;

  garbage->destroy (garbage->user_data);

  return G_SOURCE_REMOVE;
}

/* What a language keeps for a function that must run in its own context must be
 * freed there, too. */
static void
destroy_user_data (AuFunction *self)
{
  g_autoptr(GSource) source = NULL;
  Garbage *garbage;

  if (self->destroy == NULL)
    return;

  if ((self->flags & AU_FUNCTION_OWNER_CONTEXT) == 0 || g_main_context_is_owner (self->context))
    {
      self->destroy (self->user_data);
      return;
    }

  garbage = g_new (Garbage, 1);
  garbage->destroy = self->destroy;
  garbage->user_data = self->user_data;

  source = g_idle_source_new ();
  g_source_set_static_name (source, "[au] free function");
  g_source_set_callback (source, destroy_in_context, garbage, g_free);
  g_source_attach (source, self->context);
}

static void
au_function_finalize (GObject *object)
{
  AuFunction *self = AU_FUNCTION (object);

  destroy_user_data (self);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->input, g_variant_type_free);
  g_clear_pointer (&self->output, g_variant_type_free);
  g_clear_pointer (&self->summary, g_free);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (au_function_parent_class)->finalize (object);
}

static void
au_function_class_init (AuFunctionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = au_function_get_property;
  object_class->set_property = au_function_set_property;
  object_class->constructed = au_function_constructed;
  object_class->finalize = au_function_finalize;

  /**
   * AuFunction:name:
   *
   * The name that calls it, `[a-z][a-z0-9_.-]*`.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, construct);

  /**
   * AuFunction:input:
   *
   * The type string of its arguments: a tuple, or `a{sv}`.
   *
   * Since: 1.0
   */
  properties[PROP_INPUT] = g_param_spec_string ("input", NULL, NULL, NULL, construct);

  /**
   * AuFunction:output:
   *
   * The type string of its value, or of its items; %NULL for none.
   *
   * Since: 1.0
   */
  properties[PROP_OUTPUT] = g_param_spec_string ("output", NULL, NULL, NULL, construct);

  /**
   * AuFunction:flags:
   *
   * How it wants to be called.
   *
   * Since: 1.0
   */
  properties[PROP_FLAGS] = g_param_spec_flags ("flags", NULL, NULL, AU_TYPE_FUNCTION_FLAGS,
                                               AU_FUNCTION_NONE, construct);

  /**
   * AuFunction:summary:
   *
   * One line about what it does, for people.
   *
   * Since: 1.0
   */
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL,
                                                  G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                  G_PARAM_STATIC_STRINGS);

  /**
   * AuFunction:is-iterator:
   *
   * Whether it makes items, one at a time.
   *
   * Since: 1.0
   */
  properties[PROP_IS_ITERATOR] = g_param_spec_boolean ("is-iterator", NULL, NULL, FALSE, readable);

  /**
   * AuFunction:is-async:
   *
   * Whether it returns before its work is done.
   *
   * Since: 1.0
   */
  properties[PROP_IS_ASYNC] = g_param_spec_boolean ("is-async", NULL, NULL, FALSE, readable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
au_function_init (AuFunction *self)
{
  self->context = g_main_context_ref_thread_default ();
}

static AuFunction *
function_new (const AuFunctionEntry *entry,
              gpointer               user_data,
              GDestroyNotify         destroy,
              GError               **error)
{
  AuFunction *self;

  if (!check_declaration (entry->name, entry->input, entry->output, error))
    {
      if (destroy != NULL)
        destroy (user_data);
      return NULL;
    }

  self = g_object_new (AU_TYPE_FUNCTION,
                       "name", entry->name,
                       "input", entry->input,
                       "output", entry->output,
                       "flags", entry->flags,
                       "summary", entry->summary,
                       NULL);
  self->func = entry->func;
  self->start = entry->start;
  self->step = entry->step;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

/**
 * au_function_new:
 * @name: the name, `[a-z][a-z0-9_.-]*`
 * @input: the type string of the arguments, a tuple or `a{sv}`
 * @output: (nullable): the type string of the value, %NULL for none
 * @flags: flags
 * @func: (scope notified) (closure user_data) (destroy destroy): the code
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Makes a plain function.
 *
 * The main context that is thread-default now is the one that
 * %AU_FUNCTION_OWNER_CONTEXT means; @user_data of such a function is also freed
 * there, otherwise in any thread. @user_data is freed on failure, too.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when a name or type is not as above.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new function, or %NULL with @error set
 *
 * Since: 1.0
 */
AuFunction *
au_function_new (const char     *name,
                 const char     *input,
                 const char     *output,
                 AuFunctionFlags flags,
                 AuFunc          func,
                 gpointer        user_data,
                 GDestroyNotify  destroy,
                 GError        **error)
{
  const AuFunctionEntry entry = { name, input, output, func, flags };

  g_return_val_if_fail (func != NULL, NULL);

  return function_new (&entry, user_data, destroy, error);
}

/**
 * au_function_new_async:
 * @name: the name, `[a-z][a-z0-9_.-]*`
 * @input: the type string of the arguments, a tuple or `a{sv}`
 * @output: (nullable): the type string of the value, %NULL for none
 * @flags: flags
 * @start: (scope notified) (closure user_data) (destroy destroy): the code
 * @user_data: data for @start
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Makes an asynchronous function: one that starts its work and ends it later.
 *
 * The rest is as [ctor@Au.Function.new] says.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new function, or %NULL with @error set
 *
 * Since: 1.0
 */
AuFunction *
au_function_new_async (const char     *name,
                       const char     *input,
                       const char     *output,
                       AuFunctionFlags flags,
                       AuStartFunc     start,
                       gpointer        user_data,
                       GDestroyNotify  destroy,
                       GError        **error)
{
  const AuFunctionEntry entry = { name, input, output, NULL, flags, NULL, start };

  g_return_val_if_fail (start != NULL, NULL);

  return function_new (&entry, user_data, destroy, error);
}

/**
 * au_function_new_iterator:
 * @name: the name, `[a-z][a-z0-9_.-]*`
 * @input: the type string of the arguments, a tuple or `a{sv}`
 * @output: (nullable): the type string of the items
 * @flags: flags
 * @step: (scope notified) (closure user_data) (destroy destroy): the code
 * @user_data: data for @step
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Makes an iterator function: one that makes one item at a time.
 *
 * The rest is as [ctor@Au.Function.new] says.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new function, or %NULL with @error set
 *
 * Since: 1.0
 */
AuFunction *
au_function_new_iterator (const char     *name,
                          const char     *input,
                          const char     *output,
                          AuFunctionFlags flags,
                          AuStepFunc      step,
                          gpointer        user_data,
                          GDestroyNotify  destroy,
                          GError        **error)
{
  const AuFunctionEntry entry = { name, input, output, NULL, flags, NULL, NULL, step };

  g_return_val_if_fail (step != NULL, NULL);

  return function_new (&entry, user_data, destroy, error);
}

/**
 * au_function_new_from_entry: (skip)
 * @entry: a row of a table
 * @error: return location for an error
 *
 * Makes the function that @entry describes. Its user data is %NULL.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when a name or type is not as
 * [struct@Au.FunctionEntry] says, or when not exactly one code is given.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new function, or %NULL with @error set
 *
 * Since: 1.0
 */
AuFunction *
au_function_new_from_entry (const AuFunctionEntry *entry,
                            GError               **error)
{
  guint n_codes;

  g_return_val_if_fail (entry != NULL, NULL);

  n_codes = (entry->func != NULL) + (entry->start != NULL) + (entry->step != NULL);
  if (n_codes != 1)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("The function “%s” has to have exactly one of func, start and step"),
                   entry->name != NULL ? entry->name : "");
      return NULL;
    }

  return function_new (entry, NULL, NULL, error);
}

/**
 * au_function_get_name:
 * @self: a function
 *
 * Gets the name that calls @self. MT safe.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
au_function_get_name (AuFunction *self)
{
  g_return_val_if_fail (AU_IS_FUNCTION (self), NULL);

  return self->name;
}

/**
 * au_function_get_input:
 * @self: a function
 *
 * Gets the type of the arguments of @self. MT safe.
 *
 * Returns: (transfer none): the type, a tuple or `a{sv}`
 *
 * Since: 1.0
 */
const GVariantType *
au_function_get_input (AuFunction *self)
{
  g_return_val_if_fail (AU_IS_FUNCTION (self), NULL);

  return self->input;
}

/**
 * au_function_get_output:
 * @self: a function
 *
 * Gets the type of the value of @self, or of its items if it is an iterator. MT safe.
 *
 * Returns: (transfer none) (nullable): the type, %NULL if there is no value
 *
 * Since: 1.0
 */
const GVariantType *
au_function_get_output (AuFunction *self)
{
  g_return_val_if_fail (AU_IS_FUNCTION (self), NULL);

  return self->output;
}

/**
 * au_function_get_flags:
 * @self: a function
 *
 * Gets how @self wants to be called. MT safe.
 *
 * Returns: the flags
 *
 * Since: 1.0
 */
AuFunctionFlags
au_function_get_flags (AuFunction *self)
{
  g_return_val_if_fail (AU_IS_FUNCTION (self), AU_FUNCTION_NONE);

  return self->flags;
}

/**
 * au_function_is_portable:
 * @self: a function
 *
 * Tells whether a worker process of this program finds @self by its name: a file of a
 * module has it, or it was registered before [func@Au.init] was called. Others can only
 * be run in this process.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_function_is_portable (AuFunction *self)
{
  g_return_val_if_fail (AU_IS_FUNCTION (self), FALSE);

  return g_atomic_int_get (&self->portable);
}

void
au_function_set_portable (AuFunction *self)
{
  g_atomic_int_set (&self->portable, TRUE);
}

/**
 * au_function_get_summary:
 * @self: a function
 *
 * Gets one line about what @self does, for people. MT safe.
 *
 * Returns: (nullable): the line, %NULL if nobody wrote one
 *
 * Since: 1.0
 */
const char *
au_function_get_summary (AuFunction *self)
{
  g_return_val_if_fail (AU_IS_FUNCTION (self), NULL);

  return self->summary;
}

/**
 * au_function_set_summary:
 * @self: a function
 * @summary: (nullable): one line about what it does, for people
 *
 * Sets the summary of @self. Not MT safe: set it before you register the function.
 *
 * Since: 1.0
 */
void
au_function_set_summary (AuFunction *self,
                         const char *summary)
{
  char *copy;

  g_return_if_fail (AU_IS_FUNCTION (self));

  if (g_strcmp0 (self->summary, summary) == 0)
    return;

  copy = g_strdup (summary);
  g_free (self->summary);
  self->summary = copy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

/**
 * au_function_is_iterator:
 * @self: a function
 *
 * Tells whether @self makes items, one at a time. MT safe.
 *
 * Returns: %TRUE if it does
 *
 * Since: 1.0
 */
gboolean
au_function_is_iterator (AuFunction *self)
{
  g_return_val_if_fail (AU_IS_FUNCTION (self), FALSE);

  return self->step != NULL;
}

/**
 * au_function_is_async:
 * @self: a function
 *
 * Tells whether @self returns before its work is done. MT safe.
 *
 * Returns: %TRUE if it does
 *
 * Since: 1.0
 */
gboolean
au_function_is_async (AuFunction *self)
{
  g_return_val_if_fail (AU_IS_FUNCTION (self), FALSE);

  return self->start != NULL;
}

/**
 * au_function_check_arguments:
 * @self: a function
 * @arguments: (nullable): arguments; a floating reference is left as it is
 * @error: return location for an error
 *
 * Checks that @self can be called with @arguments. %NULL stands for the arguments
 * of a function whose input type is `()`.
 *
 * Fails with %AU_ERROR_BAD_TYPE when the type is another one, or when the arguments are
 * nested deeper than 100 levels.
 *
 * MT safe.
 *
 * Returns: %TRUE if it can
 *
 * Since: 1.0
 */
gboolean
au_function_check_arguments (AuFunction *self,
                             GVariant   *arguments,
                             GError    **error)
{
  g_autofree char *wanted = NULL;

  g_return_val_if_fail (AU_IS_FUNCTION (self), FALSE);
  g_return_val_if_fail (self->input != NULL, FALSE);

  if (arguments == NULL ? self->takes_unit : g_variant_is_of_type (arguments, self->input))
    return arguments == NULL || au_value_check_depth (arguments, error);

  wanted = g_variant_type_dup_string (self->input);
  if (arguments == NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                 _("The function “%s” takes arguments of the type “%s”, but got none"),
                 self->name, wanted);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                 _("The function “%s” takes arguments of the type “%s”, but got “%s”"),
                 self->name, wanted, g_variant_get_type_string (arguments));
  return FALSE;
}
