/* SPDX-License-Identifier: Apache-2.0
 *
 * What a visit comes to, as text, table and report. Nothing of it is measured here, and nothing is written to files.
 */
#pragma once

#include "ui/session/nmd-visit-session.h"

#include "engine/image/nmd-measure.h"
#include "engine/report/nmd-document.h"

G_BEGIN_DECLS

/**
 * NmdVisitLine:
 * @item: the image; borrowed
 * @marks: (nullable): what was drawn on it; borrowed
 * @outline: the outline's name
 * @is_muscle: it is the first one, by which the image counts
 * @echo: (nullable): inside it; %NULL: there is no outline
 * @thickness: of it in pixels; NaN without one
 * @has_scale: lengths in it are known in centimetres, by @scale
 *
 * One outline of one image.
 */
typedef struct
{
  NmdVisitItem *item;
  const NmdScanMarks *marks;
  const char *outline;
  gboolean is_muscle;
  const NmdEchoIntensity *echo;
  double thickness;
  gboolean has_scale;
  NmdRegion scale;
} NmdVisitLine;

/* The outlines of all images, a line for each image at least. Returns: (transfer full): array of NmdVisitLine; valid until
 * the visit or a drawing changes. */
GArray      *nmd_visit_list_lines       (NmdVisitSession *visit);

/* The frame of @item's file that was measured; 0: the file has one picture. */
guint        nmd_visit_line_get_frame   (const NmdVisitLine *line);

/* "callipers 1.49 cm; angle 73.0°": what was measured on the image of @line. Returns: (transfer full) (nullable). */
char        *nmd_visit_line_get_measures (const NmdVisitLine *line,
                                          double              cm);

/* "IM_0001, frame 3": the file's name, and the frame where it has several. Returns: (transfer full). */
char        *nmd_visit_line_get_name    (const NmdVisitLine *line) G_GNUC_WARN_UNUSED_RESULT;

/* What text and report say of callipers and angles was copied or saved: see nmd_scan_session_keep_measures(). */
void         nmd_visit_keep_measures    (NmdVisitSession *visit);

/* The visit as text for the record, one line a fact: outlines, callipers, averages by muscle with left, right and their
 * difference, z, units, version. Lengths are in centimetres where they are known. Returns: (transfer full). */
char        *nmd_visit_to_text          (NmdVisitSession *visit) G_GNUC_WARN_UNUSED_RESULT;

/* A table, one row an outline: image, frame, outline, muscle, side, echo_intensity, sd, median, area_pixels, area_cm2,
 * thickness_pixels, thickness_cm, z (of the muscle's side, averaged over its images). Returns: (transfer full). */
char        *nmd_visit_to_csv           (NmdVisitSession *visit) G_GNUC_WARN_UNUSED_RESULT;

/* A report for the record: @title, the figure "scan", then tables of outlines, of muscles and of z with its reference,
 * and by what lengths are known. Returns: (transfer full). */
NmdDocument *nmd_visit_report_new       (NmdVisitSession *visit,
                                         const char      *title) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
