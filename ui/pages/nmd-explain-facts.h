/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of the scan beside its pictures: the score or why there is none, what the user has to
 * say first, echo intensity with what makes it doubtful, the label, and where the map lies.
 */
#pragma once

#include "ui/session/nmd-explanation-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_EXPLAIN_FACTS (nmd_explain_facts_get_type ())
G_DECLARE_FINAL_TYPE (NmdExplainFacts, nmd_explain_facts, NMD, EXPLAIN_FACTS, GtkBox)

/* Gives the panel what it asks, once; all are referenced. */
void nmd_explain_facts_set_session (NmdExplainFacts       *self,
                                    NmdRunsSession        *runs_session,
                                    NmdExplanationSession *explanation_session);

/* Leaves label and map out: for a page that shows neither. */
void nmd_explain_facts_set_brief   (NmdExplainFacts       *self);

/* Shows what is known of @scan, with the model's @answer (nullable: not there yet). */
void nmd_explain_facts_show        (NmdExplainFacts       *self,
                                    NmdScan               *scan,
                                    const NmdExplanation  *answer);

G_END_DECLS
