/* test-channel.c: queues for threads and main loops
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

static guint
get_number (AuChannel *channel)
{
  g_autoptr(GVariant) item = au_channel_get (channel, -1, NULL, NULL);

  return g_variant_get_uint32 (item);
}

static gboolean
put_number (AuChannel *channel,
            guint      number)
{
  return au_channel_try_put (channel, g_variant_new_uint32 (number));
}

static void
test_orders (void)
{
  static const guint expected[][4] = { { 1, 2, 3, 4 }, { 4, 3, 2, 1 } };

  for (AuChannelOrder order = AU_CHANNEL_ORDER_FIFO; order <= AU_CHANNEL_ORDER_LIFO; order++)
    {
      g_autoptr(AuChannel) channel = au_channel_new (0, order);

      for (guint i = 1; i <= 4; i++)
        g_assert_true (put_number (channel, i));
      g_assert_cmpuint (au_channel_get_n_items (channel), ==, 4);
      for (guint i = 0; i < 4; i++)
        g_assert_cmpuint (get_number (channel), ==, expected[order][i]);
      g_assert_null (au_channel_try_get (channel));
    }
}

static gint64
priority_func (gpointer item,
               gpointer data)
{
  return g_variant_get_uint32 (item) / 10;
}

static void
test_priorities (void)
{
  static const guint numbers[] = { 35, 11, 22, 10, 34, 5, 12, 39 };
  static const guint expected[] = { 5, 11, 10, 12, 22, 35, 34, 39 };
  g_autoptr(AuChannel) channel = au_channel_new_with_priorities (0, priority_func, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_true (put_number (channel, numbers[i]));
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_cmpuint (get_number (channel), ==, expected[i]);
}

static void
test_ring (void)
{
  g_autoptr(AuChannel) channel = au_channel_new (0, AU_CHANNEL_ORDER_FIFO);
  guint put = 0, got = 0;

  for (guint round = 1; round < 100; round++)
    {
      for (guint i = 0; i < round; i++)
        g_assert_true (put_number (channel, put++));
      for (guint i = 0; i < round - 1; i++)
        g_assert_cmpuint (get_number (channel), ==, got++);
    }
  while (au_channel_get_n_items (channel) > 0)
    g_assert_cmpuint (get_number (channel), ==, got++);
  g_assert_cmpuint (put, ==, got);
}

static void
test_capacity (void)
{
  g_autoptr(AuChannel) channel = au_channel_new (2, AU_CHANNEL_ORDER_FIFO);
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  g_assert_true (put_number (channel, 1));
  g_assert_true (put_number (channel, 2));
  g_assert_false (put_number (channel, 3));
  g_assert_false (au_channel_put (channel, g_variant_new_uint32 (3), 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  au_channel_put_async (channel, g_variant_new_uint32 (4), NULL, sync_outcome_cb, &outcome);
  g_assert_cmpuint (au_channel_get_n_putting (channel), ==, 1);
  g_assert_cmpuint (get_number (channel), ==, 1);
  g_assert_true (au_channel_put_finish (channel, sync_outcome_await (&outcome), NULL));
  g_assert_cmpuint (au_channel_get_n_items (channel), ==, 2);
  g_assert_cmpuint (get_number (channel), ==, 2);
  g_assert_cmpuint (get_number (channel), ==, 4);
}

static void
test_close (void)
{
  g_autoptr(AuChannel) channel = au_channel_new (1, AU_CHANNEL_ORDER_FIFO);
  g_autoptr(AuChannel) empty = au_channel_new (1, AU_CHANNEL_ORDER_FIFO);
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) putting = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) getting = SYNC_OUTCOME_INIT;

  g_assert_true (put_number (channel, 1));
  au_channel_put_async (channel, g_variant_new_uint32 (2), NULL, sync_outcome_cb, &putting);
  au_channel_close (channel);
  g_assert_true (au_channel_is_closed (channel));
  g_assert_false (au_channel_put_finish (channel, sync_outcome_await (&putting), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (put_number (channel, 3));

  g_assert_cmpuint (get_number (channel), ==, 1);
  g_assert_null (au_channel_get (channel, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  g_clear_error (&error);

  au_channel_get_async (empty, NULL, sync_outcome_cb, &getting);
  au_channel_close (empty);
  g_assert_null (au_channel_get_finish (empty, sync_outcome_await (&getting), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

typedef struct
{
  AuChannel *channel;
  GTimeSpan  timeout;
  guint      number;
  GError    *error;
} Getter;

static gpointer
getter_thread (gpointer data)
{
  Getter *self = data;
  g_autoptr(GVariant) item = au_channel_get (self->channel, self->timeout, NULL, &self->error);

  if (item != NULL)
    self->number = g_variant_get_uint32 (item);

  return NULL;
}

static guint
take_number (AuChannel   *channel,
             SyncOutcome *outcome)
{
  g_autoptr(GVariant) item = au_channel_get_finish (channel, sync_outcome_await (outcome), NULL);

  return g_variant_get_uint32 (item);
}

/* Threads and main loops get in the order of their arrival. */
static void
test_one_line (void)
{
  g_autoptr(AuChannel) channel = au_channel_new (0, AU_CHANNEL_ORDER_FIFO);
  Getter getters[4];
  GThread *threads[4];
  SyncOutcome outcomes[4] = { { NULL } };

  for (guint i = 0; i < 4; i++)
    {
      getters[i] = (Getter) { channel, -1 };
      threads[i] = g_thread_new ("getter", getter_thread, &getters[i]);
      sync_await (au_channel_get_n_getting (channel) == 2 * i + 1);
      au_channel_get_async (channel, NULL, sync_outcome_cb, &outcomes[i]);
    }
  for (guint i = 0; i < 8; i++)
    g_assert_true (put_number (channel, i));
  g_assert_cmpuint (au_channel_get_n_items (channel), ==, 0);
  for (guint i = 0; i < 4; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (getters[i].number, ==, 2 * i);
      g_assert_cmpuint (take_number (channel, &outcomes[i]), ==, 2 * i + 1);
      sync_outcome_clear (&outcomes[i]);
    }
}

static void
test_timed_out (void)
{
  g_autoptr(AuChannel) channel = au_channel_new (0, AU_CHANNEL_ORDER_FIFO);
  Getter getter = { channel, G_TIME_SPAN_HOUR };
  GThread *thread;

  au_clock_freeze ();
  thread = g_thread_new ("getter", getter_thread, &getter);
  sync_await (au_channel_get_n_getting (channel) == 1);
  au_clock_advance (G_TIME_SPAN_HOUR);
  g_thread_join (thread);
  g_assert_error (getter.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&getter.error);
  au_clock_thaw ();

  g_assert_true (put_number (channel, 7));
  g_assert_cmpuint (get_number (channel), ==, 7);
}

static void
test_cancelled (void)
{
  g_autoptr(AuChannel) channel = au_channel_new (0, AU_CHANNEL_ORDER_FIFO);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) first = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) second = SYNC_OUTCOME_INIT;

  au_channel_get_async (channel, cancellable, sync_outcome_cb, &first);
  au_channel_get_async (channel, NULL, sync_outcome_cb, &second);
  g_cancellable_cancel (cancellable);
  g_assert_true (put_number (channel, 1));
  g_assert_null (au_channel_get_finish (channel, sync_outcome_await (&first), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (take_number (channel, &second), ==, 1);
}

/* What was handed to somebody who never looks is still there for the next. */
static void
test_not_fetched (void)
{
  g_autoptr(AuChannel) channel = au_channel_new (0, AU_CHANNEL_ORDER_FIFO);
  SyncOutcome outcome = SYNC_OUTCOME_INIT;

  au_channel_get_async (channel, NULL, sync_outcome_cb, &outcome);
  g_assert_true (put_number (channel, 1));
  g_assert_true (put_number (channel, 2));
  sync_outcome_await (&outcome);
  sync_outcome_clear (&outcome);
  sync_iterate ();
  g_assert_cmpuint (get_number (channel), ==, 1);
  g_assert_cmpuint (get_number (channel), ==, 2);
}

static void
test_pointers (void)
{
  AuChannel *channel = au_channel_new_full (1, AU_CHANNEL_ORDER_FIFO, g_object_unref, NULL, NULL, NULL);
  GCancellable *object = g_cancellable_new ();
  gpointer weak = object;
  g_autofree char *other = g_strdup ("still mine");

  g_object_add_weak_pointer (G_OBJECT (object), &weak);
  g_assert_true (au_channel_try_put (channel, object));
  g_assert_false (au_channel_put (channel, other, 0, NULL, NULL));
  g_object_unref (channel);
  g_assert_null (weak);
}

/* Everything at once: each number arrives once. */

#define N_PAIRS (3)

typedef struct
{
  AuChannel *channel;
  guint      n_items;
  int        n_putters;
  int       *seen;
  int        next;
} Shared;

static void
see (Shared   *shared,
     GVariant *item)
{
  guint number = g_variant_get_uint32 (item);

  g_assert_cmpuint (number, <, shared->n_items);
  g_atomic_int_inc (&shared->seen[number]);
  g_variant_unref (item);
}

static void
last_putter_closes (Shared *shared)
{
  if (g_atomic_int_dec_and_test (&shared->n_putters))
    au_channel_close (shared->channel);
}

static gpointer
put_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  guint number;

  while ((number = g_atomic_int_add (&shared->next, 1)) < shared->n_items)
    {
      g_autoptr(GVariant) item = g_variant_ref_sink (g_variant_new_uint32 (number));

      while (!au_channel_put (shared->channel, item, g_rand_int_range (rand, -1, 30), NULL, NULL))
        ;
    }
  last_putter_closes (shared);

  return NULL;
}

static gpointer
get_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  while (TRUE)
    {
      g_autoptr(GError) error = NULL;
      GVariant *item = au_channel_get (shared->channel, g_rand_int_range (rand, -1, 30), NULL, &error);

      if (item != NULL)
        see (shared, item);
      else if (g_error_matches (error, AU_ERROR, AU_ERROR_CLOSED))
        return NULL;
    }
}

typedef struct
{
  Shared *shared;
  guint   n_pending;
  guint   n_failed;
} Loop;

static void
loop_put_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Loop *loop = data;

  loop->n_pending--;
  if (!au_channel_put_finish (AU_CHANNEL (source), result, NULL))
    loop->n_failed++;
}

static gpointer
put_loop_thread (gpointer data)
{
  Loop loop = { data };
  g_autoptr(GMainContext) context = g_main_context_new ();
  guint number;

  g_main_context_push_thread_default (context);
  while ((number = g_atomic_int_add (&loop.shared->next, 1)) < loop.shared->n_items)
    {
      loop.n_pending++;
      au_channel_put_async (loop.shared->channel, g_variant_new_uint32 (number), NULL,
                            loop_put_cb, &loop);
      while (loop.n_pending > 20)
        g_main_context_iteration (context, TRUE);
    }
  while (loop.n_pending > 0)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpuint (loop.n_failed, ==, 0);
  last_putter_closes (loop.shared);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
loop_get_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Loop *loop = data;
  g_autoptr(GError) error = NULL;
  GVariant *item;

  loop->n_pending--;
  item = au_channel_get_finish (AU_CHANNEL (source), result, &error);
  if (item != NULL)
    see (loop->shared, item);
  else if (g_error_matches (error, AU_ERROR, AU_ERROR_CLOSED))
    loop->n_failed++;
}

static gpointer
get_loop_thread (gpointer data)
{
  Loop loop = { data };
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  g_main_context_push_thread_default (context);
  while (loop.n_failed == 0 || loop.n_pending > 0)
    {
      g_autoptr(GCancellable) cancellable = g_rand_boolean (rand) ? g_cancellable_new () : NULL;

      if (loop.n_failed == 0)
        {
          loop.n_pending++;
          au_channel_get_async (loop.shared->channel, cancellable, loop_get_cb, &loop);
        }
      while (g_main_context_iteration (context, loop.n_pending > 20 || loop.n_failed > 0) &&
             loop.n_pending > 0)
        ;
      if (cancellable != NULL && g_rand_boolean (rand))
        g_cancellable_cancel (cancellable);
    }
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_stress (void)
{
  static const GThreadFunc funcs[] = { put_thread, get_thread, put_loop_thread, get_loop_thread };
  const guint n_items = SYNC_MANY (60000);
  Shared shared = {
    .channel = au_channel_new (8, AU_CHANNEL_ORDER_FIFO),
    .n_items = n_items,
    .n_putters = 2 * N_PAIRS,
    .seen = g_new0 (int, n_items),
  };
  GThread *threads[4 * N_PAIRS];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("stress", funcs[i % 4], &shared);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  /* what a loop was handed and did not fetch went back */
  while (au_channel_get_n_items (shared.channel) > 0)
    see (&shared, au_channel_try_get (shared.channel));
  for (guint i = 0; i < n_items; i++)
    g_assert_cmpint (shared.seen[i], ==, 1);

  g_object_unref (shared.channel);
  g_free (shared.seen);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sync/channel/orders", test_orders);
  g_test_add_func ("/sync/channel/priorities", test_priorities);
  g_test_add_func ("/sync/channel/ring", test_ring);
  g_test_add_func ("/sync/channel/capacity", test_capacity);
  g_test_add_func ("/sync/channel/close", test_close);
  g_test_add_func ("/sync/channel/one-line", test_one_line);
  g_test_add_func ("/sync/channel/timed-out", test_timed_out);
  g_test_add_func ("/sync/channel/cancelled", test_cancelled);
  g_test_add_func ("/sync/channel/not-fetched", test_not_fetched);
  g_test_add_func ("/sync/channel/pointers", test_pointers);
  g_test_add_func ("/sync/channel/stress", test_stress);

  return g_test_run ();
}
