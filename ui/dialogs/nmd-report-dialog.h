/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report: what was read, what was left out and why.
 */
#pragma once

#include "engine/data/import/nmd-import.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the report of @dataset; Escape closes it. */
void nmd_report_dialog_present (GtkWindow  *parent,
                                NmdDataset *dataset);

G_END_DECLS
