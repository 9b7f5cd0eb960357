/* SPDX-License-Identifier: Apache-2.0
 *
 * How far two readings of the same images agree: two readers, a reader and a model, the folders of a data set
 * and labels made by a rule. Pure functions. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/**
 * NmdKappa:
 * @n: readings that both sides gave
 * @counts: counts[a][b]: how often the first said a and the second b, 0 or 1
 * @agreed: share on which they agree, counts[0][0] + counts[1][1] over @n; NaN if @n is 0
 * @agreed_ci: Wilson's 95 % interval of it, as if images were independent; NaN if @n is 0
 * @kappa: Cohen's kappa; NaN where it is 0/0 (both said one word throughout)
 */
typedef struct
{
  guint n;
  guint counts[2][2];
  double agreed;
  NmdInterval agreed_ci;
  double kappa;
} NmdKappa;

/**
 * nmd_kappa_measure:
 * @first: @n readings: 0, 1, or anything else for "did not say"
 * @second: likewise
 * @result: (out): what they make of each other
 *
 * With p_ab = counts[a][b]/n, p_a· and p_·b its sums by row and column:
 *
 *     p_o = p_00 + p_11    p_e = p_0·p_·0 + p_1·p_·1    κ = (p_o − p_e)/(1 − p_e)
 *
 * Pairs with a reading that is neither 0 nor 1 are left out.
 *
 * Source: Cohen, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20 (1960) 37.
 */
void nmd_kappa_measure (const int    *first,
                            const int    *second,
                            guint         n,
                            NmdKappa *result);

G_END_DECLS
