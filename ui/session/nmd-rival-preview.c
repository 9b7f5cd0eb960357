/* SPDX-License-Identifier: Apache-2.0
 *
 * The rival before anything is trained, as a job of the pool. How it is fitted is engine/eval's.
 */
#include "ui/session/nmd-rival-preview.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  NmdDataset *dataset;
  NmdSplit *split;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_object_unref (input->dataset);
  nmd_split_free (input->split);
  g_free (input);
}

void
nmd_rival_preview_free (NmdRivalPreview *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->roc, nmd_roc_free);
  g_free (self);
}

/* The part's samples as a table; the score is filled by the rival. */
static NmdScores *
scores_of_part (const Input *input, NmdPart part, const NmdRival *rival)
{
  NmdScores *scores = nmd_scores_new ();

  for (guint i = 0; i < input->split->n; i++)
    {
      NmdSample *sample = nmd_dataset_get (input->dataset, i);
      if (input->split->parts[i] != part || sample->echo.n == 0)
        continue;
      NmdScore score = { .subject = sample->subject,
                         .image = sample->id,
                         .muscle = sample->muscle != NULL ? sample->muscle : "",
                         .label = sample->label,
                         .echo = sample->echo.mean };
      if (rival != NULL)
        score.score = nmd_rival_score (rival, score.echo, score.muscle);
      nmd_scores_add (scores, &score);
    }
  return scores;
}

static gpointer
rival_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (NmdScores) train = scores_of_part (input, NMD_PART_TRAIN, NULL);
  g_autoptr (NmdRival) rival = nmd_rival_fit (train, error);
  g_autoptr (NmdScores) held_out = NULL;

  if (rival == NULL)
    return NULL;
  held_out = scores_of_part (input, NMD_PART_VALIDATION, rival);
  guint n = nmd_scores_get_n (held_out);
  g_autofree double *scores = g_new (double, n + 1);
  g_autofree int *labels = g_new (int, n + 1);
  for (guint i = 0; i < n; i++)
    {
      scores[i] = nmd_scores_get (held_out, i)->score;
      labels[i] = nmd_scores_get (held_out, i)->label;
    }
  NmdRivalPreview *preview = g_new0 (NmdRivalPreview, 1);
  preview->auc = nmd_auc (scores, labels, n);
  if (!isnan (preview->auc))
    preview->roc = nmd_roc_new (scores, labels, n);
  return preview;
}

NmdJob *
nmd_rival_preview_start (NmdDataset *dataset,
                         const NmdSplit *split,
                         GAsyncReadyCallback done,
                         gpointer user_data)
{
  Input *input = g_new0 (Input, 1);

  input->dataset = g_object_ref (dataset);
  input->split = nmd_split_copy (split);
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Measuring echo intensity alone"),
                        rival_func, input, input_free, NULL,
                        (GDestroyNotify)nmd_rival_preview_free, done, user_data);
}
