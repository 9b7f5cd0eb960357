/* SPDX-License-Identifier: Apache-2.0
 *
 * Which images of a part a task can use.
 */
#include "engine/train/nmd-evaluate-private.h"

GArray *
nmd_evaluate_list (NmdDataset *dataset,
                   const NmdSplit *split,
                   NmdPart part,
                   NmdTask task,
                   guint *n_without)
{
  GArray *all = nmd_split_get_indices (split, part);
  GArray *list;

  if (n_without != NULL)
    *n_without = 0;
  if (task == NMD_TASK_CLASSIFY)
    return all;
  list = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < all->len; i++)
    {
      const guint index = g_array_index (all, guint, i);
      const NmdSample *sample = nmd_dataset_get (dataset, index);

      if ((sample->problems & (NMD_PROBLEM_NO_MASK | NMD_PROBLEM_EMPTY_MASK)) == 0)
        g_array_append_val (list, index);
      else if (n_without != NULL)
        (*n_without)++;
    }
  g_array_unref (all);
  return list;
}
