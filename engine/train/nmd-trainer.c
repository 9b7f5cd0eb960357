/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop over epochs, used by a fresh run and by a resumed one alike, and what follows the last
 * one. Starting is nmd-train.c's, the schedule nmd-schedule.c's, computing nmd-learner.c's, the
 * files' contents nmd-run-write.c's.
 */
#include "engine/train/nmd-trainer-private.h"

#include "engine/core/nmd-file.h"
#include "engine/train/nmd-evaluate-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define THRESHOLD 0.5

void
nmd_trainer_free (NmdTrainer *self)
{
  g_clear_pointer (&self->train, nmd_batches_free);
  g_clear_pointer (&self->validation, nmd_batches_free);
  g_clear_pointer (&self->learner, nmd_learner_free);
  g_clear_pointer (&self->initial, nmd_weights_unref);
  g_clear_pointer (&self->pending_best, nmd_weights_unref);
  g_clear_pointer (&self->pending_last, nmd_weights_unref);
  g_clear_pointer (&self->history, g_array_unref);
  g_clear_pointer (&self->split, nmd_split_free);
  g_clear_object (&self->dataset);
  nmd_run_file_clear (&self->file);
  g_clear_pointer (&self->lock, nmd_lock_release);
  g_free (self->folder);
  g_free (self->events);
  g_free (self->images);
  g_free (self->targets);
  g_free (self->scores);
  g_free (self->labels);
  g_free (self);
}

NmdTrainer *
nmd_trainer_new (const char *folder,
                 NmdTrainFunc progress,
                 gpointer user_data,
                 GCancellable *cancellable)
{
  NmdTrainer *self = g_new0 (NmdTrainer, 1);

  self->folder = g_strdup (folder);
  self->progress = progress;
  self->user_data = user_data;
  self->cancellable = cancellable;
  self->history = g_array_new (FALSE, TRUE, sizeof (NmdEpoch));
  self->rival_auc = NAN;
  return self;
}

static NmdTrainEvent
new_event (NmdTrainEventKind kind, double fraction)
{
  return (NmdTrainEvent){
    .kind = kind,
    .fraction = fraction,
    .loss = NAN,
    .seconds_left = NAN,
    .images_per_second = NAN,
    .rival_auc = NAN,
  };
}

/* Time of the training itself, in microseconds: without what the listener took, who may hold it up. */
static gint64
now (const NmdTrainer *self)
{
  return g_get_monotonic_time () - self->held;
}

static void
emit (NmdTrainer *self, const NmdTrainEvent *event)
{
  const gint64 began = g_get_monotonic_time ();

  if (self->progress != NULL)
    self->progress (event, self->user_data);
  self->held += g_get_monotonic_time () - began;
}

void
nmd_trainer_emit_fraction (NmdTrainer *self, NmdTrainEventKind kind, double fraction)
{
  NmdTrainEvent event = new_event (kind, fraction);

  emit (self, &event);
}

void
nmd_trainer_emit_text (NmdTrainer *self, NmdTrainEventKind kind, const char *text)
{
  NmdTrainEvent event = new_event (kind, NAN);

  event.text = text;
  emit (self, &event);
}

void
nmd_trainer_warn (NmdTrainer *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  nmd_trainer_emit_text (self, NMD_TRAIN_WARNING, text);
}

char *
nmd_trainer_path (const NmdTrainer *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static double
seconds_since (const NmdTrainer *self, gint64 began)
{
  return (double)(now (self) - began) / G_USEC_PER_SEC;
}

static int
end_epoch (const NmdTrainer *self)
{
  return nmd_schedule_end (&self->state, self->file.parameters);
}

static void
emit_step (NmdTrainer *self, double epochs_done, double loss, double images_per_second)
{
  double fraction = MIN (epochs_done / MAX (end_epoch (self), 1), 1);
  NmdTrainEvent event = new_event (NMD_TRAIN_STEP, fraction);
  double done_here = fraction - self->began_at;

  event.loss = loss;
  event.images_per_second = images_per_second;
  if (done_here > 0)
    event.seconds_left = seconds_since (self, self->began) * (1 - fraction) / done_here;
  emit (self, &event);
}

/* Batch @b of an epoch, whose first step is number @first, on its way to the device. */
static gboolean
write_batch (
    NmdTrainer *self, const NmdEpoch *epoch, gint64 first, guint b, GError **error)
{
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error)
         && nmd_batches_next (self->train, b, self->images, self->targets, error)
         && nmd_learner_write (self->learner, self->images, self->targets,
                               (int)nmd_batches_get_size (self->train, b), epoch->lr,
                               first + b, epoch->epoch, b, error);
}

/* Waits for the step of batch @b and takes its loss. */
static gboolean
take_loss (NmdTrainer *self, const NmdEpoch *epoch, guint b, double *loss, GError **error)
{
  if (!nmd_learner_loss (self->learner, loss, error))
    return FALSE;
  self->state.step++;
  if (isfinite (*loss))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_DIVERGED,
               _ ("The loss is no longer a number in epoch %d, batch %u; a smaller "
                  "learning rate may help"),
               epoch->epoch, b);
  return FALSE;
}

/* One pass over the training images. Each batch is made and sent off while the device
 * may still be at work on the one before. */
static gboolean
train_epoch (NmdTrainer *self, NmdEpoch *epoch, GError **error)
{
  guint n_batches = nmd_batches_start_epoch (self->train, epoch->epoch), images = 0;
  const gint64 first = self->state.step + 1;
  gint64 began = now (self);
  double total = 0, loss = NAN;

  for (guint b = 0; b <= n_batches; b++)
    {
      if (b < n_batches && !write_batch (self, epoch, first, b, error))
        return FALSE;
      if (b > 0)
        {
          guint n = nmd_batches_get_size (self->train, b - 1);

          if (!take_loss (self, epoch, b - 1, &loss, error))
            return FALSE;
          total += loss * n;
          images += n;
          emit_step (self, epoch->epoch + b / (n_batches + 1.0), loss,
                     images / seconds_since (self, began));
        }
      if (b < n_batches && !nmd_learner_run (self->learner, error))
        return FALSE;
    }
  epoch->train_loss = total / images;
  epoch->wait = MIN (
      nmd_batches_get_wait (self->train) / MAX (seconds_since (self, began), 1e-9), 1);
  return TRUE;
}

/* −log softmax for @label, without overflow. */
static double
cross_entropy (const float *logits, int label)
{
  double a = (double)logits[label], b = (double)logits[1 - label];

  return b > a ? b - a + log1p (exp (a - b)) : log1p (exp (b - a));
}

/* The current weights on the validation part: loss, AUC, accuracy, and the scores. */
static gboolean
validate_classify (NmdTrainer *self, NmdEpoch *epoch, GError **error)
{
  float logits[NMD_EVALUATION_BATCH * NMD_N_CLASSES];
  double total = 0;
  guint right = 0;

  for (guint from = 0; from < self->n_validation; from += NMD_EVALUATION_BATCH)
    {
      guint n = MIN (NMD_EVALUATION_BATCH, self->n_validation - from);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !nmd_batches_plain (self->validation, from, n, self->images,
                                 self->labels + from, error)
          || !nmd_learner_logits (self->learner, self->images, logits, error))
        return FALSE;
      for (guint i = 0; i < n; i++)
        {
          const float *pair = logits + NMD_N_CLASSES * i;

          total += cross_entropy (pair, self->labels[from + i]);
          self->scores[from + i] = exp (-cross_entropy (pair, 1));
          right += (self->scores[from + i] >= THRESHOLD) == (self->labels[from + i] == 1);
        }
    }
  if (self->n_validation == 0)
    return TRUE;
  epoch->val_loss = total / self->n_validation;
  epoch->val_accuracy = (double)right / self->n_validation;
  if (isfinite (epoch->val_loss))
    epoch->val_auc = nmd_auc (self->scores, self->labels, self->n_validation);
  return TRUE;
}

static gboolean
validate (NmdTrainer *self, NmdEpoch *epoch, GError **error)
{
  epoch->val_loss = epoch->val_auc = epoch->val_accuracy = epoch->val_dice = NAN;
  if (nmd_parameters_get_task (self->file.parameters) == NMD_TASK_SEGMENT
          ? !nmd_trainer_validate_segment (self, epoch, error)
          : !validate_classify (self, epoch, error))
    return FALSE;
  if (self->n_validation == 0 || isfinite (epoch->val_loss))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_DIVERGED,
               _ ("The validation loss is no longer a number in epoch %d; a smaller "
                  "learning rate may help"),
               epoch->epoch);
  return FALSE;
}

gboolean
nmd_trainer_save_history (NmdTrainer *self, GError **error)
{
  g_autofree char *path = nmd_trainer_path (self, NMD_RUN_HISTORY);
  g_autofree char *text = nmd_history_to_text (
      self->history, nmd_parameters_get_task (self->file.parameters));

  return nmd_file_write_text (path, text, error);
}

/* best, history, last: each only after the one before. */
static gboolean
commit (NmdTrainer *self, GError **error)
{
  g_autofree char *best = nmd_trainer_path (self, NMD_RUN_BEST);
  g_autofree char *last = nmd_trainer_path (self, NMD_RUN_LAST);

  if (self->pending_best != NULL)
    {
      if (!nmd_weights_save (self->pending_best, best, error))
        return FALSE;
      g_clear_pointer (&self->pending_best, nmd_weights_unref);
    }
  if (!nmd_trainer_save_history (self, error)
      || !nmd_weights_save (self->pending_last, last, error))
    return FALSE;
  g_clear_pointer (&self->pending_last, nmd_weights_unref);
  return TRUE;
}

static gboolean
keep_last (NmdTrainer *self, GError **error)
{
  g_clear_pointer (&self->pending_last, nmd_weights_unref);
  self->pending_last = nmd_learner_save (self->learner, error);
  if (self->pending_last == NULL)
    return FALSE;
  nmd_state_to_meta (&self->state, self->pending_last);
  return TRUE;
}

static gboolean
keep_best (NmdTrainer *self, GError **error)
{
  char text[16];

  g_clear_pointer (&self->pending_best, nmd_weights_unref);
  self->pending_best = nmd_learner_get_weights (self->learner, error);
  if (self->pending_best == NULL)
    return FALSE;
  g_snprintf (text, sizeof text, "%d", self->state.best_epoch);
  nmd_weights_set_meta (self->pending_best, "epoch", text);
  return TRUE;
}

/* A run that started from a file carries that start, for being resumed before its first
 * epoch is whole. */
gboolean
nmd_trainer_save_start (NmdTrainer *self, GError **error)
{
  if (self->initial == NULL)
    return TRUE;
  g_clear_pointer (&self->initial, nmd_weights_unref);
  return keep_last (self, error) && commit (self, error);
}

static void
emit_epoch (NmdTrainer *self, const NmdEpoch *epoch)
{
  NmdTrainEvent event
      = new_event (NMD_TRAIN_EPOCH,
                   MIN (self->state.next_epoch / (double)MAX (end_epoch (self), 1), 1));
  g_autoptr (NmdRoc) roc = NULL;

  if (self->n_validation > 0 && !isnan (epoch->val_auc))
    roc = nmd_roc_new (self->scores, self->labels, self->n_validation);
  event.epoch = epoch;
  event.roc = roc;
  event.loss = epoch->train_loss;
  event.rival_auc = self->rival_auc;
  if (event.fraction > self->began_at)
    event.seconds_left = seconds_since (self, self->began) * (1 - event.fraction)
                         / (event.fraction - self->began_at);
  emit (self, &event);
}

static gboolean
run_epoch (NmdTrainer *self, GError **error)
{
  const NmdParameters *parameters = self->file.parameters;
  gint64 began = now (self);
  NmdEpoch epoch = { .epoch = self->state.next_epoch };
  g_autoptr (GError) failure = NULL;

  epoch.averaging = epoch.epoch >= self->state.averaging_from;
  epoch.lr = nmd_train_lr (parameters, epoch.epoch, self->state.averaging_from);
  if (!train_epoch (self, &epoch, error) || !validate (self, &epoch, error))
    return FALSE;
  if (epoch.averaging
      && !nmd_learner_average (self->learner, self->state.n_averaged++, error))
    return FALSE;
  epoch.best = nmd_schedule_after_epoch (&self->state, parameters, epoch.val_loss);
  if ((epoch.best && !keep_best (self, error)) || !keep_last (self, error))
    return FALSE;
  epoch.seconds = seconds_since (self, began);
  g_array_append_val (self->history, epoch);
  if (!commit (self, &failure))
    nmd_trainer_warn (
        self,
        "Epoch %d is not saved: %s; training goes on and tries again after the next "
        "epoch",
        epoch.epoch, failure->message);
  if (self->events != NULL
      && !nmd_events_add (self->events, self->file.started, self->history))
    {
      /* the next start writes the file anew from history.csv */
      nmd_trainer_warn (self, "%s could not be written: no more events of this run",
                        self->events);
      g_clear_pointer (&self->events, g_free);
    }
  emit_epoch (self, &epoch);
  return TRUE;
}

/* Images for the statistics: of segmentation as much prompted as in training, for maps of a box that
 * no statistics know would be noise. */
static gboolean
get_renewing (NmdTrainer *self, guint from, guint n, GError **error)
{
  if (nmd_parameters_get_task (self->file.parameters) == NMD_TASK_SEGMENT)
    return nmd_batches_prompted (self->train, from, n,
                                 nmd_parameters_get_int (self->file.parameters, "epochs"),
                                 self->images, error);
  return nmd_batches_plain (self->train, from, n, self->images, NULL, error);
}

/* The average becomes a network of its own: statistics, where it has any, renewed over
 * the unaugmented training images in index order. */
static gboolean
save_average (NmdTrainer *self, GError **error)
{
  g_autofree char *path = nmd_trainer_path (self, NMD_RUN_AVERAGE);
  g_autoptr (NmdWeights) weights = NULL;
  const gboolean renews = nmd_learner_renews (self->learner);
  const guint whole
      = (guint)nmd_evaluation_batch (nmd_parameters_get_task (self->file.parameters));
  guint batch = 0;

  if (!nmd_learner_take_average (self->learner, error))
    return FALSE;
  for (guint from = 0; renews && from < self->n_train; from += whole)
    {
      guint n = MIN (whole, self->n_train - from);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !get_renewing (self, from, n, error)
          || !nmd_learner_renew (self->learner, self->images, (int)n, (int)batch++,
                                 error))
        return FALSE;
      nmd_trainer_emit_fraction (self, NMD_TRAIN_FINISH,
                                 0.5 * (from + n) / self->n_train);
    }
  weights = nmd_learner_get_weights (self->learner, error);
  return weights != NULL && nmd_weights_save (weights, path, error);
}

static void
evaluating (double fraction, gpointer data)
{
  nmd_trainer_emit_fraction (data, NMD_TRAIN_FINISH, 0.5 + 0.5 * fraction);
}

/* What the passport says of calibration, and what can be judged with the weights @which, from the metrics just
 * written. */
static gboolean
state_calibration (NmdTrainer *self, JsonNode *report, const char *which, GError **error)
{
  NmdPassport *passport = self->file.passport;
  g_autoptr (NmdEvalResults) results
      = nmd_eval_results_from_json (report, NMD_RUN_METRICS, error);

  if (results == NULL)
    return FALSE;
  g_free (passport->calibration);
  passport->calibration = results->is_calibrated
                              ? nmd_calibration_to_text (&results->calibration)
                              : g_strdup ("none");
  passport->conformal = results->conformal;
  g_strlcpy (passport->conformal.weights, which, sizeof passport->conformal.weights);
  return TRUE;
}

/* Whether nothing can be measured: a part has images of one class only, or the training part is all. */
static gboolean
cannot_be_measured (const NmdTrainer *self)
{
  guint counts[NMD_N_PARTS][2] = { { 0 } }, n_other = 0;

  for (guint i = 0; i < self->split->n; i++)
    counts[self->split->parts[i]][nmd_dataset_get (self->dataset, i)->label == 1]++;
  for (int part = NMD_PART_TRAIN; part < NMD_N_PARTS; part++)
    {
      if ((counts[part][0] == 0) != (counts[part][1] == 0))
        return TRUE;
      n_other += part != NMD_PART_TRAIN ? counts[part][0] : 0;
    }
  return n_other == 0;
}

/* Scores of all parts. A part with one class only has no measures: said, but the run is
 * whole. */
static gboolean
evaluate (NmdTrainer *self, GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (self->folder, error);
  g_autoptr (NmdModel) model = run != NULL ? nmd_run_load_model (run, NULL, error) : NULL;
  NmdBatches *const ready[] = { [NMD_PART_TRAIN] = self->train,
                                [NMD_PART_VALIDATION] = self->validation,
                                [NMD_PART_TEST] = NULL };
  NmdEvaluation evaluation = { .run = run,
                               .model = model,
                               .session = nmd_learner_get_session (self->learner),
                               .dataset = self->dataset,
                               .progress = evaluating,
                               .user_data = self,
                               .cancellable = self->cancellable };
  g_autoptr (JsonNode) report = NULL;
  g_autoptr (GError) failure = NULL;

  if (model == NULL)
    return FALSE;
  nmd_learner_free_programs (self->learner);
  if (nmd_parameters_get_task (self->file.parameters) == NMD_TASK_SEGMENT)
    return nmd_trainer_evaluate_segment (self, &evaluation, error);
  report = nmd_evaluate_own (&evaluation, self->split, ready, &failure);
  if (report != NULL)
    return state_calibration (self, report, nmd_model_get_which (model), error);
  if (!g_error_matches (failure, NMD_ERROR, NMD_ERROR_FORMAT)
      || !cannot_be_measured (self))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  nmd_trainer_warn (self, "The run has no measures: %s", failure->message);
  return TRUE;
}

/* Everything here is made anew from last.safetensors when a run is resumed after its last
 * epoch. */
static gboolean
finish (NmdTrainer *self, GError **error)
{
  int start = nmd_schedule_start (self->file.parameters);

  nmd_trainer_emit_fraction (self, NMD_TRAIN_FINISH, 0);
  if (self->pending_last != NULL && !commit (self, error))
    return FALSE;
  if (self->state.n_averaged > 0 && !save_average (self, error))
    return FALSE;
  if (!evaluate (self, error))
    return FALSE;
  g_free (self->file.finished);
  self->file.finished = nmd_run_now ();
  self->file.state = NMD_RUN_FINISHED;
  if (self->state.averaging_from < start)
    self->file.stopped_early = g_strdup_printf (
        "No better validation loss for %d epochs: averaging began after epoch %d",
        nmd_parameters_get_int (self->file.parameters, "patience"),
        self->state.averaging_from - 1);
  return nmd_run_file_save (&self->file, self->folder, error);
}

gboolean
nmd_trainer_train (NmdTrainer *self, GError **error)
{
  self->began = now (self);
  self->began_at = self->state.next_epoch / (double)MAX (end_epoch (self), 1);
  while (self->state.next_epoch < end_epoch (self))
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
        || !run_epoch (self, error))
      {
        /* What a full disk kept back gets its last chance; the error that ended us
         * stands. */
        if (self->pending_last != NULL && !commit (self, NULL))
          nmd_trainer_warn (self, "The last epochs could not be saved");
        return FALSE;
      }
  return finish (self, error);
}
