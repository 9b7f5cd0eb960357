/* SPDX-License-Identifier: Apache-2.0
 *
 * Rivals on given features, their ridge, and the network beside each. What the features are
 * is the caller's.
 */
#include "config.h"

#include "engine/eval/nmd-comparison-private.h"
#include "engine/eval/nmd-logistic-private.h"
#include "engine/eval/nmd-rivals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A fitted rival. */
typedef struct
{
  guint n; /* coefficients: the intercept and each feature */
  double *mean, *sd, *beta;
} Fit;

static void
fit_clear (Fit *self)
{
  g_clear_pointer (&self->mean, g_free);
  g_clear_pointer (&self->sd, g_free);
  g_clear_pointer (&self->beta, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fit, fit_clear)

static gboolean
is_known (const double *row, guint n)
{
  for (guint i = 0; i < n; i++)
    if (!isfinite (row[i]))
      return FALSE;
  return TRUE;
}

static void
describe (Fit *self, const NmdRivalFeatures *set, const NmdScores *train)
{
  guint rows = nmd_scores_get_n (train), used = 0;

  self->n = set->n + 1;
  self->mean = g_new0 (double, set->n);
  self->sd = g_new0 (double, set->n);
  self->beta = g_new0 (double, self->n);
  for (int pass = 0; pass < 2; pass++)
    {
      used = 0;
      for (guint r = 0; r < rows; r++)
        {
          const double *row = set->train + (gsize)r * set->n;

          if (!is_known (row, set->n))
            continue;
          used++;
          for (guint i = 0; i < set->n; i++)
            if (pass == 0)
              self->mean[i] += row[i];
            else
              self->sd[i] += (row[i] - self->mean[i]) * (row[i] - self->mean[i]);
        }
      for (guint i = 0; i < set->n && used > 0; i++)
        if (pass == 0)
          self->mean[i] /= used;
        else
          self->sd[i] = sqrt (self->sd[i] / used);
    }
}

static void
standardise (const Fit *self, const double *row, double *x)
{
  x[0] = 1;
  for (guint i = 0; i + 1 < self->n; i++)
    x[i + 1] = self->sd[i] > 1e-12 * fabs (self->mean[i])
                   ? (row[i] - self->mean[i]) / self->sd[i]
                   : 0;
}

/* Rows of @scores with all features, standardised; their labels. */
static double *
take_rows (const Fit *self,
           const double *features,
           const NmdScores *scores,
           int *label,
           guint *n)
{
  guint rows = nmd_scores_get_n (scores);
  double *x = g_new (double, (gsize)rows * self->n + 1);

  *n = 0;
  for (guint r = 0; r < rows; r++)
    {
      const double *row = features + (gsize)r * (self->n - 1);

      if (!is_known (row, self->n - 1))
        continue;
      standardise (self, row, x + (gsize)*n * self->n);
      label[(*n)++] = nmd_scores_get (scores, r)->label;
    }
  return x;
}

static double
cross_entropy (const Fit *self, const double *x, const int *label, guint n)
{
  double sum = 0;

  for (guint r = 0; r < n; r++)
    {
      double p = nmd_logistic_score (x + (gsize)r * self->n, self->beta, self->n);

      sum -= log (MAX (label[r] ? p : 1 - p, 1e-300));
    }
  return sum;
}

/* NaN if there is nothing to fit. */
static double
fit_rival (Fit *self,
           const NmdRivalFeatures *set,
           const NmdScores *train,
           const NmdScores *validation)
{
  g_autofree int *label = g_new (int, nmd_scores_get_n (train) + 1);
  g_autofree int *other = NULL;
  g_autofree double *x = NULL, *y = NULL;
  guint n, n_other = 0, positive = 0;
  double best = INFINITY, ridge = 1;

  describe (self, set, train);
  x = take_rows (self, set->train, train, label, &n);
  for (guint i = 0; i < n; i++)
    positive += label[i] == 1;
  if (positive == 0 || positive == n)
    return NAN;
  if (validation != NULL && set->validation != NULL)
    {
      other = g_new (int, nmd_scores_get_n (validation) + 1);
      y = take_rows (self, set->validation, validation, other, &n_other);
    }
  for (int power = 3; power >= -3 && n_other > 0; power--)
    {
      double loss;

      memset (self->beta, 0, self->n * sizeof *self->beta);
      nmd_logistic_fit (x, label, n, self->n, pow (10, power), self->beta);
      loss = cross_entropy (self, y, other, n_other);
      if (loss < best - 1e-12)
        {
          best = loss;
          ridge = pow (10, power);
        }
    }
  memset (self->beta, 0, self->n * sizeof *self->beta);
  nmd_logistic_fit (x, label, n, self->n, ridge, self->beta);
  return ridge;
}

static gboolean
compare_one (NmdRivalRow *out,
             const NmdRivalFeatures *set,
             const NmdScores *train,
             const NmdScores *validation,
             const NmdScores *measured)
{
  g_autoptr (NmdScores) network = nmd_scores_new ();
  g_autoptr (NmdScores) rival = nmd_scores_new ();
  g_auto (Fit) fit = { 0 };
  g_autofree double *x = g_new (double, set->n + 1);

  *out = (NmdRivalRow){ .n_features = set->n, .p_holm = NAN };
  out->ridge = fit_rival (&fit, set, train, validation);
  if (isnan (out->ridge))
    return FALSE;
  for (guint r = 0; r < nmd_scores_get_n (measured); r++)
    {
      const double *row = set->measured + (gsize)r * set->n;
      NmdScore score = *nmd_scores_get (measured, r);

      if (!is_known (row, set->n) || !isfinite (score.score))
        continue;
      nmd_scores_add (network, &score);
      standardise (&fit, row, x);
      score.score = nmd_logistic_score (x, fit.beta, fit.n);
      nmd_scores_add (rival, &score);
    }
  if (!nmd_comparison_init (&out->comparison, network, rival, set->title))
    return FALSE;
  out->title = g_strdup (set->title);
  if (set->note != NULL)
    {
      char *longer = g_strconcat (out->comparison.sentence, " ", set->note, NULL);

      g_free (out->comparison.sentence);
      out->comparison.sentence = longer;
    }
  return TRUE;
}

void
nmd_holm (double *p, guint n)
{
  g_autofree guint *order = g_new (guint, n + 1);
  double least = 0;
  guint m = 0;

  for (guint i = 0; i < n; i++)
    if (!isnan (p[i]))
      {
        guint at = m++;

        for (; at > 0 && p[order[at - 1]] > p[i]; at--)
          order[at] = order[at - 1];
        order[at] = i;
      }
  for (guint k = 0; k < m; k++)
    {
      least = MAX (least, MIN (p[order[k]] * (m - k), 1));
      p[order[k]] = least;
    }
}

static void
clear_row (gpointer data)
{
  NmdRivalRow *row = data;

  g_free (row->title);
  nmd_comparison_clear (&row->comparison);
}

GArray *
nmd_rivals_new (void)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (NmdRivalRow));

  g_array_set_clear_func (rows, clear_row);
  return rows;
}

GArray *
nmd_rivals_compare (const NmdRivalFeatures *sets,
                    guint n_sets,
                    const NmdScores *train,
                    const NmdScores *validation,
                    const NmdScores *measured,
                    double first_p,
                    double *first_holm)
{
  GArray *rows = nmd_rivals_new ();
  g_autofree double *p = g_new (double, n_sets + 1);

  g_return_val_if_fail (train != NULL && measured != NULL && first_holm != NULL, rows);
  p[0] = first_p;
  for (guint i = 0; i < n_sets; i++)
    {
      NmdRivalRow row;

      if (!compare_one (&row, &sets[i], train, validation, measured))
        continue;
      g_array_append_val (rows, row);
      p[rows->len] = row.comparison.delong.p;
    }
  nmd_holm (p, rows->len + 1);
  *first_holm = p[0];
  for (guint i = 0; i < rows->len; i++)
    g_array_index (rows, NmdRivalRow, i).p_holm = p[i + 1];
  return rows;
}

JsonArray *
nmd_rivals_to_json (const GArray *rows)
{
  JsonArray *array = json_array_new ();

  g_return_val_if_fail (rows != NULL, array);
  for (guint i = 0; i < rows->len; i++)
    {
      const NmdRivalRow *row = &g_array_index (rows, NmdRivalRow, i);
      JsonNode *node = nmd_comparison_to_json (&row->comparison);
      JsonObject *object = json_node_get_object (node);

      json_object_set_string_member (object, "title", row->title);
      json_object_set_int_member (object, "n_features", row->n_features);
      nmd_json_set_number (object, "ridge", row->ridge);
      nmd_json_set_number (object, "p_holm", row->p_holm);
      json_array_add_element (array, node);
    }
  return array;
}

GArray *
nmd_rivals_from_json (const NmdJsonValue *top, GError **error)
{
  g_autoptr (GArray) rows = nmd_rivals_new ();
  NmdJsonValue array;
  guint n;

  if (!nmd_json_get_array (top, "rivals", NMD_JSON_OPTIONAL, &array, &n, error))
    return NULL;
  for (guint i = 0; array.node != NULL && i < n; i++)
    {
      NmdJsonValue one = nmd_json_value_element (&array, i);
      NmdRivalRow row = { .ridge = NAN, .p_holm = NAN };
      gint64 features = 0;
      gboolean read
          = nmd_comparison_from_json (&row.comparison, &one, error)
            && nmd_json_dup_text (&one, "title", NMD_JSON_REQUIRED, &row.title, error)
            && nmd_json_get_int (&one, "n_features", NMD_JSON_OPTIONAL, 0, G_MAXINT,
                                 &features, error)
            && nmd_json_get_number (&one, "ridge", NMD_JSON_OPTIONAL, 0, INFINITY,
                                    &row.ridge, error)
            && nmd_json_get_number (&one, "p_holm", NMD_JSON_OPTIONAL, 0, 1, &row.p_holm,
                                    error);

      row.n_features = (guint)features;
      g_array_append_val (rows, row);
      if (!read)
        return NULL;
    }
  return g_steal_pointer (&rows);
}
