/* scheduler.c: what is due, when it is
 *
 *   cc scheduler.c -o scheduler $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

int
main (void)
{
  g_autoptr(AuScheduler) scheduler = au_scheduler_new ();
  GVariant *payload;
  guint64 id;

  au_scheduler_add_after (scheduler, 20 * G_TIME_SPAN_MILLISECOND, g_variant_new_string ("second"), NULL);
  au_scheduler_add_after (scheduler, 10 * G_TIME_SPAN_MILLISECOND, g_variant_new_string ("first"), NULL);
  id = au_scheduler_add_after (scheduler, G_TIME_SPAN_HOUR, g_variant_new_string ("never"), NULL);
  g_print ("%s\n", au_scheduler_cancel (scheduler, id) ? "cancelled" : "?");
  au_scheduler_close (scheduler);

  while ((payload = au_scheduler_next (scheduler, -1, NULL, NULL)) != NULL)
    {
      g_print ("%s\n", g_variant_get_string (payload, NULL));
      g_variant_unref (payload);
    }

  return 0;
}
