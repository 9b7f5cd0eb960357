/* SPDX-License-Identifier: Apache-2.0
 *
 * Saving and copying by real clicks and keys what runs leave behind: figures of outline runs, and the tables of
 * predictions, outlines and epochs. On runs that were not trained.
 */
#include "tests/ui/hand.h"
#include "tests/ui/made-run.h"

#include "ui/dialogs/nmd-export-menu.h"
#include "ui/pages/nmd-outline-review.h"
#include "ui/pages/nmd-predictions.h"
#include "ui/pages/nmd-results-page.h"
#include "ui/pages/nmd-train-charts.h"
#include "ui/widgets/nmd-plot-area.h"

#include <string.h>

static GtkWidget *page;

static gboolean
has_runs (void)
{
  return g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)) == 2;
}

static gboolean
shows_run (void)
{
  page = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_RESULTS_PAGE, NULL);
  return page != NULL
         && (screen_shows (page, "Images, most wrong first (80)")
             || screen_shows (page, "Images, worst outline first (6)"));
}

static gboolean
is_saved (void)
{
  return screen.last_message != NULL && g_str_has_prefix (screen.last_message, "Saved ");
}

static gboolean
is_copied (void)
{
  return screen.last_message != NULL && strstr (screen.last_message, " copied") != NULL;
}

static gboolean
has_dialog (void)
{
  GtkWindow *dialog = screen_find_dialog ();

  return dialog != NULL && gtk_widget_get_mapped (GTK_WIDGET (dialog));
}

static gboolean
has_no_dialog (void)
{
  return !has_dialog ();
}

/* The first widget of @type that is shown, @n others passed over. */
static GtkWidget *
find_nth (GtkWidget *widget, GType type, int *n)
{
  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (widget), type) && (*n)-- == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_nth (child, type, n);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
find_in (GType owner, GType type, int n)
{
  GtkWidget *widget = screen_find (GTK_WIDGET (screen.window), owner, NULL);

  g_assert_nonnull (widget);
  widget = find_nth (widget, type, &n);
  g_assert_nonnull (widget);
  return widget;
}

static const char *wanted; /* item of the menu */

static gboolean
shows_item (void)
{
  GtkWidget *label = screen_find_label (GTK_WIDGET (screen.window), wanted);

  return label != NULL && gtk_widget_get_width (label) > 0;
}

/* The menu under the pointer or, @by_key, the focus. */
static void
choose (GtkWidget *widget, gboolean by_key, const char *item)
{
  g_clear_pointer (&screen.last_message, g_free);
  wanted = item;
  /* On a busy machine a click or key that comes while a page or a notice slides in may go astray. */
  for (int i = 0; i < 3 && !shows_item (); i++)
    {
      if (by_key)
        {
          gtk_widget_child_focus (widget, GTK_DIR_TAB_FORWARD);
          hand_key ("shift+F10");
        }
      else
        hand_click (widget, 40, gtk_widget_get_height (widget) / 2.0, 3);
      if (!screen_wait (shows_item, 7))
        g_test_message ("no menu with “%s” by %s", item, by_key ? "key" : "pointer");
    }
  g_assert_true (shows_item ());
  screen_pause (0.3);
  hand_press_text (item);
}

/* Through the dialog: its contents. */
static char *
save (GtkWidget *widget, gboolean by_key, const char *item, const char *name)
{
  g_autofree char *path = g_build_filename (screen.folder, name, NULL);
  char *contents = NULL;

  choose (widget, by_key, item);
  g_assert_true (screen_wait (has_dialog, 20));
  screen_pause (0.5);
  hand_key ("ctrl+a");
  hand_type (path);
  hand_key ("Return");
  g_assert_true (screen_wait (has_no_dialog, 20));
  g_assert_true (screen_wait (is_saved, 20));
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  return contents;
}

/* What stands on the clipboard. */
static char *clipped;

static gboolean
has_clipped (void)
{
  return clipped != NULL;
}

static void
on_text (GObject *source, GAsyncResult *result, gpointer data)
{
  clipped = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static void
open_run (const char *name)
{
  g_autofree char *folder = g_build_filename (screen.folder, "runs", name, NULL);

  nmd_runs_session_open (screen.runs, folder);
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.page", "s", "results");
  g_assert_true (screen_wait (shows_run, 20));
  screen_pause (0.6);
}

static void
test_outlines (void)
{
  g_autofree char *scores = g_build_filename (screen.folder, "runs", "scores", NULL);
  g_autofree char *outlines = g_build_filename (screen.folder, "runs", "outlines", NULL);

  made_run_write (scores, "aa", 10, 0.6, TRUE);
  made_run_write_outlines (outlines, "bb");
  screen_open (1280, 800);
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (has_runs, 20));
  open_run ("outlines");
  GtkWidget *dice = find_in (NMD_TYPE_OUTLINE_REVIEW, NMD_TYPE_PLOT_AREA, 0);
  GtkWidget *echo = find_in (NMD_TYPE_OUTLINE_REVIEW, NMD_TYPE_PLOT_AREA, 1);
  g_autofree char *svg = save (dice, FALSE, "Save Figure…", "dice.svg");
  g_assert_nonnull (strstr (svg, "<svg"));
  g_autofree char *pdf = save (echo, TRUE, "Save Figure…", "echo.pdf");
  g_assert_true (g_str_has_prefix (pdf, "%PDF"));
  g_autofree char *png = save (echo, FALSE, "Save Figure…", "echo.png");
  g_assert_true (g_str_has_prefix (png, "\211PNG"));
  choose (dice, TRUE, "Copy Figure");
  g_assert_true (screen_wait (is_copied, 20));

  GtkWidget *table = find_in (NMD_TYPE_OUTLINE_REVIEW, GTK_TYPE_COLUMN_VIEW, 0);
  g_autofree char *csv = save (table, FALSE, "Save Table…", "outlines.csv");
  g_assert_true (g_str_has_prefix (csv, "image,subject,part,dice,"));
  g_assert_nonnull (strstr (csv, "\ns0-0.png,s0,test,0.5,")); /* the worst first */
  g_autofree char *tex = save (table, TRUE, "Save Table…", "outlines.tex");
  g_assert_nonnull (strstr (tex, "Image & Dice & HD95 & Echo &  \\\\\n\\midrule\n"
                                 "s0-0.png & 0.500 & 12.0 & $-$2.0 & "));
}

static void
test_predictions (void)
{
  open_run ("scores");
  GtkWidget *table = find_in (NMD_TYPE_PREDICTIONS, GTK_TYPE_COLUMN_VIEW, 0);
  g_autofree char *csv = save (table, FALSE, "Save Table…", "predictions.csv");
  g_auto (GStrv) lines = g_strsplit (csv, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + 80 + 1);
  g_assert_cmpstr (g_strstrip (lines[0]), ==, "image,subject,label,score");
  g_autofree char *tex = save (table, TRUE, "Save Table…", "predictions.tex");
  g_assert_true (g_str_has_prefix (tex, "\\begin{tabular}{lrr}\n\\toprule\n"
                                        "Image & Label & Score \\\\\n\\midrule\n"));
  choose (table, FALSE, "Copy Table");
  g_assert_true (screen_wait (is_copied, 20));
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (table), NULL, on_text, NULL);
  g_assert_true (screen_wait (has_clipped, 20));
  g_assert_cmpstr (clipped, ==, csv);
  g_free (clipped);
}

static void
test_epochs (void)
{
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.page", "s", "train");
  screen_pause (0.6);
  GtkWidget *table = find_in (NMD_TYPE_TRAIN_CHARTS, GTK_TYPE_COLUMN_VIEW, 0);
  g_autofree char *csv = save (table, FALSE, "Save Table…", "epochs.csv");
  g_assert_true (g_str_has_prefix (csv, "epoch,seconds,lr,train_loss,val_loss,val_auc,"));
  g_assert_nonnull (strstr (csv, "\n1,1.5,0.001,0.6,0.61,0.7,,0,1"));
  g_autofree char *tex = save (table, FALSE, "Save Table…", "epochs.tex");
  g_assert_nonnull (strstr (tex, "$\\star$ 1 & 0.600 & 0.610 & 0.700 & "));
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!hand_init (&argc, &argv))
    return 0;
  g_test_add_func ("/saving/outlines", test_outlines);
  g_test_add_func ("/saving/predictions", test_predictions);
  g_test_add_func ("/saving/epochs", test_epochs);
  return screen_end (g_test_run ());
}
