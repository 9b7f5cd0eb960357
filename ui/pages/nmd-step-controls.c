/* SPDX-License-Identifier: Apache-2.0
 *
 * Controls of preprocessing steps. Names, help and ranges are the parameter table's; sliders show the part of a range
 * that is of use.
 */
#include "ui/pages/nmd-step-controls.h"

#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-parameter-rows.h"

#include <glib/gi18n.h>
#include <math.h>

#define SLIDER_WIDTH 220
#define MOST_IN_COLUMN 5

static const struct
{
  NmdStageKind stage;
  const char *name;
  double low, high, step; /* of the slider */
  int digits;
} table[] = {
  { NMD_STAGE_CUT, "roi-margin", 0, 0.5, 0.01, 2 },
  { NMD_STAGE_CUT, "background", 0, 0, 0, 0 },
  { NMD_STAGE_RESIZE, "size", 0, 0, 0, 0 },
  { NMD_STAGE_CLAHE, "clahe-clip", 0.5, 10, 0.1, 1 },
  { NMD_STAGE_CLAHE, "clahe-tiles", 1, 16, 1, 0 },
  { NMD_STAGE_AUGMENTED, "crop-area", 0.05, 1, 0.01, 2 },
  { NMD_STAGE_AUGMENTED, "crop-aspect", 1, 2, 0.01, 2 },
  { NMD_STAGE_AUGMENTED, "flip", 0, 1, 0.05, 2 },
  { NMD_STAGE_AUGMENTED, "rotation", 0, 45, 1, 0 },
  { NMD_STAGE_AUGMENTED, "scale", 0, 0.5, 0.01, 2 },
  { NMD_STAGE_AUGMENTED, "brightness", 0, 1, 0.01, 2 },
  { NMD_STAGE_AUGMENTED, "contrast", 0, 1, 0.01, 2 },
  { NMD_STAGE_AUGMENTED, "gamma", 0, 1, 0.01, 2 },
  { NMD_STAGE_AUGMENTED, "speckle", 0, 0.5, 0.01, 2 },
  { NMD_STAGE_INPUT, "mixup", 0, 2, 0.05, 2 },
  { NMD_STAGE_INPUT, "unprompted", 0, 1, 0.05, 2 },
  { NMD_STAGE_INPUT, "box-jitter", 0, 0.5, 0.01, 2 },
  { NMD_STAGE_INPUT, "clicks", 0, 16, 1, 0 },
};

#define N_CONTROLS G_N_ELEMENTS (table)

struct _NmdStepControls
{
  NmdStepFuncs funcs;
  NmdTask task;
  GtkWidget *controls
      [N_CONTROLS];   /* borrowed: GtkScale or GtkDropDown; NULL: the task has none */
  GtkWidget *lambda;  /* GtkScale */
  GtkWidget *drawn;   /* GtkCheckButton */
  GtkWidget *partner; /* GtkLabel */
  GtkWidget *keep;    /* GtkCheckButton */
  gboolean setting;   /* the program moves a control */
};

static void
on_changed (GtkWidget *control, NmdStepControls *self)
{
  for (guint i = 0; !self->setting && i < N_CONTROLS; i++)
    if (self->controls[i] == control)
      self->funcs.set (table[i].name,
                       GTK_IS_DROP_DOWN (control)
                           ? gtk_drop_down_get_selected (GTK_DROP_DOWN (control))
                           : gtk_range_get_value (GTK_RANGE (control)),
                       self->funcs.data);
}

static void
on_selected (GtkWidget *control, GParamSpec *pspec, NmdStepControls *self)
{
  on_changed (control, self);
}

static void
on_lambda (NmdStepControls *self)
{
  if (!self->setting)
    self->funcs.set_lambda (gtk_range_get_value (GTK_RANGE (self->lambda)),
                            self->funcs.data);
}

static void
on_drawn (NmdStepControls *self)
{
  const gboolean drawn = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->drawn));

  if (!self->setting)
    self->funcs.set_lambda (drawn ? NAN : gtk_range_get_value (GTK_RANGE (self->lambda)),
                            self->funcs.data);
}

static void
on_keep (NmdStepControls *self)
{
  if (!self->setting)
    self->funcs.keep_partner (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->keep)),
                              self->funcs.data);
}

static char *
on_format (GtkScale *scale, double value, gpointer digits)
{
  return nmd_format_number (value, GPOINTER_TO_INT (digits));
}

static GtkWidget *
slider_new (const char *name, double low, double high, double step, int digits)
{
  GtkWidget *slider
      = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, low, high, step);

  gtk_scale_set_draw_value (GTK_SCALE (slider), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (slider), GTK_POS_RIGHT);
  gtk_scale_set_digits (GTK_SCALE (slider), digits);
  gtk_scale_set_format_value_func (GTK_SCALE (slider), on_format,
                                   GINT_TO_POINTER (digits), NULL);
  gtk_widget_set_size_request (slider, SLIDER_WIDTH, -1);
  gtk_widget_add_css_class (slider, "numeric");
  gtk_accessible_update_property (GTK_ACCESSIBLE (slider), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  return slider;
}

static GtkWidget *
choice_new (const NmdParameterInfo *info)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  for (guint i = 0; info->choices[i] != NULL; i++)
    gtk_string_list_append (list,
                            nmd_parameter_choice_title (info->name, info->choices[i]));
  GtkWidget *widget = gtk_drop_down_new (g_object_ref (G_LIST_MODEL (list)), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (info->title), -1);
  return widget;
}

static void
add_title (GtkWidget *box, const char *title)
{
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_box_append (GTK_BOX (box), label);
}

static void
add_control (NmdStepControls *self, GtkWidget *box, guint i)
{
  const NmdParameterInfo *info = nmd_parameter_find (table[i].name);
  const gboolean is_choice = info->kind == NMD_PARAMETER_CHOICE;
  GtkWidget *control = is_choice
                           ? choice_new (info)
                           : slider_new (_ (info->title), table[i].low, table[i].high,
                                         table[i].step, table[i].digits);

  self->controls[i] = control;
  add_title (box, _ (info->title));
  gtk_widget_set_tooltip_text (control, _ (info->help));
  gtk_box_append (GTK_BOX (box), control);
  if (is_choice)
    g_signal_connect (control, "notify::selected", G_CALLBACK (on_selected), self);
  else
    g_signal_connect (control, "value-changed", G_CALLBACK (on_changed), self);
}

static void
add_mixup (NmdStepControls *self, GtkWidget *box)
{
  /* Translators: the share of the image itself in a mix of two */
  const char *title = _ ("λ, share of this image");

  add_title (box, title);
  self->lambda = slider_new (title, 0, 1, 0.01, 2);
  gtk_box_append (GTK_BOX (box), self->lambda);
  self->drawn = gtk_check_button_new_with_label (_ ("Drawn as in training"));
  gtk_box_append (GTK_BOX (box), self->drawn);
  /* Translators: the other image of a mix of two */
  add_title (box, _ ("Partner"));
  self->partner = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->partner), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->partner), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->partner), 28);
  gtk_box_append (GTK_BOX (box), self->partner);
  self->keep = gtk_check_button_new_with_label (_ ("Keep the image shown as partner"));
  gtk_widget_set_tooltip_text (
      self->keep, _ ("Other images that are chosen then are mixed with this one"));
  gtk_box_append (GTK_BOX (box), self->keep);
  g_signal_connect_swapped (self->lambda, "value-changed", G_CALLBACK (on_lambda), self);
  g_signal_connect_swapped (self->drawn, "toggled", G_CALLBACK (on_drawn), self);
  g_signal_connect_swapped (self->keep, "toggled", G_CALLBACK (on_keep), self);
}

static gboolean
has_control (const NmdStepControls *self, guint i, NmdStageKind stage)
{
  return table[i].stage == stage
         && nmd_parameter_is_for (nmd_parameter_find (table[i].name), self->task);
}

/* Side by side where they would be too high for a small screen. */
static GtkWidget *
columns_new (GtkWidget *left, GtkWidget *right)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);

  gtk_box_append (GTK_BOX (box), left);
  gtk_box_append (GTK_BOX (box), right);
  return box;
}

GtkWidget *
nmd_step_controls_get (NmdStepControls *self, NmdStageKind stage)
{
  GtkWidget *box = NULL, *more = NULL;
  guint n = 0;

  for (guint i = 0; i < N_CONTROLS; i++)
    {
      if (!has_control (self, i, stage))
        continue;
      if (box == NULL)
        box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
      if (n == MOST_IN_COLUMN)
        more = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
      add_control (self, n < MOST_IN_COLUMN ? box : more, i);
      n++;
    }
  if (stage == NMD_STAGE_AUGMENTED && self->task == NMD_TASK_CLASSIFY)
    {
      GtkWidget *note = gtk_label_new (_ ("Saturation does nothing to a grey image."));

      gtk_label_set_xalign (GTK_LABEL (note), 0);
      gtk_widget_add_css_class (note, "caption");
      gtk_widget_add_css_class (note, "dim-label");
      gtk_box_append (GTK_BOX (box), note);
    }
  if (stage == NMD_STAGE_INPUT && self->task == NMD_TASK_CLASSIFY)
    add_mixup (self, box);
  return more != NULL ? columns_new (box, more) : box;
}

void
nmd_step_controls_show (NmdStepControls *self, const NmdParameters *parameters)
{
  self->setting = TRUE;
  for (guint i = 0; i < N_CONTROLS; i++)
    {
      const double value = nmd_parameters_get (parameters, table[i].name);

      if (self->controls[i] == NULL)
        continue;
      if (GTK_IS_DROP_DOWN (self->controls[i]))
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->controls[i]), (guint)value);
      else
        gtk_range_set_value (GTK_RANGE (self->controls[i]), value);
    }
  self->setting = FALSE;
}

void
nmd_step_controls_show_mixup (NmdStepControls *self,
                              double lambda,
                              gboolean is_drawn,
                              NmdSample *partner,
                              gboolean is_kept)
{
  g_autofree char *text
      = partner != NULL ? g_strdup_printf ("%s · %s", partner->id, partner->label_word)
                        : g_strdup ("–");

  self->setting = TRUE;
  if (partner != NULL && is_drawn)
    gtk_range_set_value (GTK_RANGE (self->lambda), lambda);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->drawn), is_drawn);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->keep), is_kept);
  gtk_label_set_text (GTK_LABEL (self->partner), text);
  self->setting = FALSE;
}

NmdStepControls *
nmd_step_controls_new (NmdTask task, const NmdStepFuncs *funcs)
{
  NmdStepControls *self = g_new0 (NmdStepControls, 1);

  self->task = task;
  self->funcs = *funcs;
  return self;
}

void
nmd_step_controls_free (NmdStepControls *self)
{
  g_free (self);
}
