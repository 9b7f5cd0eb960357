/* SPDX-License-Identifier: Apache-2.0
 *
 * What a result is worth to somebody who must decide: the decision curve, and predictive values at
 * other shares of positives than that of the data. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/* Threshold probabilities of the curve: 0.01, 0.02 … 0.99. */
#define NMD_DECISION_POINTS 99

/**
 * NmdDecisionCurve:
 * @threshold: threshold probability p_t
 * @model: net benefit of treating those with probability ≥ p_t
 * @all: of treating everybody; treating nobody is 0
 * @low: 2.5 percentile of @model by a bootstrap of subjects; NaN where there is none
 * @high: 97.5 percentile
 * @prevalence: the share of positives that the curve is of
 * @useful_from: first p_t of the longest run of points where @model is above both @all and 0; NaN without
 *   any
 * @useful_to: its last
 *
 * Plain; nothing to free.
 */
typedef struct
{
  double threshold[NMD_DECISION_POINTS], model[NMD_DECISION_POINTS], all[NMD_DECISION_POINTS];
  double low[NMD_DECISION_POINTS], high[NMD_DECISION_POINTS];
  double prevalence, useful_from, useful_to;
} NmdDecisionCurve;

/**
 * nmd_decision_curve:
 * @probabilities: calibrated; a mere score has no threshold probability
 * @prevalence: in (0, 1), or NaN for the share of positives in the table
 * @seed: of the draws
 * @curve: (out caller-allocates): the curve
 *
 *     net benefit = sensitivity·π − (1 − specificity)·(1 − π)·p_t/(1 − p_t)
 *
 * which at the table's own share of positives is tp/n − fp/n·p_t/(1 − p_t); of treating everybody
 * π − (1 − π)·p_t/(1 − p_t). The band is pointwise from 1,000 draws, and NaN under %NMD_MIN_SUBJECTS subjects
 * in a class. Probabilities of a table are those at its own prevalence: at another @prevalence give
 * probabilities of that one (nmd_probability_at()).
 *
 * Source: Vickers and Elkin, Medical Decision Making 26 (2006) 565; prevalence: Vickers et al., BMC Medical
 * Informatics 8 (2008) 53.
 *
 * Returns: %FALSE, with everything NaN, if a class is missing or a probability is NaN
 */
gboolean nmd_decision_curve    (const NmdScores  *probabilities,
                                double            prevalence,
                                guint64           seed,
                                NmdDecisionCurve *curve);

/* The longest run of points where @low of @curve is above both @all and 0. FALSE: there is none, or no
 * interval. */
gboolean nmd_decision_curve_find_sure (const NmdDecisionCurve *curve,
                                       double                 *from,
                                       double                 *to);

/* Shares of positives at which predictive values are reported. */
#define NMD_N_PREVALENCES 7
extern const double nmd_prevalences[NMD_N_PREVALENCES];

/**
 * NmdPredictiveValues:
 * @prevalence: π
 * @ppv: P(positive | called positive); NaN where nobody is called so
 * @npv: P(negative | called negative); likewise
 * @ppv_ci: 95 % by subject; NaN without
 * @npv_ci: likewise
 */
typedef struct
{
  double prevalence, ppv, npv;
  NmdInterval ppv_ci, npv_ci;
} NmdPredictiveValues;

/**
 * nmd_predictive_values:
 * @sensitivity: with its interval by subject
 * @specificity: likewise
 * @prevalence: in (0, 1)
 *
 *     ppv = Se·π/(Se·π + (1 − Sp)(1 − π)),  npv = Sp(1 − π)/(Sp(1 − π) + (1 − Se)π)
 *
 * The interval goes over the likelihood ratio Se/(1 − Sp) (or Sp/(1 − Se)), whose logarithm is a difference of
 * two independent numbers with known intervals (Zou and Donner, Stat. Med. 27 (2008) 1693, eq. 2 with ρ = 0);
 * where one of the two is 0, over the quotient of their far ends.
 *
 * Source: Bayes; Altman and Bland, BMJ 309 (1994) 102.
 */
NmdPredictiveValues nmd_predictive_values (const NmdMeasure *sensitivity,
                                           const NmdMeasure *specificity,
                                           double            prevalence);

G_END_DECLS
