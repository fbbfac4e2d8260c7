/* bench-process.c: what it costs to compute in worker processes
 *
 * Beside a bare socket between two processes, a bare start of a program, and Python's
 * concurrent.futures.ProcessPoolExecutor, if there is a python3.
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-bench.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_CALLS (2000)
#define N_MANY (20000)
#define N_PYTHON (4000)
#define N_WAITING (100000)
#define LARGE (64 * 1024 * 1024)
#define PIECE (128 * 1024)
/* About as long as what au sends for a computation without arguments. */
#define MESSAGE (80)

/* What workers do */

static GVariant *
nothing (AuCall    *call,
         GVariant  *arguments,
         gpointer   data,
         GError   **error)
{
  return NULL;
}

static guint8 *
get_large (void)
{
  static guint8 *bytes;

  if (bytes == NULL)
    {
      bytes = g_malloc (LARGE);
      memset (bytes, 1, LARGE);
    }

  return bytes;
}

static GVariant *
give (AuCall    *call,
      GVariant  *arguments,
      gpointer   data,
      GError   **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (get_large (), LARGE);

  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GVariant *
take (AuCall    *call,
      GVariant  *arguments,
      gpointer   data,
      GError   **error)
{
  return g_variant_new_uint64 (g_variant_get_size (arguments));
}

static GVariant *
build (AuCall    *call,
       GVariant  *arguments,
       gpointer   data,
       GError   **error)
{
  g_autoptr(GBytes) bytes = NULL;
  gpointer place;

  bytes = au_call_new_bytes (call, LARGE, &place, error);
  if (bytes == NULL)
    return NULL;
  memset (place, 1, LARGE);

  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GVariant *
die_once (AuCall    *call,
          GVariant  *arguments,
          gpointer   data,
          GError   **error)
{
  if (au_call_get_attempt (call) == 1)
    raise (SIGKILL);

  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "bench.nothing", "()", NULL, nothing, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "bench.give", "()", "ay", give, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "bench.take", "(ay)", "t", take, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "bench.build", "()", "ay", build, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "bench.die-once", "()", NULL, die_once, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL }
};

static AuEngine *
engine_new (const char *backend_type,
            const char *setting)
{
  g_auto(GStrv) settings = g_strsplit (setting, ";", -1);
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = au_part_new (AU_MODULE_STORE, "memory", &error, NULL);
  g_autoptr(AuBackend) backend = NULL;

  if (store != NULL)
    backend = (AuBackend *) au_part_new_from_strings (AU_MODULE_BACKEND, backend_type, (const char * const *) settings, &error);
  if (backend == NULL)
    g_error ("%s", error->message);

  return au_engine_new_with_parts (store, backend);
}

static void
call (AuEngine   *engine,
      const char *function,
      GVariant   *arguments)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;

  value = au_engine_call (engine, function, arguments, NULL, -1, NULL, &error);
  if (error != NULL)
    g_error ("%s", error->message);
}

typedef struct
{
  AuEngine  *engine;    /* of one worker */
  AuEngine  *many;      /* of as many as there are processors */
  AuProcess *peer;
  int        socket;    /* to the peer */
} Bench;

/* The peer: this program once more, without au */

static void
read_exactly (int   fd,
              void *data,
              gsize size)
{
  guint8 *place = data;

  while (size > 0)
    {
      ssize_t n = recv (fd, place, size, 0);

      if (n <= 0)
        exit (0);
      place += n;
      size -= n;
    }
}

static void
write_large (int fd)
{
  for (gsize done = 0; done < LARGE; done += PIECE)
    {
      if (send (fd, get_large () + done, PIECE, MSG_NOSIGNAL) != PIECE)
        exit (0);
    }
}

static void
read_large (int     fd,
            guint8 *place)
{
  for (gsize done = 0; done < LARGE; done += PIECE)
    read_exactly (fd, place + done, PIECE);
}

/* Fresh memory, as a function has that builds its value in place. */
static void
hand_over (int fd)
{
  int memory = memfd_create ("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  char control[CMSG_SPACE (sizeof (int))] = { 0 };
  char byte = 'm';
  struct iovec vector = { &byte, 1 };
  struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  guint8 *place;

  if (memory < 0 || ftruncate (memory, LARGE) != 0)
    exit (1);
  place = mmap (NULL, LARGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  memset (place, 1, LARGE);
  munmap (place, LARGE);
  fcntl (memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof (int));
  memcpy (CMSG_DATA (header), &memory, sizeof (int));
  sendmsg (fd, &message, MSG_NOSIGNAL);
  close (memory);
}

static void
be_peer (void)
{
  char message[MESSAGE];

  get_large ();
  for (;;)
    {
      read_exactly (3, message, sizeof message);
      switch (message[0])
        {
        case 'g':
          write_large (3);
          break;
        case 't':
          read_large (3, get_large ());
          send (3, message, sizeof message, MSG_NOSIGNAL);
          break;
        case 'b':
          hand_over (3);
          break;
        default:
          send (3, message, sizeof message, MSG_NOSIGNAL);
          break;
        }
    }
}

/* A program of GLib that says that it is there. */
static int
be_started (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  char byte = 's';

  g_type_ensure (G_TYPE_CANCELLABLE);
  g_main_context_iteration (context, FALSE);
  if (send (3, &byte, 1, MSG_NOSIGNAL) != 1)
    return 1;
  read_exactly (3, &byte, 1);

  return 0;
}

static AuProcess *
start_self (const char *word,
            int         type,
            int        *fd)
{
  const char *argv[] = { "/proc/self/exe", word, NULL };
  AuProcess *process = au_process_new (argv);
  const int size = 1024 * 1024;
  g_autoptr(GError) error = NULL;
  int ends[2];

  if (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
    g_error ("%s", g_strerror (errno));
  setsockopt (ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  setsockopt (ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  au_process_take_descriptor (process, ends[1], 3);
  if (!au_process_start (process, NULL, &error))
    g_error ("%s", error->message);
  *fd = ends[0];

  return process;
}

static void
tell (Bench *bench,
      char   what)
{
  char message[MESSAGE] = { what };

  if (send (bench->socket, message, sizeof message, 0) != sizeof message)
    g_error ("%s", g_strerror (errno));
}

/* One at a time */

static double
round_trips (gpointer data)
{
  Bench *bench = data;
  double start = au_bench_now ();

  for (guint i = 0; i < N_CALLS; i++)
    call (bench->engine, "bench.nothing", NULL);

  return au_bench_now () - start;
}

static double
ping_pong (gpointer data)
{
  Bench *bench = data;
  char message[MESSAGE];
  double start = au_bench_now ();

  for (guint i = 0; i < N_CALLS; i++)
    {
      tell (bench, 'p');
      read_exactly (bench->socket, message, sizeof message);
    }

  return au_bench_now () - start;
}

/* Whether two processes that talk to each other share a processor is the system's choice,
 * and changes the time several times over: so the same is also measured with each on a
 * processor of its own. */

static void
pin_process (const char *process,
             int         processor)
{
  g_autofree char *path = g_build_filename ("/proc", process, "task", NULL);
  g_autoptr(GDir) threads = g_dir_open (path, 0, NULL);
  const char *thread;
  cpu_set_t set;

  CPU_ZERO (&set);
  for (int i = 0; i < CPU_SETSIZE; i++)
    {
      if (processor < 0 || i == processor)
        CPU_SET (i, &set);
    }

  while (threads != NULL && (thread = g_dir_read_name (threads)) != NULL)
    sched_setaffinity (atoi (thread), sizeof set, &set);
}

/* What this program has started runs on @processor; -1 for any. */
static void
pin_children (int processor)
{
  g_autoptr(GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *thread;

  while ((thread = g_dir_read_name (threads)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", thread, "children", NULL);
      g_autofree char *text = NULL;
      g_auto(GStrv) children = NULL;

      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      children = g_strsplit (g_strstrip (text), " ", -1);
      for (guint i = 0; children[i] != NULL && children[i][0] != '\0'; i++)
        pin_process (children[i], processor);
    }
}

static double
measure_apart (double (*measure) (gpointer data),
               gpointer data)
{
  double time;

  pin_process ("self", 0);
  pin_children (1);
  time = measure (data);
  pin_process ("self", -1);
  pin_children (-1);

  return time;
}

static double
round_trips_apart (gpointer data)
{
  return measure_apart (round_trips, data);
}

static double
ping_pong_apart (gpointer data)
{
  return measure_apart (ping_pong, data);
}

/* Many at a time */

static double
run_many (gpointer data)
{
  Bench *bench = data;
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  double start = au_bench_now ();

  for (guint i = 0; i < N_MANY; i++)
    g_ptr_array_add (handles, au_engine_submit (bench->many, "bench.nothing", NULL, NULL, NULL));
  for (guint i = 0; i < N_MANY; i++)
    {
      if (!au_handle_wait (g_ptr_array_index (handles, i), -1, NULL, NULL))
        g_error ("A computation failed");
    }

  return au_bench_now () - start;
}

static double
run_python (gpointer data)
{
  g_autofree char *script = g_strdup_printf (
    "import concurrent.futures, time, os\n"
    "with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:\n"
    "  pool.submit(int).result()\n"
    "  start = time.monotonic()\n"
    "  for f in [pool.submit(int) for i in range(%d)]: f.result()\n"
    "  print(time.monotonic() - start)\n", N_PYTHON);
  const char *argv[] = { "python3", "-c", script, NULL };
  g_autofree char *output = NULL;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, NULL, NULL))
    return 0;

  return g_ascii_strtod (output, NULL) * N_MANY / N_PYTHON;
}

/* Large values */

static double
time_call (Bench      *bench,
           const char *function)
{
  double start = au_bench_now ();

  call (bench->engine, function, NULL);

  return au_bench_now () - start;
}

static double
get_result (gpointer data)
{
  return time_call (data, "bench.give");
}

static double
copy_from_peer (gpointer data)
{
  Bench *bench = data;
  double start = au_bench_now ();
  guint8 *place = g_malloc (LARGE);

  tell (bench, 'g');
  read_large (bench->socket, place);
  g_free (place);

  return au_bench_now () - start;
}

static double
pass_argument (gpointer data)
{
  Bench *bench = data;
  g_autoptr(GBytes) bytes = g_bytes_new_static (get_large (), LARGE);
  GVariant *argument = g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
  double start = au_bench_now ();

  call (bench->engine, "bench.take", g_variant_new_tuple (&argument, 1));

  return au_bench_now () - start;
}

static double
copy_to_peer (gpointer data)
{
  Bench *bench = data;
  char message[MESSAGE];
  double start = au_bench_now ();

  tell (bench, 't');
  write_large (bench->socket);
  read_exactly (bench->socket, message, sizeof message);

  return au_bench_now () - start;
}

static double
build_in_place (gpointer data)
{
  return time_call (data, "bench.build");
}

static double
take_memory (gpointer data)
{
  Bench *bench = data;
  char control[CMSG_SPACE (sizeof (int))] = { 0 };
  char byte;
  struct iovec vector = { &byte, 1 };
  struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
  double start = au_bench_now ();
  gpointer place;
  int memory;

  tell (bench, 'b');
  if (recvmsg (bench->socket, &message, MSG_CMSG_CLOEXEC) != 1)
    g_error ("%s", g_strerror (errno));
  memcpy (&memory, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof (int));
  place = mmap (NULL, LARGE, PROT_READ, MAP_SHARED, memory, 0);
  munmap (place, LARGE);
  close (memory);

  return au_bench_now () - start;
}

/* Beginning and end */

static double
start_worker (gpointer data)
{
  double start = au_bench_now ();
  AuEngine *engine = engine_new ("process", "max-workers=1");
  double duration;

  call (engine, "bench.nothing", NULL);
  duration = au_bench_now () - start;
  g_object_unref (engine);

  return duration;
}

static double
start_program (gpointer data)
{
  double start = au_bench_now ();
  g_autoptr(AuProcess) process = NULL;
  double duration;
  char byte;
  int fd;

  process = start_self ("--start", SOCK_STREAM, &fd);
  read_exactly (fd, &byte, 1);
  duration = au_bench_now () - start;
  close (fd);
  au_process_wait (process, NULL, NULL);

  return duration;
}

/* From the death of a worker to the outcome, by another one. */
static double
lose_worker (gpointer data)
{
  g_autoptr(AuEngine) engine = engine_new ("process", "max-workers=2;min-workers=2");
  double start;

  /* both are there */
  for (guint i = 0; i < 200; i++)
    g_object_unref (au_engine_submit (engine, "bench.nothing", NULL, NULL, NULL));
  call (engine, "bench.nothing", NULL);
  g_usleep (50000);

  start = au_bench_now ();
  call (engine, "bench.die-once", NULL);

  return 1000 * (au_bench_now () - start);
}

static double
measure_waiting (const char *backend)
{
  AuEngine *engine = engine_new (backend, "max-workers=1");
  g_autofree AuHandle **handles = g_new (AuHandle *, N_WAITING);
  g_autoptr(AuOptions) options = au_options_new ();
  double before, after;

  /* None of them begins before its time. */
  au_options_set_priority (options, -1);
  call (engine, "bench.nothing", NULL);
  before = au_bench_resident ();
  for (guint i = 0; i < N_WAITING; i++)
    handles[i] = au_engine_submit (engine, "bench.nothing", NULL, options, NULL);
  after = au_bench_resident ();
  for (guint i = 0; i < N_WAITING; i++)
    {
      au_handle_wait (handles[i], -1, NULL, NULL);
      g_object_unref (handles[i]);
    }
  g_object_unref (engine);

  return (after - before) / N_WAITING;
}

static double
waiting_here (gpointer data)
{
  return measure_waiting ("thread");
}

static double
waiting_there (gpointer data)
{
  return measure_waiting ("process");
}

int
main (int    argc,
      char **argv)
{
  Bench bench = { NULL };
  guint n_runs;
  const AuBenchFigure figures[] = {
    { "process.round-trip", "s", round_trips, "socketpair", ping_pong, &bench, N_CALLS, FALSE },
    { "process.round-trip.two-processors", "s", round_trips_apart, "socketpair", ping_pong_apart, &bench,
      N_CALLS, FALSE },
    { "process.many", "computations/s", run_many, "ProcessPoolExecutor", run_python, &bench, N_MANY, TRUE },
    { "process.result.64MiB", "s", get_result, "socket copy", copy_from_peer, &bench, 1, FALSE },
    { "process.argument.64MiB", "s", pass_argument, "socket copy", copy_to_peer, &bench, 1, FALSE },
    { "process.in-place.64MiB", "s", build_in_place, "memfd handed over", take_memory, &bench, 1, FALSE },
    { "process.cold-start", "s", start_worker, "posix_spawn of a GLib program", start_program, &bench, 1, FALSE },
    { "process.lost", "ms", lose_worker, NULL, NULL, &bench, 0, FALSE },
    { "process.waiting", "bytes", waiting_there, "thread", waiting_here, &bench, 0, FALSE },
  };

  if (argc == 2 && g_str_equal (argv[1], "--peer"))
    be_peer ();
  if (argc == 2 && g_str_equal (argv[1], "--start"))
    return be_started ();

  au_functions_register (functions);
  au_init (&argc, &argv);
  n_runs = argc > 1 ? MAX (atoi (argv[1]), 1) : 7;

  bench.engine = engine_new ("process", "max-workers=1");
  bench.many = engine_new ("process", "max-workers=0");
  bench.peer = start_self ("--peer", SOCK_SEQPACKET, &bench.socket);

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      if (argc <= 2 || strstr (figures[i].name, argv[2]) != NULL)
        au_bench_run (&figures[i], n_runs);
    }

  close (bench.socket);
  g_object_unref (bench.peer);
  g_object_unref (bench.engine);
  g_object_unref (bench.many);

  return 0;
}
