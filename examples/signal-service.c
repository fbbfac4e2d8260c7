/* signal-service.c: an orderly end on Ctrl-C
 *
 *   cc signal-service.c -o signal-service $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <signal.h>
#include <unistd.h>

static gboolean
start (AuSignalService  *service,
       gpointer          data,
       GError          **error)
{
  g_print ("start %s\n", (const char *) data);
  return TRUE;
}

/* As if somebody had pressed Ctrl-C by now. */
static gboolean
interrupt (AuSignalService  *service,
           gpointer          data,
           GError          **error)
{
  kill (getpid (), SIGINT);
  return TRUE;
}

static void
stop (AuSignalService *service,
      int              signum,
      gpointer         data)
{
  g_print ("%s %s\n", signum == SIGINT ? "interrupted:" : "?", (const char *) data);
}

int
main (void)
{
  g_autoptr(AuSignalService) service = au_signal_service_new ();

  au_signal_service_add_startup (service, start, (gpointer) "the workers", NULL);
  au_signal_service_add_startup (service, interrupt, NULL, NULL);
  au_signal_service_add_callback (service, stop, (gpointer) "tell the workers", NULL);
  au_signal_service_add_join (service, stop, (gpointer) "wait for the workers", NULL);

  return au_signal_service_run (service, NULL) ? 0 : 1;
}
