/* au-units-private.h: durations, sizes and rates as people write them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What came of reading a quantity. */
typedef enum
{
  AU_QUANTITY_OK,
  AU_QUANTITY_MALFORMED,
  AU_QUANTITY_NO_UNIT,
  AU_QUANTITY_TOO_LARGE,
} AuQuantity;

AuQuantity au_units_parse_duration (const char *text,
                                    gint64     *duration);
AuQuantity au_units_parse_size     (const char *text,
                                    guint64    *size);
AuQuantity au_units_parse_rate     (const char *text,
                                    double     *rate);
char      *au_units_format_size    (guint64     size);
char      *au_units_format_rate    (double      rate);
char      *au_units_format_double  (double      value);

G_END_DECLS
