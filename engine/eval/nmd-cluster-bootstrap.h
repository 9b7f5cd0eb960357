/* SPDX-License-Identifier: Apache-2.0
 *
 * The bootstrap of subjects for any number that a table of scores gives: percentile and BCa intervals.
 * All rows of a subject are drawn together. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/**
 * NmdStatistic:
 * @weight: how often each row counts, 0 or more; all 1 for the table itself
 * @data: the caller's
 *
 * Returns: the number; NaN where it has none
 */
typedef double (*NmdStatistic) (const guint *weight,
                                gpointer     data);

/**
 * NmdClusterBootstrap:
 * @value: of the table itself
 * @se: SD of the draws
 * @percentile: 2.5 and 97.5 percentiles of the draws
 * @bca: bias-corrected and accelerated
 * @bias: z₀
 * @acceleration: a
 * @n_draws: draws that gave a number
 * @n_subjects: subjects that were drawn from
 *
 * Both intervals are NaN where the draws do not differ (an AUC of 1: an interval [1, 1] would say that
 * nothing is left to know), and BCa where all draws lie on one side of @value.
 */
typedef struct
{
  double value, se;
  NmdInterval percentile, bca;
  double bias, acceleration;
  guint n_draws, n_subjects;
} NmdClusterBootstrap;

/**
 * nmd_cluster_bootstrap:
 * @scores: whose rows they are; its scores are not read
 * @statistic: called once for the table, once a draw, once a subject
 * @draws: number of draws, 2,000 where nothing else is wanted
 * @seed: stream "SEED:bootstrap:0:"
 * @name: of the table, for errors
 *
 * Draws as many subjects as there are, with replacement (draws with one class only again). Percentiles are
 * linear between order statistics. BCa takes the percentiles
 *
 *     α = Φ(z₀ + (z₀ ± 1.96)/(1 − a(z₀ ± 1.96)))
 *     z₀ = Φ⁻¹((draws below the value + ½ draws equal to it)/draws)
 *     a = Σ d³/(6 (Σ d²)^{3/2}),  d = mean of the jackknife − the jackknife without subject s
 *
 * where a subject whose absence leaves no number is passed over. Independent of the order of rows.
 *
 * Source: Efron, JASA 82 (1987) 171; Davison and Hinkley, Bootstrap Methods (1997), 5.3; subjects as the unit:
 * Field and Welsh, JRSS B 69 (2007) 369.
 *
 * Errors: %NMD_ERROR_FORMAT naming @name: fewer than two subjects of a class, no number for the table itself.
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_cluster_bootstrap            (const NmdScores     *scores,
                                           NmdStatistic         statistic,
                                           gpointer             data,
                                           guint                draws,
                                           guint64              seed,
                                           const char          *name,
                                           NmdClusterBootstrap *out,
                                           GError             **error);

/* The same for the AUC of @scores or, given the same rows with other scores in @second (nullable), for the
 * first AUC less the second. Besides: a score that is no number, tables of different length. */
gboolean nmd_cluster_bootstrap_auc        (const NmdScores     *scores,
                                           const NmdScores     *second,
                                           guint                draws,
                                           guint64              seed,
                                           const char          *name,
                                           NmdClusterBootstrap *out,
                                           GError             **error);

G_END_DECLS
