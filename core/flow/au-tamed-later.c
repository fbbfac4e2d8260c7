/* au-tamed-later.c: functions that are started when something else has ended
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"
#include "au-scope-private.h"
#include "au-tamed-private.h"
#include "au-timer-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* A member of a scope without work so far. */
static AuDelayed *
new_member (AuTamed  *self,
            AuScope  *scope,
            GError  **error)
{
  g_autoptr(AuDelayed) member = NULL;

  member = au_scope_core_new_member (au_scope_get_core (scope),
                                     g_intern_string (au_tamed_get_name (self)), NULL);
  if (!au_scope_core_add (member->scope, member, error))
    return NULL;

  return g_steal_pointer (&member);
}

static void
launch (AuTamed   *self,
        AuDelayed *member,
        GVariant  *arguments)
{
  g_autoptr(GError) error = NULL;

  if (!au_tamed_check_arguments (self, arguments, &error) ||
      !au_tamed_launch (self, member, arguments, NULL, &error))
    au_delayed_complete (member, NULL, error);
}

static void
complete_cancelled (AuDelayed *member)
{
  g_autoptr(GError) error = NULL;

  error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _("The call of “%s” was cancelled before it began"), member->name);
  au_delayed_complete (member, NULL, error);
}

/* Then */

typedef struct
{
  AuDelayedWork  work;
  AuWaiter       waiter;
  AuDelayed     *source;
  AuTamed       *tamed;
  AuDelayed     *member;
} Then;

/* What it would have been given goes on. */
static void
then_cancel (AuDelayedWork *work)
{
  complete_cancelled (((Then *) work)->member);
}

static gboolean
then_is_stuck (AuDelayedWork *work)
{
  return au_delayed_is_stuck (((Then *) work)->source);
}

static void
then_free (AuDelayedWork *work)
{
  Then *self = (Then *) work;

  g_object_unref (self->source);
  g_object_unref (self->tamed);
  g_object_unref (self->member);
  g_free (self);
}

static const AuDelayedWorkFuncs then_funcs = {
  .cancel = then_cancel,
  .is_stuck = then_is_stuck,
  .free = then_free,
};

static GVariant *
make_arguments (GVariant *value)
{
  if (value == NULL)
    return g_variant_ref_sink (g_variant_new_tuple (NULL, 0));

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_TUPLE) ||
      g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    return g_variant_ref (value);

  return g_variant_ref_sink (g_variant_new_tuple (&value, 1));
}

static void
then_cb (AuWaiter *waiter)
{
  Then *self = (Then *) ((char *) waiter - G_STRUCT_OFFSET (Then, waiter));
  g_autoptr(GVariant) arguments = NULL;

  if (self->source->error != NULL)
    {
      au_delayed_complete_as (self->member, self->source);
    }
  else if (!au_delayed_is_done (self->member))
    {
      arguments = make_arguments (self->source->value);
      launch (self->tamed, self->member, arguments);
    }
  au_delayed_work_unref (&self->work);
}

/**
 * au_tamed_then:
 * @self: a tamed function
 * @scope: a scope
 * @source: what to wait for
 * @error: return location for an error
 *
 * Starts the function in a scope once a result is there, with this as its arguments: as
 * it is if it is a tuple or a dictionary, or else as the only one.
 *
 * When @source fails, the function is not started, and its result has the same error.
 * @source counts as waited for.
 *
 * Fails with %AU_ERROR_CLOSED when the scope is closed.
 *
 * Returns: (transfer full): the result of the function
 *
 * Since: 1.0
 */
AuDelayed *
au_tamed_then (AuTamed    *self,
               AuScope    *scope,
               AuDelayed  *source,
               GError    **error)
{
  AuDelayed *member;
  Then *then;

  g_return_val_if_fail (AU_IS_TAMED (self), NULL);
  g_return_val_if_fail (AU_IS_SCOPE (scope), NULL);
  g_return_val_if_fail (AU_IS_DELAYED (source), NULL);

  member = new_member (self, scope, error);
  if (member == NULL)
    return NULL;

  then = g_new0 (Then, 1);
  au_delayed_work_init (&then->work, &then_funcs);
  then->waiter.wake = then_cb;
  then->source = g_object_ref (source);
  then->tamed = g_object_ref (self);
  then->member = g_object_ref (member);

  au_delayed_work_ref (&then->work);
  au_delayed_put_work (member, &then->work);
  if (!au_delayed_watch (source, &then->waiter))
    then_cb (&then->waiter);

  return member;
}

/* Map */

typedef struct
{
  gatomicrefcount  ref_count;
  AuTamed         *tamed;
  GVariant        *arguments;
  GPtrArray       *members;
  gint             next;        /* atomic */
} Map;

typedef struct
{
  AuWaiter  waiter;
  Map      *map;
} MapSlot;

/* One that waits for its turn. */
typedef struct
{
  AuDelayedWork  work;
  AuDelayed     *member;
} MapTurn;

static void
map_unref (Map *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->tamed);
  g_variant_unref (self->arguments);
  g_ptr_array_unref (self->members);
  g_free (self);
}

static void
map_turn_cancel (AuDelayedWork *work)
{
  complete_cancelled (((MapTurn *) work)->member);
}

static void
map_turn_free (AuDelayedWork *work)
{
  g_object_unref (((MapTurn *) work)->member);
  g_free (work);
}

static const AuDelayedWorkFuncs map_turn_funcs = {
  .cancel = map_turn_cancel,
  .free = map_turn_free,
};

static void map_slot_go_on (MapSlot *slot);

static void
map_slot_cb (AuWaiter *waiter)
{
  map_slot_go_on ((MapSlot *) waiter);
}

/* Runs one after the other, until there are none left. */
static void
map_slot_go_on (MapSlot *slot)
{
  Map *map = slot->map;

  for (;;)
    {
      guint index = g_atomic_int_add (&map->next, 1);
      g_autoptr(GVariant) arguments = NULL;
      AuDelayed *member;

      if (index >= map->members->len)
        break;

      member = g_ptr_array_index (map->members, index);
      if (au_delayed_is_done (member))
        continue;

      arguments = g_variant_get_child_value (map->arguments, index);
      launch (map->tamed, member, arguments);
      slot->waiter = (AuWaiter) { .wake = map_slot_cb };
      if (au_delayed_watch_silently (member, &slot->waiter))
        return;
    }

  map_unref (map);
  g_free (slot);
}

static gboolean
map_add_members (AuTamed    *self,
                 AuScope    *scope,
                 GVariant   *arguments,
                 GPtrArray  *members,
                 GError    **error)
{
  gsize n = g_variant_n_children (arguments);

  for (gsize i = 0; i < n; i++)
    {
      AuDelayed *member = new_member (self, scope, error);
      MapTurn *turn;

      if (member == NULL)
        return FALSE;

      g_ptr_array_add (members, member);
      turn = g_new0 (MapTurn, 1);
      au_delayed_work_init (&turn->work, &map_turn_funcs);
      turn->member = g_object_ref (member);
      au_delayed_put_work (member, &turn->work);
    }

  return TRUE;
}

static gboolean
map_check (AuTamed   *self,
           GVariant  *arguments,
           GError   **error)
{
  g_autoptr(GVariant) first = NULL;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE_ARRAY))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                   _("The arguments of the calls of “%s” are of type “%s”: give an array of tuples"),
                   au_tamed_get_name (self), g_variant_get_type_string (arguments));
      return FALSE;
    }

  if (g_variant_n_children (arguments) == 0)
    return TRUE;

  first = g_variant_get_child_value (arguments, 0);

  return au_tamed_check_arguments (self, first, error);
}

/**
 * au_tamed_map:
 * @self: a tamed function
 * @scope: a scope
 * @arguments: an array of the arguments of each call; a floating reference is sunk
 * @limit: how many may run at a time, or 0 for no limit
 * @error: return location for an error
 *
 * Starts the function in a scope once for each element of an array, but only so many at a
 * time: the next one begins when one has ended.
 *
 * Fails with %AU_ERROR_BAD_TYPE, and with %AU_ERROR_CLOSED when the scope is closed.
 *
 * Returns: (transfer full): a list of [class@Au.Delayed], in the order of the array
 *
 * Since: 1.0
 */
GListModel *
au_tamed_map (AuTamed   *self,
              AuScope   *scope,
              GVariant  *arguments,
              guint      limit,
              GError   **error)
{
  g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GVariant) sunk = NULL;
  GListStore *list;
  Map *map;

  g_return_val_if_fail (AU_IS_TAMED (self), NULL);
  g_return_val_if_fail (AU_IS_SCOPE (scope), NULL);
  g_return_val_if_fail (arguments != NULL, NULL);

  sunk = g_variant_ref_sink (arguments);
  if (!map_check (self, sunk, error))
    return NULL;

  if (!map_add_members (self, scope, sunk, members, error))
    {
      for (guint i = 0; i < members->len; i++)
        au_delayed_cancel (g_ptr_array_index (members, i));
      return NULL;
    }

  list = g_list_store_new (AU_TYPE_DELAYED);
  g_list_store_splice (list, 0, 0, members->pdata, members->len);

  map = g_new0 (Map, 1);
  g_atomic_ref_count_init (&map->ref_count);
  map->tamed = g_object_ref (self);
  map->arguments = g_steal_pointer (&sunk);
  map->members = g_ptr_array_ref (members);
  if (limit == 0 || limit > members->len)
    limit = members->len;
  for (guint i = 0; i < limit; i++)
    {
      MapSlot *slot = g_new0 (MapSlot, 1);

      g_atomic_ref_count_inc (&map->ref_count);
      slot->map = map;
      map_slot_go_on (slot);
    }
  map_unref (map);

  return G_LIST_MODEL (list);
}

/* Retry */

typedef struct
{
  AuDelayedWork  work;
  AuWaiter       waiter;
  AuTimer        timer;
  AuTamed       *tamed;
  GVariant      *arguments;
  AuOptions     *options;       /* sealed */
  AuDelayed     *member;
  guint          failures;
  gint           cancelled;     /* atomic */

  GMutex         lock;          /* for what follows */
  AuDelayed     *attempt;       /* while one runs */
} Retry;

static void
retry_cancel (AuDelayedWork *work)
{
  Retry *self = (Retry *) work;
  g_autoptr(AuDelayed) attempt = NULL;

  g_mutex_lock (&self->lock);
  g_atomic_int_set (&self->cancelled, TRUE);
  attempt = self->attempt != NULL ? g_object_ref (self->attempt) : NULL;
  g_mutex_unlock (&self->lock);

  if (attempt != NULL)
    {
      au_delayed_cancel (attempt);
      return;
    }

  if (au_timer_clear (&self->timer))
    au_delayed_work_unref (work);
  complete_cancelled (self->member);
}

static void
retry_free (AuDelayedWork *work)
{
  Retry *self = (Retry *) work;

  g_clear_object (&self->attempt);
  g_object_unref (self->tamed);
  g_clear_pointer (&self->arguments, g_variant_unref);
  au_options_unseal (self->options);
  g_object_unref (self->member);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static const AuDelayedWorkFuncs retry_funcs = {
  .cancel = retry_cancel,
  .free = retry_free,
};

/* The attempt belongs to the loop of the scope, but is no member of it: only the last one
 * is told of. Takes a reference on the work. */
static void
retry_begin (Retry *self)
{
  AuDelayed *attempt = au_scope_core_new_member (self->member->scope, self->member->name, NULL);
  gboolean cancelled;

  g_mutex_lock (&self->lock);
  cancelled = self->cancelled;
  if (!cancelled)
    g_set_object (&self->attempt, attempt);
  g_mutex_unlock (&self->lock);

  if (cancelled)
    {
      complete_cancelled (self->member);
    }
  else
    {
      launch (self->tamed, attempt, self->arguments);
      au_delayed_work_ref (&self->work);
      if (!au_delayed_watch (attempt, &self->waiter))
        self->waiter.wake (&self->waiter);
    }
  g_object_unref (attempt);
}

static void
retry_timer_cb (AuTimer *timer)
{
  Retry *self = (Retry *) ((char *) timer - G_STRUCT_OFFSET (Retry, timer));

  retry_begin (self);
  au_delayed_work_unref (&self->work);
}

static gboolean
retry_wants_more (Retry     *self,
                  AuDelayed *attempt)
{
  return attempt->error != NULL && !g_atomic_int_get (&self->cancelled) &&
         !g_error_matches (attempt->error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
         self->failures < au_options_get_attempts (self->options);
}

static void
retry_ended_cb (AuWaiter *waiter)
{
  Retry *self = (Retry *) ((char *) waiter - G_STRUCT_OFFSET (Retry, waiter));
  g_autoptr(AuDelayed) attempt = NULL;
  gint64 delay;

  g_mutex_lock (&self->lock);
  attempt = g_steal_pointer (&self->attempt);
  g_mutex_unlock (&self->lock);

  if (attempt->error != NULL)
    self->failures++;

  if (!retry_wants_more (self, attempt))
    {
      au_delayed_complete_as (self->member, attempt);
    }
  else
    {
      delay = au_options_next_backoff (self->options, self->failures);
      au_delayed_work_ref (&self->work);
      if (!au_timer_set (&self->timer, au_clock_get_end_time (delay)))
        g_assert_not_reached ();

      /* It may have been cancelled before there was a timer. */
      if (g_atomic_int_get (&self->cancelled) && au_timer_clear (&self->timer))
        {
          au_delayed_work_unref (&self->work);
          complete_cancelled (self->member);
        }
    }
  au_delayed_work_unref (&self->work);
}

/**
 * au_tamed_retry:
 * @self: a tamed function
 * @scope: a scope
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @options: how often to try, and how long to wait in between: its `attempts`, `backoff`
 *   and `max-backoff`. For a function that an engine runs, all of them
 * @error: return location for an error
 *
 * Starts the function in a scope, and again when it has failed: after a while that doubles
 * each time. The scope is told only of the last attempt.
 *
 * Fails with %AU_ERROR_BAD_TYPE, and with %AU_ERROR_CLOSED when the scope is closed.
 *
 * Returns: (transfer full): the result of the attempt that succeeded, or of the last one
 *
 * Since: 1.0
 */
AuDelayed *
au_tamed_retry (AuTamed    *self,
                AuScope    *scope,
                GVariant   *arguments,
                AuOptions  *options,
                GError    **error)
{
  g_autoptr(GVariant) sunk = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_autoptr(AuDelayed) member = NULL;
  Retry *retry;

  g_return_val_if_fail (AU_IS_TAMED (self), NULL);
  g_return_val_if_fail (AU_IS_SCOPE (scope), NULL);
  g_return_val_if_fail (AU_IS_OPTIONS (options), NULL);

  if (!au_tamed_check_arguments (self, sunk, error))
    return NULL;

  member = new_member (self, scope, error);
  if (member == NULL)
    return NULL;

  if (!au_tamed_is_local (self))
    {
      if (au_tamed_launch (self, member, sunk, options, error))
        return g_steal_pointer (&member);

      au_scope_core_take_back (member->scope, member);
      return NULL;
    }

  retry = g_new0 (Retry, 1);
  au_delayed_work_init (&retry->work, &retry_funcs);
  retry->waiter.wake = retry_ended_cb;
  retry->timer.func = retry_timer_cb;
  retry->tamed = g_object_ref (self);
  retry->arguments = g_steal_pointer (&sunk);
  retry->options = au_options_seal (options);
  retry->member = g_object_ref (member);
  g_mutex_init (&retry->lock);

  au_delayed_work_ref (&retry->work);
  if (au_delayed_put_work (member, &retry->work))
    retry_begin (retry);
  au_delayed_work_unref (&retry->work);

  return g_steal_pointer (&member);
}
