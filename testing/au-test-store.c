/* au-test-store.c: what every store must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-store-private.h"

struct _StoreKind
{
  grefcount        ref_count;
  char            *prefix;
  AuTestStoreFunc  open;
  gpointer         user_data;
  GDestroyNotify   destroy;
};

typedef struct
{
  StoreKind *kind;
  StoreNeeds needs;
  StoreTest  test;
} TestData;

G_DEFINE_FLAGS_TYPE (AuTestStoreFlags, au_test_store_flags,
                     G_DEFINE_ENUM_VALUE (AU_TEST_STORE_DEFAULT, "default"),
                     G_DEFINE_ENUM_VALUE (AU_TEST_STORE_NO_LARGE_VALUES, "no-large-values"))

StoreKind *
store_kind_new (const char      *prefix,
                AuTestStoreFunc  open,
                gpointer         user_data,
                GDestroyNotify   destroy)
{
  StoreKind *self = g_new0 (StoreKind, 1);

  g_ref_count_init (&self->ref_count);
  self->prefix = g_strdup (prefix);
  self->open = open;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

void
store_kind_unref (StoreKind *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self->prefix);
  g_free (self);
}

void
store_fixture_open (StoreFixture *self)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (self->store);
  self->store = self->kind->open (self->place, self->kind->user_data, &error);
  g_assert_no_error (error);
  g_assert_true (AU_IS_STORE (self->store));
}

gboolean
store_fixture_try_open (StoreFixture *self)
{
  g_autoptr(GError) error = NULL;

  self->store = self->kind->open (self->place, self->kind->user_data, &error);
  g_assert_true ((self->store != NULL) != (error != NULL));

  return self->store != NULL;
}

void
store_fixture_close (StoreFixture *self)
{
  gpointer left = self->store;

  g_object_add_weak_pointer (left, &left);
  g_clear_object (&self->store);
  /* whoever still held the store would also hold its files */
  g_assert_null (left);
}

void
store_fixture_reopen (StoreFixture *self)
{
  store_fixture_close (self);
  store_fixture_open (self);
}

GSubprocess *
store_fixture_start_child (StoreFixture     *self,
                           const char       *name,
                           GSubprocessFlags  flags)
{
  g_autofree char *path = g_strconcat (self->kind->prefix, "/", name, NULL);

  return au_test_child_new (path, self->place, flags);
}

gboolean
store_fixture_keeps_items (StoreFixture *self)
{
  return AU_STORE_GET_IFACE (self->store)->append_item != NULL;
}

/* Says what the store lacks for a test, or NULL. */
static const char *
get_lack (StoreFixture *self,
          StoreNeeds    needs)
{
  AuStoreFlags flags = au_store_get_flags (self->store);

  if ((needs & STORE_NEEDS_ITEMS) != 0 && !store_fixture_keeps_items (self))
    return "this store keeps no items";
  if ((needs & STORE_NEEDS_SOURCE) != 0 && AU_STORE_GET_IFACE (self->store)->create_source == NULL)
    return "this store does not tell of changes";
  if ((needs & STORE_NEEDS_PERSISTENT) != 0 && (flags & AU_STORE_PERSISTENT) == 0)
    return "records do not outlive this store";
  if ((needs & STORE_NEEDS_SHARED) != 0 && (flags & AU_STORE_SHARED) == 0)
    return "this store is not shared between processes";

  return NULL;
}

static void
run_in_child (const TestData *data)
{
  StoreFixture fixture = { .kind = data->kind, .place = (char *) au_test_get_place () };

  store_fixture_open (&fixture);
  data->test (&fixture);
  store_fixture_close (&fixture);
}

static void
run_test (gconstpointer user_data)
{
  const TestData *data = user_data;
  StoreFixture fixture = { .kind = data->kind };
  g_autoptr(GError) error = NULL;
  const char *lack;

  if (au_test_get_place () != NULL)
    {
      run_in_child (data);
      return;
    }

  fixture.folder = g_dir_make_tmp ("au-store-XXXXXX", &error);
  g_assert_no_error (error);
  fixture.place = g_build_filename (fixture.folder, "store", NULL);
  store_fixture_open (&fixture);

  lack = get_lack (&fixture, data->needs);
  if (lack == NULL)
    data->test (&fixture);
  else
    g_test_skip (lack);

  store_fixture_close (&fixture);
  au_test_remove_folder (fixture.folder);
  g_free (fixture.place);
  g_free (fixture.folder);
}

/* GLib frees the data of those tests only that it runs, and what a child does is not run
 * by its parent: kept here, so that it is not taken for a leak. */
static GSList *all_tests;

void
store_suite_add_test (StoreKind  *kind,
                      StoreNeeds  needs,
                      const char *name,
                      StoreTest   test)
{
  g_autofree char *path = g_strconcat (kind->prefix, "/", name, NULL);
  TestData *data = g_new0 (TestData, 1);

  g_ref_count_inc (&kind->ref_count);
  data->kind = kind;
  data->needs = needs;
  data->test = test;
  all_tests = g_slist_prepend (all_tests, data);
  g_test_add_data_func (path, data, run_test);
}

/**
 * au_test_store_add_suite:
 * @prefix: what the names of the tests start with, such as `/store/acme`
 * @flags: what to leave out
 * @open: (scope notified) (closure user_data) (destroy destroy): makes a store
 * @user_data: data for @open
 * @destroy: (nullable): frees @user_data
 *
 * Adds tests of everything that a store must do, for the stores that @open makes, to the
 * tests of this program.
 *
 * They are about records (each is created once, replaced only at the expected revision
 * and by an allowed change, and never seen in part), keys and values of all kinds and
 * sizes, unique keys, batches, cancelled calls, lists and their pages while others
 * change what is listed, time to live, items, telling of changes, threads and processes
 * that do all this at once, a store that is opened again, processes that are killed,
 * damaged files, and leaks. A random sequence of calls is compared with what a simple
 * model of a store does.
 *
 * What a store cannot do by its flags, or because it lacks an optional function, is
 * skipped, with the reason. A test that fails ends the program or, with the option `-k`
 * of the test framework, is counted. `-m slow` does ten times as much where chance has a
 * part.
 *
 * The suite freezes and moves the clock of this process, and starts this program again.
 *
 * Since: 1.0
 */
void
au_test_store_add_suite (const char      *prefix,
                         AuTestStoreFlags flags,
                         AuTestStoreFunc  open,
                         gpointer         user_data,
                         GDestroyNotify   destroy)
{
  StoreKind *kind;

  g_return_if_fail (prefix != NULL && prefix[0] == '/');
  g_return_if_fail (open != NULL);

  kind = store_kind_new (prefix, open, user_data, destroy);
  store_suite_add_records (kind);
  store_suite_add_values (kind, (flags & AU_TEST_STORE_NO_LARGE_VALUES) == 0);
  store_suite_add_listing (kind);
  store_suite_add_items (kind);
  store_suite_add_sharing (kind);
  store_suite_add_keeping (kind);
  store_suite_add_model (kind);
  store_kind_unref (kind);
}
