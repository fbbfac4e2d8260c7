/* au-process.c: a helper that runs beside the program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-process-private.h"
#include "au-process-spawn-private.h"

#include <au/au-error.h>
#include <au/au-param.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/**
 * AuProcess:
 *
 * A program that runs beside this one for as long as it is needed, such as a server for
 * a test or a helper for a task.
 *
 * [method@Au.Process.start] starts it and waits until it is ready to be used, and
 * [method@Au.Process.stop] ends it. It leads a process group of its own, and whatever it
 * leaves behind in that group ends with it; other children of this program are left
 * alone. Its input is empty, and it has no descriptors but the standard ones and those
 * that [method@Au.Process.take_descriptor] gave it.
 *
 * When the last reference is dropped, a program that still runs is killed, unless
 * [property@Au.Process:force] is unset.
 *
 * Processes are MT safe after they were set up; setting up belongs to one thread.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_PROGRAM = 1,
  PROP_ARGV,
  PROP_ENVIRONMENT,
  PROP_FOLDER,
  PROP_READY_DELAY,
  PROP_TIMEOUT,
  PROP_GRACE,
  PROP_FORCE,
} Property;

static GParamSpec *properties[PROP_FORCE + 1];

G_DEFINE_FINAL_TYPE (AuProcess, au_process, G_TYPE_OBJECT)

static void
check_clear (AuProcessCheck *check)
{
  if (check->destroy != NULL)
    check->destroy (check->data);

  *check = (AuProcessCheck) { NULL };
}

static void
descriptor_clear (gpointer data)
{
  AuProcessDescriptor *descriptor = data;

  close (descriptor->fd);
}

static void
au_process_finalize (GObject *object)
{
  AuProcess *self = AU_PROCESS (object);

  /* What was killed is there to be waited for at once. */
  if (self->state == AU_PROCESS_RUNNING && self->force && !au_process_look (self))
    {
      kill (-self->pid, SIGKILL);
      waitpid (self->pid, NULL, 0);
    }

  if (self->pidfd >= 0)
    close (self->pidfd);
  check_clear (&self->ready);
  check_clear (&self->found);
  g_clear_pointer (&self->descriptors, g_array_unref);
  g_clear_pointer (&self->program, g_free);
  g_clear_pointer (&self->argv, g_strfreev);
  g_clear_pointer (&self->environment, g_strfreev);
  g_clear_pointer (&self->folder, g_free);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_process_parent_class)->finalize (object);
}

static void
au_process_get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  AuProcess *self = AU_PROCESS (object);

  switch ((Property) id)
    {
    case PROP_PROGRAM:
      g_value_set_string (value, self->program);
      break;
    case PROP_ARGV:
      g_value_set_boxed (value, self->argv);
      break;
    case PROP_ENVIRONMENT:
      g_value_set_boxed (value, self->environment);
      break;
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;
    case PROP_READY_DELAY:
      g_value_set_int64 (value, self->ready_delay);
      break;
    case PROP_TIMEOUT:
      g_value_set_int64 (value, self->timeout);
      break;
    case PROP_GRACE:
      g_value_set_int64 (value, self->grace);
      break;
    case PROP_FORCE:
      g_value_set_boolean (value, self->force);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
au_process_set_property (GObject      *object,
                         guint         id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  AuProcess *self = AU_PROCESS (object);

  switch ((Property) id)
    {
    case PROP_PROGRAM:
      self->program = g_value_dup_string (value);
      break;
    case PROP_ARGV:
      self->argv = g_value_dup_boxed (value);
      break;
    case PROP_ENVIRONMENT:
      g_strfreev (self->environment);
      self->environment = g_value_dup_boxed (value);
      break;
    case PROP_FOLDER:
      g_free (self->folder);
      self->folder = g_value_dup_string (value);
      break;
    case PROP_READY_DELAY:
      self->ready_delay = g_value_get_int64 (value);
      break;
    case PROP_TIMEOUT:
      self->timeout = g_value_get_int64 (value);
      break;
    case PROP_GRACE:
      self->grace = g_value_get_int64 (value);
      break;
    case PROP_FORCE:
      self->force = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
au_process_class_init (AuProcessClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = au_process_finalize;
  object_class->get_property = au_process_get_property;
  object_class->set_property = au_process_set_property;

  /**
   * AuProcess:program:
   *
   * The file to run; %NULL for the first word of [property@Au.Process:argv]. One without
   * a slash is looked for in `PATH`.
   *
   * Since: 1.0
   */
  properties[PROP_PROGRAM] = g_param_spec_string ("program", NULL, NULL, NULL,
                                                  flags | G_PARAM_CONSTRUCT_ONLY);

  /**
   * AuProcess:argv:
   *
   * The words of the command: the program, as it is to call itself, and its arguments.
   *
   * Since: 1.0
   */
  properties[PROP_ARGV] = g_param_spec_boxed ("argv", NULL, NULL, G_TYPE_STRV,
                                              flags | G_PARAM_CONSTRUCT_ONLY);

  /**
   * AuProcess:environment:
   *
   * The environment of the program, as `NAME=VALUE`; %NULL for that of this process.
   *
   * Since: 1.0
   */
  properties[PROP_ENVIRONMENT] = g_param_spec_boxed ("environment", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * AuProcess:folder:
   *
   * The folder to run it in; %NULL for that of this process.
   *
   * Since: 1.0
   */
  properties[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL, flags);

  /**
   * AuProcess:ready-delay:
   *
   * How long the program must have run, in microseconds, before it may be ready.
   *
   * Since: 1.0
   */
  properties[PROP_READY_DELAY] = au_param_spec_duration ("ready-delay", NULL,
                                                        _("How long it must have run before it may be ready"),
                                                         0, G_MAXINT64, 0, flags);

  /**
   * AuProcess:timeout:
   *
   * How long to wait until the program is ready, in microseconds; 0 for ever.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = au_param_spec_duration ("timeout", NULL,
                                                        _("How long to wait until it is ready; 0 for ever"),
                                                     0, G_MAXINT64, 30 * G_TIME_SPAN_SECOND,
                                                     flags | G_PARAM_CONSTRUCT);

  /**
   * AuProcess:grace:
   *
   * How long the program may take to end when it is told to, in microseconds, before it
   * is killed.
   *
   * Since: 1.0
   */
  properties[PROP_GRACE] = au_param_spec_duration ("grace", NULL,
                                                        _("How long it may take to end before it is killed"),
                                                   0, G_MAXINT64, 5 * G_TIME_SPAN_SECOND,
                                                   flags | G_PARAM_CONSTRUCT);

  /**
   * AuProcess:force:
   *
   * Whether [method@Au.Process.stop] makes the program end. Without it, it waits for
   * the program to end by itself.
   *
   * Since: 1.0
   */
  properties[PROP_FORCE] = g_param_spec_boolean ("force", NULL, NULL, TRUE, flags | G_PARAM_CONSTRUCT);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
au_process_init (AuProcess *self)
{
  g_mutex_init (&self->lock);
  self->pidfd = -1;
  self->exit_status = -1;
  self->descriptors = g_array_new (FALSE, FALSE, sizeof (AuProcessDescriptor));
  g_array_set_clear_func (self->descriptors, descriptor_clear);
}

/**
 * au_process_new:
 * @argv: (array zero-terminated=1): the program and its arguments
 *
 * Makes a process that is still to be started.
 *
 * Returns: (transfer full): the process
 *
 * Since: 1.0
 */
AuProcess *
au_process_new (const char * const *argv)
{
  g_return_val_if_fail (argv != NULL && argv[0] != NULL, NULL);

  return g_object_new (AU_TYPE_PROCESS, "argv", argv, NULL);
}

/**
 * au_process_take_descriptor:
 * @self: a process that was not started
 * @fd: a descriptor of this process, which is closed once the program has it
 * @target: what it is in the program, such as 3
 *
 * Gives the program one of our descriptors. Standard output and standard error are ours
 * unless others are given.
 *
 * Since: 1.0
 */
void
au_process_take_descriptor (AuProcess *self,
                            int        fd,
                            int        target)
{
  AuProcessDescriptor descriptor = { fd, target };

  g_return_if_fail (AU_IS_PROCESS (self));
  g_return_if_fail (fd >= 0 && target >= 0);

  g_array_append_val (self->descriptors, descriptor);
}

static void
set_check (AuProcessCheck     *check,
           AuProcessCheckFunc  func,
           gpointer            user_data,
           GDestroyNotify      destroy)
{
  check_clear (check);
  *check = (AuProcessCheck) { func, user_data, destroy };
}

/**
 * au_process_set_ready_func:
 * @self: a process that was not started
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): the function
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Sets what tells whether the program is ready to be used. It is asked again and again
 * while the program starts, where it is started: in the thread of
 * [method@Au.Process.start], or the main context of [method@Au.Process.start_async].
 *
 * Since: 1.0
 */
void
au_process_set_ready_func (AuProcess          *self,
                           AuProcessCheckFunc  func,
                           gpointer            user_data,
                           GDestroyNotify      destroy)
{
  g_return_if_fail (AU_IS_PROCESS (self));

  set_check (&self->ready, func, user_data, destroy);
}

/**
 * au_process_set_found_func:
 * @self: a process that was not started
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): the function
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Sets what tells whether somebody runs the program already. It is asked once, before
 * the start; if so, nothing is started and later nothing is stopped, see
 * [method@Au.Process.was_found].
 *
 * Since: 1.0
 */
void
au_process_set_found_func (AuProcess          *self,
                           AuProcessCheckFunc  func,
                           gpointer            user_data,
                           GDestroyNotify      destroy)
{
  g_return_if_fail (AU_IS_PROCESS (self));

  set_check (&self->found, func, user_data, destroy);
}

char *
au_process_dup_name (AuProcess *self)
{
  return g_filename_display_name (self->argv[0]);
}

static guint64
get_own_peak (void)
{
  struct rusage usage;

  return getrusage (RUSAGE_SELF, &usage) == 0 ? (guint64) usage.ru_maxrss * 1024 : 0;
}

static gboolean
is_new (AuProcess  *self,
        GError    **error)
{
  gboolean is_new;

  g_mutex_lock (&self->lock);
  is_new = self->state == AU_PROCESS_NEW;
  g_mutex_unlock (&self->lock);

  if (!is_new)
    {
      g_autofree char *name = au_process_dup_name (self);

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” was started already: make another process"), name);
    }

  return is_new;
}

/* Starts the program, unless somebody runs it. */
gboolean
au_process_launch (AuProcess  *self,
                   GError    **error)
{
  const AuProcessSpec spec = {
    .program = self->program != NULL ? self->program : self->argv[0],
    .argv = (const char * const *) self->argv,
    .environment = (const char * const *) self->environment,
    .folder = self->folder,
    .descriptors = (const AuProcessDescriptor *) (gpointer) self->descriptors->data,
    .n_descriptors = self->descriptors->len,
  };
  gboolean done = TRUE;

  if (!is_new (self, error))
    return FALSE;

  if (self->found.func != NULL)
    {
      g_autoptr(GError) failure = NULL;
      gboolean found = self->found.func (self, self->found.data, &failure);

      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }

      if (found)
        {
          self->state = AU_PROCESS_FOUND;
          return TRUE;
        }
    }

  g_mutex_lock (&self->lock);
  /* The kernel counts the memory of whoever starts a program as the program's. */
  self->own_peak = get_own_peak ();
  self->pid = au_process_spawn (&spec, &self->pidfd, error);
  if (self->pid > 0)
    self->state = AU_PROCESS_RUNNING;
  else
    done = FALSE;
  g_mutex_unlock (&self->lock);

  g_array_set_size (self->descriptors, 0);

  return done;
}

/* Called with the lock held. */
static void
reap_locked (AuProcess *self)
{
  struct rusage usage = { 0 };
  int status = 0;

  /* Its number is still its own, and its group's. */
  kill (-self->pid, SIGKILL);

  if (wait4 (self->pid, &status, 0, &usage) == self->pid)
    {
      guint64 peak = (guint64) usage.ru_maxrss * 1024;

      self->exit_status = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
      self->signal = WIFSIGNALED (status) ? WTERMSIG (status) : 0;
      self->peak = peak > self->own_peak ? peak : 0;
    }

  self->state = AU_PROCESS_ENDED;
}

gboolean
au_process_look (AuProcess *self)
{
  gboolean ended;

  g_mutex_lock (&self->lock);
  if (self->state == AU_PROCESS_RUNNING)
    {
      siginfo_t info = { 0 };

      /* ECHILD: somebody else waited for it, and nobody knows how it ended. */
      if (waitid (P_PID, self->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
          ? errno != EINTR : info.si_pid != 0)
        reap_locked (self);
    }
  ended = self->state == AU_PROCESS_ENDED;
  g_mutex_unlock (&self->lock);

  return ended;
}

/**
 * au_process_was_found:
 * @self: a process
 *
 * Tells whether somebody else runs the program, so that it was not started.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_process_was_found (AuProcess *self)
{
  gboolean found;

  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);

  g_mutex_lock (&self->lock);
  found = self->state == AU_PROCESS_FOUND;
  g_mutex_unlock (&self->lock);

  return found;
}

/**
 * au_process_is_running:
 * @self: a process
 *
 * Tells whether the program was started here and has not ended.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_process_is_running (AuProcess *self)
{
  gboolean running;

  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);

  au_process_look (self);

  g_mutex_lock (&self->lock);
  running = self->state == AU_PROCESS_RUNNING;
  g_mutex_unlock (&self->lock);

  return running;
}

/**
 * au_process_get_pid:
 * @self: a process
 *
 * Gets the number of the process, which is that of its process group, too.
 *
 * MT safe.
 *
 * Returns: the number, or 0 before it was started
 *
 * Since: 1.0
 */
int
au_process_get_pid (AuProcess *self)
{
  int pid;

  g_return_val_if_fail (AU_IS_PROCESS (self), 0);

  g_mutex_lock (&self->lock);
  pid = self->pid;
  g_mutex_unlock (&self->lock);

  return MAX (pid, 0);
}

/**
 * au_process_get_descriptor:
 * @self: a process
 *
 * Gets a descriptor that can be read from once the process has ended: a pidfd.
 *
 * MT safe.
 *
 * Returns: the descriptor, which belongs to the process; -1 before it was started
 *
 * Since: 1.0
 */
int
au_process_get_descriptor (AuProcess *self)
{
  int pidfd;

  g_return_val_if_fail (AU_IS_PROCESS (self), -1);

  g_mutex_lock (&self->lock);
  pidfd = self->pidfd;
  g_mutex_unlock (&self->lock);

  return pidfd;
}

/**
 * au_process_send_signal:
 * @self: a process
 * @number: a signal, such as 15 for SIGTERM
 *
 * Sends a signal to the process and its group, unless it has ended.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was sent
 *
 * Since: 1.0
 */
gboolean
au_process_send_signal (AuProcess *self,
                        int        number)
{
  gboolean sent;

  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);

  /* While it is not waited for, its number is not given to another one. */
  g_mutex_lock (&self->lock);
  sent = self->state == AU_PROCESS_RUNNING && kill (-self->pid, number) == 0;
  g_mutex_unlock (&self->lock);

  return sent;
}

/**
 * au_process_get_exit_status:
 * @self: a process
 *
 * Gets the status with which the process exited.
 *
 * MT safe.
 *
 * Returns: the status, or -1 when it has not exited, or was ended by a signal
 *
 * Since: 1.0
 */
int
au_process_get_exit_status (AuProcess *self)
{
  int status;

  g_return_val_if_fail (AU_IS_PROCESS (self), -1);

  au_process_look (self);

  g_mutex_lock (&self->lock);
  status = self->exit_status;
  g_mutex_unlock (&self->lock);

  return status;
}

/**
 * au_process_get_signal:
 * @self: a process
 *
 * Gets the signal that ended the process.
 *
 * MT safe.
 *
 * Returns: the signal, or 0 when none did
 *
 * Since: 1.0
 */
int
au_process_get_signal (AuProcess *self)
{
  int number;

  g_return_val_if_fail (AU_IS_PROCESS (self), 0);

  au_process_look (self);

  g_mutex_lock (&self->lock);
  number = self->signal;
  g_mutex_unlock (&self->lock);

  return number;
}

/**
 * au_process_get_peak_memory:
 * @self: a process
 *
 * Gets how much memory the process had at most, once it has ended.
 *
 * MT safe.
 *
 * Returns: the size in bytes, or 0 when it is not known, because this process had as
 *   much when it started it
 *
 * Since: 1.0
 */
guint64
au_process_get_peak_memory (AuProcess *self)
{
  guint64 peak;

  g_return_val_if_fail (AU_IS_PROCESS (self), 0);

  g_mutex_lock (&self->lock);
  peak = self->peak;
  g_mutex_unlock (&self->lock);

  return peak;
}

/**
 * au_process_describe_end:
 * @self: a process
 *
 * Says in words how the process ended, as the end of a sentence, such as
 * “was killed by signal 11 (Segmentation fault)”.
 *
 * MT safe.
 *
 * Returns: (transfer full): the words
 *
 * Since: 1.0
 */
char *
au_process_describe_end (AuProcess *self)
{
  int number, status;

  g_return_val_if_fail (AU_IS_PROCESS (self), NULL);

  if (!au_process_look (self))
    return g_strdup (_("has not ended"));

  g_mutex_lock (&self->lock);
  number = self->signal;
  status = self->exit_status;
  g_mutex_unlock (&self->lock);

  if (number > 0)
    return g_strdup_printf (_("was killed by signal %d (%s)"), number, g_strsignal (number));
  if (status >= 0)
    return g_strdup_printf (_("exited with status %d"), status);

  return g_strdup (_("ended in an unknown way, because this program ignores SIGCHLD or waits for children that it did not start"));
}
