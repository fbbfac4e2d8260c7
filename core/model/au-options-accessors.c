/* au-options-accessors.c: the options, one by one
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"

/**
 * au_options_get_key:
 * @self: options
 *
 * Gets the key of the computation.
 *
 * See [property@Au.Options:key]. MT safe.
 *
 * Returns: (nullable): the key, %NULL to have one made
 *
 * Since: 1.0
 */
const char *
au_options_get_key (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  return self->values[AU_OPTIONS_KEY].text;
}

/**
 * au_options_set_key:
 * @self: options
 * @key: (nullable): a key, or %NULL to have one made
 *
 * Sets the key of the computation.
 *
 * See [property@Au.Options:key]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_key (AuOptions  *self,
                    const char *key)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_text (self, AU_OPTIONS_KEY, key);
}

/**
 * au_options_get_ttl:
 * @self: options
 *
 * Gets how long the record is kept.
 *
 * See [property@Au.Options:ttl]. MT safe.
 *
 * Returns: the time in microseconds, 0 for ever
 *
 * Since: 1.0
 */
GTimeSpan
au_options_get_ttl (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return self->values[AU_OPTIONS_TTL].number;
}

/**
 * au_options_set_ttl:
 * @self: options
 * @ttl: microseconds, not negative; 0 for ever
 *
 * Sets how long the record is kept.
 *
 * See [property@Au.Options:ttl]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_ttl (AuOptions *self,
                    GTimeSpan  ttl)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_TTL, ttl);
}

/**
 * au_options_get_timeout:
 * @self: options
 *
 * Gets how long one attempt may take.
 *
 * See [property@Au.Options:timeout]. MT safe.
 *
 * Returns: the time in microseconds, 0 for as long as it takes
 *
 * Since: 1.0
 */
GTimeSpan
au_options_get_timeout (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return self->values[AU_OPTIONS_TIMEOUT].number;
}

/**
 * au_options_set_timeout:
 * @self: options
 * @timeout: microseconds, not negative; 0 for as long as it takes
 *
 * Sets how long one attempt may take.
 *
 * See [property@Au.Options:timeout]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_timeout (AuOptions *self,
                        GTimeSpan  timeout)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_TIMEOUT, timeout);
}

/**
 * au_options_get_delay:
 * @self: options
 *
 * Gets how long the computation waits before it starts.
 *
 * See [property@Au.Options:delay]. MT safe.
 *
 * Returns: the time in microseconds, 0 for not at all
 *
 * Since: 1.0
 */
GTimeSpan
au_options_get_delay (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return self->values[AU_OPTIONS_DELAY].number;
}

/**
 * au_options_set_delay:
 * @self: options
 * @delay: microseconds, not negative
 *
 * Sets how long the computation waits before it starts.
 *
 * See [property@Au.Options:delay]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_delay (AuOptions *self,
                      GTimeSpan  delay)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_DELAY, delay);
}

/**
 * au_options_get_due:
 * @self: options
 *
 * Gets when the computation may start.
 *
 * See [property@Au.Options:due]. MT safe.
 *
 * Returns: the time in microseconds since the epoch, UTC, 0 for at once
 *
 * Since: 1.0
 */
gint64
au_options_get_due (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return self->values[AU_OPTIONS_DUE].number;
}

/**
 * au_options_set_due:
 * @self: options
 * @due: microseconds since the epoch, UTC, not negative; 0 for at once
 *
 * Sets when the computation may start.
 *
 * See [property@Au.Options:due]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_due (AuOptions *self,
                    gint64     due)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_DUE, due);
}

/**
 * au_options_get_priority:
 * @self: options
 *
 * Gets how urgent the computation is.
 *
 * See [property@Au.Options:priority]. MT safe.
 *
 * Returns: the priority, 0 for an ordinary one
 *
 * Since: 1.0
 */
int
au_options_get_priority (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return (int) self->values[AU_OPTIONS_PRIORITY].number;
}

/**
 * au_options_set_priority:
 * @self: options
 * @priority: a number; the highest starts first
 *
 * Sets how urgent the computation is.
 *
 * See [property@Au.Options:priority]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_priority (AuOptions *self,
                         int        priority)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_PRIORITY, priority);
}

/**
 * au_options_get_queue:
 * @self: options
 *
 * Gets the queue that the computation waits in.
 *
 * See [property@Au.Options:queue]. MT safe.
 *
 * Returns: (nullable): the name, %NULL for the default one
 *
 * Since: 1.0
 */
const char *
au_options_get_queue (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  return self->values[AU_OPTIONS_QUEUE].text;
}

/**
 * au_options_set_queue:
 * @self: options
 * @queue: (nullable): a name, or %NULL for the default one
 *
 * Sets the queue that the computation waits in.
 *
 * See [property@Au.Options:queue]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_queue (AuOptions  *self,
                      const char *queue)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_text (self, AU_OPTIONS_QUEUE, queue);
}

/**
 * au_options_get_attempts:
 * @self: options
 *
 * Gets how often the computation is tried.
 *
 * See [property@Au.Options:attempts]. MT safe.
 *
 * Returns: the number of attempts, 1 or more
 *
 * Since: 1.0
 */
guint
au_options_get_attempts (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return (guint) self->values[AU_OPTIONS_ATTEMPTS].number;
}

/**
 * au_options_set_attempts:
 * @self: options
 * @attempts: a number, 1 or more
 *
 * Sets how often the computation is tried.
 *
 * See [property@Au.Options:attempts]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_attempts (AuOptions *self,
                         guint      attempts)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_ATTEMPTS, attempts);
}

/**
 * au_options_get_backoff:
 * @self: options
 *
 * Gets how long a failed computation waits for its second attempt.
 *
 * See [property@Au.Options:backoff]. MT safe.
 *
 * Returns: the time in microseconds
 *
 * Since: 1.0
 */
GTimeSpan
au_options_get_backoff (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return self->values[AU_OPTIONS_BACKOFF].number;
}

/**
 * au_options_set_backoff:
 * @self: options
 * @backoff: microseconds, not negative
 *
 * Sets how long a failed computation waits for its second attempt.
 *
 * See [property@Au.Options:backoff]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_backoff (AuOptions *self,
                        GTimeSpan  backoff)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_BACKOFF, backoff);
}

/**
 * au_options_get_max_backoff:
 * @self: options
 *
 * Gets the longest time between two attempts.
 *
 * See [property@Au.Options:max-backoff]. MT safe.
 *
 * Returns: the time in microseconds, 0 for no limit
 *
 * Since: 1.0
 */
GTimeSpan
au_options_get_max_backoff (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return self->values[AU_OPTIONS_MAX_BACKOFF].number;
}

/**
 * au_options_set_max_backoff:
 * @self: options
 * @max_backoff: microseconds, not negative; 0 for no limit
 *
 * Sets the longest time between two attempts.
 *
 * See [property@Au.Options:max-backoff]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_max_backoff (AuOptions *self,
                            GTimeSpan  max_backoff)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_MAX_BACKOFF, max_backoff);
}

/**
 * au_options_get_unique_key:
 * @self: options
 *
 * Gets what no other unfinished computation may have.
 *
 * See [property@Au.Options:unique-key]. MT safe.
 *
 * Returns: (nullable): the text, %NULL for nothing
 *
 * Since: 1.0
 */
const char *
au_options_get_unique_key (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  return self->values[AU_OPTIONS_UNIQUE_KEY].text;
}

/**
 * au_options_set_unique_key:
 * @self: options
 * @unique_key: (nullable): a text, or %NULL for nothing
 *
 * Sets what no other unfinished computation may have.
 *
 * See [property@Au.Options:unique-key]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_unique_key (AuOptions  *self,
                           const char *unique_key)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_text (self, AU_OPTIONS_UNIQUE_KEY, unique_key);
}

/**
 * au_options_get_after:
 * @self: options
 *
 * Gets the keys of what must have completed before.
 *
 * See [property@Au.Options:after]. MT safe.
 *
 * Returns: (array zero-terminated=1) (nullable): the keys, %NULL for none
 *
 * Since: 1.0
 */
const char * const *
au_options_get_after (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  return (const char * const *) self->values[AU_OPTIONS_AFTER].list;
}

/**
 * au_options_set_after:
 * @self: options
 * @after: (array zero-terminated=1) (nullable): keys, or %NULL for none
 *
 * Sets the keys of what must have completed before.
 *
 * See [property@Au.Options:after]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_after (AuOptions          *self,
                      const char * const *after)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_list (self, AU_OPTIONS_AFTER, after);
}

/**
 * au_options_get_tags:
 * @self: options
 *
 * Gets the words to find the computation by.
 *
 * See [property@Au.Options:tags]. MT safe.
 *
 * Returns: (array zero-terminated=1) (nullable): the words, %NULL for none
 *
 * Since: 1.0
 */
const char * const *
au_options_get_tags (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  return (const char * const *) self->values[AU_OPTIONS_TAGS].list;
}

/**
 * au_options_set_tags:
 * @self: options
 * @tags: (array zero-terminated=1) (nullable): words, or %NULL for none
 *
 * Sets the words to find the computation by.
 *
 * See [property@Au.Options:tags]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_tags (AuOptions          *self,
                     const char * const *tags)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_list (self, AU_OPTIONS_TAGS, tags);
}

/**
 * au_options_get_metadata:
 * @self: options
 *
 * Gets what the caller wants to have kept with the computation.
 *
 * See [property@Au.Options:metadata]. MT safe.
 *
 * Returns: (transfer none) (nullable): an `a{sv}`, %NULL for nothing
 *
 * Since: 1.0
 */
GVariant *
au_options_get_metadata (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  return self->values[AU_OPTIONS_METADATA].dict;
}

/**
 * au_options_set_metadata:
 * @self: options
 * @metadata: (nullable): an `a{sv}`, or %NULL for nothing; a floating reference is
 *   consumed
 *
 * Sets what the caller wants to have kept with the computation.
 *
 * See [property@Au.Options:metadata]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_metadata (AuOptions *self,
                         GVariant  *metadata)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_dict (self, AU_OPTIONS_METADATA, metadata);
}

/**
 * au_options_get_ahead:
 * @self: options
 *
 * Gets how many items a function may make before they are asked for.
 *
 * See [property@Au.Options:ahead]. MT safe.
 *
 * Returns: the number of items, -1 for no limit
 *
 * Since: 1.0
 */
int
au_options_get_ahead (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 0);

  return (int) self->values[AU_OPTIONS_AHEAD].number;
}

/**
 * au_options_set_ahead:
 * @self: options
 * @ahead: a number of items, -1 for no limit
 *
 * Sets how many items a function may make before they are asked for.
 *
 * See [property@Au.Options:ahead]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_ahead (AuOptions *self,
                      int        ahead)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_AHEAD, ahead);
}

/**
 * au_options_get_without:
 * @self: options
 *
 * Gets the middleware that the computation does without.
 *
 * See [property@Au.Options:without]. MT safe.
 *
 * Returns: (array zero-terminated=1) (nullable): the types, %NULL for none
 *
 * Since: 1.0
 */
const char * const *
au_options_get_without (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  return (const char * const *) self->values[AU_OPTIONS_WITHOUT].list;
}

/**
 * au_options_set_without:
 * @self: options
 * @without: (array zero-terminated=1) (nullable): types, or %NULL for none
 *
 * Sets the middleware that the computation does without.
 *
 * See [property@Au.Options:without]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_without (AuOptions          *self,
                        const char * const *without)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_list (self, AU_OPTIONS_WITHOUT, without);
}

/**
 * au_options_get_pass_results:
 * @self: options
 *
 * Gets whether values of others are further arguments.
 *
 * See [property@Au.Options:pass-results]. MT safe.
 *
 * Returns: %TRUE if they are
 *
 * Since: 1.0
 */
gboolean
au_options_get_pass_results (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), FALSE);

  return self->values[AU_OPTIONS_PASS_RESULTS].number != 0;
}

/**
 * au_options_set_pass_results:
 * @self: options
 * @pass_results: whether they are
 *
 * Sets whether values of others are further arguments.
 *
 * See [property@Au.Options:pass-results]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_pass_results (AuOptions *self,
                             gboolean   pass_results)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_PASS_RESULTS, pass_results != FALSE);
}

/**
 * au_options_get_concurrency_key:
 * @self: options
 *
 * Gets what the computation shares with those that must not run at the same time.
 *
 * See [property@Au.Options:concurrency-key]. MT safe.
 *
 * Returns: (transfer none) (nullable): the text, %NULL for none
 *
 * Since: 1.0
 */
const char *
au_options_get_concurrency_key (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  return self->values[AU_OPTIONS_CONCURRENCY_KEY].text;
}

/**
 * au_options_set_concurrency_key:
 * @self: options
 * @concurrency_key: (nullable): a text, or %NULL for none
 *
 * Sets what the computation shares with those that must not run at the same time.
 *
 * See [property@Au.Options:concurrency-key]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_concurrency_key (AuOptions  *self,
                                const char *concurrency_key)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_text (self, AU_OPTIONS_CONCURRENCY_KEY, concurrency_key);
}

/**
 * au_options_get_concurrency:
 * @self: options
 *
 * Gets how many computations of the same concurrency key run at the same time.
 *
 * See [property@Au.Options:concurrency]. MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_options_get_concurrency (AuOptions *self)
{
  g_return_val_if_fail (AU_IS_OPTIONS (self), 1);

  return self->values[AU_OPTIONS_CONCURRENCY].number;
}

/**
 * au_options_set_concurrency:
 * @self: options
 * @concurrency: a number, 1 or more
 *
 * Sets how many computations of the same concurrency key run at the same time.
 *
 * See [property@Au.Options:concurrency]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_options_set_concurrency (AuOptions *self,
                            guint      concurrency)
{
  g_return_if_fail (AU_IS_OPTIONS (self));

  au_options_set_number (self, AU_OPTIONS_CONCURRENCY, concurrency);
}
