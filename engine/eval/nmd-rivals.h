/* SPDX-License-Identifier: Apache-2.0
 *
 * Further rivals: logistic regressions on other things that are known of an image without a network, on the
 * same split. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-rival.h"

G_BEGIN_DECLS

/**
 * NmdRivalFeatures:
 * @title: "mask area" …, as a sentence has it after "that of"
 * @n: features of a row, 1 or more
 * @train: one row of @n values for each row of the training part
 * @validation: (nullable): likewise
 * @measured: likewise
 * @note: (nullable): a sentence that follows the comparison's
 *
 * What a rival knows of the rows of three tables. A row with a NaN is left out. Borrowed for the call.
 */
typedef struct
{
  const char *title;
  guint n;
  const double *train, *validation, *measured;
  const char *note;
} NmdRivalFeatures;

/**
 * NmdRivalRow:
 * @title: owned
 * @n_features: as given
 * @ridge: that was chosen
 * @comparison: with the network
 * @p_holm: DeLong's p (a row a subject) after Holm; NaN where there is none
 */
typedef struct
{
  char *title;
  guint n_features;
  double ridge;
  NmdComparison comparison;
  double p_holm;
} NmdRivalRow;

/**
 * nmd_rivals_compare:
 * @sets: what each rival knows
 * @n_sets: how many
 * @train: the training part
 * @validation: (nullable): the validation part, if it is not what is measured
 * @measured: what is measured, with the network's scores
 * @first_p: DeLong's p of a rival that was compared already, NaN for none; counted in Holm's correction
 * @first_holm: (out): it after Holm
 *
 * Features are standardised by mean and SD of the training part (÷n; a constant one counts as 0). Of the ridges
 * 10⁻³, 10⁻² … 10³ on the sum of the training losses the one with the least cross entropy on @validation, the
 * larger of equals; 1 without @validation. Intercept without ridge. A rival that cannot be fitted or compared (no
 * rows, one class) is left out.
 *
 * Holm: p of rank k (from 0) of m times m − k, made rising, at most 1 (Scandinavian Journal of Statistics 6 (1979)
 * 65).
 *
 * Returns: (transfer full): array of NmdRivalRow, in the order of @sets
 */
GArray *nmd_rivals_compare (const NmdRivalFeatures *sets,
                            guint                   n_sets,
                            const NmdScores        *train,
                            const NmdScores        *validation,
                            const NmdScores        *measured,
                            double                  first_p,
                            double                 *first_holm) G_GNUC_WARN_UNUSED_RESULT;

/* Holm's correction of @n values in their places; NaN stays and does not count. */
void    nmd_holm           (double                 *p,
                            guint                   n);

/* An array of no rows that frees what rows hold. */
GArray *nmd_rivals_new      (void) G_GNUC_WARN_UNUSED_RESULT;

/* An array: each the object of nmd_comparison_to_json() with "title", "n_features", "ridge", "p_holm". */
JsonArray *nmd_rivals_to_json (const GArray        *rows) G_GNUC_WARN_UNUSED_RESULT;

/* Reads member "rivals" of @top; an empty array where it is missing. Errors: %NMD_ERROR_FORMAT naming file and
 * member. */
GArray *nmd_rivals_from_json (const NmdJsonValue    *top,
                              GError               **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
