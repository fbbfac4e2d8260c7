/* config-fixture.c: what the tests of key files share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "config-fixture.h"

#include <au/au-error.h>
#include <au/au-param.h>

enum
{
  PROP_STORE = 1,
  PROP_BACKEND,
  PROP_MIDDLEWARE,
  PROP_TTL,
  PROP_LABEL,
};

G_DEFINE_FINAL_TYPE (TestEngine, test_engine, G_TYPE_OBJECT)

static void
test_engine_set_property (GObject      *object,
                          guint         id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  TestEngine *self = TEST_ENGINE (object);

  switch (id)
    {
    case PROP_STORE:
      self->store = g_value_dup_object (value);
      break;
    case PROP_BACKEND:
      self->backend = g_value_dup_object (value);
      break;
    case PROP_MIDDLEWARE:
      self->middleware = g_value_dup_object (value);
      break;
    case PROP_TTL:
      self->ttl = g_value_get_int64 (value);
      break;
    case PROP_LABEL:
      self->label = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
test_engine_finalize (GObject *object)
{
  TestEngine *self = TEST_ENGINE (object);

  g_clear_object (&self->store);
  g_clear_object (&self->backend);
  g_clear_object (&self->middleware);
  g_free (self->label);

  G_OBJECT_CLASS (test_engine_parent_class)->finalize (object);
}

static void
test_engine_class_init (TestEngineClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->set_property = test_engine_set_property;
  object_class->finalize = test_engine_finalize;

  g_object_class_install_property (object_class, PROP_STORE,
                                   g_param_spec_object ("store", NULL, NULL, AU_TYPE_STORE, flags));
  g_object_class_install_property (object_class, PROP_BACKEND,
                                   g_param_spec_object ("backend", NULL, NULL, AU_TYPE_BACKEND,
                                                        flags));
  g_object_class_install_property (object_class, PROP_MIDDLEWARE,
                                   g_param_spec_object ("middleware", NULL, NULL,
                                                        G_TYPE_LIST_MODEL, flags));
  g_object_class_install_property (object_class, PROP_TTL,
                                   au_param_spec_duration ("ttl", NULL, NULL, 0, G_MAXINT64,
                                                           G_TIME_SPAN_DAY, flags));
  g_object_class_install_property (object_class, PROP_LABEL,
                                   g_param_spec_string ("label", NULL, NULL, NULL, flags));
}

static void
test_engine_init (TestEngine *self)
{
}

AuConfig *
read_text (const char *text)
{
  g_autoptr(GError) error = NULL;
  AuConfig *config = au_config_new_from_data (text, -1, "au.conf", &error);

  g_assert_no_error (error);
  return config;
}

void
assert_config_refused (AuConfig   *config,
                       int         code,
                       const char *message)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_false (au_config_check (config, TEST_TYPE_ENGINE, &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, code);

  g_clear_error (&error);
  g_assert_null (au_config_create (config, TEST_TYPE_ENGINE, "au", &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, code);

  g_clear_error (&error);
  text = au_config_to_text (config, TEST_TYPE_ENGINE, &error);
  g_assert_null (text);
  g_assert_cmpstr (error->message, ==, message);
}

void
assert_refused (const char *text,
                const char *message)
{
  g_autoptr(AuConfig) config = read_text (text);

  assert_config_refused (config, AU_ERROR_CONFIG, message);
}

void
assert_setting_refused (const char *setting,
                        const char *message)
{
  g_autofree char *text = g_strdup_printf ("[au]\nstore=main\nbackend=main\n"
                                           "[backend main]\ntype=good\n"
                                           "\n[store main]\ntype=good\n# here:\n%s\n", setting);

  assert_refused (text, message);
}
