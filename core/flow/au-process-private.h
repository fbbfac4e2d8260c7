/* au-process-private.h: the inside of a process
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-process.h>

#include <sys/types.h>

G_BEGIN_DECLS

typedef struct
{
  AuProcessCheckFunc func;
  gpointer           data;
  GDestroyNotify     destroy;
} AuProcessCheck;

typedef enum
{
  AU_PROCESS_NEW,
  AU_PROCESS_FOUND,     /* somebody else runs it */
  AU_PROCESS_RUNNING,
  AU_PROCESS_ENDED,
} AuProcessState;

struct _AuProcess
{
  GObject        parent_instance;

  char          *program;
  char         **argv;
  char         **environment;
  char          *folder;
  GTimeSpan      ready_delay;
  GTimeSpan      timeout;
  GTimeSpan      grace;
  gboolean       force;
  GArray        *descriptors;   /* of AuProcessDescriptor */
  AuProcessCheck ready;
  AuProcessCheck found;

  GMutex         lock;          /* for what follows */
  AuProcessState state;
  pid_t          pid;
  int            pidfd;
  int            exit_status;   /* -1 unless it exited */
  int            signal;        /* 0 unless one ended it */
  guint64        own_peak;      /* what the kernel counts from the start, in bytes */
  guint64        peak;          /* 0 when not known */
};

/* Looks whether the process has ended; its group goes with it. */
gboolean au_process_look     (AuProcess     *self);
gboolean au_process_launch   (AuProcess     *self,
                              GError       **error);
char    *au_process_dup_name (AuProcess     *self);

G_END_DECLS
