/* au-init.c: programs that are their own workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-backend.h>
#include <au/au-init.h>
#include <au/au-part.h>

#include "au-function-private.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

static GMutex command_lock;
static char **command;

/* What this process was started with: for a script, its interpreter comes first, which
 * the script itself is not told. */
static char **
read_command (void)
{
  g_autoptr(GPtrArray) words = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents ("/proc/self/cmdline", &text, &length, NULL) || length == 0)
    return NULL;

  words = g_ptr_array_new ();
  for (const char *word = text; word < text + length; word += strlen (word) + 1)
    g_ptr_array_add (words, g_strdup (word));
  g_ptr_array_add (words, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&words), FALSE);
}

static void
keep_command (int    *argc,
              char ***argv)
{
  g_mutex_lock (&command_lock);
  if (command == NULL)
    {
      command = read_command ();
      if (command == NULL && argc != NULL && argv != NULL && *argc > 0)
        command = g_strdupv (*argv);
    }
  g_mutex_unlock (&command_lock);
}

/* What is registered by now, a worker registers as well. */
static void
note_functions (void)
{
  g_autoptr(GListModel) functions = au_functions_list ();

  for (guint i = 0; i < g_list_model_get_n_items (functions); i++)
    {
      g_autoptr(AuFunction) function = g_list_model_get_item (functions, i);

      au_function_set_portable (function);
    }
}

static int
work (const char *type)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuBackend) backend = au_part_new (AU_MODULE_BACKEND, type, &error, NULL);

  if (backend != NULL)
    return au_backend_work (backend);

  g_printerr (_("This worker process cannot work: %s\n"), error->message);

  return EXIT_FAILURE;
}

/**
 * au_init:
 * @argc: (inout) (optional): the number of arguments of the program
 * @argv: (inout) (array length=argc) (optional): its arguments
 *
 * Lets the program be its own worker: backends that run computations in processes
 * start it again with the same arguments, and this function then runs computations and
 * does not return.
 *
 * Call it after the program has registered its functions, and before it does anything
 * that a worker should not do, such as opening windows or reading its input. Without
 * it, only functions of modules can be run in processes; everything else of au needs
 * no initialisation.
 *
 * To be called in the main thread, once. The arguments are left as they are.
 *
 * Since: 1.0
 */
void
au_init (int    *argc,
         char ***argv)
{
  /* A program with more rights than its user must not become what the user wants. */
  g_autofree char *type = getauxval (AT_SECURE) == 0 ? g_strdup (g_getenv ("AU_WORKER")) : NULL;

  if (type != NULL)
    {
      /* What the worker starts is none. */
      g_unsetenv ("AU_WORKER");
      exit (work (type));
    }

  keep_command (argc, argv);
  note_functions ();
}

/**
 * au_init_dup_command:
 *
 * Gets the command that starts this program again, as its own worker.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the words of the
 *   command; %NULL when the program did not call [func@Au.init], so that it would not
 *   become a worker
 *
 * Since: 1.0
 */
char **
au_init_dup_command (void)
{
  char **copy;

  g_mutex_lock (&command_lock);
  copy = g_strdupv (command);
  g_mutex_unlock (&command_lock);

  return copy;
}
