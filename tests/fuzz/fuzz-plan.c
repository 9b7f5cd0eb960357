/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of an experiment's plan.json: what loads is written and loads again to the same text, and each of
 * its cells has a recipe and words.
 */
#include "engine/core/nmd-file.h"
#include "engine/experiment/nmd-plan-private.h"
#include "engine/experiment/nmd-plan.h"
#include "tests/fuzz/fuzz.h"
#include "tests/train/tiny.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  static gboolean begun;
  g_autoptr (NmdPlan) plan = NULL, again = NULL;
  g_autoptr (GError) error = NULL, again_error = NULL;
  g_autofree char *text = NULL, *again_text = NULL;

  if (!begun)
    nmd_networks_add (&tiny_network); /* of the seed "crossval" */
  begun = TRUE;
  fuzz_file_named (NMD_PLAN_JSON, data, length);
  plan = nmd_plan_load (fuzz_folder (), &error);
  fuzz_check (plan != NULL, error);
  if (plan == NULL)
    return 0;
  for (guint i = 0; i < MIN (plan->cells->len, 50); i++)
    {
      const NmdPlanCell *cell = nmd_plan_get_cell (plan, i);
      g_autoptr (NmdParameters) parameters = nmd_plan_get_parameters (plan, cell);
      g_autofree char *words = nmd_plan_describe_cell (cell);

      if (nmd_parameters_get_task (parameters) != NMD_TASK_CLASSIFY)
        g_error ("A recipe of another task");
      if (strpbrk (cell->id, "/\\") != NULL || g_str_has_prefix (cell->id, "."))
        g_error ("A cell's name leaves the folder: %s", cell->id);
      fuzz_use (words, strlen (words));
    }
  text = nmd_plan_to_text (plan);
  fuzz_file_named (NMD_PLAN_JSON, (const guint8 *)text, strlen (text));
  again = nmd_plan_load (fuzz_folder (), &again_error);
  if (again == NULL)
    g_error ("What was written does not load: %s", again_error->message);
  again_text = nmd_plan_to_text (again);
  if (strcmp (text, again_text) != 0)
    g_error ("A plan changes when it is written");
  return 0;
}
