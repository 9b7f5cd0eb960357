/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report: what was read, what was left out and why, with links to the images that it names.
 */
#pragma once

#include "engine/data/import/nmd-import.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows @samples (of NmdSample, at least one). @problem: that all of them have; 0 where they are named one by one. */
typedef void (*NmdReportFunc) (GPtrArray  *samples,
                               NmdProblems problem,
                               gpointer    user_data);

/* Shows the report of @dataset over @parent's window; Escape closes it. A row that names images calls @show with
 * @object, which is its user data and not owned, while that lives, and closes the report. */
void nmd_report_dialog_present (GtkWidget     *parent,
                                NmdDataset    *dataset,
                                NmdReportFunc  show,
                                GObject       *object);

G_END_DECLS
