/* SPDX-License-Identifier: Apache-2.0
 *
 * The tools at work: points of the pointer become a mask or a measure. Knows no widget, so that each tool can be
 * driven by a test. What is drawn stays inside until it is finished; the outline itself is the
 * caller's.
 */
#pragma once

#include "engine/image/nmd-mask-edit.h"
#include "ui/widgets/nmd-canvas.h"
#include "ui/widgets/nmd-tools.h"

#include <cairo.h>

G_BEGIN_DECLS

typedef struct _NmdOutlineEditor NmdOutlineEditor;

/* What an event did. */
typedef enum
{
  NMD_EDIT_NOTHING,  /* it is not for the tool */
  NMD_EDIT_USED,     /* something may look different */
  NMD_EDIT_OUTLINE,  /* nmd_outline_editor_get_mask() is the new outline */
  NMD_EDIT_MEASURE,  /* nmd_outline_editor_get_points() are the measured points */
  NMD_EDIT_PROMPT,   /* … are a click (one) or the corners of a box (two) for a network */
} NmdEdit;

NmdOutlineEditor *nmd_outline_editor_new        (void) G_GNUC_WARN_UNUSED_RESULT;
void              nmd_outline_editor_free       (NmdOutlineEditor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdOutlineEditor, nmd_outline_editor_free)

/* The image (nullable) and its outline (nullable), both referenced. A shape under way stays if the image does
 * and the outline is the one that the editor made. */
void              nmd_outline_editor_set_image  (NmdOutlineEditor *self,
                                                 NmdImage         *image,
                                                 NmdImage         *mask);
/* Gives up what is under way. */
void              nmd_outline_editor_set_tool   (NmdOutlineEditor *self,
                                                 NmdTool           tool);
NmdTool           nmd_outline_editor_get_tool   (NmdOutlineEditor *self);

/* The brush's radius in image pixels, 1 to 200; 10 at first. */
double            nmd_outline_editor_get_radius (NmdOutlineEditor *self);
void              nmd_outline_editor_set_radius (NmdOutlineEditor *self,
                                                 double            radius);

/* One event of the pointer: (@x, @y) in image pixels, @near the distance in image pixels within which something
 * is hit. @how joins a finished shape with the outline that is there. */
NmdEdit           nmd_outline_editor_press      (NmdOutlineEditor *self,
                                                 double            x,
                                                 double            y,
                                                 double            near,
                                                 int               n_press,
                                                 NmdMaskJoin       how);
NmdEdit           nmd_outline_editor_move       (NmdOutlineEditor *self,
                                                 double            x,
                                                 double            y,
                                                 double            near);
NmdEdit           nmd_outline_editor_release    (NmdOutlineEditor *self,
                                                 double            x,
                                                 double            y,
                                                 double            near);

/* Enter at the keyboard's cross, for the @n-th time there: sets a corner or begins what is dragged, and the next one
 * ends that; of a polygon and a livewire the second at a place, and one at the start, closes. */
NmdEdit           nmd_outline_editor_enter      (NmdOutlineEditor *self,
                                                 double            x,
                                                 double            y,
                                                 double            near,
                                                 int               n,
                                                 NmdMaskJoin       how);
/* Whether something is held: between press and release. */
gboolean          nmd_outline_editor_is_held    (NmdOutlineEditor *self);

/* Closes what is under way, as a double click does. */
NmdEdit           nmd_outline_editor_close      (NmdOutlineEditor *self);
/* Takes the last point back; of a closed polygon the corner under the pointer. */
NmdEdit           nmd_outline_editor_remove     (NmdOutlineEditor *self);
/* Gives up what is under way. %NMD_EDIT_NOTHING if there is nothing. */
NmdEdit           nmd_outline_editor_cancel     (NmdOutlineEditor *self);

/* After %NMD_EDIT_OUTLINE. (transfer none) */
NmdImage         *nmd_outline_editor_get_mask   (NmdOutlineEditor *self);
/* Whether what is under way, or was finished last, takes away: Ctrl was held where it began. */
gboolean          nmd_outline_editor_takes_away (NmdOutlineEditor *self);
/* After %NMD_EDIT_MEASURE and %NMD_EDIT_PROMPT: x, y pairs in image pixels; *@n of them. (transfer none) */
const double     *nmd_outline_editor_get_points (NmdOutlineEditor *self,
                                                 guint            *n);

/* The brush's mask between press and release, else %NULL. (transfer none) */
const NmdImage   *nmd_outline_editor_get_paint  (NmdOutlineEditor *self);
/* Draws the shape under way; of the brush its circle alone. */
void              nmd_outline_editor_draw       (NmdOutlineEditor *self,
                                                 cairo_t          *cr,
                                                 const NmdCanvas  *canvas);

G_END_DECLS
