/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawing of a grey image. Input is nmd-view-input.c's. Where it stands is nmd-viewport.c's, its pixels nmd-grey-picture.c's, texts
 * over it nmd-view-signs.c's.
 */
#include "ui/widgets/nmd-grey-view.h"

#include "ui/widgets/nmd-grey-picture.h"
#include "ui/widgets/nmd-view-layer.h"
#include "ui/widgets/nmd-view-signs.h"
#include "ui/widgets/nmd-viewport.h"

#include <glib/gi18n.h>
#include <math.h>

#define REVEAL_MARGIN 16.0 /* units from the widget's edge */

typedef struct
{
  NmdImage *image;
  NmdGreyPicture *picture;
  GskRenderNode *picture_node; /* (nullable): as drawn last, while that holds … */
  GskRenderNode *over_node;    /* … and the same of draw_over() */
  NmdGreyWindow window;
  cairo_surface_t *overlay;
  NmdBox overlay_box;
  double overlay_opacity;
  double overlay_start; /* share of the widget's width that has none */
  gboolean show_ruler;
  double cm_per_pixel;
  NmdViewport port;
  guint tick;
  gboolean inside; /* the pointer is */
  double pointer_x, pointer_y;
} NmdGreyViewPrivate;

enum
{
  PROP_0,
  PROP_BRIGHTNESS,
  PROP_CONTRAST,
  PROP_INVERTED,
  PROP_FLIPPED,
  PROP_SHOW_RULER,
  PROP_CM_PER_PIXEL,
  PROP_OVERLAY_OPACITY,
  PROP_OVERLAY_START,
  PROP_READOUT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  VIEW_CHANGED,
  STEP,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (NmdGreyView, nmd_grey_view, GTK_TYPE_WIDGET)

#define PRIVATE(self) ((NmdGreyViewPrivate *)nmd_grey_view_get_instance_private (self))

/* Drawing */

static char *
readout (NmdGreyView *self)
{
  NmdGreyViewPrivate *p = PRIVATE (self);
  double black = 0, white = 255, x = -1, y = -1;

  if (p->image == NULL)
    return g_strdup ("");
  nmd_grey_window_get_levels (&p->window, &black, &white);
  if (p->inside)
    nmd_canvas_widget_to_image (&p->port.shown, p->pointer_x, p->pointer_y, &x, &y);
  return nmd_view_signs_readout (
      p->image, p->port.shown.scale * gtk_widget_get_scale_factor (GTK_WIDGET (self)),
      black, white, x, y);
}

void
nmd_grey_view_redraw (NmdGreyView *self)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));
  g_clear_pointer (&PRIVATE (self)->over_node, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The picture stands elsewhere or looks different. */
static void
renew_node (NmdGreyView *self)
{
  NmdGreyViewPrivate *p = PRIVATE (self);

  g_clear_pointer (&p->picture_node, gsk_render_node_unref);
  nmd_grey_view_redraw (self);
}

static void
renew_picture (NmdGreyView *self)
{
  NmdGreyViewPrivate *p = PRIVATE (self);

  g_clear_pointer (&p->picture, nmd_grey_picture_free);
  renew_node (self);
}

static void
draw_picture (gpointer view, cairo_t *cr)
{
  NmdGreyView *self = view;
  NmdGreyViewPrivate *p = PRIVATE (self);
  const NmdCanvas *canvas = &p->port.shown;

  if (p->picture == NULL)
    p->picture = nmd_grey_picture_new (p->image, &p->window);
  nmd_grey_picture_draw (p->picture, cr, canvas,
                         gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
  if (p->overlay == NULL || p->overlay_opacity <= 0)
    return;
  const NmdBox *box = &p->overlay_box;
  double width = cairo_image_surface_get_width (p->overlay);
  double height = cairo_image_surface_get_height (p->overlay);
  cairo_save (cr);
  cairo_rectangle (cr, p->overlay_start * p->port.width, 0, p->port.width,
                   p->port.height);
  cairo_clip (cr);
  cairo_translate (cr, canvas->x, canvas->y);
  cairo_scale (cr, canvas->flipped ? -canvas->scale : canvas->scale, canvas->scale);
  cairo_translate (cr, box->x0, box->y0);
  cairo_scale (cr, (box->x1 - box->x0) / width, (box->y1 - box->y0) / height);
  cairo_set_source_surface (cr, p->overlay, 0, 0);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  cairo_paint_with_alpha (cr, p->overlay_opacity);
  cairo_restore (cr);
}

static void
draw_signs (NmdGreyView *self, GtkSnapshot *snapshot)
{
  NmdGreyViewPrivate *p = PRIVATE (self);
  GtkWidget *widget = GTK_WIDGET (self);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autofree char *text = readout (self);

  if (p->show_ruler)
    nmd_view_signs_draw_ruler (widget, snapshot, &p->port.shown, p->image->width,
                               p->image->height, p->cm_per_pixel);
  nmd_view_signs_draw_text (widget, snapshot, text, 6, height - 6, width - 12, TRUE);
  nmd_view_signs_draw_badges (widget, snapshot, p->port.canvas.flipped,
                              p->window.inverted);
}

/* What lies over the picture, and over that what a tool is doing. */
static void
draw_layer (NmdGreyView *self, cairo_t *cr, gboolean tool)
{
  NmdGreyViewClass *klass = NMD_GREY_VIEW_GET_CLASS (self);
  NmdCanvas canvas = PRIVATE (self)->port.shown;

  canvas.line = nmd_canvas_line (gtk_widget_get_width (GTK_WIDGET (self)),
                                 gtk_widget_get_height (GTK_WIDGET (self)));
  (tool ? klass->draw_tool : klass->draw_over) (self, cr, &canvas);
}

static void
draw_over (gpointer view, cairo_t *cr)
{
  draw_layer (view, cr, FALSE);
}

static void
draw_tool (gpointer view, cairo_t *cr)
{
  draw_layer (view, cr, TRUE);
}

static void
nmd_grey_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  NmdGreyView *self = NMD_GREY_VIEW (widget);
  NmdGreyViewPrivate *p = PRIVATE (self);
  NmdGreyViewClass *klass = NMD_GREY_VIEW_GET_CLASS (self);
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (widget),
                                            (float)gtk_widget_get_height (widget));

  GskRenderNode *tool = NULL; /* another with each event */

  if (p->image == NULL)
    return;
  gtk_snapshot_push_clip (snapshot, &all);
  nmd_view_layer_append (snapshot, &p->picture_node, &all,
                         p->tick != 0 ? 0 : gtk_widget_get_scale_factor (widget),
                         draw_picture, self);
  if (klass->draw_over != NULL)
    nmd_view_layer_append (snapshot, &p->over_node, &all, 0, draw_over, self);
  if (klass->snapshot != NULL)
    klass->snapshot (self, snapshot, &p->port.shown);
  if (klass->draw_tool != NULL)
    nmd_view_layer_append (snapshot, &tool, &all, 0, draw_tool, self);
  draw_signs (self, snapshot);
  gtk_snapshot_pop (snapshot);
  g_clear_pointer (&tool, gsk_render_node_unref);
}

/* Moving */

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  NmdGreyView *self = NMD_GREY_VIEW (widget);
  NmdGreyViewPrivate *p = PRIVATE (self);
  gboolean goes_on = nmd_viewport_step (&p->port, gdk_frame_clock_get_frame_time (clock));

  renew_node (self);
  if (!goes_on)
    p->tick = 0;
  return goes_on;
}

/* When a move starts; 0 where the desktop wants no animations or nothing is seen. */
static gint64
now (NmdGreyView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gboolean animate = FALSE;

  g_object_get (gtk_widget_get_settings (widget), "gtk-enable-animations", &animate,
                NULL);
  if (!animate || clock == NULL || !gtk_widget_get_mapped (widget))
    return 0;
  return gdk_frame_clock_get_frame_time (clock);
}

/* After nmd_viewport_…: starts what moves. */
static void
moved (NmdGreyView *self, gboolean by_user)
{
  NmdGreyViewPrivate *p = PRIVATE (self);

  renew_node (self);
  if (p->port.start_us != 0 && p->tick == 0)
    p->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
  if (by_user)
    g_signal_emit (self, signals[VIEW_CHANGED], 0);
}

void
nmd_grey_view_zoom_at (
    NmdGreyView *self, double factor, double x, double y, gboolean slowly)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdGreyViewPrivate *p = PRIVATE (self);
  if (p->image == NULL)
    return;
  nmd_viewport_zoom (&p->port, factor, x, y, slowly ? now (self) : 0);
  moved (self, TRUE);
}

void
nmd_grey_view_move_to (NmdGreyView *self, double x, double y)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdGreyViewPrivate *p = PRIVATE (self);
  NmdCanvas canvas = p->port.canvas;
  canvas.x = x;
  canvas.y = y;
  nmd_viewport_go (&p->port, &canvas, 0);
  moved (self, TRUE);
}

static void
get_middle (NmdGreyView *self, double *x, double *y)
{
  NmdGreyViewPrivate *p = PRIVATE (self);

  *x = p->inside ? p->pointer_x : gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;
  *y = p->inside ? p->pointer_y : gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;
}

void
nmd_grey_view_toggle_one_to_one (NmdGreyView *self)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdGreyViewPrivate *p = PRIVATE (self);
  double one = 1.0 / gtk_widget_get_scale_factor (GTK_WIDGET (self)), x = 0, y = 0;

  get_middle (self, &x, &y);
  if (fabs (p->port.canvas.scale - one) < 1e-6)
    nmd_grey_view_fit (self);
  else
    nmd_grey_view_zoom_at (self, one / p->port.canvas.scale, x, y, TRUE);
}

void
nmd_grey_view_set_image (NmdGreyView *self, NmdImage *image)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdGreyViewPrivate *p = PRIVATE (self);
  if (p->image == image)
    return;
  g_clear_pointer (&p->image, nmd_image_unref);
  if (image != NULL)
    p->image = nmd_image_ref (image);
  g_clear_pointer (&p->overlay, cairo_surface_destroy);
  nmd_viewport_set_image (&p->port, image != NULL ? image->width : 0,
                          image != NULL ? image->height : 0);
  renew_picture (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READOUT]);
}

void
nmd_grey_view_set_frame (NmdGreyView *self, NmdImage *image)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self) && image != NULL);

  NmdGreyViewPrivate *p = PRIVATE (self);
  if (p->image == image)
    return;
  if (p->image == NULL || p->image->width != image->width
      || p->image->height != image->height)
    {
      nmd_grey_view_set_image (self, image);
      return;
    }
  nmd_image_ref (image);
  nmd_image_unref (p->image);
  p->image = image;
  renew_picture (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READOUT]);
}

void
nmd_grey_view_set_overlay (NmdGreyView *self, GdkTexture *overlay, const NmdBox *box)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdGreyViewPrivate *p = PRIVATE (self);
  g_clear_pointer (&p->overlay, cairo_surface_destroy);
  if (overlay != NULL && box != NULL)
    {
      p->overlay_box = *box;
      p->overlay = cairo_image_surface_create (CAIRO_FORMAT_ARGB32,
                                               gdk_texture_get_width (overlay),
                                               gdk_texture_get_height (overlay));
      gdk_texture_download (overlay, cairo_image_surface_get_data (p->overlay),
                            (gsize)cairo_image_surface_get_stride (p->overlay));
      cairo_surface_mark_dirty (p->overlay);
    }
  renew_node (self);
}

void
nmd_grey_view_fit (NmdGreyView *self)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  nmd_viewport_go (&PRIVATE (self)->port, NULL, now (self));
  moved (self, TRUE);
}

void
nmd_grey_view_zoom (NmdGreyView *self, double factor)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));
  nmd_grey_view_zoom_at (self, factor, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                         gtk_widget_get_height (GTK_WIDGET (self)) / 2.0, TRUE);
}

gboolean
nmd_grey_view_get_canvas (NmdGreyView *self, NmdCanvas *canvas)
{
  g_return_val_if_fail (NMD_IS_GREY_VIEW (self), FALSE);
  *canvas = PRIVATE (self)->port.canvas;
  return !PRIVATE (self)->port.fitted;
}

void
nmd_grey_view_set_canvas (NmdGreyView *self, const NmdCanvas *canvas)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdViewport *port = &PRIVATE (self)->port;
  gboolean dragged = canvas != NULL && canvas->scale == port->canvas.scale;
  nmd_viewport_go (port, canvas, dragged ? 0 : now (self));
  moved (self, FALSE);
}

void
nmd_grey_view_get_shown (NmdGreyView *self, NmdCanvas *canvas)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));
  *canvas = PRIVATE (self)->port.shown;
}

void
nmd_grey_view_set_pointer (NmdGreyView *self, gboolean inside, double x, double y)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdGreyViewPrivate *p = PRIVATE (self);
  p->inside = inside;
  p->pointer_x = x;
  p->pointer_y = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READOUT]);
}

void
nmd_grey_view_point_at (NmdGreyView *self, int x, int y)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdViewport *port = &PRIVATE (self)->port;
  double at_x = 0, at_y = 0;

  if (!port->fitted)
    {
      NmdCanvas to = nmd_canvas_reveal (
          &port->canvas, x + 0.5, y + 0.5, gtk_widget_get_width (GTK_WIDGET (self)),
          gtk_widget_get_height (GTK_WIDGET (self)), REVEAL_MARGIN);
      if (to.x != port->canvas.x || to.y != port->canvas.y)
        nmd_grey_view_move_to (self, to.x, to.y);
    }
  nmd_canvas_image_to_widget (&port->shown, x + 0.5, y + 0.5, &at_x, &at_y);
  nmd_grey_view_set_pointer (self, TRUE, at_x, at_y);
}

gboolean
nmd_grey_view_has_image (NmdGreyView *self)
{
  g_return_val_if_fail (NMD_IS_GREY_VIEW (self), FALSE);
  return PRIVATE (self)->image != NULL;
}

/* Grey levels */

void
nmd_grey_view_get_window (NmdGreyView *self, double *black, double *white)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));
  nmd_grey_window_get_levels (&PRIVATE (self)->window, black, white);
}

void
nmd_grey_view_set_window (NmdGreyView *self, double black, double white)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdGreyWindow window = PRIVATE (self)->window;

  nmd_grey_window_set_levels (&window, black, MAX (white, black + 16));
  g_object_set (self, "contrast", CLAMP (window.contrast, 0.25, 16), "brightness",
                CLAMP (window.brightness, -16, 16), NULL);
}

void
nmd_grey_view_reset_grey (NmdGreyView *self)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));
  g_object_set (self, "brightness", 0.0, "contrast", 1.0, "inverted", FALSE, NULL);
}

void
nmd_grey_view_preset (NmdGreyView *self, int preset)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (self));

  NmdGreyWindow window = PRIVATE (self)->window;
  double black = 0, white = 255;
  nmd_grey_window_preset (&window, preset, PRIVATE (self)->image);
  nmd_grey_window_get_levels (&window, &black, &white);
  nmd_grey_view_set_window (self, black, white);
}

/* Object */

static void
nmd_grey_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  NmdGreyViewPrivate *p = PRIVATE (NMD_GREY_VIEW (object));

  switch (id)
    {
    case PROP_BRIGHTNESS:
      g_value_set_double (value, p->window.brightness);
      break;
    case PROP_CONTRAST:
      g_value_set_double (value, p->window.contrast);
      break;
    case PROP_INVERTED:
      g_value_set_boolean (value, p->window.inverted);
      break;
    case PROP_FLIPPED:
      g_value_set_boolean (value, p->port.canvas.flipped);
      break;
    case PROP_SHOW_RULER:
      g_value_set_boolean (value, p->show_ruler);
      break;
    case PROP_CM_PER_PIXEL:
      g_value_set_double (value, p->cm_per_pixel);
      break;
    case PROP_OVERLAY_OPACITY:
      g_value_set_double (value, p->overlay_opacity);
      break;
    case PROP_OVERLAY_START:
      g_value_set_double (value, p->overlay_start);
      break;
    case PROP_READOUT:
      g_value_take_string (value, readout (NMD_GREY_VIEW (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_flipped (NmdGreyView *self, gboolean flipped)
{
  NmdViewport *port = &PRIVATE (self)->port;
  gboolean fitted = port->fitted;

  if (port->canvas.flipped == flipped)
    return;
  NmdCanvas canvas = nmd_canvas_flip (&port->canvas, port->image_width);
  nmd_viewport_go (port, &canvas, 0);
  port->fitted = fitted;
  moved (self, TRUE);
}

static void
nmd_grey_view_set_property (GObject *object,
                            guint id,
                            const GValue *value,
                            GParamSpec *pspec)
{
  NmdGreyView *self = NMD_GREY_VIEW (object);
  NmdGreyViewPrivate *p = PRIVATE (self);
  GValue before = G_VALUE_INIT;

  g_value_init (&before, pspec->value_type);
  nmd_grey_view_get_property (object, id, &before, pspec);
  gboolean same = g_param_values_cmp (pspec, &before, value) == 0;
  g_value_unset (&before);
  if (same)
    return;
  switch (id)
    {
    case PROP_BRIGHTNESS:
      p->window.brightness = g_value_get_double (value);
      renew_picture (self);
      break;
    case PROP_CONTRAST:
      p->window.contrast = g_value_get_double (value);
      renew_picture (self);
      break;
    case PROP_INVERTED:
      p->window.inverted = g_value_get_boolean (value);
      renew_picture (self);
      break;
    case PROP_FLIPPED:
      set_flipped (self, g_value_get_boolean (value));
      break;
    case PROP_SHOW_RULER:
      p->show_ruler = g_value_get_boolean (value);
      break;
    case PROP_CM_PER_PIXEL:
      p->cm_per_pixel = g_value_get_double (value);
      break;
    case PROP_OVERLAY_OPACITY:
      p->overlay_opacity = g_value_get_double (value);
      renew_node (self);
      break;
    case PROP_OVERLAY_START:
      p->overlay_start = g_value_get_double (value);
      renew_node (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
  nmd_grey_view_redraw (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
nmd_grey_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  NmdGreyView *self = NMD_GREY_VIEW (widget);

  nmd_viewport_set_size (&PRIVATE (self)->port, width, height);
  renew_node (self);
}

static void
nmd_grey_view_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = 64;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : 300;
}

/* Texts over it may have another font or size. */
static void
nmd_grey_view_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (nmd_grey_view_parent_class)->css_changed (widget, change);
  nmd_grey_view_redraw (NMD_GREY_VIEW (widget));
}

static void
nmd_grey_view_dispose (GObject *object)
{
  NmdGreyViewPrivate *p = PRIVATE (NMD_GREY_VIEW (object));

  if (p->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (object), p->tick);
  p->tick = 0;
  g_clear_pointer (&p->image, nmd_image_unref);
  g_clear_pointer (&p->picture, nmd_grey_picture_free);
  g_clear_pointer (&p->picture_node, gsk_render_node_unref);
  g_clear_pointer (&p->over_node, gsk_render_node_unref);
  g_clear_pointer (&p->overlay, cairo_surface_destroy);
  G_OBJECT_CLASS (nmd_grey_view_parent_class)->dispose (object);
}

static void
nmd_grey_view_class_init (NmdGreyViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = nmd_grey_view_get_property;
  object_class->set_property = nmd_grey_view_set_property;
  object_class->dispose = nmd_grey_view_dispose;
  widget_class->snapshot = nmd_grey_view_snapshot;
  widget_class->size_allocate = nmd_grey_view_size_allocate;
  widget_class->measure = nmd_grey_view_measure;
  widget_class->css_changed = nmd_grey_view_css_changed;

  properties[PROP_BRIGHTNESS]
      = g_param_spec_double ("brightness", NULL, NULL, -16, 16, 0, flags);
  properties[PROP_CONTRAST]
      = g_param_spec_double ("contrast", NULL, NULL, 0.25, 16, 1, flags);
  properties[PROP_INVERTED] = g_param_spec_boolean ("inverted", NULL, NULL, FALSE, flags);
  properties[PROP_FLIPPED] = g_param_spec_boolean ("flipped", NULL, NULL, FALSE, flags);
  properties[PROP_SHOW_RULER]
      = g_param_spec_boolean ("show-ruler", NULL, NULL, FALSE, flags);
  properties[PROP_CM_PER_PIXEL]
      = g_param_spec_double ("cm-per-pixel", NULL, NULL, 0, 100, 0, flags);
  properties[PROP_OVERLAY_OPACITY]
      = g_param_spec_double ("overlay-opacity", NULL, NULL, 0, 1, 0.6, flags);
  properties[PROP_OVERLAY_START]
      = g_param_spec_double ("overlay-start", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_READOUT] = g_param_spec_string (
      "readout", NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[VIEW_CHANGED]
      = g_signal_new ("view-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STEP]
      = g_signal_new ("step", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_BOOLEAN);
  gtk_widget_class_set_css_name (widget_class, "imageview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
nmd_grey_view_init (NmdGreyView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  NmdGreyViewPrivate *p = PRIVATE (self);

  p->window.contrast = 1;
  p->overlay_opacity = 0.6;
  p->port.fitted = TRUE;
  p->port.canvas.scale = p->port.shown.scale = 1;
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (renew_node), NULL);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
}
