/* SPDX-License-Identifier: Apache-2.0
 *
 * What the Scan page says under the echo intensity: median, areas, thicknesses, callipers and angles, and by what they
 * are in centimetres.
 */
#pragma once

#include "engine/model/nmd-scan.h"
#include "ui/session/nmd-scan-marks.h"

G_BEGIN_DECLS

/* @marks (nullable): what was drawn on @scan. @cm: centimetres a pixel by two marks; 0: not calibrated so. Returns:
 * (transfer full): lines without an end, "" where nothing was measured. */
char *nmd_scan_measures_describe (NmdScan            *scan,
                                  const NmdScanMarks *marks,
                                  double              cm) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
