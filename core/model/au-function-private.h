/* au-function-private.h: the inside of functions, for those who run them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-function.h>

G_BEGIN_DECLS

struct _AuFunction
{
  GObject parent_instance;

  char           *name;
  GVariantType   *input;
  GVariantType   *output;
  AuFunctionFlags flags;
  char           *summary;

  /* of these three exactly one is not NULL */
  AuFunc         func;
  AuStartFunc    start;
  AuStepFunc     step;
  gpointer       user_data;
  GDestroyNotify destroy;

  /* the one that was thread-default where the function was made; never NULL */
  GMainContext *context;

  /* whether NULL may stand for the arguments */
  gboolean takes_unit;

  /* atomic: whether workers find it by its name */
  gint portable;
};

void au_function_set_portable (AuFunction *self);

G_END_DECLS
