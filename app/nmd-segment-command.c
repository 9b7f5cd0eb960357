/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd segment`: proposes the outlines of single images with a run of segmentation, as masks,
 * pictures and numbers.
 */
#include "app/nmd-command.h"

#include "app/nmd-outline-run.h"
#include "app/nmd-output-guard.h"
#include "app/nmd-prompt-options.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json-value.h"
#include "engine/core/nmd-json.h"
#include "engine/image/nmd-png-writer.h"
#include "ui/plot/nmd-figure.h"
#include "ui/plot/nmd-overlay.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const endings[] = { "_mask.png", "_overlay.png", ".json" };

/* "DIR/scan" for the image …/scan.png. */
static char *
output_stem (const char *folder, const char *image)
{
  g_autofree char *name = g_path_get_basename (image);
  char *dot = strrchr (name, '.');

  if (dot != NULL && dot != name)
    *dot = '\0';
  return g_build_filename (folder, name, NULL);
}

/* Whether a report of this command lies at "STEM.json"; then @with_mask: one that it wrote a mask to. */
static gboolean
has_report (const char *stem, gboolean *with_mask)
{
  g_autofree char *path = g_strconcat (stem, endings[2], NULL);
  g_autoptr (JsonNode) node = nmd_json_load (path, NULL);
  NmdJsonValue top;

  if (node == NULL)
    return FALSE;
  top = nmd_json_value_top (node, path);
  return nmd_json_get_boolean (&top, "outline_found", NMD_JSON_REQUIRED, with_mask, NULL);
}

/* FALSE if a mask or a report is there already that this command did not write: an expert's. */
static gboolean
check_own (const char *stem, GError **error)
{
  g_autofree char *mask = g_strconcat (stem, endings[0], NULL);
  g_autofree char *json = g_strconcat (stem, endings[2], NULL);
  gboolean with_mask = FALSE, is_own = has_report (stem, &with_mask);
  const char *other = NULL;

  if (!with_mask && g_file_test (mask, G_FILE_TEST_EXISTS))
    other = mask;
  else if (!is_own && g_file_test (json, G_FILE_TEST_EXISTS))
    other = json;
  if (other != NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                 "%s is there already and no proposal of this command: name another "
                 "folder with --out",
                 other);
  return other == NULL;
}

/* FALSE if an output would overwrite what is read, another output, or an expert's mask. */
static gboolean
check_outputs (const char *folder, const char *run, char **images, int n, GError **error)
{
  g_auto (NmdOutputGuard) guard = { 0 };

  if (folder == NULL)
    return TRUE;
  nmd_output_guard_add_run (&guard, run);
  for (int i = 0; i < n; i++)
    nmd_output_guard_add (&guard, images[i]);
  for (int i = 0; i < n; i++)
    {
      g_autofree char *stem = output_stem (folder, images[i]);

      for (guint k = 0; k < G_N_ELEMENTS (endings); k++)
        {
          g_autofree char *path = g_strconcat (stem, endings[k], NULL);

          if (!nmd_output_guard_check (&guard, path, error))
            return FALSE;
        }
      if (!check_own (stem, error))
        return FALSE;
    }
  return nmd_file_make_folder (folder, error);
}

static void
draw (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gconstpointer data)
{
  nmd_overlay_draw (cr, data, rect, style);
}

/* The image with the outline on it, a pixel of the picture for one of the image. */
static gboolean
save_overlay (const NmdScan *scan, const char *path, GError **error)
{
  static const char *const texts[] = { "Title", "Proposed outline", NULL };
  static const char *const synthetic[]
      = { "Title", "Proposed outline", "Comment", "SYNTHETIC", NULL };
  NmdOverlay overlay = NMD_OVERLAY_INIT;
  g_autoptr (GBytes) bytes = NULL;
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  overlay.image = scan->image;
  overlay.mask = scan->mask;
  overlay.show_box = FALSE;
  overlay.synthetic = scan->is_synthetic;
  bytes = nmd_figure_render (NMD_FIGURE_PNG, scan->image->width, scan->image->height, 1,
                             draw, &overlay, &style,
                             scan->is_synthetic ? synthetic : texts, error);
  return bytes != NULL
         && nmd_file_write (path, g_bytes_get_data (bytes, NULL),
                            g_bytes_get_size (bytes), error);
}

/* The outline at @path; without one the mask of an earlier answer goes. */
static gboolean
save_mask (const NmdScan *scan, const char *path, GError **error)
{
  if (scan->mask != NULL)
    return nmd_image_save_png (scan->mask, path, 1, NULL, error);
  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               "Could not remove %s: %s", path, g_strerror (errno));
  return FALSE;
}

/* Mask (only where there is an outline), picture and report of one image. */
static gboolean
save (const char *folder,
      const char *image,
      const NmdScan *scan,
      JsonNode *report,
      GError **error)
{
  g_autofree char *stem = output_stem (folder, image);
  g_autofree char *mask = g_strconcat (stem, endings[0], NULL);
  g_autofree char *overlay = g_strconcat (stem, endings[1], NULL);
  g_autofree char *json = g_strconcat (stem, endings[2], NULL);

  return save_mask (scan, mask, error) && save_overlay (scan, overlay, error)
         && nmd_json_save (report, json, error);
}

static JsonNode *
describe (const char *path, const NmdPrompts *prompts, const NmdProposedScan *proposed)
{
  const NmdProposal *proposal = &proposed->proposal;
  const NmdEchoIntensity *echo = &proposed->scan->echo;
  const int corners[4] = { proposal->bounds.x0, proposal->bounds.y0, proposal->bounds.x1,
                           proposal->bounds.y1 };
  JsonObject *object = json_object_new ();
  JsonArray *warnings = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  nmd_json_set_text (object, "image", path);
  if (prompts != NULL)
    json_object_set_object_member (object, "prompts", nmd_prompts_to_json (prompts));
  json_object_set_boolean_member (object, "outline_found", proposal->mask != NULL);
  json_object_set_int_member (object, "area_pixels", proposal->area);
  if (proposal->mask != NULL)
    {
      JsonArray *box = json_array_new ();

      for (int i = 0; i < 4; i++)
        json_array_add_int_element (box, corners[i]);
      json_object_set_array_member (object, "box", box);
    }
  else
    json_object_set_null_member (object, "box");
  nmd_json_set_number (object, "echo_intensity", echo->n > 0 ? echo->mean : NAN);
  nmd_json_set_number (object, "echo_intensity_sd", echo->n > 0 ? echo->sd : NAN);
  nmd_json_set_number (object, "confidence", proposal->confidence);
  if (proposed->verdict.fit == NMD_FIT_UNKNOWN)
    json_object_set_string_member (object, "domain_match", "unknown");
  else
    json_object_set_boolean_member (object, "domain_match",
                                    proposed->verdict.fit == NMD_FIT_YES);
  nmd_json_set_text (object, "reason", proposed->verdict.reason);
  for (guint i = 0; i < proposed->warnings->len; i++)
    json_array_add_string_element (warnings,
                                   nmd_command_shown (proposed->warnings->pdata[i]));
  json_object_set_array_member (object, "warnings", warnings);
  json_node_take_object (node, object);
  return node;
}

static void
print_scan (const char *path, const NmdProposedScan *proposed)
{
  const NmdProposal *proposal = &proposed->proposal;
  const NmdEchoIntensity *echo = &proposed->scan->echo;

  printf ("%s\n", nmd_command_shown (path));
  if (proposal->mask == NULL)
    puts ("  No outline found");
  else
    printf ("  outline of %" G_GINT64_FORMAT
            " pixels in %d,%d,%d,%d, confidence %s; echo "
            "intensity %s ± %s grey levels (mean ± SD)\n",
            proposal->area, proposal->bounds.x0, proposal->bounds.y0, proposal->bounds.x1,
            proposal->bounds.y1, nmd_command_number (proposal->confidence, 2),
            nmd_command_number (echo->mean, 1), nmd_command_number (echo->sd, 1));
  for (guint i = 0; i < proposed->warnings->len; i++)
    printf ("  %s\n", nmd_command_shown (proposed->warnings->pdata[i]));
}

static gboolean
segment_one (NmdOutlineRun *run,
             const char *path,
             const NmdPrompts *prompts,
             const NmdStatedFacts *stated,
             int page,
             const char *folder,
             JsonArray *outlines,
             GError **error)
{
  g_autoptr (NmdScan) scan = nmd_command_check_page (path, page, error)
                                 ? nmd_scan_load_page (path, (guint)page, NULL, error)
                                 : NULL;
  g_auto (NmdProposedScan) proposed = { 0 };
  g_autoptr (JsonNode) report = NULL;

  if (scan == NULL
      || (prompts != NULL
          && !nmd_prompts_check (prompts, scan->image->width, scan->image->height, path,
                                 error))
      || !nmd_outline_run_propose (run, scan, prompts, stated, &proposed, error))
    return FALSE;
  report = describe (path, prompts, &proposed);
  if (folder != NULL && !save (folder, path, proposed.scan, report, error))
    return FALSE;
  if (nmd_command_wants_json ())
    json_array_add_element (outlines, json_node_copy (report));
  else
    print_scan (path, &proposed);
  return TRUE;
}

int
nmd_command_segment (int argc, char **argv)
{
  g_autofree char *out = NULL, *organ = NULL, *muscle = NULL, *threshold = NULL;
  g_auto (NmdComputeOptions) compute = { 0 };
  int page = 0;
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &out,
      "Also write masks, pictures and reports: NAME_mask.png, NAME_overlay.png, "
      "NAME.json",
      "DIR" },
    { "organ", 0, 0, G_OPTION_ARG_STRING, &organ, "What the scans show: muscle, breast …",
      "WORD" },
    { "muscle", 0, 0, G_OPTION_ARG_STRING, &muscle, "Which muscle the scans show",
      "BB|GM|TA" },
    { "page", 0, 0, G_OPTION_ARG_INT, &page,
      "Page of a TIFF, frame of a DICOM file, from 1 [the only one]", "N" },
  };
  g_autoptr (GArray) table = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  g_auto (NmdPromptOptions) shown = { 0 };
  NmdPrompts prompts;
  g_auto (NmdOutlineRun) run = { 0 };
  g_autoptr (JsonArray) outlines = json_array_new ();
  NmdStatedFacts stated = { 0 };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_array_append_vals (table, entries, G_N_ELEMENTS (entries));
  nmd_prompt_options_add (&shown, table);
  nmd_compute_options_add (&compute, table);
  if (!nmd_command_parse ("segment", (GOptionEntry *)(void *)table->data, &argc, &argv, 2,
                          -1, &status)
      || !nmd_command_check_compute (&compute.device, compute.numerics, compute.threads,
                                     compute.weights, &status))
    return status;
  if (!nmd_prompt_options_parse (&shown, &prompts, &error))
    return nmd_command_usage ("%s", error->message);
  if (nmd_prompt_options_are_given (&shown) && argc > 3)
    return nmd_command_usage ("--box and --click are of one image");
  if (page < 0)
    return nmd_command_usage ("--page counts from 1");
  stated.organ = organ;
  stated.muscle = muscle;
  if (!check_outputs (out, argv[1], argv + 2, argc - 2, &error)
      || !nmd_outline_run_open (&run, argv[1], &compute, &error))
    return nmd_command_fail (error);
  threshold = nmd_run_get_threshold_text (run.run);
  if (!nmd_command_wants_json ())
    printf ("%s: %s, %s weights; %s\n", nmd_command_shown (argv[1]),
            nmd_model_get_network (run.model)->title, nmd_model_get_which (run.model),
            threshold);
  for (int i = 2; i < argc; i++)
    if (g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), &error)
        || !segment_one (&run, argv[i],
                         nmd_prompt_options_are_given (&shown) ? &prompts : NULL, &stated,
                         page, out, outlines, &error))
      return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    {
      JsonObject *object = json_object_new ();
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);

      nmd_json_set_text (object, "run", argv[1]);
      json_object_set_string_member (object, "weights", nmd_model_get_which (run.model));
      json_object_set_double_member (object, "threshold",
                                     nmd_run_get_outline_threshold (run.run));
      json_object_set_string_member (object, "threshold_text", threshold);
      json_object_set_array_member (object, "outlines", g_steal_pointer (&outlines));
      json_node_take_object (node, object);
      nmd_command_print_json (node);
    }
  return NMD_EXIT_DONE;
}
