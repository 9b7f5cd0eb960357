/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows an experiment. Its state is the session's, its charts are ui/plot's.
 */
#include "ui/pages/nmd-experiment-page.h"

#include "engine/core/nmd-words.h"
#include "ui/dialogs/nmd-save-dialog.h"
#include "ui/pages/nmd-experiment-plan.h"
#include "ui/plot/nmd-experiment-charts.h"
#include "ui/plot/nmd-figure.h"
#include "ui/session/nmd-experiment-job.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-parameter-rows.h"
#include "ui/widgets/nmd-plot-area.h"
#include "ui/widgets/nmd-width-first.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _NmdExperimentPage
{
  NmdPageBin parent_instance;

  NmdExperimentPlan *plan;
  GtkDropDown *list;
  GtkButton *open_button;
  GtkButton *renew_button;
  GtkMenuButton *export_button;
  GtkStack *stack;
  GtkStack *views;
  GtkLabel *heading;
  GtkLabel *facts;
  GtkColumnView *cells;
  GtkColumnView *rows;
  GtkLabel *notes;
  GtkGrid *figures;
  GtkLabel *status;
  GtkProgressBar *progress;
  GtkButton *stop_button;
  GtkButton *start_button;

  NmdNotices *notices;
  NmdExperimentSession *experiments;
  NmdExplanationSession *explanation;
  struct Plot
  {
    NmdExperimentPage *page;
    NmdExperimentChart chart;
    NmdPlotArea *area;
  } plots[NMD_N_EXPERIMENT_CHARTS];
  char *export_what; /* while a file is asked for */
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdExperimentPage, nmd_experiment_page, NMD_TYPE_PAGE_BIN)

/* Tables */

static char *
cell_title (gpointer item, const char **css, gpointer data)
{
  return g_strdup (((NmdCellItem *)item)->title);
}

static char *
cell_standing (gpointer item, const char **css, gpointer data)
{
  const NmdCellItem *cell = item;

  switch (cell->standing)
    {
    case NMD_CELL_WAITS:
      *css = "dim-label";
      return g_strdup (_ ("waits"));
    case NMD_CELL_BEGUN:
      return g_strdup (_ ("begun, can go on"));
    case NMD_CELL_RUNS:
      *css = "accent";
      /* Translators: a training of an experiment, per cent */
      return g_strdup_printf (_ ("runs, %.0f %%"), 100 * cell->fraction);
    case NMD_CELL_ELSEWHERE:
      return g_strdup (_ ("another process is at it"));
    case NMD_CELL_FAILED:
      *css = "error";
      /* Translators: a training of an experiment; the placeholder says why */
      return g_strdup_printf (_ ("failed: %s"), cell->problem);
    default:
      return g_strdup (_ ("done"));
    }
}

static char *
cell_auc (gpointer item, const char **css, gpointer data)
{
  return nmd_format_number (((NmdCellItem *)item)->auc, 3);
}

static char *
cell_interval (gpointer item, const char **css, gpointer data)
{
  const NmdCellItem *cell = item;

  return nmd_format_interval (cell->ci.low, cell->ci.high);
}

static char *
cell_part (gpointer item, const char **css, gpointer data)
{
  const char *part = ((NmdCellItem *)item)->part;

  return g_strdup (g_strcmp0 (part, "test") == 0         ? _ ("test")
                   : g_strcmp0 (part, "validation") == 0 ? _ ("validation")
                   : part != NULL                        ? part
                                                         : "");
}

static char *
format_spread (const NmdSpread *spread)
{
  if (spread->n == 0 || isnan (spread->mean))
    return g_strdup ("–");
  if (isnan (spread->sd))
    return g_strdup_printf ("%.3f", spread->mean);
  return g_strdup_printf ("%.3f ± %.3f", spread->mean, spread->sd);
}

static char *
row_title (gpointer item, const char **css, gpointer data)
{
  return g_strdup (((NmdRowItem *)item)->title);
}

static char *
row_measure (gpointer item, const char **css, gpointer data)
{
  return format_spread (&((NmdRowItem *)item)->measures[GPOINTER_TO_INT (data)]);
}

static char *
row_rival (gpointer item, const char **css, gpointer data)
{
  return format_spread (&((NmdRowItem *)item)->rival);
}

static char *
row_difference (gpointer item, const char **css, gpointer data)
{
  const NmdRowItem *row = item;

  if (row->difference.n == 0)
    return g_strdup ("");
  if (isnan (row->interval.low) || isnan (row->interval.high))
    return g_strdup_printf ("%+.3f", row->difference.mean);
  return g_strdup_printf ("%+.3f [%+.3f, %+.3f]", row->difference.mean, row->interval.low,
                          row->interval.high);
}

static void
make_tables (NmdExperimentPage *self)
{
  static const NmdMeasureKind shown[]
      = { NMD_MEASURE_AUC, NMD_MEASURE_ACCURACY, NMD_MEASURE_SENSITIVITY,
          NMD_MEASURE_SPECIFICITY };
  const char *const titles[]
      = { _ ("AUC"), _ ("Accuracy"), _ ("Sensitivity"), _ ("Specificity") };

  nmd_column_add (self->cells, _ ("Training"), FALSE, TRUE, cell_title, NULL, NULL);
  nmd_column_add (self->cells, _ ("State"), FALSE, FALSE, cell_standing, NULL, NULL);
  nmd_column_add (self->cells, _ ("AUC"), TRUE, FALSE, cell_auc, NULL, NULL);
  nmd_column_add (self->cells, _ ("95 % by subject"), TRUE, FALSE, cell_interval, NULL,
                  NULL);
  nmd_column_add (self->cells, _ ("Part"), FALSE, FALSE, cell_part, NULL, NULL);
  /* names stay to be read where the numbers need more room than there is */
  gtk_column_view_column_set_fixed_width (
      nmd_column_add (self->rows, _ ("Row"), FALSE, TRUE, row_title, NULL, NULL), 180);
  nmd_column_add (self->rows, titles[0], TRUE, FALSE, row_measure,
                  GINT_TO_POINTER (shown[0]), NULL);
  nmd_column_add (self->rows, _ ("AUC less the first's"), TRUE, FALSE, row_difference,
                  NULL, NULL);
  for (gsize i = 1; i < G_N_ELEMENTS (shown); i++)
    nmd_column_add (self->rows, titles[i], TRUE, FALSE, row_measure,
                    GINT_TO_POINTER (shown[i]), NULL);
  nmd_column_add (self->rows, _ ("Echo intensity alone"), TRUE, FALSE, row_rival, NULL,
                  NULL);
}

static void
set_tables (NmdExperimentPage *self)
{
  GListModel *cells = nmd_experiment_session_get_cells (self->experiments);
  GListModel *rows = nmd_experiment_session_get_rows (self->experiments);
  g_autoptr (GtkNoSelection) of_cells = gtk_no_selection_new (g_object_ref (cells));
  g_autoptr (GtkNoSelection) of_rows = gtk_no_selection_new (g_object_ref (rows));

  gtk_column_view_set_model (self->cells, GTK_SELECTION_MODEL (of_cells));
  gtk_column_view_set_model (self->rows, GTK_SELECTION_MODEL (of_rows));
}

/* Figures */

static NmdExperimentFigure
get_figure (NmdExperimentPage *self, NmdExperimentChart chart, gboolean has_note)
{
  return (NmdExperimentFigure){
    .chart = chart,
    .results = nmd_experiment_session_get_results (self->experiments),
    .curves = nmd_experiment_session_get_curves (self->experiments),
    .has_note = has_note,
  };
}

static void
draw_plot (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  const struct Plot *plot = data;
  const NmdExperimentFigure figure = get_figure (plot->page, plot->chart, FALSE);

  if (figure.results != NULL)
    nmd_experiment_chart_draw (cr, rect, style, &figure);
}

static void
add_figures (NmdExperimentPage *self)
{
  for (guint i = 0; i < NMD_N_EXPERIMENT_CHARTS; i++)
    {
      struct Plot *plot = &self->plots[i];

      plot->page = self;
      plot->chart = (NmdExperimentChart)i;
      plot->area = g_object_new (NMD_TYPE_PLOT_AREA, "hexpand", TRUE, "vexpand", TRUE,
                                 "width-request", 200, "height-request", 150, NULL);
      nmd_plot_area_set_func (plot->area, draw_plot, plot);
      gtk_grid_attach (self->figures, GTK_WIDGET (plot->area), (int)i % 2, (int)i / 2, 1,
                       1);
    }
}

/* The experiment */

static void
renew_facts (NmdExperimentPage *self)
{
  const NmdExperimentResults *results
      = nmd_experiment_session_get_results (self->experiments);
  const NmdPlan *plan = results->plan;
  /* Translators: kind of an experiment, data set, trainings done and all */
  g_autofree char *heading
      = g_strdup_printf (ngettext ("%s of %s: %u of %u training done",
                                   "%s of %s: %u of %u trainings done", plan->cells->len),
                         nmd_experiment_kind_to_text (plan->kind, plan->ablation),
                         plan->dataset_title, results->n_done, plan->cells->len);
  const gboolean local = nmd_words_set_local (TRUE);
  g_auto (GStrv) sentences = nmd_experiment_results_make_notes (results);
  nmd_words_set_local (local);
  g_autofree char *notes = g_strjoinv (". ", sentences);
  g_autoptr (GString) methods = g_string_new (notes);
  const char *split
      = plan->leave_out != NULL ? plan->leave_out
        : plan->split_file != NULL
            ? plan->split_file
            : nmd_parameter_choice_title (
                "split", nmd_parameters_get_choice (plan->parameters, "split"));
  /* Translators: split, epochs, device of an experiment; its folder */
  g_autofree char *facts = g_strdup_printf (
      _ ("Split: %s · %d epochs · %s · %s"), split,
      nmd_parameters_get_int (plan->parameters, "epochs"), plan->device,
      nmd_experiment_session_get_folder (self->experiments));

  for (guint i = 0; i < plan->rows->len; i++)
    if (results->rows[i].interval_method != NULL)
      {
        /* Translators: how the intervals of differences were made */
        g_string_append_printf (methods, _ ("\nIntervals of differences: %s"),
                                results->rows[i].interval_method);
        break;
      }
  gtk_label_set_text (self->heading, heading);
  gtk_label_set_text (self->facts, facts);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->facts), facts);
  gtk_label_set_text (self->notes, methods->str);
}

static void
on_contents (NmdExperimentPage *self)
{
  const NmdExperimentResults *results
      = nmd_experiment_session_get_results (self->experiments);
  const gboolean any = results != NULL;

  gtk_stack_set_visible_child_name (self->stack, any ? "content" : "empty");
  gtk_widget_set_sensitive (GTK_WIDGET (self->renew_button), any);
  gtk_widget_set_sensitive (GTK_WIDGET (self->export_button), any && results->n_done > 0);
  if (!any)
    return;
  renew_facts (self);
  for (guint i = 0; i < NMD_N_EXPERIMENT_CHARTS; i++)
    {
      const NmdExperimentFigure figure = get_figure (self, (NmdExperimentChart)i, FALSE);
      g_autofree char *text = nmd_experiment_chart_to_text (&figure);

      nmd_plot_area_set_text (self->plots[i].area, text);
      gtk_widget_queue_draw (GTK_WIDGET (self->plots[i].area));
    }
}

static char *
idle_text (NmdExperimentPage *self, guint n_done, guint n)
{
  double seconds = nmd_experiment_session_get_estimate (self->experiments);
  g_autofree char *duration = nmd_format_duration (seconds);

  if (n_done == n)
    return g_strdup (_ ("All trainings are done."));
  if (isnan (seconds))
    return g_strdup_printf (
        ngettext ("%u training is left.", "%u trainings are left.", n - n_done),
        n - n_done);
  return g_strdup_printf (
      /* Translators: trainings that are left, and how long they take */
      ngettext ("%u training is left: about %s on this machine, from measured steps",
                "%u trainings are left: about %s on this machine, from measured steps",
                n - n_done),
      n - n_done, duration);
}

static void
on_changed (NmdExperimentPage *self)
{
  const NmdExperimentResults *results
      = nmd_experiment_session_get_results (self->experiments);
  NmdExperimentPhase phase = nmd_experiment_session_get_phase (self->experiments);
  const guint n = results != NULL ? results->plan->cells->len : 0;
  const guint n_done = results != NULL ? results->n_done : 0;
  const gboolean idle = phase == NMD_EXPERIMENT_IDLE;
  g_autofree char *text
      = !idle             ? g_strdup (nmd_experiment_session_get_text (self->experiments))
        : results != NULL ? idle_text (self, n_done, n)
                          : g_strdup ("");

  gtk_label_set_text (self->status, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), text);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), !idle);
  gtk_progress_bar_set_fraction (
      self->progress,
      CLAMP (nmd_experiment_session_get_fraction (self->experiments), 0, 1));
  gtk_widget_set_visible (GTK_WIDGET (self->stop_button), !idle);
  gtk_widget_set_sensitive (GTK_WIDGET (self->stop_button),
                            phase != NMD_EXPERIMENT_STOPPING);
  gtk_widget_set_visible (GTK_WIDGET (self->start_button), idle && n_done < n);
  gtk_button_set_label (self->start_button,
                        n_done > 0 ? _ ("_Go On") : _ ("_Start the Experiment"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->list), idle);
  gtk_widget_set_sensitive (GTK_WIDGET (self->open_button), idle);
}

/* The list */

/* The shown one is chosen in the list, if it is there. */
static void
select_shown (NmdExperimentPage *self)
{
  GListModel *list = nmd_experiment_session_get_list (self->experiments);
  const char *folder = nmd_experiment_session_get_folder (self->experiments);
  guint selected = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (NmdExperimentItem) item = g_list_model_get_item (list, i);

      if (g_strcmp0 (item->folder, folder) == 0)
        selected = i;
    }
  self->setting = TRUE;
  gtk_drop_down_set_selected (self->list, selected);
  self->setting = FALSE;
}

static void
on_selected (NmdExperimentPage *self)
{
  NmdExperimentItem *item = gtk_drop_down_get_selected_item (self->list);

  if (!self->setting && item != NULL)
    nmd_experiment_session_open (self->experiments, item->folder);
}

static void
on_items (NmdExperimentPage *self)
{
  gtk_widget_set_visible (
      GTK_WIDGET (self->list),
      g_list_model_get_n_items (nmd_experiment_session_get_list (self->experiments)) > 0);
  select_shown (self);
}

static void
on_item_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
}

static void
on_item_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  NmdExperimentItem *experiment = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);

  gtk_label_set_text (GTK_LABEL (label), experiment->title);
  gtk_widget_set_tooltip_text (label, experiment->folder);
}

static void
set_list (NmdExperimentPage *self)
{
  GListModel *list = nmd_experiment_session_get_list (self->experiments);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_item_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_item_bind), NULL);
  self->setting = TRUE;
  gtk_drop_down_set_factory (self->list, factory);
  gtk_drop_down_set_model (self->list, list);
  self->setting = FALSE;
  g_object_unref (factory);
  g_signal_connect_object (list, "items-changed", G_CALLBACK (on_items), self,
                           G_CONNECT_AFTER | G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->list, "notify::selected", G_CALLBACK (on_selected),
                            self);
}

static void
on_folder (const char *path, gpointer page)
{
  nmd_experiment_session_open (NMD_EXPERIMENT_PAGE (page)->experiments, path);
}

static void
on_open (NmdExperimentPage *self)
{
  const NmdFileRequest request
      = { _ ("Open an Experiment"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER };

  nmd_file_dialog_present (GTK_WIDGET (self), &request, on_folder, G_OBJECT (self));
}

/* Export */

static NmdContent *
render_table (NmdExperimentPage *self, const char *path)
{
  const NmdExperimentResults *results
      = nmd_experiment_session_get_results (self->experiments);
  g_autofree char *lower = g_ascii_strdown (path, -1);

  return nmd_content_new_text (
      g_str_has_suffix (lower, ".md")    ? nmd_experiment_results_to_markdown (results)
      : g_str_has_suffix (lower, ".tex") ? nmd_experiment_results_to_latex (results)
                                         : nmd_experiment_results_to_csv (results));
}

static int
find_chart (const char *what)
{
  for (int i = 0; i < NMD_N_EXPERIMENT_CHARTS; i++)
    if (g_strcmp0 (what, nmd_experiment_chart_get_name ((NmdExperimentChart)i)) == 0)
      return i;
  return -1;
}

static NmdContent *
render (gpointer page, const char *path, GError **error)
{
  NmdExperimentPage *self = page;
  const int chart = find_chart (self->export_what);
  NmdFigureFormat format = NMD_FIGURE_PNG;
  NmdPlotStyle style;
  double width = 0, height = 0;

  if (chart < 0)
    return render_table (self, path);
  const NmdExperimentFigure figure = get_figure (self, (NmdExperimentChart)chart, TRUE);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  nmd_figure_format_of (path, &format);
  nmd_experiment_chart_get_size (figure.chart, figure.results, &width, &height);
  return nmd_content_new_figure (nmd_figure_draw (
      format, width, height, 2, nmd_experiment_chart_draw, &figure, &style, NULL, error));
}

static NmdSaveRequest
what_can_be_saved (const char *what)
{
  static const char *const pictures[] = { "png", "svg", "pdf", NULL };
  static const char *const tables[] = { "csv", "md", "tex", NULL };
  const gboolean is_table = find_chart (what) < 0;

  return (NmdSaveRequest){
    is_table ? _ ("Save the Table") : _ ("Save the Figure"),
    is_table ? tables : pictures,
    is_table ? _ ("CSV, Markdown, LaTeX") : _ ("PNG, SVG, PDF"),
    is_table ? _ ("%s is not saved: tables are written as .csv, .md or .tex")
             : _ ("%s is not saved: figures are written as .png, .svg or .pdf"),
    render,
  };
}

void
nmd_experiment_page_export (NmdExperimentPage *self, const char *what, const char *path)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_PAGE (self) && what != NULL && path != NULL);

  const NmdSaveRequest request = what_can_be_saved (what);
  if (nmd_experiment_session_get_results (self->experiments) == NULL)
    return;
  if (self->export_what != what)
    {
      g_free (self->export_what);
      self->export_what = g_strdup (what);
    }
  nmd_save_dialog_save_as (self, &request, self->notices, self->explanation, path);
}

static void
on_export_chosen (const char *path, gpointer page)
{
  NmdExperimentPage *self = page;

  nmd_experiment_page_export (self, self->export_what, path);
}

static void
export_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdExperimentPage *self = NMD_EXPERIMENT_PAGE (widget);
  const char *what = g_variant_get_string (parameter, NULL);
  const char *folder = nmd_experiment_session_get_folder (self->experiments);
  const NmdSaveRequest request = what_can_be_saved (what);
  g_autofree char *base = folder != NULL ? g_path_get_basename (folder) : NULL;
  g_autofree char *name = NULL;

  if (base == NULL)
    return;
  g_free (self->export_what);
  self->export_what = g_strdup (what);
  name = g_strdup_printf ("%s-%s.%s", base, what, request.endings[0]);
  nmd_save_dialog_present (widget, &request, name, on_export_chosen);
}

/* Page */

void
nmd_experiment_page_set_session (NmdExperimentPage *self,
                                 NmdNotices *notices,
                                 NmdDataSession *data,
                                 NmdRecipeSession *recipe,
                                 NmdExperimentSession *experiments,
                                 NmdExplanationSession *explanation)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_PAGE (self) && self->experiments == NULL);

  self->notices = g_object_ref (notices);
  self->experiments = g_object_ref (experiments);
  self->explanation = g_object_ref (explanation);
  nmd_experiment_plan_set_session (self->plan, data, recipe, experiments);
  set_tables (self);
  set_list (self);
  g_signal_connect_object (experiments, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (experiments, "contents-changed", G_CALLBACK (on_contents),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (experiments, "contents-changed", G_CALLBACK (select_shown),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->start_button, "clicked",
                           G_CALLBACK (nmd_experiment_session_start), experiments,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->stop_button, "clicked",
                           G_CALLBACK (nmd_experiment_session_stop), experiments,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->renew_button, "clicked",
                           G_CALLBACK (nmd_experiment_session_renew), experiments,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->open_button, "clicked", G_CALLBACK (on_open), self);
  /* Who comes to see experiments is shown those there are, as they are now. */
  g_signal_connect_object (self, "map", G_CALLBACK (nmd_experiment_session_list),
                           experiments, G_CONNECT_SWAPPED);
  on_items (self);
  on_contents (self);
  on_changed (self);
}

static void
nmd_experiment_page_dispose (GObject *object)
{
  NmdExperimentPage *self = NMD_EXPERIMENT_PAGE (object);

  for (guint i = 0; i < NMD_N_EXPERIMENT_CHARTS; i++)
    if (self->plots[i].area != NULL)
      {
        nmd_plot_area_set_func (self->plots[i].area, NULL, NULL);
        self->plots[i].area = NULL;
      }
  g_clear_object (&self->notices);
  g_clear_object (&self->experiments);
  g_clear_object (&self->explanation);
  g_clear_pointer (&self->export_what, g_free);
  G_OBJECT_CLASS (nmd_experiment_page_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdExperimentPage, child)

static void
nmd_experiment_page_class_init (NmdExperimentPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_experiment_page_dispose;
  g_type_ensure (NMD_TYPE_WIDTH_FIRST);
  g_type_ensure (NMD_TYPE_EXPERIMENT_PLAN);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-experiment-page.ui");
  gtk_widget_class_install_action (widget_class, "experiment.export", "s", export_action);
  BIND (plan);
  BIND (list);
  BIND (open_button);
  BIND (renew_button);
  BIND (export_button);
  BIND (stack);
  BIND (views);
  BIND (heading);
  BIND (facts);
  BIND (cells);
  BIND (rows);
  BIND (notes);
  BIND (figures);
  BIND (status);
  BIND (progress);
  BIND (stop_button);
  BIND (start_button);
}

static void
nmd_experiment_page_init (NmdExperimentPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  make_tables (self);
  add_figures (self);
}
