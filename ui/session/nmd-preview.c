/* SPDX-License-Identifier: Apache-2.0
 *
 * The preprocessing stages of one scan as a job of the ask thread. What a stage is, is engine/image's
 * and engine/data's.
 */
#include "ui/session/nmd-preview.h"

#include "engine/data/nmd-batch.h"
#include "ui/session/nmd-preview-outline-private.h"
#include "ui/session/nmd-preview-stages-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_INPUT (NMD_INPUT_SIZE * NMD_INPUT_SIZE)

void
nmd_preview_free (NmdPreview *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->scan);
  g_clear_object (&self->partner);
  g_free (self->tensor);
  for (int i = 0; i < NMD_N_STAGES; i++)
    {
      g_clear_pointer (&self->stages[i].image, nmd_image_unref);
      g_clear_pointer (&self->stages[i].mask, nmd_image_unref);
      g_free (self->stages[i].note);
    }
  g_free (self);
}

typedef struct
{
  NmdScan *scan;
  NmdSample *partner; /* nullable */
  int draw;
  double lambda; /* NaN: drawn */
  NmdParameters *parameters;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_object_unref (input->scan);
  g_clear_object (&input->partner);
  nmd_parameters_unref (input->parameters);
  g_free (input);
}

static void
set_stage (NmdPreview *preview, NmdStageKind kind, NmdImage *image)
{
  nmd_preview_set_stage (preview, kind, image, NULL);
}

/* The display of one channel of a normalised tensor: undone normalisation, cut to 0 …
 * 255. */
static NmdImage *
image_from_tensor (const float *tensor)
{
  /* First channel's mean and SD; nmd_normalise() has them. */
  const double mean = 0.485, sd = 0.229;
  NmdImage *image = nmd_image_new (NMD_INPUT_SIZE, NMD_INPUT_SIZE);

  for (int i = 0; i < N_INPUT; i++)
    image->pixels[i]
        = (guint8)lrint (CLAMP (((double)tensor[i] * sd + mean) * 255, 0, 255));
  return image;
}

static char *
describe_augmentation (const NmdAugmentation *a)
{
  GString *text = g_string_new (NULL);
  int width = a->crop.x1 - a->crop.x0, height = a->crop.y1 - a->crop.y0;

  if (width != NMD_INPUT_SIZE || height != NMD_INPUT_SIZE)
    /* Translators: share of the picture that a random crop keeps */
    g_string_append_printf (text, _ ("crop %.0f %%"), 100.0 * width * height / N_INPUT);
  if (a->flip)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", _ ("mirrored"));
  if (a->brightness != 1)
    g_string_append_printf (text, "%s%s × %.2f", text->len > 0 ? ", " : "",
                            _ ("brightness"), a->brightness);
  if (a->contrast != 1)
    g_string_append_printf (text, "%s%s × %.2f", text->len > 0 ? ", " : "",
                            _ ("contrast"), a->contrast);
  return g_string_free (text, FALSE);
}

/* λ as a training draws it for the first batch of an epoch, nmd-batch.h. */
static double
draw_lambda (const Input *input)
{
  const double a = nmd_parameters_get (input->parameters, "mixup");
  NmdRandom stream;

  if (!isnan (input->lambda))
    return input->lambda;
  nmd_random_init_for (&stream, (guint64)nmd_parameters_get (input->parameters, "seed"),
                       "mixup", input->draw, "0");
  return nmd_random_beta (&stream, a, a);
}

/* The two random stages, as the batches make them: @batches holds the scan and its
 * partner. */
static gboolean
preview_random (Input *input, NmdPreview *preview, NmdBatches *batches, GError **error)
{
  float *tensor = preview->tensor;
  NmdAugmentation augmentation = { 0 };

  if (!nmd_batches_preview (batches, 0, input->draw, -1, 1, &augmentation, tensor, error))
    return FALSE;
  g_autoptr (NmdImage) augmented = image_from_tensor (tensor);
  set_stage (preview, NMD_STAGE_AUGMENTED, augmented);
  preview->stages[NMD_STAGE_AUGMENTED].note = describe_augmentation (&augmentation);

  if (input->partner == NULL || !(nmd_parameters_get (input->parameters, "mixup") > 0))
    {
      set_stage (preview, NMD_STAGE_INPUT, augmented);
      return TRUE;
    }
  preview->lambda = draw_lambda (input);
  g_set_object (&preview->partner, input->partner);
  if (!nmd_batches_preview (batches, 0, input->draw, 1, preview->lambda, &augmentation,
                            tensor, error))
    return FALSE;
  g_autoptr (NmdImage) mixed = image_from_tensor (tensor);
  set_stage (preview, NMD_STAGE_INPUT, mixed);
  /* Translators: shares of two pictures blended by Mixup, and the label of the second */
  preview->stages[NMD_STAGE_INPUT].note
      = g_strdup_printf (_ ("%.0f %% + %.0f %% %s"), preview->lambda * 100,
                         (1 - preview->lambda) * 100, input->partner->label_word);
  return TRUE;
}

/* A scan that is no sample of a data set becomes one only if its files say all about it.
 */
static gboolean
can_be_sample (Input *input)
{
  return input->scan->sample != NULL && input->scan->source != NMD_ROI_DRAWN;
}

static void
preview_alone (Input *input, NmdPreview *preview, const NmdImage *clahe)
{
  g_autofree float *values = g_new (float, N_INPUT);
  float *tensor = preview->tensor;
  NmdAugmentation augmentation = { 0 };
  NmdRandom stream;

  nmd_random_init_for (&stream, (guint64)nmd_parameters_get (input->parameters, "seed"),
                       "augment", input->draw, input->scan->name);
  nmd_augmentation_draw (&augmentation, input->parameters, &stream);
  nmd_augmentation_apply (&augmentation, clahe, values);
  nmd_normalise (values, N_INPUT, tensor);
  g_autoptr (NmdImage) image = image_from_tensor (tensor);
  set_stage (preview, NMD_STAGE_AUGMENTED, image);
  preview->stages[NMD_STAGE_AUGMENTED].note = describe_augmentation (&augmentation);
  set_stage (preview, NMD_STAGE_INPUT, image);
}

static gpointer
preview_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  Input *input = (Input *)data;
  g_autoptr (NmdPreview) preview = g_new0 (NmdPreview, 1);
  g_auto (NmdStages) stages = { 0 };

  preview->scan = g_object_ref (input->scan);
  preview->draw = input->draw;
  preview->lambda = 1;
  preview->task = nmd_parameters_get_task (input->parameters);
  if (preview->task == NMD_TASK_SEGMENT)
    {
      nmd_preview_outline (preview, input->parameters);
      return g_steal_pointer (&preview);
    }
  preview->size = NMD_INPUT_SIZE;
  preview->tensor = g_new (float, 3 * N_INPUT);
  nmd_preprocess (input->scan->image, input->scan->mask, input->parameters, &stages);
  preview->box = stages.box;
  set_stage (preview, NMD_STAGE_CUT, stages.roi);
  set_stage (preview, NMD_STAGE_RESIZE, stages.resize);
  set_stage (preview, NMD_STAGE_MEDIAN, stages.median);
  nmd_preview_note_median (preview, input->parameters);
  set_stage (preview, NMD_STAGE_CLAHE, stages.clahe);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  if (!can_be_sample (input))
    {
      preview_alone (input, preview, stages.clahe);
      return g_steal_pointer (&preview);
    }
  g_autoptr (GPtrArray) samples = g_ptr_array_new ();
  const guint both[2] = { 0, 1 };
  g_ptr_array_add (samples, input->scan->sample);
  if (input->partner != NULL)
    g_ptr_array_add (samples, input->partner);
  g_autoptr (NmdDataset) pair = nmd_dataset_new ("", samples);
  g_autoptr (NmdBatches) batches = NULL;
  guint order[2] = { both[0], both[1] };
  /* A data set is sorted by id: the scan may stand second. */
  if (samples->len == 2 && nmd_dataset_get (pair, 0) != input->scan->sample)
    {
      order[0] = 1;
      order[1] = 0;
    }
  batches = nmd_batches_new (pair, order, samples->len, input->parameters);
  if (!preview_random (input, preview, batches, error))
    return NULL;
  return g_steal_pointer (&preview);
}

NmdJob *
nmd_preview_start (NmdScan *scan,
                   const NmdPreviewRequest *request,
                   const NmdParameters *parameters,
                   GAsyncReadyCallback done,
                   gpointer user_data)
{
  Input *input = g_new0 (Input, 1);

  input->scan = g_object_ref (scan);
  g_set_object (&input->partner, request->partner);
  input->draw = request->draw;
  input->lambda = request->lambda;
  input->parameters = nmd_parameters_copy (parameters);
  /* Who asks replaces only what it asked itself. */
  g_autofree char *kind = g_strdup_printf ("preview %p", user_data);
  return nmd_job_start (NMD_THREAD_ASK, kind, _ ("Preprocessing"), preview_func, input,
                        input_free, NULL, (GDestroyNotify)nmd_preview_free, done,
                        user_data);
}
