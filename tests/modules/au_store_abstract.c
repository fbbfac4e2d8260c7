/* au_store_abstract.c: a store of which there can be no object
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

typedef struct
{
  GObject parent_instance;
} MuseumAbstract;

typedef struct
{
  GObjectClass parent_class;
} MuseumAbstractClass;

static GType museum_abstract_get_type (void);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (MuseumAbstract, museum_abstract, G_TYPE_OBJECT,
                                  G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, NULL))

static void
museum_abstract_class_init (MuseumAbstractClass *class)
{
}

static void
museum_abstract_init (MuseumAbstract *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "abstract", museum_abstract_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_abstract, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
