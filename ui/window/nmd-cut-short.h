/* SPDX-License-Identifier: Apache-2.0
 *
 * A training that the end of the program, or a crash, cut short: the settings name it while it runs, and
 * the next start finds it in the list of runs.
 */
#pragma once

#include "ui/session/nmd-training-session.h"

G_BEGIN_DECLS

/* Writes the folder name of the training that runs into @settings; "" where none does. */
void        nmd_cut_short_note (GSettings          *settings,
                                NmdTrainingSession *training);

/* Returns: (transfer full) (nullable): the run with the folder name @name (nullable) in @runs, if it can
 * go on. */
NmdRunItem *nmd_cut_short_find (GListModel         *runs,
                                const char         *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
