/* au-options.c: how one computation is to be treated
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"

/**
 * AuOptions:
 *
 * How one computation is to be treated: when it starts, how often it is tried, how
 * long its record is kept.
 *
 * One object may be used for any number of computations; what is set after a
 * computation was submitted does not change that computation. Unset options have
 * values that suit most computations.
 *
 * Set options in one thread before others use them. The options of a record never
 * change, and setting one of them is a programming error.
 *
 * Since: 1.0
 */

#define TYPE(string) ((const GVariantType *) (string))

const AuOptionsFieldInfo au_options_fields[AU_OPTIONS_N_FIELDS] = {
  [AU_OPTIONS_KEY] = { "key", TYPE ("s"), 0, 0 },
  [AU_OPTIONS_TTL] = { "ttl", TYPE ("x"), 0, 0 },
  [AU_OPTIONS_TIMEOUT] = { "timeout", TYPE ("x"), 0, 0 },
  [AU_OPTIONS_DELAY] = { "delay", TYPE ("x"), 0, 0 },
  [AU_OPTIONS_DUE] = { "due", TYPE ("x"), 0, 0 },
  [AU_OPTIONS_PRIORITY] = { "priority", TYPE ("i"), G_MININT, 0 },
  [AU_OPTIONS_QUEUE] = { "queue", TYPE ("s"), 0, 0 },
  [AU_OPTIONS_ATTEMPTS] = { "attempts", TYPE ("u"), 1, 1 },
  [AU_OPTIONS_BACKOFF] = { "backoff", TYPE ("x"), 0, G_TIME_SPAN_SECOND },
  [AU_OPTIONS_MAX_BACKOFF] = { "max-backoff", TYPE ("x"), 0, G_TIME_SPAN_HOUR },
  [AU_OPTIONS_UNIQUE_KEY] = { "unique-key", TYPE ("s"), 0, 0 },
  [AU_OPTIONS_AFTER] = { "after", TYPE ("as"), 0, 0 },
  [AU_OPTIONS_TAGS] = { "tags", TYPE ("as"), 0, 0 },
  [AU_OPTIONS_METADATA] = { "metadata", TYPE ("a{sv}"), 0, 0 },
  [AU_OPTIONS_AHEAD] = { "ahead", TYPE ("i"), -1, 1 },
  [AU_OPTIONS_WITHOUT] = { "without", TYPE ("as"), 0, 0 },
  [AU_OPTIONS_PASS_RESULTS] = { "pass-results", TYPE ("b"), 0, 0 },
  [AU_OPTIONS_CONCURRENCY_KEY] = { "concurrency-key", TYPE ("s"), 0, 0 },
  [AU_OPTIONS_CONCURRENCY] = { "concurrency", TYPE ("u"), 1, 1 },
};

/* A property has the number of its field, plus 1, as GObject wants no 0. */
static GParamSpec *properties[AU_OPTIONS_N_FIELDS + 1];

G_DEFINE_FINAL_TYPE (AuOptions, au_options, G_TYPE_OBJECT)

static gboolean
is_number (AuOptionsField field)
{
  char type = ((const char *) au_options_fields[field].type)[0];

  return type == 'x' || type == 'i' || type == 'u' || type == 'b';
}

static gboolean
is_text (AuOptionsField field)
{
  return g_variant_type_equal (au_options_fields[field].type, G_VARIANT_TYPE_STRING);
}

static gboolean
is_list (AuOptionsField field)
{
  return g_variant_type_equal (au_options_fields[field].type, G_VARIANT_TYPE_STRING_ARRAY);
}

/*
 * au_options_is_initial:
 * @self: options
 * @field: one of them
 *
 * Tells whether an option has the value that it has when nobody sets it.
 */
gboolean
au_options_is_initial (AuOptions     *self,
                       AuOptionsField field)
{
  if (is_number (field))
    return self->values[field].number == au_options_fields[field].initial;

  return self->values[field].text == NULL;
}

static void
clear_value (AuOptions     *self,
             AuOptionsField field)
{
  AuOptionsValue *value = &self->values[field];

  if (is_number (field))
    value->number = au_options_fields[field].initial;
  else if (is_text (field))
    g_clear_pointer (&value->text, g_free);
  else if (is_list (field))
    g_clear_pointer (&value->list, g_strfreev);
  else
    g_clear_pointer (&value->dict, g_variant_unref);
}

static gboolean
check_settable (AuOptions     *self,
                AuOptionsField field)
{
  if (!self->sealed)
    return TRUE;

  g_critical ("The option “%s” cannot be set any more: these options belong to a record",
              au_options_fields[field].name);
  return FALSE;
}

static void
changed (AuOptions     *self,
         AuOptionsField field)
{
  /* the key is of one computation only, so it is in no snapshot */
  if (field != AU_OPTIONS_KEY)
    g_clear_object (&self->snapshot);

  g_object_notify_by_pspec (G_OBJECT (self), properties[field + 1]);
}

/*
 * au_options_set_number:
 *
 * Sets an option that is a number, and says so if it is out of range.
 */
void
au_options_set_number (AuOptions     *self,
                       AuOptionsField field,
                       gint64         number)
{
  if (!check_settable (self, field))
    return;

  if (number < au_options_fields[field].minimum)
    {
      g_critical ("The option “%s” cannot be %" G_GINT64_FORMAT ": the least is %" G_GINT64_FORMAT,
                  au_options_fields[field].name, number, au_options_fields[field].minimum);
      return;
    }

  if (self->values[field].number == number)
    return;

  self->values[field].number = number;
  changed (self, field);
}

/*
 * au_options_set_text:
 *
 * Sets an option that is a text.
 */
void
au_options_set_text (AuOptions     *self,
                     AuOptionsField field,
                     const char    *text)
{
  char *copy;

  if (!check_settable (self, field) || g_strcmp0 (self->values[field].text, text) == 0)
    return;

  copy = g_strdup (text);
  clear_value (self, field);
  self->values[field].text = copy;
  changed (self, field);
}

/*
 * au_options_set_list:
 *
 * Sets an option that is a list of texts; an empty one is as good as none.
 */
void
au_options_set_list (AuOptions          *self,
                     AuOptionsField      field,
                     const char * const *list)
{
  char **copy;

  if (!check_settable (self, field))
    return;

  if (list != NULL && list[0] == NULL)
    list = NULL;
  if (list == (const char * const *) self->values[field].list)
    return;

  copy = g_strdupv ((char **) list);
  clear_value (self, field);
  self->values[field].list = copy;
  changed (self, field);
}

/*
 * au_options_set_dict:
 *
 * Sets an option that is a dictionary; an empty one is as good as none.
 */
void
au_options_set_dict (AuOptions     *self,
                     AuOptionsField field,
                     GVariant      *dict)
{
  g_autoptr(GVariant) owned = dict != NULL ? g_variant_ref_sink (dict) : NULL;

  if (!check_settable (self, field))
    return;

  if (owned != NULL && !g_variant_is_of_type (owned, au_options_fields[field].type))
    {
      g_critical ("The option “%s” is an a{sv}, not of the type %s",
                  au_options_fields[field].name, g_variant_get_type_string (owned));
      return;
    }

  if (owned != NULL && g_variant_n_children (owned) == 0)
    g_clear_pointer (&owned, g_variant_unref);
  if (owned == self->values[field].dict)
    return;

  clear_value (self, field);
  self->values[field].dict = g_steal_pointer (&owned);
  changed (self, field);
}

static void
au_options_get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  AuOptions *self = AU_OPTIONS (object);
  const AuOptionsValue *own = &self->values[id - 1];

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
    case G_TYPE_INT64:
      g_value_set_int64 (value, own->number);
      break;
    case G_TYPE_INT:
      g_value_set_int (value, own->number);
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, own->number);
      break;
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, own->number != 0);
      break;
    case G_TYPE_STRING:
      g_value_set_string (value, own->text);
      break;
    case G_TYPE_BOXED:
      g_value_set_boxed (value, own->list);
      break;
    default:
      g_value_set_variant (value, own->dict);
      break;
    }
}

static void
au_options_set_property (GObject      *object,
                         guint         id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  AuOptions *self = AU_OPTIONS (object);
  AuOptionsField field = id - 1;

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
    case G_TYPE_INT64:
      au_options_set_number (self, field, g_value_get_int64 (value));
      break;
    case G_TYPE_INT:
      au_options_set_number (self, field, g_value_get_int (value));
      break;
    case G_TYPE_UINT:
      au_options_set_number (self, field, g_value_get_uint (value));
      break;
    case G_TYPE_BOOLEAN:
      au_options_set_number (self, field, g_value_get_boolean (value));
      break;
    case G_TYPE_STRING:
      au_options_set_text (self, field, g_value_get_string (value));
      break;
    case G_TYPE_BOXED:
      au_options_set_list (self, field, g_value_get_boxed (value));
      break;
    default:
      au_options_set_dict (self, field, g_value_get_variant (value));
      break;
    }
}

static void
au_options_finalize (GObject *object)
{
  AuOptions *self = AU_OPTIONS (object);

  for (guint field = 0; field < AU_OPTIONS_N_FIELDS; field++)
    clear_value (self, field);
  g_clear_object (&self->snapshot);
  g_clear_pointer (&self->form, g_variant_unref);

  G_OBJECT_CLASS (au_options_parent_class)->finalize (object);
}

static GParamSpec *
boolean_spec (AuOptionsField field)
{
  return g_param_spec_boolean (au_options_fields[field].name, NULL, NULL, FALSE,
                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static GParamSpec *
span_spec (AuOptionsField field)
{
  const AuOptionsFieldInfo *info = &au_options_fields[field];

  return g_param_spec_int64 (info->name, NULL, NULL, info->minimum, G_MAXINT64, info->initial,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static GParamSpec *
int_spec (AuOptionsField field)
{
  const AuOptionsFieldInfo *info = &au_options_fields[field];

  return g_param_spec_int (info->name, NULL, NULL, info->minimum, G_MAXINT, info->initial,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static GParamSpec *
uint_spec (AuOptionsField field)
{
  const AuOptionsFieldInfo *info = &au_options_fields[field];

  return g_param_spec_uint (info->name, NULL, NULL, info->minimum, G_MAXUINT, info->initial,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static GParamSpec *
text_spec (AuOptionsField field)
{
  return g_param_spec_string (au_options_fields[field].name, NULL, NULL, NULL,
                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static GParamSpec *
list_spec (AuOptionsField field)
{
  return g_param_spec_boxed (au_options_fields[field].name, NULL, NULL, G_TYPE_STRV,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static GParamSpec *
dict_spec (AuOptionsField field)
{
  return g_param_spec_variant (au_options_fields[field].name, NULL, NULL,
                               au_options_fields[field].type, NULL,
                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static void
au_options_class_init (AuOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = au_options_get_property;
  object_class->set_property = au_options_set_property;
  object_class->finalize = au_options_finalize;

  /**
   * AuOptions:key:
   *
   * The key of the computation; %NULL has one made by [func@Au.key_new].
   *
   * Submitting the same call under the same key again gives the computation that is
   * there already.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_KEY + 1] = text_spec (AU_OPTIONS_KEY);

  /**
   * AuOptions:ttl:
   *
   * How long the record is kept after the computation has ended, in microseconds; 0
   * keeps it for ever.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_TTL + 1] = span_spec (AU_OPTIONS_TTL);

  /**
   * AuOptions:timeout:
   *
   * How long one attempt may take, in microseconds; 0 is as long as it takes. An
   * attempt that takes longer fails with %G_IO_ERROR_TIMED_OUT.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_TIMEOUT + 1] = span_spec (AU_OPTIONS_TIMEOUT);

  /**
   * AuOptions:delay:
   *
   * How long after being submitted the computation may start, in microseconds; 0 lets
   * [property@Au.Options:due] say when.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_DELAY + 1] = span_spec (AU_OPTIONS_DELAY);

  /**
   * AuOptions:due:
   *
   * When the computation may start, in microseconds since the epoch, UTC; 0 is at
   * once.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_DUE + 1] = span_spec (AU_OPTIONS_DUE);

  /**
   * AuOptions:priority:
   *
   * How urgent the computation is: of those that wait, the one with the highest number
   * starts first.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_PRIORITY + 1] = int_spec (AU_OPTIONS_PRIORITY);

  /**
   * AuOptions:queue:
   *
   * The name of the queue that the computation waits in, where the backend leaves
   * computations to workers; %NULL is the one that the backend names.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_QUEUE + 1] = text_spec (AU_OPTIONS_QUEUE);

  /**
   * AuOptions:attempts:
   *
   * How often the computation is tried before it counts as failed, 1 or more.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_ATTEMPTS + 1] = uint_spec (AU_OPTIONS_ATTEMPTS);

  /**
   * AuOptions:backoff:
   *
   * How long after the first failure the second attempt starts, in microseconds. The
   * time is doubled for each further attempt, and a quarter is added or taken away at
   * random, so that what failed together is not tried again together.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_BACKOFF + 1] = span_spec (AU_OPTIONS_BACKOFF);

  /**
   * AuOptions:max-backoff:
   *
   * The longest time between two attempts, in microseconds; 0 sets no limit.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_MAX_BACKOFF + 1] = span_spec (AU_OPTIONS_MAX_BACKOFF);

  /**
   * AuOptions:unique-key:
   *
   * A text that at most one unfinished computation has: submitting another one gives
   * the one that is there. It is free again when that one has ended.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_UNIQUE_KEY + 1] = text_spec (AU_OPTIONS_UNIQUE_KEY);

  /**
   * AuOptions:after:
   *
   * The keys of the computations that must have completed before this one starts. It
   * fails with %AU_ERROR_DEPENDENCY when one of them does not complete.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_AFTER + 1] = list_spec (AU_OPTIONS_AFTER);

  /**
   * AuOptions:tags:
   *
   * Words to find the computation by; see [property@Au.Query:tag].
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_TAGS + 1] = list_spec (AU_OPTIONS_TAGS);

  /**
   * AuOptions:metadata:
   *
   * An `a{sv}` of what the caller wants to have kept with the computation, such as who
   * asked for it. au does not look into it, middleware may.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_METADATA + 1] = dict_spec (AU_OPTIONS_METADATA);

  /**
   * AuOptions:ahead:
   *
   * How many items an iterator function may make before its reader asks for them; 0
   * makes each only when it is asked for, -1 sets no limit.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_AHEAD + 1] = int_spec (AU_OPTIONS_AHEAD);

  /**
   * AuOptions:without:
   *
   * The types of middleware that this computation does without, as they are called in
   * key files, such as `logging`, or by GLib, such as `AuLoggingMiddleware`.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_WITHOUT + 1] = list_spec (AU_OPTIONS_WITHOUT);

  /**
   * AuOptions:pass-results:
   *
   * Whether the values of the computations of [property@Au.Options:after] are further
   * arguments: they are appended to those that are given, in that order. One without a
   * value gives `()`.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_PASS_RESULTS + 1] = boolean_spec (AU_OPTIONS_PASS_RESULTS);

  /**
   * AuOptions:concurrency-key:
   *
   * Of those computations in queues that have the same text here, only as many run at
   * the same time as [property@Au.Options:concurrency] says, in all workers together.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_CONCURRENCY_KEY + 1] = text_spec (AU_OPTIONS_CONCURRENCY_KEY);

  /**
   * AuOptions:concurrency:
   *
   * How many computations with the same [property@Au.Options:concurrency-key] run at the
   * same time, this one included; 1 or more.
   *
   * Since: 1.0
   */
  properties[AU_OPTIONS_CONCURRENCY + 1] = uint_spec (AU_OPTIONS_CONCURRENCY);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
au_options_init (AuOptions *self)
{
  for (guint field = 0; field < AU_OPTIONS_N_FIELDS; field++)
    clear_value (self, field);
}

/**
 * au_options_new:
 *
 * Makes options of which none is set.
 *
 * MT safe.
 *
 * Returns: (transfer full): new options
 *
 * Since: 1.0
 */
AuOptions *
au_options_new (void)
{
  return g_object_new (AU_TYPE_OPTIONS, NULL);
}

/* What computations without options have; made once, and never freed. */
static AuOptions *
get_initial (void)
{
  static AuOptions *initial = NULL;

  if (g_once_init_enter (&initial))
    {
      AuOptions *options = au_options_new ();

      options->sealed = TRUE;
      g_once_init_leave (&initial, options);
    }

  return initial;
}

static gboolean
is_initial (AuOptions *self)
{
  for (guint field = 0; field < AU_OPTIONS_N_FIELDS; field++)
    {
      if (field != AU_OPTIONS_KEY && !au_options_is_initial (self, field))
        return FALSE;
    }

  return TRUE;
}

static AuOptions *
make_snapshot (AuOptions *self)
{
  AuOptions *snapshot;

  if (is_initial (self))
    return g_object_ref (get_initial ());

  snapshot = au_options_new ();
  for (guint field = 0; field < AU_OPTIONS_N_FIELDS; field++)
    {
      const AuOptionsValue *value = &self->values[field];

      if (field == AU_OPTIONS_KEY)
        continue;
      else if (is_number (field))
        snapshot->values[field].number = value->number;
      else if (is_text (field))
        snapshot->values[field].text = g_strdup (value->text);
      else if (is_list (field))
        snapshot->values[field].list = g_strdupv (value->list);
      else if (value->dict != NULL)
        snapshot->values[field].dict = g_variant_ref (value->dict);
    }
  snapshot->sealed = TRUE;

  return snapshot;
}

/* Gives a reference for au_options_unseal(), which does not count the initial ones. */
static AuOptions *
ref_sealed (AuOptions *sealed)
{
  return sealed == get_initial () ? sealed : g_object_ref (sealed);
}

/*
 * au_options_seal:
 * @options: (nullable): options, or %NULL for none set
 *
 * Gets what @options say now, except the key, as options that never change. All
 * computations submitted with the same options share one such object, and all
 * without options one for the whole process.
 *
 * MT safe, as long as nobody sets one of @options.
 *
 * Returns: (transfer full): sealed options, for au_options_unseal()
 */
AuOptions *
au_options_seal (AuOptions *options)
{
  AuOptions *snapshot;

  if (options == NULL)
    return get_initial ();

  if (options->sealed)
    return ref_sealed (options);

  snapshot = g_atomic_pointer_get (&options->snapshot);
  if (snapshot != NULL)
    return ref_sealed (snapshot);

  snapshot = make_snapshot (options);
  if (g_atomic_pointer_compare_and_exchange (&options->snapshot, NULL, snapshot))
    return ref_sealed (snapshot);

  g_object_unref (snapshot);

  return ref_sealed (g_atomic_pointer_get (&options->snapshot));
}

/*
 * au_options_unseal:
 * @sealed: (transfer full): what au_options_seal() gave
 *
 * Lets go of sealed options. Those of the process are not counted: all threads would
 * count them, and slow each other by it.
 *
 * MT safe.
 */
void
au_options_unseal (AuOptions *sealed)
{
  if (sealed != get_initial ())
    g_object_unref (sealed);
}

/*
 * au_options_next_backoff:
 * @self: options
 * @failures: how often the computation has failed, 1 or more
 *
 * Gets how long a computation has to wait for its next attempt: twice as long after
 * each failure, at most `max-backoff`, and with a quarter more or less at random.
 *
 * MT safe.
 *
 * Returns: microseconds
 */
gint64
au_options_next_backoff (AuOptions *self,
                         guint      failures)
{
  gint64 longest = self->values[AU_OPTIONS_MAX_BACKOFF].number;
  gint64 span = self->values[AU_OPTIONS_BACKOFF].number;
  gint64 least, most;

  /* no overflow: a quarter more, added to the time of day, is still a time */
  if (longest == 0 || longest > G_MAXINT64 / 4)
    longest = G_MAXINT64 / 4;

  for (guint i = 1; i < failures && span > 0 && span < longest; i++)
    span *= 2;
  span = MIN (span, longest);

  least = span - span / 4;
  most = MIN (span + span / 4, longest);

  return least + (gint64) (g_random_double () * (double) (most - least));
}
