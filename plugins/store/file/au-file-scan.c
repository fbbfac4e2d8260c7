/* au-file-scan.c: reading text that this store wrote itself
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-scan-private.h"

#include <string.h>

gboolean
au_file_scan_text (const char **position,
                   const char  *text)
{
  gsize length = strlen (text);

  if (strncmp (*position, text, length) != 0)
    return FALSE;

  *position += length;
  return TRUE;
}

gboolean
au_file_scan_number (const char **position,
                     const char  *name,
                     guint64      max,
                     guint64     *number)
{
  const char *start;

  if (!au_file_scan_text (position, name))
    return FALSE;

  start = *position;
  for (*number = 0; g_ascii_isdigit (**position); (*position)++)
    {
      guint digit = **position - '0';

      if (*number > (max - digit) / 10)
        return FALSE;
      *number = *number * 10 + digit;
    }

  return *position > start;
}

gboolean
au_file_scan_time (const char **position,
                   const char  *name,
                   gint64      *time)
{
  gboolean negative;
  guint64 number;

  if (!au_file_scan_text (position, name))
    return FALSE;

  negative = au_file_scan_text (position, "-");
  if (!au_file_scan_number (position, "", G_MAXINT64, &number))
    return FALSE;

  *time = negative ? -(gint64) number : (gint64) number;
  return TRUE;
}

/* Reads one of some words, none of which is the start of another, and a quote. */
gboolean
au_file_scan_word (const char        **position,
                   const char         *name,
                   const char *const  *words,
                   guint               n_words,
                   guint              *word)
{
  if (!au_file_scan_text (position, name))
    return FALSE;

  for (*word = 0; *word < n_words; (*word)++)
    {
      if (au_file_scan_text (position, words[*word]))
        return au_file_scan_text (position, "\"");
    }

  return FALSE;
}

gboolean
au_file_scan_check (const char **position,
                    guint32     *check)
{
  *check = 0;
  for (guint i = 0; i < 8; i++, (*position)++)
    {
      int digit = g_ascii_xdigit_value (**position);

      if (digit < 0)
        return FALSE;
      *check = *check << 4 | digit;
    }

  return TRUE;
}

/* Writing by hand takes a tenth of the time that printf does, and this is done for
 * every change of every record. Each function returns the new end.
 */

char *
au_file_put_text (char       *end,
                  const char *text)
{
  gsize length = strlen (text);

  memcpy (end, text, length);
  return end + length;
}

char *
au_file_put_number (char    *end,
                    guint64  number)
{
  char digits[20];
  guint n_digits = 0;

  do
    digits[n_digits++] = '0' + number % 10;
  while ((number /= 10) > 0);

  while (n_digits > 0)
    *end++ = digits[--n_digits];
  return end;
}

char *
au_file_put_time (char   *end,
                  gint64  time)
{
  if (time < 0)
    *end++ = '-';
  return au_file_put_number (end, time < 0 ? -(guint64) time : (guint64) time);
}

char *
au_file_put_check (char    *end,
                   guint32  check)
{
  static const char hex[] = "0123456789abcdef";

  for (int shift = 28; shift >= 0; shift -= 4)
    *end++ = hex[(check >> shift) & 0xf];
  return end;
}
