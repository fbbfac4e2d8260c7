/* au-ledger-private.h: the thread that writes to a store which blocks
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-waiter-private.h"

#include <au/au-engine.h>

G_BEGIN_DECLS

typedef struct _AuComputation AuComputation;

/* Collects what is to be written while it writes, so that many changes cost one
 * synchronisation, and several changes of one record one write. */
typedef struct _AuLedger AuLedger;

AuLedger *au_ledger_new  (AuStore        *store);
/* Ends the thread, after everything that was given to it is written. */
void      au_ledger_stop (AuLedger       *self);

/* Has the newest record of the computation written. Called with its lock held and its
 * "queued" flag just set. */
void      au_ledger_add  (AuLedger       *self,
                          AuComputation  *computation);

/* Has the waiter woken, in the ledger's thread, when everything that was given to it so far
 * is written; tells whether that is still to come. */
gboolean  au_ledger_flush (AuLedger      *self,
                          AuWaiter       *waiter);

G_END_DECLS
