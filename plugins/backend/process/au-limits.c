/* au-limits.c: what a function may use in a worker process
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-limits-private.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
apply (AuLimits     *limits,
       const char   *name,
       const GValue *value)
{
  if (g_str_equal (name, "memory"))
    limits->memory = g_value_get_uint64 (value);
  else if (g_str_equal (name, "cpu-time"))
    limits->cpu_time = g_value_get_int64 (value);
  else if (g_str_equal (name, "timeout"))
    limits->timeout = g_value_get_int64 (value);
  else if (g_str_equal (name, "core-dumps"))
    limits->no_core = !g_value_get_boolean (value);
  else
    return FALSE;

  return TRUE;
}

static gboolean
parse_one (const char    *word,
           GObjectClass  *klass,
           AuLimits      *limits,
           GError       **error)
{
  g_auto(GStrv) parts = g_strsplit (word, "=", 2);
  g_auto(GValue) value = G_VALUE_INIT;
  GParamSpec *pspec = g_object_class_find_property (klass, parts[0]);

  if (pspec != NULL && parts[1] != NULL)
    {
      /* The value is that of a property; whether that is a limit is seen afterwards. */
      if (!au_param_value_from_text (pspec, parts[1], &value, error))
        return FALSE;
      if (apply (limits, parts[0], &value))
        return TRUE;
    }

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("“%s” is no limit: write memory=1GiB, cpu-time=10s, timeout=1m or core-dumps=no"), word);

  return FALSE;
}

static gboolean
parse (const char      *text,
       const AuLimits  *common,
       GObjectClass    *klass,
       GHashTable      *table,
       GError         **error)
{
  g_auto(GStrv) words = g_strsplit_set (text, " \t", -1);
  AuLimits limits = *common;
  const char *function = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (words[i][0] == '\0')
        continue;

      if (function == NULL)
        function = words[i];
      else if (!parse_one (words[i], klass, &limits, error))
        return FALSE;
    }

  if (function == NULL || strchr (function, '=') != NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("function-limits: “%s” has to begin with the name of a function, as in “digest.file memory=1GiB cpu-time=10s”"),
                   text);
      return FALSE;
    }

  if (!g_hash_table_insert (table, g_strdup (function), g_memdup2 (&limits, sizeof limits)))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("function-limits: “%s” is there twice"), function);
      return FALSE;
    }

  return TRUE;
}

GHashTable *
au_limits_table_new (const char * const  *texts,
                     const AuLimits      *common,
                     GObjectClass        *klass,
                     GError             **error)
{
  g_autoptr(GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      if (!parse (texts[i], common, klass, table, error))
        return NULL;
    }

  return g_steal_pointer (&table);
}
