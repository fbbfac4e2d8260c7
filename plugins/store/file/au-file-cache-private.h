/* au-file-cache-private.h: records that need not be parsed again
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-header-private.h"

G_BEGIN_DECLS

typedef struct
{
  GMutex      lock;
  GHashTable *entries;  /* key → AuFileCacheEntry */
  GQueue      order;    /* of AuFileCacheEntry, oldest first */
  gsize       size;
} AuFileCachePart;

#define AU_FILE_CACHE_N_PARTS (16)

/* AuFileCache: unfinished records that this process has written or read.
 *
 * The file stays the truth: a record is taken from here only when the header of the
 * file, which has just been read, is the one that the record was kept with, so other
 * processes may write what they like. Ended records are not kept, as they do not
 * change any more. MT safe.
 */
typedef struct
{
  AuFileCachePart parts[AU_FILE_CACHE_N_PARTS];
} AuFileCache;

void      au_file_cache_init  (AuFileCache        *self);
void      au_file_cache_clear (AuFileCache        *self);

AuRecord *au_file_cache_get   (AuFileCache        *self,
                               const char         *key,
                               const AuFileHeader *header);
void      au_file_cache_put   (AuFileCache        *self,
                               AuRecord           *record,
                               const AuFileHeader *header);
void      au_file_cache_drop  (AuFileCache        *self,
                               const char         *key);

G_END_DECLS
