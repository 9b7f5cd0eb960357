/* SPDX-License-Identifier: Apache-2.0
 *
 * The rival: logistic regression on echo intensity. Comparing it with a network is
 * nmd-comparison.c's.
 */
#include "config.h"

#include "engine/eval/nmd-logistic-private.h"
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
  nmd_logistic_fit (x, y, n_rows, self->n, RIDGE, self->beta);
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
  return nmd_logistic_score (x, self->beta, self->n);
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
