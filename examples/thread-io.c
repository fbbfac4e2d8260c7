/* thread-io.c: threads for work that waits for disks or networks
 *
 *   cc thread-io.c -o thread-io $(pkg-config --cflags --libs au-1)
 *   ./thread-io FILE…
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

/* Reads a whole file. What waits takes the cancellable of its call, so that it stops
 * waiting when the computation is cancelled or its time is over. */
static GVariant *
fetch (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GError   **error)
{
  g_autoptr(GFile) file = NULL;
  g_autoptr(GBytes) bytes = NULL;
  const char *name;

  g_variant_get (arguments, "(&s)", &name);
  file = g_file_new_for_commandline_arg (name);
  bytes = g_file_load_bytes (file, au_call_get_cancellable (call), NULL, error);

  /* A value of the type “ay” is the bytes themselves; they are not copied. */
  return bytes != NULL ? g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE) : NULL;
}

static const AuFunctionEntry functions[] = {
  { "fetch", "(s)", "ay", fetch, AU_FUNCTION_NONE, "the contents of a file" },
  { NULL }
};

static AuEngine *
make_engine (GError **error)
{
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuBackend) backend = NULL;

  /* More workers than processors, as they wait most of the time. */
  if (!(store = au_part_new (AU_MODULE_STORE, "memory", error, NULL)) ||
      !(backend = au_part_new (AU_MODULE_BACKEND, "thread", error, "max-workers", 16, NULL)))
    return NULL;

  return au_engine_new_with_parts (store, backend);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  engine = make_engine (&error);

  /* No file may take longer than 20 seconds. */
  au_options_set_timeout (options, 20 * G_TIME_SPAN_SECOND);

  for (int i = 1; i < argc && error == NULL; i++)
    {
      AuHandle *handle = au_engine_submit (engine, "fetch", g_variant_new ("(s)", argv[i]),
                                           options, &error);
      if (handle != NULL)
        g_ptr_array_add (handles, handle);
    }
  if (error != NULL)
    {
      g_printerr ("thread-io: %s\n", error->message);
      return 1;
    }

  /* All are under way now. One that fails harms no other. */
  for (guint i = 0; i < handles->len; i++)
    {
      AuHandle *handle = g_ptr_array_index (handles, i);
      g_autoptr(GError) reason = NULL;

      if (au_handle_wait (handle, -1, NULL, &reason))
        {
          g_autoptr(GVariant) contents = au_handle_dup_result (handle, NULL);
          g_print ("%s: %" G_GSIZE_FORMAT " bytes\n", argv[i + 1], g_variant_get_size (contents));
        }
      else
        g_print ("%s: %s\n", argv[i + 1], reason->message);
    }
  return 0;
}
