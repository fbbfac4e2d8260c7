/* au-query.c: which records to list
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-options.h>
#include <au/au-query.h>

#include <string.h>

/**
 * AuQuery:
 *
 * Says which records are meant: those that fit everything that is set. A new query
 * means all records.
 *
 * The records of a query are in the order of their keys. To read a long list in
 * pieces, set [property@Au.Query:limit], and [property@Au.Query:after-key] to the last
 * key of the piece before.
 *
 * Set a query up in one thread before others use it.
 *
 * Since: 1.0
 */
struct _AuQuery
{
  GObject parent_instance;

  AuStatusFlags statuses;
  char         *function;
  char         *queue;
  char         *tag;
  gint64        since;
  char         *after_key;
  guint         limit;
};

typedef enum
{
  PROP_STATUSES = 1,
  PROP_FUNCTION,
  PROP_QUEUE,
  PROP_TAG,
  PROP_SINCE,
  PROP_AFTER_KEY,
  PROP_LIMIT,
} Property;

static GParamSpec *properties[PROP_LIMIT + 1];

G_DEFINE_FLAGS_TYPE (AuStatusFlags, au_status_flags,
                     G_DEFINE_ENUM_VALUE (AU_STATUS_FLAGS_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (AU_STATUS_FLAGS_PENDING, "pending"),
                     G_DEFINE_ENUM_VALUE (AU_STATUS_FLAGS_RUNNING, "running"),
                     G_DEFINE_ENUM_VALUE (AU_STATUS_FLAGS_COMPLETED, "completed"),
                     G_DEFINE_ENUM_VALUE (AU_STATUS_FLAGS_FAILED, "failed"),
                     G_DEFINE_ENUM_VALUE (AU_STATUS_FLAGS_CANCELLED, "cancelled"),
                     G_DEFINE_ENUM_VALUE (AU_STATUS_FLAGS_TERMINAL, "terminal"),
                     G_DEFINE_ENUM_VALUE (AU_STATUS_FLAGS_ANY, "any"))

G_DEFINE_FINAL_TYPE (AuQuery, au_query, G_TYPE_OBJECT)

static void
au_query_get_property (GObject    *object,
                       guint       id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  AuQuery *self = AU_QUERY (object);

  switch ((Property) id)
    {
    case PROP_STATUSES:
      g_value_set_flags (value, self->statuses);
      break;
    case PROP_FUNCTION:
      g_value_set_string (value, self->function);
      break;
    case PROP_QUEUE:
      g_value_set_string (value, self->queue);
      break;
    case PROP_TAG:
      g_value_set_string (value, self->tag);
      break;
    case PROP_SINCE:
      g_value_set_int64 (value, self->since);
      break;
    case PROP_AFTER_KEY:
      g_value_set_string (value, self->after_key);
      break;
    case PROP_LIMIT:
      g_value_set_uint (value, self->limit);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
au_query_set_property (GObject      *object,
                       guint         id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  AuQuery *self = AU_QUERY (object);

  switch ((Property) id)
    {
    case PROP_STATUSES:
      au_query_set_statuses (self, g_value_get_flags (value));
      break;
    case PROP_FUNCTION:
      au_query_set_function (self, g_value_get_string (value));
      break;
    case PROP_QUEUE:
      au_query_set_queue (self, g_value_get_string (value));
      break;
    case PROP_TAG:
      au_query_set_tag (self, g_value_get_string (value));
      break;
    case PROP_SINCE:
      au_query_set_since (self, g_value_get_int64 (value));
      break;
    case PROP_AFTER_KEY:
      au_query_set_after_key (self, g_value_get_string (value));
      break;
    case PROP_LIMIT:
      au_query_set_limit (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
au_query_finalize (GObject *object)
{
  AuQuery *self = AU_QUERY (object);

  g_clear_pointer (&self->function, g_free);
  g_clear_pointer (&self->queue, g_free);
  g_clear_pointer (&self->tag, g_free);
  g_clear_pointer (&self->after_key, g_free);

  G_OBJECT_CLASS (au_query_parent_class)->finalize (object);
}

static void
au_query_class_init (AuQueryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = au_query_get_property;
  object_class->set_property = au_query_set_property;
  object_class->finalize = au_query_finalize;

  /**
   * AuQuery:statuses:
   *
   * The statuses, one of which a record has to have.
   *
   * Since: 1.0
   */
  properties[PROP_STATUSES] = g_param_spec_flags ("statuses", NULL, NULL, AU_TYPE_STATUS_FLAGS,
                                                  AU_STATUS_FLAGS_ANY, flags);

  /**
   * AuQuery:function:
   *
   * The name of the function that a record has to be of; %NULL for any.
   *
   * Since: 1.0
   */
  properties[PROP_FUNCTION] = g_param_spec_string ("function", NULL, NULL, NULL, flags);

  /**
   * AuQuery:queue:
   *
   * The queue that a record has to be in; %NULL for any.
   *
   * Since: 1.0
   */
  properties[PROP_QUEUE] = g_param_spec_string ("queue", NULL, NULL, NULL, flags);

  /**
   * AuQuery:tag:
   *
   * A word that has to be among the tags of a record; %NULL for any.
   *
   * Since: 1.0
   */
  properties[PROP_TAG] = g_param_spec_string ("tag", NULL, NULL, NULL, flags);

  /**
   * AuQuery:since:
   *
   * The earliest time that a record may have been created at, in microseconds since
   * the epoch, UTC; 0 for any.
   *
   * Since: 1.0
   */
  properties[PROP_SINCE] = g_param_spec_int64 ("since", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * AuQuery:after-key:
   *
   * A text that the key of a record has to come after, byte by byte; %NULL for any.
   *
   * Since: 1.0
   */
  properties[PROP_AFTER_KEY] = g_param_spec_string ("after-key", NULL, NULL, NULL, flags);

  /**
   * AuQuery:limit:
   *
   * How many records to list at most; 0 for all.
   *
   * Since: 1.0
   */
  properties[PROP_LIMIT] = g_param_spec_uint ("limit", NULL, NULL, 0, G_MAXUINT, 0, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
au_query_init (AuQuery *self)
{
  self->statuses = AU_STATUS_FLAGS_ANY;
}

static void
set_text (AuQuery    *self,
          Property    property,
          char      **text,
          const char *new_text)
{
  char *copy;

  if (g_strcmp0 (*text, new_text) == 0)
    return;

  copy = g_strdup (new_text);
  g_free (*text);
  *text = copy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * au_query_new:
 *
 * Makes a query that means all records.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new query
 *
 * Since: 1.0
 */
AuQuery *
au_query_new (void)
{
  return g_object_new (AU_TYPE_QUERY, NULL);
}

/**
 * au_query_get_statuses:
 * @self: a query
 *
 * Gets the statuses, one of which a record has to have. MT safe.
 *
 * Returns: the statuses
 *
 * Since: 1.0
 */
AuStatusFlags
au_query_get_statuses (AuQuery *self)
{
  g_return_val_if_fail (AU_IS_QUERY (self), AU_STATUS_FLAGS_NONE);

  return self->statuses;
}

/**
 * au_query_set_statuses:
 * @self: a query
 * @statuses: statuses
 *
 * Sets the statuses, one of which a record has to have. Not MT safe.
 *
 * Since: 1.0
 */
void
au_query_set_statuses (AuQuery      *self,
                       AuStatusFlags statuses)
{
  g_return_if_fail (AU_IS_QUERY (self));

  if (self->statuses == statuses)
    return;

  self->statuses = statuses;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUSES]);
}

/**
 * au_query_get_function:
 * @self: a query
 *
 * Gets the name of the function that a record has to be of. MT safe.
 *
 * Returns: (nullable): the name, %NULL for any
 *
 * Since: 1.0
 */
const char *
au_query_get_function (AuQuery *self)
{
  g_return_val_if_fail (AU_IS_QUERY (self), NULL);

  return self->function;
}

/**
 * au_query_set_function:
 * @self: a query
 * @function: (nullable): a name, or %NULL for any
 *
 * Sets the name of the function that a record has to be of. Not MT safe.
 *
 * Since: 1.0
 */
void
au_query_set_function (AuQuery    *self,
                       const char *function)
{
  g_return_if_fail (AU_IS_QUERY (self));

  set_text (self, PROP_FUNCTION, &self->function, function);
}

/**
 * au_query_get_queue:
 * @self: a query
 *
 * Gets the queue that a record has to be in. MT safe.
 *
 * Returns: (nullable): the queue, %NULL for any
 *
 * Since: 1.0
 */
const char *
au_query_get_queue (AuQuery *self)
{
  g_return_val_if_fail (AU_IS_QUERY (self), NULL);

  return self->queue;
}

/**
 * au_query_set_queue:
 * @self: a query
 * @queue: (nullable): a queue, or %NULL for any
 *
 * Sets the queue that a record has to be in. Not MT safe.
 *
 * Since: 1.0
 */
void
au_query_set_queue (AuQuery    *self,
                    const char *queue)
{
  g_return_if_fail (AU_IS_QUERY (self));

  set_text (self, PROP_QUEUE, &self->queue, queue);
}

/**
 * au_query_get_tag:
 * @self: a query
 *
 * Gets the word that has to be among the tags of a record. MT safe.
 *
 * Returns: (nullable): the word, %NULL for any
 *
 * Since: 1.0
 */
const char *
au_query_get_tag (AuQuery *self)
{
  g_return_val_if_fail (AU_IS_QUERY (self), NULL);

  return self->tag;
}

/**
 * au_query_set_tag:
 * @self: a query
 * @tag: (nullable): a word, or %NULL for any
 *
 * Sets the word that has to be among the tags of a record. Not MT safe.
 *
 * Since: 1.0
 */
void
au_query_set_tag (AuQuery    *self,
                  const char *tag)
{
  g_return_if_fail (AU_IS_QUERY (self));

  set_text (self, PROP_TAG, &self->tag, tag);
}

/**
 * au_query_get_since:
 * @self: a query
 *
 * Gets the earliest time that a record may have been created at. MT safe.
 *
 * Returns: microseconds since the epoch, UTC, 0 for any
 *
 * Since: 1.0
 */
gint64
au_query_get_since (AuQuery *self)
{
  g_return_val_if_fail (AU_IS_QUERY (self), 0);

  return self->since;
}

/**
 * au_query_set_since:
 * @self: a query
 * @since: microseconds since the epoch, UTC, not negative; 0 for any
 *
 * Sets the earliest time that a record may have been created at. Not MT safe.
 *
 * Since: 1.0
 */
void
au_query_set_since (AuQuery *self,
                    gint64   since)
{
  g_return_if_fail (AU_IS_QUERY (self));
  g_return_if_fail (since >= 0);

  if (self->since == since)
    return;

  self->since = since;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SINCE]);
}

/**
 * au_query_get_after_key:
 * @self: a query
 *
 * Gets the text that the key of a record has to come after. MT safe.
 *
 * Returns: (nullable): the text, %NULL for any
 *
 * Since: 1.0
 */
const char *
au_query_get_after_key (AuQuery *self)
{
  g_return_val_if_fail (AU_IS_QUERY (self), NULL);

  return self->after_key;
}

/**
 * au_query_set_after_key:
 * @self: a query
 * @after_key: (nullable): a text, or %NULL for any; it need not be the key of a record
 *
 * Sets the text that the key of a record has to come after. Not MT safe.
 *
 * Since: 1.0
 */
void
au_query_set_after_key (AuQuery    *self,
                        const char *after_key)
{
  g_return_if_fail (AU_IS_QUERY (self));

  set_text (self, PROP_AFTER_KEY, &self->after_key, after_key);
}

/**
 * au_query_get_limit:
 * @self: a query
 *
 * Gets how many records to list at most. MT safe.
 *
 * Returns: the number, 0 for all
 *
 * Since: 1.0
 */
guint
au_query_get_limit (AuQuery *self)
{
  g_return_val_if_fail (AU_IS_QUERY (self), 0);

  return self->limit;
}

/**
 * au_query_set_limit:
 * @self: a query
 * @limit: a number, 0 for all
 *
 * Sets how many records to list at most. Not MT safe.
 *
 * Since: 1.0
 */
void
au_query_set_limit (AuQuery *self,
                    guint    limit)
{
  g_return_if_fail (AU_IS_QUERY (self));

  if (self->limit == limit)
    return;

  self->limit = limit;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIMIT]);
}

/**
 * au_query_matches:
 * @self: a query
 * @record: a record
 *
 * Tells whether @record fits everything that @self asks for. The order and the limit
 * are left to the caller.
 *
 * MT safe, as long as nobody changes the query.
 *
 * Returns: %TRUE if it fits
 *
 * Since: 1.0
 */
gboolean
au_query_matches (AuQuery  *self,
                  AuRecord *record)
{
  AuOptions *options;
  const char * const *tags;

  g_return_val_if_fail (AU_IS_QUERY (self), FALSE);
  g_return_val_if_fail (record != NULL, FALSE);

  if ((self->statuses & (1u << au_record_get_status (record))) == 0)
    return FALSE;

  if (self->since > au_record_get_created (record))
    return FALSE;

  if (self->after_key != NULL && strcmp (au_record_get_key (record), self->after_key) <= 0)
    return FALSE;

  if (self->function != NULL && !g_str_equal (au_record_get_function (record), self->function))
    return FALSE;

  options = au_record_get_options (record);
  if (self->queue != NULL && g_strcmp0 (au_options_get_queue (options), self->queue) != 0)
    return FALSE;

  tags = au_options_get_tags (options);

  return self->tag == NULL || (tags != NULL && g_strv_contains (tags, self->tag));
}
