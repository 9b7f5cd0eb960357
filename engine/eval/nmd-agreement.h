/* SPDX-License-Identifier: Apache-2.0
 *
 * How far two ways of measuring the same thing agree. Pure functions of differences. Threads: any.
 */
#pragma once

#include "engine/core/nmd-json-value.h"
#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/**
 * NmdAgreement:
 * @bias: mean d̄ of the differences
 * @sd: their standard deviation s, ÷(n − 1)
 * @low, @high: limits of agreement d̄ ± 1.96 s
 * @bias_ci, @low_ci, @high_ci: their 95 % intervals
 * @n: differences that are numbers
 *
 * Differences between two ways of measuring; NaN where there are too few.
 *
 * Source: Bland and Altman, Lancet 327 (1986) 307; intervals: Statistical Methods in Medical Research 8
 * (1999) 135.
 */
typedef struct
{
  double bias, sd, low, high;
  NmdInterval bias_ci, low_ci, high_ci;
  guint n;
} NmdAgreement;

/**
 * nmd_agreement_compute:
 * @differences: @n values; those that are no numbers are left out
 * @subjects: (nullable): whose each is, from 0; %NULL: each its own
 * @n_subjects: their number
 * @seed: of the stream "SEED:bootstrap:0:"
 *
 * **Each difference a subject's own**: with t the 0.975 quantile of Student's t at n − 1 degrees of freedom,
 *
 *     d̄ ± t s/√n,    (d̄ ± 1.96 s) ± t s √(1/n + 1.96²/(2(n − 1)))
 *
 * **Several of a subject**: these intervals would be too narrow. They are the 2.5 and 97.5 percentiles over
 * 2,000 draws of subjects with replacement, each with all its differences.
 *
 * Edge cases: under two numbers there is no SD; under NMD_MIN_SUBJECTS subjects no interval.
 */
void        nmd_agreement_compute   (NmdAgreement       *self,
                                     const double       *differences,
                                     guint               n,
                                     const guint        *subjects,
                                     guint               n_subjects,
                                     guint64             seed);

/* {bias, sd, low, high, n, bias_ci: [low, high] or null, low_ci, high_ci}, and back; intervals may be
 * missing (older files). */
JsonObject *nmd_agreement_to_json   (const NmdAgreement *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean    nmd_agreement_from_json (NmdAgreement       *self,
                                     const NmdJsonValue *both,
                                     const char         *name,
                                     GError            **error);

G_END_DECLS
