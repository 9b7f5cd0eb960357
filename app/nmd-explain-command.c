/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd explain`: draws Grad-CAM over one image. The map is engine/eval's, the picture
 * ui/plot's.
 */
#include "app/nmd-command.h"

#include "app/nmd-opened-run.h"
#include "app/nmd-output-guard.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-map.h"
#include "ui/plot/nmd-figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the command line says. */
typedef struct
{
  NmdScanOptions scan;
  NmdComputeOptions compute;
  char *out, *class, *layer, *map, *colours;
} Options;

static void
options_clear (Options *self)
{
  nmd_scan_options_clear (&self->scan);
  nmd_compute_options_clear (&self->compute);
  g_free (self->out);
  g_free (self->class);
  g_free (self->layer);
  g_free (self->map);
  g_free (self->colours);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *self, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &self->out,
      "Picture to write (.png, .svg or .pdf)", "FILE" },
    { "class", 0, 0, G_OPTION_ARG_STRING, &self->class,
      "Class to explain: 0, 1 or its word [the predicted one]", "CLASS" },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &self->layer,
      "Layer to read, as “nmd model” names it [the network's last map]", "NAME" },
    { "map", 0, 0, G_OPTION_ARG_FILENAME, &self->map,
      "Also write the map as a table: x, y, value", "FILE.csv" },
    { "colours", 0, 0, G_OPTION_ARG_STRING, &self->colours,
      "uniform, or jet as in the paper [uniform]", "NAME" },
  };
  g_autoptr (GArray) table = nmd_scan_options_entries (&self->scan);

  g_array_prepend_vals (table, entries, G_N_ELEMENTS (entries));
  nmd_compute_options_add (&self->compute, table);
  if (!nmd_command_parse ("explain", (GOptionEntry *)(void *)table->data, argc, argv, 2,
                          2, status)
      || !nmd_scan_options_check (&self->scan, 1, status)
      || !nmd_command_check_compute (&self->compute.device, self->compute.numerics,
                                     self->compute.threads, self->compute.weights,
                                     status))
    return FALSE;
  if (self->out == NULL)
    *status = nmd_command_usage ("--out PNG is missing");
  else if (self->colours != NULL && strcmp (self->colours, "uniform") != 0
           && strcmp (self->colours, "jet") != 0)
    *status = nmd_command_usage ("--colours is uniform or jet, not “%s”", self->colours);
  else
    return TRUE;
  return FALSE;
}

/* FALSE if picture or table would overwrite what is read, or each other. */
static gboolean
check_outputs (const Options *options, const char *run, const char *image, GError **error)
{
  g_auto (NmdOutputGuard) guard = { 0 };

  nmd_output_guard_add_run (&guard, run);
  nmd_output_guard_add (&guard, image);
  nmd_output_guard_add (&guard, options->scan.mask);
  return nmd_output_guard_check (&guard, options->out, error)
         && nmd_output_guard_check (&guard, options->map, error);
}

/* "1", "0" or a class word; −1 for NULL, −2 if it is none of them. */
static int
parse_class (const char *text, const NmdPassport *passport)
{
  if (text == NULL)
    return -1;
  for (int i = 0; i < 2; i++)
    {
      const char number[2] = { (char)('0' + i), '\0' };

      if (strcmp (text, number) == 0
          || (passport->classes[i] != NULL
              && g_ascii_strcasecmp (text, passport->classes[i]) == 0))
        return i;
    }
  return -2;
}

/* A map whose score is withheld must not tell the class that was predicted. */
static gboolean
hides_class (const Options *options, const NmdJudgedScan *judged)
{
  return options->class == NULL && !judged->verdict.is_scored;
}

static void
print_text (const Options *options,
            const NmdOpenedRun *opened,
            const char *path,
            const NmdMap *map,
            const NmdJudgedScan *judged)
{
  const char *word = nmd_model_get_passport (opened->model)->classes[map->target];

  printf ("%s: Grad-CAM of %s for %s%s%s, layer %s, grid %d × %d%s\n",
          nmd_command_shown (options->out), nmd_command_shown (path),
          hides_class (options, judged) ? "the predicted class" : "class “",
          hides_class (options, judged) ? "" : nmd_command_shown (word),
          hides_class (options, judged) ? "" : "”", map->layer, map->grid_width,
          map->grid_height, map->no_positive_evidence ? ", no positive evidence" : "");
  printf ("  %s, %s weights; image: %s\n", nmd_model_get_network (opened->model)->title,
          nmd_model_get_which (opened->model),
          nmd_opened_run_part_words (&judged->verdict));
  if (!isnan (map->inside))
    {
      int percents[3];

      nmd_map_get_percents (map, percents);
      printf ("  share of the map's sum: inside the outline %d %%, on its edge %d %%, "
              "outside "
              "%d %%\n",
              percents[0], percents[1], percents[2]);
    }
  for (guint i = 0; i < judged->warnings->len; i++)
    printf ("  %s\n", nmd_command_shown (judged->warnings->pdata[i]));
}

static void
print_json (const Options *options,
            const NmdOpenedRun *opened,
            const char *path,
            const NmdMap *map,
            const NmdJudgedScan *judged)
{
  const NmdPassport *passport = nmd_model_get_passport (opened->model);
  gboolean scored = judged->verdict.is_scored;
  JsonObject *object = nmd_opened_run_describe (
      path, judged, scored ? passport->classes[map->score >= 0.5] : NULL,
      scored ? map->score : NAN);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (object, "weights", nmd_model_get_which (opened->model));
  nmd_json_set_text (object, "out", options->out);
  if (hides_class (options, judged))
    {
      json_object_set_null_member (object, "class");
      json_object_set_null_member (object, "target");
    }
  else
    {
      nmd_json_set_text (object, "class", passport->classes[map->target]);
      json_object_set_int_member (object, "target", map->target);
    }
  json_object_set_string_member (object, "layer", map->layer);
  json_object_set_int_member (object, "grid_width", map->grid_width);
  json_object_set_int_member (object, "grid_height", map->grid_height);
  json_object_set_boolean_member (object, "no_positive_evidence",
                                  map->no_positive_evidence);
  nmd_json_set_number (object, "inside", map->inside);
  nmd_json_set_number (object, "edge", map->edge);
  nmd_json_set_number (object, "outside", map->outside);
  json_object_set_string_member (object, "device",
                                 nmd_session_get_description (opened->session));
  json_object_set_string_member (object, "note", NMD_OVERLAY_CAVEAT);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
}

/* The picture as PNG (or SVG, PDF by the name's ending). */
static gboolean
draw_map (const Options *options,
          const NmdOpenedRun *opened,
          const NmdMap *map,
          const NmdJudgedScan *judged,
          GError **error)
{
  g_autofree char *run = g_path_get_basename (nmd_run_get_folder (opened->run));
  g_autofree char *model = g_strdup_printf ("%s, %s weights, run %s",
                                            nmd_model_get_network (opened->model)->title,
                                            nmd_model_get_which (opened->model), run);
  /* stands across the map wherever a score could not stand by itself */
  g_autofree char *sign
      = judged->verdict.reason != NULL
            ? g_strdup_printf ("Not meaningful: %s", judged->verdict.reason)
            : NULL;
  const NmdPassport *passport = nmd_model_get_passport (opened->model);
  const NmdScan *scan = judged->scan;
  NmdExplainFigure figure = {
    .overlay = NMD_OVERLAY_INIT,
    .image_name = scan->name,
    .classes = { passport->classes[0], passport->classes[1] },
    .part = nmd_opened_run_part_words (&judged->verdict),
    .model = model,
    .fit = judged->verdict.reason,
    .show_score = judged->verdict.is_scored,
    .hide_class = hides_class (options, judged),
    .echo_mean = scan->echo.n > 0 ? scan->echo.mean : NAN,
    .echo_sd = scan->echo.n > 0 ? scan->echo.sd : NAN,
  };
  NmdFigureFormat format = NMD_FIGURE_PNG;
  g_autoptr (GBytes) bytes = NULL;
  NmdPlotStyle style;

  figure.overlay.image = scan->image;
  figure.overlay.mask = scan->mask;
  figure.overlay.map = map;
  figure.overlay.colours
      = g_strcmp0 (options->colours, "jet") == 0 ? NMD_COLOURS_JET : NMD_COLOURS_UNIFORM;
  figure.overlay.synthetic = scan->is_synthetic;
  figure.overlay.not_meaningful = sign;
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  nmd_figure_format_of (options->out, &format);
  bytes = nmd_figure_explain (&figure, format, 2, &style, error);
  return bytes != NULL
         && nmd_file_write (options->out, g_bytes_get_data (bytes, NULL),
                            g_bytes_get_size (bytes), error);
}

/* Picture, table and report of the loaded scan. */
static gboolean
explain (const Options *options,
         const NmdOpenedRun *opened,
         const char *path,
         int target,
         const NmdJudgedScan *judged,
         GError **error)
{
  g_autoptr (NmdMap) map = nmd_map_compute (
      opened->predictor, judged->scan->image, judged->scan->mask, NMD_MAP_GRADCAM, target,
      options->layer, nmd_command_get_cancellable (), error);
  g_autofree char *csv = NULL;

  if (map == NULL || !draw_map (options, opened, map, judged, error))
    return FALSE;
  csv = options->map != NULL ? nmd_map_to_csv (
            map, judged->verdict.fit != NMD_FIT_YES ? "not meaningful" : NULL)
                             : NULL;
  if (csv != NULL && !nmd_file_write_text (options->map, csv, error))
    return FALSE;
  if (nmd_command_wants_json ())
    print_json (options, opened, path, map, judged);
  else
    print_text (options, opened, path, map, judged);
  return TRUE;
}

int
nmd_command_explain (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (NmdOpenedRun) opened = { 0 };
  g_auto (NmdJudgedScan) judged = { 0 };
  g_autoptr (GError) error = NULL;
  const NmdPassport *passport = NULL;
  int status = 0, target;

  if (!parse_options (&options, &argc, &argv, &status))
    return status;
  if (!check_outputs (&options, argv[1], argv[2], &error)
      || !nmd_opened_run_open (&opened, argv[1], &options.compute, &error))
    return nmd_command_fail (error);
  passport = nmd_model_get_passport (opened.model);
  target = parse_class (options.class, passport);
  if (target == -2)
    return nmd_command_usage ("--class is 0, 1, “%s” or “%s”", passport->classes[0],
                              passport->classes[1]);
  if (!nmd_scan_options_load (&options.scan, argv[2], opened.model, &judged, &error)
      || !explain (&options, &opened, argv[2], target, &judged, &error))
    return nmd_command_fail (error);
  return NMD_EXIT_DONE;
}
