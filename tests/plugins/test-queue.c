/* test-queue.c: the queues that come with au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test.h>

/* A store with the setting that a key file would have. */
typedef struct
{
  const char *name;
  const char *type;
  const char *setting;
} Kind;

static const Kind kinds[] = {
  { "memory", "memory", NULL },
  { "file", "file", "durability=process" },
  { "file-power", "file", "durability=power" },
  { "sqlite", "sqlite", "durability=process" },
  { "sqlite-power", "sqlite", "durability=power" },
};

static AuStore *
open_store (const char  *place,
            gpointer     user_data,
            GError     **error)
{
  const Kind *kind = user_data;
  g_autofree char *path = g_strconcat ("path=", place, NULL);
  const char *settings[] = { kind->setting, path, NULL };

  if (kind->setting == NULL)
    settings[0] = NULL;

  return (AuStore *) au_part_new_from_strings (AU_MODULE_STORE, kind->type, settings, error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *prefix = g_strconcat ("/queue/", kinds[i].name, NULL);

      au_test_queue_add_suite (prefix, open_store, (gpointer) &kinds[i], NULL);
    }

  return g_test_run ();
}
