/* au-file-listing-private.h: the marks in one folder of a queue, as this process knows them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-line-private.h"

G_BEGIN_DECLS

/* A mark. Where its record was read, what limits it is kept, so that what finds no room
 * need not be read again and again.
 */
typedef struct
{
  char    *name;
  gboolean gone;

  gboolean known;
  char    *function;
  char    *concurrency_key;
  guint    concurrency;
} AuFileListed;

/* AuFileListing: the names in a folder, sorted. To list a folder takes long when much is in
 * it, so it is listed again only when somebody has added something. Not MT safe.
 */
typedef struct
{
  AuFileLine *line;
  char       *folder;
  char       *stamped;   /* the folder whose stamp tells of changes */

  GPtrArray  *names;     /* of AuFileListed */
  guint       first;     /* all before this one are gone */
  guint64     stamp;
  gint64      listed;    /* when, monotonic; 0: never */
  gint64      cost;      /* how long that took */
} AuFileListing;

AuFileListing *au_file_listing_new      (AuFileLine     *line,
                                         const char     *folder,
                                         const char     *stamped);
void           au_file_listing_free     (AuFileListing  *self);

gboolean       au_file_listing_refresh  (AuFileListing  *self,
                                         gboolean        surely,
                                         gboolean       *current,
                                         GError        **error);
AuFileListed  *au_file_listing_get      (AuFileListing  *self,
                                         guint           index);
guint          au_file_listing_begin    (AuFileListing  *self);

G_END_DECLS
