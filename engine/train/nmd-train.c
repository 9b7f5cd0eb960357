/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting a training and going on with one: everything that is checked, read or made ready
 * before the first epoch. The epochs are nmd-trainer.c's.
 */
#include "engine/train/nmd-train.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/model/nmd-passport-make.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-initial-record-private.h"
#include "engine/train/nmd-initial-weights-private.h"
#include "engine/train/nmd-room-private.h"
#include "engine/train/nmd-trainer-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

NmdTrainSettings *
nmd_train_settings_new (void)
{
  NmdTrainSettings *self = g_new0 (NmdTrainSettings, 1);

  self->device = g_strdup (NMD_DEVICE_DEFAULT);
  self->parameters = nmd_parameters_new ();
  return self;
}

NmdTrainSettings *
nmd_train_settings_copy (const NmdTrainSettings *self)
{
  NmdTrainSettings *copy = g_new0 (NmdTrainSettings, 1);

  copy->dataset_path = g_strdup (self->dataset_path);
  nmd_import_settings_copy (&copy->import, &self->import);
  copy->dataset = self->dataset != NULL ? g_object_ref (self->dataset) : NULL;
  copy->organ = g_strdup (self->organ);
  copy->split_file = g_strdup (self->split_file);
  copy->split = self->split != NULL ? nmd_split_copy (self->split) : NULL;
  copy->follow_stated = self->follow_stated;
  copy->events = self->events;
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
  nmd_import_settings_clear (&self->import);
  g_clear_object (&self->dataset);
  g_free (self->organ);
  g_free (self->split_file);
  nmd_split_free (self->split);
  g_free (self->folder);
  g_free (self->network);
  g_free (self->initial);
  g_free (self->device);
  nmd_parameters_unref (self->parameters);
  g_free (self);
}

static void
importing (double fraction, NmdSample *sample, gpointer data)
{
  nmd_trainer_emit_fraction (data, NMD_TRAIN_IMPORT, fraction);
}

typedef struct
{
  NmdTrainer *trainer;
  double from, to;
} Preparing;

static void
preparing (double fraction, gpointer data)
{
  const Preparing *span = data;

  nmd_trainer_emit_fraction (span->trainer, NMD_TRAIN_PREPARE,
                             span->from + (span->to - span->from) * fraction);
}

static NmdTask
get_task (const NmdTrainer *self)
{
  return nmd_parameters_get_task (self->file.parameters);
}

static guint
count_images (const NmdTrainer *self, NmdPart part)
{
  g_autoptr (GArray) samples
      = nmd_evaluate_list (self->dataset, self->split, part, get_task (self), NULL);

  return samples->len;
}

static NmdBatches *
new_batches (NmdTrainer *self, NmdPart part, guint *n)
{
  g_autoptr (GArray) samples
      = nmd_evaluate_list (self->dataset, self->split, part, get_task (self), NULL);

  *n = samples->len;
  return nmd_batches_new (self->dataset, (const guint *)(void *)samples->data,
                          samples->len, self->file.parameters);
}

/* Images in memory, preprocessed; buffers; the rival. */
static gboolean
prepare (NmdTrainer *self, GError **error)
{
  Preparing first = { self, 0, 1 }, second = { self, 1, 1 };
  gsize batch = (gsize)nmd_parameters_get_int (self->file.parameters, "batch");
  double share;

  self->train = new_batches (self, NMD_PART_TRAIN, &self->n_train);
  self->validation = new_batches (self, NMD_PART_VALIDATION, &self->n_validation);
  share = self->n_train / (double)MAX (self->n_train + self->n_validation, 1);
  first.to = second.from = share;
  batch = MAX (batch, (gsize)nmd_evaluation_batch (get_task (self)));
  self->images = g_new0 (float, batch *nmd_batches_get_image_size (self->train));
  self->targets = g_new0 (float, batch *nmd_batches_get_target_size (self->train));
  self->scores = g_new0 (double, MAX (self->n_validation, 1));
  self->labels = g_new0 (int, MAX (self->n_validation, 1));
  if (get_task (self) == NMD_TASK_CLASSIFY)
    self->rival_auc = nmd_evaluate_rival_auc (self->dataset, self->split);
  return nmd_batches_prepare (self->train, preparing, &first, self->cancellable, error)
         && nmd_batches_prepare (self->validation, preparing, &second, self->cancellable,
                                 error);
}

/* Bytes that the files of a run take at most, while the largest one is written anew beside its
 * old one: best and average with @n values, last with four times as many, and the tables. */
static guint64
count_disk (const NmdTrainer *self)
{
  const guint64 n = nmd_learner_get_n_values (self->learner);
  guint64 bytes = 4 * n * (1 + 1 + 4 + 4) + 1000000;

  bytes += 1000 * (guint64)nmd_dataset_get_n (self->dataset);
  for (guint i = 0; i < 3; i++)
    {
      static const char *const names[] = { NMD_RUN_BEST, NMD_RUN_AVERAGE, NMD_RUN_LAST };
      g_autofree char *path = nmd_trainer_path (self, names[i]);
      GStatBuf info;

      if (g_stat (path, &info) == 0) /* of a resumed run */
        bytes -= MIN (bytes, (guint64)info.st_size);
    }
  return bytes;
}

/* Bytes of memory beside the compiled programs: preprocessed images, batches being made and
 * computed, and the weights on their way to the disk (everything, and once more as a file; the
 * best). */
static guint64
count_memory (const NmdTrainer *self)
{
  const guint64 side = (guint64)self->file.network->input_size, pixels = side * side;
  const guint64 batch
      = MAX ((guint64)nmd_parameters_get_int (self->file.parameters, "batch"),
             (guint64)nmd_evaluation_batch (get_task (self)));
  const guint64 n_images
      = count_images (self, NMD_PART_TRAIN) + count_images (self, NMD_PART_VALIDATION);
  /* of segmentation an image keeps its mask, and a batch has masks for targets */
  const guint64 planes = get_task (self) == NMD_TASK_SEGMENT ? 2 : 1;

  return n_images * planes * pixels + batch * (10 + planes) * pixels * 4
         + 4 * nmd_learner_get_n_values (self->learner) * (4 + 4 + 1)
         + 32 * 1000 * 1000; /* everything small */
}

/* Asks for the room before anything is written, so that a training does not end after its first
 * hour for want of it. */
static gboolean
check_room (const NmdTrainer *self, GError **error)
{
  return nmd_learner_reserve (self->learner, count_images (self, NMD_PART_TRAIN), error)
         && nmd_room_check_memory (count_memory (self), error)
         && nmd_room_check_disk (self->folder, count_disk (self), error);
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
               _ ("%s is not empty; name a new folder, or resume the run in it"), folder);
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
take_folder (NmdTrainer *self, GError **error)
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

/* What of the import a reader of the results has to know, each finding as one warning: files
 * left out, images without an outline, the same picture twice. */
static void
tell_findings (NmdTrainer *self)
{
  g_autofree char *text = nmd_dataset_import_to_text (self->dataset);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) finding = g_string_new (NULL);
  NmdImportCounts counts;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      /* names are indented below what they belong to */
      if (lines[i][0] != ' ' && finding->len > 0)
        {
          nmd_trainer_emit_text (self, NMD_TRAIN_WARNING, finding->str);
          g_string_truncate (finding, 0);
        }
      g_string_append_printf (finding, "%s%s", finding->len > 0 ? "\n" : "", lines[i]);
    }
  nmd_dataset_get_import_counts (self->dataset, &counts);
  if (get_task (self) == NMD_TASK_SEGMENT)
    {
      if (counts.n_whole_frame > 0)
        nmd_trainer_warn (
            self,
            "%u of %u images have no mask: nothing is learnt from them, and "
            "they are not measured",
            counts.n_whole_frame, counts.n_images);
    }
  else if (counts.n_whole_frame == counts.n_images)
    nmd_trainer_warn (
        self,
        "No image of %s has an outline: the network learns from whole frames, "
        "and scores scans as whole frames, none with an outline",
        nmd_dataset_get_path (self->dataset));
}

/* One line for a fresh training and for a resumed one: the device's full name, as --device and
 * the preferences take it, and what it is. */
static void
tell_device (NmdTrainer *self)
{
  NmdSession *session = nmd_learner_get_session (self->learner);
  g_autofree char *text = g_strdup_printf ("%s: %s", nmd_session_get_device (session),
                                           nmd_session_get_description (session));

  nmd_trainer_emit_text (self, NMD_TRAIN_DEVICE, text);
}

static void
describe_run (NmdTrainer *self, const NmdTrainSettings *settings)
{
  NmdRunFile *file = &self->file;
  NmdSession *session = nmd_learner_get_session (self->learner);
  const char *path = settings->dataset_path != NULL
                         ? settings->dataset_path
                         : nmd_dataset_get_path (self->dataset);

  file->state = NMD_RUN_STARTED;
  file->started = nmd_run_now ();
  file->device = g_strdup (nmd_session_get_device (session));
  file->device_description = g_strdup (nmd_session_get_description (session));
  file->threads = nmd_session_get_threads (session);
  file->dataset_path = g_canonicalize_filename (path != NULL ? path : ".", NULL);
  file->dataset_title = g_strdup (nmd_dataset_get_title (self->dataset));
  file->dataset_hash = g_strdup (nmd_dataset_get_hash (self->dataset));
  nmd_import_settings_copy (&file->import, NULL);
  nmd_import_settings_complete (&file->import, &settings->import);
  file->images = nmd_run_list_images (self->dataset);
  file->findings = nmd_dataset_import_to_json (self->dataset, NMD_RUN_FINDINGS);
  file->split = nmd_split_to_json (self->split, self->dataset);
  file->passport = nmd_passport_make (self->dataset, self->split, settings->organ);
}

/* A last batch under 8 images is dropped, so fewer would be no batch at all. */
static gboolean
check_split (const NmdTrainer *self, GError **error)
{
  guint n = count_images (self, NMD_PART_TRAIN);

  if (n >= MIN (8, (guint)nmd_parameters_get_int (self->file.parameters, "batch")))
    return TRUE;
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_SHAPE,
      get_task (self) == NMD_TASK_SEGMENT
          ? _ ("The training part of %s has %u images with a mask, at least 8 are needed")
          : _ ("The training part of %s has %u images, at least 8 are needed"),
      nmd_dataset_get_path (self->dataset), n);
  return FALSE;
}

/* The split that the settings name, by itself, by a file or by a kind. */
static NmdSplit *
make_split (NmdTrainer *self, const NmdTrainSettings *settings, GError **error)
{
  if (settings->split != NULL)
    return nmd_split_copy (settings->split);
  if (settings->split_file == NULL)
    return nmd_split_new (self->dataset, self->file.parameters, error);
  return nmd_split_load_fold (self->dataset, settings->split_file,
                              nmd_parameters_get_int (self->file.parameters, "fold"),
                              self->file.parameters, error);
}

static gboolean
choose_split (NmdTrainer *self, const NmdTrainSettings *settings, GError **error)
{
  const gboolean follow = settings->follow_stated && settings->split_file == NULL
                          && settings->split == NULL
                          && nmd_dataset_states_parts (self->dataset);

  if (follow
      && (!nmd_split_check_stated (self->dataset, error)
          || !nmd_parameters_set_text (self->file.parameters, "split", "stated", error)))
    return FALSE;
  self->split = make_split (self, settings, error);
  if (self->split == NULL || !check_split (self, error))
    return FALSE;
  if (follow)
    {
      const char *source = self->split->source;
      g_autofree char *text
          = g_strdup_printf ("The split is the one that the data set states%s%s",
                             source != NULL ? ": " : "", source != NULL ? source : "");

      nmd_trainer_emit_text (self, NMD_TRAIN_NOTE, text);
    }
  return TRUE;
}

/* Before anything that takes long, so that a file that does not fit is known at once. */
static gboolean
load_initial (NmdTrainer *self, const char *path, GError **error)
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
  nmd_trainer_emit_text (self, NMD_TRAIN_NOTE, text);
  return TRUE;
}

char *
nmd_train_check_initial (const char *path, const char *network, GError **error)
{
  const NmdNetwork *found = nmd_network_find (network, error);

  return found != NULL ? nmd_initial_check (path, found, error) : NULL;
}

/* The settings' data set, imported here unless it has been already; what is decoded is
 * preprocessed for the batches at once. */
static NmdDataset *
get_dataset (NmdTrainer *self, const NmdTrainSettings *settings, GError **error)
{
  NmdImportSettings import = settings->import;

  if (settings->dataset != NULL)
    return g_object_ref (settings->dataset);
  if (get_task (self) == NMD_TASK_CLASSIFY)
    import.prepare = self->file.parameters;
  return nmd_dataset_import (settings->dataset_path, &import, importing, self,
                             self->cancellable, error);
}

static gboolean
start_events (NmdTrainer *self, gboolean wanted, GError **error)
{
  return nmd_events_start (self->folder, self->file.started, self->history, wanted,
                           &self->events, error);
}

gboolean
nmd_train_run (const NmdTrainSettings *settings,
               NmdTrainFunc progress,
               gpointer user_data,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (NmdTrainer) self
      = nmd_trainer_new (settings->folder, progress, user_data, cancellable);
  const char *device = settings->device != NULL ? settings->device : NMD_DEVICE_DEFAULT;

  if (!check_fresh (self->folder, error)
      || !nmd_text_check_path (settings->dataset_path, error)
      || !nmd_text_check_path (settings->split_file, error))
    return FALSE;
  self->file.parameters = nmd_parameters_copy (settings->parameters);
  self->file.network
      = nmd_run_find_network (settings->network, settings->parameters, error);
  if (self->file.network == NULL || !load_initial (self, settings->initial, error))
    return FALSE;
  self->dataset = get_dataset (self, settings, error);
  if (self->dataset == NULL
      || !nmd_text_check_path (nmd_dataset_get_path (self->dataset), error)
      || !nmd_dataset_check_masks (self->dataset, settings->import.accept_masks, error)
      || (settings->organ != NULL
          && !nmd_passport_check_organ (self->dataset, settings->organ, error)))
    return FALSE;
  if (!choose_split (self, settings, error))
    return FALSE;
  self->learner = nmd_learner_new (self->file.network, self->file.parameters, device,
                                   settings->threads, error);
  if (self->learner == NULL || !nmd_learner_start (self->learner, self->initial, error))
    return FALSE;
  nmd_schedule_init (&self->state, self->file.parameters);
  if (!check_room (self, error))
    return FALSE;
  describe_run (self, settings);
  tell_device (self);
  tell_findings (self);
  if (!take_folder (self, error) || !nmd_run_file_save (&self->file, self->folder, error)
      || !nmd_trainer_save_start (self, error)
      || !start_events (self, settings->events, error))
    return FALSE;
  return prepare (self, error) && nmd_trainer_train (self, error);
}

/* Puts the trainer where last.safetensors stands; at the beginning if there is none yet.
 */
static gboolean
load_state (NmdTrainer *self, GError **error)
{
  g_autofree char *path = nmd_trainer_path (self, NMD_RUN_LAST);
  g_autoptr (NmdWeights) last = NULL;
  g_autoptr (GArray) history = NULL;
  gboolean cut;
  guint done;

  nmd_schedule_init (&self->state, self->file.parameters);
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && self->file.initial != NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   _ ("%s was stopped before the weights that it starts from were saved; "
                      "start it anew in another folder"),
                   self->folder);
      return FALSE;
    }
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return nmd_learner_start (self->learner, NULL, error);
  last = nmd_weights_load (path, error);
  if (last == NULL
      || !nmd_state_from_meta (&self->state, last, self->file.parameters, path, error)
      || !nmd_learner_load (self->learner, last, path, error))
    return FALSE;
  history = nmd_history_load (self->folder, get_task (self), error);
  if (history == NULL)
    return FALSE;
  done = (guint)self->state.next_epoch;
  if (history->len < done)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_FORMAT,
          _ ("%s: history.csv has %u epochs, last.safetensors was saved after %u"),
          self->folder, history->len, done);
      return FALSE;
    }
  cut = history->len > done;
  g_array_set_size (history, done);
  g_array_unref (self->history);
  self->history = g_steal_pointer (&history);
  return !cut || nmd_trainer_save_history (self, error);
}

static gboolean
load_dataset (NmdTrainer *self,
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
  g_autoptr (NmdTrainer) self
      = nmd_trainer_new (folder, progress, user_data, cancellable);
  g_autoptr (NmdRun) run = nmd_run_open (folder, error);

  if (run == NULL)
    return FALSE;
  self->lock = nmd_lock_take (folder, error);
  if (self->lock == NULL)
    return FALSE;
  nmd_run_clean (folder);
  if (nmd_run_get_state (run) == NMD_RUN_FINISHED)
    {
      nmd_trainer_warn (self, "%s is finished; there is nothing to resume", folder);
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
  if (self->learner == NULL || !load_state (self, error) || !check_room (self, error)
      || !start_events (self, FALSE, error))
    return FALSE;
  tell_device (self);
  tell_findings (self);
  return prepare (self, error) && nmd_trainer_train (self, error);
}
