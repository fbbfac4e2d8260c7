/* au-record-private.h: the inside of a record, for the files that make and store them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-options.h>
#include <au/au-record.h>

G_BEGIN_DECLS

/* What was asked for. It never changes, so all revisions of a record share it. */
typedef struct
{
  const char     *function;     /* interned */
  GVariant       *arguments;    /* NULL for the unit value */
  AuOptions      *options;      /* sealed; the default ones are not counted */
  gint64          created;
  gatomicrefcount ref_count;    /* here, so that the key follows without a gap */
  char            key[];
} AuRecordSpec;

typedef struct
{
  gatomicrefcount ref_count;
  int             code;
  char           *domain;
  char           *message;
} AuRecordError;

struct _AuRecord
{
  gatomicrefcount ref_count;
  guint8          status;
  guint8          cancel_requested;
  guint8          owner_is_own;     /* this process, whose name is not counted */

  AuRecordSpec   *spec;
  guint64         revision;
  guint32         attempt;
  guint32         failures;
  guint32         lost;
  float           progress;

  gint64          due;
  gint64          started;
  gint64          completed;
  gint64          expires;
  gint64          lease_end;

  GVariant       *value;
  AuRecordError  *error;
  GRefString     *status_text;
  const char     *owner;            /* a GRefString unless owner_is_own */
  GVariant       *metadata;     /* NULL while it is that of the options */
  guint64         n_items;
};

AuRecord *au_record_new_full (const char *key,
                              const char *interned_function,
                              GVariant   *arguments,
                              AuOptions  *sealed_options,
                              gint64      created,
                              const char *owner);
AuRecord *au_record_copy (AuRecord *self);

/* A time that a span of at least 0 follows. The end of time is never passed. */
static inline gint64
au_record_add_span (gint64 time,
                    gint64 span)
{
  return time > G_MAXINT64 - span ? G_MAXINT64 : time + span;
}

/* The newest stored form that this version reads, and the one that it writes. */
#define AU_RECORD_FORM_VERSION (1)

AuRecord *au_record_new_read    (const char *key,
                                 const char *function,
                                 GVariant   *arguments,
                                 AuOptions  *options,
                                 gint64      created,
                                 GError    **error);
gboolean  au_record_check_read  (AuRecord   *self,
                                 GError    **error);
gpointer  au_record_set_damaged (GError    **error,
                                 const char *what);
gpointer  au_record_set_newer   (GError    **error,
                                 gint64      version);

AuRecordSpec *au_record_spec_ref   (AuRecordSpec *self);
void          au_record_spec_unref (AuRecordSpec *self);

AuRecordError *au_record_error_new (const char *domain,
                                    int         code,
                                    const char *message);
AuRecordError *au_record_error_ref (AuRecordError *self);
void           au_record_error_unref (AuRecordError *self);

GRefString *au_record_new_text (const char *text);
void au_record_set_owner (AuRecord   *self,
                          const char *owner);

/* These take over the reference that they are given. */
void au_record_take_error (AuRecord      *self,
                           AuRecordError *error);
void au_record_take_status_text (AuRecord   *self,
                                 GRefString *status_text);

G_END_DECLS
