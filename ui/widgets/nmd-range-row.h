/* SPDX-License-Identifier: Apache-2.0
 *
 * A range of a filter: how many images have which number, and two sliders for what passes.
 */
#pragma once

#include "ui/widgets/nmd-sample-filter.h"

G_BEGIN_DECLS

#define NMD_TYPE_RANGE_ROW (nmd_range_row_get_type ())
G_DECLARE_FINAL_TYPE (NmdRangeRow, nmd_range_row, NMD, RANGE_ROW, GtkBox)

/* Neither is referenced: the row goes before the filter has other ranges. */
GtkWidget *nmd_range_row_new (NmdSampleFilter *filter,
                              NmdRange        *range);

G_END_DECLS
