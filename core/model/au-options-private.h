/* au-options-private.h: options from the inside, and options that do not change any more
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-options.h>

G_BEGIN_DECLS

typedef enum
{
  AU_OPTIONS_KEY,
  AU_OPTIONS_TTL,
  AU_OPTIONS_TIMEOUT,
  AU_OPTIONS_DELAY,
  AU_OPTIONS_DUE,
  AU_OPTIONS_PRIORITY,
  AU_OPTIONS_QUEUE,
  AU_OPTIONS_ATTEMPTS,
  AU_OPTIONS_BACKOFF,
  AU_OPTIONS_MAX_BACKOFF,
  AU_OPTIONS_UNIQUE_KEY,
  AU_OPTIONS_AFTER,
  AU_OPTIONS_TAGS,
  AU_OPTIONS_METADATA,
  AU_OPTIONS_AHEAD,
  AU_OPTIONS_WITHOUT,
  AU_OPTIONS_PASS_RESULTS,
  AU_OPTIONS_CONCURRENCY_KEY,
  AU_OPTIONS_CONCURRENCY,
  AU_OPTIONS_N_FIELDS,
} AuOptionsField;

/* An option is stored as its type says: x, i, u and b as number, s as text, as as list,
 * and a{sv} as dict. */
typedef union
{
  gint64    number;
  char     *text;
  char    **list;
  GVariant *dict;
} AuOptionsValue;

typedef struct
{
  const char         *name;
  const GVariantType *type;
  gint64              minimum;
  gint64              initial;
} AuOptionsFieldInfo;

struct _AuOptions
{
  GObject parent_instance;

  /* what au_options_seal() gave last; NULL when something was set since */
  AuOptions *snapshot;
  gboolean   sealed;

  /* what au_options_to_variant() gives, once somebody asked; of sealed ones only */
  GVariant  *form;

  AuOptionsValue values[AU_OPTIONS_N_FIELDS];
};

extern const AuOptionsFieldInfo au_options_fields[AU_OPTIONS_N_FIELDS];

/* What the public getters give, on the path of every computation. */
static inline gint64
au_options_peek_number (AuOptions     *self,
                        AuOptionsField field)
{
  return self->values[field].number;
}

static inline const char * const *
au_options_peek_list (AuOptions     *self,
                      AuOptionsField field)
{
  return (const char * const *) self->values[field].list;
}

gboolean au_options_is_initial (AuOptions     *self,
                                AuOptionsField field);
void au_options_set_number (AuOptions     *self,
                            AuOptionsField field,
                            gint64         number);
void au_options_set_text (AuOptions     *self,
                          AuOptionsField field,
                          const char    *text);
void au_options_set_list (AuOptions          *self,
                          AuOptionsField      field,
                          const char * const *list);
void au_options_set_dict (AuOptions     *self,
                          AuOptionsField field,
                          GVariant      *dict);

AuOptions *au_options_seal (AuOptions *options) G_GNUC_WARN_UNUSED_RESULT;
void au_options_unseal (AuOptions *sealed);
GVariant *au_options_dup_form (AuOptions *sealed) G_GNUC_WARN_UNUSED_RESULT;
AuOptions *au_options_load (GVariant *variant,
                            GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AuOptions *au_options_load_form (gconstpointer data,
                                 gsize         size,
                                 gboolean     *not_normal,
                                 GError      **error) G_GNUC_WARN_UNUSED_RESULT;
gint64 au_options_next_backoff (AuOptions *self,
                                guint      failures);

G_END_DECLS
