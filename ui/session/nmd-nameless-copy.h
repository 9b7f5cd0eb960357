/* SPDX-License-Identifier: Apache-2.0
 *
 * Saves a copy of a scan without names in the background. What stays in it is the engine's (nmd-dicom.h).
 */
#pragma once

#include "engine/model/nmd-scan.h"
#include "ui/session/nmd-notices.h"

G_BEGIN_DECLS

/* Writes @scan, which is of a DICOM file, with @black (nullable) blacked out: at a @path that ends in .png the grey image of its
 * frame; in .dcm a Secondary Capture of all frames. Other endings, and the scan's own file, are refused. What comes of it
 * is told by @notices. Main thread only. */
void nmd_nameless_copy_save (NmdNotices   *notices,
                             NmdScan      *scan,
                             const NmdBox *black,
                             const char   *path);

G_END_DECLS
