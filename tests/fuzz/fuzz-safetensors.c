/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the safetensors reader: any bytes as a file, listed and loaded.
 * What comes back must be readable to its last value; a refusal must say why, in one
 * line; what loads must be listed.
 */
#include "engine/nn/nmd-weights.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize length);

static void
check_refusal (gboolean done, const GError *error)
{
  if (done == (error != NULL))
    g_error ("A result and an error, or neither");
  if (error != NULL
      && (strchr (error->message, '\n') != NULL
          || !g_utf8_validate (error->message, -1, NULL)))
    g_error ("An error is no line of text");
}

/* Reads every value, so that a tensor that is too short is found. */
static guint
sum (const NmdWeights *weights)
{
  guint total = 0;

  for (guint i = 0; i < nmd_weights_get_n (weights); i++)
    {
      NmdShape shape;
      const float *values
          = nmd_weights_get (weights, nmd_weights_get_name (weights, i), &shape);

      for (gsize k = 0; k < nmd_shape_count (&shape); k++)
        total += values[k] > 0 ? 1 : 0;
    }
  return total;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  const int fd = memfd_create ("fuzz", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GError) list_error = NULL, load_error = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (NmdWeights) weights = NULL;
  volatile guint total = 0;

  if (fd < 0 || write (fd, data, length) != (gssize)length)
    g_error ("No memory file");
  list = nmd_weights_list (path, NULL, &list_error);
  check_refusal (list != NULL, list_error);
  weights = nmd_weights_load (path, &load_error);
  check_refusal (weights != NULL, load_error);
  if (weights != NULL && (list == NULL || list->len < nmd_weights_get_n (weights)))
    g_error ("What loads is not listed");
  if (weights != NULL)
    total = sum (weights);
  (void)total;
  close (fd);
  return 0;
}
