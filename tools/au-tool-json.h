/* au-tool-json.h: lines of JSON, written quickly
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void au_tool_json_string  (GString      *json,
                           const char   *text,
                           gssize        length);
void au_tool_json_variant (GString      *json,
                           GVariant     *value);

void au_tool_json_member  (GString      *json,
                           const char   *name);
void au_tool_json_text    (GString      *json,
                           const char   *name,
                           const char   *text);
void au_tool_json_boolean (GString      *json,
                           const char   *name,
                           gboolean      value);
void au_tool_json_uint    (GString      *json,
                           const char   *name,
                           guint64       number);
void au_tool_json_seconds (GString      *json,
                           const char   *name,
                           GTimeSpan     span);
void au_tool_json_time    (GString      *json,
                           const char   *name,
                           gint64        time);
void au_tool_json_value   (GString      *json,
                           const char   *name,
                           GVariant     *value);
void au_tool_json_strv    (GString      *json,
                           const char   *name,
                           const char * const *texts);
void au_tool_json_error   (GString      *json,
                           const char   *name,
                           const GError *error);

G_END_DECLS
