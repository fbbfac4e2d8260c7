/* au-claim.h: what a worker asks a queue for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

#define AU_TYPE_CLAIM (au_claim_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuClaim, au_claim, AU, CLAIM, GObject)

AU_AVAILABLE_IN_1_0
AuClaim *au_claim_new (void) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
const char * const *au_claim_get_queues (AuClaim *self);
AU_AVAILABLE_IN_1_0
void au_claim_set_queues (AuClaim            *self,
                          const char * const *queues);
AU_AVAILABLE_IN_1_0
guint au_claim_get_max (AuClaim *self);
AU_AVAILABLE_IN_1_0
void au_claim_set_max (AuClaim *self,
                       guint    max);
AU_AVAILABLE_IN_1_0
const char *au_claim_get_owner (AuClaim *self);
AU_AVAILABLE_IN_1_0
void au_claim_set_owner (AuClaim    *self,
                         const char *owner);
AU_AVAILABLE_IN_1_0
GTimeSpan au_claim_get_lease (AuClaim *self);
AU_AVAILABLE_IN_1_0
void au_claim_set_lease (AuClaim  *self,
                         GTimeSpan lease);
AU_AVAILABLE_IN_1_0
guint au_claim_get_limit (AuClaim    *self,
                          const char *function);
AU_AVAILABLE_IN_1_0
void au_claim_set_limit (AuClaim    *self,
                         const char *function,
                         guint       limit);
AU_AVAILABLE_IN_1_0
const char **au_claim_list_limited (AuClaim *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
