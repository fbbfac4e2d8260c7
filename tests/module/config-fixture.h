/* config-fixture.h: what the tests of key files share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-backend.h>
#include <au/au-config.h>
#include <au/au-middleware.h>
#include <au/au-store.h>

G_BEGIN_DECLS

/* A group of a file that says all it has to, the keys of [au], and the groups there are. */
#define BACKEND "[backend main]\ntype=good\n"
#define ENGINE_KEYS "backend, label, middleware, store, ttl"
#define GROUPS "au, modules, engine NAME, worker, schedule NAME, store NAME, backend NAME, middleware NAME, " \
               "serializer NAME"

/* Something that is made of parts, as an engine is. */

#define TEST_TYPE_ENGINE (test_engine_get_type ())
G_DECLARE_FINAL_TYPE (TestEngine, test_engine, TEST, ENGINE, GObject)

struct _TestEngine
{
  GObject     parent_instance;

  AuStore    *store;
  AuBackend  *backend;
  GListModel *middleware;
  gint64      ttl;
  char       *label;
};

/* The text is that of “au.conf”. */
AuConfig *read_text              (const char *text);

/* It is read, but what it says is refused, both when checked and when used. */
void      assert_config_refused  (AuConfig   *config,
                                  int         code,
                                  const char *message);
void      assert_refused         (const char *text,
                                  const char *message);
/* For [store main], of which every property can be set. */
void      assert_setting_refused (const char *setting,
                                  const char *message);

G_END_DECLS
