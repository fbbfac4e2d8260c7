/* au-mapping.c: large values in memory that is handed over
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-mapping-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct _AuMapping
{
  gatomicrefcount ref_count;
  int             fd;
  gpointer        data;
  gsize           size;
};

AuMapping *
au_mapping_new (gsize    size,
                GError **error)
{
  AuMapping *self = g_new0 (AuMapping, 1);
  g_autofree char *text = NULL;
  int saved_errno;

  g_atomic_ref_count_init (&self->ref_count);
  self->size = size;
  self->data = MAP_FAILED;
  self->fd = memfd_create ("au-value", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (self->fd >= 0 && ftruncate (self->fd, size) == 0)
    self->data = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);

  if (self->data != MAP_FAILED)
    return self;

  saved_errno = errno;
  text = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               _("There is no memory for a value of %s: %s"), text, g_strerror (saved_errno));
  au_mapping_unref (self);

  return NULL;
}

void
au_mapping_unref (AuMapping *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->data != MAP_FAILED)
    munmap (self->data, self->size);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

gpointer
au_mapping_get_data (AuMapping *self)
{
  return self->data;
}

gsize
au_mapping_get_size (AuMapping *self)
{
  return self->size;
}

GBytes *
au_mapping_to_bytes (AuMapping *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return g_bytes_new_with_free_func (self->data, self->size, (GDestroyNotify) au_mapping_unref, self);
}

int
au_mapping_seal (AuMapping *self)
{
  int fd;

  /* A file that somebody may write through a mapping cannot be sealed. Another mapping
   * takes its place, so that what points to the value stays right. */
  if (mmap (self->data, self->size, PROT_READ, MAP_PRIVATE | MAP_FIXED, self->fd, 0) == MAP_FAILED ||
      fcntl (self->fd, F_ADD_SEALS, SEALS) != 0)
    return -1;

  fd = self->fd;
  self->fd = -1;

  return fd;
}

static gboolean
is_sealed (int   fd,
           gsize size)
{
  int seals = fcntl (fd, F_GET_SEALS);
  struct stat status;

  return seals >= 0 && (seals & SEALS & ~F_SEAL_SEAL) == (SEALS & ~F_SEAL_SEAL) &&
         fstat (fd, &status) == 0 && (guint64) status.st_size == size;
}

GBytes *
au_mapping_open (int   fd,
                 gsize size)
{
  AuMapping *self;
  GBytes *bytes;
  gpointer data = MAP_FAILED;

  if (fd < 0)
    return NULL;

  if (size > 0 && is_sealed (fd, size))
    data = mmap (NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
  close (fd);
  if (data == MAP_FAILED)
    return NULL;

  self = g_new0 (AuMapping, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->fd = -1;
  self->data = data;
  self->size = size;
  bytes = au_mapping_to_bytes (self);
  au_mapping_unref (self);

  return bytes;
}
