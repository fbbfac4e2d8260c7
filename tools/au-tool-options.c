/* au-tool-options.c: how computations are to be treated
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-options.h"
#include "au-tool-words.h"

#include <glib/gi18n-lib.h>

void
au_tool_options_add (AuToolOptions  *self,
                     GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "timeout", 't', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->timeout,
      N_("Let an attempt take no longer than this, such as 30s"), N_("DURATION") },
    { "retries", 'r', G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &self->retries,
      N_("Try so many times more when a computation fails"), N_("N") },
    { "backoff", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->backoff,
      N_("Wait so long before the first retry, and longer before each next one"), N_("DURATION") },
    { "ttl", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->ttl,
      N_("Keep the result for so long after the end, such as 1h"), N_("DURATION") },
    { "delay", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->delay,
      N_("Start no sooner than in this time"), N_("DURATION") },
    { "priority", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &self->priority,
      N_("Start before what waits with a lower priority"), N_("N") },
    { "queue", 'Q', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->queue,
      N_("Leave it in this queue, where workers compute"), N_("QUEUE") },
    { "after", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &self->after,
      N_("Start when the computation of this key has completed; may be given more than once"), N_("KEY") },
    { "pass-results", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->pass_results,
      N_("Take the values of the computations of --after as further arguments"), NULL },
    { "unique-key", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->unique_key,
      N_("Start nothing while a computation with this unique key has not ended"), N_("TEXT") },
    { "concurrency-key", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->concurrency_key,
      N_("In queues, let only one with the same text run at a time"), N_("TEXT") },
    { "tag", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &self->tags,
      N_("Record a tag, for “au list --tag”; may be given more than once"), N_("TAG") },
    G_OPTION_ENTRY_NULL
  };

  au_tool_words_add_entries (context, entries);
}

/* Reads the duration that --@option gave. */
gboolean
au_tool_duration (const char *option,
                  const char *text,
                  GTimeSpan  *duration,
                  GError    **error)
{
  if (au_duration_from_text (text, duration, error))
    return TRUE;

  g_prefix_error (error, "--%s: ", option);
  return FALSE;
}

/* The options for the engine. */
AuOptions *
au_tool_options_make (AuToolOptions *self,
                      GError       **error)
{
  g_autoptr(AuOptions) options = au_options_new ();
  const struct
  {
    const char *name;
    const char *text;
    void      (*set) (AuOptions *, GTimeSpan);
  } durations[] = {
    { "ttl", self->ttl, au_options_set_ttl },
    { "timeout", self->timeout, au_options_set_timeout },
    { "delay", self->delay, au_options_set_delay },
    { "backoff", self->backoff, au_options_set_backoff },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (durations); i++)
    {
      GTimeSpan span;

      if (durations[i].text == NULL)
        continue;
      if (!au_tool_duration (durations[i].name, durations[i].text, &span, error))
        return NULL;
      durations[i].set (options, span);
    }

  if (self->retries < 0 || self->retries > 1000000)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("--retries: %d is out of range: use 0 to 1000000"), self->retries);
      return NULL;
    }
  if (self->retries > 0)
    au_options_set_attempts (options, self->retries + 1);
  if (self->priority != 0)
    au_options_set_priority (options, self->priority);
  if (self->queue != NULL)
    {
      if (!au_key_check (self->queue, error))
        return NULL;
      au_options_set_queue (options, self->queue);
    }
  if (self->after != NULL)
    au_options_set_after (options, (const char * const *) self->after);
  au_options_set_pass_results (options, self->pass_results);
  au_options_set_unique_key (options, self->unique_key);
  au_options_set_concurrency_key (options, self->concurrency_key);
  if (self->tags != NULL)
    au_options_set_tags (options, (const char * const *) self->tags);

  return g_steal_pointer (&options);
}

void
au_tool_options_clear (AuToolOptions *self)
{
  g_free (self->ttl);
  g_free (self->timeout);
  g_free (self->delay);
  g_free (self->backoff);
  g_free (self->queue);
  g_free (self->unique_key);
  g_free (self->concurrency_key);
  g_strfreev (self->after);
  g_strfreev (self->tags);
}
