/* au-function.h: a named, typed piece of work
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

/**
 * AuFunc:
 * @call: the running computation
 * @arguments: the arguments, of the function's input type
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * A plain function: it is called, works, and returns.
 *
 * It runs in whatever thread or process the backend chooses, unless it was
 * registered with %AU_FUNCTION_OWNER_CONTEXT. It may block.
 *
 * Returns: (transfer full) (nullable): the value, of the function's output type;
 *   floating references are sunk. %NULL for a function without a value, or with
 *   @error set when it failed
 *
 * Since: 1.0
 */
typedef GVariant *(*AuFunc) (AuCall   *call,
                             GVariant *arguments,
                             gpointer  user_data,
                             GError  **error);

/**
 * AuStartFunc:
 * @call: the running computation
 * @arguments: the arguments, of the function's input type
 * @user_data: the data given with the function
 *
 * An asynchronous function: it starts work and returns; the work later calls
 * [method@Au.Call.return_value] or [method@Au.Call.return_error], once, from any
 * thread.
 *
 * The thread-default main context is one that is iterated until then. Take a
 * reference on @call to keep it after returning.
 *
 * Since: 1.0
 */
typedef void (*AuStartFunc) (AuCall   *call,
                             GVariant *arguments,
                             gpointer  user_data);

/**
 * AuStepFunc:
 * @call: the running computation; [method@Au.Call.set_state] keeps what the
 *   function needs from one step to the next
 * @arguments: the arguments, of the function's input type
 * @user_data: the data given with the function
 * @item: (out) (optional) (nullable) (transfer full): where to put the next item,
 *   of the function's output type
 * @error: return location for an error
 *
 * An iterator function: each call makes one item.
 *
 * Steps of one computation never overlap, but may run in different threads.
 *
 * Returns: %TRUE with @item set when there was an item, %TRUE with @item left %NULL
 *   to be called again without having made one, %FALSE with @error unset at the
 *   end, and %FALSE with @error set on failure
 *
 * Since: 1.0
 */
typedef gboolean (*AuStepFunc) (AuCall    *call,
                                GVariant  *arguments,
                                gpointer   user_data,
                                GVariant **item,
                                GError   **error);

/**
 * AuFunctionFlags:
 * @AU_FUNCTION_NONE: nothing special
 * @AU_FUNCTION_OWNER_CONTEXT: run the function in the main context that was
 *   thread-default where it was registered, whatever the backend. JavaScript needs
 *   this, as it forbids being called on other threads
 *
 * Says how a function wants to be called.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_FUNCTION_NONE = 0,
  AU_FUNCTION_OWNER_CONTEXT = 1 << 0,
} AuFunctionFlags;

#define AU_TYPE_FUNCTION_FLAGS (au_function_flags_get_type ())

AU_AVAILABLE_IN_1_0
GType au_function_flags_get_type (void);

/**
 * AuFunctionEntry: (skip)
 * @name: the name, `[a-z][a-z0-9_.-]*`
 * @input: the type string of the arguments, a tuple or `a{sv}`
 * @output: (nullable): the type string of the value, or of the items of an iterator
 *   function; %NULL for none
 * @func: (nullable): the code of a plain function
 * @flags: flags
 * @summary: (nullable): one line about what it does, for people
 * @start: (nullable): the code of an asynchronous function
 * @step: (nullable): the code of an iterator function
 *
 * A row of a table of functions, for [func@Au.functions_register]. Exactly one of
 * @func, @start and @step is set.
 *
 * Since: 1.0
 */
typedef struct
{
  const char     *name;
  const char     *input;
  const char     *output;
  AuFunc          func;
  AuFunctionFlags flags;
  const char     *summary;
  AuStartFunc     start;
  AuStepFunc      step;
} AuFunctionEntry;

#define AU_TYPE_FUNCTION (au_function_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuFunction, au_function, AU, FUNCTION, GObject)

AU_AVAILABLE_IN_1_0
AuFunction *au_function_new (const char     *name,
                             const char     *input,
                             const char     *output,
                             AuFunctionFlags flags,
                             AuFunc          func,
                             gpointer        user_data,
                             GDestroyNotify  destroy,
                             GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuFunction *au_function_new_async (const char     *name,
                                   const char     *input,
                                   const char     *output,
                                   AuFunctionFlags flags,
                                   AuStartFunc     start,
                                   gpointer        user_data,
                                   GDestroyNotify  destroy,
                                   GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuFunction *au_function_new_iterator (const char     *name,
                                      const char     *input,
                                      const char     *output,
                                      AuFunctionFlags flags,
                                      AuStepFunc      step,
                                      gpointer        user_data,
                                      GDestroyNotify  destroy,
                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuFunction *au_function_new_from_entry (const AuFunctionEntry *entry,
                                        GError               **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
const char *au_function_get_name (AuFunction *self);
AU_AVAILABLE_IN_1_0
const GVariantType *au_function_get_input (AuFunction *self);
AU_AVAILABLE_IN_1_0
const GVariantType *au_function_get_output (AuFunction *self);
AU_AVAILABLE_IN_1_0
AuFunctionFlags au_function_get_flags (AuFunction *self);
AU_AVAILABLE_IN_1_0
gboolean au_function_is_portable (AuFunction *self);
AU_AVAILABLE_IN_1_0
const char *au_function_get_summary (AuFunction *self);
AU_AVAILABLE_IN_1_0
void au_function_set_summary (AuFunction *self,
                              const char *summary);
AU_AVAILABLE_IN_1_0
gboolean au_function_is_iterator (AuFunction *self);
AU_AVAILABLE_IN_1_0
gboolean au_function_is_async (AuFunction *self);
AU_AVAILABLE_IN_1_0
gboolean au_function_check_arguments (AuFunction *self,
                                      GVariant   *arguments,
                                      GError    **error);

AU_AVAILABLE_IN_1_0
gboolean au_function_register (AuFunction *function,
                               GError    **error);
AU_AVAILABLE_IN_1_0
void au_functions_register (const AuFunctionEntry *entries);
AU_AVAILABLE_IN_1_0
AuFunction *au_function_lookup (const char *name);
AU_AVAILABLE_IN_1_0
GListModel *au_functions_list (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
