/* SPDX-License-Identifier: Apache-2.0
 *
 * Results as sentences in the reader's language. The engine has the same sentences in English, for the run's
 * files and for `nmd`; what is read in the window is made here, from the same numbers.
 */
#pragma once

#include "engine/nmd.h"

G_BEGIN_DECLS

/* How a threshold was chosen, as nmd_threshold_to_text(). */
char       *nmd_words_of_threshold  (const NmdThreshold  *threshold) G_GNUC_WARN_UNUSED_RESULT;

/* With @digits decimals in the user's locale, a true minus, and no "−0.00". */
char       *nmd_words_of_number     (double                value,
                                     int                   digits) G_GNUC_WARN_UNUSED_RESULT;

/* "[0.97, 0.998]": two decimals, more where an end would look like a 0 or 1 that it is not. "" for none. */
char       *nmd_words_of_interval   (const NmdInterval   *interval) G_GNUC_WARN_UNUSED_RESULT;

/* Why a measure has no interval, as nmd_measure_get_missing(). Returns: (nullable): %NULL if it has one. */
char       *nmd_words_of_missing    (const NmdMeasure    *measure) G_GNUC_WARN_UNUSED_RESULT;

/* The network beside echo intensity alone, as @sentence of #NmdComparison. */
char       *nmd_words_of_comparison (const NmdComparison *comparison) G_GNUC_WARN_UNUSED_RESULT;

/* Bias and limits of agreement of echo intensities, as nmd_agreement_to_text(). */
char       *nmd_words_of_agreement  (const NmdAgreement  *agreement,
                                     gboolean             by_subject) G_GNUC_WARN_UNUSED_RESULT;

/* A run's note in the reader's language where it is one of the engine's fixed sentences, else as it is.
 * Returns: @note or a static text. */
const char *nmd_words_of_note       (const char          *note);

G_END_DECLS
