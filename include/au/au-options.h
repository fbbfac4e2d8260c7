/* au-options.h: how one computation is to be treated
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

#define AU_TYPE_OPTIONS (au_options_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuOptions, au_options, AU, OPTIONS, GObject)

AU_AVAILABLE_IN_1_0
AuOptions *au_options_new (void) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
const char *au_options_get_key (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_key (AuOptions *self,
                         const char *key);
AU_AVAILABLE_IN_1_0
GTimeSpan au_options_get_ttl (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_ttl (AuOptions *self,
                         GTimeSpan ttl);
AU_AVAILABLE_IN_1_0
GTimeSpan au_options_get_timeout (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_timeout (AuOptions *self,
                             GTimeSpan timeout);
AU_AVAILABLE_IN_1_0
GTimeSpan au_options_get_delay (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_delay (AuOptions *self,
                           GTimeSpan delay);
AU_AVAILABLE_IN_1_0
gint64 au_options_get_due (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_due (AuOptions *self,
                         gint64 due);
AU_AVAILABLE_IN_1_0
int au_options_get_priority (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_priority (AuOptions *self,
                              int priority);
AU_AVAILABLE_IN_1_0
const char *au_options_get_queue (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_queue (AuOptions *self,
                           const char *queue);
AU_AVAILABLE_IN_1_0
guint au_options_get_attempts (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_attempts (AuOptions *self,
                              guint attempts);
AU_AVAILABLE_IN_1_0
GTimeSpan au_options_get_backoff (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_backoff (AuOptions *self,
                             GTimeSpan backoff);
AU_AVAILABLE_IN_1_0
GTimeSpan au_options_get_max_backoff (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_max_backoff (AuOptions *self,
                                 GTimeSpan max_backoff);
AU_AVAILABLE_IN_1_0
const char *au_options_get_unique_key (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_unique_key (AuOptions *self,
                                const char *unique_key);
AU_AVAILABLE_IN_1_0
const char * const *au_options_get_after (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_after (AuOptions *self,
                           const char * const *after);
AU_AVAILABLE_IN_1_0
const char * const *au_options_get_tags (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_tags (AuOptions *self,
                          const char * const *tags);
AU_AVAILABLE_IN_1_0
GVariant *au_options_get_metadata (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_metadata (AuOptions *self,
                              GVariant *metadata);
AU_AVAILABLE_IN_1_0
int au_options_get_ahead (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_ahead (AuOptions *self,
                           int ahead);
AU_AVAILABLE_IN_1_0
const char * const *au_options_get_without (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_without (AuOptions *self,
                             const char * const *without);
AU_AVAILABLE_IN_1_0
gboolean au_options_get_pass_results (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_pass_results (AuOptions *self,
                                  gboolean   pass_results);
AU_AVAILABLE_IN_1_0
const char *au_options_get_concurrency_key (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_concurrency_key (AuOptions  *self,
                                     const char *concurrency_key);
AU_AVAILABLE_IN_1_0
guint au_options_get_concurrency (AuOptions *self);
AU_AVAILABLE_IN_1_0
void au_options_set_concurrency (AuOptions *self,
                                 guint      concurrency);

AU_AVAILABLE_IN_1_0
GVariant *au_options_to_variant (AuOptions *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuOptions *au_options_new_from_variant (GVariant *variant,
                                        GError  **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
