/* au-file-image-private.h: a record as its file holds it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-header-private.h"

G_BEGIN_DECLS

/* As much as most files have, so that one reading is all it takes. */
#define AU_FILE_IMAGE_BUFFER (4096)

/* What was read from the file of a record. */
typedef struct
{
  AuFileHeader  header;
  const char   *record;   /* header.length bytes */
  const char   *wrong;    /* when it is damaged, what is wrong with it */

  char         *large;
  char          buffer[AU_FILE_IMAGE_BUFFER];
} AuFileImage;

typedef enum
{
  AU_FILE_IMAGE_OK,
  AU_FILE_IMAGE_DAMAGED,
  AU_FILE_IMAGE_NEWER,
  AU_FILE_IMAGE_UNREADABLE, /* errno says why */
} AuFileImageResult;

AuFileImageResult au_file_image_read   (AuFileImage  *self,
                                        int           fd);
AuRecord         *au_file_image_parse  (AuFileImage  *self,
                                        const char   *key,
                                        GError      **error);
void              au_file_image_clear  (AuFileImage  *self);

GBytes           *au_file_image_format (AuRecord     *record,
                                        AuFileForm    form);

G_END_DECLS
