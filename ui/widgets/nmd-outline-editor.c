/* SPDX-License-Identifier: Apache-2.0
 *
 * Tools as a state machine: what is under way is a list of points, or for the brush a mask. Shapes become pixels in
 * engine/image, lines are drawn by nmd-scan-lines.c.
 */
#include "ui/widgets/nmd-outline-editor.h"

#include "engine/image/nmd-livewire.h"
#include "ui/widgets/nmd-scan-lines.h"

#include <math.h>
#include <string.h>

#define SNAP 4
#define LEAST_DRAG 3.0
#define NOBODY -1

struct _NmdOutlineEditor
{
  NmdImage *image;
  NmdImage *mask;   /* (nullable): the outline that is there */
  NmdImage *result; /* (nullable): the outline made last */
  NmdTool tool;
  double radius;
  NmdMaskJoin how;

  GArray *
      points; /* of double, x and y: corners; of the livewire also the pixels between clicks */
  GArray *clicks; /* of guint, livewire: length of points after each click */
  GArray *live;   /* of double, livewire: from the last click to the pointer */
  NmdLivewire *wire;
  gboolean is_down;
  double x, y; /* of the pointer */
  double near;

  NmdImage *painted;  /* (nullable): the brush's mask under way */
  gboolean is_closed; /* a polygon whose corners can be moved */
  NmdImage *before;   /* (nullable): the outline that it was joined with */
  int corner;         /* of it under the pointer or held; or NOBODY */
};

NmdOutlineEditor *
nmd_outline_editor_new (void)
{
  NmdOutlineEditor *self = g_new0 (NmdOutlineEditor, 1);

  self->radius = 10;
  self->corner = NOBODY;
  self->points = g_array_new (FALSE, FALSE, sizeof (double));
  self->live = g_array_new (FALSE, FALSE, sizeof (double));
  self->clicks = g_array_new (FALSE, FALSE, sizeof (guint));
  return self;
}

/* Nothing is under way afterwards. */
static void
reset (NmdOutlineEditor *self)
{
  g_array_set_size (self->points, 0);
  g_array_set_size (self->live, 0);
  g_array_set_size (self->clicks, 0);
  g_clear_pointer (&self->painted, nmd_image_unref);
  g_clear_pointer (&self->before, nmd_image_unref);
  self->is_closed = FALSE;
  self->is_down = FALSE;
  self->corner = NOBODY;
}

void
nmd_outline_editor_free (NmdOutlineEditor *self)
{
  g_return_if_fail (self != NULL);
  reset (self);
  g_clear_pointer (&self->image, nmd_image_unref);
  g_clear_pointer (&self->mask, nmd_image_unref);
  g_clear_pointer (&self->result, nmd_image_unref);
  g_clear_pointer (&self->wire, nmd_livewire_free);
  g_array_unref (self->points);
  g_array_unref (self->live);
  g_array_unref (self->clicks);
  g_free (self);
}

static void
set_reference (NmdImage **field, NmdImage *image)
{
  NmdImage *before = *field;

  *field = image != NULL ? nmd_image_ref (image) : NULL;
  if (before != NULL)
    nmd_image_unref (before);
}

static gboolean
is_same (const NmdImage *a, const NmdImage *b)
{
  if (a == NULL || b == NULL || a->width != b->width || a->height != b->height)
    return a == b;
  return a == b || memcmp (a->pixels, b->pixels, (gsize)a->width * (gsize)a->height) == 0;
}

void
nmd_outline_editor_set_image (NmdOutlineEditor *self, NmdImage *image, NmdImage *mask)
{
  g_return_if_fail (self != NULL);

  if (image != self->image)
    {
      g_clear_pointer (&self->wire, nmd_livewire_free);
      g_clear_pointer (&self->result, nmd_image_unref);
      reset (self);
    }
  else if (self->is_closed && !is_same (mask, self->result))
    reset (self);
  set_reference (&self->image, image);
  set_reference (&self->mask, mask);
}

void
nmd_outline_editor_set_tool (NmdOutlineEditor *self, NmdTool tool)
{
  g_return_if_fail (self != NULL);
  reset (self);
  self->tool = tool;
}

NmdTool
nmd_outline_editor_get_tool (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, NMD_TOOL_PAN);
  return self->tool;
}

double
nmd_outline_editor_get_radius (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, 1);
  return self->radius;
}

void
nmd_outline_editor_set_radius (NmdOutlineEditor *self, double radius)
{
  g_return_if_fail (self != NULL);
  self->radius = CLAMP (radius, 1, 200);
}

/* Points */

static guint
n_points (const NmdOutlineEditor *self)
{
  return self->points->len / 2;
}

static double *
point (const NmdOutlineEditor *self, guint i)
{
  return &g_array_index (self->points, double, 2 * i);
}

static void
add_point (NmdOutlineEditor *self, double x, double y)
{
  double p[2] = { x, y };

  g_array_append_vals (self->points, p, 2);
}

static double
distance_to (const NmdOutlineEditor *self, guint i, double x, double y)
{
  return hypot (point (self, i)[0] - x, point (self, i)[1] - y);
}

static void
clamp_to_frame (const NmdOutlineEditor *self, double *x, double *y)
{
  *x = CLAMP (*x, 0, self->image->width);
  *y = CLAMP (*y, 0, self->image->height);
}

/* Finishing */

static NmdImage *
rasterise (const NmdOutlineEditor *self)
{
  int width = self->image->width, height = self->image->height;
  const double *p = (const double *)self->points->data;

  if (self->tool == NMD_TOOL_ELLIPSE)
    return nmd_mask_new_ellipse (width, height, p[0], p[1], p[2], p[3]);
  if (self->tool == NMD_TOOL_BOX)
    {
      NmdBox box = { (int)lrint (MIN (p[0], p[2])), (int)lrint (MIN (p[1], p[3])),
                     (int)lrint (MAX (p[0], p[2])), (int)lrint (MAX (p[1], p[3])) };
      return nmd_mask_new_box (width, height, &box);
    }
  return nmd_mask_new_polygon (width, height, p, n_points (self));
}

static NmdEdit
join (NmdOutlineEditor *self, const NmdImage *with)
{
  g_autoptr (NmdImage) shape = rasterise (self);

  g_clear_pointer (&self->result, nmd_image_unref);
  self->result = nmd_mask_join (with, shape, self->how);
  return NMD_EDIT_OUTLINE;
}

static NmdEdit
finish (NmdOutlineEditor *self)
{
  gboolean is_area = self->tool == NMD_TOOL_BOX || self->tool == NMD_TOOL_ELLIPSE;

  if (n_points (self) < (is_area ? 2 : 3))
    {
      reset (self);
      return NMD_EDIT_USED;
    }
  NmdEdit edit = join (self, self->mask);
  if (self->tool != NMD_TOOL_POLYGON)
    {
      reset (self);
      return edit;
    }
  set_reference (&self->before, self->mask);
  self->is_closed = TRUE;
  self->is_down = FALSE;
  return edit;
}

/* Livewire */

static void
seed_at (NmdOutlineEditor *self, double x, double y)
{
  int px = CLAMP ((int)x, 0, self->image->width - 1);
  int py = CLAMP ((int)y, 0, self->image->height - 1);

  if (self->wire == NULL)
    self->wire = nmd_livewire_new (self->image);
  nmd_livewire_snap (self->wire, SNAP, &px, &py);
  if (n_points (self) == 0)
    add_point (self, px + 0.5, py + 0.5);
  else
    nmd_livewire_get_path (self->wire, px, py, self->points);
  nmd_livewire_set_seed (self->wire, px, py);
  g_array_append_val (self->clicks, self->points->len);
  g_array_set_size (self->live, 0);
}

static NmdEdit
close_livewire (NmdOutlineEditor *self)
{
  if (self->clicks->len < 2)
    {
      reset (self);
      return NMD_EDIT_USED;
    }
  nmd_livewire_get_path (self->wire, (int)point (self, 0)[0], (int)point (self, 0)[1],
                         self->points);
  return finish (self);
}

static NmdEdit
press_livewire (NmdOutlineEditor *self, double x, double y, int n_press)
{
  if (n_press >= 2
      || (self->clicks->len >= 2 && distance_to (self, 0, x, y) < self->near))
    return close_livewire (self);
  seed_at (self, x, y);
  return NMD_EDIT_USED;
}

static void
move_livewire (NmdOutlineEditor *self)
{
  if (self->clicks->len == 0)
    return;
  g_array_set_size (self->live, 0);
  nmd_livewire_get_path (self->wire, CLAMP ((int)self->x, 0, self->image->width - 1),
                         CLAMP ((int)self->y, 0, self->image->height - 1), self->live);
}

/* Polygon */

static int
corner_at (const NmdOutlineEditor *self, double x, double y)
{
  int best = NOBODY;

  for (guint i = 0; i < n_points (self); i++)
    if (distance_to (self, i, x, y) < self->near
        && (best == NOBODY
            || distance_to (self, i, x, y) < distance_to (self, (guint)best, x, y)))
      best = (int)i;
  return best;
}

/* The edge under (@x, @y) by its first corner, or NOBODY. */
static int
edge_at (const NmdOutlineEditor *self, double x, double y)
{
  for (guint i = 0; i < n_points (self); i++)
    {
      const double *a = point (self, i), *b = point (self, (i + 1) % n_points (self));
      double dx = b[0] - a[0], dy = b[1] - a[1], length2 = dx * dx + dy * dy;
      double t = length2 > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / length2 : 0;
      if (t > 0 && t < 1
          && hypot (a[0] + t * dx - x, a[1] + t * dy - y) < self->near * 0.75)
        return (int)i;
    }
  return NOBODY;
}

static NmdEdit
press_closed (NmdOutlineEditor *self, double x, double y, NmdMaskJoin how)
{
  self->corner = corner_at (self, x, y);
  if (self->corner != NOBODY && how == NMD_MASK_SUBTRACT)
    return nmd_outline_editor_remove (self);
  if (self->corner == NOBODY)
    {
      int edge = edge_at (self, x, y);
      double p[2] = { x, y };
      if (edge != NOBODY)
        {
          g_array_insert_vals (self->points, 2 * (guint)(edge + 1), p, 2);
          self->corner = edge + 1;
        }
    }
  self->is_down = self->corner != NOBODY;
  if (self->is_down)
    return NMD_EDIT_USED;
  /* Beside it a new one begins. */
  reset (self);
  self->how = how;
  add_point (self, x, y);
  return NMD_EDIT_USED;
}

static NmdEdit
press_polygon (NmdOutlineEditor *self, double x, double y, int n_press, NmdMaskJoin how)
{
  if (self->is_closed)
    return press_closed (self, x, y, how);
  if (n_points (self) >= 3 && (n_press >= 2 || distance_to (self, 0, x, y) < self->near))
    return finish (self);
  if (n_press < 2)
    add_point (self, x, y);
  return NMD_EDIT_USED;
}

/* Brush */

static NmdEdit
paint (NmdOutlineEditor *self, double x0, double y0)
{
  nmd_mask_brush (self->painted, x0, y0, self->x, self->y, self->radius,
                  self->how != NMD_MASK_SUBTRACT);
  return NMD_EDIT_USED;
}

/* Events */

NmdEdit
nmd_outline_editor_press (
    NmdOutlineEditor *self, double x, double y, double near, int n_press, NmdMaskJoin how)
{
  g_return_val_if_fail (self != NULL, NMD_EDIT_NOTHING);
  if (self->image == NULL || self->tool == NMD_TOOL_PAN)
    return NMD_EDIT_NOTHING;
  clamp_to_frame (self, &x, &y);
  self->near = near;
  self->x = x;
  self->y = y;
  /* What a shape does is decided where it begins. */
  if (n_points (self) == 0)
    self->how = how;
  switch (self->tool)
    {
    case NMD_TOOL_POLYGON:
      return press_polygon (self, x, y, n_press, how);
    case NMD_TOOL_LIVEWIRE:
      return press_livewire (self, x, y, n_press);
    case NMD_TOOL_BRUSH:
      self->is_down = TRUE;
      self->how = how;
      self->painted = self->mask != NULL
                          ? nmd_mask_copy (self->mask)
                          : nmd_image_new (self->image->width, self->image->height);
      return paint (self, x, y);
    case NMD_TOOL_ANGLE:
      add_point (self, x, y);
      if (n_points (self) < 3)
        return NMD_EDIT_USED;
      return NMD_EDIT_MEASURE;
    default:
      reset (self);
      self->how = how;
      self->is_down = TRUE;
      add_point (self, x, y);
      return NMD_EDIT_USED;
    }
}

NmdEdit
nmd_outline_editor_move (NmdOutlineEditor *self, double x, double y, double near)
{
  double x0 = self->x, y0 = self->y;

  g_return_val_if_fail (self != NULL, NMD_EDIT_NOTHING);
  if (self->image == NULL || self->tool == NMD_TOOL_PAN)
    return NMD_EDIT_NOTHING;
  clamp_to_frame (self, &x, &y);
  self->near = near;
  self->x = x;
  self->y = y;
  if (self->tool == NMD_TOOL_BRUSH && self->is_down)
    return paint (self, x0, y0);
  if (self->tool == NMD_TOOL_LIVEWIRE)
    move_livewire (self);
  else if (self->tool == NMD_TOOL_TRACE && self->is_down
           && distance_to (self, n_points (self) - 1, x, y) >= 0.5)
    add_point (self, x, y);
  else if (self->is_closed && self->is_down)
    {
      point (self, (guint)self->corner)[0] = x;
      point (self, (guint)self->corner)[1] = y;
    }
  else if (self->is_closed)
    self->corner = corner_at (self, x, y);
  return NMD_EDIT_USED;
}

static NmdEdit
release_area (NmdOutlineEditor *self, double x, double y)
{
  gboolean is_area = self->tool == NMD_TOOL_BOX || self->tool == NMD_TOOL_ELLIPSE;
  gboolean is_prompt = self->tool == NMD_TOOL_PROPOSAL;
  double far = distance_to (self, 0, x, y);

  if (is_prompt && far < LEAST_DRAG / 8 * self->near)
    {
      self->is_down = FALSE;
      return NMD_EDIT_PROMPT;
    }
  /* A click without a drag is no shape. */
  if (far < LEAST_DRAG / 8 * self->near)
    {
      reset (self);
      return NMD_EDIT_USED;
    }
  add_point (self, x, y);
  self->is_down = FALSE;
  if (is_prompt)
    return NMD_EDIT_PROMPT;
  return is_area ? finish (self) : NMD_EDIT_MEASURE;
}

NmdEdit
nmd_outline_editor_release (NmdOutlineEditor *self, double x, double y, double near)
{
  g_return_val_if_fail (self != NULL, NMD_EDIT_NOTHING);
  if (self->image == NULL || !self->is_down)
    return NMD_EDIT_NOTHING;
  nmd_outline_editor_move (self, x, y, near);
  clamp_to_frame (self, &x, &y);
  switch (self->tool)
    {
    case NMD_TOOL_BRUSH:
      g_clear_pointer (&self->result, nmd_image_unref);
      self->result = g_steal_pointer (&self->painted);
      reset (self);
      return NMD_EDIT_OUTLINE;
    case NMD_TOOL_TRACE:
      return finish (self);
    case NMD_TOOL_POLYGON:
      self->is_down = FALSE;
      return join (self, self->before);
    default:
      return release_area (self, x, y);
    }
}

NmdEdit
nmd_outline_editor_enter (
    NmdOutlineEditor *self, double x, double y, double near, int n, NmdMaskJoin how)
{
  g_return_val_if_fail (self != NULL, NMD_EDIT_NOTHING);
  if (self->is_down)
    return nmd_outline_editor_release (self, x, y, near);
  /* What was ended here before is another shape. */
  return nmd_outline_editor_press (self, x, y, near, n_points (self) == 0 ? 1 : n, how);
}

gboolean
nmd_outline_editor_is_held (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->is_down;
}

NmdEdit
nmd_outline_editor_close (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, NMD_EDIT_NOTHING);
  if (self->tool == NMD_TOOL_LIVEWIRE && self->clicks->len > 0)
    return close_livewire (self);
  if (self->tool == NMD_TOOL_POLYGON && n_points (self) > 0 && !self->is_closed)
    return finish (self);
  return NMD_EDIT_NOTHING;
}

static NmdEdit
remove_click (NmdOutlineEditor *self)
{
  g_array_set_size (self->clicks, self->clicks->len - 1);
  if (self->clicks->len == 0)
    {
      reset (self);
      return NMD_EDIT_USED;
    }
  g_array_set_size (self->points,
                    g_array_index (self->clicks, guint, self->clicks->len - 1));
  const double *last = point (self, n_points (self) - 1);
  nmd_livewire_set_seed (self->wire, (int)last[0], (int)last[1]);
  move_livewire (self);
  return NMD_EDIT_USED;
}

NmdEdit
nmd_outline_editor_remove (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, NMD_EDIT_NOTHING);
  if (self->tool == NMD_TOOL_LIVEWIRE && self->clicks->len > 0)
    return remove_click (self);
  if (self->is_closed)
    {
      if (self->corner == NOBODY || n_points (self) <= 3)
        return NMD_EDIT_USED;
      g_array_remove_range (self->points, 2 * (guint)self->corner, 2);
      self->corner = NOBODY;
      self->is_down = FALSE;
      return join (self, self->before);
    }
  if (n_points (self) == 0 || self->is_down)
    return NMD_EDIT_NOTHING;
  g_array_set_size (self->points, self->points->len - 2);
  return NMD_EDIT_USED;
}

NmdEdit
nmd_outline_editor_cancel (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, NMD_EDIT_NOTHING);
  if (n_points (self) == 0 && self->painted == NULL)
    return NMD_EDIT_NOTHING;
  reset (self);
  return NMD_EDIT_USED;
}

NmdImage *
nmd_outline_editor_get_mask (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->result;
}

gboolean
nmd_outline_editor_takes_away (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->how == NMD_MASK_SUBTRACT;
}

const double *
nmd_outline_editor_get_points (NmdOutlineEditor *self, guint *n)
{
  g_return_val_if_fail (self != NULL, NULL);
  *n = n_points (self);
  return (const double *)self->points->data;
}

/* Drawing */

const NmdImage *
nmd_outline_editor_get_paint (NmdOutlineEditor *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->painted;
}

void
nmd_outline_editor_draw (NmdOutlineEditor *self, cairo_t *cr, const NmdCanvas *canvas)
{
  double pointer[2] = { self->x, self->y };
  gboolean rubber = !self->is_closed && n_points (self) > 0;

  g_return_if_fail (self != NULL);
  if (self->image == NULL)
    return;
  if (self->tool == NMD_TOOL_BRUSH)
    {
      nmd_scan_lines_draw_circle (cr, canvas, pointer, self->radius);
      return;
    }
  if (n_points (self) == 0)
    return;
  if (self->tool == NMD_TOOL_BOX || self->tool == NMD_TOOL_ELLIPSE
      || self->tool == NMD_TOOL_PROPOSAL)
    nmd_scan_lines_draw_area (cr, canvas, point (self, 0), pointer,
                              self->tool == NMD_TOOL_ELLIPSE);
  else
    {
      nmd_scan_lines_draw_path (
          cr, canvas, self->points, self->live->len > 0 ? self->live : NULL,
          rubber && self->live->len == 0 ? pointer : NULL, self->is_closed);
      if (self->tool == NMD_TOOL_POLYGON)
        nmd_scan_lines_draw_corners (cr, canvas, self->points, self->corner);
    }
}
