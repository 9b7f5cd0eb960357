/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the run folder: run.json, metrics.json, history.csv and predictions.csv in one
 * input. What opens is asked for everything; what does not is listed as damaged with a sentence.
 */
#include "engine/train/nmd-run-entry.h"
#include "engine/train/nmd-run-private.h"
#include "tests/fuzz/fuzz.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <string.h>

static void
use_text (const char *text)
{
  if (text != NULL)
    fuzz_use (text, strlen (text));
}

static void
use_run (NmdRun *run)
{
  g_autofree char *initial = nmd_run_get_initial (run);
  g_autoptr (NmdScores) scores = NULL;
  g_autoptr (GError) error = NULL;
  NmdImportSettings import;
  const NmdEpoch *history;
  guint n;

  use_text (initial);
  use_text (nmd_run_get_caveat (run));
  use_text (nmd_run_get_split_kind (run));
  use_text (nmd_run_get_device (run));
  use_text (nmd_run_get_started (run));
  nmd_run_get_import (run, &import);
  use_text (import.positive);
  use_text (nmd_run_get_passport (run)->organ);
  history = nmd_run_get_history (run, &n);
  fuzz_use (history, n * sizeof *history);
  scores = nmd_run_load_scores (run, NMD_PART_NONE, &error);
  fuzz_check (scores != NULL, error);
  for (guint i = 0; scores != NULL && i < nmd_scores_get_n (scores); i++)
    use_text (nmd_scores_get (scores, i)->image);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  static const char *const files[]
      = { NMD_RUN_JSON, NMD_RUN_METRICS, NMD_RUN_HISTORY, NMD_RUN_PREDICTIONS };
  static gboolean begun;
  g_autoptr (NmdRunEntry) entry = NULL;

  if (!begun)
    nmd_networks_add (&tiny_network); /* of the seed "trained" */
  begun = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) part = fuzz_part (&data, &length);
      gsize n = 0;
      const guint8 *bytes = g_bytes_get_data (part, &n);

      const char *path
          = fuzz_file_named (files[i], n > 0 ? bytes : (const guint8 *)"", n);
      if (n == 0)
        g_unlink (path); /* not written yet */
    }
  entry = nmd_run_entry_new (fuzz_folder ());
  if ((entry->run == NULL) != (entry->state == NMD_RUN_DAMAGED)
      || (entry->run == NULL) != (entry->problem != NULL))
    g_error ("An entry is neither a run nor damaged");
  use_text (entry->problem);
  if (entry->run != NULL)
    use_run (entry->run);
  return 0;
}
