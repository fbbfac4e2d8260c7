/* au-part-clash.c: two types of one name
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-part-clash-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* GLib tells a module that its type cannot be registered, and nobody else. Which name is
 * taken must be found out: it is that of a type which there is and which the module's
 * file has among its texts.
 */

/* The module that a type came from. */
static G_DEFINE_QUARK (au-part-module, au_part_module)

/* Remembers that @type came from @module. */
void
au_part_clash_note (GType           type,
                    const AuModule *module)
{
  if (g_type_get_qdata (type, au_part_module_quark ()) == NULL)
    g_type_set_qdata (type, au_part_module_quark (), (gpointer) module);
}

gboolean
au_part_is_of_module (GType type)
{
  return g_type_get_qdata (type, au_part_module_quark ()) != NULL;
}

/* Whether @name is one of the zero-terminated texts of a file. */
static gboolean
has_text (const char *contents,
          gsize       length,
          const char *name)
{
  gsize size = strlen (name) + 1;
  const char *end = contents + length;
  const char *p = contents;

  while ((p = memmem (p, end - p, name, size)) != NULL)
    {
      if (p == contents || (!g_ascii_isalnum (p[-1]) && p[-1] != '_'))
        return TRUE;
      p++;
    }

  return FALSE;
}

/* Types that a module brought are likelier to be meant than those of libraries. */
static GType
find_below (GType       parent,
            const char *contents,
            gsize       length,
            gboolean    of_modules)
{
  g_autofree GType *children = g_type_children (parent, NULL);

  for (guint i = 0; children[i] != G_TYPE_INVALID; i++)
    {
      GType found;

      if (au_part_is_of_module (children[i]) == of_modules &&
          has_text (contents, length, g_type_name (children[i])))
        return children[i];

      found = find_below (children[i], contents, length, of_modules);
      if (found != G_TYPE_INVALID)
        return found;
    }

  return G_TYPE_INVALID;
}

/* The type whose name @module probably wants for its own; %G_TYPE_INVALID if it cannot
 * be told.
 */
GType
au_part_clash_find (const AuModule *module)
{
  g_autoptr(GMappedFile) mapped = NULL;
  const char *contents;
  gsize length;
  GType found;

  if (module->file == NULL)
    return G_TYPE_INVALID;
  mapped = g_mapped_file_new (module->file, FALSE, NULL);
  if (mapped == NULL || g_mapped_file_get_length (mapped) == 0)
    return G_TYPE_INVALID;

  contents = g_mapped_file_get_contents (mapped);
  length = g_mapped_file_get_length (mapped);
  found = find_below (G_TYPE_OBJECT, contents, length, TRUE);

  return found != G_TYPE_INVALID ? found : find_below (G_TYPE_OBJECT, contents, length, FALSE);
}

/* Where @type came from, for a message. */
char *
au_part_clash_whose (GType type)
{
  const AuModule *owner = g_type_get_qdata (type, au_part_module_quark ());

  if (owner == NULL)
    return g_strdup (_("the program or a library"));
  return au_module_loader_describe (owner);
}
