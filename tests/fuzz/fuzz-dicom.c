/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the DICOM reader: any bytes as a file; its first and last frame, its header, and a copy
 * without names, which can be read again and agrees on the size. DCMTK itself is not instrumented.
 */
#include "tests/fuzz/fuzz.h"
#include "engine/image/nmd-dicom.h"

#define MOST_PIXELS (1 << 20) /* so that an input takes milliseconds */

static void
read_frame (NmdDicom *dicom, guint frame)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) image = nmd_dicom_read_frame (dicom, frame, &error);

  fuzz_check (image != NULL, error);
  if (image == NULL)
    return;
  fuzz_use (image->pixels, (gsize)image->width * (gsize)image->height);
  for (guint i = 0; i < image->n_regions; i++)
    {
      const NmdRegion *region = &image->regions[i];

      if (!(region->cm_x > 0 && region->cm_y > 0 && region->box.x0 >= 0
            && region->box.x0 < region->box.x1 && region->box.x1 <= image->width
            && region->box.y0 >= 0 && region->box.y0 < region->box.y1
            && region->box.y1 <= image->height))
        g_error ("A region is none");
    }
}

static void
copy (NmdDicom *dicom)
{
  const NmdBox black = { 1, 1, 5, 3 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = nmd_dicom_copy_without_names (dicom, &black, NULL, &error);
  g_autoptr (NmdDicom) again = NULL;

  fuzz_check (bytes != NULL, error);
  if (bytes == NULL)
    return;
  again = nmd_dicom_open (bytes, "copy", &error);
  if (again == NULL)
    g_error ("A copy cannot be read: %s", error->message);
  if (nmd_dicom_get_n_frames (again) != nmd_dicom_get_n_frames (dicom))
    g_error ("A copy has other frames");
}

int LLVMFuzzerInitialize (int *argc, char ***argv);

/* DCMTK reads its dictionary, which takes seconds with checked strings. */
int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  if (nmd_dicom_get_missing () != NULL)
    g_error ("%s", nmd_dicom_get_missing ());
  return 0;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDicom) dicom = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  int width = 0, height = 0;

  dicom = nmd_dicom_open (bytes, "f", &error);
  fuzz_check (dicom != NULL, error);
  if (dicom == NULL)
    return 0;
  lines = nmd_dicom_get_header (dicom);
  for (guint i = 0; i < lines->len; i++)
    {
      const NmdDicomLine *line = g_ptr_array_index (lines, i);

      if (!g_utf8_validate (line->value, -1, NULL)
          || !g_utf8_validate (line->name, -1, NULL))
        g_error ("A line is no text");
    }
  nmd_dicom_get_size (dicom, &width, &height);
  if ((gint64)width * height * nmd_dicom_get_n_frames (dicom) > MOST_PIXELS)
    return 0;
  read_frame (dicom, 1);
  read_frame (dicom, nmd_dicom_get_n_frames (dicom));
  copy (dicom);
  return 0;
}
