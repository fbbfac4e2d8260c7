/* au-store-notes-private.h: which records were changed lately
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* A program that follows ten thousand computations must not look at all of them whenever
 * one changes. So who changes records notes their keys and revisions in a file, a ring of
 * the last few thousand, when the change is committed, and rings the bell afterwards. What
 * cannot be noted, or was noted too long ago, can be any.
 *
 * Notes are of those who follow now, and nothing to them when the system starts again, so
 * nobody waits for the disk. A process that is killed between its COMMIT and its note
 * leaves none: who follows has to look at everything now and then.
 */

/* AuStoreNotes: what is to be noted, of one transaction. */
typedef GByteArray AuStoreNotes;

gboolean   au_store_notes_prepare (int           fd);
void       au_store_notes_add     (AuStoreNotes *self,
                                   const char   *key,
                                   guint64       revision);
void       au_store_notes_write   (AuStoreNotes *self,
                                   int           fd);
gboolean   au_store_notes_break   (int           fd);
GPtrArray *au_store_notes_list    (int           fd,
                                   guint64      *position);

G_END_DECLS
