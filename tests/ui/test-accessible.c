/* SPDX-License-Identifier: Apache-2.0
 *
 * What a screen reader finds: every control that is on screen has a name, every plot a text, which says numbers once
 * there are some. The tree is walked by GTK's own test functions, without a bus, for each page in its states.
 */
#include "tests/ui/screen.h"

#include "engine/train/nmd-train.h"
#include "ui/dialogs/nmd-help-window.h"
#include "ui/dialogs/nmd-preferences.h"
#include "ui/dialogs/nmd-teaching-window.h"
#include "ui/pages/nmd-outline-review.h"
#include "ui/pages/nmd-results-overview.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-plot-area.h"

#include <string.h>

#define NO_SUCH_TEXT "\001"

static GString *nameless; /* what was found in the state under test */
static guint n_controls, n_plots;

/* What the test context shows of a property: "" if there is none. */
static char *
get_property (GtkWidget *widget, GtkAccessibleProperty property)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

  if (!gtk_test_accessible_has_property (accessible, property))
    return g_strdup ("");
  char *text = gtk_test_accessible_check_property (accessible, property, NO_SUCH_TEXT);
  return text != NULL ? text : g_strdup ("");
}

static gboolean
has_name (GtkWidget *widget)
{
  g_autofree char *label = get_property (widget, GTK_ACCESSIBLE_PROPERTY_LABEL);

  return *label != '\0'
         || gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget),
                                              GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

static gboolean
has_odd_name (GtkWidget *widget)
{
  g_autofree char *label = get_property (widget, GTK_ACCESSIBLE_PROPERTY_LABEL);

  return strpbrk (label, "\n_") != NULL;
}

static gboolean
is_control (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget)
         || GTK_IS_DROP_DOWN (widget) || GTK_IS_ENTRY (widget)
         || GTK_IS_SEARCH_ENTRY (widget) || GTK_IS_SCALE (widget)
         || GTK_IS_CHECK_BUTTON (widget) || GTK_IS_SPIN_BUTTON (widget)
         || GTK_IS_SWITCH (widget) || GTK_IS_GRID_VIEW (widget)
         || GTK_IS_LIST_VIEW (widget);
}

/* GTK's own widgets, whose insides are theirs. */
static gboolean
is_foreign (GtkWidget *widget)
{
  return GTK_IS_WINDOW_CONTROLS (widget) || ADW_IS_VIEW_SWITCHER (widget)
         || GTK_IS_COLUMN_VIEW (widget) || ADW_IS_COMBO_ROW (widget);
}

static const char *state;

/* Where @widget is: its type and those around it. */
static void
blame (GtkWidget *widget, const char *what)
{
  g_string_append_printf (nameless, "%s: %s:", state, what);
  for (int i = 0; widget != NULL && i < 5; i++, widget = gtk_widget_get_parent (widget))
    g_string_append_printf (nameless, " %s", G_OBJECT_TYPE_NAME (widget));
  g_string_append_c (nameless, '\n');
}

static void
look_at (GtkWidget *widget, gboolean has_numbers)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_COLUMN_VIEW (widget) && !has_name (widget))
    blame (widget, "a table without a name");
  if (is_foreign (widget))
    return;
  if (NMD_IS_PLOT_AREA (widget))
    {
      g_autofree char *text = get_property (widget, GTK_ACCESSIBLE_PROPERTY_LABEL);
      n_plots++;
      if (*text == '\0')
        blame (widget, "a plot without a text");
      else if (has_numbers && strpbrk (text, "0123456789") == NULL)
        blame (widget, text);
    }
  else if (is_control (widget))
    {
      n_controls++;
      if (!has_name (widget))
        blame (widget, gtk_widget_get_name (widget));
      if (GTK_IS_BUTTON (widget) && has_odd_name (widget))
        blame (widget, "a name of several lines or with an underscore");
      /* The part that takes the focus. */
      if (GTK_IS_DROP_DOWN (widget) && !has_name (gtk_widget_get_first_child (widget)))
        blame (gtk_widget_get_first_child (widget), "a drop-down's button");
      return;
    }
  else if (NMD_IS_GREY_VIEW (widget) && !has_name (widget))
    blame (widget, "a picture");
  /* A row is read by its title. */
  if (ADW_IS_PREFERENCES_ROW (widget)
      && *adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)) == '\0')
    blame (widget, "a row without a title");
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look_at (child, has_numbers);
}

static void
check (const char *name, GtkWidget *widget, gboolean has_numbers)
{
  state = name;
  n_controls = n_plots = 0;
  look_at (widget, has_numbers);
  g_test_message ("%s: %u controls, %u plots", name, n_controls, n_plots);
  g_assert_cmpuint (n_controls, >, 0);
}

static void
check_page (const char *page, const char *name, gboolean has_numbers)
{
  nmd_window_show_page (screen.window, page);
  screen_pause (0.2);
  check (name, GTK_WIDGET (screen.window), has_numbers);
}

static void
test_welcome (void)
{
  screen_open (1280, 800);
  check ("welcome", GTK_WIDGET (screen.window), FALSE);
}

static void
test_scan (void)
{
  screen_open_scan ();
  check_page ("scan", "scan without an outline", FALSE);
  screen_outline_scan ();
  check_page ("scan", "scan with an outline", TRUE);

  NmdImageView *view = NMD_IMAGE_VIEW (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL));
  g_autofree char *said = get_property (GTK_WIDGET (view), GTK_ACCESSIBLE_PROPERTY_LABEL);
  g_assert_nonnull (strstr (said, "BB_left.png"));
  nmd_image_view_set_tool (view, NMD_TOOL_PROPOSAL);
  check_page ("scan", "scan with the tool Proposal", TRUE);
  nmd_image_view_set_tool (view, NMD_TOOL_PAN);
}

static void
test_pages (void)
{
  g_autofree char *demo = screen_write_cohort ("demo", 5);

  nmd_app_session_open (screen.session, demo);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_true (screen_wait (screen_has_mask, 20));
  check_page ("data", "data", TRUE);
  check_page ("train", "train before a training", FALSE);
  check_page ("results", "results without a run", FALSE);
  check_page ("explain", "explain without a model", FALSE);
  check_page ("experiments", "experiments without one", FALSE);
}

static void
test_trained (void)
{
  nmd_recipe_session_set (screen.recipe, "split", 3, NULL);
  nmd_recipe_session_set (screen.recipe, "epochs", 1, NULL);
  nmd_window_show_page (screen.window, "train");
  nmd_training_session_start (screen.training, "nmdassistnet", FALSE);
  screen_pause (0.2);
  check ("train while it runs", GTK_WIDGET (screen.window), FALSE);
  g_assert_true (screen_wait (screen_training_ended, 240));
  g_assert_true (screen_wait (screen_has_model, 20));
  screen_settle ();
  check_page ("train", "train after a training", TRUE);
  check_page ("results", "results of a run", TRUE);
  check_page ("explain", "explain with a model", TRUE);
  check_page ("data", "data with scores", TRUE);
}

/* The chart of scores is not read out as the ROC. */
static void
test_views (void)
{
  static const char *const starts[] = { "ROC, AUC", "Scores; ", "Score and echo " };
  GtkWidget *overview = NULL;

  nmd_window_show_page (screen.window, "results");
  screen_pause (0.2);
  overview = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_RESULTS_OVERVIEW, NULL);
  g_assert_nonnull (overview);
  GtkWidget *plot = screen_find (overview, NMD_TYPE_PLOT_AREA, NULL);
  GtkWidget *view = screen_find (overview, GTK_TYPE_DROP_DOWN, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      gtk_drop_down_set_selected (GTK_DROP_DOWN (view), i);
      g_autofree char *text = get_property (plot, GTK_ACCESSIBLE_PROPERTY_LABEL);
      g_test_message ("%s", text);
      g_assert_true (g_str_has_prefix (text, starts[i]));
    }
  gtk_drop_down_set_selected (GTK_DROP_DOWN (view), 0);
}

static gboolean
has_review (void)
{
  return screen_find (GTK_WIDGET (screen.window), NMD_TYPE_OUTLINE_REVIEW, NULL) != NULL;
}

/* As nmd train --task segment does. Returns: the run's folder. */
static char *
train_outlines (const char *data)
{
  char *folder = g_build_filename (screen.folder, "runs", "outlines", NULL);
  g_autoptr (NmdTrainSettings) settings = nmd_train_settings_new ();
  const char *const values[][2]
      = { { "size", "64" }, { "epochs", "1" }, { "batch", "8" }, { "split", "image" } };
  g_autoptr (GError) error = NULL;

  nmd_parameters_unref (settings->parameters);
  settings->parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_true (
        nmd_parameters_set_text (settings->parameters, values[i][0], values[i][1], NULL));
  settings->dataset_path = g_strdup (data);
  settings->folder = g_strdup (folder);
  settings->threads = 1;
  nmd_train_run (settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return folder;
}

/* The review of a run that finds outlines, and its proposal on a scan. */
static void
test_outlines (void)
{
  g_autofree char *data = screen_write_cohort ("outlined", 6);
  g_autofree char *run = train_outlines (data);

  nmd_runs_session_open (screen.runs, run);
  nmd_window_show_page (screen.window, "results");
  g_assert_true (screen_wait (has_review, 60));
  screen_settle ();
  check_page ("results", "results of outlines", TRUE);
  g_assert_cmpuint (n_plots, >=, 2);
  NmdImageView *view = NULL;
  nmd_window_show_page (screen.window, "scan");
  screen_pause (0.2);
  view = NMD_IMAGE_VIEW (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL));
  nmd_image_view_set_tool (view, NMD_TOOL_PROPOSAL);
  check_page ("scan", "scan with a proposal", TRUE);
  nmd_image_view_set_tool (view, NMD_TOOL_PAN);
}

static NmdTeachingSession *lesson;

static gboolean
is_revealed (void)
{
  return nmd_teaching_session_is_revealed (lesson);
}

/* Two scans, read and answered. */
static void
read_scans (NmdTeachingWindow *teaching)
{
  lesson = nmd_teaching_window_get_session (teaching);
  g_assert_true (nmd_teaching_session_start (lesson, 2, 1));
  screen_pause (0.3);
  check ("teaching a scan", GTK_WIDGET (teaching), FALSE);
  for (int i = 0; i < 2; i++)
    {
      nmd_teaching_session_guess (lesson, i, 1 + 2 * i);
      g_assert_true (screen_wait (is_revealed, 60));
      check ("teaching answers", GTK_WIDGET (teaching), FALSE);
      nmd_teaching_session_next (lesson);
      screen_pause (0.2);
    }
}

/* Windows of their own. */
static void
test_windows (void)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");
  nmd_preferences_present (GTK_WINDOW (screen.window), screen.devices, settings);
  screen_pause (0.3);
  GtkWindow *dialog = screen_find_dialog ();
  g_assert_nonnull (dialog);
  check ("preferences", GTK_WIDGET (dialog), FALSE);
  gtk_window_destroy (dialog);
  nmd_help_window_present (GTK_WINDOW (screen.window), "tour");
  screen_pause (0.3);
  dialog = screen_find_dialog ();
  g_assert_nonnull (dialog);
  check ("help", GTK_WIDGET (dialog), FALSE);
  gtk_window_destroy (dialog);
  NmdTeachingWindow *teaching
      = nmd_teaching_window_present (GTK_WINDOW (screen.window), screen.session);
  screen_pause (0.3);
  check ("teaching", GTK_WIDGET (teaching), FALSE);
  read_scans (teaching);
  check ("teaching at its end", GTK_WIDGET (teaching), FALSE);
  g_assert_cmpuint (n_plots, ==, 1);
  gtk_window_destroy (GTK_WINDOW (teaching));
}

/* All at once, so that one run shows what there is to do. */
static void
test_names (void)
{
  if (nameless->len > 0)
    g_test_message ("without a name:\n%s", nameless->str);
  g_assert_cmpuint (nameless->len, ==, 0);
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
  int status = 0;

  if (!screen_init (&argc, &argv))
    return 0;
  nameless = g_string_new (NULL);
  g_test_add_func ("/accessible/welcome", test_welcome);
  g_test_add_func ("/accessible/scan", test_scan);
  g_test_add_func ("/accessible/pages", test_pages);
  g_test_add_func ("/accessible/trained", test_trained);
  g_test_add_func ("/accessible/views", test_views);
  g_test_add_func ("/accessible/outlines", test_outlines);
  g_test_add_func ("/accessible/windows", test_windows);
  g_test_add_func ("/accessible/names", test_names);
  g_test_add_func ("/accessible/end", test_end);
  status = screen_end (g_test_run ());
  g_string_free (nameless, TRUE);
  return status;
}
