/* module-fixture.h: what the tests of modules and of key files share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-error.h>
#include <au/au-part.h>

G_BEGIN_DECLS

/* What can be set of the store “good”. */
#define GOOD_KEYS "enabled, fail, fail-silently, flags, kind, limit, metadata, next, other, " \
                  "parent, password, path, pin, rate, ratio, serializer, size, ttl, words"

/* A folder for one test, in which it may put modules as it likes. */
typedef struct
{
  char *folder;
} Fixture;

typedef void (*FixtureFunc) (Fixture       *fixture,
                             gconstpointer  data);

void        fixture_init        (int         *argc,
                                 char      ***argv);
int         fixture_run         (void);
/* Adds a test that has a folder, which is all that AU_MODULE_PATH names. */
void        fixture_add         (const char  *path,
                                 FixtureFunc  func);
/* Likewise, with the checks that the other tests do without. */
void        fixture_add_checked (const char  *path,
                                 FixtureFunc  func);

/* The modules that were built, for AU_MODULE_PATH, and the folder where libtool puts them. */
const char *fixture_modules     (void);
const char *fixture_built       (void);

char       *write_file          (const char  *folder,
                                 const char  *name,
                                 const char  *contents,
                                 gssize       length);
/* Copies a module that was built; @from is replaced by @to, of the same length, in it. */
char       *copy_module         (const char  *folder,
                                 const char  *name,
                                 const char  *new_name,
                                 const char  *from,
                                 const char  *to);
/* A module is refused; @format has one %s, for the file. */
void        assert_no_type      (AuModuleKind kind,
                                 const char  *type,
                                 AuError      code,
                                 const char  *format,
                                 const char  *file);

G_END_DECLS
