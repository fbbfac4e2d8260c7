/* au-rate-limit-middleware.c: lets so many computations in within a period
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>

/*
 * The type “rate-limit”: refuses computations beyond a rate, or delays them. They are
 * counted altogether, for each function, or for each value of a key of their metadata,
 * such as the user who asks.
 */

typedef enum
{
  SCOPE_ENGINE,
  SCOPE_FUNCTION,
  SCOPE_METADATA,
} AuRateLimitScope;

typedef enum
{
  EXCESS_REFUSE,
  EXCESS_DELAY,
} AuRateLimitExcess;

#define AU_TYPE_RATE_LIMIT_SCOPE (au_rate_limit_scope_get_type ())
GType au_rate_limit_scope_get_type (void);
G_DEFINE_ENUM_TYPE (AuRateLimitScope, au_rate_limit_scope,
                    G_DEFINE_ENUM_VALUE (SCOPE_ENGINE, "engine"),
                    G_DEFINE_ENUM_VALUE (SCOPE_FUNCTION, "function"),
                    G_DEFINE_ENUM_VALUE (SCOPE_METADATA, "metadata"))

#define AU_TYPE_RATE_LIMIT_EXCESS (au_rate_limit_excess_get_type ())
GType au_rate_limit_excess_get_type (void);
G_DEFINE_ENUM_TYPE (AuRateLimitExcess, au_rate_limit_excess,
                    G_DEFINE_ENUM_VALUE (EXCESS_REFUSE, "refuse"),
                    G_DEFINE_ENUM_VALUE (EXCESS_DELAY, "delay"))

#define AU_TYPE_RATE_LIMIT_MIDDLEWARE (au_rate_limit_middleware_get_type ())
G_DECLARE_FINAL_TYPE (AuRateLimitMiddleware, au_rate_limit_middleware, AU,
                      RATE_LIMIT_MIDDLEWARE, GObject)

/* MT safe. */
struct _AuRateLimitMiddleware
{
  GObject           parent_instance;

  double            rate;
  GTimeSpan         period;
  AuRateLimitScope  scope;
  char             *metadata_key;
  AuRateLimitExcess excess;
  GTimeSpan         max_delay;

  AuRateLimiter    *limiter;
};

enum
{
  PROP_0,
  PROP_RATE,
  PROP_PERIOD,
  PROP_SCOPE,
  PROP_METADATA_KEY,
  PROP_EXCESS,
  PROP_MAX_DELAY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void au_rate_limit_middleware_iface_init (AuMiddlewareInterface *iface);
static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuRateLimitMiddleware, au_rate_limit_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE,
                                                      au_rate_limit_middleware_iface_init)
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

/* What a computation is counted for; NULL for all together. */
static char *
make_key (AuRateLimitMiddleware *self,
          AuJob                 *job)
{
  GVariant *metadata = NULL;
  g_autoptr(GVariant) value = NULL;

  if (self->scope == SCOPE_FUNCTION)
    return g_strdup (au_function_get_name (au_job_get_function (job)));

  if (self->scope == SCOPE_METADATA)
    metadata = au_options_get_metadata (au_job_get_options (job));
  if (metadata != NULL)
    value = g_variant_lookup_value (metadata, self->metadata_key, NULL);
  if (value == NULL)
    return NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);

  return g_variant_print (value, TRUE);
}

static void
set_refused (AuRateLimitMiddleware  *self,
             const char             *key,
             GError                **error)
{
  guint limit = au_rate_limiter_get_limit (self->limiter);
  g_autofree char *period = au_duration_to_text (au_rate_limiter_get_period (self->limiter));
  g_autofree char *delay =
    au_duration_to_text (MAX (au_rate_limiter_get_delay (self->limiter, key), 0));

  if (key != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_REFUSED,
                 _("The rate limit of %u in %s is exceeded for “%s”: try again in %s"),
                 limit, period, key, delay);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_REFUSED,
                 _("The rate limit of %u in %s is exceeded: try again in %s"),
                 limit, period, delay);
}

static gboolean
au_rate_limit_middleware_before_compute (AuMiddleware *middleware,
                                         AuJob        *job,
                                         GError      **error)
{
  AuRateLimitMiddleware *self = AU_RATE_LIMIT_MIDDLEWARE (middleware);
  g_autofree char *key = make_key (self, job);
  GTimeSpan delay;

  if (self->excess == EXCESS_REFUSE)
    {
      if (au_rate_limiter_try_acquire (self->limiter, key))
        return TRUE;
    }
  else if (au_rate_limiter_reserve (self->limiter, key,
                                    self->max_delay > 0 ? self->max_delay : -1, &delay))
    {
      if (delay > 0)
        au_job_delay (job, delay);
      return TRUE;
    }

  set_refused (self, key, error);

  return FALSE;
}

static void
au_rate_limit_middleware_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = au_rate_limit_middleware_before_compute;
}

/* The shortest of these in which the rate allows at least one. */
static GTimeSpan
choose_period (double rate)
{
  if (rate * 1.0001 >= 1)
    return G_TIME_SPAN_SECOND;
  if (rate * 60.0001 >= 1)
    return G_TIME_SPAN_MINUTE;
  if (rate * 3600.0001 >= 1)
    return G_TIME_SPAN_HOUR;

  return G_TIME_SPAN_DAY;
}

static gboolean
au_rate_limit_middleware_init_finish (GInitable     *initable,
                                      GCancellable  *cancellable,
                                      GError       **error)
{
  AuRateLimitMiddleware *self = AU_RATE_LIMIT_MIDDLEWARE (initable);
  GTimeSpan period;
  double limit;

  if (self->limiter != NULL)
    return TRUE;

  if (self->scope == SCOPE_METADATA && self->metadata_key == NULL)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_CONFIG,
                           _("“metadata-key” is missing: with scope=metadata, it says which key of the metadata counts"));
      return FALSE;
    }

  period = self->period > 0 ? self->period : choose_period (self->rate);
  period = MIN (period, G_MAXINT64 / 4);
  limit = self->rate * period / G_TIME_SPAN_SECOND + 0.5;
  if (limit < 1 || limit > G_MAXUINT / 4)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("“rate” and “period” allow %.0f computations at a time: at least one, and less than a thousand million, are possible"),
                   limit - 0.5);
      return FALSE;
    }

  self->limiter = au_rate_limiter_new ((guint) limit, period);

  return TRUE;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = au_rate_limit_middleware_init_finish;
}

static void
au_rate_limit_middleware_finalize (GObject *object)
{
  AuRateLimitMiddleware *self = AU_RATE_LIMIT_MIDDLEWARE (object);

  g_clear_object (&self->limiter);
  g_free (self->metadata_key);

  G_OBJECT_CLASS (au_rate_limit_middleware_parent_class)->finalize (object);
}

static void
au_rate_limit_middleware_get_property (GObject    *object,
                                       guint       prop_id,
                                       GValue     *value,
                                       GParamSpec *pspec)
{
  AuRateLimitMiddleware *self = AU_RATE_LIMIT_MIDDLEWARE (object);

  switch (prop_id)
    {
    case PROP_RATE:
      g_value_set_double (value, self->rate);
      break;
    case PROP_PERIOD:
      g_value_set_int64 (value, self->period);
      break;
    case PROP_SCOPE:
      g_value_set_enum (value, self->scope);
      break;
    case PROP_METADATA_KEY:
      g_value_set_string (value, self->metadata_key);
      break;
    case PROP_EXCESS:
      g_value_set_enum (value, self->excess);
      break;
    case PROP_MAX_DELAY:
      g_value_set_int64 (value, self->max_delay);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_rate_limit_middleware_set_property (GObject      *object,
                                       guint         prop_id,
                                       const GValue *value,
                                       GParamSpec   *pspec)
{
  AuRateLimitMiddleware *self = AU_RATE_LIMIT_MIDDLEWARE (object);

  switch (prop_id)
    {
    case PROP_RATE:
      self->rate = g_value_get_double (value);
      break;
    case PROP_PERIOD:
      self->period = g_value_get_int64 (value);
      break;
    case PROP_SCOPE:
      self->scope = g_value_get_enum (value);
      break;
    case PROP_METADATA_KEY:
      self->metadata_key = g_value_dup_string (value);
      break;
    case PROP_EXCESS:
      self->excess = g_value_get_enum (value);
      break;
    case PROP_MAX_DELAY:
      self->max_delay = g_value_get_int64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_rate_limit_middleware_class_init (AuRateLimitMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = au_rate_limit_middleware_finalize;
  object_class->get_property = au_rate_limit_middleware_get_property;
  object_class->set_property = au_rate_limit_middleware_set_property;

  properties[PROP_RATE] =
    au_param_spec_rate ("rate", _("Rate"),
                        _("how many computations are let in, such as 20/s or 10/min"),
                        0, G_MAXDOUBLE, 10, flags);

  properties[PROP_PERIOD] =
    au_param_spec_duration ("period", _("Period"),
                            _("within which the rate holds: 20/s in 1min are 1200 at once, and no more for a minute; 0 for the shortest of a second, a minute, an hour and a day that allows one"),
                            0, G_MAXINT64, 0, flags);

  properties[PROP_SCOPE] =
    g_param_spec_enum ("scope", _("Scope"),
                       _("whether all computations are counted together, those of each function, or those with each value of a key of their metadata"),
                       AU_TYPE_RATE_LIMIT_SCOPE, SCOPE_ENGINE, flags);

  properties[PROP_METADATA_KEY] =
    g_param_spec_string ("metadata-key", _("Metadata key"),
                         _("with scope=metadata: which key; computations without it are counted together"),
                         NULL, flags);

  properties[PROP_EXCESS] =
    g_param_spec_enum ("excess", _("Excess"),
                       _("whether computations beyond the rate are refused, or delayed until it allows them"),
                       AU_TYPE_RATE_LIMIT_EXCESS, EXCESS_REFUSE, flags);

  properties[PROP_MAX_DELAY] =
    au_param_spec_duration ("max-delay", _("Longest delay"),
                            _("with excess=delay: those that would have to wait longer are refused; 0 for any wait"),
                            0, G_MAXINT64, 0, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
au_rate_limit_middleware_init (AuRateLimitMiddleware *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_MIDDLEWARE, "rate-limit", au_rate_limit_middleware_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_middleware_rate_limit, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Lets so many computations in within a period",
                  types, NULL)
