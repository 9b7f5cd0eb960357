/* SPDX-License-Identifier: Apache-2.0
 *
 * The rival: logistic regression on echo intensity. Comparing it with a network is
 * nmd-comparison.c's.
 */
#include "config.h"

#include "engine/eval/nmd-metrics-private.h"
#include "engine/eval/nmd-rival.h"

#include <math.h>
#include <string.h>

#define RIDGE 1e-6

struct _NmdRival
{
  double mean, sd; /* of echo intensity in the training part */
  guint n_images;
  GPtrArray *muscles; /* sorted; more than one makes the muscle a factor */
  double *shares;     /* of each muscle's images */
  guint n; /* coefficients: intercept, echo (standardised), muscles but the first */
  double *beta;
};

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static int
find_muscle (const NmdRival *self, const char *muscle)
{
  for (guint i = 0; i < self->muscles->len; i++)
    if (strcmp (self->muscles->pdata[i], muscle) == 0)
      return (int)i;
  return -1;
}

static void
fill_row (const NmdRival *self, double echo, const char *muscle, double *x)
{
  int which = find_muscle (self, muscle != NULL ? muscle : "");

  x[0] = 1;
  x[1] = self->sd > 0 ? (echo - self->mean) / self->sd : 0;
  for (guint i = 2; i < self->n; i++)
    x[i] = which < 0 ? self->shares[i - 1] : which == (int)i - 1;
}

static double
dot (const double *a, const double *b, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* log (1 + exp (v)) without overflow. */
static double
softplus (double v)
{
  return v > 0 ? v + log1p (exp (-v)) : log1p (exp (v));
}

static double
penalised_loss (const double *x, const int *y, guint n_rows, guint n, const double *beta)
{
  double loss = 0;

  for (guint r = 0; r < n_rows; r++)
    {
      double eta = dot (x + (gsize)r * n, beta, n);

      loss += y[r] ? softplus (-eta) : softplus (eta);
    }
  return loss + 0.5 * RIDGE * dot (beta + 1, beta + 1, n - 1);
}

/* Solves a·step = g for a symmetric positive definite n × n @a by Cholesky; both are
 * overwritten. FALSE if it is not definite. */
static gboolean
solve (double *a, double *g, guint n)
{
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j <= i; j++)
      {
        double sum = a[i * n + j] - dot (a + (gsize)i * n, a + (gsize)j * n, j);

        if (i == j && !(sum > 0))
          return FALSE;
        a[i * n + j] = i == j ? sqrt (sum) : sum / a[j * n + j];
      }
  for (guint i = 0; i < n; i++)
    g[i] = (g[i] - dot (a + (gsize)i * n, g, i)) / a[i * n + i];
  for (guint i = n; i-- > 0;)
    {
      for (guint j = i + 1; j < n; j++)
        g[i] -= a[j * n + i] * g[j];
      g[i] /= a[i * n + i];
    }
  return TRUE;
}

/* Newton's step from beta: the gradient and Hessian of the penalised loss. */
static gboolean
newton_step (const double *x,
             const int *y,
             guint n_rows,
             guint n,
             const double *beta,
             double *step)
{
  g_autofree double *hessian = g_new0 (double, (gsize)n *n);

  memset (step, 0, n * sizeof *step);
  for (guint r = 0; r < n_rows; r++)
    {
      const double *row = x + (gsize)r * n;
      double p = 1 / (1 + exp (-dot (row, beta, n)));

      for (guint i = 0; i < n; i++)
        {
          step[i] += (y[r] - p) * row[i];
          for (guint j = 0; j <= i; j++)
            hessian[i * n + j] += p * (1 - p) * row[i] * row[j];
        }
    }
  for (guint i = 0; i < n; i++)
    {
      step[i] -= i > 0 ? RIDGE * beta[i] : 0;
      hessian[i * n + i] += i > 0 ? RIDGE : 1e-12;
    }
  return solve (hessian, step, n);
}

static void
fit (NmdRival *self, const double *x, const int *y, guint n_rows)
{
  guint n = self->n;
  g_autofree double *step = g_new0 (double, n), *trial = g_new0 (double, n);
  double loss = penalised_loss (x, y, n_rows, n, self->beta);

  for (int iteration = 0; iteration < 200; iteration++)
    {
      double largest = 0, share = 1, next = loss;

      if (!newton_step (x, y, n_rows, n, self->beta, step))
        return;
      /* halved until the loss falls: Newton alone may overshoot far from the optimum */
      for (int halving = 0; halving < 40; halving++, share /= 2)
        {
          for (guint i = 0; i < n; i++)
            trial[i] = self->beta[i] + share * step[i];
          next = penalised_loss (x, y, n_rows, n, trial);
          if (next <= loss)
            break;
        }
      if (!(next <= loss))
        return;
      for (guint i = 0; i < n; i++)
        largest = MAX (largest, fabs (trial[i] - self->beta[i]));
      memcpy (self->beta, trial, n * sizeof *trial);
      loss = next;
      if (largest < 1e-10)
        return;
    }
}

/* Muscles, their shares, mean and SD of echo intensity. */
static void
describe (NmdRival *self, const NmdScores *train)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  double sum = 0, squares = 0;

  self->muscles = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < nmd_scores_get_n (train); i++)
    {
      const NmdScore *row = nmd_scores_get (train, i);
      guint before;

      if (!isfinite (row->echo))
        continue;
      before = GPOINTER_TO_UINT (g_hash_table_lookup (counts, row->muscle));
      if (before == 0)
        g_ptr_array_add (self->muscles, g_strdup (row->muscle));
      g_hash_table_insert (counts, (gpointer)row->muscle, GUINT_TO_POINTER (before + 1));
      sum += row->echo;
      self->n_images++;
    }
  if (self->n_images == 0)
    return;
  self->mean = sum / self->n_images;
  for (guint i = 0; i < nmd_scores_get_n (train); i++)
    {
      double away = nmd_scores_get (train, i)->echo - self->mean;

      squares += isfinite (away) ? away * away : 0;
    }
  self->sd = sqrt (squares / self->n_images);
  g_ptr_array_sort (self->muscles, compare_text);
  self->shares = g_new0 (double, self->muscles->len);
  for (guint i = 0; i < self->muscles->len; i++)
    self->shares[i]
        = (double)GPOINTER_TO_UINT (g_hash_table_lookup (counts, self->muscles->pdata[i]))
          / self->n_images;
}

NmdRival *
nmd_rival_fit (const NmdScores *train, GError **error)
{
  g_autoptr (NmdRival) self = NULL;
  g_autofree double *x = NULL;
  g_autofree int *y = NULL;
  guint n_rows = 0, n_positive = 0;

  g_return_val_if_fail (train != NULL, NULL);
  self = g_new0 (NmdRival, 1);
  describe (self, train);
  if (self->n_images == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "No training image has an echo intensity (an outline), so there is no "
                   "rival to compare with");
      return NULL;
    }
  self->n = 1 + self->muscles->len; /* intercept, echo, and all muscles but the first */
  self->beta = g_new0 (double, self->n);
  x = g_new (double, (gsize)self->n_images * self->n);
  y = g_new (int, self->n_images);
  for (guint i = 0; i < nmd_scores_get_n (train); i++)
    {
      const NmdScore *row = nmd_scores_get (train, i);

      if (!isfinite (row->echo))
        continue;
      fill_row (self, row->echo, row->muscle, x + (gsize)n_rows * self->n);
      y[n_rows++] = row->label;
      n_positive += row->label == 1;
    }
  if (n_positive == 0 || n_positive == n_rows)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "All %u training images with an echo intensity are labelled %d, a "
                   "rival needs both classes",
                   n_rows, n_positive > 0);
      return NULL;
    }
  fit (self, x, y, n_rows);
  return g_steal_pointer (&self);
}

double
nmd_rival_score (const NmdRival *self, double echo, const char *muscle)
{
  g_autofree double *x = NULL;

  g_return_val_if_fail (self != NULL, NAN);
  if (!isfinite (echo))
    return NAN;
  x = g_new (double, self->n);
  fill_row (self, echo, muscle, x);
  return 1 / (1 + exp (-dot (x, self->beta, self->n)));
}

void
nmd_rival_free (NmdRival *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->muscles, g_ptr_array_unref);
  g_free (self->shares);
  g_free (self->beta);
  g_free (self);
}

JsonNode *
nmd_rival_to_json (const NmdRival *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new (), *muscles = json_object_new ();
  double slope;

  g_return_val_if_fail (self != NULL, NULL);
  slope = self->sd > 0 ? self->beta[1] / self->sd : 0;
  json_object_set_string_member (object, "model",
                                 "logistic regression on echo intensity");
  json_object_set_int_member (object, "n_images", self->n_images);
  nmd_json_set_number (object, "intercept", self->beta[0] - slope * self->mean);
  nmd_json_set_number (object, "per_grey_level", slope);
  for (guint i = 0; i < self->muscles->len && self->muscles->len > 1; i++)
    nmd_json_set_number (muscles, self->muscles->pdata[i],
                         i == 0 ? 0 : self->beta[i + 1]);
  json_object_set_object_member (object, "muscles", muscles);
  json_node_take_object (node, object);
  return node;
}
