/* au-wire-private.h: what the two halves of the process backend say to each other
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* Frames go through a socket that keeps packets apart; a packet is one frame or several.
 * Both ends run on one machine and are of one build, which the worker's first frame
 * tells, so numbers are as the machine has them. What arrives is read as untrusted all
 * the same: a function may have written over the memory of its worker. */

#define AU_WIRE_VERSION (2)

/* The descriptors of a worker. */
#define AU_WIRE_SOCKET (3)
#define AU_WIRE_PAGE (4)

/* Frames are collected into packets of up to this. */
#define AU_WIRE_PACKET (32 * 1024)
/* Values larger than this go in pieces, behind their frame. */
#define AU_WIRE_INLINE (16 * 1024)
/* The size of such pieces, and so of the largest packet, less the header. */
#define AU_WIRE_PIECE (128 * 1024)

typedef enum
{
  AU_WIRE_PIECE_OF_VALUE = 1,

  /* to the worker */
  AU_WIRE_SETTINGS,     /* b: orphans finish */
  AU_WIRE_FUNCTION,     /* name, input, output, memory, cpu-time, no core; extra: its number */
  AU_WIRE_METADATA,     /* of the job that follows */
  AU_WIRE_JOB,          /* extra: the function's number */
  AU_WIRE_CANCEL,
  AU_WIRE_WANTED,       /* extra: so many more items */
  AU_WIRE_NO_MORE,      /* an error: no more items are taken */
  AU_WIRE_STORE,        /* how to open the store of the jobs that follow */
  AU_WIRE_PING,

  /* from the worker */
  AU_WIRE_HELLO = 32,
  AU_WIRE_DONE,         /* extra: how long it took, in µs */
  AU_WIRE_FAILED,       /* likewise */
  AU_WIRE_REPORT,
  AU_WIRE_ITEM,
  AU_WIRE_WANT,         /* may there be items? */
  AU_WIRE_RETURNED,     /* a job that was not started */
  AU_WIRE_LOG,
  AU_WIRE_PONG,
} AuWireType;

typedef struct
{
  guint32 size;         /* with this header; a multiple of 8 */
  guint16 type;         /* AuWireType */
  guint16 flags;
  guint32 job;          /* its number on this link, from 1; 0 for none */
  guint32 extra;
} AuWireHeader;

/* The bytes of the value that ends the frame are not in it; its last eight bytes say how
 * many they are. */
#define AU_WIRE_IN_PIECES (1 << 0)
#define AU_WIRE_BY_DESCRIPTOR (1 << 1)

/* How a value is written. */
typedef enum
{
  AU_WIRE_VALUE_NONE,
  AU_WIRE_VALUE_INLINE,
  AU_WIRE_VALUE_ELSEWHERE,
} AuWireValueKind;

/* Written by the worker, and read by the program when the worker is gone. */
typedef struct
{
  volatile guint32 current;     /* the number of the job that runs, or 0 */
} AuWirePage;

/* Processes live in the time of the machine, and not in that of a test. In µs. */
gint64   au_wire_now         (void);

/* Writing: a frame is begun, filled and ended at the end of @buffer. */
gsize    au_wire_begin       (GByteArray      *buffer,
                              AuWireType       type,
                              guint32          job,
                              guint32          extra);
void     au_wire_end         (GByteArray      *buffer,
                              gsize            begin);
void     au_wire_put_number  (GByteArray      *buffer,
                              guint64          number);
void     au_wire_put_string  (GByteArray      *buffer,
                              const char      *string);
void     au_wire_put_error   (GByteArray      *buffer,
                              const GError    *error);
void     au_wire_put_value   (GByteArray      *buffer,
                              GVariant        *value,
                              AuWireValueKind  kind);

/* Reading: every function gives FALSE, and leaves the cursor of no use, when there is
 * not what should be there. */
typedef struct
{
  const AuWireHeader *header;
  const guint8       *data;
  gsize               left;
  GBytes             *bytes;    /* of a value that did not come with its frame */
  gboolean            trusted;  /* values need not be looked at */
} AuWireReader;

gboolean au_wire_get_number  (AuWireReader    *reader,
                              guint64         *number);
gboolean au_wire_get_string  (AuWireReader    *reader,
                              const char     **string);
gboolean au_wire_get_error   (AuWireReader    *reader,
                              GError         **error);
gboolean au_wire_get_value   (AuWireReader    *reader,
                              GVariant       **value);

G_END_DECLS
