/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions an import may stop at, each asked and answered in the window, and outlines written for other
 * tools. With NMD_TEST_PICTURES=FOLDER each dialog is kept as a picture there.
 */
#include "engine/image/nmd-png-writer.h"
#include "tests/ui/screen.h"
#include "ui/pages/nmd-train-page.h"
#include "ui/widgets/nmd-sample-filter.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <string.h>

static char *
folder_of (const char *name)
{
  return g_build_filename (screen.folder, name, NULL);
}

/* A picture of 64 × 48 that no other is, or a mask of @value and, in its corner, @other. */
static void
write_png (const char *folder, const char *name, int value, int other)
{
  static guint n = 0;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (NmdImage) image = nmd_image_new (64, 48);
  g_autoptr (GBytes) png = NULL;

  n++;
  for (int i = 0; i < 64 * 48; i++)
    {
      const int x = i % 64, y = i / 64;

      image->pixels[i] = (guint8)(value < 0 ? (i * n) % 199 + 20 : 0);
      if (value > 0 && x >= 20 && x < 40 && y >= 10 && y < 30)
        image->pixels[i] = (guint8)(x < 28 && y < 18 ? other : value);
    }
  png = nmd_image_to_png (image, 8, NULL, NULL);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL),
                                      (gssize)g_bytes_get_size (png), NULL));
}

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

static gboolean
is_loading (void)
{
  return nmd_data_session_get_loading (screen.data);
}

static gboolean
is_open (void)
{
  return screen_has_dataset () && !is_loading ();
}

static void
keep_picture (const char *name)
{
  const char *folder = g_getenv ("NMD_TEST_PICTURES");
  g_autofree char *command = NULL;

  if (folder == NULL)
    return;
  screen_pause (1);
  command = g_strdup_printf ("import -window root %s/%s.png", folder, name);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

/* Opens @path and waits for its question, which has @text in it. */
static GtkWindow *
ask (const char *path, const char *name, const char *text)
{
  GtkWindow *dialog = NULL;

  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (has_dialog, 30));
  screen_pause (0.3);
  dialog = screen_find_dialog ();
  keep_picture (name);
  g_assert_true (screen_shows_part (GTK_WIDGET (dialog), text));
  return dialog;
}

static void
click (GtkWindow *dialog, const char *label)
{
  GtkWidget *button = screen_find (GTK_WIDGET (dialog), GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

/* Chooses @place in the first row of @dialog and opens; the row must hold @item there. */
static void
answer (GtkWindow *dialog, guint place, const char *item)
{
  AdwComboRow *row
      = ADW_COMBO_ROW (screen_find (GTK_WIDGET (dialog), ADW_TYPE_COMBO_ROW, NULL));

  g_assert_cmpstr (
      gtk_string_list_get_string (GTK_STRING_LIST (adw_combo_row_get_model (row)), place),
      ==, item);
  adw_combo_row_set_selected (row, place);
  g_assert_true (
      adw_message_dialog_get_response_enabled (ADW_MESSAGE_DIALOG (dialog), "open"));
  click (dialog, "_Open");
  g_assert_true (screen_wait (is_loading, 10));
  g_assert_true (screen_wait (is_open, 30));
  screen_pause (0.3);
  g_assert_null (screen_find_dialog ());
}

static NmdSample *
sample (guint i)
{
  return nmd_dataset_get (nmd_data_session_get_dataset (screen.data), i);
}

/* Two folders of masks beside each other. */
static void
test_masks (void)
{
  g_autofree char *folder = folder_of ("two");

  write_png (folder, "benign/a.png", -1, 0);
  write_png (folder, "malignant/b.png", -1, 0);
  write_png (folder, "masks/benign/a.png", 255, 255);
  write_png (folder, "masks/malignant/b.png", 255, 255);
  write_png (folder, "GT/benign/a.png", 255, 0);
  write_png (folder, "GT/malignant/b.png", 255, 0);
  answer (ask (folder, "masks", "say which folder holds the masks"), 1, "GT");
  g_assert_cmpint (sample (0)->echo.n, ==, 400 - 64);
}

/* Masks of two values. */
static void
test_value (void)
{
  g_autofree char *folder = folder_of ("values");

  write_png (folder, "benign/a.png", -1, 0);
  write_png (folder, "malignant/b.png", -1, 0);
  write_png (folder, "masks/benign/a.png", 1, 2);
  write_png (folder, "masks/malignant/b.png", 1, 2);
  answer (ask (folder, "value", "hold several values"), 2, "2");
  g_assert_cmpint (sample (0)->echo.n, ==, 64);
}

/* A table that names images by a part of their names, in another folder. */
static void
test_place (void)
{
  g_autofree char *folder = folder_of ("named");
  g_autofree char *table = g_build_filename (folder, "table.csv", NULL);
  GtkWindow *dialog = NULL;
  GtkWidget *entries[2] = { NULL };

  write_png (folder, "scans/bus_7.png", -1, 0);
  write_png (folder, "scans/bus_8.png", -1, 0);
  write_png (folder, "scans/cut_8.png", -1, 0);
  g_assert_true (g_file_set_contents (
      table, "image,subject,label\n7,1,benign\n8,2,malignant\n", -1, NULL));
  dialog = ask (table, "place", "in which folder or by which pattern");
  /* the first values of the columns that are chosen, and the first rows */
  g_assert_true (screen_shows (GTK_WIDGET (dialog), "1, 2"));
  g_assert_true (screen_shows (GTK_WIDGET (dialog), "benign, malignant"));
  g_assert_true (screen_shows (GTK_WIDGET (dialog), "malignant"));
  entries[0] = screen_find (GTK_WIDGET (dialog), ADW_TYPE_ENTRY_ROW, NULL);
  g_assert_nonnull (entries[0]);
  entries[1] = gtk_widget_get_next_sibling (entries[0]);
  g_assert_true (ADW_IS_ENTRY_ROW (entries[1]));
  gtk_editable_set_text (GTK_EDITABLE (entries[0]), "scans");
  gtk_editable_set_text (GTK_EDITABLE (entries[1]), "bus_{}.png");
  answer (dialog, 1, "image");
  g_assert_cmpuint (nmd_dataset_get_n (nmd_data_session_get_dataset (screen.data)), ==,
                    2);
  g_assert_cmpstr (sample (1)->id, ==, "scans/bus_8.png");
}

/* 1 under "healthy". */
static void
test_inverted (void)
{
  g_autofree char *folder = folder_of ("inverted");
  g_autofree char *table = g_build_filename (folder, "table.csv", NULL);
  NmdImportSettings settings = { .label_column = "healthy" };

  write_png (folder, "a.png", -1, 0);
  write_png (folder, "b.png", -1, 0);
  g_assert_true (g_file_set_contents (
      table, "image,subject,healthy\na.png,1,1\nb.png,2,0\n", -1, NULL));
  nmd_data_session_open (screen.data, table, &settings);
  g_assert_true (screen_wait (has_dialog, 30));
  screen_pause (0.3);
  keep_picture ("inverted");
  answer (screen_find_dialog (), 1, "0");
  g_assert_cmpint (sample (0)->label, ==, 0);
  g_assert_cmpint (sample (1)->label, ==, 1);
}

/* Of the images, the filter's problem @name leaves benign/a alone. */
static void
check_filter (const char *name)
{
  g_autoptr (NmdSampleFacts) facts
      = nmd_sample_facts_new (screen.data, screen.recipe, screen.runs);
  g_autoptr (NmdSampleFilter) filter
      = nmd_sample_filter_new (screen.data, facts, screen.recipe);
  GPtrArray *facets = nmd_sample_filter_get_facets (filter);
  NmdFacetValue *found = NULL;

  for (guint f = 0; f < facets->len; f++)
    {
      const NmdFacet *facet = facets->pdata[f];

      for (guint v = 0; facet->kind == NMD_FACET_PROBLEM && v < facet->values->len; v++)
        if (g_str_equal (((NmdFacetValue *)facet->values->pdata[v])->value, name))
          found = facet->values->pdata[v];
    }
  g_assert_nonnull (found);
  g_assert_cmpuint (found->n, ==, 1);
  nmd_sample_filter_choose (filter, found, TRUE);
  g_assert_true (gtk_filter_match (GTK_FILTER (filter), sample (0)));
  g_assert_false (gtk_filter_match (GTK_FILTER (filter), sample (1)));
}

static gboolean
train_counts_it (void)
{
  GtkWidget *page = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_TRAIN_PAGE, NULL);

  return page != NULL && screen_shows_part (page, " · 1 doubtful mask");
}

/* The line below the images counts masks to look at, which a filter leaves alone. */
static void
test_doubtful (void)
{
  g_autofree char *folder = folder_of ("doubtful");
  g_autofree char *path = g_build_filename (folder, "benign", "a_mask.png", NULL);
  g_autoptr (NmdImage) all = nmd_image_new (64, 48);
  g_autoptr (GBytes) png = NULL;

  write_png (folder, "benign/a.png", -1, 0);
  write_png (folder, "malignant/b.png", -1, 0);
  write_png (folder, "malignant/b_mask.png", 255, 255);
  for (guint i = 0; i < 16; i++) /* enough for a split */
    {
      g_autofree char *more
          = g_strdup_printf ("%s/more%u.png", i % 2 == 0 ? "benign" : "malignant", i);

      write_png (folder, more, -1, 0);
    }
  memset (all->pixels, 255, 64 * 48);
  png = nmd_image_to_png (all, 8, NULL, NULL);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL),
                                      (gssize)g_bytes_get_size (png), NULL));
  nmd_data_session_open (screen.data, folder, NULL);
  g_assert_true (screen_wait (is_open, 30));
  screen_pause (0.3);
  g_assert_true (screen_shows_part (GTK_WIDGET (screen.window), " · 1 doubtful mask"));
  check_filter ("doubtful mask");
  check_filter ("covering mask");

  /* the page Train counts it too, and asks before it trains */
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.3);
  g_assert_true (screen_wait (train_counts_it, 30));
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.train", NULL);
  g_assert_true (screen_wait (has_dialog, 10));
  screen_pause (0.3);
  keep_picture ("doubtful");
  g_assert_true (
      screen_shows_part (GTK_WIDGET (screen_find_dialog ()),
                         "1 covers the frame; the first is that of benign/a.png"));
  g_assert_null (nmd_training_session_get_job (screen.training));
  click (screen_find_dialog (), "_Cancel");
  screen_pause (0.3);
  g_assert_null (nmd_training_session_get_job (screen.training));
  g_assert_false (nmd_data_session_get_import (screen.data)->accept_masks);
  nmd_window_show_page (screen.window, "data");
}

static gboolean
has_message (void)
{
  return screen.last_message != NULL && strstr (screen.last_message, "outline") != NULL;
}

/* The dialog leads to a folder; what is written there is what an import reads again. */
static void
test_export (void)
{
  static const char *const files[] = { "benign/a.json", "annotations.json" };
  g_autofree char *set = folder_of ("values");
  NmdImportSettings settings = { .mask_value = "any" };

  nmd_data_session_open (screen.data, set, &settings);
  g_assert_true (screen_wait (is_open, 30));
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.outlines", NULL);
  g_assert_true (screen_wait (has_dialog, 10));
  screen_pause (0.3);
  keep_picture ("export");
  click (screen_find_dialog (), "_Cancel");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("out%u", i);
      g_autofree char *out = folder_of (name);
      g_autofree char *path = g_build_filename (out, files[i], NULL);
      g_autoptr (NmdOutlines) outlines = NULL;

      g_clear_pointer (&screen.last_message, g_free);
      nmd_data_session_export_outlines (
          screen.data, i == 0 ? NMD_OUTLINES_LABELME : NMD_OUTLINES_COCO, out, "muscle");
      g_assert_true (screen_wait (has_message, 30));
      g_assert_nonnull (strstr (screen.last_message, "outlines of 2 images"));
      outlines = nmd_outlines_load (path, NULL, NULL);
      g_assert_nonnull (outlines);
      g_assert_cmpuint (outlines->outlines->len, ==, i + 1);
      g_assert_cmpuint (nmd_outline_count (outlines->outlines->pdata[0], "muscle"), ==,
                        1);
    }
}

int
main (int argc, char *argv[])
{
  if (!screen_init (&argc, &argv))
    return 0;
  screen_open (1024, 700);
  g_test_add_func ("/questions/masks", test_masks);
  g_test_add_func ("/questions/value", test_value);
  g_test_add_func ("/questions/place", test_place);
  g_test_add_func ("/questions/inverted", test_inverted);
  g_test_add_func ("/questions/doubtful", test_doubtful);
  g_test_add_func ("/questions/export", test_export);
  int status = g_test_run ();
  screen_close ();
  return screen_end (status);
}
