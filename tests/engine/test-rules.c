/* test-rules.c: the rules of docs/threads.md that no other test asserts
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

#include <fcntl.h>
#include <stdlib.h>

/* Calls everything of an engine that takes its locks, from wherever that calls out. */
static void
use_engine (AuEngine *engine)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) same = NULL;
  g_autoptr(GListModel) list = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_delay (options, G_TIME_SPAN_HOUR);
  handle = au_engine_submit (engine, "other", NULL, options, &error);
  g_assert_no_error (error);
  same = au_engine_get_handle (engine, au_handle_get_key (handle), NULL, &error);
  g_assert_no_error (error);
  list = au_engine_list (engine, query, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (au_engine_get_n_live (engine), >, 0);
  g_assert_true (au_handle_cancel (handle));
}

/* A middleware that uses the engine that calls it. */
#define TYPE_USER (user_get_type ())
G_DECLARE_FINAL_TYPE (User, user, USER, , GObject)

struct _User
{
  GObject  parent_instance;
  AuEngine *engine;
};

static gint n_used;

static void
use_from_middleware (AuMiddleware *middleware,
                     AuJob        *job)
{
  /* not for what it has submitted itself */
  if (!g_str_equal (au_function_get_name (au_job_get_function (job)), "f"))
    return;

  use_engine (((User *) middleware)->engine);
  g_atomic_int_inc (&n_used);
}

static gboolean
user_before (AuMiddleware  *middleware,
             AuJob         *job,
             GError       **error)
{
  use_from_middleware (middleware, job);
  return TRUE;
}

static void
user_started (AuMiddleware *middleware,
              AuJob        *job,
              AuRecord     *record)
{
  use_from_middleware (middleware, job);
}

static gboolean
user_after (AuMiddleware  *middleware,
            AuJob         *job,
            AuRecord      *record,
            GError       **error)
{
  use_from_middleware (middleware, job);
  return TRUE;
}

static void
user_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = user_before;
  iface->attempt_started = user_started;
  iface->after_compute = user_after;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (User, user, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE, user_iface_init))

static void
user_class_init (UserClass *klass)
{
}

static void
user_init (User *self)
{
}

static GVariant *
use_func (AuCall    *call,
          GVariant  *arguments,
          gpointer   data,
          GError   **error)
{
  au_call_set_progress (call, 0.5, "half");
  use_engine (data);
  g_atomic_int_inc (&n_used);

  return NULL;
}

static GVariant *
other_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  return NULL;
}

static void
notify_cb (GObject    *handle,
           GParamSpec *pspec,
           gpointer    data)
{
  use_engine (data);
}

static void
used_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_assert_true (au_handle_wait_finish (AU_HANDLE (source), result, NULL));
  use_engine (data);
  g_atomic_int_inc (&n_used);
}

static void
free_user_data (gpointer data)
{
  g_atomic_int_inc (&n_used);
  g_main_context_wakeup (NULL);
}

/* Functions, middleware, signals and callbacks all use the engine that calls them. */
static void
test_rules_no_lock_is_held (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(User) user = g_object_new (TYPE_USER, NULL);
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuFunction) other = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  n_used = 0;
  user->engine = engine;
  au_engine_add_middleware (engine, AU_MIDDLEWARE (user));
  function = au_function_new ("f", "()", NULL, AU_FUNCTION_NONE, use_func, engine, free_user_data, &error);
  g_assert_no_error (error);
  other = au_function_new ("other", "()", NULL, AU_FUNCTION_NONE, other_func, NULL, NULL, &error);
  g_assert_no_error (error);
  au_engine_add_function (engine, function);
  au_engine_add_function (engine, other);

  handle = au_engine_submit (engine, "f", NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (handle, "notify", G_CALLBACK (notify_cb), engine);
  au_handle_wait_async (handle, NULL, used_cb, engine);
  while (g_atomic_int_get (&n_used) < 5)
    g_main_context_iteration (NULL, TRUE);

  g_signal_handlers_disconnect_by_func (handle, notify_cb, engine);
  g_clear_object (&handle);
  g_clear_object (&function);
  au_engine_cancel_all (engine);
  fixture_drop (engine);
  /* freed by whoever has held it last */
  while (g_atomic_int_get (&n_used) < 6)
    g_main_context_iteration (NULL, TRUE);
}

/* The descriptors that this program was started with. */
static GHashTable *inherited;

static void
note_inherited (void)
{
  g_autoptr(GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;

  inherited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      if ((fcntl (atoi (name), F_GETFD) & FD_CLOEXEC) == 0)
        g_hash_table_add (inherited, g_strdup (name));
    }
}

/* Whoever runs another program from a program that uses au hands it nothing of au. */
static void
test_rules_descriptors_end_with_exec (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autoptr(GSource) source = au_clock_source_new (-1);
  g_autoptr(GDir) folder = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call = held_call_take ();
  const char *name;

  folder = g_dir_open ("/proc/self/fd", 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      int fd = atoi (name);
      int flags = fcntl (fd, F_GETFD);

      if (flags >= 0 && (flags & FD_CLOEXEC) == 0 && !g_hash_table_contains (inherited, name))
        {
          g_autofree char *path = g_strconcat ("/proc/self/fd/", name, NULL);
          g_autofree char *target = g_file_read_link (path, NULL);

          g_error ("The descriptor %s is left open: %s", name, target);
        }
    }

  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, NULL));
  g_clear_object (&handle);
  fixture_drop (engine);
}

/* What a program gives an engine to keep, and the thread in which it was given back. */
typedef struct
{
  Gate     gate;
  GThread *freed_in;    /* atomic */
} Guest;

static GVariant *
await_gate_func (AuCall    *call,
                 GVariant  *arguments,
                 gpointer   data,
                 GError   **error)
{
  Guest *guest = data;

  gate_await (&guest->gate, 1);

  return g_variant_new_string ("done");
}

static void
guest_leaves (gpointer data)
{
  Guest *guest = data;

  g_atomic_pointer_set (&guest->freed_in, g_thread_self ());
  g_main_context_wakeup (NULL);
}

/* Lets a worker thread be the last that holds an engine. */
static void
abandon_engine (const Parts *parts,
                Guest       *guest)
{
  AuFunction *function = au_function_new ("guest", "()", "s", AU_FUNCTION_NONE,
                                          await_gate_func, guest, guest_leaves, NULL);
  AuEngine *engine = fixture_engine_new_with (parts, function);

  *guest = (Guest) { .freed_in = NULL };
  gate_init (&guest->gate);
  g_object_unref (fixture_submit (engine, "guest", NULL, NULL));
  g_object_unref (engine);
  gate_post (&guest->gate);
}

static void
test_rules_guests_leave_in_main_context (const Parts *parts)
{
  Guest guest;

  abandon_engine (parts, &guest);
  while (g_atomic_pointer_get (&guest.freed_in) == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_assert_true (guest.freed_in == g_thread_self ());
  gate_clear (&guest.gate);
}

static void
test_rules_guests_leave_without_main_loop (const Parts *parts)
{
  Guest guest;

  abandon_engine (parts, &guest);
  while (g_atomic_pointer_get (&guest.freed_in) == NULL)
    g_object_unref (fixture_engine_new (parts));

  g_assert_true (guest.freed_in == g_thread_self ());
  gate_clear (&guest.gate);
}

int
main (int   argc,
      char *argv[])
{
  note_inherited ();
  fixture_init (&argc, &argv, NULL);

  fixture_add ("/engine/rules/no-lock-is-held", "inline loop thread", test_rules_no_lock_is_held);
  fixture_add ("/engine/rules/descriptors-end-with-exec", "thread process", test_rules_descriptors_end_with_exec);

  fixture_add ("/engine/rules/guests-leave-in-main-context", "thread", test_rules_guests_leave_in_main_context);
  fixture_add ("/engine/rules/guests-leave-without-main-loop", "thread", test_rules_guests_leave_without_main_loop);

  return g_test_run ();
}
