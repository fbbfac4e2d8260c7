/* au-test-backend-items.c: what every backend must do with progress and items
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-backend-private.h"

static const char *const counters[] = { "test.count", "test.count-plain" };

static AuHandle *
submit_count (BackendFixture *fixture,
              const char     *function,
              gboolean        tell,
              guint64         n,
              int             ahead)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_ahead (options, ahead);
  return backend_submit (fixture, function,
                         g_variant_new ("(st)", tell ? stage_get_address (fixture->stage) : "", n), options);
}

static void
assert_next (BackendFixture *fixture,
             AuHandle       *handle,
             guint64         expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) item = backend_next_item (fixture, handle, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_get_uint64 (item), ==, expected);
}

static void
assert_no_more (BackendFixture *fixture,
                AuHandle       *handle)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (backend_next_item (fixture, handle, &error));
  g_assert_no_error (error);
}

/* Whether a plain function can wait for a reader who is in this thread. */
static gboolean
can_block (BackendFixture *fixture)
{
  return au_backend_get_main_context (fixture->backend) == NULL &&
         (au_backend_get_flags (fixture->backend) & AU_BACKEND_SYNCHRONOUS) == 0;
}

static void
test_progress_is_seen (BackendFixture *fixture)
{
  g_autoptr(AuHandle) handle = backend_play (fixture, NULL, "progress 0.25", "meet a", "progress 0.5",
                                             "meet b", "return 1", NULL);
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  au_test_context_watch (fixture->context, G_OBJECT (handle));
  stage_await (fixture->stage, "a");
  while (au_handle_get_progress (handle) != 0.25)
    g_main_context_iteration (NULL, TRUE);
  stage_release (fixture->stage, "a");
  stage_await (fixture->stage, "b");
  while (au_handle_get_progress (handle) != 0.5)
    g_main_context_iteration (NULL, TRUE);
  stage_release (fixture->stage, "b");

  value = backend_finish (fixture, handle, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (au_test_context_get_n_signals (fixture->context), >, 0);
}

static void
test_items_come_in_order (BackendFixture *fixture)
{
  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      g_autoptr(AuHandle) handle = NULL;

      if (i == 1 && au_backend_get_main_context (fixture->backend) != NULL)
        break;

      handle = submit_count (fixture, counters[i], FALSE, 40, -1);
      for (guint n = 0; n < 40; n++)
        assert_next (fixture, handle, n);
      assert_no_more (fixture, handle);

      /* and once more, from the store */
      au_handle_set_position (handle, 38);
      assert_next (fixture, handle, 38);
      assert_next (fixture, handle, 39);
      assert_no_more (fixture, handle);
    }
}

/* No more items are made than the reader has taken, and those that may be ahead. */
static void
test_items_wait_for_their_reader (BackendFixture *fixture)
{
  static const int aheads[] = { 0, 1, 4 };
  guint n_told = 0;

  if ((au_backend_get_flags (fixture->backend) & AU_BACKEND_SYNCHRONOUS) != 0)
    {
      g_test_skip ("this backend runs a job before anything else can happen");
      return;
    }

  for (guint i = 0; i < 2 * G_N_ELEMENTS (aheads); i++)
    {
      int ahead = aheads[i / 2];
      g_autoptr(AuHandle) handle = NULL;
      g_autoptr(GVariant) value = NULL;
      g_autoptr(GError) error = NULL;

      if (i % 2 == 1 && !can_block (fixture))
        continue;

      handle = submit_count (fixture, counters[i % 2], TRUE, 60, ahead);
      for (guint n = 0; n < 20; n++)
        {
          /* it comes so far by itself */
          while (stage_count (fixture->stage, "number") < n_told + n + ahead)
            g_main_context_iteration (NULL, TRUE);
          for (guint k = 0; k < 10; k++)
            {
              g_main_context_iteration (NULL, FALSE);
              g_thread_yield ();
            }
          /* a plain function tells before it waits in au_call_emit () */
          g_assert_cmpuint (stage_count (fixture->stage, "number"), <=, n_told + n + ahead + i % 2);
          assert_next (fixture, handle, n);
        }

      /* who waits for the end does not read */
      value = backend_finish (fixture, handle, &error);
      g_assert_no_error (error);
      n_told += 60;
      while (stage_count (fixture->stage, "number") < n_told)
        g_main_context_iteration (NULL, TRUE);
      assert_next (fixture, handle, 20);
    }
}

static void
test_unread_items_hold_nothing_up (BackendFixture *fixture)
{
  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      g_autoptr(AuHandle) handle = submit_count (fixture, counters[i], FALSE, 200, -1);
      g_autoptr(GVariant) value = NULL;
      g_autoptr(GError) error = NULL;

      value = backend_finish (fixture, handle, &error);
      g_assert_no_error (error);
      au_handle_set_position (handle, 199);
      assert_next (fixture, handle, 199);
      assert_no_more (fixture, handle);
    }
}

/* Cancelled while it waits for somebody to read its items. */
static void
test_cancel_reaches_what_waits_for_its_reader (BackendFixture *fixture)
{
  if ((au_backend_get_flags (fixture->backend) & AU_BACKEND_SYNCHRONOUS) != 0)
    {
      g_test_skip ("this backend runs a job before anything else can happen");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      g_autoptr(AuHandle) handle = NULL;

      if (i == 1 && !can_block (fixture))
        break;

      handle = submit_count (fixture, counters[i], FALSE, G_MAXUINT32, 1);
      assert_next (fixture, handle, 0);
      g_assert_true (au_handle_cancel (handle));
      backend_assert_fails (fixture, handle, AU_STATUS_CANCELLED, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      backend_drain (fixture);
    }
}

void
backend_suite_add_items (BackendKind *kind)
{
  backend_suite_add_test (kind, BACKEND_TEST_TOGETHER, "progress-is-seen", test_progress_is_seen);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "items-come-in-order", test_items_come_in_order);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "items-wait-for-their-reader",
                          test_items_wait_for_their_reader);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "unread-items-hold-nothing-up",
                          test_unread_items_hold_nothing_up);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "cancel-reaches-what-waits-for-its-reader",
                          test_cancel_reaches_what_waits_for_its_reader);
}
