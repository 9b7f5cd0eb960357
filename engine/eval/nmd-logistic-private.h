/* SPDX-License-Identifier: Apache-2.0
 *
 * Logistic regression with a ridge on all coefficients but the first, the intercept.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The @n coefficients @beta (given a start) that minimise Σ log(1 + exp(∓x·β)) + ridge/2 Σ β² for the rows of @x,
 * whose first column is 1, and labels @y. Newton's method, steps halved until the loss falls. */
void   nmd_logistic_fit   (const double *x,
                           const int    *y,
                           guint         n_rows,
                           guint         n,
                           double        ridge,
                           double       *beta);
/* 1/(1 + exp(−row·β)). */
double nmd_logistic_score (const double *row,
                           const double *beta,
                           guint         n);

G_END_DECLS
