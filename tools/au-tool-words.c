/* au-tool-words.c: options with their values in the same word
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-words.h"

#include <string.h>

/* GOption takes “-j 4” and “--jobs=4”, but not the “-j4” of make, xargs and parallel, nor
 * does it tell what options it has. So whoever gives it some has them noted here. */
typedef struct
{
  char        letter;
  const char *name;
} ValuedOption;

static GArray *valued_options;
static GPtrArray *kept;

static gboolean
takes_value (const GOptionEntry *entry)
{
  return entry->arg != G_OPTION_ARG_NONE &&
         (entry->arg != G_OPTION_ARG_CALLBACK || (entry->flags & G_OPTION_FLAG_NO_ARG) == 0);
}

/* The same as g_option_context_add_main_entries (). The names must be literals. */
void
au_tool_words_add_entries (GOptionContext     *context,
                           const GOptionEntry *entries)
{
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);

  if (valued_options == NULL)
    valued_options = g_array_new (FALSE, FALSE, sizeof (ValuedOption));
  for (const GOptionEntry *entry = entries; entry->long_name != NULL; entry++)
    {
      if (takes_value (entry))
        {
          ValuedOption option = { entry->short_name, entry->long_name };

          g_array_append_val (valued_options, option);
        }
    }
}

static gboolean
is_valued (char        letter,
           const char *name)
{
  for (guint i = 0; valued_options != NULL && i < valued_options->len; i++)
    {
      const ValuedOption *option = &g_array_index (valued_options, ValuedOption, i);

      if (name != NULL ? g_str_equal (option->name, name) : letter != 0 && option->letter == letter)
        return TRUE;
    }
  return FALSE;
}

static char *
keep (char *text)
{
  g_ptr_array_add (kept, text);
  return text;
}

/* Adds one word that starts with a hyphen, in two where a value follows its letter;
 * tells whether the next word is its value. */
static gboolean
add_option (GPtrArray *words,
            char      *word)
{
  if (word[1] == '-')
    {
      g_ptr_array_add (words, word);
      return is_valued (0, word + 2);
    }

  for (gsize i = 1; word[i] != '\0'; i++)
    {
      if (!is_valued (word[i], NULL))
        continue;
      if (word[i + 1] == '\0')
        {
          g_ptr_array_add (words, word);
          return TRUE;
        }
      g_ptr_array_add (words, keep (g_strndup (word, i + 1)));
      g_ptr_array_add (words, keep (g_strdup (word + i + 1)));
      return FALSE;
    }

  g_ptr_array_add (words, word);
  return FALSE;
}

/* Gives each value of a short option a word of its own, up to “--”, or with @only_first up
 * to the first word that is no option. What becomes @argv is never freed, as GLib's own
 * vector is not. */
void
au_tool_words_split (int       *argc,
                     char    ***argv,
                     gboolean   only_first)
{
  GPtrArray *words = g_ptr_array_new ();
  int i;

  if (kept == NULL)
    kept = g_ptr_array_new ();

  g_ptr_array_add (words, (*argv)[0]);
  for (i = 1; i < *argc && !g_str_equal ((*argv)[i], "--"); i++)
    {
      char *word = (*argv)[i];

      if (word[0] != '-' || word[1] == '\0')
        {
          if (only_first)
            break;
          g_ptr_array_add (words, word);
        }
      else if (add_option (words, word) && i + 1 < *argc)
        {
          g_ptr_array_add (words, (*argv)[++i]);
        }
    }
  for (; i < *argc; i++)
    g_ptr_array_add (words, (*argv)[i]);

  *argc = words->len;
  g_ptr_array_add (words, NULL);
  *argv = (char **) g_ptr_array_free (words, FALSE);
  keep ((char *) *argv);
}
