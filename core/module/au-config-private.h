/* au-config-private.h: the contents of a key file
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-config.h>
#include <au/au-module.h>

G_BEGIN_DECLS

/* Where a setting comes from. */
typedef enum
{
  AU_ORIGIN_DEFAULT,
  AU_ORIGIN_FILE,
  AU_ORIGIN_OVERRIDE,
} AuOrigin;

/* Under which an engine's type has those of the groups beside it. */
#define AU_CONFIG_WORKER_QUARK (g_quark_from_static_string ("au-config-worker"))
#define AU_CONFIG_SCHEDULE_QUARK (g_quark_from_static_string ("au-config-schedule"))

/* The part that is meant when none is named, and the key that says what a part is. */
#define AU_CONFIG_MAIN "main"
#define AU_CONFIG_TYPE "type"

typedef struct
{
  char    *key;
  char    *value;
  AuOrigin origin;
  guint    line;
} AuSetting;

/* What the first word of a group's name says. */
typedef enum
{
  AU_GROUP_AU,
  AU_GROUP_MODULES,
  AU_GROUP_ENGINE,
  AU_GROUP_WORKER,
  AU_GROUP_SCHEDULE,
  AU_GROUP_PART,
} AuGroupSort;

/* Who has made so many has given another sort of file. */
#define AU_MAX_MISTAKES 100

/* What is wrong, and in which line; 0 for what no line says. */
typedef struct
{
  guint   line;
  GError *error;
} AuMistake;

typedef struct
{
  char        *name;
  AuGroupSort  sort;
  AuModuleKind kind;
  AuOrigin     origin;
  guint        line;
  GPtrArray   *settings;
} AuGroup;

AuGroup   *au_group_new          (const char   *name,
                                  AuOrigin      origin,
                                  guint         line,
                                  GError      **error);
void       au_group_free         (AuGroup      *self);
AuSetting *au_group_find         (AuGroup      *self,
                                  const char   *key);
AuSetting *au_group_add          (AuGroup      *self,
                                  const char   *key,
                                  const char   *value,
                                  AuOrigin      origin,
                                  guint         line);

AuGroup   *au_groups_find        (GPtrArray    *groups,
                                  const char   *name);
GPtrArray *au_groups_read        (const char   *text,
                                  gsize         length,
                                  const char   *origin,
                                  GPtrArray    *mistakes);

GPtrArray *au_mistakes_new       (void);
void       au_mistakes_add       (GPtrArray    *mistakes,
                                  guint         line,
                                  GError       *error);

GPtrArray  *au_config_get_groups     (AuConfig  *self);
const char *au_config_get_folder     (AuConfig  *self);
GHashTable *au_config_get_parts      (AuConfig  *self);
GPtrArray  *au_config_get_stack      (AuConfig  *self);
void        au_config_seal           (AuConfig  *self);
AuConfig   *au_config_read           (const char  *path,
                                      GPtrArray   *mistakes,
                                      GError     **error);
AuConfig   *au_config_search         (GPtrArray   *mistakes,
                                      GError     **error);
GPtrArray  *au_config_get_mistakes   (AuConfig    *self);
GHashTable *au_config_get_checked    (AuConfig    *self);
void        au_config_collect        (AuConfig    *self,
                                      GPtrArray   *mistakes);
gboolean    au_config_prepare        (AuConfig    *self,
                                      GError     **error);
gboolean    au_config_check_group    (AuConfig    *self,
                                      AuGroup     *group,
                                      GType        engine_type,
                                      GError     **error);
char      **au_config_list_parts     (AuConfig     *self,
                                      AuModuleKind  kind);
AuGroup    *au_config_get_main_group (AuConfig     *self,
                                      AuModuleKind  kind);
gboolean    au_config_fill           (AuConfig      *self,
                                      AuGroup       *group,
                                      GObjectClass  *class,
                                      GError       **error);
void        au_config_place_error    (AuConfig   *self,
                                      AuGroup    *group,
                                      AuSetting  *setting,
                                      GError    **error);
GType       au_config_get_group_type (AuConfig  *self,
                                      AuGroup   *group,
                                      GType      engine_type,
                                      GError   **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuGroup, au_group_free)

G_END_DECLS
