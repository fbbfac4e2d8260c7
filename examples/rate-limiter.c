/* rate-limiter.c: three in 50 ms, for each user
 *
 *   cc rate-limiter.c -o rate-limiter $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

int
main (void)
{
  g_autoptr(AuRateLimiter) limiter = au_rate_limiter_new (3, 50 * G_TIME_SPAN_MILLISECOND);
  guint n_ann = 0, n_bob = 0;

  for (guint i = 0; i < 10; i++)
    {
      n_ann += au_rate_limiter_try_acquire (limiter, "ann");
      n_bob += au_rate_limiter_try_acquire (limiter, "bob");
    }
  g_print ("ann %u, bob %u\n", n_ann, n_bob);

  au_rate_limiter_set_key_limit (limiter, "ann", 5);
  for (guint i = 0; i < 10; i++)
    n_ann += au_rate_limiter_try_acquire (limiter, "ann");
  g_print ("ann %u\n", n_ann);

  if (au_rate_limiter_acquire (limiter, "bob", G_TIME_SPAN_SECOND, NULL, NULL))
    g_print ("bob has waited for his turn\n");

  return 0;
}
