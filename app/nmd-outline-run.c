/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a run of segmentation and proposes outlines with it, for segment and predict.
 */
#include "app/nmd-outline-run.h"

#include <math.h>

void
nmd_outline_run_clear (NmdOutlineRun *self)
{
  g_clear_pointer (&self->segmenter, nmd_segmenter_free);
  g_clear_pointer (&self->session, nmd_session_close);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->run, nmd_run_unref);
}

gboolean
nmd_outline_run_open (NmdOutlineRun *self,
                      const char *folder,
                      const NmdComputeOptions *options,
                      GError **error)
{
  if (!nmd_opened_run_load (folder, NMD_TASK_SEGMENT, options, &self->run, &self->model,
                            &self->session, error))
    return FALSE;
  self->segmenter = nmd_segmenter_new (self->session, self->model, error);
  return self->segmenter != NULL;
}

void
nmd_proposed_scan_clear (NmdProposedScan *self)
{
  g_clear_object (&self->scan);
  nmd_proposal_clear (&self->proposal);
  nmd_verdict_clear (&self->verdict);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
}

/* What has to stand beside a proposal, the gravest first. */
static void
add_warnings (NmdProposedScan *self)
{
  const NmdVerdict *verdict = &self->verdict;

  if (self->proposal.mask == NULL)
    return;
  if (verdict->fit == NMD_FIT_NO)
    g_ptr_array_add (
        self->warnings,
        g_strdup_printf ("The outline is not to be relied on: %s", verdict->reason));
  else if (verdict->fit == NMD_FIT_UNKNOWN)
    g_ptr_array_add (self->warnings, g_strdup_printf ("It cannot be judged whether the "
                                                      "outline's model fits: %s",
                                                      verdict->reason));
  for (guint flag = 1; flag <= NMD_OUTLINE_WARNING_LAST; flag <<= 1)
    if (self->proposal.warnings & flag)
      g_ptr_array_add (self->warnings,
                       g_strdup (nmd_outline_warning_to_text ((NmdOutlineWarnings)flag)));
  if (verdict->in_data_set && verdict->part == NMD_PART_TRAIN)
    g_ptr_array_add (
        self->warnings,
        g_strdup ("This image was in the training part of the outline's run"));
}

gboolean
nmd_outline_run_propose (NmdOutlineRun *self,
                         NmdScan *scan,
                         const NmdPrompts *prompts,
                         const NmdStatedFacts *stated,
                         NmdProposedScan *proposed,
                         GError **error)
{
  if (!nmd_segmenter_propose (self->segmenter, scan->image, prompts, &proposed->proposal,
                              error))
    {
      g_prefix_error (error, "%s: ", scan->name);
      return FALSE;
    }
  proposed->warnings = g_ptr_array_new_with_free_func (g_free);
  proposed->scan = nmd_scan_with_mask (scan, proposed->proposal.mask,
                                       proposed->proposal.mask != NULL ? NMD_ROI_MODEL
                                                                       : NMD_ROI_FRAME);
  nmd_scan_judge (proposed->scan, self->model, stated, &proposed->verdict);
  add_warnings (proposed);
  return TRUE;
}
