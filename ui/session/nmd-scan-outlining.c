/* SPDX-License-Identifier: Apache-2.0
 *
 * The job that measures a scan with a mask. Whether its answer still counts is the scan session's.
 */
#include "ui/session/nmd-scan-outlining.h"

#include <glib/gi18n.h>

static NmdScanOutlining *
outlining_new (NmdScan *scan, NmdImage *mask, NmdRoiSource source)
{
  NmdScanOutlining *outlining = g_new0 (NmdScanOutlining, 1);

  outlining->scan = g_object_ref (scan);
  outlining->mask = nmd_image_ref (mask);
  outlining->source = source;
  return outlining;
}

void
nmd_scan_outlining_free (NmdScanOutlining *outlining)
{
  g_return_if_fail (outlining != NULL);
  g_object_unref (outlining->scan);
  nmd_image_unref (outlining->mask);
  g_free (outlining);
}

static void
free_outlining (gpointer data)
{
  nmd_scan_outlining_free (data);
}

static gpointer
outline_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const NmdScanOutlining *asked = data;
  g_autoptr (NmdScan) outlined
      = nmd_scan_with_mask (asked->scan, asked->mask, asked->source);

  return outlining_new (outlined, asked->mask, asked->source);
}

NmdJob *
nmd_scan_outlining_start (const NmdScanOutlining *outlining,
                          GAsyncReadyCallback done,
                          gpointer user_data)
{
  g_return_val_if_fail (outlining != NULL, NULL);

  const NmdScan *scan = outlining->scan;
  /* Who asks replaces only what it asked itself of this image. */
  g_autofree char *kind
      = g_strdup_printf ("outline %p %s\n%u", user_data, scan->path, scan->page);
  return nmd_job_start (
      NMD_THREAD_ASK, kind, _ ("Drawing an outline"), outline_func,
      outlining_new (outlining->scan, outlining->mask, outlining->source), free_outlining,
      NULL, free_outlining, done, user_data);
}

NmdScanOutlining *
nmd_scan_outlining_finish (NmdJob *job, GAsyncResult *result, GError **error)
{
  return nmd_job_finish (job, result, error);
}
