/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts questions about one scan, and saves what came of them. How they are answered is nmd-preview's
 * and nmd-explanation's.
 */
#include "ui/session/nmd-explanation-session.h"

#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-mask-names.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdExplanationSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  NmdScanSession *scan;
  NmdRunsSession *runs;
  NmdRecipeSession *recipe;
  NmdDeviceSession *devices;
  NmdTrainingSession *training;
  gboolean override_passport;
  NmdStatedFacts stated; /* texts are ours */
  char *scan_path;       /* of the scan that they are about */
  char *run_folder;      /* (nullable): of the run that they are about */
  NmdJob *asked;         /* (nullable): the question about the scan that is asked now */
  gboolean was_given_up; /* it was, for another scan that is being read */
  NmdJob *what_if; /* (nullable): the question about a changed scan that is asked now */
};

enum
{
  PROP_0,
  PROP_OVERRIDE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  STATED_CHANGED,
  PREVIEW,
  EXPLANATION,
  WHAT_IF,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdExplanationSession, nmd_explanation_session, G_TYPE_OBJECT)

/* Preview */

static void
on_preview (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdExplanationSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdPreview) preview = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_is_closed (self->notices) || nmd_notices_error (self->notices, error)
      || preview == NULL || preview->scan != nmd_scan_session_get_scan (self->scan))
    return;
  g_signal_emit (self, signals[PREVIEW], 0, preview);
}

/* The Mixup partner shown: another sample of the same muscle with the other label, if there is one;
 * none until the scan's own data set is read. */
static NmdSample *
choose_partner (NmdExplanationSession *self, NmdSample *sample, int draw)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  NmdSample *partner = NULL;
  guint n = dataset != NULL ? nmd_dataset_get_n (dataset) : 0;
  guint start = n > 0 ? (guint)draw * 7919u % n : 0;

  if (dataset == NULL || nmd_dataset_find (dataset, sample->id) != sample)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      NmdSample *other = nmd_dataset_get (dataset, (start + i) % n);
      if (other == sample || g_strcmp0 (other->subject, sample->subject) == 0)
        continue;
      if (partner == NULL)
        partner = other;
      if (other->label != sample->label && g_strcmp0 (other->muscle, sample->muscle) == 0)
        return other;
    }
  return partner;
}

/* Whether @partner can be blended with the scan. */
static gboolean
can_be_partner (NmdExplanationSession *self, NmdScan *scan, NmdSample *partner)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);

  return partner != NULL && partner != scan->sample && dataset != NULL
         && nmd_dataset_find (dataset, scan->sample->id) == scan->sample
         && nmd_dataset_find (dataset, partner->id) == partner;
}

void
nmd_explanation_session_ask_preview_of (NmdExplanationSession *self,
                                        const NmdPreviewRequest *request,
                                        const NmdParameters *parameters)
{
  g_return_if_fail (NMD_IS_EXPLANATION_SESSION (self) && request != NULL);

  NmdScan *scan = nmd_scan_session_get_scan (self->scan);
  NmdPreviewRequest asked = *request;
  if (scan == NULL || nmd_notices_is_closed (self->notices))
    return;
  if (scan->sample == NULL || nmd_parameters_get_task (parameters) == NMD_TASK_SEGMENT)
    asked.partner = NULL;
  else if (!can_be_partner (self, scan, asked.partner))
    asked.partner = choose_partner (self, scan->sample, asked.draw);
  g_autoptr (NmdJob) job
      = nmd_preview_start (scan, &asked, parameters, on_preview, g_object_ref (self));
}

void
nmd_explanation_session_ask_preview (NmdExplanationSession *self, int draw)
{
  const NmdPreviewRequest request = { draw, NULL, NAN };

  g_return_if_fail (NMD_IS_EXPLANATION_SESSION (self));
  nmd_explanation_session_ask_preview_of (
      self, &request, nmd_recipe_session_get_of (self->recipe, NMD_TASK_CLASSIFY));
}

/* Explanation */

static void
on_explanation (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdExplanationSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdExplanation) answer = nmd_job_finish (NMD_JOB (source), result, &error);

  if (NMD_JOB (source) != self->asked) /* another one has been asked since */
    return;
  g_clear_object (&self->asked);
  if (nmd_notices_is_closed (self->notices))
    return;
  /* Not by another question: that would be the one asked now. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      nmd_notices_message (self->notices,
                           _ ("Stopped: choose a class or a method to ask again"));
      return;
    }
  nmd_notices_error (self->notices, error);
  if (answer != NULL
      && (answer->scan != nmd_scan_session_get_scan (self->scan)
          || answer->model != nmd_runs_session_get_model (self->runs)))
    return;
  g_signal_emit (self, signals[EXPLANATION], 0, answer);
}

static void
give_up (NmdExplanationSession *self)
{
  if (self->asked != NULL)
    {
      nmd_job_cancel (self->asked);
      self->was_given_up = TRUE;
    }
  g_clear_object (&self->asked);
}

/* A scan is read on the thread that answers, behind the question about the former one. If it cannot be read,
 * that one stays and is asked about once more. */
static void
on_reading (NmdExplanationSession *self, gboolean started)
{
  if (started)
    give_up (self);
  else if (self->was_given_up)
    {
      self->was_given_up = FALSE;
      g_signal_emit (self, signals[STATED_CHANGED], 0);
    }
}

void
nmd_explanation_session_ask (NmdExplanationSession *self,
                             NmdMapMethod method,
                             int target,
                             const char *layer)
{
  g_return_if_fail (NMD_IS_EXPLANATION_SESSION (self));

  NmdScan *scan = nmd_scan_session_get_scan (self->scan);
  NmdModel *model = nmd_runs_session_get_model (self->runs);
  give_up (self);
  self->was_given_up = FALSE;
  if (scan == NULL || model == NULL || nmd_notices_is_closed (self->notices))
    {
      g_signal_emit (self, signals[EXPLANATION], 0, NULL);
      return;
    }
  gboolean busy = nmd_training_session_get_job (self->training) != NULL;
  self->asked = nmd_explanation_start (
      scan, model, &self->stated, nmd_device_session_get (self->devices), method, target,
      layer, busy, on_explanation, g_object_ref (self));
}

/* A changed scan */

static void
tell_what_if (NmdExplanationSession *self, const NmdWhatIfAnswer *answer)
{
  if (answer->scan == nmd_scan_session_get_scan (self->scan)
      && answer->model == nmd_runs_session_get_model (self->runs))
    g_signal_emit (self, signals[WHAT_IF], 0, answer);
}

static void
on_what_if_score (NmdJob *job, gpointer answer, NmdExplanationSession *self)
{
  if (job == self->what_if)
    tell_what_if (self, answer);
}

static void
on_what_if (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdExplanationSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdWhatIfAnswer) answer = nmd_job_finish (NMD_JOB (source), result, &error);

  if (NMD_JOB (source) != self->what_if)
    return;
  g_clear_object (&self->what_if);
  if (nmd_notices_is_closed (self->notices)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  nmd_notices_error (self->notices, error);
  if (answer != NULL)
    tell_what_if (self, answer);
}

void
nmd_explanation_session_drop_what_if (NmdExplanationSession *self)
{
  g_return_if_fail (NMD_IS_EXPLANATION_SESSION (self));
  if (self->what_if != NULL)
    nmd_job_cancel (self->what_if);
  g_clear_object (&self->what_if);
}

void
nmd_explanation_session_ask_what_if (NmdExplanationSession *self, const NmdWhatIf *what)
{
  g_return_if_fail (NMD_IS_EXPLANATION_SESSION (self) && what != NULL);

  NmdScan *scan = nmd_scan_session_get_scan (self->scan);
  NmdModel *model = nmd_runs_session_get_model (self->runs);
  nmd_explanation_session_drop_what_if (self);
  if (scan == NULL || model == NULL || nmd_notices_is_closed (self->notices))
    return;
  self->what_if = nmd_what_if_start (
      scan, model, what, nmd_runs_session_get_threshold (self->runs),
      nmd_device_session_get (self->devices), on_what_if, g_object_ref (self));
  g_signal_connect_object (self->what_if, "record", G_CALLBACK (on_what_if_score), self,
                           0);
}

gboolean
nmd_explanation_session_get_override (NmdExplanationSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPLANATION_SESSION (self), FALSE);
  return self->override_passport;
}

static void
set_override (NmdExplanationSession *self, gboolean on)
{
  if (self->override_passport == on)
    return;
  self->override_passport = on;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OVERRIDE]);
}

/* What the user says */

/* TRUE if the text is another one now; "" is not stated. */
static gboolean
replace_text (const char **text, const char *with)
{
  const char *stated = with != NULL && *with != '\0' ? with : NULL;

  if (g_strcmp0 (*text, stated) == 0)
    return FALSE;
  g_free ((char *)*text);
  *text = g_strdup (stated);
  return TRUE;
}

void
nmd_explanation_session_state_scan (NmdExplanationSession *self,
                                    const char *organ,
                                    const char *muscle)
{
  g_return_if_fail (NMD_IS_EXPLANATION_SESSION (self));

  gboolean changed = replace_text (&self->stated.organ, organ);
  changed = replace_text (&self->stated.muscle, muscle) || changed;
  if (changed)
    g_signal_emit (self, signals[STATED_CHANGED], 0);
}

void
nmd_explanation_session_state_model (NmdExplanationSession *self,
                                     const char *organ,
                                     const char *muscles)
{
  g_return_if_fail (NMD_IS_EXPLANATION_SESSION (self));

  gboolean changed = replace_text (&self->stated.model_organ, organ);
  changed = replace_text (&self->stated.model_muscles, muscles) || changed;
  if (changed)
    g_signal_emit (self, signals[STATED_CHANGED], 0);
}

const NmdStatedFacts *
nmd_explanation_session_get_stated (NmdExplanationSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPLANATION_SESSION (self), NULL);
  return &self->stated;
}

/* Notes make another item of the same run; what is said stays. */
static void
on_run (NmdExplanationSession *self)
{
  NmdRunItem *item = nmd_runs_session_get_run (self->runs);
  const char *folder = item != NULL ? item->folder : NULL;

  if (g_strcmp0 (folder, self->run_folder) == 0)
    return;
  g_free (self->run_folder);
  self->run_folder = g_strdup (folder);
  set_override (self, FALSE);
  nmd_explanation_session_state_model (self, NULL, NULL);
}

/* An outline makes another scan of the same file; what is said stays. */
static void
on_scan (NmdExplanationSession *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan);

  if (scan == NULL || g_strcmp0 (scan->path, self->scan_path) == 0)
    return;
  g_free (self->scan_path);
  self->scan_path = g_strdup (scan->path);
  nmd_explanation_session_state_scan (self, NULL, NULL);
}

/* What may be shown, and how it is called */

gboolean
nmd_explanation_session_may_show (NmdExplanationSession *self,
                                  const NmdExplanation *answer)
{
  g_return_val_if_fail (NMD_IS_EXPLANATION_SESSION (self), FALSE);
  return answer != NULL && answer->map != NULL
         && (answer->verdict.is_scored || self->override_passport);
}

gboolean
nmd_explanation_session_is_meaningless (NmdExplanationSession *self,
                                        const NmdExplanation *answer)
{
  return nmd_explanation_session_may_show (self, answer) && !answer->verdict.is_scored;
}

const char *
nmd_explanation_session_get_class (NmdExplanationSession *self, int label)
{
  g_return_val_if_fail (NMD_IS_EXPLANATION_SESSION (self), NULL);
  g_return_val_if_fail (label == 0 || label == 1, NULL);

  NmdModel *model = nmd_runs_session_get_model (self->runs);
  const NmdPassport *passport = model != NULL ? nmd_model_get_passport (model) : NULL;
  if (passport != NULL && passport->classes[label] != NULL)
    return passport->classes[label];
  return label == 1 ? _ ("pathological") : _ ("healthy");
}

static const char *
part_words (NmdPart part)
{
  switch (part)
    {
    case NMD_PART_TRAIN:
      return _ ("trained on");
    case NMD_PART_VALIDATION:
      return _ ("validation part");
    case NMD_PART_TEST:
      return _ ("held out (test)");
    default:
      return _ ("not in the run");
    }
}

/* The part of @sample in the run that scores; the recipe's parts are those of the run that is shown. */
static NmdPart
part_of (NmdExplanationSession *self, NmdSample *sample)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs);
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autoptr (NmdSplit) split = NULL;

  if (run == nmd_runs_session_get_shown (self->runs))
    return nmd_recipe_session_get_part (self->recipe, sample);
  /* A run whose split cannot be read says nothing of parts. */
  split = nmd_run_get_split (run->run, dataset, NULL);
  for (guint i = 0; split != NULL && i < split->n; i++)
    if (nmd_dataset_get (dataset, i) == sample)
      return (NmdPart)split->parts[i];
  return NMD_PART_NONE;
}

const char *
nmd_explanation_session_get_part (NmdExplanationSession *self,
                                  NmdScan *scan,
                                  const NmdExplanation *answer)
{
  g_return_val_if_fail (NMD_IS_EXPLANATION_SESSION (self), NULL);
  g_return_val_if_fail (NMD_IS_SCAN (scan), NULL);

  if (answer != NULL && answer->verdict.in_data_set)
    return part_words (answer->verdict.part);
  if (scan->sample != NULL && nmd_runs_session_get_run (self->runs) != NULL
      && nmd_data_session_get_loading (self->data))
    return _ ("part not known until all images are read");
  if (scan->sample == NULL || !nmd_runs_session_has_data (self->runs))
    return _ ("not in the model's data set");
  return part_words (part_of (self, scan->sample));
}

NmdSheet *
nmd_explanation_session_new_sheet (NmdExplanationSession *self,
                                   const NmdSheetRequest *request)
{
  g_return_val_if_fail (NMD_IS_EXPLANATION_SESSION (self) && request != NULL, NULL);

  NmdModel *model = nmd_runs_session_get_model (self->runs);
  NmdRunItem *run = nmd_runs_session_get_run (self->runs);
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  NmdSheetRequest all = *request;

  if (model == NULL || run == NULL || dataset == NULL)
    return NULL;
  g_autofree char *folder = g_path_get_basename (run->folder);
  /* Translators: title of a document; the data set */
  g_autofree char *title
      = g_strdup_printf (_ ("Contact sheet: %s"), nmd_dataset_get_title (dataset));
  const char *which = g_strcmp0 (nmd_model_get_which (model), "average") == 0
                          ? _ ("average weights")
                          : _ ("best weights");
  /* Translators: a network, "average weights", a folder */
  g_autofree char *note = g_strdup_printf (
      _ ("%s, %s, run %s"), nmd_model_get_network (model)->title, which, folder);
  if (request->layer != NULL)
    {
      /* Translators: the model; a layer of it */
      char *both = g_strdup_printf (_ ("%s; layer %s"), note, request->layer);
      g_free (note);
      note = both;
    }
  all.model = model;
  all.title = title;
  all.note = note;
  all.stated = self->stated;
  all.override = self->override_passport;
  all.device = nmd_device_session_get (self->devices);
  all.busy = nmd_training_session_get_job (self->training) != NULL;
  return nmd_sheet_new (&all);
}

/* Saving */

void
nmd_explanation_session_save (NmdExplanationSession *self,
                              const char *path,
                              NmdContent *content,
                              NmdSavedFunc saved,
                              GObject *object)
{
  g_return_if_fail (NMD_IS_EXPLANATION_SESSION (self) && path != NULL && content != NULL);
  nmd_saving_start (self->notices, self->data, self->scan, path, content, saved, object);
}

/* Object */

static void
nmd_explanation_session_get_property (GObject *object,
                                      guint id,
                                      GValue *value,
                                      GParamSpec *pspec)
{
  if (id == PROP_OVERRIDE)
    g_value_set_boolean (value, NMD_EXPLANATION_SESSION (object)->override_passport);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_explanation_session_set_property (GObject *object,
                                      guint id,
                                      const GValue *value,
                                      GParamSpec *pspec)
{
  if (id == PROP_OVERRIDE)
    set_override (NMD_EXPLANATION_SESSION (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_explanation_session_finalize (GObject *object)
{
  NmdExplanationSession *self = NMD_EXPLANATION_SESSION (object);

  g_clear_object (&self->notices);
  g_clear_object (&self->data);
  g_clear_object (&self->scan);
  g_clear_object (&self->runs);
  g_clear_object (&self->recipe);
  g_clear_object (&self->devices);
  g_clear_object (&self->training);
  g_free (self->run_folder);
  g_free ((char *)self->stated.organ);
  g_free ((char *)self->stated.muscle);
  g_free ((char *)self->stated.model_organ);
  g_free ((char *)self->stated.model_muscles);
  g_free (self->scan_path);
  g_clear_object (&self->asked);
  g_clear_object (&self->what_if);
  G_OBJECT_CLASS (nmd_explanation_session_parent_class)->finalize (object);
}

static void
nmd_explanation_session_class_init (NmdExplanationSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const char *const names[N_SIGNALS]
      = { "stated-changed", "preview", "explanation", "what-if" };

  object_class->get_property = nmd_explanation_session_get_property;
  object_class->set_property = nmd_explanation_session_set_property;
  object_class->finalize = nmd_explanation_session_finalize;
  properties[PROP_OVERRIDE] = g_param_spec_boolean (
      "override", NULL, NULL, FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                               NULL, NULL, NULL, G_TYPE_NONE, i > 0, G_TYPE_POINTER);
}

static void
nmd_explanation_session_init (NmdExplanationSession *self)
{
}

NmdExplanationSession *
nmd_explanation_session_new (NmdNotices *notices,
                             NmdDataSession *data,
                             NmdScanSession *scan,
                             NmdRunsSession *runs,
                             NmdRecipeSession *recipe,
                             NmdDeviceSession *devices,
                             NmdTrainingSession *training)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_DATA_SESSION (data), NULL);
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (scan) && NMD_IS_RUNS_SESSION (runs), NULL);
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (recipe), NULL);
  g_return_val_if_fail (NMD_IS_DEVICE_SESSION (devices), NULL);
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (training), NULL);

  NmdExplanationSession *self = g_object_new (NMD_TYPE_EXPLANATION_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->data = g_object_ref (data);
  self->scan = g_object_ref (scan);
  self->runs = g_object_ref (runs);
  self->recipe = g_object_ref (recipe);
  self->devices = g_object_ref (devices);
  self->training = g_object_ref (training);
  g_signal_connect_object (runs, "notify::run", G_CALLBACK (on_run), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (scan, "notify::scan", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (scan, "reading", G_CALLBACK (on_reading), self,
                           G_CONNECT_SWAPPED);
  return self;
}
