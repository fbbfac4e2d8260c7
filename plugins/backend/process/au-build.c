/* au-build.c: which build of a library this process uses
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-build-private.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#define ALIGN(n) (((n) + 3) & ~(gsize) 3)

typedef struct
{
  ElfW(Addr) address;
  GString   *id;
} Search;

static void
read_notes (const guint8 *notes,
            gsize         size,
            GString      *id)
{
  while (size >= sizeof (ElfW(Nhdr)))
    {
      const ElfW(Nhdr) *note = (const ElfW(Nhdr) *) (gconstpointer) notes;
      const char *name = (const char *) (note + 1);
      const guint8 *text = (const guint8 *) name + ALIGN (note->n_namesz);
      gsize length = sizeof *note + ALIGN (note->n_namesz) + ALIGN (note->n_descsz);

      if (length > size)
        return;

      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof "GNU" &&
          memcmp (name, "GNU", sizeof "GNU") == 0)
        {
          for (gsize i = 0; i < note->n_descsz; i++)
            g_string_append_printf (id, "%02x", text[i]);
        }

      notes += length;
      size -= length;
    }
}

static int
look_into_object (struct dl_phdr_info *info,
                  size_t               size,
                  void                *data)
{
  Search *search = data;
  gboolean here = FALSE;

  for (guint i = 0; i < info->dlpi_phnum && !here; i++)
    {
      const ElfW(Phdr) *header = &info->dlpi_phdr[i];
      ElfW(Addr) begin = info->dlpi_addr + header->p_vaddr;

      here = header->p_type == PT_LOAD && search->address >= begin &&
             search->address < begin + header->p_memsz;
    }

  for (guint i = 0; i < info->dlpi_phnum && here; i++)
    {
      const ElfW(Phdr) *header = &info->dlpi_phdr[i];

      if (header->p_type == PT_NOTE)
        read_notes ((const guint8 *) info->dlpi_addr + header->p_vaddr, header->p_memsz, search->id);
    }

  return here;
}

char *
au_build_describe (gconstpointer  address,
                   const char    *version)
{
  Search search = { (ElfW(Addr)) address, g_string_new (NULL) };
  char *words;

  dl_iterate_phdr (look_into_object, &search);
  words = search.id->len > 0 ? g_strdup_printf ("%s (%s)", version, search.id->str) : g_strdup (version);
  g_string_free (search.id, TRUE);

  return words;
}
