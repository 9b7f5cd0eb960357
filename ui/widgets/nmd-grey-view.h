/* SPDX-License-Identifier: Apache-2.0
 *
 * A grey image to look at: zoomed, moved, flipped, windowed, with a ruler and a read-out of the pixel under the
 * pointer. The pixels themselves are never changed. Outlines and tools are nmd-image-view.h's, which
 * derives from it; pointer and keys are nmd-view-input.h's.
 */
#pragma once

#include "engine/image/nmd-image.h"
#include "ui/widgets/nmd-canvas.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_GREY_VIEW (nmd_grey_view_get_type ())
G_DECLARE_DERIVABLE_TYPE (NmdGreyView, nmd_grey_view, NMD, GREY_VIEW, GtkWidget)

/* A press, motion or release of the primary button (for a motion: or of none). */
typedef struct
{
  double x, y;           /* image pixels; may lie outside the image */
  double unit;           /* image pixels a unit of the widget */
  int n_press;           /* 1, 2, …: of a press */
  gboolean is_down;      /* the button is held */
  GdkModifierType state;
} NmdPointer;

/* What a derived view may do; each may be NULL. TRUE: the event was used. */
struct _NmdGreyViewClass
{
  GtkWidgetClass parent_class;

  void     (*draw_over) (NmdGreyView *self, cairo_t *cr, const NmdCanvas *canvas);
  void     (*draw_tool) (NmdGreyView *self, cairo_t *cr, const NmdCanvas *canvas);
  void     (*snapshot)  (NmdGreyView *self, GtkSnapshot *snapshot, const NmdCanvas *canvas); /* below draw_tool() */
  gboolean (*press)     (NmdGreyView *self, const NmdPointer *pointer);
  gboolean (*motion)    (NmdGreyView *self, const NmdPointer *pointer);
  gboolean (*release)   (NmdGreyView *self, const NmdPointer *pointer);
  gboolean (*key)       (NmdGreyView *self, guint key, GdkModifierType state);
};

/* Properties: "brightness" (−16 to 16), "contrast" (0.25 to 16), "inverted", "flipped", "show-ruler"
 * (booleans), "cm-per-pixel" (0: not calibrated), "overlay-opacity" (0 to 1), "overlay-start" (0 to 1: the share
 * of the widget's width, from the left, that has no overlay), "readout" (text, read-only).
 *
 * Signals: "view-changed": zoomed or moved by the user. "step" (int by, boolean by_subject): the user asks
 * for the image that many places on (G_MININT and G_MAXINT: the first and last), or the next subject. */

/* Another image (nullable), shown whole; the window stays as it is. */
void             nmd_grey_view_set_image   (NmdGreyView     *self,
                                            NmdImage        *image);
/* The next picture of a series: of the same size it is seen where the former one was. */
void             nmd_grey_view_set_frame   (NmdGreyView     *self,
                                            NmdImage        *image);
/* A picture laid over @box of the image (nullable), with the overlay's opacity. */
void             nmd_grey_view_set_overlay (NmdGreyView     *self,
                                            GdkTexture      *overlay,
                                            const NmdBox    *box);
void             nmd_grey_view_fit         (NmdGreyView     *self);
void             nmd_grey_view_zoom        (NmdGreyView     *self,
                                            double           factor);
/* One pixel of the image on one of the screen; from there the whole image. */
void             nmd_grey_view_toggle_one_to_one (NmdGreyView *self);
/* Brightness, contrast and inversion back to the grey levels of the file. */
void             nmd_grey_view_reset_grey  (NmdGreyView     *self);
/* Window presets 0 to 4: 0–255, automatic, 0–128, 96–255, 64–192. */
void             nmd_grey_view_preset      (NmdGreyView     *self,
                                            int              preset);
/* For two views that move together: FALSE, @canvas all the same, while the whole image is shown. */
gboolean         nmd_grey_view_get_canvas  (NmdGreyView     *self,
                                            NmdCanvas       *canvas);
void             nmd_grey_view_set_canvas  (NmdGreyView     *self,
                                            const NmdCanvas *canvas);

/* For what handles the pointer. About (@x, @y) of the widget, @slowly where the desktop has animations. */
void             nmd_grey_view_zoom_at     (NmdGreyView     *self,
                                            double           factor,
                                            double           x,
                                            double           y,
                                            gboolean         slowly);
/* The image's corner at once to (@x, @y) of the widget. */
void             nmd_grey_view_move_to     (NmdGreyView     *self,
                                            double           x,
                                            double           y);
/* Where the image is now, perhaps on its way to get_canvas(). */
void             nmd_grey_view_get_shown   (NmdGreyView     *self,
                                            NmdCanvas       *canvas);
/* The grey levels that are shown black and white; at least 16 apart. */
void             nmd_grey_view_get_window  (NmdGreyView     *self,
                                            double          *black,
                                            double          *white);
void             nmd_grey_view_set_window  (NmdGreyView     *self,
                                            double           black,
                                            double           white);
/* Where the pointer is: for the read-out, and the place that keys zoom about. */
void             nmd_grey_view_set_pointer (NmdGreyView     *self,
                                            gboolean         inside,
                                            double           x,
                                            double           y);
/* As if the pointer were on pixel (@x, @y) of the image; an enlarged image is moved until that is seen. */
void             nmd_grey_view_point_at    (NmdGreyView     *self,
                                            int              x,
                                            int              y);
gboolean         nmd_grey_view_has_image   (NmdGreyView     *self);
/* Something that draw_over() shows has changed. For draw_tool() gtk_widget_queue_draw() is enough. */
void             nmd_grey_view_redraw      (NmdGreyView     *self);

G_END_DECLS
