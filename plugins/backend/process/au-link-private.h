/* au-link-private.h: one end of the socket between a program and a worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-wire-private.h"

G_BEGIN_DECLS

/* Sending is MT safe, and so is receiving beside it; only one may receive at a time. */
typedef struct _AuLink AuLink;

typedef enum
{
  AU_LINK_OK,
  AU_LINK_AGAIN,        /* the socket is full, or empty */
  AU_LINK_CLOSED,
  AU_LINK_BROKEN,       /* what came is no frame */
} AuLinkState;

/* Takes over @fd. */
AuLink      *au_link_new      (int             fd);
void         au_link_free     (AuLink         *self);
int          au_link_get_fd   (AuLink         *self);

/* Between these two, frames are written to the buffer that the first one gives. */
GByteArray  *au_link_lock     (AuLink         *self);
void         au_link_unlock   (AuLink         *self);
/* Between them, too: a value with its frame, of which @begin started the writing. */
void         au_link_put_value (AuLink        *self,
                                gsize          begin,
                                GVariant      *value,
                                int            fd);
/* How much is still to be sent; more than 0 after AU_LINK_AGAIN. */
gsize        au_link_get_pending (AuLink      *self);
AuLinkState  au_link_flush    (AuLink         *self,
                               gboolean        block);

/* Called with each frame; FALSE when it is not as it should be. */
typedef gboolean (*AuLinkFunc) (AuWireReader *reader,
                                gpointer      data);

/* Receives one packet. */
AuLinkState  au_link_receive  (AuLink         *self,
                               gboolean        block,
                               AuLinkFunc      func,
                               gpointer        data);

G_END_DECLS
