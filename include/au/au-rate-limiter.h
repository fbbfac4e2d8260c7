/* au-rate-limiter.h: so many in a period, and no more
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

#define AU_TYPE_RATE_LIMITER (au_rate_limiter_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuRateLimiter, au_rate_limiter, AU, RATE_LIMITER, GObject)

AU_AVAILABLE_IN_1_0
AuRateLimiter *au_rate_limiter_new (guint     limit,
                                    GTimeSpan period) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_rate_limiter_acquire (AuRateLimiter *self,
                                  const char    *key,
                                  GTimeSpan      timeout,
                                  GCancellable  *cancellable,
                                  GError       **error);
AU_AVAILABLE_IN_1_0
gboolean au_rate_limiter_try_acquire (AuRateLimiter *self,
                                      const char    *key);
AU_AVAILABLE_IN_1_0
void au_rate_limiter_acquire_async (AuRateLimiter      *self,
                                    const char         *key,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_rate_limiter_acquire_finish (AuRateLimiter *self,
                                         GAsyncResult  *result,
                                         GError       **error);
AU_AVAILABLE_IN_1_0
GTimeSpan au_rate_limiter_get_delay (AuRateLimiter *self,
                                     const char    *key);
AU_AVAILABLE_IN_1_0
gboolean au_rate_limiter_reserve (AuRateLimiter *self,
                                  const char    *key,
                                  GTimeSpan      max_delay,
                                  GTimeSpan     *delay);

AU_AVAILABLE_IN_1_0
guint au_rate_limiter_get_limit (AuRateLimiter *self);
AU_AVAILABLE_IN_1_0
void au_rate_limiter_set_limit (AuRateLimiter *self,
                                guint          limit);
AU_AVAILABLE_IN_1_0
GTimeSpan au_rate_limiter_get_period (AuRateLimiter *self);
AU_AVAILABLE_IN_1_0
void au_rate_limiter_set_period (AuRateLimiter *self,
                                 GTimeSpan      period);
AU_AVAILABLE_IN_1_0
void au_rate_limiter_set_key_limit (AuRateLimiter *self,
                                    const char    *key,
                                    guint          limit);
AU_AVAILABLE_IN_1_0
void au_rate_limiter_unset_key_limit (AuRateLimiter *self,
                                      const char    *key);
AU_AVAILABLE_IN_1_0
guint au_rate_limiter_get_waiting (AuRateLimiter *self,
                                   const char    *key);
AU_AVAILABLE_IN_1_0
guint au_rate_limiter_get_n_keys (AuRateLimiter *self);

G_END_DECLS
