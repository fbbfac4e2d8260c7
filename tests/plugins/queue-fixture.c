/* queue-fixture.c: one queue while a test runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "queue-fixture.h"

typedef struct
{
  const QueueKind *kind;
  QueueTest        test;
} TestData;

void
queue_fixture_reopen (QueueFixture *self)
{
  g_clear_object (&self->store);
  self->store = self->kind->open (self->kind, self->place);
}

static void
run_test (gconstpointer user_data)
{
  const TestData *data = user_data;
  QueueFixture fixture = { .kind = data->kind };
  g_autoptr(GError) error = NULL;

  fixture.folder = g_dir_make_tmp ("au-queue-XXXXXX", &error);
  g_assert_no_error (error);
  fixture.place = g_build_filename (fixture.folder, "store", NULL);
  fixture.store = data->kind->open (data->kind, fixture.place);

  data->test (&fixture);

  g_object_unref (fixture.store);
  au_test_remove_folder (fixture.folder);
  g_free (fixture.place);
  g_free (fixture.folder);
}

void
queue_suite_add_test (const QueueKind *kind,
                      const char      *name,
                      QueueTest        test)
{
  g_autofree char *path = g_strdup_printf ("/queue/%s/%s", kind->name, name);
  TestData *data = g_new (TestData, 1);

  *data = (TestData) { kind, test };
  g_test_add_data_func_full (path, data, run_test, g_free);
}

/* What any store does */

/* Inserts a new record and takes over the reference on @options. */
AuRecord *
stored_insert (AuStore    *store,
               const char *key,
               AuOptions  *options)
{
  g_autoptr(AuRecord) record = au_record_new (key, "f", g_variant_new ("(s)", "x"), options);
  g_autoptr(GError) error = NULL;
  gboolean created = FALSE;
  AuRecord *stored;

  stored = au_store_insert (store, record, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (created);
  g_clear_object (&options);

  return stored;
}

/* Replaces a record by the next one. Takes over both references; gives back that one. */
AuRecord *
stored_replace (AuStore  *store,
                AuRecord *record,
                AuRecord *next)
{
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (next);
  au_store_replace (store, next, au_record_get_revision (record), NULL, &error);
  g_assert_no_error (error);
  au_record_unref (record);

  return next;
}

AuRecord *
stored_begin (AuStore  *store,
              AuRecord *record)
{
  return stored_replace (store, record, au_transition_begin (record, NULL, 0, NULL));
}

AuRecord *
stored_complete (AuStore  *store,
                 AuRecord *record)
{
  return stored_replace (store, record,
                         au_transition_complete (record, au_record_get_attempt (record),
                                                 g_variant_new_string ("done"), NULL));
}

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
queue_put (QueueFixture *fixture,
           const char   *key,
           AuOptions    *options)
{
  return stored_insert (fixture->store, key, options != NULL ? options : queue_options (QUEUE));
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
queue_claim (QueueFixture *fixture,
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
queue_claim_keys (QueueFixture *fixture,
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
queue_claim_one (QueueFixture *fixture,
                 const char   *key)
{
  g_autoptr(GPtrArray) records = queue_claim (fixture, QUEUE, 1, NULL);

  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpstr (au_record_get_key (g_ptr_array_index (records, 0)), ==, key);

  return au_record_ref (g_ptr_array_index (records, 0));
}

AuRecord *
queue_load (QueueFixture *fixture,
            const char   *key)
{
  g_autoptr(GError) error = NULL;
  AuRecord *record = au_store_load (fixture->store, key, NULL, &error);

  g_assert_no_error (error);

  return record;
}

void
queue_assert_status (QueueFixture *fixture,
                     const char   *key,
                     AuStatus      status)
{
  g_autoptr(AuRecord) record = queue_load (fixture, key);

  g_assert_cmpstr (au_status_to_string (au_record_get_status (record)), ==,
                   au_status_to_string (status));
}

AuRecord *
queue_complete (QueueFixture *fixture,
                AuRecord     *record)
{
  return stored_complete (fixture->store, record);
}

AuRecord *
queue_fail (QueueFixture *fixture,
            AuRecord     *record)
{
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "it went wrong");

  return stored_replace (fixture->store, record,
                        au_transition_fail (record, au_record_get_attempt (record), reason, NULL));
}

/* Asks for a computation to be cancelled, as any process may. */
AuRecord *
queue_cancel (QueueFixture *fixture,
              const char   *key)
{
  AuRecord *record = queue_load (fixture, key);

  return stored_replace (fixture->store, record, au_transition_cancel (record, NULL));
}

guint
queue_reap (QueueFixture *fixture)
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
