/* SPDX-License-Identifier: Apache-2.0
 *
 * Title and banner in words.
 */
#include "ui/window/nmd-banner.h"

#include <glib/gi18n.h>

/* Whether what the page shows was computed. While images come in, theirs counts. */
static gboolean
is_synthetic (const char *page,
              NmdDataSession *data,
              NmdScanSession *scan_session,
              NmdRunsSession *runs)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (data);
  NmdScan *scan = nmd_scan_session_get_scan (scan_session);
  NmdRunItem *run = nmd_runs_session_get_shown (runs);
  GListModel *samples = nmd_data_session_get_samples (data);

  if ((g_strcmp0 (page, "explain") == 0 || g_strcmp0 (page, "scan") == 0) && scan != NULL)
    return scan->is_synthetic;
  if (g_strcmp0 (page, "results") == 0 && run != NULL)
    return nmd_run_get_passport (run->run)->synthetic;
  if (dataset != NULL)
    return nmd_dataset_is_synthetic (dataset);
  if (g_list_model_get_n_items (samples) == 0)
    return scan != NULL && scan->is_synthetic;
  g_autoptr (NmdSample) first = g_list_model_get_item (samples, 0);
  return first->is_synthetic;
}

static const char *
model_text (NmdModel *model, gboolean synthetic)
{
  const NmdPassport *passport = model != NULL ? nmd_model_get_passport (model) : NULL;

  if (passport == NULL)
    return NULL;
  if (g_strcmp0 (passport->organ, "breast") == 0)
    return _ ("Model trained on breast");
  if (passport->organ != NULL && *passport->organ != '\0'
      && !g_str_equal (passport->organ, "unknown")
      && !g_str_equal (passport->organ, "muscle"))
    return _ ("Model not trained on muscle");
  return passport->synthetic && !synthetic ? _ ("Model trained on synthetic data") : NULL;
}

char *
nmd_banner_get_text (const char *page,
                     NmdDataSession *data,
                     NmdScanSession *scan,
                     NmdRunsSession *runs)
{
  gboolean synthetic = is_synthetic (page, data, scan, runs);
  const char *model = model_text (nmd_runs_session_get_model (runs), synthetic);
  const char *text
      = synthetic ? _ ("Synthetic data: simulated images, no patients") : NULL;

  if (text != NULL && model != NULL)
    return g_strdup_printf ("%s · %s", text, model);
  return g_strdup (text != NULL ? text : model);
}

char *
nmd_banner_get_title (NmdDataSession *data, NmdScanSession *scan_session)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (data);
  NmdScan *scan = nmd_scan_session_get_scan (scan_session);
  g_autofree char *name = NULL;

  if (dataset != NULL)
    name = g_strdup (nmd_dataset_get_title (dataset));
  else if (scan != NULL)
    name = g_filename_display_basename (scan->path);
  /* Translators: title of the window: data set or file, and program */
  return name != NULL ? g_strdup_printf (_ ("%s – NMD Assist"), name)
                      : g_strdup (_ ("NMD Assist"));
}
