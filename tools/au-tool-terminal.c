/* au-tool-terminal.c: what fits on a terminal
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-terminal.h"

#include <sys/ioctl.h>

#define COLUMNS_MAX (512)
#define ROWS_MAX (512)

/* Asked for anew each time, as users change the size of their windows. */
void
au_tool_terminal_get_size (int    fd,
                           guint *columns,
                           guint *rows)
{
  struct winsize size = { 0 };

  if (ioctl (fd, TIOCGWINSZ, &size) < 0)
    size.ws_col = size.ws_row = 0;
  *columns = size.ws_col > 0 ? MIN (size.ws_col, COLUMNS_MAX) : 80;
  if (rows != NULL)
    *rows = size.ws_row > 0 ? MIN (size.ws_row, ROWS_MAX) : 24;
}

/* Cuts @line, which is UTF-8, so that it does not wrap, and takes out what would
 * move the cursor. */
void
au_tool_terminal_shorten (char *line,
                          guint columns)
{
  char *p = line;

  /* A line that fills the last column wraps on some terminals. */
  while (*p != '\0')
    {
      gunichar c = g_utf8_get_char (p);
      guint width = g_unichar_iszerowidth (c) ? 0 : (g_unichar_iswide (c) ? 2 : 1);

      if (width + 1 > columns)
        break;
      columns -= width;
      if (c < 0x20 || c == 0x7f)
        *p = ' ';
      p = g_utf8_next_char (p);
    }
  *p = '\0';
}
