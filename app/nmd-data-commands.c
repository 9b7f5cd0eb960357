/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` that work on images and data sets: demo, dataset, preprocess.
 */
#include "app/nmd-command.h"

#include "app/nmd-import-options.h"
#include "app/nmd-output-guard.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/data/demo/nmd-demo.h"
#include "engine/data/import/nmd-cache.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

static void
demo_progress (guint done, guint total, const char *path, gpointer user_data)
{
  nmd_command_progress ((double)done / MAX (total, 1), "image %u of %u", done, total);
}

int
nmd_command_demo (int argc, char **argv)
{
  int subjects = 60, status = 0;
  gint64 seed = 1;
  g_autofree char *scanner = NULL;
  const GOptionEntry entries[] = {
    { "subjects", 0, 0, G_OPTION_ARG_INT, &subjects,
      "Number of subjects, 9 images each [60]", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Seed of the cohort [1]", "N" },
    { "scanner", 0, 0, G_OPTION_ARG_STRING, &scanner,
      "Simulated scanner: A, or B with other gain and compression [A]", "A|B" },
    { NULL },
  };
  NmdDemoSettings settings = { 0 };
  g_autoptr (GError) error = NULL;
  guint images;

  if (!nmd_command_parse ("demo", entries, &argc, &argv, 1, 1, &status))
    return status;
  if (subjects < 2 || subjects > 9999)
    return nmd_command_usage ("--subjects must be 2 to 9999, not %d", subjects);
  if (seed < 0)
    return nmd_command_usage ("--seed must not be negative");
  if (scanner != NULL && strcmp (scanner, "A") != 0 && strcmp (scanner, "B") != 0)
    return nmd_command_usage ("--scanner must be A or B, not “%s”", scanner);
  settings.subjects = (guint)subjects;
  settings.seed = (guint64)seed;
  settings.scanner = scanner != NULL ? scanner[0] : 'A';
  if (!nmd_file_is_empty_folder (argv[1]))
    {
      g_set_error (&error, NMD_ERROR, NMD_ERROR_REFUSED, "The folder %s is not empty",
                   argv[1]);
      return nmd_command_fail (error);
    }
  if (!nmd_demo_write (argv[1], &settings, demo_progress, NULL,
                       nmd_command_get_cancellable (), &error))
    return nmd_command_fail (error);
  nmd_command_progress_done ();
  images = nmd_demo_count_images (&settings);
  if (nmd_command_wants_json ())
    {
      JsonBuilder *builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "folder");
      json_builder_add_string_value (builder, nmd_command_shown (argv[1]));
      json_builder_set_member_name (builder, "images");
      json_builder_add_int_value (builder, images);
      json_builder_set_member_name (builder, "subjects");
      json_builder_add_int_value (builder, subjects);
      json_builder_set_member_name (builder, "synthetic");
      json_builder_add_boolean_value (builder, TRUE);
      json_builder_end_object (builder);
      nmd_command_print_json (json_builder_get_root (builder));
      g_object_unref (builder);
    }
  else
    printf ("%u synthetic images of %d subjects are in %s\n", images, subjects,
            nmd_command_shown (argv[1]));
  return NMD_EXIT_DONE;
}

/* What lies in the cache in @folder (NULL: the user's), after clearing it if asked to. */
static int
show_caches (const char *folder, gboolean clear)
{
  g_autofree char *own = folder == NULL ? nmd_cache_get_folder () : g_strdup (folder);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *total = NULL;

  if (clear && !nmd_cache_clear (folder, &error))
    return nmd_command_fail (error);
  entries = nmd_cache_list (folder);
  total = g_format_size (nmd_cache_get_size (folder));
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "folder");
  json_builder_add_string_value (builder, nmd_command_shown (own));
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, (gint64)nmd_cache_get_size (folder));
  json_builder_set_member_name (builder, "caches");
  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    {
      const NmdCacheEntry *entry = entries->pdata[i];
      g_autofree char *size = g_format_size (entry->size);

      if (!nmd_command_wants_json ())
        printf ("%10s  %s, in %s\n", size, nmd_command_shown (entry->name),
                nmd_command_shown (entry->folder));
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "name");
      json_builder_add_string_value (builder, nmd_command_shown (entry->name));
      json_builder_set_member_name (builder, "folder");
      json_builder_add_string_value (builder, nmd_command_shown (entry->folder));
      json_builder_set_member_name (builder, "bytes");
      json_builder_add_int_value (builder, (gint64)entry->size);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (nmd_command_wants_json ())
    nmd_command_print_json (json_builder_get_root (builder));
  else
    printf ("%s in the cache %s; all of it can be made again\n", total,
            nmd_command_shown (own));
  return NMD_EXIT_DONE;
}

int
nmd_command_dataset (int argc, char **argv)
{
  g_auto (NmdImportSettings) options = { 0 };
  gboolean list = FALSE, clear = FALSE;
  const GOptionEntry entries[] = {
    { "caches", 0, 0, G_OPTION_ARG_NONE, &list,
      "List the cache of unpacked archives and preprocessed images instead", NULL },
    { "clear-caches", 0, 0, G_OPTION_ARG_NONE, &clear, "Empty that cache instead", NULL },
    { NULL },
  };
  g_autoptr (GOptionEntryArray) table = NULL;
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  table = nmd_import_options_entries (&options, entries);
  if (!nmd_command_parse ("dataset", table, &argc, &argv, 0, 1, &status))
    return status;
  if ((list || clear) && argc > 1)
    return nmd_command_usage ("--caches and --clear-caches take no PATH");
  if (list || clear)
    return show_caches (options.cache_folder, clear);
  if (argc != 2)
    return nmd_command_usage ("Something is missing: nmd dataset PATH");
  dataset = nmd_import_options_open (&options, argv[1], &error);
  if (dataset == NULL)
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    nmd_command_print_json (nmd_dataset_report_to_json (dataset));
  else
    {
      g_autofree char *text = nmd_dataset_report_to_text (dataset);

      nmd_command_print_lines (text);
    }
  return NMD_EXIT_DONE;
}

/* The pictures that preprocess writes. */
static const char *const stage_files[]
    = { "roi.png", "resize.png", "median.png", "clahe.png" };

/* FALSE if one of them would overwrite the image or its mask. */
static gboolean
check_stages (const char *image, const char *mask, const char *folder, GError **error)
{
  g_auto (NmdOutputGuard) guard = { 0 };

  nmd_output_guard_add (&guard, image);
  nmd_output_guard_add (&guard, mask);
  for (gsize i = 0; i < G_N_ELEMENTS (stage_files); i++)
    if (!nmd_output_guard_check_in (&guard, folder, stage_files[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
save_stages (const NmdStages *stages, const char *folder, GError **error)
{
  const NmdImage *const images[]
      = { stages->roi, stages->resize, stages->median, stages->clahe };
  gboolean is_new;

  is_new = !g_file_test (folder, G_FILE_TEST_EXISTS);
  if (!nmd_file_make_folder (folder, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (stage_files); i++)
    {
      g_autofree char *path = g_build_filename (folder, stage_files[i], NULL);

      if (nmd_image_save_png (images[i], path, 8, NULL, error))
        continue;
      /* a set with a stage missing must not look like a result */
      for (gsize j = 0; is_new && j < i; j++)
        {
          g_autofree char *written = g_build_filename (folder, stage_files[j], NULL);

          g_unlink (written);
        }
      if (is_new)
        g_rmdir (folder);
      return FALSE;
    }
  return TRUE;
}

static void
print_stages (const char *image_path,
              const NmdStages *stages,
              const NmdEchoIntensity *echo,
              const char *folder)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const NmdBox *box = &stages->box;
  const int corners[4] = { box->x0, box->y0, box->x1, box->y1 };

  if (!nmd_command_wants_json ())
    {
      printf ("roi.png, resize.png, median.png and clahe.png are in %s\n",
              nmd_command_shown (folder));
      printf ("box %d,%d,%d,%d%s\n", box->x0, box->y0, box->x1, box->y1,
              stages->source == NMD_ROI_FRAME ? " (no outline: the whole frame)" : "");
      if (echo->n > 0)
        printf ("echo intensity %s ± %s over %" G_GINT64_FORMAT " pixels\n",
                nmd_command_number (echo->mean, 1), nmd_command_number (echo->sd, 1),
                echo->n);
      return;
    }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "image");
  json_builder_add_string_value (builder, nmd_command_shown (image_path));
  json_builder_set_member_name (builder, "box_x0_y0_x1_y1");
  json_builder_begin_array (builder);
  for (int i = 0; i < 4; i++)
    json_builder_add_int_value (builder, corners[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "roi_source");
  json_builder_add_string_value (builder, nmd_command_roi_source (stages->source));
  json_builder_set_member_name (builder, "mask_pixels");
  json_builder_add_int_value (builder, echo->n);
  json_builder_set_member_name (builder, "echo_intensity");
  if (echo->n > 0)
    json_builder_add_double_value (builder, echo->mean);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "echo_intensity_sd");
  if (echo->n > 0)
    json_builder_add_double_value (builder, echo->sd);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "folder");
  json_builder_add_string_value (builder, nmd_command_shown (folder));
  json_builder_end_object (builder);
  nmd_command_print_json (json_builder_get_root (builder));
}

int
nmd_command_preprocess (int argc, char **argv)
{
  g_autofree char *mask_path = NULL, *roi = NULL, *out = NULL;
  int page = 0;
  g_auto (NmdParameterOptions) rows = { 0 };
  const GOptionEntry entries[] = {
    { "mask", 0, 0, G_OPTION_ARG_FILENAME, &mask_path,
      "Outline: a mask image of the image's size", "FILE" },
    { "roi", 0, 0, G_OPTION_ARG_STRING, &roi,
      "Outline: a box in pixels, x0 ≤ x < x1 and y0 ≤ y < y1", "x0,y0,x1,y1" },
    { "page", 0, 0, G_OPTION_ARG_INT, &page,
      "Page of a TIFF, frame of a DICOM file, from 1", "N" },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &out,
      "Folder for the pictures of the four stages", "DIR" },
    { NULL },
  };
  g_autoptr (GOptionEntryArray) table
      = nmd_parameter_options_entries (&rows, entries, "preprocessing");
  g_autoptr (NmdParameters) parameters = NULL;
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (NmdStages) stages = { 0 };
  NmdEchoIntensity echo = { 0 };
  int status = 0;

  if (!nmd_command_parse ("preprocess", table, &argc, &argv, 1, 1, &status))
    return status;
  if (out == NULL)
    return nmd_command_usage ("--out DIR is missing");
  if (mask_path != NULL && roi != NULL)
    return nmd_command_usage ("--mask and --roi exclude each other");
  if (page < 0)
    return nmd_command_usage ("--page counts from 1");
  parameters = nmd_parameter_options_get (&rows, NMD_TASK_CLASSIFY, &error);
  if (parameters == NULL)
    return nmd_command_usage ("%s", error->message);
  if (!check_stages (argv[1], mask_path, out, &error))
    return nmd_command_fail (error);
  if (nmd_command_check_page (argv[1], page, &error))
    image = nmd_image_load_page (argv[1], (guint)page, &error);
  if (image == NULL || !nmd_command_load_outline (mask_path, roi, image, &mask, &error))
    return nmd_command_fail (error);
  nmd_preprocess (image, mask, parameters, &stages);
  if (mask != NULL && stages.source == NMD_ROI_FRAME)
    nmd_command_say ("Mask %s is empty: the whole frame is taken", mask_path);
  if (stages.source == NMD_ROI_MASK && roi != NULL)
    stages.source = NMD_ROI_DRAWN;
  if (mask != NULL)
    nmd_echo_intensity (image, mask, &echo);
  if (!save_stages (&stages, out, &error))
    return nmd_command_fail (error);
  print_stages (argv[1], &stages, &echo, out);
  return NMD_EXIT_DONE;
}
