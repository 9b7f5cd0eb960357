/* SPDX-License-Identifier: Apache-2.0
 *
 * The stages of one scan for a network that draws outlines. What a stage is, is engine/image's.
 */
#include "ui/session/nmd-preview-outline-private.h"

#include "ui/session/nmd-preview-stages-private.h"

#include <glib/gi18n.h>
#include <math.h>

/* "a, b" */
static void
add (GString *text, char *words)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", words);
  g_free (words);
}

static char *
describe_augmentation (const NmdPairAugmentation *a)
{
  GString *text = g_string_new (NULL);

  if (a->flip)
    add (text, g_strdup (_ ("mirrored")));
  if (a->angle != 0)
    /* Translators: a picture is turned by so many degrees; to the left with a minus */
    add (text, g_strdup_printf (_ ("turned %s%.0f°"), a->angle < 0 ? "−" : "+",
                                fabs (a->angle)));
  if (a->zoom != 1)
    add (text, g_strdup_printf ("%s × %.2f", _ ("size"), a->zoom));
  if (a->brightness != 1)
    add (text, g_strdup_printf ("%s × %.2f", _ ("brightness"), a->brightness));
  if (a->contrast != 1)
    add (text, g_strdup_printf ("%s × %.2f", _ ("contrast"), a->contrast));
  if (a->gamma != 1)
    add (text, g_strdup_printf ("%s %.2f", _ ("gamma"), a->gamma));
  if (a->speckle > 0)
    /* Translators: speckle noise of this standard deviation */
    add (text, g_strdup_printf ("%s %.2f", _ ("noise"), a->speckle));
  return g_string_free (text, FALSE);
}

static char *
describe_prompts (const NmdPrompts *prompts, double unprompted)
{
  g_autofree char *clicks = NULL;

  if (prompts->n_clicks > 0)
    clicks = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "%u click", "%u clicks", prompts->n_clicks),
        prompts->n_clicks);
  if (prompts->has_box && clicks != NULL)
    /* Translators: what is shown to a network: a box and clicks; the placeholder is "2 clicks" */
    return g_strdup_printf (_ ("a box and %s"), clicks);
  if (prompts->has_box)
    return g_strdup (_ ("a box"));
  if (clicks != NULL)
    return g_steal_pointer (&clicks);
  /* Translators: no box and no clicks are shown to the network for this image */
  return g_strdup_printf (_ ("none, as for %.0f %% of the images"), unprompted * 100);
}

/* The display of the tensor's first channel, x − 0.5. */
static NmdImage *
image_from_tensor (const float *tensor, int size)
{
  NmdImage *image = nmd_image_new (size, size);

  for (int i = 0; i < size * size; i++)
    image->pixels[i] = (guint8)lrint (CLAMP (((double)tensor[i] + 0.5) * 255, 0, 255));
  return image;
}

static NmdImage *
mask_from_target (const float *target, int size)
{
  NmdImage *mask = nmd_image_new (size, size);

  for (int i = 0; i < size * size; i++)
    mask->pixels[i] = target[i] != 0 ? 255 : 0;
  return mask;
}

/* The frame in its field; @parameters (nullable) say which filters. */
static void
set_field (NmdPreview *self,
           NmdStageKind kind,
           const NmdLetterbox *box,
           const NmdParameters *parameters,
           NmdImage *mask)
{
  g_autoptr (NmdImage) field = nmd_letterbox_image (box, self->scan->image, parameters);

  nmd_preview_set_stage (self, kind, field, &box->content);
  self->stages[kind].mask = nmd_image_ref (mask);
}

/* The two random stages. */
static void
set_random (NmdPreview *self,
            const NmdLetterbox *box,
            const NmdParameters *parameters,
            const NmdImage *mask)
{
  const guint64 seed = (guint64)nmd_parameters_get (parameters, "seed");
  const char *id = self->scan->sample != NULL ? self->scan->sample->id : self->scan->name;
  g_autofree float *target = g_new (float, (gsize)box->size *(gsize)box->size);
  NmdPairDraw draw;

  nmd_pair_training_input (box, self->stages[NMD_STAGE_CLAHE].image, mask, parameters,
                           seed, self->draw, id, &draw, self->tensor, target);
  g_autoptr (NmdImage) image = image_from_tensor (self->tensor, box->size);
  g_autoptr (NmdImage) outline = mask_from_target (target, box->size);
  for (int i = NMD_STAGE_AUGMENTED; i <= NMD_STAGE_INPUT; i++)
    {
      nmd_preview_set_stage (self, (NmdStageKind)i, image, &box->content);
      self->stages[i].mask = nmd_image_ref (outline);
    }
  self->stages[NMD_STAGE_AUGMENTED].note = describe_augmentation (&draw.augmentation);
  self->stages[NMD_STAGE_INPUT].prompts = draw.prompts;
  self->stages[NMD_STAGE_INPUT].note
      = self->scan->mask != NULL
            ? describe_prompts (&draw.prompts,
                                nmd_parameters_get (parameters, "unprompted"))
            : g_strdup (_ ("no outline: training leaves this image out"));
}

void
nmd_preview_outline (NmdPreview *self, const NmdParameters *parameters)
{
  NmdImage *image = self->scan->image;
  g_autoptr (NmdParameters) median = nmd_parameters_copy (parameters);
  g_autoptr (NmdImage) mask = NULL;
  NmdLetterbox box;

  self->size = atoi (nmd_parameters_get_choice (parameters, "size"));
  self->tensor = g_new (float, 3 * (gsize)self->size * (gsize)self->size);
  self->box = (NmdBox){ 0, 0, image->width, image->height };
  nmd_letterbox_init (&box, image->width, image->height, self->size);
  mask = self->scan->mask != NULL ? nmd_letterbox_mask (&box, self->scan->mask)
                                  : nmd_image_new (self->size, self->size);
  nmd_preview_set_stage (self, NMD_STAGE_CUT, image, NULL);
  if (self->scan->mask != NULL)
    self->stages[NMD_STAGE_CUT].mask = nmd_image_ref (self->scan->mask);
  set_field (self, NMD_STAGE_RESIZE, &box, NULL, mask);
  nmd_parameters_set (median, "clahe", 0, NULL); /* a switch that the task has */
  set_field (self, NMD_STAGE_MEDIAN, &box, median, mask);
  nmd_preview_note_median (self, parameters);
  set_field (self, NMD_STAGE_CLAHE, &box, parameters, mask);
  set_random (self, &box, parameters, mask);
}
