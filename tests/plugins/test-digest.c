/* test-digest.c: the function digest.file
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "plugins-fixture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* Larger than can be read in the time that a test takes to notice the first
 * progress; it has holes only, so that it takes no room. */
#define HUGE_FILE (G_GINT64_CONSTANT (8) << 30)

typedef struct
{
  AuEngine *engine;
  char     *folder;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fixture->engine = fixture_engine_new (data != NULL ? data : "inline");
  fixture->folder = g_dir_make_tmp ("au-digest-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr(GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }

  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_object_unref (fixture->engine);
}

static char *
write_file (Fixture    *fixture,
            const char *name,
            const char *contents,
            gssize      length)
{
  g_autoptr(GError) error = NULL;
  char *path = g_build_filename (fixture->folder, name, NULL);

  g_file_set_contents (path, contents, length, &error);
  g_assert_no_error (error);

  return path;
}

static GVariant *
digest (Fixture    *fixture,
        const char *name,
        GError    **error)
{
  return fixture_call (fixture->engine, "digest.file", g_variant_new ("(s)", name), error);
}

static void
assert_digest (Fixture    *fixture,
               const char *name,
               const char *type,
               guint64     size,
               const char *sha256,
               guint64     lines)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = digest (fixture, name, &error);
  const char *real_type;
  const char *real_sha256;
  guint64 real_size;
  guint64 real_lines;

  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (value), ==, "(stst)");
  g_variant_get (value, "(&st&st)", &real_type, &real_size, &real_sha256, &real_lines);

  g_assert_cmpstr (real_type, ==, type);
  g_assert_cmpuint (real_size, ==, size);
  g_assert_cmpuint (real_lines, ==, lines);
  if (sha256 != NULL)
    g_assert_cmpstr (real_sha256, ==, sha256);
}

/* Also checks that the message names the file. */
static void
assert_error (Fixture    *fixture,
              const char *name,
              GQuark      domain,
              int         code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = digest (fixture, name, &error);

  g_assert_null (value);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, name));
}

static void
test_digest_known_files (Fixture      *fixture,
                         gconstpointer data)
{
  g_autofree char *empty = write_file (fixture, "empty", "", 0);
  g_autofree char *abc = write_file (fixture, "abc", "abc", 3);
  g_autofree char *lines = write_file (fixture, "lines", "one\ntwo\n\nfour\n", -1);

  assert_digest (fixture, empty, "inode/x-empty", 0,
                 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0);
  assert_digest (fixture, abc, "text/plain", 3,
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 0);
  assert_digest (fixture, lines, "text/plain", 14, NULL, 4);
}

static void
test_digest_media_types (Fixture      *fixture,
                         gconstpointer data)
{
  static const struct
  {
    const char *contents;
    gsize       length;
    const char *type;
  } files[] = {
#define FILE(contents, type) { contents, sizeof (contents) - 1, type }
    FILE ("Gr\xc3\xbc\xc3\x9f" "e\n", "text/plain"),
    FILE ("Gr\xfc\xdf" "e\r\n\t\f\033[0m", "text/plain"),
    FILE ("a\0b", "application/octet-stream"),
    FILE ("a\001b", "application/octet-stream"),
    FILE ("\x1f\x8b\010\0", "application/gzip"),
    FILE ("\x89PNG\r\n\x1a\n....", "image/png"),
    FILE ("\x89PNG", "text/plain"),
    FILE ("\x7f" "ELF\002\001", "application/x-elf"),
    FILE ("#!/bin/sh\n", "text/x-script"),
    FILE ("<!DOCTYPE html>\n", "text/html"),
    FILE ("<?xml version=\"1.0\"?>", "application/xml"),
    FILE ("%PDF-1.7\n", "application/pdf"),
    FILE ("RIFF\020\0\0\0WEBPVP8 ", "image/webp"),
#undef FILE
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = write_file (fixture, "file", files[i].contents, files[i].length);
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = digest (fixture, path, &error);
      const char *type;

      g_assert_no_error (error);
      g_variant_get_child (value, 0, "&s", &type);
      g_assert_cmpstr (type, ==, files[i].type);
    }
}

/* Sizes around those of the blocks that are read and of the rows that are counted. */
static void
test_digest_sizes (Fixture      *fixture,
                   gconstpointer data)
{
  static const gsize sizes[] = { 1, 127, 128, 129, 4096, 262143, 262144, 262145, 3000000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *contents = g_malloc (sizes[i]);
      g_autofree char *path = NULL;
      g_autofree char *sha256 = NULL;
      guint64 lines = 0;

      for (gsize j = 0; j < sizes[i]; j++)
        {
          contents[j] = j * j % 7 == 0 ? '\n' : 'a' + j % 26;
          lines += contents[j] == '\n';
        }

      path = write_file (fixture, "file", contents, sizes[i]);
      sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) contents, sizes[i]);
      assert_digest (fixture, path, "text/plain", sizes[i], sha256, lines);
    }
}

static void
test_digest_all_newlines (Fixture      *fixture,
                          gconstpointer data)
{
  g_autofree char *contents = g_strnfill (100000, '\n');
  g_autofree char *path = write_file (fixture, "file", contents, -1);

  assert_digest (fixture, path, "text/plain", 100000, NULL, 100000);
}

static void
test_digest_uri (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = write_file (fixture, "na\xefve file", "abc", 3);
  g_autofree char *uri = g_filename_to_uri (path, NULL, &error);
  g_autofree char *local = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (strstr (uri, "na%EFve%20file"));
  assert_digest (fixture, uri, "text/plain", 3, NULL, 0);

  local = g_strconcat ("file://localhost", uri + strlen ("file://"), NULL);
  assert_digest (fixture, local, "text/plain", 3, NULL, 0);

  assert_error (fixture, "file://elsewhere/etc/passwd", AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  assert_error (fixture, "file://%zz", AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

static void
test_digest_symbolic_link (Fixture      *fixture,
                           gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "file", "abc", 3);
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);

  g_assert_cmpint (symlink (path, link), ==, 0);
  assert_digest (fixture, link, "text/plain", 3, NULL, 0);
}

static void
test_digest_refuses_what_is_no_file (Fixture      *fixture,
                                     gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", NULL);
  g_autofree char *pipe_path = g_build_filename (fixture->folder, "pipe", NULL);
  g_autofree char *socket_path = g_build_filename (fixture->folder, "socket", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  assert_error (fixture, "", AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  assert_error (fixture, missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  assert_error (fixture, fixture->folder, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  assert_error (fixture, "/dev/null", G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);

  /* nobody writes into it, so that opening it in the usual way would wait for ever */
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  assert_error (fixture, pipe_path, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpuint (g_strlcpy (address.sun_path, socket_path, sizeof address.sun_path), <,
                    sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  assert_error (fixture, socket_path, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  close (fd);
}

static void
test_digest_forbidden_file (Fixture      *fixture,
                            gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "file", "abc", 3);

  g_assert_cmpint (g_chmod (path, 0), ==, 0);
  if (g_access (path, R_OK) == 0)
    {
      g_test_skip ("this user may read everything");
      return;
    }

  assert_error (fixture, path, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_digest_file_that_has_no_size (Fixture      *fixture,
                                   gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = digest (fixture, "/proc/self/status", &error);
  guint64 size;

  g_assert_no_error (error);
  g_variant_get_child (value, 1, "t", &size);
  g_assert_cmpuint (size, >, 0);
}

/* Large files */

static char *
make_huge_file (Fixture *fixture)
{
  char *path = write_file (fixture, "huge", "", 0);

  if (truncate (path, HUGE_FILE) < 0)
    {
      g_clear_pointer (&path, g_free);
      g_test_skip ("there cannot be a file of 8 GiB here");
    }

  return path;
}

/* A handle tells those only who have asked; being called is all that is wanted. */
static void
wake_up (AuHandle   *handle,
         GParamSpec *pspec,
         gpointer    user_data)
{
}

/* Submits, and returns when it has told of its progress for the first time. */
static AuHandle *
submit_and_wait_for_progress (Fixture    *fixture,
                              const char *path)
{
  g_autoptr(GError) error = NULL;
  AuHandle *handle = au_engine_submit (fixture->engine, "digest.file",
                                       g_variant_new ("(s)", path), NULL, &error);

  g_assert_no_error (error);
  g_signal_connect (handle, "notify::progress", G_CALLBACK (wake_up), NULL);
  while (au_handle_get_progress (handle) <= 0 && !au_handle_is_ready (handle))
    g_main_context_iteration (NULL, TRUE);

  g_assert_false (au_handle_is_ready (handle));
  g_assert_cmpfloat (au_handle_get_progress (handle), >, 0);
  g_assert_cmpfloat (au_handle_get_progress (handle), <, 1);

  return handle;
}

static void
test_digest_reports_progress_and_can_be_cancelled (Fixture      *fixture,
                                                   gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autofree char *path = make_huge_file (fixture);

  if (path == NULL)
    return;

  handle = submit_and_wait_for_progress (fixture, path);
  au_handle_cancel (handle);

  g_assert_false (au_handle_wait (handle, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_CANCELLED);
}

static void
test_digest_notices_a_change (Fixture      *fixture,
                              gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autofree char *path = make_huge_file (fixture);

  if (path == NULL)
    return;

  handle = submit_and_wait_for_progress (fixture, path);
  g_assert_cmpint (truncate (path, 1000), ==, 0);

  g_assert_false (au_handle_wait (handle, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG);
  g_assert_nonnull (strstr (error->message, path));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, backend, function) \
  g_test_add (path, Fixture, backend, set_up, function, tear_down)

  ADD ("/digest/known-files", NULL, test_digest_known_files);
  ADD ("/digest/media-types", NULL, test_digest_media_types);
  ADD ("/digest/sizes", NULL, test_digest_sizes);
  ADD ("/digest/all-newlines", NULL, test_digest_all_newlines);
  ADD ("/digest/uri", NULL, test_digest_uri);
  ADD ("/digest/symbolic-link", NULL, test_digest_symbolic_link);
  ADD ("/digest/refuses-what-is-no-file", NULL, test_digest_refuses_what_is_no_file);
  ADD ("/digest/forbidden-file", NULL, test_digest_forbidden_file);
  ADD ("/digest/file-that-has-no-size", NULL, test_digest_file_that_has_no_size);
  ADD ("/digest/reports-progress-and-can-be-cancelled", "thread",
       test_digest_reports_progress_and_can_be_cancelled);
  ADD ("/digest/notices-a-change", "thread", test_digest_notices_a_change);

  return g_test_run ();
}
