/* SPDX-License-Identifier: Apache-2.0
 *
 * Hands a rectangle and a style to a chart function. Charts are ui/plot's.
 */
#include "ui/widgets/nmd-plot-area.h"

#include <adwaita.h>
#include <locale.h>
#include <string.h>

struct _NmdPlotArea
{
  GtkWidget parent_instance;
  NmdPlotFunc func;
  gpointer data;
  char *sign, *caption; /* of saved figures */
};

G_DEFINE_FINAL_TYPE (NmdPlotArea, nmd_plot_area, GTK_TYPE_WIDGET)

/* Text scale of the desktop: its resolution in 1/1024 of a dot an inch, 96 is 1. */
static double
text_scale (GtkWidget *widget)
{
  int dpi = 0;

  g_object_get (gtk_widget_get_settings (widget), "gtk-xft-dpi", &dpi, NULL);
  return dpi > 0 ? CLAMP (dpi / 1024.0 / 96.0, 0.5, 3.0) : 1.0;
}

void
nmd_plot_area_get_style (NmdPlotArea *self, NmdRect *rect, NmdPlotStyle *style)
{
  g_return_if_fail (NMD_IS_PLOT_AREA (self));

  GtkWidget *widget = GTK_WIDGET (self);
  AdwStyleManager *manager
      = adw_style_manager_get_for_display (gtk_widget_get_display (widget));
  gboolean dark = adw_style_manager_get_dark (manager);
  NmdTheme theme = dark ? NMD_THEME_DARK : NMD_THEME_LIGHT;

  if (adw_style_manager_get_high_contrast (manager))
    theme = dark ? NMD_THEME_HIGH_CONTRAST_DARK : NMD_THEME_HIGH_CONTRAST;
  nmd_plot_style_init (style, theme, text_scale (widget));
  style->background.alpha = 0;
  /* As the labels beside it; signs of several bytes are those of no locale that GTK knows. */
  const char *decimal = localeconv ()->decimal_point;
  if (decimal != NULL && strlen (decimal) == 1)
    style->decimal = *decimal;
  rect->x = rect->y = 0;
  rect->width = gtk_widget_get_width (widget);
  rect->height = gtk_widget_get_height (widget);
}

static void
nmd_plot_area_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  NmdPlotArea *self = NMD_PLOT_AREA (widget);
  NmdPlotStyle style;
  NmdRect rect;

  nmd_plot_area_get_style (self, &rect, &style);
  if (self->func == NULL || rect.width < 1 || rect.height < 1)
    return;
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, (float)rect.width, (float)rect.height);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &all);
  self->func (cr, &rect, &style, self->data);
  cairo_destroy (cr);
}

void
nmd_plot_area_set_func (NmdPlotArea *self, NmdPlotFunc func, gpointer data)
{
  g_return_if_fail (NMD_IS_PLOT_AREA (self));
  self->func = func;
  self->data = data;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
nmd_plot_area_set_text (NmdPlotArea *self, const char *text)
{
  g_return_if_fail (NMD_IS_PLOT_AREA (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text != NULL ? text : "", -1);
}

void
nmd_plot_area_set_note (NmdPlotArea *self, const char *sign, const char *caption)
{
  g_return_if_fail (NMD_IS_PLOT_AREA (self));

  char *old[] = { self->sign, self->caption };
  self->sign = g_strdup (sign);
  self->caption = g_strdup (caption);
  g_free (old[0]);
  g_free (old[1]);
}

static void
draw_figure (cairo_t *cr,
             const NmdRect *rect,
             const NmdPlotStyle *style,
             gconstpointer data)
{
  const NmdPlotArea *self = data;
  const NmdPlotNote note = { self->sign, self->caption };
  NmdRect rest = *rect;

  nmd_plot_note (cr, &note, &rest, style);
  self->func (cr, &rest, style, self->data);
}

NmdFigure *
nmd_plot_area_draw (NmdPlotArea *self, NmdFigureFormat format, GError **error)
{
  g_return_val_if_fail (NMD_IS_PLOT_AREA (self) && self->func != NULL, NULL);

  const double width = MAX (gtk_widget_get_width (GTK_WIDGET (self)), 360);
  const double height = MAX (gtk_widget_get_height (GTK_WIDGET (self)), 300)
                        + (self->caption != NULL ? 60 : 0);
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  return nmd_figure_draw (format, width, height, 2, draw_figure, self, &style, NULL,
                          error);
}

static void
nmd_plot_area_finalize (GObject *object)
{
  NmdPlotArea *self = NMD_PLOT_AREA (object);

  g_free (self->sign);
  g_free (self->caption);
  G_OBJECT_CLASS (nmd_plot_area_parent_class)->finalize (object);
}

static void
nmd_plot_area_class_init (NmdPlotAreaClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = nmd_plot_area_finalize;
  widget_class->snapshot = nmd_plot_area_snapshot;
  gtk_widget_class_set_css_name (widget_class, "plotarea");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
nmd_plot_area_init (NmdPlotArea *self)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  g_signal_connect_object (manager, "notify::dark", G_CALLBACK (gtk_widget_queue_draw),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}
