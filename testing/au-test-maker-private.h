/* au-test-maker-private.h: tests of what a function of the caller makes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* A function that makes parts, shared by all tests of a suite. */
typedef struct
{
  gatomicrefcount ref_count;
  gpointer      (*make) (gpointer   user_data,
                         GError   **error);
  gpointer        user_data;
  GDestroyNotify  destroy;
} AuTestMaker;

/* What the function of one test is given: a part, or what is made of one. */
typedef struct
{
  const char *name;
  void      (*test) (gpointer subject);
} AuTestEntry;

typedef struct
{
  AuTestMaker       *maker;
  const AuTestEntry *entry;
} AuTestOfMaker;

/* Adds a test for each entry, up to the one without a name; the entries are static. @run
 * is given an AuTestOfMaker. */
void     au_test_maker_add_suite (const char        *prefix,
                                  gpointer           make,
                                  gpointer           user_data,
                                  GDestroyNotify     destroy,
                                  const AuTestEntry *entries,
                                  GTestDataFunc      run);
/* Makes an object of @type. */
gpointer au_test_maker_make      (AuTestMaker       *self,
                                  GType              type);

/* Runs @func in @n threads at once, and waits for all of them. */
void     au_test_run_threads     (guint              n,
                                  GThreadFunc        func,
                                  gpointer           data);

G_END_DECLS
