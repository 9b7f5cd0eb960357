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

#include <glib/gi18n.h>
#include <math.h>

struct _NmdPreprocessing
{
  GtkBox parent_instance;

  GtkBox *cards_box;
  GtkBox *changed_box;
  GtkLabel *changed_label;
  GtkButton *use_button;
  GtkButton *reset_button;

  NmdDataSession *data;
  NmdScanSession *scan;
  NmdRecipeSession *recipe;
  NmdExplanationSession *explanation;
  NmdStageCard *cards[NMD_N_STAGES];
  NmdStepControls *controls;
  NmdParameters *shown; /* the recipe's, with what was changed here */
  GHashTable *changed;  /* name → double *, what was changed here */
  NmdSample *kept;      /* (nullable): Mixup's partner; NULL: drawn */
  double lambda;        /* NaN: drawn */
  int draw;
  gboolean any;
  gboolean due; /* asked for when seen */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (NmdPreprocessing, nmd_preprocessing, GTK_TYPE_BOX)

/* Asking */

static void
ask (NmdPreprocessing *self)
{
  const NmdPreviewRequest request = { self->draw, self->kept, self->lambda };
  const gboolean seen = self->any && gtk_widget_get_mapped (GTK_WIDGET (self));

  self->due = !seen;
  if (seen)
    nmd_explanation_session_ask_preview_of (self->explanation, &request, self->shown);
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
  if (!self->any)
    return;
  for (int i = 0; i < NMD_N_STAGES; i++)
    nmd_stage_card_set_stage (self->cards[i], &preview->stages[i],
                              i > 0 ? &preview->stages[i - 1] : NULL);
  nmd_step_controls_show_mixup (self->controls, preview->lambda, isnan (self->lambda),
                                preview->partner, self->kept != NULL);
}

/* Settings */

static gboolean
augments (const NmdParameters *p)
{
  return nmd_parameters_get_switch (p, "crop") || nmd_parameters_get (p, "flip") > 0
         || nmd_parameters_get (p, "brightness") > 0
         || nmd_parameters_get (p, "contrast") > 0;
}

static void
show_cards (NmdPreprocessing *self)
{
  const NmdParameters *p = self->shown;

  nmd_stage_card_set_active (self->cards[NMD_STAGE_MEDIAN],
                             nmd_parameters_get_switch (p, "median"));
  nmd_stage_card_set_active (self->cards[NMD_STAGE_CLAHE],
                             nmd_parameters_get_switch (p, "clahe"));
  nmd_stage_card_set_active (self->cards[NMD_STAGE_AUGMENTED], augments (p));
  nmd_stage_card_set_active (self->cards[NMD_STAGE_MIXUP],
                             nmd_parameters_get (p, "mixup") > 0);
  nmd_step_controls_show (self->controls, p);
}

/* What differs from what trainings do, in words. */
static void
show_changes (NmdPreprocessing *self)
{
  GString *text = g_string_new (NULL);
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  for (guint i = 0; i < n; i++)
    if (g_hash_table_contains (self->changed, table[i].name))
      {
        g_autofree char *value = nmd_parameters_to_text (self->shown, table[i].name);
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
renew (NmdPreprocessing *self)
{
  const NmdParameters *recipe
      = nmd_recipe_session_get_of (self->recipe, NMD_TASK_CLASSIFY);
  GHashTableIter iter;
  gpointer name = NULL, value = NULL;

  g_clear_pointer (&self->shown, nmd_parameters_unref);
  self->shown = nmd_parameters_copy (recipe);
  g_hash_table_iter_init (&iter, self->changed);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (nmd_parameters_get (recipe, name) == *(const double *)value)
      g_hash_table_iter_remove (&iter);
    else
      nmd_parameters_set (self->shown, name, *(const double *)value, NULL); /* in range */
  show_cards (self);
  show_changes (self);
  g_signal_emit (self, changed_signal, 0);
  ask (self);
}

static void
change (NmdPreprocessing *self, const char *name, double value)
{
  g_hash_table_insert (self->changed, g_strdup (name),
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
  const double value = nmd_parameters_get (
      nmd_recipe_session_get_of (self->recipe, NMD_TASK_CLASSIFY), name);

  return value != 0 ? value : nmd_parameter_find (name)->standard;
}

static void
on_switched (NmdStageCard *card, gboolean on, NmdPreprocessing *self)
{
  static const char *const of_stage[NMD_N_STAGES][6]
      = { [NMD_STAGE_MEDIAN] = { "median" },
          [NMD_STAGE_CLAHE] = { "clahe" },
          [NMD_STAGE_AUGMENTED]
          = { "crop", "flip", "brightness", "contrast", "saturation" },
          [NMD_STAGE_MIXUP] = { "mixup" } };

  for (int stage = 0; stage < NMD_N_STAGES; stage++)
    for (guint k = 0; card == self->cards[stage] && of_stage[stage][k] != NULL; k++)
      change (self, of_stage[stage][k],
              on ? value_when_on (self, of_stage[stage][k]) : 0);
  renew (self);
}

/* Takes them over, one by one: each is told by the recipe. */
static void
on_use (NmdPreprocessing *self)
{
  g_autoptr (GHashTable) taken = g_steal_pointer (&self->changed);
  GHashTableIter iter;
  gpointer name = NULL, value = NULL;

  self->changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_iter_init (&iter, taken);
  while (g_hash_table_iter_next (&iter, &name, &value))
    nmd_recipe_session_set_of (self->recipe, NMD_TASK_CLASSIFY, name,
                               *(const double *)value, NULL); /* in range */
}

static void
on_reset (NmdPreprocessing *self)
{
  g_hash_table_remove_all (self->changed);
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
  for (int i = 0; i < NMD_N_STAGES; i++)
    nmd_stage_card_set_stage (self->cards[i], NULL, NULL);
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
  return nmd_parameters_copy (self->shown);
}

/* Object */

static void
add_cards (NmdPreprocessing *self)
{
  const char *const titles[NMD_N_STAGES] = { _ ("ROI"),   _ ("224 × 224"), _ ("Median"),
                                             _ ("CLAHE"), _ ("Augmented"), _ ("Mixup") };
  const char *const help[NMD_N_STAGES]
      = { _ ("The box around the outline, with a margin"),
          _ ("The size that the networks take, in pixels"),
          _ ("Median filter: less speckle"),
          _ ("Local contrast, raised up to a limit (CLAHE)"),
          _ ("In training only: random crop, mirroring, brightness and contrast"),
          _ ("In training only: mixed with another image. The last picture shows exactly "
             "the numbers that the network is handed") };

  for (int i = 0; i < NMD_N_STAGES; i++)
    {
      GtkWidget *controls = nmd_step_controls_get (self->controls, (NmdStageKind)i);

      self->cards[i]
          = NMD_STAGE_CARD (nmd_stage_card_new (titles[i], i >= NMD_STAGE_MEDIAN));
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->cards[i]), help[i]);
      if (controls != NULL)
        nmd_stage_card_set_controls (self->cards[i], controls);
      gtk_box_append (self->cards_box, GTK_WIDGET (self->cards[i]));
      g_signal_connect_object (self->cards[i], "switched", G_CALLBACK (on_switched), self,
                               0);
    }
}

/* Another data set has other partners. */
static void
on_dataset (NmdPreprocessing *self)
{
  g_clear_object (&self->kept);
  if (nmd_data_session_get_dataset (self->data) != NULL)
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
  g_clear_pointer (&self->controls, nmd_step_controls_free);
  G_OBJECT_CLASS (nmd_preprocessing_parent_class)->dispose (object);
}

static void
nmd_preprocessing_finalize (GObject *object)
{
  NmdPreprocessing *self = NMD_PREPROCESSING (object);

  g_clear_pointer (&self->shown, nmd_parameters_unref);
  g_clear_pointer (&self->changed, g_hash_table_unref);
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
  BIND (cards_box);
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
  self->changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->lambda = NAN;
  self->controls = nmd_step_controls_new (&funcs);
  add_cards (self);
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect_swapped (self->use_button, "clicked", G_CALLBACK (on_use), self);
  g_signal_connect_swapped (self->reset_button, "clicked", G_CALLBACK (on_reset), self);
}
