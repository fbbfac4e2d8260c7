/* au-limits-private.h: what a function may use in a worker process
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* 0 is no limit. */
typedef struct
{
  guint64   memory;     /* more than its worker has when it begins */
  GTimeSpan cpu_time;
  GTimeSpan timeout;
  gboolean  no_core;    /* leaves no core dump */
} AuLimits;

/* A table from names to AuLimits, by texts such as “digest.file memory=1GiB cpu-time=10s”
 * that change what @common says; the names are those of properties of @klass. */
GHashTable *au_limits_table_new (const char * const  *texts,
                                 const AuLimits      *common,
                                 GObjectClass        *klass,
                                 GError             **error);

G_END_DECLS
