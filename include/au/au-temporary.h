/* au-temporary.h: an engine with a folder of its own, both gone at its end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-engine.h>

G_BEGIN_DECLS

#define AU_TYPE_TEMPORARY (au_temporary_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuTemporary, au_temporary, AU, TEMPORARY, GObject)

AU_AVAILABLE_IN_1_0
AuTemporary *au_temporary_new (const char *backend,
                               GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuEngine *au_temporary_get_engine (AuTemporary *self);
AU_AVAILABLE_IN_1_0
const char *au_temporary_get_path (AuTemporary *self);
AU_AVAILABLE_IN_1_0
gboolean au_temporary_close (AuTemporary  *self,
                             GTimeSpan     timeout,
                             GCancellable *cancellable,
                             GError      **error);
AU_AVAILABLE_IN_1_0
void au_temporary_close_async (AuTemporary        *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_temporary_close_finish (AuTemporary  *self,
                                    GAsyncResult *result,
                                    GError      **error);

G_END_DECLS
