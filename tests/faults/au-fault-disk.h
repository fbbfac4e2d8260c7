/* au-fault-disk.h: what a disk was told, and not told to keep
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdint.h>

#define AU_FAULT_NAME_SIZE (64)

/* One entry of the log, followed by what was there before and by what was written. */
typedef struct
{
  char     name[AU_FAULT_NAME_SIZE];
  int64_t  offset;          /* -1: the file was synced */
  uint64_t file_size;       /* before the write */
  uint64_t before_size;
  uint64_t after_size;
} AuFaultEntry;
