/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of manifests: a table that names pictures of a folder, some good, some damaged; then the
 * positive word, the images' folder, and the pattern of their names (fuzz_part()). Paths must stay inside, counts must add up, and a question must come with its choices.
 */
#include "engine/data/import/nmd-import.h"
#include "engine/image/nmd-png-writer.h"
#include "tests/fuzz/fuzz.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* Two pictures and a mask, once. */
static void
make_pictures (void)
{
  static gboolean made;
  g_autoptr (NmdImage) image = nmd_image_new (9, 7), mask = nmd_image_new (9, 7);

  if (made)
    return;
  made = TRUE;
  for (int i = 0; i < 63; i++)
    {
      image->pixels[i] = (guint8)(4 * i);
      mask->pixels[i] = i > 20 && i < 50 ? 255 : 0;
    }
  for (guint i = 0; i < 3; i++)
    {
      static const char *const names[] = { "a.png", "b.png", "m.png" };
      g_autoptr (GBytes) bytes = nmd_image_to_png (i == 2 ? mask : image, 8, NULL, NULL);
      gsize length = 0;
      const guint8 *data = g_bytes_get_data (bytes, &length);

      fuzz_file_named (names[i], data, length);
    }
  fuzz_file_named ("bad.png", (const guint8 *)"\x89PNG", 4);
}

/* A setting; NULL for none and for what is no text. */
static char *
text_of (GBytes *bytes)
{
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_strndup (data != NULL ? data : "", length);

  return text[0] != '\0' && g_utf8_validate (text, -1, NULL) ? g_steal_pointer (&text)
                                                             : NULL;
}

static void
check_sample (const NmdSample *sample)
{
  if (!g_str_has_prefix (sample->image_path, fuzz_folder ())
      || (sample->mask_path != NULL
          && !g_str_has_prefix (sample->mask_path, fuzz_folder ())))
    g_error ("A path leaves the folder");
  if (sample->label != 0 && sample->label != 1)
    g_error ("An image without a label");
  fuzz_use (sample->subject, strlen (sample->subject));
  fuzz_use (sample->unit, strlen (sample->unit));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  g_autoptr (GBytes) table = fuzz_part (&data, &length);
  g_autoptr (GBytes) word = fuzz_part (&data, &length);
  g_autofree char *positive = text_of (word);
  g_autoptr (GBytes) folder_part = fuzz_part (&data, &length);
  g_autofree char *folder = text_of (folder_part);
  g_autoptr (GBytes) pattern_part = fuzz_part (&data, &length);
  g_autofree char *pattern = text_of (pattern_part);
  NmdImportSettings settings = { .no_cache = TRUE };
  const char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset = NULL;

  make_pictures ();
  settings.positive = positive;
  settings.image_folder = folder;
  settings.image_pattern = pattern;
  path = fuzz_file_named ("manifest.csv", g_bytes_get_data (table, NULL),
                          g_bytes_get_size (table));
  dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);
  fuzz_check (dataset != NULL, error);
  if ((g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE)
       || g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS))
      && nmd_error_get_choices (error)[0] == NULL)
    g_error ("A question without choices");
  if (dataset == NULL)
    return 0;
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    check_sample (nmd_dataset_get (dataset, i));
  json_node_unref (nmd_dataset_report_to_json (dataset));
  return 0;
}
