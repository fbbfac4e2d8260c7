/* au-test-maker.c: tests of what a function of the caller makes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-maker-private.h"

static void
test_free (gpointer data)
{
  AuTestOfMaker *self = data;

  if (g_atomic_ref_count_dec (&self->maker->ref_count))
    {
      if (self->maker->destroy != NULL)
        self->maker->destroy (self->maker->user_data);
      g_free (self->maker);
    }
  g_free (self);
}

void
au_test_maker_add_suite (const char        *prefix,
                         gpointer           make,
                         gpointer           user_data,
                         GDestroyNotify     destroy,
                         const AuTestEntry *entries,
                         GTestDataFunc      run)
{
  AuTestMaker *maker = g_new0 (AuTestMaker, 1);

  g_atomic_ref_count_init (&maker->ref_count);
  maker->make = make;
  maker->user_data = user_data;
  maker->destroy = destroy;

  for (const AuTestEntry *entry = entries; entry->name != NULL; entry++)
    {
      g_autofree char *path = g_strconcat (prefix, "/", entry->name, NULL);
      AuTestOfMaker *test = g_new0 (AuTestOfMaker, 1);

      if (entry != entries)
        g_atomic_ref_count_inc (&maker->ref_count);
      test->maker = maker;
      test->entry = entry;
      g_test_add_data_func_full (path, test, run, test_free);
    }
}

gpointer
au_test_maker_make (AuTestMaker *self,
                    GType        type)
{
  g_autoptr(GError) error = NULL;
  gpointer part = self->make (self->user_data, &error);

  g_assert_no_error (error);
  g_assert_true (G_TYPE_CHECK_INSTANCE_TYPE (part, type));

  return part;
}

void
au_test_run_threads (guint       n,
                     GThreadFunc func,
                     gpointer    data)
{
  g_autofree GThread **threads = g_new (GThread *, n);

  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new (NULL, func, data);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
}
