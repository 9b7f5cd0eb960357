/* SPDX-License-Identifier: Apache-2.0
 *
 * The line of a swipe: where it is, and how it is moved.
 */
#include "ui/widgets/nmd-swipe.h"

#include <glib/gi18n.h>

#define WIDTH 28  /* units that take the pointer */
#define GRIP 9.0f /* radius */
#define STEP 0.02
#define STRIDE 0.1

struct _NmdSwipe
{
  GtkWidget parent_instance;

  double position;
  double start; /* of a drag, from the line */
};

enum
{
  PROP_0,
  PROP_POSITION,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (NmdSwipe, nmd_swipe, GTK_TYPE_WIDGET)

double
nmd_swipe_get_position (NmdSwipe *self)
{
  g_return_val_if_fail (NMD_IS_SWIPE (self), 0);
  return self->position;
}

static void
tell_position (NmdSwipe *self)
{
  /* Translators: where the line between image and map is, in percent of the picture's width */
  g_autofree char *text = g_strdup_printf (_ ("%.0f %%"), self->position * 100);

  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, self->position,
      GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0, GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0,
      GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
set_position (NmdSwipe *self, double position)
{
  position = CLAMP (position, 0, 1);
  if (position == self->position)
    return;
  self->position = position;
  tell_position (self);
  if (gtk_widget_get_parent (GTK_WIDGET (self)) != NULL)
    gtk_widget_queue_allocate (gtk_widget_get_parent (GTK_WIDGET (self)));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
}

/* Input */

static gboolean
on_key (GtkEventControllerKey *controller,
        guint key,
        guint code,
        GdkModifierType state,
        NmdSwipe *self)
{
  double by = state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK) ? STRIDE : STEP;

  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      set_position (self, self->position - by);
      return TRUE;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      set_position (self, self->position + by);
      return TRUE;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      set_position (self, 0);
      return TRUE;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      set_position (self, 1);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
on_begin (GtkGestureDrag *drag, double x, double y, NmdSwipe *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  self->start = x - gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;
}

/* The line moves under the pointer, and the coordinates with it. */
static void
on_drag (GtkGestureDrag *drag, double dx, double dy, NmdSwipe *self)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  double x = 0, y = 0, at = 0, at_y = 0;

  if (parent == NULL || !gtk_gesture_get_point (GTK_GESTURE (drag), NULL, &x, &y)
      || !gtk_widget_translate_coordinates (GTK_WIDGET (self), parent, x - self->start, y,
                                            &at, &at_y))
    return;
  set_position (self, at / MAX (gtk_widget_get_width (parent), 1));
}

/* Place */

static gboolean
on_place (GtkOverlay *overlay, GtkWidget *child, GdkRectangle *place, NmdSwipe *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (overlay));

  if (child != GTK_WIDGET (self))
    return FALSE;
  *place = (GdkRectangle){ (int)(self->position * width) - WIDTH / 2, 0, WIDTH,
                           gtk_widget_get_height (GTK_WIDGET (overlay)) };
  return TRUE;
}

void
nmd_swipe_lay_over (NmdSwipe *self, GtkOverlay *overlay)
{
  g_return_if_fail (NMD_IS_SWIPE (self) && GTK_IS_OVERLAY (overlay));

  g_signal_connect_object (overlay, "get-child-position", G_CALLBACK (on_place), self, 0);
}

/* Drawing */

static void
nmd_swipe_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  float width = (float)gtk_widget_get_width (widget);
  float height = (float)gtk_widget_get_height (widget), middle = width / 2;
  gboolean focused = gtk_widget_has_visible_focus (widget);
  /* Over any picture: white within black. */
  const GdkRGBA black = { 0, 0, 0, 0.7f }, white = { 1, 1, 1, 1 };
  const float half = focused ? 1.5f : 0.75f;
  GskRoundedRect grip;
  graphene_rect_t round
      = GRAPHENE_RECT_INIT (middle - GRIP, height / 2 - GRIP, 2 * GRIP, 2 * GRIP);

  gtk_snapshot_append_color (
      snapshot, &black, &GRAPHENE_RECT_INIT (middle - half - 1, 0, 2 * half + 2, height));
  gtk_snapshot_append_color (snapshot, &white,
                             &GRAPHENE_RECT_INIT (middle - half, 0, 2 * half, height));
  gsk_rounded_rect_init_from_rect (&grip, &round, GRIP);
  gtk_snapshot_push_rounded_clip (snapshot, &grip);
  gtk_snapshot_append_color (snapshot, &white, &round);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_border (
      snapshot, &grip,
      (float[4]){ 2 * half + 1, 2 * half + 1, 2 * half + 1, 2 * half + 1 },
      (GdkRGBA[4]){ black, black, black, black });
}

static void
nmd_swipe_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_POSITION)
    g_value_set_double (value, NMD_SWIPE (object)->position);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_swipe_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_POSITION)
    set_position (NMD_SWIPE (object), g_value_get_double (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_swipe_class_init (NmdSwipeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = nmd_swipe_get_property;
  object_class->set_property = nmd_swipe_set_property;
  widget_class->snapshot = nmd_swipe_snapshot;
  properties[PROP_POSITION] = g_param_spec_double (
      "position", NULL, NULL, 0, 1, 0.5,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "swipe");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
}

static void
nmd_swipe_init (NmdSwipe *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->position = 0.5;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_cursor_from_name (widget, "col-resize");
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Line between image and map"), -1);
  tell_position (self);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (on_begin), self, 0);
  g_signal_connect_object (drag, "drag-update", G_CALLBACK (on_drag), self, 0);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key), self, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, keys);
}
