/* stream.c: items that are made when they are asked for
 *
 *   cc stream.c -o stream $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static gboolean
count (AuStream  *stream,
       gpointer   user_data,
       GError   **error)
{
  for (int i = 1; ; i++)
    {
      if (!au_stream_emit (stream, g_variant_new_int32 (i), error))
        {
          g_print ("stopped, and cleaned up\n");
          return FALSE;
        }
    }
}

int
main (void)
{
  g_autoptr(AuStream) stream = au_stream_new (count, 0, NULL, NULL);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(GVariant) item = au_stream_next (stream, -1, NULL, NULL);

      g_print ("%d\n", g_variant_get_int32 (item));
    }
  au_stream_close (stream, -1, NULL, NULL);

  return 0;
}
