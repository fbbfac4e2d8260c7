/* au-dep-sorter.c: what has to come before what
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-dep-sorter.h>
#include <au/au-error.h>

#include <glib/gi18n-lib.h>

#include <string.h>

typedef struct
{
  char      *name;
  GPtrArray *dependencies;      /* of Node; one that was given twice is there twice */
  GPtrArray *dependants;
  guint      n_missing;         /* while sorting */
} Node;

struct _AuDepSorter
{
  GObject     parent_instance;

  GHashTable *nodes;            /* name → Node */
};

/**
 * AuDepSorter:
 *
 * Puts names into an order in which each comes after all that it depends on.
 *
 * The order is the same always, whatever the order in which they were added: of those
 * that may come next, the one whose name is the smallest, byte by byte, does.
 *
 * A sorter belongs to one thread at a time.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuDepSorter, au_dep_sorter, G_TYPE_OBJECT)

static void
node_free (gpointer data)
{
  Node *node = data;

  g_ptr_array_unref (node->dependencies);
  g_ptr_array_unref (node->dependants);
  g_free (node->name);
  g_free (node);
}

static Node *
ensure_node (AuDepSorter *self,
             const char  *name)
{
  Node *node = g_hash_table_lookup (self->nodes, name);

  if (node != NULL)
    return node;

  node = g_new0 (Node, 1);
  node->name = g_strdup (name);
  node->dependencies = g_ptr_array_new ();
  node->dependants = g_ptr_array_new ();
  g_hash_table_insert (self->nodes, node->name, node);

  return node;
}

static void
au_dep_sorter_finalize (GObject *object)
{
  AuDepSorter *self = AU_DEP_SORTER (object);

  g_hash_table_unref (self->nodes);

  G_OBJECT_CLASS (au_dep_sorter_parent_class)->finalize (object);
}

static void
au_dep_sorter_class_init (AuDepSorterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_dep_sorter_finalize;
}

static void
au_dep_sorter_init (AuDepSorter *self)
{
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, node_free);
}

/**
 * au_dep_sorter_new:
 *
 * Makes a sorter without any names.
 *
 * Returns: (transfer full): a new sorter
 *
 * Since: 1.0
 */
AuDepSorter *
au_dep_sorter_new (void)
{
  return g_object_new (AU_TYPE_DEP_SORTER, NULL);
}

/**
 * au_dep_sorter_add:
 * @self: a sorter
 * @node: a name
 *
 * Adds a name, which depends on nothing yet if it is new.
 *
 * Since: 1.0
 */
void
au_dep_sorter_add (AuDepSorter *self,
                   const char  *node)
{
  g_return_if_fail (AU_IS_DEP_SORTER (self));
  g_return_if_fail (node != NULL);

  ensure_node (self, node);
}

/**
 * au_dep_sorter_add_dependency:
 * @self: a sorter
 * @node: a name
 * @dependency: another name, which is to come before @node
 *
 * Has @node come after @dependency. Both are added if they are new.
 *
 * Since: 1.0
 */
void
au_dep_sorter_add_dependency (AuDepSorter *self,
                              const char  *node,
                              const char  *dependency)
{
  Node *before, *after;

  g_return_if_fail (AU_IS_DEP_SORTER (self));
  g_return_if_fail (node != NULL);
  g_return_if_fail (dependency != NULL);

  after = ensure_node (self, node);
  before = ensure_node (self, dependency);
  g_ptr_array_add (after->dependencies, before);
  g_ptr_array_add (before->dependants, after);
}

static int
compare_nodes (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  return strcmp (((const Node *) a)->name, ((const Node *) b)->name);
}

/* Of those that are left, each waits for another of them; so whoever follows that comes
 * back to where he was. From the smallest name, so that it is the same always. */
static void
set_cycle_error (AuDepSorter  *self,
                 GError      **error)
{
  g_autoptr(GPtrArray) path = g_ptr_array_new ();
  g_autoptr(GString) text = g_string_new (NULL);
  GHashTableIter iter;
  Node *node = NULL;
  gpointer each;
  guint first;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &each))
    {
      if (((Node *) each)->n_missing > 0 &&
          (node == NULL || compare_nodes (each, node, NULL) < 0))
        node = each;
    }

  while (!g_ptr_array_find (path, node, &first))
    {
      Node *next = NULL;

      g_ptr_array_add (path, node);
      for (guint i = 0; i < node->dependencies->len; i++)
        {
          Node *dependency = node->dependencies->pdata[i];

          if (dependency->n_missing > 0 &&
              (next == NULL || compare_nodes (dependency, next, NULL) < 0))
            next = dependency;
        }
      node = next;
    }

  for (guint i = first; i < path->len; i++)
    g_string_append_printf (text, "%s → ", ((Node *) path->pdata[i])->name);
  g_string_append (text, node->name);

  g_set_error (error, AU_ERROR, AU_ERROR_CYCLE,
               _("These depend on each other in a circle: %s"), text->str);
}

/**
 * au_dep_sorter_sort:
 * @self: a sorter
 * @error: return location for an error
 *
 * Puts the names into order. The sorter stays as it is, and more can be added.
 *
 * Fails with %AU_ERROR_CYCLE when that is impossible; the message names the circle, each
 * name followed by one that it depends on.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
au_dep_sorter_sort (AuDepSorter  *self,
                    GError      **error)
{
  g_autoptr(GPtrArray) sorted = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GSequence) ready = g_sequence_new (NULL);
  GHashTableIter iter;
  gpointer each;

  g_return_val_if_fail (AU_IS_DEP_SORTER (self), NULL);

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &each))
    {
      Node *node = each;

      node->n_missing = node->dependencies->len;
      if (node->n_missing == 0)
        g_sequence_insert_sorted (ready, node, compare_nodes, NULL);
    }

  while (!g_sequence_is_empty (ready))
    {
      GSequenceIter *first = g_sequence_get_begin_iter (ready);
      Node *node = g_sequence_get (first);

      g_sequence_remove (first);
      g_ptr_array_add (sorted, g_strdup (node->name));
      for (guint i = 0; i < node->dependants->len; i++)
        {
          Node *dependant = node->dependants->pdata[i];

          if (--dependant->n_missing == 0)
            g_sequence_insert_sorted (ready, dependant, compare_nodes, NULL);
        }
    }

  if (sorted->len < g_hash_table_size (self->nodes))
    {
      set_cycle_error (self, error);
      return NULL;
    }

  g_ptr_array_add (sorted, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&sorted), FALSE);
}
