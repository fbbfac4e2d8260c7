/* au-concurrency-middleware.c: lets so many computations in at a time
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>

/*
 * The type “concurrency”: lets so many computations in at a time, altogether or of each
 * function. Those beyond are refused, and then what waits counts, too; or they are kept
 * until it is their turn, and then only what runs counts.
 */

typedef enum
{
  SCOPE_ENGINE,
  SCOPE_FUNCTION,
} AuConcurrencyScope;

typedef enum
{
  EXCESS_REFUSE,
  EXCESS_DELAY,
} AuConcurrencyExcess;

#define AU_TYPE_CONCURRENCY_SCOPE (au_concurrency_scope_get_type ())
GType au_concurrency_scope_get_type (void);
G_DEFINE_ENUM_TYPE (AuConcurrencyScope, au_concurrency_scope,
                    G_DEFINE_ENUM_VALUE (SCOPE_ENGINE, "engine"),
                    G_DEFINE_ENUM_VALUE (SCOPE_FUNCTION, "function"))

#define AU_TYPE_CONCURRENCY_EXCESS (au_concurrency_excess_get_type ())
GType au_concurrency_excess_get_type (void);
G_DEFINE_ENUM_TYPE (AuConcurrencyExcess, au_concurrency_excess,
                    G_DEFINE_ENUM_VALUE (EXCESS_REFUSE, "refuse"),
                    G_DEFINE_ENUM_VALUE (EXCESS_DELAY, "delay"))

#define AU_TYPE_CONCURRENCY_MIDDLEWARE (au_concurrency_middleware_get_type ())
G_DECLARE_FINAL_TYPE (AuConcurrencyMiddleware, au_concurrency_middleware, AU,
                      CONCURRENCY_MIDDLEWARE, GObject)

/* What is counted together. It stays for as long as the middleware: there are no more than
 * functions. */
typedef struct
{
  AuSemaphore *permits;
  GQueue       kept;        /* of AuJob, in the order of their turns */
} Line;

/* MT safe. */
struct _AuConcurrencyMiddleware
{
  GObject             parent_instance;

  guint               limit;
  AuConcurrencyScope  scope;
  AuConcurrencyExcess excess;

  GMutex              lock;         /* for what follows */
  GHashTable         *lines;        /* function, or "" for all → Line */
  GHashTable         *kept;         /* key → the link of its job */
  GHashTable         *running;      /* keys of those that were let in to run */
};

enum
{
  PROP_0,
  PROP_LIMIT,
  PROP_SCOPE,
  PROP_EXCESS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void au_concurrency_middleware_iface_init (AuMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuConcurrencyMiddleware, au_concurrency_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE,
                                                      au_concurrency_middleware_iface_init))

static void
line_free (gpointer data)
{
  Line *line = data;

  g_object_unref (line->permits);
  g_queue_clear_full (&line->kept, (GDestroyNotify) au_job_unref);
  g_free (line);
}

/* Called with the lock held. */
static Line *
get_line (AuConcurrencyMiddleware *self,
          const char              *function)
{
  const char *name = self->scope == SCOPE_FUNCTION ? function : "";
  Line *line = g_hash_table_lookup (self->lines, name);

  if (line == NULL)
    {
      line = g_new0 (Line, 1);
      line->permits = au_semaphore_new (self->limit);
      g_hash_table_insert (self->lines, g_strdup (name), line);
    }

  return line;
}

static AuSemaphore *
get_permits (AuConcurrencyMiddleware *self,
             const char              *function)
{
  Line *line;

  g_mutex_lock (&self->lock);
  line = get_line (self, function);
  g_mutex_unlock (&self->lock);

  return line->permits;
}

/* Refusing */

static gboolean
au_concurrency_middleware_before_compute (AuMiddleware *middleware,
                                          AuJob        *job,
                                          GError      **error)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (middleware);
  const char *function = au_function_get_name (au_job_get_function (job));

  if (self->excess == EXCESS_DELAY || au_semaphore_try_acquire (get_permits (self, function)))
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

/* Delaying */

/* More urgent ones first; among equals, who comes first. Called with the lock held. */
static void
keep (AuConcurrencyMiddleware *self,
      Line                    *line,
      AuJob                   *job)
{
  GList *before = line->kept.tail;

  while (before != NULL && au_job_get_priority (before->data) > au_job_get_priority (job))
    before = before->prev;

  if (before != NULL)
    {
      g_queue_insert_after (&line->kept, before, au_job_ref (job));
      before = before->next;
    }
  else
    {
      g_queue_push_head (&line->kept, au_job_ref (job));
      before = line->kept.head;
    }
  g_hash_table_insert (self->kept, g_strdup (au_job_get_key (job)), before);
}

static gboolean
au_concurrency_middleware_may_launch (AuMiddleware *middleware,
                                      AuJob        *job)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (middleware);
  const char *key = au_job_get_key (job);
  gboolean passes = TRUE;
  Line *line;

  if (self->excess == EXCESS_REFUSE)
    return TRUE;

  g_mutex_lock (&self->lock);
  if (!g_hash_table_contains (self->running, key))
    {
      line = get_line (self, au_function_get_name (au_job_get_function (job)));
      passes = au_semaphore_try_acquire (line->permits);
      if (passes)
        g_hash_table_add (self->running, g_strdup (key));
      else
        keep (self, line, job);
    }
  g_mutex_unlock (&self->lock);

  return passes;
}

/* The permit that has become free goes to the next one; NULL if there is none. Called
 * with the lock held. */
static AuJob *
take_next (AuConcurrencyMiddleware *self,
           Line                    *line)
{
  AuJob *job = g_queue_pop_head (&line->kept);

  if (job == NULL)
    {
      au_semaphore_release (line->permits);
      return NULL;
    }

  g_hash_table_remove (self->kept, au_job_get_key (job));
  g_hash_table_add (self->running, g_strdup (au_job_get_key (job)));

  return job;
}

/* An attempt has ended, or a computation that was kept. */
static void
leave (AuConcurrencyMiddleware *self,
       AuRecord                *record)
{
  const char *key = au_record_get_key (record);
  AuJob *left = NULL;
  AuJob *next = NULL;
  GList *link;
  Line *line;

  g_mutex_lock (&self->lock);
  line = get_line (self, au_record_get_function (record));
  link = g_hash_table_lookup (self->kept, key);
  if (link != NULL)
    {
      left = link->data;
      g_hash_table_remove (self->kept, key);
      g_queue_delete_link (&line->kept, link);
    }
  else if (g_hash_table_remove (self->running, key))
    {
      next = take_next (self, line);
    }
  g_mutex_unlock (&self->lock);

  if (next != NULL)
    {
      au_job_launch (next);
      au_job_unref (next);
    }
  g_clear_pointer (&left, au_job_unref);
}

static void
au_concurrency_middleware_attempt_failed (AuMiddleware *middleware,
                                          AuJob        *job,
                                          AuRecord     *record,
                                          const GError *reason)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (middleware);

  if (self->excess == EXCESS_DELAY)
    leave (self, record);
}

/* Every computation that was let in ends in one of these ways, once. */

static void
ended (AuConcurrencyMiddleware *self,
       AuRecord                *record)
{
  if (self->excess == EXCESS_DELAY)
    leave (self, record);
  else
    au_semaphore_release (get_permits (self, au_record_get_function (record)));
}

static gboolean
au_concurrency_middleware_after_compute (AuMiddleware *middleware,
                                         AuJob        *job,
                                         AuRecord     *record,
                                         GError      **error)
{
  ended (AU_CONCURRENCY_MIDDLEWARE (middleware), record);

  return TRUE;
}

static void
au_concurrency_middleware_on_error (AuMiddleware *middleware,
                                    AuJob        *job,
                                    AuRecord     *record,
                                    const GError *reason)
{
  ended (AU_CONCURRENCY_MIDDLEWARE (middleware), record);
}

static void
au_concurrency_middleware_left (AuMiddleware *middleware,
                                AuJob        *job,
                                AuRecord     *record)
{
  ended (AU_CONCURRENCY_MIDDLEWARE (middleware), record);
}

static void
au_concurrency_middleware_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = au_concurrency_middleware_before_compute;
  iface->may_launch = au_concurrency_middleware_may_launch;
  iface->attempt_failed = au_concurrency_middleware_attempt_failed;
  iface->after_compute = au_concurrency_middleware_after_compute;
  iface->on_error = au_concurrency_middleware_on_error;
  iface->left = au_concurrency_middleware_left;
}

static void
au_concurrency_middleware_finalize (GObject *object)
{
  AuConcurrencyMiddleware *self = AU_CONCURRENCY_MIDDLEWARE (object);

  g_hash_table_unref (self->running);
  g_hash_table_unref (self->kept);
  g_hash_table_unref (self->lines);
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
    case PROP_EXCESS:
      g_value_set_enum (value, self->excess);
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
    case PROP_EXCESS:
      self->excess = g_value_get_enum (value);
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

  object_class->finalize = au_concurrency_middleware_finalize;
  object_class->get_property = au_concurrency_middleware_get_property;
  object_class->set_property = au_concurrency_middleware_set_property;

  properties[PROP_LIMIT] =
    g_param_spec_uint ("limit", _("Limit"),
                       _("how many computations may be under way at a time: waiting or running with excess=refuse, running with excess=delay"),
                       1, G_MAXINT / 4, 100, flags);

  properties[PROP_SCOPE] =
    g_param_spec_enum ("scope", _("Scope"),
                       _("whether all computations are counted together, or those of each function"),
                       AU_TYPE_CONCURRENCY_SCOPE, SCOPE_ENGINE, flags);

  properties[PROP_EXCESS] =
    g_param_spec_enum ("excess", _("Excess"),
                       _("whether computations beyond the limit are refused, or delayed until others have ended"),
                       AU_TYPE_CONCURRENCY_EXCESS, EXCESS_REFUSE, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
au_concurrency_middleware_init (AuConcurrencyMiddleware *self)
{
  g_mutex_init (&self->lock);
  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, line_free);
  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static const AuModuleType types[] = {
  { AU_MODULE_MIDDLEWARE, "concurrency", au_concurrency_middleware_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_middleware_concurrency, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Lets so many computations in at a time",
                  types, NULL)
