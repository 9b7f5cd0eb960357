/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the safetensors reader: any bytes as a file, listed and loaded. What loads is
 * used to its last value, and is listed.
 */
#include "engine/nn/nmd-weights.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  const char *path = fuzz_file (data, length);
  g_autoptr (GError) list_error = NULL, load_error = NULL;
  g_autoptr (GPtrArray) list = nmd_weights_list (path, NULL, &list_error);
  g_autoptr (NmdWeights) weights = nmd_weights_load (path, &load_error);

  fuzz_check (list != NULL, list_error);
  fuzz_check (weights != NULL, load_error);
  if (weights == NULL)
    return 0;
  if (list == NULL || list->len < nmd_weights_get_n (weights))
    g_error ("What loads is not listed");
  for (guint i = 0; i < nmd_weights_get_n (weights); i++)
    {
      NmdShape shape;
      const float *values
          = nmd_weights_get (weights, nmd_weights_get_name (weights, i), &shape);

      fuzz_use (values, sizeof *values * nmd_shape_count (&shape));
    }
  return 0;
}
