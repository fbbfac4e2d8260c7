/* au-file-frame-private.h: one item in a file of items
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-header-private.h"

G_BEGIN_DECLS

/* The first line of a file of items. */
typedef struct
{
  gint64  created;  /* when the computation was */
  guint   attempt;
  gsize   size;     /* of the line */
} AuFileItemsHead;

/* Longer type strings are refused. */
#define AU_FILE_MAX_TYPE (255)

/* An item: a line about it, the value, a newline. */
typedef struct
{
  guint64     index;
  AuFileForm  form;
  char        type[AU_FILE_MAX_TYPE + 1];
  guint64     length;   /* of the value */
  guint32     check;    /* of the value and of the line before the check */
  gsize       line;     /* the length of the line, with its newline */
  guint32     line_crc;
} AuFileFrame;

typedef enum
{
  AU_FILE_FRAME_OK,
  AU_FILE_FRAME_END,        /* nothing, or half a frame that nobody has finished */
  AU_FILE_FRAME_BAD,
  AU_FILE_FRAME_UNREADABLE, /* errno says why */
} AuFileFrameResult;

char              *au_file_items_head_format (const AuFileItemsHead  *self,
                                              const char             *key);
AuFileFrameResult  au_file_items_head_read   (AuFileItemsHead        *self,
                                              int                     fd,
                                              const char             *key);

GBytes            *au_file_frame_format      (guint64                 index,
                                              GVariant               *item,
                                              AuFileForm              form);
AuFileFrameResult  au_file_frame_read        (AuFileFrame            *self,
                                              int                     fd,
                                              goffset                 offset,
                                              goffset                 size,
                                              GBytes                **value);
gsize              au_file_frame_get_size    (const AuFileFrame      *self);
GVariant          *au_file_frame_parse       (const AuFileFrame      *self,
                                              GBytes                 *value,
                                              GError                **error);

G_END_DECLS
