/* SPDX-License-Identifier: Apache-2.0
 *
 * Sliders and what the model says to them. The questions are the session's, what they change is engine/eval's.
 */
#include "ui/pages/nmd-what-if-panel.h"

#include "ui/widgets/nmd-image-view.h"

#include <glib/gi18n.h>
#include <math.h>

#define WAIT_MS 60

struct _NmdWhatIfPanel
{
  GtkBox parent_instance;

  GtkExpander *expander;
  GtkScale *scales[2]; /* by NmdWhatIfAxis */
  GtkLabel *flips[2];
  GtkCheckButton *blank;
  GtkLabel *score;
  GtkWidget *reset;

  NmdExplanationSession *explanation;
  NmdGreyView *view;
  NmdScan *scan;          /* (nullable) */
  gboolean touched;       /* something is not as in the file */
  NmdWhatIfAnswer answer; /* to what is set */
  gboolean has_answer;
  NmdModel *model; /* (nullable): that was asked */
  guint wait;
  gboolean setting;
  guint frames; /* since it was opened */
};

G_DEFINE_FINAL_TYPE (NmdWhatIfPanel, nmd_what_if_panel, GTK_TYPE_BOX)

static NmdWhatIf
get_what (NmdWhatIfPanel *self)
{
  return (NmdWhatIf){
    gtk_range_get_value (GTK_RANGE (self->scales[NMD_WHAT_IF_BRIGHTNESS])),
    gtk_range_get_value (GTK_RANGE (self->scales[NMD_WHAT_IF_CONTRAST])),
    gtk_check_button_get_active (self->blank),
  };
}

/* The picture */

/* Black outside the outline, over the whole frame; %NULL takes it away. */
static void
show_blank (NmdWhatIfPanel *self, const NmdImage *mask)
{
  g_autoptr (GdkTexture) texture = NULL;
  NmdBox all = { 0, 0, 0, 0 };

  if (mask != NULL)
    {
      gsize n = (gsize)mask->width * (gsize)mask->height;
      guint8 *rgba = g_malloc0 (4 * n);
      for (gsize i = 0; i < n; i++)
        rgba[4 * i + 3] = mask->pixels[i] != 0 ? 0 : 255;
      g_autoptr (GBytes) bytes = g_bytes_new_take (rgba, 4 * n);
      texture = gdk_memory_texture_new (mask->width, mask->height, GDK_MEMORY_R8G8B8A8,
                                        bytes, (gsize)mask->width * 4);
      all.x1 = mask->width;
      all.y1 = mask->height;
    }
  g_object_set (self->view, "overlay-opacity", 1.0, NULL);
  nmd_grey_view_set_overlay (self->view, texture, mask != NULL ? &all : NULL);
}

static void
show_picture (NmdWhatIfPanel *self)
{
  NmdWhatIf what = get_what (self);

  g_object_set (self->view, "brightness", what.brightness, "contrast", what.contrast,
                NULL);
  show_blank (self,
              what.blank_background && self->scan != NULL ? self->scan->mask : NULL);
}

/* Asking */

static gboolean
ask (gpointer data)
{
  NmdWhatIfPanel *self = data;
  NmdWhatIf what = get_what (self);

  self->wait = 0;
  nmd_explanation_session_ask_what_if (self->explanation, &what);
  return G_SOURCE_REMOVE;
}

static void
ask_soon (NmdWhatIfPanel *self)
{
  /* Of two pages the one that is seen asks. */
  if (self->wait == 0 && self->scan != NULL && gtk_widget_get_mapped (GTK_WIDGET (self))
      && gtk_expander_get_expanded (self->expander))
    self->wait = g_timeout_add (WAIT_MS, ask, self);
}

static void
on_moved (NmdWhatIfPanel *self)
{
  NmdWhatIf what = get_what (self);

  if (self->setting || self->view == NULL)
    return;
  self->has_answer = FALSE;
  self->touched = what.brightness != 0 || what.contrast != 1 || what.blank_background;
  gtk_widget_set_sensitive (self->reset, self->touched);
  show_picture (self);
  ask_soon (self);
}

static void
set_back (NmdWhatIfPanel *self)
{
  self->setting = TRUE;
  gtk_range_set_value (GTK_RANGE (self->scales[NMD_WHAT_IF_BRIGHTNESS]), 0);
  gtk_range_set_value (GTK_RANGE (self->scales[NMD_WHAT_IF_CONTRAST]), 1);
  gtk_check_button_set_active (self->blank, FALSE);
  self->setting = FALSE;
}

static void
on_reset (NmdWhatIfPanel *self)
{
  set_back (self);
  on_moved (self);
}

/* Opened, it is scrolled to: once it is laid out, a frame later. */
static gboolean
reveal (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  NmdWhatIfPanel *self = NMD_WHAT_IF_PANEL (widget);
  GtkWidget *around = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
  double x = 0, y = 0;

  if (self->frames++ < 2)
    return G_SOURCE_CONTINUE;
  if (around != NULL && gtk_widget_translate_coordinates (widget, around, 0, 0, &x, &y)
      && y + gtk_widget_get_height (widget) > gtk_widget_get_height (around))
    {
      GtkAdjustment *adjustment
          = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (around));
      gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + y);
    }
  return G_SOURCE_REMOVE;
}

static void
on_expanded (NmdWhatIfPanel *self)
{
  ask_soon (self);
  self->frames = 0;
  if (gtk_expander_get_expanded (self->expander))
    gtk_widget_add_tick_callback (GTK_WIDGET (self), reveal, NULL, NULL);
}

/* What it says */

static void
show_flip (NmdWhatIfPanel *self, const NmdWhatIfAnswer *answer, int axis)
{
  const char *word = nmd_explanation_session_get_class (
      self->explanation, answer->score >= answer->threshold ? 0 : 1);
  double flip = answer->flips[axis];
  g_autofree char *text = NULL;

  gtk_scale_clear_marks (self->scales[axis]);
  gtk_scale_add_mark (self->scales[axis], axis == NMD_WHAT_IF_BRIGHTNESS ? 0 : 1,
                      GTK_POS_TOP, NULL);
  if (answer->has_flips && isfinite (flip))
    {
      /* Translators: a class, and the slider's value where it begins */
      text = g_strdup_printf (_ ("becomes “%s” at %.2f"), word, flip);
      gtk_scale_add_mark (self->scales[axis], flip, GTK_POS_BOTTOM, "▲");
    }
  else if (answer->has_flips)
    text = g_strdup (_ ("the class stays the same on the whole track"));
  gtk_label_set_text (self->flips[axis], text != NULL ? text : "…");
}

/* What was answered of another scan or model. */
static void
forget (NmdWhatIfPanel *self)
{
  self->has_answer = FALSE;
  gtk_label_set_text (self->score, "…\n"); /* as high as an answer */
  for (int axis = 0; axis < 2; axis++)
    {
      gtk_scale_clear_marks (self->scales[axis]);
      gtk_scale_add_mark (self->scales[axis], axis == NMD_WHAT_IF_BRIGHTNESS ? 0 : 1,
                          GTK_POS_TOP, NULL);
      gtk_label_set_text (self->flips[axis], "…");
    }
}

static void
on_answer (NmdExplanationSession *session, NmdWhatIfAnswer *answer, NmdWhatIfPanel *self)
{
  NmdWhatIf what = get_what (self);

  if (answer->what.brightness != what.brightness || answer->what.contrast != what.contrast
      || answer->what.blank_background != what.blank_background)
    return;
  /* Translators: score, class; from this score on it is the other class */
  g_autofree char *text = g_strdup_printf (
      _ ("score %.2f: “%s”\nthreshold %.2f"), answer->score,
      nmd_explanation_session_get_class (self->explanation,
                                         answer->score >= answer->threshold ? 1 : 0),
      answer->threshold);
  gtk_label_set_text (self->score, text);
  self->answer = *answer;
  self->has_answer = TRUE;
  for (int axis = 0; axis < 2; axis++)
    show_flip (self, answer, axis);
}

gboolean
nmd_what_if_panel_get_strip (NmdWhatIfPanel *self, NmdGainStrip *strip, gboolean *blank)
{
  const NmdWhatIf what = get_what (self);

  g_return_val_if_fail (NMD_IS_WHAT_IF_PANEL (self), FALSE);
  if (!gtk_widget_get_visible (GTK_WIDGET (self)) || !self->touched || !self->has_answer)
    return FALSE;
  *blank = what.blank_background;
  *strip = (NmdGainStrip){
    .head = gtk_label_get_text (self->score),
    .more = what.blank_background ? _ ("Background black") : NULL,
    .tracks
    = { { _ ("Brightness"), -NMD_WHAT_IF_BRIGHTNESS_END, NMD_WHAT_IF_BRIGHTNESS_END, 0,
          what.brightness, self->answer.has_flips ? self->answer.flips[0] : NAN,
          gtk_label_get_text (self->flips[0]) },
        { _ ("Contrast"), NMD_WHAT_IF_CONTRAST_LOW, NMD_WHAT_IF_CONTRAST_HIGH, 1,
          what.contrast, self->answer.has_flips ? self->answer.flips[1] : NAN,
          gtk_label_get_text (self->flips[1]) } },
    .foot = _ ("For research and teaching; not a medical device."),
  };
  return TRUE;
}

void
nmd_what_if_panel_show (NmdWhatIfPanel *self,
                        NmdScan *scan,
                        const NmdExplanation *answer,
                        gboolean waits)
{
  g_return_if_fail (NMD_IS_WHAT_IF_PANEL (self) && self->view != NULL);

  gboolean other = scan == NULL || self->scan == NULL
                   || g_strcmp0 (scan->path, self->scan->path) != 0
                   || scan->page != self->scan->page;
  gboolean changed = scan != self->scan;
  gboolean was_shown = gtk_widget_get_visible (GTK_WIDGET (self));
  gboolean shown = scan != NULL
                   && (nmd_explanation_session_may_show (self->explanation, answer)
                       || (waits && was_shown && !other));
  gboolean appears = shown && !was_shown;
  g_set_object (&self->scan, scan);
  gtk_widget_set_visible (GTK_WIDGET (self), shown);
  NmdModel *model = answer != NULL ? answer->model : NULL;
  gboolean other_model = model != NULL && model != self->model;
  if (changed || other_model)
    forget (self);
  if (other && self->touched)
    {
      set_back (self);
      on_moved (self);
    }
  else if (changed && gtk_check_button_get_active (self->blank))
    show_picture (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->blank), scan != NULL && scan->mask != NULL);
  if (other_model)
    {
      g_clear_pointer (&self->model, nmd_model_unref);
      self->model = nmd_model_ref (model);
    }
  if (changed || appears || other_model)
    ask_soon (self);
}

void
nmd_what_if_panel_set_session (NmdWhatIfPanel *self,
                               NmdExplanationSession *explanation,
                               NmdGreyView *view)
{
  g_return_if_fail (NMD_IS_WHAT_IF_PANEL (self) && self->view == NULL);
  self->explanation = g_object_ref (explanation);
  self->view = g_object_ref (view);
  g_signal_connect_object (explanation, "what-if", G_CALLBACK (on_answer), self, 0);
  /* A new outline is measured on the thread that answers. */
  if (NMD_IS_IMAGE_VIEW (view))
    g_signal_connect_object (view, "outline-drawn",
                             G_CALLBACK (nmd_explanation_session_drop_what_if),
                             explanation, G_CONNECT_SWAPPED);
}

/* Object */

static void
nmd_what_if_panel_dispose (GObject *object)
{
  NmdWhatIfPanel *self = NMD_WHAT_IF_PANEL (object);

  self->setting = TRUE;
  g_clear_handle_id (&self->wait, g_source_remove);
  g_clear_object (&self->explanation);
  g_clear_object (&self->view);
  g_clear_object (&self->scan);
  g_clear_pointer (&self->model, nmd_model_unref);
  G_OBJECT_CLASS (nmd_what_if_panel_parent_class)->dispose (object);
}

static void
nmd_what_if_panel_class_init (NmdWhatIfPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = nmd_what_if_panel_dispose;
}

static GtkLabel *
label_new (GtkBox *box, const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, class);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

static void
add_scale (NmdWhatIfPanel *self, GtkBox *box, int axis)
{
  const struct
  {
    const char *name;
    double low, high, step, at;
  } rows[] = {
    { _ ("Brightness"), -NMD_WHAT_IF_BRIGHTNESS_END, NMD_WHAT_IF_BRIGHTNESS_END, 0.01,
      0 },
    { _ ("Contrast"), NMD_WHAT_IF_CONTRAST_LOW, NMD_WHAT_IF_CONTRAST_HIGH, 0.02, 1 },
  };
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, rows[axis].low,
                                               rows[axis].high, rows[axis].step);

  label_new (box, rows[axis].name, "caption-heading");
  gtk_scale_set_draw_value (GTK_SCALE (scale), TRUE);
  gtk_scale_set_digits (GTK_SCALE (scale), 2);
  gtk_scale_set_value_pos (GTK_SCALE (scale), GTK_POS_RIGHT);
  gtk_range_set_value (GTK_RANGE (scale), rows[axis].at);
  gtk_scale_add_mark (GTK_SCALE (scale), rows[axis].at, GTK_POS_TOP, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  rows[axis].name, -1);
  g_signal_connect_object (scale, "value-changed", G_CALLBACK (on_moved), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (box, scale);
  self->scales[axis] = GTK_SCALE (scale);
  self->flips[axis] = label_new (box, "…", "caption");
}

static void
nmd_what_if_panel_init (NmdWhatIfPanel *self)
{
  GtkWidget *expander = gtk_expander_new (NULL);
  GtkWidget *title = gtk_label_new (_ ("What if the gain were another?"));
  GtkWidget *black = gtk_label_new (_ ("Background black"));
  GtkBox *box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 3));
  GtkBox *last = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));

  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_wrap (GTK_LABEL (black), TRUE);
  gtk_label_set_xalign (GTK_LABEL (black), 0);
  gtk_expander_set_label_widget (GTK_EXPANDER (expander), title);
  self->expander = GTK_EXPANDER (expander);
  self->score = label_new (box, "…", "numeric");
  for (int axis = 0; axis < 2; axis++)
    add_scale (self, box, axis);
  self->blank = GTK_CHECK_BUTTON (gtk_check_button_new ());
  gtk_check_button_set_child (self->blank, black);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->blank),
      _ ("Everything outside the outline black: does the model look at it?"));
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->blank),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, black, NULL, -1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->blank), TRUE);
  self->reset = gtk_button_new_with_mnemonic (_ ("_Reset"));
  gtk_widget_set_tooltip_text (self->reset, _ ("Grey levels as in the file"));
  gtk_widget_set_sensitive (self->reset, FALSE);
  g_signal_connect_object (self->blank, "toggled", G_CALLBACK (on_moved), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->reset, "clicked", G_CALLBACK (on_reset), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (expander, "notify::expanded", G_CALLBACK (on_expanded), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (last, GTK_WIDGET (self->blank));
  gtk_box_append (last, self->reset);
  gtk_box_append (box, GTK_WIDGET (last));
  g_signal_connect (self, "map", G_CALLBACK (ask_soon), NULL);
  gtk_expander_set_child (self->expander, GTK_WIDGET (box));
  gtk_box_append (GTK_BOX (self), expander);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
