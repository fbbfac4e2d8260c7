/* test-part.c: parts of the program itself, and what is told of their properties
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "module-fixture.h"

#include <au/au-config.h>
#include <au/au-param.h>
#include <au/au-part.h>
#include <au/au-property.h>
#include <au/au-serializer.h>

#include <string.h>

#define N_THREADS (8)

/* A serializer of the program, with a property of each sort that a file may set. */
#define TEST_TYPE_PART (test_part_get_type ())
G_DECLARE_FINAL_TYPE (TestPart, test_part, TEST, PART, GObject)

struct _TestPart
{
  GObject  parent_instance;
  gint64   age;
  guint64  size;
  char    *file;
};

static void
test_part_iface_init (AuSerializerInterface *iface)
{
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestPart, test_part, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_SERIALIZER, test_part_iface_init))

enum
{
  PROP_AGE = 1,
  PROP_SIZE,
  PROP_FILE,
  PROP_OBJECT,
};

static void
test_part_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  TestPart *self = TEST_PART (object);

  switch (prop_id)
    {
    case PROP_AGE:
      g_value_set_int64 (value, self->age);
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, self->size);
      break;
    case PROP_FILE:
      g_value_set_string (value, self->file);
      break;
    case PROP_OBJECT:
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
test_part_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  TestPart *self = TEST_PART (object);

  switch (prop_id)
    {
    case PROP_AGE:
      self->age = g_value_get_int64 (value);
      break;
    case PROP_SIZE:
      self->size = g_value_get_uint64 (value);
      break;
    case PROP_FILE:
      g_free (self->file);
      self->file = g_value_dup_string (value);
      break;
    case PROP_OBJECT:
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
test_part_finalize (GObject *object)
{
  g_free (TEST_PART (object)->file);
  G_OBJECT_CLASS (test_part_parent_class)->finalize (object);
}

static void
test_part_class_init (TestPartClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = test_part_get_property;
  object_class->set_property = test_part_set_property;
  object_class->finalize = test_part_finalize;

  g_object_class_install_property (object_class, PROP_AGE,
                                   au_param_spec_duration ("age", NULL, NULL, 0, G_MAXINT64, 0, flags));
  /* as another language makes it */
  g_object_class_install_property (object_class, PROP_SIZE,
                                   g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags));
  g_object_class_install_property (object_class, PROP_FILE,
                                   au_param_spec_file ("file", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_OBJECT,
                                   g_param_spec_object ("object", NULL, NULL, G_TYPE_OBJECT, flags));
}

static void
test_part_init (TestPart *self)
{
}

static void
assert_register_refused (const char *name,
                         GType       type,
                         int         code,
                         const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (au_part_register (AU_MODULE_SERIALIZER, name, type, &error));
  g_assert_error (error, AU_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_register (void)
{
  g_autoptr(GObject) part = NULL;
  g_autoptr(GError) error = NULL;
  const char *const settings[] = { "age=2s", NULL };

  g_assert_true (au_part_register (AU_MODULE_SERIALIZER, "own", TEST_TYPE_PART, &error));
  g_assert_no_error (error);
  g_assert_true (au_part_register (AU_MODULE_SERIALIZER, "own", TEST_TYPE_PART, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (au_part_get_gtype (AU_MODULE_SERIALIZER, "own", &error), ==, TEST_TYPE_PART);

  part = au_part_new_from_strings (AU_MODULE_SERIALIZER, "own", settings, &error);
  g_assert_no_error (error);
  g_assert_cmpint (TEST_PART (part)->age, ==, 2 * G_TIME_SPAN_SECOND);
  g_assert_cmpstr (au_part_get_type_name (part), ==, "own");

  g_assert_cmpuint (au_part_get_gtype (AU_MODULE_SERIALIZER, "owm", &error), ==, G_TYPE_INVALID);
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "did you mean “own”? (have: good, own;"));
}

static void
test_register_refused (void)
{
  g_assert_true (au_part_register (AU_MODULE_SERIALIZER, "taken", TEST_TYPE_PART, NULL));
  assert_register_refused ("Taken", TEST_TYPE_PART, AU_ERROR_INVALID_ARGUMENT,
                           "“Taken” cannot be the name of a serializer: names are of small letters, digits and "
                           "hyphens, and start with a letter");
  assert_register_refused ("other", G_TYPE_OBJECT, AU_ERROR_MODULE_INVALID,
                           "The program provides the serializer “other” by the type GObject, which is no object "
                           "that implements AuSerializer: use G_IMPLEMENT_INTERFACE where the type is defined");
  assert_register_refused ("other", AU_TYPE_SERIALIZER, AU_ERROR_MODULE_INVALID,
                           "The program provides the serializer “other” by the type AuSerializer, which is no object "
                           "that implements AuSerializer: use G_IMPLEMENT_INTERFACE where the type is defined");

  /* what a module has been asked for stays */
  g_assert_cmpuint (au_part_get_gtype (AU_MODULE_SERIALIZER, "good", NULL), !=, G_TYPE_INVALID);
  assert_register_refused ("good", TEST_TYPE_PART, AU_ERROR_MODULE_INVALID,
                           "there is a serializer “good” already: choose another name");
}

static gpointer
register_in_thread (gpointer data)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("thread-%u", i);

      g_assert_true (au_part_register (AU_MODULE_SERIALIZER, name, TEST_TYPE_PART, NULL));
      g_assert_cmpuint (au_part_get_gtype (AU_MODULE_SERIALIZER, name, NULL), ==, TEST_TYPE_PART);
      au_part_get_gtype (AU_MODULE_SERIALIZER, "nothing", NULL);
    }

  return NULL;
}

static void
test_register_in_threads (void)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, register_in_thread, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static void
test_property_units (void)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_property_set_unit (TEST_TYPE_PART, "size", AU_UNIT_SIZE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_property_get_unit (TEST_TYPE_PART, "size"), ==, AU_UNIT_SIZE);
  g_assert_cmpint (au_property_get_unit (TEST_TYPE_PART, "age"), ==, AU_UNIT_DURATION);
  g_assert_cmpint (au_property_get_unit (TEST_TYPE_PART, "file"), ==, AU_UNIT_FILE);
  g_assert_cmpint (au_property_get_unit (TEST_TYPE_PART, "none"), ==, AU_UNIT_NONE);

  text = au_property_describe (TEST_TYPE_PART, "size", &error);
  g_assert_cmpstr (text, ==, "a size such as 512, 64KiB or 2MB");
  g_clear_pointer (&text, g_free);
  text = au_property_describe (TEST_TYPE_PART, "file", &error);
  g_assert_cmpstr (text, ==, "the path of a file or folder");

  g_assert_false (au_property_set_unit (TEST_TYPE_PART, "age", AU_UNIT_RATE, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==,
                   "the property “age” of TestPart is a gint64 and cannot have this unit: make it a gdouble");
  g_clear_error (&error);
  g_assert_null (au_property_describe (TEST_TYPE_PART, "agee", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==,
                   "TestPart has no property “agee”; did you mean “age”? (has: age, size, file, object)");
}

static void
test_property_values (void)
{
  g_auto(GValue) value = G_VALUE_INIT;
  g_auto(GValue) number = G_VALUE_INIT;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_property_value_from_text (TEST_TYPE_PART, "age", "1h30m", &value, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_value_get_int64 (&value), ==, 90 * G_TIME_SPAN_MINUTE);

  /* whatever a language takes numbers for */
  g_value_init (&number, G_TYPE_INT);
  g_value_set_int (&number, 1000000);
  text = au_property_value_to_text (TEST_TYPE_PART, "age", &number, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "1s");

  g_value_set_int (&number, -1);
  g_assert_null (au_property_value_to_text (TEST_TYPE_PART, "age", &number, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_value_unset (&number);
  g_value_init (&number, G_TYPE_OBJECT);
  g_assert_null (au_property_value_to_text (TEST_TYPE_PART, "object", &number, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
}

static TestPart *
make_part (AuConfig   *config,
           GError    **error)
{
  return (TestPart *) au_config_create (config, TEST_TYPE_PART, "serializer own", error);
}

static void
test_files_start_beside_the_key_file (Fixture       *fixture,
                                      gconstpointer  data)
{
  g_autofree char *path = write_file (fixture->folder, "au.conf", "[serializer own]\ntype=own\nfile=sub/../records\n", -1);
  g_autofree char *expected = g_build_filename (fixture->folder, "records", NULL);
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(TestPart) part = NULL;
  g_autoptr(TestPart) overridden = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_part_register (AU_MODULE_SERIALIZER, "own", TEST_TYPE_PART, NULL));
  config = au_config_new_from_file (path, &error);
  g_assert_no_error (error);
  part = make_part (config, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (part->file, ==, expected);
  g_clear_object (&part);

  /* what is said on a command line is about where one is */
  g_clear_object (&config);
  config = au_config_new_from_file (path, NULL);
  g_assert_true (au_config_set (config, "serializer.own.file", "records", &error));
  overridden = make_part (config, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (overridden->file, ==, "records");
}

static void
test_home_is_for_shells (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autofree char *path = write_file (fixture->folder, "au.conf", "[serializer own]\ntype=own\nfile=~/records\n", -1);
  g_autofree char *expected = g_strdup_printf ("%s:3: [serializer own] file: “~” stands for no folder here: write "
                                               "the whole path, or “./~/records” for a file of that name", path);
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_part_register (AU_MODULE_SERIALIZER, "own", TEST_TYPE_PART, NULL));
  config = au_config_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_null (make_part (config, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, expected);
}

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv);

  g_test_add_func ("/part/register", test_register);
  g_test_add_func ("/part/register-refused", test_register_refused);
  g_test_add_func ("/part/register-in-threads", test_register_in_threads);
  g_test_add_func ("/property/units", test_property_units);
  g_test_add_func ("/property/values", test_property_values);
  fixture_add ("/property/files-start-beside-the-key-file", test_files_start_beside_the_key_file);
  fixture_add ("/property/home-is-for-shells", test_home_is_for_shells);

  return fixture_run ();
}
