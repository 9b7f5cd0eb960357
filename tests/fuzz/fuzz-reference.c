/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of reference models of echo intensity: what loads is written and loads again to as many models,
 * and a person's z is a number or a sentence.
 */
#include "engine/model/nmd-reference.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  static const NmdPerson persons[] = { { { 50, 1, 180, 80, NAN } }, NMD_PERSON_UNKNOWN };
  const char *path = fuzz_file_named ("reference.json", data, length);
  g_autoptr (GError) error = NULL, again_error = NULL;
  g_autoptr (NmdReference) reference = nmd_reference_load (path, &error), again = NULL;

  fuzz_check (reference != NULL, error);
  if (reference == NULL)
    return 0;
  for (guint i = 0; i < reference->models->len; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (persons); k++)
      {
        const NmdReferenceModel *model = reference->models->pdata[i];
        g_autoptr (GError) why = NULL;
        NmdZScore score;
        gboolean done = nmd_reference_score (reference, model->muscle, &persons[k], 60,
                                             &score, &why);

        fuzz_check (done, why);
        if (done && !(isfinite (score.z) && score.sd > 0))
          g_error ("A z that is no number");
      }
  if (!nmd_reference_save (reference, path, &again_error))
    g_error ("%s", again_error->message);
  again = nmd_reference_load (path, &again_error);
  if (again == NULL || again->models->len != reference->models->len)
    g_error ("What was written does not load");
  return 0;
}
