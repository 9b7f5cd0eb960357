/* SPDX-License-Identifier: Apache-2.0
 *
 * Layers of a view that are drawn with Cairo. What did not change is the same node as in the last frame, so that GTK paints
 * anew only where something else is.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef void (*NmdViewLayerFunc) (gpointer view,
                                  cairo_t *cr);

/* Appends *@node; where that is %NULL what @draw draws within @bounds, kept there. */
void nmd_view_layer_append       (GtkSnapshot           *snapshot,
                                  GskRenderNode        **node,
                                  const graphene_rect_t *bounds,
                                  NmdViewLayerFunc       draw,
                                  gpointer               view);

/* Appends what @draw draws within @bounds, as a node no larger than that. */
void nmd_view_layer_append_small (GtkSnapshot           *snapshot,
                                  const graphene_rect_t *bounds,
                                  NmdViewLayerFunc       draw,
                                  gpointer               view);

G_END_DECLS
