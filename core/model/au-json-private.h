/* au-json-private.h: the pieces that JSON text is made of and read with
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-json.h>

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* How deep arrays and objects of one value may be nested in each other. What holds
 * values, such as a record, adds its own depth to this. */
#define AU_JSON_MAX_DEPTH (64)

/* In place of an indentation: everything on one line. */
#define AU_JSON_COMPACT (-1)

/* Writing. An indentation is the number of levels that surround the value; each is
 * two spaces wide. */
void au_json_append_newline (GString *text,
                             int      indentation);
void au_json_append_string (GString    *text,
                            const char *string);
void au_json_append_int64 (GString *text,
                           gint64   number);
void au_json_append_uint64 (GString *text,
                            guint64  number);
void au_json_append_double (GString *text,
                            double   number);
gboolean au_json_append_variant (GString  *text,
                                 GVariant *value,
                                 int       indentation);

/* Reading. */
JsonNode *au_json_parse (const char *json,
                         gssize      length,
                         guint       max_depth,
                         GError    **error) G_GNUC_WARN_UNUSED_RESULT;
JsonNode *au_json_parse_exact (const char *json,
                               gssize      length,
                               guint       max_depth,
                               GError    **error) G_GNUC_WARN_UNUSED_RESULT;
JsonNode *au_json_node_from_variant (GVariant *value) G_GNUC_WARN_UNUSED_RESULT;
GVariant *au_json_node_to_variant (JsonNode           *node,
                                   const GVariantType *type,
                                   GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
