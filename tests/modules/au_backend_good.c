/* au_backend_good.c: a backend for tests
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

enum
{
  PROP_MAX_WORKERS = 1,
  PROP_RUNNING,
  PROP_WAITING,
  PROP_FALLBACK,
};

typedef struct
{
  GObject parent_instance;

  guint   max_workers;
  char   *fallback;
} TestGoodBackend;

typedef struct
{
  GObjectClass parent_class;
} TestGoodBackendClass;

static GType test_good_backend_get_type (void);

G_DEFINE_TYPE_WITH_CODE (TestGoodBackend, test_good_backend, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (AU_TYPE_BACKEND, NULL))

static void
test_good_backend_get_property (GObject    *object,
                                guint       id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  TestGoodBackend *self = (TestGoodBackend *) object;

  if (id == PROP_FALLBACK)
    g_value_set_string (value, self->fallback);
  else
    g_value_set_uint (value, id == PROP_MAX_WORKERS ? self->max_workers : 0);
}

static void
test_good_backend_set_property (GObject      *object,
                                guint         id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  TestGoodBackend *self = (TestGoodBackend *) object;

  if (id == PROP_MAX_WORKERS)
    self->max_workers = g_value_get_uint (value);
  else if (id == PROP_FALLBACK)
    {
      g_free (self->fallback);
      self->fallback = g_value_dup_string (value);
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
test_good_backend_finalize (GObject *object)
{
  g_free (((TestGoodBackend *) object)->fallback);

  G_OBJECT_CLASS (test_good_backend_parent_class)->finalize (object);
}

static void
test_good_backend_class_init (TestGoodBackendClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = test_good_backend_finalize;
  object_class->get_property = test_good_backend_get_property;
  object_class->set_property = test_good_backend_set_property;

  g_object_class_override_property (object_class, PROP_MAX_WORKERS, "max-workers");
  g_object_class_override_property (object_class, PROP_RUNNING, "running");
  g_object_class_override_property (object_class, PROP_WAITING, "waiting");

  /* as that has which it may stand for */
  g_object_class_install_property (object_class, PROP_FALLBACK,
                                   g_param_spec_string ("fallback", NULL, NULL, NULL,
                                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
test_good_backend_init (TestGoodBackend *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_BACKEND, "good", test_good_backend_get_type },
  /* Stands for au's own where a test makes a link of that name. */
  { AU_MODULE_BACKEND, "process", test_good_backend_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_backend_good, "1.0", "LGPL-2.1-or-later", "A backend for tests",
                  types, NULL)
