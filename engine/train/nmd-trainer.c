/* SPDX-License-Identifier: Apache-2.0
 *
 * Training by the recipe: one loop over epochs, used by a fresh run and by a resumed one
 * alike. The schedule is nmd-schedule.c's, computing nmd-learner.c's, files
 * nmd-run-file.c's.
 */
#include "engine/core/nmd-file.h"
#include "engine/data/nmd-batch.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-initial-weights-private.h"
#include "engine/train/nmd-learner-private.h"
#include "engine/train/nmd-run-private.h"

#include <math.h>

#define IMAGE_SIZE ((gsize)3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE)
#define THRESHOLD 0.5

typedef struct
{
  NmdTrainFunc progress;
  gpointer user_data;
  GCancellable *cancellable;

  char *folder;
  NmdLock *lock;
  NmdRunFile file;
  NmdDataset *dataset;
  NmdSplit *split;
  NmdLearner *learner;
  NmdWeights *initial; /* (nullable) from a file */
  NmdBatches *train, *validation;
  guint n_train, n_validation;
  float *images, *targets; /* one batch */
  double *scores;          /* of the validation part */
  int *labels;
  double rival_auc;

  NmdTrainState state;
  GArray *history; /* NmdEpoch */
  /* Not yet on disk; the last one goes with the whole of history. */
  NmdWeights *pending_best, *pending_last;
  gint64 began;    /* monotonic, of this process's first epoch */
  double began_at; /* fraction done then */
} Trainer;

static void
trainer_free (Trainer *self)
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
  g_free (self->images);
  g_free (self->targets);
  g_free (self->scores);
  g_free (self->labels);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trainer, trainer_free)

static Trainer *
trainer_new (const char *folder,
             NmdTrainFunc progress,
             gpointer user_data,
             GCancellable *cancellable)
{
  Trainer *self = g_new0 (Trainer, 1);

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

static void
emit (Trainer *self, const NmdTrainEvent *event)
{
  if (self->progress != NULL)
    self->progress (event, self->user_data);
}

static void
emit_fraction (Trainer *self, NmdTrainEventKind kind, double fraction)
{
  NmdTrainEvent event = new_event (kind, fraction);

  emit (self, &event);
}

static void
emit_text (Trainer *self, NmdTrainEventKind kind, const char *text)
{
  NmdTrainEvent event = new_event (kind, NAN);

  event.text = text;
  emit (self, &event);
}

static void warn (Trainer *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
warn (Trainer *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  emit_text (self, NMD_TRAIN_WARNING, text);
}

static char *
path_of (const Trainer *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static double
seconds_since (gint64 began)
{
  return (double)(g_get_monotonic_time () - began) / G_USEC_PER_SEC;
}

static int
end_epoch (const Trainer *self)
{
  return nmd_schedule_end (&self->state, self->file.parameters);
}

static void
emit_step (Trainer *self, double epochs_done, double loss, double images_per_second)
{
  double fraction = MIN (epochs_done / MAX (end_epoch (self), 1), 1);
  NmdTrainEvent event = new_event (NMD_TRAIN_STEP, fraction);
  double done_here = fraction - self->began_at;

  event.loss = loss;
  event.images_per_second = images_per_second;
  if (done_here > 0)
    event.seconds_left = seconds_since (self->began) * (1 - fraction) / done_here;
  emit (self, &event);
}

/* Batch @b of an epoch, whose first step is number @first, on its way to the device. */
static gboolean
write_batch (Trainer *self, const NmdEpoch *epoch, gint64 first, guint b, GError **error)
{
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error)
         && nmd_batches_next (self->train, b, self->images, self->targets, error)
         && nmd_learner_write (self->learner, self->images, self->targets,
                               (int)nmd_batches_get_size (self->train, b), epoch->lr,
                               first + b, epoch->epoch, b, error);
}

/* Waits for the step of batch @b and takes its loss. */
static gboolean
take_loss (Trainer *self, const NmdEpoch *epoch, guint b, double *loss, GError **error)
{
  if (!nmd_learner_loss (self->learner, loss, error))
    return FALSE;
  self->state.step++;
  if (isfinite (*loss))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_DIVERGED,
               "The loss is no longer a number in epoch %d, batch %u; a smaller "
               "learning rate may help",
               epoch->epoch, b);
  return FALSE;
}

/* One pass over the training images. Each batch is made and sent off while the device
 * may still be at work on the one before. */
static gboolean
train_epoch (Trainer *self, NmdEpoch *epoch, GError **error)
{
  guint n_batches = nmd_batches_start_epoch (self->train, epoch->epoch), images = 0;
  const gint64 first = self->state.step + 1;
  gint64 began = g_get_monotonic_time ();
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
                     images / seconds_since (began));
        }
      if (b < n_batches && !nmd_learner_run (self->learner, error))
        return FALSE;
    }
  epoch->train_loss = total / images;
  epoch->wait
      = MIN (nmd_batches_get_wait (self->train) / MAX (seconds_since (began), 1e-9), 1);
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
validate (Trainer *self, NmdEpoch *epoch, GError **error)
{
  float logits[NMD_EVALUATION_BATCH * NMD_N_CLASSES];
  double total = 0;
  guint right = 0;

  epoch->val_loss = epoch->val_auc = epoch->val_accuracy = NAN;
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
  if (!isfinite (epoch->val_loss))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_DIVERGED,
                   "The validation loss is no longer a number in epoch %d; a smaller "
                   "learning rate may help",
                   epoch->epoch);
      return FALSE;
    }
  epoch->val_auc = nmd_auc (self->scores, self->labels, self->n_validation);
  return TRUE;
}

static gboolean
save_history (Trainer *self, GError **error)
{
  g_autofree char *path = path_of (self, NMD_RUN_HISTORY);
  g_autofree char *text = nmd_history_to_text (self->history);

  return nmd_file_write_text (path, text, error);
}

/* best, history, last: each only after the one before. */
static gboolean
commit (Trainer *self, GError **error)
{
  g_autofree char *best = path_of (self, NMD_RUN_BEST);
  g_autofree char *last = path_of (self, NMD_RUN_LAST);

  if (self->pending_best != NULL)
    {
      if (!nmd_weights_save (self->pending_best, best, error))
        return FALSE;
      g_clear_pointer (&self->pending_best, nmd_weights_unref);
    }
  if (!save_history (self, error) || !nmd_weights_save (self->pending_last, last, error))
    return FALSE;
  g_clear_pointer (&self->pending_last, nmd_weights_unref);
  return TRUE;
}

static gboolean
keep_last (Trainer *self, GError **error)
{
  g_clear_pointer (&self->pending_last, nmd_weights_unref);
  self->pending_last = nmd_learner_save (self->learner, error);
  if (self->pending_last == NULL)
    return FALSE;
  nmd_state_to_meta (&self->state, self->pending_last);
  return TRUE;
}

static gboolean
keep_best (Trainer *self, GError **error)
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

static void
emit_epoch (Trainer *self, const NmdEpoch *epoch)
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
    event.seconds_left = seconds_since (self->began) * (1 - event.fraction)
                         / (event.fraction - self->began_at);
  emit (self, &event);
}

static gboolean
run_epoch (Trainer *self, GError **error)
{
  const NmdParameters *parameters = self->file.parameters;
  gint64 began = g_get_monotonic_time ();
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
  epoch.seconds = seconds_since (began);
  g_array_append_val (self->history, epoch);
  if (!commit (self, &failure))
    warn (self,
          "Epoch %d is not saved: %s; training goes on and tries again after the next "
          "epoch",
          epoch.epoch, failure->message);
  emit_epoch (self, &epoch);
  return TRUE;
}

/* The average becomes a network of its own: statistics, where it has any, renewed over
 * the unaugmented training images in index order. */
static gboolean
save_average (Trainer *self, GError **error)
{
  g_autofree char *path = path_of (self, NMD_RUN_AVERAGE);
  g_autoptr (NmdWeights) weights = NULL;
  const gboolean renews = nmd_learner_renews (self->learner);
  guint batch = 0;

  if (!nmd_learner_take_average (self->learner, error))
    return FALSE;
  for (guint from = 0; renews && from < self->n_train; from += NMD_EVALUATION_BATCH)
    {
      guint n = MIN (NMD_EVALUATION_BATCH, self->n_train - from);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !nmd_batches_plain (self->train, from, n, self->images, NULL, error)
          || !nmd_learner_renew (self->learner, self->images, (int)n, (int)batch++,
                                 error))
        return FALSE;
      emit_fraction (self, NMD_TRAIN_FINISH, 0.5 * (from + n) / self->n_train);
    }
  weights = nmd_learner_get_weights (self->learner, error);
  return weights != NULL && nmd_weights_save (weights, path, error);
}

static void
evaluating (double fraction, gpointer data)
{
  emit_fraction (data, NMD_TRAIN_FINISH, 0.5 + 0.5 * fraction);
}

/* Scores of all parts. A part with one class only has no measures: said, but the run is
 * whole. */
static gboolean
evaluate (Trainer *self, GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (self->folder, error);
  g_autoptr (NmdModel) model = run != NULL ? nmd_run_load_model (run, NULL, error) : NULL;
  NmdBatches *const ready[] = { [NMD_PART_TRAIN] = self->train,
                                [NMD_PART_VALIDATION] = self->validation,
                                [NMD_PART_TEST] = NULL };
  g_autoptr (JsonNode) report = NULL;
  g_autoptr (GError) failure = NULL;

  if (model == NULL)
    return FALSE;
  nmd_learner_free_programs (self->learner);
  report = nmd_evaluate_with (run, model, nmd_learner_get_session (self->learner),
                              self->dataset, self->split, ready, THRESHOLD, evaluating,
                              self, self->cancellable, &failure);
  if (report != NULL)
    return TRUE;
  if (!g_error_matches (failure, NMD_ERROR, NMD_ERROR_FORMAT))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  warn (self, "The run has no measures: %s", failure->message);
  return TRUE;
}

static char *
now_text (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
}

/* Everything here is made anew from last.safetensors when a run is resumed after its last
 * epoch. */
static gboolean
finish (Trainer *self, GError **error)
{
  int start = nmd_schedule_start (self->file.parameters);

  emit_fraction (self, NMD_TRAIN_FINISH, 0);
  if (self->pending_last != NULL && !commit (self, error))
    return FALSE;
  if (self->state.n_averaged > 0 && !save_average (self, error))
    return FALSE;
  if (!evaluate (self, error))
    return FALSE;
  g_free (self->file.finished);
  self->file.finished = now_text ();
  self->file.state = NMD_RUN_FINISHED;
  if (self->state.averaging_from < start)
    self->file.stopped_early = g_strdup_printf (
        "No better validation loss for %d epochs: averaging began after epoch %d",
        nmd_parameters_get_int (self->file.parameters, "patience"),
        self->state.averaging_from - 1);
  return nmd_run_file_save (&self->file, self->folder, error);
}

static gboolean
train (Trainer *self, GError **error)
{
  self->began = g_get_monotonic_time ();
  self->began_at = self->state.next_epoch / (double)MAX (end_epoch (self), 1);
  while (self->state.next_epoch < end_epoch (self))
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
        || !run_epoch (self, error))
      {
        /* What a full disk kept back gets its last chance; the error that ended us
         * stands. */
        if (self->pending_last != NULL && !commit (self, NULL))
          warn (self, "The last epochs could not be saved");
        return FALSE;
      }
  return finish (self, error);
}

static void
importing (double fraction, NmdSample *sample, gpointer data)
{
  emit_fraction (data, NMD_TRAIN_IMPORT, fraction);
}

typedef struct
{
  Trainer *trainer;
  double from, to;
} Preparing;

static void
preparing (double fraction, gpointer data)
{
  const Preparing *span = data;

  emit_fraction (span->trainer, NMD_TRAIN_PREPARE,
                 span->from + (span->to - span->from) * fraction);
}

static NmdBatches *
new_batches (Trainer *self, NmdPart part, guint *n)
{
  g_autoptr (GArray) samples = nmd_split_get_indices (self->split, part);

  *n = samples->len;
  return nmd_batches_new (self->dataset, (const guint *)(void *)samples->data,
                          samples->len, self->file.parameters);
}

/* Images in memory, preprocessed; buffers; the rival. */
static gboolean
prepare (Trainer *self, GError **error)
{
  Preparing first = { self, 0, 1 }, second = { self, 1, 1 };
  int batch = nmd_parameters_get_int (self->file.parameters, "batch");
  double share;

  self->train = new_batches (self, NMD_PART_TRAIN, &self->n_train);
  self->validation = new_batches (self, NMD_PART_VALIDATION, &self->n_validation);
  share = self->n_train / (double)MAX (self->n_train + self->n_validation, 1);
  first.to = second.from = share;
  self->images = g_new0 (float, (gsize)MAX (batch, NMD_EVALUATION_BATCH) * IMAGE_SIZE);
  self->targets
      = g_new0 (float, (gsize)MAX (batch, NMD_EVALUATION_BATCH) * NMD_N_CLASSES);
  self->scores = g_new0 (double, MAX (self->n_validation, 1));
  self->labels = g_new0 (int, MAX (self->n_validation, 1));
  self->rival_auc = nmd_evaluate_rival_auc (self->dataset, self->split);
  return nmd_batches_prepare (self->train, preparing, &first, self->cancellable, error)
         && nmd_batches_prepare (self->validation, preparing, &second, self->cancellable,
                                 error);
}

/* A folder in which nothing is to be lost: none, or only what a writer killed at its
 * start left. */
static gboolean
is_fresh (const char *folder)
{
  g_autoptr (GDir) dir = NULL;
  const char *entry;

  if (!g_file_test (folder, G_FILE_TEST_EXISTS))
    return TRUE;
  dir = g_dir_open (folder, 0, NULL); /* what cannot be read is not fresh */
  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    if (!g_str_equal (entry, "run.lock")
        && !g_str_has_prefix (entry, "." NMD_RUN_JSON "."))
      return FALSE;
  return dir != NULL;
}

static gboolean
refuse_folder (const char *folder, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "%s is not empty; name a new folder, or resume the run in it", folder);
  return FALSE;
}

/* A folder where another writer is at work is busy rather than not empty. */
static gboolean
check_fresh (const char *folder, GError **error)
{
  g_autofree char *lock_path = g_build_filename (folder, "run.lock", NULL);
  g_autoptr (NmdLock) lock = NULL;

  if (g_file_test (lock_path, G_FILE_TEST_EXISTS))
    {
      lock = nmd_lock_take (folder, error);
      if (lock == NULL)
        return FALSE;
    }
  return is_fresh (folder) || refuse_folder (folder, error);
}

static gboolean
take_folder (Trainer *self, GError **error)
{
  if (!nmd_file_make_folder (self->folder, error))
    return FALSE;
  self->lock = nmd_lock_take (self->folder, error);
  if (self->lock == NULL)
    return FALSE;
  if (!is_fresh (self->folder))
    return refuse_folder (self->folder, error);
  nmd_run_clean (self->folder);
  return TRUE;
}

static void
describe_run (Trainer *self, const NmdTrainSettings *settings)
{
  NmdRunFile *file = &self->file;
  NmdSession *session = nmd_learner_get_session (self->learner);
  const char *path = settings->dataset_path != NULL
                         ? settings->dataset_path
                         : nmd_dataset_get_path (self->dataset);

  file->state = NMD_RUN_STARTED;
  file->started = now_text ();
  file->device = g_strdup (nmd_session_get_device (session));
  file->device_description = g_strdup (nmd_session_get_description (session));
  file->threads = nmd_session_get_threads (session);
  file->dataset_path = g_canonicalize_filename (path != NULL ? path : ".", NULL);
  file->dataset_title = g_strdup (nmd_dataset_get_title (self->dataset));
  file->dataset_hash = g_strdup (nmd_dataset_get_hash (self->dataset));
  file->positive = g_strdup (settings->import.positive);
  file->image_column = g_strdup (settings->import.image_column);
  file->mask_column = g_strdup (settings->import.mask_column);
  file->subject_column = g_strdup (settings->import.subject_column);
  file->label_column = g_strdup (settings->import.label_column);
  file->images = nmd_run_list_images (self->dataset);
  file->split = nmd_split_to_json (self->split, self->dataset);
  file->passport = nmd_run_make_passport (self->dataset, self->split);
}

/* A last batch under 8 images is dropped, so fewer would be no batch at all. */
static gboolean
check_split (const Trainer *self, GError **error)
{
  guint n = nmd_split_count (self->split, NMD_PART_TRAIN);

  if (n >= MIN (8, (guint)nmd_parameters_get_int (self->file.parameters, "batch")))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
               "The training part of %s has %u images, at least 8 are needed",
               nmd_dataset_get_path (self->dataset), n);
  return FALSE;
}

/* Before anything that takes long, so that a file that does not fit is known at once. */
static gboolean
load_initial (Trainer *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;

  if (path == NULL)
    return TRUE;
  self->initial
      = nmd_initial_load (path, self->file.network, NMD_N_CLASSES,
                          (guint64)nmd_parameters_get (self->file.parameters, "seed"),
                          &self->file.initial, self->cancellable, error);
  if (self->initial == NULL)
    return FALSE;
  text = nmd_initial_to_text (self->file.initial);
  emit_text (self, NMD_TRAIN_NOTE, text);
  return TRUE;
}

char *
nmd_train_check_initial (const char *path, const char *network, GError **error)
{
  const NmdNetwork *found = nmd_network_find (network, error);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (NmdTransfer) transfer = NULL;

  if (found == NULL || (entries = nmd_weights_list (path, NULL, error)) == NULL)
    return NULL;
  transfer = nmd_transfer_new (entries, path, found, NMD_N_CLASSES, error);
  if (transfer == NULL)
    return NULL;
  return g_strdup_printf ("%u of %u tensors fit", transfer->n_used, transfer->n_tensors);
}

/* A run that started from a file carries that start, for being resumed before its first
 * epoch is whole. */
static gboolean
save_initial (Trainer *self, GError **error)
{
  if (self->initial == NULL)
    return TRUE;
  g_clear_pointer (&self->initial, nmd_weights_unref);
  return keep_last (self, error) && commit (self, error);
}

gboolean
nmd_train_run (const NmdTrainSettings *settings,
               NmdTrainFunc progress,
               gpointer user_data,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (Trainer) self
      = trainer_new (settings->folder, progress, user_data, cancellable);
  const char *device = settings->device != NULL ? settings->device : NMD_DEVICE_DEFAULT;

  if (!check_fresh (self->folder, error))
    return FALSE;
  self->file.parameters = nmd_parameters_copy (settings->parameters);
  self->file.network = nmd_network_find (
      settings->network != NULL ? settings->network : "nmdassistnet", error);
  if (self->file.network == NULL || !load_initial (self, settings->initial, error))
    return FALSE;
  if (settings->dataset != NULL)
    self->dataset = g_object_ref (settings->dataset);
  else
    self->dataset = nmd_dataset_import (settings->dataset_path, &settings->import,
                                        importing, self, cancellable, error);
  if (self->dataset == NULL)
    return FALSE;
  self->split = settings->split_file != NULL
                    ? nmd_split_load (self->dataset, settings->split_file, error)
                    : nmd_split_new (self->dataset, self->file.parameters, error);
  if (self->split == NULL || !check_split (self, error))
    return FALSE;
  self->learner = nmd_learner_new (self->file.network, self->file.parameters, device,
                                   settings->threads, error);
  if (self->learner == NULL || !nmd_learner_start (self->learner, self->initial, error))
    return FALSE;
  nmd_schedule_init (&self->state, self->file.parameters);
  describe_run (self, settings);
  if (!take_folder (self, error) || !nmd_run_file_save (&self->file, self->folder, error)
      || !save_initial (self, error))
    return FALSE;
  return prepare (self, error) && train (self, error);
}

/* Puts the trainer where last.safetensors stands; at the beginning if there is none yet.
 */
static gboolean
load_state (Trainer *self, GError **error)
{
  g_autofree char *path = path_of (self, NMD_RUN_LAST);
  g_autoptr (NmdWeights) last = NULL;
  g_autoptr (GArray) history = NULL;
  gboolean cut;
  guint done;

  nmd_schedule_init (&self->state, self->file.parameters);
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && self->file.initial != NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s was stopped before the weights that it starts from were saved; "
                   "start it anew in another folder",
                   self->folder);
      return FALSE;
    }
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return nmd_learner_start (self->learner, NULL, error);
  last = nmd_weights_load (path, error);
  if (last == NULL || !nmd_state_from_meta (&self->state, last, path, error)
      || !nmd_learner_load (self->learner, last, path, error))
    return FALSE;
  history = nmd_history_load (self->folder, error);
  if (history == NULL)
    return FALSE;
  done = (guint)self->state.next_epoch;
  if (history->len < done)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s: history.csv has %u epochs, last.safetensors was saved after %u",
                   self->folder, history->len, done);
      return FALSE;
    }
  cut = history->len > done;
  g_array_set_size (history, done);
  g_array_unref (self->history);
  self->history = g_steal_pointer (&history);
  return !cut || save_history (self, error);
}

static gboolean
load_dataset (Trainer *self,
              const NmdRun *run,
              const char *path,
              NmdDataset *dataset,
              GError **error)
{
  if (dataset == NULL)
    self->dataset
        = nmd_run_open_dataset (run, path, importing, self, self->cancellable, error);
  else if (nmd_run_check_dataset (run, dataset, error))
    self->dataset = g_object_ref (dataset);
  if (self->dataset == NULL)
    return FALSE;
  self->split = nmd_run_get_split (run, self->dataset, error);
  return self->split != NULL;
}

gboolean
nmd_train_resume (const char *folder,
                  const char *dataset_path,
                  NmdDataset *dataset,
                  NmdTrainFunc progress,
                  gpointer user_data,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (Trainer) self = trainer_new (folder, progress, user_data, cancellable);
  g_autoptr (NmdRun) run = nmd_run_open (folder, error);

  if (run == NULL)
    return FALSE;
  self->lock = nmd_lock_take (folder, error);
  if (self->lock == NULL)
    return FALSE;
  nmd_run_clean (folder);
  if (nmd_run_get_state (run) == NMD_RUN_FINISHED)
    {
      warn (self, "%s is finished; there is nothing to resume", folder);
      return TRUE;
    }
  if (!nmd_run_file_load (&self->file, folder, error)
      || !load_dataset (self, run, dataset_path, dataset, error))
    return FALSE;
  if (dataset_path != NULL)
    {
      g_free (self->file.dataset_path);
      self->file.dataset_path = g_canonicalize_filename (dataset_path, NULL);
    }
  self->learner = nmd_learner_new (self->file.network, self->file.parameters,
                                   self->file.device, self->file.threads, error);
  if (self->learner == NULL || !load_state (self, error))
    return FALSE;
  return prepare (self, error) && train (self, error);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

gboolean
nmd_train_estimate (const NmdTrainSettings *settings,
                    double *seconds_per_step,
                    GCancellable *cancellable,
                    GError **error)
{
  const int n_steps = 3;
  int batch = nmd_parameters_get_int (settings->parameters, "batch");
  const NmdNetwork *network = nmd_network_find (settings->network, error);
  g_autoptr (NmdLearner) learner = NULL;
  g_autofree float *images = NULL;
  g_autofree float *targets = NULL;
  double seconds[3], loss;

  if (network == NULL)
    return FALSE;
  learner = nmd_learner_new (network, settings->parameters, settings->device,
                             settings->threads, error);
  if (learner == NULL || !nmd_learner_start (learner, NULL, error))
    return FALSE;
  images = g_new (float, (gsize)batch *IMAGE_SIZE);
  targets = g_new (float, (gsize)batch *NMD_N_CLASSES);
  nmd_random_fill ("0:estimate:0:images", images, (gsize)batch * IMAGE_SIZE);
  for (int i = 0; i < batch * NMD_N_CLASSES; i++)
    targets[i] = 0.5f;
  for (int i = -1; i < n_steps; i++) /* the first one warms up */
    {
      gint64 began = g_get_monotonic_time ();

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !nmd_learner_step (learner, images, targets, batch, 1e-3, i + 2, 0,
                                (guint)(i + 1), &loss, error))
        return FALSE;
      if (i >= 0)
        seconds[i] = seconds_since (began);
    }
  qsort (seconds, (size_t)n_steps, sizeof *seconds, compare_doubles);
  *seconds_per_step = seconds[n_steps / 2];
  return TRUE;
}

NmdTrainSettings *
nmd_train_settings_new (void)
{
  NmdTrainSettings *self = g_new0 (NmdTrainSettings, 1);

  self->network = g_strdup ("nmdassistnet");
  self->device = g_strdup (NMD_DEVICE_DEFAULT);
  self->parameters = nmd_parameters_new ();
  return self;
}

NmdTrainSettings *
nmd_train_settings_copy (const NmdTrainSettings *self)
{
  NmdTrainSettings *copy = g_new0 (NmdTrainSettings, 1);

  copy->dataset_path = g_strdup (self->dataset_path);
  copy->import = self->import;
  copy->import.positive = g_strdup (self->import.positive);
  copy->import.image_column = g_strdup (self->import.image_column);
  copy->import.mask_column = g_strdup (self->import.mask_column);
  copy->import.subject_column = g_strdup (self->import.subject_column);
  copy->import.label_column = g_strdup (self->import.label_column);
  copy->import.cache_folder = g_strdup (self->import.cache_folder);
  copy->dataset = self->dataset != NULL ? g_object_ref (self->dataset) : NULL;
  copy->split_file = g_strdup (self->split_file);
  copy->folder = g_strdup (self->folder);
  copy->network = g_strdup (self->network);
  copy->initial = g_strdup (self->initial);
  copy->device = g_strdup (self->device);
  copy->threads = self->threads;
  copy->parameters = nmd_parameters_copy (self->parameters);
  return copy;
}

void
nmd_train_settings_free (NmdTrainSettings *self)
{
  if (self == NULL)
    return;
  g_free (self->dataset_path);
  g_free ((char *)self->import.positive);
  g_free ((char *)self->import.image_column);
  g_free ((char *)self->import.mask_column);
  g_free ((char *)self->import.subject_column);
  g_free ((char *)self->import.label_column);
  g_free ((char *)self->import.cache_folder);
  g_clear_object (&self->dataset);
  g_free (self->split_file);
  g_free (self->folder);
  g_free (self->network);
  g_free (self->initial);
  g_free (self->device);
  nmd_parameters_unref (self->parameters);
  g_free (self);
}
