/* SPDX-License-Identifier: Apache-2.0
 *
 * Layers of a view that are drawn with Cairo. What did not change is the same node as in the last frame, and no node of lines is
 * larger than they are, so that GTK paints anew only where something else is.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef void (*NmdViewLayerFunc) (gpointer view,
                                  cairo_t *cr);

/* Appends *@node; where that is %NULL what @draw draws within @bounds, which begin at 0, 0, kept there: as pixels, @scale of
 * them a unit, which are fast to paint again, or with 0 as lines, where painting again draws them again. */
void nmd_view_layer_append (GtkSnapshot           *snapshot,
                            GskRenderNode        **node,
                            const graphene_rect_t *bounds,
                            int                    scale,
                            NmdViewLayerFunc       draw,
                            gpointer               view);

G_END_DECLS
