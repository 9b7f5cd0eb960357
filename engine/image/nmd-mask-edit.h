/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawing on masks: shapes, the brush, joining, and the history that undoes and redoes. A pixel
 * belongs to a shape if its centre (i + 0.5, j + 0.5) does, as in nmd_mask_new_polygon(). Pure functions of
 * pixels. Threads: any; a history belongs to one.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* A mask of the ellipse inscribed in the rectangle between two opposite corners, cut at the frame; of its
 * edge the pixels whose centre lies on it belong to it. Empty where the rectangle has no area. */
NmdImage *nmd_mask_new_ellipse (int             width,
                                int             height,
                                double          x0,
                                double          y0,
                                double          x1,
                                double          y1) G_GNUC_WARN_UNUSED_RESULT;

/* A copy that may be drawn on. */
NmdImage *nmd_mask_copy        (const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

/* One step of a round brush, from (@x0, @y0) to (@x1, @y1): pixels whose centre is at most @radius away
 * from that line are set, or unset where not @set. Draws on @mask, which must have one owner. */
void      nmd_mask_brush       (NmdImage       *mask,
                                double          x0,
                                double          y0,
                                double          x1,
                                double          y1,
                                double          radius,
                                gboolean        set);

/* What a new shape does with the outline that is there. */
typedef enum
{
  NMD_MASK_REPLACE,
  NMD_MASK_ADD,
  NMD_MASK_SUBTRACT,
} NmdMaskJoin;

/* @mask (nullable: empty) and @shape of the same size joined: shape, mask ∪ shape or mask ∖ shape. */
NmdImage *nmd_mask_join        (const NmdImage *mask,
                                const NmdImage *shape,
                                NmdMaskJoin     how) G_GNUC_WARN_UNUSED_RESULT;

/**
 * NmdMaskHistory:
 *
 * The states that a mask went through. The present one is kept as pixels, a step as the runs of pixels in
 * which two states differ: undo and redo are exact to the pixel and a step takes eight bytes a run.
 * At most %NMD_MASK_HISTORY_STEPS are kept, the oldest go first.
 */
typedef struct _NmdMaskHistory NmdMaskHistory;

#define NMD_MASK_HISTORY_STEPS 200

/* @mask: the first state; %NULL: an empty one of @width × @height. Copied. */
NmdMaskHistory *nmd_mask_history_new      (int                   width,
                                           int                   height,
                                           const NmdImage       *mask) G_GNUC_WARN_UNUSED_RESULT;
void            nmd_mask_history_free     (NmdMaskHistory       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdMaskHistory, nmd_mask_history_free)

/* Returns: (transfer none): the present state. Another step makes a new image of it, so that a
 * reference stays what it was. */
NmdImage       *nmd_mask_history_get      (const NmdMaskHistory *self);

/* Makes @mask, of the same size, the present state. What was undone can no longer be redone. FALSE if
 * nothing differs: then there is no step. */
gboolean        nmd_mask_history_push     (NmdMaskHistory       *self,
                                           const NmdImage       *mask);

/* One step back or forth. FALSE where there is none. */
gboolean        nmd_mask_history_undo     (NmdMaskHistory       *self);
gboolean        nmd_mask_history_redo     (NmdMaskHistory       *self);
gboolean        nmd_mask_history_can_undo (const NmdMaskHistory *self);
gboolean        nmd_mask_history_can_redo (const NmdMaskHistory *self);

/* Whether the present state came about by steps: at the first state it did not. Where steps were dropped
 * the first state is out of reach. */
gboolean        nmd_mask_history_is_changed (const NmdMaskHistory *self);

/* Bytes that the steps take. */
gsize           nmd_mask_history_get_size (const NmdMaskHistory *self);

G_END_DECLS
