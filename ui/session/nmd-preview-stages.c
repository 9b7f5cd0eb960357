/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stage shows: its picture, histogram and mean.
 */
#include "ui/session/nmd-preview-stages-private.h"

#include <glib/gi18n.h>

void
nmd_preview_set_stage (NmdPreview *self,
                       NmdStageKind kind,
                       NmdImage *image,
                       const NmdBox *within)
{
  const NmdBox all = { 0, 0, image->width, image->height };
  const NmdBox *box = within != NULL ? within : &all;
  NmdStageView *stage = &self->stages[kind];
  double sum = 0;

  stage->image = nmd_image_ref (image);
  for (int y = box->y0; y < box->y1; y++)
    for (int x = box->x0; x < box->x1; x++)
      {
        const guint8 level = image->pixels[(gsize)y * (gsize)image->width + (gsize)x];

        stage->histogram[level]++;
        sum += level;
      }
  stage->mean = sum / ((double)(box->x1 - box->x0) * (box->y1 - box->y0));
}

void
nmd_preview_note_median (NmdPreview *self, const NmdParameters *parameters)
{
  if (nmd_parameters_get_switch (parameters, "median"))
    /* Translators: side of the median filter's square, twice */
    self->stages[NMD_STAGE_MEDIAN].note = g_strdup_printf (
        _ ("kernel %d × %d pixels, fixed"), NMD_MEDIAN_SIZE, NMD_MEDIAN_SIZE);
}
