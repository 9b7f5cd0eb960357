/* SPDX-License-Identifier: Apache-2.0
 *
 * Volumes, and DICOM files without the ending .dcm, in a data set: not read, and named one by one.
 */
#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-import-private.h"
#include "engine/image/nmd-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#define DICOM_LENGTH 132 /* the preamble and "DICM" */

/* DICOM files often have no ending. */
static gboolean
is_dicom (const char *root, const char *relative)
{
  g_autofree char *path = g_build_filename (root, relative, NULL);
  char start[DICOM_LENGTH] = { 0 };
  const int fd = g_file_test (path, G_FILE_TEST_IS_REGULAR)
                     ? nmd_file_open (path, NULL) /* then it is passed over */
                     : -1;
  const gboolean is = fd >= 0 && read (fd, start, sizeof start) == (ssize_t)sizeof start
                      && memcmp (start + DICOM_LENGTH - 4, "DICM", 4) == 0;

  if (fd >= 0)
    close (fd);
  return is;
}

/* What @entry of the files passed over is; NULL if nothing is known. @path (out): without what was said of
 * it. */
static const char *
find_foreign (const char *root, const char *entry, char **path)
{
  const char *end = strstr (entry, " ("), *slash = NULL;
  const char *what = NULL;

  *path = end != NULL ? g_strndup (entry, (gsize)(end - entry)) : g_strdup (entry);
  what = nmd_image_get_foreign (*path);
  slash = strrchr (*path, '/');
  if (what == NULL && strchr (slash != NULL ? slash : *path, '.') == NULL
      && is_dicom (root, *path))
    what = nmd_image_get_foreign (".dicom");
  if (what == NULL)
    g_clear_pointer (path, g_free);
  return what;
}

void
nmd_listing_leave_out_foreign (NmdListing *self)
{
  GPtrArray *passed_over = self->report->passed_over;
  GPtrArray *kept = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < passed_over->len; i++)
    {
      g_autofree char *path = NULL;
      const char *what = find_foreign (self->root, passed_over->pdata[i], &path);

      if (what == NULL)
        {
          g_ptr_array_add (kept, g_steal_pointer (&passed_over->pdata[i]));
          continue;
        }
      self->report->n_unreadable++;
      nmd_import_report_leave_out (self->report, path, "It is %s", what);
    }
  g_ptr_array_unref (passed_over);
  self->report->passed_over = kept;
}
