/* au-command-request.c: which program to run, and how
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-command-request-private.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

/*
 * The arguments are a dictionary, so that they can be given as JSON by hand. What
 * comes from JSON has the types that JSON has: any number will do for a number, an
 * array of variants for an array of strings.
 */

#define DEFAULT_MAX_OUTPUT (16 * 1024 * 1024)
#define DEFAULT_GRACE (2 * G_TIME_SPAN_SECOND)

/* What is read first and put together at the end. */
typedef struct
{
  AuCommandRequest *request;
  GPtrArray        *assignments;        /* NAME, value, NAME, value … */
  gboolean          clear_environment;
} Reader;

typedef gboolean (*ReadFunc) (Reader   *reader,
                              GVariant *value,
                              gpointer  member);

/* Values */

static gboolean
get_number (GVariant *value,
            double   *number)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BYTE:
      *number = g_variant_get_byte (value);
      break;
    case G_VARIANT_CLASS_INT16:
      *number = g_variant_get_int16 (value);
      break;
    case G_VARIANT_CLASS_UINT16:
      *number = g_variant_get_uint16 (value);
      break;
    case G_VARIANT_CLASS_INT32:
      *number = g_variant_get_int32 (value);
      break;
    case G_VARIANT_CLASS_UINT32:
      *number = g_variant_get_uint32 (value);
      break;
    case G_VARIANT_CLASS_INT64:
      *number = g_variant_get_int64 (value);
      break;
    case G_VARIANT_CLASS_UINT64:
      *number = g_variant_get_uint64 (value);
      break;
    case G_VARIANT_CLASS_DOUBLE:
      *number = g_variant_get_double (value);
      break;
    default:
      return FALSE;
    }

  /* more than 2⁵³ of anything is as good as no limit, but no whole number any more */
  return *number >= 0 && *number <= (double) (G_GUINT64_CONSTANT (1) << 53);
}

static gboolean
get_whole_number (GVariant *value,
                  guint64  *number)
{
  double real;

  if (!get_number (value, &real) || real != floor (real))
    return FALSE;

  *number = real;
  return TRUE;
}

/* The bytes of a string or byte string; NULL if there is a NUL within, which no
 * argument of a program can have. */
static char *
dup_c_string (GVariant *value)
{
  const char *bytes;
  gsize length;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return NULL;

  bytes = g_variant_get_fixed_array (value, &length, 1);
  if (length > 0 && bytes[length - 1] == '\0')
    length--;
  if (length > 0 && memchr (bytes, '\0', length) != NULL)
    return NULL;

  return g_strndup (length > 0 ? bytes : "", length);
}

static GVariant *
get_child (GVariant *array,
           gsize     index)
{
  g_autoptr(GVariant) child = g_variant_get_child_value (array, index);

  return g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT)
    ? g_variant_get_variant (child)
    : g_steal_pointer (&child);
}

/* Keys */

static gboolean
read_argv (Reader   *reader,
           GVariant *value,
           gpointer  member)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_ARRAY) || g_variant_n_children (value) == 0)
    return FALSE;

  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr(GVariant) child = get_child (value, i);
      char *word = dup_c_string (child);

      if (word == NULL)
        return FALSE;

      g_ptr_array_add (argv, word);
    }

  if (*(const char *) g_ptr_array_index (argv, 0) == '\0')
    return FALSE;

  g_ptr_array_add (argv, NULL);
  g_strfreev (reader->request->argv);
  reader->request->argv = (char **) g_ptr_array_free (g_steal_pointer (&argv), FALSE);
  return TRUE;
}

static gboolean
read_input (Reader   *reader,
            GVariant *value,
            gpointer  member)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      gsize length;
      const char *text = g_variant_get_string (value, &length);

      g_clear_pointer (&reader->request->input, g_bytes_unref);
      reader->request->input = g_bytes_new_with_free_func (text, length,
                                                           (GDestroyNotify) g_variant_unref,
                                                           g_variant_ref (value));
      return TRUE;
    }

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return FALSE;

  g_clear_pointer (&reader->request->input, g_bytes_unref);
  reader->request->input = g_variant_get_data_as_bytes (value);
  return TRUE;
}

static gboolean
read_environment (Reader   *reader,
                  GVariant *value,
                  gpointer  member)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE ("a{s*}")))
    return FALSE;

  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (value, i);
      g_autoptr(GVariant) name = g_variant_get_child_value (entry, 0);
      g_autoptr(GVariant) content = get_child (entry, 1);
      const char *text = g_variant_get_string (name, NULL);
      char *words = dup_c_string (content);

      if (words == NULL)
        return FALSE;

      g_ptr_array_add (reader->assignments, g_strdup (text));
      g_ptr_array_add (reader->assignments, words);

      if (*text == '\0' || strchr (text, '=') != NULL)
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_folder (Reader   *reader,
             GVariant *value,
             gpointer  member)
{
  g_free (reader->request->folder);
  reader->request->folder = dup_c_string (value);

  return reader->request->folder != NULL && *reader->request->folder != '\0';
}

static gboolean
read_boolean (Reader   *reader,
              GVariant *value,
              gpointer  member)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return FALSE;

  *(gboolean *) member = g_variant_get_boolean (value);
  return TRUE;
}

static gboolean
read_size (Reader   *reader,
           GVariant *value,
           gpointer  member)
{
  static GParamSpec *pspec;
  g_auto(GValue) size = G_VALUE_INIT;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return get_whole_number (value, member);

  if (g_once_init_enter (&pspec))
    {
      GParamSpec *new_pspec = au_param_spec_size ("size", NULL, NULL, 0, G_MAXINT64, 0,
                                                  G_PARAM_READWRITE);

      g_once_init_leave (&pspec, g_param_spec_ref_sink (new_pspec));
    }

  g_value_init (&size, G_PARAM_SPEC_VALUE_TYPE (pspec));
  if (!au_param_value_from_text (pspec, g_variant_get_string (value, NULL), &size, NULL))
    return FALSE;

  *(guint64 *) member = g_value_get_uint64 (&size);
  return TRUE;
}

static gboolean
read_count (Reader   *reader,
            GVariant *value,
            gpointer  member)
{
  return get_whole_number (value, member) && *(guint64 *) member > 0;
}

static gboolean
get_duration (GVariant  *value,
              GTimeSpan *duration)
{
  double seconds;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return au_duration_from_text (g_variant_get_string (value, NULL), duration, NULL) &&
           *duration >= 0;

  /* a century is enough for a program, and fits */
  if (!get_number (value, &seconds) || seconds > 100.0 * 366 * 24 * 60 * 60)
    return FALSE;

  *duration = seconds * G_TIME_SPAN_SECOND;
  return TRUE;
}

static gboolean
read_duration (Reader   *reader,
               GVariant *value,
               gpointer  member)
{
  return get_duration (value, member);
}

static gboolean
read_memory (Reader   *reader,
             GVariant *value,
             gpointer  member)
{
  return read_size (reader, value, member) && *(guint64 *) member > 0;
}

/* The system counts processor time in whole seconds. */
static gboolean
read_cpu_time (Reader   *reader,
               GVariant *value,
               gpointer  member)
{
  GTimeSpan duration;

  if (!get_duration (value, &duration) || duration == 0)
    return FALSE;

  *(guint64 *) member = (duration + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND;
  return TRUE;
}

/* All */

static gboolean
read_value (Reader     *reader,
            const char *key,
            GVariant   *value,
            GError    **error)
{
  AuCommandRequest *request = reader->request;
  const struct
  {
    const char *key;
    ReadFunc    read;
    gpointer    member;
    const char *wanted;
  } keys[] = {
    { "argv", read_argv, NULL, N_("an array of strings, the program and its arguments") },
    { "stdin", read_input, NULL, N_("a string, or an array of bytes") },
    { "environment", read_environment, NULL, N_("a dictionary of strings, with names that are not empty and have no “=”") },
    { "clear-environment", read_boolean, &reader->clear_environment, N_("true or false") },
    { "cwd", read_folder, NULL, N_("the path of a folder") },
    { "max-output", read_size, &request->max_output, N_("a number of bytes, such as 1000 or “64KiB”") },
    { "memory", read_memory, &request->memory, N_("a number of bytes above 0, such as “512MiB”") },
    { "cpu-time", read_cpu_time, &request->cpu_time, N_("a number of seconds above 0, or a duration such as “5min”") },
    { "files", read_count, &request->files, N_("a number above 0") },
    { "grace", read_duration, &request->grace, N_("a number of seconds, or a duration such as “500ms”") },
    { "check", read_boolean, &request->check, N_("true or false") },
  };
  g_autoptr(GString) known = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      if (!g_str_equal (keys[i].key, key))
        continue;

      if (keys[i].read (reader, value, keys[i].member))
        return TRUE;

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” of the command is not acceptable: give %s"), key, _(keys[i].wanted));
      return FALSE;
    }

  known = g_string_new (keys[0].key);
  for (guint i = 1; i < G_N_ELEMENTS (keys); i++)
    g_string_append_printf (known, ", %s", keys[i].key);

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("A command has no “%s”: use %s"), key, known->str);
  return FALSE;
}

static void
set_environment (Reader *reader)
{
  GPtrArray *assignments = reader->assignments;
  char **environment;

  if (assignments->len == 0 && !reader->clear_environment)
    return;

  environment = reader->clear_environment ? g_new0 (char *, 1) : g_get_environ ();
  for (guint i = 0; i < assignments->len; i += 2)
    environment = g_environ_setenv (environment,
                                    g_ptr_array_index (assignments, i),
                                    g_ptr_array_index (assignments, i + 1), TRUE);

  reader->request->environment = environment;
}

/*
 * au_command_request_init:
 * @self: where to put the request; is cleared on failure
 * @arguments: an `a{sv}`
 * @error: return location for an error
 *
 * Reads what the function “command” was given.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT.
 *
 * MT safe.
 */
gboolean
au_command_request_init (AuCommandRequest *self,
                         GVariant         *arguments,
                         GError          **error)
{
  g_autoptr(GPtrArray) assignments = g_ptr_array_new_with_free_func (g_free);
  g_auto(AuCommandRequest) request = {
    .max_output = DEFAULT_MAX_OUTPUT,
    .grace = DEFAULT_GRACE,
  };
  Reader reader = { .request = &request, .assignments = assignments };
  GVariantIter iter;
  const char *key;
  GVariant *value;

  *self = (AuCommandRequest) { 0 };

  g_variant_iter_init (&iter, arguments);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      gboolean done = read_value (&reader, key, value, error);

      g_variant_unref (value);
      if (!done)
        return FALSE;
    }

  if (request.argv == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("The command has no “argv”: give an array of strings, the program and its arguments"));
      return FALSE;
    }

  set_environment (&reader);

  *self = request;
  request = (AuCommandRequest) { 0 };
  return TRUE;
}

void
au_command_request_clear (AuCommandRequest *self)
{
  g_strfreev (self->argv);
  g_strfreev (self->environment);
  g_free (self->folder);
  g_clear_pointer (&self->input, g_bytes_unref);
}
