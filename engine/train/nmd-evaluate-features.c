/* SPDX-License-Identifier: Apache-2.0
 *
 * Mask area, texture, and person of the images of a split. What rivals make of them is
 * engine/eval's.
 */
#include "engine/train/nmd-evaluate-features-private.h"

#include "engine/image/nmd-texture.h"
#include "engine/model/nmd-sample-z.h"

#include <math.h>
#include <string.h>

enum
{
  AREA,
  TEXTURE,
  PERSON,
};

void
nmd_features_clear (NmdFeatures *self)
{
  for (guint s = 0; s < NMD_N_FEATURE_SETS; s++)
    for (guint part = 0; part <= NMD_PART_TEST; part++)
      g_clear_pointer (&self->values[s][part], g_array_unref);
}

/* The muscles of the data set, each once. */
static GPtrArray *
list_muscles (NmdDataset *dataset)
{
  GPtrArray *muscles = g_ptr_array_new ();

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const char *muscle = nmd_dataset_get (dataset, i)->muscle;

      if (muscle != NULL
          && !g_ptr_array_find_with_equal_func (muscles, muscle, g_str_equal, NULL))
        g_ptr_array_add (muscles, (gpointer)muscle);
    }
  return muscles;
}

static void
append_person (GArray *values, NmdSample *sample, const GPtrArray *muscles)
{
  const NmdPerson person = nmd_sample_get_person (sample);
  const double known[]
      = { sample->echo.n > 0 ? sample->echo.mean : NAN, person.value[NMD_COVARIATE_AGE],
          person.value[NMD_COVARIATE_MALE], person.value[NMD_COVARIATE_LENGTH],
          person.value[NMD_COVARIATE_WEIGHT] };

  g_array_append_vals (values, known, G_N_ELEMENTS (known));
  for (guint m = 1; m < muscles->len; m++)
    {
      double is = g_strcmp0 (sample->muscle, muscles->pdata[m]) == 0;

      g_array_append_val (values, is);
    }
}

/* From what an import measured, or from the files. */
static gboolean
measure_texture (NmdDataset *dataset,
                 NmdSample *sample,
                 double features[NMD_N_TEXTURES],
                 GError **error)
{
  g_autoptr (NmdImage) image = NULL;
  g_autoptr (NmdImage) mask = NULL;

  if (nmd_dataset_get_texture (dataset, sample, features))
    return TRUE;
  if (!nmd_sample_load (sample, &image, &mask, error))
    return FALSE;
  if (mask != NULL)
    nmd_texture_measure (image, mask, features);
  return TRUE;
}

static gboolean
append_pixels (NmdFeatures *self,
               NmdPart part,
               NmdDataset *dataset,
               NmdSample *sample,
               GError **error)
{
  double texture[NMD_N_TEXTURES],
      area = sample->echo.n > 0 ? (double)sample->echo.n : NAN;

  for (guint f = 0; f < NMD_N_TEXTURES; f++)
    texture[f] = NAN;
  if (sample->echo.n > 0 && !measure_texture (dataset, sample, texture, error))
    return FALSE;
  g_array_append_val (self->values[AREA][part], area);
  g_array_append_vals (self->values[TEXTURE][part], texture, NMD_N_TEXTURES);
  return TRUE;
}

static gboolean
has_known_row (const GArray *values, guint n)
{
  for (guint i = 0; i + n <= values->len; i += n)
    {
      gboolean known = TRUE;

      for (guint k = 0; k < n; k++)
        known &= isfinite (g_array_index (values, double, i + k));
      if (known)
        return TRUE;
    }
  return FALSE;
}

gboolean
nmd_features_measure (NmdFeatures *self,
                      NmdDataset *dataset,
                      const NmdSplit *split,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (GPtrArray) muscles = list_muscles (dataset);
  static const char *const titles[NMD_N_FEATURE_SETS]
      = { "mask area", "texture", "echo intensity, muscle, age, sex, height and weight" };

  *self = (NmdFeatures){ .n = { 1, NMD_N_TEXTURES, 4 + MAX (muscles->len, 1) } };
  memcpy (self->titles, titles, sizeof titles);
  for (guint s = 0; s < NMD_N_FEATURE_SETS; s++)
    for (guint part = 0; part <= NMD_PART_TEST; part++)
      self->values[s][part] = g_array_new (FALSE, FALSE, sizeof (double));
  for (int part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    {
      g_autoptr (GArray) samples = nmd_split_get_indices (split, (NmdPart)part);

      for (guint i = 0; i < samples->len; i++)
        {
          NmdSample *sample
              = nmd_dataset_get (dataset, g_array_index (samples, guint, i));

          if (g_cancellable_set_error_if_cancelled (cancellable, error)
              || !append_pixels (self, (NmdPart)part, dataset, sample, error))
            return FALSE;
          append_person (self->values[PERSON][part], sample, muscles);
        }
    }
  self->n_sets
      = PERSON + has_known_row (self->values[PERSON][NMD_PART_TRAIN], self->n[PERSON]);
  return TRUE;
}

void
nmd_features_list (const NmdFeatures *self, NmdPart measured, NmdRivalFeatures *sets)
{
  for (guint s = 0; s < self->n_sets; s++)
    sets[s] = (NmdRivalFeatures){
      .title = self->titles[s],
      .n = self->n[s],
      .train = (const double *)(void *)self->values[s][NMD_PART_TRAIN]->data,
      .validation = (const double *)(void *)self->values[s][NMD_PART_VALIDATION]->data,
      .note
      = s == PERSON ? "On labels made from z of echo intensity it is the ceiling." : NULL,
      .measured = (const double *)(void *)self->values[s][measured]->data,
    };
}
