/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws scans, keeps readings, asks what they are compared with. Measures are engine/eval's.
 */
#include "ui/session/nmd-teaching-session.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-random.h"
#include "engine/model/nmd-sample-z.h"
#include "ui/session/nmd-explanation.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdTeachingSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  NmdVisitSession *visit;
  NmdRunsSession *runs;
  NmdDeviceSession *devices;
  NmdTrainingSession *training;
  NmdDataset *dataset; /* (nullable): that the scans are of */
  GArray *cases;       /* of NmdTeachingCase */
  guint place;
  NmdScan *scan; /* (nullable): at place, once read */
  NmdJob *job;   /* (nullable): reads it, or asks the model about it */
};

static guint changed;

G_DEFINE_FINAL_TYPE (NmdTeachingSession, nmd_teaching_session, G_TYPE_OBJECT)

static void
case_clear (gpointer data)
{
  NmdTeachingCase *one = data;

  g_clear_object (&one->sample);
  g_free (one->model_reason);
  g_free (one->z_reason);
}

static void
tell (NmdTeachingSession *self)
{
  g_signal_emit (self, changed, 0);
}

static NmdTeachingCase *
current (NmdTeachingSession *self)
{
  return self->place < self->cases->len
             ? &g_array_index (self->cases, NmdTeachingCase, self->place)
             : NULL;
}

static void
drop_job (NmdTeachingSession *self)
{
  if (self->job != NULL)
    nmd_job_cancel (self->job);
  g_clear_object (&self->job);
}

/* Reading a scan's pixels */

static gpointer
read_func (NmdJob *job, gconstpointer sample, GCancellable *cancellable, GError **error)
{
  return nmd_scan_load_sample ((NmdSample *)sample, error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdTeachingSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScan) scan = nmd_job_finish (NMD_JOB (source), result, &error);

  if (NMD_JOB (source) != self->job)
    return;
  g_clear_object (&self->job);
  if (nmd_notices_is_closed (self->notices))
    return;
  if (nmd_notices_error (self->notices, error) || scan == NULL)
    {
      /* A file that is gone is no reading. */
      g_array_remove_index (self->cases, self->place);
      nmd_teaching_session_next (self);
      return;
    }
  g_set_object (&self->scan, scan);
  tell (self);
}

static void
read_scan (NmdTeachingSession *self)
{
  NmdTeachingCase *one = current (self);

  drop_job (self);
  g_clear_object (&self->scan);
  if (one != NULL)
    self->job = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading an image"), read_func,
                               g_object_ref (one->sample), g_object_unref, NULL,
                               g_object_unref, on_read, g_object_ref (self));
  tell (self);
}

/* Drawing */

static void
add_case (NmdTeachingSession *self, NmdSample *sample)
{
  const NmdTeachingCase one = {
    .sample = g_object_ref (sample),
    .guess = -1,
    .score = NAN,
    .model = -1,
    .z = NAN,
    .z_label = -1,
  };

  g_array_append_val (self->cases, one);
}

gboolean
nmd_teaching_session_start (NmdTeachingSession *self, guint n, guint64 seed)
{
  g_return_val_if_fail (NMD_IS_TEACHING_SESSION (self) && n > 0, FALSE);

  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);
  NmdRandom stream;

  nmd_teaching_session_stop (self);
  for (guint i = 0; dataset != NULL && i < nmd_dataset_get_n (dataset); i++)
    if (nmd_dataset_get (dataset, i)->echo.n > 0)
      g_ptr_array_add (order, nmd_dataset_get (dataset, i));
  if (order->len == 0)
    return FALSE;
  g_set_object (&self->dataset, dataset);
  nmd_random_init_for (&stream, seed, "teaching", 0, "");
  for (guint i = order->len - 1; i > 0; i--)
    {
      guint k = (guint)nmd_random_range (&stream, 0, i + 1);
      gpointer other = order->pdata[i];
      order->pdata[i] = order->pdata[k];
      order->pdata[k] = other;
    }
  /* First one of each subject, then whatever comes next. */
  for (int round = 0; round < 2; round++)
    for (guint i = 0; i < order->len && self->cases->len < n; i++)
      {
        NmdSample *sample = order->pdata[i];
        if (sample == NULL
            || (round == 0 && !g_hash_table_add (subjects, sample->subject)))
          continue;
        add_case (self, sample);
        order->pdata[i] = NULL;
      }
  read_scan (self);
  return TRUE;
}

void
nmd_teaching_session_stop (NmdTeachingSession *self)
{
  g_return_if_fail (NMD_IS_TEACHING_SESSION (self));
  drop_job (self);
  g_clear_object (&self->scan);
  g_array_set_size (self->cases, 0);
  g_clear_object (&self->dataset);
  self->place = 0;
  tell (self);
}

guint
nmd_teaching_session_get_n (NmdTeachingSession *self)
{
  g_return_val_if_fail (NMD_IS_TEACHING_SESSION (self), 0);
  return self->cases->len;
}

guint
nmd_teaching_session_get_place (NmdTeachingSession *self)
{
  g_return_val_if_fail (NMD_IS_TEACHING_SESSION (self), 0);
  return self->place;
}

NmdScan *
nmd_teaching_session_get_scan (NmdTeachingSession *self)
{
  g_return_val_if_fail (NMD_IS_TEACHING_SESSION (self), NULL);
  return self->scan;
}

const NmdTeachingCase *
nmd_teaching_session_get_case (NmdTeachingSession *self, guint place)
{
  g_return_val_if_fail (NMD_IS_TEACHING_SESSION (self), NULL);
  g_return_val_if_fail (place < self->cases->len, NULL);
  return &g_array_index (self->cases, NmdTeachingCase, place);
}

/* Reading by the user, and what it is compared with */

static void
ask_z (NmdTeachingSession *self, NmdTeachingCase *one)
{
  const NmdReference *reference = nmd_visit_session_get_reference (self->visit);

  if (reference == NULL)
    {
      one->z_reason = g_strdup (_ ("no reference is open"));
      return;
    }
  NmdSampleZ z = nmd_reference_score_sample (reference, self->dataset, one->sample);
  if (z.has_z)
    {
      one->z = z.score.z;
      one->z_label = z.score.z > NMD_TEACHING_Z_LIMIT;
    }
  one->z_reason = g_steal_pointer (&z.reason);
}

static void
on_model (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdTeachingSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdExplanation) answer = nmd_job_finish (NMD_JOB (source), result, &error);

  if (NMD_JOB (source) != self->job)
    return;
  g_clear_object (&self->job);
  NmdTeachingCase *one = current (self);
  if (nmd_notices_is_closed (self->notices) || one == NULL)
    return;
  if (answer == NULL)
    one->model_reason = g_strdup (error->message);
  else if (answer->verdict.is_scored && answer->map != NULL)
    {
      one->score = answer->map->score;
      one->model = one->score >= nmd_runs_session_get_threshold (self->runs);
      one->is_trained_on
          = answer->verdict.in_data_set && answer->verdict.part == NMD_PART_TRAIN;
    }
  else
    one->model_reason = g_strdup (answer->verdict.reason);
  tell (self);
}

void
nmd_teaching_session_guess (NmdTeachingSession *self, int label, int grade)
{
  g_return_if_fail (NMD_IS_TEACHING_SESSION (self));
  g_return_if_fail ((label == 0 || label == 1) && grade >= 1 && grade <= 4);

  NmdTeachingCase *one = current (self);
  NmdModel *model = nmd_runs_session_get_model (self->runs);
  if (one == NULL || self->scan == NULL || one->guess >= 0)
    return;
  one->guess = label;
  one->grade = grade;
  ask_z (self, one);
  if (model != NULL)
    self->job = nmd_explanation_start (
        self->scan, model, NULL, nmd_device_session_get (self->devices), NMD_MAP_GRADCAM,
        -1, NULL, nmd_training_session_get_job (self->training) != NULL, on_model,
        g_object_ref (self));
  else
    one->model_reason = g_strdup (_ ("no trained run is chosen"));
  tell (self);
}

gboolean
nmd_teaching_session_is_revealed (NmdTeachingSession *self)
{
  g_return_val_if_fail (NMD_IS_TEACHING_SESSION (self), FALSE);

  const NmdTeachingCase *one = current (self);
  return one != NULL && one->guess >= 0 && self->job == NULL;
}

void
nmd_teaching_session_next (NmdTeachingSession *self)
{
  g_return_if_fail (NMD_IS_TEACHING_SESSION (self));

  const NmdTeachingCase *one = current (self);
  if (one != NULL && one->guess >= 0)
    self->place++;
  read_scan (self);
}

/* Measures */

static int
rival_says (const NmdTeachingCase *one, NmdTeachingRival rival)
{
  return rival == NMD_TEACHING_LABEL   ? one->sample->label
         : rival == NMD_TEACHING_MODEL ? one->model
                                       : one->z_label;
}

/* Grades and what the rival says where both did; returns their number. */
static guint
gather (NmdTeachingSession *self, NmdTeachingRival rival, double *grades, int *says)
{
  guint n = 0;

  for (guint i = 0; i < self->cases->len; i++)
    {
      const NmdTeachingCase *one = &g_array_index (self->cases, NmdTeachingCase, i);
      if (one->guess < 0 || rival_says (one, rival) < 0)
        continue;
      grades[n] = one->grade;
      says[n++] = rival_says (one, rival);
    }
  return n;
}

void
nmd_teaching_session_measure (NmdTeachingSession *self,
                              NmdTeachingRival rival,
                              NmdKappa *kappa,
                              double *auc)
{
  g_return_if_fail (NMD_IS_TEACHING_SESSION (self) && kappa != NULL);

  guint n = self->cases->len;
  g_autofree int *guesses = g_new (int, n + 1), *says = g_new (int, n + 1);
  g_autofree double *grades = g_new (double, n + 1);
  for (guint i = 0; i < n; i++)
    {
      const NmdTeachingCase *one = &g_array_index (self->cases, NmdTeachingCase, i);
      guesses[i] = one->guess;
      says[i] = rival_says (one, rival);
    }
  nmd_kappa_measure (guesses, says, n, kappa);
  if (auc != NULL)
    {
      guint known = gather (self, rival, grades, says);
      *auc = nmd_auc (grades, says, known);
    }
}

NmdRoc *
nmd_teaching_session_get_roc (NmdTeachingSession *self, NmdTeachingRival rival)
{
  g_return_val_if_fail (NMD_IS_TEACHING_SESSION (self), NULL);

  guint n = self->cases->len;
  g_autofree int *says = g_new (int, n + 1);
  g_autofree double *grades = g_new (double, n + 1);
  n = gather (self, rival, grades, says);
  return nmd_roc_new (grades, says, n);
}

char *
nmd_teaching_session_to_csv (NmdTeachingSession *self)
{
  g_return_val_if_fail (NMD_IS_TEACHING_SESSION (self), NULL);

  static const char *const words[] = { "", "healthy", "pathological" };
  GString *text = g_string_new ("image,subject,muscle,guess,grade,label,score,model,z,"
                                "z_label,trained_on\n");
  for (guint i = 0; i < self->cases->len; i++)
    {
      const NmdTeachingCase *one = &g_array_index (self->cases, NmdTeachingCase, i);
      if (one->guess < 0)
        continue;
      nmd_csv_append (text, one->sample->id);
      nmd_csv_append (text, one->sample->subject);
      nmd_csv_append (text, one->sample->muscle);
      nmd_csv_append (text, words[one->guess + 1]);
      nmd_csv_append_number (text, one->grade);
      nmd_csv_append (text, words[one->sample->label + 1]);
      nmd_csv_append_number (text, one->score);
      nmd_csv_append (text, words[one->model + 1]);
      nmd_csv_append_number (text, one->z);
      nmd_csv_append (text, words[one->z_label + 1]);
      nmd_csv_append (text, one->model < 0 ? "" : one->is_trained_on ? "yes" : "no");
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
}

/* Object */

static void
nmd_teaching_session_finalize (GObject *object)
{
  NmdTeachingSession *self = NMD_TEACHING_SESSION (object);

  g_clear_object (&self->job);
  g_clear_object (&self->scan);
  g_clear_pointer (&self->cases, g_array_unref);
  g_clear_object (&self->dataset);
  g_clear_object (&self->notices);
  g_clear_object (&self->data);
  g_clear_object (&self->visit);
  g_clear_object (&self->runs);
  g_clear_object (&self->devices);
  g_clear_object (&self->training);
  G_OBJECT_CLASS (nmd_teaching_session_parent_class)->finalize (object);
}

static void
nmd_teaching_session_class_init (NmdTeachingSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_teaching_session_finalize;
  changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_teaching_session_init (NmdTeachingSession *self)
{
  self->cases = g_array_new (FALSE, TRUE, sizeof (NmdTeachingCase));
  g_array_set_clear_func (self->cases, case_clear);
}

NmdTeachingSession *
nmd_teaching_session_new (NmdNotices *notices,
                          NmdDataSession *data,
                          NmdVisitSession *visit,
                          NmdRunsSession *runs,
                          NmdDeviceSession *devices,
                          NmdTrainingSession *training)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_DATA_SESSION (data), NULL);
  g_return_val_if_fail (NMD_IS_VISIT_SESSION (visit) && NMD_IS_RUNS_SESSION (runs), NULL);
  g_return_val_if_fail (NMD_IS_DEVICE_SESSION (devices), NULL);
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (training), NULL);

  NmdTeachingSession *self = g_object_new (NMD_TYPE_TEACHING_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->data = g_object_ref (data);
  self->visit = g_object_ref (visit);
  self->runs = g_object_ref (runs);
  self->devices = g_object_ref (devices);
  self->training = g_object_ref (training);
  return self;
}
