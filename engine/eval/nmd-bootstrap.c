/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws of subjects with replacement, and the AUC of a draw in one pass over a ranking
 * sorted once.
 */
#include "config.h"

#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-bootstrap-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* With two subjects, each of one class, a draw with both classes has both subjects once.
 */
static gboolean
is_fixed (const NmdBootstrap *self)
{
  int label[2] = { -1, -1 };

  for (guint i = 0; self->n_subjects == 2 && i < self->n; i++)
    {
      int *its = &label[self->subject[i]];

      if (*its >= 0 && *its != self->label[i])
        return FALSE;
      *its = self->label[i];
    }
  return self->n_subjects < 2 || (self->n_subjects == 2 && label[0] != label[1]);
}

void
nmd_bootstrap_init (NmdBootstrap *self, const NmdScores *scores, guint64 seed)
{
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  *self = (NmdBootstrap){ .n = nmd_scores_get_n (scores) };
  for (guint i = 0; i < self->n; i++)
    {
      const char *name = nmd_score_group (nmd_scores_get (scores, i));

      if (g_hash_table_add (places, (gpointer)name))
        g_ptr_array_add (names, (gpointer)name);
    }
  g_ptr_array_sort (names, compare_text);
  g_hash_table_remove_all (places);
  for (guint i = 0; i < names->len; i++)
    g_hash_table_insert (places, names->pdata[i], GUINT_TO_POINTER (i));
  self->n_subjects = names->len;
  self->subject = g_new (guint, self->n + 1);
  self->label = g_new (int, self->n + 1);
  self->weight = g_new0 (guint, self->n_subjects + 1);
  for (guint i = 0; i < self->n; i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);

      self->subject[i]
          = GPOINTER_TO_UINT (g_hash_table_lookup (places, nmd_score_group (score)));
      self->label[i] = score->label;
    }
  self->fixed = is_fixed (self);
  nmd_random_init_for (&self->stream, seed, "bootstrap", 0, "");
}

void
nmd_bootstrap_clear (NmdBootstrap *self)
{
  g_clear_pointer (&self->subject, g_free);
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->weight, g_free);
}

gboolean
nmd_bootstrap_next (NmdBootstrap *self)
{
  if (self->fixed)
    return FALSE;
  /* A class held by one subject is missed in 37 % of the draws; a thousand in a row means
   * that there is none. */
  for (int attempt = 0; attempt < 1000; attempt++)
    {
      gboolean have[2] = { FALSE, FALSE };

      memset (self->weight, 0, self->n_subjects * sizeof *self->weight);
      for (guint i = 0; i < self->n_subjects; i++)
        self->weight[nmd_random_below (&self->stream, self->n_subjects)]++;
      for (guint i = 0; i < self->n && !(have[0] && have[1]); i++)
        if (self->weight[self->subject[i]] > 0)
          have[self->label[i]] = TRUE;
      if (have[0] && have[1])
        return TRUE;
    }
  return FALSE;
}

static int
compare_values (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const double *values = user_data;
  guint i = *(const guint *)a, j = *(const guint *)b;

  if (values[i] != values[j])
    return values[i] < values[j] ? -1 : 1;
  return i < j ? -1 : i > j;
}

void
nmd_ranking_init (NmdRanking *self, const double *values, guint n)
{
  self->n = n;
  self->order = g_new (guint, n + 1);
  self->ties = g_new0 (gboolean, n + 1);
  for (guint i = 0; i < n; i++)
    self->order[i] = i;
  g_qsort_with_data (self->order, (int)n, sizeof *self->order, compare_values,
                     (gpointer)values);
  for (guint i = 0; i + 1 < n; i++)
    self->ties[i] = values[self->order[i]] == values[self->order[i + 1]];
}

void
nmd_ranking_clear (NmdRanking *self)
{
  g_clear_pointer (&self->order, g_free);
  g_clear_pointer (&self->ties, g_free);
}

double
nmd_ranking_auc (const NmdRanking *self, const NmdBootstrap *bootstrap)
{
  double below = 0, wins = 0, n_positive = 0; /* weights are whole: sums are exact */
  double tied[2] = { 0, 0 };

  for (guint i = 0; i < self->n; i++)
    {
      guint image = self->order[i];

      tied[bootstrap->label[image]] += bootstrap->weight[bootstrap->subject[image]];
      if (self->ties[i])
        continue;
      wins += tied[1] * (below + 0.5 * tied[0]);
      below += tied[0];
      n_positive += tied[1];
      tied[0] = tied[1] = 0;
    }
  return n_positive > 0 && below > 0 ? wins / (n_positive * below) : NAN;
}

NmdInterval
nmd_percentiles (double *values, guint n)
{
  NmdInterval interval = { NAN, NAN };
  double *ends[] = { &interval.low, &interval.high };
  guint finite = 0;

  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      values[finite++] = values[i];
  if (finite < 2)
    return interval;
  qsort (values, finite, sizeof *values, nmd_number_compare);
  for (int i = 0; i < 2; i++)
    {
      double place = (i == 0 ? 0.025 : 0.975) * (finite - 1);
      guint below = MIN ((guint)place, finite - 2);

      *ends[i] = values[below] + (place - below) * (values[below + 1] - values[below]);
    }
  return interval;
}
