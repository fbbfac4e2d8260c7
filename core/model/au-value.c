/* au-value.c: what a value may be, beyond its type
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-value-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
is_within (GVariant *value,
           guint     depth)
{
  const char *type = g_variant_get_type_string (value);
  gsize n_children;

  if (!g_variant_is_container (value))
    return TRUE;
  if (depth == 0)
    return FALSE;
  /* Without variants inside, the type tells it all. */
  if (strchr (type, 'v') == NULL && strlen (type) <= depth)
    return TRUE;

  n_children = g_variant_n_children (value);
  for (gsize i = 0; i < n_children; i++)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (value, i);

      if (!is_within (child, depth - 1))
        return FALSE;
    }

  return TRUE;
}

/* Whether every store can read @value back. Most values are seen to be so at once. */
gboolean
au_value_check_depth (GVariant  *value,
                      GError   **error)
{
  const char *type = g_variant_get_type_string (value);
  gsize length = strlen (type);

  if (G_LIKELY (length <= AU_VALUE_MAX_DEPTH && strchr (type, 'v') == NULL))
    return TRUE;

  /* Each level needs a byte at least: of its own type, or of a variant's around it. */
  if (g_variant_get_size (value) + length <= AU_VALUE_MAX_DEPTH ||
      is_within (value, AU_VALUE_MAX_DEPTH))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
               _("A value of type “%s” is nested deeper than %d levels, so it could not be read back"),
               length <= AU_VALUE_MAX_DEPTH ? type : "…", AU_VALUE_MAX_DEPTH);
  return FALSE;
}
