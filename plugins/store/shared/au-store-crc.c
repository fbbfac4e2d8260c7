/* au-store-crc.c: a checksum of bytes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-crc-private.h"

#include <string.h>

/* CRC-32C, the one that processors compute. Every file of a store holds them, so this
 * must never give anything else, on any machine.
 */

#define POLYNOMIAL (0x82f63b78)
#define N_TABLES (8)

static guint32 tables[N_TABLES][256];

static void
make_tables (void)
{
  for (guint32 i = 0; i < 256; i++)
    {
      guint32 crc = i;

      for (guint bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
      tables[0][i] = crc;
    }

  for (guint table = 1; table < N_TABLES; table++)
    {
      for (guint i = 0; i < 256; i++)
        tables[table][i] = (tables[table - 1][i] >> 8) ^ tables[0][tables[table - 1][i] & 0xff];
    }
}

/* Eight bytes at a time, each with a table of its own. */
static guint32
update_by_tables (guint32       crc,
                  const guint8 *data,
                  gsize         length)
{
  for (; length >= 8; length -= 8, data += 8)
    {
      crc ^= data[0] | data[1] << 8 | data[2] << 16 | (guint32) data[3] << 24;
      crc = tables[7][crc & 0xff] ^ tables[6][(crc >> 8) & 0xff] ^
            tables[5][(crc >> 16) & 0xff] ^ tables[4][crc >> 24] ^
            tables[3][data[4]] ^ tables[2][data[5]] ^ tables[1][data[6]] ^ tables[0][data[7]];
    }

  for (; length > 0; length--, data++)
    crc = (crc >> 8) ^ tables[0][(crc ^ *data) & 0xff];

  return crc;
}

#if defined (__x86_64__) && defined (__GNUC__)

__attribute__ ((target ("sse4.2")))
static guint32
update_by_instruction (guint32       crc,
                       const guint8 *data,
                       gsize         length)
{
  guint64 wide = crc;

  for (; length >= 8; length -= 8, data += 8)
    {
      guint64 word;

      memcpy (&word, data, sizeof word);
      wide = __builtin_ia32_crc32di (wide, word);
    }

  crc = (guint32) wide;
  for (; length > 0; length--, data++)
    crc = __builtin_ia32_crc32qi (crc, *data);

  return crc;
}

static gboolean
has_instruction (void)
{
  return __builtin_cpu_supports ("sse4.2");
}

#else

#define update_by_instruction update_by_tables

static gboolean
has_instruction (void)
{
  return FALSE;
}

#endif

/* Continues a checksum, which starts with 0, over more bytes. MT safe. */
guint32
au_store_crc (guint32       crc,
             gconstpointer data,
             gsize         length)
{
  static gsize way = 0;

  if (g_once_init_enter (&way))
    {
      gboolean by_instruction = has_instruction ();

      if (!by_instruction)
        make_tables ();
      g_once_init_leave (&way, by_instruction ? 1 : 2);
    }

  return ~(way == 1 ? update_by_instruction (~crc, data, length)
                    : update_by_tables (~crc, data, length));
}
