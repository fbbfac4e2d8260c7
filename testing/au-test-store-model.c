/* au-test-store-model.c: a store does what a simple model does
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-store-private.h"

#include <string.h>

/* The same random sequence of calls is made to a store and to a model of it that is too
 * simple to be wrong; each result must be the same.
 */

/* The model: a record, and the items it has given. */
typedef struct
{
  AuRecord  *record;
  GPtrArray *items;
  guint      items_attempt;
} Entry;

typedef struct
{
  StoreFixture *fixture;
  GHashTable   *entries; /* key → Entry */
} Model;

static void
entry_free (Entry *entry)
{
  au_record_unref (entry->record);
  g_ptr_array_unref (entry->items);
  g_free (entry);
}

static char *
pick_key (void)
{
  static const char *const keys[] = { "a", "b", "c", "d", "e", "f", "A", "ab", "a-b", "a.b", "a:b", "z" };

  return g_strdup (keys[g_test_rand_int_range (0, G_N_ELEMENTS (keys))]);
}

static const char *
pick (const char *const *words,
      guint              n)
{
  return words[g_test_rand_int_range (0, n)];
}

static AuRecord *
pick_new_record (const char *key,
                 gboolean    may_be_unique)
{
  static const char *const functions[] = { "f", "f", "f", "g" };
  static const char *const words[] = { NULL, NULL, "u", "v" };
  static const char *const queues[] = { NULL, "q", "r" };
  const char *const tags[] = { "t", NULL };
  g_autoptr(AuOptions) options = au_options_new ();

  if (may_be_unique)
    au_options_set_unique_key (options, pick (words, G_N_ELEMENTS (words)));
  au_options_set_queue (options, pick (queues, G_N_ELEMENTS (queues)));
  au_options_set_ttl (options, g_test_rand_int_range (0, 4) * 90 * G_TIME_SPAN_SECOND);
  au_options_set_attempts (options, g_test_rand_int_range (1, 4));
  if (g_test_rand_bit ())
    au_options_set_tags (options, tags);

  return au_record_new (key, pick (functions, G_N_ELEMENTS (functions)),
                        g_test_rand_int_range (0, 8) == 0 ? g_variant_new ("(i)", 7) : NULL, options);
}

/* What somebody may want to do with a record; NULL when it is not allowed. */
static AuRecord *
pick_transition (AuRecord *record)
{
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "no luck");
  guint attempt = au_record_get_attempt (record);

  switch (g_test_rand_int_range (0, 10))
    {
    case 0:
      return au_transition_report (record, attempt, g_test_rand_double_range (0, 1), "text", NULL);
    case 1:
      return au_transition_fail (record, attempt, reason, NULL);
    case 2:
      return au_transition_lose (record, attempt, reason, NULL);
    case 3:
      return au_transition_cancel (record, NULL);
    case 4:
      return au_transition_retry (record, NULL);
    case 5:
      return au_transition_release (record, attempt, NULL);
    case 6:
      return au_transition_complete (record, attempt, g_variant_new_uint64 (G_MAXUINT64), NULL);
    case 7:
      return au_transition_set_metadata (record, "name", g_variant_new_double (0.1), NULL);
    default:
      return au_transition_begin (record, "owner", 0, NULL);
    }
}

static gboolean
is_unfinished (AuRecord *record)
{
  return !au_status_is_terminal (au_record_get_status (record));
}

/* Finds who holds the unique key of a record, other than itself. */
static Entry *
find_holder (Model    *model,
             AuRecord *record)
{
  const char *unique_key = au_options_get_unique_key (au_record_get_options (record));
  GHashTableIter iter;
  Entry *entry;

  if (unique_key == NULL || !is_unfinished (record))
    return NULL;

  g_hash_table_iter_init (&iter, model->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      const char *other = au_options_get_unique_key (au_record_get_options (entry->record));

      if (is_unfinished (entry->record) && g_strcmp0 (other, unique_key) == 0 &&
          !g_str_equal (au_record_get_key (entry->record), au_record_get_key (record)))
        return entry;
    }

  return NULL;
}

static gboolean
is_same_computation (AuRecord *a,
                     AuRecord *b)
{
  GVariant *arguments_a = au_record_get_arguments (a);
  GVariant *arguments_b = au_record_get_arguments (b);

  return g_str_equal (au_record_get_function (a), au_record_get_function (b)) &&
         (arguments_a == NULL) == (arguments_b == NULL) &&
         (arguments_a == NULL || g_variant_equal (arguments_a, arguments_b));
}

/* What the model does. Each returns a code of AuError, or -1 on success. */

static int
model_insert (Model     *model,
              AuRecord  *record,
              AuRecord **stored,
              gboolean  *created)
{
  Entry *entry = g_hash_table_lookup (model->entries, au_record_get_key (record));

  *created = FALSE;
  *stored = NULL;
  if (entry != NULL && !is_same_computation (entry->record, record))
    return AU_ERROR_CONFLICT;

  if (entry == NULL)
    entry = find_holder (model, record);
  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->record = au_record_ref (record);
      entry->items = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
      g_hash_table_insert (model->entries, g_strdup (au_record_get_key (record)), entry);
      *created = TRUE;
    }

  *stored = entry->record;
  return -1;
}

static int
model_replace (Model    *model,
               AuRecord *record,
               guint64   expected)
{
  Entry *entry = g_hash_table_lookup (model->entries, au_record_get_key (record));

  if (entry == NULL)
    return AU_ERROR_NOT_FOUND;
  if (au_record_get_revision (entry->record) != expected)
    return AU_ERROR_CONFLICT;
  if (!au_transition_check (entry->record, record, NULL) ||
      (!is_unfinished (entry->record) && find_holder (model, record) != NULL))
    return AU_ERROR_INVALID_TRANSITION;

  au_record_unref (entry->record);
  entry->record = au_record_ref (record);
  return -1;
}

static int
model_append (Model      *model,
              const char *key,
              guint       attempt,
              guint64     index,
              GVariant   *item)
{
  Entry *entry = g_hash_table_lookup (model->entries, key);
  guint64 n_items;

  if (entry == NULL)
    return AU_ERROR_NOT_FOUND;
  if (attempt < au_record_get_attempt (entry->record) ||
      (entry->items->len > 0 && attempt < entry->items_attempt))
    return AU_ERROR_STALE;

  n_items = attempt == entry->items_attempt ? entry->items->len : 0;
  if (index > n_items)
    return AU_ERROR_CONFLICT;
  if (index < n_items)
    return g_variant_equal (g_ptr_array_index (entry->items, index), item) ? -1 : AU_ERROR_CONFLICT;

  if (n_items == 0)
    g_ptr_array_set_size (entry->items, 0);
  entry->items_attempt = attempt;
  g_ptr_array_add (entry->items, g_variant_ref (item));
  return -1;
}

/* Steps: the same call to both */

static void
assert_outcome (const GError *error,
                int           code)
{
  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, AU_ERROR, code);
}

static void
step_insert (Model *model)
{
  g_autofree char *key = pick_key ();
  g_autoptr(AuRecord) record = pick_new_record (key, TRUE);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created, model_created;
  AuRecord *model_stored;
  int code;

  stored = au_store_insert (model->fixture->store, record, &created, NULL, &error);
  code = model_insert (model, record, &model_stored, &model_created);

  assert_outcome (error, code);
  g_assert_cmpint (created, ==, model_created);
  if (code < 0)
    au_test_record_assert_equal (stored, model_stored);
  else
    g_assert_null (stored);
}

static void
step_load (Model *model)
{
  g_autofree char *key = pick_key ();
  Entry *entry = g_hash_table_lookup (model->entries, key);

  if (entry != NULL)
    au_test_store_assert_holds (model->fixture->store, entry->record);
  else
    au_test_store_assert_lacks (model->fixture->store, key);
}

static void
step_replace (Model *model)
{
  g_autofree char *key = pick_key ();
  Entry *entry = g_hash_table_lookup (model->entries, key);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  guint64 expected;
  gboolean replaced;
  int code;

  if (entry != NULL)
    {
      record = pick_transition (entry->record);
    }
  else
    {
      g_autoptr(AuRecord) first = pick_new_record (key, TRUE);

      record = au_transition_begin (first, NULL, 0, NULL);
    }
  if (record == NULL)
    return;

  expected = MAX (au_record_get_revision (record) - 1, 1);
  if (g_test_rand_int_range (0, 8) == 0)
    expected += g_test_rand_int_range (1, 3);

  replaced = au_store_replace (model->fixture->store, record, expected, NULL, &error);
  code = model_replace (model, record, expected);
  assert_outcome (error, code);
  g_assert_cmpint (replaced, ==, code < 0);
}

static void
step_remove (Model *model)
{
  g_autofree char *key = pick_key ();
  g_autoptr(GError) error = NULL;
  gboolean removed = au_store_remove (model->fixture->store, key, NULL, &error);

  assert_outcome (error, g_hash_table_remove (model->entries, key) ? -1 : AU_ERROR_NOT_FOUND);
  g_assert_cmpint (removed, ==, error == NULL);
}

static void
step_append (Model *model)
{
  g_autofree char *key = pick_key ();
  g_autoptr(GVariant) item = g_variant_ref_sink (g_variant_new_int32 (g_test_rand_int_range (0, 2)));
  Entry *entry = g_hash_table_lookup (model->entries, key);
  guint attempt = entry != NULL ? au_record_get_attempt (entry->record) : 1;
  guint64 index = entry != NULL && entry->items_attempt == attempt ? entry->items->len : 0;
  g_autoptr(GError) error = NULL;

  if (attempt > 0 && g_test_rand_int_range (0, 6) == 0)
    attempt--;
  if (g_test_rand_int_range (0, 6) == 0)
    index = g_test_rand_int_range (0, 4);

  au_store_append_item (model->fixture->store, key, attempt, index, item, NULL, &error);
  assert_outcome (error, model_append (model, key, attempt, index, item));
}

static void
step_list_items (Model *model)
{
  g_autofree char *key = pick_key ();
  guint first = g_test_rand_int_range (0, 4);
  guint limit = g_test_rand_int_range (0, 4);
  Entry *entry = g_hash_table_lookup (model->entries, key);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) items = au_store_list_items (model->fixture->store, key, first, limit, NULL, &error);
  guint n = 0;

  assert_outcome (error, entry != NULL ? -1 : AU_ERROR_NOT_FOUND);
  if (entry == NULL)
    return;

  for (guint i = first; i < entry->items->len && (limit == 0 || n < limit); i++, n++)
    {
      g_assert_cmpuint (n, <, items->len);
      g_assert_cmpvariant (g_ptr_array_index (items, n), g_ptr_array_index (entry->items, i));
    }
  g_assert_cmpuint (items->len, ==, n);
}

static int
compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
step_list (Model *model)
{
  static const char *const functions[] = { NULL, NULL, "f", "g" };
  static const char *const queues[] = { NULL, NULL, "q", "s" };
  static const char *const tags[] = { NULL, "t" };
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) keys = g_ptr_array_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *after = pick_key ();
  guint limit = g_test_rand_int_range (0, 5);
  GHashTableIter iter;
  gpointer key;
  guint n = 0;

  au_query_set_function (query, pick (functions, G_N_ELEMENTS (functions)));
  au_query_set_queue (query, pick (queues, G_N_ELEMENTS (queues)));
  au_query_set_tag (query, pick (tags, G_N_ELEMENTS (tags)));
  au_query_set_limit (query, limit);
  if (g_test_rand_bit ())
    au_query_set_statuses (query, g_test_rand_int_range (0, AU_STATUS_FLAGS_ANY + 1));
  if (g_test_rand_bit ())
    au_query_set_after_key (query, after);

  records = au_store_list (model->fixture->store, query, NULL, &error);
  g_assert_no_error (error);

  g_hash_table_iter_init (&iter, model->entries);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, compare_strings);

  for (guint i = 0; i < keys->len && (limit == 0 || n < limit); i++)
    {
      Entry *entry = g_hash_table_lookup (model->entries, g_ptr_array_index (keys, i));

      if (!au_query_matches (query, entry->record))
        continue;
      g_assert_cmpuint (n, <, records->len);
      au_test_record_assert_equal (g_ptr_array_index (records, n++), entry->record);
    }

  g_assert_cmpuint (records->len, ==, n);
  g_assert_cmpint (au_store_count (model->fixture->store, query, NULL, &error), ==, n);
}

static void
step_clean_up (Model *model)
{
  guint limit = g_test_rand_int_range (1, 4);
  /* Ahead of the clock, by which a store may remove what has expired on its own. */
  gint64 now = au_clock_get_real_time () + g_test_rand_int_range (0, 300) * G_TIME_SPAN_SECOND;
  g_autoptr(GError) error = NULL;
  GHashTableIter iter;
  guint n_due = 0, n_gone = 0;
  Entry *entry;
  gint n;

  n = au_store_cleanup_expired (model->fixture->store, now, limit, NULL, &error);
  g_assert_no_error (error);

  /* Which of those that are due go first is the store's choice. */
  g_hash_table_iter_init (&iter, model->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      g_autoptr(AuRecord) stored = NULL;
      gint64 expires = au_record_get_expires (entry->record);

      if (is_unfinished (entry->record) || expires == 0 || expires > now)
        continue;

      n_due++;
      stored = au_store_load (model->fixture->store, au_record_get_key (entry->record), NULL, NULL);
      if (stored == NULL)
        {
          n_gone++;
          g_hash_table_iter_remove (&iter);
        }
    }

  g_assert_cmpint (n, ==, MIN (n_due, limit));
  g_assert_cmpint (n_gone, ==, n);
}

/* Some writes together, of different keys; unique keys would make their order matter. */
static void
step_write_many (Model *model)
{
  static const char *const keys[] = { "m0", "m1", "m2", "m3", "m4", "m5" };
  AuWrite writes[G_N_ELEMENTS (keys)] = { 0 };
  guint n = g_test_rand_int_range (1, G_N_ELEMENTS (keys) + 1);

  for (guint i = 0; i < n; i++)
    {
      Entry *entry = g_hash_table_lookup (model->entries, keys[i]);

      if (entry != NULL && g_test_rand_int_range (0, 4) > 0)
        {
          writes[i].record = pick_transition (entry->record);
          writes[i].expected = au_record_get_revision (entry->record);
        }
      if (writes[i].record == NULL)
        {
          writes[i].record = pick_new_record (keys[i], FALSE);
          writes[i].expected = 0;
        }
    }

  au_store_write_many (model->fixture->store, writes, n, NULL);

  for (guint i = 0; i < n; i++)
    {
      AuRecord *stored = writes[i].record;
      gboolean created = FALSE;
      int code;

      if (writes[i].expected > 0)
        code = model_replace (model, writes[i].record, writes[i].expected);
      else
        code = model_insert (model, writes[i].record, &stored, &created);

      assert_outcome (writes[i].error, code);
      g_assert_cmpint (writes[i].created, ==, created);
      if (code < 0)
        au_test_record_assert_equal (writes[i].stored, stored);

      au_record_unref (writes[i].record);
      g_clear_pointer (&writes[i].stored, au_record_unref);
      g_clear_error (&writes[i].error);
    }
}

/* All steps together are shorter than any time to live. */
static void
step_time (Model *model)
{
  au_clock_advance (g_test_rand_int_range (0, G_USEC_PER_SEC / 10));

  if ((au_store_get_flags (model->fixture->store) & AU_STORE_PERSISTENT) != 0 &&
      g_test_rand_int_range (0, 8) == 0)
    store_fixture_reopen (model->fixture);
}

static void
test_random_calls_do_what_the_model_does (StoreFixture *fixture)
{
  static void (*const steps[]) (Model *model) = {
    step_insert, step_insert, step_insert, step_load, step_replace, step_replace, step_replace,
    step_replace, step_remove, step_append, step_append, step_list_items, step_list,
    step_clean_up, step_write_many, step_write_many, step_time,
  };
  guint n_steps = au_test_scale (600);
  Model model = { .fixture = fixture };

  model.entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) entry_free);
  au_clock_freeze ();

  for (guint i = 0; i < n_steps; i++)
    {
      void (*step) (Model *model) = steps[g_test_rand_int_range (0, G_N_ELEMENTS (steps))];

      if ((step != step_append && step != step_list_items) || store_fixture_keeps_items (fixture))
        step (&model);
    }

  au_clock_thaw ();
  g_hash_table_unref (model.entries);
}

void
store_suite_add_model (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "random-calls-do-what-the-model-does",
                        test_random_calls_do_what_the_model_does);
}
