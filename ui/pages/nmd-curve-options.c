/* SPDX-License-Identifier: Apache-2.0
 *
 * Smoothing, scale and read-out of curves. Drawing is ui/plot's.
 */
#include "ui/pages/nmd-curve-options.h"

#include "ui/widgets/nmd-columns.h"

#include <glib/gi18n.h>

struct _NmdCurveOptions
{
  GtkBox parent_instance;

  GtkDropDown *smoothing;
  GtkToggleButton *log;
  GtkLabel *readout;
};

G_DEFINE_FINAL_TYPE (NmdCurveOptions, nmd_curve_options, GTK_TYPE_BOX)

static guint changed;

static const double smoothings[] = { 0, 0.6, 0.9 };

double
nmd_curve_options_get_smoothing (NmdCurveOptions *self)
{
  g_return_val_if_fail (NMD_IS_CURVE_OPTIONS (self), 0);
  return smoothings[MIN (gtk_drop_down_get_selected (self->smoothing),
                         G_N_ELEMENTS (smoothings) - 1)];
}

gboolean
nmd_curve_options_get_log (NmdCurveOptions *self)
{
  g_return_val_if_fail (NMD_IS_CURVE_OPTIONS (self), FALSE);
  return gtk_toggle_button_get_active (self->log);
}

char *
nmd_curve_options_title (NmdCurveOptions *self, const char *title)
{
  double smoothing = nmd_curve_options_get_smoothing (self);

  if (smoothing == 0)
    return g_strdup (title);
  /* Translators: a plot's title, and how much its lines are smoothed */
  return g_strdup_printf (_ ("%s (line smoothed by %.1f)"), title, smoothing);
}

/* Read-out */

typedef struct
{
  NmdCurveOptions *options; /* outlived by the plot's controller */
  NmdPlotArea *plot;
  NmdCurvesFunc fill;
  gpointer data;
} Watched;

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, Watched *watched)
{
  NmdCurves curves = NMD_CURVES_INIT;
  NmdPlotStyle style;
  NmdRect rect;
  guint s = 0, point = 0;

  watched->fill (watched->data, &curves);
  nmd_plot_area_get_style (watched->plot, &rect, &style);
  if (curves.n_series == 0 || curves.series[0].n == 0
      || !nmd_plot_curves_locate (&curves, &rect, &style, x, y, 24, &s, &point))
    {
      gtk_label_set_text (watched->options->readout, "");
      return;
    }
  const NmdSeries *series = &curves.series[s];
  g_autofree char *value = nmd_format_number (series->y[point], 4);
  g_autofree char *text
      /* Translators: an epoch counted from 0, a curve's title, its value there */
      = g_strdup_printf (_ ("epoch %.0f: %s %s"),
                         series->x != NULL ? series->x[point] : point, series->title,
                         value);
  gtk_label_set_text (watched->options->readout, text);
}

static void
on_leave (GtkEventControllerMotion *controller, Watched *watched)
{
  gtk_label_set_text (watched->options->readout, "");
}

static void
watched_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

void
nmd_curve_options_watch (NmdCurveOptions *self,
                         NmdPlotArea *plot,
                         NmdCurvesFunc fill,
                         gpointer data)
{
  g_return_if_fail (NMD_IS_CURVE_OPTIONS (self) && NMD_IS_PLOT_AREA (plot));

  GtkEventController *motion = gtk_event_controller_motion_new ();
  Watched *watched = g_new (Watched, 1);
  *watched = (Watched){ self, plot, fill, data };
  g_signal_connect_data (motion, "motion", G_CALLBACK (on_motion), watched, watched_free,
                         0);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), watched);
  gtk_widget_add_controller (GTK_WIDGET (plot), motion);
}

static void
tell (NmdCurveOptions *self)
{
  g_signal_emit (self, changed, 0);
}

static void
nmd_curve_options_class_init (NmdCurveOptionsClass *klass)
{
  changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_curve_options_init (NmdCurveOptions *self)
{
  const char *const titles[]
      = { _ ("No smoothing"), _ ("Light smoothing"), _ ("Strong smoothing"), NULL };

  self->smoothing = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (titles));
  self->log = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_mnemonic (
      /* Translators: a logarithmic axis of the loss */
      _ ("_Log scale")));
  self->readout = GTK_LABEL (gtk_label_new (""));
  gtk_box_set_spacing (GTK_BOX (self), 6);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->smoothing),
      _ ("Lines as an exponential mean; the measured points stay where they are"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->smoothing),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Smoothing"), -1);
  gtk_label_set_xalign (self->readout, 1);
  gtk_label_set_ellipsize (self->readout, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->readout), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->readout), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (self->readout), "caption");
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->smoothing));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->log));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->readout));
  g_signal_connect_swapped (self->smoothing, "notify::selected", G_CALLBACK (tell), self);
  g_signal_connect_swapped (self->log, "toggled", G_CALLBACK (tell), self);
}
