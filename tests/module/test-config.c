/* test-config.c: key files, good and bad
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-backend.h>
#include <au/au-config.h>
#include <au/au-error.h>
#include <au/au-middleware.h>
#include <au/au-param.h>
#include <au/au-part.h>
#include <au/au-serializer.h>
#include <au/au-store.h>

#include <glib/gstdio.h>
#include <unistd.h>

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

enum
{
  PROP_STORE = 1,
  PROP_BACKEND,
  PROP_MIDDLEWARE,
  PROP_TTL,
  PROP_LABEL,
};

G_DEFINE_FINAL_TYPE (TestEngine, test_engine, G_TYPE_OBJECT)

static void
test_engine_set_property (GObject      *object,
                          guint         id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  TestEngine *self = TEST_ENGINE (object);

  switch (id)
    {
    case PROP_STORE:
      self->store = g_value_dup_object (value);
      break;
    case PROP_BACKEND:
      self->backend = g_value_dup_object (value);
      break;
    case PROP_MIDDLEWARE:
      self->middleware = g_value_dup_object (value);
      break;
    case PROP_TTL:
      self->ttl = g_value_get_int64 (value);
      break;
    case PROP_LABEL:
      self->label = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
test_engine_finalize (GObject *object)
{
  TestEngine *self = TEST_ENGINE (object);

  g_clear_object (&self->store);
  g_clear_object (&self->backend);
  g_clear_object (&self->middleware);
  g_free (self->label);

  G_OBJECT_CLASS (test_engine_parent_class)->finalize (object);
}

static void
test_engine_class_init (TestEngineClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->set_property = test_engine_set_property;
  object_class->finalize = test_engine_finalize;

  g_object_class_install_property (object_class, PROP_STORE,
                                   g_param_spec_object ("store", NULL, NULL, AU_TYPE_STORE, flags));
  g_object_class_install_property (object_class, PROP_BACKEND,
                                   g_param_spec_object ("backend", NULL, NULL, AU_TYPE_BACKEND,
                                                        flags));
  g_object_class_install_property (object_class, PROP_MIDDLEWARE,
                                   g_param_spec_object ("middleware", NULL, NULL,
                                                        G_TYPE_LIST_MODEL, flags));
  g_object_class_install_property (object_class, PROP_TTL,
                                   au_param_spec_duration ("ttl", NULL, NULL, 0, G_MAXINT64,
                                                           G_TIME_SPAN_DAY, flags));
  g_object_class_install_property (object_class, PROP_LABEL,
                                   g_param_spec_string ("label", NULL, NULL, NULL, flags));
}

static void
test_engine_init (TestEngine *self)
{
}

/* Help */

static char *modules;

static AuConfig *
read_text (const char *text)
{
  g_autoptr(GError) error = NULL;
  AuConfig *config = au_config_new_from_data (text, -1, "au.conf", &error);

  g_assert_no_error (error);
  return config;
}

static TestEngine *
make_engine (AuConfig *config)
{
  g_autoptr(GError) error = NULL;
  GObject *engine;

  au_config_check (config, TEST_TYPE_ENGINE, &error);
  g_assert_no_error (error);
  engine = au_config_create (config, TEST_TYPE_ENGINE, "au", &error);
  g_assert_no_error (error);
  return TEST_ENGINE (engine);
}

/* The file is refused as soon as it is read. */
static void
assert_unreadable (const char *text,
                   const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_config_new_from_data (text, -1, "au.conf", &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
}

/* It is read, but what it says is refused, both when checked and when used. */
static void
assert_config_refused (AuConfig   *config,
                       int         code,
                       const char *message)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_false (au_config_check (config, TEST_TYPE_ENGINE, &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, code);

  g_clear_error (&error);
  g_assert_null (au_config_create (config, TEST_TYPE_ENGINE, "au", &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, code);

  g_clear_error (&error);
  text = au_config_to_text (config, TEST_TYPE_ENGINE, &error);
  g_assert_null (text);
  g_assert_cmpstr (error->message, ==, message);
}

static void
assert_refused (const char *text,
                const char *message)
{
  g_autoptr(AuConfig) config = read_text (text);

  assert_config_refused (config, AU_ERROR_CONFIG, message);
}

/* For [store main], of which every property can be set. */
static void
assert_setting_refused (const char *setting,
                        const char *message)
{
  g_autofree char *text = g_strdup_printf ("[au]\nstore=main\nbackend=main\n"
                                           "[backend main]\ntype=good\n"
                                           "\n[store main]\ntype=good\n# here:\n%s\n", setting);

  assert_refused (text, message);
}

#define BACKEND "[backend main]\ntype=good\n"
#define KEYS "enabled, fail, fail-silently, flags, kind, limit, metadata, next, parent, " \
             "password, path, pin, rate, ratio, serializer, size, ttl, words"
#define ENGINE_KEYS "backend, label, middleware, store, ttl"
#define GROUPS "au, modules, engine NAME, store NAME, backend NAME, middleware NAME, " \
               "serializer NAME"

/* Good files */

static void
test_all_values (void)
{
  g_autoptr(AuConfig) config = read_text (
    "\xef\xbb\xbf# A comment\r\n"
    "[au]\r\n"
    "  ttl = 1h30m  \r\n"
    "label= one = two # three\r\n"
    "\n"
    "[ backend  main ]\n"
    "type=good\n"
    "[store main]\n"
    "type=good\n"
    "path=/var/lib/a b\\n\n"
    "limit=9\n"
    "size=64KiB\n"
    "ttl=250ms\n"
    "rate=600/min\n"
    "ratio=0.25\n"
    "enabled=off\n"
    "kind=middleware\n"
    "flags=owner-context\n"
    "words=a; b\\;c\n"
    "metadata={'a': <5>}\n"
    "password=x\n"
    "pin=1234\n"
    "serializer=fine\n"
    "[serializer fine]\n"
    "type=good");
  g_autoptr(TestEngine) engine = make_engine (config);
  g_autoptr(GVariant) metadata = NULL;
  g_autoptr(AuSerializer) serializer = NULL;
  g_autofree char *path = NULL;
  g_autofree char *password = NULL;
  g_auto (GStrv) words = NULL;
  gboolean enabled;
  guint64 size;
  gint64 ttl;
  double rate, ratio;
  guint flags, pin;
  int limit, kind;

  g_assert_cmpint (engine->ttl, ==, 90 * G_TIME_SPAN_MINUTE);
  g_assert_cmpstr (engine->label, ==, "one = two # three");
  g_assert_true (AU_IS_BACKEND (engine->backend));

  g_object_get (engine->store, "path", &path, "limit", &limit, "size", &size, "ttl", &ttl,
                "rate", &rate, "ratio", &ratio, "enabled", &enabled, "kind", &kind,
                "flags", &flags, "words", &words, "metadata", &metadata,
                "password", &password, "pin", &pin, "serializer", &serializer, NULL);
  g_assert_cmpstr (path, ==, "/var/lib/a b\\n");
  g_assert_cmpint (limit, ==, 9);
  g_assert_cmpuint (size, ==, 65536);
  g_assert_cmpint (ttl, ==, 250000);
  g_assert_cmpfloat (rate, ==, 10);
  g_assert_cmpfloat (ratio, ==, 0.25);
  g_assert_false (enabled);
  g_assert_cmpint (kind, ==, AU_MODULE_MIDDLEWARE);
  g_assert_cmpuint (flags, ==, AU_FUNCTION_OWNER_CONTEXT);
  g_assert_cmpuint (g_strv_length (words), ==, 2);
  g_assert_cmpstr (words[1], ==, "b;c");
  g_assert_cmpuint (g_variant_n_children (metadata), ==, 1);
  g_assert_cmpstr (password, ==, "x");
  g_assert_cmpuint (pin, ==, 1234);
  g_assert_true (AU_IS_SERIALIZER (serializer));
}

static void
test_references (void)
{
  g_autoptr(AuConfig) config = read_text ("[au]\nstore=a\nmiddleware=two; one ;three;\n"
                                          "[engine other]\nstore=b\n" BACKEND
                                          "[store a]\ntype=good\nnext=b\n"
                                          "[store b]\ntype=good\n"
                                          "[middleware one]\ntype=good\n"
                                          "[middleware two]\ntype=good\n"
                                          "[middleware three]\ntype=good\n");
  g_autoptr(TestEngine) engine = make_engine (config);
  g_autoptr(TestEngine) again = make_engine (config);
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) other = NULL;
  g_autoptr(GObject) one = NULL;
  g_autoptr(GObject) first = NULL;
  g_autoptr(GObject) second = NULL;
  g_autoptr(GObject) next = NULL;
  g_autoptr(GObject) b = NULL;

  /* In the order that is given. */
  g_assert_cmpuint (g_list_model_get_n_items (engine->middleware), ==, 3);
  g_assert_true (g_list_model_get_item_type (engine->middleware) == AU_TYPE_MIDDLEWARE);
  one = au_config_create (config, AU_TYPE_MIDDLEWARE, "middleware one", &error);
  g_assert_no_error (error);
  first = g_list_model_get_item (engine->middleware, 0);
  second = g_list_model_get_item (engine->middleware, 1);
  g_assert_true (second == one);
  g_assert_true (first != one);

  /* What several name is one object. */
  other = au_config_create (config, TEST_TYPE_ENGINE, "engine other", &error);
  g_assert_no_error (error);
  g_object_get (engine->store, "next", &next, NULL);
  g_assert_true (next == G_OBJECT (TEST_ENGINE (other)->store));
  g_assert_true (engine->store == again->store);
  g_assert_true (engine != again);
  b = au_config_create (config, AU_TYPE_STORE, "store b", &error);
  g_assert_true (b == next);
}

static void
test_parts_live_as_long_as_used (void)
{
  g_autoptr(AuConfig) config = read_text ("[store main]\ntype=good\n" BACKEND);
  g_autoptr(GObject) store = au_config_create (config, AU_TYPE_STORE, "store main", NULL);
  GObject *watched = store;

  g_object_add_weak_pointer (watched, (gpointer *) &watched);
  g_clear_object (&store);
  g_assert_null (watched);

  store = au_config_create (config, AU_TYPE_STORE, "store main", NULL);
  g_assert_true (AU_IS_STORE (store));
}

static void
test_override (void)
{
  g_autoptr(AuConfig) config = read_text ("[au]\nttl=1h\n[store main]\ntype=good\nlimit=3\n"
                                          BACKEND);
  g_autoptr(TestEngine) engine = NULL;
  g_autoptr(GError) error = NULL;
  int limit;

  g_assert_true (au_config_set (config, "au.ttl", "2h", &error));
  g_assert_true (au_config_set (config, "store.main.limit", "4", &error));
  g_assert_true (au_config_set (config, "store.main.limit", "5", &error));
  g_assert_true (au_config_set (config, "middleware.log.type", "good", &error));
  g_assert_true (au_config_set (config, "au.middleware", "log", &error));
  g_assert_no_error (error);

  engine = make_engine (config);
  g_assert_cmpint (engine->ttl, ==, 2 * G_TIME_SPAN_HOUR);
  g_object_get (engine->store, "limit", &limit, NULL);
  g_assert_cmpint (limit, ==, 5);
  g_assert_cmpuint (g_list_model_get_n_items (engine->middleware), ==, 1);

  g_assert_false (au_config_set (config, "au.ttl", "3h", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
                   "au.ttl: the configuration is in use, and cannot be changed any more: "
                   "make another");
}

static void
assert_override_refused (const char *name,
                         const char *value,
                         const char *message)
{
  g_autoptr(AuConfig) config = au_config_new ();
  g_autoptr(GError) error = NULL;

  g_assert_false (au_config_set (config, name, value, &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

static void
test_override_refused (void)
{
  g_autoptr(AuConfig) config = read_text ("[store main]\ntype=good\n" BACKEND);

  assert_override_refused ("ttl", "1h", "“ttl” is no name of a setting: write au.KEY, or "
                           "KIND.NAME.KEY as in store.main.path");
  assert_override_refused ("store.main.path.more", "x", "“store.main.path.more” is no name of a "
                           "setting: write au.KEY, or KIND.NAME.KEY as in store.main.path");
  assert_override_refused ("au.", "x", "“au.” is no name of a setting: write au.KEY, or "
                           "KIND.NAME.KEY as in store.main.path");
  assert_override_refused ("stor.main.path", "x",
                           "stor.main.path: no such group; did you mean “store”? "
                           "(groups: " GROUPS ")");
  assert_override_refused ("store.path", "x",
                           "store.path: the group needs a name of letters, digits, “-” and “_”: "
                           "write [store NAME]");
  assert_override_refused ("au.main.path", "x",
                           "au.main.path: there is only one group of this sort: write [au]");
  assert_override_refused ("au.label", "a\nb",
                           "au.label: a value is one line of text in UTF-8");
  assert_override_refused ("au.label", "a\xff",
                           "au.label: a value is one line of text in UTF-8");

  /* What is wrong with a value is told with the name that was given. */
  g_assert_true (au_config_set (config, "store.main.limit", "99", NULL));
  assert_config_refused (config, AU_ERROR_CONFIG,
                         "store.main.limit: “99” is not allowed: it takes a whole number "
                         "from 1 to 64");
  g_clear_object (&config);

  config = read_text ("[store main]\ntype=good\n" BACKEND);
  g_assert_true (au_config_set (config, "au.tll", "1h", NULL));
  assert_config_refused (config, AU_ERROR_CONFIG,
                         "au.tll: no such key; did you mean “ttl”? (have: " ENGINE_KEYS ")");
}

/* The form of a file */

static void
test_bad_lines (void)
{
  g_autoptr(GError) error = NULL;

  assert_unreadable ("[au]\n\nnonsense\n",
                     "au.conf:3: this line is neither a group in brackets, a setting KEY=VALUE, "
                     "nor a comment after “#”");
  assert_unreadable ("; no comment\n[au]\n",
                     "au.conf:1: this line is neither a group in brackets, a setting KEY=VALUE, "
                     "nor a comment after “#”");
  assert_unreadable ("[au]\n=x\n", "au.conf:2: there is no key before “=”");
  assert_unreadable ("# first\nttl=1h\n",
                     "au.conf:2: “ttl” is in no group: put a line such as [au] before it");
  assert_unreadable ("[au\n", "au.conf:1: “[au” is no group: a group is one line such as "
                     "[store main]");
  assert_unreadable ("[au] # engine\n",
                     "au.conf:1: “[au] # engine” is no group: a group is one line such as "
                     "[store main]");
  assert_unreadable ("[au]\nttl=1h\r\nx\xff=y\n", "au.conf:3: this line is not text in UTF-8");

  g_assert_null (au_config_new_from_data ("[au]\nttl=\0\n", 11, NULL, &error));
  g_assert_cmpstr (error->message, ==, "key file:2: this line is not text in UTF-8");
}

static void
test_bad_groups (void)
{
  assert_unreadable ("[stor main]\n",
                     "au.conf:1: [stor main]: no such group; did you mean “store”? "
                     "(groups: " GROUPS ")");
  assert_unreadable ("[nonsense]\n",
                     "au.conf:1: [nonsense]: no such group (groups: " GROUPS ")");
  assert_unreadable ("[]\n", "au.conf:1: []: no such group (groups: " GROUPS ")");
  assert_unreadable ("\n[store]\n",
                     "au.conf:2: [store]: the group needs a name of letters, digits, “-” and “_”: "
                     "write [store NAME]");
  assert_unreadable ("[store a b]\n",
                     "au.conf:1: [store a b]: the group needs a name of letters, digits, “-” and "
                     "“_”: write [store NAME]");
  assert_unreadable ("[store ../x]\n",
                     "au.conf:1: [store ../x]: the group needs a name of letters, digits, “-” and "
                     "“_”: write [store NAME]");
  assert_unreadable ("[au main]\n",
                     "au.conf:1: [au main]: there is only one group of this sort: write [au]");
  assert_unreadable ("[function x]\n",
                     "au.conf:1: [function x]: no such group (groups: " GROUPS ")");
}

static void
test_given_twice (void)
{
  assert_unreadable ("[au]\n[store main]\ntype=good\n\n[store  main]\n",
                     "au.conf:5: [store main]: given twice, first in line 2: put both into one");
  assert_unreadable ("[au]\nttl=1h\n#\nttl=2h\n",
                     "au.conf:4: [au] ttl: given twice, first in line 2: remove one");
}

/* What a file says */

static void
test_unknown_keys (void)
{
  assert_refused ("[store main]\ntype=good\n" BACKEND "[au]\ntll=1h\n",
                  "au.conf:6: [au] tll: no such key; did you mean “ttl”? "
                  "(have: " ENGINE_KEYS ")");
  assert_refused ("[store main]\ntype=good\n" BACKEND "[au]\ntype=good\n",
                  "au.conf:6: [au] type: no such key (have: " ENGINE_KEYS ")");
  assert_setting_refused ("limits=1", "au.conf:10: [store main] limits: no such key; "
                          "did you mean “limit”? (have: " KEYS ")");
  assert_setting_refused ("max_workers=1", "au.conf:10: [store main] max_workers: no such key "
                          "(have: " KEYS ")");
  assert_setting_refused ("limit[de]=1", "au.conf:10: [store main] limit[de]: no such key "
                          "(have: " KEYS ")");
  assert_setting_refused ("state=x", "au.conf:10: [store main] state: no such key; "
                          "did you mean “rate”? (have: " KEYS ")");
  assert_refused ("[modules]\npaht=/x\n",
                  "au.conf:2: [modules] paht: no such key (have: path)");
}

static void
test_bad_values (void)
{
  assert_setting_refused ("limit=99", "au.conf:10: [store main] limit: “99” is not allowed: "
                          "it takes a whole number from 1 to 64");
  assert_setting_refused ("limit=nine", "au.conf:10: [store main] limit: “nine” is not allowed: "
                          "it takes a whole number from 1 to 64");
  assert_setting_refused ("limit=", "au.conf:10: [store main] limit: “” is not allowed: "
                          "it takes a whole number from 1 to 64");
  assert_setting_refused ("ratio=2", "au.conf:10: [store main] ratio: “2” is not allowed: "
                          "it takes a number from 0 to 1");
  assert_setting_refused ("ttl=30", "au.conf:10: [store main] ttl: “30” has no unit: it takes a "
                          "duration such as 250ms, 30s or 1h30m of at least 0");
  assert_setting_refused ("size=1XB", "au.conf:10: [store main] size: “1XB” is not allowed: it "
                          "takes a size such as 512, 64KiB or 2MB");
  assert_setting_refused ("rate=20", "au.conf:10: [store main] rate: “20” has no unit: it takes a "
                          "rate such as 20/s, 600/min or 10/h of at least 0");
  assert_setting_refused ("enabled=maybe", "au.conf:10: [store main] enabled: “maybe” is not "
                          "allowed: it takes true, yes, on or 1, or else false, no, off or 0");
  assert_setting_refused ("kind=backedn", "au.conf:10: [store main] kind: “backedn” is not "
                          "allowed; did you mean “backend”? It takes one of store, backend, "
                          "middleware, serializer, function");
  assert_setting_refused ("flags=owner-contxt", "au.conf:10: [store main] flags: “owner-contxt” is "
                          "not allowed; did you mean “owner-context”? It takes any of none, "
                          "owner-context, separated by “;”");
  assert_setting_refused ("parent=x", "au.conf:10: [store main] parent: the property “parent” is "
                          "GCancellable, which cannot be given as text: set it in the program");
}

static void
test_bad_types (void)
{
  g_autofree char *have = NULL;
  g_autofree char *message = NULL;
  g_autoptr(AuConfig) config = read_text ("[au]\n" BACKEND "[store main]\ntype=god\n");
  g_autoptr(AuConfig) no_name = NULL;
  g_autoptr(AuConfig) broken = NULL;
  g_autoptr(AuConfig) no_type = NULL;
  g_autoptr(GError) error = NULL;

  message = g_strdup_printf ("au.conf:5: [middleware log] type: no such middleware: “god”; did "
                             "you mean “good”? (have: good; looked in: %s)", modules);
  g_clear_object (&config);
  config = read_text ("[au]\nmiddleware=log\n"
                      "\n[middleware log]\ntype=god\n"
                      "[store main]\ntype=good\n" BACKEND);
  assert_config_refused (config, AU_ERROR_MODULE_NOT_FOUND, message);

  g_clear_pointer (&message, g_free);
  message = g_strdup_printf ("au.conf:2: [backend main] type: “No/Name” cannot be the name of a "
                             "backend: names are of small letters, digits and hyphens, and start "
                             "with a letter (have: good; looked in: %s)", modules);
  no_name = read_text ("[backend main]\ntype=No/Name\n[store main]\ntype=good\n");
  assert_config_refused (no_name, AU_ERROR_CONFIG, message);

  g_clear_pointer (&message, g_free);
  message = g_strdup_printf ("au.conf:4: [store main] type: %s/.libs/au_store_newer_minor.so was "
                             "built for au 1.3 and this is au 1.0: upgrade au, or rebuild the "
                             "module with AU_VERSION_MAX_ALLOWED=AU_VERSION_1_0", modules);
  broken = read_text (BACKEND "[store main]\ntype=newer-minor\n");
  assert_config_refused (broken, AU_ERROR_MODULE_VERSION, message);

  no_type = read_text ("[store main]\ntype=good\n\n[backend main]\nmax-workers=8\n");
  assert_config_refused (no_type, AU_ERROR_CONFIG,
                         "au.conf:4: [backend main]: no type= says which backend it is "
                         "(have: good)");
}

static void
test_bad_references (void)
{
  assert_refused ("[au]\nstore=mian\n[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] store: there is no group [store mian]; did you mean “main”? "
                  "(have: main)");
  assert_refused ("[au]\nmiddleware=log;limit\n[middleware limit]\ntype=good\n"
                  "[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] middleware: there is no group [middleware log] (have: limit); "
                  "add one, with a line type=…");
  assert_refused ("[au]\nmiddleware=log;log\n[middleware log]\ntype=good\n"
                  "[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] middleware: “log” is given twice: remove one");
  assert_refused ("[au]\nbackend=\n[store main]\ntype=good\n" BACKEND,
                  "au.conf:2: [au] backend: there is no group [backend ] (have: main); "
                  "add one, with a line type=…");

  /* Named, it must be there; only what nobody names has a default. */
  assert_refused ("[au]\nstore=main\n" BACKEND,
                  "au.conf:2: [au] store: there is no group [store main] (have: none); "
                  "add one, with a line type=…");
  assert_refused ("[au]\nttl=1h\n[store one]\ntype=good\n[store two]\ntype=good\n" BACKEND,
                  "au.conf:1: [au]: no store= says which store to use, and none is called “main” "
                  "(have: one, two)");
}

static void
test_cycles (void)
{
  assert_refused ("[au]\nstore=a\n" BACKEND "[store a]\ntype=good\nnext=a\n",
                  "au.conf:7: [store a] next: a part cannot be made of itself: "
                  "[store a] → [store a]");
  assert_refused ("[au]\nstore=a\n" BACKEND "[store a]\ntype=good\nnext=b\n"
                  "[store b]\ntype=good\nnext=c\n[store c]\ntype=good\nnext=b\n",
                  "au.conf:13: [store c] next: a part cannot be made of itself: "
                  "[store b] → [store c] → [store b]");
}

static void
test_unused_groups_are_checked (void)
{
  g_autoptr(AuConfig) config = read_text ("[store main]\ntype=good\n" BACKEND
                                          "[store unused]\ntype=good\nlimit=0\n");
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) engine = NULL;

  g_assert_false (au_config_check (config, TEST_TYPE_ENGINE, &error));
  g_assert_cmpstr (error->message, ==, "au.conf:7: [store unused] limit: “0” is not allowed: it "
                   "takes a whole number from 1 to 64");

  /* But do not harm what does not need them. */
  g_clear_error (&error);
  engine = au_config_create (config, TEST_TYPE_ENGINE, "au", &error);
  g_assert_no_error (error);
  g_assert_true (TEST_IS_ENGINE (engine));
}

static void
test_check_makes_nothing (void)
{
  g_autoptr(AuConfig) config = read_text ("[store main]\ntype=good\nfail=the disk is full\n"
                                          BACKEND);
  g_autoptr(GError) error = NULL;

  g_assert_true (au_config_check (config, TEST_TYPE_ENGINE, &error));
  g_assert_no_error (error);

  /* A part's own error keeps its code, and gets the place. */
  g_assert_null (au_config_create (config, TEST_TYPE_ENGINE, "au", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpstr (error->message, ==, "au.conf:1: [store main]: the disk is full");
}

static void
test_create_refused (void)
{
  g_autoptr(AuConfig) config = read_text ("[au]\n[store main]\ntype=good\n" BACKEND);
  g_autoptr(AuConfig) empty = au_config_new ();
  g_autoptr(GError) error = NULL;

  g_assert_null (au_config_create (config, AU_TYPE_STORE, "store other", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, "au.conf: there is no group [store other] "
                   "(have: au, store main, backend main)");

  g_clear_error (&error);
  g_assert_null (au_config_create (empty, TEST_TYPE_ENGINE, "engine x", &error));
  g_assert_cmpstr (error->message, ==, "there is no group [engine x] (have: none)");

  g_clear_error (&error);
  g_assert_null (au_config_create (config, AU_TYPE_STORE, "backend main", &error));
  g_assert_cmpstr (error->message, ==, "au.conf:5: [backend main] type: it is a TestGoodBackend, "
                   "and a AuStore is needed: give another type=");

  g_clear_error (&error);
  g_assert_null (au_config_create (config, AU_TYPE_STORE, "au", &error));
  g_assert_cmpstr (error->message, ==, "au.conf:1: [au]: it describes an engine, and no AuStore");
}

/* Secrets */

static char *
get_password (const char *text)
{
  g_autoptr(AuConfig) config = read_text (text);
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) store = au_config_create (config, AU_TYPE_STORE, "store main", &error);
  char *password;

  g_assert_no_error (error);
  g_object_get (store, "password", &password, NULL);
  return password;
}

static void
test_secrets (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *secret = g_build_filename (folder, "secret", NULL);
  g_autofree char *file = g_build_filename (folder, "au.conf", NULL);
  g_autofree char *text = g_strdup_printf ("[store main]\ntype=good\npassword=@%s\n", secret);
  g_autofree char *from_file = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *at = NULL;
  g_autofree char *relative = NULL;
  g_autofree char *message = NULL;
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) store = NULL;

  g_assert_true (g_file_set_contents (secret, " two words \n", -1, NULL));
  from_file = get_password (text);
  g_assert_cmpstr (from_file, ==, " two words ");
  plain = get_password ("[store main]\ntype=good\npassword=plain\n");
  g_assert_cmpstr (plain, ==, "plain");
  at = get_password ("[store main]\ntype=good\npassword=@@home\n");
  g_assert_cmpstr (at, ==, "@home");

  /* Relative to the file that names it. */
  g_assert_true (g_file_set_contents (file, "[store main]\ntype=good\npassword=@secret\n", -1,
                                      NULL));
  config = au_config_new_from_file (file, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_config_get_origin (config), ==, file);
  store = au_config_create (config, AU_TYPE_STORE, "store main", &error);
  g_assert_no_error (error);
  g_object_get (store, "password", &relative, NULL);
  g_assert_cmpstr (relative, ==, " two words ");

  g_assert_no_errno (g_unlink (secret));
  message = g_strdup_printf ("au.conf:3: [store main] password: the secret cannot be read: Failed "
                             "to open file “%s”: No such file or directory", secret);
  g_free (text);
  text = g_strdup_printf ("[store main]\ntype=good\npassword=@%s\n" BACKEND, secret);
  assert_refused (text, message);

  /* What is secret is not told. */
  assert_setting_refused ("pin=123456", "au.conf:10: [store main] pin: the secret is not allowed: "
                          "it takes a whole number from 0 to 9999");

  g_unlink (file);
  g_rmdir (folder);
}

/* Showing */

static void
test_to_text (void)
{
  g_autoptr(AuConfig) config = read_text ("[au]\nttl=90m\n\n[store main]\ntype=good\n"
                                          "password=hunter2\nlimit=3\nwords=a;b\n" BACKEND);
  g_autoptr(AuConfig) again = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (au_config_set (config, "store.main.limit", "5", &error));
  text = au_config_to_text (config, TEST_TYPE_ENGINE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==,
                   "[au]\n"
                   "# au.conf:2\nttl=90m\n"
                   "# default\nstore=main\n"
                   "# default\nbackend=main\n"
                   "\n[store main]\n"
                   "# au.conf:5\ntype=good\n"
                   "# au.conf:6\npassword=(secret)\n"
                   "# override\nlimit=5\n"
                   "# au.conf:8\nwords=a;b\n"
                   "# default\nsize=64KiB\n"
                   "# default\nttl=0\n"
                   "# default\nrate=10/s\n"
                   "# default\nratio=0.5\n"
                   "# default\nenabled=true\n"
                   "# default\nkind=store\n"
                   "# default\nflags=none\n"
                   "# default\npin=(secret)\n"
                   "# default\nfail-silently=false\n"
                   "\n[backend main]\n"
                   "# au.conf:10\ntype=good\n"
                   "# default\nmax-workers=0\n");

  /* It is a key file again. */
  again = au_config_new_from_data (text, -1, NULL, &error);
  g_assert_no_error (error);
}

/* Defaults */

static void
link_module (const char *folder,
             const char *target,
             const char *name)
{
  g_autofree char *from = g_build_filename (folder, name, NULL);
  g_autofree char *to = g_build_filename (modules, ".libs", target, NULL);

  g_assert_no_errno (symlink (to, from));
}

static void
test_defaults (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *path = g_strdup_printf ("%s:%s", folder, modules);
  g_autofree char *expected = g_build_filename (g_get_user_state_dir (), "au", "store", NULL);
  g_autofree char *start = NULL;
  g_autofree char *store = g_build_filename (folder, "au_store_file.so", NULL);
  g_autofree char *backend = g_build_filename (folder, "au_backend_thread.so", NULL);
  g_autoptr(AuConfig) empty = au_config_new ();
  g_autoptr(AuConfig) partly = au_config_new ();
  g_autoptr(AuConfig) other = au_config_new ();
  g_autoptr(AuConfig) file = NULL;
  g_autoptr(TestEngine) empty_engine = NULL;
  g_autoptr(TestEngine) partly_engine = NULL;
  g_autoptr(TestEngine) other_engine = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *empty_path = NULL;
  g_autofree char *partly_path = NULL;
  g_autofree char *other_path = NULL;

  link_module (folder, "au_store_good.so", "au_store_file.so");
  link_module (folder, "au_backend_good.so", "au_backend_thread.so");
  g_setenv ("AU_MODULE_PATH", path, TRUE);

  /* Nothing is set. */
  empty_engine = make_engine (empty);
  g_object_get (empty_engine->store, "path", &empty_path, NULL);
  g_assert_cmpstr (empty_path, ==, expected);
  g_assert_true (AU_IS_BACKEND (empty_engine->backend));
  g_assert_cmpint (empty_engine->ttl, ==, G_TIME_SPAN_DAY);
  g_assert_null (empty_engine->middleware);

  text = au_config_to_text (empty, TEST_TYPE_ENGINE, &error);
  g_assert_no_error (error);
  start = g_strdup_printf ("[au]\n"
                           "# default\nstore=main\n"
                           "# default\nbackend=main\n"
                           "# default\nttl=1d\n"
                           "\n[store main]\n"
                           "# default\ntype=file\n"
                           "# default\npath=%s\n", expected);
  g_assert_true (g_str_has_prefix (text, start));

  /* Only the place of the default store is. */
  g_assert_true (au_config_set (partly, "store.main.path", "/elsewhere", NULL));
  partly_engine = make_engine (partly);
  g_object_get (partly_engine->store, "path", &partly_path, NULL);
  g_assert_cmpstr (partly_path, ==, "/elsewhere");

  /* Another store has no use for the place of the default one. */
  g_assert_true (au_config_set (other, "store.main.type", "good", NULL));
  other_engine = make_engine (other);
  g_object_get (other_engine->store, "path", &other_path, NULL);
  g_assert_null (other_path);

  /* A group in a file is as the file says. */
  file = read_text ("[store main]\nlimit=3\n");
  assert_config_refused (file, AU_ERROR_CONFIG,
                         "au.conf:1: [store main]: no type= says which store it is "
                         "(have: abstract, bad-name, clash, file, functions, good, "
                         "missing-library, newer-minor, no-descriptor, no-gtype, other-abi, "
                         "other-name, provides-other, second-libau, small, twice, undefined, "
                         "unknown-kind, wrong-interface)");

  g_setenv ("AU_MODULE_PATH", modules, TRUE);
  g_unlink (store);
  g_unlink (backend);
  g_rmdir (folder);
}

/* Places */

static void
test_modules_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "au.conf", NULL);
  g_autofree char *module = g_build_filename (folder, "mine", "au_store_empty.so", NULL);
  g_autofree char *mine = g_path_get_dirname (module);
  g_autofree char *message = g_strdup_printf ("%s:4: [store main] type: %s is empty: "
                                              "install the module again", file, module);
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(GError) error = NULL;

  /* Relative to the file that names it. */
  g_assert_no_errno (g_mkdir (mine, 0755));
  g_assert_true (g_file_set_contents_full (module, "", 0, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  g_assert_no_errno (g_chmod (module, 0644));
  g_assert_true (g_file_set_contents (file, "[modules]\npath=/nonexistent; mine\n[store main]\n"
                                      "type=empty\n", -1, NULL));

  config = au_config_new_from_file (file, &error);
  g_assert_no_error (error);
  g_assert_null (au_config_create (config, AU_TYPE_STORE, "store main", &error));
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID);

  g_unlink (module);
  g_rmdir (mine);
  g_unlink (file);
  g_rmdir (folder);
}

static void
write_config (const char *folder,
              const char *label)
{
  g_autofree char *path = g_build_filename (folder, "au.conf", NULL);
  g_autofree char *text = g_strdup_printf ("[au]\nlabel=%s\n", label);
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (g_mkdir_with_parents (folder, 0755));
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
assert_found (const char *origin)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuConfig) config = au_config_find (&error);

  g_assert_no_error (error);
  g_assert_cmpstr (au_config_get_origin (config), ==, origin);
}

static void
test_find (void)
{
  /* GLib reads the variables that name these folders only once. */
  g_autofree char *user = g_build_filename (g_get_user_config_dir (), "au", NULL);
  g_autofree char *user_file = g_build_filename (user, "au.conf", NULL);
  g_autofree char *system = g_build_filename (g_get_system_config_dirs ()[0], "au", NULL);
  g_autofree char *system_file = g_build_filename (system, "au.conf", NULL);
  g_autofree char *folder = g_dir_make_tmp ("au-config-XXXXXX", NULL);
  g_autofree char *here = g_get_current_dir ();
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (g_chdir (folder));
  assert_found (NULL);

  write_config (system, "system");
  assert_found (system_file);
  write_config (user, "user");
  assert_found (user_file);
  write_config (".", "here");
  assert_found ("au.conf");

  g_setenv ("AU_CONFIG", user_file, TRUE);
  assert_found (user_file);
  g_setenv ("AU_CONFIG", "", TRUE);
  assert_found (NULL);
  g_setenv ("AU_CONFIG", "/nonexistent/au.conf", TRUE);
  g_assert_null (au_config_find (&error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==,
                   "AU_CONFIG: the key file cannot be read: Failed to open file "
                   "“/nonexistent/au.conf”: No such file or directory");
  g_unsetenv ("AU_CONFIG");

  /* One that is there and wrong is not passed over. */
  g_clear_error (&error);
  g_assert_true (g_file_set_contents ("au.conf", "[uu]\n", -1, NULL));
  g_assert_null (au_config_find (&error));
  g_assert_cmpstr (error->message, ==,
                   "au.conf:1: [uu]: no such group; did you mean “au”? (groups: " GROUPS ")");

  g_unlink ("au.conf");
  g_assert_no_errno (g_chdir (here));
  g_rmdir (folder);
  g_unlink (user_file);
  g_rmdir (user);
  g_rmdir (g_get_user_config_dir ());
  g_unlink (system_file);
  g_rmdir (system);
  g_rmdir (g_get_system_config_dirs ()[0]);
}

/* The user's own files are none of ours. */
static char *
isolate (void)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("au-config-XXXXXX", &error);
  const char *const names[] = { "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_STATE_HOME" };

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_setenv (names[i], path, TRUE);
    }
  g_unsetenv ("AU_CONFIG");

  return folder;
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *folder = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = isolate ();

  modules = g_test_build_filename (G_TEST_BUILT, "modules", NULL);
  g_setenv ("AU_MODULE_PATH", modules, TRUE);
  g_setenv ("AU_MODULE_SYSTEM_PATH", "", TRUE);
  /* The build may have been made by somebody else, and for a group. */
  g_setenv ("AU_MODULE_CHECKS", "off", TRUE);

  g_test_add_func ("/config/all-values", test_all_values);
  g_test_add_func ("/config/references", test_references);
  g_test_add_func ("/config/parts-live-as-long-as-used", test_parts_live_as_long_as_used);
  g_test_add_func ("/config/override", test_override);
  g_test_add_func ("/config/override-refused", test_override_refused);
  g_test_add_func ("/config/bad-lines", test_bad_lines);
  g_test_add_func ("/config/bad-groups", test_bad_groups);
  g_test_add_func ("/config/given-twice", test_given_twice);
  g_test_add_func ("/config/unknown-keys", test_unknown_keys);
  g_test_add_func ("/config/bad-values", test_bad_values);
  g_test_add_func ("/config/bad-types", test_bad_types);
  g_test_add_func ("/config/bad-references", test_bad_references);
  g_test_add_func ("/config/cycles", test_cycles);
  g_test_add_func ("/config/unused-groups-are-checked", test_unused_groups_are_checked);
  g_test_add_func ("/config/check-makes-nothing", test_check_makes_nothing);
  g_test_add_func ("/config/create-refused", test_create_refused);
  g_test_add_func ("/config/secrets", test_secrets);
  g_test_add_func ("/config/to-text", test_to_text);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/modules-path", test_modules_path);
  g_test_add_func ("/config/find", test_find);

  status = g_test_run ();
  g_rmdir (folder);
  g_free (modules);
  return status;
}
