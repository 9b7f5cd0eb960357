/* SPDX-License-Identifier: Apache-2.0
 *
 * The road of the Scan page by real key events alone, no event of a pointer: from the empty window to a saved mask,
 * a report and the numbers as text. Needs xdotool; without it the test is skipped.
 */
#include "tests/ui/screen.h"

#include "engine/image/nmd-mask-edit.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/window/nmd-accels.h"

#include <string.h>

#define WIDTH 160
#define HEIGHT 120

static GtkApplication *application;
static char *first, *second; /* paths of the scans */

static void
keys (const char *names)
{
  g_autofree char *arguments = g_strdup_printf ("key --delay 4 %s", names);

  g_assert_true (screen_xdotool (arguments));
}

static void
type (const char *text)
{
  g_autofree char *quoted = g_shell_quote (text);
  g_autofree char *arguments = g_strdup_printf ("type --delay 4 %s", quoted);

  g_assert_true (screen_xdotool (arguments));
}

static char *
write_scan (const char *name, int more)
{
  char *path = g_build_filename (screen.folder, name, NULL);
  g_autoptr (NmdImage) image = nmd_image_new (WIDTH, HEIGHT);

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    image->pixels[i] = (guint8)(40 + (i * 7 + more) % 60);
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
  return path;
}

static NmdImageView *
get_view (void)
{
  return NMD_IMAGE_VIEW (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL));
}

static GtkWidget *
get_focus (void)
{
  return gtk_root_get_focus (GTK_ROOT (screen.window));
}

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

static gboolean
has_no_dialog (void)
{
  return screen_find_dialog () == NULL;
}

static const char *wanted;

static gboolean
shows_wanted (void)
{
  return screen_has_scan ()
         && g_str_equal (nmd_scan_session_get_scan (screen.scan)->path, wanted)
         && get_view () != NULL;
}

static gboolean
is_wanted_there (void)
{
  return g_file_test (wanted, G_FILE_TEST_EXISTS);
}

static const char *text; /* awaited */

/* The dialog's entry has the focus, and "text" if that is awaited. */
static gboolean
has_dialog_entry (void)
{
  GtkWindow *dialog = screen_find_dialog ();
  GtkWidget *focus = dialog != NULL ? gtk_window_get_focus (dialog) : NULL;

  return GTK_IS_TEXT (focus)
         && (text == NULL
             || g_str_equal (gtk_editable_get_text (GTK_EDITABLE (focus)), text));
}

/* Answers the file dialog that @accel brings with @path: a slash brings the entry for a path where there is none. */
static void
choose_file (const char *accel, gboolean saves, const char *path)
{
  keys (accel);
  g_assert_true (screen_wait (has_dialog, 20));
  text = NULL;
  for (int i = 0; i < 10 && !saves && !has_dialog_entry (); i++)
    {
      keys ("slash");
      screen_wait (has_dialog_entry, 2);
    }
  g_assert_true (screen_wait (has_dialog_entry, 20));
  keys ("ctrl+a");
  type (path);
  text = path;
  g_assert_true (screen_wait (has_dialog_entry, 20));
  keys ("Return");
  g_assert_true (screen_wait (has_no_dialog, 20));
}

static gboolean
is_canvas_focus (void)
{
  return get_view () != NULL && get_focus () == GTK_WIDGET (get_view ());
}

static void
open_scan (const char *path)
{
  choose_file ("ctrl+shift+o", FALSE, path);
  wanted = path;
  g_assert_true (screen_wait (shows_wanted, 20));
}

static void
assert_mask (const NmdImage *expected)
{
  const NmdScan *scan = nmd_scan_session_get_scan (screen.scan);

  g_assert_nonnull (scan->mask);
  g_assert_cmpmem (scan->mask->pixels, WIDTH * HEIGHT, expected->pixels, WIDTH * HEIGHT);
}

static gboolean
is_by_keys (void)
{
  gboolean by_keys = FALSE;

  g_object_get (get_view (), "by-keys", &by_keys, NULL);
  return by_keys;
}

/* The cross starts in the middle, (80, 60). */
static void
draw_box (void)
{
  const NmdBox box = { 49, 40, 110, 83 };
  g_autoptr (NmdImage) expected = nmd_mask_new_box (WIDTH, HEIGHT, &box);

  keys ("x");
  g_assert_true (screen_wait (is_by_keys, 10));
  g_assert_true (screen_shows_part (GTK_WIDGET (screen.window), "Arrows move the cross"));
  keys ("shift+Left shift+Left shift+Left Left shift+Up shift+Up Return");
  keys ("--repeat 6 shift+Right");
  keys ("Right shift+Down shift+Down shift+Down shift+Down Down Down Down");
  g_assert_true (screen_has_no_mask ());
  keys ("Return");
  g_assert_true (screen_wait (screen_has_mask, 10));
  assert_mask (expected);

  keys ("ctrl+z");
  g_assert_true (screen_wait (screen_has_no_mask, 10));
  keys ("ctrl+shift+z");
  g_assert_true (screen_wait (screen_has_mask, 10));
  assert_mask (expected);
}

static gint64 n_before;

static gboolean
has_other_size (void)
{
  return screen_has_mask ()
         && nmd_scan_session_get_scan (screen.scan)->echo.n != n_before;
}

/* An ellipse takes something away from the box, which goes from (49, 40) to (110, 83), where the cross is. */
static void
draw_ellipse (void)
{
  g_autoptr (NmdImage) box
      = nmd_mask_copy (nmd_scan_session_get_scan (screen.scan)->mask);
  g_autoptr (NmdImage) ellipse = nmd_mask_new_ellipse (WIDTH, HEIGHT, 110, 83, 90, 63);
  g_autoptr (NmdImage) expected = nmd_mask_join (box, ellipse, NMD_MASK_SUBTRACT);

  n_before = nmd_scan_session_get_scan (screen.scan)->echo.n;
  keys ("o ctrl+Return shift+Left shift+Left shift+Up shift+Up Return");
  g_assert_true (screen_wait (has_other_size, 10));
  assert_mask (expected);
}

static GtkWidget *
find_label (GtkWidget *widget, const char *part)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), part))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_label (child, part);
  return found;
}

/* The line of help is read to its end in a small window. */
static gboolean
shows_help (void)
{
  GtkWidget *label = find_label (GTK_WIDGET (screen.window), "drops corners, Delete");

  return label != NULL && gtk_widget_get_mapped (label)
         && !pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (label)));
}

/* Three corners, the last one by a second Enter; then one is taken, moved and dropped. The cross starts
 * at (90, 63). */
static void
draw_polygon (void)
{
  double p[] = { 90, 63, 120, 63, 120, 93 };
  g_autoptr (NmdImage) three = nmd_mask_new_polygon (WIDTH, HEIGHT, p, 3);

  n_before = nmd_scan_session_get_scan (screen.scan)->echo.n;
  keys ("y Return shift+Right shift+Right shift+Right Return");
  g_assert_true (screen_wait (shows_help, 10));
  keys ("shift+Down shift+Down shift+Down Return Return");
  g_assert_true (screen_wait (has_other_size, 10));
  assert_mask (three);
  n_before = nmd_scan_session_get_scan (screen.scan)->echo.n;
  keys ("Return shift+Left Up Return");
  g_assert_true (screen_wait (has_other_size, 10));
  p[4] = 110;
  p[5] = 92;
  g_autoptr (NmdImage) moved = nmd_mask_new_polygon (WIDTH, HEIGHT, p, 3);
  assert_mask (moved);
}

static gboolean
shows_text (void)
{
  return screen_shows_part (GTK_WIDGET (screen.window), text);
}

/* Livewire closes at its start, trace and brush by a second Enter; callipers and angle measure. */
static void
draw_others (void)
{
  n_before = nmd_scan_session_get_scan (screen.scan)->echo.n;
  keys ("l Return shift+Right shift+Right Return shift+Up shift+Up shift+Up Return "
        "shift+Left shift+Left Return shift+Down shift+Down shift+Down Return");
  g_assert_true (screen_wait (has_other_size, 10));
  n_before = nmd_scan_session_get_scan (screen.scan)->echo.n;
  keys ("t Return shift+Up shift+Up shift+Left shift+Left Return");
  g_assert_true (screen_wait (has_other_size, 10));
  n_before = nmd_scan_session_get_scan (screen.scan)->echo.n;
  keys ("b Return shift+Right shift+Right shift+Right Return");
  g_assert_true (screen_wait (has_other_size, 10));

  keys ("d Return shift+Up shift+Up Return");
  text = "Callipers 20.0 px";
  g_assert_true (screen_wait (shows_text, 10));
  keys ("g Return shift+Down Return shift+Right Return");
  text = "Angle 90.0°";
  g_assert_true (screen_wait (shows_text, 10));
}

static const char *hint;  /* of the entry that is looked for */
static GtkWidget *former; /* had the focus */

static gboolean
is_elsewhere (void)
{
  return get_focus () != former;
}

static gboolean
is_at_entry (void)
{
  GtkWidget *entry = gtk_widget_get_ancestor (get_focus (), GTK_TYPE_ENTRY);

  return entry != NULL
         && g_strcmp0 (gtk_entry_get_placeholder_text (GTK_ENTRY (entry)), hint) == 0;
}

static gboolean
has_typed (void)
{
  return is_at_entry ()
         && g_str_equal (gtk_editable_get_text (GTK_EDITABLE (get_focus ())), text);
}

/* Goes on by @key to the entry that asks for @where, and types. A key that comes while a list closes may be lost. */
static void
fill_in (const char *key, const char *where, const char *what)
{
  hint = where;
  for (int i = 0; i < 4 && !is_at_entry (); i++)
    {
      former = get_focus ();
      keys (key);
      screen_wait (is_elsewhere, 2);
    }
  text = what;
  type (what);
  g_assert_true (screen_wait (has_typed, 10));
}

static gboolean
has_list (void)
{
  GtkWidget *drop_down = gtk_widget_get_ancestor (get_focus (), GTK_TYPE_DROP_DOWN);
  GtkWidget *popover = drop_down != NULL ? gtk_widget_get_last_child (drop_down) : NULL;

  return GTK_IS_POPOVER (popover) && gtk_widget_get_mapped (popover);
}

static guint choice; /* of the drop-down that has the focus */

static gboolean
has_chosen (void)
{
  GtkWidget *drop_down = gtk_widget_get_ancestor (get_focus (), GTK_TYPE_DROP_DOWN);

  return drop_down != NULL && !has_list ()
         && gtk_drop_down_get_selected (GTK_DROP_DOWN (drop_down)) == choice;
}

static void
choose (guint place)
{
  keys ("Tab space");
  g_assert_true (screen_wait (has_list, 10));
  for (guint i = 0; i < place; i++)
    keys ("Down");
  keys ("Return");
  choice = place;
  g_assert_true (screen_wait (has_chosen, 10));
}

static void
name_and_person (void)
{
  const NmdVisitItem *item = NULL;

  fill_in ("F6", "Muscle", "BB");
  choose (NMD_SIDE_LEFT);
  item = nmd_visit_session_get_item (nmd_app_session_get_visit (screen.session));
  g_assert_cmpstr (item->muscle, ==, "BB");
  g_assert_cmpint (item->side, ==, NMD_SIDE_LEFT);
  fill_in ("Tab", "age", "50");
  choose (2);
  fill_in ("Tab", "height, cm", "180");
  fill_in ("Tab", "weight, kg", "80");
}

static GdkContentProvider *
get_copied (void)
{
  return gdk_clipboard_get_content (
      gtk_widget_get_clipboard (GTK_WIDGET (screen.window)));
}

static gboolean
has_copied (void)
{
  return get_copied () != NULL;
}

static void
go_home (void)
{
  g_autofree char *mask_path = g_build_filename (screen.folder, "kept.png", NULL);
  g_autofree char *report_path = g_build_filename (screen.folder, "report.pdf", NULL);
  g_autoptr (NmdImage) mask
      = nmd_mask_copy (nmd_scan_session_get_scan (screen.scan)->mask);
  g_autofree char *report = NULL;
  gsize length = 0;

  choose_file ("ctrl+shift+s", TRUE, mask_path);
  wanted = mask_path;
  g_assert_true (screen_wait (is_wanted_there, 20));
  g_autoptr (NmdImage) saved = nmd_image_load (mask_path, NULL);
  g_assert_nonnull (saved);
  g_assert_cmpint (saved->width, ==, WIDTH);
  g_assert_cmpint (saved->height, ==, HEIGHT);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    g_assert_cmpint (saved->pixels[i], ==, mask->pixels[i] != 0 ? 255 : 0);

  choose_file ("ctrl+s", TRUE, report_path);
  wanted = report_path;
  g_assert_true (screen_wait (is_wanted_there, 20));
  g_assert_true (g_file_get_contents (report_path, &report, &length, NULL));
  g_assert_true (length > 1000 && g_str_has_prefix (report, "%PDF"));

  keys ("ctrl+shift+c");
  g_assert_true (screen_wait (has_copied, 60));
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, G_TYPE_STRING);
  g_assert_true (gdk_content_provider_get_value (get_copied (), &value, NULL));
  g_assert_nonnull (strstr (g_value_get_string (&value), "BB"));
}

static void
test_road (void)
{
  screen_start ();
  application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  nmd_accels_set (application);
  screen.window = g_object_ref_sink (nmd_window_new (application, screen.session));
  gtk_window_set_default_size (GTK_WINDOW (screen.window), 1024, 700);
  gtk_window_present (GTK_WINDOW (screen.window));
  screen_pause (0.3);

  open_scan (first);

  g_assert_true (screen_wait (is_canvas_focus, 10));
  draw_box ();
  draw_ellipse ();
  draw_polygon ();
  draw_others ();
  name_and_person ();
  go_home ();

  /* The next scan, back and forth; with the tool at hand Page Up and Page Down do that. */
  open_scan (second);
  keys ("shift+F6 Page_Up");
  wanted = first;
  g_assert_true (screen_wait (shows_wanted, 20));
  keys ("Page_Down");
  wanted = second;
  g_assert_true (screen_wait (shows_wanted, 20));

  nmd_window_close_at_once (screen.window);
  screen_close ();
  g_clear_object (&application);
}

int
main (int argc, char **argv)
{
  int status = 0;

  if (!screen_init (&argc, &argv))
    return 0;
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");
  if (xdotool == NULL)
    {
      g_print ("1..0 # SKIP there is no xdotool\n");
      return screen_end (0);
    }
  first = write_scan ("first.png", 0);
  second = write_scan ("second.png", 3);
  g_test_add_func ("/keyboard/road", test_road);
  status = screen_end (g_test_run ());
  g_free (first);
  g_free (second);
  return status;
}
