/* au_store_crash_class.c: a store that crashes when its properties are wanted
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "dangerous.h"

typedef GObject MuseumCrashClass;
typedef GObjectClass MuseumCrashClassClass;

static GType museum_crash_class_get_type (void);

G_DEFINE_TYPE_WITH_CODE (MuseumCrashClass, museum_crash_class, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, NULL))

static void
museum_crash_class_class_init (MuseumCrashClassClass *class)
{
  abort ();
}

static void
museum_crash_class_init (MuseumCrashClass *self)
{
}

DANGEROUS_DEFINE_MODULE (au_store_crash_class, "crash-class", museum_crash_class_get_type)
