/* au-concurrency-middleware.c: lets so many computations in at a time
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>

/*
 * The type “concurrency”: refuses computations while as many are waiting or running
 * already as are allowed, altogether or of each function. A backend runs so many at a
 * time anyhow; this is for those that are not to pile up before it.
 */

typedef enum
{
  SCOPE_ENGINE,
  SCOPE_FUNCTION,
} AuConcurrencyScope;

#define AU_TYPE_CONCURRENCY_SCOPE (au_concurrency_scope_get_type ())
GType au_concurrency_scope_get_type (void);
G_DEFINE_ENUM_TYPE (AuConcurrencyScope, au_concurrency_scope,
                    G_DEFINE_ENUM_VALUE (SCOPE_ENGINE, "engine"),
                    G_DEFINE_ENUM_VALUE (SCOPE_FUNCTION, "function"))

#define AU_TYPE_CONCURRENCY_MIDDLEWARE (au_concurrency_middleware_get_type ())
G_DECLARE_FINAL_TYPE (AuConcurrencyMiddleware, au_concurrency_middleware, AU,
                      CONCURRENCY_MIDDLEWARE, GObject)

/* MT safe. */
struct _AuConcurrencyMiddleware
{
  GObject            parent_instance;

  guint              limit;
  AuConcurrencyScope scope;

  AuSemaphore       *common;
  GMutex             lock;
  GHashTable        *semaphores;    /* function → AuSemaphore */
};

enum
{
  PROP_0,
  PROP_LIMIT,
  PROP_SCOPE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void au_concurrency_middleware_iface_init (AuMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuConcurrencyMiddleware, au_concurrency_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE,
                                                      au_concurrency_middleware_iface_init))

/* It stays for as long as the middleware: there are no more than functions. */
static AuSemaphore *
get_semaphore (AuConcurrencyMiddleware *self,
               const char              *function)
{
  AuSemaphore *semaphore;

  if (self->scope == SCOPE_ENGINE)
    return self->common;

  g_mutex_lock (&self->lock);
  semaphore = g_hash_table_lookup (self->semaphores, function);
  if (semaphore == NULL)
    {
      semaphore = au_semaphore_new (self->limit);
      g_hash_table_insert (self->semaphores, g_strdup (function), semaphore);
    }
  g_mutex_unlock (&self->lock);

  return semaphore;
}

static gboolean
au_concurrency_middleware_before_compute (AuMiddleware *middleware,
                                          AuJob        *job,
                                          GError      **error)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (middleware);
  const char *function = au_function_get_name (au_job_get_function (job));

  if (au_semaphore_try_acquire (get_semaphore (self, function)))
    return TRUE;

  if (self->scope == SCOPE_FUNCTION)
    g_set_error (error, AU_ERROR, AU_ERROR_REFUSED,
                 _("%u computations of “%s” are under way already: try again when one has ended"),
                 self->limit, function);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_REFUSED,
                 _("%u computations are under way already: try again when one has ended"),
                 self->limit);

  return FALSE;
}

/* Every computation that was let in ends in one of these two ways, once. */

static gboolean
au_concurrency_middleware_after_compute (AuMiddleware *middleware,
                                         AuJob        *job,
                                         AuRecord     *record,
                                         GError      **error)
{
  au_semaphore_release (get_semaphore (AU_CONCURRENCY_MIDDLEWARE (middleware),
                                       au_record_get_function (record)));

  return TRUE;
}

static void
au_concurrency_middleware_on_error (AuMiddleware *middleware,
                                    AuJob        *job,
                                    AuRecord     *record,
                                    const GError *reason)
{
  au_semaphore_release (get_semaphore (AU_CONCURRENCY_MIDDLEWARE (middleware),
                                       au_record_get_function (record)));
}

static void
au_concurrency_middleware_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = au_concurrency_middleware_before_compute;
  iface->after_compute = au_concurrency_middleware_after_compute;
  iface->on_error = au_concurrency_middleware_on_error;
}

static void
au_concurrency_middleware_constructed (GObject *object)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (object);

  G_OBJECT_CLASS (au_concurrency_middleware_parent_class)->constructed (object);

  self->common = au_semaphore_new (self->limit);
}

static void
au_concurrency_middleware_finalize (GObject *object)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (object);

  g_clear_object (&self->common);
  g_hash_table_unref (self->semaphores);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_concurrency_middleware_parent_class)->finalize (object);
}

static void
au_concurrency_middleware_get_property (GObject    *object,
                                        guint       prop_id,
                                        GValue     *value,
                                        GParamSpec *pspec)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (object);

  switch (prop_id)
    {
    case PROP_LIMIT:
      g_value_set_uint (value, self->limit);
      break;
    case PROP_SCOPE:
      g_value_set_enum (value, self->scope);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_concurrency_middleware_set_property (GObject      *object,
                                        guint         prop_id,
                                        const GValue *value,
                                        GParamSpec   *pspec)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (object);

  switch (prop_id)
    {
    case PROP_LIMIT:
      self->limit = g_value_get_uint (value);
      break;
    case PROP_SCOPE:
      self->scope = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_concurrency_middleware_class_init (AuConcurrencyMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = au_concurrency_middleware_constructed;
  object_class->finalize = au_concurrency_middleware_finalize;
  object_class->get_property = au_concurrency_middleware_get_property;
  object_class->set_property = au_concurrency_middleware_set_property;

  properties[PROP_LIMIT] =
    g_param_spec_uint ("limit", _("Limit"),
                       _("how many computations may be waiting or running at a time"),
                       1, G_MAXINT / 4, 100, flags);

  properties[PROP_SCOPE] =
    g_param_spec_enum ("scope", _("Scope"),
                       _("whether all computations are counted together, or those of each function"),
                       AU_TYPE_CONCURRENCY_SCOPE, SCOPE_ENGINE, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
au_concurrency_middleware_init (AuConcurrencyMiddleware *self)
{
  g_mutex_init (&self->lock);
  self->semaphores = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

static const AuModuleType types[] = {
  { AU_MODULE_MIDDLEWARE, "concurrency", au_concurrency_middleware_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_middleware_concurrency, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Lets so many computations in at a time",
                  types, NULL)
