/* acme-functions.c: the functions “acme.…”
 *
 * The part of a function's name before its dot is the name of the module: whoever submits
 * “acme.reverse” has au_function_acme.so looked for.
 */

#include <au/au.h>

/* A plain function: it is called, works, and returns. */
static GVariant *
reverse (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  const char *text;

  g_variant_get (arguments, "(&s)", &text);
  if (text[0] == '\0')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "There is nothing to turn round");
      return NULL;
    }

  return g_variant_new_take_string (g_utf8_strreverse (text, -1));
}

static gboolean
is_prime (guint64 n)
{
  for (guint64 divisor = 2; divisor * divisor <= n; divisor++)
    {
      if (n % divisor == 0)
        return FALSE;
    }

  return n > 1;
}

/* An iterator: each call gives one item, and whoever reads them decides how fast it goes. */
static gboolean
primes (AuCall    *call,
        GVariant  *arguments,
        gpointer   user_data,
        GVariant **item,
        GError   **error)
{
  guint64 last = GPOINTER_TO_SIZE (au_call_get_state (call));
  guint64 end;

  g_variant_get (arguments, "(t)", &end);
  for (guint64 n = last + 1; n <= end; n++)
    {
      if (is_prime (n))
        {
          au_call_set_state (call, GSIZE_TO_POINTER (n), NULL);
          *item = g_variant_new_uint64 (n);
          return TRUE;
        }
    }

  return FALSE;
}

static const AuFunctionEntry functions[] = {
  { "acme.reverse", "(s)", "s", reverse, AU_FUNCTION_NONE, "The text, its last letter first" },
  { "acme.primes", "(t)", "t", NULL, AU_FUNCTION_NONE, "The primes up to a number", .step = primes },
  { NULL }
};

AU_MODULE_DEFINE (au_function_acme, "0.1", "LGPL-2.1-or-later", "Texts and primes", NULL, functions)
