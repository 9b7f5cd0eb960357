/* SPDX-License-Identifier: Apache-2.0
 *
 * The tools driven by points, without a display: each makes exactly the mask of its definition. Where the view
 * stands and goes; grey windows; steps through lists; what is drawn is not lost.
 */
#include "engine/data/nmd-dataset.h"
#include "engine/image/nmd-measure.h"
#include "ui/session/nmd-scan-marks.h"
#include "ui/widgets/nmd-grey-picture.h"
#include "ui/widgets/nmd-key-cursor.h"
#include "ui/widgets/nmd-outline-editor.h"
#include "ui/widgets/nmd-sample-step.h"
#include "ui/widgets/nmd-scan-lines.h"
#include "ui/widgets/nmd-view-signs.h"
#include "ui/widgets/nmd-viewport.h"

#include <gdk/gdk.h>
#include <math.h>
#include <string.h>

#define WIDTH 120
#define HEIGHT 90
#define NEAR 4.0

static NmdImage *image;

static NmdOutlineEditor *
editor_new (NmdTool tool, NmdImage *mask)
{
  NmdOutlineEditor *editor = nmd_outline_editor_new ();

  nmd_outline_editor_set_image (editor, image, mask);
  nmd_outline_editor_set_tool (editor, tool);
  return editor;
}

static NmdEdit
click_how (NmdOutlineEditor *editor, double x, double y, int n, NmdMaskJoin how)
{
  nmd_outline_editor_move (editor, x, y, NEAR);
  NmdEdit pressed = nmd_outline_editor_press (editor, x, y, NEAR, n, how);
  NmdEdit released = nmd_outline_editor_release (editor, x, y, NEAR);

  return released != NMD_EDIT_NOTHING ? released : pressed;
}

static NmdEdit
click (NmdOutlineEditor *editor, double x, double y)
{
  return click_how (editor, x, y, 1, NMD_MASK_REPLACE);
}

static NmdEdit
drag (NmdOutlineEditor *editor, const double *points, guint n, NmdMaskJoin how)
{
  nmd_outline_editor_press (editor, points[0], points[1], NEAR, 1, how);
  for (guint i = 1; i < n; i++)
    nmd_outline_editor_move (editor, points[2 * i], points[2 * i + 1], NEAR);
  return nmd_outline_editor_release (editor, points[2 * n - 2], points[2 * n - 1], NEAR);
}

static void
assert_mask (NmdOutlineEditor *editor, const NmdImage *expected)
{
  const NmdImage *mask = nmd_outline_editor_get_mask (editor);

  g_assert_nonnull (mask);
  g_assert_cmpmem (mask->pixels, WIDTH * HEIGHT, expected->pixels, WIDTH * HEIGHT);
}

static void
test_box_and_ellipse (void)
{
  const double corners[] = { 90, 70, 50, 40, 20, 10 };
  const NmdBox box = { 20, 10, 90, 70 }, left = { 0, 0, 40, 90 };
  g_autoptr (NmdImage) expected = nmd_mask_new_box (WIDTH, HEIGHT, &box);
  g_autoptr (NmdImage) ellipse = nmd_mask_new_ellipse (WIDTH, HEIGHT, 20, 10, 90, 70);
  g_autoptr (NmdImage) there = nmd_mask_new_box (WIDTH, HEIGHT, &left);
  g_autoptr (NmdImage) more = nmd_mask_join (there, ellipse, NMD_MASK_ADD);
  g_autoptr (NmdImage) less = nmd_mask_join (there, ellipse, NMD_MASK_SUBTRACT);
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_BOX, there);

  g_assert_cmpint (drag (editor, corners, 3, NMD_MASK_REPLACE), ==, NMD_EDIT_OUTLINE);
  assert_mask (editor, expected);
  /* A click is no box. */
  g_assert_cmpint (click (editor, 30, 30), ==, NMD_EDIT_USED);
  g_assert_cmpint (nmd_outline_editor_cancel (editor), ==, NMD_EDIT_NOTHING);
  nmd_outline_editor_set_tool (editor, NMD_TOOL_ELLIPSE);
  drag (editor, corners, 3, NMD_MASK_REPLACE);
  assert_mask (editor, ellipse);
  drag (editor, corners, 3, NMD_MASK_ADD);
  assert_mask (editor, more);
  drag (editor, corners, 3, NMD_MASK_SUBTRACT);
  assert_mask (editor, less);
}

static void
test_trace (void)
{
  double points[200];
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_TRACE, NULL);

  for (int i = 0; i < 100; i++)
    {
      points[2 * i] = 60 + 45 * cos (i * 2 * G_PI / 99);
      points[2 * i + 1] = 45 + 30 * sin (i * 2 * G_PI / 99);
    }
  g_autoptr (NmdImage) expected = nmd_mask_new_polygon (WIDTH, HEIGHT, points, 100);
  g_assert_cmpint (drag (editor, points, 100, NMD_MASK_REPLACE), ==, NMD_EDIT_OUTLINE);
  assert_mask (editor, expected);
  /* Beyond the frame it is cut. */
  const double out[] = { -50, -50, 500, -50, 500, 500, -50, 500 };
  drag (editor, out, 4, NMD_MASK_REPLACE);
  const NmdBox all = { 0, 0, WIDTH, HEIGHT };
  g_autoptr (NmdImage) frame = nmd_mask_new_box (WIDTH, HEIGHT, &all);
  assert_mask (editor, frame);
}

static void
test_polygon (void)
{
  double p[] = { 20, 20, 100, 20, 100, 80, 20, 80 };
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_POLYGON, NULL);
  g_autoptr (NmdImage) four = nmd_mask_new_polygon (WIDTH, HEIGHT, p, 4);

  for (int i = 0; i < 4; i++)
    g_assert_cmpint (click (editor, p[2 * i], p[2 * i + 1]), ==, NMD_EDIT_USED);
  /* A click on the first corner closes. */
  g_assert_cmpint (click (editor, 21, 21), ==, NMD_EDIT_OUTLINE);
  assert_mask (editor, four);
  nmd_outline_editor_set_image (editor, image, nmd_outline_editor_get_mask (editor));

  /* A corner is dragged. */
  const double way[] = { 100, 80, 105, 85, 110, 88 };
  g_assert_cmpint (drag (editor, way, 3, NMD_MASK_REPLACE), ==, NMD_EDIT_OUTLINE);
  p[4] = 110;
  p[5] = 88;
  g_autoptr (NmdImage) moved = nmd_mask_new_polygon (WIDTH, HEIGHT, p, 4);
  assert_mask (editor, moved);
  nmd_outline_editor_set_image (editor, image, nmd_outline_editor_get_mask (editor));

  /* An edge gets a corner, which is dragged at once. */
  const double edge[] = { 60, 20, 60, 5 };
  g_assert_cmpint (drag (editor, edge, 2, NMD_MASK_REPLACE), ==, NMD_EDIT_OUTLINE);
  const double five[] = { 20, 20, 60, 5, 100, 20, 110, 88, 20, 80 };
  g_autoptr (NmdImage) added = nmd_mask_new_polygon (WIDTH, HEIGHT, five, 5);
  assert_mask (editor, added);
  nmd_outline_editor_set_image (editor, image, nmd_outline_editor_get_mask (editor));

  /* The corner under the pointer is removed. */
  nmd_outline_editor_move (editor, 60.5, 5.5, NEAR);
  g_assert_cmpint (nmd_outline_editor_remove (editor), ==, NMD_EDIT_OUTLINE);
  assert_mask (editor, moved);

  /* An outline that is not the editor's (undo) ends the corners. */
  nmd_outline_editor_set_image (editor, image, four);
  g_assert_cmpint (nmd_outline_editor_cancel (editor), ==, NMD_EDIT_NOTHING);
}

static void
test_polygon_ends (void)
{
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_POLYGON, NULL);

  click (editor, 10, 10);
  click (editor, 50, 10);
  /* Two corners are none. */
  g_assert_cmpint (nmd_outline_editor_close (editor), ==, NMD_EDIT_USED);
  g_assert_cmpint (nmd_outline_editor_close (editor), ==, NMD_EDIT_NOTHING);
  click (editor, 10, 10);
  click (editor, 50, 10);
  click (editor, 50, 50);
  click (editor, 11, 60);
  g_assert_cmpint (nmd_outline_editor_remove (editor), ==, NMD_EDIT_USED);
  g_assert_cmpint (click_how (editor, 80, 80, 2, NMD_MASK_REPLACE), ==, NMD_EDIT_OUTLINE);
  const double three[] = { 10, 10, 50, 10, 50, 50 };
  g_autoptr (NmdImage) expected = nmd_mask_new_polygon (WIDTH, HEIGHT, three, 3);
  assert_mask (editor, expected);
  g_assert_cmpint (nmd_outline_editor_cancel (editor), ==, NMD_EDIT_USED);
}

static void
test_brush (void)
{
  const double way[] = { 20, 20, 60, 40, 90, 40 };
  g_autoptr (NmdImage) expected = nmd_image_new (WIDTH, HEIGHT);
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_BRUSH, NULL);

  nmd_outline_editor_set_radius (editor, 7);
  g_assert_cmpint (drag (editor, way, 3, NMD_MASK_REPLACE), ==, NMD_EDIT_OUTLINE);
  nmd_mask_brush (expected, 20, 20, 20, 20, 7, TRUE);
  nmd_mask_brush (expected, 20, 20, 60, 40, 7, TRUE);
  nmd_mask_brush (expected, 60, 40, 90, 40, 7, TRUE);
  assert_mask (editor, expected);
  /* On an outline that is there, erasing. */
  nmd_outline_editor_set_image (editor, image, nmd_outline_editor_get_mask (editor));
  drag (editor, way + 2, 2, NMD_MASK_SUBTRACT);
  nmd_mask_brush (expected, 60, 40, 60, 40, 7, FALSE);
  nmd_mask_brush (expected, 60, 40, 90, 40, 7, FALSE);
  assert_mask (editor, expected);
}

static void
test_livewire (void)
{
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_LIVEWIRE, NULL);
  g_autoptr (NmdImage) disc = nmd_mask_new_ellipse (WIDTH, HEIGHT, 30, 15, 90, 75);
  gsize both = 0, n = 0;

  /* Clicks beside the edge are drawn to it. */
  click (editor, 92, 45);
  click (editor, 60, 73);
  click (editor, 10, 10);
  g_assert_cmpint (nmd_outline_editor_remove (editor), ==, NMD_EDIT_USED);
  click (editor, 31, 45);
  nmd_outline_editor_move (editor, 50, 20, NEAR);
  click (editor, 60, 13);
  g_assert_cmpint (nmd_outline_editor_close (editor), ==, NMD_EDIT_OUTLINE);
  const NmdImage *mask = nmd_outline_editor_get_mask (editor);
  for (gsize i = 0; i < WIDTH * HEIGHT; i++)
    {
      both += mask->pixels[i] != 0 && disc->pixels[i] != 0;
      n += (mask->pixels[i] != 0) + (disc->pixels[i] != 0);
    }
  g_assert_cmpfloat (2.0 * (double)both / (double)n, >, 0.95);
  g_assert_cmpint (nmd_outline_editor_cancel (editor), ==, NMD_EDIT_NOTHING);
}

/* For a network: a drag is a box, a click a place that belongs, with Ctrl one that does not. No outline is made. */
static void
test_proposal (void)
{
  const double way[] = { 20, 20, 23, 24, 60, 50 };
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_PROPOSAL, NULL);
  guint n = 0;

  g_assert_cmpint (drag (editor, way, 3, NMD_MASK_REPLACE), ==, NMD_EDIT_PROMPT);
  const double *p = nmd_outline_editor_get_points (editor, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpmem (p, 2 * sizeof *p, way, 2 * sizeof *p);
  g_assert_cmpmem (p + 2, 2 * sizeof *p, way + 4, 2 * sizeof *p);
  g_assert_false (nmd_outline_editor_takes_away (editor));
  nmd_outline_editor_cancel (editor);
  g_assert_cmpint (click_how (editor, 40, 30, 1, NMD_MASK_SUBTRACT), ==, NMD_EDIT_PROMPT);
  p = nmd_outline_editor_get_points (editor, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpfloat (p[0], ==, 40);
  g_assert_true (nmd_outline_editor_takes_away (editor));
  nmd_outline_editor_cancel (editor);
  g_assert_cmpint (click (editor, 41, 30), ==, NMD_EDIT_PROMPT);
  g_assert_false (nmd_outline_editor_takes_away (editor));
  g_assert_null (nmd_outline_editor_get_mask (editor));
}

static void
test_measures (void)
{
  const double way[] = { 20, 20, 23, 24, 60, 50 };
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_DISTANCE, NULL);
  guint n = 0;

  g_assert_cmpint (drag (editor, way, 3, NMD_MASK_REPLACE), ==, NMD_EDIT_MEASURE);
  const double *p = nmd_outline_editor_get_points (editor, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpfloat (nmd_measure_distance (p, p + 2), ==, 50);
  nmd_outline_editor_set_tool (editor, NMD_TOOL_ANGLE);
  g_assert_cmpint (click (editor, 50, 10), ==, NMD_EDIT_USED);
  g_assert_cmpint (click (editor, 10, 10), ==, NMD_EDIT_USED);
  g_assert_cmpint (click (editor, 10, 50), ==, NMD_EDIT_MEASURE);
  p = nmd_outline_editor_get_points (editor, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpfloat_with_epsilon (nmd_measure_angle (p, p + 2, p + 4), 90, 1e-9);
}

static void
test_nothing_without_an_image (void)
{
  g_autoptr (NmdOutlineEditor) editor = nmd_outline_editor_new ();

  for (int tool = 0; tool < NMD_N_TOOLS; tool++)
    {
      nmd_outline_editor_set_tool (editor, (NmdTool)tool);
      g_assert_cmpint (click (editor, 5, 5), ==, NMD_EDIT_NOTHING);
    }
}

/* Every tool has a key of its own that no other key of the canvas has. */
static void
test_keys (void)
{
  const char *others = "0123456789zwariuhm+-=[]f";
  NmdTool found = NMD_TOOL_PAN;

  for (int tool = 0; tool < NMD_N_TOOLS; tool++)
    {
      const NmdToolInfo *info = nmd_tool_get_info ((NmdTool)tool);
      g_assert_cmpint (info->tool, ==, tool);
      g_assert_true (nmd_tool_find_key (info->key, &found));
      g_assert_cmpint (found, ==, tool);
      g_assert_null (strchr (others, (int)info->key));
      g_assert_cmpuint (strlen (info->help), >, 10);
    }
  g_assert_false (nmd_tool_find_key (GDK_KEY_z, &found));
}

static void
test_viewport (void)
{
  NmdViewport port = { 0 };
  double x = 0, y = 0, ix = 0, iy = 0;

  nmd_viewport_set_size (&port, 400, 300);
  nmd_viewport_set_image (&port, 800, 600);
  g_assert_cmpfloat (port.shown.scale, ==, 0.5);
  /* What is under the pointer stays there, also on the way. */
  nmd_canvas_widget_to_image (&port.shown, 100, 80, &ix, &iy);
  nmd_viewport_zoom (&port, 1.3 * 1.3, 100, 80, 1000);
  for (gint64 now = 1000; nmd_viewport_step (&port, now); now += 16000)
    {
      nmd_canvas_image_to_widget (&port.shown, ix, iy, &x, &y);
      g_assert_cmpfloat_with_epsilon (x, 100, 1e-6);
      g_assert_cmpfloat_with_epsilon (y, 80, 1e-6);
      g_assert_cmpint (now, <=, 1000 + NMD_VIEWPORT_DURATION_US);
    }
  g_assert_cmpfloat_with_epsilon (port.shown.scale, 0.845, 1e-9);
  /* Without animation at once; not fitted, so a new size leaves it. */
  nmd_viewport_zoom (&port, 2, 0, 0, 0);
  g_assert_cmpfloat_with_epsilon (port.shown.scale, 1.69, 1e-9);
  nmd_viewport_set_size (&port, 500, 500);
  g_assert_cmpfloat_with_epsilon (port.shown.scale, 1.69, 1e-9);
  nmd_viewport_go (&port, NULL, 0);
  g_assert_cmpfloat (port.shown.scale, ==, 0.625);
  nmd_viewport_set_size (&port, 400, 300);
  g_assert_cmpfloat (port.shown.scale, ==, 0.5);
}

static void
test_flip (void)
{
  const NmdCanvas canvas = { .scale = 0.5, .x = 10, .y = 20 };
  NmdCanvas flipped = nmd_canvas_flip (&canvas, 100);
  double x = 0, y = 0;

  nmd_canvas_image_to_widget (&flipped, 0, 0, &x, &y);
  g_assert_cmpfloat (x, ==, 60);
  nmd_canvas_image_to_widget (&flipped, 100, 0, &x, &y);
  g_assert_cmpfloat (x, ==, 10);
  nmd_canvas_widget_to_image (&flipped, 35, 20, &x, &y);
  g_assert_cmpfloat (x, ==, 50);
  NmdCanvas zoomed = nmd_canvas_zoom (&flipped, 4, 35, 20, 0.1, 32);
  nmd_canvas_widget_to_image (&zoomed, 35, 20, &x, &y);
  g_assert_cmpfloat (x, ==, 50);
  NmdCanvas back = nmd_canvas_flip (&flipped, 100);
  g_assert_cmpfloat (back.x, ==, canvas.x);
  g_assert_false (back.flipped);
}

static void
test_window (void)
{
  NmdGreyWindow window = { 0, 1, FALSE };
  double black = -1, white = -1;
  g_autoptr (NmdImage) ramp = nmd_image_new (201, 1);

  nmd_grey_window_get_levels (&window, &black, &white);
  g_assert_cmpfloat_with_epsilon (black, 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (white, 255, 1e-9);
  nmd_grey_window_set_levels (&window, 40, 90);
  nmd_grey_window_get_levels (&window, &black, &white);
  g_assert_cmpfloat_with_epsilon (black, 40, 1e-9);
  g_assert_cmpfloat_with_epsilon (white, 90, 1e-9);
  for (int i = 0; i < 201; i++)
    ramp->pixels[i] = (guint8)i;
  nmd_grey_window_fit (&window, ramp);
  nmd_grey_window_get_levels (&window, &black, &white);
  g_assert_cmpfloat_with_epsilon (black, 2, 1.01);
  g_assert_cmpfloat_with_epsilon (white, 199, 1.01);
}

static guint8
pixel (cairo_surface_t *surface, int x, int y)
{
  return (guint8)(*(guint32 *)(void *)(cairo_image_surface_get_data (surface)
                                       + y * cairo_image_surface_get_stride (surface)
                                       + 4 * x)
                  & 255);
}

static cairo_surface_t *
render (const NmdImage *source, const NmdCanvas *canvas, const NmdGreyWindow *window)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 64, 64);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (NmdGreyPicture) picture = nmd_grey_picture_new (source, window);

  nmd_grey_picture_draw (picture, cr, canvas, 1, 1);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* Enlarged, a pixel is a square of its own grey; made smaller, it counts in a mean. */
static void
test_picture (void)
{
  const NmdGreyWindow plain = { 0, 1, FALSE }, inverted = { 0, 1, TRUE };
  const NmdCanvas large = { .scale = 4 }, small = { .scale = 0.125 },
                  flipped = { .scale = 4, .x = 64, .flipped = TRUE };
  g_autoptr (NmdImage) checks = nmd_image_new (512, 512);

  for (int y = 0; y < 512; y++)
    for (int x = 0; x < 512; x++)
      checks->pixels[y * 512 + x] = (x + y) % 2 ? 200 : 50;
  cairo_surface_t *surface = render (checks, &large, &plain);
  for (int y = 0; y < 64; y++)
    for (int x = 0; x < 64; x++)
      g_assert_cmpint (pixel (surface, x, y), ==, (x / 4 + y / 4) % 2 ? 200 : 50);
  cairo_surface_destroy (surface);
  surface = render (checks, &flipped, &inverted);
  g_assert_cmpint (pixel (surface, 63, 0), ==, 255 - 50);
  g_assert_cmpint (pixel (surface, 58, 1), ==, 255 - 200);
  cairo_surface_destroy (surface);
  surface = render (checks, &small, &plain);
  for (int y = 0; y < 64; y++)
    for (int x = 0; x < 64; x++)
      g_assert_cmpint (pixel (surface, x, y), ==, 125);
  cairo_surface_destroy (surface);
}

/* How many pixels across an upright line at x = 20 are inked. */
static int
measure_line (double line)
{
  const NmdCanvas canvas = { .scale = 1, .line = line };
  const float upright[] = { 20, 0, 20, 40 };
  g_autoptr (GArray) segments = g_array_new (FALSE, FALSE, sizeof (float));
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 40, 40);
  cairo_t *cr = cairo_create (surface);
  int n = 0;

  g_array_append_vals (segments, upright, 4);
  nmd_scan_lines_draw_lines (cr, &canvas, segments, 0);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  for (int x = 0; x < 40; x++)
    n += pixel (surface, x, 20) > 0;
  cairo_surface_destroy (surface);
  return n;
}

/* On a large screen lines are wider; at 3840 × 2160 about two and a half times. */
static void
test_line (void)
{
  const int thin = measure_line (0), wide = measure_line (nmd_canvas_line (3200, 2250));

  g_assert_cmpfloat (nmd_canvas_line (800, 640), ==, 1);
  g_assert_cmpfloat (nmd_canvas_line (1e5, 1e5), ==, 2.5);
  g_assert_cmpint (thin, ==, measure_line (1));
  g_assert_cmpint (wide, >=, 2 * thin - 1);
}

static void
test_signs (void)
{
  g_autofree char *in = nmd_view_signs_readout (image, 1.4, 10, 230, 5.7, 45.2);
  g_autofree char *out = nmd_view_signs_readout (image, 1, 0, 255, -1, 3);

  g_assert_cmpstr (in, ==, "zoom 140 % · window 10–230 · x 5 y 45 · grey 40");
  g_assert_cmpstr (out, ==, "zoom 100 % · window 0–255");
  g_assert_cmpfloat_with_epsilon (nmd_view_signs_step (1, 42), 50, 1e-9);
  g_assert_cmpfloat_with_epsilon (nmd_view_signs_step (100, 42), 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (nmd_view_signs_step (42, 42), 1, 1e-9);
}

static void
test_step (void)
{
  const char *const subjects[] = { "a", "a", "b", "b", "b", "c" };
  g_autoptr (GListStore) store = g_list_store_new (NMD_TYPE_SAMPLE);
  GListModel *list = G_LIST_MODEL (store);

  g_assert_cmpuint (nmd_sample_step (list, 0, 1, FALSE), ==, G_MAXUINT);
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      g_autoptr (NmdSample) sample = g_object_new (NMD_TYPE_SAMPLE, NULL);
      sample->subject = g_strdup (subjects[i]);
      g_list_store_append (store, sample);
    }
  g_assert_cmpuint (nmd_sample_step (list, 1, 1, FALSE), ==, 2);
  g_assert_cmpuint (nmd_sample_step (list, 1, 10, FALSE), ==, 5);
  g_assert_cmpuint (nmd_sample_step (list, 5, 1, FALSE), ==, G_MAXUINT);
  g_assert_cmpuint (nmd_sample_step (list, 4, G_MININT, FALSE), ==, 0);
  g_assert_cmpuint (nmd_sample_step (list, 2, G_MAXINT, FALSE), ==, 5);
  g_assert_cmpuint (nmd_sample_step (list, 1, 1, TRUE), ==, 2);
  g_assert_cmpuint (nmd_sample_step (list, 5, -1, TRUE), ==, 2);
  g_assert_cmpuint (nmd_sample_step (list, 1, -1, TRUE), ==, G_MAXUINT);
  g_assert_cmpuint (nmd_sample_step (list, 5, 1, TRUE), ==, G_MAXUINT);
  g_assert_cmpuint (nmd_sample_step (list, G_MAXUINT, 1, FALSE), ==, 0);
}

static void
test_marks (void)
{
  NmdScanMarks *marks = nmd_scan_marks_new (image, NULL);
  const NmdBox box = { 10, 10, 20, 30 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (WIDTH, HEIGHT, &box);

  g_assert_false (nmd_scan_marks_is_unsaved (marks));
  nmd_scan_marks_add (marks, image, "Subcutaneous fat");
  g_assert_cmpuint (marks->active, ==, 1);
  nmd_mask_history_push (nmd_scan_marks_get (marks)->history, mask);
  nmd_scan_marks_measure (marks, image);
  g_assert_cmpint (nmd_scan_marks_get (marks)->echo.n, ==, 200);
  nmd_scan_marks_get (marks)->is_unsaved = TRUE;
  g_assert_true (nmd_scan_marks_is_unsaved (marks));
  nmd_scan_marks_add (marks, image, "Muscle");
  g_assert_cmpuint (marks->active, ==, 0);
  g_assert_cmpuint (marks->outlines->len, ==, 2);
  g_assert_cmpint (nmd_scan_marks_get (marks)->echo.n, ==, 0);
  nmd_scan_marks_free (marks);
}

/* The cross goes where the arrow points, also on a flipped image, and stays on it. */
static void
test_key_cursor (void)
{
  NmdCanvas canvas = { .scale = 2 };
  NmdKeyCursor cursor = { 0 };

  g_assert_true (nmd_key_cursor_show (&cursor, WIDTH, HEIGHT));
  g_assert_false (nmd_key_cursor_show (&cursor, WIDTH, HEIGHT));
  g_assert_cmpint (cursor.x, ==, WIDTH / 2);
  g_assert_cmpint (cursor.y, ==, HEIGHT / 2);
  g_assert_cmpint (nmd_key_cursor_count (&cursor), ==, 1);
  g_assert_cmpint (nmd_key_cursor_count (&cursor), ==, 2);
  g_assert_false (
      nmd_key_cursor_move (&cursor, GDK_KEY_a, FALSE, &canvas, WIDTH, HEIGHT));
  g_assert_true (
      nmd_key_cursor_move (&cursor, GDK_KEY_Right, FALSE, &canvas, WIDTH, HEIGHT));
  g_assert_cmpint (cursor.x, ==, WIDTH / 2 + 1);
  g_assert_cmpint (nmd_key_cursor_count (&cursor), ==, 1);
  canvas.flipped = TRUE;
  nmd_key_cursor_move (&cursor, GDK_KEY_KP_Right, TRUE, &canvas, WIDTH, HEIGHT);
  g_assert_cmpint (cursor.x, ==, WIDTH / 2 - 9);
  for (int i = 0; i < 20; i++)
    nmd_key_cursor_move (&cursor, GDK_KEY_Down, TRUE, &canvas, WIDTH, HEIGHT);
  g_assert_cmpint (cursor.y, ==, HEIGHT);
}

/* By Enter: exactly between the corners where it was pressed. */
static void
test_enter (void)
{
  const NmdBox box = { 20, 10, 21, 70 };
  g_autoptr (NmdImage) expected = nmd_mask_new_box (WIDTH, HEIGHT, &box);
  g_autoptr (NmdOutlineEditor) editor = editor_new (NMD_TOOL_BOX, NULL);

  g_assert_cmpint (nmd_outline_editor_enter (editor, 20, 10, 2, 1, NMD_MASK_REPLACE), ==,
                   NMD_EDIT_USED);
  g_assert_true (nmd_outline_editor_is_held (editor));
  g_assert_cmpint (nmd_outline_editor_enter (editor, 21, 70, 2, 1, NMD_MASK_REPLACE), ==,
                   NMD_EDIT_OUTLINE);
  g_assert_false (nmd_outline_editor_is_held (editor));
  assert_mask (editor, expected);

  /* The first Enter of a shape is no second one, whatever ended there before. */
  const double corners[] = { 10, 10, 50, 10, 50, 50 };
  g_autoptr (NmdImage) three = nmd_mask_new_polygon (WIDTH, HEIGHT, corners, 3);
  nmd_outline_editor_set_tool (editor, NMD_TOOL_POLYGON);
  for (int i = 0; i < 3; i++)
    nmd_outline_editor_enter (editor, corners[2 * i], corners[2 * i + 1], 2,
                              i == 0 ? 2 : 1, NMD_MASK_REPLACE);
  g_assert_cmpint (nmd_outline_editor_enter (editor, 50, 50, 2, 2, NMD_MASK_REPLACE), ==,
                   NMD_EDIT_OUTLINE);
  assert_mask (editor, three);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  image = nmd_image_new (WIDTH, HEIGHT);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      image->pixels[y * WIDTH + x] = hypot (x + 0.5 - 60, y + 0.5 - 45) <= 30 ? 160 : 40;
  g_test_add_func ("/tools/key-cursor", test_key_cursor);
  g_test_add_func ("/tools/enter", test_enter);
  g_test_add_func ("/tools/box-and-ellipse", test_box_and_ellipse);
  g_test_add_func ("/tools/trace", test_trace);
  g_test_add_func ("/tools/polygon", test_polygon);
  g_test_add_func ("/tools/polygon/ends", test_polygon_ends);
  g_test_add_func ("/tools/brush", test_brush);
  g_test_add_func ("/tools/livewire", test_livewire);
  g_test_add_func ("/tools/proposal", test_proposal);
  g_test_add_func ("/tools/measures", test_measures);
  g_test_add_func ("/tools/no-image", test_nothing_without_an_image);
  g_test_add_func ("/tools/keys", test_keys);
  g_test_add_func ("/tools/marks", test_marks);
  g_test_add_func ("/view/port", test_viewport);
  g_test_add_func ("/view/flip", test_flip);
  g_test_add_func ("/view/window", test_window);
  g_test_add_func ("/view/picture", test_picture);
  g_test_add_func ("/view/line", test_line);
  g_test_add_func ("/view/signs", test_signs);
  g_test_add_func ("/view/step", test_step);
  status = g_test_run ();
  nmd_image_unref (image);
  return status;
}
