/* au-pool-worker.c: one worker process, as the program sees it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-pool-private.h"

#include "au-hello-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELPER AU_LIBEXEC_DIR "/au-worker"
/* So much may be under way in each direction. */
#define SOCKET_BUFFER (1024 * 1024)

#define MAX_LOG_FIELDS (32)

/* Starting one */

static char **
make_environment (void)
{
  g_auto(GStrv) folders = au_module_list_folders ();
  g_autofree char *path = g_strjoinv (G_SEARCHPATH_SEPARATOR_S, folders);
  char **environment = g_get_environ ();

  environment = g_environ_setenv (environment, "AU_WORKER", "process", TRUE);

  return g_environ_setenv (environment, "AU_MODULE_PATH", path, TRUE);
}

static const char *
get_helper (void)
{
  const char *chosen = getauxval (AT_SECURE) == 0 ? g_getenv ("AU_WORKER_PROGRAM") : NULL;

  return chosen != NULL ? chosen : HELPER;
}

/* What to run: this program, if it can be its own worker, or the helper of au. */
static AuProcess *
make_process (AuPool   *pool,
              gboolean *helper)
{
  g_auto(GStrv) environment = make_environment ();
  g_auto(GStrv) command = NULL;
  g_autofree char *program = NULL;

  g_mutex_lock (&pool->lock);
  program = g_strdup (pool->settings.program);
  g_mutex_unlock (&pool->lock);

  if (program == NULL)
    command = au_init_dup_command ();

  *helper = command == NULL && (program == NULL || g_str_equal (program, "au-worker"));
  if (command == NULL)
    {
      const char *argv[] = { *helper ? get_helper () : program, NULL };

      return g_object_new (AU_TYPE_PROCESS, "argv", argv, "environment", environment, NULL);
    }

  /* The file that runs, even if another one has taken its place. */
  return g_object_new (AU_TYPE_PROCESS, "program", "/proc/self/exe", "argv", command,
                       "environment", environment, NULL);
}

static gboolean
set_system_error (GError **error)
{
  int saved_errno = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
               _("no channel to a worker process can be made: %s"), g_strerror (saved_errno));

  return FALSE;
}

static gboolean
make_link (AuPoolWorker  *self,
           GError       **error)
{
  const int size = SOCKET_BUFFER;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return set_system_error (error);

  for (guint i = 0; i < 2; i++)
    setsockopt (ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);

  self->link = au_link_new (ends[0]);
  au_process_take_descriptor (self->process, ends[1], AU_WIRE_SOCKET);

  return TRUE;
}

/* The worker cannot take its memory away from under us. */
static gboolean
make_page (AuPoolWorker  *self,
           GError       **error)
{
  int fd = memfd_create ("au-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gpointer page = MAP_FAILED;

  if (fd < 0)
    return set_system_error (error);

  if (ftruncate (fd, sizeof (AuWirePage)) == 0 &&
      fcntl (fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) == 0)
    page = mmap (NULL, sizeof (AuWirePage), PROT_READ, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED)
    {
      set_system_error (error);
      close (fd);
      return FALSE;
    }

  self->page = page;
  au_process_take_descriptor (self->process, fd, AU_WIRE_PAGE);

  return TRUE;
}

static gboolean
make_tail (AuPoolWorker  *self,
           GError       **error)
{
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) != 0)
    return set_system_error (error);

  self->tail = au_tail_new (ends[0]);
  au_process_take_descriptor (self->process, ends[1], STDERR_FILENO);

  return TRUE;
}

static void
send_settings (AuPoolWorker *self,
               gboolean      helper)
{
  GByteArray *buffer = au_link_lock (self->link);
  gsize begin = au_wire_begin (buffer, AU_WIRE_SETTINGS, 0, 0);

  g_mutex_lock (&self->pool->lock);
  au_wire_put_number (buffer, self->pool->settings.finish_orphans);
  g_mutex_unlock (&self->pool->lock);
  au_wire_put_number (buffer, helper);
  au_wire_end (buffer, begin);
  au_link_unlock (self->link);
  au_pool_worker_flush (self);
}

static void
watch (AuPoolWorker    *self,
       AuPoolWatch     *watch,
       AuPoolWatchKind  kind,
       int              fd)
{
  watch->kind = kind;
  watch->worker = self;
  au_pool_watch (self->pool, fd, watch);
}

AuPoolWorker *
au_pool_worker_new (AuPool  *pool,
                    GError **error)
{
  AuPoolWorker *self = g_new0 (AuPoolWorker, 1);
  gboolean helper;

  g_atomic_ref_count_init (&self->ref_count);
  self->pool = pool;
  self->sent_functions = g_array_new (FALSE, TRUE, sizeof (guint32));
  self->finished = g_ptr_array_new ();
  self->returned = g_ptr_array_new ();
  g_queue_init (&self->jobs);
  self->started = au_clock_get_monotonic_time ();
  self->idle_since = self->started;
  self->process = make_process (pool, &helper);

  if (!make_link (self, error) || !make_page (self, error) || !make_tail (self, error) ||
      !au_process_start (self->process, NULL, error))
    {
      au_pool_worker_unref (self);
      return NULL;
    }

  self->pid = au_process_get_pid (self->process);
  watch (self, &self->link_watch, AU_POOL_WATCH_LINK, au_link_get_fd (self->link));
  watch (self, &self->process_watch, AU_POOL_WATCH_PROCESS, au_process_get_descriptor (self->process));
  watch (self, &self->tail_watch, AU_POOL_WATCH_TAIL, au_tail_get_fd (self->tail));
  send_settings (self, helper);

  return self;
}

AuPoolWorker *
au_pool_worker_ref (AuPoolWorker *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
au_pool_worker_unref (AuPoolWorker *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->link, au_link_free);
  g_clear_pointer (&self->tail, au_tail_free);
  g_clear_object (&self->process);
  if (self->page != NULL)
    munmap (self->page, sizeof (AuWirePage));
  g_array_unref (self->sent_functions);
  g_ptr_array_unref (self->finished);
  g_ptr_array_unref (self->returned);
  g_clear_pointer (&self->sent_store, g_variant_unref);
  g_free (self->fault);
  g_free (self);
}

/* Sending */

static void
send_function (AuPoolWorker   *self,
               AuPoolFunction *function)
{
  g_autofree char *input = au_hello_dup_type (au_function_get_input (function->function));
  g_autofree char *output = au_hello_dup_type (au_function_get_output (function->function));
  GByteArray *buffer = au_link_lock (self->link);
  gsize begin = au_wire_begin (buffer, AU_WIRE_FUNCTION, 0, self->n_sent_functions);

  au_wire_put_string (buffer, au_function_get_name (function->function));
  au_wire_put_string (buffer, input);
  au_wire_put_string (buffer, output);
  au_wire_put_number (buffer, function->limits.memory);
  au_wire_put_number (buffer, function->limits.cpu_time);
  au_wire_put_number (buffer, function->limits.no_core);
  au_wire_end (buffer, begin);
  au_link_unlock (self->link);
}

static guint32
ensure_function (AuPoolWorker   *self,
                 AuPoolFunction *function)
{
  guint32 *place;

  if (function->number >= self->sent_functions->len)
    g_array_set_size (self->sent_functions, function->number + 1);

  place = &g_array_index (self->sent_functions, guint32, function->number);
  if (*place == 0)
    {
      send_function (self, function);
      *place = ++self->n_sent_functions;
    }

  return *place - 1;
}

static void
send_value (AuPoolWorker *self,
            AuWireType    type,
            guint32       job,
            GVariant     *value)
{
  GByteArray *buffer = au_link_lock (self->link);

  au_link_put_value (self->link, au_wire_begin (buffer, type, job, 0), value, -1);
  au_link_unlock (self->link);
}

/* Tells how to open the store, where that is needed and was not told before. */
static void
ensure_store (AuPoolWorker *self,
              AuJob        *job)
{
  g_autoptr(GVariant) store = NULL;

  if (!self->pool->settings.finish_orphans)
    return;

  store = au_job_get_store (job);
  if (store == self->sent_store)
    return;

  send_value (self, AU_WIRE_STORE, 0, store);
  g_clear_pointer (&self->sent_store, g_variant_unref);
  self->sent_store = g_steal_pointer (&store);
}

/* Only whoever fills the worker may call it. */
void
au_pool_worker_send (AuPoolWorker *self,
                     AuPoolJob    *job)
{
  guint32 function = ensure_function (self, job->function);
  gint64 deadline = au_job_get_deadline (job->job);
  GTimeSpan left = deadline > 0 ? MAX (deadline - au_clock_get_monotonic_time (), 1) : 0;
  GVariant *metadata = au_job_get_metadata (job->job);
  guint32 number = job->number;
  GByteArray *buffer;
  gboolean cancelled;
  gsize begin;

  ensure_store (self, job->job);
  if (metadata != NULL)
    send_value (self, AU_WIRE_METADATA, job->number, metadata);

  buffer = au_link_lock (self->link);
  begin = au_wire_begin (buffer, AU_WIRE_JOB, job->number, function);
  au_wire_put_string (buffer, au_job_get_key (job->job));
  au_wire_put_number (buffer, au_job_get_attempt (job->job));
  au_wire_put_number (buffer, left);
  au_link_put_value (self->link, begin, au_job_get_arguments (job->job), -1);
  job->sent = TRUE;
  cancelled = g_atomic_int_get (&job->cancelled);
  au_link_unlock (self->link);

  if (cancelled)
    au_pool_worker_send_order (self, AU_WIRE_CANCEL, number, 0);
}

/* Of a job that it does not have, the worker would know nothing: then whoever sends it says this,
 * too. To say it twice does no harm. */
void
au_pool_worker_send_cancel (AuPoolWorker *self,
                            AuPoolJob    *job)
{
  gboolean sent;

  au_link_lock (self->link);
  sent = job->sent;
  au_link_unlock (self->link);

  if (!sent)
    return;

  au_pool_worker_send_order (self, AU_WIRE_CANCEL, job->number, 0);
  au_pool_worker_flush (self);
}

void
au_pool_worker_send_order (AuPoolWorker *self,
                           AuWireType    type,
                           guint32       job,
                           guint32       extra)
{
  GByteArray *buffer = au_link_lock (self->link);

  au_wire_end (buffer, au_wire_begin (buffer, type, job, extra));
  au_link_unlock (self->link);
}

/* What the socket does not take is sent by the pool's thread once it does. */
void
au_pool_worker_flush (AuPoolWorker *self)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT, .data.ptr = &self->link_watch };

  if (au_link_flush (self->link, FALSE) == AU_LINK_AGAIN)
    epoll_ctl (self->pool->epoll, EPOLL_CTL_MOD, au_link_get_fd (self->link), &event);
}

/* The worker has done what it may not do, or has to go: nothing is left to be said. */
void
au_pool_worker_fault (AuPoolWorker *self,
                      const char   *fault)
{
  if (self->fault == NULL)
    self->fault = g_strdup (fault);
  au_process_send_signal (self->process, SIGKILL);
}

/* Receiving; in the pool's thread */

static AuPoolJob *
find_job (AuPoolWorker *self,
          guint32       number)
{
  AuPoolJob *found = NULL;

  g_mutex_lock (&self->pool->lock);
  for (GList *link = self->jobs.head; link != NULL && found == NULL; link = link->next)
    {
      AuPoolJob *job = link->data;

      if (job->number == number)
        found = job;
    }
  g_mutex_unlock (&self->pool->lock);

  /* Only the pool's thread takes jobs that were sent. */
  return found;
}

static gboolean
take_hello (AuPoolWorker *self,
            AuWireReader *reader)
{
  g_autoptr(GVariant) hello = NULL;
  g_autoptr(GError) error = NULL;
  AuPool *pool = self->pool;

  if (self->state != AU_POOL_WORKER_STARTING || !au_wire_get_value (reader, &hello) || hello == NULL)
    return FALSE;

  if (!au_hello_check (hello, &error))
    {
      au_pool_note_failed_start (pool, self->started, error, TRUE);
      au_pool_worker_fault (self, error->message);
      return TRUE;
    }

  g_mutex_lock (&pool->lock);
  self->state = AU_POOL_WORKER_READY;
  self->idle_since = au_clock_get_monotonic_time ();
  pool->n_ready++;
  pool->n_failed_starts = 0;
  g_mutex_unlock (&pool->lock);

  return TRUE;
}

static void
note_duration (AuPoolWorker   *self,
               AuPoolFunction *function,
               guint32         duration)
{
  int sample = MIN (duration, G_MAXINT / 4);

  g_mutex_lock (&self->pool->lock);
  function->n_deaths = 0;
  au_pool_note_alive_locked (function);
  if (function->duration < 0)
    function->duration = sample;
  else
    function->duration = (function->duration * 3 + sample + 3) / 4;
  g_mutex_unlock (&self->pool->lock);
}

static gboolean
take_end (AuPoolWorker *self,
          AuWireReader *reader)
{
  const AuWireHeader *header = reader->header;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  AuPoolJob *job;

  if (header->type == AU_WIRE_DONE ? !au_wire_get_value (reader, &value)
                                   : !au_wire_get_error (reader, &error))
    return FALSE;

  job = au_pool_take_job (self, header->job);
  if (job == NULL)
    return FALSE;

  note_duration (self, job->function, header->extra);
  job->value = g_steal_pointer (&value);
  job->error = g_steal_pointer (&error);
  if (job->timed_out)
    au_pool_job_note_limits (job);
  g_ptr_array_add (self->finished, job);
  au_pool_worker_measure (self);

  return TRUE;
}

static gboolean
take_report (AuPoolWorker *self,
             AuWireReader *reader)
{
  AuPoolJob *job = find_job (self, reader->header->job);
  const char *text;
  double progress;
  guint64 bits;

  if (!au_wire_get_number (reader, &bits) || !au_wire_get_string (reader, &text) ||
      (text != NULL && !g_utf8_validate (text, -1, NULL)))
    return FALSE;

  memcpy (&progress, &bits, sizeof progress);
  if (!(progress >= 0 && progress <= 1))
    progress = -1;

  if (job != NULL)
    au_job_report (job->job, progress, text, NULL);

  return TRUE;
}

static gboolean
take_item (AuPoolWorker *self,
           AuWireReader *reader)
{
  AuPoolJob *job = find_job (self, reader->header->job);
  g_autoptr(GVariant) item = NULL;

  if (!au_wire_get_value (reader, &item) || item == NULL)
    return FALSE;

  if (job != NULL)
    au_pool_job_take_item (job, g_steal_pointer (&item));

  return TRUE;
}

/* It has not begun it: another one may. */
static void
take_returned (AuPoolWorker *self,
               guint32       number)
{
  AuPoolJob *job = au_pool_take_job (self, number);

  if (job != NULL)
    g_ptr_array_add (self->returned, job);
}

static void
add_field (GLogField  *fields,
           guint      *n_fields,
           const char *key,
           const char *value)
{
  fields[(*n_fields)++] = (GLogField) { key, value, -1 };
}

static gboolean
take_log (AuPoolWorker *self,
          AuWireReader *reader)
{
  AuPoolJob *job = find_job (self, reader->header->job);
  GLogLevelFlags level = reader->header->extra & G_LOG_LEVEL_MASK & ~G_LOG_LEVEL_ERROR;
  GLogField fields[MAX_LOG_FIELDS + 4];
  char attempt[16], pid[16];
  guint n_fields = 0;
  guint64 n_given;

  if (!au_wire_get_number (reader, &n_given) || n_given > MAX_LOG_FIELDS)
    return FALSE;

  for (guint64 i = 0; i < n_given; i++)
    {
      const char *key, *value;

      if (!au_wire_get_string (reader, &key) || key == NULL ||
          !au_wire_get_string (reader, &value) || value == NULL)
        return FALSE;
      add_field (fields, &n_fields, key, value);
    }

  g_snprintf (pid, sizeof pid, "%d", self->pid);
  add_field (fields, &n_fields, "AU_WORKER", pid);
  if (job != NULL)
    {
      g_snprintf (attempt, sizeof attempt, "%u", au_job_get_attempt (job->job));
      add_field (fields, &n_fields, "AU_KEY", au_job_get_key (job->job));
      add_field (fields, &n_fields, "AU_FUNCTION", au_function_get_name (job->function->function));
      add_field (fields, &n_fields, "AU_ATTEMPT", attempt);
    }

  g_log_structured_array (level != 0 ? level : G_LOG_LEVEL_CRITICAL, fields, n_fields);

  return TRUE;
}

static gboolean
take_frame (AuWireReader *reader,
            gpointer      data)
{
  AuPoolWorker *self = data;
  AuPoolJob *job;

  if (self->state == AU_POOL_WORKER_STARTING && reader->header->type != AU_WIRE_HELLO)
    return FALSE;

  switch (reader->header->type)
    {
    case AU_WIRE_HELLO:
      return take_hello (self, reader);
    case AU_WIRE_DONE:
    case AU_WIRE_FAILED:
      return take_end (self, reader);
    case AU_WIRE_REPORT:
      return take_report (self, reader);
    case AU_WIRE_ITEM:
      return take_item (self, reader);
    case AU_WIRE_WANT:
      job = find_job (self, reader->header->job);
      if (job != NULL)
        au_pool_job_want (job);
      return TRUE;
    case AU_WIRE_RETURNED:
      take_returned (self, reader->header->job);
      return TRUE;
    case AU_WIRE_LOG:
      return take_log (self, reader);
    case AU_WIRE_PONG:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Reads one packet, and gives the worker new jobs before the old ones are told of. */
AuLinkState
au_pool_worker_receive (AuPoolWorker *self)
{
  AuLinkState state = au_link_receive (self->link, FALSE, take_frame, self);

  if (state == AU_LINK_OK)
    {
      self->heard = au_wire_now ();
      if (g_atomic_int_get (&self->pool->n_waiting) > 0)
        au_pool_fill (self->pool, self);
    }

  for (guint i = 0; i < self->finished->len; i++)
    au_pool_job_end (g_ptr_array_index (self->finished, i));
  g_ptr_array_set_size (self->finished, 0);

  /* Each goes before the others, so that the first one is to come last. */
  while (self->returned->len > 0)
    au_pool_job_release (g_ptr_array_steal_index (self->returned, self->returned->len - 1));

  return state;
}
