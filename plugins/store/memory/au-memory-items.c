/* au-memory-items.c: the items that generators gave
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-items-private.h"
#include "../shared/au-store-rules-private.h"

#include <au/au.h>

/* The items of one computation, all of one attempt. */
typedef struct
{
  guint      attempt;
  GPtrArray *values; /* of GVariant */
} AuMemoryItemList;

static void
au_memory_item_list_free (AuMemoryItemList *list)
{
  g_ptr_array_unref (list->values);
  g_free (list);
}

void
au_memory_items_clear (AuMemoryItems *self)
{
  g_clear_pointer (&self->by_key, g_hash_table_unref);
}

static AuMemoryItemList *
au_memory_items_lookup (AuMemoryItems *self,
                        const char    *key)
{
  return self->by_key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;
}

/* Puts a new list in the place of the one that there may be. Returns that one's items,
 * the caller's now, or NULL.
 */
static GPtrArray *
au_memory_items_start (AuMemoryItems *self,
                       const char    *key,
                       guint          attempt,
                       GVariant      *first)
{
  AuMemoryItemList *list = au_memory_items_lookup (self, key);
  GPtrArray *old = NULL;

  if (list == NULL)
    {
      if (self->by_key == NULL)
        self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                              (GDestroyNotify) au_memory_item_list_free);
      list = g_new0 (AuMemoryItemList, 1);
      g_hash_table_insert (self->by_key, g_strdup (key), list);
    }
  else
    {
      old = list->values;
    }

  list->attempt = attempt;
  list->values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_ptr_array_add (list->values, g_variant_ref_sink (first));

  return old;
}

/* Appends an item if it is the next one; the first one of a newer attempt drops the
 * items of the older one. If there is one with this index already, gives that to the
 * caller. What is given to the caller is compared or released when no lock is held.
 */
gboolean
au_memory_items_append (AuMemoryItems  *self,
                        const char     *key,
                        guint           attempt,
                        guint64         index,
                        GVariant       *item,
                        GVariant      **existing,
                        GPtrArray     **dropped,
                        GError        **error)
{
  AuMemoryItemList *list = au_memory_items_lookup (self, key);

  if (list == NULL || list->attempt < attempt)
    {
      if (index > 0)
        return au_store_rules_fail_not_next (key, index, 0, error);

      *dropped = au_memory_items_start (self, key, attempt, item);
      return TRUE;
    }

  if (list->attempt > attempt)
    return au_store_rules_fail_item_attempt (key, attempt, list->attempt, error);

  if (index > list->values->len)
    return au_store_rules_fail_not_next (key, index, list->values->len, error);

  if (index < list->values->len)
    *existing = g_variant_ref (g_ptr_array_index (list->values, index));
  else
    g_ptr_array_add (list->values, g_variant_ref_sink (item));
  return TRUE;
}

/* Lists at most limit items, all with a limit of 0, from the one of index first on. */
GPtrArray *
au_memory_items_list (AuMemoryItems *self,
                      const char    *key,
                      guint64        first,
                      guint          limit)
{
  GPtrArray *values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  AuMemoryItemList *list = au_memory_items_lookup (self, key);

  if (list == NULL)
    return values;

  for (guint64 i = first; i < list->values->len && (limit == 0 || values->len < limit); i++)
    g_ptr_array_add (values, g_variant_ref (g_ptr_array_index (list->values, i)));

  return values;
}

/* Takes the items of a computation out. Returns them, the caller's now, or NULL. */
GPtrArray *
au_memory_items_take (AuMemoryItems *self,
                      const char    *key)
{
  AuMemoryItemList *list = au_memory_items_lookup (self, key);
  GPtrArray *values;

  if (list == NULL)
    return NULL;

  values = g_ptr_array_ref (list->values);
  g_hash_table_remove (self->by_key, key);

  return values;
}
