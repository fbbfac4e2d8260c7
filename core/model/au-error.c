/* au-error.c: what can go wrong
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-error-private.h"

#include <glib/gi18n-lib.h>

/* What every error of the domain has room for; only groups use it. */
typedef struct
{
  GPtrArray *children;  /* shared by copies; NULL in most */
} AuErrorPrivate;

static GQuark domain;

/* GLib puts it before the error, as aligned as memory from malloc () is. */
static AuErrorPrivate *
get_private (const GError *error)
{
  const gsize alignment = 2 * sizeof (gsize);
  const gsize size = (sizeof (AuErrorPrivate) + alignment - 1) & -alignment;

  return (AuErrorPrivate *) ((char *) error - size);
}

static void
init_private (GError *error)
{
  get_private (error)->children = NULL;
}

static void
copy_private (const GError *source,
              GError       *copy)
{
  GPtrArray *children = get_private (source)->children;

  if (children != NULL)
    get_private (copy)->children = g_ptr_array_ref (children);
}

static void
clear_private (GError *error)
{
  g_clear_pointer (&get_private (error)->children, g_ptr_array_unref);
}

GQuark
au_error_quark (void)
{
  return domain;
}

G_DEFINE_ENUM_TYPE (AuError, au_error,
                    G_DEFINE_ENUM_VALUE (AU_ERROR_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_INVALID_ARGUMENT, "invalid-argument"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_INVALID_KEY, "invalid-key"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_NOT_FOUND, "not-found"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_NOT_READY, "not-ready"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_UNKNOWN_FUNCTION, "unknown-function"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_BAD_TYPE, "bad-type"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_STALE, "stale"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_CONFLICT, "conflict"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_INVALID_TRANSITION, "invalid-transition"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_DEPENDENCY, "dependency"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_WORKER_LOST, "worker-lost"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_NO_VALUE, "no-value"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_WOULD_DEADLOCK, "would-deadlock"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_DAMAGED, "damaged"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_UNSUPPORTED, "unsupported"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_STORE, "store"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_CONFIG, "config"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_NOT_FOUND, "module-not-found"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_LOAD, "module-load"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_INVALID, "module-invalid"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_VERSION, "module-version"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_MODULE_UNSAFE, "module-unsafe"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_CYCLE, "cycle"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_GROUP, "group"),
                    G_DEFINE_ENUM_VALUE (AU_ERROR_NOT_AWAITED, "not-awaited"))

/* A message names so many of its children. */
#define MAX_NAMED (8)

/*
 * au_error_new_group:
 * @children: (transfer full): GErrors, one at least
 * @message: what has happened; the messages of @children are added
 *
 * Makes an error that stands for several.
 *
 * Returns: (transfer full): an error
 */
GError *
au_error_new_group (GPtrArray  *children,
                    const char *message)
{
  g_autoptr(GString) text = g_string_new (message);
  guint n_named = MIN (children->len, MAX_NAMED);
  GError *error;

  for (guint i = 0; i < n_named; i++)
    {
      const GError *child = g_ptr_array_index (children, i);

      g_string_append_printf (text, "%s%s", i == 0 ? ": " : "; ", child->message);
    }
  if (children->len > n_named)
    {
      g_string_append (text, "; ");
      g_string_append_printf (text, _("and %u more"), children->len - n_named);
    }

  error = g_error_new_literal (AU_ERROR, AU_ERROR_GROUP, text->str);
  get_private (error)->children = children;

  return error;
}

/**
 * au_error_get_n_children:
 * @error: an error of any domain
 *
 * Gets how many errors an %AU_ERROR_GROUP stands for.
 *
 * Returns: their number, 0 for any other error
 *
 * Since: 1.0
 */
guint
au_error_get_n_children (const GError *error)
{
  g_return_val_if_fail (error != NULL, 0);

  if (error->domain != AU_ERROR || get_private (error)->children == NULL)
    return 0;

  return get_private (error)->children->len;
}

/**
 * au_error_get_child:
 * @error: an %AU_ERROR_GROUP
 * @index: a number from 0 on
 *
 * Gets one of the errors that a group stands for, as it was where it arose.
 *
 * Returns: (transfer none) (nullable): the error, which lives as long as @error; %NULL
 *   if there are not so many
 *
 * Since: 1.0
 */
const GError *
au_error_get_child (const GError *error,
                    guint         index)
{
  g_return_val_if_fail (error != NULL, NULL);

  if (index >= au_error_get_n_children (error))
    return NULL;

  return g_ptr_array_index (get_private (error)->children, index);
}

/* Not by G_DEFINE_EXTENDED_ERROR (): it would change the name of the domain, which is in
 * records, and register it at its first use. An error that somebody makes from the name
 * before that would have no room, and be freed as if it had.
 *
 * Messages are translated from the first error on, in any thread, and au has no
 * function that every program calls first. */
static void __attribute__ ((constructor))
initialise (void)
{
  domain = g_error_domain_register_static ("au-error-quark", sizeof (AuErrorPrivate),
                                           init_private, copy_private, clear_private);

  bindtextdomain (GETTEXT_PACKAGE, AU_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}
