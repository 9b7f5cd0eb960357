/* SPDX-License-Identifier: Apache-2.0
 *
 * The network beside any rival.
 */
#pragma once

#include "engine/eval/nmd-rival.h"

G_BEGIN_DECLS

/* Compares two tables of the same rows; @what names the rival in the sentence. FALSE, with nothing in @self, if a
 * class is missing. */
gboolean nmd_comparison_init (NmdComparison   *self,
                              const NmdScores *network,
                              const NmdScores *rival,
                              const char      *what);

/* What the numbers in @self allow to be said. */
char    *nmd_comparison_make_sentence (const NmdComparison *self,
                                       const char          *what) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
