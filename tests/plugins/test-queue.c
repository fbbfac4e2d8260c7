/* test-queue.c: the queues that come with au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "queue-suite.h"

/* Makes a store with the settings of its kind, as a key file would. */
static AuStore *
open_store (const QueueKind *kind,
            const char      *place)
{
  const char *const *settings = kind->data;
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;
  GObject *store;

  for (guint i = 1; settings[i] != NULL; i++)
    g_ptr_array_add (all, g_strdup (settings[i]));
  if (settings[1] != NULL)
    g_ptr_array_add (all, g_strconcat ("path=", place, NULL));
  g_ptr_array_add (all, NULL);

  store = au_part_new_from_strings (AU_MODULE_STORE, settings[0],
                                    (const char *const *) all->pdata, &error);
  g_assert_no_error (error);

  return AU_STORE (store);
}

static const char *const memory[] = { "memory", NULL };
static const char *const sqlite[] = { "sqlite", "durability=process", NULL };
static const char *const sqlite_power[] = { "sqlite", "durability=power", NULL };

static const QueueKind kinds[] = {
  { "memory", open_store, memory },
  { "sqlite", open_store, sqlite },
  { "sqlite-power", open_store, sqlite_power },
};

static const QueueKind *
find_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_str_equal (kinds[i].name, name))
        return &kinds[i];
    }

  g_assert_not_reached ();
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 5 && g_str_equal (argv[1], "--child"))
    return queue_suite_run_child (find_kind (argv[2]), argv[3], argv[4]);

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      queue_suite_add (&kinds[i]);
      queue_suite_add_after (&kinds[i]);
      queue_suite_add_limits (&kinds[i]);
      queue_suite_add_sharing (&kinds[i]);
    }

  return g_test_run ();
}
