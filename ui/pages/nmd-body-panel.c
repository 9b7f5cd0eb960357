/* SPDX-License-Identifier: Apache-2.0
 *
 * From the visit's z to the chart. z is the session's, drawing is ui/plot's.
 */
#include "ui/pages/nmd-body-panel.h"

#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>

#define HEIGHT 250 /* at a text scale of 1 the figures keep 1.7 px a hundredth */

struct _NmdBodyPanel
{
  GtkBox parent_instance;

  NmdPlotArea *area;
  NmdVisitSession *visit;
};

G_DEFINE_FINAL_TYPE (NmdBodyPanel, nmd_body_panel, GTK_TYPE_BOX)

GArray *
nmd_body_values_new (NmdVisitSession *visit)
{
  static const NmdBodySide sides[NMD_N_SIDES]
      = { NMD_BODY_NO_SIDE, NMD_BODY_LEFT, NMD_BODY_RIGHT };
  g_autoptr (GArray) list = nmd_visit_session_list_z (visit);
  GArray *values = g_array_new (FALSE, FALSE, sizeof (NmdBodyZ));

  for (guint i = 0; list->len > 1 && i < list->len; i++)
    {
      const NmdVisitZ *z = &g_array_index (list, NmdVisitZ, i);
      const NmdBodyZ value = { z->muscle, sides[z->side], z->z };
      g_array_append_val (values, value);
    }
  return values;
}

static void
draw (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer panel)
{
  g_autoptr (GArray) values = nmd_body_values_new (NMD_BODY_PANEL (panel)->visit);
  const NmdBodyChart chart = { (const NmdBodyZ *)(void *)values->data, values->len };

  nmd_body_chart_draw (cr, &chart, rect, style);
}

static void
renew (NmdBodyPanel *self)
{
  g_autoptr (GArray) values = nmd_body_values_new (self->visit);
  const NmdBodyChart chart = { (const NmdBodyZ *)(void *)values->data, values->len };
  g_autofree char *words = nmd_body_chart_to_text (&chart);

  gtk_widget_set_visible (GTK_WIDGET (self), values->len > 0);
  nmd_plot_area_set_text (self->area, words);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->area), words);
  gtk_widget_queue_draw (GTK_WIDGET (self->area));
}

void
nmd_body_panel_set_session (NmdBodyPanel *self, NmdVisitSession *visit)
{
  g_return_if_fail (NMD_IS_BODY_PANEL (self) && self->visit == NULL);
  self->visit = g_object_ref (visit);
  nmd_plot_area_set_func (self->area, draw, self);
  g_signal_connect_object (visit, "changed", G_CALLBACK (renew), self, G_CONNECT_SWAPPED);
  renew (self);
}

static void
nmd_body_panel_dispose (GObject *object)
{
  NmdBodyPanel *self = NMD_BODY_PANEL (object);

  nmd_plot_area_set_func (self->area, NULL, NULL);
  g_clear_object (&self->visit);
  G_OBJECT_CLASS (nmd_body_panel_parent_class)->dispose (object);
}

static void
nmd_body_panel_class_init (NmdBodyPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = nmd_body_panel_dispose;
}

static void
nmd_body_panel_init (NmdBodyPanel *self)
{
  GtkWidget *title = gtk_label_new (_ ("Echo intensity by muscle (z)"));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_margin_top (GTK_WIDGET (self), 6);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "caption-heading");
  gtk_box_append (GTK_BOX (self), title);
  self->area = g_object_new (NMD_TYPE_PLOT_AREA, NULL);
  gtk_widget_set_size_request (GTK_WIDGET (self->area), -1, HEIGHT);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->area));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
