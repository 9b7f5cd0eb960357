/* SPDX-License-Identifier: Apache-2.0
 *
 * Results from the scores that a run stores. What results are is engine/eval's.
 */
#include "engine/core/nmd-json-value.h"
#include "engine/train/nmd-evaluate.h"
#include "engine/train/nmd-run-private.h"

/* The warnings of metrics.json; empty where there are none. */
static char **
stored_warnings (const NmdRun *run)
{
  JsonNode *metrics = nmd_run_get_metrics (run);
  char **warnings = NULL;

  if (metrics != NULL)
    {
      NmdJsonValue top = nmd_json_value_top (metrics, NMD_RUN_METRICS);

      /* older files have none */
      nmd_json_dup_texts (&top, "warnings", NMD_JSON_OPTIONAL, &warnings, NULL);
    }
  return warnings;
}

NmdEvalResults *
nmd_run_measure (const NmdRun *run,
                 NmdPart part,
                 const NmdThresholdRule *rule,
                 GError **error)
{
  NmdScores *tables[NMD_PART_TEST + 1] = { NULL };
  g_auto (GStrv) warnings = stored_warnings (run);
  NmdEvalResults *results = NULL;
  gboolean has_test;

  for (int i = NMD_PART_TRAIN; i <= NMD_PART_TEST; i++)
    {
      tables[i] = nmd_run_load_scores (run, (NmdPart)i, error);
      if (tables[i] == NULL)
        goto done;
    }
  has_test = nmd_scores_get_n (tables[NMD_PART_TEST]) > 0;
  if (part == NMD_PART_NONE)
    part = has_test ? NMD_PART_TEST : NMD_PART_VALIDATION;
  {
    const NmdEvalInput input = {
      .part = nmd_part_get_name (part),
      .scores = tables[part],
      .train = tables[NMD_PART_TRAIN],
      .validation = tables[NMD_PART_VALIDATION],
      .rule = rule,
      .seed = (guint64)nmd_parameters_get (nmd_run_get_parameters (run), "seed"),
      .name = nmd_run_get_folder (run),
      .synthetic = nmd_run_get_passport (run)->synthetic,
      .caveat = nmd_run_get_caveat (run),
      .note = part == NMD_PART_VALIDATION && !has_test ? NMD_NOTE_NO_TEST : NULL,
      .warnings = (const char *const *)warnings,
    };

    results = nmd_eval_results_new (&input, error);
  }

done:
  for (int i = NMD_PART_TRAIN; i <= NMD_PART_TEST; i++)
    g_clear_pointer (&tables[i], nmd_scores_unref);
  return results;
}
