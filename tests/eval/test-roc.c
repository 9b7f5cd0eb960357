/* SPDX-License-Identifier: Apache-2.0
 *
 * ROC curves and their band against draws in which subjects are really repeated.
 */
#include "engine/eval/nmd-bootstrap-private.h"
#include "tests/eval/fixture.h"

#include <math.h>

/* One draw as plain lists: each image as often as its subject was drawn. */
static guint
expand (const NmdBootstrap *bootstrap, const double *all, double *score, int *label)
{
  guint n = 0;

  for (guint i = 0; i < bootstrap->groups.n; i++)
    for (guint k = 0; k < bootstrap->weight[bootstrap->groups.subject[i]]; k++)
      {
        score[n] = all[i];
        label[n++] = bootstrap->groups.label[i];
      }
  return n;
}

/* Sensitivity at @fpr: the highest corner there, or on the line between its neighbours.
 */
static double
sensitivity_at (const NmdRoc *roc, double fpr)
{
  double best = -1;

  for (guint i = 0; i < roc->n; i++)
    if (fabs (roc->fpr[i] - fpr) < 1e-9)
      best = MAX (best, roc->tpr[i]);
  for (guint i = 1; best < 0 && i < roc->n; i++)
    if (roc->fpr[i] > fpr)
      best = roc->tpr[i - 1]
             + (fpr - roc->fpr[i - 1]) / (roc->fpr[i] - roc->fpr[i - 1])
                   * (roc->tpr[i] - roc->tpr[i - 1]);
  return best;
}

/* Weighted AUC and band against lists in which subjects are really repeated. */
static void
test_draws (void)
{
  g_autoptr (NmdScores) scores = make_scores (24, 2, 0.8, 0, 9, FALSE);
  g_autoptr (NmdRoc) roc = nmd_roc_new_with_band (scores, 3);
  g_autofree double *columns = g_new (double, roc->n *NMD_BOOTSTRAP_DRAWS);
  g_auto (NmdBootstrap) bootstrap = { 0 };
  double all[48], score[48];
  int label[48];

  for (guint i = 0; i < 48; i++)
    all[i] = nmd_scores_get (scores, i)->score;
  nmd_bootstrap_init (&bootstrap, scores, 3);
  for (guint d = 0; d < NMD_BOOTSTRAP_DRAWS; d++)
    {
      g_autoptr (NmdRoc) one = NULL;
      guint n;

      g_assert_true (nmd_bootstrap_next (&bootstrap));
      n = expand (&bootstrap, all, score, label);
      g_assert_cmpuint (n, ==, 48);
      one = nmd_roc_new (score, label, n);
      for (guint i = 0; i < roc->n; i++)
        columns[i * NMD_BOOTSTRAP_DRAWS + d] = sensitivity_at (one, roc->fpr[i]);
    }
  for (guint i = 0; i < roc->n; i++)
    {
      NmdInterval slow
          = nmd_percentiles (columns + i * NMD_BOOTSTRAP_DRAWS, NMD_BOOTSTRAP_DRAWS);

      close_to (roc->band_low[i], slow.low, 1e-6);
      close_to (roc->band_high[i], slow.high, 1e-6);
    }
}

static void
test_percentiles (void)
{
  double values[] = { 5, NAN, 1, 3, 2, 4, INFINITY };
  NmdInterval interval = nmd_percentiles (values, 7);

  /* of 1 … 5: places 0.1 and 3.9 */
  close_to (interval.low, 1.1, 1e-12);
  close_to (interval.high, 4.9, 1e-12);
  g_assert_true (isnan (nmd_percentiles (values, 1).low));
}

static void
test_roc (void)
{
  g_autoptr (NmdScores) scores = make_scores (60, 3, 1.2, 0, 5, FALSE);
  g_autoptr (NmdRoc) roc = nmd_roc_new_with_band (scores, 1);
  g_autoptr (NmdRoc) none
      = nmd_roc_new ((const double[]){ 0.1, 0.2 }, (const int[]){ 1, 1 }, 2);
  g_autoptr (NmdRoc) copy = nmd_roc_copy (roc);
  NmdMetrics metrics;
  double area = 0;

  g_assert_cmpuint (none->n, ==, 0);
  g_assert_cmpuint (copy->n, ==, roc->n);
  g_assert_cmpfloat (copy->band_high[3], ==, roc->band_high[3]);
  g_assert_true (isinf (roc->threshold[0]) && roc->threshold[0] > 0);
  g_assert_cmpfloat (roc->fpr[0] + roc->tpr[0], ==, 0);
  g_assert_cmpfloat (roc->fpr[roc->n - 1] + roc->tpr[roc->n - 1], ==, 2);
  g_assert_true (
      nmd_metrics_compute (scores, roc->threshold[10], "table", &metrics, NULL));
  close_to (metrics.sensitivity.value, roc->tpr[10], 1e-12);
  close_to (metrics.specificity.value, 1 - roc->fpr[10], 1e-12);
  for (guint i = 1; i < roc->n; i++)
    {
      g_assert_cmpfloat (roc->threshold[i], <, roc->threshold[i - 1]);
      area += (roc->fpr[i] - roc->fpr[i - 1]) * (roc->tpr[i] + roc->tpr[i - 1]) / 2;
      g_assert_cmpfloat (roc->band_low[i], <=, roc->band_high[i]);
      if (i > 0 && roc->fpr[i] > roc->fpr[i - 1])
        {
          g_assert_cmpfloat (roc->band_low[i], <=, roc->tpr[i] + 0.03);
          g_assert_cmpfloat (roc->band_high[i], >=, roc->tpr[i] - 0.03);
        }
    }
  close_to (area, metrics.auc.value, 1e-12);
  g_assert_cmpfloat (roc->band_high[roc->n - 1], ==, 1);
}

static void
test_speed (void)
{
  g_autoptr (NmdScores) scores = make_scores (500, 3, 0.8, 0.3, 7, FALSE);
  g_autoptr (NmdRoc) roc = NULL;
  g_autoptr (GTimer) timer = g_timer_new ();
  NmdMetrics metrics;

  g_assert_true (nmd_metrics_compute (scores, 0.5, "table", &metrics, NULL));
  g_test_message ("measures of 1,500 images: %.3f s", g_timer_elapsed (timer, NULL));
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 3);
  g_timer_start (timer);
  roc = nmd_roc_new_with_band (scores, 1);
  g_test_message ("band: %.3f s", g_timer_elapsed (timer, NULL));
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/roc/draws", test_draws);
  g_test_add_func ("/roc/percentiles", test_percentiles);
  g_test_add_func ("/roc/speed", test_speed);
  g_test_add_func ("/roc/curve", test_roc);
  return g_test_run ();
}
