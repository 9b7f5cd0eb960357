/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd outlines`: the masks of a data set for other tools.
 */
#include "app/nmd-command.h"
#include "app/nmd-import-options.h"
#include "engine/data/outlines/nmd-outlines-export.h"

#include <stdio.h>

static void
on_progress (double fraction, gpointer user_data)
{
  nmd_command_progress (fraction, "writing outlines");
}

static void
print_counts (const NmdOutlinesCounts *counts, const char *out)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const struct
  {
    const char *name;
    guint n;
  } members[] = { { "images", counts->n_images },
                  { "no_mask", counts->n_no_mask },
                  { "empty_mask", counts->n_empty },
                  { "with_hole", counts->n_holes } };
  g_autoptr (JsonNode) root = NULL;

  if (!nmd_command_wants_json ())
    {
      printf ("Outlines of %u images are in %s\n", counts->n_images,
              nmd_command_shown (out));
      if (counts->n_no_mask > 0)
        printf ("%u images have no mask and were left out\n", counts->n_no_mask);
      if (counts->n_empty > 0)
        printf ("%u masks are empty: written without a shape\n", counts->n_empty);
      if (counts->n_holes > 0)
        printf ("%u masks have holes: written as pixels, since polygons have none\n",
                counts->n_holes);
      return;
    }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "folder");
  json_builder_add_string_value (builder, nmd_command_shown (out));
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      json_builder_set_member_name (builder, members[i].name);
      json_builder_add_int_value (builder, members[i].n);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  nmd_command_print_json (g_steal_pointer (&root));
}

int
nmd_command_outlines (int argc, char **argv)
{
  g_auto (NmdImportSettings) options = { 0 };
  g_autofree char *format = NULL, *out = NULL, *label = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format, "labelme or coco", "NAME" },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "A new or empty folder", "DIR" },
    { "label", 0, 0, G_OPTION_ARG_STRING, &label, "The label of each shape [outline]",
      "WORD" },
    { NULL },
  };
  g_autoptr (GOptionEntryArray) table = NULL;
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  NmdOutlinesCounts counts;
  gboolean coco = FALSE;
  int status = 0;

  table = nmd_import_options_entries (&options, entries);
  if (!nmd_command_parse ("outlines", table, &argc, &argv, 1, 1, &status))
    return status;
  coco = g_strcmp0 (format, "coco") == 0;
  if (!coco && g_strcmp0 (format, "labelme") != 0)
    return nmd_command_usage ("--format is labelme or coco");
  if (out == NULL)
    return nmd_command_usage ("--out DIR is missing");
  dataset = nmd_import_options_open (&options, argv[1], &error);
  if (dataset == NULL
      || !nmd_outlines_export (dataset, coco ? NMD_OUTLINES_COCO : NMD_OUTLINES_LABELME,
                               out, label != NULL ? label : "outline", on_progress, NULL,
                               nmd_command_get_cancellable (), &counts, &error))
    return nmd_command_fail (error);
  nmd_command_progress_done ();
  print_counts (&counts, out);
  return NMD_EXIT_DONE;
}
