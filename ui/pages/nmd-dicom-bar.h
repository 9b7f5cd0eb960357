/* SPDX-License-Identifier: Apache-2.0
 *
 * The bar under the canvas for a scan of a DICOM file: play, pause and slider where it has several frames; its header; a copy
 * without names. Hidden for other scans.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"
#include "ui/widgets/nmd-image-view.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_DICOM_BAR (nmd_dicom_bar_get_type ())
G_DECLARE_FINAL_TYPE (NmdDicomBar, nmd_dicom_bar, NMD, DICOM_BAR, GtkBox)

/* Gives the bar what it works on, once; @notices and @session are referenced. While the cine moves @view shows its frames. */
void nmd_dicom_bar_set_session (NmdDicomBar    *self,
                                NmdNotices     *notices,
                                NmdScanSession *session,
                                NmdImageView   *view);

/* Plays the cine, or stops it. Nothing where there is none. */
void nmd_dicom_bar_toggle      (NmdDicomBar    *self);

G_END_DECLS
