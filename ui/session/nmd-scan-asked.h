/* SPDX-License-Identifier: Apache-2.0
 *
 * Which scan a question or a file dialog is about: by the time of its answer another one may be shown.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"

G_BEGIN_DECLS

/* @object, which waits for the answer, asks about the scan that @session shows now. */
void     nmd_scan_asked_note     (GObject        *object,
                                  NmdScanSession *session);

/* Returns: (nullable): the scan that @object asked about last. */
NmdScan *nmd_scan_asked_get      (GObject        *object);

/* Whether @session still shows that file, and @page: that page or frame of it too, whatever was drawn on it meanwhile. If
 * not, @notices says that nothing is done. */
gboolean nmd_scan_asked_is_shown (GObject        *object,
                                  NmdScanSession *session,
                                  NmdNotices     *notices,
                                  gboolean        page);

G_END_DECLS
