/* dangerous.h: for modules that harm whoever opens them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../museum.h"

#include <stdlib.h>
#include <unistd.h>

/* Runs while the module is being opened, before anybody can look at it. */
#define DANGEROUS_CONSTRUCTOR __attribute__((constructor)) static void

#define DANGEROUS_DEFINE_MODULE(stem, name, get_type)                             \
  static const AuModuleType types[] = {                                           \
    { AU_MODULE_STORE, name, get_type },                                          \
    { 0, NULL, NULL }                                                             \
  };                                                                              \
                                                                                  \
  AU_MODULE_DEFINE (stem, "1.0", "LGPL-2.1-or-later", "Dangerous on purpose", types, NULL)
