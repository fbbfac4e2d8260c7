/* au-queue-peers.c: other systems that leave work to other processes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-queue-peers.h"

#include "au-bench.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each is as it comes, with a worker in a process of its own, and two clients of the
 * fewest words that its protocol takes: beanstalkd, which has no results, gets them
 * through another tube. Celery and RQ are driven by a script beside this.
 */

static GPid
start (const char * const *argv)
{
  g_autoptr(GError) error = NULL;
  GPid pid;

  if (!g_spawn_async (NULL, (char **) argv, NULL,
                      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH |
                      G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                      NULL, NULL, &pid, &error))
    g_error ("%s", error->message);

  return pid;
}

static void
stop (GPid pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

/* Connections */

typedef struct
{
  GSocketConnection *connection;
  GDataInputStream  *input;
  GOutputStream     *output;
} Wire;

/* An address is HOST:PORT or the path of a socket; a server that starts is waited for. */
static void
wire_open (Wire       *self,
           const char *address)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();

  for (guint i = 0; self->connection == NULL; i++)
    {
      g_autoptr(GSocketConnectable) to = NULL;
      g_autoptr(GError) error = NULL;

      to = address[0] == '/' ? G_SOCKET_CONNECTABLE (g_unix_socket_address_new (address))
                             : g_network_address_parse (address, 0, NULL);
      self->connection = g_socket_client_connect (client, to, NULL, &error);
      if (self->connection == NULL && i == 500)
        g_error ("%s: %s", address, error->message);
      if (self->connection == NULL)
        g_usleep (10 * 1000);
    }

  g_socket_set_option (g_socket_connection_get_socket (self->connection), IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  self->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)));
  g_data_input_stream_set_newline_type (self->input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  self->output = g_io_stream_get_output_stream (G_IO_STREAM (self->connection));
}

static void
wire_close (Wire *self)
{
  g_clear_object (&self->input);
  g_clear_object (&self->connection);
}

static void
wire_write (Wire          *self,
            gconstpointer  data,
            gsize          size)
{
  if (!g_output_stream_write_all (self->output, data, size, NULL, NULL, NULL))
    exit (1);
}

static char *
wire_read_line (Wire *self)
{
  char *line = g_data_input_stream_read_line (self->input, NULL, NULL, NULL);

  if (line == NULL)
    exit (1);
  return line;
}

/* beanstalkd */

/* Takes one out of a tube, and what was written before with it. */
static void
beanstalk_take (Wire       *self,
                const char *id,
                char       *next_id)
{
  g_autofree char *request = g_strdup_printf ("%s%s%sreserve\r\n", id[0] != '\0' ? "delete " : "", id,
                                              id[0] != '\0' ? "\r\n" : "");
  g_autofree char *line = NULL;

  wire_write (self, request, strlen (request));
  if (id[0] != '\0')
    g_free (wire_read_line (self));
  line = wire_read_line (self);
  sscanf (line, "RESERVED %31s", next_id);
  g_free (wire_read_line (self));
}

static void
beanstalk_put (Wire  *self,
               guint  n)
{
  g_autoptr(GString) request = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (request, "put 0 0 60 1\r\nx\r\n");
  wire_write (self, request->str, request->len);
  for (guint i = 0; i < n; i++)
    g_free (wire_read_line (self));
}

static void
beanstalk_open (Wire       *to,
                Wire       *from,
                const char *address,
                const char *to_tube,
                const char *from_tube)
{
  g_autofree char *use = g_strdup_printf ("use %s\r\n", to_tube);
  g_autofree char *watch = g_strdup_printf ("watch %s\r\n", from_tube);

  wire_open (to, address);
  wire_write (to, use, strlen (use));
  g_free (wire_read_line (to));
  wire_open (from, address);
  wire_write (from, watch, strlen (watch));
  g_free (wire_read_line (from));
}

static void
beanstalk_work (const char *address)
{
  Wire to = { NULL }, from = { NULL };
  char id[32] = "", next_id[32];

  beanstalk_open (&to, &from, address, "answers", "jobs");
  for (;;)
    {
      beanstalk_take (&from, id, next_id);
      beanstalk_put (&to, 1);
      strcpy (id, next_id);
    }
}

static void
beanstalk_run (const char *address,
               int         n,
               int         outstanding)
{
  Wire to = { NULL }, from = { NULL };
  char id[32] = "", next_id[32];
  int n_put = MIN (n, outstanding);

  beanstalk_open (&to, &from, address, "jobs", "answers");
  beanstalk_put (&to, n_put);
  for (int i = 0; i < n; i++)
    {
      beanstalk_take (&from, id, next_id);
      strcpy (id, next_id);
      if (n_put++ < n)
        beanstalk_put (&to, 1);
    }
  wire_close (&to);
  wire_close (&from);
}

static GPid
beanstalk_start (const char *folder,
                 char      **address)
{
  g_autofree char *listen = NULL;
  g_autofree char *log = g_build_filename (folder, "beanstalkd", NULL);
  const char *argv[] = { "beanstalkd", "-l", NULL, "-b", log, "-f", "0", NULL };

  g_mkdir (log, 0700);
  *address = g_build_filename (folder, "beanstalkd.socket", NULL);
  listen = g_strconcat ("unix:", *address, NULL);
  argv[2] = listen;

  return start (argv);
}

/* gearmand */

enum { CAN_DO = 1, PRE_SLEEP = 4, NOOP = 6, SUBMIT_JOB = 7, GRAB_JOB = 9, NO_JOB = 10, JOB_ASSIGN = 11, WORK_COMPLETE = 13 };

static void
gear_add (GByteArray *bytes,
          guint32     sort,
          const char *data,
          guint32     size)
{
  guint32 head[2] = { GUINT32_TO_BE (sort), GUINT32_TO_BE (size) };

  g_byte_array_append (bytes, (const guint8 *) "\0REQ", 4);
  g_byte_array_append (bytes, (const guint8 *) head, sizeof head);
  g_byte_array_append (bytes, (const guint8 *) data, size);
}

static void
gear_send (Wire       *self,
           GByteArray *bytes)
{
  wire_write (self, bytes->data, bytes->len);
  g_byte_array_set_size (bytes, 0);
}

static guint32
gear_receive (Wire  *self,
              char  *data,
              gsize  max)
{
  guint32 head[3];
  gsize n;

  if (!g_input_stream_read_all (G_INPUT_STREAM (self->input), head, sizeof head, &n, NULL, NULL) || n != sizeof head ||
      GUINT32_FROM_BE (head[2]) >= max ||
      !g_input_stream_read_all (G_INPUT_STREAM (self->input), data, GUINT32_FROM_BE (head[2]), &n, NULL, NULL))
    exit (1);
  data[n] = '\0';

  return GUINT32_FROM_BE (head[1]);
}

static void
gear_work (const char *address)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  Wire wire = { NULL };
  char data[512];

  wire_open (&wire, address);
  gear_add (bytes, CAN_DO, "f", 1);
  gear_add (bytes, GRAB_JOB, NULL, 0);
  for (;;)
    {
      guint32 sort;

      if (bytes->len > 0)
        gear_send (&wire, bytes);
      sort = gear_receive (&wire, data, sizeof data);
      if (sort == JOB_ASSIGN)
        gear_add (bytes, WORK_COMPLETE, data, strlen (data) + 1);
      if (sort == JOB_ASSIGN || sort == NOOP)
        gear_add (bytes, GRAB_JOB, NULL, 0);
      else if (sort == NO_JOB)
        gear_add (bytes, PRE_SLEEP, NULL, 0);
    }
}

static void
gear_run (const char *address,
          int         n,
          int         outstanding)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  Wire wire = { NULL };
  char data[512];
  int n_sent = 0, n_done = 0;

  wire_open (&wire, address);
  while (n_done < n)
    {
      for (; n_sent < n && n_sent - n_done < outstanding; n_sent++)
        gear_add (bytes, SUBMIT_JOB, "f\0\0x", 4);
      if (bytes->len > 0)
        gear_send (&wire, bytes);
      n_done += gear_receive (&wire, data, sizeof data) == WORK_COMPLETE;
    }
  wire_close (&wire);
}

static GPid
gear_start (const char *folder,
            char      **address)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *log = g_strconcat ("--log-file=", folder, "/gearmand.log", NULL);
  g_autofree char *text = g_strdup_printf ("--port=%u", port);
  const char *argv[] = { "gearmand", "--listen=127.0.0.1", text, log, NULL };

  g_socket_listener_close (listener);
  *address = g_strdup_printf ("127.0.0.1:%u", port);

  return start (argv);
}

/* All of them */

typedef struct
{
  const char *name;
  const char *program;
  GPid      (*start) (const char *folder, char **address);
  void      (*work)  (const char *address);
  void      (*run)   (const char *address, int n, int outstanding);
} Peer;

static const Peer peers[] = {
  { "gearmand", "gearmand", gear_start, gear_work, gear_run },
  { "beanstalkd, synced", "beanstalkd", beanstalk_start, beanstalk_work, beanstalk_run },
};

void
au_queue_peers_work (const char *peer,
                     const char *address)
{
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      if (g_str_equal (peers[i].name, peer))
        peers[i].work (address);
    }
  exit (1);
}

static void
run_peer (const Peer *peer,
          const char *folder,
          int         n,
          int         n_alone)
{
  g_autofree char *program = g_find_program_in_path (peer->program);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *address = NULL;
  double begin, many;
  GPid server, worker;

  if (program == NULL)
    {
      printf ("{\"peer\": \"%s\", \"skipped\": \"it is not installed\"}\n", peer->name);
      return;
    }

  server = peer->start (folder, &address);
  worker = start ((const char *[]) { self, "--peer-worker", peer->name, "--peer-address", address, NULL });
  peer->run (address, MIN (n, 1000), AU_QUEUE_PEERS_OUTSTANDING);

  begin = au_bench_now ();
  peer->run (address, n, AU_QUEUE_PEERS_OUTSTANDING);
  many = n / (au_bench_now () - begin);
  begin = au_bench_now ();
  peer->run (address, n_alone, 1);
  printf ("{\"peer\": \"%s\", \"64-outstanding-1/s\": %.4g, \"alone-mean-us\": %.4g}\n",
          peer->name, many, (au_bench_now () - begin) / n_alone * 1e6);
  fflush (stdout);
  stop (worker);
  stop (server);
}

/* The script says itself what it has measured, or why it could not. */
static void
run_script (const char *peer,
            const char *folder,
            int         n,
            int         n_alone)
{
  g_autofree char *script = g_build_filename (AU_BENCH_SOURCE, "queue-peers.py", NULL);
  g_autofree char *many = g_strdup_printf ("%d", n);
  g_autofree char *alone = g_strdup_printf ("%d", n_alone);
  const char *argv[] = { "/usr/bin/python3", script, peer, folder, many, alone, NULL };
  g_autofree char *output = NULL;

  fflush (stdout);
  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL, NULL, &output, NULL, NULL, NULL) || output[0] == '\0')
    printf ("{\"peer\": \"%s\", \"skipped\": \"it did not work\"}\n", peer);
  else
    fputs (output, stdout);
  fflush (stdout);
}

/* Measures those that are installed. */
void
au_queue_peers_run (const char *folder,
                    int         n,
                    int         n_alone)
{
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    run_peer (&peers[i], folder, n, n_alone);

  /* a tenth: they are slower by as much */
  run_script ("celery", folder, n / 10, n_alone / 10);
  run_script ("rq", folder, n / 10, n_alone / 10);
}
