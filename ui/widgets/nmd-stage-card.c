/* SPDX-License-Identifier: Apache-2.0
 *
 * A preprocessing stage as a card. The stages themselves are the engine's.
 */
#include "ui/widgets/nmd-stage-card.h"

#include "engine/image/nmd-outline.h"
#include "ui/widgets/nmd-scan-lines.h"
#include "ui/widgets/nmd-still-picture.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdStageCard
{
  GtkBox parent_instance;

  GtkLabel *title;
  GtkMenuButton *controls_button;
  GtkPopover *controls;
  GtkSwitch *toggle;
  NmdStillPicture *picture;
  GtkDrawingArea *lines;
  NmdPlotArea *histogram;
  GtkLabel *value;
  GtkLabel *note;

  int width, height; /* of the picture */
  GArray *outline;   /* (nullable): its segments */
  NmdPrompts prompts;
  guint counts[256];
  double mean, mean_before;
  gboolean has_view;
  gboolean setting; /* the program moves the switch */
};

static guint switched;

G_DEFINE_FINAL_TYPE (NmdStageCard, nmd_stage_card, GTK_TYPE_BOX)

static void
draw_histogram (cairo_t *cr,
                const NmdRect *rect,
                const NmdPlotStyle *style,
                gpointer data)
{
  NmdStageCard *self = data;
  NmdHistogramPlot plot = NMD_HISTOGRAM_PLOT_INIT;

  if (!self->has_view)
    return;
  plot.counts = self->counts;
  plot.n = 256;
  plot.mean = self->mean;
  plot.reference_mean = self->mean_before;
  nmd_plot_histogram (cr, &plot, rect, style);
}

static void
draw_lines (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  NmdStageCard *self = data;
  NmdCanvas canvas;

  if (!self->has_view)
    return;
  canvas = nmd_canvas_fit (self->width, self->height, width, height);
  if (self->outline != NULL)
    nmd_scan_lines_draw_lines (cr, &canvas, self->outline, 0);
  nmd_scan_lines_draw_prompts (cr, &canvas, &self->prompts);
}

/* The outline that is to be learnt, and what the network is shown. */
static void
set_lines (NmdStageCard *self, const NmdStageView *view)
{
  g_clear_pointer (&self->outline, g_array_unref);
  self->prompts = (NmdPrompts){ 0 };
  gtk_widget_queue_draw (GTK_WIDGET (self->lines));
  if (!self->has_view)
    return;
  self->width = view->image->width;
  self->height = view->image->height;
  if (view->mask != NULL)
    self->outline = nmd_mask_get_outline (view->mask);
  self->prompts = view->prompts;
}

void
nmd_stage_card_set_stage (NmdStageCard *self,
                          const NmdStageView *view,
                          const NmdStageView *before)
{
  g_return_if_fail (NMD_IS_STAGE_CARD (self));

  self->has_view = view != NULL && view->image != NULL;
  gtk_widget_queue_draw (GTK_WIDGET (self->histogram));
  set_lines (self, view);
  if (!self->has_view)
    {
      nmd_still_picture_set_image (self->picture, NULL);
      gtk_label_set_text (self->value, "");
      gtk_label_set_text (self->note, "");
      return;
    }
  g_autofree char *value = NULL;
  g_autofree char *spoken = NULL;

  nmd_still_picture_set_image (self->picture, view->image);
  for (int i = 0; i < 256; i++)
    self->counts[i] = view->histogram[i];
  self->mean = view->mean;
  self->mean_before = before != NULL ? before->mean : NAN;
  double shift = before != NULL ? view->mean - before->mean : 0;
  const char *sign = fabs (shift) < 0.05 ? "±" : shift > 0 ? "+" : "−";
  if (before != NULL)
    /* Translators: mean grey level of a picture, and by how much the step changed it */
    value = g_strdup_printf (_ ("mean %.1f (%s%.1f)"), view->mean, sign, fabs (shift));
  else
    /* Translators: mean grey level of a picture */
    value = g_strdup_printf (_ ("mean %.1f"), view->mean);
  gtk_label_set_text (self->value, value);
  gtk_label_set_text (self->note, view->note != NULL ? view->note : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->note), view->note);
  spoken = g_strdup_printf ("%s: %s", gtk_label_get_text (self->title), value);
  nmd_plot_area_set_text (self->histogram, spoken);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

void
nmd_stage_card_set_controls (NmdStageCard *self, GtkWidget *controls)
{
  g_return_if_fail (NMD_IS_STAGE_CARD (self) && GTK_IS_WIDGET (controls));

  /* Translators: name of a button: settings of a step of preprocessing */
  g_autofree char *name
      = g_strdup_printf (_ ("Settings: %s"), gtk_label_get_text (self->title));
  gtk_popover_set_child (self->controls, controls);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->controls_button), name);
  gtk_widget_set_visible (GTK_WIDGET (self->controls_button), TRUE);
}

void
nmd_stage_card_set_active (NmdStageCard *self, gboolean active)
{
  g_return_if_fail (NMD_IS_STAGE_CARD (self));
  self->setting = TRUE;
  gtk_switch_set_active (self->toggle, active);
  self->setting = FALSE;
}

static void
on_toggled (NmdStageCard *self)
{
  if (!self->setting)
    g_signal_emit (self, switched, 0, gtk_switch_get_active (self->toggle));
}

void
nmd_stage_card_set_title (NmdStageCard *self, const char *title)
{
  g_return_if_fail (NMD_IS_STAGE_CARD (self));
  gtk_label_set_text (self->title, title);
}

static void
nmd_stage_card_finalize (GObject *object)
{
  NmdStageCard *self = NMD_STAGE_CARD (object);

  g_clear_pointer (&self->outline, g_array_unref);
  G_OBJECT_CLASS (nmd_stage_card_parent_class)->finalize (object);
}

static void
nmd_stage_card_class_init (NmdStageCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = nmd_stage_card_finalize;
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  g_type_ensure (NMD_TYPE_STILL_PICTURE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-stage-card.ui");
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, title);
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, controls_button);
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, controls);
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, toggle);
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, picture);
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, lines);
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, histogram);
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, value);
  gtk_widget_class_bind_template_child (widget_class, NmdStageCard, note);
  switched = g_signal_new ("switched", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                           NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
nmd_stage_card_init (NmdStageCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  nmd_plot_area_set_func (self->histogram, draw_histogram, self);
  gtk_drawing_area_set_draw_func (self->lines, draw_lines, self, NULL);
  g_signal_connect_swapped (self->toggle, "notify::active", G_CALLBACK (on_toggled),
                            self);
}

GtkWidget *
nmd_stage_card_new (const char *title, gboolean has_switch)
{
  NmdStageCard *self = g_object_new (NMD_TYPE_STAGE_CARD, NULL);

  gtk_label_set_text (self->title, title);
  gtk_widget_set_visible (GTK_WIDGET (self->toggle), has_switch);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  return GTK_WIDGET (self);
}
