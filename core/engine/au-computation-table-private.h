/* au-computation-table-private.h: the computations that an engine knows of, by key
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-computation-private.h"

G_BEGIN_DECLS

/* Holds no reference on its computations: they leave it when they are freed. But while
 * it has any it keeps its engine alive, so that a computation may use its engine. */
typedef struct _AuComputationTable AuComputationTable;

AuComputationTable *au_computation_table_new    (AuEngine           *engine);
void                au_computation_table_free   (AuComputationTable *self);

guint32             au_computation_table_hash   (const char         *key);
/* Puts the computation in, unless there is one of the same key, which is returned. */
AuComputation      *au_computation_table_add    (AuComputationTable *self,
                                                 AuComputation      *computation,
                                                 gboolean            is_new);
AuComputation      *au_computation_table_lookup (AuComputationTable *self,
                                                 const char         *key);
/* Makes the key free again; the computation lives on outside. */
void                au_computation_table_detach (AuComputationTable *self,
                                                 AuComputation      *computation);
void                au_computation_table_remove (AuComputationTable *self,
                                                 AuComputation      *computation);
GPtrArray          *au_computation_table_snapshot (AuComputationTable *self);

G_END_DECLS
