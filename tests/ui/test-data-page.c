/* SPDX-License-Identifier: Apache-2.0
 *
 * The page Data by real key and pointer events: filters by what images are, measure and are said to be; orders; grid
 * and table; selections. Needs xdotool; without it the test is skipped.
 */
#include "engine/core/nmd-csv.h"
#include "tests/ui/hand.h"
#include "ui/pages/nmd-data-page.h"
#include "ui/pages/nmd-sample-browser.h"
#include "ui/widgets/nmd-range-row.h"

#include <math.h>
#include <string.h>

#define SUBJECTS 6
#define IMAGES (SUBJECTS * 9)

/* Finding and pointing */

static GtkWidget *
window (void)
{
  return GTK_WIDGET (screen.window);
}

static NmdSampleBrowser *
browser (void)
{
  return NMD_SAMPLE_BROWSER (screen_find (window (), NMD_TYPE_SAMPLE_BROWSER, NULL));
}

static GListModel *
list (void)
{
  return nmd_sample_browser_get_model (browser ());
}

static guint
shown (void)
{
  return g_list_model_get_n_items (list ());
}

/* @held: a key to hold meanwhile. */
static void
click_with (GtkWidget *widget, const char *held)
{
  g_autofree char *down = g_strdup_printf ("keydown %s", held),
                  *up = g_strdup_printf ("keyup %s", held);

  g_assert_true (screen_xdotool (down));
  hand_press (widget);
  g_assert_true (screen_xdotool (up));
}

/* Conditions */

static guint wanted;

static gboolean
shows_wanted (void)
{
  return shown () == wanted;
}

static gboolean (*passes) (NmdSample *sample);

/* As many are shown as pass, and only those. */
static void
assert_passing (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);

  wanted = 0;
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    wanted += passes (nmd_dataset_get (dataset, i));
  g_test_message ("%u pass", wanted);
  g_assert_true (screen_wait (shows_wanted, 10));
  for (guint i = 0; i < shown (); i++)
    {
      g_autoptr (NmdSample) sample = g_list_model_get_item (list (), i);
      g_assert_true (passes (sample));
    }
}

/* The facet's value of that title, as its check button has it. */
static GtkWidget *
check_of (const char *heading, const char *title)
{
  GtkWidget *widget = screen_find_label (window (), heading);

  while (widget != NULL && (widget = gtk_widget_get_next_sibling (widget)) != NULL)
    {
      const NmdFacetValue *value = g_object_get_data (G_OBJECT (widget), "value");
      if (value != NULL && g_str_equal (value->title, title))
        return widget;
    }
  g_error ("No %s under %s", title, heading);
}

static guint
count_of (const char *heading, const char *title)
{
  return ((const NmdFacetValue *)g_object_get_data (G_OBJECT (check_of (heading, title)),
                                                    "value"))
      ->n;
}

/* The slider called @name, of the range called @heading. */
static GtkWidget *
slider_of (const char *heading, gboolean upper)
{
  GtkWidget *row = gtk_widget_get_next_sibling (screen_find_label (window (), heading));

  g_assert_true (NMD_IS_RANGE_ROW (row));
  return upper ? gtk_widget_get_last_child (row)
               : gtk_widget_get_prev_sibling (gtk_widget_get_last_child (row));
}

/* Filters */

static gboolean
has_current (void)
{
  return screen_has_dataset () && screen_has_scan () && browser () != NULL
         && nmd_sample_browser_get_current (browser ()) != NULL;
}

static void
test_open (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "cohort", NULL);

  hand_nmd ("demo cohort --subjects 6");
  screen_open (1280, 800);
  screen_xdotool ("mousemove 5 5");
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (has_current, 60));
  screen_pause (0.3);
  g_assert_cmpuint (shown (), ==, IMAGES);
}

static double echo_from;

static gboolean
is_bright (NmdSample *sample)
{
  return sample->echo.mean >= echo_from;
}

static gboolean
is_bright_healthy (NmdSample *sample)
{
  return is_bright (sample) && sample->label == 0;
}

/* The slider is moved by keys, a value is ticked by the pointer; counts are of what passes all else. */
static void
test_echo (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  const char *healthy = nmd_dataset_get_class (dataset, 0);
  GtkWidget *slider = slider_of ("Echo intensity", FALSE);
  const double before = gtk_range_get_value (GTK_RANGE (slider));

  gtk_widget_grab_focus (slider);
  hand_key ("Page_Up Page_Up Page_Up Right Right");
  echo_from = gtk_range_get_value (GTK_RANGE (slider));
  g_assert_cmpfloat (echo_from, ==, before + 32);
  passes = is_bright;
  assert_passing ();
  g_assert_cmpuint (wanted, >, 0);
  g_assert_cmpuint (wanted, <, IMAGES);
  g_assert_cmpuint (count_of ("Label", healthy)
                        + count_of ("Label", nmd_dataset_get_class (dataset, 1)),
                    ==, wanted);
  const guint n = count_of ("Label", healthy);

  hand_press (check_of ("Label", healthy));
  passes = is_bright_healthy;
  assert_passing ();
  g_assert_cmpuint (wanted, ==, n);
  g_assert_true (screen_shows_part (window (), "of 54 images"));
}

/* Both ends meet where one is pushed; what is shown follows back. */
static void
test_ends (void)
{
  GtkWidget *low = slider_of ("Echo intensity", FALSE);
  GtkWidget *high = slider_of ("Echo intensity", TRUE);

  gtk_widget_grab_focus (low);
  hand_key ("End");
  g_assert_cmpfloat (gtk_range_get_value (GTK_RANGE (low)), ==,
                     gtk_range_get_value (GTK_RANGE (high)));
  gtk_widget_grab_focus (high);
  hand_key ("Home");
  wanted = 0;
  g_assert_true (screen_wait (shows_wanted, 10));
  hand_press (screen_find (window (), GTK_TYPE_BUTTON, "_Clear Filters"));
  wanted = IMAGES;
  g_assert_true (screen_wait (shows_wanted, 10));
  g_assert_cmpfloat (
      gtk_range_get_value (GTK_RANGE (slider_of ("Echo intensity", FALSE))), <,
      gtk_range_get_value (GTK_RANGE (slider_of ("Echo intensity", TRUE))));
}

static gboolean
has_scores (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);

  return !isnan (nmd_runs_session_get_score (screen.runs, nmd_dataset_get (dataset, 0)))
         && screen_find_label (window (), "Predicted") != NULL;
}

/* Scores by the place, so that images are right and wrong. */
static double
score_at (guint place)
{
  return 0.01 + (place * 7 % 11) / 11.0;
}

static void
open_run (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  g_autofree char *folder = g_build_filename (screen.folder, "run", NULL);
  g_autofree char *path = g_build_filename (folder, "predictions.csv", NULL);
  g_autoptr (GString) text
      = g_string_new ("image,subject,muscle,part,label,score,echo_intensity\n");

  hand_nmd (
      "train cohort --out run --epochs 1 --batch 8 --split image --threads 1 --no-cache");
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);
      char score[32];

      g_string_append_printf (
          text, "%s,%s,%s,test,%d,%s,\n", sample->id, sample->subject, sample->muscle,
          sample->label, g_ascii_formatd (score, sizeof score, "%.6f", score_at (i)));
    }
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  nmd_runs_session_open (screen.runs, folder);
  nmd_window_show_page (screen.window, "data");
  g_assert_true (screen_wait (has_scores, 30));
  screen_pause (0.2);
}

static double threshold;

static gboolean
is_said_positive (NmdSample *sample)
{
  return nmd_runs_session_get_score (screen.runs, sample) >= threshold;
}

static double score_to;

static gboolean
is_positive_below (NmdSample *sample)
{
  return is_said_positive (sample)
         && nmd_runs_session_get_score (screen.runs, sample) <= score_to;
}

/* The class that the run says, and its score. */
static void
test_scores (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  const char *word = nmd_dataset_get_class (dataset, 1);

  open_run ();
  threshold = nmd_runs_session_get_threshold (screen.runs);
  hand_press (check_of ("Predicted", word));
  passes = is_said_positive;
  assert_passing ();
  GtkWidget *slider = slider_of ("Score", TRUE);
  gtk_widget_grab_focus (slider);
  hand_key ("Page_Down Left");
  score_to = gtk_range_get_value (GTK_RANGE (slider));
  g_assert_cmpfloat_with_epsilon (score_to, 0.89, 1e-9);
  passes = is_positive_below;
  assert_passing ();
  hand_key ("End");
  hand_press (check_of ("Predicted", word));
  wanted = IMAGES;
  g_assert_true (screen_wait (shows_wanted, 10));
}

/* Orders */

static double (*value) (NmdSample *sample);

static double
wrong_of (NmdSample *sample)
{
  return fabs (sample->label - nmd_runs_session_get_score (screen.runs, sample));
}

static double
echo_of (NmdSample *sample)
{
  return sample->echo.mean;
}

static int order_sign;

static gboolean
is_ordered (void)
{
  double last = -INFINITY;

  for (guint i = 0; i < shown (); i++)
    {
      g_autoptr (NmdSample) sample = g_list_model_get_item (list (), i);
      if (!(order_sign * value (sample) >= last))
        return FALSE;
      last = order_sign * value (sample);
    }
  return TRUE;
}

/* By "value". @sign: 1 smallest first. */
static void
assert_order (int sign)
{
  order_sign = sign;
  g_assert_true (screen_wait (is_ordered, 20));
}

static GtkWidget *
order_button (void)
{
  return screen_find (GTK_WIDGET (browser ()), GTK_TYPE_DROP_DOWN, NULL);
}

static const char *
order (void)
{
  return gtk_string_object_get_string (
      gtk_drop_down_get_selected_item (GTK_DROP_DOWN (order_button ())));
}

/* The list of orders by keys; the chosen image stays chosen. */
static void
test_most_wrong (void)
{
  NmdSample *current = nmd_sample_browser_get_current (browser ());
  guint place = 0;

  g_assert_cmpstr (order (), ==, "Name");
  hand_press (order_button ());
  while (!g_str_equal (
      gtk_string_list_get_string (
          GTK_STRING_LIST (gtk_drop_down_get_model (GTK_DROP_DOWN (order_button ()))),
          place),
      "Most wrong first"))
    place++;
  for (guint i = 0; i < place; i++)
    hand_key ("Down");
  hand_key ("Return");
  g_assert_cmpstr (order (), ==, "Most wrong first");
  value = wrong_of;
  assert_order (-1);
  g_assert_true (nmd_sample_browser_get_current (browser ()) == current);
  g_assert_true (nmd_scan_session_get_sample (screen.scan) == current);
}

static GtkWidget *
table (void)
{
  return screen_find (window (), GTK_TYPE_COLUMN_VIEW, NULL);
}

static gboolean
has_table (void)
{
  return table () != NULL;
}

static gboolean
has_grid (void)
{
  return table () == NULL;
}

/* The button of the table, a click on a header, and one more; the choice is remembered. */
static void
test_table (void)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");
  NmdSample *current = nmd_sample_browser_get_current (browser ());
  GtkWidget *last = order_button ();

  g_assert_null (table ());
  while (gtk_widget_get_next_sibling (last) != NULL)
    last = gtk_widget_get_next_sibling (last);
  GtkWidget *button = last;
  while (!GTK_IS_TOGGLE_BUTTON (button))
    button = gtk_widget_get_prev_sibling (button);
  GtkWidget *thumbnails = gtk_widget_get_prev_sibling (button);
  hand_press (button);
  g_assert_true (screen_wait (has_table, 20));
  g_assert_null (screen_find (window (), GTK_TYPE_GRID_VIEW, NULL));
  g_assert_true (g_settings_get_boolean (settings, "data-as-table"));
  g_assert_true (nmd_sample_browser_get_current (browser ()) == current);
  hand_press (screen_find_label (table (), "Echo"));
  value = echo_of;
  assert_order (1);
  g_assert_cmpstr (order (), ==, "Echo intensity");
  screen_pause (0.6); /* two clicks are no double click */
  hand_press (screen_find_label (table (), "Echo"));
  assert_order (-1);
  screen_assert_fits (1024, 700);
  hand_press (thumbnails);
  g_assert_true (screen_wait (has_grid, 20));
  assert_order (-1);
  g_assert_false (g_settings_get_boolean (settings, "data-as-table"));
}

static double
age_of (NmdSample *sample)
{
  return g_ascii_strtoull (g_hash_table_lookup (sample->attributes, "age"), NULL, 10);
}

/* By a column of the data set, also when parts change, which are looked at anew. */
static void
test_column (void)
{
  GListModel *orders = gtk_drop_down_get_model (GTK_DROP_DOWN (order_button ()));
  guint place = 0;

  while (
      !g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (orders), place), "Age"))
    place++;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (order_button ()), place);
  screen_pause (0.2);
  value = age_of;
  const int sign = gtk_toggle_button_get_active (
                       GTK_TOGGLE_BUTTON (gtk_widget_get_next_sibling (order_button ())))
                       ? -1
                       : 1;
  assert_order (sign);
  g_signal_emit_by_name (screen.recipe, "parts-changed");
  assert_order (sign);
}

/* Selections */

static GtkWidget *
thumbnail (guint n)
{
  GtkWidget *child
      = gtk_widget_get_first_child (screen_find (window (), GTK_TYPE_GRID_VIEW, NULL));

  while (n-- > 0)
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static guint
selected (void)
{
  g_autoptr (GtkBitset) set
      = gtk_selection_model_get_selection (nmd_sample_browser_get_selection (browser ()));

  return (guint)gtk_bitset_get_size (set);
}

static guint n_selected;

static gboolean
are_selected (void)
{
  return selected () == n_selected;
}

static void
assert_selected (guint n)
{
  n_selected = n;
  g_assert_true (screen_wait (are_selected, 20));
}

static void
test_selection (void)
{
  gtk_drop_down_set_selected (GTK_DROP_DOWN (order_button ()), 0);
  screen_pause (0.2);
  nmd_sample_browser_step (browser (), G_MININT, FALSE); /* shows the first */
  screen_pause (0.2);
  hand_press (thumbnail (0));
  assert_selected (1);
  click_with (thumbnail (2), "ctrl");
  assert_selected (2);
  /* the one added is looked at */
  g_autoptr (NmdSample) third = g_list_model_get_item (list (), 2);
  g_assert_true (nmd_sample_browser_get_current (browser ()) == third);
  g_assert_true (screen_shows_part (window (), " · 2 selected"));
  hand_press (thumbnail (0));
  click_with (thumbnail (3), "shift");
  assert_selected (4);
  hand_key ("ctrl+a");
  assert_selected (IMAGES);
  g_assert_true (screen_shows_part (window (), " · 54 selected"));
  hand_key ("Right");
  assert_selected (1);
  hand_key ("shift+Right shift+Right");
  assert_selected (3);
}

/* Handing on */

/* The @n-th item of the list's menu. */
static void
choose_item (guint n)
{
  hand_choose (screen_find (GTK_WIDGET (browser ()), GTK_TYPE_MENU_BUTTON, NULL), n);
}

static gboolean
has_entry (void)
{
  GtkWindow *dialog = screen_find_dialog ();

  return dialog != NULL && GTK_IS_TEXT (gtk_window_get_focus (dialog));
}

static gboolean
has_no_dialog (void)
{
  return screen_find_dialog () == NULL;
}

static char *exported; /* path */

static gboolean
is_exported (void)
{
  return g_file_test (exported, G_FILE_TEST_EXISTS);
}

/* The three that are selected, in the order shown, by the file dialog. Escape there writes nothing. */
static void
test_export (void)
{
  g_autoptr (NmdCsv) table = NULL;
  g_autoptr (GError) error = NULL;

  exported = g_build_filename (screen.folder, "list.csv", NULL);
  g_autofree char *text = g_strdup_printf ("type --delay 8 %s", exported);
  choose_item (1);
  g_assert_true (screen_wait (has_entry, 20));
  hand_key ("Escape");
  g_assert_true (screen_wait (has_no_dialog, 20));
  g_assert_false (is_exported ());
  choose_item (1);
  g_assert_true (screen_wait (has_entry, 20));
  hand_key ("ctrl+a");
  g_assert_true (screen_xdotool (text));
  hand_key ("Return");
  g_assert_true (screen_wait (is_exported, 20));
  g_assert_true (screen_wait (has_no_dialog, 20));
  table = nmd_csv_load (exported, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_csv_get_n_rows (table), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GtkBitset) set = gtk_selection_model_get_selection (
          nmd_sample_browser_get_selection (browser ()));
      g_autoptr (NmdSample) sample
          = g_list_model_get_item (list (), gtk_bitset_get_nth (set, i));
      double echo = 0, score = 0;

      g_assert_cmpstr (nmd_csv_get (table, i, 0), ==, sample->id);
      g_assert_cmpstr (nmd_csv_get (table, i, 1), ==, sample->subject);
      g_assert_cmpstr (nmd_csv_get (table, i, 3), ==, sample->label_word);
      g_assert_true (nmd_csv_parse_number (
          nmd_csv_get (table, i, (guint)nmd_csv_find (table, "echo_intensity")), &echo));
      g_assert_cmpfloat (echo, ==, sample->echo.mean);
      g_assert_true (nmd_csv_parse_number (
          nmd_csv_get (table, i, (guint)nmd_csv_find (table, "score")), &score));
      g_assert_cmpfloat (score, ==, nmd_runs_session_get_score (screen.runs, sample));
    }
  g_free (exported);
}

static void
test_close (void)
{
  g_assert_cmpuint (screen.n_problems, ==, 0);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  if (!screen_xdotool ("mousemove 5 5"))
    {
      g_print ("1..0 # SKIP xdotool is not here\n");
      return screen_end (0);
    }
  g_test_add_func ("/data/open", test_open);
  g_test_add_func ("/data/echo", test_echo);
  g_test_add_func ("/data/ends", test_ends);
  g_test_add_func ("/data/scores", test_scores);
  g_test_add_func ("/data/most-wrong", test_most_wrong);
  g_test_add_func ("/data/table", test_table);
  g_test_add_func ("/data/column", test_column);
  g_test_add_func ("/data/selection", test_selection);
  g_test_add_func ("/data/export", test_export);
  g_test_add_func ("/data/close", test_close);
  return screen_end (g_test_run ());
}
