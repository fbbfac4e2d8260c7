/* au-command-process-private.h: a program that runs, from start to end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-command-request-private.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean    killed;           /* by a signal */
  int         status;           /* the exit status, or the signal */
  GByteArray *output[2];        /* stdout and stderr; NULL for none */
} AuCommandOutcome;

gboolean au_command_process_run   (const AuCommandRequest *request,
                                   GCancellable           *cancellable,
                                   AuCommandOutcome       *outcome,
                                   GError                **error);
void     au_command_outcome_clear (AuCommandOutcome       *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AuCommandOutcome, au_command_outcome_clear)

G_END_DECLS
