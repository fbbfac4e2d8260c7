/* au-test-queue.c: what every queue must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-queue-private.h"

/* A lease may be that of the claim or the one that it was renewed to. */
void
stored_assert_holds (AuStore  *store,
                     AuRecord *record)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) stored = au_store_load (store, au_record_get_key (record), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (au_record_get_revision (stored), ==, au_record_get_revision (record));
  g_assert_cmpint (au_record_get_status (stored), ==, au_record_get_status (record));
  g_assert_cmpuint (au_record_get_attempt (stored), ==, au_record_get_attempt (record));
  g_assert_cmpstr (au_record_get_owner (stored), ==, au_record_get_owner (record));
}

/* What queues do */

AuOptions *
queue_options (const char *queue)
{
  AuOptions *options = au_options_new ();

  au_options_set_queue (options, queue);

  return options;
}

/* Puts a computation into a queue. Takes over the reference on @options. */
AuRecord *
queue_put (StoreFixture *fixture,
           const char   *key,
           AuOptions    *options)
{
  g_autoptr(AuOptions) owned = options != NULL ? options : queue_options (QUEUE);

  return au_test_store_insert (fixture->store, key, owned);
}

AuClaim *
queue_make_claim (const char *queues,
                  guint       max)
{
  g_auto(GStrv) names = g_strsplit (queues, " ", -1);
  AuClaim *claim = au_claim_new ();

  au_claim_set_queues (claim, (const char * const *) names);
  au_claim_set_max (claim, max);
  au_claim_set_lease (claim, LEASE);

  return claim;
}

/* Claims up to @max computations from queues whose names have blanks between them. */
GPtrArray *
queue_claim (StoreFixture *fixture,
             const char   *queues,
             guint         max,
             gint64       *next_due)
{
  g_autoptr(AuClaim) claim = queue_make_claim (queues, max);
  g_autoptr(GError) error = NULL;
  GPtrArray *records = au_queue_claim (AU_QUEUE (fixture->store), claim, next_due, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (records);
  g_assert_cmpuint (records->len, <=, max);

  for (guint i = 0; i < records->len; i++)
    g_assert_cmpint (au_record_get_status (g_ptr_array_index (records, i)), ==, AU_STATUS_RUNNING);

  return records;
}

char *
queue_claim_keys (StoreFixture *fixture,
                  const char   *queues,
                  guint         max)
{
  g_autoptr(GPtrArray) records = queue_claim (fixture, queues, max, NULL);
  g_autoptr(GString) keys = g_string_new (NULL);

  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (keys, "%s%s", i > 0 ? " " : "",
                            au_record_get_key (g_ptr_array_index (records, i)));

  return g_string_free (g_steal_pointer (&keys), FALSE);
}

/* Claims the one computation that there must be. */
AuRecord *
queue_claim_one (StoreFixture *fixture,
                 const char   *key)
{
  g_autoptr(GPtrArray) records = queue_claim (fixture, QUEUE, 1, NULL);

  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpstr (au_record_get_key (g_ptr_array_index (records, 0)), ==, key);

  return au_record_ref (g_ptr_array_index (records, 0));
}

AuRecord *
queue_load (StoreFixture *fixture,
            const char   *key)
{
  g_autoptr(GError) error = NULL;
  AuRecord *record = au_store_load (fixture->store, key, NULL, &error);

  g_assert_no_error (error);

  return record;
}

void
queue_assert_status (StoreFixture *fixture,
                     const char   *key,
                     AuStatus      status)
{
  g_autoptr(AuRecord) record = queue_load (fixture, key);

  g_assert_cmpstr (au_status_to_string (au_record_get_status (record)), ==,
                   au_status_to_string (status));
}

AuRecord *
queue_complete (StoreFixture *fixture,
                AuRecord     *record)
{
  return au_test_store_complete (fixture->store, record);
}

AuRecord *
queue_fail (StoreFixture *fixture,
            AuRecord     *record)
{
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "it went wrong");

  return au_test_store_replace (fixture->store, record,
                        au_transition_fail (record, au_record_get_attempt (record), reason, NULL));
}

/* Asks for a computation to be cancelled, as any process may. */
AuRecord *
queue_cancel (StoreFixture *fixture,
              const char   *key)
{
  AuRecord *record = queue_load (fixture, key);

  return au_test_store_replace (fixture->store, record, au_transition_cancel (record, NULL));
}

guint
queue_reap (StoreFixture *fixture)
{
  g_autoptr(GError) error = NULL;
  gint n = au_queue_reap (AU_QUEUE (fixture->store), 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, >=, 0);

  return n;
}

/* An owner that was a process of this machine, and is none any more. */
char *
queue_dead_owner (void)
{
  g_auto(GStrv) parts = g_strsplit (au_owner_get_own (), "/", -1);
  char *owner;

  g_free (parts[3]);
  parts[3] = g_strdup ("1");
  owner = g_strjoinv ("/", parts);
  g_assert_cmpint (au_owner_get_state (owner), ==, AU_OWNER_STATE_DEAD);

  return owner;
}

/**
 * au_test_queue_add_suite:
 * @prefix: what the names of the tests start with, such as `/queue/acme`
 * @open: (scope notified) (closure user_data) (destroy destroy): makes a store that is a
 *   queue
 * @user_data: data for @open
 * @destroy: (nullable): frees @user_data
 *
 * Adds tests of everything that a queue must do, for the stores that @open makes, to the
 * tests of this program, besides those of [func@AuTest.store_add_suite].
 *
 * They are about claims, each of which has one owner; their order, by urgency and by
 * time; leases that are renewed, end, and are reaped; attempts and dead letters;
 * computations that wait for others; limits and pauses; telling of work; and threads and
 * processes that share it and die.
 *
 * The suite freezes and moves the clock of this process, and starts this program again.
 *
 * Since: 1.0
 */
void
au_test_queue_add_suite (const char      *prefix,
                         AuTestStoreFunc  open,
                         gpointer         user_data,
                         GDestroyNotify   destroy)
{
  StoreKind *kind;

  g_return_if_fail (prefix != NULL && prefix[0] == '/');
  g_return_if_fail (open != NULL);

  kind = store_kind_new (prefix, open, user_data, destroy);
  queue_suite_add_claims (kind);
  queue_suite_add_after (kind);
  queue_suite_add_limits (kind);
  queue_suite_add_sharing (kind);
  store_kind_unref (kind);
}
