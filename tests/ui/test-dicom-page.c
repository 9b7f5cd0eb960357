/* SPDX-License-Identifier: Apache-2.0
 *
 * A DICOM cine on the page Scan: opened, moved through, played, outlined by frame, measured by its calibration; its
 * header; a copy without names; and what must not be written.
 */
#include "tests/ui/pointer.h"
#include "engine/image/nmd-reader.h"
#include "ui/dialogs/nmd-copy-dialog.h"
#include "ui/pages/nmd-dicom-bar.h"
#include "ui/session/nmd-visit-texts.h"
#include "ui/widgets/nmd-image-view.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>

/* A cine of a size that can be drawn on. */
#define LARGE_WIDTH 360
#define LARGE_HEIGHT 240
#define LARGE_FRAMES 5

static NmdScan *
scan (void)
{
  return nmd_scan_session_get_scan (screen.scan);
}

static NmdImageView *
view (void)
{
  return NMD_IMAGE_VIEW (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL));
}

static NmdDicomBar *
bar (void)
{
  return NMD_DICOM_BAR (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_DICOM_BAR, NULL));
}

static GtkRange *
slider (void)
{
  return GTK_RANGE (screen_find (GTK_WIDGET (bar ()), GTK_TYPE_SCALE, NULL));
}

/* The file's name over the picture. */
static GtkWidget *
find_title (GtkWidget *widget, const char *text)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "caption-heading")
      && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_title (child, text);
  return found;
}

static char *
place (const char *name)
{
  return g_build_filename (screen.folder, name, NULL);
}

static void
copy_golden (const char *name)
{
  g_autofree char *from
      = g_test_build_filename (G_TEST_DIST, "image", "golden", "dicom", name, NULL);
  g_autofree char *to = place (name), *data = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (from, &data, &length, NULL));
  g_assert_true (g_file_set_contents (to, data, (gssize)length, NULL));
}

static const char *wanted;
static guint wanted_frame;

static gboolean
shows_wanted (void)
{
  return scan () != NULL && g_str_has_suffix (scan ()->path, wanted)
         && scan ()->page == wanted_frame;
}

static void
open_file (const char *name, guint frame)
{
  g_autofree char *path = place (name);

  wanted = name;
  wanted_frame = frame;
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (shows_wanted, 20));
  screen_pause (0.2);
}

static void
go_to (guint frame)
{
  wanted_frame = frame;
  gtk_range_set_value (slider (), frame);
  g_assert_true (screen_wait (shows_wanted, 20));
  screen_pause (0.1);
}

static void
draw_box (int x0, int y0, int x1, int y1)
{
  const NmdBox box = { x0, y0, x1, y1 };
  g_autoptr (NmdImage) mask
      = nmd_mask_new_box (scan ()->image->width, scan ()->image->height, &box);

  g_signal_emit_by_name (view (), "outline-drawn", mask);
  screen_pause (0.2);
}

static void
test_cine (void)
{
  screen_open (1024, 700);
  open_file ("cine.dcm", 1);
  g_assert_nonnull (slider ());
  g_assert_true (screen_shows (GTK_WIDGET (bar ()), "1 / 5 · 20/s"));
  go_to (3);
  g_assert_cmpint (scan ()->image->pixels[5], ==, (5 - 2) * 7);
  g_assert_true (screen_shows (GTK_WIDGET (bar ()), "3 / 5"));
  open_file ("grey8.dcm", 0);
  g_assert_nonnull (bar ());
  g_assert_null (slider ());
  screen_assert_fits (1024, 700);
}

/* A window as a file manager's, beside ours: a file can be dragged out of it. */
static GtkWindow *
open_file_manager (const char *path)
{
  GtkWidget *window = gtk_window_new ();
  GtkDragSource *source = gtk_drag_source_new ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GSList list = { file, NULL };
  g_autoptr (GdkContentProvider) content
      = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, &list);

  gtk_drag_source_set_content (source, content);
  gtk_window_set_title (GTK_WINDOW (window), "nmd-file-manager");
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 200);
  gtk_window_set_child (GTK_WINDOW (window), gtk_label_new ("cine.dcm"));
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  gtk_window_present (GTK_WINDOW (window));
  screen_pause (0.3);
  pointer_run ("search --sync --name ^nmd-file-manager$ windowmove 1060 200");
  screen_pause (0.3);
  return GTK_WINDOW (window);
}

/* Dragged from window to window by the pointer, with the display's own protocol. */
static void
test_drop (void)
{
  g_autofree char *path = place ("cine.dcm");

  if (!pointer_init ())
    {
      g_test_skip ("xdotool is not here");
      return;
    }
  open_file ("grey8.dcm", 0);
  GtkWindow *other = open_file_manager (path);
  wanted = "cine.dcm";
  wanted_frame = 1;
  pointer_run (
      "mousemove 1160 300 sleep 0.2 mousedown 1 sleep 0.2 mousemove 1150 305 "
      "sleep 0.1 mousemove 1120 320 sleep 0.1 mousemove 1000 340 sleep 0.1 "
      "mousemove 700 350 sleep 0.3 mousemove 600 360 sleep 0.3 mousemove 598 362 "
      "sleep 0.5 mouseup 1 sleep 0.2");
  g_assert_true (screen_wait (shows_wanted, 20));
  g_assert_nonnull (slider ());
  gtk_window_destroy (other);
  screen_pause (0.3);
}

/* Text of one and a half times the size: the bar folds, the slider keeps a length, the file's name stays whole. */
static void
test_large_text (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi = 0;

  open_file ("cine.dcm", 1);
  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", 144 * 1024, NULL);
  screen_pause (0.3);
  screen_assert_fits (1024, 700);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (slider ())), >=, 100);
  GtkWidget *title = find_title (GTK_WIDGET (screen.window), "cine.dcm");
  g_assert_nonnull (title);
  g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (title))));
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  screen_pause (0.2);
}

/* An outline belongs to its frame, and is there again when one comes back. */
static void
test_outlines (void)
{
  open_file ("cine.dcm", 1);
  go_to (2);
  draw_box (4, 4, 14, 14);
  g_assert_cmpint (scan ()->echo.n, ==, 100);
  go_to (4);
  g_assert_null (scan ()->mask);
  go_to (2);
  g_assert_cmpint (scan ()->echo.n, ==, 100);
  /* 0.02 cm a pixel in frame 2 */
  g_assert_true (screen_shows_part (GTK_WIDGET (screen.window), "Area 0.04 cm²"));
  g_assert_true (screen_shows_part (GTK_WIDGET (screen.window), "thickness 0.20 cm"));
  g_autofree char *text = nmd_visit_to_text (nmd_app_session_get_visit (screen.session));
  g_assert_nonnull (strstr (text, "cine.dcm, frame 2 "));
  g_assert_nonnull (strstr (text, "area 0.04 cm², thickness 0.20 cm"));
  /* the report names the frame of the callipers as the text does */
  const double way[] = { 4, 4, 4, 14 };
  nmd_scan_session_add_measure (screen.scan, way, 2);
  g_autoptr (NmdDocument) document
      = nmd_visit_report_new (nmd_app_session_get_visit (screen.session), "Title");
  g_autofree char *report = nmd_document_to_markdown (document, "figures");
  g_assert_nonnull (strstr (report, "cine.dcm, frame 2: callipers 0.20 cm"));
  nmd_scan_session_clear_measures (screen.scan);
  g_autofree char *csv = nmd_visit_to_csv (nmd_app_session_get_visit (screen.session));
  g_assert_nonnull (strstr (csv, "image,frame,outline,"));
  g_assert_nonnull (strstr (csv, "\ncine.dcm,2,Muscle,"));
}

static void
answer (GtkWindow *dialog, const char *button)
{
  GtkWidget *found = screen_find (GTK_WIDGET (dialog), GTK_TYPE_BUTTON, button);

  g_assert_nonnull (found);
  g_signal_emit_by_name (found, "clicked");
  screen_pause (0.5);
}

static void
mark_scale (const char *button)
{
  const double marks[] = { 4, 2, 4, 12 };

  g_signal_emit_by_name (view (), "measured", (int)NMD_TOOL_CALIBRATE, marks, 2u);
  screen_pause (0.3);
  GtkWindow *question = screen_find_dialog ();
  g_assert_true (ADW_IS_MESSAGE_DIALOG (question));
  g_assert_true (screen_shows (GTK_WIDGET (question), "Replace the Calibration"));
  answer (question, button);
}

/* Two marks do not push away what the file says unasked; agreed to, they do, in every frame of it. */
static void
test_calibrate (void)
{
  GtkWidget *window = GTK_WIDGET (screen.window);

  open_file ("cine.dcm", 1);
  go_to (2);
  g_assert_true (screen_shows_part (window, "Area 0.04 cm²"));
  mark_scale ("_Cancel");
  g_assert_null (screen_find_dialog ());
  g_assert_true (screen_shows_part (window, "Area 0.04 cm²"));
  mark_scale ("_Replace");
  GtkWindow *length = screen_find_dialog ();
  g_assert_true (ADW_IS_MESSAGE_DIALOG (length));
  g_assert_true (screen_shows (GTK_WIDGET (length), "How Far Apart"));
  /* 1 cm between marks 10 pixels apart */
  answer (length, "_Calibrate");
  g_assert_true (screen_shows_part (window, "Area 1.00 cm²"));
  g_assert_true (screen_shows_part (window, "by the two marks"));
  g_assert_cmpint (scan ()->echo.n, ==, 100);
  go_to (4);
  g_assert_cmpuint (scan ()->image->n_regions, ==, 0);
  go_to (2);
  g_assert_true (screen_shows_part (window, "Area 1.00 cm²"));
  /* Another file keeps its own. */
  open_file ("grey8.dcm", 0);
  g_assert_cmpuint (scan ()->image->n_regions, >, 0);
}

static guint n_pictures;

static void
on_image (void)
{
  n_pictures++;
}

static void
test_play (void)
{
  open_file ("cine.dcm", 1);
  gulong id = g_signal_connect (view (), "notify::readout", G_CALLBACK (on_image), NULL);
  n_pictures = 0;
  nmd_dicom_bar_toggle (bar ());
  g_assert_true (screen_shows (GTK_WIDGET (bar ()), "1 / 5"));
  screen_pause (1.2);
  nmd_dicom_bar_toggle (bar ());
  g_signal_handler_disconnect (view (), id);
  g_test_message ("%u pictures in 1.2 s at 20 a second", n_pictures);
  g_assert_cmpuint (n_pictures, >=, 8);
  g_assert_cmpuint (n_pictures, <=, 30);
  const guint frame = (guint)gtk_range_get_value (slider ());
  wanted_frame = frame;
  g_assert_true (screen_wait (shows_wanted, 20));
  g_assert_cmpuint (scan ()->page, ==, frame);
}

static void
click (const char *label)
{
  GtkWidget *found = screen_find (GTK_WIDGET (bar ()), GTK_TYPE_BUTTON, label);

  g_assert_nonnull (found);
  g_signal_emit_by_name (found, "clicked");
  screen_pause (0.5);
}

static void
test_header (void)
{
  open_file ("grey8.dcm", 0);
  click ("_Header…");
  GtkWindow *window = screen_find_dialog ();
  g_assert_nonnull (window);
  g_assert_true (screen_shows_part (GTK_WIDGET (window), "elements may tell who"));
  g_assert_true (screen_shows (GTK_WIDGET (window), "identifies"));
  gtk_window_destroy (window);
}

static gboolean
has_message (void)
{
  return screen.last_message != NULL;
}

static void
test_copy (void)
{
  const char *const names[] = { "out.dcm", "out.png" };
  NmdBox black = { 0 };

  open_file ("grey8.dcm", 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = place (names[i]);
      g_autoptr (NmdImage) image = NULL;

      g_clear_pointer (&screen.last_message, g_free);
      click ("Copy _Without Names…");
      GtkWidget *window = GTK_WIDGET (screen_find_dialog ());
      g_assert_nonnull (window);
      /* asked for once, then remembered */
      g_assert_cmpint (nmd_copy_dialog_get_black (window, &black), ==, i > 0);
      if (i == 0)
        {
          GtkWidget *edges = NULL;
          static const int box[] = { 0, 0, 36, 3 };
          GtkWidget *first = screen_find (window, GTK_TYPE_SPIN_BUTTON, NULL);
          guint n = 0;

          edges = gtk_widget_get_parent (first);
          for (GtkWidget *child = gtk_widget_get_first_child (edges); child != NULL;
               child = gtk_widget_get_next_sibling (child))
            if (GTK_IS_SPIN_BUTTON (child))
              {
                g_autofree char *text = g_strdup_printf ("%d", box[n++]);
                /* as typed: not yet its value */
                gtk_editable_set_text (GTK_EDITABLE (child), text);
              }
        }
      nmd_copy_dialog_save_as (window, path);
      g_assert_true (screen_wait (has_message, 20));
      image = nmd_image_load (path, NULL);
      g_assert_nonnull (image);
      g_assert_cmpint (image->pixels[2 * 36 + 5], ==, 0);
      g_assert_cmpint (image->pixels[3 * 36 + 5], ==, (5 * 7 + 3 * 5) % 256);
      g_remove (path);
    }
}

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
  const guint n = count_files (screen.folder);

  open_file ("cine.dcm", 1);
  click ("_Header…");
  gtk_window_destroy (screen_find_dialog ());
  nmd_dicom_bar_toggle (bar ());
  screen_pause (0.3);
  nmd_dicom_bar_toggle (bar ());
  screen_pause (0.5);
  g_assert_cmpuint (count_files (screen.folder), ==, n);
}

/* A damaged file says so, and what was open stays. */
static void
test_damaged (void)
{
  g_autofree char *path = place ("short.dcm");

  screen.n_problems = 0;
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_nonnull (strstr (screen.last_problem, "it has fewer pixels than it says"));
  nmd_window_close_at_once (screen.window);
  screen_close ();
}

static guint8
large_grey (int x, int y, int frame)
{
  return (guint8)((x * x / 64 + 3 * y + 40 * frame) % 200);
}

/* The 16-bit number of element 0028,@element in the data set of @file becomes @value. */
static void
set_number (GByteArray *file, guint8 element, guint16 value)
{
  const guint8 tag[] = { 0x28, 0, element, 0, 'U', 'S', 2, 0 };
  guint8 *found = memmem (file->data, file->len, tag, sizeof tag);

  g_assert_nonnull (found);
  found[sizeof tag] = (guint8)(value & 255);
  found[sizeof tag + 1] = (guint8)(value >> 8);
}

/* cine.dcm with larger frames. */
static void
write_large (const char *name)
{
  const guint8 tag[] = { 0xe0, 0x7f, 0x10, 0, 'O' };
  const guint32 length = LARGE_WIDTH * LARGE_HEIGHT * LARGE_FRAMES;
  g_autofree char *from = place ("cine.dcm"), *to = place (name), *data = NULL;
  g_autoptr (GByteArray) file = g_byte_array_new ();
  gsize n = 0;

  g_assert_true (g_file_get_contents (from, &data, &n, NULL));
  char *pixels = memmem (data, n, tag, sizeof tag);
  g_assert_nonnull (pixels);
  g_byte_array_append (file, (guint8 *)data, (guint)(pixels - data) + 8);
  set_number (file, 0x10, LARGE_HEIGHT);
  set_number (file, 0x11, LARGE_WIDTH);
  for (int i = 0; i < 4; i++)
    g_byte_array_append (file, &(guint8){ (guint8)(length >> 8 * i & 255) }, 1);
  for (int frame = 1; frame <= LARGE_FRAMES; frame++)
    for (int y = 0; y < LARGE_HEIGHT; y++)
      for (int x = 0; x < LARGE_WIDTH; x++)
        g_byte_array_append (file, &(guint8){ large_grey (x, y, frame) }, 1);
  g_assert_true (g_file_set_contents (to, (char *)file->data, (gssize)file->len, NULL));
}

static gboolean
has_no_outline (void)
{
  return scan ()->echo.n == 0;
}

static gsize n_wanted;

static gboolean
has_wanted_outline (void)
{
  return scan ()->mask != NULL && (gsize)scan ()->echo.n == n_wanted;
}

/* What @tool draws on frame @frame, saved, measures as the grey values that were written, and so it does opened again. */
static void
check_tool (NmdTool tool, int frame)
{
  g_autofree char *mask_path = place ("large-mask.png");
  double sum = 0, n = 0;

  nmd_scan_session_set_mask (screen.scan, NULL);
  screen_pause (0.1);
  pointer_draw (tool, LARGE_WIDTH / 2.0, LARGE_HEIGHT / 2.0, LARGE_HEIGHT / 4.0, 24, 5);
  g_assert_nonnull (scan ()->mask);
  g_assert_cmpint (scan ()->echo.n, >, 200);
  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_session_save_mask (screen.scan, mask_path);
  g_assert_true (screen_wait (has_message, 20));
  g_autoptr (GdkPixbuf) mask = gdk_pixbuf_new_from_file (mask_path, NULL);
  g_assert_cmpint (gdk_pixbuf_get_width (mask), ==, LARGE_WIDTH);
  g_assert_cmpint (gdk_pixbuf_get_height (mask), ==, LARGE_HEIGHT);
  for (int y = 0; y < LARGE_HEIGHT; y++)
    for (int x = 0; x < LARGE_WIDTH; x++)
      if (gdk_pixbuf_read_pixels (mask)[y * gdk_pixbuf_get_rowstride (mask)
                                        + x * gdk_pixbuf_get_n_channels (mask)]
          != 0)
        {
          sum += large_grey (x, y, frame);
          n++;
        }
  g_test_message ("%s: %.4f of %.0f pixels", nmd_tool_get_info (tool)->title, sum / n, n);
  g_assert_cmpfloat (n, ==, (double)scan ()->echo.n);
  g_assert_cmpfloat_with_epsilon (scan ()->echo.mean, sum / n, 1e-9);

  g_autofree char *path = place ("large.dcm");
  n_wanted = (gsize)n;
  nmd_scan_session_set_mask (screen.scan, NULL);
  g_assert_true (screen_wait (has_no_outline, 20));
  nmd_scan_session_open_page (screen.scan, path, mask_path, (guint)frame);
  g_assert_true (screen_wait (has_wanted_outline, 20));
  g_assert_true (shows_wanted ()); /* the same frame */
  g_assert_cmpfloat_with_epsilon (scan ()->echo.mean, sum / n, 1e-9);
}

/* Every tool draws on a frame of a cine by events of the pointer. */
static void
test_tools (void)
{
  static const NmdTool tools[] = { NMD_TOOL_TRACE,    NMD_TOOL_POLYGON, NMD_TOOL_BRUSH,
                                   NMD_TOOL_LIVEWIRE, NMD_TOOL_ELLIPSE, NMD_TOOL_BOX };

  if (!pointer_init ())
    {
      g_test_skip ("xdotool is not here");
      return;
    }
  write_large ("large.dcm");
  open_file ("large.dcm", 1);
  go_to (3);
  for (guint i = 0; i < G_N_ELEMENTS (tools); i++)
    check_tool (tools[i], 3);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "cine.dcm", "grey8.dcm", "short.dcm" };

  if (!screen_init (&argc, &argv))
    return 0;
  if (nmd_dicom_get_missing () != NULL)
    {
      g_print ("1..0 # SKIP %s\n", nmd_dicom_get_missing ());
      return screen_end (0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    copy_golden (names[i]);
  g_test_add_func ("/dicom-page/cine", test_cine);
  g_test_add_func ("/dicom-page/drop", test_drop);
  g_test_add_func ("/dicom-page/tools", test_tools);
  g_test_add_func ("/dicom-page/large-text", test_large_text);
  g_test_add_func ("/dicom-page/outlines", test_outlines);
  g_test_add_func ("/dicom-page/calibrate", test_calibrate);
  g_test_add_func ("/dicom-page/play", test_play);
  g_test_add_func ("/dicom-page/header", test_header);
  g_test_add_func ("/dicom-page/copy", test_copy);
  g_test_add_func ("/dicom-page/no-trace", test_no_trace);
  g_test_add_func ("/dicom-page/damaged", test_damaged);
  return screen_end (g_test_run ());
}
