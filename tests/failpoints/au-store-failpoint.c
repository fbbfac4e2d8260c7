/* au-store-failpoint.c: lets a process die
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-failpoint.h"

#include "plugins/store/shared/au-store-failpoint-private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The linker knows where what is in a section of such a name begins and ends. */
extern const char *__start_au_failpoints[] __attribute__ ((visibility ("hidden")));
extern const char *__stop_au_failpoints[] __attribute__ ((visibility ("hidden")));

static void
list_names (const char *file)
{
  g_autoptr(GString) names = g_string_new (NULL);

  for (const char **name = __start_au_failpoints; name < __stop_au_failpoints; name++)
    g_string_append_printf (names, "%s\n", *name);
  g_file_set_contents (file, names->str, names->len, NULL);
}

void
au_store_failpoint_pass (const char *name)
{
  static gint n_passed = 0;
  const char *wanted = g_getenv ("AU_FAILPOINT");
  gsize length = strlen (name);

  if (wanted == NULL)
    return;

  if (g_str_has_prefix (wanted, "list:"))
    {
      if (g_atomic_int_add (&n_passed, 1) == 0)
        list_names (wanted + strlen ("list:"));
      return;
    }

  if (strncmp (wanted, name, length) != 0 || wanted[length] != ':')
    return;

  if (g_atomic_int_add (&n_passed, 1) + 1 == atoi (wanted + length + 1))
    _exit (AU_STORE_FAILPOINT_STATUS);
}
