/* SPDX-License-Identifier: Apache-2.0
 *
 * The job that writes a copy without names.
 */
#include "ui/session/nmd-nameless-copy.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-job.h"
#include "engine/image/nmd-png-writer.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  NmdScan *scan;
  NmdBox black;
  gboolean has_black;
  char *path;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_object_unref (input->scan);
  g_free (input->path);
  g_free (input);
}

static gboolean
ends_in (const char *path, const char *ending)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  return g_str_has_suffix (lower, ending);
}

static GBytes *
to_png (const Input *input, GError **error)
{
  const NmdImage *image = input->scan->image;
  g_autoptr (NmdImage) copy = nmd_image_new (image->width, image->height);
  const NmdBox *black = &input->black;

  memcpy (copy->pixels, image->pixels, (gsize)image->width * (gsize)image->height);
  for (int y = MAX (black->y0, 0); input->has_black && y < MIN (black->y1, copy->height);
       y++)
    for (int x = MAX (black->x0, 0); x < MIN (black->x1, copy->width); x++)
      copy->pixels[(gsize)y * (gsize)copy->width + (gsize)x] = 0;
  return nmd_image_to_png (copy, 8, NULL, error);
}

static gpointer
save_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (GBytes) bytes = NULL;
  gsize length = 0;

  if (nmd_file_same (input->path, input->scan->path))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("%s is open here and is not overwritten: choose another name"),
                   input->path);
      return NULL;
    }
  bytes = ends_in (input->path, ".png")
              ? to_png (input, error)
              : nmd_dicom_copy_without_names (input->scan->dicom,
                                              input->has_black ? &input->black : NULL,
                                              cancellable, error);
  if (bytes == NULL)
    return NULL;
  gconstpointer start = g_bytes_get_data (bytes, &length);
  return nmd_file_write (input->path, start, length, error)
             ? g_path_get_basename (input->path)
             : NULL;
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdNotices) notices = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_is_closed (notices) || nmd_notices_error (notices, error)
      || name == NULL)
    return;
  /* Translators: the placeholder is a file's name */
  g_autofree char *text = g_strdup_printf (_ ("Saved %s without names"), name);
  nmd_notices_message (notices, text);
}

void
nmd_nameless_copy_save (NmdNotices *notices,
                        NmdScan *scan,
                        const NmdBox *black,
                        const char *path)
{
  Input *input = NULL;

  g_return_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_SCAN (scan) && path != NULL);
  g_return_if_fail (scan->dicom != NULL);
  if (!ends_in (path, ".png") && !ends_in (path, ".dcm"))
    {
      g_autofree char *name = g_path_get_basename (path);
      /* Translators: the placeholder is a file's name */
      g_autofree char *text = g_strdup_printf (
          _ ("%s is not saved: a picture is written as .png, a DICOM file as .dcm"),
          name);
      nmd_notices_problem (notices, text);
      return;
    }
  input = g_new0 (Input, 1);
  input->scan = g_object_ref (scan);
  input->path = g_strdup (path);
  input->has_black = black != NULL;
  if (black != NULL)
    input->black = *black;
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Saving"), save_func, input, input_free,
                       NULL, g_free, on_saved, g_object_ref (notices));
}
