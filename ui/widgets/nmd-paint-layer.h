/* SPDX-License-Identifier: Apache-2.0
 *
 * A mask that is being painted, in squares: a square whose pixels did not change since the last frame is the same node, so that
 * a stroke of the brush has GTK paint anew only where it passes.
 */
#pragma once

#include "ui/widgets/nmd-canvas.h"

#include "engine/image/nmd-image.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _NmdPaintLayer NmdPaintLayer;

NmdPaintLayer *nmd_paint_layer_new    (void);
void           nmd_paint_layer_free   (NmdPaintLayer     *self);

/* Appends the pixels of @mask that are not 0 in the paint's colour, where @canvas puts them within a widget of @width by
 * @height; %NULL appends nothing and lets go of the last one. */
void           nmd_paint_layer_append (NmdPaintLayer     *self,
                                       GtkSnapshot       *snapshot,
                                       const NmdImage    *mask,
                                       const NmdCanvas   *canvas,
                                       int                width,
                                       int                height);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPaintLayer, nmd_paint_layer_free)

G_END_DECLS
