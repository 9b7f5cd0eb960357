/* SPDX-License-Identifier: Apache-2.0
 *
 * From a network's answer to the outline on the canvas.
 */
#include "ui/pages/nmd-outline-proposal.h"

#include "ui/session/nmd-scan-proposal.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdImageView *view;
  NmdNotices *notices;
  NmdImage *image; /* that was asked about */
} Asked;

static void
asked_free (Asked *asked)
{
  g_object_unref (asked->view);
  g_object_unref (asked->notices);
  nmd_image_unref (asked->image);
  g_free (asked);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

static void
tell (NmdNotices *notices, const NmdProposal *proposal)
{
  GString *text = g_string_new (NULL);

  if (proposal->mask == NULL)
    g_string_assign (text, _ ("The network found no outline"));
  else
    /* Translators: from 0 to 1, of an outline that a network found */
    g_string_append_printf (text, _ ("Outline found, confidence %.2f. Check it"),
                            proposal->confidence);
  for (guint flag = 1; flag <= NMD_OUTLINE_WARNING_LAST; flag <<= 1)
    if ((proposal->warnings & flag) != 0)
      g_string_append_printf (text, ". %s",
                              nmd_outline_warning_to_text ((NmdOutlineWarnings)flag));
  nmd_notices_message (notices, text->str);
  g_string_free (text, TRUE);
}

static void
on_proposal (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  g_autoptr (GError) error = NULL;
  NmdProposal *proposal = nmd_job_finish (NMD_JOB (source), result, &error);

  if (!nmd_notices_is_closed (asked->notices)
      && !nmd_notices_error (asked->notices, error) && proposal != NULL)
    {
      NmdScan *scan = nmd_image_view_get_scan (asked->view);
      /* Another image was chosen meanwhile: its outline is not this one. */
      if (scan != NULL && scan->image == asked->image)
        {
          tell (asked->notices, proposal);
          if (proposal->mask != NULL)
            g_signal_emit_by_name (asked->view, "outline-drawn", proposal->mask);
        }
    }
  if (proposal != NULL)
    nmd_scan_proposal_free (proposal);
}

void
nmd_outline_proposal_ask (NmdImageView *view, NmdRunsSession *runs, NmdNotices *notices)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  GListModel *list = nmd_runs_session_get_runs (runs);
  NmdScan *scan = nmd_image_view_get_scan (view);

  if (scan == NULL)
    return;
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (list, i);
      if (item->folder != NULL)
        g_ptr_array_add (folders, g_strdup (item->folder));
    }
  g_ptr_array_add (folders, NULL);
  Asked *asked = g_new0 (Asked, 1);
  asked->view = g_object_ref (view);
  asked->notices = g_object_ref (notices);
  asked->image = nmd_image_ref (scan->image);
  g_autoptr (NmdJob) job = nmd_scan_proposal_start (
      scan->image, (const char *const *)folders->pdata, "cpu", on_proposal, asked);
}
