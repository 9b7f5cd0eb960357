/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes over what other folders of the same plan have done.
 */
#include "engine/experiment/nmd-experiment-private.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/experiment/nmd-plan-private.h"

#include <glib/gstdio.h>
#include <string.h>

#define MAX_FILE (256u * 1024 * 1024)

/* Of a run, in the order in which they are copied; the weights stay where they are. A run that could not be
 * measured has the first and the last. */
static const char *const files[]
    = { "history.csv", "predictions.csv", "metrics.json", "run.json" };

static char *
read_plan (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, NMD_PLAN_JSON, NULL);

  return nmd_file_read (path, NMD_JSON_MAX_BYTES, NULL, NULL, error);
}

static gboolean
copy_file (const char *from, const char *to, const char *name, GError **error)
{
  g_autofree char *source = g_build_filename (from, name, NULL);
  g_autofree char *target = g_build_filename (to, name, NULL);
  g_autofree char *bytes = NULL;
  gsize length = 0;

  if (strcmp (name, "run.json") != 0 && !g_file_test (source, G_FILE_TEST_EXISTS))
    return TRUE;
  bytes = nmd_file_read (source, MAX_FILE, NULL, &length, error);
  return bytes != NULL && nmd_file_write (target, bytes, length, error);
}

/* All or none: part of a run would be in the way of the training. */
static gboolean
copy_run (const char *from, const char *to, GError **error)
{
  if (!nmd_file_make_folder (to, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (!copy_file (from, to, files[i], error))
      {
        for (guint k = 0; k < i; k++)
          {
            g_autofree char *copied = g_build_filename (to, files[k], NULL);

            g_unlink (copied);
          }
        return FALSE;
      }
  return TRUE;
}

/* Both have the cell: it must be the same. */
static gboolean
check_same (const char *a, const char *b, GError **error)
{
  g_autofree char *path_a = g_build_filename (a, "predictions.csv", NULL);
  g_autofree char *path_b = g_build_filename (b, "predictions.csv", NULL);
  g_autofree char *sum_a = NULL, *sum_b = NULL;
  g_autofree char *shown_a = nmd_text_display (path_a);
  g_autofree char *shown_b = nmd_text_display (path_b);

  if (!g_file_test (path_a, G_FILE_TEST_EXISTS)
      && !g_file_test (path_b, G_FILE_TEST_EXISTS)) /* neither could be measured */
    return TRUE;
  sum_a = nmd_file_sha256 (path_a, NULL, error);
  sum_b = sum_a != NULL ? nmd_file_sha256 (path_b, NULL, error) : NULL;
  if (sum_b == NULL)
    return FALSE;
  if (strcmp (sum_a, sum_b) == 0)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
               "%s and %s are of the same training and differ", shown_a, shown_b);
  return FALSE;
}

static gboolean
merge_cell (const char *folder,
            NmdJournal *journal,
            const char *other,
            NmdJournal *theirs,
            const NmdPlanCell *cell,
            GError **error)
{
  g_autofree char *from = nmd_experiment_run_folder (other, cell);
  g_autofree char *to = nmd_experiment_run_folder (folder, cell);
  g_autoptr (JsonNode) record = NULL;
  gboolean claimed = FALSE;

  if (nmd_journal_get_state (theirs, cell->id) != NMD_CELL_DONE)
    return TRUE;
  if (nmd_journal_get_state (journal, cell->id) == NMD_CELL_DONE)
    return check_same (to, from, error);
  if (!nmd_journal_claim (journal, cell->id, &claimed, error))
    return FALSE;
  if (!claimed)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_BUSY,
                   "Another process is at work on %s of %s", cell->id, folder);
      return FALSE;
    }
  record = nmd_journal_load (theirs, cell->id);
  if (record == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "The record of %s in the journal of %s is damaged", cell->id, other);
      return FALSE;
    }
  return copy_run (from, to, error) && nmd_journal_finish (journal, record, error);
}

static gboolean
merge_other (const char *folder,
             const NmdPlan *plan,
             NmdJournal *journal,
             const char *other,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *mine = read_plan (folder, error);
  g_autofree char *its = mine != NULL ? read_plan (other, error) : NULL;
  g_autofree char *shown = nmd_text_display (other);
  g_autoptr (NmdJournal) theirs = NULL;

  if (its == NULL)
    return FALSE;
  if (strcmp (mine, its) != 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   "%s holds another plan: only shards of one plan can be merged", shown);
      return FALSE;
    }
  theirs = nmd_journal_open (other, error);
  if (theirs == NULL)
    return FALSE;
  for (guint i = 0; i < plan->cells->len; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !merge_cell (folder, journal, other, theirs, nmd_plan_get_cell (plan, i),
                        error))
      return FALSE;
  return TRUE;
}

gboolean
nmd_experiment_merge (const char *folder,
                      const char *const *others,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (NmdPlan) plan = NULL;
  g_autoptr (NmdJournal) journal = NULL;
  g_autofree char *path = g_build_filename (folder, NMD_PLAN_JSON, NULL);

  g_return_val_if_fail (others != NULL && others[0] != NULL, FALSE);

  plan = nmd_plan_load (g_file_test (path, G_FILE_TEST_EXISTS) ? folder : others[0],
                        error);
  if (plan == NULL || !nmd_experiment_start (folder, plan, error)
      || (journal = nmd_journal_open (folder, error)) == NULL)
    return FALSE;
  for (guint i = 0; others[i] != NULL; i++)
    if (!merge_other (folder, plan, journal, others[i], cancellable, error))
      return FALSE;
  return nmd_experiment_write_tables (folder, plan, journal, error);
}
