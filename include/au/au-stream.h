/* au-stream.h: values that are made when they are asked for
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

/**
 * AuStreamErrors:
 * @AU_STREAM_ERRORS_RAISE: the merged stream gives what is there already, and fails then
 * @AU_STREAM_ERRORS_DELAY: the other streams are read to their ends before it fails
 * @AU_STREAM_ERRORS_SUPPRESS: a stream that fails is as one that ends
 *
 * What a merged stream does when one of those that it is made of fails.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_STREAM_ERRORS_RAISE,
  AU_STREAM_ERRORS_DELAY,
  AU_STREAM_ERRORS_SUPPRESS,
} AuStreamErrors;

#define AU_TYPE_STREAM_ERRORS (au_stream_errors_get_type ())

AU_AVAILABLE_IN_1_0
GType au_stream_errors_get_type (void);

#define AU_TYPE_STREAM (au_stream_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuStream, au_stream, AU, STREAM, GObject)

/**
 * AuStreamFunc:
 * @stream: where to emit items, with [method@Au.Stream.emit]
 * @user_data: data for the function
 * @error: return location for an error
 *
 * Makes the items of a stream, one after the other, in a worker thread.
 *
 * It returns when there are no more, or when [method@Au.Stream.emit] has failed; then it
 * may clean up, and should return the error that it was given.
 *
 * Returns: %FALSE if it has failed, with @error set
 *
 * Since: 1.0
 */
typedef gboolean (*AuStreamFunc) (AuStream *stream,
                                  gpointer  user_data,
                                  GError  **error);

AU_AVAILABLE_IN_1_0
AuStream *au_stream_new (AuStreamFunc   func,
                         guint          ahead,
                         gpointer       user_data,
                         GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuStream *au_stream_new_merged (AuStream     **streams,
                                guint          n_streams,
                                AuStreamErrors errors) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_stream_emit (AuStream *self,
                         GVariant *item,
                         GError  **error);

AU_AVAILABLE_IN_1_0
GVariant *au_stream_next (AuStream     *self,
                          GTimeSpan     timeout,
                          GCancellable *cancellable,
                          GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_stream_next_async (AuStream           *self,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
AU_AVAILABLE_IN_1_0
GVariant *au_stream_next_finish (AuStream     *self,
                                 GAsyncResult *result,
                                 GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GVariant *au_stream_next_batch (AuStream     *self,
                                GTimeSpan     timeout,
                                GCancellable *cancellable,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_stream_next_batch_async (AuStream           *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
AU_AVAILABLE_IN_1_0
GVariant *au_stream_next_batch_finish (AuStream     *self,
                                       GAsyncResult *result,
                                       GError      **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_stream_stop (AuStream     *self,
                     const GError *reason);
AU_AVAILABLE_IN_1_0
gboolean au_stream_close (AuStream     *self,
                          GTimeSpan     timeout,
                          GCancellable *cancellable,
                          GError      **error);
AU_AVAILABLE_IN_1_0
void au_stream_close_async (AuStream           *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_stream_close_finish (AuStream     *self,
                                 GAsyncResult *result,
                                 GError      **error);

G_END_DECLS
