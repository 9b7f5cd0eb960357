/* SPDX-License-Identifier: Apache-2.0
 *
 * Cards of the steps and their controls. What a step makes is nmd-preview's; the controls of one step are
 * nmd-step-controls'.
 */
#include "ui/pages/nmd-preprocessing.h"

#include "ui/pages/nmd-step-controls.h"
#include "ui/widgets/nmd-control-names.h"
#include "ui/widgets/nmd-parameter-rows.h"
#include "ui/widgets/nmd-stage-card.h"
#include "ui/widgets/nmd-width-first.h"

#include <glib/gi18n.h>
#include <math.h>

/* The steps for one task. */
typedef struct
{
  NmdStageCard *cards[NMD_N_STAGES];
  NmdStepControls *controls;
  NmdParameters *shown; /* the recipe's, with what was changed here */
  GHashTable *changed;  /* name → double *, what was changed here */
} Steps;

struct _NmdPreprocessing
{
  GtkBox parent_instance;

  GtkStack *stack;
  GtkToggleButton *outlines_button;
  GtkBox *changed_box;
  GtkLabel *changed_label;
  GtkButton *use_button;
  GtkButton *reset_button;

  NmdDataSession *data;
  NmdScanSession *scan;
  NmdRecipeSession *recipe;
  NmdExplanationSession *explanation;
  Steps steps[NMD_N_TASKS];
  NmdTask task;    /* shown */
  NmdSample *kept; /* (nullable): Mixup's partner; NULL: drawn */
  double lambda;   /* NaN: drawn */
  int draw;
  gboolean any;
  gboolean due; /* asked for when seen */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (NmdPreprocessing, nmd_preprocessing, GTK_TYPE_BOX)

/* Of the task shown. */
static Steps *
get_steps (NmdPreprocessing *self)
{
  return &self->steps[self->task];
}

/* Asking */

static void
ask (NmdPreprocessing *self)
{
  const NmdPreviewRequest request = { self->draw, self->kept, self->lambda };
  const gboolean seen = self->any && gtk_widget_get_mapped (GTK_WIDGET (self));

  self->due = !seen;
  if (seen)
    nmd_explanation_session_ask_preview_of (self->explanation, &request,
                                            get_steps (self)->shown);
}

static void
on_map (NmdPreprocessing *self)
{
  if (self->due && self->explanation != NULL)
    ask (self);
}

static void
on_preview (NmdExplanationSession *session, NmdPreview *preview, NmdPreprocessing *self)
{
  Steps *steps = &self->steps[preview->task];

  if (!self->any)
    return;
  for (int i = 0; i < NMD_N_STAGES; i++)
    nmd_stage_card_set_stage (steps->cards[i], &preview->stages[i],
                              i > 0 ? &preview->stages[i - 1] : NULL);
  if (preview->task == NMD_TASK_CLASSIFY)
    nmd_step_controls_show_mixup (steps->controls, preview->lambda, isnan (self->lambda),
                                  preview->partner, self->kept != NULL);
  else
    {
      g_autofree char *title = g_strdup_printf ("%d × %d", preview->size, preview->size);

      nmd_stage_card_set_title (steps->cards[NMD_STAGE_RESIZE], title);
    }
}

/* Settings */

/* The settings that the switch of a step turns on and off, for either task. */
static const char *const of_stage[NMD_N_STAGES][10]
    = { [NMD_STAGE_MEDIAN] = { "median" },
        [NMD_STAGE_CLAHE] = { "clahe" },
        [NMD_STAGE_AUGMENTED] = { "crop", "flip", "rotation", "scale", "brightness",
                                  "contrast", "gamma", "speckle", "saturation" },
        [NMD_STAGE_INPUT] = { "mixup", "prompts" } };

static gboolean
has_setting (NmdTask task, const char *name)
{
  return nmd_parameter_is_for (nmd_parameter_find (name), task);
}

/* Whether any of them does something; saturation never does. */
static gboolean
is_on (const NmdParameters *p, NmdStageKind stage)
{
  const NmdTask task = nmd_parameters_get_task (p);
  gboolean on = FALSE;

  for (guint k = 0; of_stage[stage][k] != NULL; k++)
    on |= !g_str_equal (of_stage[stage][k], "saturation")
          && has_setting (task, of_stage[stage][k])
          && nmd_parameters_get (p, of_stage[stage][k]) > 0;
  return on;
}

static void
show_cards (Steps *steps)
{
  for (int i = NMD_STAGE_MEDIAN; i < NMD_N_STAGES; i++)
    nmd_stage_card_set_active (steps->cards[i], is_on (steps->shown, (NmdStageKind)i));
  nmd_step_controls_show (steps->controls, steps->shown);
}

/* What differs from what trainings do, in words. */
static void
show_changes (NmdPreprocessing *self)
{
  GString *text = g_string_new (NULL);
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);
  const Steps *steps = get_steps (self);

  for (guint i = 0; i < n; i++)
    if (g_hash_table_contains (steps->changed, table[i].name))
      {
        g_autofree char *value = nmd_parameters_to_text (steps->shown, table[i].name);
        g_string_append_printf (text, "%s%s: %s", text->len > 0 ? ", " : "",
                                _ (table[i].title),
                                nmd_parameter_choice_title (table[i].name, value));
      }
  /* Translators: the placeholder is a list of settings and their values */
  g_autofree char *sentence = g_strdup_printf (_ ("Tried here only: %s"), text->str);
  gtk_label_set_text (self->changed_label, sentence);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->changed_label), sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->changed_box), text->len > 0);
  g_string_free (text, TRUE);
}

/* The recipe's settings, with what was changed here; a change that makes no difference is none. */
static void
take_recipe (NmdPreprocessing *self, NmdTask task)
{
  const NmdParameters *recipe = nmd_recipe_session_get_of (self->recipe, task);
  Steps *steps = &self->steps[task];
  GHashTableIter iter;
  gpointer name = NULL, value = NULL;

  g_clear_pointer (&steps->shown, nmd_parameters_unref);
  steps->shown = nmd_parameters_copy (recipe);
  g_hash_table_iter_init (&iter, steps->changed);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (nmd_parameters_get (recipe, name) == *(const double *)value)
      g_hash_table_iter_remove (&iter);
    else
      nmd_parameters_set (steps->shown, name, *(const double *)value,
                          NULL); /* in range */
  show_cards (steps);
}

static void
renew (NmdPreprocessing *self)
{
  for (int task = 0; task < NMD_N_TASKS; task++)
    take_recipe (self, (NmdTask)task);
  show_changes (self);
  g_signal_emit (self, changed_signal, 0);
  ask (self);
}

static void
change (NmdPreprocessing *self, const char *name, double value)
{
  g_hash_table_insert (get_steps (self)->changed, g_strdup (name),
                       g_memdup2 (&value, sizeof (double)));
}

static void
on_control (const char *name, double value, gpointer data)
{
  change (data, name, value);
  renew (data);
}

/* As in the recipe, or the default where it is off there too. */
static double
value_when_on (NmdPreprocessing *self, const char *name)
{
  const double value
      = nmd_parameters_get (nmd_recipe_session_get_of (self->recipe, self->task), name);

  return value != 0 ? value
                    : nmd_parameter_get_standard (nmd_parameter_find (name), self->task);
}

static void
on_switched (NmdStageCard *card, gboolean on, NmdPreprocessing *self)
{
  for (int stage = 0; stage < NMD_N_STAGES; stage++)
    for (guint k = 0;
         card == get_steps (self)->cards[stage] && of_stage[stage][k] != NULL; k++)
      if (has_setting (self->task, of_stage[stage][k]))
        change (self, of_stage[stage][k],
                on ? value_when_on (self, of_stage[stage][k]) : 0);
  renew (self);
}

static void
on_task (NmdPreprocessing *self)
{
  self->task = gtk_toggle_button_get_active (self->outlines_button) ? NMD_TASK_SEGMENT
                                                                    : NMD_TASK_CLASSIFY;
  gtk_stack_set_visible_child_name (self->stack, nmd_task_get_name (self->task));
  show_changes (self);
  ask (self);
}

/* Takes them over, one by one: each is told by the recipe. */
static void
on_use (NmdPreprocessing *self)
{
  Steps *steps = get_steps (self);
  g_autoptr (GHashTable) taken = g_steal_pointer (&steps->changed);
  GHashTableIter iter;
  gpointer name = NULL, value = NULL;

  steps->changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_iter_init (&iter, taken);
  while (g_hash_table_iter_next (&iter, &name, &value))
    nmd_recipe_session_set_of (self->recipe, self->task, name, *(const double *)value,
                               NULL); /* in range */
}

static void
on_reset (NmdPreprocessing *self)
{
  g_hash_table_remove_all (get_steps (self)->changed);
  self->lambda = NAN;
  g_clear_object (&self->kept);
  renew (self);
}

/* Mixup */

static void
on_lambda (double lambda, gpointer data)
{
  NmdPreprocessing *self = data;

  self->lambda = lambda;
  ask (self);
}

/* The image looked at is kept as the partner of others, or a partner is drawn again. */
static void
on_keep (gboolean keep, gpointer data)
{
  NmdPreprocessing *self = data;
  NmdScan *scan = nmd_scan_session_get_scan (self->scan);

  g_clear_object (&self->kept);
  if (keep && scan != NULL && scan->sample != NULL)
    self->kept = g_object_ref (scan->sample);
  ask (self);
}

void
nmd_preprocessing_draw_again (NmdPreprocessing *self)
{
  g_return_if_fail (NMD_IS_PREPROCESSING (self));
  self->draw++;
  ask (self);
}

void
nmd_preprocessing_show (NmdPreprocessing *self, gboolean any)
{
  g_return_if_fail (NMD_IS_PREPROCESSING (self));

  self->any = any;
  if (any)
    {
      ask (self);
      return;
    }
  for (int task = 0; task < NMD_N_TASKS; task++)
    for (int i = 0; i < NMD_N_STAGES; i++)
      nmd_stage_card_set_stage (self->steps[task].cards[i], NULL, NULL);
}

GtkWidget *
nmd_preprocessing_take_bar (NmdPreprocessing *self)
{
  g_return_val_if_fail (NMD_IS_PREPROCESSING (self), NULL);

  GtkWidget *bar = g_object_ref (GTK_WIDGET (self->changed_box));
  gtk_box_remove (GTK_BOX (self), bar);
  return bar;
}

NmdParameters *
nmd_preprocessing_get_parameters (NmdPreprocessing *self)
{
  g_return_val_if_fail (NMD_IS_PREPROCESSING (self), NULL);
  return nmd_parameters_copy (self->steps[NMD_TASK_CLASSIFY].shown);
}

/* Object */

static void
add_cards (NmdPreprocessing *self, NmdTask task)
{
  const char *const titles[NMD_N_TASKS][NMD_N_STAGES]
      = { { _ ("ROI"), _ ("224 × 224"), _ ("Median"), _ ("CLAHE"), _ ("Augmented"),
            _ ("Mixup") },
          { C_ ("whole image", "Frame"), "", _ ("Median"), _ ("CLAHE"), _ ("Augmented"),
            _ ("Prompts") } };
  const char *const help[NMD_N_TASKS][NMD_N_STAGES] = {
    { _ ("The box around the outline, with a margin"),
      _ ("The size that the networks take, in pixels"), _ ("Median filter: less speckle"),
      _ ("Local contrast, raised up to a limit (CLAHE)"),
      _ ("In training only: random crop, mirroring, brightness and contrast"),
      _ ("In training only: mixed with another image. The last picture shows exactly "
         "the numbers that the network is handed") },
    { _ ("The whole image, and the outline that is to be found"),
      _ ("The longer side becomes this many pixels, black beside the rest"),
      _ ("Median filter: less speckle"),
      _ ("Local contrast, raised up to a limit (CLAHE)"),
      _ ("In training only: image and outline are moved, turned and enlarged together"),
      _ ("In training only: a box and clicks like a user's, for some of the images. The "
         "last picture shows exactly the grey levels that the network is handed") }
  };
  Steps *steps = &self->steps[task];
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  gtk_box_set_homogeneous (GTK_BOX (box), TRUE);
  for (int i = 0; i < NMD_N_STAGES; i++)
    {
      GtkWidget *controls = nmd_step_controls_get (steps->controls, (NmdStageKind)i);

      steps->cards[i]
          = NMD_STAGE_CARD (nmd_stage_card_new (titles[task][i], i >= NMD_STAGE_MEDIAN));
      gtk_widget_set_tooltip_text (GTK_WIDGET (steps->cards[i]), help[task][i]);
      if (controls != NULL)
        nmd_stage_card_set_controls (steps->cards[i], controls);
      gtk_box_append (GTK_BOX (box), nmd_width_first_new (GTK_WIDGET (steps->cards[i])));
      g_signal_connect_object (steps->cards[i], "switched", G_CALLBACK (on_switched),
                               self, 0);
    }
  gtk_stack_add_named (self->stack, box, nmd_task_get_name (task));
}

/* Another data set has other partners; where one cannot be read the former comes back. */
static void
on_dataset (NmdPreprocessing *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);

  if (dataset == NULL)
    return;
  if (self->kept != NULL && nmd_dataset_find (dataset, self->kept->id) != self->kept)
    g_clear_object (&self->kept);
  ask (self);
}

void
nmd_preprocessing_set_session (NmdPreprocessing *self,
                               NmdDataSession *data,
                               NmdScanSession *scan,
                               NmdRecipeSession *recipe,
                               NmdExplanationSession *explanation)
{
  g_return_if_fail (NMD_IS_PREPROCESSING (self) && self->data == NULL);

  self->data = g_object_ref (data);
  self->scan = g_object_ref (scan);
  self->recipe = g_object_ref (recipe);
  self->explanation = g_object_ref (explanation);
  g_signal_connect_object (data, "notify::dataset", G_CALLBACK (on_dataset), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe, "changed", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation, "preview", G_CALLBACK (on_preview), self, 0);
  renew (self);
}

static void
nmd_preprocessing_dispose (GObject *object)
{
  NmdPreprocessing *self = NMD_PREPROCESSING (object);

  g_clear_object (&self->data);
  g_clear_object (&self->scan);
  g_clear_object (&self->recipe);
  g_clear_object (&self->explanation);
  g_clear_object (&self->kept);
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_PREPROCESSING);
  for (int task = 0; task < NMD_N_TASKS; task++)
    g_clear_pointer (&self->steps[task].controls, nmd_step_controls_free);
  G_OBJECT_CLASS (nmd_preprocessing_parent_class)->dispose (object);
}

static void
nmd_preprocessing_finalize (GObject *object)
{
  NmdPreprocessing *self = NMD_PREPROCESSING (object);

  for (int task = 0; task < NMD_N_TASKS; task++)
    {
      g_clear_pointer (&self->steps[task].shown, nmd_parameters_unref);
      g_clear_pointer (&self->steps[task].changed, g_hash_table_unref);
    }
  G_OBJECT_CLASS (nmd_preprocessing_parent_class)->finalize (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdPreprocessing, child)

static void
nmd_preprocessing_class_init (NmdPreprocessingClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_preprocessing_dispose;
  G_OBJECT_CLASS (klass)->finalize = nmd_preprocessing_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-preprocessing.ui");
  BIND (stack);
  BIND (outlines_button);
  BIND (changed_box);
  BIND (changed_label);
  BIND (use_button);
  BIND (reset_button);
}

static void
nmd_preprocessing_init (NmdPreprocessing *self)
{
  const NmdStepFuncs funcs = { on_control, on_lambda, on_keep, self };

  gtk_widget_init_template (GTK_WIDGET (self));
  self->lambda = NAN;
  for (int task = 0; task < NMD_N_TASKS; task++)
    {
      self->steps[task].changed
          = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      self->steps[task].controls = nmd_step_controls_new ((NmdTask)task, &funcs);
      add_cards (self, (NmdTask)task);
    }
  g_signal_connect_swapped (self->outlines_button, "toggled", G_CALLBACK (on_task), self);
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect_swapped (self->use_button, "clicked", G_CALLBACK (on_use), self);
  g_signal_connect_swapped (self->reset_button, "clicked", G_CALLBACK (on_reset), self);
}
