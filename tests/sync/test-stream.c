/* test-stream.c: items that are made when they are asked for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

typedef struct
{
  guint   n_items;
  GError *failure;      /* after the last item */
  int     n_made;
  int     n_ended;
  GError *told;         /* by emit */
  gboolean own_error;   /* give another error back than was told */
} Maker;

static gboolean
make_numbers (AuStream  *stream,
              gpointer   data,
              GError   **error)
{
  Maker *maker = data;

  for (guint i = 0; i < maker->n_items; i++)
    {
      g_autoptr(GError) told = NULL;

      g_atomic_int_inc (&maker->n_made);
      if (au_stream_emit (stream, g_variant_new_uint32 (i), &told))
        continue;

      maker->told = g_error_copy (told);
      g_atomic_int_inc (&maker->n_ended);
      if (maker->own_error)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "own");
      else
        g_propagate_error (error, g_steal_pointer (&told));
      return FALSE;
    }

  g_atomic_int_inc (&maker->n_ended);
  if (maker->failure != NULL)
    {
      g_propagate_error (error, g_error_copy (maker->failure));
      return FALSE;
    }
  return TRUE;
}

static void
maker_clear (Maker *maker)
{
  g_clear_error (&maker->failure);
  g_clear_error (&maker->told);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Maker, maker_clear)

static int
next_number (AuStream  *stream,
             GError   **error)
{
  g_autoptr(GVariant) item = au_stream_next (stream, -1, NULL, error);

  return item != NULL ? (int) g_variant_get_uint32 (item) : -1;
}

static void
test_in_order (void)
{
  for (guint ahead = 0; ahead < 4; ahead++)
    {
      g_auto(Maker) maker = { 200 / SYNC_SLOWER };
      g_autoptr(AuStream) stream = au_stream_new (make_numbers, ahead, &maker, NULL);
      g_autoptr(GError) error = NULL;

      for (guint i = 0; i < maker.n_items; i++)
        g_assert_cmpint (next_number (stream, &error), ==, i);
      g_assert_cmpint (next_number (stream, &error), ==, -1);
      g_assert_no_error (error);
      g_assert_cmpint (next_number (stream, &error), ==, -1);
      g_assert_no_error (error);
      g_assert_true (au_stream_close (stream, -1, NULL, NULL));
    }
}

/* Nothing before somebody asks, and then so many ahead. */
static void
test_lazy (void)
{
  for (guint ahead = 0; ahead < 3; ahead++)
    {
      g_auto(Maker) maker = { 100 };
      g_autoptr(AuStream) stream = au_stream_new (make_numbers, ahead, &maker, NULL);

      g_thread_yield ();
      g_assert_cmpint (g_atomic_int_get (&maker.n_made), ==, 0);
      for (guint i = 0; i < 10; i++)
        {
          g_assert_cmpint (next_number (stream, NULL), ==, i);
          sync_await (g_atomic_int_get (&maker.n_made) >= (int) (i + 1 + ahead));
          g_thread_yield ();
          g_assert_cmpint (g_atomic_int_get (&maker.n_made), ==, i + 1 + ahead);
        }
      g_assert_true (au_stream_close (stream, -1, NULL, NULL));
      g_assert_cmpint (maker.n_ended, ==, 1);
    }
}

static void
test_error_comes_last (void)
{
  g_auto(Maker) maker = { 3, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy") };
  g_autoptr(AuStream) stream = au_stream_new (make_numbers, 5, &maker, NULL);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (next_number (stream, &error), ==, i);
  g_assert_no_error (error);
  g_assert_cmpint (next_number (stream, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

/* What the one who closes says arrives where the items are made. */
static void
test_close_with_reason (void)
{
  g_auto(Maker) maker = { 100 };
  g_autoptr(AuStream) stream = au_stream_new (make_numbers, 1, &maker, NULL);
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "no host");
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (next_number (stream, NULL), ==, 0);
  au_stream_stop (stream, reason);
  g_assert_true (au_stream_close (stream, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_error (maker.told, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
  g_assert_cmpint (next_number (stream, &error), ==, -1);
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

static void
test_close_fails (void)
{
  g_auto(Maker) maker = { 100 };
  g_autoptr(AuStream) stream = NULL;
  g_autoptr(GError) error = NULL;

  maker.own_error = TRUE;
  stream = au_stream_new (make_numbers, 1, &maker, NULL);
  g_assert_cmpint (next_number (stream, NULL), ==, 0);
  g_assert_false (au_stream_close (stream, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_error (maker.told, AU_ERROR, AU_ERROR_CLOSED);
}

static void
test_never_begun (void)
{
  g_auto(Maker) maker = { 100 };
  g_autoptr(AuStream) stream = au_stream_new (make_numbers, 1, &maker, NULL);
  g_autoptr(AuStream) dropped = au_stream_new (make_numbers, 1, &maker, NULL);

  g_assert_true (au_stream_close (stream, -1, NULL, NULL));
  g_assert_cmpint (maker.n_made, ==, 0);
}

static void
test_main_loop (void)
{
  g_auto(Maker) maker = { 50 };
  g_autoptr(AuStream) stream = au_stream_new (make_numbers, 0, &maker, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) closed = SYNC_OUTCOME_INIT;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GVariant) item = NULL;

      au_stream_next_async (stream, NULL, sync_outcome_cb, &outcome);
      item = au_stream_next_finish (stream, sync_outcome_await (&outcome), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_get_uint32 (item), ==, i);
      sync_outcome_clear (&outcome);
    }

  g_cancellable_cancel (cancellable);
  au_stream_next_async (stream, cancellable, sync_outcome_cb, &outcome);
  g_assert_null (au_stream_next_finish (stream, sync_outcome_await (&outcome), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (next_number (stream, NULL), ==, 20);

  au_stream_close_async (stream, NULL, sync_outcome_cb, &closed);
  g_assert_true (au_stream_close_finish (stream, sync_outcome_await (&closed), NULL));
}

/* Merged */

#define N_SOURCES (3)

typedef struct
{
  Maker     makers[N_SOURCES];
  AuStream *streams[N_SOURCES];
  AuStream *merged;
} Fixture;

static void
set_up (Fixture       *fixture,
        guint          n_items,
        guint          n_failing,
        AuStreamErrors errors)
{
  *fixture = (Fixture) { { { 0 } } };
  for (guint i = 0; i < N_SOURCES; i++)
    {
      fixture->makers[i].n_items = n_items;
      if (i < n_failing)
        fixture->makers[i].failure = g_error_new (G_IO_ERROR, G_IO_ERROR_BUSY, "busy %u", i);
      fixture->streams[i] = au_stream_new (make_numbers, 0, &fixture->makers[i], NULL);
    }
  fixture->merged = au_stream_new_merged (fixture->streams, N_SOURCES, errors);
}

static void
tear_down (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (au_stream_close (fixture->merged, -1, NULL, &error));
  g_assert_no_error (error);
  g_object_unref (fixture->merged);
  for (guint i = 0; i < N_SOURCES; i++)
    {
      if (g_atomic_int_get (&fixture->makers[i].n_made) > 0)
        g_assert_cmpint (g_atomic_int_get (&fixture->makers[i].n_ended), ==, 1);
      g_object_unref (fixture->streams[i]);
      maker_clear (&fixture->makers[i]);
    }
}

static guint
read_all (AuStream  *stream,
          GError   **error)
{
  guint n = 0;

  while (next_number (stream, error) >= 0)
    n++;

  return n;
}

static void
test_merge (void)
{
  const guint n = 300 / SYNC_SLOWER;
  g_autoptr(GError) error = NULL;
  Fixture fixture;

  set_up (&fixture, n, 0, AU_STREAM_ERRORS_RAISE);
  g_assert_cmpuint (read_all (fixture.merged, &error), ==, N_SOURCES * n);
  g_assert_no_error (error);
  tear_down (&fixture);
}

static void
test_merge_errors (void)
{
  g_autoptr(GError) raised = NULL;
  g_autoptr(GError) delayed = NULL;
  g_autoptr(GError) suppressed = NULL;
  Fixture fixture;

  set_up (&fixture, 50, 1, AU_STREAM_ERRORS_RAISE);
  g_assert_cmpuint (read_all (fixture.merged, &raised), >=, 50);
  g_assert_error (raised, G_IO_ERROR, G_IO_ERROR_BUSY);
  tear_down (&fixture);

  set_up (&fixture, 50, 2, AU_STREAM_ERRORS_DELAY);
  g_assert_cmpuint (read_all (fixture.merged, &delayed), ==, 150);
  g_assert_error (delayed, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_nonnull (strstr (delayed->message, "busy 0"));
  g_assert_nonnull (strstr (delayed->message, "busy 1"));
  tear_down (&fixture);

  set_up (&fixture, 50, 2, AU_STREAM_ERRORS_SUPPRESS);
  g_assert_cmpuint (read_all (fixture.merged, &suppressed), ==, 150);
  g_assert_no_error (suppressed);
  tear_down (&fixture);
}

/* All end when one stops early, also those that are being read at that moment. */
static void
test_merge_closes_all (void)
{
  for (guint round = 0; round < 20; round++)
    {
      Fixture fixture;

      set_up (&fixture, 1000, 0, AU_STREAM_ERRORS_RAISE);
      for (guint i = 0; i < round; i++)
        g_assert_cmpint (next_number (fixture.merged, NULL), >=, 0);
      tear_down (&fixture);
    }
}

static void
test_merge_does_not_overconsume (void)
{
  Fixture fixture;
  int made = 0;

  set_up (&fixture, 1000, 0, AU_STREAM_ERRORS_RAISE);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (next_number (fixture.merged, NULL), >=, 0);
  for (guint i = 0; i < N_SOURCES; i++)
    made += g_atomic_int_get (&fixture.makers[i].n_made);
  g_assert_cmpint (made, >=, 100);
  g_assert_cmpint (made, <=, 100 + 2 * N_SOURCES);
  tear_down (&fixture);
}

static void
test_batches (void)
{
  g_autoptr(GError) error = NULL;
  GVariant *batch;
  Fixture fixture;
  gsize n = 0;

  set_up (&fixture, 100, 0, AU_STREAM_ERRORS_RAISE);
  while ((batch = au_stream_next_batch (fixture.merged, -1, NULL, &error)) != NULL)
    {
      g_assert_true (g_variant_is_of_type (batch, G_VARIANT_TYPE ("av")));
      g_assert_cmpuint (g_variant_n_children (batch), >, 0);
      n += g_variant_n_children (batch);
      g_variant_unref (batch);
    }
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 300);
  tear_down (&fixture);
}

/* Several threads read one merged stream, and give up now and then. */

typedef struct
{
  AuStream *stream;
  int       n_read;
} Shared;

static gpointer
read_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  while (TRUE)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) item =
        au_stream_next (shared->stream, g_rand_int_range (rand, -1, 60), NULL, &error);

      if (item != NULL)
        g_atomic_int_inc (&shared->n_read);
      else if (error == NULL)
        return NULL;
    }
}

static void
test_stress (void)
{
  const guint n = SYNC_MANY (3000 * N_SOURCES) / N_SOURCES;
  Fixture fixture;
  Shared shared;
  GThread *threads[4];

  set_up (&fixture, n, 0, AU_STREAM_ERRORS_RAISE);
  shared = (Shared) { fixture.merged };
  for (guint i = 0; i < 4; i++)
    threads[i] = g_thread_new ("read", read_thread, &shared);
  for (guint i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (shared.n_read, ==, N_SOURCES * n);
  tear_down (&fixture);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sync/stream/in-order", test_in_order);
  g_test_add_func ("/sync/stream/lazy", test_lazy);
  g_test_add_func ("/sync/stream/error-comes-last", test_error_comes_last);
  g_test_add_func ("/sync/stream/close-with-reason", test_close_with_reason);
  g_test_add_func ("/sync/stream/close-fails", test_close_fails);
  g_test_add_func ("/sync/stream/never-begun", test_never_begun);
  g_test_add_func ("/sync/stream/main-loop", test_main_loop);
  g_test_add_func ("/sync/stream/merge", test_merge);
  g_test_add_func ("/sync/stream/merge-errors", test_merge_errors);
  g_test_add_func ("/sync/stream/merge-closes-all", test_merge_closes_all);
  g_test_add_func ("/sync/stream/merge-does-not-overconsume", test_merge_does_not_overconsume);
  g_test_add_func ("/sync/stream/batches", test_batches);
  g_test_add_func ("/sync/stream/stress", test_stress);

  return g_test_run ();
}
