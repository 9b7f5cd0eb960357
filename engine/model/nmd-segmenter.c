/* SPDX-License-Identifier: Apache-2.0
 *
 * From a whole frame to an outline: input, network, cleaning, and what speaks against it. How far
 * outlines agree with an expert's is engine/eval's.
 */
#include "engine/model/nmd-segmenter.h"

#include "engine/image/nmd-mask-distance.h"
#include "engine/image/nmd-mask-parts.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define N_CLASSES 2 /* not read for segmentation */
#define PART_SHARE 0.1
#define BAND_SHARE 0.02
#define BAND_PIXELS 2 /* of the field: nearer than that p cannot change */

struct _NmdSegmenter
{
  NmdModel *model;
  NmdProgram *program;
  NmdNode images, logits;
  int size, n_views;           /* views: the image and, with "mirror", its mirror image */
  float *grey, *input, *field; /* S², 3 × S² and S² of each view */
};

const char *
nmd_outline_warning_to_text (NmdOutlineWarnings warning)
{
  switch (warning)
    {
    case NMD_OUTLINE_WARNING_SIDES:
      return _ ("The outline touches the frame on three sides or more");
    case NMD_OUTLINE_WARNING_PARTS:
      return _ ("The outline was in several parts");
    case NMD_OUTLINE_WARNING_SIZE:
      return _ ("The outline's size is far from those of the training images");
    case NMD_OUTLINE_WARNING_PROMPTS:
      return _ (
          "This run was trained without prompts: its outline may not follow the box "
          "and the clicks");
    default:
      return "";
    }
}

gboolean
nmd_segmenter_takes_prompts (const NmdModel *model)
{
  const NmdParameters *parameters;

  g_return_val_if_fail (model != NULL, FALSE);

  parameters = nmd_model_get_parameters (model);
  return nmd_parameters_get_switch (parameters, "prompts")
         && nmd_parameters_get (parameters, "unprompted") < 1;
}

void
nmd_proposal_clear (NmdProposal *self)
{
  g_clear_pointer (&self->mask, nmd_image_unref);
}

NmdSegmenter *
nmd_segmenter_new (NmdSession *session, NmdModel *model, GError **error)
{
  g_autoptr (NmdSegmenter) self = NULL;
  g_auto (NmdNetworkGraph) graph = { 0 };
  const NmdNetwork *network;
  int n_views;
  gsize n;

  g_return_val_if_fail (session != NULL && model != NULL, NULL);

  network = nmd_model_get_network (model);
  n_views
      = nmd_parameters_get_switch (nmd_model_get_parameters (model), "mirror") ? 2 : 1;
  if (network->task != NMD_TASK_SEGMENT)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("Network %s gives scores and finds no outline"), network->name);
      return NULL;
    }
  if (!nmd_network_inference (&graph, network, N_CLASSES, n_views, error))
    return NULL;
  self = g_new0 (NmdSegmenter, 1);
  self->model = nmd_model_ref (model);
  self->size = network->input_size;
  n = (gsize)self->size * (gsize)self->size;
  self->grey = g_new (float, n);
  self->n_views = n_views;
  self->field = g_new (float, n *(gsize)n_views);
  self->input = g_new (float, 3 * n * (gsize)n_views);
  self->images = graph.images;
  self->logits = graph.logits;
  self->program = nmd_session_compile (session, graph.graph, &graph.logits, 1, error);
  if (self->program == NULL
      || !nmd_session_load (session, nmd_model_get_weights (model), NULL, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
nmd_segmenter_free (NmdSegmenter *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->program, nmd_program_free);
  nmd_model_unref (self->model);
  g_free (self->grey);
  g_free (self->input);
  g_free (self->field);
  g_free (self);
}

/* @n planes of size × size, left and right exchanged, into @out. */
static void
mirror (const float *in, int n, int size, float *out)
{
  for (int y = 0; y < n * size; y++, in += size, out += size)
    for (int x = 0; x < size; x++)
      out[x] = in[size - 1 - x];
}

/* Logits of each view in self->field to p of the image as it is, the mean of both views'. FALSE if one is
 * no number. */
static gboolean
join_views (NmdSegmenter *self)
{
  const gsize row = (gsize)self->size, n = row * row;
  const float *second = self->field + n;

  for (gsize i = 0; i < n * (gsize)self->n_views; i++)
    {
      if (!isfinite (self->field[i]))
        return FALSE;
      self->field[i] = (float)(1 / (1 + exp (-(double)self->field[i])));
    }
  if (self->n_views == 2)
    for (gsize i = 0; i < n; i++)
      self->field[i] = (self->field[i] + second[i / row * row + (row - 1 - i % row)]) / 2;
  return TRUE;
}

/* p of the whole field into self->field. */
static gboolean
run (NmdSegmenter *self,
     const NmdLetterbox *box,
     const NmdImage *image,
     const NmdPrompts *prompts,
     GError **error)
{
  g_autoptr (NmdImage) field
      = nmd_letterbox_image (box, image, nmd_model_get_parameters (self->model));
  const gsize n = (gsize)self->size * (gsize)self->size;
  NmdPrompts moved = { 0 };

  for (gsize i = 0; i < n; i++)
    self->grey[i] = (float)field->pixels[i] / 255.0f;
  if (prompts != NULL)
    nmd_prompts_to_field (prompts, box, &moved);
  nmd_segment_input (self->grey, &moved, self->size, self->input);
  if (self->n_views == 2)
    mirror (self->input, 3, self->size, self->input + 3 * n);
  if (!nmd_program_write (self->program, self->images, self->input, error)
      || !nmd_program_run (self->program, error)
      || !nmd_program_read (self->program, self->logits, self->field, error))
    return FALSE;
  if (!join_views (self))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_DIVERGED,
                   _ ("The network's output is not a number"));
      return FALSE;
    }
  return TRUE;
}

/* Whether a second part has at least a tenth of the largest one's pixels. */
static gboolean
has_second_part (const NmdImage *mask)
{
  g_autoptr (GArray) parts = nmd_mask_list_parts (mask);
  gint64 first = 0, second = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const gint64 size = g_array_index (parts, gint64, i);

      if (size > first)
        {
          second = first;
          first = size;
        }
      else
        second = MAX (second, size);
    }
  return (double)second >= PART_SHARE * (double)first && second > 0;
}

/* As nmd_scan_judge() compares measures with the passport's percentiles. */
static gboolean
is_far (double value, const double percentiles[3])
{
  const double half = (percentiles[2] - percentiles[0]) / 2;

  return !isnan (half)
         && !(value >= percentiles[0] - half && value <= percentiles[2] + half);
}

/* Thresholded and cleaned by the model's parameters; notes several parts in @warnings (nullable). */
static NmdImage *
clean (const NmdSegmenter *self,
       const float *p,
       int width,
       int height,
       float threshold,
       guint *warnings)
{
  const NmdParameters *parameters = nmd_model_get_parameters (self->model);
  g_autoptr (NmdImage) mask = nmd_image_new (width, height);

  for (gsize i = 0; i < (gsize)width * (gsize)height; i++)
    mask->pixels[i] = p[i] >= threshold ? 255 : 0;
  if (warnings != NULL && has_second_part (mask))
    *warnings |= NMD_OUTLINE_WARNING_PARTS;
  if (nmd_parameters_get_switch (parameters, "largest-part"))
    {
      g_autoptr (NmdImage) whole = g_steal_pointer (&mask);

      mask = nmd_mask_largest_part (whole);
    }
  if (nmd_parameters_get_switch (parameters, "fill-holes"))
    {
      g_autoptr (NmdImage) open = g_steal_pointer (&mask);

      mask = nmd_mask_fill_holes (open);
    }
  return g_steal_pointer (&mask);
}

/* Mean |2p − 1| near the surface of the mask. */
static double
measure_confidence (const NmdProposal *proposal, const NmdLetterbox *box, const float *p)
{
  const NmdBox *bounds = &proposal->bounds;
  const double field_pixel
      = (double)box->width / (box->content.x1 - box->content.x0); /* in image pixels */
  const double band
      = MAX (BAND_SHARE * MIN (bounds->x1 - bounds->x0, bounds->y1 - bounds->y0),
             BAND_PIXELS * field_pixel);
  const gsize n = (gsize)proposal->mask->width * (gsize)proposal->mask->height;
  g_autoptr (NmdImage) surface = nmd_mask_surface (proposal->mask);
  g_autofree double *distances = g_new (double, n);
  double sum = 0;
  gsize n_band = 0;

  nmd_mask_distances (surface, distances);
  for (gsize i = 0; i < n; i++)
    if (distances[i] <= band)
      {
        sum += fabs (2 * (double)p[i] - 1);
        n_band++;
      }
  return sum / (double)n_band;
}

gboolean
nmd_segmenter_propose (NmdSegmenter *self,
                       const NmdImage *image,
                       const NmdPrompts *prompts,
                       NmdProposal *proposal,
                       GError **error)
{
  const NmdPassport *passport;
  g_autoptr (NmdImage) mask = NULL;
  g_autofree float *p = NULL;
  NmdLetterbox box;

  g_return_val_if_fail (self != NULL && image != NULL && proposal != NULL, FALSE);

  *proposal = (NmdProposal){ .confidence = NAN };
  nmd_letterbox_init (&box, image->width, image->height, self->size);
  if (!run (self, &box, image, prompts, error))
    return FALSE;
  p = g_new (float, (gsize)image->width *(gsize)image->height);
  nmd_letterbox_enlarge (&box, self->field, p);
  if (prompts != NULL && (prompts->has_box || prompts->n_clicks > 0)
      && !nmd_segmenter_takes_prompts (self->model))
    proposal->warnings |= NMD_OUTLINE_WARNING_PROMPTS;
  mask = clean (self, p, image->width, image->height,
                (float)nmd_parameters_get (nmd_model_get_parameters (self->model),
                                           "outline-threshold"),
                &proposal->warnings);
  if (!nmd_mask_get_bounds (mask, &proposal->bounds))
    return TRUE;
  for (gsize i = 0; i < (gsize)mask->width * (gsize)mask->height; i++)
    proposal->area += mask->pixels[i] != 0;
  proposal->mask = g_steal_pointer (&mask);
  proposal->confidence = measure_confidence (proposal, &box, p);
  if (nmd_mask_count_sides (proposal->mask) >= 3)
    proposal->warnings |= NMD_OUTLINE_WARNING_SIDES;
  passport = nmd_model_get_passport (self->model);
  if (is_far (proposal->bounds.x1 - proposal->bounds.x0, passport->box_width)
      || is_far (proposal->bounds.y1 - proposal->bounds.y0, passport->box_height))
    proposal->warnings |= NMD_OUTLINE_WARNING_SIZE;
  return TRUE;
}

gboolean
nmd_segmenter_try (NmdSegmenter *self,
                   const NmdImage *image,
                   const double *thresholds,
                   guint n,
                   NmdImage **masks,
                   GError **error)
{
  g_autofree float *p = NULL;
  NmdLetterbox box;

  g_return_val_if_fail (self != NULL && image != NULL && thresholds != NULL, FALSE);

  nmd_letterbox_init (&box, image->width, image->height, self->size);
  if (!run (self, &box, image, NULL, error))
    return FALSE;
  p = g_new (float, (gsize)image->width *(gsize)image->height);
  nmd_letterbox_enlarge (&box, self->field, p);
  for (guint i = 0; i < n; i++)
    masks[i] = clean (self, p, image->width, image->height, (float)thresholds[i], NULL);
  return TRUE;
}
