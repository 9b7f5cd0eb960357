/* SPDX-License-Identifier: Apache-2.0
 *
 * Storing what a page made in a file that the user named. Threads: main thread only; the file is written on the pool.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"

G_BEGIN_DECLS

/* Writes @bytes to @path, whole or not at all, over nothing that is open here: the scan, its mask, an image or mask of the
 * data set. @scan_session: (nullable). Tells by @notices that it is saved, or why not. */
void nmd_saving_start (NmdNotices     *notices,
                       NmdDataSession *data,
                       NmdScanSession *scan_session,
                       const char     *path,
                       GBytes         *bytes);

G_END_DECLS
