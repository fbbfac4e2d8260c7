/* au-test-queue-limits.c: what every queue must do about limits
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-queue-private.h"
#include "au-test-run-private.h"

/* Takes the options. */
static AuRecord *
put_with_options (StoreFixture *fixture,
                  const char   *key,
                  const char   *function,
                  AuOptions    *options)
{
  g_autoptr(AuOptions) owned = options;
  g_autoptr(AuRecord) record = au_record_new (key, function, NULL, owned);
  g_autoptr(GError) error = NULL;
  AuRecord *stored = au_store_insert (fixture->store, record, NULL, NULL, &error);

  g_assert_no_error (error);

  return stored;
}

static AuRecord *
put_function (StoreFixture *fixture,
              const char   *key,
              const char   *function,
              const char   *queue)
{
  return put_with_options (fixture, key, function, queue_options (queue));
}

static AuRecord *
put_limited (StoreFixture *fixture,
             const char   *key,
             const char   *concurrency_key,
             guint         concurrency,
             const char   *queue)
{
  AuOptions *options = queue_options (queue);

  au_options_set_concurrency_key (options, concurrency_key);
  au_options_set_concurrency (options, concurrency);

  return queue_put (fixture, key, options);
}

/* Claims with a limit on the function “slow”. */
static char *
claim_once (StoreFixture *fixture,
            const char   *queues,
            guint         limit,
            gint64       *next_due)
{
  g_auto(GStrv) names = g_strsplit (queues, " ", -1);
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GString) keys = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  au_claim_set_queues (claim, (const char * const *) names);
  au_claim_set_max (claim, 9);
  au_claim_set_lease (claim, LEASE);
  au_claim_set_limit (claim, "slow", limit);

  records = au_queue_claim (AU_QUEUE (fixture->store), claim, next_due, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (keys, "%s%s", i > 0 ? " " : "",
                            au_record_get_key (g_ptr_array_index (records, i)));

  return g_string_free (g_steal_pointer (&keys), FALSE);
}

/* The same as a worker does it: again, as long as there is more to look at. */
static char *
claim_with_limit (StoreFixture *fixture,
                  const char   *queues,
                  guint         limit)
{
  g_autoptr(GString) all = g_string_new (NULL);
  gint64 next_due;

  do
    {
      g_autofree char *keys = claim_once (fixture, queues, limit, &next_due);

      g_string_append_printf (all, "%s%s", all->len > 0 && keys[0] != '\0' ? " " : "", keys);
    }
  while (next_due != 0);

  return g_string_free (g_steal_pointer (&all), FALSE);
}

#define assert_limited(fixture, queues, limit, expected) \
  G_STMT_START { \
    g_autofree char *claimed_keys_ = claim_with_limit (fixture, queues, limit); \
    g_assert_cmpstr (claimed_keys_, ==, expected); \
  } G_STMT_END

static void
complete (StoreFixture *fixture,
          const char   *key)
{
  au_record_unref (queue_complete (fixture, queue_load (fixture, key)));
}

static void
test_function_has_a_limit (StoreFixture *fixture)
{
  au_record_unref (put_function (fixture, "s1", "slow", QUEUE));
  au_record_unref (put_function (fixture, "s2", "slow", QUEUE));
  au_record_unref (put_function (fixture, "s3", "slow", QUEUE));
  au_record_unref (put_function (fixture, "f1", "fast", QUEUE));
  au_record_unref (put_function (fixture, "f2", "fast", QUEUE));

  assert_limited (fixture, QUEUE, 2, "s1 s2 f1 f2");
  assert_limited (fixture, QUEUE, 2, "");

  complete (fixture, "s1");
  assert_limited (fixture, QUEUE, 2, "s3");
}

static void
test_function_limit_is_that_of_the_claim (StoreFixture *fixture)
{
  au_record_unref (put_function (fixture, "s1", "slow", QUEUE));
  au_record_unref (put_function (fixture, "s2", "slow", "r"));
  au_record_unref (put_function (fixture, "s3", "slow", "r"));
  au_record_unref (put_function (fixture, "s4", "slow", "r"));

  assert_limited (fixture, "q r", 1, "s1");
  assert_limited (fixture, "q r", 1, "");
  assert_limited (fixture, "r", 2, "s2");
  assert_limited (fixture, "r", 0, "s3 s4");
}

static void
test_concurrency_key_has_a_limit (StoreFixture *fixture)
{
  au_record_unref (put_limited (fixture, "a1", "customer-a", 1, QUEUE));
  au_record_unref (put_limited (fixture, "a2", "customer-a", 1, QUEUE));
  au_record_unref (put_limited (fixture, "b1", "customer-b", 2, QUEUE));
  au_record_unref (put_limited (fixture, "b2", "customer-b", 2, QUEUE));
  au_record_unref (put_limited (fixture, "b3", "customer-b", 2, "r"));
  au_record_unref (queue_put (fixture, "free", NULL));

  queue_assert_claims (fixture, "q r", 9, "a1 b1 b2 free");
  queue_assert_claims (fixture, "q r", 9, "");
  complete (fixture, "b2");
  queue_assert_claims (fixture, "q r", 9, "b3");
  complete (fixture, "a1");
  queue_assert_claims (fixture, "q r", 9, "a2");
  complete (fixture, "a2");
  queue_assert_claims (fixture, "q r", 9, "");
}

static void
test_every_end_makes_room (StoreFixture *fixture)
{
  g_autoptr(AuRecord) released = NULL;
  g_autoptr(AuRecord) running = NULL;

  au_clock_freeze ();
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);

      au_record_unref (put_limited (fixture, key, "one", 1, QUEUE));
    }

  queue_assert_claims (fixture, QUEUE, 9, "k0");
  au_record_unref (queue_fail (fixture, queue_load (fixture, "k0")));

  queue_assert_claims (fixture, QUEUE, 9, "k1");
  au_clock_advance (LEASE);
  g_assert_cmpuint (queue_reap (fixture), ==, 1);
  au_record_unref (queue_cancel (fixture, "k1"));

  queue_assert_claims (fixture, QUEUE, 9, "k2");
  running = queue_load (fixture, "k2");
  released = au_queue_release (AU_QUEUE (fixture->store), running, G_TIME_SPAN_HOUR, NULL, NULL);

  queue_assert_claims (fixture, QUEUE, 9, "k3");
  g_assert_true (au_store_remove (fixture->store, "k3", NULL, NULL));

  /* it is not held by one that could run but never will */
  au_record_unref (queue_cancel (fixture, "k4"));
  queue_assert_claims (fixture, QUEUE, 9, "k5");
  queue_assert_claims (fixture, QUEUE, 9, "");
  au_clock_thaw ();
}

static void
test_paused_queue_holds_nobody_up (StoreFixture *fixture)
{
  AuQueue *queue = AU_QUEUE (fixture->store);

  au_record_unref (put_limited (fixture, "a", "one", 1, QUEUE));
  au_record_unref (put_limited (fixture, "b", "one", 1, QUEUE));
  au_record_unref (put_limited (fixture, "c", "one", 1, "r"));
  queue_assert_claims (fixture, "q r", 9, "a");

  g_assert_true (au_queue_set_paused (queue, QUEUE, TRUE, NULL, NULL));
  complete (fixture, "a");
  queue_assert_claims (fixture, "q r", 9, "c");
  complete (fixture, "c");
  g_assert_true (au_queue_set_paused (queue, QUEUE, FALSE, NULL, NULL));
  queue_assert_claims (fixture, "q r", 9, "b");
}

static void
test_urgency_counts_among_the_limited (StoreFixture *fixture)
{
  AuOptions *options = queue_options (QUEUE);

  au_record_unref (put_limited (fixture, "a", "one", 1, QUEUE));
  au_record_unref (put_limited (fixture, "b", "one", 1, QUEUE));
  queue_assert_claims (fixture, QUEUE, 9, "a");

  au_options_set_concurrency_key (options, "one");
  au_options_set_priority (options, 9);
  au_record_unref (queue_put (fixture, "urgent", options));
  queue_assert_claims (fixture, QUEUE, 9, "");

  complete (fixture, "a");
  queue_assert_claims (fixture, QUEUE, 9, "urgent");
  complete (fixture, "urgent");
  queue_assert_claims (fixture, QUEUE, 9, "b");
}

static void
test_limits_survive_reopening (StoreFixture *fixture)
{
  au_record_unref (put_limited (fixture, "a", "one", 1, QUEUE));
  au_record_unref (put_limited (fixture, "b", "one", 1, QUEUE));
  au_record_unref (put_function (fixture, "s1", "slow", QUEUE));
  au_record_unref (put_function (fixture, "s2", "slow", QUEUE));

  assert_limited (fixture, QUEUE, 1, "a s1");
  store_fixture_reopen (fixture);
  assert_limited (fixture, QUEUE, 1, "");
  complete (fixture, "a");
  complete (fixture, "s1");
  store_fixture_reopen (fixture);
  assert_limited (fixture, QUEUE, 1, "b s2");
}

/* Many of “slow”, put in together. */
static void
put_many (StoreFixture *fixture,
          guint         n)
{
  g_autofree AuWrite *writes = g_new0 (AuWrite, n);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(AuOptions) options = queue_options (QUEUE);
      g_autofree char *key = g_strdup_printf ("s%04u", i);

      writes[i].record = au_record_new (key, "slow", NULL, options);
    }
  au_store_write_many (fixture->store, writes, n, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_assert_no_error (writes[i].error);
      au_record_unref (writes[i].record);
      au_record_unref (writes[i].stored);
    }
}

static void
test_many_without_room_hold_nobody_up (StoreFixture *fixture)
{
  AuOptions *options;

  put_many (fixture, 1010);
  au_record_unref (put_function (fixture, "f1", "fast", QUEUE));
  /* a store may look less often at what takes it long; here nothing does */
  au_clock_freeze ();
  assert_limited (fixture, QUEUE, 1, "s0000 f1");
  assert_limited (fixture, QUEUE, 1, "");

  /* what comes now is in the same order as what was there */
  options = queue_options (QUEUE);
  au_options_set_priority (options, 9);
  au_record_unref (put_with_options (fixture, "urgent", "slow", options));
  options = queue_options (QUEUE);
  au_options_set_priority (options, 5);
  au_record_unref (put_with_options (fixture, "f2", "fast", options));
  au_record_unref (put_function (fixture, "s9999", "slow", QUEUE));
  au_record_unref (put_function (fixture, "f3", "fast", QUEUE));
  complete (fixture, "s0000");
  assert_limited (fixture, QUEUE, 1, "urgent f2 f3");
  complete (fixture, "urgent");
  assert_limited (fixture, QUEUE, 1, "s0001");

  /* what is cancelled or removed meanwhile is not claimed */
  au_record_unref (queue_cancel (fixture, "s0002"));
  g_assert_true (au_store_remove (fixture->store, "s0003", NULL, NULL));
  complete (fixture, "s0001");
  assert_limited (fixture, QUEUE, 1, "s0004");
  au_clock_thaw ();
}

static void
test_room_of_a_key_is_not_kept_by_a_full_function (StoreFixture *fixture)
{
  AuOptions *options;

  /* b waits for its key first, and then for its function */
  au_record_unref (put_limited (fixture, "a", "one", 1, QUEUE));
  options = queue_options (QUEUE);
  au_options_set_concurrency_key (options, "one");
  au_record_unref (put_with_options (fixture, "b", "slow", options));
  au_record_unref (put_limited (fixture, "c", "one", 1, QUEUE));
  assert_limited (fixture, QUEUE, 1, "a");
  au_record_unref (put_function (fixture, "s", "slow", QUEUE));
  assert_limited (fixture, QUEUE, 1, "s");

  complete (fixture, "a");
  assert_limited (fixture, QUEUE, 1, "c");
  complete (fixture, "s");
  assert_limited (fixture, QUEUE, 1, "");
  complete (fixture, "c");
  assert_limited (fixture, QUEUE, 1, "b");
}

/* What happens by chance, to many computations that are in each other's way */

#define ROUNDS (12)
#define PUT_IN_A_ROUND (20)
#define STEPS_IN_A_ROUND (30)

typedef struct
{
  StoreFixture *fixture;
  GPtrArray    *keys;           /* of all that were put in, and not removed */
  GHashTable   *running;        /* key → AuRecord */
} Chance;

static const char *
pick (Chance *self)
{
  return self->keys->len > 0 ? g_ptr_array_index (self->keys, g_test_rand_int_range (0, self->keys->len)) : NULL;
}

static AuRecord *
pick_running (Chance *self)
{
  g_autoptr(GList) records = g_hash_table_get_values (self->running);
  AuRecord *record;

  if (records == NULL)
    return NULL;

  record = au_record_ref (g_list_nth_data (records, g_test_rand_int_range (0, g_list_length (records))));
  g_hash_table_remove (self->running, au_record_get_key (record));
  return record;
}

static void
put_something (Chance *self)
{
  static const char *const concurrency_keys[] = { NULL, "one", "two", "three" };
  AuOptions *options = queue_options (g_test_rand_bit () ? "q" : "r");
  g_autoptr(AuRecord) record = NULL;

  au_options_set_concurrency_key (options, concurrency_keys[g_test_rand_int_range (0, 4)]);
  au_options_set_priority (options, g_test_rand_int_range (0, 3));
  record = put_with_options (self->fixture, NULL, g_test_rand_bit () ? "slow" : "other", options);
  g_ptr_array_add (self->keys, g_strdup (au_record_get_key (record)));
}

static void
count_limit (GHashTable *counts,
             const char *limit)
{
  gpointer count = g_hash_table_lookup (counts, limit);

  g_assert_null (count);
  g_hash_table_add (counts, (gpointer) limit);
}

/* Only one of “slow” runs, and only one of each key. */
static void
assert_limits (Chance *self)
{
  g_autoptr(GHashTable) functions = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GHashTable) concurrency_keys = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer record;

  g_hash_table_iter_init (&iter, self->running);
  while (g_hash_table_iter_next (&iter, NULL, &record))
    {
      const char *key = au_options_get_concurrency_key (au_record_get_options (record));

      if (g_str_equal (au_record_get_function (record), "slow"))
        count_limit (functions, "slow");
      if (key != NULL)
        count_limit (concurrency_keys, key);
    }
}

/* Tells whether there was something, or may be something next time. */
static gboolean
claim_something (Chance     *self,
                 const char *queues,
                 guint       max)
{
  g_autoptr(AuClaim) claim = queue_make_claim (queues, max);
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;
  gint64 next_due;

  au_claim_set_limit (claim, "slow", 1);
  records = au_queue_claim (AU_QUEUE (self->fixture->store), claim, &next_due, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < records->len; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);

      g_hash_table_insert (self->running, (gpointer) au_record_get_key (record), au_record_ref (record));
    }
  assert_limits (self);

  return records->len > 0 || next_due != 0;
}

static void
end_something (Chance *self)
{
  AuRecord *record = pick_running (self);

  if (record != NULL)
    au_record_unref (queue_complete (self->fixture, record));
}

static void
release_something (Chance *self)
{
  g_autoptr(AuRecord) record = pick_running (self);
  g_autoptr(AuRecord) released = NULL;
  g_autoptr(GError) error = NULL;

  if (record == NULL)
    return;

  released = au_queue_release (AU_QUEUE (self->fixture->store), record, 0, NULL, &error);
  g_assert_no_error (error);
}

/* Those that wait and will not run are what others may wait for in vain. */
static void
cancel_some (Chance *self)
{
  for (guint i = 0; i < 4; i++)
    {
      const char *key = pick (self);
      g_autoptr(AuRecord) record = key != NULL ? queue_load (self->fixture, key) : NULL;

      if (record != NULL && au_record_get_status (record) == AU_STATUS_PENDING)
        au_record_unref (queue_cancel (self->fixture, key));
    }
}

static void
remove_something (Chance *self)
{
  const char *key = pick (self);
  g_autoptr(GError) error = NULL;

  if (key == NULL)
    return;

  g_hash_table_remove (self->running, key);
  au_store_remove (self->fixture->store, key, NULL, &error);
  g_assert_no_error (error);
  g_ptr_array_remove_fast (self->keys, (gpointer) key);
}

static void
do_something (Chance *self)
{
  static const char *const queues[] = { "q", "r", "q r", "r q" };

  switch (g_test_rand_int_range (0, 9))
    {
    case 0:
      end_something (self);
      break;
    case 1:
      release_something (self);
      break;
    case 2:
      cancel_some (self);
      break;
    case 3:
      remove_something (self);
      break;
    case 4:
      au_queue_set_paused (AU_QUEUE (self->fixture->store), g_test_rand_bit () ? "q" : "r",
                           g_test_rand_bit (), NULL, NULL);
      break;
    default:
      claim_something (self, queues[g_test_rand_int_range (0, 4)], g_test_rand_int_range (1, 5));
    }
}

/* Runs what is left. */
static void
run_down (Chance *self)
{
  AuQueue *queue = AU_QUEUE (self->fixture->store);
  g_autoptr(AuQuery) query = au_query_new ();

  au_queue_set_paused (queue, "q", FALSE, NULL, NULL);
  au_queue_set_paused (queue, "r", FALSE, NULL, NULL);
  while (claim_something (self, "q r", 4) || g_hash_table_size (self->running) > 0)
    end_something (self);

  au_query_set_statuses (query, AU_STATUS_FLAGS_PENDING | AU_STATUS_FLAGS_RUNNING);
  g_assert_cmpint (au_store_count (self->fixture->store, query, NULL, NULL), ==, 0);
}

static void
test_nothing_waits_for_ever_under_limits (StoreFixture *fixture)
{
  Chance self = { .fixture = fixture };

  self.keys = g_ptr_array_new_with_free_func (g_free);
  self.running = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) au_record_unref);
  for (guint i = 0; i < au_test_scale (ROUNDS); i++)
    {
      for (guint j = 0; j < PUT_IN_A_ROUND; j++)
        put_something (&self);
      for (guint j = 0; j < STEPS_IN_A_ROUND; j++)
        do_something (&self);
      run_down (&self);
      g_ptr_array_set_size (self.keys, 0);
    }

  g_hash_table_unref (self.running);
  g_ptr_array_unref (self.keys);
}

void
queue_suite_add_limits (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "function-has-a-limit", test_function_has_a_limit);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "function-limit-is-that-of-the-claim", test_function_limit_is_that_of_the_claim);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "concurrency-key-has-a-limit", test_concurrency_key_has_a_limit);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "every-end-makes-room", test_every_end_makes_room);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "paused-queue-holds-nobody-up", test_paused_queue_holds_nobody_up);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "urgency-counts-among-the-limited", test_urgency_counts_among_the_limited);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "many-without-room-hold-nobody-up", test_many_without_room_hold_nobody_up);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "room-of-a-key-is-not-kept-by-a-full-function", test_room_of_a_key_is_not_kept_by_a_full_function);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "nothing-waits-for-ever-under-limits", test_nothing_waits_for_ever_under_limits);
  store_suite_add_test (kind, STORE_NEEDS_PERSISTENT, "limits-survive-reopening", test_limits_survive_reopening);
}
