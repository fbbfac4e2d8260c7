/* au-config-reader.c: reads key files
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-config-private.h"

#include "au-module-private.h"
#include "au-text-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* GKeyFile merges what is given twice and forgets on which line a thing was, so this
 * reads the lines itself. A value is taken as it stands, without the spaces around it.
 */

static void
setting_free (gpointer data)
{
  AuSetting *self = data;

  g_free (self->key);
  g_free (self->value);
  g_free (self);
}

void
au_group_free (AuGroup *self)
{
  g_free (self->name);
  g_ptr_array_unref (self->settings);
  g_free (self);
}

AuSetting *
au_group_find (AuGroup    *self,
               const char *key)
{
  for (guint i = 0; i < self->settings->len; i++)
    {
      AuSetting *setting = g_ptr_array_index (self->settings, i);

      if (g_str_equal (setting->key, key))
        return setting;
    }

  return NULL;
}

/* Adds a setting that is not there yet. */
AuSetting *
au_group_add (AuGroup    *self,
              const char *key,
              const char *value,
              AuOrigin    origin,
              guint       line)
{
  AuSetting *setting = g_new0 (AuSetting, 1);

  setting->key = g_strdup (key);
  setting->value = g_strdup (value);
  setting->origin = origin;
  setting->line = line;
  g_ptr_array_add (self->settings, setting);
  return setting;
}

AuGroup *
au_groups_find (GPtrArray  *groups,
                const char *name)
{
  for (guint i = 0; i < groups->len; i++)
    {
      AuGroup *group = g_ptr_array_index (groups, i);

      if (g_str_equal (group->name, name))
        return group;
    }

  return NULL;
}

/* What the first words of groups may be: the kinds of parts, and these. */
static const char *const group_words[] = {
  "au", "modules", "engine", "worker", "schedule", "store", "backend", "middleware", "serializer", NULL,
};

static gboolean
is_label (const char *text)
{
  if (*text == '\0')
    return FALSE;

  for (; *text != '\0'; text++)
    {
      if (!g_ascii_isalnum (*text) && *text != '-' && *text != '_')
        return FALSE;
    }

  return TRUE;
}

static gboolean
set_unknown_group_error (GError     **error,
                         const char  *word)
{
  const char *nearest = au_text_nearest (word, group_words);
  const char *const have = "au, modules, engine NAME, worker, schedule NAME, store NAME, backend NAME, "
                           "middleware NAME, serializer NAME";

  if (nearest != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                 _("no such group; did you mean “%s”? (groups: %s)"), nearest, have);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_CONFIG, _("no such group (groups: %s)"), have);
  return FALSE;
}

/* Splits the name of a group, such as “store main”. */
static gboolean
parse_group_name (AuGroup     *group,
                  const char  *name,
                  GError     **error)
{
  gsize length = strcspn (name, " \t");
  g_autofree char *word = g_strndup (name, length);
  const char *label = name + length + strspn (name + length, " \t");
  gboolean has_label;

  if (g_str_equal (word, "au"))
    group->sort = AU_GROUP_AU;
  else if (g_str_equal (word, "modules"))
    group->sort = AU_GROUP_MODULES;
  else if (g_str_equal (word, "engine"))
    group->sort = AU_GROUP_ENGINE;
  else if (g_str_equal (word, "worker"))
    group->sort = AU_GROUP_WORKER;
  else if (g_str_equal (word, "schedule"))
    group->sort = AU_GROUP_SCHEDULE;
  else
    {
      group->sort = AU_GROUP_PART;
      for (group->kind = 0; group->kind < AU_MODULE_FUNCTION; group->kind++)
        {
          if (g_str_equal (word, au_module_kind_to_string (group->kind)))
            break;
        }
      if (group->kind == AU_MODULE_FUNCTION)
        return set_unknown_group_error (error, word);
    }

  has_label = group->sort == AU_GROUP_ENGINE || group->sort == AU_GROUP_SCHEDULE ||
              group->sort == AU_GROUP_PART;
  if (!has_label && *label != '\0')
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("there is only one group of this sort: write [%s]"), word);
      return FALSE;
    }

  if (has_label && !is_label (label))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("the group needs a name of letters, digits, “-” and “_”: write [%s NAME]"),
                   word);
      return FALSE;
    }

  group->name = has_label ? g_strdup_printf ("%s %s", word, label) : g_steal_pointer (&word);
  return TRUE;
}

/* Makes an empty group, or gives %NULL when there can be none of this name. */
AuGroup *
au_group_new (const char  *name,
              AuOrigin     origin,
              guint        line,
              GError     **error)
{
  g_autoptr(AuGroup) self = g_new0 (AuGroup, 1);

  self->origin = origin;
  self->line = line;
  self->settings = g_ptr_array_new_with_free_func (setting_free);

  return parse_group_name (self, name, error) ? g_steal_pointer (&self) : NULL;
}

/* The state of reading a file. */
typedef struct
{
  const char *origin;
  guint       line;
  GPtrArray  *groups;

  /* What settings go into; %NULL before the first group, and in one that cannot be. */
  AuGroup    *group;
  gboolean    in_bad_group;

  /* What was given already, so that long files do not take long: the groups of the
   * file, and the settings of the group.
   */
  GHashTable *names;
  GHashTable *keys;
} Reader;

/* Goes on with a group that is there already, so that its settings are looked at too. */
static void
enter_group (Reader  *reader,
             AuGroup *group)
{
  reader->group = group;
  reader->in_bad_group = group == NULL;
  g_hash_table_remove_all (reader->keys);

  for (guint i = 0; group != NULL && i < group->settings->len; i++)
    {
      AuSetting *setting = g_ptr_array_index (group->settings, i);

      g_hash_table_insert (reader->keys, setting->key, setting);
    }
}

static gboolean
read_group (Reader      *reader,
            char        *text,
            GError     **error)
{
  g_autoptr(AuGroup) group = NULL;
  AuGroup *earlier;
  char *end = strchr (text, ']');

  enter_group (reader, NULL);
  if (end == NULL || end[1] != '\0')
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("%s:%u: “%s” is no group: a group is one line such as [store main]"),
                   reader->origin, reader->line, text);
      return FALSE;
    }

  *end = '\0';
  g_strstrip (text + 1);
  group = au_group_new (text + 1, AU_ORIGIN_FILE, reader->line, error);
  if (group == NULL)
    {
      g_prefix_error (error, "%s:%u: [%s]: ", reader->origin, reader->line, text + 1);
      return FALSE;
    }

  earlier = g_hash_table_lookup (reader->names, group->name);
  if (earlier != NULL)
    {
      enter_group (reader, earlier);
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("%s:%u: [%s]: given twice, first in line %u: put both into one"),
                   reader->origin, reader->line, group->name, earlier->line);
      return FALSE;
    }

  enter_group (reader, group);
  g_hash_table_insert (reader->names, group->name, group);
  g_ptr_array_add (reader->groups, g_steal_pointer (&group));
  return TRUE;
}

static gboolean
read_setting (Reader      *reader,
              char        *text,
              GError     **error)
{
  char *equals = strchr (text, '=');
  AuSetting *setting;
  AuSetting *earlier;

  if (equals == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("%s:%u: this line is neither a group in brackets, a setting KEY=VALUE, nor a "
                     "comment after “#”"), reader->origin, reader->line);
      return FALSE;
    }

  *equals = '\0';
  g_strchomp (text);

  if (text[0] == '\0')
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("%s:%u: there is no key before “=”"), reader->origin, reader->line);
      return FALSE;
    }

  if (reader->in_bad_group)
    return TRUE;

  if (reader->group == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("%s:%u: “%s” is in no group: put a line such as [au] before it"),
                   reader->origin, reader->line, text);
      return FALSE;
    }

  earlier = g_hash_table_lookup (reader->keys, text);
  if (earlier != NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("%s:%u: [%s] %s: given twice, first in line %u: remove one"),
                   reader->origin, reader->line, reader->group->name, text, earlier->line);
      return FALSE;
    }

  setting = au_group_add (reader->group, text, g_strchug (equals + 1),
                          AU_ORIGIN_FILE, reader->line);
  g_hash_table_insert (reader->keys, setting->key, setting);
  return TRUE;
}

static gboolean
read_line (Reader      *reader,
           const char  *start,
           gsize        length,
           GError     **error)
{
  g_autofree char *text = NULL;

  if (!g_utf8_validate (start, length, NULL))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFIG,
                   _("%s:%u: this line is not text in UTF-8"), reader->origin, reader->line);
      return FALSE;
    }

  text = g_strstrip (g_strndup (start, length));
  if (text[0] == '\0' || text[0] == '#')
    return TRUE;

  return text[0] == '[' ? read_group (reader, text, error) : read_setting (reader, text, error);
}

static void
mistake_free (gpointer data)
{
  AuMistake *self = data;

  g_error_free (self->error);
  g_free (self);
}

GPtrArray *
au_mistakes_new (void)
{
  return g_ptr_array_new_with_free_func (mistake_free);
}

/* Takes over @error. */
void
au_mistakes_add (GPtrArray *mistakes,
                 guint      line,
                 GError    *error)
{
  AuMistake *mistake = g_new0 (AuMistake, 1);

  mistake->line = line;
  mistake->error = error;
  g_ptr_array_add (mistakes, mistake);
}

/* Reads @length bytes of a key file and gives its groups. What is wrong with them is
 * added to @mistakes; the errors name @origin and the line.
 */
GPtrArray *
au_groups_read (const char *text,
                gsize       length,
                const char *origin,
                GPtrArray  *mistakes)
{
  g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func ((GDestroyNotify) au_group_free);
  g_autoptr(GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
  Reader reader = { origin, 1, groups, NULL, FALSE, names, keys };
  const char *end = text + length;

  /* Some editors put a mark before the text. */
  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    text += 3;

  for (; text < end && mistakes->len < AU_MAX_MISTAKES; reader.line++)
    {
      const char *line_end = memchr (text, '\n', end - text);
      gsize line_length = (line_end != NULL ? line_end : end) - text;
      GError *error = NULL;

      if (!read_line (&reader, text, line_length, &error))
        au_mistakes_add (mistakes, reader.line, error);
      text = line_end != NULL ? line_end + 1 : end;
    }

  return g_steal_pointer (&groups);
}
