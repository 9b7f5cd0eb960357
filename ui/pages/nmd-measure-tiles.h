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

/* Shows the rates that these fields of a confusion matrix give, until they are measured with intervals; measures that no
 * threshold changes stay. */
void nmd_measure_tiles_show_counts (NmdMeasureTiles *self,
                                    guint            tp,
                                    guint            fn,
                                    guint            fp,
                                    guint            tn);

G_END_DECLS
