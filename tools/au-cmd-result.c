/* au-cmd-result.c: au result
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-output.h"
#include "au-tool-records.h"

#include <glib/gi18n-lib.h>

/* How many items are read at a time. */
#define PAGE_SIZE (1000)

static gboolean
print_items (AuStore    *store,
             const char *key,
             gboolean    text,
             GError    **error)
{
  guint64 first = 0;

  for (;;)
    {
      g_autoptr(GPtrArray) items = au_store_list_items (store, key, first, PAGE_SIZE, NULL, error);

      if (items == NULL)
        return FALSE;
      for (guint i = 0; i < items->len; i++)
        {
          GVariant *item = g_ptr_array_index (items, i);

          if (text)
            {
              g_autofree char *line = g_variant_print (item, TRUE);

              au_tool_print (line, -1);
              au_tool_print ("\n", 1);
            }
          else
            {
              au_tool_print_json (item);
            }
        }
      if (items->len < PAGE_SIZE)
        return TRUE;
      first += items->len;
    }
}

int
au_cmd_result (AuTool *tool,
               int     argc,
               char  **argv)
{
  gboolean text = FALSE;
  const GOptionEntry entries[] = {
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print the value as JSON, as is the default"), NULL },
    { "text", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &text,
      N_("Print the value as GVariant text, with its types"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  AuStore *store;

  context = au_tool_context_new (tool, _("KEY — print the value of a computation that has ended"),
                                 _("The items of a generator are printed one a line, also while more may come."),
                                 entries);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc != 2)
    return au_tool_usage (tool, _("give one key: “au list” shows the keys there are"));
  if (tool->json && text)
    return au_tool_usage (tool, _("give either --json or --text"));

  store = au_tool_get_store (tool, &error);
  if (store == NULL || !au_key_check (argv[1], &error))
    return au_tool_fail (tool, error);
  record = au_store_load (store, argv[1], NULL, &error);
  if (record == NULL)
    return au_tool_fail (tool, error);

  if (au_record_get_n_items (record) > 0 && !print_items (store, argv[1], text, &error))
    return au_tool_fail (tool, error);
  return au_tool_print_outcome (tool, record, text, argv[1]);
}
