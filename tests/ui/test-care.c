/* SPDX-License-Identifier: Apache-2.0
 *
 * What the window must not lose, overwrite, misname or leave unsaid: outlines and masks, pictures and
 * their names, flags beside the echo intensity, presets, and the data set that a page shows.
 */
#include "tests/ui/screen.h"
#include "engine/core/nmd-file.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"
#include "engine/train/nmd-run.h"
#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/pages/nmd-explain-page.h"
#include "ui/pages/nmd-recipe-panel.h"
#include "ui/widgets/nmd-image-view.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>

static char *
place (const char *name)
{
  return g_build_filename (screen.folder, name, NULL);
}

/* A picture of 200 × 160 with speckle, and a red or grey square at 60, 60. */
static void
write_image (const char *name, const char *type, gboolean coloured)
{
  g_autofree char *path = place (name);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 200, 160);
  g_autoptr (GError) error = NULL;
  guchar *pixels = gdk_pixbuf_get_pixels (pixbuf);
  int stride = gdk_pixbuf_get_rowstride (pixbuf);

  for (int y = 0; y < 160; y++)
    for (int x = 0; x < 200; x++)
      {
        gboolean red = coloured && x >= 60 && x < 80 && y >= 60 && y < 80;
        guchar grey = (guchar)(40 + (x * 7 + y * 13) % 60);
        guchar *p = pixels + y * stride + 3 * x;
        p[0] = red ? 250 : grey;
        p[1] = p[2] = red ? 20 : grey;
      }
  gdk_pixbuf_save (pixbuf, path, type, &error, NULL);
  g_assert_no_error (error);
}

static void
write_mask (const char *name)
{
  g_autofree char *path = place (name);
  const NmdBox box = { 40, 40, 150, 120 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (200, 160, &box);

  g_assert_true (nmd_image_save_png (mask, path, 8, NULL, NULL));
}

static void
open_image (const char *name)
{
  g_autofree char *path = place (name);

  screen_wanted = name;
  nmd_scan_session_open_image (screen.scan, path, NULL);
  g_assert_true (screen_wait (screen_has_wanted, 20));
  nmd_window_show_page (screen.window, "explain");
  screen_pause (0.2);
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

static void
answer (const char *response)
{
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
  gtk_window_destroy (dialog);
  g_assert_true (screen_wait (has_no_dialog, 10));
}

static NmdRoiSource
source (void)
{
  return nmd_scan_session_get_scan (screen.scan)->source;
}

static gboolean
is_drawn (void)
{
  return source () == NMD_ROI_DRAWN;
}

/* As the user's hand on the image. */
static void
draw_box (void)
{
  GtkWidget *view = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL);
  const NmdBox box = { 50, 50, 120, 110 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (200, 160, &box);

  g_assert_nonnull (view);
  g_signal_emit_by_name (view, "outline-drawn", mask);
}

static void
test_flags (void)
{
  const char *const coloured = "Coloured pixels inside the outline";
  const char *const lossy = "JPEG";

  screen_open (1024, 700);
  open_image ("grey.png");
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), "69."));
  g_assert_false (screen_shows (GTK_WIDGET (screen.window), coloured));
  g_assert_false (screen_shows (GTK_WIDGET (screen.window), lossy));
  open_image ("coloured.png");
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), coloured));
  open_image ("lossy.jpg");
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), lossy));
}

static gboolean
shows_second_page (void)
{
  NmdScan *scan = nmd_scan_session_get_scan (screen.scan);

  return scan != NULL && scan->page == 2;
}

/* Of a file with several pages one is asked for; who cancels keeps what is shown. */
static void
test_pages (void)
{
  static const char pages[]
      = "\111\111\052\000\010\000\000\000\010\000\000\001\004\000\001\000\000\000\003\000"
        "\000\000\001\001\004\000\001\000\000\000\002\000\000\000\002\001\004\000\001\000"
        "\000\000\010\000\000\000\003\001\004\000\001\000\000\000\001\000\000\000\006\001"
        "\004\000\001\000\000\000\001\000\000\000\021\001\004\000\001\000\000\000\156\000"
        "\000\000\026\001\004\000\001\000\000\000\002\000\000\000\027\001\004\000\001\000"
        "\000\000\006\000\000\000\164\000\000\000\012\013\014\015\016\017\010\000\000\001"
        "\004\000\001\000\000\000\003\000\000\000\001\001\004\000\001\000\000\000\002\000"
        "\000\000\002\001\004\000\001\000\000\000\010\000\000\000\003\001\004\000\001\000"
        "\000\000\001\000\000\000\006\001\004\000\001\000\000\000\001\000\000\000\021\001"
        "\004\000\001\000\000\000\332\000\000\000\026\001\004\000\001\000\000\000\002\000"
        "\000\000\027\001\004\000\001\000\000\000\006\000\000\000\000\000\000\000\132\133"
        "\134\135\136\137";
  g_autofree char *path = place ("pages.tif");

  g_assert_true (g_file_set_contents (path, pages, sizeof pages - 1, NULL));
  open_image ("grey.png");
  nmd_scan_session_open_image (screen.scan, path, NULL);
  answer ("cancel");
  g_assert_true (screen_has_wanted ());
  nmd_scan_session_open_image (screen.scan, path, NULL);
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWidget *dialog = GTK_WIDGET (screen_find_dialog ());
  g_assert_true (screen_shows (dialog, "pages.tif has 2 pages."));
  GtkWidget *spin = screen_find (dialog, GTK_TYPE_SPIN_BUTTON, NULL);
  g_assert_nonnull (spin);
  gtk_editable_set_text (GTK_EDITABLE (spin), "2"); /* as typed: not yet its value */
  answer ("open");
  g_assert_true (screen_wait (shows_second_page, 20));
  g_assert_cmpint (nmd_scan_session_get_scan (screen.scan)->image->pixels[0], ==, 90);
  g_assert_cmpuint (screen.n_problems, ==, 0);
}

/* What was drawn is there again when the image is; nothing asks on the way. */
static void
test_outline_stays (void)
{
  open_image ("bare.png");
  g_assert_cmpint (source (), ==, NMD_ROI_FRAME);
  draw_box ();
  g_assert_true (screen_wait (is_drawn, 10));
  double mean = nmd_scan_session_get_scan (screen.scan)->echo.mean;
  open_image ("grey.png");
  g_assert_cmpint (source (), ==, NMD_ROI_MASK);
  open_image ("bare.png");
  g_assert_cmpint (source (), ==, NMD_ROI_DRAWN);
  g_assert_cmpfloat (nmd_scan_session_get_scan (screen.scan)->echo.mean, ==, mean);
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, 1);
  g_assert_null (screen_find_dialog ());
}

static void
test_mask_is_asked (void)
{
  open_image ("grey.png");
  draw_box ();
  answer ("cancel");
  screen_pause (0.3);
  g_assert_cmpint (source (), ==, NMD_ROI_MASK);
  draw_box ();
  answer ("accept");
  g_assert_true (screen_wait (is_drawn, 10));
}

static void
test_close_asks (void)
{
  gtk_window_close (GTK_WINDOW (screen.window));
  answer ("cancel");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (screen.window)));
}

static gboolean
has_message (void)
{
  return screen.last_message != NULL;
}

static NmdExplainPage *
page (void)
{
  return NMD_EXPLAIN_PAGE (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_EXPLAIN_PAGE, NULL));
}

static char *
save (const char *name)
{
  g_autofree char *path = place (name);
  char *bytes = NULL;

  g_clear_pointer (&screen.last_message, g_free);
  nmd_explain_page_save_as (page (), path);
  g_assert_true (screen_wait (has_message, 20));
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  return bytes;
}

static void
refuse (const char *name)
{
  g_autofree char *path = place (name);

  screen.n_problems = 0;
  nmd_explain_page_save_as (page (), path);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_nonnull (strstr (screen.last_problem, name));
}

static void
test_save (void)
{
  open_image ("bare.png");
  g_autofree char *png = save ("s.png");
  g_autofree char *svg = save ("s.SVG");
  g_autofree char *pdf = save ("s.pdf");
  g_autofree char *none = place ("s.jpg");
  g_assert_true (memcmp (png + 1, "PNG", 3) == 0);
  g_assert_nonnull (strstr (svg, "<svg"));
  g_assert_true (g_str_has_prefix (pdf, "%PDF"));
  refuse ("s.jpg");
  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
}

/* Neither the open scan nor its mask is written over, by whatever name. */
static void
test_inputs_stay (void)
{
  g_autofree char *mask = place ("grey_mask.png");
  g_autofree char *link = place ("link.png");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize n_before = 0, n_after = 0;

  open_image ("grey.png");
  g_assert_true (g_file_get_contents (mask, &before, &n_before, NULL));
  refuse ("grey.png");
  refuse ("grey_mask.png");
  g_autoptr (GFile) file = g_file_new_for_path (link);
  g_assert_true (g_file_make_symbolic_link (file, mask, NULL, NULL));
  refuse ("link.png");
  g_assert_true (g_file_get_contents (mask, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

/* A picture without a model is one picture; changed grey levels are said in it. */
static void
test_picture (void)
{
  GtkWidget *view = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL);
  double brightness = 1;

  open_image ("bare.png");
  g_autofree char *plain = save ("plain.svg");
  g_object_set (view, "brightness", 0.3, NULL);
  g_free (save ("bright.png"));
  g_autofree char *path = place ("bright.png");
  g_autofree char *bytes = NULL;
  gsize n = 0;
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  g_assert_nonnull (memmem (bytes, n, "Shown with brightness +0.30",
                            strlen ("Shown with brightness +0.30")));
  g_assert_nonnull (memmem (bytes, n, "untouched image", strlen ("untouched image")));
  g_assert_null (memmem (bytes, n, "A map shows", strlen ("A map shows")));
  /* One image element, not two. */
  const char *first = strstr (plain, "<image");
  g_assert_nonnull (first);
  g_assert_null (strstr (first + 1, "<image"));

  open_image ("grey.png");
  g_object_get (view, "brightness", &brightness, NULL);
  g_assert_cmpfloat (brightness, ==, 0);
}

static const char *chosen;

static void
on_chosen (const char *path, gpointer object)
{
  chosen = g_intern_string (path);
}

static gboolean
has_chosen (void)
{
  return chosen != NULL;
}

/* A scan chosen in the file dialog leaves nothing in the list of recent files. */
static void
test_no_trace (void)
{
  g_autofree char *recent
      = g_build_filename (g_get_user_data_dir (), "recently-used.xbel", NULL);
  g_autofree char *path = place ("grey.png");
  const NmdFileRequest request = { "Open", GTK_FILE_CHOOSER_ACTION_OPEN };
  g_autoptr (GFile) file = g_file_new_for_path (path);

  screen_check_leaks (); /* before what GTK's dialog leaves behind */
  g_assert_true (g_file_set_contents (
      recent, "<?xml version=\"1.0\"?>\n<xbel version=\"1.0\"></xbel>\n", -1, NULL));
  nmd_file_dialog_present (GTK_WIDGET (screen.window), &request, on_chosen,
                           G_OBJECT (screen.window));
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  gtk_file_chooser_set_file (GTK_FILE_CHOOSER (dialog), file, NULL);
  screen_pause (1.5);
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT);
  g_assert_true (screen_wait (has_chosen, 10));
  g_assert_cmpstr (chosen, ==, path);
  g_assert_true (
      gtk_recent_manager_has_item (gtk_recent_manager_get_default (), "file:///none")
      == FALSE);
  screen_pause (1.5);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (recent, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "<?xml version=\"1.0\"?>\n<xbel version=\"1.0\"></xbel>\n");
}

static NmdRecipePanel *
panel (void)
{
  return NMD_RECIPE_PANEL (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_RECIPE_PANEL, NULL));
}

/* The preset says what the settings are. */
static void
test_preset (void)
{
  g_autofree char *demo = screen_write_cohort ("demo", 4);
  const NmdParameters *parameters = NULL;

  nmd_app_session_open (screen.session, demo);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.5);
  g_assert_cmpint (nmd_recipe_panel_get_preset (panel ()), ==, NMD_PRESET_RECOMMENDED);
  nmd_recipe_session_set (screen.recipe, "median", 0, NULL);
  g_assert_cmpint (nmd_recipe_panel_get_preset (panel ()), ==, NMD_PRESET_OWN);
  nmd_recipe_panel_set_preset (panel (), NMD_PRESET_PAPER);
  parameters = nmd_recipe_session_get_parameters (screen.recipe);
  g_assert_cmpstr (nmd_parameters_get_choice (parameters, "split"), ==, "paper");
  g_assert_true (nmd_parameters_get_switch (parameters, "median"));
  g_assert_cmpint (nmd_recipe_panel_get_preset (panel ()), ==, NMD_PRESET_PAPER);
  nmd_recipe_session_set (screen.recipe, "clahe-clip", 20, NULL);
  g_assert_cmpint (nmd_recipe_panel_get_preset (panel ()), ==, NMD_PRESET_OWN);
  nmd_recipe_session_reset (screen.recipe);
  g_assert_cmpint (nmd_recipe_panel_get_preset (panel ()), ==, NMD_PRESET_RECOMMENDED);
}

static gboolean
shows_banner (void)
{
  return screen_shows (GTK_WIDGET (screen.window), "Synthetic data");
}

/* A banner on synthetic data does not stand over a scan of a patient. */
static void
test_banner (void)
{
  nmd_window_show_page (screen.window, "data");
  g_assert_true (screen_wait (shows_banner, 10));
  open_image ("grey.png");
  nmd_window_show_page (screen.window, "explain");
  screen_pause (0.7);
  g_assert_false (shows_banner ());
}

static gboolean saw_former;
static guint n_coming;

static void
on_items (GListModel *samples)
{
  n_coming = g_list_model_get_n_items (samples);
  if (nmd_data_session_get_loading (screen.data)
      && nmd_data_session_get_dataset (screen.data) != NULL && n_coming > 0)
    {
      g_autoptr (NmdSample) first = g_list_model_get_item (samples, 0);
      NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
      saw_former |= nmd_dataset_find (dataset, first->id) != first;
    }
}

/* While a data set comes in, the former one is gone; if it fails, it is there again. */
static void
test_one_dataset (void)
{
  g_autofree char *other = screen_write_cohort ("other", 3);
  g_autofree char *nothing = place ("nothing");
  g_autofree char *demo = g_strdup (nmd_data_session_get_path (screen.data));
  gulong id = g_signal_connect (nmd_data_session_get_samples (screen.data),
                                "items-changed", G_CALLBACK (on_items), NULL);

  nmd_data_session_open (screen.data, other, NULL);
  g_assert_null (nmd_data_session_get_dataset (screen.data));
  g_assert_null (nmd_recipe_session_get_split (screen.recipe));
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_false (saw_former);
  g_assert_cmpuint (nmd_dataset_get_n (nmd_data_session_get_dataset (screen.data)), ==,
                    27);
  g_mkdir (nothing, 0700);
  screen.n_problems = 0;
  nmd_data_session_open (screen.data, nothing, NULL);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_true (screen_wait (screen_has_dataset, 20));
  g_assert_cmpuint (nmd_dataset_get_n (nmd_data_session_get_dataset (screen.data)), ==,
                    27);
  g_assert_cmpstr (nmd_data_session_get_path (screen.data), ==, other);
  g_assert_cmpstr (demo, !=, other);
  g_signal_handler_disconnect (nmd_data_session_get_samples (screen.data), id);
}

static const char *
split_kind (void)
{
  return nmd_parameters_get_choice (nmd_recipe_session_get_parameters (screen.recipe),
                                    "split");
}

/* Parts that a data set states are the split until one is opened that states none. */
static void
test_stated_parts (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  g_autofree char *other = g_strdup (nmd_data_session_get_path (screen.data));
  g_autofree char *table = place ("stated.csv");
  g_autoptr (GString) text = g_string_new ("image,subject,label,split\n");

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);

      g_string_append_printf (text, "%s,%s,%d,train\n",
                              sample->image_path + strlen (screen.folder) + 1,
                              sample->subject, sample->label);
    }
  g_assert_true (nmd_file_write_text (table, text->str, NULL));
  g_assert_cmpstr (split_kind (), ==, "threeway");
  nmd_data_session_open (screen.data, table, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_cmpstr (split_kind (), ==, "stated");
  g_assert_cmpuint (nmd_recipe_session_count_part (screen.recipe, NMD_PART_TRAIN, NULL),
                    ==, 27);
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.5);
  g_assert_true (
      screen_shows_part (GTK_WIDGET (screen.window), "Split: As the data set states"));
  nmd_data_session_open (screen.data, other, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_cmpstr (split_kind (), ==, "threeway");
}

/* A folder per class, which says nothing of an organ; its path. */
static char *
write_classes (const char *title, const char *const words[2])
{
  g_autofree char *source = place ("bare.png");
  g_autoptr (NmdImage) image = nmd_image_load (source, NULL);

  for (int i = 0; i < 24; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s/%02d.png", title, words[i % 2], i);
      g_autofree char *path = place (name);
      g_autofree char *folder = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
      image->pixels[0] = (guint8)i; /* all differ, those of other folders too */
      image->pixels[1] = (guint8)g_str_hash (title);
      g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
    }
  return place (title);
}

static gboolean
is_recorded (void)
{
  NmdTraining *training = nmd_training_session_get_training (screen.training);
  g_autofree char *path
      = g_build_filename (nmd_training_get_folder (training), "run.json", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) || screen_training_ended ();
}

/* Where the data set leaves open what it shows, Train asks, and the run keeps the answer; it is
 * asked of no other data set. */
static void
test_organ (void)
{
  g_autofree char *demo = g_strdup (nmd_data_session_get_path (screen.data));
  const char *const words[] = { "normal", "abnormal" };
  g_autofree char *classes = write_classes ("classes", words);
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (GError) error = NULL;
  const char *const row = "The data set does not say";

  nmd_window_show_page (screen.window, "train");
  screen_pause (0.5);
  g_assert_false (nmd_recipe_session_asks_organ (screen.recipe));
  g_assert_false (screen_shows (GTK_WIDGET (screen.window), row));
  nmd_data_session_open (screen.data, classes, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.5);
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), row));
  g_assert_null (nmd_recipe_session_get_organ (screen.recipe));
  nmd_recipe_session_state_organ (screen.recipe, "muscle");
  screen_pause (0.2);
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), "Muscle"));
  nmd_recipe_session_set (screen.recipe, "split", 3, NULL);
  nmd_training_session_start (screen.training, "nmdassistnet", FALSE);
  g_assert_true (screen_wait (is_recorded, 240));
  nmd_training_session_stop (screen.training);
  g_assert_true (screen_wait (screen_training_ended, 240));
  run = nmd_run_open (
      nmd_training_get_folder (nmd_training_session_get_training (screen.training)),
      &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_run_get_passport (run)->organ, ==, "muscle");
  g_assert_cmpstr (nmd_run_get_passport (run)->organ_source, ==, "user");
  nmd_recipe_session_reset (screen.recipe);
  nmd_data_session_open (screen.data, demo, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_null (nmd_recipe_session_get_organ (screen.recipe));
  g_assert_false (nmd_recipe_session_asks_organ (screen.recipe));
}

/* The label words are offered, and nothing opens until one is chosen. */
static void
test_label_question (void)
{
  const char *const words[] = { "sound", "sick" };
  g_autofree char *classes = write_classes ("words", words);
  GtkWidget *row = NULL, *button = NULL;

  nmd_data_session_open (screen.data, classes, NULL);
  g_assert_true (screen_wait (has_dialog, 30));
  screen_pause (0.3);
  button = screen_find (GTK_WIDGET (screen_find_dialog ()), GTK_TYPE_BUTTON, "_Open");
  row = screen_find (GTK_WIDGET (screen_find_dialog ()), ADW_TYPE_COMBO_ROW, NULL);
  g_assert_true (row != NULL && button != NULL);
  g_assert_false (gtk_widget_is_sensitive (button));
  g_assert_cmpuint (
      g_list_model_get_n_items (adw_combo_row_get_model (ADW_COMBO_ROW (row))), ==, 3);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1); /* in the order of the alphabet */
  g_assert_true (gtk_widget_is_sensitive (button));
  answer ("open");
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_cmpstr (nmd_data_session_get_import (screen.data)->positive, ==, "sick");
  g_assert_cmpint (nmd_dataset_get (nmd_data_session_get_dataset (screen.data), 0)->label,
                   ==, 1);
}

/* Outlines of two labels are drawn: which is measured is asked. */
static void
test_outline_question (void)
{
  static const char text[]
      = "{\"imagePath\": \"00.png\", \"shapes\": [{\"label\": \"b\", \"points\": [[0, 0]"
        ", [2, 0], [2, 3]]}, {\"label\": \"a\", \"points\": [[0, 0], [4, 0], [4, 3]]}]}";
  const char *const words[] = { "healthy", "pathological" };
  g_autofree char *classes = write_classes ("drawn", words);
  g_autofree char *file = place ("drawn/healthy/00.json");
  GtkWidget *row = NULL;

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  nmd_data_session_open (screen.data, classes, NULL);
  g_assert_true (screen_wait (has_dialog, 30));
  row = screen_find (GTK_WIDGET (screen_find_dialog ()), ADW_TYPE_COMBO_ROW, NULL);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1);
  answer ("open");
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_cmpstr (nmd_data_session_get_import (screen.data)->outline_label, ==, "a");
}

/* Columns of a table are offered; those with a standard name are chosen at first. */
static void
test_column_question (void)
{
  g_autofree char *table = place ("table.csv");
  GtkWidget *button = NULL, *row = NULL;
  g_autoptr (GString) text = g_string_new ("file,Subject,label,organ\n");

  for (int i = 0; i < 24; i++)
    g_string_append_printf (text, "words/%s/%02d.png,s%d,%d,muscle\n",
                            i % 2 ? "sick" : "sound", i, i, i % 2);
  g_assert_true (g_file_set_contents (table, text->str, -1, NULL));
  nmd_data_session_open (screen.data, table, NULL);
  g_assert_true (screen_wait (has_dialog, 30));
  screen_pause (0.3);
  button = screen_find (GTK_WIDGET (screen_find_dialog ()), GTK_TYPE_BUTTON, "_Open");
  row = screen_find (GTK_WIDGET (screen_find_dialog ()), ADW_TYPE_COMBO_ROW, NULL);
  g_assert_false (gtk_widget_is_sensitive (button)); /* the image */
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1);
  g_assert_true (gtk_widget_is_sensitive (button));
  answer ("open");
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_cmpstr (nmd_data_session_get_import (screen.data)->image_column, ==, "file");
  g_assert_cmpstr (nmd_data_session_get_import (screen.data)->subject_column, ==,
                   "Subject");
  g_assert_cmpuint (nmd_dataset_get_n (nmd_data_session_get_dataset (screen.data)), ==,
                    24);
}

static void
test_end (void)
{
  nmd_window_close_at_once (screen.window);
  g_assert_null (screen_find_dialog ());
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  write_image ("grey.png", "png", FALSE);
  write_image ("bare.png", "png", FALSE);
  write_image ("coloured.png", "png", TRUE);
  write_image ("lossy.jpg", "jpeg", FALSE);
  write_mask ("grey_mask.png");
  write_mask ("coloured_mask.png");
  write_mask ("lossy_mask.png");
  g_test_add_func ("/care/flags", test_flags);
  g_test_add_func ("/care/pages", test_pages);
  g_test_add_func ("/care/outline-stays", test_outline_stays);
  g_test_add_func ("/care/mask-is-asked", test_mask_is_asked);
  g_test_add_func ("/care/close-asks", test_close_asks);
  g_test_add_func ("/care/save", test_save);
  g_test_add_func ("/care/inputs-stay", test_inputs_stay);
  g_test_add_func ("/care/picture", test_picture);
  g_test_add_func ("/care/preset", test_preset);
  g_test_add_func ("/care/banner", test_banner);
  g_test_add_func ("/care/one-dataset", test_one_dataset);
  g_test_add_func ("/care/stated-parts", test_stated_parts);
  g_test_add_func ("/care/organ", test_organ);
  g_test_add_func ("/care/label-question", test_label_question);
  g_test_add_func ("/care/outline-question", test_outline_question);
  g_test_add_func ("/care/column-question", test_column_question);
  g_test_add_func ("/care/no-trace", test_no_trace);
  g_test_add_func ("/care/end", test_end);
  return screen_end (g_test_run ());
}
