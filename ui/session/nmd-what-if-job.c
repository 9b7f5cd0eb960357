/* SPDX-License-Identifier: Apache-2.0
 *
 * The job of one question about a changed scan. What is changed is engine/eval's.
 */
#include "ui/session/nmd-what-if-job.h"

#include "ui/session/nmd-asker.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  NmdScan *scan;
  NmdModel *model;
  NmdWhatIf what;
  double threshold;
  char *device;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_object_unref (input->scan);
  nmd_model_unref (input->model);
  g_free (input->device);
  g_free (input);
}

void
nmd_what_if_answer_free (NmdWhatIfAnswer *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->scan);
  nmd_model_unref (self->model);
  g_free (self);
}

static NmdWhatIfAnswer *
answer_new (const Input *input, double score)
{
  NmdWhatIfAnswer *answer = g_new0 (NmdWhatIfAnswer, 1);

  answer->scan = g_object_ref (input->scan);
  answer->model = nmd_model_ref (input->model);
  answer->what = input->what;
  answer->score = score;
  answer->threshold = input->threshold;
  answer->flips[0] = answer->flips[1] = NAN;
  return answer;
}

static gpointer
what_if_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  const NmdImage *image = input->scan->image, *mask = input->scan->mask;
  double score = NAN;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  /* Two threads that wait for each other fifty times gain nothing where anything else runs. */
  NmdPredictor *predictor
      = nmd_asker_need (job, input->model, input->device, TRUE, NULL, error);
  if (predictor == NULL
      || !nmd_what_if_score (&input->what, predictor, image, mask, &score, error))
    return NULL;
  nmd_job_report (job, -1, answer_new (input, score));
  g_autoptr (NmdWhatIfAnswer) answer = answer_new (input, score);
  for (int axis = 0; axis < 2; axis++)
    if (!nmd_what_if_flip (&input->what, (NmdWhatIfAxis)axis, predictor, image, mask,
                           input->threshold, cancellable, &answer->flips[axis], error))
      return NULL;
  answer->has_flips = TRUE;
  return g_steal_pointer (&answer);
}

NmdJob *
nmd_what_if_start (NmdScan *scan,
                   NmdModel *model,
                   const NmdWhatIf *what,
                   double threshold,
                   const char *device,
                   GAsyncReadyCallback done,
                   gpointer user_data)
{
  Input *input = g_new0 (Input, 1);

  input->scan = g_object_ref (scan);
  input->model = nmd_model_ref (model);
  input->what = *what;
  input->threshold = threshold;
  input->device = g_strdup (device);
  /* Who asks replaces only what it asked itself. */
  g_autofree char *kind = g_strdup_printf ("what-if %p", user_data);
  return nmd_job_start (NMD_THREAD_ASK, kind, _ ("Asking the model"), what_if_func, input,
                        input_free, (GDestroyNotify)nmd_what_if_answer_free,
                        (GDestroyNotify)nmd_what_if_answer_free, done, user_data);
}
