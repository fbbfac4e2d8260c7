/* au-tool-map-private.h: a run over many inputs, and what becomes of each
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool-map.h"
#include "au-tool-progress.h"

G_BEGIN_DECLS

typedef struct _AuToolMapItem AuToolMapItem;

/* A run. */
typedef struct
{
  AuToolMapSettings settings;
  AuEngine         *engine;
  AuStore          *store;
  AuToolProgress   *progress;
  gint64            started;

  /* Whether the next run will find what this one records. */
  gboolean          persistent;

  /* How often each key was wanted, so that two equal inputs are two computations. */
  GHashTable       *repetitions;

  /* Items in the order of the inputs, with --ordered. */
  GQueue            order;

  /* Submitted items that nobody has told the engine to tell of. */
  GQueue            unwatched;
  AuToolMapItem    *marker;
  guint             batch_source;

  guint             outstanding;
  guint64           done;
  guint64           failed;
  guint64           answered;
  guint64           cancelled;
  guint64           replaced;
  guint64           unrecorded;

  guint             input_source;
  guint             flush_source;

  /* Why no more is submitted. */
  gboolean          stopping;
  gboolean          halted;
  GError           *stop_error;
} AuToolMap;

/* An input, and what becomes of it. */
struct _AuToolMapItem
{
  AuToolMap *map;
  GList      link;
  GList      unwatched_link;
  AuHandle  *handle;
  /* With --ordered: what to print once those before were printed. */
  AuRecord  *record;
  GError    *error;
  char      *key;
  gboolean   ended;
  gboolean   answered;
  gboolean   unrecorded;
  gsize      length;
  char       text[];
};

/* An input that is outstanding from now on; @text need not be kept. */
AuToolMapItem *au_tool_map_item_new     (AuToolMap     *map,
                                         const char    *text,
                                         gsize          length);
/* It has ended, with its record or because of @error, which is taken over: it is counted,
 * printed when its turn comes, and then freed. */
void           au_tool_map_item_finish  (AuToolMapItem *item);
void           au_tool_map_item_refused (AuToolMapItem *item,
                                         GError        *error);

/* Stops submitting, and cancels what is under way. */
void           au_tool_map_stop         (AuToolMap     *map);
/* A terminal sees each line at once, everybody else soon. */
void           au_tool_map_flush_soon   (AuToolMap     *map);
/* What was done, and why no more was. */
void           au_tool_map_summarize    (AuToolMap     *map);
int            au_tool_map_exit_code    (AuToolMap     *map);

G_END_DECLS
