/* au-tool-progress.c: how far the work is, on standard error
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-progress.h"
#include "au-tool-terminal.h"

#include <math.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

/* How often the bar is drawn on a terminal, and a line written elsewhere. */
#define TERMINAL_INTERVAL (100)
#define PLAIN_INTERVAL (10 * 1000)

/* The rate follows the last ten seconds or so. */
#define RATE_MEMORY (10.0)

#define BAR_WIDTH (24)

struct _AuToolProgress
{
  AuTool  *tool;
  guint    timer;
  gboolean terminal;
  gboolean utf8;

  /* A single computation has a fraction, many have a count. */
  gboolean single;
  double   fraction;
  char    *text;

  guint64  total;
  gboolean total_known;
  gboolean total_exact;
  guint64  done;
  guint64  computed;
  guint64  failed;

  gint64   started;
  gint64   sampled;
  guint64  sampled_done;
  double   rate;
};

/* Whether a bar is on the screen, which other output has to make room for. Messages of
 * the library come from any thread. Atomic. */
static gint visible;

/* Writes a number of seconds as 0:07, 12:34 or 1:02:03. */
char *
au_tool_format_clock (double seconds)
{
  guint64 whole;

  if (!isfinite (seconds) || seconds < 0 || seconds > 1e7)
    return g_strdup ("-:--");

  whole = (guint64) (seconds + 0.5);
  if (whole >= 3600)
    return g_strdup_printf ("%d:%02d:%02d", (int) (whole / 3600), (int) (whole / 60 % 60), (int) (whole % 60));
  return g_strdup_printf ("%d:%02d", (int) (whole / 60), (int) (whole % 60));
}

/* The same, with what is less than a second, where it is short. */
char *
au_tool_format_seconds (double seconds)
{
  if (seconds >= 60)
    return au_tool_format_clock (seconds);
  if (seconds >= 1)
    return g_strdup_printf (_("%.2f s"), seconds);
  return g_strdup_printf (_("%.1f ms"), MAX (seconds, 0) * 1000);
}

static char *
format_rate (double rate)
{
  if (rate >= 9999.5)
    return g_strdup_printf (_("%.1f k/s"), rate / 1000);
  if (rate >= 99.5 || rate == 0)
    return g_strdup_printf (_("%.0f/s"), rate);
  return g_strdup_printf (_("%.1f/s"), rate);
}

static void
sample (AuToolProgress *self)
{
  gint64 now = g_get_monotonic_time ();
  double span = (now - self->sampled) / (double) G_USEC_PER_SEC;
  double recent;
  double weight;

  if (span < 0.05)
    return;

  recent = (self->done - self->sampled_done) / span;
  weight = 1 - exp (-span / RATE_MEMORY);
  /* At first there is nothing to remember, and the mean is the best there is. */
  if (now - self->started < RATE_MEMORY * G_USEC_PER_SEC)
    self->rate = self->done / ((now - self->started) / (double) G_USEC_PER_SEC);
  else
    self->rate += (recent - self->rate) * weight;

  self->sampled = now;
  self->sampled_done = self->done;
}

static void
append_bar (AuToolProgress *self,
            GString        *line,
            double          fraction)
{
  int filled = (int) (CLAMP (fraction, 0, 1) * BAR_WIDTH);

  g_string_append (line, self->utf8 ? "▕" : "[");
  for (int i = 0; i < BAR_WIDTH; i++)
    g_string_append (line, i < filled ? (self->utf8 ? "█" : "#") : (self->utf8 ? "░" : "."));
  g_string_append (line, self->utf8 ? "▏" : "]");
}

static void
append_count (AuToolProgress *self,
              GString        *line)
{
  unsigned long long done = self->done;
  unsigned long long total = self->total;

  if (self->total_known && self->total_exact)
    g_string_append_printf (line, _("%llu of %llu"), done, total);
  else if (self->total_known)
    g_string_append_printf (line, _("%llu of %llu or more"), done, total);
  else
    g_string_append_printf (line, _("%llu done"), done);
}

static double
fraction_done (AuToolProgress *self)
{
  if (self->single)
    return self->fraction;
  if (!self->total_known || !self->total_exact)
    return -1;
  return self->total > 0 ? self->done / (double) self->total : 1;
}

static void
append_times (AuToolProgress *self,
              GString        *line)
{
  double elapsed = (g_get_monotonic_time () - self->started) / (double) G_USEC_PER_SEC;
  double fraction = fraction_done (self);
  g_autofree char *spent = au_tool_format_clock (elapsed);
  double left = -1;

  if (self->single && fraction > 0)
    left = elapsed / fraction * (1 - fraction);
  else if (!self->single && fraction >= 0 && self->rate > 0)
    left = (self->total - MIN (self->done, self->total)) / self->rate;

  if (left >= 0)
    {
      g_autofree char *rest = au_tool_format_clock (left);

      g_string_append_printf (line, _(", %s left"), rest);
    }
  else
    {
      g_string_append_printf (line, ", %s", spent);
    }
}

/* “ 24% [####....] 12 of 50, 3 failed, 17/s, 0:02 left” */
static char *
describe (AuToolProgress *self,
          gboolean        with_bar)
{
  GString *line = g_string_new (NULL);
  double fraction = fraction_done (self);

  if (fraction >= 0)
    {
      g_string_append_printf (line, "%3d%% ", (int) (CLAMP (fraction, 0, 1) * 100));
      if (with_bar)
        {
          append_bar (self, line, fraction);
          g_string_append_c (line, ' ');
        }
    }

  if (self->single)
    {
      g_string_append (line, self->text != NULL ? self->text : _("running"));
    }
  else
    {
      g_autofree char *rate = format_rate (self->rate);

      append_count (self, line);
      if (self->failed > 0)
        g_string_append_printf (line, _(", %llu failed"), (unsigned long long) self->failed);
      if (self->done > self->computed)
        g_string_append_printf (line, _(", %llu from the store"),
                                (unsigned long long) (self->done - self->computed));
      g_string_append_printf (line, ", %s", rate);
    }
  append_times (self, line);
  return g_string_free (line, FALSE);
}

static void
draw (AuToolProgress *self)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  guint columns;

  au_tool_terminal_get_size (2, &columns, NULL);
  text = describe (self, columns >= 70);
  line = g_utf8_make_valid (text, -1);
  au_tool_terminal_shorten (line, columns);
  g_printerr ("\r%s\033[K", line);
  g_atomic_int_set (&visible, TRUE);
}

static gboolean
on_timer (gpointer data)
{
  AuToolProgress *self = data;

  sample (self);
  if (self->terminal)
    {
      draw (self);
    }
  else
    {
      g_autofree char *text = describe (self, FALSE);

      g_printerr ("au %s: %s\n", self->tool->command, g_strchug (text));
    }
  return G_SOURCE_CONTINUE;
}

/* Starts to show progress: a bar on a terminal, a line every ten seconds elsewhere,
 * nothing with --quiet. The timer is one of the default main context. */
AuToolProgress *
au_tool_progress_new (AuTool *tool)
{
  AuToolProgress *self = g_new0 (AuToolProgress, 1);
  const char *term = g_getenv ("TERM");

  self->tool = tool;
  self->fraction = -1;
  self->started = g_get_monotonic_time ();
  self->sampled = self->started;
  self->utf8 = g_get_charset (NULL);
  self->terminal = isatty (2) && g_strcmp0 (term, "dumb") != 0;

  if (!tool->quiet)
    self->timer = g_timeout_add (self->terminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL, on_timer, self);
  return self;
}

void
au_tool_progress_free (AuToolProgress *self)
{
  if (self == NULL)
    return;

  au_tool_progress_hide ();
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self->text);
  g_free (self);
}

/* How many inputs there are; not @exact while more may come. */
void
au_tool_progress_set_total (AuToolProgress *self,
                            guint64         total,
                            gboolean        exact)
{
  self->total = total;
  self->total_known = TRUE;
  self->total_exact = exact;
}

/* How many inputs have ended, how many of them were computed now, and failed. */
void
au_tool_progress_set_done (AuToolProgress *self,
                           guint64         done,
                           guint64         computed,
                           guint64         failed)
{
  self->done = done;
  self->computed = computed;
  self->failed = failed;
}

/* Shows one computation: @fraction is -1 while it is not known. */
void
au_tool_progress_set_single (AuToolProgress *self,
                             double          fraction,
                             const char     *text)
{
  self->single = TRUE;
  self->fraction = fraction;
  if (g_strcmp0 (text, self->text) != 0)
    {
      g_free (self->text);
      self->text = g_strdup (text);
    }
}

/* Makes room for other output; the next tick of the timer draws it again. */
void
au_tool_progress_hide (void)
{
  if (g_atomic_int_compare_and_exchange (&visible, TRUE, FALSE))
    g_printerr ("\r\033[K");
}
