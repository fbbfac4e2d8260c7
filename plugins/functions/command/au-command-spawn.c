/* au-command-spawn.c: starts a program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-command-spawn-private.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

/*
 * posix_spawn() shares our memory with the child until it becomes the program, so
 * that the cost does not grow with our size, and no lock of another thread is copied
 * in a locked state, as it would be by fork().
 */

static void
close_and_forget (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* Descriptors 0, 1 and 2 are where the child's own go: ours must not be in the way,
 * as they are when somebody started us with some of them closed. */
static gboolean
raise_above_standard (int *fd)
{
  int raised;

  if (*fd > STDERR_FILENO)
    return TRUE;

  raised = fcntl (*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close (*fd);
  *fd = raised;

  return raised >= 0;
}

static gboolean
open_pipe (int      ends[2],
           GError **error)
{
  gboolean done = pipe2 (ends, O_CLOEXEC) == 0;
  int saved_errno;

  if (done)
    {
      /* both, whatever happens to the first: each is open or -1 afterwards */
      done = raise_above_standard (&ends[0]);
      done = raise_above_standard (&ends[1]) && done;
      if (done)
        return TRUE;

      saved_errno = errno;
      close_and_forget (&ends[0]);
      close_and_forget (&ends[1]);
    }
  else
    {
      saved_errno = errno;
      ends[0] = ends[1] = -1;
    }

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
               _("No pipe for the output of a command can be made: %s"), g_strerror (saved_errno));
  return FALSE;
}

static gboolean
write_all (int     fd,
           GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  while (length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;

      data += n;
      length -= n;
    }

  return lseek (fd, 0, SEEK_SET) == 0;
}

/* What the program reads. A file in memory, and not a pipe: nobody has to feed it
 * while the program runs, and a program that does not read harms nobody. */
static int
open_input (GBytes  *input,
            GError **error)
{
  gboolean done;
  int fd;

  if (input == NULL)
    {
      fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
      done = fd >= 0;
    }
  else
    {
      fd = memfd_create ("au-command-stdin", MFD_CLOEXEC);
      done = fd >= 0 && write_all (fd, input);
    }

  if (done && raise_above_standard (&fd))
    return fd;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
               _("The input of a command cannot be prepared: %s"), g_strerror (errno));
  close_and_forget (&fd);
  return -1;
}

/* Finding the program */

static gboolean
is_program (const char *path)
{
  struct stat info;

  return access (path, X_OK) == 0 && stat (path, &info) == 0 && S_ISREG (info.st_mode);
}

/* The same search that the child would do, but before there is a child: what is not
 * found costs nothing, and the reason is known. */
static char *
find_program (const AuCommandRequest *request,
              int                    *failure)
{
  const char *name = request->argv[0];
  const char *path = request->environment != NULL
    ? g_environ_getenv (request->environment, "PATH")
    : g_getenv ("PATH");
  gboolean found = FALSE;

  if (strchr (name, G_DIR_SEPARATOR) != NULL)
    return g_strdup (name);

  if (path == NULL)
    path = _PATH_DEFPATH;

  while (*path != '\0')
    {
      gsize length = strcspn (path, ":");

      /* an empty folder means the current one, which is a trap */
      if (length > 0)
        {
          g_autofree char *file = g_strdup_printf ("%.*s/%s", (int) length, path, name);

          if (is_program (file))
            return g_steal_pointer (&file);

          found = found || access (file, F_OK) == 0;
        }

      path += length;
      if (*path == ':')
        path++;
    }

  *failure = found ? EACCES : ENOENT;
  return NULL;
}

static GSpawnError
spawn_error_from_errno (int number)
{
  switch (number)
    {
    case EACCES:
      return G_SPAWN_ERROR_ACCES;
    case EAGAIN:
      return G_SPAWN_ERROR_FORK;
    case E2BIG:
      return G_SPAWN_ERROR_TOO_BIG;
    case EINVAL:
      return G_SPAWN_ERROR_INVAL;
    case EISDIR:
      return G_SPAWN_ERROR_ISDIR;
    case ELOOP:
      return G_SPAWN_ERROR_LOOP;
    case EMFILE:
      return G_SPAWN_ERROR_MFILE;
    case ENAMETOOLONG:
      return G_SPAWN_ERROR_NAMETOOLONG;
    case ENFILE:
      return G_SPAWN_ERROR_NFILE;
    case ENOENT:
      return G_SPAWN_ERROR_NOENT;
    case ENOEXEC:
      return G_SPAWN_ERROR_NOEXEC;
    case ENOMEM:
      return G_SPAWN_ERROR_NOMEM;
    case ENOTDIR:
      return G_SPAWN_ERROR_NOTDIR;
    case EPERM:
      return G_SPAWN_ERROR_PERM;
    case ETXTBSY:
      return G_SPAWN_ERROR_TXTBUSY;
    default:
      return G_SPAWN_ERROR_FAILED;
    }
}

/* Says why @program could not be started; NULL means that it was not even found. */
static void
set_spawn_error (GError                **error,
                 const AuCommandRequest *request,
                 const char             *program,
                 int                     failure)
{
  g_autofree char *name = g_filename_display_name (request->argv[0]);

  /* the system reports both with one number; which of them was it? */
  if (request->folder != NULL)
    {
      int folder = open (request->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

      if (folder < 0 || faccessat (folder, ".", X_OK, AT_EACCESS) < 0)
        {
          g_autofree char *folder_name = g_filename_display_name (request->folder);

          failure = errno;
          close_and_forget (&folder);
          g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_CHDIR,
                       _("“%s” cannot be started in the folder “%s”: %s"),
                       name, folder_name, g_strerror (failure));
          return;
        }

      close (folder);
    }

  if (failure == ENOENT && program == NULL)
    g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT,
                 _("“%s” cannot be started: no folder of PATH has it"), name);
  else if (failure == ENOENT && g_path_is_absolute (program) && access (program, F_OK) == 0)
    g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT,
                 _("“%s” cannot be started: the interpreter that it asks for is missing"), name);
  else
    g_set_error (error, G_SPAWN_ERROR, spawn_error_from_errno (failure),
                 _("“%s” cannot be started: %s"), name, g_strerror (failure));
}

/* Limits */

static gboolean
has_limits (const AuCommandRequest *request)
{
  return request->memory != 0 || request->cpu_time != 0 || request->files != 0;
}

static void
add_limit (GString   *script,
           const char *option,
           int        resource,
           guint64    wanted,
           guint64    unit)
{
  struct rlimit limit;

  if (wanted == 0)
    return;

  /* a limit that we are under ourselves cannot be exceeded by asking for more */
  if (getrlimit (resource, &limit) == 0 && limit.rlim_max != RLIM_INFINITY)
    wanted = MIN (wanted, limit.rlim_max);

  g_string_append_printf (script, "ulimit %s %" G_GUINT64_FORMAT " && ",
                          option, MAX (wanted / unit, 1));
}

/* posix_spawn() cannot set limits, and after it has started the program it is too
 * late. A shell sets them and becomes the program; only who wants limits pays for it.
 */
static char **
wrap_argv (const AuCommandRequest *request,
           const char             *program)
{
  GString *script = g_string_new (NULL);
  GPtrArray *argv = g_ptr_array_new ();

  add_limit (script, "-v", RLIMIT_AS, request->memory, 1024);
  add_limit (script, "-n", RLIMIT_NOFILE, request->files, 1);

  /* the soft limit sends SIGXCPU, which tells what happened; the hard one kills, and
   * may never be below the soft one */
  if (request->cpu_time != 0)
    {
      add_limit (script, "-S -t", RLIMIT_CPU, request->cpu_time, 1);
      add_limit (script, "-H -t", RLIMIT_CPU, request->cpu_time + 1, 1);
    }

  g_string_append (script, "exec \"$@\"");

  g_ptr_array_add (argv, g_strdup (_PATH_BSHELL));
  g_ptr_array_add (argv, g_strdup ("-c"));
  g_ptr_array_add (argv, g_string_free (script, FALSE));
  g_ptr_array_add (argv, g_strdup (request->argv[0]));
  g_ptr_array_add (argv, g_strdup (program));
  for (guint i = 1; request->argv[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (request->argv[i]));
  g_ptr_array_add (argv, NULL);

  return (char **) g_ptr_array_free (argv, FALSE);
}

/* The shell would turn what it cannot start into an exit status, so that is asked
 * before. */
static int
examine_program (const AuCommandRequest *request,
                 const char             *program)
{
  g_autofree char *path = g_path_is_absolute (program) || request->folder == NULL
    ? g_strdup (program)
    : g_build_filename (request->folder, program, NULL);
  struct stat info;

  if (access (path, X_OK) < 0 || stat (path, &info) < 0)
    return errno;

  return S_ISREG (info.st_mode) ? 0 : EACCES;
}

/* Starting it */

static int
spawn (const AuCommandRequest *request,
       const char             *program,
       char                  **argv,
       const int               standard[3],
       pid_t                  *pid)
{
  char **environment = request->environment != NULL ? request->environment : environ;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t signals;
  int failure;

  posix_spawnattr_init (&attributes);
  posix_spawnattr_setflags (&attributes,
                            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup (&attributes, 0);
  sigemptyset (&signals);
  posix_spawnattr_setsigmask (&attributes, &signals);
  sigfillset (&signals);
  posix_spawnattr_setsigdefault (&attributes, &signals);

  /* each can only fail for want of memory */
  failure = posix_spawn_file_actions_init (&actions);
  for (int i = 0; i < 3 && failure == 0; i++)
    failure = posix_spawn_file_actions_adddup2 (&actions, standard[i], i);
  if (failure == 0)
    failure = posix_spawn_file_actions_addclosefrom_np (&actions, STDERR_FILENO + 1);
  if (failure == 0 && request->folder != NULL)
    failure = posix_spawn_file_actions_addchdir_np (&actions, request->folder);

  if (failure == 0)
    failure = posix_spawn (pid, program, &actions, &attributes, argv, environment);

  posix_spawn_file_actions_destroy (&actions);
  posix_spawnattr_destroy (&attributes);

  return failure;
}

static pid_t
find_and_spawn (const AuCommandRequest *request,
                const int               standard[3],
                GError                **error)
{
  g_autofree char *program = NULL;
  pid_t pid = -1;
  int failure = 0;

  program = find_program (request, &failure);

  if (program != NULL && has_limits (request))
    {
      failure = examine_program (request, program);
      if (failure == 0)
        {
          g_auto(GStrv) wrapped = wrap_argv (request, program);

          failure = spawn (request, wrapped[0], wrapped, standard, &pid);
        }
    }
  else if (program != NULL)
    {
      failure = spawn (request, program, request->argv, standard, &pid);
    }

  if (failure != 0)
    {
      set_spawn_error (error, request, program, failure);
      return -1;
    }

  return pid;
}

/*
 * au_command_spawn:
 * @request: what to run
 * @output: (out): where to put the descriptors that its stdout and stderr are read from
 * @error: return location for an error
 *
 * Starts a program as the leader of a process group of its own, with no descriptors
 * but the three standard ones, no blocked signals, and no handled or ignored ones.
 *
 * Fails with a %G_SPAWN_ERROR when the program cannot be started, and with a
 * %G_IO_ERROR when the system has no pipes or memory left.
 *
 * MT safe.
 *
 * Returns: the process, which the caller has to wait for; -1 on failure
 */
pid_t
au_command_spawn (const AuCommandRequest *request,
                  int                     output[2],
                  GError                **error)
{
  int pipes[2][2] = { { -1, -1 }, { -1, -1 } };
  int input = -1;
  pid_t pid = -1;

  input = open_input (request->input, error);
  if (input >= 0 && open_pipe (pipes[0], error) && open_pipe (pipes[1], error))
    {
      const int standard[3] = { input, pipes[0][1], pipes[1][1] };

      pid = find_and_spawn (request, standard, error);
    }

  close_and_forget (&input);
  for (guint i = 0; i < 2; i++)
    {
      close_and_forget (&pipes[i][1]);
      if (pid < 0)
        close_and_forget (&pipes[i][0]);
      output[i] = pipes[i][0];
    }

  return pid;
}
