/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws of subjects with replacement, percentiles. What is drawn for is
 * nmd-roc.c's.
 */
#include "config.h"

#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-bootstrap-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
nmd_bootstrap_init (NmdBootstrap *self, const NmdScores *scores, guint64 seed)
{
  *self = (NmdBootstrap){ 0 };
  nmd_groups_init (&self->groups, scores);
  self->weight = g_new0 (guint, self->groups.n_subjects + 1);
  nmd_random_init_for (&self->stream, seed, "bootstrap", 0, "");
}

void
nmd_bootstrap_clear (NmdBootstrap *self)
{
  nmd_groups_clear (&self->groups);
  g_clear_pointer (&self->weight, g_free);
}

gboolean
nmd_bootstrap_next (NmdBootstrap *self)
{
  const NmdGroups *groups = &self->groups;

  /* A class held by one subject is missed in 37 % of the draws; a thousand in a row
   * means that there is none. */
  for (int attempt = 0; attempt < 1000; attempt++)
    {
      gboolean have[2] = { FALSE, FALSE };

      memset (self->weight, 0, groups->n_subjects * sizeof *self->weight);
      for (guint i = 0; i < groups->n_subjects; i++)
        self->weight[nmd_random_below (&self->stream, groups->n_subjects)]++;
      for (guint i = 0; i < groups->n && !(have[0] && have[1]); i++)
        if (self->weight[groups->subject[i]] > 0)
          have[groups->label[i]] = TRUE;
      if (have[0] && have[1])
        return TRUE;
    }
  return FALSE;
}

NmdInterval
nmd_percentiles (double *values, guint n)
{
  NmdInterval interval = { NAN, NAN };
  double *ends[] = { &interval.low, &interval.high };
  guint finite = 0;

  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      values[finite++] = values[i];
  if (finite < 2)
    return interval;
  qsort (values, finite, sizeof *values, nmd_number_compare);
  for (int i = 0; i < 2; i++)
    {
      double place = (i == 0 ? 0.025 : 0.975) * (finite - 1);
      guint below = MIN ((guint)place, finite - 2);

      *ends[i] = values[below] + (place - below) * (values[below + 1] - values[below]);
    }
  return interval;
}
