/* SPDX-License-Identifier: Apache-2.0
 *
 * Fitting of a reference model: least squares by Householder reflections of columns scaled to unit length.
 */
#include "engine/model/nmd-reference.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define LEAST_PIVOT 1e-9 /* of a scaled column: below, the others make it up */

/* Reduces @x (n × p, by rows) to upper triangular form and turns @y along. FALSE where a column depends on
 * those before it. */
static gboolean
triangulate (double *x, double *y, guint n, guint p)
{
  for (guint k = 0; k < p; k++)
    {
      double norm = 0, dot = 0, length = 0;
      for (guint i = k; i < n; i++)
        norm += x[i * p + k] * x[i * p + k];
      norm = sqrt (norm);
      if (!(norm > LEAST_PIVOT))
        return FALSE;
      double pivot = x[k * p + k] > 0 ? -norm : norm;
      g_autofree double *v = g_new0 (double, n);
      for (guint i = k; i < n; i++)
        v[i] = x[i * p + k];
      v[k] -= pivot;
      for (guint i = k; i < n; i++)
        length += v[i] * v[i];
      for (guint j = k; j < p; j++)
        {
          dot = 0;
          for (guint i = k; i < n; i++)
            dot += v[i] * x[i * p + j];
          for (guint i = k; i < n; i++)
            x[i * p + j] -= 2 * dot / length * v[i];
        }
      dot = 0;
      for (guint i = k; i < n; i++)
        dot += v[i] * y[i];
      for (guint i = k; i < n; i++)
        y[i] -= 2 * dot / length * v[i];
    }
  return TRUE;
}

/* R⁻¹ of the upper triangle of @x, p × p. */
static void
invert_triangle (const double *x, double *inverse, guint p)
{
  for (guint j = 0; j < p; j++)
    for (guint i = p; i-- > 0;)
      {
        double sum = i == j ? 1 : 0;
        for (guint k = i + 1; k < p; k++)
          sum -= x[i * p + k] * inverse[k * p + j];
        inverse[i * p + j] = sum / x[i * p + i];
      }
}

/* Solves for b and C, where @scale made the columns of unit length. */
static void
solve (NmdReferenceModel *model, const double *x, const double *y, const double *scale)
{
  double inverse[(NMD_REFERENCE_MAX_TERMS + 1) * (NMD_REFERENCE_MAX_TERMS + 1)] = { 0 };
  guint p = model->n_terms + 1;
  double squares = 0;

  invert_triangle (x, inverse, p);
  for (guint i = p; i < model->n; i++)
    squares += y[i] * y[i];
  model->dfe = model->n - p;
  model->mse = squares / model->dfe;
  for (guint i = 0; i < p; i++)
    {
      double sum = 0;
      for (guint k = 0; k < p; k++)
        sum += inverse[i * p + k] * y[k];
      model->b[i] = sum / scale[i];
      for (guint j = 0; j < p; j++)
        {
          double dot = 0;
          for (guint k = 0; k < p; k++)
            dot += inverse[i * p + k] * inverse[j * p + k];
          model->c[i * p + j] = model->mse * dot / (scale[i] * scale[j]);
        }
    }
}

/* The rows of X with their columns scaled; FALSE where a covariate is missing. Fills the range. */
static gboolean
fill (NmdReferenceModel *model, const NmdPerson *persons, double *x, double *scale)
{
  guint p = model->n_terms + 1;

  for (guint i = 0; i < model->n; i++)
    for (guint j = 0; j < p; j++)
      {
        double value = 1;
        if (j > 0)
          {
            NmdCovariate covariate = model->terms[j - 1].covariate;
            NmdReferenceTerm plain = { covariate, 1 };
            double raw = nmd_reference_term_value (&plain, &persons[i]);
            value = nmd_reference_term_value (&model->terms[j - 1], &persons[i]);
            model->low[covariate] = fmin (model->low[covariate], raw);
            model->high[covariate] = fmax (model->high[covariate], raw);
          }
        if (!isfinite (value))
          return FALSE;
        x[i * p + j] = value;
        scale[j] += value * value;
      }
  for (guint j = 0; j < p; j++)
    scale[j] = scale[j] > 0 ? sqrt (scale[j]) : 1;
  for (guint i = 0; i < model->n; i++)
    for (guint j = 0; j < p; j++)
      x[i * p + j] /= scale[j];
  return TRUE;
}

NmdReferenceModel *
nmd_reference_fit (const char *muscle,
                   const NmdReferenceTerm *terms,
                   guint n_terms,
                   const NmdPerson *persons,
                   const double *echo,
                   guint n,
                   GError **error)
{
  double scale[NMD_REFERENCE_MAX_TERMS + 1] = { 0 };
  guint p = n_terms + 1;

  g_return_val_if_fail (muscle != NULL && n_terms <= NMD_REFERENCE_MAX_TERMS, NULL);
  if (n < p + 2)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   _ ("%s has %u healthy subjects, at least %u are needed for %u terms"),
                   muscle, n, p + 2, n_terms);
      return NULL;
    }
  NmdReferenceModel *model = g_new0 (NmdReferenceModel, 1);
  g_autofree double *x = g_new (double, (gsize)n *p);
  g_autofree double *y = g_memdup2 (echo, n * sizeof (double));
  model->muscle = g_strdup (muscle);
  model->n = n;
  model->n_terms = n_terms;
  for (int i = 0; i < NMD_N_COVARIATES; i++)
    model->low[i] = model->high[i] = NAN;
  for (guint i = 0; i < n_terms; i++)
    model->terms[i] = terms[i];
  gboolean known = fill (model, persons, x, scale);
  if (known && triangulate (x, y, n, p))
    {
      solve (model, x, y, scale);
      return model;
    }
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               known ? _ ("%s: the healthy subjects do not tell these terms apart")
                     : _ ("%s: a covariate is missing for a healthy subject"),
               muscle);
  g_free (model->muscle);
  g_free (model);
  return NULL;
}
