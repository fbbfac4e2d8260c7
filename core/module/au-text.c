/* au-text.c: which word was meant
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-text-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Words longer than this are not compared letter by letter. */
#define MAX_LENGTH 64

/* How many letters must be inserted, removed, replaced or swapped with their
 * neighbour to make @b of @a, in upper or lower case (the restricted form of
 * Damerau's distance). %G_MAXUINT for very long words.
 */
guint
au_text_distance (const char *a,
                  const char *b)
{
  gsize length_a = strlen (a);
  gsize length_b = strlen (b);
  guint rows[3][MAX_LENGTH + 1];
  guint *before = rows[0];
  guint *last = rows[1];
  guint *row = rows[2];

  if (length_a > MAX_LENGTH || length_b > MAX_LENGTH)
    return G_MAXUINT;

  for (gsize j = 0; j <= length_b; j++)
    last[j] = j;

  for (gsize i = 1; i <= length_a; i++)
    {
      guint *spare = before;

      row[0] = i;
      for (gsize j = 1; j <= length_b; j++)
        {
          gboolean same = g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 1]);

          row[j] = MIN (last[j] + 1, row[j - 1] + 1);
          row[j] = MIN (row[j], last[j - 1] + (same ? 0 : 1));
          if (i > 1 && j > 1 &&
              g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 2]) &&
              g_ascii_tolower (a[i - 2]) == g_ascii_tolower (b[j - 1]))
            row[j] = MIN (row[j], before[j - 2] + 1);
        }

      before = last;
      last = row;
      row = spare;
    }

  return last[length_b];
}

/* The one of @candidates that @text was probably meant to be, or %NULL. The first of
 * several that are equally near.
 */
const char *
au_text_nearest (const char         *text,
                 const char * const *candidates)
{
  const char *nearest = NULL;
  /* In a short word two mistakes make a different word. */
  guint best = strlen (text) < 4 ? 2 : 3;

  for (; candidates != NULL && *candidates != NULL; candidates++)
    {
      guint distance = au_text_distance (text, *candidates);

      if (distance < best && distance < strlen (*candidates))
        {
          best = distance;
          nearest = *candidates;
        }
    }

  return nearest;
}

/* @words for a message: “a, b, c”, or “none”. */
char *
au_text_join (const char * const *words)
{
  if (words == NULL || words[0] == NULL)
    return g_strdup (_("none"));

  return g_strjoinv (", ", (char **) words);
}

/* Splits at each “;”. A backslash takes the next character as it stands. */
char **
au_text_split (const char *text)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new ();
  const char *p = text;

  while (*p != '\0')
    {
      g_autoptr(GString) word = g_string_new (NULL);
      gsize keep = 0;

      while (g_ascii_isspace (*p))
        p++;
      for (; *p != '\0' && *p != ';'; p++)
        {
          if (*p == '\\' && p[1] != '\0')
            {
              g_string_append_c (word, *++p);
              keep = word->len;
            }
          else
            {
              g_string_append_c (word, *p);
              if (!g_ascii_isspace (*p))
                keep = word->len;
            }
        }
      g_string_truncate (word, keep);

      /* The last word may end with a separator too. */
      if (*p == ';')
        p++;
      g_ptr_array_add (words, g_string_free (g_steal_pointer (&word), FALSE));
    }

  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&words), FALSE);
}
