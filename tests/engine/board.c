/* board.c: what functions of a test write down, wherever they run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "board.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static Board *board;

static Board *
map_board (int fd)
{
  Board *mapped = mmap (NULL, sizeof *mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

  g_assert_true (mapped != MAP_FAILED);

  return mapped;
}

/* It has no name in any folder, so that nothing is left of it. */
void
board_init (void)
{
  int fd = memfd_create ("board", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd/%d", (int) getpid (), fd);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof *board), ==, 0);
  board = map_board (fd);
  g_assert_true (g_setenv ("AU_TEST_BOARD", path, TRUE));
}

Board *
board_get (void)
{
  static gsize found;

  if (g_once_init_enter (&found))
    {
      if (board == NULL)
        {
          int fd = open (g_getenv ("AU_TEST_BOARD"), O_RDWR | O_CLOEXEC);

          g_assert_cmpint (fd, >=, 0);
          board = map_board (fd);
          close (fd);
        }
      g_once_init_leave (&found, 1);
    }

  return board;
}
