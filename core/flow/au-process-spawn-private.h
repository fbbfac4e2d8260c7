/* au-process-spawn-private.h: starts a program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* A descriptor of ours that becomes @target in the program. */
typedef struct
{
  int fd;
  int target;
} AuProcessDescriptor;

typedef struct
{
  const char                *program;
  const char * const        *argv;
  const char * const        *environment;   /* NULL for ours */
  const char                *folder;        /* NULL for ours */
  const AuProcessDescriptor *descriptors;
  guint                      n_descriptors;
} AuProcessSpec;

/* Starts a program as the leader of a process group of its own, with no descriptors but
 * the standard ones and those of @spec, no blocked signals, and no handled or ignored
 * ones. Gives its number, or -1. */
pid_t au_process_spawn (const AuProcessSpec  *spec,
                        int                  *pidfd,
                        GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
