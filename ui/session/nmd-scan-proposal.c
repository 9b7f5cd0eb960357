/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to a model that finds outlines as jobs of the ask thread, which keeps one session and one segmenter
 * between them.
 */
#include "ui/session/nmd-scan-proposal.h"

#include "engine/image/nmd-outline.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdScan *scan;
  NmdSample *sample;
  NmdModel *model;
  gboolean has_prompts;
  NmdPrompts prompts;
  NmdStatedFacts stated; /* texts are ours */
  char *device;
  gboolean busy;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_clear_object (&input->scan);
  g_clear_object (&input->sample);
  nmd_model_unref (input->model);
  g_free ((char *)input->stated.organ);
  g_free ((char *)input->stated.muscle);
  g_free (input->device);
  g_free (input);
}

void
nmd_scan_proposal_free (NmdScanProposal *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->scan);
  g_clear_pointer (&self->model, nmd_model_unref);
  nmd_proposal_clear (&self->proposal);
  g_clear_pointer (&self->lines, g_array_unref);
  nmd_verdict_clear (&self->verdict);
  g_free (self);
}

/* What the ask thread keeps between questions. */
typedef struct
{
  char *device;
  NmdModel *model;
  NmdSession *session;
  NmdSegmenter *segmenter;
} Finder;

static gpointer
finder_new (void)
{
  return g_new0 (Finder, 1);
}

static void
finder_clear (Finder *finder)
{
  g_clear_pointer (&finder->segmenter, nmd_segmenter_free);
  g_clear_pointer (&finder->session, nmd_session_close);
  g_clear_pointer (&finder->model, nmd_model_unref);
  g_clear_pointer (&finder->device, g_free);
}

static void
finder_free (gpointer data)
{
  finder_clear (data);
  g_free (data);
}

static NmdSegmenter *
need_segmenter (Finder *finder, const Input *input, GError **error)
{
  int threads = input->busy ? 1 : 0;

  if (finder->model != input->model || g_strcmp0 (finder->device, input->device) != 0)
    finder_clear (finder);
  if (finder->segmenter == NULL)
    {
      finder_clear (finder);
      finder->session = nmd_session_open (input->device, threads, error);
      if (finder->session == NULL)
        return NULL;
      finder->segmenter = nmd_segmenter_new (finder->session, input->model, error);
      if (finder->segmenter == NULL)
        return NULL;
      finder->model = nmd_model_ref (input->model);
      finder->device = g_strdup (input->device);
    }
  nmd_session_set_threads (finder->session, threads);
  return finder->segmenter;
}

/* The outline in lines, beside the scan's own, and judged by the model's passport. */
static void
look_at (NmdScanProposal *answer, const Input *input)
{
  NmdScan *scan = answer->scan;
  NmdImage *mask = answer->proposal.mask;

  if (scan->mask != NULL)
    {
      g_autoptr (NmdImage) empty
          = mask == NULL ? nmd_image_new (scan->image->width, scan->image->height) : NULL;
      nmd_outline_measure (scan->image, mask != NULL ? mask : empty, scan->mask,
                           &answer->measures);
      answer->has_measures = TRUE;
    }
  if (mask == NULL)
    return;
  g_autoptr (NmdScan) outlined = nmd_scan_with_mask (scan, mask, NMD_ROI_MODEL);
  answer->lines = nmd_mask_get_outline (mask);
  nmd_scan_judge (outlined, answer->model, &input->stated, &answer->verdict);
}

static gpointer
propose_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (NmdScanProposal) answer = g_new0 (NmdScanProposal, 1);
  Finder *finder = nmd_thread_data (job, "finder", finder_new, finder_free);

  answer->model = nmd_model_ref (input->model);
  answer->scan = input->scan != NULL ? g_object_ref (input->scan)
                                     : nmd_scan_load_sample (input->sample, error);
  if (answer->scan == NULL)
    return NULL;
  NmdSegmenter *segmenter = need_segmenter (finder, input, error);
  if (segmenter == NULL || g_cancellable_set_error_if_cancelled (cancellable, error)
      || !nmd_segmenter_propose (segmenter, answer->scan->image,
                                 input->has_prompts ? &input->prompts : NULL,
                                 &answer->proposal, error))
    return NULL;
  look_at (answer, input);
  return g_steal_pointer (&answer);
}

NmdJob *
nmd_scan_proposal_start (const NmdProposalRequest *request,
                         GAsyncReadyCallback done,
                         gpointer user_data)
{
  g_return_val_if_fail (request->scan != NULL || request->sample != NULL, NULL);
  g_return_val_if_fail (request->model != NULL && request->device != NULL, NULL);

  Input *input = g_new0 (Input, 1);
  g_set_object (&input->scan, request->scan);
  g_set_object (&input->sample, request->sample);
  input->model = nmd_model_ref (request->model);
  input->has_prompts = request->prompts != NULL;
  if (input->has_prompts)
    input->prompts = *request->prompts;
  if (request->stated != NULL)
    {
      input->stated.organ = g_strdup (request->stated->organ);
      input->stated.muscle = g_strdup (request->stated->muscle);
    }
  input->device = g_strdup (request->device);
  input->busy = request->busy;
  /* Who asks replaces only what it asked itself. */
  g_autofree char *kind = g_strdup_printf ("proposal %p", user_data);
  return nmd_job_start (NMD_THREAD_ASK, kind, _ ("Finding the outline"), propose_func,
                        input, input_free, NULL, (GDestroyNotify)nmd_scan_proposal_free,
                        done, user_data);
}

/* Words */

gboolean
nmd_scan_proposal_is_doubtful (const NmdScanProposal *self)
{
  return self->proposal.mask != NULL
         && (self->verdict.fit == NMD_FIT_NO || self->proposal.warnings != 0);
}

char *
nmd_scan_proposal_to_text (const NmdScanProposal *self)
{
  const NmdProposal *proposal = &self->proposal;
  GString *text = g_string_new (NULL);

  if (proposal->mask == NULL)
    {
      g_string_append (text, _ ("No outline found"));
      return g_string_free (text, FALSE);
    }
  if (self->has_measures)
    /* Translators: agreement of two outlines, from 0 to 1 */
    g_string_append_printf (text, _ ("Dice %.3f · "), self->measures.dice);
  /* Translators: from 0 to 1, of an outline that a network found */
  g_string_append_printf (text, _ ("Confidence %.2f"), proposal->confidence);
  if (self->verdict.fit == NMD_FIT_NO)
    g_string_append_printf (text, _ ("\nNot to be relied on: %s"), self->verdict.reason);
  else if (self->verdict.fit == NMD_FIT_UNKNOWN && self->verdict.reason != NULL)
    g_string_append_printf (text, _ ("\nIt cannot be judged whether the run fits: %s"),
                            self->verdict.reason);
  for (guint flag = 1; flag <= NMD_OUTLINE_WARNING_LAST; flag <<= 1)
    if ((proposal->warnings & flag) != 0)
      g_string_append_printf (text, "\n%s",
                              nmd_outline_warning_to_text ((NmdOutlineWarnings)flag));
  if (self->verdict.in_data_set && self->verdict.part == NMD_PART_TRAIN)
    g_string_append (text, _ ("\nThe run was trained on this image"));
  return g_string_free (text, FALSE);
}
