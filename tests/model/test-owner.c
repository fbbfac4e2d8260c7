/* test-owner.c: which process a computation belongs to
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  HOST,
  BOOT,
  PID,
  START,
};

/* Gives the own owner with one part replaced. */
static char *
make_owner (guint       part,
            const char *text)
{
  g_auto(GStrv) parts = g_strsplit (au_owner_get_own (), "/", -1);

  g_free (parts[part]);
  parts[part] = g_strdup (text);

  return g_strjoinv ("/", parts);
}

static void
test_owner_names_this_process (void)
{
  const char *own = au_owner_get_own ();
  g_auto(GStrv) parts = g_strsplit (own, "/", -1);

  g_test_message ("%s", own);
  g_assert_cmpuint (g_strv_length (parts), ==, 4);
  g_assert_cmpint (atoi (parts[PID]), ==, getpid ());
  g_assert_cmpuint (g_ascii_strtoull (parts[START], NULL, 10), >, 0);
  g_assert_true (au_owner_get_own () == own);
  g_assert_cmpint (au_owner_get_state (own), ==, AU_OWNER_STATE_ALIVE);
}

typedef struct
{
  pid_t pid;
  int   leash;
  char  owner[512];
} Child;

/* Forks a child that tells who it is, and lives until the leash is let go. */
static void
start_child (Child *child)
{
  const char *of_parent = au_owner_get_own ();
  int answer[2];
  int leash[2];

  g_assert_cmpint (pipe (answer), ==, 0);
  g_assert_cmpint (pipe (leash), ==, 0);

  child->pid = fork ();
  g_assert_cmpint (child->pid, >=, 0);
  if (child->pid == 0)
    {
      const char *own = au_owner_get_own ();
      gsize size = strlen (own) + 1;
      char end;

      close (leash[1]);
      if (write (answer[1], own, size) != (gssize) size || read (leash[0], &end, 1) != 0)
        _exit (1);
      _exit (au_owner_get_own () == own && au_owner_get_state (of_parent) == AU_OWNER_STATE_ALIVE ? 0 : 1);
    }

  close (leash[0]);
  close (answer[1]);
  child->leash = leash[1];
  g_assert_cmpint (read (answer[0], child->owner, sizeof child->owner), >, 0);
  close (answer[0]);
}

static void
test_owner_forked_child_is_another (void)
{
  Child child;
  int status;

  start_child (&child);
  g_assert_cmpstr (child.owner, !=, au_owner_get_own ());
  g_assert_cmpint (au_owner_get_state (child.owner), ==, AU_OWNER_STATE_ALIVE);

  close (child.leash);
  g_assert_cmpint (waitpid (child.pid, &status, 0), ==, child.pid);
  g_assert_cmpint (status, ==, 0);
}

static void
test_owner_that_ended_is_dead (void)
{
  Child child;
  siginfo_t info;

  start_child (&child);
  close (child.leash);

  /* ended, but nobody has taken notice */
  g_assert_cmpint (waitid (P_PID, child.pid, &info, WEXITED | WNOWAIT), ==, 0);
  g_assert_cmpint (au_owner_get_state (child.owner), ==, AU_OWNER_STATE_DEAD);

  g_assert_cmpint (waitpid (child.pid, NULL, 0), ==, child.pid);
  g_assert_cmpint (au_owner_get_state (child.owner), ==, AU_OWNER_STATE_DEAD);
}

static void
test_owner_with_another_start_is_dead (void)
{
  /* the number of the process was given to another one, to us */
  g_autofree char *owner = make_owner (START, "1");

  g_assert_cmpint (au_owner_get_state (owner), ==, AU_OWNER_STATE_DEAD);
}

static void
test_owner_of_an_earlier_boot_is_dead (void)
{
  g_autofree char *owner = make_owner (BOOT, "00000000-0000-0000-0000-000000000000");

  g_assert_cmpint (au_owner_get_state (owner), ==, AU_OWNER_STATE_DEAD);
}

static void
test_owner_on_another_machine_is_unknown (void)
{
  g_autofree char *owner = make_owner (BOOT, "00000000-0000-0000-0000-000000000000");
  g_autofree char *elsewhere = g_strdup_printf ("elsewhere-%s", owner);

  g_assert_cmpint (au_owner_get_state (elsewhere), ==, AU_OWNER_STATE_UNKNOWN);
}

static void
test_owner_of_this_boot_is_known_under_any_host_name (void)
{
  g_autofree char *alive = make_owner (HOST, "renamed");
  g_auto(GStrv) parts = g_strsplit (alive, "/", -1);
  g_autofree char *dead = g_strdup_printf ("%s/%s/%s/1", parts[HOST], parts[BOOT], parts[PID]);

  g_assert_cmpint (au_owner_get_state (alive), ==, AU_OWNER_STATE_ALIVE);
  g_assert_cmpint (au_owner_get_state (dead), ==, AU_OWNER_STATE_DEAD);
}

static void
test_owner_in_another_container_is_unknown (void)
{
  g_auto(GStrv) parts = g_strsplit (au_owner_get_own (), "/", -1);
  g_autofree char *machine = g_strndup (parts[BOOT], strcspn (parts[BOOT], "."));
  g_autofree char *other = g_strdup_printf ("%s.1", machine);
  g_autofree char *owner = make_owner (BOOT, other);

  /* the process number is that of another process there */
  g_assert_cmpint (au_owner_get_state (owner), ==, AU_OWNER_STATE_UNKNOWN);
}

static void
test_owner_that_is_none_is_unknown (void)
{
  static const char *const owners[] = {
    "", "/", "///", "////", "host", "host/boot", "host/boot/1", "host/boot/1/2/3", "host/boot/x/1", "host/boot/1/x",
    "host/boot/-1/1", "host/boot/ 1/1", "/boot/1/1", "host//1/1", "host/boot//1", "host/boot/1/",
  };
  static const char *const numbers[] = { "0", "-1", "2147483648", "4294967297", "18446744073709551617", "99999999999999999999999" };

  for (guint i = 0; i < G_N_ELEMENTS (owners); i++)
    g_assert_cmpint (au_owner_get_state (owners[i]), ==, AU_OWNER_STATE_UNKNOWN);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *owner = make_owner (PID, numbers[i]);

      g_assert_cmpint (au_owner_get_state (owner), ==, AU_OWNER_STATE_UNKNOWN);
    }
}

static gpointer
get_own (gpointer data)
{
  return (gpointer) au_owner_get_own ();
}

static void
test_owner_is_one_for_all_threads (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("owner", get_own, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (g_thread_join (threads[i]) == au_owner_get_own ());
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/owner/is-one-for-all-threads", test_owner_is_one_for_all_threads);
  g_test_add_func ("/owner/names-this-process", test_owner_names_this_process);
  g_test_add_func ("/owner/forked-child-is-another", test_owner_forked_child_is_another);
  g_test_add_func ("/owner/that-ended-is-dead", test_owner_that_ended_is_dead);
  g_test_add_func ("/owner/with-another-start-is-dead", test_owner_with_another_start_is_dead);
  g_test_add_func ("/owner/of-an-earlier-boot-is-dead", test_owner_of_an_earlier_boot_is_dead);
  g_test_add_func ("/owner/on-another-machine-is-unknown", test_owner_on_another_machine_is_unknown);
  g_test_add_func ("/owner/of-this-boot-is-known-under-any-host-name", test_owner_of_this_boot_is_known_under_any_host_name);
  g_test_add_func ("/owner/in-another-container-is-unknown", test_owner_in_another_container_is_unknown);
  g_test_add_func ("/owner/that-is-none-is-unknown", test_owner_that_is_none_is_unknown);

  return g_test_run ();
}
