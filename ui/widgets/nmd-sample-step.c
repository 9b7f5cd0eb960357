/* SPDX-License-Identifier: Apache-2.0
 *
 * Places in a list of images.
 */
#include "ui/widgets/nmd-sample-step.h"

#include "engine/data/nmd-dataset.h"

static gboolean
same_subject (GListModel *samples, guint a, guint b)
{
  g_autoptr (NmdSample) one = g_list_model_get_item (samples, a);
  g_autoptr (NmdSample) other = g_list_model_get_item (samples, b);

  return g_strcmp0 (one->subject, other->subject) == 0;
}

static guint
step_subject (GListModel *samples, guint from, int by, guint n)
{
  guint place = from;

  if (by > 0)
    {
      while (place < n && same_subject (samples, from, place))
        place++;
      return place < n ? place : G_MAXUINT;
    }
  while (place > 0 && same_subject (samples, from, place))
    place--;
  if (same_subject (samples, from, place))
    return G_MAXUINT;
  while (place > 0 && same_subject (samples, place, place - 1))
    place--;
  return place;
}

guint
nmd_sample_step (GListModel *samples, guint from, int by, gboolean by_subject)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (samples), G_MAXUINT);

  guint n = g_list_model_get_n_items (samples);
  if (n == 0 || by == 0)
    return G_MAXUINT;
  if (from == G_MAXUINT || from >= n)
    return 0;
  if (by_subject)
    return step_subject (samples, from, by, n);
  gint64 place = CLAMP ((gint64)from + by, 0, (gint64)n - 1);
  return place == from ? G_MAXUINT : (guint)place;
}
