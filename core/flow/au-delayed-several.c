/* au-delayed-several.c: one result made of several
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-awaitable-private.h"
#include "au-error-private.h"

#include <glib/gi18n-lib.h>

typedef enum
{
  ALL,
  ANY,
  FIRST,
} Kind;

typedef struct _Several Several;

typedef struct
{
  AuWaiter  waiter;
  Several  *owner;
  gpointer  item;
} Slot;

struct _Several
{
  AuDelayedWork  work;
  Kind           kind;
  AuDelayed     *delayed;       /* until it is done, or nothing is waited for any more */
  gint           n_left;        /* atomic; that have not ended well, or badly for ANY */
  gint           over;          /* atomic */
  guint          n;
  Slot           slots[];
};

static void
several_cancel (AuDelayedWork *work)
{
  Several *self = (Several *) work;

  for (guint i = 0; i < self->n; i++)
    au_awaitable_cancel (self->slots[i].item);
}

/* All of them are needed for one, and one of them for the others. */
static gboolean
several_is_stuck (AuDelayedWork *work)
{
  Several *self = (Several *) work;
  guint n_stuck = 0;

  for (guint i = 0; i < self->n; i++)
    n_stuck += au_awaitable_is_stuck (self->slots[i].item);

  return self->kind == ALL ? n_stuck > 0 : n_stuck > 0 && n_stuck == self->n;
}

static void
several_free (AuDelayedWork *work)
{
  Several *self = (Several *) work;

  for (guint i = 0; i < self->n; i++)
    g_object_unref (self->slots[i].item);
  g_object_unref (self->delayed);
  g_free (self);
}

static const AuDelayedWorkFuncs several_funcs = {
  .cancel = several_cancel,
  .is_stuck = several_is_stuck,
  .free = several_free,
};

static void
leave_others (Several *self)
{
  for (guint i = 0; i < self->n; i++)
    {
      if (au_awaitable_unwatch (self->slots[i].item, &self->slots[i].waiter))
        au_delayed_work_unref (&self->work);
    }
}

/* It is decided, and the others are not waited for any more. */
static void
conclude (Several  *self,
          GVariant *value,
          GError   *error)
{
  if (!g_atomic_int_compare_and_exchange (&self->over, FALSE, TRUE))
    return;

  au_delayed_complete (self->delayed, value, error);
  if (g_atomic_int_get (&self->n_left) > 0)
    leave_others (self);
}

static GVariant *
collect_values (Several *self)
{
  g_autofree GVariant **values = g_new (GVariant *, self->n);
  g_autoptr(GVariant) nothing = NULL;
  GVariant *array;

  /* The same one for all that have no value. */
  nothing = g_variant_ref_sink (g_variant_new_variant (g_variant_new_tuple (NULL, 0)));
  for (guint i = 0; i < self->n; i++)
    {
      g_autoptr(GVariant) value = au_awaitable_take_value (self->slots[i].item);

      values[i] = value != NULL ? g_variant_new_variant (value) : nothing;
    }
  array = g_variant_new_array (G_VARIANT_TYPE_VARIANT, values, self->n);

  return g_variant_ref_sink (array);
}

/* Where all were cancelled, that is what happened to them together. */
static GError *
collect_errors (Several *self)
{
  GPtrArray *errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  guint n_cancelled = 0;
  GError *first;

  for (guint i = 0; i < self->n; i++)
    {
      g_autoptr(GVariant) value = NULL;
      GError *error = NULL;

      value = au_awaitable_dup_value (self->slots[i].item, &error);
      n_cancelled += g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      if (error != NULL)
        g_ptr_array_add (errors, error);
    }

  if (n_cancelled == self->n)
    {
      first = g_error_copy (errors->pdata[0]);
      g_ptr_array_unref (errors);
      return first;
    }

  return au_error_new_group (errors, _("None of them succeeded"));
}

static void
slot_ended (Slot *slot)
{
  Several *self = slot->owner;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  if (g_atomic_int_get (&self->over))
    return;

  if (self->kind == FIRST || au_awaitable_has_failed (slot->item) == (self->kind == ALL))
    {
      value = au_awaitable_dup_value (slot->item, &error);
      conclude (self, value, error);
      return;
    }

  if (!g_atomic_int_dec_and_test (&self->n_left))
    return;

  if (self->kind == ALL)
    {
      g_autoptr(GVariant) values = collect_values (self);

      conclude (self, values, NULL);
    }
  else
    {
      g_autoptr(GError) errors = collect_errors (self);

      conclude (self, NULL, errors);
    }
}

static void
slot_wake (AuWaiter *waiter)
{
  Slot *slot = (Slot *) waiter;
  AuDelayedWork *work = &slot->owner->work;

  slot_ended (slot);
  au_delayed_work_unref (work);
}

/* With nothing to wait for. */
static void
conclude_empty (Several *self)
{
  g_autoptr(GVariant) values = NULL;
  g_autoptr(GError) error = NULL;

  if (self->kind == ALL)
    values = collect_values (self);
  else
    error = g_error_new_literal (AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                                 _("There is nothing to wait for: give one result at least"));
  conclude (self, values, error);
}

static AuDelayed *
several_new (Kind        kind,
             const char *name,
             GListModel *items)
{
  guint n = g_list_model_get_n_items (items);
  Several *self = g_malloc0 (sizeof (Several) + n * sizeof (Slot));
  AuDelayed *delayed = au_delayed_new (au_flow_loop_get (), name);

  au_delayed_work_init (&self->work, &several_funcs);
  self->kind = kind;
  self->delayed = g_object_ref (delayed);
  for (guint i = 0; i < n; i++)
    {
      gpointer item = g_list_model_get_item (items, i);

      if (!au_awaitable_check (item))
        {
          g_critical ("A list of results has a %s: it must be of AuDelayed and AuHandle",
                      G_OBJECT_TYPE_NAME (item));
          g_object_unref (item);
          continue;
        }

      self->slots[self->n].owner = self;
      self->slots[self->n].waiter.wake = slot_wake;
      self->slots[self->n].item = item;
      self->n++;
    }
  n = self->n_left = self->n;

  au_delayed_work_ref (&self->work);
  au_delayed_put_work (delayed, &self->work);

  /* Each waits with a reference. Any may be over before the next one is waited for. */
  for (guint i = 0; i < n && !g_atomic_int_get (&self->over); i++)
    {
      Slot *slot = &self->slots[i];

      au_delayed_work_ref (&self->work);
      if (!au_awaitable_watch (slot->item, &slot->waiter))
        slot_wake (&slot->waiter);
    }
  if (n == 0)
    conclude_empty (self);
  else if (g_atomic_int_get (&self->over) && g_atomic_int_get (&self->n_left) > 0)
    leave_others (self);
  au_delayed_work_unref (&self->work);

  return delayed;
}

/**
 * au_delayed_new_all:
 * @items: a list of [class@Au.Delayed] and [class@Au.Handle]
 *
 * Makes the result of all of them together: an array of type `av` with their values in
 * the order of the list, where `()` stands for none. It fails as soon as one of them
 * does, with the same error; the others go on.
 *
 * To cancel it cancels all of them.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
AuDelayed *
au_delayed_new_all (GListModel *items)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (items), NULL);

  return several_new (ALL, g_intern_static_string ("all"), items);
}

/**
 * au_delayed_new_any:
 * @items: a list of [class@Au.Delayed] and [class@Au.Handle]
 *
 * Makes the result of the first of them that succeeds. It fails when all have failed,
 * with an %AU_ERROR_GROUP of their errors, or %G_IO_ERROR_CANCELLED if all were cancelled;
 * and with %AU_ERROR_INVALID_ARGUMENT when the list is empty. The others go on.
 *
 * To cancel it cancels all of them.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
AuDelayed *
au_delayed_new_any (GListModel *items)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (items), NULL);

  return several_new (ANY, g_intern_static_string ("any"), items);
}

/**
 * au_delayed_new_first:
 * @items: a list of [class@Au.Delayed] and [class@Au.Handle]
 *
 * Makes the result of the first of them that ends, be it well or badly. It fails with
 * %AU_ERROR_INVALID_ARGUMENT when the list is empty. The others go on.
 *
 * To cancel it cancels all of them.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
AuDelayed *
au_delayed_new_first (GListModel *items)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (items), NULL);

  return several_new (FIRST, g_intern_static_string ("first"), items);
}
