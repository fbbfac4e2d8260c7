/* au-owner.c: which process a computation belongs to
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-fork-private.h"

#include <au/au-owner.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* an owner is HOST/BOOT/PID/START */
#define N_PARTS (4)

/* stands for what the system does not tell */
#define NOT_KNOWN "unknown"

/* the number that Linux gives to the process namespace of the machine itself */
#define INITIAL_PID_NAMESPACE (0xeffffffc)

typedef struct _Own Own;

struct _Own
{
  guint  epoch;
  char  *text;
  Own   *parent;
};

typedef struct
{
  char    state;
  guint64 n_threads;
  guint64 start;
} Process;

G_DEFINE_ENUM_TYPE (AuOwnerState, au_owner_state,
                    G_DEFINE_ENUM_VALUE (AU_OWNER_STATE_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (AU_OWNER_STATE_ALIVE, "alive"),
                    G_DEFINE_ENUM_VALUE (AU_OWNER_STATE_DEAD, "dead"))

static char *
make_part (const char *text)
{
  char *part = g_strdup (text[0] != '\0' ? text : NOT_KNOWN);

  for (char *p = part; *p != '\0'; p++)
    {
      if (*p == '/' || !g_ascii_isgraph (*p))
        *p = '_';
    }

  return part;
}

/* The boot that this process runs in. In a container of its own process numbers, the
 * container too: what has the number 7 elsewhere is not what has it here. */
static char *
read_boot (void)
{
  g_autofree char *text = NULL;
  g_autofree char *boot = NULL;
  struct stat space;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return g_strdup (NOT_KNOWN);

  boot = make_part (g_strstrip (text));
  if (stat ("/proc/self/ns/pid", &space) != 0 || space.st_ino == INITIAL_PID_NAMESPACE)
    return g_steal_pointer (&boot);

  return g_strdup_printf ("%s.%" G_GUINT64_FORMAT, boot, (guint64) space.st_ino);
}

/* Reads what the kernel says about a process, and fails if that is nothing. */
static gboolean
process_read (Process    *self,
              const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", pid);
  g_autofree char *text = NULL;
  g_auto(GStrv) fields = NULL;
  const char *rest;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;

  /* the second field is the program's name, which may hold anything */
  rest = strrchr (text, ')');
  if (rest == NULL || rest[1] != ' ')
    return FALSE;

  fields = g_strsplit (rest + 2, " ", -1);
  if (g_strv_length (fields) < 20)
    return FALSE;

  /* fields 3, 20 and 22 of proc(5) */
  self->state = fields[0][0];
  self->n_threads = g_ascii_strtoull (fields[17], NULL, 10);
  self->start = g_ascii_strtoull (fields[19], NULL, 10);

  return TRUE;
}

static char *
make_own (void)
{
  g_autofree char *host = make_part (g_get_host_name ());
  g_autofree char *boot = read_boot ();
  Process process = { 0 };

  process_read (&process, "self");

  return g_strdup_printf ("%s/%s/%d/%" G_GUINT64_FORMAT, host, boot, (int) getpid (), process.start);
}

/**
 * au_owner_get_own:
 *
 * Gets the text that names this process among all processes of all machines, such as
 * `host/3c8e…/4711/86400`: the host, the boot, the process number and the time the
 * process was started, in clock ticks since the boot.
 *
 * A forked child has a name of its own.
 *
 * MT safe.
 *
 * Returns: (transfer none): the owner; it stays valid for ever
 *
 * Since: 1.0
 */
const char *
au_owner_get_own (void)
{
  static Own *current = NULL;
  guint epoch = au_fork_get_epoch ();
  Own *known = g_atomic_pointer_get (&current);
  Own *made;

  if (known != NULL && known->epoch == epoch)
    return known->text;

  made = g_new (Own, 1);
  made->epoch = epoch;
  made->text = make_own ();
  made->parent = known;

  /* no lock: one that another thread held during a fork would stay locked */
  if (g_atomic_pointer_compare_and_exchange (&current, known, made))
    return made->text;

  g_free (made->text);
  g_free (made);

  return ((Own *) g_atomic_pointer_get (&current))->text;
}

static gboolean
is_number (const char *text)
{
  return text[0] != '\0' && strlen (text) < 20 && strspn (text, "0123456789") == strlen (text);
}

static gboolean
split (const char *owner,
       char     ***parts)
{
  g_auto(GStrv) split = g_strsplit (owner, "/", N_PARTS + 1);

  if (g_strv_length (split) != N_PARTS ||
      split[0][0] == '\0' ||
      split[1][0] == '\0' ||
      !is_number (split[2]) ||
      !is_number (split[3]))
    return FALSE;

  *parts = g_steal_pointer (&split);
  return TRUE;
}

/* The part of a boot that all containers of a machine share. */
static gsize
get_machine_length (const char *boot)
{
  return strcspn (boot, ".");
}

static gboolean
same_machine (const char *boot,
              const char *own_boot)
{
  gsize length = get_machine_length (boot);

  return length == get_machine_length (own_boot) && strncmp (boot, own_boot, length) == 0;
}

static AuOwnerState
get_process_state (const char *pid,
                   const char *start)
{
  guint64 number = g_ascii_strtoull (pid, NULL, 10);
  Process process;

  /* 0 and negative numbers would ask for groups of processes */
  if (number == 0 || number > G_MAXINT)
    return AU_OWNER_STATE_UNKNOWN;

  if (kill ((pid_t) number, 0) != 0 && errno == ESRCH)
    return AU_OWNER_STATE_DEAD;

  /* it ended just now, or the system hides other users' processes */
  if (!process_read (&process, pid))
    return kill ((pid_t) number, 0) != 0 && errno == ESRCH ? AU_OWNER_STATE_DEAD : AU_OWNER_STATE_UNKNOWN;

  if (process.start != g_ascii_strtoull (start, NULL, 10))
    return AU_OWNER_STATE_DEAD;

  /* a process whose parent has not yet noticed its end; one whose first thread
   * alone has ended looks the same, but has others */
  if ((process.state == 'Z' || process.state == 'X') && process.n_threads <= 1)
    return AU_OWNER_STATE_DEAD;

  return AU_OWNER_STATE_ALIVE;
}

/**
 * au_owner_get_state:
 * @owner: the owner of a record
 *
 * Finds out whether the process that @owner names still runs.
 *
 * This asks the system, and does not block. What cannot be told from here, such as
 * the state of a process on another machine or of a text that names no process, is
 * %AU_OWNER_STATE_UNKNOWN: wait for its lease to end.
 *
 * MT safe.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
AuOwnerState
au_owner_get_state (const char *owner)
{
  g_auto(GStrv) parts = NULL;
  g_auto(GStrv) own = NULL;

  g_return_val_if_fail (owner != NULL, AU_OWNER_STATE_UNKNOWN);

  if (!split (owner, &parts) || !split (au_owner_get_own (), &own))
    return AU_OWNER_STATE_UNKNOWN;

  if (g_str_equal (parts[1], NOT_KNOWN) || g_str_equal (own[1], NOT_KNOWN))
    return AU_OWNER_STATE_UNKNOWN;

  if (!same_machine (parts[1], own[1]))
    return g_str_equal (parts[0], own[0]) ? AU_OWNER_STATE_DEAD : AU_OWNER_STATE_UNKNOWN;

  /* another container of this machine: its process numbers mean nothing here */
  if (!g_str_equal (parts[1], own[1]))
    return AU_OWNER_STATE_UNKNOWN;

  return get_process_state (parts[2], parts[3]);
}
