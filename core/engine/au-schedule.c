/* au-schedule.c: a computation that is due again and again
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-cron-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-key.h>
#include <au/au-options.h>
#include <au/au-param.h>
#include <au/au-schedule.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* Leaves room for the time in a key. */
#define MAX_NAME_LENGTH (100)

/* A record must not be gone before the last worker has looked for it. */
#define MIN_TTL (2 * G_TIME_SPAN_HOUR)

/**
 * AuSchedule:
 *
 * A computation that is due again and again: at times as cron writes them, or in regular
 * intervals.
 *
 * Every worker that knows a schedule puts its computation into the queue when it is due.
 * The key of the computation is made of the name of the schedule and of the due time, and
 * a key is created once: so there is one computation for each due time, however many
 * workers there are, and none of them leads.
 *
 * In a key file, it is a group `[schedule NAME]`.
 *
 * Since: 1.0
 */
struct _AuSchedule
{
  GObject    parent_instance;

  char      *name;
  char      *function;
  char      *arguments;
  char      *when;
  char      *timezone;
  char      *queue;
  int        priority;
  guint      attempts;
  GTimeSpan  timeout;
  GTimeSpan  ttl;

  AuCron     cron;
  GTimeSpan  interval;  /* 0 for a cron */
  GTimeZone *zone;
};

static void au_schedule_initable_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuSchedule, au_schedule, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, au_schedule_initable_init))

enum
{
  PROP_NAME = 1,
  PROP_FUNCTION,
  PROP_ARGUMENTS,
  PROP_WHEN,
  PROP_TIMEZONE,
  PROP_QUEUE,
  PROP_PRIORITY,
  PROP_ATTEMPTS,
  PROP_TIMEOUT,
  PROP_TTL,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static gboolean
init_zone (AuSchedule  *self,
           GError     **error)
{
  if (self->timezone == NULL)
    self->zone = g_time_zone_new_local ();
  else
    self->zone = g_time_zone_new_identifier (self->timezone);

  if (self->zone != NULL)
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("“%s” is no time zone: write one such as UTC or Europe/Berlin"), self->timezone);
  return FALSE;
}

static gboolean
au_schedule_init_when (GInitable     *initable,
                       GCancellable  *cancellable,
                       GError       **error)
{
  AuSchedule *self = AU_SCHEDULE (initable);

  if (self->zone != NULL)
    return TRUE;

  if (self->function == NULL || self->when == NULL)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                           self->function == NULL ? _("A schedule needs a function: set “function”")
                                                  : _("A schedule needs times: set “when”"));
      return FALSE;
    }

  if (au_duration_from_text (self->when, &self->interval, NULL))
    {
      if (self->interval < G_TIME_SPAN_SECOND)
        {
          g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                       _("“%s” is too short an interval: the least is 1s"), self->when);
          return FALSE;
        }
    }
  else if (!au_cron_parse (&self->cron, self->when, error))
    {
      return FALSE;
    }

  return init_zone (self, error);
}

static void
au_schedule_initable_init (GInitableIface *iface)
{
  iface->init = au_schedule_init_when;
}

static void
au_schedule_finalize (GObject *object)
{
  AuSchedule *self = AU_SCHEDULE (object);

  g_free (self->name);
  g_free (self->function);
  g_free (self->arguments);
  g_free (self->when);
  g_free (self->timezone);
  g_free (self->queue);
  g_clear_pointer (&self->zone, g_time_zone_unref);

  G_OBJECT_CLASS (au_schedule_parent_class)->finalize (object);
}

static void
au_schedule_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  AuSchedule *self = AU_SCHEDULE (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_FUNCTION:
      g_value_set_string (value, self->function);
      break;
    case PROP_ARGUMENTS:
      g_value_set_string (value, self->arguments);
      break;
    case PROP_WHEN:
      g_value_set_string (value, self->when);
      break;
    case PROP_TIMEZONE:
      g_value_set_string (value, self->timezone);
      break;
    case PROP_QUEUE:
      g_value_set_string (value, self->queue);
      break;
    case PROP_PRIORITY:
      g_value_set_int (value, self->priority);
      break;
    case PROP_ATTEMPTS:
      g_value_set_uint (value, self->attempts);
      break;
    case PROP_TIMEOUT:
      g_value_set_int64 (value, self->timeout);
      break;
    case PROP_TTL:
      g_value_set_int64 (value, self->ttl);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_schedule_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  AuSchedule *self = AU_SCHEDULE (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_free (self->name);
      self->name = g_value_dup_string (value);
      break;
    case PROP_FUNCTION:
      self->function = g_value_dup_string (value);
      break;
    case PROP_ARGUMENTS:
      self->arguments = g_value_dup_string (value);
      break;
    case PROP_WHEN:
      self->when = g_value_dup_string (value);
      break;
    case PROP_TIMEZONE:
      self->timezone = g_value_dup_string (value);
      break;
    case PROP_QUEUE:
      self->queue = g_value_dup_string (value);
      break;
    case PROP_PRIORITY:
      self->priority = g_value_get_int (value);
      break;
    case PROP_ATTEMPTS:
      self->attempts = g_value_get_uint (value);
      break;
    case PROP_TIMEOUT:
      self->timeout = g_value_get_int64 (value);
      break;
    case PROP_TTL:
      self->ttl = g_value_get_int64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_schedule_class_init (AuScheduleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = au_schedule_finalize;
  object_class->get_property = au_schedule_get_property;
  object_class->set_property = au_schedule_set_property;

  /**
   * AuSchedule:name:
   *
   * What the keys of its computations start with.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, _("What the keys of its computations start with"),
                                          NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AuSchedule:function:
   *
   * The name of the function.
   *
   * Since: 1.0
   */
  props[PROP_FUNCTION] = g_param_spec_string ("function", NULL, _("The function to compute"), NULL, flags);

  /**
   * AuSchedule:arguments:
   *
   * The arguments, as GVariant text such as `(7, 'x')`.
   *
   * Since: 1.0
   */
  props[PROP_ARGUMENTS] = g_param_spec_string ("arguments", NULL,
                                               _("Its arguments, as GVariant text such as (7, 'x')"), NULL, flags);

  /**
   * AuSchedule:when:
   *
   * When the computation is due: the five fields of cron, minute, hour, day, month and day
   * of the week, one of `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly`, or an
   * interval such as `15m`, which is counted from the epoch.
   *
   * Since: 1.0
   */
  props[PROP_WHEN] = g_param_spec_string ("when", NULL,
                                          _("When it is due: the five fields of cron, or an interval such as 15m"),
                                          NULL, flags);

  /**
   * AuSchedule:timezone:
   *
   * The time zone of the fields, such as `UTC` or `Europe/Berlin`; %NULL for that of the
   * machine, which all workers should then share.
   *
   * Since: 1.0
   */
  props[PROP_TIMEZONE] = g_param_spec_string ("timezone", NULL, _("The time zone of the fields, such as UTC"),
                                              NULL, flags);

  /**
   * AuSchedule:queue:
   *
   * The queue that the computations go into; %NULL for the first one of the worker.
   *
   * Since: 1.0
   */
  props[PROP_QUEUE] = g_param_spec_string ("queue", NULL, _("The queue that the computations go into"), NULL, flags);

  /**
   * AuSchedule:priority:
   *
   * How urgent the computations are; see [property@Au.Options:priority].
   *
   * Since: 1.0
   */
  props[PROP_PRIORITY] = g_param_spec_int ("priority", NULL, _("How urgent the computations are"),
                                           G_MININT, G_MAXINT, 0, flags);

  /**
   * AuSchedule:attempts:
   *
   * How often each computation is tried; see [property@Au.Options:attempts].
   *
   * Since: 1.0
   */
  props[PROP_ATTEMPTS] = g_param_spec_uint ("attempts", NULL, _("How often each computation is tried"),
                                            1, G_MAXUINT, 1, flags);

  /**
   * AuSchedule:timeout:
   *
   * How long an attempt may take, in microseconds; 0 for as long as it takes.
   *
   * Since: 1.0
   */
  props[PROP_TIMEOUT] = au_param_spec_duration ("timeout", NULL, _("How long an attempt may take; 0 for any time"),
                                                0, G_MAXINT64, 0, flags);

  /**
   * AuSchedule:ttl:
   *
   * How long each record is kept after its end, in microseconds; at least two hours.
   *
   * Since: 1.0
   */
  props[PROP_TTL] = au_param_spec_duration ("ttl", NULL, _("How long each record is kept after its end"),
                                            MIN_TTL, G_MAXINT64, G_TIME_SPAN_DAY, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_schedule_init (AuSchedule *self)
{
}

/**
 * au_schedule_new:
 * @name: what the keys of its computations start with: as a key, and up to 100 characters
 * @function: the name of a function
 * @when: when it is due; see [property@Au.Schedule:when]
 * @error: return location for an error
 *
 * Makes a schedule for a function without arguments; others are made with the properties.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when @when cannot be read, and with
 * %AU_ERROR_INVALID_KEY.
 *
 * Returns: (transfer full): the schedule
 *
 * Since: 1.0
 */
AuSchedule *
au_schedule_new (const char  *name,
                 const char  *function,
                 const char  *when,
                 GError     **error)
{
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (function != NULL, NULL);
  g_return_val_if_fail (when != NULL, NULL);

  if (!au_key_check (name, error))
    return NULL;

  return g_initable_new (AU_TYPE_SCHEDULE, NULL, error,
                         "name", name,
                         "function", function,
                         "when", when,
                         NULL);
}

/**
 * au_schedule_get_name:
 * @self: a schedule
 *
 * Gets what the keys of its computations start with.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
au_schedule_get_name (AuSchedule *self)
{
  g_return_val_if_fail (AU_IS_SCHEDULE (self), NULL);

  return self->name;
}

/**
 * au_schedule_get_function:
 * @self: a schedule
 *
 * Gets the name of the function.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
au_schedule_get_function (AuSchedule *self)
{
  g_return_val_if_fail (AU_IS_SCHEDULE (self), NULL);

  return self->function;
}

/**
 * au_schedule_get_when:
 * @self: a schedule
 *
 * Gets when it is due; see [property@Au.Schedule:when].
 *
 * Returns: (transfer none): the text
 *
 * Since: 1.0
 */
const char *
au_schedule_get_when (AuSchedule *self)
{
  g_return_val_if_fail (AU_IS_SCHEDULE (self), NULL);

  return self->when;
}

/**
 * au_schedule_get_next:
 * @self: a schedule
 * @after: a time, in microseconds since the epoch
 *
 * Gets the first due time that is later than @after.
 *
 * MT safe.
 *
 * Returns: the time, in microseconds since the epoch, or 0 when there is none
 *
 * Since: 1.0
 */
gint64
au_schedule_get_next (AuSchedule *self,
                      gint64      after)
{
  g_return_val_if_fail (AU_IS_SCHEDULE (self), 0);

  if (self->interval == 0)
    return au_cron_get_next (&self->cron, self->zone, after);

  if (after < 0 || after > G_MAXINT64 - self->interval)
    return 0;

  return (after / self->interval + 1) * self->interval;
}

static GVariant *
read_arguments (AuSchedule  *self,
                AuFunction  *function,
                GError     **error)
{
  const GVariantType *input = au_function_get_input (function);
  g_autoptr(GVariant) arguments = NULL;
  g_autoptr(GError) reason = NULL;

  if (self->arguments == NULL)
    return au_function_check_arguments (function, NULL, error) ?
           g_variant_ref_sink (g_variant_new_tuple (NULL, 0)) : NULL;

  arguments = g_variant_parse (input, self->arguments, NULL, NULL, &reason);
  if (arguments == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                   _("The arguments “%s” of the schedule “%s” are none of “%s”, which takes “%.*s”: %s"),
                   self->arguments, self->name, self->function,
                   (int) g_variant_type_get_string_length (input), g_variant_type_peek_string (input),
                   reason->message);
      return NULL;
    }

  return g_steal_pointer (&arguments);
}

/* A time in a key, such as 20261121T133000Z. */
static char *
make_key (AuSchedule *self,
          gint64      due)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (due / G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (time, "%Y%m%dT%H%M%SZ");

  return g_strdup_printf ("%s:%s", self->name, text);
}

/**
 * au_schedule_make_record:
 * @self: a schedule
 * @function: its function
 * @queue: the queue, where the schedule names none
 * @due: a due time, in microseconds since the epoch
 * @error: return location for an error
 *
 * Makes the first record of the computation of a due time: whoever makes it, its key is
 * the same.
 *
 * Fails with %AU_ERROR_BAD_TYPE when the arguments are none of @function, and with
 * %AU_ERROR_INVALID_KEY when the name of the schedule is not of the form of a key or has
 * more than 100 characters.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
AuRecord *
au_schedule_make_record (AuSchedule  *self,
                         AuFunction  *function,
                         const char  *queue,
                         gint64       due,
                         GError     **error)
{
  g_autoptr(AuOptions) options = NULL;
  g_autoptr(GVariant) arguments = NULL;
  g_autofree char *key = NULL;

  g_return_val_if_fail (AU_IS_SCHEDULE (self), NULL);
  g_return_val_if_fail (AU_IS_FUNCTION (function), NULL);
  g_return_val_if_fail (queue != NULL, NULL);

  if (self->name == NULL || strlen (self->name) > MAX_NAME_LENGTH || !au_key_check (self->name, NULL))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_KEY,
                   _("A schedule cannot be called “%s”: use up to %d letters, digits, “.”, “_”, “:” and “-”"),
                   self->name != NULL ? self->name : "", MAX_NAME_LENGTH);
      return NULL;
    }

  arguments = read_arguments (self, function, error);
  if (arguments == NULL)
    return NULL;

  options = au_options_new ();
  au_options_set_queue (options, self->queue != NULL ? self->queue : queue);
  au_options_set_priority (options, self->priority);
  au_options_set_attempts (options, self->attempts);
  au_options_set_timeout (options, self->timeout);
  au_options_set_ttl (options, self->ttl);

  key = make_key (self, due);

  return au_record_new (key, self->function, g_variant_n_children (arguments) > 0 ? arguments : NULL, options);
}
