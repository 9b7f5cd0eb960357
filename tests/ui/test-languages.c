/* SPDX-License-Identifier: Apache-2.0
 *
 * The window in the language of LANGUAGE, with the translations of the build folder: on each page and in each dialog
 * no text is left in English that po/ has, no button's label is cut, and in Chinese nothing English is left that
 * is no name. Sentences made from numbers, the locale's decimal sign and plural forms are looked at by example.
 * With NMD_TEST_PICTURES=FOLDER a picture of each is written there, for translators.
 */
#include "tests/ui/made-run.h"
#include "tests/ui/screen.h"

#include "engine/core/nmd-words.h"
#include "engine/image/nmd-png-writer.h"
#include "ui/dialogs/nmd-help-window.h"
#include "ui/dialogs/nmd-import-dialogs.h"
#include "ui/dialogs/nmd-length-dialog.h"
#include "ui/dialogs/nmd-network-dialog.h"
#include "ui/dialogs/nmd-notes-dialog.h"
#include "ui/dialogs/nmd-outlines-dialog.h"
#include "ui/dialogs/nmd-preferences.h"
#include "ui/dialogs/nmd-report-dialog.h"
#include "ui/dialogs/nmd-run-report-dialog.h"
#include "ui/dialogs/nmd-teaching-window.h"
#include "ui/plot/nmd-body-chart.h"
#include "ui/session/nmd-result-words.h"

#include <locale.h>
#include <math.h>
#include <string.h>

/* Not a header of GLib's that names the domain: one may be set already. */
#include <libintl.h>

#define DOMAIN "nmd-assist"
#define NO_SUCH_TEXT "\001"

static const char *language; /* "nl" or "zh_CN" */
static GString *english;     /* what was found, a line each */
static const char *state;    /* where */
static guint n_texts;

/* What stays as it is in every language: names of things, and the words of a data set (labels, columns). */
static gboolean
is_name (const char *text)
{
  static const char *const names[] = {
    "NMD Assist", "oneDNN", "Ghost U-Net", "Integrated Gradients",
    "ViT",        "http",   "doi",         ".png",
  };

  static const char *const words[] = { "healthy", "pathological", "Sex", NULL };

  if (g_strv_contains (words, text))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strstr (text, names[i]) != NULL)
      return TRUE;
  return g_file_test (text, G_FILE_TEST_EXISTS);
}

/* Two English words in a row, and not one character of the language's own. */
static gboolean
is_latin (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_get_script (g_utf8_get_char (p)) == G_UNICODE_SCRIPT_HAN)
      return FALSE;
  return g_regex_match_simple ("[A-Za-z]{3,} [a-z]{2,}", text, 0, 0);
}

static void
look_at_text (const char *text, const char *what)
{
  if (text == NULL || *text == '\0' || strcmp (text, NO_SUCH_TEXT) == 0)
    return;
  n_texts++;
  if (is_name (text))
    return;
  if (strcmp (dgettext (DOMAIN, text), text) != 0)
    g_string_append_printf (english, "%s: %s is English: %s\n", state, what, text);
  else if (g_str_equal (language, "zh_CN") && is_latin (text))
    g_string_append_printf (english, "%s: %s is not translatable: %s\n", state, what,
                            text);
}

static void
look_at_label (GtkLabel *label)
{
  GtkWidget *button = gtk_widget_get_ancestor (GTK_WIDGET (label), GTK_TYPE_BUTTON);

  look_at_text (gtk_label_get_text (label), "a label");
  if (!pango_layout_is_ellipsized (gtk_label_get_layout (label)))
    return;
  g_test_message ("%s: cut: %s", state, gtk_label_get_text (label));
  if (button != NULL)
    g_string_append_printf (english, "%s: a button's label is cut: %s\n", state,
                            gtk_label_get_text (label));
}

static void
look_at (GtkWidget *widget)
{
  static const GtkAccessibleProperty properties[]
      = { GTK_ACCESSIBLE_PROPERTY_LABEL, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION };

  if (!gtk_widget_get_mapped (widget))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    if (gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), properties[i]))
      {
        g_autofree char *text = gtk_test_accessible_check_property (
            GTK_ACCESSIBLE (widget), properties[i], NO_SUCH_TEXT);
        look_at_text (text, "an accessible name");
      }
  if (!GTK_IS_WINDOW_CONTROLS (widget))
    look_at_text (gtk_widget_get_tooltip_text (widget), "a tooltip");
  if (GTK_IS_LABEL (widget))
    look_at_label (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look_at (child);
}

static void
write_picture (void)
{
  const char *folder = g_getenv ("NMD_TEST_PICTURES");

  if (folder == NULL)
    return;
  g_autofree char *name = g_strdup_printf ("%s-%s.png", language, state);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  const char *const command[] = { "import", "-window", "root", path, NULL };
  screen_pause (0.3);
  g_spawn_sync (NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                NULL, NULL);
}

static void
check (const char *name, gpointer widget)
{
  state = name;
  n_texts = 0;
  look_at (widget);
  g_test_message ("%s: %u texts", name, n_texts);
  g_assert_cmpuint (n_texts, >, 0);
  write_picture ();
}

/* Each page fits the smallest window in each language. */
static void
check_page (const char *page, const char *name)
{
  nmd_window_show_page (screen.window, page);
  screen_pause (0.3);
  check (name, screen.window);
  screen_assert_fits (1024, 700);
}

static void
check_dialog (const char *name)
{
  screen_pause (0.3);
  GtkWindow *dialog = screen_find_dialog ();
  g_assert_nonnull (dialog);
  check (name, dialog);
  gtk_window_destroy (dialog);
  screen_pause (0.1);
}

/* The examples are in one language: what the test says of the other is nothing. */
static gboolean
is (const char *name)
{
  return g_str_equal (language, name);
}

static void
assert_words (const char *words, const char *dutch, const char *chinese)
{
  g_assert_cmpstr (words, ==, is ("nl") ? dutch : chinese);
}

static void
test_words (void)
{
  const NmdMeasure few
      = { .value = 0.5, .ci_subject = { NAN, NAN }, .few = 1, .few_label = 1 };
  const NmdThreshold threshold = { .rule = { NMD_THRESHOLD_YOUDEN, 0 },
                                   .value = 0.312,
                                   .part = (char *)"validation" };
  const NmdInterval near_one = { 0.97, 0.9984 };
  const NmdAgreement agreement
      = { .bias = -0.314, .sd = 2, .low = -4.234, .high = 3.606, .n = 2 };
  g_autofree char *missing = nmd_words_of_missing (&few);
  g_autofree char *chosen = nmd_words_of_threshold (&threshold);
  g_autofree char *interval = nmd_words_of_interval (&near_one);
  g_autofree char *bias = nmd_words_of_agreement (&agreement, TRUE);

  assert_words (missing, "1 positieve proefpersoon", "1 位阳性受试者");
  assert_words (chosen, "drempelwaarde 0,312: grootste Youden-index op het validatiedeel",
                "阈值 0.312：最大 Youden 指数，在验证集上");
  assert_words (interval, "[0,97, 0,998]", "[0.97, 0.998]");
  assert_words (
      bias,
      "bias −0,31, overeenstemmingsgrenzen −4,23 tot 3,61 grijswaarden (2 proefpersonen)",
      "偏差 −0.31，一致性界限 −4.23 至 3.61 灰度级（2 位受试者）");
  assert_words (nmd_words_of_note ("Synthetic data: simulated images, no patients"),
                "Synthetische data: nagebootste beelden, geen patiënten",
                "合成数据：模拟图像，无患者");
  /* The engine's sentences are English but for who asks for the window's language. */
  g_autofree char *english_rule = nmd_threshold_to_text (&threshold);
  g_assert_cmpstr (english_rule, ==,
                   "threshold 0.312: largest Youden index on the validation part");
  g_assert_false (nmd_words_set_local (TRUE));
  g_autofree char *rule = nmd_threshold_to_text (&threshold);
  g_assert_true (nmd_words_set_local (FALSE));
  assert_words (rule, "drempelwaarde 0.312: grootste Youden-index op het deel validatie",
                "阈值 0.312：在验证集上按最大 Youden 指数");
  /* Figures of a report, whose text is English. */
  assert_words (nmd_z_class_get_title (0), "z onder 1,5", "z 小于 1.5");
  g_assert_false (nmd_plot_speak_english (TRUE));
  g_assert_cmpstr (nmd_z_class_get_title (0), ==, "z below 1.5");
  g_assert_true (nmd_plot_speak_english (FALSE));
  g_assert_cmpstr (nmd_words_of_note ("Of 12 images 3 …"), ==, "Of 12 images 3 …");
}

static void
test_welcome (void)
{
  screen_open (1280, 800);
  check ("welcome", screen.window);
  g_assert_true (screen_shows (GTK_WIDGET (screen.window),
                               is ("nl") ? "Spierecho, gezond of niet" : "肌肉超声"));
  check_page ("data", "data-empty");
  check_page ("train", "train-empty");
  check_page ("results", "results-empty");
  check_page ("explain", "explain-empty");
  check_page ("scan", "scan-empty");
}

static void
test_scan (void)
{
  screen_open_scan ();
  check_page ("scan", "scan-without-outline");
  check_page ("explain", "explain-without-model");
  screen_outline_scan ();
  check_page ("scan", "scan");
}

static void
test_data (void)
{
  g_autofree char *demo = screen_write_cohort ("demo", 5);

  nmd_app_session_open (screen.session, demo);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_true (screen_wait (screen_has_mask, 20));
  check_page ("data", "data");
  check_page ("train", "train");
  check_page ("explain", "explain-with-data");
  nmd_recipe_session_set (screen.recipe, "epochs", 7, NULL);
  screen_unfold (GTK_WIDGET (screen.window));
  check_page ("train", "train-changed");
}

static void
show_samples (GPtrArray *samples, NmdProblems problem, gpointer object)
{
}

/* What was left out and assumed stands in the report in the window's language, and in files in English. */
static void
test_import_report (void)
{
  g_autofree char *folder = g_build_filename (screen.folder, "classes", NULL);
  const char *const names[] = { "healthy/1.png", "pathological/1.png",
                                "pathological/2.png", "pathological/2.bmp" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autofree char *parent = g_path_get_dirname (path);
      g_autoptr (NmdImage) image = nmd_image_new (32, 32);

      g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
      image->pixels[0] = (guint8)(i % 2);
      g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset
      = nmd_dataset_import (folder, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  nmd_report_dialog_present (GTK_WIDGET (screen.window), dataset, show_samples,
                             G_OBJECT (screen.window));
  screen_pause (0.3);
  GtkWidget *dialog = GTK_WIDGET (screen_find_dialog ());
  g_assert_true (
      screen_shows_part (dialog, is ("nl") ? "map per klasse" : "每类一个文件夹"));
  g_assert_true (screen_shows_part (dialog, is ("nl") ? "Labels zijn de mapnamen"
                                                      : "标签取自文件夹名"));
  g_assert_true (
      screen_shows_part (dialog, is ("nl") ? "is hetzelfde beeld als" : "是同一幅图像"));
  g_assert_true (screen_shows_part (dialog, is ("nl") ? "verschilt alleen in de extensie"
                                                      : "仅扩展名不同"));
  g_assert_false (screen_shows_part (dialog, "Assumed"));
  check_dialog ("import-report");
  g_autoptr (JsonNode) node = nmd_dataset_report_to_json (dataset);
  g_autofree char *json = json_to_string (node, FALSE);
  g_assert_nonnull (strstr (json, "Labels are the folder names"));
  g_assert_nonnull (strstr (json, "\"folder per class\""));
}

/* What goes wrong in opening is said in the window's language. */
static void
test_errors (void)
{
  g_autofree char *empty = g_build_filename (screen.folder, "nothing.png", NULL);
  g_autofree char *gone = g_build_filename (screen.folder, "gone.csv", NULL);
  g_autofree char *cine = g_build_filename (screen.folder, "cine.dcm", NULL);
  char dicom[256] = { 0 };

  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  screen.n_problems = 0;
  nmd_scan_session_open_image (screen.scan, empty, NULL);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_nonnull (strstr (screen.last_problem,
                            is ("nl") ? "nothing.png is leeg" : "nothing.png 是空的"));
  /* DICOM's module is not in this test's folder */
  memcpy (dicom + 128, "DICM", 4);
  g_assert_true (g_file_set_contents (cine, dicom, sizeof dicom, NULL));
  screen.n_problems = 0;
  nmd_scan_session_open_image (screen.scan, cine, NULL);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_nonnull (strstr (
      screen.last_problem, is ("nl") ? "cine.dcm is een DICOM-bestand; daarvoor ontbreekt"
                                     : "cine.dcm 是 DICOM 文件，缺少"));
  screen.n_problems = 0;
  nmd_data_session_open (screen.data, gone, NULL);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_nonnull (strstr (screen.last_problem,
                            is ("nl") ? "gone.csv bestaat niet" : "gone.csv 不存在"));
  g_autoptr (GError) error = NULL;
  g_assert_null (nmd_run_open ("/nowhere/run", &error));
  g_assert_cmpstr (error->message, ==,
                   is ("nl") ? "Er is geen map /nowhere/run" : "没有文件夹 /nowhere/run");
}

static gboolean
has_made_run (void)
{
  return g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)) == 1;
}

/* The stack that has a page of that name. */
static GtkStack *
find_stack (GtkWidget *widget, const char *name)
{
  GtkStack *found = NULL;

  if (GTK_IS_STACK (widget)
      && gtk_stack_get_child_by_name (GTK_STACK (widget), name) != NULL)
    return GTK_STACK (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_stack (child, name);
  return found;
}

static void
check_view (const char *view)
{
  GtkStack *stack = find_stack (GTK_WIDGET (screen.window), view);
  g_autofree char *name = g_strconcat ("results-", view, NULL);

  g_assert_nonnull (stack);
  gtk_stack_set_visible_child_name (stack, view);
  screen_pause (0.5);
  check (name, screen.window);
  screen_assert_fits (1024, 700);
}

static void
test_results (void)
{
  g_autofree char *folder = g_build_filename (screen.folder, "runs", "made", NULL);

  made_run_write (folder, "aa", 11, 0.6, FALSE);
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (has_made_run, 20));
  nmd_window_show_page (screen.window, "results");
  screen_settle ();
  screen_pause (0.5);
  check_view ("overview");
  check_view ("rivals");
  check_view ("calibration");
  check_view ("usefulness");
  check_view ("limits");
  check_page ("train", "train-with-run");
  check_page ("explain", "explain-with-run");
  check_page ("experiments", "experiments");
}

static void
do_nothing (double cm, gpointer object)
{
}

static void
train (gpointer object)
{
}

static void
test_dialogs_of_runs (void)
{
  GtkWidget *window = GTK_WIDGET (screen.window);
  NmdRunItem *run = nmd_runs_session_get_shown (screen.runs);

  g_assert_nonnull (run);
  nmd_notes_dialog_present (window, screen.runs, run);
  check_dialog ("notes");
  nmd_run_report_dialog_present (window, screen.training, run->folder, TRUE);
  check_dialog ("run-report");
  nmd_masks_dialog_present (window, screen.data, "s1.png", train, G_OBJECT (window));
  check_dialog ("masks");
}

static void
test_dialogs (void)
{
  GtkWindow *window = GTK_WINDOW (screen.window);
  const char *const labels[] = { "1", "2", NULL };
  const char *const pages[] = { "sonographer", "researcher", "teacher", "tour" };
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");
  guint n = 0;
  const NmdNetwork *network = nmd_network_find ("nmdassistnet", NULL);

  g_assert_nonnull (network);
  nmd_preferences_present (window, screen.devices, settings);
  check_dialog ("preferences");
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autofree char *name = g_strconcat ("help-", pages[i], NULL);
      nmd_help_window_present (window, pages[i]);
      check_dialog (name);
    }
  nmd_teaching_window_present (window, screen.session);
  check_dialog ("teaching");
  nmd_network_dialog_present (network, window);
  check_dialog ("network");
  nmd_outlines_dialog_present (window, screen.data);
  check_dialog ("outlines");
  nmd_length_dialog_present (GTK_WIDGET (window), do_nothing, G_OBJECT (window));
  check_dialog ("length");
  for (n = NMD_DECISION_POSITIVE; n <= NMD_DECISION_OUTLINE_LABEL; n++)
    {
      g_autofree char *name = g_strdup_printf ("question-%u", n);
      nmd_import_dialog_present (window, screen.data, n, screen.folder, "labels.csv",
                                 labels);
      check_dialog (name);
    }
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/org/nmdassist/NmdAssist/gtk/help-overlay.ui");
  GtkWindow *shortcuts = GTK_WINDOW (gtk_builder_get_object (builder, "help_overlay"));
  /* In Chinese GTK 4.8 says of a label of its own there that its width is negative. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  gtk_window_present (shortcuts);
  check_dialog ("shortcuts");
}

/* All at once, so that one run shows what there is to do. */
static void
test_texts (void)
{
  if (english->len > 0)
    g_test_message ("texts:\n%s", english->str);
  g_assert_cmpuint (english->len, ==, 0);
}

static void
test_end (void)
{
  nmd_window_close_at_once (screen.window);
  screen_close ();
}

/* A locale of the language: the system's, or one made here. FALSE if there is none. */
static gboolean
set_locale (void)
{
  g_autofree char *locale
      = g_strconcat (language, is ("nl") ? "_NL" : "", ".UTF-8", NULL);
  g_autofree char *name = g_strconcat (language, is ("nl") ? "_NL" : "", NULL);
  g_autofree char *folder
      = g_build_filename (g_getenv ("G_TEST_BUILDDIR"), "locale", NULL);
  g_autofree char *path = g_build_filename (folder, locale, NULL);
  const char *const command[] = { "localedef", "-i", name, "-f", "UTF-8", path, NULL };

  g_unsetenv ("LC_ALL");
  g_setenv ("LANG", locale, TRUE);
  if (setlocale (LC_ALL, locale) != NULL)
    return TRUE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    return FALSE;
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    g_spawn_sync (NULL, (char **)command, NULL,
                  G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL
                      | G_SPAWN_STDERR_TO_DEV_NULL,
                  NULL, NULL, NULL, NULL, NULL, NULL);
  g_setenv ("LOCPATH", folder, TRUE);
  return setlocale (LC_ALL, locale) != NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_build_filename (g_getenv ("NMD_BUILDDIR"), "po", NULL);
  int status = 0;

  language = g_getenv ("LANGUAGE");
  if (language == NULL || !set_locale ())
    {
      g_print ("1..0 # SKIP there is no locale for %s, and localedef makes none\n",
               language != NULL ? language : "LANGUAGE, which is not set");
      return 0;
    }
  bindtextdomain (DOMAIN, folder);
  bind_textdomain_codeset (DOMAIN, "UTF-8");
  textdomain (DOMAIN);
  gtk_disable_setlocale ();
  if (!screen_init (&argc, &argv))
    return 0;
  english = g_string_new (NULL);
  g_test_add_func ("/languages/words", test_words);
  g_test_add_func ("/languages/welcome", test_welcome);
  g_test_add_func ("/languages/scan", test_scan);
  g_test_add_func ("/languages/data", test_data);
  g_test_add_func ("/languages/import-report", test_import_report);
  g_test_add_func ("/languages/errors", test_errors);
  g_test_add_func ("/languages/results", test_results);
  g_test_add_func ("/languages/dialogs-of-runs", test_dialogs_of_runs);
  g_test_add_func ("/languages/dialogs", test_dialogs);
  g_test_add_func ("/languages/texts", test_texts);
  g_test_add_func ("/languages/end", test_end);
  status = screen_end (g_test_run ());
  g_string_free (english, TRUE);
  return status;
}
