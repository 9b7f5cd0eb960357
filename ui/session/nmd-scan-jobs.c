/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions for the ask thread. It keeps one session and one predictor, renewed when the
 * model changes. What a stage or a map is, is the engine's.
 */
#include "ui/session/nmd-scan-jobs.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_INPUT (NMD_INPUT_SIZE * NMD_INPUT_SIZE)

void
nmd_preview_free (NmdPreview *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->scan);
  for (int i = 0; i < NMD_N_STAGES; i++)
    {
      g_clear_pointer (&self->stages[i].image, nmd_image_unref);
      g_free (self->stages[i].note);
    }
  g_free (self);
}

void
nmd_explanation_free (NmdExplanation *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->scan);
  g_clear_pointer (&self->model, nmd_model_unref);
  nmd_verdict_clear (&self->verdict);
  g_free (self->device);
  g_clear_pointer (&self->map, nmd_map_unref);
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&self->colours[i], g_bytes_unref);
  g_free (self);
}

/* ---- Preview
 * ------------------------------------------------------------------------------ */

typedef struct
{
  NmdScan *scan;
  NmdDataset *dataset; /* nullable */
  NmdSample *partner;  /* nullable */
  int draw;
  NmdParameters *parameters;
} PreviewInput;

static void
preview_input_free (gpointer data)
{
  PreviewInput *input = data;

  g_object_unref (input->scan);
  g_clear_object (&input->dataset);
  g_clear_object (&input->partner);
  nmd_parameters_unref (input->parameters);
  g_free (input);
}

static void
measure (NmdStageView *stage)
{
  gsize n = (gsize)stage->image->width * (gsize)stage->image->height;
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      stage->histogram[stage->image->pixels[i]]++;
      sum += stage->image->pixels[i];
    }
  stage->mean = sum / (double)n;
}

static void
set_stage (NmdPreview *preview, NmdStageKind kind, NmdImage *image)
{
  preview->stages[kind].image = nmd_image_ref (image);
  measure (&preview->stages[kind]);
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

/* The two random stages, as the batches make them: @batches holds the scan and its
 * partner. */
static gboolean
preview_random (PreviewInput *input,
                NmdPreview *preview,
                NmdBatches *batches,
                GError **error)
{
  g_autofree float *tensor = g_new (float, 3 * N_INPUT);
  NmdAugmentation augmentation = { 0 };
  double lambda = 0.5 + 0.45 * cos (input->draw * 1.7);

  if (!nmd_batches_preview (batches, 0, input->draw, -1, 1, &augmentation, tensor, error))
    return FALSE;
  g_autoptr (NmdImage) augmented = image_from_tensor (tensor);
  set_stage (preview, NMD_STAGE_AUGMENTED, augmented);
  preview->stages[NMD_STAGE_AUGMENTED].note = describe_augmentation (&augmentation);

  if (input->partner == NULL || !(nmd_parameters_get (input->parameters, "mixup") > 0))
    {
      set_stage (preview, NMD_STAGE_MIXUP, augmented);
      return TRUE;
    }
  if (!nmd_batches_preview (batches, 0, input->draw, 1, lambda, &augmentation, tensor,
                            error))
    return FALSE;
  g_autoptr (NmdImage) mixed = image_from_tensor (tensor);
  set_stage (preview, NMD_STAGE_MIXUP, mixed);
  /* Translators: shares of two pictures blended by Mixup, and the label of the second */
  preview->stages[NMD_STAGE_MIXUP].note
      = g_strdup_printf (_ ("%.0f %% + %.0f %% %s"), lambda * 100, (1 - lambda) * 100,
                         input->partner->label_word);
  return TRUE;
}

/* A scan that is no sample of a data set becomes one only if its files say all about it.
 */
static gboolean
can_be_sample (PreviewInput *input)
{
  return input->scan->sample != NULL && input->scan->source != NMD_ROI_DRAWN;
}

static void
preview_alone (PreviewInput *input, NmdPreview *preview, const NmdImage *clahe)
{
  g_autofree float *values = g_new (float, N_INPUT);
  g_autofree float *tensor = g_new (float, 3 * N_INPUT);
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
  set_stage (preview, NMD_STAGE_MIXUP, image);
}

static gpointer
preview_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  PreviewInput *input = (PreviewInput *)data;
  g_autoptr (NmdPreview) preview = g_new0 (NmdPreview, 1);
  g_auto (NmdStages) stages = { 0 };

  preview->scan = g_object_ref (input->scan);
  nmd_preprocess (input->scan->image, input->scan->mask, input->parameters, &stages);
  preview->box = stages.box;
  set_stage (preview, NMD_STAGE_ROI, stages.roi);
  set_stage (preview, NMD_STAGE_RESIZE, stages.resize);
  set_stage (preview, NMD_STAGE_MEDIAN, stages.median);
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
                   NmdDataset *dataset,
                   NmdSample *partner,
                   int draw,
                   const NmdParameters *parameters,
                   GAsyncReadyCallback done,
                   gpointer user_data)
{
  PreviewInput *input = g_new0 (PreviewInput, 1);

  input->scan = g_object_ref (scan);
  g_set_object (&input->dataset, dataset);
  g_set_object (&input->partner, partner);
  input->draw = draw;
  input->parameters = nmd_parameters_copy (parameters);
  return nmd_job_start (NMD_THREAD_ASK, "preview", _ ("Preprocessing"), preview_func,
                        input, preview_input_free, NULL, (GDestroyNotify)nmd_preview_free,
                        done, user_data);
}

/* ---- Explanation
 * -------------------------------------------------------------------------- */

typedef struct
{
  NmdScan *scan;
  NmdModel *model;
  NmdStatedFacts stated; /* texts are ours */
  char *device;
  int target;
  char *layer;
  gboolean busy;
} ExplainInput;

/* What the ask thread keeps between questions. */
typedef struct
{
  char *device;
  NmdSession *session;
  NmdPredictor *predictor;
} Asker;

static void
explain_input_free (gpointer data)
{
  ExplainInput *input = data;

  g_object_unref (input->scan);
  nmd_model_unref (input->model);
  g_free ((char *)input->stated.organ);
  g_free ((char *)input->stated.muscle);
  g_free ((char *)input->stated.model_organ);
  g_free ((char *)input->stated.model_muscles);
  g_free (input->device);
  g_free (input->layer);
  g_free (input);
}

static gpointer
asker_new (void)
{
  return g_new0 (Asker, 1);
}

static void
asker_free (gpointer data)
{
  Asker *asker = data;

  g_clear_pointer (&asker->predictor, nmd_predictor_free);
  g_clear_pointer (&asker->session, nmd_session_close);
  g_free (asker->device);
  g_free (asker);
}

/* The predictor of @model on @device. The session's store holds one network at a time, so
 * another model gets a fresh session. */
static NmdPredictor *
need_predictor (
    Asker *asker, NmdModel *model, const char *device, int threads, GError **error)
{
  gboolean same = asker->predictor != NULL
                  && nmd_predictor_get_model (asker->predictor) == model
                  && g_strcmp0 (asker->device, device) == 0;

  if (!same)
    {
      g_clear_pointer (&asker->predictor, nmd_predictor_free);
      g_clear_pointer (&asker->session, nmd_session_close);
    }
  if (asker->session == NULL)
    {
      g_free (asker->device);
      asker->device = g_strdup (device);
      asker->session = nmd_session_open (device, threads, error);
      if (asker->session == NULL)
        return NULL;
    }
  if (asker->predictor == NULL)
    asker->predictor = nmd_predictor_new (asker->session, model, 1, error);
  if (asker->predictor != NULL)
    nmd_session_set_threads (asker->session, threads);
  return asker->predictor;
}

static GBytes *
colour_map (const NmdMap *map, NmdColours colours)
{
  gsize n = (gsize)(map->box.x1 - map->box.x0) * (gsize)(map->box.y1 - map->box.y0);
  guint8 table[256][3];
  guint8 *rgba = g_malloc (4 * n);

  for (int v = 0; v < 256; v++)
    nmd_colour (colours, v / 255.0, table[v]);
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *rgb = table[lrintf (CLAMP (map->values[i], 0, 1) * 255)];
      rgba[4 * i] = rgb[0];
      rgba[4 * i + 1] = rgb[1];
      rgba[4 * i + 2] = rgb[2];
      rgba[4 * i + 3] = 255;
    }
  return g_bytes_new_take (rgba, 4 * n);
}

static gpointer
explain_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const ExplainInput *input = data;
  g_autoptr (NmdExplanation) answer = g_new0 (NmdExplanation, 1);
  Asker *asker = nmd_thread_data (job, "asker", asker_new, asker_free);

  answer->scan = g_object_ref (input->scan);
  answer->model = nmd_model_ref (input->model);
  nmd_scan_judge (input->scan, input->model, &input->stated, &answer->verdict);
  if (input->scan->mask == NULL)
    return g_steal_pointer (&answer);

  NmdPredictor *predictor
      = need_predictor (asker, input->model, input->device, input->busy ? 1 : 0, error);
  if (predictor == NULL)
    return NULL;
  answer->device = g_strdup (nmd_session_get_description (asker->session));
  answer->map = nmd_gradcam_compute (predictor, input->scan->image, input->scan->mask,
                                     input->target, input->layer, cancellable, error);
  if (answer->map == NULL)
    return NULL;
  answer->colours[NMD_COLOURS_UNIFORM] = colour_map (answer->map, NMD_COLOURS_UNIFORM);
  answer->colours[NMD_COLOURS_JET] = colour_map (answer->map, NMD_COLOURS_JET);
  return g_steal_pointer (&answer);
}

NmdJob *
nmd_explanation_start (NmdScan *scan,
                       NmdModel *model,
                       const NmdStatedFacts *stated,
                       const char *device,
                       int target,
                       const char *layer,
                       gboolean busy,
                       GAsyncReadyCallback done,
                       gpointer user_data)
{
  ExplainInput *input = g_new0 (ExplainInput, 1);

  input->scan = g_object_ref (scan);
  input->model = nmd_model_ref (model);
  if (stated != NULL)
    input->stated
        = (NmdStatedFacts){ g_strdup (stated->organ), g_strdup (stated->muscle),
                            g_strdup (stated->model_organ),
                            g_strdup (stated->model_muscles), stated->show_anyway };
  input->device = g_strdup (device);
  input->target = target;
  input->layer = g_strdup (layer);
  input->busy = busy;
  return nmd_job_start (NMD_THREAD_ASK, "explain", _ ("Explaining"), explain_func, input,
                        explain_input_free, NULL, (GDestroyNotify)nmd_explanation_free,
                        done, user_data);
}
