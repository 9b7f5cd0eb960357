/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` that apply a run to single images: predict and explain.
 */
#include "app/nmd-command.h"

#include "app/nmd-case.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-gradcam.h"
#include "ui/plot/nmd-figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Everything that both commands open first. */
typedef struct
{
  NmdRun *run;
  NmdModel *model;
  NmdSession *session;
  NmdPredictor *predictor;
} Opened;

static void
opened_clear (Opened *self)
{
  g_clear_pointer (&self->predictor, nmd_predictor_free);
  g_clear_pointer (&self->session, nmd_session_close);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->run, nmd_run_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opened, opened_clear)

static gboolean
open_run (Opened *self,
          const char *folder,
          const char *weights,
          const char *device,
          int threads,
          GError **error)
{
  self->run = nmd_run_open (folder, error);
  if (self->run == NULL)
    return FALSE;
  self->model = nmd_run_load_model (self->run, weights, error);
  if (self->model == NULL)
    return FALSE;
  self->session = nmd_session_open (device, threads, error);
  if (self->session == NULL)
    return FALSE;
  self->predictor = nmd_predictor_new (self->session, self->model, 1, error);
  return self->predictor != NULL;
}

static const char *
fit_name (NmdFit fit)
{
  return fit == NMD_FIT_YES ? "true" : fit == NMD_FIT_NO ? "false" : "unknown";
}

static JsonObject *
describe_scan (const char *path, const NmdCase *scan, const char *predicted, double score)
{
  JsonObject *object = json_object_new ();
  JsonArray *roi = json_array_new (), *warnings = json_array_new ();
  const NmdBox *box = &scan->roi;
  const int corners[4] = { box->x0, box->y0, box->x1, box->y1 };

  json_object_set_string_member (object, "image", path);
  nmd_json_set_number (object, "score", score);
  if (predicted != NULL)
    json_object_set_string_member (object, "predicted", predicted);
  else
    json_object_set_null_member (object, "predicted");
  for (int i = 0; i < 4; i++)
    json_array_add_int_element (roi, corners[i]);
  json_object_set_array_member (object, "roi", roi);
  json_object_set_string_member (
      object, "part",
      scan->part != NMD_PART_NONE ? nmd_part_get_name (scan->part) : "none");
  json_object_set_string_member (object, "roi_source",
                                 nmd_command_roi_source (scan->source));
  if (scan->fit == NMD_FIT_UNKNOWN)
    json_object_set_string_member (object, "domain_match", "unknown");
  else
    json_object_set_boolean_member (object, "domain_match", scan->fit == NMD_FIT_YES);
  nmd_json_set_number (object, "echo_intensity",
                       scan->echo.n > 0 ? scan->echo.mean : NAN);
  nmd_json_set_number (object, "echo_intensity_sd",
                       scan->echo.n > 0 ? scan->echo.sd : NAN);
  for (guint i = 0; i < scan->warnings->len; i++)
    json_array_add_string_element (warnings, scan->warnings->pdata[i]);
  json_object_set_array_member (object, "warnings", warnings);
  return object;
}

static void
print_scan (const char *path, const NmdCase *scan, const char *predicted, double score)
{
  printf ("%s  score %s%s%s%s  fits: %s", path, nmd_command_number (score, 3),
          predicted != NULL ? " (" : "", predicted != NULL ? predicted : "",
          predicted != NULL ? ")" : "", fit_name (scan->fit));
  if (scan->echo.n > 0)
    printf ("  echo intensity %s ± %s", nmd_command_number (scan->echo.mean, 1),
            nmd_command_number (scan->echo.sd, 1));
  putchar ('\n');
  for (guint i = 0; i < scan->warnings->len; i++)
    printf ("  %s\n", (const char *)scan->warnings->pdata[i]);
}

static gboolean
predict_one (const Opened *opened,
             const char *path,
             const NmdCaseOptions *options,
             JsonArray *predictions,
             GError **error)
{
  const NmdPassport *passport = nmd_model_get_passport (opened->model);
  g_autofree float *tensor = g_new (float, 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE);
  g_auto (NmdCase) scan = { 0 };
  const char *predicted = NULL;
  double score = NAN;

  if (!nmd_case_load (&scan, path, options, opened->run, opened->model, error))
    return FALSE;
  if (scan.is_scored)
    {
      nmd_model_prepare (opened->model, scan.image, scan.mask, NULL, tensor);
      if (!nmd_predictor_score (opened->predictor, tensor, 1, &score, error))
        return FALSE;
      predicted = passport->classes[score >= 0.5];
    }
  if (nmd_command_wants_json ())
    json_array_add_object_element (predictions,
                                   describe_scan (path, &scan, predicted, score));
  else
    print_scan (path, &scan, predicted, score);
  return TRUE;
}

static GOptionEntry *
scan_entries (NmdCaseOptions *scan,
              char **weights,
              char **device,
              char **numerics,
              int *threads,
              const GOptionEntry *more)
{
  const GOptionEntry entries[] = {
    { "mask", 0, 0, G_OPTION_ARG_FILENAME, &scan->mask,
      "Outline: a mask of the image's size", "FILE" },
    { "roi", 0, 0, G_OPTION_ARG_STRING, &scan->roi, "Outline: a box in pixels",
      "x0,y0,x1,y1" },
    { "organ", 0, 0, G_OPTION_ARG_STRING, &scan->organ,
      "What the scan shows: muscle, breast …", "WORD" },
    { "muscle", 0, 0, G_OPTION_ARG_STRING, &scan->muscle,
      "Which muscle [from the file's name]", "BB|GM|TA" },
    { "override", 0, 0, G_OPTION_ARG_NONE, &scan->override,
      "Score an image that does not fit; marked as not meaningful", NULL },
    { "weights", 0, 0, G_OPTION_ARG_STRING, weights,
      "average or best [average if there is one]", "NAME" },
    { "device", 0, 0, G_OPTION_ARG_STRING, device, "cpu, reference, cuda or cuda:N [cpu]",
      "NAME" },
    { "numerics", 0, 0, G_OPTION_ARG_STRING, numerics,
      "On cuda: strict, fast (TF32) or bf16 [strict]", "NAME" },
    { "threads", 0, 0, G_OPTION_ARG_INT, threads, "Processor threads, 0 for all [0]",
      "N" },
    { NULL },
  };
  GArray *table = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  for (; more != NULL && more->long_name != NULL; more++)
    g_array_append_vals (table, more, 1);
  g_array_append_vals (table, entries, G_N_ELEMENTS (entries) - 1);
  return (GOptionEntry *)g_array_free (table, FALSE);
}

int
nmd_command_predict (int argc, char **argv)
{
  g_auto (NmdCaseOptions) scan = { 0 };
  g_autofree char *weights = NULL, *device = NULL, *numerics = NULL;
  int threads = 0, status = 0;
  const GOptionEntry masks[] = {
    { "masks", 0, 0, G_OPTION_ARG_FILENAME, &scan.masks,
      "Folder with the outlines of all images", "DIR" },
    { NULL },
  };
  g_autofree GOptionEntry *table
      = scan_entries (&scan, &weights, &device, &numerics, &threads, masks);
  g_auto (Opened) opened = { 0 };
  g_autoptr (JsonArray) predictions = json_array_new ();
  g_autoptr (GError) error = NULL;

  if (!nmd_command_parse ("predict", table, &argc, &argv, 2, -1, &status))
    return status;
  if ((scan.mask != NULL) + (scan.masks != NULL) + (scan.roi != NULL) > 1)
    return nmd_command_usage ("Only one of --mask, --masks and --roi can be given");
  if (scan.mask != NULL && argc > 3)
    return nmd_command_usage ("--mask is for one image; for several use --masks DIR");
  if (!nmd_command_check_compute (&device, numerics, threads, weights, &status))
    return status;
  if (!open_run (&opened, argv[1], weights, device, threads, &error))
    return nmd_command_fail (error);
  for (int i = 2; i < argc; i++)
    {
      if (g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), &error)
          || !predict_one (&opened, argv[i], &scan, predictions, &error))
        return nmd_command_fail (error);
    }
  if (nmd_command_wants_json ())
    {
      JsonObject *object = json_object_new ();
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);

      json_object_set_string_member (object, "run", argv[1]);
      json_object_set_string_member (object, "weights",
                                     nmd_model_get_which (opened.model));
      json_object_set_string_member (object, "device",
                                     nmd_session_get_description (opened.session));
      json_object_set_array_member (object, "predictions",
                                    g_steal_pointer (&predictions));
      json_node_take_object (node, object);
      nmd_command_print_json (node);
    }
  return NMD_EXIT_DONE;
}

/* "1", "0" or a class word; −2 if it is none of them. */
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

static void
print_map (const char *path,
           const char *out,
           const NmdMap *map,
           const NmdCase *scan,
           const char *word,
           const char *device)
{
  JsonObject *object = NULL;
  JsonNode *node = NULL;

  if (!nmd_command_wants_json ())
    {
      printf ("%s is drawn: class “%s”, layer %s, grid %d × %d%s\n", out, word,
              map->layer, map->grid_width, map->grid_height,
              map->no_positive_evidence ? ", no positive evidence" : "");
      if (!isnan (map->inside))
        printf ("  of the map's sum: inside the outline %s %%, edge ring %s %%, outside "
                "%s %%\n",
                nmd_command_number (100 * map->inside, 0),
                nmd_command_number (100 * map->edge, 0),
                nmd_command_number (100 * map->outside, 0));
      for (guint i = 0; i < scan->warnings->len; i++)
        printf ("  %s\n", (const char *)scan->warnings->pdata[i]);
      return;
    }
  object = describe_scan (path, scan, NULL, scan->is_scored ? map->score : NAN);
  json_object_set_string_member (object, "out", out);
  json_object_set_string_member (object, "class", word);
  json_object_set_int_member (object, "target", map->target);
  json_object_set_string_member (object, "layer", map->layer);
  json_object_set_int_member (object, "grid_width", map->grid_width);
  json_object_set_int_member (object, "grid_height", map->grid_height);
  json_object_set_boolean_member (object, "no_positive_evidence",
                                  map->no_positive_evidence);
  nmd_json_set_number (object, "inside", map->inside);
  nmd_json_set_number (object, "edge", map->edge);
  nmd_json_set_number (object, "outside", map->outside);
  json_object_set_string_member (object, "device", device);
  json_object_set_string_member (object, "note", NMD_OVERLAY_CAVEAT);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
}

static const char *
part_words (NmdPart part)
{
  switch (part)
    {
    case NMD_PART_TRAIN:
      return "training part of this run";
    case NMD_PART_VALIDATION:
      return "validation part of this run";
    case NMD_PART_TEST:
      return "held out (test part of this run)";
    case NMD_PART_NONE:
      break;
    }
  return "not of this run's data set";
}

/* The picture as PNG (or SVG, PDF by the name's ending). */
static gboolean
draw_map (const Opened *opened,
          const char *path,
          const char *out,
          const NmdMap *map,
          const NmdCase *scan,
          NmdColours colours,
          GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *run = g_path_get_basename (nmd_run_get_folder (opened->run));
  g_autofree char *model = NULL;
  const NmdPassport *passport = nmd_model_get_passport (opened->model);
  NmdExplainFigure figure = { .overlay = NMD_OVERLAY_INIT };
  NmdFigureFormat format = NMD_FIGURE_PNG;
  g_autoptr (GBytes) bytes = NULL;
  NmdPlotStyle style;

  model = g_strdup_printf ("%s, %s weights, run %s",
                           nmd_model_get_network (opened->model)->title,
                           nmd_model_get_which (opened->model), run);
  figure.overlay.image = scan->image;
  figure.overlay.mask = scan->mask;
  figure.overlay.map = map;
  figure.overlay.colours = colours;
  figure.overlay.synthetic = scan->image->is_synthetic;
  figure.image_name = name;
  figure.classes[0] = passport->classes[0];
  figure.classes[1] = passport->classes[1];
  figure.part = part_words (scan->part);
  figure.model = model;
  figure.show_score = scan->is_scored;
  if (scan->fit == NMD_FIT_NO)
    {
      figure.fit = scan->warnings->len > 0 ? scan->warnings->pdata[0] : NULL;
      figure.overlay.not_meaningful = "Not meaningful: the image does not fit the model";
    }
  figure.echo_mean = scan->echo.n > 0 ? scan->echo.mean : NAN;
  figure.echo_sd = scan->echo.n > 0 ? scan->echo.sd : NAN;
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  nmd_figure_format_of (out, &format);
  bytes = nmd_figure_explain (&figure, format, 2, &style, error);
  return bytes != NULL
         && nmd_file_write (out, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                            error);
}

int
nmd_command_explain (int argc, char **argv)
{
  g_auto (NmdCaseOptions) scan_options = { 0 };
  g_autofree char *weights = NULL, *device = NULL, *out = NULL, *class = NULL,
                  *layer = NULL, *numerics = NULL;
  g_autofree char *map_path = NULL, *colours = NULL, *csv = NULL;
  int threads = 0, status = 0, target;
  const GOptionEntry more[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Picture to write (.png, .svg or .pdf)",
      "FILE" },
    { "class", 0, 0, G_OPTION_ARG_STRING, &class,
      "0, 1 or the class word [the predicted one]", "CLASS" },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &layer,
      "Layer to read [the network's last map]", "NAME" },
    { "map", 0, 0, G_OPTION_ARG_FILENAME, &map_path, "Also write the map: x, y, value",
      "FILE.csv" },
    { "colours", 0, 0, G_OPTION_ARG_STRING, &colours,
      "uniform, or jet as in the paper [uniform]", "NAME" },
    { NULL },
  };
  g_autofree GOptionEntry *table
      = scan_entries (&scan_options, &weights, &device, &numerics, &threads, more);
  g_auto (Opened) opened = { 0 };
  g_auto (NmdCase) scan = { 0 };
  g_autoptr (NmdMap) map = NULL;
  g_autoptr (GError) error = NULL;
  const NmdPassport *passport = NULL;

  if (!nmd_command_parse ("explain", table, &argc, &argv, 2, 2, &status))
    return status;
  if (out == NULL)
    return nmd_command_usage ("--out PNG is missing");
  if (scan_options.mask != NULL && scan_options.roi != NULL)
    return nmd_command_usage ("--mask and --roi exclude each other");
  if (colours != NULL && strcmp (colours, "uniform") != 0 && strcmp (colours, "jet") != 0)
    return nmd_command_usage ("--colours is uniform or jet, not “%s”", colours);
  if (!nmd_command_check_compute (&device, numerics, threads, weights, &status))
    return status;
  if (!open_run (&opened, argv[1], weights, device, threads, &error))
    return nmd_command_fail (error);
  passport = nmd_model_get_passport (opened.model);
  target = parse_class (class, passport);
  if (target == -2)
    return nmd_command_usage ("--class is 0, 1, “%s” or “%s”", passport->classes[0],
                              passport->classes[1]);
  if (!nmd_case_load (&scan, argv[2], &scan_options, opened.run, opened.model, &error))
    return nmd_command_fail (error);
  map = nmd_gradcam_compute (opened.predictor, scan.image, scan.mask, target, layer,
                             nmd_command_get_cancellable (), &error);
  if (map == NULL
      || !draw_map (&opened, argv[2], out, map, &scan,
                    g_strcmp0 (colours, "jet") == 0 ? NMD_COLOURS_JET
                                                    : NMD_COLOURS_UNIFORM,
                    &error))
    return nmd_command_fail (error);
  csv = map_path != NULL ? nmd_map_to_csv (map) : NULL;
  if (csv != NULL && !nmd_file_write_text (map_path, csv, &error))
    return nmd_command_fail (error);
  print_map (argv[2], out, map, &scan, passport->classes[map->target],
             nmd_session_get_description (opened.session));
  return NMD_EXIT_DONE;
}
