/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a model card, a file each.
 */
#pragma once

#include "engine/report/nmd-run-card.h"

G_BEGIN_DECLS

/* A fixed number of decimals, "–" for NaN, "−" for a minus. Returns: (transfer full) */
char *nmd_card_number      (double             value,
                            int                decimals) G_GNUC_WARN_UNUSED_RESULT;

/* Appends @text (nullable: nothing) as a sentence, whether it has its full stop or not. */
void  nmd_card_add_sentence (NmdDocument      *document,
                            NmdBlockKind       kind,
                            const char        *text);

/* Who is in which part. */
void  nmd_card_add_data    (NmdDocument       *document,
                            const NmdRunFacts *facts);
/* Measures, calibration, what they are worth. */
void  nmd_card_add_results (NmdDocument       *document,
                            const NmdRunFacts *facts);
/* The rivals with their differences. */
void  nmd_card_add_rivals  (NmdDocument       *document,
                            const NmdRunFacts *facts);

G_END_DECLS
