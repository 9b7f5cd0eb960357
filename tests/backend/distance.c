/* SPDX-License-Identifier: Apache-2.0
 *
 * How far two sets of weights are apart.
 */
#include "distance.h"

#include <math.h>

double
weights_distance (const NmdWeights *a, const NmdWeights *b, const char *prefix)
{
  double difference = 0, norm = 0;

  for (guint i = 0; i < nmd_weights_get_n (b); i++)
    {
      const char *name = nmd_weights_get_name (b, i);
      NmdShape shape;
      const float *x = nmd_weights_get (a, name, &shape),
                  *y = nmd_weights_get (b, name, NULL);

      if (!g_str_has_prefix (name, prefix))
        continue;
      for (gsize k = 0; k < nmd_shape_count (&shape); k++)
        {
          const double d = (double)x[k] - (double)y[k];

          difference += d * d;
          norm += (double)y[k] * (double)y[k];
        }
    }
  return sqrt (difference / norm);
}
