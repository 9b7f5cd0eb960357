/* SPDX-License-Identifier: Apache-2.0
 *
 * What only a run of segmentation has.
 */
#include "engine/core/nmd-number.h"
#include "engine/train/nmd-run-private.h"

#include <math.h>

NmdOutlineTable *
nmd_run_load_outlines (const NmdRun *self, NmdPart part, GError **error)
{
  g_autofree char *path
      = g_build_filename (nmd_run_get_folder (self), NMD_RUN_OUTLINES, NULL);
  g_autoptr (NmdCsv) csv = NULL;

  if (!nmd_run_check_task (self, NMD_TASK_SEGMENT, error))
    return NULL;
  csv = nmd_csv_load (path, error);
  if (csv == NULL)
    return NULL;
  return nmd_outline_table_from_csv (
      csv, path, part != NMD_PART_NONE ? nmd_part_get_name (part) : NULL, error);
}

double
nmd_run_get_outline_threshold (const NmdRun *self)
{
  const NmdRunFile *file = nmd_run_get_file (self);

  if (nmd_run_get_task (self) != NMD_TASK_SEGMENT)
    return NAN;
  return file->threshold.weights != NULL
             ? file->threshold.value
             : nmd_parameters_get (file->parameters, "outline-threshold");
}

char *
nmd_run_get_threshold_text (const NmdRun *self)
{
  const NmdRunThreshold *chosen = &nmd_run_get_file (self)->threshold;
  char value[NMD_NUMBER_LENGTH], dice[16];

  nmd_number_format (value, nmd_run_get_outline_threshold (self));
  if (chosen->weights == NULL)
    return g_strdup_printf ("Threshold of the outline %s", value);
  g_ascii_formatd (dice, sizeof dice, "%.3f", chosen->dice);
  return g_strdup_printf ("Threshold of the outline %s, chosen on the validation part "
                          "(highest mean Dice, %s, of %u images with the %s weights)",
                          value, dice, chosen->n_images, chosen->weights);
}
