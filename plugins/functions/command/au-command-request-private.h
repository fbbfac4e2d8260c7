/* au-command-request-private.h: which program to run, and how
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

typedef struct
{
  char    **argv;               /* never empty */
  char    **environment;        /* NULL: the one of this process */
  char     *folder;             /* NULL: the one of this process */
  GBytes   *input;              /* NULL: none */

  guint64   max_output;         /* bytes of each of stdout and stderr */
  guint64   memory;             /* bytes, 0: no limit */
  guint64   cpu_time;           /* seconds, 0: no limit */
  guint64   files;              /* 0: no limit */

  GTimeSpan grace;
  gboolean  check;
} AuCommandRequest;

gboolean au_command_request_init  (AuCommandRequest *self,
                                   GVariant         *arguments,
                                   GError          **error);
void     au_command_request_clear (AuCommandRequest *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AuCommandRequest, au_command_request_clear)

G_END_DECLS
