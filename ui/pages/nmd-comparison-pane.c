/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs side by side. Numbers are ui/session/nmd-run-comparison's.
 */
#include "ui/pages/nmd-comparison-pane.h"

#include "ui/dialogs/nmd-export-menu.h"
#include "ui/session/nmd-result-words.h"
#include "ui/session/nmd-run-comparison.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-fact-table.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdComparisonPane
{
  GtkBox parent_instance;

  GtkBox *choices; /* of check buttons */
  GtkLabel *hint;
  NmdPlotArea *roc_plot, *loss_plot;
  NmdFactTable *measures, *differences;

  NmdRunsSession *session;
  NmdRunComparison *comparison; /* nullable */
  guint number;                 /* of the newest request */
};

G_DEFINE_FINAL_TYPE (NmdComparisonPane, nmd_comparison_pane, GTK_TYPE_BOX)

/* Plots */

static void
draw_rocs (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdComparisonPane *self = data;
  const NmdRoc *rocs[NMD_MOST_COMPARED] = { NULL };
  const char *titles[NMD_MOST_COMPARED] = { NULL };
  NmdRocsPlot plot = { _ ("ROC"), rocs, titles, 0, _ ("Choose runs on the left") };

  for (guint i = 0; self->comparison != NULL && i < self->comparison->n; i++)
    {
      rocs[i] = self->comparison->runs[i].roc;
      titles[i] = self->comparison->runs[i].title;
      plot.n++;
    }
  nmd_plot_rocs (cr, &plot, rect, style);
}

static void
draw_losses (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdComparisonPane *self = data;
  NmdSeries series[NMD_MOST_COMPARED] = { { NULL } };
  double *x[NMD_MOST_COMPARED] = { NULL }, *y[NMD_MOST_COMPARED] = { NULL };
  NmdCurves curves = NMD_CURVES_INIT;

  curves.title = _ ("Validation loss");
  curves.x_title = _ ("epoch");
  curves.empty = _ ("No epochs");
  curves.series = series;
  for (guint i = 0; self->comparison != NULL && i < self->comparison->n; i++)
    {
      const NmdComparedRun *run = &self->comparison->runs[i];
      NmdSeries *one = &series[curves.n_series++];
      const NmdEpoch *history = nmd_run_get_history (run->run, &one->n);

      x[i] = g_new (double, one->n + 1);
      y[i] = g_new (double, one->n + 1);
      for (guint e = 0; e < one->n; e++)
        {
          x[i][e] = history[e].epoch;
          y[i][e] = history[e].val_loss;
        }
      one->x = x[i];
      one->y = y[i];
      one->title = run->title;
      one->colour = (int)i;
    }
  nmd_plot_curves (cr, &curves, rect, style);
  for (guint i = 0; i < NMD_MOST_COMPARED; i++)
    {
      g_free (x[i]);
      g_free (y[i]);
    }
}

/* Tables */

static char *
with_interval (double value, const NmdInterval *ci)
{
  g_autofree char *number = nmd_format_number (value, 2);
  g_autofree char *interval = nmd_format_interval (ci->low, ci->high);

  return *interval != '\0' ? g_strdup_printf ("%s %s", number, interval)
                           : g_strdup (number);
}

static const char *
part_words (const char *part)
{
  return g_strcmp0 (part, "test") == 0         ? _ ("Test part")
         : g_strcmp0 (part, "validation") == 0 ? _ ("Validation part")
         : g_strcmp0 (part, "train") == 0      ? _ ("Training part")
                                               : part;
}

static void
show_measures (NmdComparisonPane *self)
{
  nmd_fact_table_reset (self->measures, _ ("Run"), _ ("Images"), _ ("AUC"),
                        _ ("Sensitivity"), _ ("Specificity"), _ ("Accuracy"), NULL);
  for (guint i = 0; i < self->comparison->n; i++)
    {
      const NmdComparedRun *run = &self->comparison->runs[i];

      if (run->problem != NULL)
        {
          g_autofree char *title = g_strdup_printf ("%s: %s", run->title, run->problem);
          nmd_fact_table_add (self->measures, title, "–", "–", "–", "–", "–", NULL);
          continue;
        }
      const NmdMetrics *m = &run->results->by_image;
      g_autofree char *title
          = g_strdup_printf ("%s · %s", run->title, part_words (run->results->part));
      g_autofree char *n = nmd_format_count (m->n_images);
      g_autofree char *auc = with_interval (m->auc.value, &m->auc.ci_subject);
      g_autofree char *sensitivity
          = with_interval (m->sensitivity.value, &m->sensitivity.ci_subject);
      g_autofree char *specificity
          = with_interval (m->specificity.value, &m->specificity.ci_subject);
      g_autofree char *accuracy
          = with_interval (m->accuracy.value, &m->accuracy.ci_subject);
      nmd_fact_table_add (self->measures, title, n, auc, sensitivity, specificity,
                          accuracy, NULL);
    }
}

static char *
format_p (double p)
{
  g_autofree char *least = nmd_format_number (0.001, 3);

  return p < 0.0005 ? g_strdup_printf ("< %s", least) : nmd_format_number (p, 3);
}

static void
show_differences (NmdComparisonPane *self)
{
  nmd_fact_table_reset (
      self->differences,
      /* Translators: heading of a table of runs compared with the first one */
      _ ("Compared with the first run, on the same images"), _ ("AUC difference"),
      _ ("DeLong’s p"), NULL);
  for (guint i = 1; i < self->comparison->n; i++)
    {
      const NmdComparedRun *run = &self->comparison->runs[i];

      if (!run->is_paired)
        {
          const char *why = run->not_paired != NULL ? run->not_paired
                                                    : _ ("one of the two has no results");
          g_autofree char *title = g_strdup_printf ("%s: %s", run->title, why);
          nmd_fact_table_add (self->differences, title, "–", "–", NULL);
          continue;
        }
      g_autofree char *difference = with_interval (run->difference, &run->ci);
      g_autofree char *p = format_p (run->p);
      nmd_fact_table_add (self->differences, run->title, difference, p, NULL);
    }
}

/* Figures of simulated images say so, also where only one run is of such. */
static void
note (NmdComparisonPane *self)
{
  const char *sign = NULL;

  for (guint i = 0; i < self->comparison->n; i++)
    if (nmd_run_get_passport (self->comparison->runs[i].run)->synthetic)
      sign = nmd_words_of_note (NMD_SYNTHETIC);
  nmd_plot_area_set_note (self->roc_plot, sign, gtk_label_get_text (self->hint));
  nmd_plot_area_set_note (self->loss_plot, sign, NULL);
}

static void
describe (NmdComparisonPane *self)
{
  GString *text = g_string_new (_ ("ROC curves"));

  for (guint i = 0; i < self->comparison->n; i++)
    if (self->comparison->runs[i].results != NULL)
      g_string_append_printf (text, "; %s: AUC %.2f", self->comparison->runs[i].title,
                              self->comparison->runs[i].results->by_image.auc.value);
  nmd_plot_area_set_text (self->roc_plot, text->str);
  nmd_plot_area_set_text (self->loss_plot, _ ("Validation loss of each run by epoch"));
  g_string_free (text, TRUE);
}

/* Asking */

typedef struct
{
  NmdComparisonPane *pane;
  guint number;
} Waiting;

static void
on_compared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (NmdComparisonPane) self = waiting->pane;
  /* Only a cancelled one has no result, at the end of the program. */
  NmdRunComparison *comparison = nmd_job_finish (NMD_JOB (source), result, NULL);
  gboolean newest = waiting->number == self->number && self->session != NULL;

  g_free (waiting);
  if (!newest || comparison == NULL)
    {
      nmd_run_comparison_free (comparison);
      return;
    }
  nmd_run_comparison_free (self->comparison);
  self->comparison = comparison;
  show_measures (self);
  show_differences (self);
  describe (self);
  note (self);
  gtk_widget_queue_draw (GTK_WIDGET (self->roc_plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->loss_plot));
}

static NmdRunItem *
item_of (GtkWidget *check)
{
  return g_object_get_data (G_OBJECT (check), "nmd-run-item");
}

static void
ask (NmdComparisonPane *self)
{
  NmdRun *runs[NMD_MOST_COMPARED];
  char *titles[NMD_MOST_COMPARED];
  guint n = 0;

  for (GtkWidget *check = gtk_widget_get_first_child (GTK_WIDGET (self->choices));
       check != NULL; check = gtk_widget_get_next_sibling (check))
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (check)) && n < NMD_MOST_COMPARED)
      {
        NmdRunItem *item = item_of (check);
        runs[n] = item->run;
        titles[n] = g_strdup_printf (
            /* Translators: a run's title, and the seed that tells it from others */
            _ ("%s, seed %d"), item->title,
            nmd_parameters_get_int (nmd_run_get_parameters (item->run), "seed"));
        n++;
      }
  for (GtkWidget *check = gtk_widget_get_first_child (GTK_WIDGET (self->choices));
       check != NULL; check = gtk_widget_get_next_sibling (check))
    gtk_widget_set_sensitive (
        check,
        n < NMD_MOST_COMPARED || gtk_check_button_get_active (GTK_CHECK_BUTTON (check)));
  Waiting *waiting = g_new (Waiting, 1);
  waiting->pane = g_object_ref (self);
  waiting->number = ++self->number;
  g_autoptr (NmdJob) job = nmd_run_comparison_compute (runs, (const char *const *)titles,
                                                       n, on_compared, waiting);
  for (guint i = 0; i < n; i++)
    g_free (titles[i]);
}

static GtkWidget *
make_choice (NmdComparisonPane *self, NmdRunItem *item)
{
  GtkWidget *check = gtk_check_button_new ();
  g_autofree char *text = g_strdup_printf ("%s\n%s", item->title, item->subtitle);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption");
  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), label);
  gtk_widget_set_tooltip_text (check, item->folder);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
  g_object_set_data_full (G_OBJECT (check), "nmd-run-item", g_object_ref (item),
                          g_object_unref);
  return check;
}

void
nmd_comparison_pane_open (NmdComparisonPane *self)
{
  g_return_if_fail (NMD_IS_COMPARISON_PANE (self) && self->session != NULL);

  GListModel *runs = nmd_runs_session_get_runs (self->session);
  NmdRunItem *shown = nmd_runs_session_get_shown (self->session);
  GtkWidget *child = NULL;
  guint chosen = shown != NULL && nmd_run_item_is_for (shown, NMD_TASK_CLASSIFY) ? 1 : 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->choices))) != NULL)
    gtk_box_remove (self->choices, child);
  for (guint i = 0; i < g_list_model_get_n_items (runs); i++)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (runs, i);
      if (!nmd_run_item_is_for (item, NMD_TASK_CLASSIFY))
        continue;
      GtkWidget *check = make_choice (self, item);
      gboolean wanted = item == shown || chosen < 2;
      if (wanted && item != shown)
        chosen++;
      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), wanted);
      g_signal_connect_object (check, "toggled", G_CALLBACK (ask), self,
                               G_CONNECT_SWAPPED);
      gtk_box_append (self->choices, check);
    }
  ask (self);
}

void
nmd_comparison_pane_set_session (NmdComparisonPane *self,
                                 NmdRunsSession *session,
                                 NmdDataSession *data,
                                 NmdScanSession *scan)
{
  g_return_if_fail (NMD_IS_COMPARISON_PANE (self) && self->session == NULL);
  self->session = g_object_ref (session);
  nmd_export_menu_attach (GTK_WIDGET (self->roc_plot), "roc", data, scan);
  nmd_export_menu_attach (GTK_WIDGET (self->loss_plot), "loss", data, scan);
  nmd_export_menu_attach (GTK_WIDGET (self->measures), "measures", data, scan);
  nmd_export_menu_attach (GTK_WIDGET (self->differences), "differences", data, scan);
}

static void
nmd_comparison_pane_dispose (GObject *object)
{
  NmdComparisonPane *self = NMD_COMPARISON_PANE (object);

  g_clear_object (&self->session);
  G_OBJECT_CLASS (nmd_comparison_pane_parent_class)->dispose (object);
}

static void
nmd_comparison_pane_finalize (GObject *object)
{
  nmd_run_comparison_free (NMD_COMPARISON_PANE (object)->comparison);
  G_OBJECT_CLASS (nmd_comparison_pane_parent_class)->finalize (object);
}

static void
nmd_comparison_pane_class_init (NmdComparisonPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = nmd_comparison_pane_dispose;
  G_OBJECT_CLASS (klass)->finalize = nmd_comparison_pane_finalize;
}

static GtkWidget *
scrolled (GtkWidget *child, gboolean wide)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), child);
  if (!wide)
    gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                    GTK_POLICY_AUTOMATIC);
  return scroller;
}

static void
nmd_comparison_pane_init (NmdComparisonPane *self)
{
  GtkWidget *side = NULL, *tables = gtk_box_new (GTK_ORIENTATION_VERTICAL, 15);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  GtkWidget *plots = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *low = NULL;

  self->choices = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  self->roc_plot = g_object_new (NMD_TYPE_PLOT_AREA, "vexpand", TRUE, NULL);
  self->loss_plot = g_object_new (NMD_TYPE_PLOT_AREA, "vexpand", TRUE, NULL);
  self->measures = NMD_FACT_TABLE (nmd_fact_table_new ());
  self->differences = NMD_FACT_TABLE (nmd_fact_table_new ());
  self->hint = GTK_LABEL (gtk_label_new (/* xgettext:no-c-format */ _ (
      "Measures by image, as each run’s file has them; 95 % intervals by subject, those "
      "of differences by a bootstrap of subjects. DeLong’s test has a row a subject.")));
  gtk_label_set_wrap (self->hint, TRUE);
  gtk_label_set_xalign (self->hint, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "dim-label");
  side = scrolled (GTK_WIDGET (self->choices), FALSE);
  gtk_widget_set_size_request (side, 190, -1);
  gtk_box_set_homogeneous (GTK_BOX (plots), TRUE);
  gtk_box_append (GTK_BOX (plots), GTK_WIDGET (self->roc_plot));
  gtk_box_append (GTK_BOX (plots), GTK_WIDGET (self->loss_plot));
  gtk_box_append (GTK_BOX (tables), GTK_WIDGET (self->measures));
  gtk_box_append (GTK_BOX (tables), GTK_WIDGET (self->differences));
  gtk_box_append (GTK_BOX (tables), GTK_WIDGET (self->hint));
  low = scrolled (tables, TRUE);
  gtk_widget_set_size_request (low, -1, 190);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_box_append (GTK_BOX (right), plots);
  gtk_box_append (GTK_BOX (right), low);
  gtk_box_set_spacing (GTK_BOX (self), 18);
  gtk_box_append (GTK_BOX (self), side);
  gtk_box_append (GTK_BOX (self), right);
  nmd_plot_area_set_func (self->roc_plot, draw_rocs, self);
  nmd_plot_area_set_func (self->loss_plot, draw_losses, self);
  gtk_widget_set_margin_start (GTK_WIDGET (self), 18);
  gtk_widget_set_margin_end (GTK_WIDGET (self), 18);
  gtk_widget_set_margin_top (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self), 9);
}
