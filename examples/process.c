/* process.c: a program that runs for as long as it is needed
 *
 *   cc process.c -o process $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

static const char * const my_worker[] = {
  "sh", "-c", "echo 'Worker started!'; touch ready; sleep 60; echo 'Worker exiting!'", NULL
};

/* Asked again and again until it is. */
static gboolean
is_ready (AuProcess  *process,
          gpointer    user_data,
          GError    **error)
{
  return g_file_test ("ready", G_FILE_TEST_EXISTS);
}

static gboolean
is_service_running (AuProcess  *process,
                    gpointer    user_data,
                    GError    **error)
{
  return g_file_test ("ready", G_FILE_TEST_EXISTS);
}

static gboolean
use_worker (GError **error)
{
  g_autoptr(AuProcess) process = au_process_new (my_worker);

  g_object_set (process, "timeout", 5 * G_TIME_SPAN_SECOND, NULL);
  au_process_set_ready_func (process, is_ready, NULL, NULL);
  if (!au_process_start (process, NULL, error))
    return FALSE;

  g_print ("Process running: %s\n", au_process_is_running (process) ? "True" : "False");

  /* It ends with everything that it has started, and nothing else. */
  if (!au_process_stop (process, NULL, error))
    return FALSE;
  g_print ("Process running: %s\n", au_process_is_running (process) ? "True" : "False");

  return TRUE;
}

static gboolean
use_service (GError **error)
{
  g_autoptr(AuProcess) process = au_process_new (my_worker);

  au_process_set_found_func (process, is_service_running, NULL, NULL);
  if (!au_process_start (process, NULL, error))
    return FALSE;

  g_print ("%s\n", au_process_was_found (process) ? "Service was already running!"
                                                  : "Launched new worker process!");

  return au_process_stop (process, NULL, error);
}

int
main (void)
{
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  if (!use_worker (&error) || !use_service (&error))
    g_printerr ("process: %s\n", error->message);

  return error != NULL;
}
