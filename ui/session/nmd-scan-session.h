/* SPDX-License-Identifier: Apache-2.0
 *
 * The scan under study: a sample of the open data set or a file of its own, and the outline drawn
 * on it. What a model says of it is nmd-explanation-session's.
 */
#pragma once

#include "ui/session/nmd-data-session.h"
#include "ui/session/nmd-scan-marks.h"

#include "engine/model/nmd-scan.h"

G_BEGIN_DECLS

#define NMD_TYPE_SCAN_SESSION (nmd_scan_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdScanSession, nmd_scan_session, NMD, SCAN_SESSION, GObject)

/**
 * NmdScanSession:
 *
 * Follows the data session: the first sample that comes in is chosen, and what was chosen while
 * images came in is chosen again in the whole data set. A run's data set, which comes in behind
 * what is shown, does not push away a file that was opened.
 *
 * What is drawn is kept by the image's path and page until the program ends: who comes back to the
 * image finds it there. It is written only by nmd_scan_session_save_mask().
 *
 * Properties, notified:
 *   "sample" (NmdSample, nullable, writable): the chosen sample of the data set
 *   "scan" (NmdScan, nullable): pixels and outline of the chosen sample or of an opened file
 *   "cm-per-pixel" (double, writable): 0 until the depth scale was calibrated; holds for the visit, but for files that
 *     say themselves how long their pixels are, see nmd_scan_session_drop_scale()
 *
 * Signal "marks-changed": an outline, a measure or what is drawn on has changed.
 * Signal "choose-page" (string path, string mask or %NULL, uint n): the file that was to be opened has n pages;
 * nmd_scan_session_open_page() opens the one that is meant.
 * Signal "reading" (boolean started): another image is being read; %FALSE: it could not be, and the scan stays.
 *
 * Threads: main thread only; images are read on the ask thread, and only the newest answer counts.
 */

/* Both are referenced. */
NmdScanSession *nmd_scan_session_new          (NmdNotices     *notices,
                                               NmdDataSession *data);

/* Returns: (transfer none) (nullable): the chosen sample. */
NmdSample      *nmd_scan_session_get_sample   (NmdScanSession *self);

/* Chooses @sample (nullable) and reads its image. */
void            nmd_scan_session_set_sample   (NmdScanSession *self,
                                               NmdSample      *sample);

/* Returns: (transfer none) (nullable): the scan; still the former one while another is read. */
NmdScan        *nmd_scan_session_get_scan     (NmdScanSession *self);

/* Reads the image at @path with its outline from @mask_path, which takes the place of the muscle's that was drawn;
 * %NULL takes the mask that was opened for it before, or looks for NAME_mask.png beside it, or for the same name in a
 * folder Masks beside Images. */
void            nmd_scan_session_open_image   (NmdScanSession *self,
                                               const char     *path,
                                               const char     *mask_path);

/* The same of page @page of a TIFF or frame of a DICOM file, from 1; 0 asks for one where there are several ("choose-page"),
 * and takes the first of several frames. */
void            nmd_scan_session_open_page    (NmdScanSession *self,
                                               const char     *path,
                                               const char     *mask_path,
                                               guint           page);

/* Makes another frame, from 1, of the scan's DICOM file the scan. */
void            nmd_scan_session_show_frame   (NmdScanSession *self,
                                               guint           frame);

/* The new outline of the scan, of its image's size; %NULL takes it away. A step that can be undone. */
void            nmd_scan_session_set_mask     (NmdScanSession *self,
                                               NmdImage       *mask);

/* The active outline one step back or forth. FALSE where there is none. */
gboolean        nmd_scan_session_undo         (NmdScanSession *self);
gboolean        nmd_scan_session_redo         (NmdScanSession *self);

/* Returns: (transfer none) (nullable): outlines and measures of the scan; %NULL while nothing was
 * drawn on it. */
const NmdScanMarks *nmd_scan_session_get_marks (NmdScanSession *self);

/* Returns: (transfer none) (nullable): the same of page @page of the image at @path, shown or not. */
const NmdScanMarks *nmd_scan_session_find_marks (NmdScanSession *self,
                                                 const char     *path,
                                                 guint           page);

/* From now on, until the program ends, what the scan's file says of lengths does not count; "cm-per-pixel" does. */
void            nmd_scan_session_drop_scale   (NmdScanSession *self);

/* Draws on the outline of this name from now on; it is made if there is none. */
void            nmd_scan_session_choose_outline (NmdScanSession *self,
                                                 const char     *name);

/* A distance (@n 2) or an angle (3) between points x, y in image pixels. */
void            nmd_scan_session_add_measure  (NmdScanSession *self,
                                               const double   *points,
                                               guint           n);
void            nmd_scan_session_clear_measures (NmdScanSession *self);

/* Writes the active outline as a PNG of 0 and 255, of the image's size. Never over what is open, and over
 * nothing where @path gets its ending here. What comes of it is told by the notices. */
void            nmd_scan_session_save_mask    (NmdScanSession *self,
                                               const char     *path);

/* Returns: (nullable): the mask file that was opened for the scan, or else with the file opened last. */
const char     *nmd_scan_session_get_mask_path (NmdScanSession *self);

/* Returns: how many images have an outline that was drawn here and is in memory only. */
guint           nmd_scan_session_count_drawn  (NmdScanSession *self);

/* Returns: how many images have distances or angles since those were copied or saved last. */
guint           nmd_scan_session_count_measured (NmdScanSession *self);

/* The measures of page @page of the image at @path were copied or saved. */
void            nmd_scan_session_keep_measures (NmdScanSession *self,
                                                const char     *path,
                                                guint           page);

G_END_DECLS
