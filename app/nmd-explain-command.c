/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd explain`: draws a heat map over one image, or measures those of a part. The map is engine/eval's, the picture
 * ui/plot's.
 */
#include "app/nmd-command.h"

#include "app/nmd-explain-cohort.h"
#include "app/nmd-explain-repeat.h"
#include "app/nmd-output-guard.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-map-check.h"
#include "ui/plot/nmd-figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the command line says. */
typedef struct
{
  NmdScanOptions scan;
  NmdComputeOptions compute;
  char *out, *class, *layer, *map, *colours, *method_name;
  NmdMapMethod method;
  gboolean check, cohort;
  char **repeat; /* (nullable): other runs */
  int limit;
} Options;

/* What --check found. */
typedef struct
{
  NmdMapFidelity fidelity;
  NmdMapCascade cascade;
  char *verdict;
} Checks;

static void
checks_clear (Checks *self)
{
  nmd_map_cascade_clear (&self->cascade);
  g_free (self->verdict);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Checks, checks_clear)

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
  g_free (self->method_name);
  g_strfreev (self->repeat);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
check_method (Options *self, int *status)
{
  if (self->colours != NULL && strcmp (self->colours, "uniform") != 0
      && strcmp (self->colours, "jet") != 0)
    *status = nmd_command_usage ("--colours is uniform or jet, not “%s”", self->colours);
  else if (self->method_name != NULL
           && !nmd_map_method_find (self->method_name, &self->method))
    *status = nmd_command_usage ("--method is " NMD_MAP_METHOD_NAMES ", not “%s”",
                                 self->method_name);
  else if (self->layer != NULL && !nmd_map_method_has_layer (self->method))
    *status = nmd_command_usage ("--layer does not go with --method %s, which looks at "
                                 "the input",
                                 self->method_name);
  else
    return TRUE;
  return FALSE;
}

/* Whether the options suit one image or, with --cohort, the whole part. */
static gboolean
check_cohort (const Options *self, int n_arguments, int *status)
{
  const NmdScanOptions *scan = &self->scan;
  const gboolean about_scan
      = scan->mask != NULL || scan->masks != NULL || scan->roi != NULL
        || scan->organ != NULL || scan->muscle != NULL || scan->model_organ != NULL
        || scan->model_muscles != NULL || scan->show_anyway || scan->page != 0;
  NmdFigureFormat format;

  if (self->out == NULL)
    *status = nmd_command_usage (self->cohort ? "--out FOLDER is missing"
                                              : "--out PNG is missing");
  else if (n_arguments != (self->cohort ? 1 : 2))
    *status = nmd_command_usage (self->cohort
                                     ? "--cohort takes the run's own images, no other one"
                                     : "An image is missing (or --cohort)");
  else if (self->repeat != NULL && !self->cohort)
    *status = nmd_command_usage ("--repeat goes with --cohort");
  else if (self->cohort
           && (about_scan || self->map != NULL || self->colours != NULL || self->check))
    *status = nmd_command_usage ("--cohort takes --out, --limit, --method, --layer and "
                                 "--class, and draws no picture");
  else if (!self->cohort && self->out != NULL
           && !nmd_figure_format_of (self->out, &format))
    *status = nmd_command_usage ("--out ends in .png, .svg or .pdf, not “%s”",
                                 nmd_command_shown (self->out));
  else if (self->limit < 0 || (self->limit > 0 && !self->cohort))
    *status = nmd_command_usage (self->limit < 0 ? "--limit is 0 or more"
                                                 : "--limit goes with --cohort");
  else
    return TRUE;
  return FALSE;
}

static gboolean
parse_options (Options *self, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &self->out,
      "Picture to write (.png, .svg or .pdf); with --cohort a folder", "PATH" },
    { "class", 0, 0, G_OPTION_ARG_STRING, &self->class,
      "Class to explain: 0, 1 or its word [the predicted one; with --repeat the image's "
      "label]",
      "CLASS" },
    { "method", 0, 0, G_OPTION_ARG_STRING, &self->method_name,
      "How the map is computed: " NMD_MAP_METHOD_NAMES " [gradcam]", "NAME" },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &self->layer,
      "Layer to read, as “nmd model” names it [the network's last map]", "NAME" },
    { "map", 0, 0, G_OPTION_ARG_FILENAME, &self->map,
      "Also write the map as a table: x, y, value, method", "FILE.csv" },
    { "check", 0, 0, G_OPTION_ARG_NONE, &self->check,
      "Also measure deletion, insertion and what random weights do to the map", NULL },
    { "cohort", 0, 0, G_OPTION_ARG_NONE, &self->cohort,
      "Measure the maps of the run's test part, else of its validation part", NULL },
    { "repeat", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->repeat,
      "With --cohort, instead compare the maps with those of this run of the same "
      "network "
      "(another seed), on images that neither was trained on; may be given again",
      "RUN" },
    { "limit", 0, 0, G_OPTION_ARG_INT, &self->limit,
      "With --cohort, at most N images of each class, drawn by the run's seed; 0: all "
      "[0]",
      "N" },
    { "colours", 0, 0, G_OPTION_ARG_STRING, &self->colours,
      "uniform, or jet as in the paper [uniform]", "NAME" },
  };
  g_autoptr (GArray) table = nmd_scan_options_entries (&self->scan);

  g_array_prepend_vals (table, entries, G_N_ELEMENTS (entries));
  nmd_compute_options_add (&self->compute, table);
  if (!nmd_command_parse ("explain", (GOptionEntry *)(void *)table->data, argc, argv, 1,
                          2, status)
      || !nmd_scan_options_check (&self->scan, 1, status)
      || !nmd_command_check_compute (&self->compute.device, self->compute.numerics,
                                     self->compute.threads, self->compute.weights,
                                     status))
    return FALSE;
  return check_method (self, status) && check_cohort (self, *argc - 1, status);
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

static const char *
peak_words (NmdMapRegion peak)
{
  return peak == NMD_MAP_REGION_INSIDE ? "inside the outline"
         : peak == NMD_MAP_REGION_EDGE ? "on the outline's edge"
                                       : "outside the outline";
}

static void
print_text (const Options *options,
            const NmdOpenedRun *opened,
            const char *path,
            const NmdMap *map,
            const NmdJudgedScan *judged,
            const Checks *checks)
{
  const char *word = nmd_model_get_passport (opened->model)->classes[map->target];

  printf ("%s: %s of %s for %s%s%s, %s %s, grid %d × %d%s\n",
          nmd_command_shown (options->out), nmd_map_method_get_title (map->method),
          nmd_command_shown (path),
          hides_class (options, judged) ? "the predicted class" : "class “",
          hides_class (options, judged) ? "" : nmd_command_shown (word),
          hides_class (options, judged) ? "" : "”",
          nmd_map_method_has_layer (map->method) ? "layer" : "at the", map->layer,
          map->grid_width, map->grid_height,
          map->no_positive_evidence ? ", no positive evidence" : "");
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
  if (map->peak != NMD_MAP_REGION_NONE)
    printf ("  peak at %d, %d: %s\n", map->peak_x, map->peak_y, peak_words (map->peak));
  if (checks->verdict != NULL)
    printf ("  %s\n", checks->verdict);
  for (guint i = 0; i < judged->warnings->len; i++)
    printf ("  %s\n", nmd_command_shown (judged->warnings->pdata[i]));
}

/* "peak": [x, y] and "peak_region"; null without a peak or an outline. */
static void
add_peak (JsonObject *object, const NmdMap *map)
{
  JsonArray *peak = json_array_new ();

  if (map->peak_x < 0)
    {
      json_array_unref (peak);
      json_object_set_null_member (object, "peak");
    }
  else
    {
      json_array_add_int_element (peak, map->peak_x);
      json_array_add_int_element (peak, map->peak_y);
      json_object_set_array_member (object, "peak", peak);
    }
  nmd_json_set_text (
      object, "peak_region",
      map->peak != NMD_MAP_REGION_NONE ? nmd_map_region_get_name (map->peak) : NULL);
}

static JsonArray *
list_numbers (const double *values, guint n)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      json_array_add_double_element (list, values[i]);
    else
      json_array_add_null_element (list);
  return list;
}

/* "check": areas and curves (which are scores: only where one stands), the cascade and the
 * verdict. */
static void
add_checks (JsonObject *object, const Checks *self, gboolean scored)
{
  JsonObject *check = json_object_new ();
  JsonArray *layers = json_array_new ();
  const NmdMapCascade *cascade = &self->cascade;

  for (guint i = 0; i < cascade->n; i++)
    json_array_add_string_element (layers, cascade->layers[i]);
  nmd_json_set_number (check, "deletion_area",
                       scored ? self->fidelity.deletion_area : NAN);
  nmd_json_set_number (check, "insertion_area",
                       scored ? self->fidelity.insertion_area : NAN);
  if (scored)
    {
      json_object_set_array_member (
          check, "deletion",
          list_numbers (self->fidelity.deletion, NMD_FIDELITY_STEPS + 1));
      json_object_set_array_member (
          check, "insertion",
          list_numbers (self->fidelity.insertion, NMD_FIDELITY_STEPS + 1));
    }
  json_object_set_array_member (check, "random_layers", layers);
  json_object_set_array_member (check, "spearman",
                                list_numbers (cascade->spearman, cascade->n));
  json_object_set_array_member (check, "ssim", list_numbers (cascade->ssim, cascade->n));
  json_object_set_string_member (check, "verdict", self->verdict);
  json_object_set_object_member (object, "check", check);
}

static void
print_json (const Options *options,
            const NmdOpenedRun *opened,
            const char *path,
            const NmdMap *map,
            const NmdJudgedScan *judged,
            const Checks *checks)
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
  json_object_set_string_member (object, "method", nmd_map_method_get_name (map->method));
  json_object_set_string_member (object, "layer", map->layer);
  json_object_set_int_member (object, "grid_width", map->grid_width);
  json_object_set_int_member (object, "grid_height", map->grid_height);
  json_object_set_boolean_member (object, "no_positive_evidence",
                                  map->no_positive_evidence);
  nmd_json_set_number (object, "inside", map->inside);
  nmd_json_set_number (object, "edge", map->edge);
  nmd_json_set_number (object, "outside", map->outside);
  add_peak (object, map);
  if (checks->verdict != NULL)
    add_checks (object, checks, judged->verdict.is_scored);
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
  g_autoptr (NmdFigure) drawn = NULL;
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
  drawn = nmd_figure_explain (&figure, format, 2, &style, error);
  bytes = drawn != NULL ? nmd_figure_encode (drawn, error) : NULL;
  return bytes != NULL
         && nmd_file_write (options->out, g_bytes_get_data (bytes, NULL),
                            g_bytes_get_size (bytes), error);
}

/* Fresh weights are those of seed 1. */
static gboolean
check_map (const NmdOpenedRun *opened,
           const NmdJudgedScan *judged,
           const NmdMap *map,
           Checks *checks,
           GError **error)
{
  GCancellable *cancellable = nmd_command_get_cancellable ();
  const NmdScan *scan = judged->scan;

  if (!nmd_map_get_fidelity (opened->predictor, scan->image, scan->mask, map, cancellable,
                             &checks->fidelity, error)
      || !nmd_map_get_cascade (opened->predictor, scan->image, scan->mask, map, 1,
                               cancellable, &checks->cascade, error))
    return FALSE;
  /* areas under scores are scores, too */
  checks->verdict = nmd_map_get_verdict (
      map, judged->verdict.is_scored ? &checks->fidelity : NULL, &checks->cascade);
  return TRUE;
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
      opened->predictor, judged->scan->image, judged->scan->mask, options->method, target,
      options->layer, nmd_command_get_cancellable (), error);
  g_autofree char *csv = NULL;
  g_auto (Checks) checks = { 0 };

  if (map == NULL || (options->check && !check_map (opened, judged, map, &checks, error)))
    return FALSE;
  if (!draw_map (options, opened, map, judged, error))
    return FALSE;
  csv = options->map != NULL ? nmd_map_to_csv (
            map, judged->verdict.fit != NMD_FIT_YES ? "not meaningful" : NULL)
                             : NULL;
  if (csv != NULL && !nmd_file_write_text (options->map, csv, error))
    return FALSE;
  if (nmd_command_wants_json ())
    print_json (options, opened, path, map, judged, &checks);
  else
    print_text (options, opened, path, map, judged, &checks);
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
  if ((!options.cohort && !check_outputs (&options, argv[1], argv[2], &error))
      || !nmd_opened_run_open (&opened, argv[1], &options.compute, &error))
    return nmd_command_fail (error);
  passport = nmd_model_get_passport (opened.model);
  target = parse_class (options.class, passport);
  if (target == -2)
    return nmd_command_usage ("--class is 0, 1, “%s” or “%s”", passport->classes[0],
                              passport->classes[1]);
  if (options.cohort)
    {
      const NmdCohortOptions cohort
          = { options.out, options.method, target, options.layer, options.limit };

      if (options.repeat != NULL)
        return nmd_explain_repeat (&opened, (const char *const *)options.repeat, &cohort,
                                   &options.compute, &error)
                   ? NMD_EXIT_DONE
                   : nmd_command_fail (error);

      return nmd_explain_cohort (&opened, &cohort, &error) ? NMD_EXIT_DONE
                                                           : nmd_command_fail (error);
    }
  if (!nmd_scan_options_load (&options.scan, argv[2], opened.model, &judged, &error)
      || !explain (&options, &opened, argv[2], target, &judged, &error))
    return nmd_command_fail (error);
  return NMD_EXIT_DONE;
}
