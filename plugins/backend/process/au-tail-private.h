/* au-tail-private.h: the last words of a worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a worker writes to its standard error: it is passed on to ours, and the end of it
 * is kept. */
typedef struct _AuTail AuTail;

/* Takes over @fd, from which it can be read. */
AuTail  *au_tail_new        (int     fd);
void     au_tail_free       (AuTail *self);
int      au_tail_get_fd     (AuTail *self);
/* Reads what there is; FALSE when nothing more will come. */
gboolean au_tail_read       (AuTail *self);
gboolean au_tail_has_more   (AuTail *self);
/* All that is kept, and its last lines. */
char    *au_tail_dup_text   (AuTail *self);
char    *au_tail_dup_lines  (AuTail *self);

G_END_DECLS
