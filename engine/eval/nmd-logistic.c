/* SPDX-License-Identifier: Apache-2.0
 *
 * Logistic regression with a ridge by Newton's method.
 */
#include "config.h"

#include "engine/eval/nmd-logistic-private.h"

#include <math.h>
#include <string.h>

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
penalised_loss (const double *x,
                const int *y,
                guint n_rows,
                guint n,
                double ridge,
                const double *beta)
{
  double loss = 0;

  for (guint r = 0; r < n_rows; r++)
    {
      double eta = dot (x + (gsize)r * n, beta, n);

      loss += y[r] ? softplus (-eta) : softplus (eta);
    }
  return loss + 0.5 * ridge * dot (beta + 1, beta + 1, n - 1);
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
             double ridge,
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
      step[i] -= i > 0 ? ridge * beta[i] : 0;
      hessian[i * n + i] += i > 0 ? ridge : 1e-12;
    }
  return solve (hessian, step, n);
}

void
nmd_logistic_fit (
    const double *x, const int *y, guint n_rows, guint n, double ridge, double *beta)
{
  g_autofree double *step = g_new0 (double, n), *trial = g_new0 (double, n);
  double loss = penalised_loss (x, y, n_rows, n, ridge, beta);

  for (int iteration = 0; iteration < 200; iteration++)
    {
      double largest = 0, share = 1, next = loss;

      if (!newton_step (x, y, n_rows, n, ridge, beta, step))
        return;
      /* halved until the loss falls: Newton alone may overshoot far from the optimum */
      for (int halving = 0; halving < 40; halving++, share /= 2)
        {
          for (guint i = 0; i < n; i++)
            trial[i] = beta[i] + share * step[i];
          next = penalised_loss (x, y, n_rows, n, ridge, trial);
          if (next <= loss)
            break;
        }
      if (!(next <= loss))
        return;
      for (guint i = 0; i < n; i++)
        largest = MAX (largest, fabs (trial[i] - beta[i]));
      memcpy (beta, trial, n * sizeof *trial);
      loss = next;
      if (largest < 1e-10)
        return;
    }
}

double
nmd_logistic_score (const double *row, const double *beta, guint n)
{
  return 1 / (1 + exp (-dot (row, beta, n)));
}
