/* SPDX-License-Identifier: Apache-2.0
 *
 * One layer of pixels, which is drawn anew where the image, the size or the screen's scale is another.
 */
#include "ui/widgets/nmd-still-picture.h"

#include "ui/widgets/nmd-grey-picture.h"
#include "ui/widgets/nmd-view-layer.h"

#define RADIUS 6

struct _NmdStillPicture
{
  GtkWidget parent_instance;

  NmdImage *image;         /* (nullable) */
  NmdGreyPicture *picture; /* (nullable): for another size; none of a tile */
  GskRenderNode *node;     /* (nullable): the image as drawn for: */
  int width, height, scale;
  gboolean is_tile;
};

G_DEFINE_FINAL_TYPE (NmdStillPicture, nmd_still_picture, GTK_TYPE_WIDGET)

static void
draw_image (gpointer view, cairo_t *cr)
{
  static const NmdGreyWindow as_stored = { 0, 1, FALSE };
  NmdStillPicture *self = view;
  NmdCanvas canvas = nmd_canvas_fit (self->image->width, self->image->height, self->width,
                                     self->height);

  if (self->picture == NULL)
    self->picture = nmd_grey_picture_new (self->image, &as_stored);
  if (self->is_tile)
    {
      canvas.scale = MAX ((double)self->width / self->image->width,
                          (double)self->height / self->image->height);
      canvas.x = (self->width - canvas.scale * self->image->width) / 2;
      canvas.y = (self->height - canvas.scale * self->image->height) / 2;
      for (int corner = 0; corner < 4; corner++)
        cairo_arc (cr, corner % 3 == 0 ? self->width - RADIUS : RADIUS,
                   corner < 2 ? self->height - RADIUS : RADIUS, RADIUS, corner * G_PI / 2,
                   (corner + 1) * G_PI / 2);
      cairo_clip (cr);
    }
  nmd_grey_picture_draw (self->picture, cr, &canvas, self->scale, 2);
  if (self->is_tile)
    g_clear_pointer (&self->picture, nmd_grey_picture_free);
}

static void
append_ground (GtkSnapshot *snapshot, const graphene_rect_t *all)
{
  const GdkRGBA grey = { 0.5f, 0.5f, 0.5f, 0.18f };
  GskRoundedRect rounded;

  gsk_rounded_rect_init_from_rect (&rounded, all, RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, &grey, all);
  gtk_snapshot_pop (snapshot);
}

static void
nmd_still_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  NmdStillPicture *self = NMD_STILL_PICTURE (widget);
  const int width = gtk_widget_get_width (widget);
  const int height = gtk_widget_get_height (widget);
  const int scale = gtk_widget_get_scale_factor (widget);
  const graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height);

  if (width < 1 || height < 1)
    return;
  if (width != self->width || height != self->height || scale != self->scale)
    g_clear_pointer (&self->node, gsk_render_node_unref);
  self->width = width;
  self->height = height;
  self->scale = scale;
  if (self->image != NULL)
    nmd_view_layer_append (snapshot, &self->node, &all, scale, draw_image, self);
  else if (self->is_tile)
    append_ground (snapshot, &all);
}

void
nmd_still_picture_set_image (NmdStillPicture *self, NmdImage *image)
{
  g_return_if_fail (NMD_IS_STILL_PICTURE (self));
  if (image == self->image)
    return;
  g_clear_pointer (&self->image, nmd_image_unref);
  self->image = image != NULL ? nmd_image_ref (image) : NULL;
  g_clear_pointer (&self->picture, nmd_grey_picture_free);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
nmd_still_picture_finalize (GObject *object)
{
  NmdStillPicture *self = NMD_STILL_PICTURE (object);

  g_clear_pointer (&self->image, nmd_image_unref);
  g_clear_pointer (&self->picture, nmd_grey_picture_free);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  G_OBJECT_CLASS (nmd_still_picture_parent_class)->finalize (object);
}

static void
nmd_still_picture_class_init (NmdStillPictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = nmd_still_picture_finalize;
  widget_class->snapshot = nmd_still_picture_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
nmd_still_picture_init (NmdStillPicture *self)
{
}

GtkWidget *
nmd_still_picture_new (void)
{
  return g_object_new (NMD_TYPE_STILL_PICTURE, NULL);
}

GtkWidget *
nmd_still_picture_new_tile (void)
{
  /* Part of what names the image: nothing of its own to a screen reader. */
  NmdStillPicture *self
      = g_object_new (NMD_TYPE_STILL_PICTURE, "accessible-role",
                      GTK_ACCESSIBLE_ROLE_PRESENTATION, "can-target", FALSE, NULL);

  self->is_tile = TRUE;
  return GTK_WIDGET (self);
}
