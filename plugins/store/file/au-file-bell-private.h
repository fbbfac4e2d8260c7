/* au-file-bell-private.h: tells processes that something changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-folder-private.h"

G_BEGIN_DECLS

/* AuFileBell: whoever changes a record writes to the file “bell”, which inotify tells
 * to those who listen. A listener holds a lock on that file, so that nothing needs to
 * be written when there is none. MT safe.
 */

void     au_file_bell_ring       (AuFileFolder *folder);
GSource *au_file_bell_new_source (AuFileFolder *folder);

G_END_DECLS
