/* SPDX-License-Identifier: Apache-2.0
 *
 * The panel of facts. Whether a score may be shown is the judge's, the questions are the session's.
 */
#include "ui/pages/nmd-explain-facts.h"

#include "ui/widgets/nmd-plot-area.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdExplainFacts
{
  GtkBox parent_instance;

  GtkLabel *not_meaningful;
  GtkLabel *score;
  GtkLabel *score_note;
  GtkLabel *fit;
  GtkWidget *scan_box;
  GtkDropDown *scan_choice;
  GtkWidget *model_box;
  GtkDropDown *model_choice;
  GtkWidget *muscles_box;
  GtkEntry *muscles;
  GtkWidget *override_row;
  GtkSwitch *override_switch;
  GtkLabel *echo;
  GtkLabel *flags;
  NmdPlotArea *histogram;
  GtkWidget *truth_title;
  GtkLabel *truth;
  GtkWidget *shares_box;
  GtkLabel *shares;

  NmdRunsSession *runs;
  NmdExplanationSession *explanation;
  NmdScan *scan;
  GPtrArray *scan_muscles; /* of char *: muscles to choose from, after "not stated" */
  gboolean brief;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdExplainFacts, nmd_explain_facts, GTK_TYPE_BOX)

/* After the muscles of the model there are three more choices. */
enum
{
  OTHER_MUSCLE,
  BREAST,
  OTHER_ORGAN,
};

enum
{
  MODEL_NOT_STATED,
  MODEL_MUSCLE,
  MODEL_BREAST,
  MODEL_OTHER,
};

/* What the user says */

static void
add_muscle (GPtrArray *muscles, const char *name)
{
  g_autofree char *muscle = g_strstrip (g_strdup (name));

  if (*muscle != '\0'
      && !g_ptr_array_find_with_equal_func (muscles, muscle, g_str_equal, NULL))
    g_ptr_array_add (muscles, g_steal_pointer (&muscle));
}

/* The muscles that the model knows, by its passport or by what the user says of it. */
static GPtrArray *
known_muscles (NmdExplainFacts *self)
{
  NmdModel *model = nmd_runs_session_get_model (self->runs);
  const NmdPassport *passport = model != NULL ? nmd_model_get_passport (model) : NULL;
  const NmdStatedFacts *stated = nmd_explanation_session_get_stated (self->explanation);
  GPtrArray *muscles = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; passport != NULL && passport->muscles[i] != NULL; i++)
    add_muscle (muscles, passport->muscles[i]);
  if (stated->model_muscles != NULL)
    {
      g_auto (GStrv) names = g_strsplit (stated->model_muscles, ",", -1);
      for (guint i = 0; names[i] != NULL; i++)
        add_muscle (muscles, names[i]);
    }
  return muscles;
}

static guint
chosen_scan (NmdExplainFacts *self)
{
  const NmdStatedFacts *stated = nmd_explanation_session_get_stated (self->explanation);
  guint n = self->scan_muscles->len, i = 0;

  if (stated->organ == NULL && stated->muscle == NULL)
    return 0;
  if (g_strcmp0 (stated->organ, "breast") == 0)
    return 1 + n + BREAST;
  if (g_strcmp0 (stated->organ, "muscle") != 0)
    return 1 + n + OTHER_ORGAN;
  if (stated->muscle != NULL
      && g_ptr_array_find_with_equal_func (self->scan_muscles, stated->muscle,
                                           g_str_equal, &i))
    return 1 + i;
  return 1 + n + OTHER_MUSCLE;
}

static void
show_scan_choice (NmdExplainFacts *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  g_clear_pointer (&self->scan_muscles, g_ptr_array_unref);
  self->scan_muscles = known_muscles (self);
  gtk_string_list_append (list, _ ("not stated"));
  for (guint i = 0; i < self->scan_muscles->len; i++)
    gtk_string_list_append (list, g_ptr_array_index (self->scan_muscles, i));
  gtk_string_list_append (list, _ ("another muscle"));
  gtk_string_list_append (list, _ ("breast"));
  gtk_string_list_append (list, _ ("another organ"));
  self->setting = TRUE;
  gtk_drop_down_set_model (self->scan_choice, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (self->scan_choice, chosen_scan (self));
  self->setting = FALSE;
}

static void
on_scan_choice (NmdExplainFacts *self)
{
  guint selected = gtk_drop_down_get_selected (self->scan_choice);
  guint n = self->scan_muscles != NULL ? self->scan_muscles->len : 0;
  const char *organ = NULL, *muscle = NULL;

  if (self->setting || selected == GTK_INVALID_LIST_POSITION)
    return;
  if (selected > n)
    {
      const char *const organs[] = { "muscle", "breast", "other" };
      organ = organs[MIN (selected - 1 - n, 2u)];
      muscle = selected - 1 - n == OTHER_MUSCLE ? "other" : NULL;
    }
  else if (selected > 0)
    {
      organ = "muscle";
      muscle = g_ptr_array_index (self->scan_muscles, selected - 1);
    }
  nmd_explanation_session_state_scan (self->explanation, organ, muscle);
}

static void
on_model_choice (NmdExplainFacts *self)
{
  const char *const organs[] = { NULL, "muscle", "breast", "other" };
  guint selected = gtk_drop_down_get_selected (self->model_choice);

  if (self->setting || selected >= G_N_ELEMENTS (organs))
    return;
  nmd_explanation_session_state_model (
      self->explanation, organs[selected],
      selected == MODEL_MUSCLE ? gtk_editable_get_text (GTK_EDITABLE (self->muscles))
                               : NULL);
}

static void
on_muscles (NmdExplainFacts *self)
{
  if (self->setting || self->explanation == NULL)
    return;
  const NmdStatedFacts *stated = nmd_explanation_session_get_stated (self->explanation);
  nmd_explanation_session_state_model (
      self->explanation, stated->model_organ,
      gtk_editable_get_text (GTK_EDITABLE (self->muscles)));
}

/* As it is stated, of the run that scores now and also on the other page. */
static void
show_muscles (NmdExplainFacts *self)
{
  if (self->explanation == NULL)
    return;
  const NmdStatedFacts *stated = nmd_explanation_session_get_stated (self->explanation);
  const char *text = stated->model_muscles != NULL ? stated->model_muscles : "";

  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->muscles)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->muscles), text);
}

static void
show_muscles_unless_typed (NmdExplainFacts *self)
{
  if ((gtk_widget_get_state_flags (GTK_WIDGET (self->muscles))
       & GTK_STATE_FLAG_FOCUS_WITHIN)
      == 0)
    show_muscles (self);
}

/* What has to be said, and what has been: that can be changed. */
static void
show_questions (NmdExplainFacts *self, const NmdExplanation *answer)
{
  const NmdStatedFacts *stated = nmd_explanation_session_get_stated (self->explanation);
  guint missing = answer != NULL ? answer->verdict.missing : 0;
  gboolean scan = (missing & (NMD_MISSING_SCAN_ORGAN | NMD_MISSING_SCAN_MUSCLE)) != 0;
  gboolean model = (missing & NMD_MISSING_MODEL_ORGAN) != 0;
  gboolean muscles = (missing & NMD_MISSING_MODEL_MUSCLES) != 0;

  if (answer == NULL)
    return;
  gtk_widget_set_visible (self->scan_box, scan || stated->organ != NULL);
  gtk_widget_set_visible (self->model_box, model || stated->model_organ != NULL);
  gtk_widget_set_visible (self->muscles_box, muscles || stated->model_muscles != NULL);
  show_scan_choice (self);
  self->setting = TRUE;
  gtk_drop_down_set_selected (
      self->model_choice, stated->model_organ == NULL                   ? MODEL_NOT_STATED
                          : g_str_equal (stated->model_organ, "muscle") ? MODEL_MUSCLE
                          : g_str_equal (stated->model_organ, "breast") ? MODEL_BREAST
                                                                        : MODEL_OTHER);
  self->setting = FALSE;
}

/* What it says */

/* A question was or will be put to the network: there is an outline, or the model needs none. */
static gboolean
can_ask (NmdExplainFacts *self, const NmdExplanation *answer)
{
  return self->scan->mask != NULL || (answer != NULL && answer->verdict.is_whole_frame);
}

static char *
no_score_text (NmdExplainFacts *self, const NmdExplanation *answer)
{
  gboolean has_runs
      = g_list_model_get_n_items (nmd_runs_session_get_runs (self->runs)) > 0;

  if (nmd_runs_session_get_model (self->runs) == NULL)
    {
      if (nmd_runs_session_get_run (self->runs) != NULL)
        return g_strdup (
            _ ("No score: the model of the chosen run is not read yet, or missing."));
      if (nmd_runs_session_is_in_training (self->runs))
        return g_strdup (_ ("No score yet: a network is being trained. Outline and echo "
                            "intensity need none."));
      return g_strdup (
          has_runs
              ? _ ("No score: no run is chosen. Outline and echo intensity need none.")
              : _ ("No score: there is no trained model. Outline and echo "
                   "intensity need none."));
    }
  if (!can_ask (self, answer))
    return g_strdup (_ ("No score: this scan has no outline yet. Draw a box or a "
                        "polygon, or open its mask."));
  if (answer != NULL && answer->verdict.reason != NULL)
    /* Translators: the placeholder is the reason */
    return g_strdup_printf (_ ("No score: %s."), answer->verdict.reason);
  return g_strdup ("…");
}

static void
show_score (NmdExplainFacts *self, const NmdExplanation *answer)
{
  g_autofree char *score = NULL;
  g_autofree char *note = NULL;

  if (nmd_runs_session_get_model (self->runs) != NULL && can_ask (self, answer)
      && nmd_explanation_session_may_show (self->explanation, answer))
    {
      const NmdModel *model = nmd_runs_session_get_model (self->runs);
      g_autofree char *open
          = nmd_conformal_get_open (&nmd_model_get_passport (model)->conformal,
                                    nmd_model_call (model, answer->map->score));

      score = g_strdup_printf ("%.2f", answer->map->score);
      /* Translators: the score's class; a score is no probability */
      note = g_strdup_printf (
          _ ("score for “%s”, from 0 to 1; not a probability of disease"),
          nmd_explanation_session_get_class (self->explanation, 1));
      if (open != NULL)
        {
          char *both = g_strdup_printf ("%s.\n%s", open, note);

          g_free (note);
          note = both;
        }
    }
  else
    note = no_score_text (self, answer);
  gtk_label_set_text (self->score, score != NULL ? score : "");
  gtk_widget_set_visible (GTK_WIDGET (self->score), score != NULL);
  gtk_label_set_text (self->score_note, note);
}

static char *
fit_text (const NmdExplanation *answer)
{
  if (answer == NULL)
    return g_strdup ("…");
  if (answer->verdict.fit == NMD_FIT_YES && answer->verdict.is_whole_frame)
    return g_strdup (_ ("The scan fits the model, which learned from whole frames"));
  if (answer->verdict.fit == NMD_FIT_YES)
    return g_strdup (_ ("The scan fits the model"));
  if (answer->verdict.fit == NMD_FIT_NO)
    return g_strdup_printf (_ ("Does not fit: %s"), answer->verdict.reason);
  return answer->verdict.reason != NULL
             ? g_strdup_printf (_ ("Cannot be judged: %s"), answer->verdict.reason)
             : g_strdup (_ ("Cannot be judged: too little is known of this scan"));
}

static void
show_fit (NmdExplainFacts *self, const NmdExplanation *answer)
{
  /* Without an outline no question was put, so there is nothing to show anyway. */
  gboolean asked
      = can_ask (self, answer) && nmd_runs_session_get_model (self->runs) != NULL;
  gboolean refused = asked && answer != NULL && !answer->verdict.is_scored;
  gboolean shown = nmd_explanation_session_may_show (self->explanation, answer);
  g_autofree char *text = fit_text (answer);
  GtkWidget *fit = GTK_WIDGET (self->fit);

  gtk_widget_set_visible (self->override_row, refused);
  gtk_widget_set_visible (
      GTK_WIDGET (self->not_meaningful),
      nmd_explanation_session_is_meaningless (self->explanation, answer));
  /* Where no score is shown for it, the reason stands in the score's place already. */
  gtk_widget_set_visible (fit, asked && (shown || !refused));
  gtk_label_set_text (self->fit, text);
  gtk_widget_remove_css_class (fit, "warning");
  gtk_widget_remove_css_class (fit, "success");
  if (answer != NULL)
    gtk_widget_add_css_class (fit,
                              answer->verdict.fit == NMD_FIT_YES ? "success" : "warning");
}

static void
show_shares (NmdExplainFacts *self, const NmdExplanation *answer)
{
  gboolean shown = nmd_explanation_session_may_show (self->explanation, answer);
  const NmdMap *map = shown ? answer->map : NULL;
  g_autofree char *text = NULL;

  if (map == NULL || isnan (map->inside))
    text = g_strdup ("–");
  else
    {
      int percents[3];

      nmd_map_get_percents (map, percents);
      /* Translators: shares of a heat map inside the outline, on its edge, outside */
      text = g_strdup_printf (_ ("inside %d %% · edge %d %%\noutside %d %%"), percents[0],
                              percents[1], percents[2]);
    }
  gtk_label_set_text (self->shares, text);
  gtk_widget_set_visible (
      self->shares_box, nmd_runs_session_get_model (self->runs) != NULL && !self->brief);
}

/* "" unless the scan is brighter or darker than nearly all that the model was trained on. */
static const char *
grey_note (NmdExplainFacts *self)
{
  NmdModel *model = nmd_runs_session_get_model (self->runs);
  int place = model != NULL && self->scan->echo.n > 0 ? nmd_passport_place_grey (
                  nmd_model_get_passport (model), self->scan->echo.mean)
                                                      : 0;

  return place > 0 ? /* xgettext:no-c-format */ _ (
             "brighter than 99 % of the training scans; machine or gain may "
             "differ")
         : place < 0 ? /* xgettext:no-c-format */ _ (
               "darker than 99 % of the training scans; machine or gain may "
               "differ")
                     : "";
}

static void
show_echo (NmdExplainFacts *self)
{
  NmdScan *scan = self->scan;
  g_autofree char *echo = scan->echo.n > 0
                              ? g_strdup_printf (_ ("%.1f ± %.1f grey levels"),
                                                 scan->echo.mean, scan->echo.sd)
                              : g_strdup (_ ("none without an outline"));
  /* Whatever changes the number stands beside it. */
  g_autofree char *problems = nmd_problems_to_text (
      scan->problems
      & (NMD_PROBLEM_COLOURED | NMD_PROBLEM_LOSSY | NMD_PROBLEM_BLACK
         | NMD_PROBLEM_SATURATED | NMD_PROBLEM_CONSTANT));

  const char *note = grey_note (self);
  g_autofree char *flags = g_strconcat (
      problems, *problems != '\0' && *note != '\0' ? "\n" : "", note, NULL);

  gtk_label_set_text (self->echo, echo);
  gtk_label_set_text (self->flags, flags);
  gtk_widget_set_visible (GTK_WIDGET (self->flags), *flags != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->histogram), scan->echo.n > 0);
  gtk_widget_queue_draw (GTK_WIDGET (self->histogram));
  nmd_plot_area_set_text (self->histogram, echo);
}

static void
show_truth (NmdExplainFacts *self, const NmdExplanation *answer)
{
  NmdScan *scan = self->scan;
  gboolean known
      = scan->sample != NULL || (answer != NULL && answer->verdict.in_data_set);
  const char *word = scan->sample != NULL ? scan->sample->label_word : _ ("unknown");
  g_autofree char *truth = NULL;

  if (known && nmd_runs_session_get_model (self->runs) != NULL)
    truth = g_strdup_printf (
        "%s · %s", word,
        nmd_explanation_session_get_part (self->explanation, scan, answer));
  else if (scan->sample != NULL)
    truth = g_strdup (word);
  else
    truth = g_strdup (scan->source == NMD_ROI_DRAWN ? _ ("unknown; outline drawn here")
                      : scan->source == NMD_ROI_MASK
                          ? _ ("unknown; outline from a mask file")
                          : word);
  gtk_label_set_text (self->truth, truth);
}

/* Grey levels inside the outline. */
static void
draw_histogram (cairo_t *cr,
                const NmdRect *rect,
                const NmdPlotStyle *style,
                gpointer data)
{
  NmdExplainFacts *self = data;
  NmdHistogramPlot plot = NMD_HISTOGRAM_PLOT_INIT;

  if (self->scan == NULL || self->scan->echo.n == 0)
    return;
  plot.counts = self->scan->echo.histogram;
  plot.n = 256;
  plot.mean = self->scan->echo.mean;
  nmd_plot_histogram (cr, &plot, rect, style);
}

void
nmd_explain_facts_show (NmdExplainFacts *self,
                        NmdScan *scan,
                        const NmdExplanation *answer)
{
  g_return_if_fail (NMD_IS_EXPLAIN_FACTS (self) && NMD_IS_SCAN (scan));

  g_set_object (&self->scan, scan);
  if (nmd_runs_session_get_model (self->runs) == NULL)
    {
      gtk_widget_set_visible (self->scan_box, FALSE);
      gtk_widget_set_visible (self->model_box, FALSE);
      gtk_widget_set_visible (self->muscles_box, FALSE);
    }
  show_echo (self);
  show_truth (self, answer);
  show_score (self, answer);
  show_fit (self, answer);
  show_questions (self, answer);
  show_shares (self, answer);
}

static void
on_in_training (NmdExplainFacts *self)
{
  if (self->scan != NULL && nmd_runs_session_get_model (self->runs) == NULL)
    show_score (self, NULL);
}

void
nmd_explain_facts_set_brief (NmdExplainFacts *self)
{
  g_return_if_fail (NMD_IS_EXPLAIN_FACTS (self));
  self->brief = TRUE;
  gtk_widget_set_visible (self->truth_title, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->truth), FALSE);
  gtk_widget_set_visible (self->shares_box, FALSE);
}

void
nmd_explain_facts_set_session (NmdExplainFacts *self,
                               NmdRunsSession *runs_session,
                               NmdExplanationSession *explanation_session)
{
  g_return_if_fail (NMD_IS_EXPLAIN_FACTS (self) && self->runs == NULL);

  self->runs = g_object_ref (runs_session);
  self->explanation = g_object_ref (explanation_session);
  g_signal_connect_object (runs_session, "notify::in-training",
                           G_CALLBACK (on_in_training), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::run", G_CALLBACK (show_muscles), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation_session, "stated-changed",
                           G_CALLBACK (show_muscles_unless_typed), self,
                           G_CONNECT_SWAPPED);
  g_object_bind_property (explanation_session, "override", self->override_switch,
                          "active", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
}

static void
nmd_explain_facts_dispose (GObject *object)
{
  NmdExplainFacts *self = NMD_EXPLAIN_FACTS (object);

  self->setting = TRUE;
  g_clear_object (&self->runs);
  g_clear_object (&self->explanation);
  g_clear_object (&self->scan);
  g_clear_pointer (&self->scan_muscles, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_EXPLAIN_FACTS);
  G_OBJECT_CLASS (nmd_explain_facts_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdExplainFacts, child)

static void
nmd_explain_facts_class_init (NmdExplainFactsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_explain_facts_dispose;
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-explain-facts.ui");
  BIND (not_meaningful);
  BIND (score);
  BIND (score_note);
  BIND (fit);
  BIND (scan_box);
  BIND (scan_choice);
  BIND (model_box);
  BIND (model_choice);
  BIND (muscles_box);
  BIND (muscles);
  BIND (override_row);
  BIND (override_switch);
  BIND (echo);
  BIND (flags);
  BIND (histogram);
  BIND (truth_title);
  BIND (truth);
  BIND (shares_box);
  BIND (shares);
}

static void
nmd_explain_facts_init (NmdExplainFacts *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  nmd_plot_area_set_func (self->histogram, draw_histogram, self);
  g_signal_connect_swapped (self->scan_choice, "notify::selected",
                            G_CALLBACK (on_scan_choice), self);
  g_signal_connect_swapped (self->model_choice, "notify::selected",
                            G_CALLBACK (on_model_choice), self);
  g_signal_connect_swapped (self->muscles, "activate", G_CALLBACK (on_muscles), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_muscles), self);
  gtk_widget_add_controller (GTK_WIDGET (self->muscles), focus);
}
