/* SPDX-License-Identifier: Apache-2.0
 *
 * The widgets alone: defaults, properties, one notification each, settings rows and clean
 * ends.
 */
#include "ui/session/nmd-app-session.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-fold-row.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-parameter-rows.h"
#include "ui/widgets/nmd-plot-area.h"
#include "ui/widgets/nmd-stage-card.h"
#include "ui/widgets/nmd-still-picture.h"
#include "ui/widgets/nmd-table-text.h"
#include "ui/window/nmd-stall-meter.h"
#include "ui/window/nmd-toaster.h"
#include "ui/widgets/nmd-thumbnail.h"
#include "ui/widgets/nmd-paint-layer.h"
#include "ui/widgets/nmd-view-layer.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
count (GObject *object, GParamSpec *pspec, guint *n)
{
  (*n)++;
}

static void
test_image_view (void)
{
  GtkWidget *view = g_object_ref_sink (nmd_image_view_new ());
  gboolean outline = FALSE;
  double brightness = 1, contrast = 0, opacity = 0;
  guint n = 0;

  g_object_get (view, "show-outline", &outline, "brightness", &brightness, "contrast",
                &contrast, "overlay-opacity", &opacity, NULL);
  g_assert_true (outline);
  g_assert_cmpfloat (brightness, ==, 0);
  g_assert_cmpfloat (contrast, ==, 1);
  g_assert_cmpfloat (opacity, ==, 0.6);
  g_assert_null (nmd_image_view_get_scan (NMD_IMAGE_VIEW (view)));

  g_signal_connect (view, "notify::brightness", G_CALLBACK (count), &n);
  g_object_set (view, "brightness", 0.25, NULL);
  g_object_set (view, "brightness", 0.25, NULL);
  g_assert_cmpuint (n, ==, 1);
  nmd_grey_view_reset_grey (NMD_GREY_VIEW (view));
  g_assert_cmpuint (n, ==, 2);
  g_assert_finalize_object (view);
}

static void
test_image_view_scan (void)
{
  GtkWidget *view = g_object_ref_sink (nmd_image_view_new ());
  NmdScan *scan = g_object_new (NMD_TYPE_SCAN, NULL);
  const NmdBox box = { 4, 4, 20, 12 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (32, 24, &box);
  NmdScan *outlined = NULL;

  scan->name = g_strdup ("test.png");
  scan->image = nmd_image_new (32, 24);
  nmd_image_view_set_scan (NMD_IMAGE_VIEW (view), scan);
  g_assert_true (nmd_image_view_get_scan (NMD_IMAGE_VIEW (view)) == scan);

  outlined = nmd_scan_with_mask (scan, mask, NMD_ROI_DRAWN);
  g_assert_cmpint (outlined->bounds.x1, ==, 20);
  g_assert_cmpint (outlined->echo.n, ==, 16 * 8);
  g_assert_cmpint (outlined->source, ==, NMD_ROI_DRAWN);
  nmd_image_view_set_scan (NMD_IMAGE_VIEW (view), outlined);
  g_assert_finalize_object (scan);
  g_assert_finalize_object (view);
  g_assert_finalize_object (outlined);
}

static void
test_outline_taken_away (void)
{
  g_autoptr (NmdScan) scan = g_object_new (NMD_TYPE_SCAN, NULL);
  g_autoptr (NmdImage) empty = nmd_image_new (8, 8);
  g_autoptr (NmdScan) without = NULL;

  scan->name = g_strdup ("test.png");
  scan->image = nmd_image_new (8, 8);
  /* A mask without a set pixel is no outline. */
  without = nmd_scan_with_mask (scan, empty, NMD_ROI_DRAWN);
  g_assert_null (without->mask);
  g_assert_cmpint (without->source, ==, NMD_ROI_FRAME);
  g_assert_cmpint (without->echo.n, ==, 0);
}

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_every_row (void)
{
  g_autoptr (NmdAppSession) session = nmd_app_session_new ("/nowhere");
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  for (guint i = 0; i < n; i++)
    {
      GtkWidget *row = g_object_ref_sink (
          nmd_parameter_row_new (nmd_app_session_get_recipe (session), &table[i]));
      g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==,
                       table[i].title);
      /* Making a row changes nothing. */
      g_assert_cmpfloat (nmd_parameters_get (nmd_recipe_session_get_parameters (
                                                 nmd_app_session_get_recipe (session)),
                                             table[i].name),
                         ==, table[i].standard);
      g_assert_finalize_object (row);
    }
}

static void
test_row_sets (void)
{
  g_autoptr (NmdAppSession) session = nmd_app_session_new ("/nowhere");
  g_autoptr (GtkWidget) row = g_object_ref_sink (nmd_parameter_row_new (
      nmd_app_session_get_recipe (session), nmd_parameter_find ("epochs")));
  GtkWidget *spin = find_type (row, GTK_TYPE_SPIN_BUTTON);
  g_autofree char *changes = NULL;

  g_assert_nonnull (spin);
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 100);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 7);
  g_assert_cmpint (nmd_parameters_get_int (nmd_recipe_session_get_parameters (
                                               nmd_app_session_get_recipe (session)),
                                           "epochs"),
                   ==, 7);
  changes = nmd_parameters_describe_changes (
      nmd_recipe_session_get_parameters (nmd_app_session_get_recipe (session)));
  g_assert_cmpstr (changes, ==, "Epochs: 7");
  /* And the other way round. */
  nmd_recipe_session_reset (nmd_app_session_get_recipe (session));
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 100);
}

static void
test_row_refuses (void)
{
  g_autoptr (NmdAppSession) session = nmd_app_session_new ("/nowhere");
  g_autoptr (GtkWidget) row = g_object_ref_sink (nmd_parameter_row_new (
      nmd_app_session_get_recipe (session), nmd_parameter_find ("lr")));
  GtkWidget *entry = find_type (row, GTK_TYPE_ENTRY);
  const NmdParameters *p
      = nmd_recipe_session_get_parameters (nmd_app_session_get_recipe (session));

  g_assert_nonnull (entry);
  gtk_editable_set_text (GTK_EDITABLE (entry), "0,005");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpfloat_with_epsilon (nmd_parameters_get (p, "lr"), 0.005, 1e-12);

  gtk_editable_set_text (GTK_EDITABLE (entry), "-3");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpfloat_with_epsilon (nmd_parameters_get (p, "lr"), 0.005, 1e-12);
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), !=, "");

  gtk_editable_set_text (GTK_EDITABLE (entry), "1e-3");
  g_signal_emit_by_name (entry, "activate");
  g_assert_false (gtk_widget_has_css_class (entry, "error"));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "");
}

static void
on_switched (NmdStageCard *card, gboolean on, guint *n)
{
  (*n)++;
}

static void
test_stage_card (void)
{
  GtkWidget *card = g_object_ref_sink (nmd_stage_card_new ("Median", TRUE));
  NmdStageView view = { .image = nmd_image_new (4, 4), .mean = 0 };
  guint n = 0;

  g_signal_connect (card, "switched", G_CALLBACK (on_switched), &n);
  nmd_stage_card_set_active (NMD_STAGE_CARD (card), TRUE);
  g_assert_cmpuint (n, ==, 0); /* only the user's hand is told */
  gtk_switch_set_active (GTK_SWITCH (find_type (card, GTK_TYPE_SWITCH)), FALSE);
  g_assert_cmpuint (n, ==, 1);
  nmd_stage_card_set_stage (NMD_STAGE_CARD (card), &view, NULL);
  nmd_stage_card_set_stage (NMD_STAGE_CARD (card), NULL, NULL);
  nmd_image_unref (view.image);
  g_assert_finalize_object (card);
}

/* What a picture of 40 × 20 grey pixels, white on the left, draws at 40 × 40: as red, green, blue and alpha. */
static guint32
draw_still (GtkWidget *picture, int x, int y)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 40, 40);
  cairo_t *cr = cairo_create (surface);
  guint32 pixel;

  GTK_WIDGET_GET_CLASS (picture)->snapshot (picture, snapshot);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  if (node != NULL)
    gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  memcpy (&pixel,
          cairo_image_surface_get_data (surface)
              + y * cairo_image_surface_get_stride (surface) + 4 * x,
          4);
  cairo_surface_destroy (surface);
  return pixel;
}

static void
test_still_picture (void)
{
  GtkWidget *fitted = g_object_ref_sink (nmd_still_picture_new ());
  GtkWidget *tile = g_object_ref_sink (nmd_still_picture_new_tile ());
  g_autoptr (NmdImage) image = nmd_image_new (40, 20);
  g_autoptr (NmdImage) other = nmd_image_new (40, 20);
  const GtkAllocation place = { 0, 0, 40, 40 };

  for (int i = 0; i < 40 * 20; i++)
    image->pixels[i] = i % 40 < 20 ? 255 : 0;
  gtk_widget_size_allocate (fitted, &place, -1);
  gtk_widget_size_allocate (tile, &place, -1);
  g_assert_cmphex (draw_still (fitted, 10, 20), ==, 0);
  g_assert_cmphex (draw_still (tile, 20, 20) >> 24, ==, 0x2e); /* the ground */

  nmd_still_picture_set_image (NMD_STILL_PICTURE (fitted), image);
  nmd_still_picture_set_image (NMD_STILL_PICTURE (tile), image);
  /* Bars above and below, or as high as the tile and cut at its sides and corners. */
  g_assert_cmphex (draw_still (fitted, 10, 5), ==, 0);
  g_assert_cmphex (draw_still (fitted, 10, 20), ==, 0xffffffff);
  g_assert_cmphex (draw_still (fitted, 30, 20), ==, 0xff000000);
  g_assert_cmphex (draw_still (tile, 10, 5), ==, 0xffffffff);
  g_assert_cmphex (draw_still (tile, 30, 35), ==, 0xff000000);
  g_assert_cmphex (draw_still (tile, 0, 0), ==, 0);
  g_assert_cmphex (draw_still (tile, 39, 39), ==, 0);

  nmd_still_picture_set_image (NMD_STILL_PICTURE (fitted), other);
  g_assert_cmphex (draw_still (fitted, 10, 20), ==, 0xff000000);
  nmd_still_picture_set_image (NMD_STILL_PICTURE (tile), NULL);
  g_assert_cmphex (draw_still (tile, 20, 20) >> 24, ==, 0x2e);
  g_assert_finalize_object (fitted);
  g_assert_finalize_object (tile);
}

/* Whether anything of @widget was painted in the last frame. */
static gboolean
is_painted (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget),
                          gtk_widget_get_height (widget));
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  return node != NULL;
}

static void
wait_for (GtkWidget *widget, gboolean painted)
{
  const gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while ((is_painted (widget) != painted || !gtk_widget_get_mapped (widget))
         && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_true (is_painted (widget) == painted);
}

/* One far beyond the edge of its list is not painted; it is when it comes into sight, also without scrolling. */
static void
test_out_of_sight (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *thumbnails[40];

  for (int i = 0; i < 40; i++)
    {
      thumbnails[i] = nmd_thumbnail_new (100);
      gtk_box_append (GTK_BOX (box), thumbnails[i]);
    }
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_window_set_child (GTK_WINDOW (window), scroller);
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 200);
  gtk_window_present (GTK_WINDOW (window));
  wait_for (thumbnails[0], TRUE);
  wait_for (thumbnails[39], FALSE);
  gtk_box_reorder_child_after (GTK_BOX (box), thumbnails[39], NULL);
  wait_for (thumbnails[39], TRUE);
  g_assert_false (is_painted (thumbnails[30]));
  gtk_adjustment_set_value (
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)), 3000);
  wait_for (thumbnails[30], TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_thumbnail (void)
{
  GtkWidget *thumbnail = g_object_ref_sink (nmd_thumbnail_new (64));
  g_autofree char *none = nmd_problems_to_text (0);
  g_autofree char *two = nmd_problems_to_text (NMD_PROBLEM_NO_MASK | NMD_PROBLEM_LOSSY);
  int minimum = 0;

  g_assert_cmpstr (none, ==, "");
  g_assert_nonnull (strchr (two, '\n'));
  gtk_widget_measure (thumbnail, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);
  g_assert_cmpint (minimum, ==, 64);
  nmd_thumbnail_set_sample (NMD_THUMBNAIL (thumbnail), NULL);
  g_assert_finalize_object (thumbnail);
}

static void
test_stall_meter (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "nmd-stall-XXXXXX", NULL);
  g_autofree char *text = NULL;
  int fd = g_mkstemp (path);
  NmdStallMeter *meter = nmd_stall_meter_start (path);

  close (fd);
  for (int i = 0; i < 5; i++)
    g_main_context_iteration (NULL, TRUE);
  nmd_stall_meter_take (meter);
  g_usleep (60000);
  g_main_context_iteration (NULL, TRUE);
  double stall = nmd_stall_meter_take (meter);
  g_assert_cmpfloat (stall, >, 45);
  nmd_stall_meter_stop (meter);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "longest main-loop stall"));
  g_unlink (path);
  g_assert_null (nmd_stall_meter_start (NULL));
}

/* Whatever the locale, long numbers are grouped, and no digit is lost. */
static void
test_count (void)
{
  const struct
  {
    gint64 count;
    int groups;
  } cases[] = { { 0, 0 }, { 540, 0 }, { 12345, 1 }, { 2395768, 2 }, { 130000000, 2 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = nmd_format_count (cases[i].count);
      g_autofree char *plain = g_strdup_printf ("%" G_GINT64_FORMAT, cases[i].count);
      g_autoptr (GString) digits = g_string_new (NULL);

      for (const char *c = text; *c != '\0'; c++)
        if (g_ascii_isdigit (*c))
          g_string_append_c (digits, *c);
      g_assert_cmpstr (digits->str, ==, plain);
      g_assert_cmpint (g_utf8_strlen (text, -1), ==,
                       (int)strlen (plain) + cases[i].groups);
    }
}

static void
draw_dot (gpointer n, cairo_t *cr)
{
  (*(guint *)n)++;
  cairo_rectangle (cr, 40, 30, 10, 10);
  cairo_fill (cr);
}

/* How opaque @node is over the pixel (@x, @y). */
static int
alpha_at (GskRenderNode *node, int x, int y)
{
  guint8 pixel[4] = { 0 };
  cairo_surface_t *surface
      = cairo_image_surface_create_for_data (pixel, CAIRO_FORMAT_ARGB32, 1, 1, 4);
  cairo_t *cr = cairo_create (surface);

  cairo_translate (cr, -x, -y);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  guint32 value = 0;
  memcpy (&value, pixel, sizeof value);
  cairo_surface_destroy (surface);
  return (int)(value >> 24);
}

/* The sum over @nodes: where two lay over one another it would be more than one's. */
static int
alpha_at_any (GPtrArray *nodes, int x, int y)
{
  int sum = 0;

  for (guint i = 0; i < nodes->len; i++)
    sum += alpha_at (nodes->pdata[i], x, y);
  return sum;
}

/* A layer that did not change is the same node; one of lines is no larger than what it draws, one of pixels covers all. */
static void
test_layers (void)
{
  const graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, 200, 100);
  GskRenderNode *kept = NULL, *first = NULL, *pixels = NULL;
  graphene_rect_t bounds;
  guint n = 0;

  for (int i = 0; i < 2; i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      nmd_view_layer_append (snapshot, &kept, &all, 0, draw_dot, &n);
      g_assert_true (i == 0 || kept == first);
      first = kept;
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
    }
  g_assert_cmpuint (n, ==, 1);
  gsk_render_node_get_bounds (kept, &bounds);
  g_assert_true (
      graphene_rect_contains_rect (&bounds, &GRAPHENE_RECT_INIT (40, 30, 10, 10)));
  g_assert_cmpfloat (bounds.size.width, <=, 14);
  g_assert_cmpfloat (bounds.size.height, <=, 14);
  gsk_render_node_unref (kept);

  GtkSnapshot *snapshot = gtk_snapshot_new ();
  nmd_view_layer_append (snapshot, &pixels, &all, 2, draw_dot, &n);
  gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
  gsk_render_node_get_bounds (pixels, &bounds);
  g_assert_true (graphene_rect_equal (&bounds, &all));
  g_assert_cmpint (alpha_at (pixels, 45, 35), ==, 255);
  g_assert_cmpint (alpha_at (pixels, 55, 35), ==, 0);
  gsk_render_node_unref (pixels);
}

/* The nodes of @layer for @mask, one after the other; (transfer full). */
static GPtrArray *
paint (NmdPaintLayer *layer, const NmdImage *mask, const NmdCanvas *canvas)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GPtrArray *nodes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)gsk_render_node_unref);
  GskRenderNode *root = NULL;

  nmd_paint_layer_append (layer, snapshot, mask, canvas, 200, 150);
  root = gtk_snapshot_free_to_node (snapshot);
  if (root == NULL)
    return nodes;
  if (gsk_render_node_get_node_type (root) != GSK_CONTAINER_NODE)
    g_ptr_array_add (nodes, gsk_render_node_ref (root));
  else
    for (guint i = 0; i < gsk_container_node_get_n_children (root); i++)
      g_ptr_array_add (nodes,
                       gsk_render_node_ref (gsk_container_node_get_child (root, i)));
  gsk_render_node_unref (root);
  return nodes;
}

/* Painting changes the squares that it touches alone, the squares show the whole mask without seams, and another canvas
 * or mask moves them. */
static void
test_paint (void)
{
  g_autoptr (NmdPaintLayer) layer = nmd_paint_layer_new ();
  g_autoptr (NmdImage) mask = nmd_image_new (100, 75);
  NmdCanvas canvas = { .scale = 2 }, moved = { .scale = 2, .x = 10, .y = 5 };

  for (int y = 10; y < 60; y++)
    memset (mask->pixels + y * 100 + 10, 255, 80);
  g_autoptr (GPtrArray) before = paint (layer, mask, &canvas);
  g_assert_cmpuint (before->len, ==, 6); /* 3 × 2 squares of 64 units */
  int first = alpha_at_any (before, 30, 30);
  g_assert_cmpint (first, >, 90);
  for (int x = 24; x < 176; x++)
    g_assert_cmpint (alpha_at_any (before, x, 63), ==, first);
  g_assert_cmpint (alpha_at_any (before, 10, 30), ==, 0);

  mask->pixels[20 * 100 + 20] = 0; /* at 40, 40: in the first square alone */
  g_autoptr (GPtrArray) after = paint (layer, mask, &canvas);
  g_assert_cmpuint (after->len, ==, before->len);
  for (guint i = 0; i < before->len; i++)
    g_assert_true ((before->pdata[i] == after->pdata[i]) == (i > 0));
  g_assert_cmpint (alpha_at_any (after, 41, 41), <, first);

  g_autoptr (GPtrArray) elsewhere = paint (layer, mask, &moved);
  g_assert_cmpint (alpha_at_any (elsewhere, 25, 20), ==, 0);
  g_assert_cmpint (alpha_at_any (elsewhere, 35, 30), ==, first);
  g_autoptr (GPtrArray) nothing = paint (layer, NULL, &moved);
  g_assert_cmpuint (nothing->len, ==, 0);
}

static const char *message;

static gboolean
shows_message (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
      && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), message))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows_message (child))
      return TRUE;
  return FALSE;
}

static void
wait_for_message (GtkWidget *overlay, const char *text, gboolean shown)
{
  message = text;
  while (shows_message (overlay) != shown)
    g_main_context_iteration (NULL, TRUE);
}

/* A machine that draws nothing for longer than a message stands: nothing of it is touched after it is gone. */
static void
test_messages (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *overlay = adw_toast_overlay_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 300, 200);
  gtk_window_set_child (GTK_WINDOW (window), overlay);
  gtk_window_present (GTK_WINDOW (window));
  nmd_toaster_show (ADW_TOAST_OVERLAY (overlay), "first & <second>");
  nmd_toaster_show (ADW_TOAST_OVERLAY (overlay), "last");
  wait_for_message (overlay, "first & <second>", TRUE);
  g_assert_false ((message = "last", shows_message (overlay)));
  /* Its time is over before its way in is drawn, and the next frame is late too. */
  g_usleep ((NMD_TOASTER_MS + 200) * 1000);
  g_main_context_iteration (NULL, FALSE);
  g_usleep (800 * 1000);
  wait_for_message (overlay, "first & <second>", FALSE);
  wait_for_message (overlay, "last", TRUE);
  /* The window may go while one is shown and others wait. */
  nmd_toaster_show (ADW_TOAST_OVERLAY (overlay), "never");
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Beside each other where both have the room that they want, else one below the other; hidden ones take none. */
static void
test_fold_row (void)
{
  GtkWidget *row = g_object_ref_sink (g_object_new (NMD_TYPE_FOLD_ROW, NULL));
  GtkWidget *children[] = { gtk_label_new (NULL), gtk_label_new (NULL) };
  graphene_rect_t first, second;
  int minimum = 0, natural = 0;

  for (guint i = 0; i < 2; i++)
    {
      gtk_widget_set_size_request (children[i], i == 0 ? 100 : 60, 20);
      gtk_widget_set_parent (children[i], row);
    }
  gtk_widget_measure (row, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL,
                      NULL);
  g_assert_cmpint (minimum, ==, 100);
  g_assert_cmpint (natural, ==, 166);
  gtk_widget_measure (row, GTK_ORIENTATION_VERTICAL, 166, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, ==, 20);
  gtk_widget_measure (row, GTK_ORIENTATION_VERTICAL, 165, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, ==, 40);
  for (int width = 165; width <= 300; width += 135)
    {
      gtk_widget_allocate (row, width, 40, -1, NULL);
      g_assert_true (gtk_widget_compute_bounds (children[0], row, &first));
      g_assert_true (gtk_widget_compute_bounds (children[1], row, &second));
      g_assert_cmpfloat (second.origin.x, ==, width == 300 ? 240 : 0);
      g_assert_cmpfloat (second.origin.y, ==, width == 300 ? 0 : 20);
      g_assert_cmpfloat (first.size.width, ==, width == 300 ? 234 : 165);
    }
  gtk_widget_set_visible (children[0], FALSE);
  gtk_widget_measure (row, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL,
                      NULL);
  g_assert_cmpint (natural, ==, 60);
  g_assert_finalize_object (row);
}

/* A true minus in the window is one that programs read in a file. */
static void
test_table_text (void)
{
  g_autofree char *minus = nmd_format_number (-0.25, 2);
  g_autofree char *zero = nmd_format_number (-0.001, 2);
  const char *titles[] = { "a − b", "c_d", NULL }, *cells[] = { minus, "−", NULL };
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();

  g_ptr_array_add (rows, titles);
  g_ptr_array_add (rows, cells);
  g_assert_cmpstr (minus, ==, "−0.25");
  g_assert_cmpstr (zero, ==, "0.00");
  g_autofree char *csv = nmd_table_to_csv (rows);
  g_assert_cmpstr (csv, ==, "a − b,c_d\n-0.25,−\n");
  g_autofree char *latex = nmd_table_to_latex (rows);
  g_assert_nonnull (strstr (latex, "a $-$ b & c\\_d"));
  g_assert_nonnull (strstr (latex, "$-$0.25 & $-$"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      return 0;
    }
  adw_init ();
  g_test_add_func ("/widgets/layers", test_layers);
  g_test_add_func ("/widgets/paint", test_paint);
  g_test_add_func ("/widgets/messages", test_messages);
  g_test_add_func ("/widgets/fold-row", test_fold_row);
  g_test_add_func ("/image-view/properties", test_image_view);
  g_test_add_func ("/image-view/scan", test_image_view_scan);
  g_test_add_func ("/scan/outline-taken-away", test_outline_taken_away);
  g_test_add_func ("/parameter-rows/every-row", test_every_row);
  g_test_add_func ("/parameter-rows/sets", test_row_sets);
  g_test_add_func ("/parameter-rows/refuses", test_row_refuses);
  g_test_add_func ("/stage-card", test_stage_card);
  g_test_add_func ("/still-picture", test_still_picture);
  g_test_add_func ("/thumbnail", test_thumbnail);
  g_test_add_func ("/thumbnail/out-of-sight", test_out_of_sight);
  g_test_add_func ("/columns/count", test_count);
  g_test_add_func ("/table-text", test_table_text);
  g_test_add_func ("/stall-meter", test_stall_meter);
  return g_test_run ();
}
