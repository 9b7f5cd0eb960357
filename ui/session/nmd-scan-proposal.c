/* SPDX-License-Identifier: Apache-2.0
 *
 * One question to a network that finds outlines: run, session and answer live for this question only.
 */
#include "ui/session/nmd-scan-proposal.h"

#include "engine/train/nmd-run.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdImage *image;
  char **folders;
  char *device;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  nmd_image_unref (input->image);
  g_strfreev (input->folders);
  g_free (input->device);
  g_free (input);
}

void
nmd_scan_proposal_free (gpointer proposal)
{
  nmd_proposal_clear (proposal);
  g_free (proposal);
}

static NmdModel *
find_model (char **folders, GError **error)
{
  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autoptr (NmdRun) run
          = nmd_run_open (folders[i], NULL); /* a damaged one is none */
      if (run != NULL && nmd_run_get_task (run) == NMD_TASK_SEGMENT)
        return nmd_run_load_model (run, NULL, error);
    }
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               _ ("No network here finds outlines: train one with “nmd train --task "
                  "segment”, or draw the outline"));
  return NULL;
}

static gpointer
propose_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (NmdModel) model = find_model (input->folders, error);

  if (model == NULL)
    return NULL;
  NmdSession *session = nmd_session_open (input->device, 1, error);
  if (session == NULL)
    return NULL;
  NmdSegmenter *segmenter = nmd_segmenter_new (session, model, error);
  NmdProposal *proposal = g_new0 (NmdProposal, 1);
  gboolean good
      = segmenter != NULL
        && nmd_segmenter_propose (segmenter, input->image, NULL, proposal, error);
  g_clear_pointer (&segmenter, nmd_segmenter_free);
  nmd_session_close (session);
  if (good)
    return proposal;
  nmd_scan_proposal_free (proposal);
  return NULL;
}

NmdJob *
nmd_scan_proposal_start (NmdImage *image,
                         const char *const *folders,
                         const char *device,
                         GAsyncReadyCallback done,
                         gpointer user_data)
{
  Input *input = g_new0 (Input, 1);

  g_return_val_if_fail (image != NULL && folders != NULL && device != NULL, NULL);
  input->image = nmd_image_ref (image);
  input->folders = g_strdupv ((char **)folders);
  input->device = g_strdup (device);
  return nmd_job_start (NMD_THREAD_ASK, "proposal", _ ("Finding the outline"),
                        propose_func, input, input_free, NULL, nmd_scan_proposal_free,
                        done, user_data);
}
