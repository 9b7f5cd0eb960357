/* SPDX-License-Identifier: Apache-2.0
 *
 * A histogram over two sliders. What passes and what is counted is the filter's.
 */
#include "ui/widgets/nmd-range-row.h"

#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>
#include <math.h>

#define CHART_HEIGHT 30

struct _NmdRangeRow
{
  GtkBox parent_instance;

  NmdPlotArea *chart;
  GtkScale *from, *to;
  NmdSampleFilter *filter; /* borrowed */
  NmdRange *range;         /* borrowed */
  gboolean setting;        /* the program moves a slider */
};

G_DEFINE_FINAL_TYPE (NmdRangeRow, nmd_range_row, GTK_TYPE_BOX)

static void
draw (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdRangeRow *self = data;
  const NmdRange *range = self->range;
  const double width = rect->width / NMD_RANGE_BINS;
  const double of_bin = (range->highest - range->lowest) / NMD_RANGE_BINS;
  guint most = 1;

  for (guint i = 0; i < NMD_RANGE_BINS; i++)
    most = MAX (most, range->bins[i]);
  for (guint i = 0; i < NMD_RANGE_BINS; i++)
    {
      const double middle = range->lowest + (i + 0.5) * of_bin;
      const gboolean passes = middle >= range->from && middle <= range->to;
      const NmdRgba *colour = passes ? &style->accent : &style->dim;
      /* A single image is seen beside thousands. */
      const double height
          = range->bins[i] > 0 ? MAX (rect->height * range->bins[i] / most, 1.5) : 0;

      cairo_set_source_rgba (cr, colour->red, colour->green, colour->blue,
                             passes ? 1 : 0.4);
      cairo_rectangle (cr, rect->x + i * width, rect->y + rect->height - height,
                       MAX (width - 1, 1), height);
      cairo_fill (cr);
    }
}

static void
show (NmdRangeRow *self)
{
  const NmdRange *range = self->range;
  guint n = 0;

  for (guint i = 0; i < NMD_RANGE_BINS; i++)
    n += range->bins[i];
  g_autofree char *low = nmd_format_number (range->from, range->digits);
  g_autofree char *high = nmd_format_number (range->to, range->digits);
  /* Translators: a range of numbers in words: what it is of, from, to, and how many images have such a number */
  g_autofree char *text
      = g_strdup_printf (ngettext ("%s from %s to %s, %u image in the chart",
                                   "%s from %s to %s, %u images in the chart", n),
                         range->title, low, high, n);

  nmd_plot_area_set_text (self->chart, text);
  self->setting = TRUE;
  gtk_range_set_value (GTK_RANGE (self->from), range->from);
  gtk_range_set_value (GTK_RANGE (self->to), range->to);
  self->setting = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self->chart));
}

/* One slider pushes the other. */
static void
on_value (GtkScale *scale, NmdRangeRow *self)
{
  const double from = gtk_range_get_value (GTK_RANGE (self->from));
  const double to = gtk_range_get_value (GTK_RANGE (self->to));

  if (self->setting)
    return;
  if (scale == self->from)
    nmd_sample_filter_set_range (self->filter, self->range, from, MAX (from, to));
  else
    nmd_sample_filter_set_range (self->filter, self->range, MIN (from, to), to);
  show (self);
}

static char *
on_format (GtkScale *scale, double value, gpointer row)
{
  return nmd_format_number (value, NMD_RANGE_ROW (row)->range->digits);
}

static GtkScale *
add_scale (NmdRangeRow *self, const char *name)
{
  const NmdRange *range = self->range;
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, range->lowest,
                                               range->highest, range->step);

  gtk_scale_set_draw_value (GTK_SCALE (scale), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (scale), GTK_POS_RIGHT);
  gtk_scale_set_digits (GTK_SCALE (scale), range->digits);
  gtk_scale_set_format_value_func (GTK_SCALE (scale), on_format, self, NULL);
  gtk_range_set_increments (GTK_RANGE (scale), range->step, 10 * range->step);
  gtk_scale_set_has_origin (GTK_SCALE (scale), FALSE);
  gtk_widget_add_css_class (scale, "nmd-range");
  gtk_widget_add_css_class (scale, "numeric");
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  gtk_widget_set_tooltip_text (scale, name);
  gtk_box_append (GTK_BOX (self), scale);
  return GTK_SCALE (scale);
}

static void
nmd_range_row_class_init (NmdRangeRowClass *klass)
{
  g_type_ensure (NMD_TYPE_PLOT_AREA);
}

static void
nmd_range_row_init (NmdRangeRow *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
}

GtkWidget *
nmd_range_row_new (NmdSampleFilter *filter, NmdRange *range)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FILTER (filter) && range != NULL, NULL);

  NmdRangeRow *self = g_object_new (NMD_TYPE_RANGE_ROW, NULL);
  /* Translators: name of a slider: the smallest number that passes, e.g. "Score from" */
  g_autofree char *from = g_strdup_printf (_ ("%s from"), range->title);
  /* Translators: name of a slider: the largest number that passes, e.g. "Score to" */
  g_autofree char *to = g_strdup_printf (_ ("%s to"), range->title);

  self->filter = filter;
  self->range = range;
  self->chart = g_object_new (NMD_TYPE_PLOT_AREA, "height-request", CHART_HEIGHT, NULL);
  nmd_plot_area_set_func (self->chart, draw, self);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->chart));
  self->from = add_scale (self, from);
  self->to = add_scale (self, to);
  /* so that the handles begin at the ends, whatever the adjustment began with */
  show (self);
  g_signal_connect (self->from, "value-changed", G_CALLBACK (on_value), self);
  g_signal_connect (self->to, "value-changed", G_CALLBACK (on_value), self);
  g_signal_connect_object (filter, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
