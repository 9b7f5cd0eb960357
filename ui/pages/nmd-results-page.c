/* SPDX-License-Identifier: Apache-2.0
 *
 * The results page. Measures are computed on the pool (nmd-run-results.c) and shown here.
 */
#include "ui/pages/nmd-results-page.h"

#include "ui/dialogs/nmd-run-report-dialog.h"
#include "ui/pages/nmd-comparison-pane.h"
#include "ui/pages/nmd-evidence-pane.h"
#include "ui/pages/nmd-measure-tiles.h"
#include "ui/pages/nmd-outline-review.h"
#include "ui/pages/nmd-results-overview.h"
#include "ui/pages/nmd-results-text.h"
#include "ui/pages/nmd-run-menu.h"
#include "ui/session/nmd-result-words.h"
#include "ui/session/nmd-run-results.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-width-first.h"

#include <glib/gi18n.h>
#include <math.h>

/* Page */

struct _NmdResultsPage
{
  NmdPageBin parent_instance;

  GtkStack *stack;
  GtkStack *run_stack;
  AdwStatusPage *empty_status;
  GtkButton *train_button;
  AdwStatusPage *choose_status;
  AdwStatusPage *run_status;
  GtkButton *score_button;
  GtkButton *resume_button;
  GtkButton *data_button;
  GtkButton *report_button;
  GtkMenuButton *run_button;
  GtkButton *compare_button;
  GtkButton *back_button;
  NmdComparisonPane *comparison;
  GtkListView *runs;
  NmdMeasureTiles *tiles;
  GtkDropDown *part;
  GtkDropDown *unit;
  NmdResultsOverview *overview;
  NmdEvidencePane *rivals;
  NmdEvidencePane *calibration;
  NmdEvidencePane *usefulness;
  NmdEvidencePane *limits;
  NmdOutlineReview
      *outlines; /* of a run that finds outlines, in place of all the others */
  GtkLabel *sentence;
  GtkLabel *caveat;
  GtkLabel *facts;

  NmdDataSession *data_session;
  NmdScanSession *scan_session;
  NmdRunsSession *runs_session;
  NmdTrainingSession *training_session;
  GtkSingleSelection *run_selection;

  NmdRunResults *results;
  NmdPart wanted_part;
  double threshold; /* shown */
  char *folder;     /* (nullable): of the run shown last */
  gboolean moved;   /* by the user; else it is the evaluation's */
  guint number;     /* of the newest request */
  gboolean setting;
  gboolean asking;      /* measuring a moved threshold; */
  gboolean asked_again; /* and it has moved on since */
};

G_DEFINE_FINAL_TYPE (NmdResultsPage, nmd_results_page, NMD_TYPE_PAGE_BIN)

static void ask_results (NmdResultsPage *self);
static void on_runs_changed (NmdResultsPage *self);

static const char *
class_word (NmdResultsPage *self, int label)
{
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs_session);
  const NmdPassport *passport = run != NULL ? nmd_run_get_passport (run->run) : NULL;

  if (passport != NULL && passport->classes[label] != NULL)
    return passport->classes[label];
  return label == 1 ? _ ("pathological") : _ ("healthy");
}

/* Showing results */

static const char *
part_title (NmdPart part)
{
  return part == NMD_PART_TEST         ? _ ("Test part")
         : part == NMD_PART_VALIDATION ? _ ("Validation part")
                                       : _ ("Training part");
}

static void
show_parts (NmdResultsPage *self)
{
  const NmdPart parts[] = { NMD_PART_TEST, NMD_PART_VALIDATION, NMD_PART_TRAIN };
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint selected = 0, n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (self->results->has_part[parts[i]])
      {
        if (self->results->part == parts[i])
          selected = n;
        gtk_string_list_append (list, part_title (parts[i]));
        n++;
      }
  self->setting = TRUE;
  gtk_drop_down_set_model (self->part, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (self->part, selected);
  self->setting = FALSE;
}

static void
show_sentences (NmdResultsPage *self)
{
  NmdRunItem *item = nmd_runs_session_get_shown (self->runs_session);
  const NmdRun *run = item != NULL ? item->run : NULL;
  g_autofree char *facts
      = nmd_results_text_facts (self->results, run, self->moved ? self->threshold : NAN);
  g_autofree char *caveat = nmd_results_text_caveat (self->results, run);

  g_autofree char *gain = nmd_results_text_gain (self->results);
  gtk_label_set_text (self->sentence, gain);
  gtk_label_set_text (self->facts, facts);
  gtk_label_set_text (self->caveat, caveat);
  const char *sign
      = self->results->all->synthetic ? nmd_words_of_note (NMD_SYNTHETIC) : NULL;
  g_autofree char *caption
      = g_strdup_printf ("%s: %s", part_title (self->results->part), facts);
  nmd_results_overview_set_note (self->overview, sign, caption);
  nmd_evidence_pane_set_note (self->calibration, sign, caption);
  nmd_evidence_pane_set_note (self->usefulness, sign, caption);
}

static void
show_evidence (NmdResultsPage *self, const NmdRunResults *results)
{
  const char *const classes[2] = { class_word (self, 0), class_word (self, 1) };

  nmd_results_overview_show (self->overview, results,
                             nmd_runs_session_has_shown_data (self->runs_session)
                                 ? nmd_data_session_get_dataset (self->data_session)
                                 : NULL,
                             classes, self->moved);
  nmd_evidence_pane_show (self->rivals, results, classes);
  nmd_evidence_pane_show (self->calibration, results, classes);
  nmd_evidence_pane_show (self->usefulness, results, classes);
  nmd_evidence_pane_show (self->limits, results, classes);
}

/* Takes @results (nullable) in place of those so far. */
static void
take_results (NmdResultsPage *self, NmdRunResults *results)
{
  show_evidence (self, NULL);
  nmd_run_results_free (self->results);
  self->results = results;
}

static void
show_results (NmdResultsPage *self)
{
  gtk_stack_set_visible_child_name (self->run_stack, "results");
  nmd_measure_tiles_show (self->tiles, &self->results->metrics);
  show_parts (self);
  show_sentences (self);
  show_evidence (self, self->results);
}

/* Asking */

typedef struct
{
  NmdResultsPage *page;
  guint number;
} Waiting;

/* A run without scores: what can be done about it. */
static void
show_no_results (NmdResultsPage *self, const GError *error)
{
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs_session);
  gboolean unfinished = run != NULL && nmd_run_get_state (run->run) == NMD_RUN_STARTED;
  /* No table of scores is the ordinary case; any other reason is told as it is. */
  gboolean absent = g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                    || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  gboolean outlines = run != NULL && nmd_run_item_is_for (run, NMD_TASK_SEGMENT);
  const char *text
      = outlines && unfinished ? _ (
            "It stopped before its images were outlined. Its best weights so far can "
            "outline them now.")
        : outlines   ? _ ("Its weights can outline the images now.")
        : unfinished ? _ ("It stopped before its images were scored. Its best weights so "
                          "far can score them now.")
                     : _ ("Its weights can score the images now.");

  gtk_button_set_label (self->score_button, outlines ? _ ("_Outline All Images Now")
                                                     : _ ("_Score All Images Now"));
  take_results (self, NULL);
  gtk_stack_set_visible_child_name (self->run_stack, "none");
  adw_status_page_set_title (self->run_status, unfinished ? _ ("This Run Is Not Finished")
                                               : outlines ? _ ("Not Evaluated Yet")
                                                          : _ ("Not Scored Yet"));
  adw_status_page_set_description (self->run_status,
                                   absent || error == NULL ? text : error->message);
  gtk_widget_set_visible (GTK_WIDGET (self->score_button), run != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->resume_button), unfinished);
}

static void
on_results (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (NmdResultsPage) self = waiting->page;
  guint number = waiting->number;
  g_autoptr (GError) error = NULL;
  NmdRunResults *results = nmd_job_finish (NMD_JOB (source), result, &error);

  g_free (waiting);
  self->asking = FALSE;
  if (self->asked_again && self->data_session != NULL)
    {
      self->asked_again = FALSE;
      self->asking = TRUE;
      ask_results (self);
    }
  if (number != self->number || self->data_session == NULL)
    {
      nmd_run_results_free (results);
      return;
    }
  if (results == NULL)
    {
      show_no_results (self, error);
      return;
    }
  take_results (self, results);
  self->threshold = results->threshold;
  show_results (self);
}

static void
ask_results (NmdResultsPage *self)
{
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs_session);

  self->number++;
  if (run == NULL)
    return;
  if (nmd_run_item_is_for (run, NMD_TASK_SEGMENT))
    {
      take_results (self, NULL);
      nmd_outline_review_ask (self->outlines);
      return;
    }
  Waiting *waiting = g_new (Waiting, 1);
  waiting->page = g_object_ref (self);
  waiting->number = self->number;
  g_autoptr (NmdJob) job = nmd_run_results_compute (
      run->run, self->wanted_part, gtk_drop_down_get_selected (self->unit) == 1,
      self->moved ? self->threshold : NAN, on_results, waiting);
}

/* The handle moved: the sentence about it stands at once, the rates with their intervals as fast as they are measured. */
static void
on_threshold (NmdResultsOverview *overview, double threshold, NmdResultsPage *self)
{
  self->moved = isfinite (threshold);
  self->threshold = threshold;
  if (self->moved)
    {
      const guint *n = nmd_results_overview_get_counts (overview);
      nmd_measure_tiles_show_counts (self->tiles, n[NMD_CELL_TP], n[NMD_CELL_FN],
                                     n[NMD_CELL_FP], n[NMD_CELL_TN]);
      show_sentences (self);
    }
  if (self->asking)
    {
      self->asked_again = TRUE;
      return;
    }
  self->asking = TRUE;
  ask_results (self);
}

/* Offered while the table has no pictures. */
static void
renew_data_button (NmdResultsPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->data_button),
                          nmd_runs_session_get_shown (self->runs_session) != NULL
                              && !nmd_runs_session_has_shown_data (self->runs_session)
                              && !nmd_data_session_get_loading (self->data_session));
}

static void
on_compare (NmdResultsPage *self)
{
  nmd_comparison_pane_open (self->comparison);
  gtk_stack_set_visible_child_name (self->stack, "compare");
  gtk_widget_grab_focus (GTK_WIDGET (self->back_button));
}

static void
on_compared (NmdResultsPage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "content");
  on_runs_changed (self);
}

static void
on_report_button (NmdResultsPage *self)
{
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs_session);

  if (run != NULL)
    nmd_run_report_dialog_present (GTK_WIDGET (self), self->training_session, run->folder,
                                   nmd_runs_session_has_shown_data (self->runs_session));
}

/* One thing is worked on at a time. */
static void
renew_work_buttons (NmdResultsPage *self)
{
  gboolean busy = nmd_training_session_get_job (self->training_session) != NULL;

  gtk_widget_set_sensitive (GTK_WIDGET (self->report_button), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->score_button), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->resume_button), !busy);
}

static void
on_data_button (NmdResultsPage *self)
{
  nmd_runs_session_open_data (self->runs_session, NULL);
}

static void
on_run (NmdResultsPage *self)
{
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs_session);
  GListModel *model = G_LIST_MODEL (self->run_selection);
  guint n = g_list_model_get_n_items (model);
  guint place = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NmdRunItem) other = g_list_model_get_item (model, i);
      if (other == run)
        place = i;
    }
  self->setting = TRUE;
  gtk_single_selection_set_selected (self->run_selection, place);
  self->setting = FALSE;
  self->wanted_part = NMD_PART_NONE;
  self->threshold = NAN;
  self->moved = FALSE;
  nmd_results_overview_reset (self->overview);
  /* Numbers of another run do not stand there until these are read. */
  if (run == NULL || g_strcmp0 (run->folder, self->folder) != 0)
    gtk_stack_set_visible_child_name (self->run_stack, "choose");
  g_free (self->folder);
  self->folder = run != NULL ? g_strdup (run->folder) : NULL;
  adw_status_page_set_title (self->choose_status,
                             run == NULL ? _ ("Choose a Run") : _ ("Measuring the Run"));
  adw_status_page_set_description (
      self->choose_status, run == NULL
                               ? _ ("The list on the left has every training made here.")
                               : _ ("Its scores are being read."));
  renew_data_button (self);
  ask_results (self);
}

static void
on_outlines (NmdOutlineReview *outlines, GError *error, NmdResultsPage *self)
{
  if (error != NULL)
    show_no_results (self, error);
  else
    gtk_stack_set_visible_child_name (self->run_stack, "outlines");
}

static void
on_run_selected (NmdResultsPage *self)
{
  NmdRunItem *run = gtk_single_selection_get_selected_item (self->run_selection);

  if (!self->setting && run != NULL)
    nmd_runs_session_set_run (self->runs_session, run);
}

static void
on_runs_changed (NmdResultsPage *self)
{
  GListModel *runs = nmd_runs_session_get_runs (self->runs_session);

  gboolean trains = nmd_runs_session_is_in_training (self->runs_session);

  guint n = g_list_model_get_n_items (runs);

  if (n == 0
      || g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "compare") != 0)
    gtk_stack_set_visible_child_name (self->stack, n > 0 ? "content" : "empty");
  gtk_widget_set_visible (GTK_WIDGET (self->compare_button), n > 1);
  adw_status_page_set_title (self->empty_status,
                             trains ? _ ("A Training Is Running") : _ ("No Results Yet"));
  adw_status_page_set_description (
      self->empty_status,
      trains ? _ ("Its results appear here when it ends.")
             : _ ("Results appear here when a network has been trained."));
  gtk_button_set_label (self->train_button,
                        trains ? _ ("_Watch the Training") : _ ("_Train a Network"));
}

static void
on_part (NmdResultsPage *self)
{
  const NmdPart parts[] = { NMD_PART_TEST, NMD_PART_VALIDATION, NMD_PART_TRAIN };
  guint selected = gtk_drop_down_get_selected (self->part);
  guint n = 0;

  if (self->setting || self->results == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (self->results->has_part[parts[i]] && n++ == selected)
      self->wanted_part = parts[i];
  ask_results (self);
}

static void
on_unit (NmdResultsPage *self)
{
  if (!self->setting)
    ask_results (self);
}

/* Lists */

static void
on_run_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *subtitle = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (subtitle), 0);
  gtk_label_set_wrap (GTK_LABEL (subtitle), TRUE);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (subtitle, "caption");
  gtk_widget_add_css_class (subtitle, "dim-label");
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), subtitle);
  gtk_list_item_set_child (item, box);
}

static void
on_run_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  NmdRunItem *run = gtk_list_item_get_item (item);
  GtkWidget *title = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *subtitle = gtk_widget_get_next_sibling (title);
  g_autofree char *text
      = run->run == NULL ? g_strdup (run->subtitle)
        : nmd_run_get_state (run->run) == NMD_RUN_STARTED
            /* Translators: a run that was stopped, in the list of runs */
            ? g_strdup_printf (_ ("%s · not finished"), run->subtitle)
            : g_strdup (run->subtitle);

  gtk_label_set_text (GTK_LABEL (title), run->title);
  gtk_label_set_text (GTK_LABEL (subtitle), text);
  const char *note = run->notes != NULL ? run->notes->note : "";
  g_autofree char *tip
      = g_strdup_printf ("%s%s%s", run->folder, *note != '\0' ? "\n" : "", note);
  gtk_widget_set_tooltip_text (gtk_list_item_get_child (item),
                               run->problem != NULL ? run->problem : tip);
}

static void
on_image_chosen (GtkWidget *table, NmdSample *sample, NmdResultsPage *self)
{
  nmd_scan_session_set_sample (self->scan_session, sample);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.page", "s", "explain");
}

static void
make_tables (NmdResultsPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_run_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_run_bind), NULL);
  gtk_list_view_set_factory (self->runs, factory);
  g_object_unref (factory);
}

void
nmd_results_page_set_session (NmdResultsPage *self,
                              NmdDataSession *data_session,
                              NmdScanSession *scan_session,
                              NmdRunsSession *runs_session,
                              NmdDeviceSession *devices_session,
                              NmdTrainingSession *training_session)
{
  g_return_if_fail (NMD_IS_RESULTS_PAGE (self) && self->data_session == NULL);

  self->data_session = g_object_ref (data_session);
  self->scan_session = g_object_ref (scan_session);
  self->runs_session = g_object_ref (runs_session);
  self->training_session = g_object_ref (training_session);
  self->run_selection = gtk_single_selection_new (
      g_object_ref (nmd_runs_session_get_runs (runs_session)));
  gtk_single_selection_set_autoselect (self->run_selection, FALSE);
  gtk_single_selection_set_can_unselect (self->run_selection, TRUE);
  gtk_list_view_set_model (self->runs, GTK_SELECTION_MODEL (self->run_selection));
  g_signal_connect_object (self->run_selection, "notify::selected-item",
                           G_CALLBACK (on_run_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (nmd_runs_session_get_runs (runs_session), "items-changed",
                           G_CALLBACK (on_runs_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::in-training",
                           G_CALLBACK (on_runs_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::shown", G_CALLBACK (on_run), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::dataset", G_CALLBACK (ask_results),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->score_button, "clicked",
                           G_CALLBACK (nmd_training_session_evaluate), training_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->resume_button, "clicked",
                           G_CALLBACK (nmd_training_session_resume), training_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::dataset",
                           G_CALLBACK (renew_data_button), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::loading",
                           G_CALLBACK (renew_data_button), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->data_button, "clicked", G_CALLBACK (on_data_button),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->report_button, "clicked", G_CALLBACK (on_report_button),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (training_session, "notify::job",
                           G_CALLBACK (renew_work_buttons), self, G_CONNECT_SWAPPED);
  nmd_results_overview_set_session (self->overview, data_session, scan_session);
  nmd_evidence_pane_set_session (self->rivals, data_session, scan_session);
  nmd_evidence_pane_set_session (self->calibration, data_session, scan_session);
  nmd_evidence_pane_set_session (self->usefulness, data_session, scan_session);
  nmd_evidence_pane_set_session (self->limits, data_session, scan_session);
  nmd_comparison_pane_set_session (self->comparison, runs_session, data_session,
                                   scan_session);
  g_signal_connect_object (self->compare_button, "clicked", G_CALLBACK (on_compare), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->back_button, "clicked", G_CALLBACK (on_compared), self,
                           G_CONNECT_SWAPPED);
  nmd_run_menu_attach (self->run_button, runs_session);
  nmd_outline_review_set_session (self->outlines, data_session, scan_session,
                                  runs_session, devices_session, training_session);
  /* Who comes to see results is shown some. */
  g_signal_connect_object (self, "map", G_CALLBACK (nmd_runs_session_want_one),
                           runs_session, G_CONNECT_SWAPPED);
  on_runs_changed (self);
  on_run (self);
}

static void
nmd_results_page_dispose (GObject *object)
{
  NmdResultsPage *self = NMD_RESULTS_PAGE (object);

  g_clear_object (&self->run_selection);
  g_clear_object (&self->data_session);
  g_clear_object (&self->scan_session);
  g_clear_object (&self->runs_session);
  g_clear_object (&self->training_session);
  g_clear_pointer (&self->results, nmd_run_results_free);
  g_clear_pointer (&self->folder, g_free);
  G_OBJECT_CLASS (nmd_results_page_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, child)

static void
nmd_results_page_class_init (NmdResultsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_results_page_dispose;
  g_type_ensure (NMD_TYPE_WIDTH_FIRST);
  g_type_ensure (NMD_TYPE_RESULTS_OVERVIEW);
  g_type_ensure (NMD_TYPE_EVIDENCE_PANE);
  g_type_ensure (NMD_TYPE_COMPARISON_PANE);
  g_type_ensure (NMD_TYPE_MEASURE_TILES);
  g_type_ensure (NMD_TYPE_OUTLINE_REVIEW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-results-page.ui");
  BIND (stack);
  BIND (run_stack);
  BIND (empty_status);
  BIND (train_button);
  BIND (choose_status);
  BIND (run_status);
  BIND (score_button);
  BIND (resume_button);
  BIND (data_button);
  BIND (report_button);
  BIND (run_button);
  BIND (compare_button);
  BIND (back_button);
  BIND (comparison);
  BIND (runs);
  BIND (tiles);
  BIND (part);
  BIND (unit);
  BIND (overview);
  BIND (rivals);
  BIND (calibration);
  BIND (usefulness);
  BIND (limits);
  BIND (outlines);
  BIND (sentence);
  BIND (caveat);
  BIND (facts);
}

static void
nmd_results_page_init (NmdResultsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->threshold = NAN;
  self->moved = FALSE;
  make_tables (self);
  nmd_evidence_pane_set_kind (self->rivals, NMD_EVIDENCE_RIVALS);
  nmd_evidence_pane_set_kind (self->calibration, NMD_EVIDENCE_CALIBRATION);
  nmd_evidence_pane_set_kind (self->usefulness, NMD_EVIDENCE_USEFULNESS);
  nmd_evidence_pane_set_kind (self->limits, NMD_EVIDENCE_LIMITS);
  g_signal_connect_object (self->overview, "chosen", G_CALLBACK (on_image_chosen), self,
                           0);
  g_signal_connect_object (self->overview, "threshold", G_CALLBACK (on_threshold), self,
                           0);
  g_signal_connect_object (self->outlines, "chosen", G_CALLBACK (on_image_chosen), self,
                           0);
  g_signal_connect_object (self->outlines, "read", G_CALLBACK (on_outlines), self, 0);
  g_signal_connect_swapped (self->part, "notify::selected", G_CALLBACK (on_part), self);
  g_signal_connect_swapped (self->unit, "notify::selected", G_CALLBACK (on_unit), self);
}
