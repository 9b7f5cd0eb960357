/* SPDX-License-Identifier: Apache-2.0
 *
 * AUC, sensitivity, specificity and the other measures side by side, each with its 95 % interval or, in a
 * tooltip, why it has none.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_MEASURE_TILES (nmd_measure_tiles_get_type ())
G_DECLARE_FINAL_TYPE (NmdMeasureTiles, nmd_measure_tiles, NMD, MEASURE_TILES, GtkBox)

/* Shows @metrics; nothing of it is kept. */
void nmd_measure_tiles_show (NmdMeasureTiles  *self,
                             const NmdMetrics *metrics);

G_END_DECLS
