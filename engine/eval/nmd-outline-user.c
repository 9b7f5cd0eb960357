/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a simulated user clicks. Asking the network is the train room's.
 */
#include "engine/eval/nmd-outline-user.h"

#include "engine/image/nmd-mask-distance.h"
#include "engine/image/nmd-mask-parts.h"

const NmdShownInfo nmd_shown[NMD_N_SHOWN] = {
  { "none", "no prompt", FALSE, 0, -1 },
  { "box", "box", TRUE, 0, -1 },
  { "click_1", "1 click", FALSE, 1, NMD_SHOWN_NOTHING },
  { "click_2", "2 clicks", FALSE, 2, NMD_SHOWN_CLICK_1 },
  { "click_3", "3 clicks", FALSE, 3, NMD_SHOWN_CLICK_2 },
  { "box_click_1", "box and 1 click", TRUE, 1, NMD_SHOWN_BOX },
  { "box_click_2", "box and 2 clicks", TRUE, 2, NMD_SHOWN_BOX_CLICK_1 },
  { "box_click_3", "box and 3 clicks", TRUE, 3, NMD_SHOWN_BOX_CLICK_2 },
};

gboolean
nmd_outline_user_box (const NmdImage *reference, NmdPrompts *prompts)
{
  NmdBox bounds;

  g_return_val_if_fail (reference != NULL && prompts != NULL, FALSE);

  if (!nmd_mask_get_bounds (reference, &bounds))
    return FALSE;
  prompts->has_box = TRUE;
  prompts->x0 = bounds.x0;
  prompts->y0 = bounds.y0;
  prompts->x1 = bounds.x1;
  prompts->y1 = bounds.y1;
  return TRUE;
}

/* The largest part of what @a has and @b (nullable: empty) has not; @n gets its pixels. */
static NmdImage *
largest_difference (const NmdImage *a, const NmdImage *b, gint64 *n)
{
  const gsize all = (gsize)a->width * (gsize)a->height;
  g_autoptr (NmdImage) difference = nmd_image_new (a->width, a->height);
  NmdImage *part;

  for (gsize i = 0; i < all; i++)
    difference->pixels[i]
        = a->pixels[i] != 0 && (b == NULL || b->pixels[i] == 0) ? 255 : 0;
  part = nmd_mask_largest_part (difference);
  *n = 0;
  for (gsize i = 0; i < all; i++)
    *n += part->pixels[i] != 0;
  return part;
}

/* The pixel of @part that is farthest from what is outside it. */
static gsize
find_middle (const NmdImage *part)
{
  const gsize n = (gsize)part->width * (gsize)part->height;
  g_autoptr (NmdImage) outside = nmd_image_new (part->width, part->height);
  g_autofree double *distances = g_new (double, n);
  gsize best = n;

  for (gsize i = 0; i < n; i++)
    outside->pixels[i] = part->pixels[i] != 0 ? 0 : 255;
  nmd_mask_distances (outside, distances);
  for (gsize i = 0; i < n; i++)
    if (part->pixels[i] != 0 && (best == n || distances[i] > distances[best]))
      best = i;
  return best;
}

gboolean
nmd_outline_user_click (const NmdImage *prediction,
                        const NmdImage *reference,
                        NmdPrompts *prompts)
{
  g_autoptr (NmdImage) empty = NULL, missed = NULL, wrong = NULL;
  gint64 n_missed, n_wrong;
  gsize at;

  g_return_val_if_fail (reference != NULL && prompts != NULL, FALSE);
  g_return_val_if_fail (prediction == NULL
                            || (prediction->width == reference->width
                                && prediction->height == reference->height),
                        FALSE);

  if (prediction == NULL)
    prediction = empty = nmd_image_new (reference->width, reference->height);
  missed = largest_difference (reference, prediction, &n_missed);
  wrong = largest_difference (prediction, reference, &n_wrong);
  if ((n_missed == 0 && n_wrong == 0) || prompts->n_clicks >= NMD_PROMPTS_MAX_CLICKS)
    return FALSE;
  at = find_middle (n_missed >= n_wrong ? missed : wrong);
  prompts->clicks[prompts->n_clicks].x = (double)(at % (gsize)reference->width) + 0.5;
  prompts->clicks[prompts->n_clicks].y = (double)(at / (gsize)reference->width) + 0.5;
  prompts->clicks[prompts->n_clicks].is_positive = n_missed >= n_wrong;
  prompts->n_clicks++;
  return TRUE;
}
