/* SPDX-License-Identifier: Apache-2.0
 *
 * A scan and its heat map as pictures: image and overlay, the map alone between them, or one picture with a line
 * that is swiped over it. All are zoomed, moved and windowed together.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"
#include "ui/widgets/nmd-image-view.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_EXPLAIN_VIEWS (nmd_explain_views_get_type ())
G_DECLARE_FINAL_TYPE (NmdExplainViews, nmd_explain_views, NMD, EXPLAIN_VIEWS, AdwBin)

typedef enum
{
  NMD_EXPLAIN_TWO,   /* image, map over image */
  NMD_EXPLAIN_THREE, /* image, map, map over image */
  NMD_EXPLAIN_SWIPE, /* the image left of a line, the map over it right of that */
} NmdExplainMode;

/* Property: "mode" (uint, an NmdExplainMode), notified. Signal: "step" (int by, boolean by_subject), as of
 * NmdGreyView. */

/* The picture that is drawn on; in each mode it is seen. Its overlay is the map's in a swipe, and free otherwise. */
NmdImageView *nmd_explain_views_get_image   (NmdExplainViews *self);
/* The picture with the map over it; its "overlay-opacity" is that of the swipe too. */
NmdImageView *nmd_explain_views_get_overlay (NmdExplainViews *self);

/* Follows the session's outlines; once. */
void          nmd_explain_views_connect     (NmdExplainViews *self,
                                             NmdNotices      *notices,
                                             NmdScanSession  *session);
/* Shows @scan (nullable), without a map until one is set. */
void          nmd_explain_views_set_scan    (NmdExplainViews *self,
                                             NmdScan         *scan);
/* The map's colours over @box (nullable), and what map it is. */
void          nmd_explain_views_set_map     (NmdExplainViews *self,
                                             GdkTexture      *colours,
                                             const NmdBox    *box,
                                             const char      *title);
/* FALSE: there is no model, so the image is shown alone. */
void          nmd_explain_views_show_map    (NmdExplainViews *self,
                                             gboolean         show);

G_END_DECLS
