/* au-record-json.c: records as JSON text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-json-private.h"
#include "au-options-private.h"
#include "au-record-private.h"

#include <au/au-error.h>
#include <au/au-options.h>
#include <au/au-value.h>

#include <glib/gi18n-lib.h>

/* What a person reads. A value is {"type", "value"}; a time is text in UTC. */

/* The record itself, and the object with the type of a value. */
#define MAX_DEPTH (AU_JSON_MAX_DEPTH + 2)

/* The first day of 1970, as GDate counts them, and the last moment of 9999. */
#define EPOCH (719163)
#define LAST_TIME (G_GINT64_CONSTANT (253402300800) * G_USEC_PER_SEC - 1)

/* An object that is being written. */
typedef struct
{
  GString *text;
  int      indentation;
  gboolean started;
} Writer;

static Writer
begin_object (GString *text,
              int      indentation)
{
  Writer self = { text, indentation < 0 ? AU_JSON_COMPACT : indentation + 1, FALSE };

  g_string_append_c (text, '{');

  return self;
}

static void
end_object (Writer *self)
{
  if (self->indentation > 0)
    au_json_append_newline (self->text, self->indentation - 1);
  g_string_append_c (self->text, '}');
}

static void
write_name (Writer     *self,
            const char *name)
{
  if (self->started)
    g_string_append_c (self->text, ',');
  self->started = TRUE;

  au_json_append_newline (self->text, self->indentation);
  g_string_append_c (self->text, '"');
  g_string_append (self->text, name);
  g_string_append_c (self->text, '"');
  g_string_append_c (self->text, ':');
  if (self->indentation >= 0)
    g_string_append_c (self->text, ' ');
}

static void
write_text (Writer     *self,
            const char *name,
            const char *text)
{
  if (text == NULL)
    return;

  write_name (self, name);
  au_json_append_string (self->text, text);
}

static void
write_count (Writer     *self,
             const char *name,
             guint64     count)
{
  if (count == 0)
    return;

  write_name (self, name);
  au_json_append_uint64 (self->text, count);
}

/* A value that JSON cannot hold, because it is nested too deep or has a handle, must
 * not be lost all the same. */
static void
write_bytes (Writer   *self,
             GVariant *value)
{
  g_autoptr(GVariant) normal = g_variant_get_normal_form (value);
  g_autoptr(GVariant) swapped = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (normal) : g_variant_ref (normal);
  g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes (swapped);
  g_autoptr(GVariant) array = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE));

  write_name (self, "bytes");
  au_json_append_variant (self->text, array, self->indentation);
}

static void
write_value (Writer     *self,
             const char *name,
             GVariant   *value)
{
  Writer typed;
  gsize length;

  if (value == NULL)
    return;

  write_name (self, name);
  typed = begin_object (self->text, self->indentation);
  write_text (&typed, "type", g_variant_get_type_string (value));

  length = self->text->len;
  write_name (&typed, "value");
  if (!au_json_append_variant (self->text, value, typed.indentation))
    {
      g_string_truncate (self->text, length);
      write_bytes (&typed, value);
    }
  end_object (&typed);
}

static void
write_dictionary (Writer     *self,
                  const char *name,
                  GVariant   *dictionary)
{
  Writer object;

  if (dictionary == NULL)
    return;

  write_name (self, name);
  if (au_json_append_variant (self->text, dictionary, self->indentation))
    return;

  object = begin_object (self->text, self->indentation);
  write_bytes (&object, dictionary);
  end_object (&object);
}

static char *
put_digits (char  *end,
            guint  number,
            guint  n_digits)
{
  for (guint i = n_digits; i > 0; i--)
    {
      end[i - 1] = '0' + number % 10;
      number /= 10;
    }

  return end + n_digits;
}

static void
append_moment (GString *text,
               GDate   *date,
               guint    second,
               guint    microsecond)
{
  const guint parts[] = {
    g_date_get_year (date), g_date_get_month (date), g_date_get_day (date),
    second / 3600, second / 60 % 60, second % 60,
  };
  char moment[] = "\"0000-00-00T00:00:00.000000Z\"";
  char *end = moment + 1;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    end = put_digits (end, parts[i], i == 0 ? 4 : 2) + 1;
  put_digits (end, microsecond, 6);

  g_string_append_len (text, moment, sizeof moment - 1);
}

static void
write_time (Writer     *self,
            const char *name,
            gint64      time)
{
  GDate date;

  if (time == 0)
    return;

  write_name (self, name);
  if (time < 0 || time > LAST_TIME)
    {
      g_string_append_printf (self->text, "%" G_GINT64_FORMAT, time);
      return;
    }

  /* gmtime() would ask for the time zone, under a lock that the whole process shares */
  g_date_clear (&date, 1);
  g_date_set_julian (&date, EPOCH + time / G_TIME_SPAN_DAY);
  append_moment (self->text, &date, time % G_TIME_SPAN_DAY / G_USEC_PER_SEC, time % G_USEC_PER_SEC);
}

static void
write_progress (Writer *self,
                float   progress)
{
  static const char *const formats[] = { "%.6g", "%.7g", "%.8g", "%.9g" };
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (progress < 0)
    return;

  /* as many digits as it takes, which are fewer than a double needs */
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (buffer, sizeof buffer, formats[i], progress);
      if ((float) g_ascii_strtod (buffer, NULL) == progress)
        break;
    }

  write_name (self, "progress");
  g_string_append (self->text, buffer);
}

static void
write_error (Writer        *self,
             AuRecordError *error)
{
  Writer object;

  if (error == NULL)
    return;

  write_name (self, "error");
  object = begin_object (self->text, self->indentation);
  write_text (&object, "domain", error->domain);
  write_name (&object, "code");
  au_json_append_int64 (object.text, error->code);
  write_text (&object, "message", error->message);
  end_object (&object);
}

/* The options that are set, or NULL. Their form is shared by many records: GLib notes in a value
 * how much of it was looked at, without a lock, so this one is for the caller alone.
 */
static GVariant *
dup_options (AuOptions *options)
{
  g_autoptr(GVariant) form = au_options_dup_form (options);
  g_autoptr(GBytes) bytes = NULL;

  if (g_variant_get_size (form) == 0)
    return NULL;

  bytes = g_variant_get_data_as_bytes (form);
  return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, TRUE));
}

/**
 * au_record_to_json:
 * @self: a record
 * @pretty: whether to write it over several lines, for people
 *
 * Gets the record as a JSON object. Nothing is lost: values carry their type, and
 * times are text in UTC with microseconds. What is not set is left out.
 *
 * MT safe.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
au_record_to_json (AuRecord *self,
                   gboolean  pretty)
{
  g_autoptr(GVariant) options = NULL;
  GString *text;
  Writer object;

  g_return_val_if_fail (self != NULL, NULL);

  options = dup_options (self->spec->options);

  text = g_string_sized_new (1024);
  object = begin_object (text, pretty ? 0 : AU_JSON_COMPACT);
  write_count (&object, "au", AU_RECORD_FORM_VERSION);
  write_text (&object, "key", self->spec->key);
  write_text (&object, "function", self->spec->function);
  write_text (&object, "status", au_status_to_string (self->status));
  write_value (&object, "arguments", self->spec->arguments);
  write_value (&object, "value", self->value);
  write_error (&object, self->error);
  write_time (&object, "created", self->spec->created);
  write_time (&object, "due", self->due);
  write_time (&object, "started", self->started);
  write_time (&object, "completed", self->completed);
  write_time (&object, "expires", self->expires);
  write_time (&object, "lease-end", self->lease_end);
  write_count (&object, "attempt", self->attempt);
  write_count (&object, "failures", self->failures);
  write_count (&object, "lost", self->lost);
  write_count (&object, "items", self->n_items);
  write_progress (&object, self->progress);
  write_text (&object, "status-text", self->status_text);
  write_text (&object, "owner", self->owner);
  if (self->cancel_requested)
    {
      write_name (&object, "cancel-requested");
      g_string_append (text, "true");
    }
  write_count (&object, "revision", self->revision);
  write_dictionary (&object, "options", options);
  write_dictionary (&object, "metadata", self->metadata);
  end_object (&object);

  return g_string_free (text, FALSE);
}

static gboolean
get_member (JsonObject *object,
            const char *name,
            GType       type,
            JsonNode  **member,
            GError    **error)
{
  g_autofree char *what = NULL;
  JsonNode *node = json_object_get_member (object, name);

  *member = NULL;
  if (node == NULL)
    return TRUE;

  if (type == G_TYPE_NONE ? JSON_NODE_HOLDS_OBJECT (node)
                          : JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type)
    {
      *member = node;
      return TRUE;
    }

  what = g_strdup_printf (_("its member “%s” is of another type"), name);
  au_record_set_damaged (error, what);
  return FALSE;
}

static gboolean
get_text (JsonObject *object,
          const char *name,
          const char **text,
          GError    **error)
{
  JsonNode *member;

  if (!get_member (object, name, G_TYPE_STRING, &member, error))
    return FALSE;

  *text = member != NULL ? json_node_get_string (member) : NULL;

  return TRUE;
}

static gboolean
get_count (JsonObject *object,
           const char *name,
           gint64      maximum,
           gint64     *count,
           GError    **error)
{
  g_autofree char *what = NULL;
  JsonNode *member;

  if (!get_member (object, name, G_TYPE_INT64, &member, error))
    return FALSE;

  *count = member != NULL ? json_node_get_int (member) : 0;
  if (*count >= 0 && *count <= maximum)
    return TRUE;

  what = g_strdup_printf (_("its member “%s” is out of range"), name);
  au_record_set_damaged (error, what);
  return FALSE;
}

/* A number that is written as a string where other readers of JSON would change it. */
static gboolean
get_large_count (JsonObject *object,
                 const char *name,
                 guint64    *count,
                 GError    **error)
{
  g_autofree char *what = NULL;
  g_autoptr(GVariant) value = NULL;
  JsonNode *node = json_object_get_member (object, name);

  *count = 0;
  if (node == NULL)
    return TRUE;

  value = au_json_node_to_variant (node, G_VARIANT_TYPE_UINT64, NULL);
  if (value != NULL)
    {
      *count = g_variant_get_uint64 (value);
      return TRUE;
    }

  what = g_strdup_printf (_("its member “%s” is not a number of this range"), name);
  au_record_set_damaged (error, what);
  return FALSE;
}

static gboolean
get_progress (JsonObject *object,
              float      *progress,
              GError    **error)
{
  JsonNode *node = json_object_get_member (object, "progress");
  double number;

  if (node == NULL)
    return TRUE;

  if (!JSON_NODE_HOLDS_VALUE (node) ||
      (json_node_get_value_type (node) != G_TYPE_INT64 && json_node_get_value_type (node) != G_TYPE_DOUBLE))
    {
      au_record_set_damaged (error, _("its progress is not a number"));
      return FALSE;
    }

  number = json_node_get_double (node);
  *progress = number >= 0 ? MIN (number, 1) : -1;
  return TRUE;
}

static gboolean
get_time (JsonObject *object,
          const char *name,
          gint64     *time,
          GError    **error)
{
  g_autoptr(GDateTime) moment = NULL;
  g_autofree char *what = NULL;
  JsonNode *member = json_object_get_member (object, name);

  *time = 0;
  if (member == NULL)
    return TRUE;

  if (JSON_NODE_HOLDS_VALUE (member) && json_node_get_value_type (member) == G_TYPE_INT64)
    {
      *time = json_node_get_int (member);
      return TRUE;
    }

  if (JSON_NODE_HOLDS_VALUE (member) && json_node_get_value_type (member) == G_TYPE_STRING)
    moment = g_date_time_new_from_iso8601 (json_node_get_string (member), NULL);

  if (moment != NULL)
    {
      *time = g_date_time_to_unix (moment) * G_USEC_PER_SEC + g_date_time_get_microsecond (moment);
      return TRUE;
    }

  what = g_strdup_printf (_("its member “%s” is not a time"), name);
  au_record_set_damaged (error, what);
  return FALSE;
}

/* Gives a value the error of a record that holds no such value. */
static gboolean
check_value (const char *name,
             GVariant   *value,
             GError     *reason,
             GError    **error)
{
  g_autofree char *what = NULL;

  if (value != NULL)
    return TRUE;

  what = g_strdup_printf (_("its member “%s”: %s"), name, reason->message);
  au_record_set_damaged (error, what);
  return FALSE;
}

/* Reads what write_bytes() wrote. */
static GVariant *
read_bytes (JsonNode           *node,
            const GVariantType *type,
            GError            **error)
{
  g_autoptr(GVariant) array = au_json_node_to_variant (node, G_VARIANT_TYPE_BYTESTRING, error);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GVariant) value = NULL;

  if (array == NULL)
    return NULL;

  bytes = g_variant_get_data_as_bytes (array);
  value = au_value_from_bytes (type, bytes, NULL);
  if (value == NULL)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_DAMAGED, _("the value is not in normal form"));
      return NULL;
    }

  return G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (value) : g_steal_pointer (&value);
}

static gboolean
get_value (JsonObject *object,
           const char *name,
           GVariant  **value,
           GError    **error)
{
  g_autoptr(GError) reason = NULL;
  JsonNode *member, *inner;
  JsonObject *typed;
  const char *type;

  *value = NULL;
  if (!get_member (object, name, G_TYPE_NONE, &member, error))
    return FALSE;
  if (member == NULL)
    return TRUE;

  typed = json_node_get_object (member);
  if (!get_text (typed, "type", &type, error))
    return FALSE;

  if (type == NULL || !g_variant_type_string_is_valid (type) || !g_variant_type_is_definite (G_VARIANT_TYPE (type)))
    {
      au_record_set_damaged (error, _("a value has no valid type"));
      return FALSE;
    }

  inner = json_object_get_member (typed, "value");
  if (inner != NULL)
    {
      *value = au_json_node_to_variant (inner, G_VARIANT_TYPE (type), &reason);
      return check_value (name, *value, reason, error);
    }

  inner = json_object_get_member (typed, "bytes");
  if (inner != NULL)
    {
      *value = read_bytes (inner, G_VARIANT_TYPE (type), &reason);
      return check_value (name, *value, reason, error);
    }

  au_record_set_damaged (error, _("a value has a type only"));
  return FALSE;
}

static gboolean
get_dictionary (JsonObject *object,
                const char *name,
                GVariant  **dictionary,
                GError    **error)
{
  g_autoptr(GError) reason = NULL;
  JsonNode *member = json_object_get_member (object, name);
  JsonNode *bytes;

  *dictionary = NULL;
  if (member == NULL)
    return TRUE;

  /* an entry of a dictionary would be an object */
  bytes = JSON_NODE_HOLDS_OBJECT (member) ? json_object_get_member (json_node_get_object (member), "bytes") : NULL;
  if (bytes != NULL && JSON_NODE_HOLDS_VALUE (bytes))
    *dictionary = read_bytes (bytes, G_VARIANT_TYPE_VARDICT, &reason);
  else
    *dictionary = au_json_node_to_variant (member, G_VARIANT_TYPE_VARDICT, &reason);

  return check_value (name, *dictionary, reason, error);
}

static gboolean
read_error (JsonObject *object,
            AuRecord   *self,
            GError    **error)
{
  const char *domain, *message;
  JsonNode *member, *code;

  if (!get_member (object, "error", G_TYPE_NONE, &member, error))
    return FALSE;
  if (member == NULL)
    return TRUE;

  if (!get_text (json_node_get_object (member), "domain", &domain, error) ||
      !get_text (json_node_get_object (member), "message", &message, error) ||
      !get_member (json_node_get_object (member), "code", G_TYPE_INT64, &code, error))
    return FALSE;

  if (domain == NULL || message == NULL || code == NULL ||
      json_node_get_int (code) < G_MININT || json_node_get_int (code) > G_MAXINT)
    {
      au_record_set_damaged (error, _("its error is not whole"));
      return FALSE;
    }

  self->error = au_record_error_new (domain, json_node_get_int (code), message);

  return TRUE;
}

static gboolean
read_state (JsonObject *object,
            AuRecord   *self,
            GError    **error)
{
  gint64 attempt, failures, lost;
  const char *status, *status_text, *owner;
  JsonNode *cancel;
  AuStatus value;

  if (!get_text (object, "status", &status, error) ||
      !get_text (object, "status-text", &status_text, error) ||
      !get_text (object, "owner", &owner, error) ||
      !get_time (object, "due", &self->due, error) ||
      !get_time (object, "started", &self->started, error) ||
      !get_time (object, "completed", &self->completed, error) ||
      !get_time (object, "expires", &self->expires, error) ||
      !get_time (object, "lease-end", &self->lease_end, error) ||
      !get_count (object, "attempt", G_MAXUINT32, &attempt, error) ||
      !get_count (object, "failures", G_MAXUINT32, &failures, error) ||
      !get_count (object, "lost", G_MAXUINT32, &lost, error) ||
      !get_large_count (object, "items", &self->n_items, error) ||
      !get_large_count (object, "revision", &self->revision, error) ||
      !get_progress (object, &self->progress, error) ||
      !get_member (object, "cancel-requested", G_TYPE_BOOLEAN, &cancel, error) ||
      !get_value (object, "value", &self->value, error) ||
      !get_dictionary (object, "metadata", &self->metadata, error) ||
      !read_error (object, self, error))
    return FALSE;

  if (status == NULL || !au_status_from_string (status, &value, NULL))
    {
      au_record_set_damaged (error, _("it has no such status"));
      return FALSE;
    }

  self->status = value;
  self->attempt = attempt;
  self->failures = failures;
  self->lost = lost;
  self->cancel_requested = cancel != NULL && json_node_get_boolean (cancel);
  if (status_text != NULL)
    self->status_text = g_ref_string_new (status_text);
  au_record_set_owner (self, owner);

  return TRUE;
}

/**
 * au_record_from_json:
 * @json: what [method@Au.Record.to_json] gave
 * @length: its length in bytes, or -1 when it ends with a zero
 * @error: return location for an error
 *
 * Makes a record from JSON text, which is not trusted. Members that this version does
 * not know are passed over.
 *
 * Fails with %AU_ERROR_DAMAGED when it is no record, and with %AU_ERROR_UNSUPPORTED
 * when it is of a newer format.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
AuRecord *
au_record_from_json (const char *json,
                     gssize      length,
                     GError    **error)
{
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GError) reason = NULL;
  g_autoptr(AuRecord) self = NULL;
  g_autoptr(GVariant) arguments = NULL;
  g_autoptr(GVariant) options = NULL;
  AuOptions *sealed;
  const char *key, *function;
  gint64 version, created;
  JsonObject *object;

  g_return_val_if_fail (json != NULL, NULL);

  root = au_json_parse (json, length, MAX_DEPTH, &reason);
  if (root == NULL)
    return au_record_set_damaged (error, reason->message);

  if (!JSON_NODE_HOLDS_OBJECT (root))
    return au_record_set_damaged (error, _("it is not a JSON object"));

  object = json_node_get_object (root);
  if (!get_count (object, "au", G_MAXINT64, &version, error))
    return NULL;
  if (version == 0)
    return au_record_set_damaged (error, _("it is not of au"));
  if (version > AU_RECORD_FORM_VERSION)
    return au_record_set_newer (error, version);

  if (!get_text (object, "key", &key, error) ||
      !get_text (object, "function", &function, error) ||
      !get_time (object, "created", &created, error) ||
      !get_value (object, "arguments", &arguments, error) ||
      !get_dictionary (object, "options", &options, error))
    return NULL;

  if (key == NULL || function == NULL)
    return au_record_set_damaged (error, _("it has no key or no function"));

  if (options == NULL)
    options = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

  sealed = au_options_load (options, error);
  if (sealed == NULL)
    return NULL;

  self = au_record_new_read (key, function, arguments, sealed, created, error);
  if (self == NULL || !read_state (object, self, error) || !au_record_check_read (self, error))
    return NULL;

  return g_steal_pointer (&self);
}
