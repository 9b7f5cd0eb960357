/* SPDX-License-Identifier: Apache-2.0
 *
 * The canvas. Geometry is nmd-canvas.c's, grey levels nmd-texture.c's; here are drawing
 * and input.
 */
#include "ui/widgets/nmd-image-view.h"

#include "engine/image/nmd-preprocess.h"
#include "ui/widgets/nmd-scan-lines.h"
#include "ui/widgets/nmd-texture.h"

#include <glib/gi18n.h>
#include <math.h>

#define LARGEST_SCALE 32.0
#define PAN_STEP 40.0
#define CLOSE_DISTANCE 10.0

struct _NmdImageView
{
  GtkWidget parent_instance;

  NmdScan *scan;
  GdkTexture *texture;
  GdkTexture *overlay;
  NmdBox overlay_box;
  double overlay_opacity;
  gboolean show_outline;
  double brightness, contrast, margin;
  NmdTool tool;

  NmdCanvas canvas;
  gboolean fitted; /* the canvas follows the widget's size */

  GArray *points; /* of the shape being drawn: double x, y in image pixels */
  double pointer_x, pointer_y;
  double drag_x,
      drag_y; /* image point (drawing) or canvas offset (panning) at the press */
  double drag_brightness, drag_contrast;
};

enum
{
  PROP_0,
  PROP_SCAN,
  PROP_SHOW_OUTLINE,
  PROP_BRIGHTNESS,
  PROP_CONTRAST,
  PROP_TOOL,
  PROP_OVERLAY_OPACITY,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  SHAPE_DRAWN,
  VIEW_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdImageView, nmd_image_view, GTK_TYPE_WIDGET)

static void
fit_if_fitted (NmdImageView *self)
{
  if (self->fitted && self->scan != NULL)
    self->canvas = nmd_canvas_fit (self->scan->image->width, self->scan->image->height,
                                   gtk_widget_get_width (GTK_WIDGET (self)),
                                   gtk_widget_get_height (GTK_WIDGET (self)));
}

static double
smallest_scale (NmdImageView *self)
{
  NmdCanvas fit = nmd_canvas_fit (self->scan->image->width, self->scan->image->height,
                                  MAX (gtk_widget_get_width (GTK_WIDGET (self)), 16),
                                  MAX (gtk_widget_get_height (GTK_WIDGET (self)), 16));
  return MIN (fit.scale / 2, 1.0);
}

static void
changed_by_user (NmdImageView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[VIEW_CHANGED], 0);
}

static void
zoom_at (NmdImageView *self, double factor, double x, double y)
{
  if (self->scan == NULL)
    return;
  self->canvas = nmd_canvas_zoom (&self->canvas, factor, x, y, smallest_scale (self),
                                  LARGEST_SCALE);
  self->fitted = FALSE;
  changed_by_user (self);
}

static void
renew_texture (NmdImageView *self)
{
  g_clear_object (&self->texture);
  if (self->scan != NULL)
    self->texture
        = nmd_texture_new_grey (self->scan->image, self->brightness, self->contrast);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Text for screen readers. */
static void
describe (NmdImageView *self)
{
  g_autofree char *text = NULL;

  if (self->scan == NULL)
    text = g_strdup (_ ("No image"));
  else if (self->scan->mask == NULL)
    /* Translators: the placeholder is an image's name */
    text = g_strdup_printf (_ ("Ultrasound image %s without an outline"),
                            self->scan->name);
  else
    /* Translators: the placeholder is an image's name */
    text = g_strdup_printf (_ ("Ultrasound image %s with its outline"), self->scan->name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
}

void
nmd_image_view_set_scan (NmdImageView *self, NmdScan *scan)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  g_return_if_fail (scan == NULL || NMD_IS_SCAN (scan));

  gboolean same_pixels
      = scan != NULL && self->scan != NULL && scan->image == self->scan->image;
  if (!g_set_object (&self->scan, scan))
    return;
  g_array_set_size (self->points, 0);
  if (!same_pixels)
    {
      self->fitted = TRUE;
      g_clear_object (&self->overlay);
      renew_texture (self);
      fit_if_fitted (self);
    }
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCAN]);
}

NmdScan *
nmd_image_view_get_scan (NmdImageView *self)
{
  g_return_val_if_fail (NMD_IS_IMAGE_VIEW (self), NULL);
  return self->scan;
}

void
nmd_image_view_set_overlay (NmdImageView *self, GdkTexture *overlay, const NmdBox *box)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  g_set_object (&self->overlay, overlay);
  if (box != NULL)
    self->overlay_box = *box;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
nmd_image_view_set_margin (NmdImageView *self, double margin)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  self->margin = margin;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
nmd_image_view_set_tool (NmdImageView *self, NmdTool tool)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  if (self->tool == tool)
    return;
  self->tool = tool;
  g_array_set_size (self->points, 0);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                   tool == NMD_TOOL_PAN ? NULL : "crosshair");
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOOL]);
}

void
nmd_image_view_fit (NmdImageView *self)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  self->fitted = TRUE;
  fit_if_fitted (self);
  changed_by_user (self);
}

void
nmd_image_view_zoom (NmdImageView *self, double factor)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  zoom_at (self, factor, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
           gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
}

void
nmd_image_view_reset_grey (NmdImageView *self)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  g_object_set (self, "brightness", 0.0, "contrast", 1.0, NULL);
}

gboolean
nmd_image_view_get_canvas (NmdImageView *self, NmdCanvas *canvas)
{
  g_return_val_if_fail (NMD_IS_IMAGE_VIEW (self), FALSE);
  *canvas = self->canvas;
  return !self->fitted;
}

void
nmd_image_view_set_canvas (NmdImageView *self, const NmdCanvas *canvas)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  self->fitted = canvas == NULL;
  if (canvas != NULL)
    self->canvas = *canvas;
  fit_if_fitted (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
nmd_image_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  NmdImageView *self = NMD_IMAGE_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height);

  if (self->scan == NULL || self->texture == NULL)
    return;
  gtk_snapshot_push_clip (snapshot, &all);
  NmdBox frame = { 0, 0, self->scan->image->width, self->scan->image->height };
  graphene_rect_t rect;
  nmd_scan_lines_box_to_rect (&self->canvas, &frame, &rect);
  gtk_snapshot_append_texture (snapshot, self->texture, &rect);
  if (self->overlay != NULL)
    {
      nmd_scan_lines_box_to_rect (&self->canvas, &self->overlay_box, &rect);
      gtk_snapshot_push_opacity (snapshot, self->overlay_opacity);
      gtk_snapshot_append_texture (snapshot, self->overlay, &rect);
      gtk_snapshot_pop (snapshot);
    }
  if ((self->show_outline && self->scan->outline != NULL) || self->points->len > 0)
    {
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &all);
      if (self->show_outline)
        nmd_scan_lines_draw_outline (cr, &self->canvas, self->scan, self->margin);
      nmd_scan_lines_draw_shape (cr, &self->canvas, self->points,
                                 self->tool == NMD_TOOL_BOX, self->pointer_x,
                                 self->pointer_y);
      cairo_destroy (cr);
    }
  gtk_snapshot_pop (snapshot);
}

static void
nmd_image_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  fit_if_fitted (NMD_IMAGE_VIEW (widget));
}

static void
nmd_image_view_measure (GtkWidget *widget,
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

/* Ends the shape being drawn and tells. */
static void
close_shape (NmdImageView *self)
{
  g_autoptr (GArray) points = self->points;

  self->points = g_array_new (FALSE, FALSE, sizeof (double));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (points->len >= (self->tool == NMD_TOOL_BOX ? 4 : 6))
    g_signal_emit (self, signals[SHAPE_DRAWN], 0, points->data, points->len / 2,
                   self->tool == NMD_TOOL_BOX);
}

/* The image point under (@x, @y), kept within the frame. */
static void
point_in_frame (NmdImageView *self, double x, double y, double point[2])
{
  nmd_canvas_widget_to_image (&self->canvas, x, y, &point[0], &point[1]);
  point[0] = CLAMP (point[0], 0, self->scan->image->width);
  point[1] = CLAMP (point[1], 0, self->scan->image->height);
}

static void
on_press (GtkGestureClick *gesture, int n_press, double x, double y, NmdImageView *self)
{
  double point[2];

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->scan == NULL)
    return;
  if (self->tool == NMD_TOOL_PAN)
    {
      if (n_press == 2)
        nmd_image_view_fit (self);
      return;
    }
  if (self->tool != NMD_TOOL_POLYGON)
    return;
  if (self->points->len >= 6)
    {
      const double *p = (const double *)self->points->data;
      double first_x = 0, first_y = 0;
      nmd_canvas_image_to_widget (&self->canvas, p[0], p[1], &first_x, &first_y);
      if (n_press == 2 || hypot (x - first_x, y - first_y) < CLOSE_DISTANCE)
        {
          close_shape (self);
          return;
        }
    }
  point_in_frame (self, x, y, point);
  g_array_append_vals (self->points, point, 2);
  self->pointer_x = x;
  self->pointer_y = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, NmdImageView *self)
{
  self->pointer_x = x;
  self->pointer_y = y;
  if (self->points->len > 0)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, NmdImageView *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  double point[2];

  if (self->scan == NULL)
    return;
  self->drag_x = self->canvas.x;
  self->drag_y = self->canvas.y;
  self->drag_brightness = self->brightness;
  self->drag_contrast = self->contrast;
  if (button == GDK_BUTTON_PRIMARY && self->tool == NMD_TOOL_BOX)
    {
      point_in_frame (self, x, y, point);
      g_array_set_size (self->points, 0);
      g_array_append_vals (self->points, point, 2);
      self->pointer_x = x;
      self->pointer_y = y;
    }
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, NmdImageView *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (self->scan == NULL)
    return;
  if (button == GDK_BUTTON_SECONDARY)
    g_object_set (self, "brightness", CLAMP (self->drag_brightness - dy / 200, -1, 1),
                  "contrast", CLAMP (self->drag_contrast * exp (dx / 150), 0.25, 4),
                  NULL);
  else if (button == GDK_BUTTON_PRIMARY && self->tool == NMD_TOOL_BOX)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  else if (button == GDK_BUTTON_MIDDLE || self->tool == NMD_TOOL_PAN)
    {
      if (hypot (dx, dy) < 2)
        return;
      self->fitted = FALSE;
      self->canvas.x = self->drag_x + dx;
      self->canvas.y = self->drag_y + dy;
      changed_by_user (self);
    }
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, NmdImageView *self)
{
  double start_x = 0, start_y = 0, point[2];

  if (self->scan == NULL || self->tool != NMD_TOOL_BOX || self->points->len != 2)
    return;
  gtk_gesture_drag_get_start_point (gesture, &start_x, &start_y);
  point_in_frame (self, start_x + dx, start_y + dy, point);
  if (hypot (dx, dy) > 6)
    g_array_append_vals (self->points, point, 2);
  close_shape (self);
}

static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, NmdImageView *self)
{
  zoom_at (self, pow (1.15, -dy), self->pointer_x, self->pointer_y);
  return TRUE;
}

static gboolean
on_key (GtkEventControllerKey *controller,
        guint key,
        guint code,
        GdkModifierType state,
        NmdImageView *self)
{
  double dx = 0, dy = 0;

  if (self->scan == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_plus:
    case GDK_KEY_KP_Add:
    case GDK_KEY_equal:
      nmd_image_view_zoom (self, 1.25);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      nmd_image_view_zoom (self, 0.8);
      return TRUE;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      nmd_image_view_fit (self);
      return TRUE;
    case GDK_KEY_r:
      nmd_image_view_reset_grey (self);
      return TRUE;
    case GDK_KEY_Return:
      if (self->tool == NMD_TOOL_POLYGON && self->points->len >= 6)
        close_shape (self);
      return self->tool == NMD_TOOL_POLYGON;
    case GDK_KEY_Escape:
      if (self->points->len == 0)
        return FALSE;
      g_array_set_size (self->points, 0);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return TRUE;
    case GDK_KEY_Left:
      dx = PAN_STEP;
      break;
    case GDK_KEY_Right:
      dx = -PAN_STEP;
      break;
    case GDK_KEY_Up:
      dy = PAN_STEP;
      break;
    case GDK_KEY_Down:
      dy = -PAN_STEP;
      break;
    default:
      return FALSE;
    }
  self->fitted = FALSE;
  self->canvas.x += dx;
  self->canvas.y += dy;
  changed_by_user (self);
  return TRUE;
}

static void
nmd_image_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  NmdImageView *self = NMD_IMAGE_VIEW (object);

  switch (id)
    {
    case PROP_SCAN:
      g_value_set_object (value, self->scan);
      break;
    case PROP_SHOW_OUTLINE:
      g_value_set_boolean (value, self->show_outline);
      break;
    case PROP_BRIGHTNESS:
      g_value_set_double (value, self->brightness);
      break;
    case PROP_CONTRAST:
      g_value_set_double (value, self->contrast);
      break;
    case PROP_TOOL:
      g_value_set_int (value, (int)self->tool);
      break;
    case PROP_OVERLAY_OPACITY:
      g_value_set_double (value, self->overlay_opacity);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* Sets *@field and tells if it changed. */
static gboolean
set_double (NmdImageView *self, double *field, double value, guint id)
{
  if (*field == value)
    return FALSE;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
  return TRUE;
}

static void
nmd_image_view_set_property (GObject *object,
                             guint id,
                             const GValue *value,
                             GParamSpec *pspec)
{
  NmdImageView *self = NMD_IMAGE_VIEW (object);

  switch (id)
    {
    case PROP_SCAN:
      nmd_image_view_set_scan (self, g_value_get_object (value));
      break;
    case PROP_SHOW_OUTLINE:
      if (self->show_outline != g_value_get_boolean (value))
        {
          self->show_outline = g_value_get_boolean (value);
          gtk_widget_queue_draw (GTK_WIDGET (self));
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    case PROP_BRIGHTNESS:
      if (set_double (self, &self->brightness, g_value_get_double (value), id))
        renew_texture (self);
      break;
    case PROP_CONTRAST:
      if (set_double (self, &self->contrast, g_value_get_double (value), id))
        renew_texture (self);
      break;
    case PROP_TOOL:
      nmd_image_view_set_tool (self, (NmdTool)g_value_get_int (value));
      break;
    case PROP_OVERLAY_OPACITY:
      if (set_double (self, &self->overlay_opacity, g_value_get_double (value), id))
        gtk_widget_queue_draw (GTK_WIDGET (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
nmd_image_view_dispose (GObject *object)
{
  NmdImageView *self = NMD_IMAGE_VIEW (object);

  g_clear_object (&self->scan);
  g_clear_object (&self->texture);
  g_clear_object (&self->overlay);
  G_OBJECT_CLASS (nmd_image_view_parent_class)->dispose (object);
}

static void
nmd_image_view_finalize (GObject *object)
{
  g_clear_pointer (&NMD_IMAGE_VIEW (object)->points, g_array_unref);
  G_OBJECT_CLASS (nmd_image_view_parent_class)->finalize (object);
}

static void
nmd_image_view_class_init (NmdImageViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = nmd_image_view_get_property;
  object_class->set_property = nmd_image_view_set_property;
  object_class->dispose = nmd_image_view_dispose;
  object_class->finalize = nmd_image_view_finalize;
  widget_class->snapshot = nmd_image_view_snapshot;
  widget_class->size_allocate = nmd_image_view_size_allocate;
  widget_class->measure = nmd_image_view_measure;

  properties[PROP_SCAN] = g_param_spec_object ("scan", NULL, NULL, NMD_TYPE_SCAN, flags);
  properties[PROP_SHOW_OUTLINE]
      = g_param_spec_boolean ("show-outline", NULL, NULL, TRUE, flags);
  properties[PROP_BRIGHTNESS]
      = g_param_spec_double ("brightness", NULL, NULL, -1, 1, 0, flags);
  properties[PROP_CONTRAST]
      = g_param_spec_double ("contrast", NULL, NULL, 0.25, 4, 1, flags);
  properties[PROP_TOOL] = g_param_spec_int ("tool", NULL, NULL, NMD_TOOL_PAN,
                                            NMD_TOOL_POLYGON, NMD_TOOL_PAN, flags);
  properties[PROP_OVERLAY_OPACITY]
      = g_param_spec_double ("overlay-opacity", NULL, NULL, 0, 1, 0.6, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[SHAPE_DRAWN] = g_signal_new (
      "shape-drawn", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 3, G_TYPE_POINTER, G_TYPE_UINT, G_TYPE_BOOLEAN);
  signals[VIEW_CHANGED]
      = g_signal_new ("view-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "imageview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
nmd_image_view_init (NmdImageView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->show_outline = TRUE;
  self->contrast = 1;
  self->margin = 0.1;
  self->overlay_opacity = 0.6;
  self->fitted = TRUE;
  self->canvas.scale = 1;
  self->points = g_array_new (FALSE, FALSE, sizeof (double));
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  describe (self);

  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (on_press), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));

  GtkGesture *drag = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  gtk_widget_add_controller (widget, motion);

  GtkEventController *scroll
      = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  gtk_widget_add_controller (widget, scroll);

  GtkEventController *key = gtk_event_controller_key_new ();
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (widget, key);
}

GtkWidget *
nmd_image_view_new (void)
{
  return g_object_new (NMD_TYPE_IMAGE_VIEW, NULL);
}
