/* SPDX-License-Identifier: Apache-2.0
 *
 * What pointer and keys do to a view. A derived view is asked first and may use an event for itself.
 */
#include "ui/widgets/nmd-view-input.h"

#include <math.h>

#define DETENT 1.3
#define PAN_STEP 40.0
#define DOUBLE_CLICK_DISTANCE 6.0

typedef struct
{
  NmdGreyView *view;  /* owns this */
  gboolean windowing; /* the primary button changes the window */
  guint32 press_time;
  double press_x, press_y;
  int n_press;
  guint button;            /* of the drag under way; 0: none, or a tool has it */
  gboolean tool_drag;      /* the primary button is held in a tool */
  double start_x, start_y; /* where the image stood at the press */
  double black, white;     /* the window at the press */
  double x, y;             /* of the pointer */
  double pinch_scale;
} NmdViewInput;

/* To the right wider, downwards darker; a whole window in 300 units. */
static void
drag_window (NmdViewInput *self, double dx, double dy)
{
  double middle = (self->black + self->white) / 2;
  double width = self->white - self->black;

  width = CLAMP (width * exp (dx / 150), 16, 1020);
  middle = CLAMP (middle + dy * width / 300, -128, 383);
  nmd_grey_view_set_window (self->view, middle - width / 2, middle + width / 2);
}

/* Pointer */

static NmdPointer
pointer_at (NmdViewInput *self, double x, double y, gpointer controller)
{
  NmdCanvas shown;

  nmd_grey_view_get_shown (self->view, &shown);
  NmdPointer pointer = { .unit = 1 / shown.scale,
                         .n_press = self->n_press,
                         .is_down = self->tool_drag,
                         .state = gtk_event_controller_get_current_event_state (
                             GTK_EVENT_CONTROLLER (controller)) };
  nmd_canvas_widget_to_image (&shown, x, y, &pointer.x, &pointer.y);
  return pointer;
}

/* Counts presses that follow each other quickly at one place. */
static void
count_press (NmdViewInput *self, guint32 time, double x, double y)
{
  int most = 400;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self->view)),
                "gtk-double-click-time", &most, NULL);
  gboolean again
      = self->n_press > 0 && time - self->press_time <= (guint32)most
        && hypot (x - self->press_x, y - self->press_y) <= DOUBLE_CLICK_DISTANCE;
  self->n_press = again ? self->n_press + 1 : 1;
  self->press_time = time;
  self->press_x = x;
  self->press_y = y;
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, NmdViewInput *self)
{
  NmdGreyViewClass *klass = NMD_GREY_VIEW_GET_CLASS (self->view);
  NmdCanvas canvas;

  gtk_widget_grab_focus (GTK_WIDGET (self->view));
  self->button = 0;
  self->tool_drag = FALSE;
  if (!nmd_grey_view_has_image (self->view))
    return;
  self->button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  nmd_grey_view_get_canvas (self->view, &canvas);
  self->start_x = canvas.x;
  self->start_y = canvas.y;
  nmd_grey_view_get_window (self->view, &self->black, &self->white);
  if (self->button != GDK_BUTTON_PRIMARY || self->windowing)
    return;
  count_press (
      self, gtk_event_controller_get_current_event_time (GTK_EVENT_CONTROLLER (gesture)),
      x, y);
  self->tool_drag = TRUE;
  NmdPointer pointer = pointer_at (self, x, y, gesture);
  if (klass->press != NULL && klass->press (self->view, &pointer))
    {
      self->button = 0;
      return;
    }
  self->tool_drag = FALSE;
  if (self->n_press == 2)
    nmd_grey_view_fit (self->view);
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, NmdViewInput *self)
{
  if (self->button == 0)
    return;
  if (self->button == GDK_BUTTON_SECONDARY || self->windowing)
    drag_window (self, dx, dy);
  else if (hypot (dx, dy) >= 2)
    nmd_grey_view_move_to (self->view, self->start_x + dx, self->start_y + dy);
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, NmdViewInput *self)
{
  NmdGreyViewClass *klass = NMD_GREY_VIEW_GET_CLASS (self->view);
  double x = 0, y = 0;

  self->button = 0;
  if (!nmd_grey_view_has_image (self->view) || !self->tool_drag)
    return;
  self->tool_drag = FALSE;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  NmdPointer pointer = pointer_at (self, x + dx, y + dy, gesture);
  if (klass->release != NULL)
    klass->release (self->view, &pointer);
}

/* Where the pointer was since the last motion: the events of one frame come as one, and a traced line must not lose
 * its bends on a busy machine. */
static void
replay (NmdViewInput *self, gpointer controller, double x, double y)
{
  NmdGreyViewClass *klass = NMD_GREY_VIEW_GET_CLASS (self->view);
  GdkEvent *event = gtk_event_controller_get_current_event (controller);
  double event_x = 0, event_y = 0;
  guint n = 0;

  if (!self->tool_drag || event == NULL
      || gdk_event_get_event_type (event) != GDK_MOTION_NOTIFY
      || !gdk_event_get_position (event, &event_x, &event_y))
    return;
  g_autofree GdkTimeCoord *history = gdk_event_get_history (event, &n);
  for (guint i = 0; history != NULL && i < n; i++)
    {
      const GdkAxisFlags both = GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y;
      if ((history[i].flags & both) != both)
        continue;
      NmdPointer pointer
          = pointer_at (self, history[i].axes[GDK_AXIS_X] + x - event_x,
                        history[i].axes[GDK_AXIS_Y] + y - event_y, controller);
      klass->motion (self->view, &pointer);
    }
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, NmdViewInput *self)
{
  NmdGreyViewClass *klass = NMD_GREY_VIEW_GET_CLASS (self->view);

  self->x = x;
  self->y = y;
  nmd_grey_view_set_pointer (self->view, TRUE, x, y);
  if (!nmd_grey_view_has_image (self->view) || klass->motion == NULL)
    return;
  replay (self, controller, x, y);
  NmdPointer pointer = pointer_at (self, x, y, controller);
  klass->motion (self->view, &pointer);
}

static void
on_leave (GtkEventControllerMotion *controller, NmdViewInput *self)
{
  nmd_grey_view_set_pointer (self->view, FALSE, self->x, self->y);
}

static void
move_by (NmdViewInput *self, double dx, double dy)
{
  NmdCanvas canvas;

  nmd_grey_view_get_canvas (self->view, &canvas);
  nmd_grey_view_move_to (self->view, canvas.x + dx, canvas.y + dy);
}

static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, NmdViewInput *self)
{
  GtkEventController *base = GTK_EVENT_CONTROLLER (controller);
  GdkDevice *device = gtk_event_controller_get_current_event_device (base);
  gboolean control
      = (gtk_event_controller_get_current_event_state (base) & GDK_CONTROL_MASK) != 0;

  if (!nmd_grey_view_has_image (self->view))
    return FALSE;
  if (device != NULL && gdk_device_get_source (device) == GDK_SOURCE_TOUCHPAD && !control)
    move_by (self, -dx * PAN_STEP, -dy * PAN_STEP);
  else
    nmd_grey_view_zoom_at (self->view, pow (DETENT, -dy), self->x, self->y, TRUE);
  return TRUE;
}

static void
on_pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence, NmdViewInput *self)
{
  self->pinch_scale = 1;
}

static void
on_pinch (GtkGestureZoom *gesture, double scale, NmdViewInput *self)
{
  double x = self->x, y = self->y;

  gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y);
  nmd_grey_view_zoom_at (self->view, scale / self->pinch_scale, x, y, FALSE);
  self->pinch_scale = scale;
}

/* Keys */

static gboolean
pan_key (NmdViewInput *self, guint key)
{
  const struct
  {
    guint key;
    double dx, dy;
  } moves[] = { { GDK_KEY_Left, PAN_STEP, 0 },
                { GDK_KEY_Right, -PAN_STEP, 0 },
                { GDK_KEY_Up, 0, PAN_STEP },
                { GDK_KEY_Down, 0, -PAN_STEP } };

  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    if (moves[i].key == key)
      {
        move_by (self, moves[i].dx, moves[i].dy);
        return TRUE;
      }
  return FALSE;
}

static gboolean
step_key (NmdViewInput *self, guint key, int many)
{
  const struct
  {
    guint key;
    int by;
    gboolean by_subject;
  } steps[] = { { GDK_KEY_Up, -many, FALSE },      { GDK_KEY_Down, many, FALSE },
                { GDK_KEY_Page_Up, -many, FALSE }, { GDK_KEY_Page_Down, many, FALSE },
                { GDK_KEY_Left, -1, TRUE },        { GDK_KEY_Right, 1, TRUE },
                { GDK_KEY_Home, G_MININT, FALSE }, { GDK_KEY_End, G_MAXINT, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i].key == key)
      {
        g_signal_emit_by_name (self->view, "step", steps[i].by, steps[i].by_subject);
        return TRUE;
      }
  return FALSE;
}

static void
toggle (NmdViewInput *self, const char *property)
{
  gboolean on = FALSE;

  g_object_get (self->view, property, &on, NULL);
  g_object_set (self->view, property, !on, NULL);
}

static void
set_windowing (NmdViewInput *self, gboolean on)
{
  if (self->windowing == on)
    return;
  self->windowing = on;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self->view), on ? "all-scroll" : NULL);
}

/* Letters and digits without Ctrl and Alt. */
static gboolean
plain_key (NmdViewInput *self, guint key)
{
  switch (key)
    {
    case GDK_KEY_0:
      nmd_grey_view_fit (self->view);
      return TRUE;
    case GDK_KEY_z:
      nmd_grey_view_toggle_one_to_one (self->view);
      return TRUE;
    case GDK_KEY_w:
      set_windowing (self, !self->windowing);
      return TRUE;
    case GDK_KEY_a:
      nmd_grey_view_preset (self->view, 1);
      return TRUE;
    case GDK_KEY_r:
      nmd_grey_view_reset_grey (self->view);
      return TRUE;
    case GDK_KEY_i:
      toggle (self, "inverted");
      return TRUE;
    case GDK_KEY_u:
      toggle (self, "show-ruler");
      return TRUE;
    case GDK_KEY_Escape:
      set_windowing (self, FALSE);
      nmd_grey_view_reset_grey (self->view);
      nmd_grey_view_fit (self->view);
      return TRUE;
    default:
      if (key < GDK_KEY_1 || key > GDK_KEY_5)
        return FALSE;
      nmd_grey_view_preset (self->view, (int)(key - GDK_KEY_1));
      return TRUE;
    }
}

static gboolean
on_key (GtkEventControllerKey *controller,
        guint raw,
        guint code,
        GdkModifierType state,
        NmdViewInput *self)
{
  NmdGreyViewClass *klass = NMD_GREY_VIEW_GET_CLASS (self->view);
  guint key = gdk_keyval_to_lower (raw);

  if (raw >= GDK_KEY_KP_0 && raw <= GDK_KEY_KP_9)
    key = GDK_KEY_0 + (raw - GDK_KEY_KP_0);
  if (!nmd_grey_view_has_image (self->view))
    return FALSE;
  if (klass->key != NULL && klass->key (self->view, key, state))
    return TRUE;
  if ((state & GDK_ALT_MASK) != 0)
    {
      if (key == GDK_KEY_f)
        toggle (self, "flipped");
      return key == GDK_KEY_f;
    }
  if (key == GDK_KEY_plus || key == GDK_KEY_KP_Add || key == GDK_KEY_equal)
    {
      nmd_grey_view_zoom (self->view, DETENT);
      return TRUE;
    }
  if (key == GDK_KEY_minus || key == GDK_KEY_KP_Subtract)
    {
      nmd_grey_view_zoom (self->view, 1 / DETENT);
      return TRUE;
    }
  if ((state & GDK_CONTROL_MASK) != 0)
    return pan_key (self, key);
  return step_key (self, key, (state & GDK_SHIFT_MASK) != 0 ? 10 : 1)
         || plain_key (self, key);
}

gboolean
nmd_view_input_find_pointer (GtkWidget *view, double *x, double *y)
{
  g_return_val_if_fail (GTK_IS_WIDGET (view), FALSE);

  GtkNative *native = gtk_widget_get_native (view);
  GdkSurface *surface = native != NULL ? gtk_native_get_surface (native) : NULL;
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (view));

  return surface != NULL && seat != NULL
         && gdk_surface_get_device_position (surface, gdk_seat_get_pointer (seat), x, y,
                                             NULL);
}

void
nmd_view_input_attach (NmdGreyView *view)
{
  g_return_if_fail (NMD_IS_GREY_VIEW (view));

  GtkWidget *widget = GTK_WIDGET (view);
  NmdViewInput *self = g_new0 (NmdViewInput, 1);
  self->view = view;
  self->white = 255;
  g_object_set_data_full (G_OBJECT (view), "nmd-view-input", self, g_free);

  GtkGesture *drag = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

  GtkGesture *pinch = gtk_gesture_zoom_new ();
  g_signal_connect (pinch, "begin", G_CALLBACK (on_pinch_begin), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (on_pinch), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));

  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (widget, motion);

  GtkEventController *scroll
      = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  gtk_widget_add_controller (widget, scroll);

  GtkEventController *key = gtk_event_controller_key_new ();
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (widget, key);
}
