/* SPDX-License-Identifier: Apache-2.0
 *
 * The card's sections on results and rivals. Numbers are those of metrics.json; those of
 * subgroups are computed from predictions.csv by the same functions.
 */
#include "config.h"

#include "engine/report/nmd-run-card-private.h"

#include "engine/core/nmd-json-value.h"

#include <math.h>

/* A column of the table of measures. */
static void
list_measures (const NmdMetrics *metrics, const NmdMeasure *measures[8])
{
  const NmdMeasure *const all[]
      = { &metrics->auc, &metrics->accuracy, &metrics->sensitivity, &metrics->specificity,
          &metrics->ppv, &metrics->npv,      &metrics->f1,          &metrics->brier };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    measures[i] = all[i];
}

static void
add_measures (NmdDocument *document, const NmdEvalResults *results)
{
  static const char *const names[]
      = { "AUC", "Accuracy", "Sensitivity", "Specificity",
          "PPV", "NPV",      "F1",          "Brier score of the score" };
  const struct
  {
    const char *title;
    const NmdMetrics *metrics;
    gboolean there;
  } units[] = {
    { "A row an image", &results->by_image, TRUE },
    { "A row a muscle of a subject", &results->by_muscle, results->has_by_muscle },
    { "A row a subject", &results->by_subject, results->has_by_subject },
  };
  const char *head[4] = { "Measure" }, *cells[4];
  const NmdMeasure *measures[3][8];
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (units[i].there)
      {
        list_measures (units[i].metrics, measures[n]);
        head[++n] = units[i].title;
      }
  nmd_document_add_table (document, "Measures; 95 % intervals in brackets", n + 1, head);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      char *texts[3] = { NULL };

      cells[0] = names[i];
      for (guint k = 0; k < n; k++)
        cells[k + 1] = texts[k] = nmd_measure_to_text (measures[k][i]);
      nmd_document_add_row (document, cells);
      for (guint k = 0; k < n; k++)
        g_free (texts[k]);
    }
}

/* The cross-tabulation, by image. */
static void
add_matrix (NmdDocument *document, const NmdRunFacts *facts)
{
  const NmdPassport *passport = nmd_run_get_passport (facts->run);
  const NmdMetrics *metrics = &facts->results->by_image;
  g_autofree char *called_positive = g_strdup_printf ("called %s", passport->classes[1]);
  g_autofree char *called_negative = g_strdup_printf ("called %s", passport->classes[0]);
  const char *const head[] = { "True label", called_positive, called_negative };
  const guint counts[2][2]
      = { { metrics->tp, metrics->fn }, { metrics->fp, metrics->tn } };

  nmd_document_add_table (document, "Images by true label and by what they were called",
                          G_N_ELEMENTS (head), head);
  for (int i = 0; i < 2; i++)
    {
      char left[16], right[16];
      const char *const cells[] = { passport->classes[1 - i], left, right };

      g_snprintf (left, sizeof left, "%u", counts[i][0]);
      g_snprintf (right, sizeof right, "%u", counts[i][1]);
      nmd_document_add_row (document, cells);
    }
}

/* One row of a table of AUC, sensitivity and specificity. */
static void
add_short_row (NmdDocument *document, const char *name, const NmdMetrics *metrics)
{
  g_autofree char *images = g_strdup_printf ("%u", metrics->n_images);
  g_autofree char *subjects
      = metrics->has_subjects ? g_strdup_printf ("%u", metrics->n_subjects) : NULL;
  g_autofree char *auc = nmd_measure_to_text (&metrics->auc);
  g_autofree char *sensitivity = nmd_measure_to_text (&metrics->sensitivity);
  g_autofree char *specificity = nmd_measure_to_text (&metrics->specificity);
  const char *const cells[] = { name, images, subjects, auc, sensitivity, specificity };

  nmd_document_add_row (document, cells);
}

static const char *const short_head[]
    = { "", "Images", "Subjects", "AUC", "Sensitivity", "Specificity" };

/* Every part at the same threshold, as metrics.json has them. */
static void
add_parts (NmdDocument *document, const NmdRunFacts *facts)
{
  NmdJsonValue top
      = nmd_json_value_top (nmd_run_get_metrics (facts->run), "metrics.json"),
      parts, part;

  if (!nmd_json_get_object (&top, "parts", NMD_JSON_OPTIONAL, &parts, NULL)
      || parts.node == NULL)
    return;
  nmd_document_add_table (document, "All parts at the same threshold, a row an image",
                          G_N_ELEMENTS (short_head), short_head);
  for (int i = NMD_PART_TRAIN; i <= NMD_PART_TEST; i++)
    {
      const char *name = nmd_part_get_name ((NmdPart)i);
      NmdMetrics metrics;

      if (nmd_json_get_object (&parts, name, NMD_JSON_OPTIONAL, &part, NULL)
          && part.node != NULL && nmd_metrics_from_json (&metrics, &part, NULL))
        add_short_row (document, name, &metrics);
    }
}

/* ---- Subgroups */

/* The rows of the measured part whose group is @wanted. */
static void
add_subgroup (NmdDocument *document,
              const NmdRunFacts *facts,
              const char *name,
              const char *const *groups,
              const char *wanted)
{
  const NmdScores *all = facts->scores[facts->part];
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  NmdMetrics metrics;

  for (guint i = 0; i < nmd_scores_get_n (all); i++)
    if (g_strcmp0 (groups[i], wanted) == 0)
      nmd_scores_add (scores, nmd_scores_get (all, i));
  if (nmd_metrics_compute (scores, facts->results->threshold.value, name, &metrics, NULL))
    add_short_row (document, name, &metrics);
  else
    {
      g_autoptr (NmdScores) subjects = nmd_scores_by_subject (scores);
      g_autofree char *n = g_strdup_printf ("%u", nmd_scores_get_n (scores));
      g_autofree char *n_subjects = g_strdup_printf ("%u", nmd_scores_get_n (subjects));
      const char *const cells[] = { name, n, n_subjects, "one label only", NULL, NULL };

      nmd_document_add_row (document, cells);
    }
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

#define MOST_GROUPS 8

/* A row for each word of @groups; nothing where there are fewer than two. */
static void
add_subgroups (NmdDocument *document,
               const NmdRunFacts *facts,
               const char *what,
               const GPtrArray *groups)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (guint i = 0; i < groups->len; i++)
    if (groups->pdata[i] != NULL && g_hash_table_add (seen, groups->pdata[i]))
      g_ptr_array_add (words, groups->pdata[i]);
  g_ptr_array_sort (words, compare_texts);
  for (guint i = 0; words->len > 1 && i < MIN (words->len, MOST_GROUPS); i++)
    {
      g_autofree char *name
          = g_strdup_printf ("%s %s", what, (const char *)words->pdata[i]);

      add_subgroup (document, facts, name, (const char *const *)groups->pdata,
                    words->pdata[i]);
    }
  if (words->len > MOST_GROUPS)
    {
      const guint more = words->len - MOST_GROUPS;
      g_autofree char *name = g_strdup_printf ("%s: %u further %s not shown", what, more,
                                               more == 1 ? "group is" : "groups are");
      const char *const cells[] = { name, NULL, NULL, NULL, NULL, NULL };

      nmd_document_add_row (document, cells);
    }
}

static void
add_all_subgroups (NmdDocument *document, const NmdRunFacts *facts)
{
  static const char *const columns[] = { "muscle", "sex", "device", "age" };

  nmd_document_add_table (
      document,
      "Subgroups of the measured part at the same threshold, a row an image; they were "
      "not planned beforehand",
      G_N_ELEMENTS (short_head), short_head);
  add_short_row (document, "all", &facts->results->by_image);
  for (guint k = 0; k < G_N_ELEMENTS (columns); k++)
    {
      g_autoptr (GPtrArray) groups = nmd_run_facts_list_groups (facts, columns[k]);

      add_subgroups (document, facts, columns[k], groups);
    }
}

/* ---- Calibration and use */

/* "0.93 [0.71, 1.15]"; without the brackets where there is no interval. */
static char *
with_interval (double value, const NmdInterval *ci)
{
  g_autofree char *number = nmd_card_number (value, 2);
  g_autofree char *low = nmd_card_number (ci->low, 2);
  g_autofree char *high = nmd_card_number (ci->high, 2);

  return isfinite (ci->low) ? g_strdup_printf ("%s [%s, %s]", number, low, high)
                            : g_steal_pointer (&number);
}

static void
add_reliability_row (NmdDocument *document, const char *name, const NmdReliability *self)
{
  g_autofree char *slope = with_interval (self->slope, &self->slope_ci);
  g_autofree char *intercept = with_interval (self->intercept, &self->intercept_ci);
  g_autofree char *ece = nmd_card_number (self->ece, 3);
  g_autofree char *brier = nmd_card_number (self->brier, 3);
  const char *const cells[] = { name, slope, intercept, ece, brier };

  nmd_document_add_row (document, cells);
}

static void
add_calibration (NmdDocument *document, const NmdEvalResults *results)
{
  static const char *const head[]
      = { "", "Slope", "Intercept", "ECE (10 bins)", "Brier score" };
  const NmdCalibration *fit = &results->calibration;

  G_STATIC_ASSERT (NMD_RELIABILITY_BINS == 10);
  nmd_document_add (document, NMD_BLOCK_SUBHEADING, "Calibration");
  nmd_document_add_table (
      document,
      "Agreement with the observed share of positives; 95 % intervals by subject",
      G_N_ELEMENTS (head), head);
  add_reliability_row (document, "score, as the network gives it", &results->raw);
  if (results->is_calibrated)
    {
      g_autofree char *temperature = nmd_card_number (fit->temperature, 3);
      g_autofree char *intercept = nmd_card_number (fit->intercept, 3);
      g_autofree char *prevalence = nmd_card_number (100 * fit->prevalence, 0);

      add_reliability_row (document, "calibrated probability", &results->calibrated);
      nmd_document_add (
          document, NMD_BLOCK_TEXT,
          "Temperature %s and intercept %s were fitted on the validation "
          "part (%u images of %u subjects); the probability is one at %s %% "
          "prevalence.",
          temperature, intercept, fit->n_images, fit->n_subjects, prevalence);
    }
  else
    nmd_document_add (document, NMD_BLOCK_TEXT,
                      "No calibration: %s. The score is no probability.",
                      results->calibration_missing != NULL ? results->calibration_missing
                                                           : "the file does not say why");
}

/* With its interval where there is one. */
static char *
predictive_to_text (double value, NmdInterval interval)
{
  const NmdMeasure measure = { .value = value, .ci_subject = interval };

  return isnan (interval.low) || isnan (value) ? nmd_card_number (value, 3)
                                               : nmd_measure_to_text (&measure);
}

static void
add_predictive (NmdDocument *document, const NmdEvalResults *results)
{
  static const char *const head[] = { "Prevalence", "PPV", "NPV" };

  if (!results->has_predictive)
    return;
  nmd_document_add_table (document,
                          "Predictive values at other prevalences, from sensitivity and "
                          "specificity by Bayes' theorem",
                          G_N_ELEMENTS (head), head);
  for (guint i = 0; i < NMD_N_PREVALENCES; i++)
    {
      const NmdPredictiveValues *values = &results->predictive[i];
      g_autofree char *prevalence = nmd_card_number (100 * values->prevalence, 0);
      g_autofree char *share = g_strconcat (prevalence, " %", NULL);
      g_autofree char *positive = predictive_to_text (values->ppv, values->ppv_ci);
      g_autofree char *negative = predictive_to_text (values->npv, values->npv_ci);
      const char *const cells[] = { share, positive, negative };

      nmd_document_add_row (document, cells);
    }
}

void
nmd_card_add_results (NmdDocument *document, const NmdRunFacts *facts)
{
  const NmdEvalResults *results = facts->results;
  g_autofree char *heading = nmd_eval_results_get_heading (results);
  g_autofree char *threshold = nmd_threshold_to_text (&results->threshold);
  const char *const sentences[]
      = { results->decision_text, results->conformal_text, results->sample_size_text };

  nmd_document_add (document, NMD_BLOCK_HEADING, "%s",
                    nmd_card_section_get_title (NMD_CARD_RESULTS));
  nmd_document_add (document, NMD_BLOCK_TEXT, "%s. The %s.", heading, threshold);
  add_measures (document, results);
  add_matrix (document, facts);
  add_parts (document, facts);
  add_all_subgroups (document, facts);
  add_calibration (document, results);
  nmd_document_add (document, NMD_BLOCK_SUBHEADING, "What a result is worth");
  add_predictive (document, results);
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    nmd_card_add_sentence (document, NMD_BLOCK_TEXT, sentences[i]);
}

/* ---- Rivals */

static char *
p_text (double p)
{
  return isnan (p)    ? g_strdup ("–")
         : p < 0.0005 ? g_strdup ("under 0.001")
                      : nmd_card_number (p, 3);
}

static void
add_rival_row (NmdDocument *document,
               const char *name,
               const NmdComparison *comparison,
               double p_holm)
{
  g_autofree char *auc = nmd_measure_to_text (&comparison->auc);
  g_autofree char *difference = nmd_measure_to_text (&comparison->difference);
  g_autofree char *low = nmd_card_number (comparison->bootstrap.low, 3);
  g_autofree char *high = nmd_card_number (comparison->bootstrap.high, 3);
  g_autofree char *draws = g_strdup_printf ("%s to %s", low, high);
  g_autofree char *p = p_text (comparison->delong.p), *holm = p_text (p_holm);
  const char *const cells[]
      = { name, auc, difference, isfinite (comparison->bootstrap.low) ? draws : NULL,
          p,    holm };

  nmd_document_add_row (document, cells);
}

void
nmd_card_add_rivals (NmdDocument *document, const NmdRunFacts *facts)
{
  static const char *const head[]
      = { "Rival",     "Its AUC",     "Network less rival", "Bootstrap of subjects",
          "DeLong: p", "p after Holm" };
  const NmdEvalResults *results = facts->results;
  guint n = results->rivals != NULL ? results->rivals->len : 0;

  nmd_document_add (document, NMD_BLOCK_HEADING, "%s",
                    nmd_card_section_get_title (NMD_CARD_RIVALS));
  nmd_document_add (
      document, NMD_BLOCK_TEXT,
      "Logistic regressions on what is known of an image without a network, "
      "fitted on the training part of the same split and measured on the "
      "same images.");
  if (!results->has_rival)
    nmd_document_add (document, NMD_BLOCK_TEXT, "No comparison with echo intensity: %s.",
                      results->rival_missing != NULL ? results->rival_missing
                                                     : "the file does not say why");
  if (!results->has_rival && n == 0)
    return;
  nmd_document_add_table (document, "AUC of each rival; 95 % intervals by subject",
                          G_N_ELEMENTS (head), head);
  if (results->has_rival)
    add_rival_row (document, "echo intensity alone", &results->comparison,
                   results->rival_p_holm);
  for (guint i = 0; i < n; i++)
    {
      const NmdRivalRow *row = &g_array_index (results->rivals, NmdRivalRow, i);

      add_rival_row (document, row->title, &row->comparison, row->p_holm);
    }
  if (results->has_rival)
    nmd_card_add_sentence (document, NMD_BLOCK_ITEM, results->comparison.sentence);
  for (guint i = 0; i < n; i++)
    nmd_card_add_sentence (
        document, NMD_BLOCK_ITEM,
        g_array_index (results->rivals, NmdRivalRow, i).comparison.sentence);
}
