/* SPDX-License-Identifier: Apache-2.0
 *
 * The train page: recipe, charts and the line that says how it stands. What is trained is the
 * session's.
 */
#include "ui/pages/nmd-train-page.h"

#include "ui/dialogs/nmd-import-dialogs.h"
#include "ui/pages/nmd-queue-panel.h"
#include "ui/pages/nmd-train-charts.h"
#include "ui/session/nmd-findings.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-width-first.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdTrainPage
{
  NmdPageBin parent_instance;

  GtkStack *stack;
  AdwStatusPage *empty_page;
  GtkWidget *empty_buttons;
  NmdRecipePanel *recipe;
  NmdTrainCharts *charts;
  GtkLabel *split_label;
  GtkLabel *status;
  GtkLabel *note;
  GtkProgressBar *progress;
  GtkButton *start_button;
  GtkButton *pause_button;
  GtkButton *stop_button;
  GtkButton *resume_button;
  GtkButton *another_button;
  GtkButton *add_button;
  NmdQueuePanel *queue_panel;

  NmdDataSession *data_session;
  NmdRunsSession *runs_session;
  NmdRecipeSession *recipe_session;
  NmdTrainingSession *training_session;
  NmdRunQueue *queue;
  NmdTraining *course;    /* (nullable): what is shown */
  gboolean has_old_split; /* behind another page: renewed when it is seen */
};

G_DEFINE_FINAL_TYPE (NmdTrainPage, nmd_train_page, NMD_TYPE_PAGE_BIN)

/* State */

static gboolean
is_for_outlines (NmdTrainPage *self)
{
  return nmd_parameters_get_task (nmd_recipe_session_get_shown (self->recipe_session))
         == NMD_TASK_SEGMENT;
}

/* A network that finds outlines learns from masks. */
static gboolean
has_what_it_learns_from (NmdTrainPage *self)
{
  return nmd_recipe_session_get_task (self->recipe_session) == NMD_TASK_CLASSIFY
         || nmd_recipe_session_count_masks (self->recipe_session, NULL) > 0;
}

/* A warning is not dimmed: it would hardly be read. */
static void
set_warning (NmdTrainPage *self, gboolean is_warning)
{
  const char *const ordinary[] = { "caption", "dim-label", "numeric", NULL };
  const char *const warning[] = { "caption", "warning", NULL };

  gtk_widget_set_css_classes (GTK_WIDGET (self->split_label),
                              (const char **)(is_warning ? warning : ordinary));
}

static void
renew_split (NmdTrainPage *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  const char *error = nmd_recipe_session_get_split_error (self->recipe_session);
  guint subjects[3] = { 0 }, images[3] = { 0 };
  const NmdPart parts[3] = { NMD_PART_TRAIN, NMD_PART_VALIDATION, NMD_PART_TEST };

  set_warning (self, FALSE);
  if (error != NULL)
    {
      gtk_label_set_text (self->split_label, error);
      set_warning (self, TRUE);
      return;
    }
  if (dataset == NULL)
    {
      gtk_label_set_text (self->split_label, "");
      return;
    }
  for (int i = 0; i < 3; i++)
    images[i]
        = nmd_recipe_session_count_part (self->recipe_session, parts[i], &subjects[i]);
  /* Translators: images (and subjects) of training, validation and test part */
  g_autofree char *text = g_strdup_printf (
      _ ("Images (subjects): %u (%u) training · %u (%u) validation · %u (%u) test"),
      images[0], subjects[0], images[1], subjects[1], images[2], subjects[2]);
  if (is_for_outlines (self))
    {
      guint without = 0;
      guint with = nmd_recipe_session_count_masks (self->recipe_session, &without);
      if (with == 0)
        set_warning (self, TRUE);
      g_autofree char *masks
          = with == 0
                ? g_strdup (_ ("No image has a mask: a network learns to find outlines "
                               "from masks only"))
            : without > 0
                /* Translators: parts of the data set, images without a mask */
                ? g_strdup_printf (
                    _ ("%s · %u without a mask: nothing is learnt from them"), text,
                    without)
                : g_strdup (text);
      g_autofree char *doubtful = nmd_findings_of_masks (dataset);
      g_autofree char *line = g_strconcat (masks, with > 0 ? doubtful : "", NULL);
      gtk_label_set_text (self->split_label, line);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->split_label), line);
      return;
    }
  g_autofree char *missing = nmd_findings_of_dataset (dataset);
  g_autofree char *whole = g_strconcat (text, missing, NULL);
  gtk_label_set_text (self->split_label, whole);
}

static char *
running_text (NmdTrainPage *self)
{
  guint n = 0;
  const char *phase = nmd_training_get_phase (self->course);
  double rate = nmd_training_get_images_per_second (self->course);
  g_autofree char *left
      = nmd_format_duration (nmd_training_get_seconds_left (self->course));

  nmd_training_get_trace (self->course, NMD_TRACE_EPOCH, &n);
  if (nmd_training_get_pause (self->course) == NMD_PAUSE_HOLDS)
    /* Translators: epochs done, planned */
    return g_strdup_printf (
        _ ("Paused · %u of %d epochs done · it keeps its memory and goes on where it is"),
        n, nmd_training_get_n_epochs (self->course));
  if (nmd_training_get_pause (self->course) == NMD_PAUSE_ASKED)
    return g_strdup (_ ("Pausing after this step…"));
  if (!(rate > 0))
    return g_strdup_printf ("%s…", phase);
  /* Translators: phase, epochs done (they are numbered from 0), planned, speed, time */
  return g_strdup_printf (_ ("%s · %u of %d epochs done · %.0f images/s · %s left"),
                          phase, n, nmd_training_get_n_epochs (self->course), rate, left);
}

static char *
ended_text (NmdTrainPage *self)
{
  switch (nmd_training_get_state (self->course))
    {
    case NMD_TRAINING_STOPPED:
      return g_strdup (_ ("Stopped. The best weights so far are kept; it can go on."));
    case NMD_TRAINING_FINISHED:
      if (nmd_training_session_get_training (self->training_session) != self->course)
        return g_strdup (_ ("The course of the chosen run; starting makes a new one."));
      return g_strdup (_ ("Finished. The results are on the next page."));
    default:
      return g_strdup (nmd_training_get_error (self->course));
    }
}

/* What the weights are that the training started from. */
static void
renew_note (NmdTrainPage *self)
{
  const char *note = self->course != NULL ? nmd_training_get_note (self->course) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->note), note != NULL);
  gtk_label_set_text (self->note, note != NULL ? note : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->note), note);
}

/* While a data set is read there is nothing to be opened. */
static void
renew_empty (NmdTrainPage *self)
{
  gboolean loading = nmd_data_session_get_loading (self->data_session);

  adw_status_page_set_title (self->empty_page, loading ? _ ("Reading the Data Set")
                                                       : _ ("Nothing to Train On"));
  adw_status_page_set_description (
      self->empty_page,
      loading ? _ ("Training can be set up as soon as all images are read.")
              : _ ("A network learns from a data set with labels: open one first."));
  gtk_widget_set_visible (self->empty_buttons, !loading);
}

/* While a training runs another one is set up first; while an experiment does the recipe is there anyhow. */
static void
renew_queue_buttons (NmdTrainPage *self, gboolean running, gboolean ready)
{
  gboolean is_next_shown = nmd_recipe_session_is_next_shown (self->recipe_session);
  gboolean can_add = running ? is_next_shown
                             : nmd_run_queue_is_busy (self->queue)
                                   || nmd_run_queue_get_n (self->queue) > 0;

  gtk_widget_set_visible (GTK_WIDGET (self->another_button), running);
  gtk_button_set_label (self->another_button,
                        is_next_shown ? _ ("Show What _Runs") : _ ("_Queue Another…"));
  gtk_widget_set_visible (GTK_WIDGET (self->add_button), can_add);
  gtk_widget_set_sensitive (GTK_WIDGET (self->add_button), ready);
}

static void
renew_running_buttons (NmdTrainPage *self, gboolean running)
{
  gboolean can_stop
      = running && nmd_training_get_state (self->course) == NMD_TRAINING_RUNNING;
  gboolean paused = running && nmd_training_get_pause (self->course) != NMD_PAUSE_NONE;

  gtk_widget_set_visible (GTK_WIDGET (self->pause_button), running);
  gtk_widget_set_sensitive (GTK_WIDGET (self->pause_button), can_stop);
  gtk_button_set_label (self->pause_button, paused ? _ ("_Continue") : _ ("_Pause"));
  gtk_widget_set_visible (GTK_WIDGET (self->stop_button), running);
  gtk_widget_set_sensitive (GTK_WIDGET (self->stop_button), can_stop);
}

static void
renew_state (NmdTrainPage *self)
{
  gboolean running
      = self->course != NULL && nmd_training_session_is_running (self->training_session);
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs_session);
  g_autofree char *text = NULL;
  gboolean ready = dataset != NULL && !nmd_data_session_get_loading (self->data_session)
                   && nmd_recipe_session_get_split_error (self->recipe_session) == NULL
                   && has_what_it_learns_from (self);
  gboolean can_resume
      = !running && run != NULL && nmd_run_get_state (run->run) == NMD_RUN_STARTED;

  gtk_stack_set_visible_child_name (
      self->stack, dataset != NULL || self->course != NULL ? "content" : "empty");
  if (running)
    text = running_text (self);
  else if (self->course != NULL)
    text = ended_text (self);
  else if (ready)
    text = g_strdup (
        _ ("Ready. Training runs in the background; the other pages stay usable."));
  else
    text = g_strdup ("");
  if (self->course != NULL && nmd_training_get_warnings (self->course)->len > 0)
    {
      GPtrArray *warnings = nmd_training_get_warnings (self->course);
      g_autofree char *with = g_strdup_printf (
          "%s · ⚠ %s", text,
          (const char *)g_ptr_array_index (warnings, warnings->len - 1));
      g_free (g_steal_pointer (&text));
      text = g_steal_pointer (&with);
    }
  renew_empty (self);
  renew_note (self);
  gtk_label_set_text (self->status, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), text);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), running);
  if (running)
    gtk_progress_bar_set_fraction (
        self->progress, CLAMP (nmd_training_get_fraction (self->course), 0, 1));
  renew_queue_buttons (self, running, ready);
  gtk_widget_set_visible (GTK_WIDGET (self->start_button), !running);
  gtk_widget_set_sensitive (GTK_WIDGET (self->start_button), ready);
  renew_running_buttons (self, running);
  gtk_widget_set_visible (GTK_WIDGET (self->resume_button), can_resume);
}

static void
on_course (NmdTrainPage *self)
{
  NmdTraining *course = nmd_training_session_get_course (self->training_session);

  if (self->course != NULL)
    g_signal_handlers_disconnect_by_data (self->course, self);
  g_set_object (&self->course, course);
  if (course != NULL)
    g_signal_connect_object (course, "changed", G_CALLBACK (renew_state), self,
                             G_CONNECT_SWAPPED);
  renew_state (self);
}

static void
on_parts (NmdTrainPage *self)
{
  self->has_old_split = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!self->has_old_split)
    renew_split (self);
  renew_state (self);
}

static void
on_map (NmdTrainPage *self)
{
  if (self->has_old_split)
    on_parts (self);
}

/* Page */

static void add (NmdTrainPage *self);

static void
start_again (gpointer page)
{
  nmd_train_page_start (page);
}

static void
add_again (gpointer page)
{
  add (page);
}

/* A value that is being typed counts when its entry is left. */
static void
take_typed (NmdTrainPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->recipe)))
    gtk_root_set_focus (root, NULL);
}

/* Asks about doubtful masks first. */
static void
start_or_add (NmdTrainPage *self, gboolean adds)
{
  take_typed (self);

  const char *network = nmd_recipe_panel_get_network (self->recipe);
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  g_autoptr (GError) error = NULL;

  if (network != NULL && dataset != NULL
      && !nmd_dataset_check_masks (
          dataset, nmd_data_session_get_import (self->data_session)->accept_masks,
          &error))
    nmd_masks_dialog_present (GTK_WIDGET (self), self->data_session, error->message,
                              adds ? add_again : start_again, G_OBJECT (self));
  else if (network != NULL && adds)
    nmd_run_queue_add (self->queue, network,
                       nmd_recipe_panel_get_preset (self->recipe)
                           == NMD_PRESET_QUICK_LOOK);
  else if (network != NULL)
    {
      nmd_training_session_start (self->training_session, network,
                                  nmd_recipe_panel_get_preset (self->recipe)
                                      == NMD_PRESET_QUICK_LOOK);
      nmd_recipe_session_show_next (self->recipe_session, FALSE);
    }
}

void
nmd_train_page_start (NmdTrainPage *self)
{
  g_return_if_fail (NMD_IS_TRAIN_PAGE (self));
  /* The key may not do what the button may not. */
  if (!nmd_training_session_is_running (self->training_session)
      && gtk_widget_get_sensitive (GTK_WIDGET (self->start_button)))
    start_or_add (self, FALSE);
}

static void
add (NmdTrainPage *self)
{
  start_or_add (self, TRUE);
}

static void
on_pause (NmdTrainPage *self)
{
  NmdTraining *training = nmd_training_session_get_training (self->training_session);

  if (training != NULL)
    nmd_training_set_paused (training,
                             nmd_training_get_pause (training) == NMD_PAUSE_NONE);
}

static void
on_another (NmdTrainPage *self)
{
  nmd_recipe_session_show_next (self->recipe_session,
                                !nmd_recipe_session_is_next_shown (self->recipe_session));
}

/* What is being set up stays in sight from one training of the queue to the next. */
static void
on_queue (NmdTrainPage *self)
{
  if (!nmd_training_session_is_running (self->training_session)
      && nmd_run_queue_get_n (self->queue) == 0)
    nmd_recipe_session_show_next (self->recipe_session, FALSE);
  renew_state (self);
}

static void
connect_queue (NmdTrainPage *self)
{
  nmd_queue_panel_set_queue (self->queue_panel, self->queue);
  g_signal_connect_swapped (self->another_button, "clicked", G_CALLBACK (on_another),
                            self);
  g_signal_connect_swapped (self->add_button, "clicked", G_CALLBACK (add), self);
  g_signal_connect_object (self->recipe_session, "changed", G_CALLBACK (renew_state),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "notify::busy", G_CALLBACK (on_queue), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (nmd_run_queue_get_list (self->queue), "items-changed",
                           G_CALLBACK (on_queue), self, G_CONNECT_SWAPPED);
}

void
nmd_train_page_set_session (NmdTrainPage *self,
                            NmdDataSession *data_session,
                            NmdRunsSession *runs_session,
                            NmdRecipeSession *recipe_session,
                            NmdDeviceSession *devices_session,
                            NmdTrainingSession *training_session,
                            NmdRunQueue *queue)
{
  g_return_if_fail (NMD_IS_TRAIN_PAGE (self) && self->data_session == NULL);

  self->data_session = g_object_ref (data_session);
  self->runs_session = g_object_ref (runs_session);
  self->recipe_session = g_object_ref (recipe_session);
  self->training_session = g_object_ref (training_session);
  self->queue = g_object_ref (queue);
  nmd_recipe_panel_set_session (self->recipe, recipe_session, devices_session,
                                training_session);
  nmd_train_charts_set_session (self->charts, data_session, runs_session, recipe_session,
                                training_session);
  g_signal_connect_swapped (self->start_button, "clicked",
                            G_CALLBACK (nmd_train_page_start), self);
  g_signal_connect_swapped (self->pause_button, "clicked", G_CALLBACK (on_pause), self);
  g_signal_connect_object (self->stop_button, "clicked",
                           G_CALLBACK (nmd_training_session_stop), training_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->resume_button, "clicked",
                           G_CALLBACK (nmd_training_session_resume), training_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe_session, "parts-changed", G_CALLBACK (on_parts), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::loading", G_CALLBACK (renew_state),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::shown", G_CALLBACK (renew_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (training_session, "notify::training", G_CALLBACK (on_queue),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (training_session, "notify::course", G_CALLBACK (on_course),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_after (self, "map", G_CALLBACK (on_map), NULL);
  connect_queue (self);
  on_course (self);
  on_parts (self);
}

static void
nmd_train_page_dispose (GObject *object)
{
  NmdTrainPage *self = NMD_TRAIN_PAGE (object);

  g_clear_object (&self->course);
  g_clear_object (&self->data_session);
  g_clear_object (&self->runs_session);
  g_clear_object (&self->recipe_session);
  g_clear_object (&self->training_session);
  g_clear_object (&self->queue);
  G_OBJECT_CLASS (nmd_train_page_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, child)

static void
nmd_train_page_class_init (NmdTrainPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_train_page_dispose;
  g_type_ensure (NMD_TYPE_WIDTH_FIRST);
  g_type_ensure (NMD_TYPE_QUEUE_PANEL);
  g_type_ensure (NMD_TYPE_RECIPE_PANEL);
  g_type_ensure (NMD_TYPE_TRAIN_CHARTS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-train-page.ui");
  BIND (stack);
  BIND (empty_page);
  BIND (empty_buttons);
  BIND (recipe);
  BIND (charts);
  BIND (split_label);
  BIND (status);
  BIND (note);
  BIND (progress);
  BIND (start_button);
  BIND (pause_button);
  BIND (stop_button);
  BIND (resume_button);
  BIND (another_button);
  BIND (add_button);
  BIND (queue_panel);
}

static void
nmd_train_page_init (NmdTrainPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
