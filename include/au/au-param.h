/* au-param.h: properties that key files can set
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

/**
 * AU_PARAM_SECRET:
 *
 * Marks a property whose value is never printed, and may be read from a file by
 * writing `@` and the file's path in the key file.
 *
 * Since: 1.0
 */
#ifdef __GI_SCANNER__
/* other languages can have no constant of a set of flags */
# define AU_PARAM_SECRET (1 << 8)
#else
# define AU_PARAM_SECRET ((GParamFlags) (1 << G_PARAM_USER_SHIFT))
#endif

/**
 * AuUnit:
 * @AU_UNIT_NONE: a plain number
 * @AU_UNIT_DURATION: microseconds; written as `250ms`, `30s`, `1h30m`
 * @AU_UNIT_SIZE: bytes; written as `512`, `64KiB`, `2MB`
 * @AU_UNIT_RATE: events per second; written as `20/s`, `600/min`, `10/h`
 * @AU_UNIT_FILE: a file or folder; one that is not absolute starts from the folder of the
 *   key file
 *
 * How the value of a property is written in a key file.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_UNIT_NONE,
  AU_UNIT_DURATION,
  AU_UNIT_SIZE,
  AU_UNIT_RATE,
  AU_UNIT_FILE,
} AuUnit;

/**
 * AuPropertyCheckFunc:
 * @value: a value of the property
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * Says whether a property may have a value that its type and its range allow, such as a
 * name that has to follow rules, or the path of a file that has to be of a certain kind.
 *
 * It is called while a key file is only checked, so it changes nothing. Its error is shown
 * after file, line, group and key: it says what is wrong with the value, and what would be
 * right. It does not quote a secret.
 *
 * Called in any thread.
 *
 * Returns: %TRUE when the value may be used
 *
 * Since: 1.0
 */
typedef gboolean (*AuPropertyCheckFunc) (const GValue  *value,
                                         gpointer       user_data,
                                         GError       **error);

#define AU_TYPE_UNIT (au_unit_get_type ())

AU_AVAILABLE_IN_1_0
GType au_unit_get_type (void);

AU_AVAILABLE_IN_1_0
GParamSpec *au_param_spec_duration (const char *name,
                                    const char *nick,
                                    const char *blurb,
                                    gint64      minimum,
                                    gint64      maximum,
                                    gint64      default_value,
                                    GParamFlags flags);
AU_AVAILABLE_IN_1_0
GParamSpec *au_param_spec_size (const char *name,
                                const char *nick,
                                const char *blurb,
                                guint64     minimum,
                                guint64     maximum,
                                guint64     default_value,
                                GParamFlags flags);
AU_AVAILABLE_IN_1_0
GParamSpec *au_param_spec_rate (const char *name,
                                const char *nick,
                                const char *blurb,
                                double      minimum,
                                double      maximum,
                                double      default_value,
                                GParamFlags flags);
AU_AVAILABLE_IN_1_0
GParamSpec *au_param_spec_file (const char *name,
                                const char *nick,
                                const char *blurb,
                                const char *default_value,
                                GParamFlags flags);
AU_AVAILABLE_IN_1_0
AuUnit au_param_spec_get_unit (GParamSpec *pspec);
AU_AVAILABLE_IN_1_0
void au_param_spec_set_check (GParamSpec          *pspec,
                              AuPropertyCheckFunc  func,
                              gpointer             user_data,
                              GDestroyNotify       destroy);
AU_AVAILABLE_IN_1_0
char *au_param_spec_describe (GParamSpec *pspec) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_param_value_from_text (GParamSpec *pspec,
                                   const char *text,
                                   GValue     *value,
                                   GError    **error);
AU_AVAILABLE_IN_1_0
char *au_param_value_to_text (GParamSpec   *pspec,
                              const GValue *value) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_duration_from_text (const char *text,
                                GTimeSpan  *duration,
                                GError    **error);
AU_AVAILABLE_IN_1_0
char *au_duration_to_text (GTimeSpan duration) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
