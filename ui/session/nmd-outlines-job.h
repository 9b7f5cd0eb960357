/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing outlines for other tools as a job of the pool.
 */
#pragma once

#include "engine/data/outlines/nmd-outlines-export.h"
#include "ui/session/nmd-notices.h"

G_BEGIN_DECLS

/* Writes the outlines of @dataset into @folder, which has to be new or empty; @notices says how it went: how many
 * images, how many have no mask, or what was in the way. Threads: main thread. */
void nmd_outlines_start_export (NmdDataset        *dataset,
                                NmdOutlinesFormat  format,
                                const char        *folder,
                                const char        *label,
                                NmdNotices        *notices);

G_END_DECLS
