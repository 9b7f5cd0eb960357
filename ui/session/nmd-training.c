/* SPDX-License-Identifier: Apache-2.0
 *
 * Follows a training. What an epoch is, and when it ends, is engine/train's; here its
 * events become records of a job, and records become arrays for plots and rows for the
 * table.
 */
#include "ui/session/nmd-training.h"

#include "engine/train/nmd-quick-look.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_ROCS 12
#define STEP_INTERVAL (G_USEC_PER_SEC / 5)

G_DEFINE_FINAL_TYPE (NmdEpochItem, nmd_epoch_item, G_TYPE_OBJECT)

static void
nmd_epoch_item_class_init (NmdEpochItemClass *klass)
{
}

static void
nmd_epoch_item_init (NmdEpochItem *self)
{
}

NmdEpochItem *
nmd_epoch_item_new (const NmdEpoch *epoch)
{
  NmdEpochItem *self = g_object_new (NMD_TYPE_EPOCH_ITEM, NULL);

  self->epoch = *epoch;
  return self;
}

struct _NmdTraining
{
  GObject parent_instance;

  NmdJob *job;
  NmdTrainingState state;
  NmdPause pause;
  char *folder;
  char *phase;
  char *error;
  char *note;
  GListStore *epochs;
  GPtrArray *warnings;
  GPtrArray *rocs;
  GArray *traces[NMD_N_TRACES];
  NmdParameters *parameters; /* that it trains with */
  const NmdNetwork *network; /* nullable */
  char *dataset_hash;
  int averaging_from;
  double fraction, seconds_left, images_per_second, rival_auc;
};

enum
{
  CHANGED,
  PLAN_CHANGED,
  ENDED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdTraining, nmd_training, G_TYPE_OBJECT)

/* What the job is given. */
typedef struct
{
  NmdTrainSettings *settings; /* a new training, or … */
  gboolean quick_look;
  char *folder; /* … a run to go on with */
  NmdDataset *dataset;
} Input;

/* What the job tells: an event with everything borrowed made its own. */
typedef struct
{
  NmdTrainEvent event;
  NmdEpoch epoch;
  NmdRoc *roc;
  char *text;
  int n_epochs, limit; /* n_epochs > 0: the plan has changed */
  gboolean has_begun;  /* nothing before it runs any more */
  gboolean holds;      /* a pause begins; nothing else is told */
} Record;

typedef struct
{
  NmdJob *job;
  gint64 last_step;
} Teller;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_clear_pointer (&input->settings, nmd_train_settings_free);
  g_free (input->folder);
  g_clear_object (&input->dataset);
  g_free (input);
}

static void
record_free (gpointer data)
{
  Record *record = data;

  g_clear_pointer (&record->roc, nmd_roc_free);
  g_free (record->text);
  g_free (record);
}

static void
tell_event (Teller *teller, const NmdTrainEvent *event)
{

  if (event->kind == NMD_TRAIN_DEVICE) /* shown from the run */
    return;
  if (event->kind != NMD_TRAIN_EPOCH && event->kind != NMD_TRAIN_WARNING
      && event->kind != NMD_TRAIN_NOTE)
    {
      gint64 now = g_get_monotonic_time ();
      if (now - teller->last_step < STEP_INTERVAL)
        return;
      teller->last_step = now;
    }
  Record *record = g_new0 (Record, 1);
  record->event = *event;
  if (event->epoch != NULL)
    record->epoch = *event->epoch;
  if (event->roc != NULL)
    record->roc = nmd_roc_copy (event->roc);
  record->text = g_strdup (event->text);
  record->event.epoch = NULL;
  record->event.roc = NULL;
  record->event.text = NULL;
  nmd_job_report (teller->job, event->fraction, record);
}

/* On the work thread, between two steps: here a pause holds it. */
static void
on_event (const NmdTrainEvent *event, gpointer user_data)
{
  Teller *teller = user_data;

  tell_event (teller, event);
  if (!nmd_job_get_paused (teller->job))
    return;
  Record *record = g_new0 (Record, 1);
  record->holds = TRUE;
  nmd_job_report (teller->job, -1, record);
  nmd_job_hold (teller->job);
}

/* The work before it has ended. */
static void
tell_begun (NmdJob *job)
{
  Record *record = g_new0 (Record, 1);

  record->event.kind = NMD_TRAIN_PREPARE;
  record->has_begun = TRUE;
  nmd_job_report (job, -1, record);
}

/* Chooses epochs and images so that the whole ends within three minutes on this machine. */
static gboolean
choose_epochs (Input *input, NmdJob *job, GCancellable *cancellable, GError **error)
{
  NmdParameters *parameters = input->settings->parameters;
  NmdQuickLook choice;
  double seconds = 0;

  if (!nmd_quick_look_measure (input->settings, &seconds, cancellable, error)
      || !nmd_quick_look_choose (input->settings->dataset, parameters, seconds, &choice,
                                 error)
      || !nmd_parameters_set (parameters, "epochs", choice.epochs, error)
      || !nmd_parameters_set (parameters, "limit", choice.limit, error))
    return FALSE;

  Record *record = g_new0 (Record, 1);
  record->event.kind = NMD_TRAIN_PREPARE;
  record->event.seconds_left = NAN;
  record->n_epochs = choice.epochs;
  record->limit = choice.limit;
  nmd_job_report (job, -1, record);
  return TRUE;
}

static gpointer
train_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  Input *input = (Input *)data;
  Teller teller = { job, 0 };
  gboolean done = FALSE;

  tell_begun (job);
  if (input->settings == NULL)
    done = nmd_train_resume (input->folder, NULL, input->dataset, on_event, &teller,
                             cancellable, error);
  else
    {
      if (input->quick_look && !choose_epochs (input, job, cancellable, error))
        return NULL;
      done = nmd_train_run (input->settings, on_event, &teller, cancellable, error);
    }
  return done ? GINT_TO_POINTER (TRUE) : NULL;
}

/* One epoch is the best: what was so before is not any more. */
static void
forget_best (NmdTraining *self)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->epochs)); i > 0; i--)
    {
      g_autoptr (NmdEpochItem) former
          = g_list_model_get_item (G_LIST_MODEL (self->epochs), i - 1);

      if (!former->epoch.best)
        continue;
      g_autoptr (NmdEpochItem) item = nmd_epoch_item_new (&former->epoch);
      gpointer items[] = { item };
      item->epoch.best = FALSE;
      g_list_store_splice (self->epochs, i - 1, 1, items, 1);
      return;
    }
}

static void
take_epoch (NmdTraining *self, const Record *record)
{
  const NmdEpoch *epoch = &record->epoch;
  double values[NMD_N_TRACES] = { epoch->epoch,   epoch->train_loss, epoch->val_loss,
                                  epoch->val_auc, epoch->val_dice,   epoch->lr };
  g_autoptr (NmdEpochItem) item = nmd_epoch_item_new (epoch);

  if (epoch->best)
    forget_best (self);
  g_list_store_append (self->epochs, item);
  for (int i = 0; i < NMD_N_TRACES; i++)
    g_array_append_val (self->traces[i], values[i]);
  if (record->roc != NULL)
    {
      if (self->rocs->len >= MOST_ROCS)
        g_ptr_array_remove_index (self->rocs, 0);
      g_ptr_array_add (self->rocs, nmd_roc_copy (record->roc));
    }
  if (!isnan (record->event.rival_auc))
    self->rival_auc = record->event.rival_auc;
  if (epoch->averaging && self->averaging_from < 0)
    self->averaging_from = epoch->epoch;
}

static const char *
phase_name (NmdTraining *self, NmdTrainEventKind kind)
{
  switch (kind)
    {
    case NMD_TRAIN_IMPORT:
      return _ ("Reading the data set");
    case NMD_TRAIN_PREPARE:
      return _ ("Preparing images");
    case NMD_TRAIN_FINISH:
      return nmd_parameters_get_task (self->parameters) == NMD_TASK_SEGMENT
                 ? _ ("Averaging weights and outlining all images")
                 : _ ("Averaging weights and scoring all images");
    default:
      return self->averaging_from >= 0 ? _ ("Training, averaging weights")
                                       : _ ("Training");
    }
}

/* A quick look has chosen its epochs and images. */
static void
take_plan (NmdTraining *self, const Record *record)
{
  NmdParameters *parameters = nmd_parameters_copy (self->parameters);

  /* Both were set in the job before they were told. */
  nmd_parameters_set (parameters, "epochs", record->n_epochs, NULL);
  nmd_parameters_set (parameters, "limit", record->limit, NULL);
  nmd_parameters_unref (self->parameters);
  self->parameters = parameters;
  g_signal_emit (self, signals[PLAN_CHANGED], 0);
}

static void
on_record (NmdJob *job, gpointer data, NmdTraining *self)
{
  const Record *record = data;

  if (record->holds)
    {
      if (self->pause == NMD_PAUSE_ASKED)
        self->pause = NMD_PAUSE_HOLDS;
      g_signal_emit (self, signals[CHANGED], 0);
      return;
    }
  if (record->n_epochs > 0)
    take_plan (self, record);
  if (record->event.kind == NMD_TRAIN_EPOCH)
    take_epoch (self, record);
  if (record->event.kind == NMD_TRAIN_NOTE)
    {
      g_free (self->note);
      self->note = g_strdup (record->text);
    }
  else if (record->event.kind == NMD_TRAIN_WARNING)
    g_ptr_array_add (self->warnings, g_strdup (record->text));
  else
    {
      g_free (self->phase);
      self->phase = g_strdup (record->has_begun ? _ ("Starting")
                                                : phase_name (self, record->event.kind));
    }
  if (record->event.kind == NMD_TRAIN_STEP || record->event.kind == NMD_TRAIN_EPOCH)
    {
      self->fraction = record->event.fraction;
      self->seconds_left = record->event.seconds_left;
      if (record->event.images_per_second > 0)
        self->images_per_second = record->event.images_per_second;
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdTraining) self = user_data;
  g_autoptr (GError) error = NULL;
  gpointer done = nmd_job_finish (NMD_JOB (source), result, &error);

  if (error != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->state = NMD_TRAINING_STOPPED;
  else if (done == NULL)
    {
      self->state = NMD_TRAINING_FAILED;
      self->error = g_strdup (error != NULL ? error->message : _ ("The training failed"));
    }
  else
    self->state = NMD_TRAINING_FINISHED;
  self->pause = NMD_PAUSE_NONE;
  g_signal_emit (self, signals[CHANGED], 0);
  g_signal_emit (self, signals[ENDED], 0);
}

static void
start_job (NmdTraining *self, Input *input, const char *title)
{
  if (nmd_thread_is_busy (NMD_THREAD_WORK))
    {
      g_free (self->phase);
      self->phase = g_strdup (_ ("Waiting until the work before it has ended"));
    }
  self->job = nmd_job_start (NMD_THREAD_WORK, NULL, title, train_func, input, input_free,
                             record_free, NULL, on_done, g_object_ref (self));
  g_signal_connect_object (self->job, "record", G_CALLBACK (on_record), self, 0);
}

NmdTraining *
nmd_training_start (const NmdTrainSettings *settings, gboolean quick_look)
{
  g_return_val_if_fail (settings != NULL && settings->dataset != NULL, NULL);

  const NmdNetwork *network = nmd_network_find (settings->network, NULL);
  /* Translators: the placeholder is a network's name */
  g_autofree char *title = g_strdup_printf (
      _ ("Training %s"), network != NULL ? network->title : settings->network);
  NmdTraining *self = g_object_new (NMD_TYPE_TRAINING, NULL);
  Input *input = g_new0 (Input, 1);
  input->settings = nmd_train_settings_copy (settings);
  input->quick_look = quick_look;
  self->folder = g_strdup (settings->folder);
  self->network = network;
  self->parameters = nmd_parameters_copy (settings->parameters);
  self->dataset_hash = g_strdup (nmd_dataset_get_hash (settings->dataset));
  start_job (self, input, title);
  return self;
}

/* What the run's history already holds, so that the plots go on where they stood. */
static void
take_history (NmdTraining *self, NmdRun *run)
{
  guint n = 0;
  const NmdEpoch *history = nmd_run_get_history (run, &n);

  self->note = nmd_run_get_initial (run);
  for (guint i = 0; i < n; i++)
    {
      Record record = { .epoch = history[i] };
      record.event.rival_auc = NAN;
      take_epoch (self, &record);
    }
}

static void
take_run (NmdTraining *self, NmdRun *run)
{
  self->folder = g_strdup (nmd_run_get_folder (run));
  self->network = nmd_run_get_network (run);
  self->parameters = nmd_parameters_copy (nmd_run_get_parameters (run));
  self->dataset_hash = g_strdup (nmd_run_get_dataset_hash (run));
  take_history (self, run);
}

NmdTraining *
nmd_training_new_from_run (NmdRun *run)
{
  g_return_val_if_fail (run != NULL, NULL);

  NmdTraining *self = g_object_new (NMD_TYPE_TRAINING, NULL);
  self->state = nmd_run_get_state (run) == NMD_RUN_FINISHED ? NMD_TRAINING_FINISHED
                                                            : NMD_TRAINING_STOPPED;
  take_run (self, run);
  return self;
}

NmdTraining *
nmd_training_resume (NmdRun *run, NmdDataset *dataset)
{
  g_return_val_if_fail (run != NULL, NULL);

  /* Translators: the placeholder is a network's name */
  g_autofree char *title
      = g_strdup_printf (_ ("Training %s"), nmd_run_get_network (run)->title);
  NmdTraining *self = g_object_new (NMD_TYPE_TRAINING, NULL);
  Input *input = g_new0 (Input, 1);
  input->folder = g_strdup (nmd_run_get_folder (run));
  g_set_object (&input->dataset, dataset);
  take_run (self, run);
  start_job (self, input, title);
  return self;
}

void
nmd_training_stop (NmdTraining *self)
{
  g_return_if_fail (NMD_IS_TRAINING (self));
  if (self->state != NMD_TRAINING_RUNNING)
    return;
  self->state = NMD_TRAINING_STOPPING;
  self->pause = NMD_PAUSE_NONE;
  nmd_job_cancel (self->job);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
nmd_training_set_paused (NmdTraining *self, gboolean paused)
{
  g_return_if_fail (NMD_IS_TRAINING (self));
  if (self->state != NMD_TRAINING_RUNNING || self->job == NULL)
    return;
  self->pause = paused ? NMD_PAUSE_ASKED : NMD_PAUSE_NONE;
  nmd_job_set_paused (self->job, paused);
  g_signal_emit (self, signals[CHANGED], 0);
}

NmdPause
nmd_training_get_pause (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NMD_PAUSE_NONE);
  return self->pause;
}

NmdJob *
nmd_training_get_job (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->job;
}

NmdTrainingState
nmd_training_get_state (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NMD_TRAINING_FAILED);
  return self->state;
}

const char *
nmd_training_get_folder (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->folder;
}

const char *
nmd_training_get_phase (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->phase;
}

const char *
nmd_training_get_error (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->error;
}

const char *
nmd_training_get_note (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->note;
}

GListModel *
nmd_training_get_epochs (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return G_LIST_MODEL (self->epochs);
}

GPtrArray *
nmd_training_get_warnings (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->warnings;
}

int
nmd_training_get_n_epochs (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), 0);
  return nmd_parameters_get_int (self->parameters, "epochs");
}

const NmdParameters *
nmd_training_get_parameters (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->parameters;
}

const NmdNetwork *
nmd_training_get_network (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->network;
}

const char *
nmd_training_get_dataset_hash (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->dataset_hash;
}

double
nmd_training_get_fraction (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), 0);
  return self->fraction;
}

double
nmd_training_get_seconds_left (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NAN);
  return self->seconds_left;
}

double
nmd_training_get_images_per_second (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), 0);
  return self->images_per_second;
}

double
nmd_training_get_rival_auc (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NAN);
  return self->rival_auc;
}

int
nmd_training_get_averaging_from (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), -1);
  return self->averaging_from;
}

const double *
nmd_training_get_trace (NmdTraining *self, NmdTrace trace, guint *n)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self) && trace < NMD_N_TRACES, NULL);
  *n = self->traces[trace]->len;
  return (const double *)self->traces[trace]->data;
}

GPtrArray *
nmd_training_get_rocs (NmdTraining *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING (self), NULL);
  return self->rocs;
}

static void
nmd_training_finalize (GObject *object)
{
  NmdTraining *self = NMD_TRAINING (object);

  g_clear_object (&self->job);
  g_free (self->folder);
  g_free (self->phase);
  g_free (self->error);
  g_free (self->note);
  g_clear_pointer (&self->parameters, nmd_parameters_unref);
  g_free (self->dataset_hash);
  g_clear_object (&self->epochs);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  g_clear_pointer (&self->rocs, g_ptr_array_unref);
  for (int i = 0; i < NMD_N_TRACES; i++)
    g_clear_pointer (&self->traces[i], g_array_unref);
  G_OBJECT_CLASS (nmd_training_parent_class)->finalize (object);
}

static void
nmd_training_class_init (NmdTrainingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_training_finalize;
  signals[CHANGED]
      = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
  signals[PLAN_CHANGED]
      = g_signal_new ("plan-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_training_init (NmdTraining *self)
{
  self->epochs = g_list_store_new (NMD_TYPE_EPOCH_ITEM);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->rocs = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_roc_free);
  for (int i = 0; i < NMD_N_TRACES; i++)
    self->traces[i] = g_array_new (FALSE, FALSE, sizeof (double));
  self->averaging_from = -1;
  self->seconds_left = NAN;
  self->rival_auc = NAN;
  self->phase = g_strdup (_ ("Starting"));
}
