/* au-middleware.h: code around every computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-job.h>
#include <au/au-record.h>

G_BEGIN_DECLS

#define AU_TYPE_MIDDLEWARE (au_middleware_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (AuMiddleware, au_middleware, AU, MIDDLEWARE, GObject)

/**
 * AuMiddlewareInterface:
 * @parent_iface: the parent interface
 * @before_compute: (nullable): see [method@Au.Middleware.before_compute]
 * @attempt_started: (nullable): see [method@Au.Middleware.attempt_started]
 * @attempt_failed: (nullable): see [method@Au.Middleware.attempt_failed]
 * @after_compute: (nullable): see [method@Au.Middleware.after_compute]
 * @on_error: (nullable): see [method@Au.Middleware.on_error]
 * @may_launch: (nullable): see [method@Au.Middleware.may_launch]
 * @left: (nullable): see [method@Au.Middleware.left]
 *
 * What a middleware may implement; everything is optional.
 *
 * Every function may be called from any thread, and from several at once for
 * different computations. For one computation they are called one after another:
 * @before_compute; then for each attempt @may_launch, @attempt_started and, where another
 * attempt follows, @attempt_failed; at last either @after_compute or @on_error, which may
 * come at any time when it is cancelled. They must not block.
 *
 * Since: 1.0
 */
struct _AuMiddlewareInterface
{
  GTypeInterface parent_iface;

  gboolean (*before_compute)  (AuMiddleware *self,
                               AuJob        *job,
                               GError      **error);
  void     (*attempt_started) (AuMiddleware *self,
                               AuJob        *job,
                               AuRecord     *record);
  void     (*attempt_failed)  (AuMiddleware *self,
                               AuJob        *job,
                               AuRecord     *record,
                               const GError *reason);
  gboolean (*after_compute)   (AuMiddleware *self,
                               AuJob        *job,
                               AuRecord     *record,
                               GError      **error);
  void     (*on_error)        (AuMiddleware *self,
                               AuJob        *job,
                               AuRecord     *record,
                               const GError *reason);
  gboolean (*may_launch)      (AuMiddleware *self,
                               AuJob        *job);
  void     (*left)            (AuMiddleware *self,
                               AuJob        *job,
                               AuRecord     *record);

  /*< private >*/
  gpointer padding[6];
};

AU_AVAILABLE_IN_1_0
gboolean au_middleware_before_compute (AuMiddleware *self,
                                       AuJob        *job,
                                       GError      **error);
AU_AVAILABLE_IN_1_0
void au_middleware_attempt_started (AuMiddleware *self,
                                    AuJob        *job,
                                    AuRecord     *record);
AU_AVAILABLE_IN_1_0
void au_middleware_attempt_failed (AuMiddleware *self,
                                   AuJob        *job,
                                   AuRecord     *record,
                                   const GError *reason);
AU_AVAILABLE_IN_1_0
gboolean au_middleware_after_compute (AuMiddleware *self,
                                      AuJob        *job,
                                      AuRecord     *record,
                                      GError      **error);
AU_AVAILABLE_IN_1_0
void au_middleware_on_error (AuMiddleware *self,
                             AuJob        *job,
                             AuRecord     *record,
                             const GError *reason);
AU_AVAILABLE_IN_1_0
gboolean au_middleware_may_launch (AuMiddleware *self,
                                   AuJob        *job);
AU_AVAILABLE_IN_1_0
void au_middleware_left (AuMiddleware *self,
                         AuJob        *job,
                         AuRecord     *record);

G_END_DECLS
