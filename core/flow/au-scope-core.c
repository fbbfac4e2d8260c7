/* au-scope-core.c: what a scope and its functions share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-error-private.h"
#include "au-scope-private.h"
#include "au-timer-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

struct _AuScopeCore
{
  gatomicrefcount  ref_count;
  AuFlowBinding    binding;
  AuScopeCore     *parent;
  AuScopeExitMode  exit_mode;
  AuScopeErrorMode error_mode;
  gboolean         shielded;
  AuDelayed       *finished;
  AuTimer          timer;

  GMutex           lock;          /* for what follows */
  AuDelayed       *members;       /* unfinished ones, and those to tell of at the end */
  guint            n_unfinished;
  AuScopeCore     *children;      /* open scopes within this one; not owned */
  AuScopeCore     *next_child;    /* under the parent's lock, like the next one */
  AuScopeCore     *previous_child;
  gboolean         closing;
  gboolean         closes_children;
  gboolean         closed;
  gboolean         cancelled;
  gboolean         cancelled_by_parent;
  gboolean         timed_out;
  gint64           end_time;      /* 0 for none */
  GError          *body_error;
  GCancellable    *cancellable;   /* made when somebody asks */
};

static void cancel (AuScopeCore *self,
                    gboolean     by_parent);
static void au_scope_core_settle (AuScopeCore *self);

AuScopeCore *
au_scope_core_new (AuScopeCore      *parent,
                   AuScopeExitMode   exit_mode,
                   AuScopeErrorMode  error_mode,
                   gboolean          shielded)
{
  AuScopeCore *self = g_new0 (AuScopeCore, 1);
  gboolean cancelled = FALSE;

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  au_flow_binding_init (&self->binding, au_flow_loop_get ());
  self->exit_mode = exit_mode;
  self->error_mode = error_mode;
  self->shielded = shielded;
  self->finished = au_delayed_new (NULL, g_intern_static_string ("scope"));
  self->finished->binding = &self->binding;

  if (parent == NULL)
    return self;

  self->parent = au_scope_core_ref (parent);

  g_mutex_lock (&parent->lock);
  self->next_child = parent->children;
  if (self->next_child != NULL)
    self->next_child->previous_child = self;
  parent->children = self;
  parent->closes_children = FALSE;
  cancelled = parent->closed || (parent->cancelled && !shielded);
  g_mutex_unlock (&parent->lock);

  if (cancelled)
    cancel (self, TRUE);

  return self;
}

AuScopeCore *
au_scope_core_ref (AuScopeCore *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/* One after the other, however deeply scopes are nested. */
void
au_scope_core_unref (AuScopeCore *self)
{
  while (self != NULL && g_atomic_ref_count_dec (&self->ref_count))
    {
      AuScopeCore *parent = self->parent;

      g_object_unref (self->finished);
      g_clear_error (&self->body_error);
      g_clear_object (&self->cancellable);
      au_flow_binding_clear (&self->binding);
      g_mutex_clear (&self->lock);
      g_free (self);

      self = parent;
    }
}

/* Members */

AuDelayed *
au_scope_core_new_member (AuScopeCore *self,
                          const char  *name,
                          const char  *place)
{
  AuDelayed *member = au_delayed_new (NULL, name);

  member->scope = au_scope_core_ref (self);
  member->binding = &self->binding;
  member->place = place;

  return member;
}

static gboolean
set_closed_error (const char  *name,
                  GError     **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_CLOSED,
               _("“%s” cannot be started, as its scope is closed already"), name);

  return FALSE;
}

gboolean
au_scope_core_check_open (AuScopeCore  *self,
                          const char   *name,
                          GError      **error)
{
  return !au_scope_core_is_closed (self) || set_closed_error (name, error);
}

gboolean
au_scope_core_add (AuScopeCore  *self,
                   AuDelayed    *member,
                   GError      **error)
{
  gboolean closed, cancelled;

  g_mutex_lock (&self->lock);
  closed = self->closed;
  cancelled = self->cancelled;
  if (!closed)
    {
      member->next = self->members;
      if (member->next != NULL)
        member->next->previous = member;
      self->members = g_object_ref (member);
      self->n_unfinished++;
      member->is_member = TRUE;
    }
  g_mutex_unlock (&self->lock);

  if (closed)
    return set_closed_error (member->name, error);

  if (cancelled)
    au_delayed_cancel (member);

  return TRUE;
}

/* Called with the lock held; gives the scope's reference. */
static AuDelayed *
unlink_locked (AuScopeCore *self,
               AuDelayed   *member)
{
  if (member->previous != NULL)
    member->previous->next = member->next;
  else
    self->members = member->next;
  if (member->next != NULL)
    member->next->previous = member->previous;
  member->next = member->previous = NULL;

  return member;
}

static gboolean
has_failed (AuDelayed *member)
{
  return member->error != NULL &&
         !g_error_matches (member->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What nobody has waited for so far may have to be told of at the end. */
static gboolean
is_to_be_told (AuScopeCore *self,
               AuDelayed   *member)
{
  return (has_failed (member) || self->exit_mode == AU_SCOPE_EXIT_RAISE) &&
         !au_delayed_is_awaited (member);
}

/* It could not be started, and whoever wanted that has been told. */
void
au_scope_core_take_back (AuScopeCore *self,
                         AuDelayed   *member)
{
  gboolean settle;

  g_mutex_lock (&self->lock);
  unlink_locked (self, member);
  self->n_unfinished--;
  settle = self->closing && self->n_unfinished == 0;
  g_mutex_unlock (&self->lock);

  if (settle)
    au_scope_core_settle (self);
  g_object_unref (member);
}

void
au_scope_core_member_done (AuScopeCore *self,
                           AuDelayed   *member)
{
  gboolean cancel = has_failed (member) && self->error_mode == AU_SCOPE_ERROR_CANCEL;
  gboolean keep = is_to_be_told (self, member);
  gboolean settle;

  /* Before the scope may be closed. */
  if (cancel)
    au_scope_core_cancel (self);

  g_mutex_lock (&self->lock);
  if (!keep)
    unlink_locked (self, member);
  self->n_unfinished--;
  settle = self->closing && self->n_unfinished == 0;
  g_mutex_unlock (&self->lock);

  if (settle)
    au_scope_core_settle (self);
  if (!keep)
    g_object_unref (member);
}

/* Cancelling */

static void
collect (AuScopeCore *self,
         gboolean     by_parent,
         GPtrArray   *members,
         GPtrArray   *scopes)
{
  g_mutex_lock (&self->lock);
  if (!self->cancelled && !self->closed)
    {
      self->cancelled = TRUE;
      self->cancelled_by_parent = by_parent;
      for (AuDelayed *member = self->members; member != NULL; member = member->next)
        {
          if (!au_delayed_is_done (member))
            g_ptr_array_add (members, g_object_ref (member));
        }
      for (AuScopeCore *child = self->children; child != NULL; child = child->next_child)
        {
          if (!child->shielded)
            g_ptr_array_add (scopes, au_scope_core_ref (child));
        }
    }
  g_mutex_unlock (&self->lock);
}

static void
cancel_cancellable (AuScopeCore *self)
{
  g_autoptr(GCancellable) cancellable = NULL;

  g_mutex_lock (&self->lock);
  cancellable = self->cancellable != NULL ? g_object_ref (self->cancellable) : NULL;
  g_mutex_unlock (&self->lock);

  g_cancellable_cancel (cancellable);
}

static void
cancel (AuScopeCore *self,
        gboolean     by_parent)
{
  g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GPtrArray) scopes = NULL;

  scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) au_scope_core_unref);
  g_ptr_array_add (scopes, au_scope_core_ref (self));

  for (guint i = 0; i < scopes->len; i++)
    {
      AuScopeCore *scope = g_ptr_array_index (scopes, i);

      collect (scope, by_parent || i > 0, members, scopes);
      cancel_cancellable (scope);
    }

  /* The last one first, as they are in the list. */
  for (guint i = members->len; i > 0; i--)
    au_delayed_cancel (g_ptr_array_index (members, i - 1));
}

void
au_scope_core_cancel (AuScopeCore *self)
{
  cancel (self, FALSE);
}

void
au_scope_core_fail (AuScopeCore  *self,
                    const GError *error)
{
  g_mutex_lock (&self->lock);
  if (self->body_error == NULL && !self->closed)
    self->body_error = g_error_copy (error);
  g_mutex_unlock (&self->lock);

  au_scope_core_cancel (self);
}

GCancellable *
au_scope_core_get_cancellable (AuScopeCore *self)
{
  GCancellable *cancellable;
  gboolean cancelled;

  g_mutex_lock (&self->lock);
  if (self->cancellable == NULL)
    self->cancellable = g_cancellable_new ();
  cancellable = self->cancellable;
  cancelled = self->cancelled;
  g_mutex_unlock (&self->lock);

  if (cancelled)
    g_cancellable_cancel (cancellable);

  return cancellable;
}

/* Deadline */

static void
time_is_over_thread (GTask        *task,
                     gpointer      source_object,
                     gpointer      task_data,
                     GCancellable *cancellable)
{
  AuScopeCore *self = task_data;
  gboolean late;

  g_mutex_lock (&self->lock);
  late = !self->closed && !self->cancelled;
  self->timed_out |= late;
  g_mutex_unlock (&self->lock);

  if (late)
    au_scope_core_cancel (self);
  g_task_return_boolean (task, TRUE);
}

/* Cancelling calls what others have connected to cancellables, which may take its time;
 * and the thread of the scope may be busy, and be the one to be cancelled. */
static void
timer_cb (AuTimer *timer)
{
  AuScopeCore *self = (AuScopeCore *) ((char *) timer - G_STRUCT_OFFSET (AuScopeCore, timer));
  g_autoptr(GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_source_tag (task, timer_cb);
  g_task_set_task_data (task, self, (GDestroyNotify) au_scope_core_unref);
  g_task_run_in_thread (task, time_is_over_thread);
}

void
au_scope_core_set_end_time (AuScopeCore *self,
                            gint64       end_time)
{
  g_mutex_lock (&self->lock);
  self->end_time = MAX (end_time, 0);
  g_mutex_unlock (&self->lock);

  if (au_timer_clear (&self->timer))
    au_scope_core_unref (self);
  if (end_time < 0)
    return;

  self->timer.func = timer_cb;
  au_scope_core_ref (self);
  if (!au_timer_set (&self->timer, end_time))
    au_scope_core_unref (self);
}

gint64
au_scope_core_get_end_time (AuScopeCore *self)
{
  gint64 end_time;

  g_mutex_lock (&self->lock);
  end_time = self->end_time;
  g_mutex_unlock (&self->lock);

  return end_time;
}

/* Closing */

static void
append_place (GString   *text,
              AuDelayed *member)
{
  if (text->len > 0)
    g_string_append (text, ", ");
  if (member->place != NULL)
    g_string_append_printf (text, "“%s” (%s)", member->name, member->place);
  else
    g_string_append_printf (text, "“%s”", member->name);
}

static GError *
make_not_awaited (GString *places,
                  guint    n_places)
{
  if (n_places == 0)
    return NULL;

  return g_error_new (AU_ERROR, AU_ERROR_NOT_AWAITED,
                      ngettext ("%u result was never waited for: that of %s",
                                "%u results were never waited for: those of %s", n_places),
                      n_places, places->str);
}

/* What is to be said of those that are left, in the order in which they were started. */
static void
gather (AuScopeCore *self,
        AuDelayed   *members,
        GPtrArray   *errors,
        GError     **not_awaited)
{
  g_autoptr(GString) places = g_string_new (NULL);
  AuDelayed *last = members;
  guint n_places = 0;

  while (last != NULL && last->next != NULL)
    last = last->next;

  for (AuDelayed *member = last; member != NULL; member = member->previous)
    {
      if (au_delayed_is_awaited (member))
        continue;

      if (has_failed (member))
        g_ptr_array_add (errors, g_error_copy (member->error));
      if (self->exit_mode == AU_SCOPE_EXIT_RAISE)
        {
          append_place (places, member);
          n_places++;
        }
    }

  *not_awaited = make_not_awaited (places, n_places);
}

static void
members_free (AuDelayed *members)
{
  while (members != NULL)
    {
      AuDelayed *member = members;

      members = member->next;
      member->next = member->previous = NULL;
      g_object_unref (member);
    }
}

/* The error of the program that has the scope is never hidden: it comes first, and where
 * there is nothing else to tell it is given as it is. */
static GError *
make_error (AuScopeCore *self,
            AuDelayed   *members)
{
  g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  g_autofree char *message = NULL;
  GError *not_awaited = NULL;
  GError *own = NULL;
  guint n_failed;

  gather (self, members, errors, &not_awaited);
  n_failed = errors->len;

  if (self->body_error != NULL)
    own = g_error_copy (self->body_error);
  else if (self->timed_out)
    own = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                               _("The scope ran out of time, and its functions were cancelled"));
  else if (n_failed == 0 && self->cancelled_by_parent)
    own = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                               _("The scope was cancelled with the one around it"));

  if (not_awaited != NULL)
    g_ptr_array_insert (errors, 0, not_awaited);
  if (own != NULL)
    g_ptr_array_insert (errors, 0, own);

  if (errors->len == 0)
    return NULL;

  if (errors->len == 1 && n_failed == 0)
    return g_error_copy (g_ptr_array_index (errors, 0));

  if (n_failed > 0)
    message = g_strdup_printf (ngettext ("%u function failed", "%u functions failed", n_failed),
                               n_failed);
  else
    message = g_strdup (_("The scope failed"));

  return au_error_new_group (g_steal_pointer (&errors), message);
}

/* Nothing of it runs any more. */
static void
finish (AuScopeCore *self)
{
  g_autoptr(GError) error = NULL;
  AuDelayed *members;

  if (au_timer_clear (&self->timer))
    au_scope_core_unref (self);

  g_mutex_lock (&self->lock);
  members = g_steal_pointer (&self->members);
  g_mutex_unlock (&self->lock);

  error = make_error (self, members);
  members_free (members);
  au_delayed_complete (self->finished, NULL, error);
}

static void
leave_parent (AuScopeCore *self)
{
  AuScopeCore *parent = self->parent;

  g_mutex_lock (&parent->lock);
  if (self->previous_child != NULL)
    self->previous_child->next_child = self->next_child;
  else
    parent->children = self->next_child;
  if (self->next_child != NULL)
    self->next_child->previous_child = self->previous_child;
  g_mutex_unlock (&parent->lock);
}

/* Tells whether the scope is to be finished now. Scopes within it are to be closed when
 * none of its functions can be using them any more. */
static gboolean
look (AuScopeCore *self,
      GPtrArray   *children)
{
  gboolean over;

  g_mutex_lock (&self->lock);
  over = self->closing && !self->closed && self->n_unfinished == 0;
  if (over && self->children != NULL)
    {
      for (AuScopeCore *child = self->children;
           child != NULL && !self->closes_children;
           child = child->next_child)
        g_ptr_array_add (children, au_scope_core_ref (child));
      self->closes_children = TRUE;
      over = FALSE;
    }
  self->closed |= over;
  g_mutex_unlock (&self->lock);

  return over;
}

static gboolean
begin_to_close (AuScopeCore *self)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = !self->closing;
  self->closing = TRUE;
  g_mutex_unlock (&self->lock);

  if (first && self->exit_mode != AU_SCOPE_EXIT_WAIT)
    au_scope_core_cancel (self);

  return first;
}

/* Finishes the scope if it is time, and others that wait for that. */
static void
au_scope_core_settle (AuScopeCore *self)
{
  g_autoptr(GPtrArray) stack = NULL;

  stack = g_ptr_array_new_with_free_func ((GDestroyNotify) au_scope_core_unref);
  g_ptr_array_add (stack, au_scope_core_ref (self));

  while (stack->len > 0)
    {
      AuScopeCore *scope = g_ptr_array_steal_index (stack, stack->len - 1);
      guint n = stack->len;

      if (look (scope, stack))
        {
          finish (scope);
          if (scope->parent != NULL)
            {
              leave_parent (scope);
              g_ptr_array_add (stack, au_scope_core_ref (scope->parent));
            }
        }
      else
        {
          for (guint i = n; i < stack->len; i++)
            begin_to_close (g_ptr_array_index (stack, i));
        }

      au_scope_core_unref (scope);
    }
}

void
au_scope_core_close (AuScopeCore *self)
{
  if (begin_to_close (self))
    au_scope_core_settle (self);
}

gboolean
au_scope_core_is_closed (AuScopeCore *self)
{
  return au_delayed_is_done (self->finished);
}

gboolean
au_scope_core_is_stuck (AuScopeCore *self)
{
  gboolean stuck = FALSE;

  g_mutex_lock (&self->lock);
  for (AuDelayed *member = self->members; member != NULL && !stuck; member = member->next)
    stuck = au_delayed_is_stuck (member);
  g_mutex_unlock (&self->lock);

  return stuck;
}

guint
au_scope_core_get_n_unfinished (AuScopeCore *self)
{
  guint n_unfinished;

  g_mutex_lock (&self->lock);
  n_unfinished = self->n_unfinished;
  g_mutex_unlock (&self->lock);

  return n_unfinished;
}

AuDelayed *
au_scope_core_get_finished (AuScopeCore *self)
{
  return self->finished;
}
