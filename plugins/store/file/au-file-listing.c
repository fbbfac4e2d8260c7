/* au-file-listing.c: the marks in one folder of a queue, as this process knows them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-listing-private.h"

#include <errno.h>
#include <string.h>

/* A folder is listed so often even if nobody has said that something was added, as who did
 * may have died before it could say so.
 */
#define MAX_AGE (G_USEC_PER_SEC)

/* What takes longer than this to be listed is listed less often: no more than a tenth of
 * the time goes into it. */
#define SHORT_LISTING (500)
#define REST (10)

static void
listed_free (gpointer data)
{
  AuFileListed *self = data;

  g_free (self->name);
  g_free (self->function);
  g_free (self->concurrency_key);
  g_free (self);
}

AuFileListing *
au_file_listing_new (AuFileLine *line,
                     const char *folder,
                     const char *stamped)
{
  AuFileListing *self = g_new0 (AuFileListing, 1);

  self->line = line;
  self->folder = g_strdup (folder);
  self->stamped = g_strdup (stamped);
  self->names = g_ptr_array_new_with_free_func (listed_free);

  return self;
}

void
au_file_listing_free (AuFileListing *self)
{
  g_ptr_array_unref (self->names);
  g_free (self->stamped);
  g_free (self->folder);
  g_free (self);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  const AuFileListed *listed_a = *(AuFileListed * const *) a;
  const AuFileListed *listed_b = *(AuFileListed * const *) b;

  return strcmp (listed_a->name, listed_b->name);
}

/* Takes over what was known of those that are still there. */
static void
take_over (GPtrArray *names,
           GPtrArray *old_names)
{
  for (guint i = 0, old = 0; i < names->len && old < old_names->len; )
    {
      gpointer *to = &g_ptr_array_index (names, i);
      gpointer *from = &g_ptr_array_index (old_names, old);
      int order = compare_names (to, from);

      if (order == 0 && !((AuFileListed *) *from)->gone)
        {
          gpointer listed = *to;

          *to = *from;
          *from = listed;
        }
      if (order >= 0)
        old++;
      if (order <= 0)
        i++;
    }
}

static gboolean
list (AuFileListing  *self,
      GError        **error)
{
  AuFileFolder *folder = &self->line->records->folder;
  GPtrArray *names = g_ptr_array_new_with_free_func (listed_free);
  DIR *entries = au_file_folder_list (folder, self->folder);
  struct dirent *entry;

  if (entries == NULL && errno != ENOENT)
    {
      g_ptr_array_unref (names);
      return au_file_folder_fail_reading (folder, self->folder, errno, error);
    }

  while (entries != NULL && (entry = readdir (entries)) != NULL)
    {
      AuFileListed *listed;

      if (entry->d_name[0] == '.')
        continue;

      listed = g_new0 (AuFileListed, 1);
      listed->name = g_strdup (entry->d_name);
      g_ptr_array_add (names, listed);
    }
  if (entries != NULL)
    closedir (entries);

  g_ptr_array_sort (names, compare_names);
  take_over (names, self->names);
  g_ptr_array_unref (self->names);
  self->names = names;
  self->first = 0;

  return TRUE;
}

/* Lists the folder again if something may have been added. What takes long may be put off,
 * unless it is to be done surely; then *current is FALSE.
 */
gboolean
au_file_listing_refresh (AuFileListing  *self,
                         gboolean        surely,
                         gboolean       *current,
                         GError        **error)
{
  guint64 stamp = au_file_line_read_stamp (self->line, self->stamped);
  gint64 now = au_clock_get_monotonic_time ();
  gint64 age = now - self->listed;

  *current = TRUE;
  if (self->listed > 0 && age < MAX (MAX_AGE, self->cost * REST) && stamp == self->stamp)
    return TRUE;

  if (!surely && self->cost > SHORT_LISTING && age < self->cost * REST)
    {
      *current = FALSE;
      return TRUE;
    }

  if (!list (self, error))
    return FALSE;

  self->stamp = stamp;
  self->listed = now;
  self->cost = au_clock_get_monotonic_time () - now;
  return TRUE;
}

/* The index of the first one that is not gone. */
guint
au_file_listing_begin (AuFileListing *self)
{
  while (self->first < self->names->len &&
         ((AuFileListed *) g_ptr_array_index (self->names, self->first))->gone)
    self->first++;

  return self->first;
}

/* Gets one, or NULL behind the last. */
AuFileListed *
au_file_listing_get (AuFileListing *self,
                     guint          index)
{
  return index < self->names->len ? g_ptr_array_index (self->names, index) : NULL;
}
