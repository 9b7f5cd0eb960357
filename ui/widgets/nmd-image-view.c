/* SPDX-License-Identifier: Apache-2.0
 *
 * A scan on the canvas: what lies over the picture, and the way from pointer and keys to the tools.
 */
#include "ui/widgets/nmd-image-view.h"

#include "engine/image/nmd-preprocess.h"
#include "ui/widgets/nmd-key-cursor.h"
#include "ui/widgets/nmd-mark-lines.h"
#include "ui/widgets/nmd-outline-editor.h"
#include "ui/widgets/nmd-paint-layer.h"
#include "ui/widgets/nmd-scan-lines.h"
#include "ui/widgets/nmd-view-input.h"

#include <glib/gi18n.h>
#include <math.h>

#define NEAR 9.0     /* units of the widget within which something is hit */
#define KEY_NEAR 3.0 /* the same for the keyboard's cross, which is put more exactly */
#define KEY_NEAR_PIXELS 2.0
#define CROSS_MARGIN                                                                     \
  12.0 /* units from the widget's edge, within which the cross makes the image move */

struct _NmdImageView
{
  NmdGreyView parent_instance;

  NmdScan *scan;
  const NmdScanMarks *marks; /* (nullable): borrowed */
  NmdOutlineEditor *editor;
  NmdPaintLayer *paint;
  gboolean show_outline;
  gboolean is_moving; /* a frame is shown that is not the scan */
  double margin;
  double hidden_opacity; /* of the map while it is hidden; 0: it is shown */
  GArray *proposal;      /* (nullable): lines of a proposed outline */
  char *proposal_title;  /* (nullable): nothing is proposed */
  NmdPrompts prompts;
  NmdKeyCursor cursor;
  double rest_x, rest_y; /* where the pointer lay when the cross came, in the window */
};

enum
{
  PROP_0,
  PROP_SCAN,
  PROP_SHOW_OUTLINE,
  PROP_TOOL,
  PROP_BY_KEYS,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  OUTLINE_DRAWN,
  MEASURED,
  PROMPTED,
  PROMPT_REMOVED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdImageView, nmd_image_view, NMD_TYPE_GREY_VIEW)

static void
redraw (NmdImageView *self)
{
  nmd_grey_view_redraw (NMD_GREY_VIEW (self));
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

/* The cross goes: the pointer has taken over, or there is nothing to draw on. */
static void
hide_cursor (NmdImageView *self)
{
  if (!self->cursor.is_shown)
    return;
  self->cursor.is_shown = FALSE;
  gtk_accessible_reset_property (GTK_ACCESSIBLE (self),
                                 GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
  redraw (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BY_KEYS]);
}

/* The tools work on the active outline. */
static void
renew_editor (NmdImageView *self)
{
  NmdImage *mask = NULL;

  if (self->scan != NULL)
    mask = self->marks != NULL
               ? nmd_mask_history_get (nmd_scan_marks_get (self->marks)->history)
               : self->scan->mask;
  nmd_outline_editor_set_image (self->editor,
                                self->scan != NULL ? self->scan->image : NULL, mask);
}

void
nmd_image_view_set_scan (NmdImageView *self, NmdScan *scan)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  g_return_if_fail (scan == NULL || NMD_IS_SCAN (scan));

  gboolean other_image
      = scan == NULL || self->scan == NULL || scan->image != self->scan->image;
  gboolean same_file = scan != NULL && self->scan != NULL
                       && g_strcmp0 (scan->path, self->scan->path) == 0;
  if (!g_set_object (&self->scan, scan) && !self->is_moving)
    return;
  self->is_moving = FALSE;
  if (other_image)
    {
      hide_cursor (self);
      self->cursor.has_place = FALSE;
      self->marks = NULL;
      nmd_image_view_set_proposal (self, NULL, NULL);
      nmd_image_view_set_prompts (self, NULL);
    }
  if (same_file) /* another frame perhaps */
    nmd_grey_view_set_frame (NMD_GREY_VIEW (self), scan->image);
  else
    nmd_grey_view_set_image (NMD_GREY_VIEW (self), scan != NULL ? scan->image : NULL);
  renew_editor (self);
  describe (self);
  redraw (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCAN]);
}

void
nmd_image_view_show_frame (NmdImageView *self, NmdImage *image)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self) && image != NULL);

  self->is_moving = TRUE;
  nmd_grey_view_set_frame (NMD_GREY_VIEW (self), image);
}

NmdScan *
nmd_image_view_get_scan (NmdImageView *self)
{
  g_return_val_if_fail (NMD_IS_IMAGE_VIEW (self), NULL);
  return self->scan;
}

void
nmd_image_view_set_marks (NmdImageView *self, const NmdScanMarks *marks)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  self->marks = marks;
  renew_editor (self);
  redraw (self);
}

void
nmd_image_view_set_proposal (NmdImageView *self, GArray *lines, const char *title)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));

  g_autofree char *copy = g_strdup (title);
  if (lines != NULL)
    g_array_ref (lines);
  g_clear_pointer (&self->proposal, g_array_unref);
  self->proposal = lines;
  g_free (self->proposal_title);
  self->proposal_title = g_steal_pointer (&copy);
  redraw (self);
}

void
nmd_image_view_set_prompts (NmdImageView *self, const NmdPrompts *prompts)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  self->prompts = prompts != NULL ? *prompts : (NmdPrompts){ 0 };
  redraw (self);
}

void
nmd_image_view_set_margin (NmdImageView *self, double margin)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  self->margin = margin;
  redraw (self);
}

void
nmd_image_view_set_tool (NmdImageView *self, NmdTool tool)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (self));
  if (nmd_outline_editor_get_tool (self->editor) == tool)
    return;
  nmd_outline_editor_set_tool (self->editor, tool);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), tool == NMD_TOOL_PAN ? NULL
                                                      : tool == NMD_TOOL_BRUSH
                                                          ? "none"
                                                          : "crosshair");
  if (tool == NMD_TOOL_PAN)
    hide_cursor (self);
  redraw (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOOL]);
}

/* Drawing */

/* The proposed outline, and which line is which. */
static void
draw_proposal (NmdImageView *self, cairo_t *cr, const NmdCanvas *canvas)
{
  const char *outline = self->scan->mask == NULL             ? NULL
                        : self->scan->source == NMD_ROI_MASK ? _ ("Outline of the mask")
                                                             : _ ("Drawn outline");

  if (self->proposal_title == NULL)
    return;
  if (self->proposal != NULL)
    nmd_scan_lines_draw_proposal (cr, canvas, self->proposal);
  nmd_scan_lines_draw_legend (cr, gtk_widget_get_pango_context (GTK_WIDGET (self)),
                              outline, self->proposal_title);
}

static void
draw_over (NmdGreyView *view, cairo_t *cr, const NmdCanvas *canvas)
{
  NmdImageView *self = NMD_IMAGE_VIEW (view);

  if (self->is_moving)
    return;
  if (self->show_outline)
    nmd_scan_lines_draw_outline (cr, canvas, self->scan, self->margin);
  if (self->marks != NULL)
    {
      double cm = 0;
      g_object_get (self, "cm-per-pixel", &cm, NULL);
      nmd_mark_lines_draw (cr, gtk_widget_get_pango_context (GTK_WIDGET (self)), canvas,
                           self->scan->image, self->marks, self->show_outline, cm);
    }
  if (self->show_outline && self->scan != NULL)
    draw_proposal (self, cr, canvas);
  nmd_scan_lines_draw_prompts (cr, canvas, &self->prompts);
}

static void
draw_tool (NmdGreyView *view, cairo_t *cr, const NmdCanvas *canvas)
{
  NmdImageView *self = NMD_IMAGE_VIEW (view);

  if (self->is_moving)
    return;
  nmd_outline_editor_draw (self->editor, cr, canvas);
  if (self->cursor.is_shown)
    nmd_scan_lines_draw_cross (cr, canvas, self->cursor.x, self->cursor.y);
}

static void
snapshot_paint (NmdGreyView *view, GtkSnapshot *snapshot, const NmdCanvas *canvas)
{
  NmdImageView *self = NMD_IMAGE_VIEW (view);

  nmd_paint_layer_append (self->paint, snapshot,
                          self->is_moving ? NULL
                                          : nmd_outline_editor_get_paint (self->editor),
                          canvas, gtk_widget_get_width (GTK_WIDGET (self)),
                          gtk_widget_get_height (GTK_WIDGET (self)));
}

/* Tools */

static gboolean
follow (NmdImageView *self, NmdEdit edit)
{
  const double *points = NULL;
  guint n = 0;

  if (edit == NMD_EDIT_NOTHING)
    return FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (edit == NMD_EDIT_OUTLINE)
    {
      g_autoptr (NmdImage) mask
          = nmd_image_ref (nmd_outline_editor_get_mask (self->editor));
      g_signal_emit (self, signals[OUTLINE_DRAWN], 0, mask);
    }
  else if (edit == NMD_EDIT_MEASURE)
    {
      points = nmd_outline_editor_get_points (self->editor, &n);
      g_autofree double *copy = g_memdup2 (points, 2 * n * sizeof (double));
      int tool = (int)nmd_outline_editor_get_tool (self->editor);
      nmd_outline_editor_cancel (self->editor);
      g_signal_emit (self, signals[MEASURED], 0, tool, copy, n);
    }
  else if (edit == NMD_EDIT_PROMPT)
    {
      points = nmd_outline_editor_get_points (self->editor, &n);
      g_autofree double *copy = g_memdup2 (points, 2 * n * sizeof (double));
      gboolean belongs = !nmd_outline_editor_takes_away (self->editor);
      nmd_outline_editor_cancel (self->editor);
      g_signal_emit (self, signals[PROMPTED], 0, copy, n, belongs);
    }
  return TRUE;
}

static NmdMaskJoin
how (GdkModifierType state)
{
  return (state & GDK_CONTROL_MASK) != 0 ? NMD_MASK_SUBTRACT
         : (state & GDK_SHIFT_MASK) != 0 ? NMD_MASK_ADD
                                         : NMD_MASK_REPLACE;
}

static gboolean
press (NmdGreyView *view, const NmdPointer *pointer)
{
  NmdImageView *self = NMD_IMAGE_VIEW (view);

  /* What the keyboard holds is let go of. */
  if (self->cursor.is_shown && nmd_outline_editor_is_held (self->editor))
    nmd_outline_editor_cancel (self->editor);
  hide_cursor (self);
  return follow (self, nmd_outline_editor_press (self->editor, pointer->x, pointer->y,
                                                 NEAR * pointer->unit, pointer->n_press,
                                                 how (pointer->state)));
}

/* Read-out and screen readers follow the cross. */
static void
tell_cursor (NmdImageView *self)
{
  const NmdImage *image = self->scan->image;
  g_autofree char *text = NULL;

  nmd_grey_view_point_at (NMD_GREY_VIEW (self), MIN (self->cursor.x, image->width - 1),
                          MIN (self->cursor.y, image->height - 1));
  g_object_get (self, "readout", &text, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

/* GTK also tells of a pointer that lies still when something moves under it, or goes from over it. */
static gboolean
lies_still (NmdImageView *self)
{
  double x = 0, y = 0;

  return nmd_view_input_find_pointer (GTK_WIDGET (self), &x, &y) && x == self->rest_x
         && y == self->rest_y;
}

static gboolean
motion (NmdGreyView *view, const NmdPointer *pointer)
{
  NmdImageView *self = NMD_IMAGE_VIEW (view);

  /* A push at the table does not tear away what the keyboard holds. */
  if (self->cursor.is_shown
      && (nmd_outline_editor_is_held (self->editor) || lies_still (self)))
    {
      tell_cursor (self);
      return TRUE;
    }
  hide_cursor (self);
  return follow (self, nmd_outline_editor_move (self->editor, pointer->x, pointer->y,
                                                NEAR * pointer->unit));
}

static gboolean
release (NmdGreyView *view, const NmdPointer *pointer)
{
  NmdImageView *self = NMD_IMAGE_VIEW (view);

  return follow (self, nmd_outline_editor_release (self->editor, pointer->x, pointer->y,
                                                   NEAR * pointer->unit));
}

/* The keyboard's cross */

static double
key_near (NmdImageView *self)
{
  NmdCanvas shown;

  nmd_grey_view_get_shown (NMD_GREY_VIEW (self), &shown);
  return MAX (KEY_NEAR_PIXELS, KEY_NEAR / shown.scale);
}

static void
show_cursor (NmdImageView *self)
{
  if (self->scan == NULL || self->is_moving
      || nmd_outline_editor_get_tool (self->editor) == NMD_TOOL_PAN)
    return;
  gboolean was_hidden = nmd_key_cursor_show (&self->cursor, self->scan->image->width,
                                             self->scan->image->height);
  tell_cursor (self);
  follow (self, nmd_outline_editor_move (self->editor, self->cursor.x, self->cursor.y,
                                         key_near (self)));
  if (was_hidden)
    nmd_view_input_find_pointer (GTK_WIDGET (self), &self->rest_x, &self->rest_y);
  if (was_hidden)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BY_KEYS]);
}

static gboolean
arrow_key (NmdImageView *self, guint key, GdkModifierType state)
{
  NmdCanvas canvas;

  if (self->scan == NULL || self->is_moving
      || nmd_outline_editor_get_tool (self->editor) == NMD_TOOL_PAN)
    return FALSE;
  NmdKeyCursor moved = self->cursor;
  const NmdImage *image = self->scan->image;
  nmd_key_cursor_show (&moved, image->width, image->height);
  nmd_grey_view_get_canvas (NMD_GREY_VIEW (self), &canvas);
  if (!nmd_key_cursor_move (&moved, key, (state & GDK_SHIFT_MASK) != 0, &canvas,
                            image->width, image->height))
    return FALSE;
  moved.is_shown = self->cursor.is_shown;
  self->cursor = moved;
  show_cursor (self);
  return TRUE;
}

/* Without a cross Enter closes what the pointer draws. */
static gboolean
enter_key (NmdImageView *self, GdkModifierType state)
{
  if (!self->cursor.is_shown)
    return (state & GDK_CONTROL_MASK) == 0
           && follow (self, nmd_outline_editor_close (self->editor));
  return follow (self, nmd_outline_editor_enter (
                           self->editor, self->cursor.x, self->cursor.y, key_near (self),
                           nmd_key_cursor_count (&self->cursor), how (state)));
}

/* Keys */

static void
change_opacity (NmdImageView *self, double by)
{
  double opacity = 0;

  g_object_get (self, "overlay-opacity", &opacity, NULL);
  g_object_set (self, "overlay-opacity", CLAMP (opacity + by, 0, 1), NULL);
}

static void
toggle_map (NmdImageView *self)
{
  double opacity = 0;

  g_object_get (self, "overlay-opacity", &opacity, NULL);
  g_object_set (self, "overlay-opacity", opacity > 0 ? 0.0 : self->hidden_opacity, NULL);
  self->hidden_opacity = opacity > 0 ? opacity : 0;
}

static gboolean
bracket_key (NmdImageView *self, gboolean more)
{
  double radius = nmd_outline_editor_get_radius (self->editor);

  if (nmd_outline_editor_get_tool (self->editor) == NMD_TOOL_BRUSH)
    nmd_outline_editor_set_radius (self->editor, more ? radius * 1.25 : radius / 1.25);
  else
    change_opacity (self, more ? 0.1 : -0.1);
  redraw (self);
  return TRUE;
}

static gboolean
escape_key (NmdImageView *self)
{
  if (follow (self, nmd_outline_editor_cancel (self->editor)))
    return TRUE;
  if (nmd_outline_editor_get_tool (self->editor) == NMD_TOOL_PAN)
    return FALSE;
  nmd_image_view_set_tool (self, NMD_TOOL_PAN);
  return TRUE;
}

static gboolean
key (NmdGreyView *view, guint key, GdkModifierType state)
{
  NmdImageView *self = NMD_IMAGE_VIEW (view);
  NmdTool tool = NMD_TOOL_PAN;

  if ((state & GDK_ALT_MASK) != 0)
    return FALSE;
  if (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter)
    return enter_key (self, state);
  if ((state & GDK_CONTROL_MASK) != 0)
    return FALSE;
  if (arrow_key (self, key, state))
    return TRUE;
  switch (key)
    {
    case GDK_KEY_BackSpace:
    case GDK_KEY_Delete:
      if (nmd_outline_editor_get_tool (self->editor) == NMD_TOOL_PROPOSAL)
        {
          g_signal_emit (self, signals[PROMPT_REMOVED], 0);
          return TRUE;
        }
      return follow (self, nmd_outline_editor_remove (self->editor));
    case GDK_KEY_Escape:
      return escape_key (self);
    case GDK_KEY_bracketleft:
    case GDK_KEY_bracketright:
      return bracket_key (self, key == GDK_KEY_bracketright);
    case GDK_KEY_space:
    case GDK_KEY_m:
      g_object_set (self, "show-outline", !self->show_outline, NULL);
      return TRUE;
    case GDK_KEY_h:
      toggle_map (self);
      return TRUE;
    default:
      if (!nmd_tool_find_key (key, &tool))
        return FALSE;
      nmd_image_view_set_tool (self, tool);
      show_cursor (self);
      return TRUE;
    }
}

/* Object */

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
    case PROP_TOOL:
      g_value_set_int (value, (int)nmd_outline_editor_get_tool (self->editor));
      break;
    case PROP_BY_KEYS:
      g_value_set_boolean (value, self->cursor.is_shown);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
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
          redraw (self);
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    case PROP_TOOL:
      nmd_image_view_set_tool (self, (NmdTool)g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
nmd_image_view_dispose (GObject *object)
{
  g_clear_object (&NMD_IMAGE_VIEW (object)->scan);
  G_OBJECT_CLASS (nmd_image_view_parent_class)->dispose (object);
}

static void
nmd_image_view_finalize (GObject *object)
{
  NmdImageView *self = NMD_IMAGE_VIEW (object);

  nmd_outline_editor_free (self->editor);
  nmd_paint_layer_free (self->paint);
  g_clear_pointer (&self->proposal, g_array_unref);
  g_free (self->proposal_title);
  G_OBJECT_CLASS (nmd_image_view_parent_class)->finalize (object);
}

static void
nmd_image_view_class_init (NmdImageViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  NmdGreyViewClass *view_class = NMD_GREY_VIEW_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = nmd_image_view_get_property;
  object_class->set_property = nmd_image_view_set_property;
  object_class->dispose = nmd_image_view_dispose;
  object_class->finalize = nmd_image_view_finalize;
  view_class->draw_over = draw_over;
  view_class->draw_tool = draw_tool;
  view_class->snapshot = snapshot_paint;
  view_class->press = press;
  view_class->motion = motion;
  view_class->release = release;
  view_class->key = key;

  properties[PROP_SCAN] = g_param_spec_object ("scan", NULL, NULL, NMD_TYPE_SCAN, flags);
  properties[PROP_SHOW_OUTLINE]
      = g_param_spec_boolean ("show-outline", NULL, NULL, TRUE, flags);
  properties[PROP_TOOL] = g_param_spec_int ("tool", NULL, NULL, NMD_TOOL_PAN,
                                            NMD_N_TOOLS - 1, NMD_TOOL_PAN, flags);
  properties[PROP_BY_KEYS] = g_param_spec_boolean (
      "by-keys", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[OUTLINE_DRAWN]
      = g_signal_new ("outline-drawn", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[MEASURED] = g_signal_new ("measured", G_TYPE_FROM_CLASS (klass),
                                    G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                    3, G_TYPE_INT, G_TYPE_POINTER, G_TYPE_UINT);
  signals[PROMPTED] = g_signal_new ("prompted", G_TYPE_FROM_CLASS (klass),
                                    G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                    3, G_TYPE_POINTER, G_TYPE_UINT, G_TYPE_BOOLEAN);
  signals[PROMPT_REMOVED]
      = g_signal_new ("prompt-removed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_image_view_init (NmdImageView *self)
{
  self->editor = nmd_outline_editor_new ();
  self->paint = nmd_paint_layer_new ();
  self->show_outline = TRUE;
  self->margin = 0.1;
  self->hidden_opacity = 0.6;
  nmd_view_input_attach (NMD_GREY_VIEW (self));
  describe (self);
}

GtkWidget *
nmd_image_view_new (void)
{
  return g_object_new (NMD_TYPE_IMAGE_VIEW, NULL);
}
