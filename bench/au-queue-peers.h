/* au-queue-peers.h: other systems that leave work to other processes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define AU_QUEUE_PEERS_OUTSTANDING (64)

void au_queue_peers_run      (const char *folder,
                              int         n,
                              int         n_alone);
void au_queue_peers_work     (const char *peer,
                              const char *address) G_GNUC_NORETURN;

G_END_DECLS
