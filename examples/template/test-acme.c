/* test-acme.c: what is true of every store and middleware, and of these
 *
 * It needs AU_MODULE_PATH set to the folder of the modules.
 */

#include <au-test/au-test.h>

static AuStore *
open_store (const char  *place,
            gpointer     user_data,
            GError     **error)
{
  return au_part_new (AU_MODULE_STORE, "acme", error, NULL);
}

static AuMiddleware *
make_limit (gpointer  user_data,
            GError  **error)
{
  return au_part_new (AU_MODULE_MIDDLEWARE, "acme-limit", error, NULL);
}

static void
test_full_store_says_so (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = au_part_new (AU_MODULE_STORE, "acme", &error, "max-records", 1, NULL);
  g_autoptr(AuRecord) first = NULL;
  g_autoptr(AuRecord) second = au_record_new ("b", "f", NULL, NULL);

  g_assert_no_error (error);
  first = au_test_store_insert (store, "a", NULL);
  g_assert_null (au_store_insert (store, second, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  au_test_store_assert_holds (store, first);
}

/* All three modules, found and set by a key file. */
static void
test_key_file_brings_all_together (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuEngine) engine = au_engine_new (g_getenv ("ACME_CONFIG"), &error);
  g_autoptr(GVariant) reversed = NULL;
  g_autofree char *large = g_strnfill (2000, 'x');

  g_assert_no_error (error);
  reversed = au_engine_call (engine, "acme.reverse", g_variant_new ("(s)", "emca"), NULL, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (reversed, NULL), ==, "acme");

  g_assert_null (au_engine_call (engine, "acme.reverse", g_variant_new ("(s)", large), NULL, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_REFUSED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  au_test_store_add_suite ("/store/acme", AU_TEST_STORE_DEFAULT, open_store, NULL, NULL);
  g_test_add_func ("/store/acme/full-store-says-so", test_full_store_says_so);
  au_test_middleware_add_suite ("/middleware/acme-limit", make_limit, NULL, NULL);
  g_test_add_func ("/acme/key-file-brings-all-together", test_key_file_brings_all_together);

  return g_test_run ();
}
