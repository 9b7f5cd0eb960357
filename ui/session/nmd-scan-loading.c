/* SPDX-License-Identifier: Apache-2.0
 *
 * The job that reads a scan. Which one is wanted, and what becomes of it, is the scan session's.
 */
#include "ui/session/nmd-scan-loading.h"

#include "engine/core/nmd-words.h"
#include "engine/data/import/nmd-mask-names.h"
#include "engine/image/nmd-reader.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdSample *sample;
  NmdScan *of;
  char *path;
  guint page;
  char *mask_path;
  NmdImage *drawn;
  gboolean without_scale;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_clear_object (&input->sample);
  g_clear_object (&input->of);
  g_free (input->path);
  g_free (input->mask_path);
  g_clear_pointer (&input->drawn, nmd_image_unref);
  g_free (input);
}

/* A scan, or the number of pages to choose from. */
typedef struct
{
  NmdScan *scan;
  guint n_pages;
} Loaded;

static void
loaded_free (gpointer data)
{
  Loaded *loaded = data;

  g_clear_object (&loaded->scan);
  g_free (loaded);
}

static Loaded *
loaded_new (NmdScan *scan, guint n_pages)
{
  Loaded *loaded = g_new0 (Loaded, 1);

  loaded->scan = scan;
  loaded->n_pages = n_pages;
  return loaded;
}

static NmdScan *
load_file (const Input *input, GError **error)
{
  g_autofree char *mask = input->mask_path != NULL ? g_strdup (input->mask_path)
                                                   : nmd_mask_find_beside (input->path);

  return nmd_scan_load_page (input->path, input->page, mask, error);
}

static NmdScan *
load (const Input *input, GError **error)
{
  if (input->sample != NULL)
    return nmd_scan_load_sample (input->sample, error);
  return input->of != NULL && input->mask_path == NULL
             ? nmd_scan_load_frame (input->of, input->page, error)
             : load_file (input, error);
}

static gpointer
load_shown (const Input *input, GError **error)
{
  g_autoptr (NmdScan) scan = NULL;

  /* a cine is moved through, not asked about */
  if (input->sample == NULL && input->page == 0 && !nmd_dicom_is_file (input->path))
    {
      const guint n = nmd_image_count_pages (input->path, error);

      if (n != 1)
        return n == 0 ? NULL : loaded_new (NULL, n);
    }
  scan = load (input, error);
  if (scan == NULL)
    return NULL;
  if (input->without_scale)
    {
      NmdScan *scaled = scan;
      scan = nmd_scan_without_scale (scaled);
      g_object_unref (scaled);
    }
  return loaded_new (input->drawn != NULL
                         ? nmd_scan_with_mask (scan, input->drawn, NMD_ROI_DRAWN)
                         : g_steal_pointer (&scan),
                     1);
}

/* Its errors are shown. */
static gpointer
load_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const gboolean local = nmd_words_set_local (TRUE);
  gpointer loaded = load_shown (data, error);

  nmd_words_set_local (local);
  return loaded;
}

NmdJob *
nmd_scan_loading_start (const NmdScanRequest *request,
                        GAsyncReadyCallback done,
                        gpointer user_data)
{
  Input *input = NULL;

  g_return_val_if_fail (request != NULL, NULL);
  g_return_val_if_fail (request->sample != NULL || request->path != NULL, NULL);

  input = g_new0 (Input, 1);
  g_set_object (&input->sample, request->sample);
  g_set_object (&input->of, request->of);
  input->path = g_strdup (request->path);
  input->page = request->page;
  input->mask_path = g_strdup (request->mask_path);
  input->without_scale = request->without_scale;
  if (request->drawn != NULL)
    input->drawn = nmd_image_ref (request->drawn);
  /* Who asks replaces only what it asked itself. */
  g_autofree char *kind = g_strdup_printf ("scan %p", user_data);
  return nmd_job_start (NMD_THREAD_ASK, kind, _ ("Reading an image"), load_func, input,
                        input_free, NULL, loaded_free, done, user_data);
}

NmdScan *
nmd_scan_loading_finish (NmdJob *job,
                         GAsyncResult *result,
                         guint *n_pages,
                         GError **error)
{
  Loaded *loaded = nmd_job_finish (job, result, error);
  NmdScan *scan = NULL;

  *n_pages = 0;
  if (loaded == NULL)
    return NULL;
  scan = g_steal_pointer (&loaded->scan);
  *n_pages = loaded->n_pages;
  loaded_free (loaded);
  return scan;
}
