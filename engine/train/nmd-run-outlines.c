/* SPDX-License-Identifier: Apache-2.0
 *
 * What only a run of segmentation has.
 */
#include "engine/train/nmd-run-private.h"

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
