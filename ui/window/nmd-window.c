/* SPDX-License-Identifier: Apache-2.0
 *
 * The main window. Pages show the session; this file joins them and asks for files and
 * decisions.
 */
#include "ui/window/nmd-window.h"

#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/dialogs/nmd-help-window.h"
#include "ui/dialogs/nmd-import-dialogs.h"
#include "ui/dialogs/nmd-outlines-dialog.h"
#include "ui/dialogs/nmd-preferences.h"
#include "ui/dialogs/nmd-question.h"
#include "ui/dialogs/nmd-teaching-window.h"
#include "ui/pages/nmd-data-page.h"
#include "ui/pages/nmd-experiment-page.h"
#include "ui/pages/nmd-explain-page.h"
#include "ui/pages/nmd-results-page.h"
#include "ui/pages/nmd-scan-page.h"
#include "ui/pages/nmd-train-page.h"
#include "ui/pages/nmd-welcome-page.h"
#include "ui/widgets/nmd-control-names.h"
#include "ui/window/nmd-banner.h"
#include "ui/window/nmd-closing.h"
#include "ui/window/nmd-cut-short.h"
#include "ui/window/nmd-notice-bar.h"
#include "ui/window/nmd-notify.h"
#include "ui/window/nmd-opening.h"
#include "ui/window/nmd-state.h"
#include "ui/window/nmd-toaster.h"

#include <glib/gi18n.h>

struct _NmdWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkStack *title_stack;
  GMenu *recent;
  GtkMenuButton *job_button;
  GtkLabel *job_label;
  GtkRevealer *progress_revealer;
  GtkProgressBar *progress;
  GtkRevealer *banner_revealer;
  GtkLabel *banner;
  NmdNoticeBar *notice_bar;
  GtkStack *root;
  AdwViewStack *pages;
  NmdScanPage *scan_page;
  NmdDataPage *data_page;
  NmdTrainPage *train_page;
  NmdResultsPage *results_page;
  NmdExperimentPage *experiment_page;
  NmdExplainPage *explain_page;

  NmdAppSession *session;
  NmdDataSession *data; /* the session's parts, borrowed */
  NmdScanSession *scan;
  NmdRunsSession *runs;
  NmdDeviceSession *devices;
  NmdTrainingSession *training;
  NmdExperimentSession *experiments;
  GSettings *settings;
  NmdJob *job;         /* whose progress is shown */
  NmdRunItem *offered; /* (nullable): the run that can go on */
  char *unfinished;    /* (nullable): folder name of a training that was cut short */
  char *page_again;    /* (nullable): to be shown when what was opened last is there */
  gboolean page_asked; /* a page was asked for by name: Welcome does not come back */
  gboolean may_close;  /* the user has said so, or the session ends */
};

G_DEFINE_FINAL_TYPE (NmdWindow, nmd_window, ADW_TYPE_APPLICATION_WINDOW)

/* Telling */

static void
on_message (NmdNotices *notices, const char *text, NmdWindow *self)
{
  nmd_toaster_show (self->toasts, text);
  nmd_notice_bar_pass (self->notice_bar);
}

/* A problem that was told before is over, or does not matter any more. */
static void
on_success (NmdWindow *self)
{
  if (nmd_data_session_get_dataset (self->data) != NULL
      || nmd_scan_session_get_scan (self->scan) != NULL
      || nmd_runs_session_get_shown (self->runs) != NULL)
    nmd_notice_bar_pass (self->notice_bar);
}

static void
on_problem (NmdNotices *notices, const char *text, NmdWindow *self)
{
  nmd_notice_bar_show (self->notice_bar, text, NULL, NULL);
  g_clear_pointer (&self->page_again,
                   g_free); /* what was to be shown on it did not open */
}

static void
on_run_data_missing (NmdDataSession *session, const char *text, NmdWindow *self)
{
  /* Translators: the placeholder is the reason */
  g_autofree char *sentence
      = g_strdup_printf (_ ("The run's pictures cannot be shown: %s"), text);

  nmd_notice_bar_show (self->notice_bar, sentence, "win.open-run-data", _ ("_Find It…"));
}

static void
close_notice (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_notice_bar_close (NMD_WINDOW (widget)->notice_bar);
}

/* What stays true while it is true: of the data on the page, and of the model. */
static void
renew_banner (NmdWindow *self)
{
  g_autofree char *text
      = nmd_banner_get_text (adw_view_stack_get_visible_child_name (self->pages),
                             self->data, self->scan, self->runs);

  if (text != NULL)
    gtk_label_set_text (self->banner, text);
  gtk_revealer_set_reveal_child (self->banner_revealer, text != NULL);
}

static void
renew_root (NmdWindow *self)
{
  gboolean any = nmd_data_session_get_dataset (self->data) != NULL
                 || nmd_data_session_get_loading (self->data)
                 || nmd_scan_session_get_scan (self->scan) != NULL
                 || nmd_runs_session_get_shown (self->runs) != NULL
                 || nmd_experiment_session_get_folder (self->experiments) != NULL
                 || self->page_asked;

  gtk_stack_set_visible_child_name (self->root, any ? "pages" : "welcome");
  gtk_stack_set_visible_child_name (self->title_stack, any ? "switcher" : "title");
  renew_banner (self);
}

/* Progress */

static void
on_fraction (NmdWindow *self)
{
  double fraction = CLAMP (nmd_job_get_fraction (self->job), 0, 1);
  /* Translators: what is being done, and how far */
  g_autofree char *text
      = fraction > 0 ? g_strdup_printf (_ ("%s: %.0f %%"), nmd_job_get_title (self->job),
                                        fraction * 100)
                     : g_strdup_printf ("%s…", nmd_job_get_title (self->job));

  gtk_progress_bar_set_fraction (self->progress, fraction);
  gtk_label_set_text (self->job_label, text);
}

static void
on_job (NmdWindow *self)
{
  NmdJob *job = nmd_app_session_get_job (self->session);

  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_set_object (&self->job, job);
  gtk_revealer_set_reveal_child (self->progress_revealer, job != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->job_button), job != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.stop", job != NULL);
  if (job == NULL)
    return;
  g_signal_connect_object (job, "notify::fraction", G_CALLBACK (on_fraction), self,
                           G_CONNECT_SWAPPED);
  on_fraction (self);
}

/* Pages */

void
nmd_window_show_page (NmdWindow *self, const char *page)
{
  g_return_if_fail (NMD_IS_WINDOW (self));
  if (page != NULL && adw_view_stack_get_child_by_name (self->pages, page) != NULL)
    adw_view_stack_set_visible_child_name (self->pages, page);
}

static void
on_show_page (NmdNotices *notices, const char *page, NmdWindow *self)
{
  g_autofree char *again = g_steal_pointer (&self->page_again);

  nmd_window_show_page (self, again != NULL ? again : page);
}

static void
page_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdWindow *self = NMD_WINDOW (widget);

  nmd_window_show_page (self, g_variant_get_string (parameter, NULL));
  self->page_asked = TRUE;
  renew_root (self);
}

/* Opening */

static void
open_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_opening_ask (widget, NMD_WINDOW (widget)->session, action);
}

static void
on_run_data_path (const char *path, gpointer window)
{
  NmdWindow *self = window;

  nmd_notice_bar_close (self->notice_bar);
  nmd_runs_session_open_data (self->runs, path);
}

/* A folder or a file is asked for, as the run's data set was one. */
static void
open_run_data (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdRunItem *run = nmd_runs_session_get_shown (NMD_WINDOW (widget)->runs);
  const char *path = run != NULL ? nmd_run_get_dataset_path (run->run) : "";
  gboolean is_file = nmd_dataset_is_file_name (path);
  const NmdFileRequest request
      = { _ ("The Run's Data Set"), is_file ? GTK_FILE_CHOOSER_ACTION_OPEN
                                            : GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER };

  nmd_file_dialog_present (widget, &request, on_run_data_path, G_OBJECT (widget));
}

static void
open_recent (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_app_session_open (NMD_WINDOW (widget)->session,
                        g_variant_get_string (parameter, NULL));
}

static void
open_demo (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_data_session_open_demo (NMD_WINDOW (widget)->data);
  nmd_window_show_page (NMD_WINDOW (widget), "data");
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, NmdWindow *self)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  for (GSList *l = g_value_get_boxed (value); l != NULL; l = l->next)
    if (g_file_peek_path (l->data) != NULL)
      g_ptr_array_add (paths, (char *)g_file_peek_path (l->data));
  g_ptr_array_add (paths, NULL);
  nmd_app_session_open_all (self->session, (const char *const *)paths->pdata);
  return paths->len > 1;
}

static void
on_decide (NmdDataSession *session,
           int decision,
           const char *path,
           const char *text,
           const char *const *choices,
           NmdWindow *self)
{
  nmd_import_dialog_present (GTK_WINDOW (self), session, (NmdDecision)decision, path,
                             text, choices);
}

/* Actions */

static void
stop_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdWindow *self = NMD_WINDOW (widget);

  gtk_menu_button_popdown (self->job_button);
  nmd_app_session_stop (self->session);
}

static void
train_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_train_page_start (NMD_WINDOW (widget)->train_page);
}

static void
export_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_outlines_dialog_present (GTK_WINDOW (widget), NMD_WINDOW (widget)->data);
}

static void
teach_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_teaching_window_present (GTK_WINDOW (widget), NMD_WINDOW (widget)->session);
}

static void
preferences_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_preferences_present (GTK_WINDOW (widget), NMD_WINDOW (widget)->devices,
                           NMD_WINDOW (widget)->settings);
}

/* The page of the help that is asked for, or goes with what is seen. */
static void
help_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  const char *page = adw_view_stack_get_visible_child_name (NMD_WINDOW (widget)->pages);

  page = g_strcmp0 (page, "scan") == 0 ? "sonographer" : "researcher";
  nmd_help_window_present (GTK_WINDOW (widget),
                           parameter != NULL ? g_variant_get_string (parameter, NULL)
                                             : page);
}

static void
step_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  nmd_explain_page_step (NMD_WINDOW (widget)->explain_page,
                         g_str_has_suffix (action, "next-image") ? 1 : -1);
}

static void
picture_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdWindow *self = NMD_WINDOW (widget);
  const char *page = adw_view_stack_get_visible_child_name (self->pages);
  gboolean copies = g_str_has_suffix (action, "copy-picture");

  if (g_strcmp0 (page, "scan") == 0)
    (copies ? nmd_scan_page_copy : nmd_scan_page_save) (self->scan_page);
  else if (g_strcmp0 (page, "explain") == 0)
    (copies ? nmd_explain_page_copy : nmd_explain_page_save) (self->explain_page);
}

/* Window */

static void
renew_title (NmdWindow *self)
{
  g_autofree char *title = nmd_banner_get_title (self->data, self->scan);

  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
on_dataset (NmdWindow *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.teach", dataset != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.outlines", dataset != NULL);
  renew_title (self);
  if (dataset != NULL && nmd_data_session_get_path (self->data) != NULL)
    nmd_state_note_opened (self->settings, nmd_data_session_get_path (self->data));
  renew_root (self);
}

/* A file of its own is noted where that is wanted; an image of the data set is not. */
static void
on_scan (NmdWindow *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan);

  renew_title (self);
  if (scan != NULL && scan->sample == NULL)
    nmd_state_note_opened (self->settings, scan->path);
  renew_root (self);
}

void
nmd_window_open_last (NmdWindow *self)
{
  g_return_if_fail (NMD_IS_WINDOW (self));

  g_autofree char *path = nmd_state_dup_last (self->settings);
  if (path == NULL)
    return;
  self->page_again = g_settings_get_string (self->settings, "page");
  nmd_app_session_open (self->session, path);
}

/* Closing */

static void
save_state (NmdWindow *self)
{
  if (self->settings == NULL)
    return;
  g_settings_set_string (self->settings, "device",
                         nmd_device_session_get (self->devices));
  nmd_state_save (self->settings, GTK_WINDOW (self),
                  adw_view_stack_get_visible_child_name (self->pages));
  g_settings_set_boolean (self->settings, "show-preprocessing",
                          nmd_data_page_get_strip (self->data_page));
}

static void
close_anyway (gpointer window)
{
  NmdWindow *self = window;

  self->may_close = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}

static gboolean
nmd_window_close_request (GtkWindow *window)
{
  NmdWindow *self = NMD_WINDOW (window);

  if (!self->may_close
      && nmd_closing_ask (GTK_WIDGET (self), self->session, close_anyway))
    return GDK_EVENT_STOP;
  save_state (self);
  return GTK_WINDOW_CLASS (nmd_window_parent_class)->close_request (window);
}

void
nmd_window_close_at_once (NmdWindow *self)
{
  g_return_if_fail (NMD_IS_WINDOW (self));
  close_anyway (self);
}

/* A training that was cut short */

static void
on_training (NmdWindow *self)
{
  if (self->settings != NULL && !self->may_close)
    nmd_cut_short_note (self->settings, self->training);
  NmdTraining *training = nmd_training_session_get_training (self->training);
  if (training != NULL)
    nmd_notify_ended (GTK_WINDOW (self), training);
}

static void
on_runs (NmdWindow *self)
{
  GListModel *runs = nmd_runs_session_get_runs (self->runs);
  g_autoptr (NmdRunItem) item = nmd_cut_short_find (runs, self->unfinished);

  if (item == NULL)
    return;
  g_clear_pointer (&self->unfinished, g_free);
  g_set_object (&self->offered, item);
  nmd_notice_bar_offer (self->notice_bar,
                        _ ("The last training was cut short. It can go on where it was"),
                        "win.resume-training", _ ("_Go On"));
}

static void
resume_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdWindow *self = NMD_WINDOW (widget);

  nmd_notice_bar_close (self->notice_bar);
  if (self->offered == NULL)
    return;
  nmd_runs_session_set_run (self->runs, self->offered);
  nmd_training_session_resume (self->training);
  g_clear_object (&self->offered);
}

static void
nmd_window_dispose (GObject *object)
{
  NmdWindow *self = NMD_WINDOW (object);

  g_clear_object (&self->job);
  g_clear_object (&self->offered);
  g_clear_pointer (&self->unfinished, g_free);
  g_clear_pointer (&self->page_again, g_free);
  g_clear_object (&self->settings);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_WINDOW);
  G_OBJECT_CLASS (nmd_window_parent_class)->dispose (object);
}

#define BIND(child) gtk_widget_class_bind_template_child (widget_class, NmdWindow, child)

static void
install_actions (GtkWidgetClass *widget_class)
{
  const struct
  {
    const char *name;
    const char *type;
    GtkWidgetActionActivateFunc func;
  } actions[] = {
    { "win.open-folder", NULL, open_action },
    { "win.open-file", NULL, open_action },
    { "win.open-image", NULL, open_action },
    { "win.open-run", NULL, open_action },
    { "win.open-run-data", NULL, open_run_data },
    { "win.open-recent", "s", open_recent },
    { "win.demo", NULL, open_demo },
    { "win.page", "s", page_action },
    { "win.resume-training", NULL, resume_action },
    { "win.stop", NULL, stop_action },
    { "win.train", NULL, train_action },
    { "win.outlines", NULL, export_action },
    { "win.teach", NULL, teach_action },
    { "win.preferences", NULL, preferences_action },
    { "win.help", NULL, help_action },
    { "win.help-page", "s", help_action },
    { "win.close-notice", NULL, close_notice },
    { "win.next-image", NULL, step_action },
    { "win.previous-image", NULL, step_action },
    { "win.copy-picture", NULL, picture_action },
    { "win.save-picture", NULL, picture_action },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].type,
                                     actions[i].func);
}

static void
nmd_window_class_init (NmdWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = nmd_window_close_request;
  g_type_ensure (NMD_TYPE_NOTICE_BAR);
  g_type_ensure (NMD_TYPE_WELCOME_PAGE);
  g_type_ensure (NMD_TYPE_SCAN_PAGE);
  g_type_ensure (NMD_TYPE_DATA_PAGE);
  g_type_ensure (NMD_TYPE_TRAIN_PAGE);
  g_type_ensure (NMD_TYPE_RESULTS_PAGE);
  g_type_ensure (NMD_TYPE_EXPERIMENT_PAGE);
  g_type_ensure (NMD_TYPE_EXPLAIN_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/nmdassist/NmdAssist/nmd-window.ui");
  BIND (toasts);
  BIND (title_stack);
  BIND (recent);
  BIND (job_button);
  BIND (job_label);
  BIND (progress_revealer);
  BIND (progress);
  BIND (banner_revealer);
  BIND (banner);
  BIND (notice_bar);
  BIND (root);
  BIND (pages);
  BIND (scan_page);
  BIND (data_page);
  BIND (train_page);
  BIND (results_page);
  BIND (experiment_page);
  BIND (explain_page);
  install_actions (widget_class);
}

static void
nmd_window_init (NmdWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  gtk_widget_init_template (GTK_WIDGET (self));
  /* A data set is seen first; a scan that is opened brings its page itself. */
  adw_view_stack_set_visible_child_name (self->pages, "data");
  self->settings = nmd_state_find_settings ();
  g_signal_connect (drop, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.stop", FALSE);
}

static void
restore (NmdWindow *self)
{
  gboolean strip = TRUE;
  g_autofree char *device = NULL;

  if (self->settings != NULL)
    {
      nmd_state_restore (self->settings, GTK_WINDOW (self));
      nmd_state_follow_theme (self->settings, GTK_WINDOW (self));
      nmd_state_fill_recent (self->settings, self->recent, GTK_WINDOW (self));
      nmd_state_follow_threads (self->settings, self->devices);
      strip = g_settings_get_boolean (self->settings, "show-preprocessing");
      self->unfinished = nmd_cut_short_dup_noted (self->settings, GTK_WINDOW (self));
      device = g_settings_get_string (self->settings, "device");
      /* A card that is gone stays chosen and says so; what is no name is left alone. */
      nmd_device_session_choose (self->devices, device, NULL, NULL);
    }
  nmd_data_page_show_strip (self->data_page, strip);
  nmd_data_page_bind_settings (self->data_page, self->settings);
  nmd_explain_page_bind_settings (self->explain_page, self->settings);
}

static void
set_up_pages (NmdWindow *self)
{
  NmdRecipeSession *recipe = nmd_app_session_get_recipe (self->session);
  NmdExplanationSession *explanation = nmd_app_session_get_explanation (self->session);
  NmdProposalSession *proposals = nmd_app_session_get_proposals (self->session);

  nmd_scan_page_set_session (self->scan_page, nmd_app_session_get_notices (self->session),
                             self->scan, nmd_app_session_get_visit (self->session),
                             self->runs, explanation, proposals);
  nmd_data_page_set_session (self->data_page, nmd_app_session_get_notices (self->session),
                             self->data, self->scan, recipe, self->runs, explanation,
                             proposals);
  nmd_train_page_set_session (self->train_page, self->data, self->runs, recipe,
                              self->devices, self->training,
                              nmd_app_session_get_queue (self->session));
  nmd_results_page_set_session (self->results_page, self->data, self->scan, self->runs,
                                self->devices, self->training);
  nmd_experiment_page_set_session (self->experiment_page,
                                   nmd_app_session_get_notices (self->session),
                                   self->data, recipe, self->experiments, explanation);
  nmd_explain_page_set_session (self->explain_page,
                                nmd_app_session_get_notices (self->session), self->data,
                                self->scan, self->runs, explanation, proposals,
                                nmd_data_page_get_model (self->data_page));
}

static void
connect_session (NmdWindow *self)
{
  NmdNotices *notices = nmd_app_session_get_notices (self->session);
  const struct
  {
    gpointer object;
    const char *signal;
    GCallback callback;
    GConnectFlags flags;
  } connections[] = {
    { notices, "message", G_CALLBACK (on_message), 0 },
    { notices, "problem", G_CALLBACK (on_problem), 0 },
    { notices, "show-page", G_CALLBACK (on_show_page), 0 },
    { self->data, "run-data-missing", G_CALLBACK (on_run_data_missing), 0 },
    { self->data, "decide", G_CALLBACK (on_decide), 0 },
    { self->data, "notify::dataset", G_CALLBACK (on_dataset), G_CONNECT_SWAPPED },
    { self->data, "notify::loading", G_CALLBACK (renew_root), G_CONNECT_SWAPPED },
    { self->scan, "notify::scan", G_CALLBACK (on_scan), G_CONNECT_SWAPPED },
    { self->runs, "notify::has-model", G_CALLBACK (renew_banner), G_CONNECT_SWAPPED },
    { self->runs, "notify::shown", G_CALLBACK (renew_root), G_CONNECT_SWAPPED },
    { self->session, "notify::job", G_CALLBACK (on_job), G_CONNECT_SWAPPED },
    { self->training, "notify::training", G_CALLBACK (on_training), G_CONNECT_SWAPPED },
    { self->data, "notify::dataset", G_CALLBACK (on_success), G_CONNECT_SWAPPED },
    { self->scan, "notify::scan", G_CALLBACK (on_success), G_CONNECT_SWAPPED },
    { self->runs, "notify::shown", G_CALLBACK (on_success), G_CONNECT_SWAPPED },
    { self->experiments, "contents-changed", G_CALLBACK (renew_root), G_CONNECT_SWAPPED },
    { nmd_runs_session_get_runs (self->runs), "items-changed", G_CALLBACK (on_runs),
      G_CONNECT_SWAPPED },
    { nmd_data_session_get_samples (self->data), "items-changed",
      G_CALLBACK (renew_banner), G_CONNECT_SWAPPED },
    { self->pages, "notify::visible-child", G_CALLBACK (renew_banner),
      G_CONNECT_SWAPPED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_signal_connect_object (connections[i].object, connections[i].signal,
                             connections[i].callback, self, connections[i].flags);
}

NmdWindow *
nmd_window_new (GtkApplication *application, NmdAppSession *session)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (session), NULL);

  NmdWindow *self = g_object_new (NMD_TYPE_WINDOW, "application", application, NULL);
  self->session = g_object_ref (session);
  self->data = nmd_app_session_get_data (session);
  self->scan = nmd_app_session_get_scan (session);
  self->runs = nmd_app_session_get_runs (session);
  self->devices = nmd_app_session_get_devices (session);
  self->training = nmd_app_session_get_training (session);
  self->experiments = nmd_app_session_get_experiments (session);
  nmd_notice_bar_set_devices (self->notice_bar, self->devices);
  set_up_pages (self);
  connect_session (self);
  restore (self);
  on_dataset (self);
  on_job (self);
  nmd_control_names_set (GTK_WIDGET (self));
  return self;
}
