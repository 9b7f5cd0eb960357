/* SPDX-License-Identifier: Apache-2.0
 *
 * What was opened, set up or is being done stays what it is, whatever is opened, asked or clicked beside it.
 */
#include "tests/ui/made-run.h"
#include "tests/ui/screen.h"

#include "engine/core/nmd-file.h"
#include "engine/image/nmd-png-writer.h"
#include "ui/pages/nmd-recipe-panel.h"
#include "ui/session/nmd-visit-texts.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-parameter-rows.h"
#include "ui/widgets/nmd-sample-filter.h"
#include "ui/window/nmd-state.h"

#include <glib/gstdio.h>
#include <string.h>

static GSettings *settings;

static char *
place (const char *name)
{
  return g_build_filename (screen.folder, name, NULL);
}

static void
write_image (const char *name, int grey)
{
  g_autofree char *path = place (name);
  g_autoptr (NmdImage) image = nmd_image_new (160, 120);

  for (int i = 0; i < 160 * 120; i++)
    image->pixels[i] = (guint8)(grey + i * 7 % 60);
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
}

static void
write_mask (const char *name)
{
  g_autofree char *path = place (name);
  const NmdBox box = { 40, 30, 100, 90 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (160, 120, &box);

  g_assert_true (nmd_image_save_png (mask, path, 8, NULL, NULL));
}

static NmdVisitSession *
visit (void)
{
  return nmd_app_session_get_visit (screen.session);
}

static void
choose (guint i)
{
  g_autoptr (NmdVisitItem) item
      = g_list_model_get_item (nmd_visit_session_get_items (visit ()), i);

  nmd_visit_session_choose (visit (), item);
}

static void
open_image (const char *name, const char *mask)
{
  g_autofree char *path = place (name), *mask_path = mask != NULL ? place (mask) : NULL;

  screen_wanted = name;
  nmd_scan_session_open_image (screen.scan, path, mask_path);
  g_assert_true (screen_wait (screen_has_wanted, 20));
  screen_settle ();
}

/* A mask that lies elsewhere is its image's until another is opened. */
static void
test_mask (void)
{
  g_autofree char *mask = place ("elsewhere.png");

  write_image ("one_left.png", 40);
  write_image ("two_left.png", 60);
  write_mask ("elsewhere.png");
  screen_start ();
  open_image ("one_left.png", "elsewhere.png");
  open_image ("two_left.png", NULL);
  g_autofree char *before = nmd_visit_to_csv (visit ());
  screen_wanted = "one_left.png";
  choose (0);
  g_assert_true (screen_wait (screen_has_wanted, 20));
  screen_settle ();
  g_assert_true (screen_has_mask ());
  g_assert_cmpint (nmd_scan_session_get_scan (screen.scan)->source, ==, NMD_ROI_MASK);
  g_assert_cmpstr (nmd_scan_session_get_mask_path (screen.scan), ==, mask);
  g_autofree char *after = nmd_visit_to_csv (visit ());
  g_assert_cmpstr (before, ==, after);
  /* What is drawn goes before it, and stays too. */
  screen_outline_scan ();
  nmd_scan_session_set_mask (screen.scan, NULL);
  open_image ("two_left.png", NULL);
  open_image ("one_left.png", NULL);
  g_assert_true (screen_has_no_mask ());
  nmd_scan_session_undo (screen.scan);
  nmd_scan_session_undo (screen.scan);
  g_assert_true (screen_has_mask ());
  /* One that is gone is told, and does not keep the image from being opened. */
  open_image ("two_left.png", NULL);
  g_assert_cmpint (g_remove (mask), ==, 0);
  screen.n_problems = 0;
  choose (0);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_nonnull (strstr (screen.last_problem, "elsewhere.png"));
  open_image ("one_left.png", NULL);
  g_assert_true (screen_has_no_mask ());
  g_assert_cmpuint (screen.n_problems, ==, 1);
  screen_close ();
}

static gboolean
has_runs (void)
{
  return g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)) > 0;
}

static gboolean
is_offered (void)
{
  return screen_shows (GTK_WIDGET (screen.window), "The last training was cut short");
}

/* A training that another window may have under way is not offered in a second one, and not forgotten by it. */
static void
test_second_window (void)
{
  g_autofree char *folder = place ("runs/open"), *demo = place ("demo");

  made_run_write (folder, "0011", 1, 1, FALSE);
  g_settings_set_string (settings, "open-training", "open");
  screen_open (1024, 700);
  nmd_window_show_page (screen.window, "results");
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (is_offered, 20));

  Screen first = screen;
  screen_open (1024, 700);
  nmd_window_show_page (screen.window, "results");
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (has_runs, 20));
  screen_pause (0.3);
  g_assert_false (is_offered ());
  /* A training of its own, which ends while the other goes on. */
  nmd_data_session_open (screen.data, demo, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_training_session_start (screen.training, "nmdassistnet", TRUE);
  g_settings_set_string (settings, "open-training", "open");
  nmd_training_session_stop (screen.training);
  g_assert_true (screen_wait (screen_training_ended, 120));
  screen_settle ();
  g_autofree char *noted = g_settings_get_string (settings, "open-training");
  g_assert_cmpstr (noted, ==, "open");
  screen_close ();
  first.last_problem = screen.last_problem;
  first.last_message = screen.last_message;
  screen = first;
  g_settings_reset (settings, "open-training");
  screen_close ();
}

/* Nor is the folder taken away that another writes in. */
static void
test_trash (void)
{
  g_autofree char *folder = place ("runs/open");
  g_autoptr (GError) error = NULL;

  screen_start ();
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (has_runs, 20));
  g_autoptr (NmdRunItem) item
      = g_list_model_get_item (nmd_runs_session_get_runs (screen.runs), 0);
  g_assert_cmpstr (item->folder, ==, folder);
  NmdLock *lock = nmd_lock_take (folder, &error);
  g_assert_no_error (error);
  nmd_runs_session_trash (screen.runs, item);
  screen_settle ();
  g_assert_cmpuint (screen.n_problems, ==, 1);
  g_assert_nonnull (strstr (screen.last_problem, folder));
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  g_assert_true (has_runs ());
  nmd_lock_release (lock);
  nmd_runs_session_trash (screen.runs, item);
  screen_settle ();
  g_assert_false (has_runs ());
  screen_close ();
}

/* Names of files need not be text. */
static void
test_noted_name (void)
{
  g_settings_set_boolean (settings, "remember-opened", TRUE);
  nmd_state_note_opened (settings, "/elsewhere/bie\xe8ps.png");
  g_auto (GStrv) none = g_settings_get_strv (settings, "opened");
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  nmd_state_note_opened (settings, "/elsewhere/biceps.png");
  g_auto (GStrv) one = g_settings_get_strv (settings, "opened");
  g_assert_cmpuint (g_strv_length (one), ==, 1);
  g_settings_set_boolean (settings, "remember-opened", FALSE);
}

/* An answer is about the image that was asked about. */

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

static GtkWidget *
child_of (gpointer widget, const char *name)
{
  return GTK_WIDGET (
      gtk_widget_get_template_child (widget, G_OBJECT_TYPE (widget), name));
}

static void
test_answer (void)
{
  const NmdBox box = { 20, 20, 60, 60 };
  g_autoptr (NmdImage) drawn = nmd_mask_new_box (160, 120, &box);

  write_mask ("elsewhere.png");
  screen_open (1024, 700);
  open_image ("one_left.png", "elsewhere.png");
  nmd_window_show_page (screen.window, "scan");
  screen_pause (0.3);
  g_signal_emit_by_name (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL),
      "outline-drawn", drawn);
  g_assert_true (screen_wait (has_dialog, 20));
  GtkWindow *dialog = screen_find_dialog ();
  open_image ("two_left.png", NULL);
  screen.n_problems = 0;
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "accept");
  gtk_window_destroy (dialog);
  g_assert_null (nmd_scan_session_get_marks (screen.scan));
  g_assert_true (screen_has_no_mask ());
  g_assert_cmpuint (screen.n_problems, ==, 1);
  screen_close ();
}

/* A page that was asked for */

static gboolean
is_planned (void)
{
  return nmd_experiment_session_get_results (
             nmd_app_session_get_experiments (screen.session))
         != NULL;
}

static const char *
seen (const char *stack)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (child_of (screen.window, stack)));
}

static gboolean
is_welcome_gone (void)
{
  return g_str_equal (seen ("root"), "pages");
}

static void
test_experiment (void)
{
  const char *const networks[] = { "nmdassistnet", NULL };
  const gint64 seeds[] = { 1 };
  const NmdExperimentWish wish = { .kind = NMD_EXPERIMENT_CROSSVAL,
                                   .networks = networks,
                                   .seeds = seeds,
                                   .n_seeds = 1,
                                   .folds = 3,
                                   .epochs = 1 };
  g_autofree char *demo = place ("demo");

  screen_start ();
  nmd_data_session_open (screen.data, demo, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  NmdExperimentSession *session = nmd_app_session_get_experiments (screen.session);
  nmd_experiment_session_plan (session, &wish);
  g_assert_true (screen_wait (is_planned, 60));
  g_autofree char *folder = g_strdup (nmd_experiment_session_get_folder (session));
  screen_close ();

  screen_open (1024, 700);
  g_assert_cmpstr (seen ("root"), ==, "welcome");
  nmd_app_session_open (screen.session, folder);
  g_assert_true (screen_wait (is_welcome_gone, 20));
  g_assert_cmpstr (seen ("title_stack"), ==, "switcher");
  screen_close ();

  screen_open (1024, 700);
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.page", "s", "train");
  g_assert_cmpstr (seen ("title_stack"), ==, "switcher");
  nmd_data_session_open (screen.data, "/nowhere", NULL);
  g_assert_true (screen_wait (screen_has_problem, 20));
  screen_settle ();
  g_assert_cmpstr (seen ("root"), ==, "pages");
  screen_close ();
}

/* The key that trains */

static void
press_train (void)
{
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.train", NULL);
}

static void
test_train_key (void)
{
  g_autofree char *demo = place ("demo");

  screen_open (1024, 700);
  nmd_data_session_open (screen.data, demo, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.3);
  /* No split, no training. */
  nmd_recipe_session_set (screen.recipe, "split", 2, NULL);
  nmd_recipe_session_set (screen.recipe, "folds", 20, NULL);
  g_assert_nonnull (nmd_recipe_session_get_split_error (screen.recipe));
  press_train ();
  g_assert_null (nmd_training_session_get_training (screen.training));
  nmd_recipe_session_reset (screen.recipe);
  g_assert_null (nmd_recipe_session_get_split_error (screen.recipe));
  /* What is being typed counts. */
  GtkWidget *panel
      = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_RECIPE_PANEL, NULL);
  screen_unfold (panel);
  screen_pause (0.5);
  GtkWidget *entry = screen_find (panel, GTK_TYPE_ENTRY, NULL);
  g_assert_nonnull (entry);
  g_autoptr (NmdParameters) before
      = nmd_parameters_copy (nmd_recipe_session_get_parameters (screen.recipe));
  g_assert_true (gtk_widget_grab_focus (entry));
  gtk_editable_set_text (GTK_EDITABLE (entry), "0.015625");
  press_train ();
  g_assert_true (nmd_training_session_is_running (screen.training));
  g_autofree char *was = nmd_parameters_describe_changes (before);
  g_autofree char *now = nmd_parameters_describe_changes (
      nmd_training_get_parameters (nmd_training_session_get_training (screen.training)));
  g_assert_null (strstr (was, "0.015625"));
  g_assert_nonnull (strstr (now, "0.015625"));
  /* While it runs another is set up, and stays in sight. */
  nmd_recipe_session_show_next (screen.recipe, TRUE);
  press_train ();
  g_assert_true (nmd_recipe_session_is_next_shown (screen.recipe));
  nmd_training_session_stop (screen.training);
  g_assert_true (screen_wait (screen_training_ended, 120));
  screen_close ();
}

/* A data set that comes back */

static NmdSampleFilter *filter;

static gboolean
is_filtered (void)
{
  return nmd_sample_filter_is_active (filter);
}

/* A folder per class, which says nothing of an organ. Returns: its path. */
static char *
write_classes (void)
{
  for (int i = 0; i < 24; i++)
    {
      g_autofree char *name = g_strdup_printf (
          "plain/%s/%02d.png", i % 2 == 0 ? "healthy" : "pathological", i);
      g_autofree char *path = place (name), *folder = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
      write_image (name, 20 + 7 * i);
    }
  return place ("plain");
}

static void
test_comes_back (void)
{
  g_autofree char *plain = write_classes ();

  screen_open (1024, 700);
  nmd_data_session_open (screen.data, plain, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  screen_settle ();
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  NmdSample *sample = nmd_dataset_get (dataset, 7);
  g_autoptr (NmdSampleFacts) facts
      = nmd_sample_facts_new (screen.data, screen.recipe, screen.runs);
  filter = nmd_sample_filter_new (screen.data, facts, screen.recipe);
  const NmdFacet *facet = g_ptr_array_index (nmd_sample_filter_get_facets (filter), 0);
  nmd_sample_filter_choose (filter, g_ptr_array_index (facet->values, 0), TRUE);
  nmd_recipe_session_state_organ (screen.recipe, "muscle");
  nmd_scan_session_set_sample (screen.scan, sample);
  screen_settle ();
  g_assert_true (is_filtered ());
  screen.n_problems = 0;
  nmd_data_session_open (screen.data, "/nowhere", NULL);
  g_assert_true (screen_wait (screen_has_problem, 20));
  screen_settle ();
  g_assert_true (nmd_data_session_get_dataset (screen.data) == dataset);
  g_assert_true (nmd_scan_session_get_sample (screen.scan) == sample);
  g_assert_cmpstr (nmd_recipe_session_get_organ (screen.recipe), ==, "muscle");
  g_assert_true (screen_wait (is_filtered, 20));
  /* Another one, also the same read anew, starts afresh. */
  nmd_data_session_open (screen.data, plain, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  screen_settle ();
  g_assert_null (nmd_recipe_session_get_organ (screen.recipe));
  g_assert_false (is_filtered ());
  g_clear_object (&filter);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  settings = g_settings_new ("org.nmdassist.NmdAssist");
  g_free (screen_write_cohort ("demo", 12));
  g_test_add_func ("/kept/mask", test_mask);
  g_test_add_func ("/kept/second-window", test_second_window);
  g_test_add_func ("/kept/trash", test_trash);
  g_test_add_func ("/kept/noted-name", test_noted_name);
  g_test_add_func ("/kept/answer", test_answer);
  g_test_add_func ("/kept/experiment", test_experiment);
  g_test_add_func ("/kept/train-key", test_train_key);
  g_test_add_func ("/kept/comes-back", test_comes_back);
  int status = screen_end (g_test_run ());
  g_object_unref (settings);
  return status;
}
