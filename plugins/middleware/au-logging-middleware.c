/* au-logging-middleware.c: tells the log what computations do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>

/*
 * The type “logging”: one structured log entry for each step in the life of a
 * computation. The text is for people, the fields are for programs:
 *
 *   AU_KEY, AU_FUNCTION, AU_ATTEMPT, AU_STATUS   always
 *   AU_DURATION   how long the last attempt ran, in µs, once the computation ended
 *   AU_ERROR      what went wrong, where something did
 *
 * The text is not translated, as logs are searched by it.
 */

typedef enum
{
  AU_LOGGING_LEVEL_DEBUG,
  AU_LOGGING_LEVEL_INFO,
  AU_LOGGING_LEVEL_MESSAGE,
  AU_LOGGING_LEVEL_WARNING,
} AuLoggingLevel;

static GType au_logging_level_get_type (void);

G_DEFINE_ENUM_TYPE (AuLoggingLevel, au_logging_level,
                    G_DEFINE_ENUM_VALUE (AU_LOGGING_LEVEL_DEBUG, "debug"),
                    G_DEFINE_ENUM_VALUE (AU_LOGGING_LEVEL_INFO, "info"),
                    G_DEFINE_ENUM_VALUE (AU_LOGGING_LEVEL_MESSAGE, "message"),
                    G_DEFINE_ENUM_VALUE (AU_LOGGING_LEVEL_WARNING, "warning"))

/* what GLib calls each level, and what syslog does */
static const struct
{
  GLogLevelFlags flags;
  const char    *priority;
} levels[] = {
  [AU_LOGGING_LEVEL_DEBUG] = { G_LOG_LEVEL_DEBUG, "7" },
  [AU_LOGGING_LEVEL_INFO] = { G_LOG_LEVEL_INFO, "6" },
  [AU_LOGGING_LEVEL_MESSAGE] = { G_LOG_LEVEL_MESSAGE, "5" },
  [AU_LOGGING_LEVEL_WARNING] = { G_LOG_LEVEL_WARNING, "4" },
};

#define DEFAULT_DOMAIN "au-computation"

#define AU_TYPE_LOGGING_MIDDLEWARE (au_logging_middleware_get_type ())
G_DECLARE_FINAL_TYPE (AuLoggingMiddleware, au_logging_middleware, AU, LOGGING_MIDDLEWARE, GObject)

/* MT safe: nothing changes after construction. */
struct _AuLoggingMiddleware
{
  GObject        parent_instance;

  AuLoggingLevel level;
  char          *domain;
};

enum
{
  PROP_0,
  PROP_LEVEL,
  PROP_DOMAIN,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void au_logging_middleware_iface_init (AuMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuLoggingMiddleware, au_logging_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE,
                                                      au_logging_middleware_iface_init))

static void
write_entry (AuLoggingMiddleware *self,
             AuLoggingLevel       level,
             AuRecord            *record,
             gboolean             ended,
             const GError        *reason,
             const char          *message)
{
  char attempt[16];
  char duration[32];
  GLogField fields[9];
  gsize n_fields = 0;

  g_snprintf (attempt, sizeof attempt, "%u", au_record_get_attempt (record));

  fields[n_fields++] = (GLogField) { "PRIORITY", levels[level].priority, -1 };
  fields[n_fields++] = (GLogField) { "GLIB_DOMAIN", self->domain, -1 };
  fields[n_fields++] = (GLogField) { "MESSAGE", message, -1 };
  fields[n_fields++] = (GLogField) { "AU_KEY", au_record_get_key (record), -1 };
  fields[n_fields++] = (GLogField) { "AU_FUNCTION", au_record_get_function (record), -1 };
  fields[n_fields++] = (GLogField) { "AU_ATTEMPT", attempt, -1 };
  fields[n_fields++] = (GLogField) { "AU_STATUS", au_status_to_string (au_record_get_status (record)), -1 };

  if (ended && au_record_get_started (record) != 0)
    {
      g_snprintf (duration, sizeof duration, "%" G_GINT64_FORMAT,
                  au_record_get_completed (record) - au_record_get_started (record));
      fields[n_fields++] = (GLogField) { "AU_DURATION", duration, -1 };
    }

  if (reason != NULL)
    fields[n_fields++] = (GLogField) { "AU_ERROR", reason->message, -1 };

  g_assert (n_fields <= G_N_ELEMENTS (fields));
  g_log_structured_array (levels[level].flags, fields, n_fields);
}

/* How long the last attempt of @record ran, as people read it; empty when nothing
 * was started. */
static char *
describe_duration (AuRecord   *record,
                   const char *preposition)
{
  gint64 duration = au_record_get_completed (record) - au_record_get_started (record);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (au_record_get_started (record) == 0)
    return g_strdup ("");

  if (duration < G_TIME_SPAN_MILLISECOND)
    return g_strdup_printf (" %s %" G_GINT64_FORMAT " µs", preposition, duration);

  if (duration < G_TIME_SPAN_SECOND)
    return g_strdup_printf (" %s %s ms", preposition,
                            g_ascii_formatd (number, sizeof number, "%.1f",
                                             duration / (double) G_TIME_SPAN_MILLISECOND));

  return g_strdup_printf (" %s %s s", preposition,
                          g_ascii_formatd (number, sizeof number, "%.1f",
                                           duration / (double) G_TIME_SPAN_SECOND));
}

/* Where nothing has gone wrong, and nothing has ended. */
static void
write_step (AuLoggingMiddleware *self,
            AuRecord            *record,
            const char          *verb,
            const char          *rest)
{
  g_autofree char *message = g_strdup_printf ("%s %s (%s)%s", verb, au_record_get_key (record),
                                              au_record_get_function (record), rest);

  write_entry (self, self->level, record, FALSE, NULL, message);
}

static void
au_logging_middleware_attempt_started (AuMiddleware *middleware,
                                       AuJob        *job,
                                       AuRecord     *record)
{
  write_step (AU_LOGGING_MIDDLEWARE (middleware), record, "started", "");
}

static void
au_logging_middleware_attempt_failed (AuMiddleware *middleware,
                                      AuJob        *job,
                                      AuRecord     *record,
                                      const GError *reason)
{
  AuLoggingMiddleware *self = AU_LOGGING_MIDDLEWARE (middleware);
  g_autofree char *message = NULL;

  message = g_strdup_printf ("retrying %s (%s) after attempt %u: %s",
                             au_record_get_key (record), au_record_get_function (record),
                             au_record_get_attempt (record), reason->message);
  write_entry (self, AU_LOGGING_LEVEL_WARNING, record, FALSE, reason, message);
}

static gboolean
au_logging_middleware_after_compute (AuMiddleware *middleware,
                                     AuJob        *job,
                                     AuRecord     *record,
                                     GError      **error)
{
  AuLoggingMiddleware *self = AU_LOGGING_MIDDLEWARE (middleware);
  g_autofree char *duration = describe_duration (record, "in");
  g_autofree char *message = NULL;

  message = g_strdup_printf ("completed %s (%s)%s",
                             au_record_get_key (record), au_record_get_function (record), duration);
  write_entry (self, self->level, record, TRUE, NULL, message);

  return TRUE;
}

static void
au_logging_middleware_on_error (AuMiddleware *middleware,
                                AuJob        *job,
                                AuRecord     *record,
                                const GError *reason)
{
  AuLoggingMiddleware *self = AU_LOGGING_MIDDLEWARE (middleware);
  g_autofree char *duration = describe_duration (record, "after");
  g_autofree char *message = NULL;

  /* somebody wanted a cancelled one to end, so that is no reason to warn */
  if (au_record_get_status (record) == AU_STATUS_CANCELLED)
    {
      message = g_strdup_printf ("cancelled %s (%s)%s",
                                 au_record_get_key (record), au_record_get_function (record),
                                 duration);
      write_entry (self, self->level, record, TRUE, NULL, message);
      return;
    }

  message = g_strdup_printf ("failed %s (%s)%s: %s",
                             au_record_get_key (record), au_record_get_function (record),
                             duration, reason->message);
  write_entry (self, AU_LOGGING_LEVEL_WARNING, record, TRUE, reason, message);
}

static void
au_logging_middleware_left (AuMiddleware *middleware,
                            AuJob        *job,
                            AuRecord     *record)
{
  write_step (AU_LOGGING_MIDDLEWARE (middleware), record, "left", " to whoever claims it next");
}

static void
au_logging_middleware_iface_init (AuMiddlewareInterface *iface)
{
  iface->attempt_started = au_logging_middleware_attempt_started;
  iface->attempt_failed = au_logging_middleware_attempt_failed;
  iface->after_compute = au_logging_middleware_after_compute;
  iface->on_error = au_logging_middleware_on_error;
  iface->left = au_logging_middleware_left;
}

static void
au_logging_middleware_finalize (GObject *object)
{
  AuLoggingMiddleware *self = AU_LOGGING_MIDDLEWARE (object);

  g_free (self->domain);

  G_OBJECT_CLASS (au_logging_middleware_parent_class)->finalize (object);
}

static void
au_logging_middleware_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  AuLoggingMiddleware *self = AU_LOGGING_MIDDLEWARE (object);

  switch (prop_id)
    {
    case PROP_LEVEL:
      g_value_set_enum (value, self->level);
      break;

    case PROP_DOMAIN:
      g_value_set_string (value, self->domain);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_logging_middleware_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  AuLoggingMiddleware *self = AU_LOGGING_MIDDLEWARE (object);

  switch (prop_id)
    {
    case PROP_LEVEL:
      self->level = g_value_get_enum (value);
      break;

    case PROP_DOMAIN:
      g_free (self->domain);
      self->domain = g_value_dup_string (value);
      if (self->domain == NULL || *self->domain == '\0')
        {
          g_free (self->domain);
          self->domain = g_strdup (DEFAULT_DOMAIN);
        }
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_logging_middleware_class_init (AuLoggingMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_logging_middleware_finalize;
  object_class->get_property = au_logging_middleware_get_property;
  object_class->set_property = au_logging_middleware_set_property;

  /**
   * AuLoggingMiddleware:level:
   *
   * The level of what goes as it should: starts, completions and cancellations.
   * What fails is always a warning.
   *
   * Since: 1.0
   */
  properties[PROP_LEVEL] =
    g_param_spec_enum ("level", _("Level"),
                       _("level of starts, completions and cancellations; failures are warnings"),
                       au_logging_level_get_type (), AU_LOGGING_LEVEL_INFO,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AuLoggingMiddleware:domain:
   *
   * The log domain of the entries, as in `G_MESSAGES_DEBUG=au-computation`.
   *
   * Since: 1.0
   */
  properties[PROP_DOMAIN] =
    g_param_spec_string ("domain", _("Domain"), _("log domain of the entries"),
                         DEFAULT_DOMAIN,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
au_logging_middleware_init (AuLoggingMiddleware *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_MIDDLEWARE, "logging", au_logging_middleware_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_middleware_logging, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Logs what computations do, with structured fields",
                  types, NULL)
