/* fuzz-key-file.c: any bytes as a key file
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fuzz-key-file.h"

#include <au/au.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whatever is given: nothing crashes or hangs, every refusal is an error of ours in UTF-8,
 * all that look at the same bytes agree about them, and what au writes it can read.
 */

/* Parts with a property of every sort, built in, so that no file is looked for. */
extern const AuModuleDescriptor au_store_good_LTX_au_module;
extern const AuModuleDescriptor au_backend_good_LTX_au_module;
extern const AuModuleDescriptor au_middleware_good_LTX_au_module;
extern const AuModuleDescriptor au_serializer_good_LTX_au_module;

int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  const AuModuleDescriptor *const modules[] = {
    &au_store_good_LTX_au_module,
    &au_backend_good_LTX_au_module,
    &au_middleware_good_LTX_au_module,
    &au_serializer_good_LTX_au_module,
  };

  g_setenv ("AU_MODULE_SYSTEM_PATH", "", TRUE);
  g_unsetenv ("AU_MODULE_PATH");
  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    g_assert_true (au_module_register (modules[i], NULL));

  return 0;
}

static gboolean
contains (const uint8_t *data,
          size_t         size,
          const char    *text)
{
  return size > 0 && memmem (data, size, text, strlen (text)) != NULL;
}

static void
assert_refusal (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == AU_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\n'));
}

/* The same bytes as a file, in which everything wrong is looked for. */
static guint
count_mistakes (const uint8_t *data,
                size_t         size)
{
  int fd = memfd_create ("key-file", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_auto(GStrv) mistakes = NULL;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  mistakes = au_config_find_mistakes (path, NULL, AU_TYPE_ENGINE);
  close (fd);

  return g_strv_length (mistakes);
}

static void
assert_readable (const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuConfig) config = au_config_new_from_data (text, -1, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (config);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuConfig) config = NULL;
  g_autofree char *text = NULL;

  /* Folders of modules stay added, and secrets would be read from files of this machine. */
  if (contains (data, size, "[modules") || contains (data, size, "@"))
    return -1;

  config = au_config_new_from_data (size > 0 ? (const char *) data : "", size, "x", &error);
  if (config == NULL)
    {
      assert_refusal (error);
      g_assert_cmpuint (count_mistakes (data, size), >, 0);
      return 0;
    }

  if (!au_config_check (config, AU_TYPE_ENGINE, &error))
    {
      assert_refusal (error);
      g_assert_cmpuint (count_mistakes (data, size), >, 0);
      return 0;
    }
  g_assert_cmpuint (count_mistakes (data, size), ==, 0);

  text = au_config_to_text (config, AU_TYPE_ENGINE, &error);
  g_assert_no_error (error);
  assert_readable (text);
  return 0;
}
