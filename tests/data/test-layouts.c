/* SPDX-License-Identifier: Apache-2.0
 *
 * Data sets as people have them: each layout is made from the same scans, imported, and compared with
 * what went in.
 */
#include "tests/data/layouts.h"

#include "engine/data/nmd-split.h"

static GPtrArray *scans;

/* Writes a layout into @folder. */
typedef void (*LayoutFunc) (const char *folder);

typedef struct
{
  const char *name;
  LayoutFunc write;
  LayoutLosses losses;
  const char *opened; /* (nullable): what is opened, relative to the folder */
  const char *rule;   /* (nullable): the end of the rule by which masks must be found */
  NmdImportSettings settings;
  gboolean has_parts;
} Layout;

#define EACH(i) for (guint i = 0; i < scans->len; i++)
#define SCAN(i) ((const LayoutScan *)scans->pdata[i])

/* BUSI: CLASS/NAME.png and CLASS/NAME_mask.png, every fifth outline in two files. */
static void
write_halves (const char *folder, const LayoutScan *scan, const char *name)
{
  for (int half = 0; half < 2; half++)
    {
      g_autoptr (NmdImage) part = nmd_image_new (scan->mask->width, scan->mask->height);
      g_autoptr (GBytes) png = NULL;
      const int w = part->width;

      for (int i = 0; i < w * part->height; i++)
        part->pixels[i]
            = (i % w < scan->mask->width / 2) == (half == 0) ? scan->mask->pixels[i] : 0;
      png = nmd_image_to_png (part, 8, NULL, NULL);
      layout_write (folder, png, "%s_mask%s.png", name, half == 0 ? "" : "_1");
    }
}

static void
write_busi (const char *folder)
{
  EACH (i)
  {
    g_autofree char *name
        = g_strdup_printf ("%s/%s", layout_class (SCAN (i)), SCAN (i)->stem);

    layout_write (folder, SCAN (i)->image_png, "%s.png", name);
    if (i % 5 == 0)
      write_halves (folder, SCAN (i), name);
    else
      layout_write (folder, SCAN (i)->mask_png, "%s_mask.png", name);
  }
}

static void
write_class_images_mask (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/images/%s.png",
                  layout_class (SCAN (i)), SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "%s/mask/%s.png", layout_class (SCAN (i)),
                  SCAN (i)->stem);
  }
}

static void
write_subjects (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/P%s/%s.png", layout_class (SCAN (i)),
                  SCAN (i)->subject, SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "%s/P%s/GT/%s_GT.png",
                  layout_class (SCAN (i)), SCAN (i)->subject, SCAN (i)->stem);
  }
}

/* Every suffix, in any case. */
static void
write_suffixes (const char *folder)
{
  static const char *const suffixes[] = { "_mask", "-Mask",  "_seg",   "_Segmentation",
                                          "_GT",   "_label", "_tumor", "_Lesion" };

  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/%s.png", layout_class (SCAN (i)),
                  SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "%s/%s%s.png", layout_class (SCAN (i)),
                  SCAN (i)->stem, suffixes[i % G_N_ELEMENTS (suffixes)]);
  }
}

static void
write_own_suffix (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/%s.png", layout_class (SCAN (i)),
                  SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "%s/%s.roi1.png", layout_class (SCAN (i)),
                  SCAN (i)->stem);
  }
}

static void
write_own_folder (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/%s.png", layout_class (SCAN (i)),
                  SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "Expert 2/%s/%s.png",
                  layout_class (SCAN (i)), SCAN (i)->stem);
  }
}

/* Images and masks side by side at the top, classes below. */
static void
write_siblings (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "images/%s/%s.png",
                  layout_class (SCAN (i)), SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "Segmentation/%s/%s.png",
                  layout_class (SCAN (i)), SCAN (i)->stem);
  }
}

static void
write_class_mask_folders (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/%s.png", layout_class (SCAN (i)),
                  SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "%s_mask/%s.png", layout_class (SCAN (i)),
                  SCAN (i)->stem);
  }
}

static void
write_flat_masks (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/%s.png", layout_class (SCAN (i)),
                  SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "Masks/%s.png", SCAN (i)->stem);
  }
}

/* Folders around it, and what people put beside a data set. */
static void
write_wrapper (const char *folder)
{
  g_autofree char *inside
      = g_build_filename (folder, "Dataset v2", "Dataset_with_GT", NULL);

  write_busi (inside);
  fixture_text (folder, "LICENSE", "…\n");
  fixture_text (folder, "Dataset v2/README.md", "…\n");
}

/* Originals beside the images that were made of them. */
static void
write_originals (const char *folder)
{
  write_class_images_mask (folder);
  EACH (i)
  layout_write (folder, SCAN (i)->image_png, "%s/originals/%s.png",
                layout_class (SCAN (i)), SCAN (i)->stem);
}

/* Divided by subject into train, valid and testing, above the classes and below them. */
static const char *
part_folder (const LayoutScan *scan)
{
  const int subject = atoi (scan->subject);

  return subject % 3 == 0 ? "train" : subject % 3 == 1 ? "valid" : "testing";
}

static void
write_parts (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/images/%s/P%s/%s.png",
                  part_folder (SCAN (i)), layout_class (SCAN (i)), SCAN (i)->subject,
                  SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "%s/masks/%s/P%s/%s.png",
                  part_folder (SCAN (i)), layout_class (SCAN (i)), SCAN (i)->subject,
                  SCAN (i)->stem);
  }
}

static void
write_class_parts (const char *folder)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s/%s/%s.png", layout_class (SCAN (i)),
                  part_folder (SCAN (i)), SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "%s/%s/%s_mask.png",
                  layout_class (SCAN (i)), part_folder (SCAN (i)), SCAN (i)->stem);
  }
}

/* The folders reach the split; a training follows them where nobody chose one. */
static void
check_parts (NmdDataset *dataset)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_dataset_states_parts (dataset));
  g_assert_cmpstr (nmd_dataset_get_report (dataset)->parts_source, ==,
                   "the folders testing, train, valid");
  g_assert_true (nmd_parameters_set_text (parameters, "split", "stated", &error));
  split = nmd_split_new (dataset, parameters, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const LayoutScan *scan = layout_find (scans, nmd_dataset_get (dataset, i));
      const char *word = part_folder (scan);

      g_assert_cmpint (split->parts[i], ==,
                       g_str_equal (word, "train")   ? NMD_PART_TRAIN
                       : g_str_equal (word, "valid") ? NMD_PART_VALIDATION
                                                     : NMD_PART_TEST);
    }
}

static const Layout layouts[] = {
  { "one-folder-busi",
    write_busi,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "a suffix in the same folder",
    { NULL } },
  { "class-images-mask",
    write_class_images_mask,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "the same name in a folder of masks",
    { NULL } },
  { "class-subject-gt",
    write_subjects,
    0,
    NULL,
    "the same name in a folder of masks",
    { NULL } },
  { "suffixes",
    write_suffixes,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "a suffix in the same folder",
    { NULL } },
  { "own-suffix",
    write_own_suffix,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "“.roi1” as asked",
    { .masks = ".roi1" } },
  { "own-folder",
    write_own_folder,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "“expert 2” as asked",
    { .masks = "expert 2" } },
  { "images-and-segmentation",
    write_siblings,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "the same name in a folder of masks",
    { NULL } },
  { "class-mask-folders",
    write_class_mask_folders,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "the same name in a folder of masks",
    { NULL } },
  { "flat-masks",
    write_flat_masks,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "that classes share",
    { NULL } },
  { "parts", write_parts, 0, NULL, "the same name in a folder of masks", { NULL }, TRUE },
  { "class-parts",
    write_class_parts,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "a suffix in the same folder",
    { NULL },
    TRUE },
  { "wrapper",
    write_wrapper,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "a suffix in the same folder",
    { NULL } },
  { "originals",
    write_originals,
    LAYOUT_NO_SUBJECTS,
    NULL,
    "the same name in a folder of masks",
    { NULL } },
};

static void
test_layout (gconstpointer data)
{
  const Layout *layout = data;
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, layout->opened, NULL);
  NmdImportSettings settings = layout->settings;
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  settings.no_cache = TRUE;
  layout->write (folder);
  dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  layout_check (dataset, scans, layout->losses);
  if (layout->has_parts)
    check_parts (dataset);
  else
    g_assert_false (nmd_dataset_states_parts (dataset));
  if (layout->rule != NULL)
    {
      const GPtrArray *rules = nmd_dataset_get_report (dataset)->pairings;
      const NmdPairingCount *count = rules->len > 0 ? rules->pdata[0] : NULL;

      g_assert_cmpuint (rules->len, ==, 1);
      if (!g_str_has_suffix (count->rule, layout->rule))
        g_error ("Masks were found by %s, not by %s", count->rule, layout->rule);
      g_assert_cmpuint (count->n, ==, scans->len);
    }
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  scans = layout_scans ();
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autofree char *name = g_strdup_printf ("/layouts/%s", layouts[i].name);

      g_test_add_data_func (name, &layouts[i], test_layout);
    }
  status = g_test_run ();
  g_ptr_array_unref (scans);
  return status;
}
