/* SPDX-License-Identifier: Apache-2.0
 *
 * How many subjects a measurement needs, and how many there are. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-scores.h"

G_BEGIN_DECLS

/* Widths of 95 % intervals that are asked for. */
#define NMD_WIDTH_AUC 0.1
#define NMD_WIDTH_OE 0.2    /* observed over expected positives, about 1 */
#define NMD_WIDTH_SLOPE 0.4 /* of the calibration slope, about 1 */

/**
 * NmdSampleSize:
 * @n_here: subjects in the table
 * @prevalence: share of positive ones
 * @auc: of their mean scores
 * @n_auc: subjects that an AUC interval %NMD_WIDTH_AUC wide needs; NaN if it cannot be said
 * @n_oe: that O/E with an interval %NMD_WIDTH_OE wide needs
 * @n_slope: that a calibration slope with an interval %NMD_WIDTH_SLOPE wide needs; NaN where all mean scores
 *   are equal
 */
typedef struct
{
  guint n_here;
  double prevalence, auc;
  double n_auc, n_oe, n_slope;
} NmdSampleSize;

/**
 * nmd_sample_size_compute:
 * @scores: the table, an image a row; probabilities where there are any
 *
 * By subject (means of a subject's scores), with φ the share of positive subjects, C their AUC and
 * LP = logit(score):
 *
 *     O/E:   n = (1 − φ)/(φ·s²),  s = asinh(width/2)/1.96
 *     slope: n = I_α/(s²·(I_α·I_β − I_αβ²)),  s = width/(2·1.96)
 *            I_α = mean p(1 − p), I_αβ = mean LP·p(1 − p), I_β = mean LP²·p(1 − p), p = score
 *     AUC:   the smallest n with 2·1.96·√(C(1 − C)(1 + (n/2 − 1)((1 − C)/(2 − C) + C/(1 + C)))/(n²φ(1 − φ)))
 *            ≤ width
 *
 * rounded up. Scores are kept within [1e-12, 1 − 1e-12]. Everything NaN where a class is missing or a score is
 * NaN; an AUC of 0 or 1 gives no variance and so no number for itself.
 *
 * Source: Riley et al., Stat. Med. 40 (2021) 4230, criteria 1, 2 and 3; Newcombe, Stat. Med. 25 (2006) 559.
 */
void  nmd_sample_size_compute (const NmdScores     *scores,
                               NmdSampleSize       *out);

/* "To measure an AUC to 0.1 (width of the 95 % interval), O/E to 0.2 and a calibration slope to 0.4 takes about
 * 150, 420 and 830 subjects at 33 % positive ones (Riley 2021); here are 60". %NULL where nothing can be said. */
char *nmd_sample_size_to_text (const NmdSampleSize *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
