/* SPDX-License-Identifier: Apache-2.0
 *
 * The app session's state, training and questions. Opening things is
 * nmd-app-session-open.c's.
 */
#include "ui/session/nmd-app-session-private.h"

#include "engine/core/nmd-file.h"

#include <glib/gi18n.h>
#include <math.h>

enum
{
  PROP_0,
  PROP_DATASET,
  PROP_SAMPLES,
  PROP_LOADING,
  PROP_SAMPLE,
  PROP_SCAN,
  PROP_RUNS,
  PROP_RUN,
  PROP_TRAINING,
  PROP_JOB,
  PROP_OVERRIDE,
  PROP_PARTS,
  PROP_HAS_MODEL,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  MESSAGE,
  PROBLEM,
  RUN_DATA_MISSING,
  DECIDE,
  SHOW_PAGE,
  PREVIEW,
  EXPLANATION,
  PARAMETERS_CHANGED,
  SCORES_CHANGED,
  DEVICE_CHANGED,
  INITIAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdAppSession, nmd_app_session, G_TYPE_OBJECT)

/* ---- Telling
 * ------------------------------------------------------------------------------ */

void
nmd_app_session_problem (NmdAppSession *self, const char *text)
{
  g_signal_emit (self, signals[PROBLEM], 0, text);
}

void
nmd_app_session_message (NmdAppSession *self, const char *text)
{
  g_signal_emit (self, signals[MESSAGE], 0, text);
}

void
nmd_app_session_show_page (NmdAppSession *self, const char *page)
{
  g_signal_emit (self, signals[SHOW_PAGE], 0, page);
}

/* TRUE if @error is one to be told; cancelled jobs end silently. */
static gboolean
tell (NmdAppSession *self, const GError *error)
{
  if (error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  nmd_app_session_problem (self, error->message);
  return TRUE;
}

void
nmd_app_session_notify_job (NmdAppSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}

void
nmd_app_session_set_loading (NmdAppSession *self, gboolean loading)
{
  if (self->loading == loading)
    return;
  self->loading = loading;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

/* ---- Data set and scan
 * -------------------------------------------------------------------- */

void
nmd_app_session_renew_split (NmdAppSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSplit) split = NULL;

  g_clear_pointer (&self->split, nmd_split_free);
  g_clear_pointer (&self->split_error, g_free);
  g_hash_table_remove_all (self->parts);
  if (self->dataset != NULL)
    {
      const char *hash = nmd_dataset_get_hash (self->dataset);
      if (self->run != NULL
          && g_strcmp0 (nmd_run_get_dataset_hash (self->run->run), hash) == 0)
        split = nmd_run_get_split (self->run->run, self->dataset, NULL);
      if (split == NULL)
        split = nmd_split_new (self->dataset, self->parameters, &error);
      if (split == NULL)
        self->split_error = g_strdup (error->message);
      for (guint i = 0; split != NULL && i < split->n; i++)
        g_hash_table_insert (self->parts, nmd_dataset_get (self->dataset, i),
                             GINT_TO_POINTER (split->parts[i]));
      self->split = g_steal_pointer (&split);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PARTS]);
}

void
nmd_app_session_take_dataset (NmdAppSession *self, NmdDataset *dataset)
{
  guint n = dataset != NULL ? nmd_dataset_get_n (dataset) : 0;
  g_autofree gpointer *items = g_new (gpointer, n + 1);

  for (guint i = 0; i < n; i++)
    items[i] = nmd_dataset_get (dataset, i);
  g_set_object (&self->dataset, dataset);
  g_list_store_splice (self->samples, 0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->samples)), items, n);
  nmd_app_session_renew_split (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DATASET]);

  /* What was chosen while the samples came in is chosen again in the final list. */
  NmdSample *chosen = NULL;
  if (dataset != NULL && self->sample != NULL)
    chosen = nmd_dataset_find (dataset, self->sample->id);
  if (chosen == NULL && n > 0)
    chosen = nmd_dataset_get (dataset, 0);
  if (!nmd_app_session_keeps_scan (self))
    nmd_app_session_set_sample (self, chosen);
}

/* A data set that comes in behind an opened image does not push it away. */
gboolean
nmd_app_session_keeps_scan (NmdAppSession *self)
{
  return self->import_is_runs
         && (self->image_wanted || (self->scan != NULL && self->scan->sample == NULL));
}

void
nmd_app_session_take_scan (NmdAppSession *self, NmdScan *scan)
{
  g_set_object (&self->scan, scan);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCAN]);
}

typedef struct
{
  NmdAppSession *session;
  guint number;
} Waiting;

static Waiting *
waiting_new (NmdAppSession *self, guint number)
{
  Waiting *waiting = g_new (Waiting, 1);

  waiting->session = g_object_ref (self);
  waiting->number = number;
  return waiting;
}

static void
waiting_free (Waiting *waiting)
{
  g_object_unref (waiting->session);
  g_free (waiting);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Waiting, waiting_free)

static gpointer
load_scan_func (NmdJob *job,
                gconstpointer input,
                GCancellable *cancellable,
                GError **error)
{
  return nmd_scan_load_sample (NMD_SAMPLE ((gpointer)input), error);
}

static void
on_scan_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Waiting) waiting = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScan) scan = nmd_job_finish (NMD_JOB (source), result, &error);
  NmdAppSession *self = waiting->session;

  if (waiting->number != self->scan_number || self->closed)
    return;
  if (!tell (self, error) && scan != NULL)
    nmd_app_session_take_scan (self, scan);
}

void
nmd_app_session_set_sample (NmdAppSession *self, NmdSample *sample)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  g_return_if_fail (sample == NULL || NMD_IS_SAMPLE (sample));

  gboolean shown = self->scan != NULL && self->scan->sample == sample;
  if (!g_set_object (&self->sample, sample) && shown)
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SAMPLE]);
  self->scan_number++;
  if (sample != NULL)
    self->image_wanted = FALSE;
  if (sample == NULL)
    {
      if (self->scan != NULL && self->scan->sample != NULL)
        nmd_app_session_take_scan (self, NULL);
      return;
    }
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_ASK, "scan", _ ("Reading an image"), load_scan_func,
                       g_object_ref (sample), g_object_unref, NULL, g_object_unref,
                       on_scan_loaded, waiting_new (self, self->scan_number));
}

/* ---- Outline
 * ------------------------------------------------------------------------------ */

typedef struct
{
  NmdScan *scan;
  double *points;
  guint n;
  gboolean is_box;
} Outline;

static void
outline_free (gpointer data)
{
  Outline *outline = data;

  g_object_unref (outline->scan);
  g_free (outline->points);
  g_free (outline);
}

static gpointer
outline_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Outline *outline = data;
  const NmdImage *image = outline->scan->image;
  const double *p = outline->points;
  g_autoptr (NmdImage) mask = NULL;

  if (outline->n == 0)
    return nmd_scan_with_mask (outline->scan, NULL, NMD_ROI_FRAME);
  if (outline->is_box)
    {
      NmdBox box = { (int)lrint (MIN (p[0], p[2])), (int)lrint (MIN (p[1], p[3])),
                     (int)lrint (MAX (p[0], p[2])), (int)lrint (MAX (p[1], p[3])) };
      mask = nmd_mask_new_box (image->width, image->height, &box);
    }
  else
    mask = nmd_mask_new_polygon (image->width, image->height, p, outline->n);
  return nmd_scan_with_mask (outline->scan, mask, NMD_ROI_DRAWN);
}

void
nmd_app_session_draw_outline (NmdAppSession *self,
                              const double *points,
                              guint n,
                              gboolean is_box)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->scan == NULL)
    return;

  Outline *outline = g_new0 (Outline, 1);
  outline->scan = g_object_ref (self->scan);
  outline->points = g_memdup2 (points, 2 * n * sizeof (double));
  outline->n = n;
  outline->is_box = is_box;
  self->scan_number++;
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_ASK, "outline", _ ("Drawing an outline"), outline_func,
                       outline, outline_free, NULL, g_object_unref, on_scan_loaded,
                       waiting_new (self, self->scan_number));
}

/* ---- Runs
 * --------------------------------------------------------------------------------- */

/* What is read of a chosen run. */
typedef struct
{
  NmdModel *model;
  GHashTable *scores;
} RunData;

static void
run_data_free (gpointer data)
{
  RunData *run_data = data;

  g_clear_pointer (&run_data->model, nmd_model_unref);
  g_clear_pointer (&run_data->scores, g_hash_table_unref);
  g_free (run_data);
}

static gpointer
load_run_func (NmdJob *job,
               gconstpointer input,
               GCancellable *cancellable,
               GError **error)
{
  NmdRun *run = (NmdRun *)input;
  const NmdPart parts[] = { NMD_PART_TRAIN, NMD_PART_VALIDATION, NMD_PART_TEST };
  RunData *run_data = g_new0 (RunData, 1);

  run_data->scores = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  run_data->model = nmd_run_load_model (run, NULL, error);
  if (run_data->model == NULL)
    {
      run_data_free (run_data);
      return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (NmdScores) scores = nmd_run_load_scores (run, parts[i], NULL);
      for (guint k = 0; scores != NULL && k < nmd_scores_get_n (scores); k++)
        {
          const NmdScore *score = nmd_scores_get (scores, k);
          g_hash_table_insert (run_data->scores, g_strdup (score->image),
                               g_memdup2 (&score->score, sizeof (double)));
        }
    }
  return run_data;
}

static void
on_run_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Waiting) waiting = user_data;
  g_autoptr (GError) error = NULL;
  RunData *run_data = nmd_job_finish (NMD_JOB (source), result, &error);
  NmdAppSession *self = waiting->session;

  if (waiting->number != self->run_number || self->closed)
    {
      g_clear_pointer (&run_data, run_data_free);
      return;
    }
  if (run_data == NULL)
    {
      /* A run that is only just starting has no weights yet; that is no fault. */
      if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        tell (self, error);
      return;
    }
  self->model = g_steal_pointer (&run_data->model);
  g_clear_pointer (&self->scores, g_hash_table_unref);
  self->scores = g_steal_pointer (&run_data->scores);
  run_data_free (run_data);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_MODEL]);
  g_signal_emit (self, signals[SCORES_CHANGED], 0);
}

void
nmd_app_session_load_run_data (NmdAppSession *self)
{
  self->run_number++;
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->scores, g_hash_table_unref);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_MODEL]);
  g_signal_emit (self, signals[SCORES_CHANGED], 0);
  if (self->run == NULL)
    return;
  g_autoptr (NmdJob) job = nmd_job_start (
      NMD_THREAD_POOL, NULL, _ ("Reading a run"), load_run_func,
      nmd_run_ref (self->run->run), (GDestroyNotify)nmd_run_unref, NULL, run_data_free,
      on_run_loaded, waiting_new (self, self->run_number));
}

void
nmd_app_session_set_run (NmdAppSession *self, NmdRunItem *run)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  g_return_if_fail (run == NULL || NMD_IS_RUN_ITEM (run));
  if (!g_set_object (&self->run, run))
    return;
  self->override_passport = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OVERRIDE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUN]);
  nmd_app_session_renew_split (self);
  nmd_app_session_load_run_data (self);
  /* What is open or coming in was chosen; only in an empty window the run brings its own.
   */
  if (run != NULL && self->dataset == NULL && self->import_job == NULL)
    nmd_app_session_open_run_data (self, NULL);
}

/* ---- Reading the state
 * -------------------------------------------------------------------- */

const NmdImportSettings *
nmd_app_session_get_import (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return &self->import;
}

NmdDataset *
nmd_app_session_get_dataset (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->dataset;
}

GListModel *
nmd_app_session_get_samples (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return G_LIST_MODEL (self->samples);
}

NmdSample *
nmd_app_session_get_sample (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->sample;
}

NmdScan *
nmd_app_session_get_scan (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->scan;
}

GListModel *
nmd_app_session_get_runs (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return G_LIST_MODEL (self->runs);
}

NmdRunItem *
nmd_app_session_get_run (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->run;
}

NmdModel *
nmd_app_session_get_model (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->model;
}

NmdTraining *
nmd_app_session_get_training (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->training;
}

gboolean
nmd_app_session_is_training (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), FALSE);
  return self->training != NULL
         && nmd_training_get_state (self->training) <= NMD_TRAINING_STOPPING;
}

NmdJob *
nmd_app_session_get_job (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  if (self->work != NULL)
    return self->work;
  return self->import_job;
}

gboolean
nmd_app_session_get_loading (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), FALSE);
  return self->loading;
}

NmdPart
nmd_app_session_get_part (NmdAppSession *self, NmdSample *sample)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NMD_PART_NONE);
  return (NmdPart)GPOINTER_TO_INT (g_hash_table_lookup (self->parts, sample));
}

guint
nmd_app_session_count_part (NmdAppSession *self, NmdPart part, guint *n_subjects)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), 0);

  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;
  for (guint i = 0; self->split != NULL && i < self->split->n; i++)
    if (self->split->parts[i] == part)
      {
        n++;
        g_hash_table_add (subjects, nmd_dataset_get (self->dataset, i)->subject);
      }
  if (n_subjects != NULL)
    *n_subjects = g_hash_table_size (subjects);
  return n;
}

const NmdSplit *
nmd_app_session_get_split (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->split;
}

const char *
nmd_app_session_get_split_error (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->split_error;
}

gboolean
nmd_app_session_has_run_data (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), FALSE);
  return self->run != NULL && self->dataset != NULL
         && g_strcmp0 (nmd_run_get_dataset_hash (self->run->run),
                       nmd_dataset_get_hash (self->dataset))
                == 0;
}

double
nmd_app_session_get_score (NmdAppSession *self, NmdSample *sample)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NAN);
  /* Scores by name mean something only within the run's own data set. */
  if (self->scores == NULL || sample == NULL || !nmd_app_session_has_run_data (self))
    return NAN;
  const double *score = g_hash_table_lookup (self->scores, sample->id);
  return score != NULL ? *score : NAN;
}

const NmdParameters *
nmd_app_session_get_parameters (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->parameters;
}

gboolean
nmd_app_session_set_parameter (NmdAppSession *self,
                               const char *name,
                               double value,
                               GError **error)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), FALSE);

  if (nmd_parameters_get (self->parameters, name) == value)
    return TRUE;
  if (!nmd_parameters_set (self->parameters, name, value, error))
    return FALSE;
  const char *const of_split[] = { "split", "folds", "fold", "limit", "seed", NULL };
  if (g_strv_contains (of_split, name))
    nmd_app_session_renew_split (self);
  g_signal_emit (self, signals[PARAMETERS_CHANGED], 0);
  return TRUE;
}

void
nmd_app_session_reset_parameters (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  g_clear_pointer (&self->parameters, nmd_parameters_unref);
  self->parameters = nmd_parameters_new ();
  nmd_app_session_renew_split (self);
  g_signal_emit (self, signals[PARAMETERS_CHANGED], 0);
}

/* ---- Questions
 * ---------------------------------------------------------------------------- */

static void
on_preview (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdPreview) preview = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->closed || tell (self, error) || preview == NULL
      || preview->scan != self->scan)
    return;
  g_signal_emit (self, signals[PREVIEW], 0, preview);
}

/* The Mixup partner shown: another sample of the same muscle with the other label, if
 * there is one. */
static NmdSample *
choose_partner (NmdAppSession *self, NmdSample *sample, int draw)
{
  NmdSample *partner = NULL;
  guint n = self->dataset != NULL ? nmd_dataset_get_n (self->dataset) : 0;
  guint start = n > 0 ? (guint)draw * 7919u % n : 0;

  for (guint i = 0; i < n; i++)
    {
      NmdSample *other = nmd_dataset_get (self->dataset, (start + i) % n);
      if (other == sample || g_strcmp0 (other->subject, sample->subject) == 0)
        continue;
      if (partner == NULL)
        partner = other;
      if (other->label != sample->label && g_strcmp0 (other->muscle, sample->muscle) == 0)
        return other;
    }
  return partner;
}

void
nmd_app_session_ask_preview (NmdAppSession *self, int draw)
{
  NmdSample *partner = NULL;

  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->scan == NULL || self->closed)
    return;
  if (self->scan->sample != NULL)
    partner = choose_partner (self, self->scan->sample, draw);
  g_autoptr (NmdJob) job
      = nmd_preview_start (self->scan, self->dataset, partner, draw, self->parameters,
                           on_preview, g_object_ref (self));
}

static void
on_explanation (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdExplanation) answer = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->closed || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  tell (self, error);
  if (answer != NULL && (answer->scan != self->scan || answer->model != self->model))
    return;
  g_signal_emit (self, signals[EXPLANATION], 0, answer);
}

void
nmd_app_session_ask_explanation (NmdAppSession *self, int target, const char *layer)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->scan == NULL || self->model == NULL || self->closed)
    {
      g_signal_emit (self, signals[EXPLANATION], 0, NULL);
      return;
    }
  g_autoptr (NmdJob) job
      = nmd_explanation_start (self->scan, self->model, NULL, self->device, target, layer,
                               self->work != NULL, on_explanation, g_object_ref (self));
}

/* ---- Training
 * ----------------------------------------------------------------------------- */

static void
on_training_ended (NmdTraining *training, NmdAppSession *self)
{
  if (self->training != training)
    return;
  g_clear_object (&self->work);
  nmd_app_session_notify_job (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRAINING]);
  if (self->closed)
    return;
  switch (nmd_training_get_state (training))
    {
    case NMD_TRAINING_FINISHED:
      nmd_app_session_message (self, _ ("Training finished"));
      break;
    case NMD_TRAINING_STOPPED:
      nmd_app_session_message (self,
                               _ ("Training stopped; the best weights so far are kept"));
      break;
    default:
      nmd_app_session_problem (self, nmd_training_get_error (training));
      return;
    }
  nmd_app_session_open_run (self, nmd_training_get_folder (training), TRUE);
}

static void
take_training (NmdAppSession *self, NmdTraining *training)
{
  if (self->training != NULL)
    g_signal_handlers_disconnect_by_data (self->training, self);
  g_clear_object (&self->training);
  self->training = training;
  g_signal_connect_object (training, "ended", G_CALLBACK (on_training_ended), self, 0);
  g_set_object (&self->work, nmd_training_get_job (training));
  nmd_app_session_notify_job (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRAINING]);
}

/* A new folder for a run, called by the time. */
static char *
new_run_folder (NmdAppSession *self, const char *network)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  g_autofree char *name = g_strdup_printf ("%s-%s", when, network);

  return g_build_filename (self->data_folder, "runs", name, NULL);
}

void
nmd_app_session_train (NmdAppSession *self, const char *network, gboolean quick_look)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->dataset == NULL || nmd_app_session_is_training (self))
    return;
  if (self->initial_problem != NULL)
    {
      nmd_app_session_problem (self, self->initial_problem);
      return;
    }

  g_autoptr (NmdTrainSettings) settings = nmd_train_settings_new ();
  g_free (settings->dataset_path);
  g_free (settings->folder);
  g_free (settings->network);
  g_free (settings->device);
  settings->dataset_path = g_strdup (self->dataset_path);
  settings->folder = new_run_folder (self, network);
  settings->network = g_strdup (network);
  settings->device = g_strdup (self->device);
  settings->initial = g_strdup (self->initial);
  nmd_import_settings_copy (&settings->import, &self->import);
  g_set_object (&settings->dataset, self->dataset);
  g_clear_pointer (&settings->parameters, nmd_parameters_unref);
  settings->parameters = nmd_parameters_copy (self->parameters);
  take_training (self, nmd_training_start (settings, quick_look));
}

void
nmd_app_session_resume (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->run == NULL || nmd_app_session_is_training (self))
    return;

  /* The open data set saves reading it again, if it is the run's. */
  NmdDataset *dataset = NULL;
  if (self->dataset != NULL
      && g_strcmp0 (nmd_run_get_dataset_hash (self->run->run),
                    nmd_dataset_get_hash (self->dataset))
             == 0)
    dataset = self->dataset;
  take_training (self, nmd_training_resume (self->run->run, dataset));
  nmd_app_session_show_page (self, "train");
}

void
nmd_app_session_stop (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (nmd_app_session_is_training (self))
    nmd_training_stop (self->training);
  else if (nmd_app_session_get_job (self) != NULL)
    nmd_job_cancel (nmd_app_session_get_job (self));
}

/* ---- Evaluation
 * --------------------------------------------------------------------------- */

typedef struct
{
  char *folder;
  char *device;
  NmdDataset *dataset; /* nullable */
} EvaluateInput;

static void
evaluate_input_free (gpointer data)
{
  EvaluateInput *input = data;

  g_free (input->folder);
  g_free (input->device);
  g_clear_object (&input->dataset);
  g_free (input);
}

static void
tell_fraction (double fraction, gpointer job)
{
  nmd_job_report (job, fraction, NULL);
}

static gpointer
evaluate_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const EvaluateInput *input = data;
  NmdEvaluateSettings settings
      = { .dataset = input->dataset, .device = input->device, .threshold = 0.5 };

  return nmd_train_evaluate (input->folder, &settings, tell_fraction, job, cancellable,
                             error);
}

static void
on_evaluated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) metrics = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->work == NMD_JOB (source))
    g_clear_object (&self->work);
  nmd_app_session_notify_job (self);
  if (self->closed || tell (self, error) || metrics == NULL)
    return;
  nmd_app_session_message (self, _ ("All images are scored"));
  if (self->run != NULL)
    nmd_app_session_open_run (self, self->run->folder, TRUE);
}

void
nmd_app_session_evaluate (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->run == NULL || self->work != NULL)
    return;

  EvaluateInput *input = g_new0 (EvaluateInput, 1);
  input->folder = g_strdup (self->run->folder);
  input->device = g_strdup (self->device);
  if (self->dataset != NULL
      && g_strcmp0 (nmd_run_get_dataset_hash (self->run->run),
                    nmd_dataset_get_hash (self->dataset))
             == 0)
    input->dataset = g_object_ref (self->dataset);
  self->work
      = nmd_job_start (NMD_THREAD_WORK, NULL, _ ("Scoring all images"), evaluate_func,
                       input, evaluate_input_free, NULL, (GDestroyNotify)json_node_unref,
                       on_evaluated, g_object_ref (self));
  nmd_app_session_notify_job (self);
}

/* ---- Saving
 * ------------------------------------------------------------------------------- */

typedef struct
{
  char *path;
  GBytes *bytes;
} SaveInput;

static void
save_input_free (gpointer data)
{
  SaveInput *input = data;

  g_free (input->path);
  g_bytes_unref (input->bytes);
  g_free (input);
}

static gpointer
save_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const SaveInput *input = data;
  gsize length = 0;
  gconstpointer bytes = g_bytes_get_data (input->bytes, &length);

  if (!nmd_file_write (input->path, bytes, length, error))
    return NULL;
  return g_path_get_basename (input->path);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->closed || tell (self, error) || name == NULL)
    return;
  /* Translators: the placeholder is a file's name */
  g_autofree char *text = g_strdup_printf (_ ("Saved %s"), name);
  nmd_app_session_message (self, text);
}

void
nmd_app_session_save (NmdAppSession *self, const char *path, GBytes *bytes)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self) && path != NULL && bytes != NULL);

  SaveInput *input = g_new0 (SaveInput, 1);
  input->path = g_strdup (path);
  input->bytes = g_bytes_ref (bytes);
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Saving"), save_func, input,
                       save_input_free, NULL, g_free, on_saved, g_object_ref (self));
}

/* ---- Object
 * ------------------------------------------------------------------------------- */

void
nmd_app_session_shutdown (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->closed)
    return;
  self->closed = TRUE;
  g_clear_handle_id (&self->flush_id, g_source_remove);
  nmd_job_stop_all ();
}

static void
nmd_app_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  NmdAppSession *self = NMD_APP_SESSION (object);

  switch (id)
    {
    case PROP_DATASET:
      g_value_set_object (value, self->dataset);
      break;
    case PROP_SAMPLES:
      g_value_set_object (value, self->samples);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, self->loading);
      break;
    case PROP_SAMPLE:
      g_value_set_object (value, self->sample);
      break;
    case PROP_SCAN:
      g_value_set_object (value, self->scan);
      break;
    case PROP_RUNS:
      g_value_set_object (value, self->runs);
      break;
    case PROP_RUN:
      g_value_set_object (value, self->run);
      break;
    case PROP_TRAINING:
      g_value_set_object (value, self->training);
      break;
    case PROP_JOB:
      g_value_set_object (value, nmd_app_session_get_job (self));
      break;
    case PROP_OVERRIDE:
      g_value_set_boolean (value, self->override_passport);
      break;
    case PROP_PARTS:
      g_value_set_pointer (value, self->split);
      break;
    case PROP_HAS_MODEL:
      g_value_set_boolean (value, self->model != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
nmd_app_session_set_property (GObject *object,
                              guint id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  NmdAppSession *self = NMD_APP_SESSION (object);

  switch (id)
    {
    case PROP_SAMPLE:
      nmd_app_session_set_sample (self, g_value_get_object (value));
      break;
    case PROP_RUN:
      nmd_app_session_set_run (self, g_value_get_object (value));
      break;
    case PROP_OVERRIDE:
      if (self->override_passport != g_value_get_boolean (value))
        {
          self->override_passport = g_value_get_boolean (value);
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
nmd_app_session_finalize (GObject *object)
{
  NmdAppSession *self = NMD_APP_SESSION (object);

  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_free (self->data_folder);
  g_clear_object (&self->dataset);
  g_free (self->dataset_path);
  nmd_import_settings_clear (&self->import);
  g_clear_object (&self->samples);
  g_clear_object (&self->sample);
  g_clear_object (&self->scan);
  g_clear_object (&self->runs);
  g_clear_object (&self->run);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->scores, g_hash_table_unref);
  g_clear_pointer (&self->split, nmd_split_free);
  g_clear_pointer (&self->parts, g_hash_table_unref);
  g_free (self->split_error);
  g_clear_pointer (&self->parameters, nmd_parameters_unref);
  g_free (self->device);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  g_free (self->initial);
  g_free (self->initial_fit);
  g_free (self->initial_problem);
  g_clear_object (&self->training);
  g_clear_object (&self->work);
  g_clear_object (&self->import_job);
  g_clear_pointer (&self->arriving, g_ptr_array_unref);
  G_OBJECT_CLASS (nmd_app_session_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags read
      = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags both = read | G_PARAM_WRITABLE;

  properties[PROP_DATASET]
      = g_param_spec_object ("dataset", NULL, NULL, NMD_TYPE_DATASET, read);
  properties[PROP_SAMPLES]
      = g_param_spec_object ("samples", NULL, NULL, G_TYPE_LIST_MODEL, read);
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, read);
  properties[PROP_SAMPLE]
      = g_param_spec_object ("sample", NULL, NULL, NMD_TYPE_SAMPLE, both);
  properties[PROP_SCAN] = g_param_spec_object ("scan", NULL, NULL, NMD_TYPE_SCAN, read);
  properties[PROP_RUNS]
      = g_param_spec_object ("runs", NULL, NULL, G_TYPE_LIST_MODEL, read);
  properties[PROP_RUN] = g_param_spec_object ("run", NULL, NULL, NMD_TYPE_RUN_ITEM, both);
  properties[PROP_TRAINING]
      = g_param_spec_object ("training", NULL, NULL, NMD_TYPE_TRAINING, read);
  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, NMD_TYPE_JOB, read);
  properties[PROP_OVERRIDE] = g_param_spec_boolean ("override", NULL, NULL, FALSE, both);
  properties[PROP_PARTS] = g_param_spec_pointer ("parts", NULL, NULL, read);
  properties[PROP_HAS_MODEL]
      = g_param_spec_boolean ("has-model", NULL, NULL, FALSE, read);
  g_object_class_install_properties (klass, N_PROPS, properties);
}

static guint
add_signal (GType type, const char *name, GType a, GType b, GType c)
{
  guint n = a == G_TYPE_NONE ? 0 : b == G_TYPE_NONE ? 1 : c == G_TYPE_NONE ? 2 : 3;

  return g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, n,
                       a, b, c);
}

static void
nmd_app_session_class_init (NmdAppSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  const GType none = G_TYPE_NONE;

  object_class->get_property = nmd_app_session_get_property;
  object_class->set_property = nmd_app_session_set_property;
  object_class->finalize = nmd_app_session_finalize;
  install_properties (object_class);

  signals[MESSAGE] = add_signal (type, "message", G_TYPE_STRING, none, none);
  signals[PROBLEM] = add_signal (type, "problem", G_TYPE_STRING, none, none);
  signals[RUN_DATA_MISSING]
      = add_signal (type, "run-data-missing", G_TYPE_STRING, none, none);
  signals[DECIDE]
      = g_signal_new ("decide", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                      4, G_TYPE_INT, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRV);
  signals[SHOW_PAGE] = add_signal (type, "show-page", G_TYPE_STRING, none, none);
  signals[PREVIEW] = add_signal (type, "preview", G_TYPE_POINTER, none, none);
  signals[EXPLANATION] = add_signal (type, "explanation", G_TYPE_POINTER, none, none);
  signals[PARAMETERS_CHANGED] = add_signal (type, "parameters-changed", none, none, none);
  signals[SCORES_CHANGED] = add_signal (type, "scores-changed", none, none, none);
  signals[DEVICE_CHANGED] = add_signal (type, "device-changed", none, none, none);
  signals[INITIAL_CHANGED] = add_signal (type, "initial-changed", none, none, none);
}

static void
nmd_app_session_init (NmdAppSession *self)
{
  self->samples = g_list_store_new (NMD_TYPE_SAMPLE);
  self->runs = g_list_store_new (NMD_TYPE_RUN_ITEM);
  self->parts = g_hash_table_new (NULL, NULL);
  self->parameters = nmd_parameters_new ();
  self->device = g_strdup (NMD_DEVICE_DEFAULT);
  self->arriving = g_ptr_array_new_with_free_func (g_object_unref);
}

NmdAppSession *
nmd_app_session_new (const char *data_folder)
{
  g_return_val_if_fail (data_folder != NULL, NULL);

  NmdAppSession *self = g_object_new (NMD_TYPE_APP_SESSION, NULL);
  self->data_folder = g_strdup (data_folder);
  return self;
}
