/* SPDX-License-Identifier: Apache-2.0
 *
 * The canvas: a scan with its outlines, ROI box and measures, on which the tools work, and over which a map
 * can lie. Looking is nmd-grey-view.h's, what the tools make of the pointer nmd-outline-editor.h's.
 *
 * Keys beside those of nmd-view-input.h: a letter for each tool (nmd-tools.h), [ and ] the brush's size or else
 * the map's opacity, Space and M outlines shown or hidden, H the map, Enter closes a shape, Backspace and Delete
 * take a point back, Escape leaves shape, tool and zoom, in this order. Shift adds to the outline, Ctrl takes away.
 * With a tool, arrows move a cross by one pixel of the image, with Shift by ten, and Enter there is the button
 * (nmd_outline_editor_enter()); the cross comes with the tool's key or an arrow and goes when the pointer moves.
 */
#pragma once

#include "engine/image/nmd-letterbox.h"
#include "engine/model/nmd-scan.h"
#include "ui/session/nmd-scan-marks.h"
#include "ui/widgets/nmd-grey-view.h"
#include "ui/widgets/nmd-tools.h"

G_BEGIN_DECLS

#define NMD_TYPE_IMAGE_VIEW (nmd_image_view_get_type ())
G_DECLARE_FINAL_TYPE (NmdImageView, nmd_image_view, NMD, IMAGE_VIEW, NmdGreyView)

/* Properties: "scan" (NmdScan), "show-outline" (boolean), "tool" (int, NmdTool), "by-keys" (boolean, read-only: the
 * keyboard's cross is shown), and those of NmdGreyView.
 *
 * Signals: "outline-drawn" (gpointer mask: NmdImage, of the scan's size): the user has drawn the outline anew.
 * "measured" (int tool, gpointer points: double x, y pairs in image pixels, uint n): the user has
 * measured. "prompted" (gpointer points: likewise, uint n, boolean belongs): with the proposal tool the user has
 * clicked (one point) or dragged a box (two); "prompt-removed": takes the last back. */
GtkWidget *nmd_image_view_new        (void);
void       nmd_image_view_set_scan   (NmdImageView       *self,
                                      NmdScan            *scan);
NmdScan   *nmd_image_view_get_scan   (NmdImageView       *self);
/* Shows @image, a frame of the scan's file, without outlines and measures until the next scan is set. */
void       nmd_image_view_show_frame (NmdImageView     *self,
                                      NmdImage         *image);
/* Outlines and measures (nullable) of the scan; they must live until they are set anew. Without them the scan's
 * outline is drawn on. */
void       nmd_image_view_set_marks  (NmdImageView       *self,
                                      const NmdScanMarks *marks);
/* An outline that a network proposes: segments as nmd_mask_get_outline() has them (nullable), drawn in a colour of its
 * own with a legend that says @title; without a title nothing is shown of it. */
void       nmd_image_view_set_proposal (NmdImageView    *self,
                                      GArray             *lines,
                                      const char         *title);
/* What was shown to the network (nullable), drawn as marks; copied. */
void       nmd_image_view_set_prompts (NmdImageView      *self,
                                      const NmdPrompts   *prompts);
/* Shares of a side by which the outline's bounds are widened to the ROI box. */
void       nmd_image_view_set_margin (NmdImageView       *self,
                                      double              margin);
void       nmd_image_view_set_tool   (NmdImageView       *self,
                                      NmdTool             tool);

G_END_DECLS
