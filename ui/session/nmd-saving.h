/* SPDX-License-Identifier: Apache-2.0
 *
 * Storing what a page made in a file that the user named. Threads: main thread only; the content is encoded and the
 * file written on the pool.
 */
#pragma once

#include "ui/session/nmd-content.h"
#include "ui/session/nmd-scan-session.h"

G_BEGIN_DECLS

/* What is done once it is saved. */
typedef void (*NmdSavedFunc) (gpointer object);

/* Writes @content (transfer full) to @path, whole or not at all, over nothing that is open here: the scan, its mask, an
 * image or mask of the data set. @scan_session: (nullable). Tells by @notices that it is saved, or why not.
 * @saved: (nullable): called with @object, where it is saved and @object still lives. */
void nmd_saving_start (NmdNotices     *notices,
                       NmdDataSession *data,
                       NmdScanSession *scan_session,
                       const char     *path,
                       NmdContent     *content,
                       NmdSavedFunc    saved,
                       GObject        *object);

G_END_DECLS
