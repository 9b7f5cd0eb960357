/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a classification as lines for people.
 */
#include "app/nmd-print-results.h"

#include "app/nmd-command.h"

#include <math.h>
#include <stdio.h>

void
nmd_print_measures (const NmdMetrics *metrics, const char *brier)
{
  const struct
  {
    const char *name;
    const NmdMeasure *measure;
  } rows[] = {
    { "AUC", &metrics->auc },
    { "accuracy", &metrics->accuracy },
    { "sensitivity", &metrics->sensitivity },
    { "specificity", &metrics->specificity },
    { "PPV", &metrics->ppv },
    { "NPV", &metrics->npv },
    { "F1", &metrics->f1 },
    { brier, &metrics->brier },
  };

  printf ("  TP %u  FN %u  FP %u  TN %u\n", metrics->tp, metrics->fn, metrics->fp,
          metrics->tn);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = NULL;

      if (rows[i].name == NULL)
        continue;
      text = nmd_measure_to_text (rows[i].measure);
      printf ("  %-12s %s\n", rows[i].name, text);
    }
}

/* "slope 0.93 [0.71, 1.15], " */
static void
print_part_of_line (const char *what, double value, const NmdInterval *ci)
{
  printf ("%s %s", what, nmd_command_number (value, 2));
  if (isfinite (ci->low))
    printf (" [%s, %s]", nmd_command_number (ci->low, 2),
            nmd_command_number (ci->high, 2));
  fputs (", ", stdout);
}

static void
print_reliability (const char *what, const NmdReliability *reliability)
{
  printf ("  %s: ", what);
  print_part_of_line ("slope", reliability->slope, &reliability->slope_ci);
  print_part_of_line ("intercept", reliability->intercept, &reliability->intercept_ci);
  printf ("ECE %s (%d bins, %u with images), Brier %s\n",
          nmd_command_number (reliability->ece, 3), NMD_RELIABILITY_BINS,
          reliability->n_filled, nmd_command_number (reliability->brier, 3));
}

/* A probability is one at the share of positives that it was fitted on. */
static void
print_probability (const NmdEvalResults *results)
{
  double prevalence = results->calibration.prevalence;
  g_autofree char *what = prevalence > 0
                              ? g_strdup_printf ("Probability at %s %% prevalence",
                                                 nmd_command_number (100 * prevalence, 0))
                              : g_strdup ("Probability");

  print_reliability (what, &results->calibrated);
}

/* The other units, what a call is worth elsewhere, and whether subjects are enough. */
static void
print_utility (const NmdEvalResults *results)
{
  if (results->has_by_muscle)
    {
      g_autofree char *auc = nmd_measure_to_text (&results->by_muscle.auc);

      printf ("  AUC with a row a muscle of a subject (%u rows): %s\n",
              results->by_muscle.n_images, auc);
    }
  if (results->has_by_subject
      && results->by_subject.n_images < results->by_image.n_images)
    {
      g_autofree char *auc = nmd_measure_to_text (&results->by_subject.auc);

      printf ("  AUC with a row a subject (%u rows): %s\n", results->by_subject.n_images,
              auc);
    }
  for (guint i = 0; results->has_predictive && i < NMD_N_PREVALENCES; i++)
    {
      const NmdPredictiveValues *values = &results->predictive[i];
      NmdMeasure ppv = { .value = values->ppv, .ci_subject = values->ppv_ci };
      NmdMeasure npv = { .value = values->npv, .ci_subject = values->npv_ci };
      g_autofree char *positive = NULL, *negative = NULL;

      if (isnan (values->ppv_ci.low) || isnan (values->npv_ci.low))
        continue;
      positive = nmd_measure_to_text (&ppv);
      negative = nmd_measure_to_text (&npv);
      printf ("  At %s %% prevalence: PPV %s, NPV %s\n",
              nmd_command_number (100 * values->prevalence, 0), positive, negative);
    }
  if (results->decision_text != NULL)
    printf ("  %s\n", results->decision_text);
  if (results->conformal_text != NULL)
    printf ("  %s\n", results->conformal_text);
  if (results->sample_size_text != NULL)
    printf ("  %s\n", results->sample_size_text);
}

/* The Brier score is about probabilities: that of scores is named for what it is. */
void
nmd_print_calibration (const NmdEvalResults *results, const char *part)
{
  if (results->is_calibrated)
    {
      print_reliability ("Score, not calibrated", &results->raw);
      printf ("  Calibrated on the %s part (%u images of %u subjects): "
              "temperature %s, "
              "intercept %s\n",
              part, results->calibration.n_images, results->calibration.n_subjects,
              nmd_command_number (results->calibration.temperature, 3),
              nmd_command_number (results->calibration.intercept, 3));
      print_probability (results);
    }
  else if (results->calibration_missing != NULL)
    {
      print_reliability ("Score, not calibrated", &results->raw);
      printf ("  No calibration: %s\n", results->calibration_missing);
    }
}

/* A p is never 0. */
static const char *
p_text (double p)
{
  return p < 0.0005 ? "under 0.001" : nmd_command_number (p, 3);
}

static void
print_comparison (const NmdComparison *comparison)
{
  const NmdInterval *draws = &comparison->bootstrap;

  printf ("  %s\n", comparison->sentence);
  if (isfinite (draws->low))
    printf ("  By a bootstrap of subjects %s to %s; DeLong's test with a row a subject: "
            "p %s\n",
            nmd_command_number (draws->low, 3), nmd_command_number (draws->high, 3),
            p_text (comparison->delong.p));
}

/* Several rivals are several chances to find a difference. */
static void
print_holm (const NmdEvalResults *results)
{
  printf ("  DeLong's p after Holm over the rivals:");
  if (results->has_rival)
    printf (" echo intensity %s", p_text (results->rival_p_holm));
  for (guint i = 0; i < results->rivals->len; i++)
    {
      const NmdRivalRow *row = &g_array_index (results->rivals, NmdRivalRow, i);

      printf ("%s %s %s", i > 0 || results->has_rival ? ";" : "", row->title,
              p_text (row->p_holm));
    }
  puts ("");
}

void
nmd_print_results (const NmdEvalResults *results)
{
  g_autofree char *heading = nmd_eval_results_get_heading (results);
  g_autofree char *threshold = nmd_threshold_to_text (&results->threshold);
  g_auto (GStrv) notes = nmd_eval_results_get_notes (results);

  puts (nmd_command_shown (heading));
  printf ("  %s\n", threshold);
  nmd_print_measures (&results->by_image, NULL);
  nmd_print_calibration (results, "validation");
  print_utility (results);
  if (results->has_rival)
    print_comparison (&results->comparison);
  else if (results->rival_missing != NULL)
    printf ("  No comparison with echo intensity alone: %s\n", results->rival_missing);
  for (guint i = 0; results->rivals != NULL && i < results->rivals->len; i++)
    {
      const NmdRivalRow *row = &g_array_index (results->rivals, NmdRivalRow, i);

      print_comparison (&row->comparison);
    }
  if (results->rivals != NULL && results->rivals->len > 0
      && isfinite (results->comparison.difference.ci_subject.low))
    print_holm (results);
  for (char **note = notes; *note != NULL; note++)
    printf ("  Note: %s\n", nmd_command_shown (*note));
}
