/* SPDX-License-Identifier: Apache-2.0
 *
 * Plays the frames of the scan under study, where its DICOM file has several. Pictures are decoded in the background and
 * shown in time: those that would come too late are left out. Threads: main thread only.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"

G_BEGIN_DECLS

#define NMD_TYPE_CINE (nmd_cine_get_type ())
G_DECLARE_FINAL_TYPE (NmdCine, nmd_cine, NMD, CINE, GObject)

/* Signals: "picture" (gpointer image: NmdImage): the frame to be shown while the cine moves. "changed": frame, number of
 * frames, or whether it plays. When it stands still for 0.2 s, its frame becomes the scan under study. */
NmdCine *nmd_cine_new          (NmdNotices     *notices,
                                NmdScanSession *session);

/* 0: the scan is none of several frames. */
guint    nmd_cine_get_n_frames (NmdCine        *self);
/* From 1: the one that is shown. */
guint    nmd_cine_get_frame    (NmdCine        *self);
double   nmd_cine_get_rate_hz  (NmdCine        *self);
gboolean nmd_cine_get_playing  (NmdCine        *self);

/* Plays from here, round and round; or stops. */
void     nmd_cine_set_playing  (NmdCine        *self,
                                gboolean        playing);
/* Shows @frame, from 1, and stops playing. */
void     nmd_cine_seek         (NmdCine        *self,
                                guint           frame);

G_END_DECLS
