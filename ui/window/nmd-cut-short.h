/* SPDX-License-Identifier: Apache-2.0
 *
 * A training that the end of the program, or a crash, cut short: the settings name it while it runs, and
 * the next start finds it in the list of runs.
 */
#pragma once

#include "ui/session/nmd-training-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Writes the folder name of the training that runs into @settings; "" when it ends, unless another window has
 * written its own by then. */
void        nmd_cut_short_note (GSettings          *settings,
                                NmdTrainingSession *training);

/* Returns: (transfer full) (nullable): the folder name that @settings hold, for the first window of the program:
 * where others are open already, one of them may have it in training. */
char       *nmd_cut_short_dup_noted (GSettings       *settings,
                                     GtkWindow       *window) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full) (nullable): the run with the folder name @name (nullable) in @runs, if it can
 * go on. */
NmdRunItem *nmd_cut_short_find (GListModel         *runs,
                                const char         *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
