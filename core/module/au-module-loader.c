/* au-module-loader.c: opens and checks modules
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-module-loader-private.h"

#include "au-module-builtin-private.h"
#include "au-module-folders-private.h"
#include "au-text-private.h"

#include <au/au-error.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <libltdl/lt_dlloader.h>
#include <ltdl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYMBOL "au_module"
#define SYMBOL_SUFFIX "_LTX_" SYMBOL
#define ABI_SYMBOL "au_module_abi_"

/* libltdl as it is says “file not found” whatever went wrong, binds lazily, so that a
 * missing function kills the process when it is first called, and must never be used
 * by two threads at once. Hence one lock, held around each call of it, and a loader
 * of our own that stands in the place of the usual one.
 *
 * The lock is recursive because opening a module runs its constructors and those of
 * the libraries that it needs, and they may want modules themselves.
 */
static GRecMutex ltdl_lock;

/* The file that this thread is opening, and what the system said about it. Other
 * users of libltdl in this process get what they always got.
 */
static _Thread_local const char *opening;
static _Thread_local char *opening_error;
static lt_dlvtable *usual_loader;

/* Guards modules, which maps the path of a file, without links, to its AuModule. */
static GMutex modules_lock;
static GHashTable *modules;

static lt_module
open_now (lt_user_data data,
          const char  *file,
          lt_dladvise  advise)
{
  void *handle;

  if (opening == NULL || !g_str_equal (file, opening))
    {
      if (usual_loader == NULL)
        return NULL;
      return usual_loader->module_open (usual_loader->dlloader_data, file, advise);
    }

  handle = dlopen (file, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL)
    {
      g_free (opening_error);
      opening_error = g_strdup (dlerror ());
    }

  return handle;
}

static int
close_handle (lt_user_data data,
              lt_module    handle)
{
  return dlclose (handle);
}

static void *
find_symbol (lt_user_data data,
             lt_module    handle,
             const char  *symbol)
{
  return dlsym (handle, symbol);
}

static const lt_dlvtable our_loader = {
  .name = "au_dlopen_now",
  .module_open = open_now,
  .module_close = close_handle,
  .find_sym = find_symbol,
  .priority = LT_DLLOADER_PREPEND,
};

/* Called with the lock held. lt_dlexit () is never called: what is open stays open. */
static gboolean
ensure_ltdl (GError **error)
{
  static gboolean ready = FALSE;

  if (ready)
    return TRUE;

  if (lt_dlinit () != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_LOAD,
                   _("libltdl cannot be started, so no module can be loaded: %s"), lt_dlerror ());
      return FALSE;
    }

  /* It cannot be removed when the program has used it already. Then ours still comes
   * first, and what it refuses stays refused: see open_file ().
   */
  usual_loader = lt_dlloader_remove ("lt_dlopen");

  if (lt_dlloader_add (&our_loader) != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_LOAD,
                   _("libltdl takes no loader, so no module can be loaded: %s"), lt_dlerror ());
      return FALSE;
    }

  ready = TRUE;
  return TRUE;
}

/* Makes the error for what dlopen () said about @file. The texts around the names may
 * be translated, the names are not.
 */
static void
set_open_error (GError     **error,
                const char  *file,
                const char  *text)
{
  g_autofree char *shown = g_filename_display_name (file);
  const char *abi;

  if (text == NULL)
    text = _("the system gives no reason");
  else if (g_str_has_prefix (text, file) && g_str_has_prefix (text + strlen (file), ": "))
    text += strlen (file) + strlen (": ");

  abi = strstr (text, ABI_SYMBOL);
  if (abi != NULL)
    {
      abi += strlen (ABI_SYMBOL);
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_VERSION,
                   _("%s was built for module interface %.*s of au, and this au has %d: "
                     "rebuild it for this au, or install the au that it was built for"),
                   shown, (int) strspn (abi, "0123456789"), abi, AU_MODULE_ABI);
      return;
    }

  if (strstr (text, "undefined symbol") != NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_LOAD,
                   _("%s cannot be loaded: %s: link it with the library that has this symbol, "
                     "or install a newer version of that library"), shown, text);
      return;
    }

  g_set_error (error, AU_ERROR, AU_ERROR_MODULE_LOAD,
               _("%s cannot be loaded: %s: install what is missing, or rebuild the module"),
               shown, text);
}

/* Looks at the file itself, so that the commonest mistakes need no guess about what
 * the system's linker says of them, in whatever language.
 */
static gboolean
check_file (const char  *file,
            GError     **error)
{
  g_autofree char *shown = g_filename_display_name (file);
  static const char magic[] = { 0x7f, 'E', 'L', 'F' };
  char head[sizeof magic];
  struct stat status;
  gssize n_read = -1;
  int fd;

  fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd >= 0 && fstat (fd, &status) == 0)
    {
      if (!S_ISREG (status.st_mode))
        {
          close (fd);
          g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                       _("%s is no regular file, so it is no module: remove it"), shown);
          return FALSE;
        }
      n_read = read (fd, head, sizeof head);
    }

  if (n_read < 0)
    {
      int saved = errno;

      if (fd >= 0)
        close (fd);
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_LOAD,
                   _("%s cannot be read: %s: let this user read it"), shown, g_strerror (saved));
      return FALSE;
    }
  close (fd);

  if (n_read == 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("%s is empty: install the module again"), shown);
      return FALSE;
    }

  if (n_read < (gssize) sizeof magic || memcmp (head, magic, sizeof magic) != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("%s is no shared object: install the module again"), shown);
      return FALSE;
    }

  return TRUE;
}

/* Opens @file for good, or gives %NULL. Called with the lock held. */
static lt_dlhandle
open_file (const char  *file,
           GError     **error)
{
  /* A constructor that loads another module gets here again. */
  const char *outer = opening;
  g_autofree char *outer_error = g_steal_pointer (&opening_error);
  g_autofree char *text = NULL;
  lt_dlhandle handle = NULL;
  lt_dladvise advise;

  if (!ensure_ltdl (error))
    {
      opening_error = g_steal_pointer (&outer_error);
      return NULL;
    }

  opening = file;
  if (lt_dladvise_init (&advise) == 0)
    {
      if (lt_dladvise_resident (&advise) == 0 && lt_dladvise_local (&advise) == 0)
        handle = lt_dlopenadvise (file, advise);
      lt_dladvise_destroy (&advise);
    }
  text = g_steal_pointer (&opening_error);
  opening = outer;
  opening_error = g_steal_pointer (&outer_error);

  if (handle == NULL || text != NULL)
    {
      set_open_error (error, file, text != NULL ? text : lt_dlerror ());
      return NULL;
    }

  return handle;
}

/* The stem under which the module says it was built, read from its symbols' names, or
 * %NULL. Only for a message.
 */
static char *
find_other_stem (const char *file)
{
  g_autoptr(GMappedFile) mapped = g_mapped_file_new (file, FALSE, NULL);
  const char *contents;
  const char *end;
  const char *p;

  if (mapped == NULL || g_mapped_file_get_length (mapped) == 0)
    return NULL;

  contents = g_mapped_file_get_contents (mapped);
  end = contents + g_mapped_file_get_length (mapped);

  /* With its zero, as the names of symbols are kept. */
  p = memmem (contents, end - contents, SYMBOL_SUFFIX, sizeof SYMBOL_SUFFIX);
  if (p == NULL)
    return NULL;

  end = p;
  while (p > contents && (g_ascii_isalnum (p[-1]) || p[-1] == '_'))
    p--;

  return p < end ? g_strndup (p, end - p) : NULL;
}

static const AuModule *
lookup_file (const char *real)
{
  const AuModule *module = NULL;

  g_mutex_lock (&modules_lock);
  if (modules != NULL)
    module = g_hash_table_lookup (modules, real);
  g_mutex_unlock (&modules_lock);

  return module;
}

static const AuModule *
load_real_file (const char  *real,
                GError     **error)
{
  g_autofree char *base = g_path_get_basename (real);
  g_autofree char *shown = g_filename_display_name (real);
  g_autofree char *stem = NULL;
  const AuModuleDescriptor *descriptor;
  lt_dlhandle handle;
  AuModule *module;

  if (!check_file (real, error))
    return NULL;

  handle = open_file (real, error);
  if (handle == NULL)
    return NULL;

  stem = g_str_has_suffix (base, ".so") ? g_strndup (base, strlen (base) - strlen (".so"))
                                        : g_strdup (base);
  descriptor = lt_dlsym (handle, SYMBOL);
  if (descriptor == NULL)
    {
      g_autofree char *other = find_other_stem (real);

      if (other != NULL)
        g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                     _("%s has no symbol %s%s, but %s%s: was the file renamed? Call it %s.so"),
                     shown, stem, SYMBOL_SUFFIX, other, SYMBOL_SUFFIX, other);
      else
        g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                     _("%s is no module of au: it has no symbol %s%s; use AU_MODULE_DEFINE (%s, …)"),
                     shown, stem, SYMBOL_SUFFIX, stem);
      return NULL;
    }

  if (!au_module_check (shown, stem, descriptor, error) ||
      !au_module_register_functions (shown, descriptor, TRUE, error))
    return NULL;

  module = g_new0 (AuModule, 1);
  module->file = g_strdup (real);
  module->descriptor = descriptor;

  g_mutex_lock (&modules_lock);
  if (modules == NULL)
    modules = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (modules, module->file, module);
  g_mutex_unlock (&modules_lock);

  return module;
}

/* Opens the module in @file, which may be a link to it, unless it is open already. */
const AuModule *
au_module_loader_load_file (const char  *file,
                            GError     **error)
{
  g_autofree char *real = NULL;
  char *resolved;
  const AuModule *module;

  if (!au_module_folders_check (file, error))
    return NULL;

  resolved = realpath (file, NULL);
  if (resolved == NULL)
    {
      g_autofree char *shown = g_filename_display_name (file);
      int saved = errno;

      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_LOAD,
                   _("%s cannot be read: %s"), shown, g_strerror (saved));
      return NULL;
    }
  real = g_strdup (resolved);
  free (resolved);

  if (!g_str_equal (real, file) && !au_module_folders_check (real, error))
    return NULL;

  g_rec_mutex_lock (&ltdl_lock);
  module = lookup_file (real);
  if (module == NULL)
    module = load_real_file (real, error);
  g_rec_mutex_unlock (&ltdl_lock);

  return module;
}

/* Finds the module that should provide @name; gives %FALSE and an error that says what
 * there is when there is none. Of a module that is built in, @file is set to %NULL.
 */
gboolean
au_module_loader_find (AuModuleKind   kind,
                       const char    *name,
                       char         **file,
                       GError       **error)
{
  const char *word = au_module_kind_to_string (kind);
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) folders = NULL;
  g_autofree char *have = NULL;
  g_autofree char *looked = NULL;
  const char *nearest;

  *file = NULL;
  if (au_module_builtin_has (kind, name))
    return TRUE;

  /* What is no name must not become a path. */
  *file = au_module_name_is_valid (name) ? au_module_folders_find (kind, name) : NULL;
  if (*file != NULL)
    return TRUE;

  names = au_module_folders_list_names (kind);
  folders = au_module_list_folders ();
  have = au_text_join ((const char *const *) names);
  looked = au_text_join ((const char *const *) folders);
  nearest = au_text_nearest (name, (const char *const *) names);

  if (nearest != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND,
                 _("no such %s: “%s”; did you mean “%s”? (have: %s; looked in: %s)"),
                 word, name, nearest, have, looked);
  else if (!au_module_name_is_valid (name))
    g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                 _("“%s” cannot be the name of a %s: names are of small letters, digits and "
                   "hyphens, and start with a letter (have: %s; looked in: %s)"),
                 name, word, have, looked);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND,
                 _("no such %s: “%s” (have: %s; looked in: %s); install the module that has it, "
                   "or set AU_MODULE_PATH"),
                 word, name, have, looked);

  return FALSE;
}

/* Gets ready the module that should provide @name, unless it is already. Gives
 * %AU_ERROR_MODULE_NOT_FOUND when it is neither built in nor in a folder, and other
 * errors when there is one that cannot be used.
 */
const AuModule *
au_module_loader_load (AuModuleKind   kind,
                       const char    *name,
                       GError       **error)
{
  g_autofree char *file = NULL;

  if (!au_module_loader_find (kind, name, &file, error))
    return NULL;

  return file != NULL ? au_module_loader_load_file (file, error)
                      : au_module_builtin_load (kind, name, error);
}

/* What messages call @module. */
char *
au_module_loader_describe (const AuModule *module)
{
  if (module->file != NULL)
    return g_filename_display_name (module->file);

  return g_strdup_printf (_("%s, which is built in"), module->descriptor->name);
}
