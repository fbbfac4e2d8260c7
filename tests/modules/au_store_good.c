/* au_store_good.c: a store for tests, with every sort of property
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

/* With a hyphen in its name, for links to this file. */
MUSEUM_DEFINE_TYPE (TestTwinStore, test_twin_store, AU_TYPE_STORE)

enum
{
  PROP_PATH = 1,
  PROP_LIMIT,
  PROP_SIZE,
  PROP_TTL,
  PROP_RATE,
  PROP_RATIO,
  PROP_ENABLED,
  PROP_KIND,
  PROP_FLAGS,
  PROP_WORDS,
  PROP_METADATA,
  PROP_PASSWORD,
  PROP_PIN,
  PROP_NEXT,
  PROP_OTHER,
  PROP_SERIALIZER,
  PROP_PARENT,
  PROP_FAIL,
  PROP_FAIL_SILENTLY,
  PROP_STATE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

typedef struct
{
  GObject parent_instance;

  GValue  values[N_PROPS];
} TestGoodStore;

typedef struct
{
  GObjectClass parent_class;
} TestGoodStoreClass;

static GType test_good_store_get_type (void);
static void  test_good_store_initable_iface_init (GInitableIface *iface);

G_DEFINE_TYPE_WITH_CODE (TestGoodStore, test_good_store, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, NULL)
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE,
                                                test_good_store_initable_iface_init))

static gboolean
test_good_store_initable_init (GInitable     *initable,
                               GCancellable  *cancellable,
                               GError       **error)
{
  TestGoodStore *self = (TestGoodStore *) initable;
  const char *fail = g_value_get_string (&self->values[PROP_FAIL]);

  if (g_value_get_boolean (&self->values[PROP_FAIL_SILENTLY]))
    return FALSE;

  if (fail != NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, fail);
      return FALSE;
    }

  return TRUE;
}

static void
test_good_store_initable_iface_init (GInitableIface *iface)
{
  iface->init = test_good_store_initable_init;
}

static void
test_good_store_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  TestGoodStore *self = (TestGoodStore *) object;

  g_value_copy (&self->values[id], value);
}

static void
test_good_store_set_property (GObject      *object,
                              guint         id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  TestGoodStore *self = (TestGoodStore *) object;

  g_value_copy (value, &self->values[id]);
}

static void
test_good_store_finalize (GObject *object)
{
  TestGoodStore *self = (TestGoodStore *) object;

  for (guint i = 1; i < N_PROPS; i++)
    g_value_unset (&self->values[i]);

  G_OBJECT_CLASS (test_good_store_parent_class)->finalize (object);
}

static void
test_good_store_class_init (TestGoodStoreClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = test_good_store_get_property;
  object_class->set_property = test_good_store_set_property;
  object_class->finalize = test_good_store_finalize;

  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL,
                                               flags | G_PARAM_CONSTRUCT_ONLY);
  properties[PROP_LIMIT] = g_param_spec_int ("limit", NULL, NULL, 1, 64, 8, flags);
  properties[PROP_SIZE] = au_param_spec_size ("size", NULL, NULL, 0, G_MAXUINT64, 65536, flags);
  properties[PROP_TTL] = au_param_spec_duration ("ttl", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_RATE] = au_param_spec_rate ("rate", NULL, NULL, 0, G_MAXDOUBLE, 10, flags);
  properties[PROP_RATIO] = g_param_spec_double ("ratio", NULL, NULL, 0, 1, 0.5, flags);
  properties[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, TRUE, flags);
  properties[PROP_KIND] = g_param_spec_enum ("kind", NULL, NULL,
                                                   AU_TYPE_MODULE_KIND, AU_MODULE_STORE, flags);
  properties[PROP_FLAGS] = g_param_spec_flags ("flags", NULL, NULL,
                                               AU_TYPE_FUNCTION_FLAGS, 0, flags);
  properties[PROP_WORDS] = g_param_spec_boxed ("words", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_METADATA] = g_param_spec_variant ("metadata", NULL, NULL,
                                                    G_VARIANT_TYPE_VARDICT, NULL, flags);
  properties[PROP_PASSWORD] = g_param_spec_string ("password", NULL, NULL, NULL,
                                                   flags | AU_PARAM_SECRET);
  properties[PROP_PIN] = g_param_spec_uint ("pin", NULL, NULL, 0, 9999, 0,
                                            flags | AU_PARAM_SECRET);
  properties[PROP_NEXT] = g_param_spec_object ("next", NULL, NULL, AU_TYPE_STORE, flags);
  properties[PROP_OTHER] = g_param_spec_object ("other", NULL, NULL, AU_TYPE_STORE, flags);
  properties[PROP_SERIALIZER] = g_param_spec_object ("serializer", NULL, NULL,
                                                     AU_TYPE_SERIALIZER, flags);
  properties[PROP_PARENT] = g_param_spec_object ("parent", NULL, NULL, G_TYPE_CANCELLABLE, flags);
  properties[PROP_FAIL] = g_param_spec_string ("fail", NULL, NULL, NULL, flags);
  properties[PROP_FAIL_SILENTLY] = g_param_spec_boolean ("fail-silently", NULL, NULL, FALSE,
                                                         flags);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
test_good_store_init (TestGoodStore *self)
{
  for (guint i = 1; i < N_PROPS; i++)
    g_param_value_set_default (properties[i], g_value_init (&self->values[i],
                                                            properties[i]->value_type));
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "good", test_good_store_get_type },
  { AU_MODULE_STORE, "good-twin", test_twin_store_get_type },
  /* Stands for au's own where a test makes a link of that name. */
  { AU_MODULE_STORE, "sqlite", test_good_store_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_good, "1.2", "LGPL-2.1-or-later", "A store for tests", types, NULL)
