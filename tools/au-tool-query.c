/* au-tool-query.c: which computations a command is about
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-options.h"
#include "au-tool-query.h"
#include "au-tool-words.h"

#include <glib/gi18n-lib.h>

/* How many records are read at a time: a store may hold millions. */
#define PAGE_SIZE (1000)

void
au_tool_query_add (AuToolQuery    *self,
                   GOptionContext *context,
                   gboolean        with_status)
{
  const GOptionEntry status_entries[] = {
    { "status", 's', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &self->statuses,
      N_("Those with this status: pending, running, completed, failed, cancelled, or several with commas"), N_("STATUS") },
    G_OPTION_ENTRY_NULL
  };
  const GOptionEntry entries[] = {
    { "function", 'f', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->function,
      N_("Those of this function"), N_("FUNCTION") },
    { "tag", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->tag,
      N_("Those with this tag, such as “map:ID”"), N_("TAG") },
    { "queue", 'Q', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->queue,
      N_("Those of this queue"), N_("QUEUE") },
    { "since", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->since,
      N_("Those made no longer ago than this, such as 1h"), N_("DURATION") },
    G_OPTION_ENTRY_NULL
  };

  if (with_status)
    au_tool_words_add_entries (context, status_entries);
  au_tool_words_add_entries (context, entries);
}

/* Whether the user has asked for nothing in particular. */
gboolean
au_tool_query_is_empty (AuToolQuery *self)
{
  return self->statuses == NULL && self->function == NULL && self->tag == NULL &&
         self->queue == NULL && self->since == NULL;
}

static gboolean
parse_statuses (AuToolQuery   *self,
                AuStatusFlags *flags,
                GError       **error)
{
  *flags = AU_STATUS_FLAGS_NONE;

  for (char **option = self->statuses; option != NULL && *option != NULL; option++)
    {
      g_auto(GStrv) names = g_strsplit (*option, ",", -1);

      for (char **name = names; *name != NULL; name++)
        {
          AuStatus status;

          if (!au_status_from_string (g_strstrip (*name), &status, error))
            return FALSE;
          *flags |= (AuStatusFlags) (1u << status);
        }
    }
  return TRUE;
}

/* The query for a store. */
AuQuery *
au_tool_query_make (AuToolQuery *self,
                    GError     **error)
{
  g_autoptr(AuQuery) query = au_query_new ();
  AuStatusFlags flags;

  if (!parse_statuses (self, &flags, error))
    return NULL;
  if (flags != AU_STATUS_FLAGS_NONE)
    au_query_set_statuses (query, flags);
  if (self->function != NULL)
    au_query_set_function (query, self->function);
  if (self->tag != NULL)
    au_query_set_tag (query, self->tag);
  if (self->queue != NULL)
    au_query_set_queue (query, self->queue);
  if (self->since != NULL)
    {
      GTimeSpan span;

      if (!au_tool_duration ("since", self->since, &span, error))
        return NULL;
      au_query_set_since (query, MAX (au_clock_get_real_time () - span, 1));
    }
  return g_steal_pointer (&query);
}

void
au_tool_query_clear (AuToolQuery *self)
{
  g_strfreev (self->statuses);
  g_free (self->function);
  g_free (self->tag);
  g_free (self->queue);
  g_free (self->since);
}

/* Calls @func with each record that @query matches, and at most @limit of them
 * unless that is 0. Reads them page by page. */
gboolean
au_tool_foreach_record (AuTool          *tool,
                        AuQuery         *query,
                        guint            limit,
                        AuToolRecordFunc func,
                        gpointer         user_data,
                        GError         **error)
{
  AuStore *store = au_tool_get_store (tool, error);
  guint left = limit > 0 ? limit : G_MAXUINT;

  if (store == NULL)
    return FALSE;

  while (left > 0)
    {
      g_autoptr(GPtrArray) records = NULL;
      guint page = MIN (left, PAGE_SIZE);

      au_query_set_limit (query, page);
      records = au_store_list (store, query, NULL, error);
      if (records == NULL)
        return FALSE;

      for (guint i = 0; i < records->len; i++)
        {
          if (!func (g_ptr_array_index (records, i), user_data))
            return TRUE;
        }
      if (records->len < page)
        break;
      left -= page;
      au_query_set_after_key (query, au_record_get_key (g_ptr_array_index (records, records->len - 1)));
    }
  return TRUE;
}

static gboolean
add_key (AuRecord *record,
         gpointer  user_data)
{
  g_ptr_array_add (user_data, g_strdup (au_record_get_key (record)));
  return TRUE;
}

/* The keys that the user gave, or those of the records that match what the user
 * asked for, of the @useful statuses where no other were named. */
GPtrArray *
au_tool_find_keys (AuTool       *tool,
                   AuToolQuery  *self,
                   AuStatusFlags useful,
                   char        **keys,
                   GError      **error)
{
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(AuQuery) query = NULL;

  if (keys[0] == NULL && au_tool_query_is_empty (self))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                           _("say which computations: give keys, or --tag, --function, --queue, --status or --since"));
      return NULL;
    }
  if (keys[0] != NULL && !au_tool_query_is_empty (self))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                           _("give either keys or --tag, --function, --queue, --status and --since, not both"));
      return NULL;
    }

  if (keys[0] != NULL)
    {
      for (; *keys != NULL; keys++)
        {
          if (!au_key_check (*keys, error))
            return NULL;
          g_ptr_array_add (found, g_strdup (*keys));
        }
      return g_steal_pointer (&found);
    }

  query = au_tool_query_make (self, error);
  if (query == NULL)
    return NULL;
  if (self->statuses == NULL)
    au_query_set_statuses (query, useful);
  if (!au_tool_foreach_record (tool, query, 0, add_key, found, error))
    return NULL;
  return g_steal_pointer (&found);
}
