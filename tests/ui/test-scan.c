/* SPDX-License-Identifier: Apache-2.0
 *
 * The Scan page as a sonographer uses it: the files of a visit without data set and model, drawn on with the
 * pointer (where xdotool is there), measured, named, taken home; and what it must not write.
 */
#include "tests/ui/screen.h"
#include "engine/core/nmd-csv.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"
#include "ui/pages/nmd-body-panel.h"
#include "ui/pages/nmd-scan-page.h"
#include "ui/session/nmd-visit-texts.h"
#include "ui/widgets/nmd-image-view.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define WIDTH 320
#define HEIGHT 240

static char *
place (const char *name)
{
  return g_build_filename (screen.folder, name, NULL);
}

/* Speckle with a bright disc; brighter by @more. */
static void
write_image (const char *name, int more)
{
  g_autofree char *path = place (name);
  g_autoptr (NmdImage) image = nmd_image_new (WIDTH, HEIGHT);

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        gboolean inside = hypot (x - 160, y - 120) < 70;
        image->pixels[y * WIDTH + x]
            = (guint8)(40 + more + (inside ? 90 : 0) + (x * 7 + y * 13) % 30);
      }
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
}

static void
open_file (const char *name)
{
  g_autofree char *path = place (name);

  screen_wanted = name;
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (screen_has_wanted, 20));
  screen_pause (0.2);
}

static NmdVisitSession *
visit (void)
{
  return nmd_app_session_get_visit (screen.session);
}

static NmdImageView *
view (void)
{
  return NMD_IMAGE_VIEW (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL));
}

static NmdScanPage *
page (void)
{
  return NMD_SCAN_PAGE (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_SCAN_PAGE, NULL));
}

static NmdScan *
scan (void)
{
  return nmd_scan_session_get_scan (screen.scan);
}

static void
draw_box (int x0, int y0, int x1, int y1)
{
  const NmdBox box = { x0, y0, x1, y1 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (WIDTH, HEIGHT, &box);

  g_signal_emit_by_name (view (), "outline-drawn", mask);
}

/* The widget on screen whose tooltip begins so. */
static GtkWidget *
find_by_tooltip (GtkWidget *widget, const char *start)
{
  const char *tip = gtk_widget_get_tooltip_text (widget);
  GtkWidget *found = tip != NULL && g_str_has_prefix (tip, start) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_by_tooltip (child, start);
  return found;
}

static gboolean
all_read (void)
{
  GListModel *items = nmd_visit_session_get_items (visit ());

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (NmdVisitItem) item = g_list_model_get_item (items, i);
      if (item->scan == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Several files at once: all are listed and read, in the order of opening; the page comes by itself and shows
 * the first. A file that is none is told. */
static void
test_visit (void)
{
  const char *const names[] = { "BB_left.png", "BB_right.png", "TA_r_2.png" };
  g_autofree char *first = place (names[0]);
  g_autofree char *second = place (names[1]);
  g_autofree char *third = place (names[2]);
  g_autofree char *none = place ("none.png");
  g_autofree char *text = place ("text.png");
  const char *const paths[] = { none, first, second, text, third, NULL };

  g_assert_true (g_file_set_contents (text, "no image", -1, NULL));
  screen_open (1024, 700);
  screen.n_problems = 0;
  nmd_app_session_open_all (screen.session, paths);
  g_assert_true (screen_wait (screen_has_scan, 20));
  g_assert_true (screen_wait (all_read, 20));
  screen_pause (0.3);
  g_assert_true (g_str_has_suffix (scan ()->path, names[0]));
  g_assert_cmpuint (screen.n_problems, ==, 2);
  g_assert_nonnull (strstr (screen.last_problem, "text.png"));
  g_assert_nonnull (page ());
  GListModel *items = nmd_visit_session_get_items (visit ());
  g_assert_cmpuint (g_list_model_get_n_items (items), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (NmdVisitItem) item = g_list_model_get_item (items, i);
      g_assert_true (g_str_has_suffix (item->path, names[i]));
      g_assert_cmpint (item->side, ==, i == 0 ? NMD_SIDE_LEFT : NMD_SIDE_RIGHT);
    }
  g_assert_true (screen_shows (GTK_WIDGET (page ()), "No score: there is no trained"));
  screen_assert_fits (1024, 700);
  /* Once more is not twice. */
  open_file ("BB_left.png");
  g_assert_cmpuint (g_list_model_get_n_items (items), ==, 3);
}

static void
test_sides (void)
{
  g_assert_cmpint (nmd_side_of_name ("bus_0001-l.png"), ==, NMD_SIDE_LEFT);
  g_assert_cmpint (nmd_side_of_name ("BB re 3.png"), ==, NMD_SIDE_RIGHT);
  g_assert_cmpint (nmd_side_of_name ("left.biceps.Right.PNG"), ==, NMD_SIDE_RIGHT);
  g_assert_cmpint (nmd_side_of_name ("lateral_rl.png"), ==, NMD_SIDE_UNKNOWN);
}

static void
test_undo (void)
{
  draw_box (100, 60, 200, 160);
  g_assert_cmpint (scan ()->echo.n, ==, 10000);
  draw_box (100, 60, 140, 100);
  g_assert_cmpint (scan ()->echo.n, ==, 1600);
  g_assert_true (nmd_scan_session_undo (screen.scan));
  g_assert_cmpint (scan ()->echo.n, ==, 10000);
  g_assert_true (nmd_scan_session_undo (screen.scan));
  g_assert_null (scan ()->mask);
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, 0);
  g_assert_false (nmd_scan_session_undo (screen.scan));
  g_assert_true (nmd_scan_session_redo (screen.scan));
  g_assert_cmpint (scan ()->echo.n, ==, 10000);
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, 1);
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "10000 px"));
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "Not calibrated"));
}

/* A second outline has its own numbers and leaves the first alone. */
static void
test_second_outline (void)
{
  double mean = scan ()->echo.mean;

  nmd_scan_session_choose_outline (screen.scan, "Subcutaneous fat");
  draw_box (0, 0, 320, 20);
  g_assert_cmpfloat (scan ()->echo.mean, ==, mean);
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "Subcutaneous fat: "));
  g_assert_true (nmd_scan_session_undo (screen.scan));
  g_assert_false (screen_shows_part (GTK_WIDGET (page ()), "Subcutaneous fat: "));
  g_assert_cmpint (scan ()->echo.n, ==, 10000);
  nmd_scan_session_choose_outline (screen.scan, "Muscle");
}

/* A second outline and what was measured go into text, table and report too. */
static void
check_going_home (void)
{
  nmd_scan_session_choose_outline (screen.scan, "Subcutaneous fat");
  draw_box (0, 0, 320, 20);
  g_autofree char *text = nmd_visit_to_text (visit ()),
                  *csv = nmd_visit_to_csv (visit ());
  g_autoptr (NmdDocument) document = nmd_visit_report_new (visit (), "Title");
  g_autofree char *report = nmd_document_to_markdown (document, "figures");

  g_test_message ("%s\n%s", csv, report);
  g_assert_nonnull (strstr (text, " · Subcutaneous fat: echo intensity "));
  g_assert_nonnull (strstr (text, ", area 2.56 cm², thickness 0.40 cm"));
  g_assert_nonnull (strstr (text, "BB_left.png: callipers 2.00 cm; angle 90.0°"));
  g_assert_nonnull (strstr (csv, "BB_left.png,,Subcutaneous fat,,left,"));
  g_assert_nonnull (strstr (report, "| Subcutaneous fat |"));
  g_assert_nonnull (strstr (report, "| 2.56 cm² | 0.40 cm |"));
  g_assert_nonnull (strstr (report, "callipers 2.00 cm; angle 90.0°"));
  g_assert_nonnull (strstr (report, "0.0200 cm a pixel"));
  g_assert_null (strstr (report, "No side"));
  g_assert_true (nmd_scan_session_undo (screen.scan));
  nmd_scan_session_choose_outline (screen.scan, "Muscle");
}

static void
test_calibrated (void)
{
  const double points[] = { 10, 10, 10, 110 }, corner[] = { 10, 10, 50, 10, 50, 90 };

  nmd_scan_session_add_measure (screen.scan, points, 2);
  nmd_scan_session_add_measure (screen.scan, corner, 3);
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "Callipers 100.0 px"));
  g_object_set (screen.scan, "cm-per-pixel", 0.02, NULL);
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "Callipers 2.00 cm"));
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "Angle 90.0"));
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "Area 4.00 cm²"));
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "thickness 2.00 cm"));
  g_assert_true (screen_shows_part (GTK_WIDGET (page ()), "by the two marks"));
  check_going_home ();
  nmd_scan_session_clear_measures (screen.scan);
  g_assert_false (screen_shows_part (GTK_WIDGET (page ()), "Callipers"));
}

/* Left beside right; text and table say what an independent sum says. */
static void
test_texts (void)
{
  double left = scan ()->echo.mean;

  open_file ("BB_right.png");
  draw_box (100, 60, 200, 160);
  g_autofree char *text = nmd_visit_to_text (visit ());
  g_autofree char *line
      = g_strdup_printf ("BB: left %.1f (n 1), right %.1f (n 1), left − right %+.1f",
                         left, left + 20, -20.0);
  g_test_message ("%s", text);
  /* The muscle of names that the data set's rule does not know is the user's to say. */
  GListModel *items = nmd_visit_session_get_items (visit ());
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (NmdVisitItem) item = g_list_model_get_item (items, i);
      nmd_visit_session_name (visit (), item, "BB", item->side);
    }
  g_autofree char *named = nmd_visit_to_text (visit ());
  g_assert_nonnull (strstr (named, line));
  g_assert_nonnull (strstr (named, "not a medical device"));

  g_autofree char *csv_text = nmd_visit_to_csv (visit ());
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdCsv) csv = nmd_csv_parse (csv_text, strlen (csv_text), "visit", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 3);
  guint column = (guint)nmd_csv_find (csv, "echo_intensity");
  g_assert_cmpfloat_with_epsilon (g_ascii_strtod (nmd_csv_get (csv, 0, column), NULL),
                                  left, 1e-9);
  g_assert_cmpstr (nmd_csv_get (csv, 2, column), ==, "");
  g_assert_cmpstr (nmd_csv_get (csv, 1, (guint)nmd_csv_find (csv, "side")), ==, "right");
}

static gboolean
has_message (void)
{
  return screen.last_message != NULL;
}

static void
save (const char *name)
{
  g_autofree char *path = place (name);

  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_page_save_as (page (), path);
  g_assert_true (screen_wait (has_message, 20));
}

/* z of what was averaged, or the reason why there is none. */
static gboolean
has_reference (void)
{
  return !screen_shows (GTK_WIDGET (page ()), "No z: no reference is open");
}

static void
test_z (void)
{
  g_autofree char *path = place ("reference.json");
  NmdPerson person = { { 50, 1, NAN, NAN, NAN } };

  g_assert_true (screen_shows (GTK_WIDGET (page ()), "No z: no reference is open"));
  g_assert_true (g_file_set_contents (
      path,
      "{\"name\":\"ours\",\"models\":{\"Biceps brachii\":{\"n\":30,\"terms\":[\"Age\"],"
      "\"b\":[100,0.5],\"mse\":100,\"C\":[[0,0],[0,0]],\"range\":{\"Age\":[18,60]}}}}",
      -1, NULL));
  nmd_visit_session_open_reference (visit (), path);
  g_assert_true (screen_wait (has_reference, 10));
  g_assert_true (screen_shows (GTK_WIDGET (page ()), "No z: Age is not stated"));
  nmd_visit_session_set_person (visit (), &person);
  g_autofree char *expected
      = g_strdup_printf ("z %.1f: expected 125.0 ± 10.0 (ours, device not stated, n 30, "
                         "Age 18 to 60)",
                         (scan ()->echo.mean - 125) / 10);
  g_assert_true (screen_shows (GTK_WIDGET (page ()), expected));
  g_autofree char *text = nmd_visit_to_text (visit ());
  g_assert_nonnull (strstr (text, expected));
  /* Two sides have a z: they stand on the body chart, which says the same in words. */
  g_autoptr (GArray) all = nmd_visit_session_list_z (visit ());
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpint (g_array_index (all, NmdVisitZ, 0).side, ==, NMD_SIDE_LEFT);
  GtkWidget *chart = screen_find (GTK_WIDGET (page ()), NMD_TYPE_BODY_PANEL, NULL);
  g_assert_nonnull (chart);
  g_assert_nonnull (find_by_tooltip (chart, "BB left: z "));
  save ("body.pdf");
  person.value[NMD_COVARIATE_AGE] = 70;
  nmd_visit_session_set_person (visit (), &person);
  g_assert_true (screen_shows (GTK_WIDGET (page ()), "No z: Age 70 lies outside"));
  g_assert_null (screen_find (GTK_WIDGET (page ()), NMD_TYPE_BODY_PANEL, NULL));
}

/* Picture, numbers and mask; the mask comes back the same, and nothing asks any more. */
static void
test_save (void)
{
  g_autofree char *mask_path = place ("BB_right_mask.png");
  g_autofree char *image_path = place ("BB_right.png");
  g_autofree char *png = place ("home.png");
  g_autofree char *csv = place ("home.csv");
  g_autofree char *bad = place ("home.doc");

  save ("home.png");
  save ("home.csv");
  save ("home.pdf");
  g_autofree char *report = place ("home.pdf");
  g_autofree char *content = NULL;
  g_assert_true (g_file_get_contents (report, &content, NULL, NULL));
  g_assert_true (g_str_has_prefix (content, "%PDF"));
  g_autoptr (NmdImage) picture = nmd_image_load (png, NULL);
  /* the box with its margin of 10 on each side, twice as large */
  g_assert_cmpint (picture->width, ==, 240);
  g_assert_true (g_file_test (csv, G_FILE_TEST_EXISTS));
  screen.n_problems = 0;
  nmd_scan_page_save_as (page (), bad);
  g_assert_true (screen_wait (screen_has_problem, 5));
  g_assert_false (g_file_test (bad, G_FILE_TEST_EXISTS));
  /* The image itself is not written over. */
  screen.n_problems = 0;
  nmd_scan_session_save_mask (screen.scan, image_path);
  g_assert_true (screen_wait (screen_has_problem, 5));

  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, 2);
  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_session_save_mask (screen.scan, mask_path);
  g_assert_true (screen_wait (has_message, 20));
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, 1);
  g_autoptr (NmdImage) mask = nmd_mask_load (mask_path, NULL);
  g_assert_cmpmem (mask->pixels, WIDTH * HEIGHT, scan ()->mask->pixels, WIDTH * HEIGHT);
  /* Saved again over its own. */
  draw_box (90, 60, 200, 160);
  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_session_save_mask (screen.scan, mask_path);
  g_assert_true (screen_wait (has_message, 20));
  /* A name without its ending gets it, but over nothing: nobody was asked about that file. */
  g_assert_true (g_str_has_suffix (mask_path, ".png"));
  g_autofree char *typed = g_strndup (mask_path, strlen (mask_path) - strlen (".png"));
  screen.n_problems = 0;
  nmd_scan_session_save_mask (screen.scan, typed);
  g_assert_true (screen_wait (screen_has_problem, 5));
  g_autofree char *fresh = place ("fresh");
  g_autofree char *fresh_png = place ("fresh.png");
  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_session_save_mask (screen.scan, fresh);
  g_assert_true (screen_wait (has_message, 20));
  g_assert_true (g_file_test (fresh_png, G_FILE_TEST_EXISTS));
}

/* Without a network that finds outlines the tool says so, and the outline stays. */
static void
test_no_proposal (void)
{
  gint64 n = scan ()->echo.n;

  GtkWidget *button = find_by_tooltip (GTK_WIDGET (page ()), "Proposal (P)");
  g_assert_nonnull (button);
  g_assert_false (screen_shows (GTK_WIDGET (page ()), "No network here finds outlines"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  screen_pause (0.2);
  g_assert_true (screen_shows (GTK_WIDGET (page ()), "No network here finds outlines"));
  screen_assert_fits (1024, 700);
  nmd_image_view_set_tool (view (), NMD_TOOL_PAN);
  screen_pause (0.1);
  g_assert_false (screen_shows (GTK_WIDGET (page ()), "No network here finds outlines"));
  g_assert_cmpint (scan ()->echo.n, ==, n);
}

/* With real events of the pointer */

static void
point_at (double x, double y)
{
  screen_point_at (NMD_GREY_VIEW (view ()), x, y);
}

static void
click_at (double x, double y)
{
  point_at (x, y);
  screen_press (TRUE);
  screen_press (FALSE);
  screen_pause (0.5);
}

static double
dice (const NmdImage *a, const NmdImage *b)
{
  double both = 0, n = 0;

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    {
      both += a->pixels[i] != 0 && b->pixels[i] != 0;
      n += (a->pixels[i] != 0) + (b->pixels[i] != 0);
    }
  return 2 * both / n;
}

static void
use (NmdTool tool)
{
  nmd_image_view_set_tool (view (), tool);
  screen_pause (0.1);
}

static void
drag_shape (NmdTool tool)
{
  use (tool);
  if (tool == NMD_TOOL_LIVEWIRE || tool == NMD_TOOL_POLYGON)
    {
      for (int i = 0; i < 6; i++)
        click_at (160 + 70 * cos (i * G_PI / 3), 120 + 70 * sin (i * G_PI / 3));
      screen_xdotool ("key Return");
    }
  else
    {
      int steps = tool == NMD_TOOL_TRACE ? 24 : 4;
      for (int i = 0; i <= steps; i++)
        {
          double turn = 2 * G_PI * i / steps, share = (double)i / steps;
          if (tool == NMD_TOOL_TRACE)
            point_at (160 + 70 * cos (turn), 120 + 70 * sin (turn));
          else
            point_at (90 + 140 * share, 50 + 140 * share);
          if (i == 0)
            screen_press (TRUE);
        }
      screen_press (FALSE);
    }
  screen_pause (0.5);
}

static void
test_pointer (void)
{
  g_autoptr (NmdImage) disc = nmd_mask_new_ellipse (WIDTH, HEIGHT, 90, 50, 230, 190);
  const NmdBox square = { 90, 50, 230, 190 };
  g_autoptr (NmdImage) box = nmd_mask_new_box (WIDTH, HEIGHT, &square);
  const struct
  {
    NmdTool tool;
    const NmdImage *expected;
    double least;
  } shapes[] = { { NMD_TOOL_BOX, box, 0.98 },
                 { NMD_TOOL_ELLIPSE, disc, 0.98 },
                 { NMD_TOOL_TRACE, disc, 0.97 },
                 { NMD_TOOL_POLYGON, disc, 0.88 },
                 { NMD_TOOL_LIVEWIRE, disc, 0.95 } };

  if (!screen_xdotool ("mousemove 5 5") || g_getenv ("DISPLAY") == NULL)
    {
      g_test_skip ("xdotool is not here");
      return;
    }
  open_file ("TA_r_2.png");
  screen_pause (0.5);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      nmd_scan_session_set_mask (screen.scan, NULL);
      drag_shape (shapes[i].tool);
      g_assert_nonnull (scan ()->mask);
      double agreement = dice (scan ()->mask, shapes[i].expected);
      g_test_message ("tool %d: Dice %.3f", shapes[i].tool, agreement);
      g_assert_cmpfloat (agreement, >=, shapes[i].least);
    }
  /* The brush adds to what is there; Escape leaves the tool. */
  gint64 before = scan ()->echo.n;
  use (NMD_TOOL_BRUSH);
  point_at (250, 120);
  screen_press (TRUE);
  point_at (280, 120);
  screen_press (FALSE);
  screen_pause (0.3);
  g_assert_cmpint (scan ()->echo.n, >, before + 300);
  screen_xdotool ("key ctrl+z");
  screen_pause (0.3);
  g_assert_cmpint (scan ()->echo.n, ==, before);
  screen_xdotool ("key Escape");
  screen_pause (0.3);
  int tool = -1;
  g_object_get (view (), "tool", &tool, NULL);
  g_assert_cmpint (tool, ==, NMD_TOOL_PAN);
}

/* Opening and looking writes nothing: no file is new in any of the user's folders. */
static guint
count_files (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      n += 1 + count_files (child);
    }
  return n;
}

static void
test_no_trace (void)
{
  guint n = count_files (screen.folder);

  open_file ("BB_left.png");
  open_file ("TA_r_2.png");
  draw_box (20, 20, 90, 90);
  screen_pause (0.5);
  g_assert_cmpuint (count_files (screen.folder), ==, n);
}

/* A mask that is opened takes the place of the muscle's outline, once it is read and fits. */
static void
test_open_mask (void)
{
  const NmdBox box = { 30, 30, 130, 90 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (WIDTH, HEIGHT, &box);
  g_autofree char *image_path = g_strdup (scan ()->path);
  g_autofree char *mask_path = place ("opened_mask.png");
  g_autofree char *small_path = place ("small_mask.png");
  const double points[] = { 10, 10, 50, 10 };

  g_assert_true (nmd_image_save_png (mask, mask_path, 8, NULL, NULL));
  draw_box (40, 40, 80, 80);
  nmd_scan_session_choose_outline (screen.scan, "Subcutaneous fat");
  draw_box (0, 0, 320, 20);
  nmd_scan_session_add_measure (screen.scan, points, 2);
  const NmdScanMarks *marks = nmd_scan_session_get_marks (screen.scan);
  const guint n_measures = marks->measures->len;
  const guint n_drawn = nmd_scan_session_count_drawn (screen.scan);
  /* One that does not fit changes nothing. */
  g_autoptr (NmdImage) small = nmd_image_new (8, 8);
  small->pixels[9] = 255;
  g_assert_true (nmd_image_save_png (small, small_path, 8, NULL, NULL));
  screen.n_problems = 0;
  nmd_scan_session_open_image (screen.scan, image_path, small_path);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_cmpint (scan ()->echo.n, ==, 1600);
  g_assert_cmpint (scan ()->source, ==, NMD_ROI_DRAWN);
  g_assert_nonnull (nmd_scan_session_get_marks (screen.scan));
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, n_drawn);
  /* The muscle's is the mask's, the rest stays. */
  nmd_scan_session_open_image (screen.scan, image_path, mask_path);
  screen_pause (0.5);
  g_assert_cmpint (scan ()->echo.n, ==, 6000);
  g_assert_cmpint (scan ()->source, ==, NMD_ROI_MASK);
  marks = nmd_scan_session_get_marks (screen.scan);
  g_assert_nonnull (marks);
  g_assert_cmpuint (marks->measures->len, ==, n_measures);
  NmdNamedOutline *outline = g_ptr_array_index (marks->outlines, 0);
  g_assert_cmpint (outline->echo.n, ==, 6000);
  g_assert_false (outline->is_unsaved);
  outline = nmd_scan_marks_get (marks);
  g_assert_cmpstr (outline->name, ==, "Subcutaneous fat");
  g_assert_cmpint (outline->echo.n, ==, 6400);
  g_assert_true (nmd_scan_marks_is_unsaved (marks));
  nmd_scan_session_choose_outline (screen.scan, "Muscle");
}

/* A large image is measured on another thread, also while others come and go. */
static void
test_large (void)
{
  g_autofree char *path = place ("large.png"), *other = place ("BB_right.png");
  g_autoptr (NmdImage) image = nmd_image_new (1200, 900);
  const NmdBox box = { 100, 100, 300, 200 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (1200, 900, &box);
  const guint n = nmd_scan_session_count_drawn (screen.scan);

  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
  open_file ("large.png");
  nmd_scan_session_set_mask (screen.scan, mask);
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, n + 1);
  screen_wanted = "BB_right.png";
  nmd_scan_session_open_image (screen.scan, other, NULL);
  g_assert_true (screen_wait (screen_has_wanted, 20));
  screen_pause (0.5);
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, n + 1);
  const NmdScanMarks *marks = nmd_scan_session_find_marks (screen.scan, path, 0);
  g_assert_nonnull (marks);
  g_assert_cmpint (nmd_scan_marks_get (marks)->echo.n, ==, 20000);
  open_file ("large.png");
  g_assert_cmpint (scan ()->echo.n, ==, 20000);
  /* What is drawn while another image is read neither stops that nor is lost. */
  screen_wanted = "BB_right.png";
  nmd_scan_session_open_image (screen.scan, other, NULL);
  g_assert_true (nmd_scan_session_undo (screen.scan));
  g_assert_true (screen_wait (screen_has_wanted, 20));
  screen_pause (0.5);
  g_assert_true (screen_has_wanted ());
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, n);
}

/* A button that shows an icon has a tooltip, which becomes its name for screen readers. */
static void
check_names (GtkWidget *widget)
{
  if (gtk_widget_get_mapped (widget) && GTK_IS_BUTTON (widget)
      && gtk_button_get_label (GTK_BUTTON (widget)) == NULL
      && gtk_widget_get_ancestor (widget, GTK_TYPE_DROP_DOWN) == NULL
      && gtk_widget_get_tooltip_text (widget) == NULL)
    g_error ("a button in a %s without label and tooltip",
             G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_names (child);
}

static void
test_names (void)
{
  check_names (GTK_WIDGET (page ()));
}

static void
test_end (void)
{
  nmd_window_close_at_once (screen.window);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  write_image ("BB_left.png", 0);
  write_image ("BB_right.png", 20);
  write_image ("TA_r_2.png", 40);
  g_test_add_func ("/scan/visit", test_visit);
  g_test_add_func ("/scan/sides", test_sides);
  g_test_add_func ("/scan/undo", test_undo);
  g_test_add_func ("/scan/second-outline", test_second_outline);
  g_test_add_func ("/scan/calibrated", test_calibrated);
  g_test_add_func ("/scan/texts", test_texts);
  g_test_add_func ("/scan/z", test_z);
  g_test_add_func ("/scan/save", test_save);
  g_test_add_func ("/scan/no-proposal", test_no_proposal);
  g_test_add_func ("/scan/pointer", test_pointer);
  g_test_add_func ("/scan/no-trace", test_no_trace);
  g_test_add_func ("/scan/open-mask", test_open_mask);
  g_test_add_func ("/scan/large", test_large);
  g_test_add_func ("/scan/names", test_names);
  g_test_add_func ("/scan/end", test_end);
  return screen_end (g_test_run ());
}
