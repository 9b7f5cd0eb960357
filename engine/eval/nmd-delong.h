/* SPDX-License-Identifier: Apache-2.0
 *
 * Two AUCs of the same rows: DeLong's test. Rows count as independent: give it a table with one row a
 * subject (nmd_scores_by_unit()), or read its p beside an interval by subject. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/**
 * NmdDeLong:
 * @auc: of the first and the second column of scores
 * @variance: of each
 * @covariance: of both
 * @difference: auc[0] − auc[1]
 * @se: its standard error
 * @ci: difference ± 1.96 se within [−1, 1]; NaN where se is 0
 * @z: difference/se
 * @p: two-sided, of no difference
 * @n: rows by label
 *
 * Where @se is 0: z = 0 and p = 1 for a difference of 0, else both NaN (two AUCs without variance, such as 1
 * and 0, say nothing of how sure they are).
 */
typedef struct
{
  double auc[2], variance[2], covariance;
  double difference, se;
  NmdInterval ci;
  double z, p;
  guint n[2];
} NmdDeLong;

/**
 * nmd_delong_compare:
 * @first: a table of scores
 * @second: the same rows in the same order with other scores
 * @name: of both, for errors
 * @out: (out caller-allocates): the comparison
 *
 * With V_i the share of rows of the other class on the right side of row i (ties half), of each column, m
 * positives and n negatives, and S the sample covariance matrices of V over either class:
 *
 *     Var(A_a, A_b) = S⁺/m + S⁻/n,   z = (A_a − A_b)/√(Var_aa + Var_bb − 2 Var_ab)
 *
 * A variance under 1e-15 is rounding and counts as 0. A constant column has AUC ½.
 *
 * Cost: n log n. Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837; midranks of Sun and Xu,
 * IEEE Signal Processing Letters 21 (2014) 1389.
 *
 * Errors: %NMD_ERROR_FORMAT naming @name: tables of different rows, a score that is no number, fewer than two
 *   rows of a class.
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_delong_compare (const NmdScores *first,
                             const NmdScores *second,
                             const char      *name,
                             NmdDeLong       *out,
                             GError         **error);

G_END_DECLS
