/* SPDX-License-Identifier: Apache-2.0
 *
 * Plots on the left, tables and sentences on the right. All numbers are engine/eval's.
 */
#include "ui/pages/nmd-evidence-pane.h"

#include "ui/dialogs/nmd-export-menu.h"
#include "ui/session/nmd-result-words.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdEvidencePane
{
  GtkBox parent_instance;

  GtkWidget *plots, *scroller;
  NmdPlotArea *first, *second;
  GtkBox *column; /* made anew for each results */

  NmdEvidenceKind kind;
  const NmdRunResults *results;
  gboolean is_filled; /* with those results */
  char *classes[2];
  NmdDataSession *data; /* (nullable) */
  NmdScanSession *scan; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (NmdEvidencePane, nmd_evidence_pane, GTK_TYPE_BOX)

/* Building blocks */

static GtkWidget *
add_label (NmdEvidencePane *self, const char *text, const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  gtk_box_append (self->column, label);
  return label;
}

static void
add_heading (NmdEvidencePane *self, const char *text)
{
  GtkWidget *label = add_label (self, text, "heading");

  if (gtk_widget_get_prev_sibling (label) != NULL)
    gtk_widget_set_margin_top (label, 12);
}

static void
add_text (NmdEvidencePane *self, const char *text)
{
  if (text != NULL)
    add_label (self, text, NULL);
}

static void
add_note (NmdEvidencePane *self, const char *text)
{
  gtk_widget_add_css_class (add_label (self, text, "caption"), "dim-label");
}

/* Of files. */
static const char *const kind_names[]
    = { "rivals", "calibration", "usefulness", "limits" };

static NmdFactTable *
add_table (NmdEvidencePane *self)
{
  GtkWidget *table = nmd_fact_table_new ();

  gtk_box_append (self->column, table);
  if (self->data != NULL)
    nmd_export_menu_attach (table, kind_names[self->kind], self->data, self->scan);
  return NMD_FACT_TABLE (table);
}

/* "0.61 [0.52, 0.70]"; without an interval the number alone. */
static char *
with_interval (double value, const NmdInterval *ci, int digits)
{
  g_autofree char *number = nmd_format_number (value, digits);
  g_autofree char *interval = nmd_format_interval (ci->low, ci->high);

  return *interval != '\0' ? g_strdup_printf ("%s %s", number, interval)
                           : g_strdup (number);
}

/* A p is never 0. */
static char *
format_p (double p)
{
  if (p < 0.0005)
    {
      g_autofree char *least = nmd_format_number (0.001, 3);
      return g_strdup_printf ("< %s", least);
    }
  return nmd_format_number (p, 3);
}

static char *
format_percent (double share)
{
  /* Translators: a share, as in "5 %" */
  return g_strdup_printf (_ ("%.0f %%"), 100 * share);
}

/* Rivals */

static const char *
rival_title (const char *title)
{
  const char *const names[][2] = {
    { "mask area", _ ("Mask area") },
    { "texture", _ ("Texture") },
    { "echo intensity, muscle, age, sex, height and weight",
      _ ("Echo intensity, muscle, age, sex, height and weight") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (title, names[i][0]) == 0)
      return names[i][1];
  return title;
}

static void
add_rival (NmdFactTable *table,
           const char *title,
           const NmdComparison *comparison,
           double p_holm)
{
  g_autofree char *auc
      = with_interval (comparison->auc.value, &comparison->auc.ci_subject, 2);
  g_autofree char *network = nmd_format_number (comparison->network_auc.value, 2);
  g_autofree char *difference = with_interval (comparison->difference.value,
                                               &comparison->difference.ci_subject, 2);
  g_autofree char *p = format_p (comparison->delong.p);
  g_autofree char *holm = format_p (p_holm);
  g_autofree char *missing = nmd_words_of_missing (&comparison->difference);

  nmd_fact_table_add (table, title, auc, network, difference, p, holm, NULL);
  nmd_fact_table_explain (table, missing);
}

static void
fill_rivals (NmdEvidencePane *self)
{
  const NmdRunResults *r = self->results;
  const NmdEvalResults *from = r->evidence;
  guint n = from->rivals != NULL ? from->rivals->len : 0;

  add_heading (self, _ ("The network and what is known without one"));
  if (from->has_rival || n > 0)
    {
      NmdFactTable *table = add_table (self);
      nmd_fact_table_reset (table, _ ("Rival"), _ ("AUC"), _ ("Network"),
                            /* Translators: of two AUCs */
                            _ ("Difference"),
                            /* Translators: the p of DeLong's test, a name */
                            _ ("DeLong’s p"),
                            /* Translators: p corrected for several comparisons by Holm */
                            _ ("after Holm"), NULL);
      if (from->has_rival)
        add_rival (table, _ ("Echo intensity alone"), &from->comparison,
                   from->rival_p_holm);
      for (guint i = 0; i < n; i++)
        {
          const NmdRivalRow *row = &g_array_index (from->rivals, NmdRivalRow, i);
          add_rival (table, rival_title (row->title), &row->comparison, row->p_holm);
        }
      add_note (self,
                /* xgettext:no-c-format */ _ (
                    "Difference: network less rival on the same images. Brackets: "
                    "95 % intervals by subject; DeLong’s test has a row a subject. "
                    "Several rivals are several chances to find a difference: Holm’s "
                    "correction counts them."));
    }
  else if (from->rival_missing != NULL)
    add_text (self, nmd_words_of_note (from->rival_missing));
  if (n == 0)
    add_note (
        self,
        r->evidence == r->shown
            ? _ ("The run’s file has no further rivals: mask area, texture and what "
                 "is known of the person are compared when images are scored.")
            : _ ("Further rivals are in the run’s file for the evaluated part "
                 "only."));
}

/* Calibration */

static void
add_reliability (NmdFactTable *table,
                 const char *title,
                 double score,
                 double probability,
                 gboolean calibrated,
                 int digits)
{
  g_autofree char *raw = nmd_format_number (score, digits);
  g_autofree char *fitted = nmd_format_number (probability, digits);

  nmd_fact_table_add (table, title, raw, calibrated ? fitted : NULL, NULL);
}

static void
fill_calibration (NmdEvidencePane *self)
{
  const NmdEvalResults *from = self->results->evidence;
  const gboolean calibrated = from->is_calibrated;
  const NmdReliability *raw = &from->raw, *fitted = &from->calibrated;
  NmdFactTable *table = NULL;

  add_heading (self, _ ("Do the numbers mean what they say?"));
  table = add_table (self);
  nmd_fact_table_reset (table, "", _ ("Score"), calibrated ? _ ("Probability") : NULL,
                        NULL);
  add_reliability (table, _ ("Slope (1 is right)"), raw->slope, fitted->slope, calibrated,
                   2);
  add_reliability (table, _ ("Intercept (0 is right)"), raw->intercept, fitted->intercept,
                   calibrated, 2);
  g_autofree char *ece = g_strdup_printf (
      /* Translators: of a share of images, in so many classes of score */
      ngettext ("Expected calibration error, %d bin",
                "Expected calibration error, %d bins", NMD_RELIABILITY_BINS),
      NMD_RELIABILITY_BINS);
  add_reliability (table, ece, raw->ece, fitted->ece, calibrated, 3);
  add_reliability (table, _ ("Brier score"), raw->brier, fitted->brier, calibrated, 3);
  if (!calibrated)
    {
      g_autofree char *text = g_strdup_printf (
          /* Translators: the placeholder is the reason */
          _ ("Not calibrated: %s. A score is no probability."),
          from->calibration_missing != NULL
              ? nmd_words_of_note (from->calibration_missing)
              : _ ("the run’s file has no calibration"));
      add_text (self, text);
      return;
    }
  const NmdCalibration *c = &from->calibration;
  g_autofree char *temperature = nmd_format_number (c->temperature, 3);
  g_autofree char *intercept = nmd_format_number (c->intercept, 3);
  g_autofree char *how = g_strdup_printf (
      _ ("Fitted on the validation part (%u images of %u subjects): temperature %s, "
         "intercept %s."),
      c->n_images, c->n_subjects, temperature, intercept);
  add_text (self, how);
  if (c->prevalence > 0)
    {
      g_autofree char *at = g_strdup_printf (
          _ ("A probability at %.0f %% prevalence, that of the validation part; it is "
             "another one where positives are more or less frequent."),
          100 * c->prevalence);
      add_text (self, at);
    }
}

static void
draw_reliability_of_scores (cairo_t *cr,
                            const NmdRect *rect,
                            const NmdPlotStyle *style,
                            gpointer data)
{
  NmdEvidencePane *self = data;

  nmd_plot_reliability (cr, _ ("Score, not calibrated"), _ ("score"),
                        self->results != NULL ? self->results->scores : NULL, rect,
                        style);
}

static void
draw_reliability_of_probabilities (cairo_t *cr,
                                   const NmdRect *rect,
                                   const NmdPlotStyle *style,
                                   gpointer data)
{
  NmdEvidencePane *self = data;

  nmd_plot_reliability (cr, _ ("Calibrated probability"), _ ("probability"),
                        self->results != NULL ? self->results->probabilities : NULL, rect,
                        style);
}

/* Usefulness */

static void
draw_decision (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdEvidencePane *self = data;
  NmdDecisionPlot plot = NMD_DECISION_PLOT_INIT;

  plot.title = _ ("Decision curve: net benefit");
  plot.x_title = _ ("threshold probability");
  plot.model_title = _ ("network");
  /* Translators: the two ends of an interval, in a legend: "95 % from", "to"
     xgettext:no-c-format */
  plot.low_title = _ ("95 % from");
  /* Translators: the upper end of an interval, in a legend */
  plot.high_title = _ ("to");
  plot.all_title = _ ("everybody");
  plot.none_title = _ ("nobody");
  plot.empty = _ ("No calibrated probability, so no decision curve");
  if (self->results != NULL && self->results->evidence->has_decision)
    plot.curve = &self->results->evidence->decision;
  nmd_plot_decision (cr, &plot, rect, style);
}

static char *
describe_sure (const NmdDecisionCurve *curve)
{
  double low, high;

  if (!nmd_decision_curve_find_sure (curve, &low, &high))
    /* xgettext:no-c-format */
    return g_strdup (_ ("By the lower end of its 95 % interval it is so at none."));
  g_autofree char *from = nmd_format_number (low, 2);
  g_autofree char *to = nmd_format_number (high, 2);
  return g_strdup_printf (
      /* Translators: two probabilities */
      _ ("By the lower end of its 95 %% interval it is so from %s to %s."), from, to);
}

/* As decision_text of #NmdEvalResults. */
static char *
describe_decision (const NmdDecisionCurve *curve)
{
  if (isnan (curve->useful_from))
    return g_strdup (_ ("At no threshold probability better than calling everybody or "
                        "nobody positive."));
  g_autofree char *from = nmd_format_number (curve->useful_from, 2);
  g_autofree char *to = nmd_format_number (curve->useful_to, 2);
  g_autofree char *better = g_strdup_printf (
      /* Translators: two probabilities, and the share of positives */
      _ ("Better than calling everybody or nobody positive at threshold probabilities "
         "from %s to %s, at %.0f %% prevalence."),
      from, to, 100 * curve->prevalence);
  if (isnan (curve->low[0])) /* too few subjects for an interval */
    return g_steal_pointer (&better);
  g_autofree char *sure = describe_sure (curve);
  return g_strjoin (" ", better, sure, NULL);
}

static void
fill_usefulness (NmdEvidencePane *self)
{
  const NmdRunResults *r = self->results;
  const NmdEvalResults *from = r->is_stored ? r->shown : r->all;
  NmdFactTable *table = NULL;

  add_heading (self, _ ("What a call is worth elsewhere"));
  if (from->has_predictive)
    {
      g_autofree char *threshold = nmd_format_number (r->threshold, 3);
      table = add_table (self);
      nmd_fact_table_reset (table, /* Translators: share of positives */ _ ("Prevalence"),
                            _ ("PPV"), _ ("NPV"), NULL);
      for (guint i = 0; i < NMD_N_PREVALENCES; i++)
        {
          const NmdPredictiveValues *values = &from->predictive[i];
          g_autofree char *prevalence = format_percent (values->prevalence);
          g_autofree char *ppv = with_interval (values->ppv, &values->ppv_ci, 2);
          g_autofree char *npv = with_interval (values->npv, &values->npv_ci, 2);
          nmd_fact_table_add (table, prevalence, ppv, npv, NULL);
        }
      g_autofree char *note = g_strdup_printf (
          _ ("Sensitivity and specificity at threshold %s, by image, carried to other "
             "shares of positives; 95 %% intervals by subject."),
          threshold);
      add_note (self, note);
    }
  else
    add_note (self, _ ("The run’s file has no predictive values."));
  add_heading (self, _ ("Decision curve"));
  if (r->evidence->has_decision)
    {
      g_autofree char *text = describe_decision (&r->evidence->decision);
      add_text (self, text);
    }
  else
    add_text (self, _ ("A decision curve needs calibrated probabilities; the page "
                       "Calibration says what is missing."));
}

/* Limits */

static char *
format_needed (double n)
{
  return isfinite (n) ? nmd_format_count ((gint64)n) : g_strdup ("–");
}

static void
fill_sample_size (NmdEvidencePane *self)
{
  const NmdEvalResults *from = self->results->evidence;
  const NmdSampleSize *size = &from->sample_size;

  add_heading (self, _ ("Are there enough subjects?"));
  if (from->sample_size_text == NULL)
    {
      add_note (self, _ ("The run’s file says nothing about the number of subjects."));
      return;
    }
  NmdFactTable *table = add_table (self);
  g_autofree char *auc = format_needed (size->n_auc), *oe = format_needed (size->n_oe),
                  *slope = format_needed (size->n_slope),
                  *here = nmd_format_count (size->n_here);
  nmd_fact_table_reset (table, _ ("To measure"), _ ("Subjects needed"), _ ("Here"), NULL);
  nmd_fact_table_add (
      table, /* xgettext:no-c-format */ _ ("an AUC to 0.1 (width of the 95 % interval)"),
      auc, here, NULL);
  nmd_fact_table_add (table, _ ("observed over expected positives to 0.2"), oe, here,
                      NULL);
  nmd_fact_table_add (table, _ ("a calibration slope to 0.4"), slope, here, NULL);
  g_autofree char *note = g_strdup_printf (
      /* Translators: a source, and the share of positive subjects */
      _ ("After Riley and others 2021, at %.0f %% positive subjects."),
      100 * size->prevalence);
  add_note (self, note);
}

/* As nmd_conformal_to_text(); what a class kept stands in the table. */
static char *
describe_coverage (const NmdConformal *conformal, const NmdCoverage *coverage)
{
  const guint *n = conformal->n_subjects;

  if (isnan (conformal->limit[0]) || isnan (conformal->limit[1]))
    return g_strdup_printf (
        _ ("No promise of what can be judged: %u positive and %u negative validation "
           "subjects are too few for %.0f %%."),
        n[1], n[0], 100 * conformal->level);
  return g_strdup_printf (
      _ ("%u of %u images cannot be judged, by limits from %u positive and %u negative "
         "validation subjects; %u of the %u judged are called right."),
      coverage->n_open, coverage->n_images, n[1], n[0], coverage->n_right,
      coverage->n_images - coverage->n_open);
}

static void
fill_coverage (NmdEvidencePane *self)
{
  const NmdEvalResults *from = self->results->evidence;
  const NmdCoverage *coverage = &from->coverage;

  add_heading (self, _ ("Cannot be judged"));
  if (!from->has_conformal)
    {
      add_note (self,
                _ ("No promise: limits come from the validation part and are looked "
                   "after on another one."));
      return;
    }
  g_autofree char *text = describe_coverage (&from->conformal, coverage);
  add_text (self, text);
  if (isnan (from->conformal.limit[0]) || isnan (from->conformal.limit[1]))
    return;
  NmdFactTable *table = add_table (self);
  nmd_fact_table_reset (
      table, _ ("Class"),
      /* Translators: share of images whose true class stayed possible */
      _ ("True class kept"), _ ("Promised"), NULL);
  for (int i = 1; i >= 0; i--)
    {
      g_autofree char *kept
          /* Translators: a share with its 95 % interval, in percent */
          = g_strdup_printf (_ ("%.0f %% [%.0f, %.0f]"), 100 * coverage->covered[i],
                             100 * coverage->ci[i].low, 100 * coverage->ci[i].high);
      g_autofree char *level = format_percent (from->conformal.level);
      nmd_fact_table_add (table, self->classes[i], kept, level, NULL);
    }
}

static void
fill_units (NmdEvidencePane *self)
{
  const NmdRunResults *r = self->results;
  const NmdEvalResults *from = r->is_stored ? r->shown : r->all;
  const struct
  {
    const char *title;
    const NmdMetrics *metrics;
    gboolean there;
  } units[] = {
    { _ ("Image"), &from->by_image, TRUE },
    { _ ("Muscle of a subject"), &from->by_muscle, from->has_by_muscle },
    { _ ("Subject"), &from->by_subject, from->has_by_subject },
  };

  add_heading (self, _ ("What a row is"));
  NmdFactTable *table = add_table (self);
  nmd_fact_table_reset (table, _ ("A row for each"), _ ("Rows"), _ ("AUC"),
                        _ ("Sensitivity"), _ ("Specificity"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (units[i].there)
      {
        const NmdMetrics *m = units[i].metrics;
        g_autofree char *rows = nmd_format_count (m->n_images);
        g_autofree char *auc = with_interval (m->auc.value, &m->auc.ci_subject, 2);
        g_autofree char *sensitivity = nmd_format_number (m->sensitivity.value, 2);
        g_autofree char *specificity = nmd_format_number (m->specificity.value, 2);
        nmd_fact_table_add (table, units[i].title, rows, auc, sensitivity, specificity,
                            NULL);
      }
}

static void
fill_limits (NmdEvidencePane *self)
{
  fill_sample_size (self);
  fill_coverage (self);
  fill_units (self);
  if (self->results->notes[0] != NULL)
    add_heading (self, _ ("What has to stand beside the numbers"));
  for (guint i = 0; self->results->notes[i] != NULL; i++)
    add_text (self, nmd_words_of_note (self->results->notes[i]));
}

/* Showing */

static void
describe_plots (NmdEvidencePane *self)
{
  const NmdEvalResults *from = self->results->evidence;
  g_autofree char *first = NULL, *second = NULL;

  if (self->kind == NMD_EVIDENCE_USEFULNESS)
    {
      first = from->has_decision ? describe_decision (&from->decision)
                                 : g_strdup (_ ("No decision curve"));
      nmd_plot_area_set_text (self->first, first);
      return;
    }
  if (self->kind != NMD_EVIDENCE_CALIBRATION)
    return;
  /* Translators: a plot in words; slope, expected calibration error */
  first = g_strdup_printf (_ ("Reliability of the score: slope %.2f, ECE %.3f"),
                           from->raw.slope, from->raw.ece);
  second = g_strdup_printf (_ ("Reliability of the probability: slope %.2f, ECE %.3f"),
                            from->calibrated.slope, from->calibrated.ece);
  nmd_plot_area_set_text (self->first, first);
  nmd_plot_area_set_text (self->second, second);
}

/* The tables are made when they are seen: moving the threshold brings new results many times a second. */
static void
fill_if_seen (NmdEvidencePane *self)
{
  static void (*const fill[]) (NmdEvidencePane *)
      = { fill_rivals, fill_calibration, fill_usefulness, fill_limits };

  if (self->is_filled || self->results == NULL
      || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->is_filled = TRUE;
  fill[self->kind](self);
  describe_plots (self);
}

void
nmd_evidence_pane_show (NmdEvidencePane *self,
                        const NmdRunResults *results,
                        const char *const classes[2])
{
  GtkWidget *child = NULL;

  g_return_if_fail (NMD_IS_EVIDENCE_PANE (self));
  self->results = results;
  self->is_filled = FALSE;
  for (int i = 0; i < 2; i++)
    {
      g_free (self->classes[i]);
      self->classes[i] = g_strdup (classes[i]);
    }
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->column))) != NULL)
    gtk_box_remove (self->column, child);
  if (results == NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->second),
                          self->kind == NMD_EVIDENCE_CALIBRATION
                              && results->probabilities != NULL);
  fill_if_seen (self);
  gtk_widget_queue_draw (GTK_WIDGET (self->first));
  gtk_widget_queue_draw (GTK_WIDGET (self->second));
}

void
nmd_evidence_pane_set_session (NmdEvidencePane *self,
                               NmdDataSession *data,
                               NmdScanSession *scan)
{
  g_return_if_fail (NMD_IS_EVIDENCE_PANE (self) && self->data == NULL);
  self->data = g_object_ref (data);
  self->scan = g_object_ref (scan);
  nmd_export_menu_attach (GTK_WIDGET (self->first), kind_names[self->kind], data, scan);
  nmd_export_menu_attach (GTK_WIDGET (self->second), "probability", data, scan);
}

void
nmd_evidence_pane_set_note (NmdEvidencePane *self, const char *sign, const char *caption)
{
  g_return_if_fail (NMD_IS_EVIDENCE_PANE (self));
  nmd_plot_area_set_note (self->first, sign, caption);
  nmd_plot_area_set_note (self->second, sign, caption);
}

void
nmd_evidence_pane_set_kind (NmdEvidencePane *self, NmdEvidenceKind kind)
{
  g_return_if_fail (NMD_IS_EVIDENCE_PANE (self));
  self->kind = kind;
  gtk_widget_set_visible (self->plots, kind == NMD_EVIDENCE_CALIBRATION
                                           || kind == NMD_EVIDENCE_USEFULNESS);
  /* Beside plots the words take what they need. */
  gtk_widget_set_hexpand (self->scroller, !gtk_widget_get_visible (self->plots));
  nmd_plot_area_set_func (
      self->first,
      kind == NMD_EVIDENCE_USEFULNESS ? draw_decision : draw_reliability_of_scores, self);
  nmd_plot_area_set_func (self->second, draw_reliability_of_probabilities, self);
}

static void
nmd_evidence_pane_finalize (GObject *object)
{
  NmdEvidencePane *self = NMD_EVIDENCE_PANE (object);

  g_free (self->classes[0]);
  g_free (self->classes[1]);
  g_clear_object (&self->data);
  g_clear_object (&self->scan);
  G_OBJECT_CLASS (nmd_evidence_pane_parent_class)->finalize (object);
}

static void
nmd_evidence_pane_class_init (NmdEvidencePaneClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_evidence_pane_finalize;
}

static void
nmd_evidence_pane_init (NmdEvidencePane *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->plots = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->first = g_object_new (NMD_TYPE_PLOT_AREA, "vexpand", TRUE, NULL);
  self->second = g_object_new (NMD_TYPE_PLOT_AREA, "vexpand", TRUE, NULL);
  self->column = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gtk_box_set_homogeneous (GTK_BOX (self->plots), TRUE);
  gtk_widget_set_hexpand (self->plots, TRUE);
  gtk_box_set_spacing (GTK_BOX (self), 18);
  gtk_box_append (GTK_BOX (self->plots), GTK_WIDGET (self->first));
  gtk_box_append (GTK_BOX (self->plots), GTK_WIDGET (self->second));
  gtk_box_append (GTK_BOX (self), self->plots);
  gtk_widget_set_margin_end (GTK_WIDGET (self->column), 12);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller),
                                 GTK_WIDGET (self->column));
  /* As wide as its widest table is in the language of the window. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scroller, 310, -1);
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  self->scroller = scroller;
  gtk_box_append (GTK_BOX (self), scroller);
  g_signal_connect (self, "map", G_CALLBACK (fill_if_seen), NULL);
}
