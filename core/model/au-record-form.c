/* au-record-form.c: records as bytes and as JSON text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-json-private.h"
#include "au-options-private.h"
#include "au-record-private.h"

#include <au/au-error.h>
#include <au/au-key.h>

#include <glib/gi18n-lib.h>

/* The stored form. The version comes first, so that it can be read whatever follows. */
#define FORM_VERSION (1)
#define FORM_TYPE "(yssymvmvm(sis)xxxxxxuuudmsmstbta{sv}ma{sv})"

static AuRecord *
set_damaged (GError     **error,
             const char  *what)
{
  g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
               _("The stored record is damaged: %s"), what);
  return NULL;
}

static AuRecord *
set_newer (GError  **error,
           gint64    version)
{
  g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
               _("The record is of format %d, and this version of au reads up to %d: upgrade au"),
               (int) MIN (version, G_MAXINT), FORM_VERSION);
  return NULL;
}

/* What no form may get past, whoever wrote it. */
static gboolean
check_read (AuRecord  *self,
            GError   **error)
{
  if (self->status > AU_STATUS_CANCELLED)
    set_damaged (error, _("it has no such status"));
  else if (self->revision == 0)
    set_damaged (error, _("its revision is 0"));
  else if (self->status == AU_STATUS_FAILED && self->error == NULL)
    set_damaged (error, _("it is failed, and has no error"));
  else if (self->value != NULL && self->status != AU_STATUS_COMPLETED)
    set_damaged (error, _("it has a value, and is not completed"));
  else if (self->status == AU_STATUS_RUNNING && self->attempt == 0)
    set_damaged (error, _("it is running, and has no attempt"));
  else
    return TRUE;

  return FALSE;
}

static AuRecord *
new_read (const char  *key,
          const char  *function,
          GVariant    *arguments,
          GVariant    *options,
          gint64       created,
          GError     **error)
{
  g_autoptr(AuOptions) read = NULL;

  if (!au_key_is_valid (key))
    return set_damaged (error, _("its key is not valid"));

  if (*function == '\0')
    return set_damaged (error, _("it names no function"));

  read = au_options_new_from_variant (options, error);
  if (read == NULL)
    return NULL;

  return au_record_new_full (key, g_intern_string (function), arguments,
                             au_options_seal (read), created, NULL);
}

static GVariant *
error_to_variant (AuRecordError *error)
{
  if (error == NULL)
    return g_variant_new_maybe (G_VARIANT_TYPE ("(sis)"), NULL);

  return g_variant_new_maybe (NULL, g_variant_new ("(sis)", error->domain, error->code,
                                                   error->message));
}

static GVariant *
maybe_variant (GVariant *value)
{
  return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT,
                              value != NULL ? g_variant_new_variant (value) : NULL);
}

/**
 * au_record_to_variant:
 * @self: a record
 *
 * Gets the stored form of the record, in normal form and in the byte order of this
 * machine.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record as a value
 *
 * Since: 1.0
 */
GVariant *
au_record_to_variant (AuRecord *self)
{
  g_autoptr(GVariant) options = NULL;
  GVariant *metadata;

  g_return_val_if_fail (self != NULL, NULL);

  options = au_options_to_variant (self->spec->options);
  metadata = g_variant_new_maybe (G_VARIANT_TYPE_VARDICT, self->metadata);

  return g_variant_ref_sink (g_variant_new ("(yssy@mv@mv@m(sis)xxxxxxuuudmsmstbt@a{sv}@ma{sv})",
                                            FORM_VERSION,
                                            self->spec->key,
                                            self->spec->function,
                                            self->status,
                                            maybe_variant (self->spec->arguments),
                                            maybe_variant (self->value),
                                            error_to_variant (self->error),
                                            self->spec->created,
                                            self->due,
                                            self->started,
                                            self->completed,
                                            self->expires,
                                            self->lease_end,
                                            self->attempt,
                                            self->failures,
                                            self->lost,
                                            (double) self->progress,
                                            self->status_text,
                                            self->owner,
                                            self->n_items,
                                            (gboolean) self->cancel_requested,
                                            self->revision,
                                            options,
                                            metadata));
}

/**
 * au_record_from_variant:
 * @variant: what [method@Au.Record.to_variant] gave
 * @error: return location for an error
 *
 * Makes a record from its stored form, which is not trusted.
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
au_record_from_variant (GVariant  *variant,
                        GError   **error)
{
  g_autoptr(AuRecord) self = NULL;
  g_autoptr(GVariant) arguments = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) options = NULL;
  g_autoptr(GVariant) metadata = NULL;
  g_autoptr(GVariant) reason = NULL;
  const char *key, *function, *status_text, *owner;
  guint8 version, status;
  gint64 created, due, started, completed, expires, lease_end;
  guint32 attempt, failures, lost;
  double progress;
  guint64 n_items, revision;
  gboolean cancel_requested;

  g_return_val_if_fail (variant != NULL, NULL);

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (FORM_TYPE)))
    return set_damaged (error, _("it is of another type"));

  g_variant_get_child (variant, 0, "y", &version);
  if (version > FORM_VERSION)
    return set_newer (error, version);

  if (!g_variant_is_normal_form (variant))
    return set_damaged (error, _("it is not in normal form"));

  g_variant_get (variant, "(y&s&symvmv@m(sis)xxxxxxuuudm&sm&stbt@a{sv}m@a{sv})",
                 NULL, &key, &function, &status, &arguments, &value, &reason,
                 &created, &due, &started, &completed, &expires, &lease_end,
                 &attempt, &failures, &lost, &progress, &status_text, &owner,
                 &n_items, &cancel_requested, &revision, &options, &metadata);

  self = new_read (key, function, arguments, options, created, error);
  if (self == NULL)
    return NULL;

  self->status = status;
  self->due = due;
  self->started = started;
  self->completed = completed;
  self->expires = expires;
  self->lease_end = lease_end;
  self->attempt = attempt;
  self->failures = failures;
  self->lost = lost;
  self->progress = progress >= 0 ? MIN (progress, 1) : -1;
  self->n_items = n_items;
  self->cancel_requested = cancel_requested;
  self->revision = revision;
  self->value = g_steal_pointer (&value);
  self->metadata = g_steal_pointer (&metadata);
  if (status_text != NULL)
    self->status_text = g_ref_string_new (status_text);
  au_record_set_owner (self, owner);
  if (g_variant_n_children (reason) > 0)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (reason, 0);
      const char *domain, *message;
      int code;

      g_variant_get (child, "(&si&s)", &domain, &code, &message);
      self->error = au_record_error_new (domain, code, message);
    }

  if (!check_read (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * au_record_to_bytes:
 * @self: a record
 *
 * Gets the stored form of the record as bytes: in normal form, little endian.
 *
 * MT safe.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
au_record_to_bytes (AuRecord *self)
{
  g_autoptr(GVariant) variant = au_record_to_variant (self);

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (variant);

      g_variant_unref (variant);
      variant = swapped;
    }

  return g_variant_get_data_as_bytes (variant);
}

/**
 * au_record_from_bytes:
 * @bytes: what [method@Au.Record.to_bytes] gave
 * @error: return location for an error
 *
 * Makes a record from bytes, which are not trusted.
 *
 * Fails with %AU_ERROR_DAMAGED when they are no record, and with
 * %AU_ERROR_UNSUPPORTED when they are of a newer format.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
AuRecord *
au_record_from_bytes (GBytes  *bytes,
                      GError **error)
{
  g_autoptr(GVariant) variant = NULL;
  const guint8 *data;
  gsize size;

  g_return_val_if_fail (bytes != NULL, NULL);

  data = g_bytes_get_data (bytes, &size);
  if (size == 0)
    return set_damaged (error, _("it is empty"));
  if (data[0] > FORM_VERSION)
    return set_newer (error, data[0]);

  variant = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (FORM_TYPE), bytes, FALSE));

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (variant);

      g_variant_unref (variant);
      variant = swapped;
    }

  return au_record_from_variant (variant, error);
}

/* JSON: what a person reads. A value is {"type", "value"}; a time is text in UTC. */

static void
set_value (JsonObject *object,
           const char *name,
           GVariant   *value)
{
  JsonObject *typed;

  if (value == NULL)
    return;

  typed = json_object_new ();
  json_object_set_string_member (typed, "type", g_variant_get_type_string (value));
  json_object_set_member (typed, "value", au_json_node_from_variant (value));
  json_object_set_object_member (object, name, typed);
}

static void
set_time (JsonObject *object,
          const char *name,
          gint64      time)
{
  g_autoptr(GDateTime) seconds = NULL;
  g_autofree char *text = NULL;
  g_autofree char *full = NULL;

  if (time == 0)
    return;

  seconds = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  if (seconds == NULL || time < 0)
    {
      json_object_set_int_member (object, name, time);
      return;
    }

  text = g_date_time_format (seconds, "%Y-%m-%dT%H:%M:%S");
  full = g_strdup_printf ("%s.%06dZ", text, (int) (time % G_USEC_PER_SEC));
  json_object_set_string_member (object, name, full);
}

static void
set_count (JsonObject *object,
           const char *name,
           guint64     count)
{
  if (count > 0)
    json_object_set_int_member (object, name, count);
}

static void
set_text (JsonObject *object,
          const char *name,
          const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static JsonObject *
error_to_json (AuRecordError *error)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "domain", error->domain);
  json_object_set_int_member (object, "code", error->code);
  json_object_set_string_member (object, "message", error->message);

  return object;
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
  g_autoptr(JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr(JsonObject) object = json_object_new ();
  g_autoptr(GVariant) options = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  options = au_options_to_variant (self->spec->options);

  json_object_set_int_member (object, "au", FORM_VERSION);
  json_object_set_string_member (object, "key", self->spec->key);
  json_object_set_string_member (object, "function", self->spec->function);
  json_object_set_string_member (object, "status", au_status_to_string (self->status));
  set_value (object, "arguments", self->spec->arguments);
  set_value (object, "value", self->value);
  if (self->error != NULL)
    json_object_set_object_member (object, "error", error_to_json (self->error));
  set_time (object, "created", self->spec->created);
  set_time (object, "due", self->due);
  set_time (object, "started", self->started);
  set_time (object, "completed", self->completed);
  set_time (object, "expires", self->expires);
  set_time (object, "lease-end", self->lease_end);
  set_count (object, "attempt", self->attempt);
  set_count (object, "failures", self->failures);
  set_count (object, "lost", self->lost);
  set_count (object, "items", self->n_items);
  if (self->progress >= 0)
    json_object_set_double_member (object, "progress", self->progress);
  set_text (object, "status-text", self->status_text);
  set_text (object, "owner", self->owner);
  if (self->cancel_requested)
    json_object_set_boolean_member (object, "cancel-requested", TRUE);
  set_count (object, "revision", self->revision);
  if (g_variant_n_children (options) > 0)
    json_object_set_member (object, "options", au_json_node_from_variant (options));
  if (self->metadata != NULL)
    json_object_set_member (object, "metadata", au_json_node_from_variant (self->metadata));

  json_node_set_object (root, object);

  return json_to_string (root, pretty);
}

static gboolean
get_member (JsonObject  *object,
            const char  *name,
            GType        type,
            JsonNode   **member,
            GError     **error)
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
  set_damaged (error, what);
  return FALSE;
}

static gboolean
get_text (JsonObject  *object,
          const char  *name,
          const char **text,
          GError     **error)
{
  JsonNode *member;

  if (!get_member (object, name, G_TYPE_STRING, &member, error))
    return FALSE;

  *text = member != NULL ? json_node_get_string (member) : NULL;

  return TRUE;
}

static gboolean
get_count (JsonObject  *object,
           const char  *name,
           gint64       maximum,
           gint64      *count,
           GError     **error)
{
  g_autofree char *what = NULL;
  JsonNode *member;

  if (!get_member (object, name, G_TYPE_INT64, &member, error))
    return FALSE;

  *count = member != NULL ? json_node_get_int (member) : 0;
  if (*count >= 0 && *count <= maximum)
    return TRUE;

  what = g_strdup_printf (_("its member “%s” is out of range"), name);
  set_damaged (error, what);
  return FALSE;
}

static gboolean
get_time (JsonObject  *object,
          const char  *name,
          gint64      *time,
          GError     **error)
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
  set_damaged (error, what);
  return FALSE;
}

static gboolean
get_value (JsonObject  *object,
           const char  *name,
           GVariant   **value,
           GError     **error)
{
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

  inner = json_object_get_member (typed, "value");
  if (type == NULL || inner == NULL || !g_variant_type_string_is_valid (type) ||
      !g_variant_type_is_definite (G_VARIANT_TYPE (type)))
    {
      set_damaged (error, _("a value has no valid type"));
      return FALSE;
    }

  *value = au_json_node_to_variant (inner, G_VARIANT_TYPE (type), error);

  return *value != NULL;
}

static gboolean
get_dictionary (JsonObject  *object,
                const char  *name,
                GVariant   **dictionary,
                GError     **error)
{
  JsonNode *member;

  *dictionary = NULL;
  if (!get_member (object, name, G_TYPE_NONE, &member, error))
    return FALSE;
  if (member == NULL)
    return TRUE;

  *dictionary = au_json_node_to_variant (member, G_VARIANT_TYPE_VARDICT, error);

  return *dictionary != NULL;
}

static gboolean
read_error (JsonObject  *object,
            AuRecord    *self,
            GError     **error)
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

  if (domain == NULL || message == NULL || code == NULL)
    {
      set_damaged (error, _("its error is not whole"));
      return FALSE;
    }

  self->error = au_record_error_new (domain, json_node_get_int (code), message);

  return TRUE;
}

static gboolean
read_state (JsonObject  *object,
            AuRecord    *self,
            GError     **error)
{
  gint64 attempt, failures, lost, n_items, revision;
  const char *status, *status_text, *owner;
  JsonNode *progress, *cancel;
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
      !get_count (object, "items", G_MAXINT64, &n_items, error) ||
      !get_count (object, "revision", G_MAXINT64, &revision, error) ||
      !get_member (object, "cancel-requested", G_TYPE_BOOLEAN, &cancel, error) ||
      !get_value (object, "value", &self->value, error) ||
      !get_dictionary (object, "metadata", &self->metadata, error) ||
      !read_error (object, self, error))
    return FALSE;

  if (status == NULL || !au_status_from_string (status, &value, NULL))
    {
      set_damaged (error, _("it has no such status"));
      return FALSE;
    }

  progress = json_object_get_member (object, "progress");
  if (progress != NULL && JSON_NODE_HOLDS_VALUE (progress))
    self->progress = CLAMP (json_node_get_double (progress), 0, 1);

  self->status = value;
  self->attempt = attempt;
  self->failures = failures;
  self->lost = lost;
  self->n_items = n_items;
  self->revision = revision;
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
au_record_from_json (const char  *json,
                     gssize       length,
                     GError     **error)
{
  g_autoptr(JsonParser) parser = json_parser_new_immutable ();
  g_autoptr(GError) reason = NULL;
  g_autoptr(AuRecord) self = NULL;
  g_autoptr(GVariant) arguments = NULL;
  g_autoptr(GVariant) options = NULL;
  const char *key, *function;
  gint64 version, created;
  JsonObject *object;
  JsonNode *root;

  g_return_val_if_fail (json != NULL, NULL);

  if (!json_parser_load_from_data (parser, json, length, &reason))
    return set_damaged (error, reason->message);

  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return set_damaged (error, _("it is not a JSON object"));

  object = json_node_get_object (root);
  if (!get_count (object, "au", G_MAXINT64, &version, error))
    return NULL;
  if (version == 0)
    return set_damaged (error, _("it is not of au"));
  if (version > FORM_VERSION)
    return set_newer (error, version);

  if (!get_text (object, "key", &key, error) ||
      !get_text (object, "function", &function, error) ||
      !get_time (object, "created", &created, error) ||
      !get_value (object, "arguments", &arguments, error) ||
      !get_dictionary (object, "options", &options, error))
    return NULL;

  if (key == NULL || function == NULL)
    return set_damaged (error, _("it has no key or no function"));

  if (options == NULL)
    options = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

  self = new_read (key, function, arguments, options, created, error);
  if (self == NULL || !read_state (object, self, error) || !check_read (self, error))
    return NULL;

  return g_steal_pointer (&self);
}
