/* acme-limit.c: the middleware “acme-limit”, which refuses what is too large
 *
 * A key file says
 *
 *   [middleware limit]
 *   type=acme-limit
 *   max-size=64KiB
 */

#include <au/au.h>

struct _AcmeLimit
{
  GObject parent_instance;

  guint64 max_size;
};

enum
{
  PROP_0,
  PROP_MAX_SIZE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

#define ACME_TYPE_LIMIT (acme_limit_get_type ())
G_DECLARE_FINAL_TYPE (AcmeLimit, acme_limit, ACME, LIMIT, GObject)

static void acme_limit_iface_init (AuMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AcmeLimit, acme_limit, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE, acme_limit_iface_init))

/* Called from any thread, and must not block. Every function of the interface is optional;
 * this one is asked before a computation runs, and its error ends the computation. */
static gboolean
acme_limit_before_compute (AuMiddleware  *middleware,
                           AuJob         *job,
                           GError       **error)
{
  AcmeLimit *self = ACME_LIMIT (middleware);
  GVariant *arguments = au_job_get_arguments (job);
  gsize size = arguments != NULL ? g_variant_get_size (arguments) : 0;

  if (size <= self->max_size)
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_REFUSED,
               "The arguments of “%s” have %" G_GSIZE_FORMAT " bytes; %" G_GUINT64_FORMAT " are allowed",
               au_function_get_name (au_job_get_function (job)), size, self->max_size);
  return FALSE;
}

static void
acme_limit_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = acme_limit_before_compute;
}

static void
acme_limit_get_property (GObject    *object,
                         guint       property_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  switch (property_id)
    {
    case PROP_MAX_SIZE:
      g_value_set_uint64 (value, ACME_LIMIT (object)->max_size);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
acme_limit_set_property (GObject      *object,
                         guint         property_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  switch (property_id)
    {
    case PROP_MAX_SIZE:
      ACME_LIMIT (object)->max_size = g_value_get_uint64 (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
acme_limit_class_init (AcmeLimitClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = acme_limit_get_property;
  object_class->set_property = acme_limit_set_property;

  /* a size can be written with a unit in a key file: 64KiB */
  properties[PROP_MAX_SIZE] =
    au_param_spec_size ("max-size", NULL, "How large the arguments of a computation may be",
                        0, G_MAXUINT64, 1 << 20,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
acme_limit_init (AcmeLimit *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_MIDDLEWARE, "acme-limit", acme_limit_get_type },
  { 0 }
};

/* a hyphen of the name is an underscore in the name of the file */
AU_MODULE_DEFINE (au_middleware_acme_limit, "0.1", "LGPL-2.1-or-later",
                  "Refuses computations with large arguments", types, NULL)
