/* SPDX-License-Identifier: Apache-2.0
 *
 * Grad-CAM around the network: enlargement, shares, no positive evidence, CSV, colours,
 * and the whole way on a small image with fresh weights. The layer's own numbers are
 * checked by the golden program.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-map.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define close_to(a, b, tolerance)                                                        \
  g_assert_true (fabs ((double)(a) - (double)(b)) <= (tolerance))

/* The definition at one pixel, straight from the words: half-pixel centres, edges
 * repeated. */
static double
slow_enlarged (const float *grid, int gw, int gh, int width, int height, int x, int y)
{
  double gx = (x + 0.5) * gw / width - 0.5, gy = (y + 0.5) * gh / height - 0.5, sum = 0;

  for (int j = -1; j <= gh; j++)
    for (int i = -1; i <= gw; i++)
      {
        double weight = MAX (1 - fabs (gx - i), 0) * MAX (1 - fabs (gy - j), 0);

        sum += weight * (double)grid[CLAMP (j, 0, gh - 1) * gw + CLAMP (i, 0, gw - 1)];
      }
  return sum;
}

static void
test_enlarge (void)
{
  static const int sizes[][4] = {
    { 7, 7, 300, 211 }, { 1, 1, 5, 3 }, { 2, 3, 2, 3 }, { 14, 7, 9, 31 }, { 3, 1, 1, 1 }
  };
  NmdRandom stream;

  nmd_random_init_for (&stream, 1, "test", 0, "");
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      int gw = sizes[s][0], gh = sizes[s][1], width = sizes[s][2], height = sizes[s][3];
      g_autofree float *grid = g_new (float, gw *gh), *out = g_new (float, width *height);

      for (int i = 0; i < gw * gh; i++)
        grid[i] = (float)nmd_random_uniform (&stream);
      memset (out, 0xff,
              (gsize)(width * height)
                  * sizeof *out); /* NaN: every pixel has to be written */
      nmd_map_enlarge (grid, gw, gh, width, height, out);
      for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
          close_to (out[y * width + x], slow_enlarged (grid, gw, gh, width, height, x, y),
                    1e-6);
    }
}

static NmdMap *
compute (NmdPredictor *predictor, const NmdImage *image, const NmdImage *mask, int target)
{
  g_autoptr (GError) error = NULL;
  NmdMap *map = nmd_map_compute (predictor, image, mask, NMD_MAP_GRADCAM, target, NULL,
                                 NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (map);
  return map;
}

/* Every pixel's distance to the contour by trying all pairs. */
static void
slow_shares (const float *values,
             const NmdBox *box,
             const NmdImage *mask,
             double shares[3])
{
  int width = box->x1 - box->x0, height = box->y1 - box->y0;
  double sums[3] = { 0, 0, 0 }, ring = 0.02 * MIN (width, height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        int set = mask->pixels[(box->y0 + y) * mask->width + box->x0 + x] != 0;
        double nearest = INFINITY;

        for (int v = 0; v < height; v++)
          for (int u = 0; u < width; u++)
            if ((mask->pixels[(box->y0 + v) * mask->width + box->x0 + u] != 0) != set)
              nearest = MIN (nearest, hypot (u - x, v - y));
        sums[nearest - 0.5 <= ring ? 1 : set ? 0 : 2] += (double)values[y * width + x];
      }
  for (int i = 0; i < 3; i++)
    shares[i] = sums[i] / (sums[0] + sums[1] + sums[2]);
}

static void
test_shares (void)
{
  const double points[] = { 12, 8, 70, 14, 60, 52, 33, 60, 8, 40 };
  g_autoptr (NmdImage) mask = nmd_mask_new_polygon (90, 70, points, 5);
  g_autoptr (NmdImage) full = nmd_mask_new_box (90, 70, &(NmdBox){ 0, 0, 90, 70 });
  NmdBox box = { 4, 2, 80, 66 };
  g_autofree float *values = g_new (float, 76 * 64);
  double inside, edge, outside, slow[3];
  NmdRandom stream;

  nmd_random_init_for (&stream, 2, "test", 0, "");
  for (int i = 0; i < 76 * 64; i++)
    values[i] = (float)nmd_random_uniform (&stream);
  nmd_map_measure (values, &box, mask, &inside, &edge, &outside);
  slow_shares (values, &box, mask, slow);
  close_to (inside, slow[0], 1e-12);
  close_to (edge, slow[1], 1e-12);
  close_to (outside, slow[2], 1e-12);
  g_assert_cmpfloat (edge, >, 0.05);
  close_to (inside + edge + outside, 1, 1e-12);
  /* no contour within the box: all is inside, and the frame is no edge */
  nmd_map_measure (values, &box, full, &inside, &edge, &outside);
  g_assert_cmpfloat (inside, ==, 1);
  memset (values, 0, 76 * 64 * sizeof *values);
  nmd_map_measure (values, &box, mask, &inside, &edge, &outside);
  g_assert_true (isnan (inside) && isnan (edge) && isnan (outside));
}

/* Whole percents add up to 100, whatever is rounded. */
static void
test_percents (void)
{
  const double shares[][3]
      = { { 0.706, 0.177, 0.117 }, /* 71 + 18 + 12 by rounding each */
          { 0.554, 0.073, 0.373 }, /* 55 + 7 + 37 */
          { 1, 0, 0 },
          { 1.0 / 3, 1.0 / 3, 1.0 / 3 } };
  const int expected[][3]
      = { { 70, 18, 12 }, { 56, 7, 37 }, { 100, 0, 0 }, { 34, 33, 33 } };

  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      NmdMap map
          = { .inside = shares[i][0], .edge = shares[i][1], .outside = shares[i][2] };
      int percents[3];

      nmd_map_get_percents (&map, percents);
      g_assert_cmpint (percents[0] + percents[1] + percents[2], ==, 100);
      for (int k = 0; k < 3; k++)
        g_assert_cmpint (percents[k], ==, expected[i][k]);
    }
}

static NmdImage *
make_image (void)
{
  NmdImage *image = nmd_image_new (260, 240);
  NmdRandom stream;

  nmd_random_init_for (&stream, 3, "test", 0, "");
  for (int i = 0; i < 260 * 240; i++)
    image->pixels[i]
        = (guint8)(60 + 40 * sin (i / 40.0) + nmd_random_range (&stream, 0, 60));
  return image;
}

static NmdModel *
make_model (guint64 seed, double head_sign)
{
  const NmdNetwork *network = nmd_network_find ("nmdassistnet", NULL);
  g_autoptr (NmdWeights) weights = nmd_network_init (network, 2, seed);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdPassport) passport = nmd_passport_new ();

  /* The layer before the head ends in a ReLU; with a head of one sign all α of class 1
   * have that sign. */
  for (guint i = 0; head_sign != 0 && i < nmd_weights_get_n (weights); i++)
    {
      NmdShape shape;
      const char *name = nmd_weights_get_name (weights, i);
      const float *values = nmd_weights_get (weights, name, &shape);
      float *copy;

      if (shape.n_dims != 2)
        continue;
      copy = g_memdup2 (values, nmd_shape_count (&shape) * sizeof (float));
      for (gsize k = 0; k < nmd_shape_count (&shape); k++)
        copy[k] = (float)(head_sign * (k < nmd_shape_count (&shape) / 2 ? -1 : 1)
                          * fabs ((double)copy[k]));
      memcpy (nmd_weights_add (weights, name, &shape), copy,
              nmd_shape_count (&shape) * sizeof (float));
      g_free (copy);
    }
  return nmd_model_new (network, weights, parameters, passport, "best", NULL);
}

static void
check_map (const NmdMap *map)
{
  int width = map->box.x1 - map->box.x0, height = map->box.y1 - map->box.y0;
  double largest = 0, grid_largest = 0;

  g_assert_cmpint (map->grid_width, ==, 7);
  for (int i = 0; i < map->grid_width * map->grid_height; i++)
    {
      g_assert_true (map->grid[i] >= 0);
      grid_largest = MAX (grid_largest, (double)map->grid[i]);
    }
  for (int i = 0; i < width * height; i++)
    {
      g_assert_true (map->values[i] >= 0 && map->values[i] <= 1);
      largest = MAX (largest, (double)map->values[i]);
    }
  g_assert_true (map->no_positive_evidence == !(grid_largest > 0));
  g_assert_true (map->no_positive_evidence ? largest == 0 : largest > 0.5);
  close_to (map->score, 1 / (1 + exp (map->logits[0] - map->logits[1])), 1e-12);
}

static void
test_whole (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, &error);
  g_autoptr (NmdModel) model = make_model (1, 0);
  g_autoptr (NmdImage) image = make_image ();
  NmdBox box = { 60, 50, 200, 180 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (260, 240, &box);
  g_autoptr (NmdPredictor) predictor = NULL;
  g_autoptr (NmdMap) predicted = NULL;
  g_autofree float *tensor = g_new (float, 3 * 224 * 224);
  g_auto (NmdCam) cam = { 0 };
  double score;

  g_assert_no_error (error);
  predictor = nmd_predictor_new (session, model, 4, &error);
  g_assert_no_error (error);
  predicted = compute (predictor, image, mask, -1);
  check_map (predicted);
  g_assert_cmpint (predicted->target, ==, predicted->score >= 0.5);
  g_assert_cmpstr (predicted->layer, ==, "expand_pw");
  /* widened by a tenth of 140 × 130 */
  g_assert_cmpint (predicted->box.x0, ==, 46);
  g_assert_cmpint (predicted->box.y1, ==, 193);
  nmd_model_prepare (model, image, mask, NULL, tensor);
  g_assert_true (nmd_predictor_score (predictor, tensor, 1, &score, &error));
  close_to (score, predicted->score, 1e-5);
  g_assert_true (nmd_predictor_cam (predictor, NULL, tensor, 1, &cam, &error));
  g_assert_cmpint (cam.target, ==, 1);
  close_to (cam.logits[1], predicted->logits[1], 1e-4);
  g_assert_null (nmd_map_compute (predictor, image, mask, NMD_MAP_GRADCAM, 1, "expand_pv",
                                  NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "expand_pv"));
}

static void
test_two_models (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, NULL);
  g_autoptr (NmdModel) a = make_model (1, 0);
  g_autoptr (NmdModel) b = make_model (2, 0);
  g_autoptr (NmdPredictor) first = nmd_predictor_new (session, a, 2, NULL);
  g_autoptr (NmdPredictor) second = nmd_predictor_new (session, b, 2, NULL);
  g_autoptr (NmdImage) image = make_image ();
  g_autofree float *tensors = g_new0 (float, 3 * 3 * 224 * 224);
  double one[3], two[3], again[3], alone;

  for (int i = 0; i < 3; i++)
    nmd_model_prepare (a, image, NULL, NULL, tensors + (gsize)i * 3 * 224 * 224);
  for (int i = 0; i < 3 * 224 * 224; i++)
    tensors[3 * 224 * 224 + i] *= 0.5f; /* the second differs */
  g_assert_true (nmd_predictor_score (first, tensors, 3, one, NULL));
  g_assert_true (nmd_predictor_score (second, tensors, 3, two, NULL));
  g_assert_true (nmd_predictor_score (first, tensors, 3, again, NULL));
  g_assert_cmpmem (one, sizeof one, again, sizeof again); /* its own weights again */
  g_assert_cmpfloat (one[0], !=, two[0]);
  close_to (one[0], one[2], 1e-9); /* padding does not matter */
  g_assert_cmpfloat (one[0], !=, one[1]);
  g_assert_true (nmd_predictor_score (first, tensors, 1, &alone, NULL));
  close_to (alone, one[0], 1e-5);
}

/* α of class 1 all negative: the map is nothing, and stays nothing. */
static void
test_no_evidence (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, NULL);
  g_autoptr (NmdModel) model = make_model (1, -1);
  g_autoptr (NmdPredictor) predictor = nmd_predictor_new (session, model, 1, NULL);
  g_autoptr (NmdImage) image = make_image ();
  g_autoptr (NmdImage) mask = nmd_mask_new_box (260, 240, &(NmdBox){ 60, 50, 200, 180 });
  g_autoptr (NmdMap) against = compute (predictor, image, mask, 1);
  g_autoptr (NmdMap) without_mask = compute (predictor, image, NULL, 0);

  check_map (against);
  g_assert_true (against->no_positive_evidence);
  g_assert_true (isnan (against->inside) && isnan (against->edge)
                 && isnan (against->outside));
  check_map (without_mask);
  g_assert_true (isnan (without_mask->inside));
  g_assert_cmpint (without_mask->box.x1, ==, 260);
}

static void
test_csv (void)
{
  float grid[4] = { 0, 1, 0.25f, 0.5f };
  float values[6] = { 0, 0.1f, 1, 0.3333333f, 1e-7f, 0.5f };
  NmdMap map = { .grid_width = 2,
                 .grid_height = 2,
                 .grid = grid,
                 .box = { 10, 20, 13, 22 },
                 .values = values };
  g_autofree char *text = nmd_map_to_csv (&map, NULL);
  g_autoptr (NmdCsv) csv = nmd_csv_parse (text, strlen (text), "map", NULL);

  g_assert_true (
      g_str_has_prefix (text, "x,y,value,method\n10,20,0,gradcam\n11,20,0.1,gradcam\n"));
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      double value;

      g_assert_true (nmd_number_parse (nmd_csv_get (csv, i, 2), &value, NULL));
      g_assert_true ((float)value == values[i]);
    }
}

static double
lightness (const guint8 rgb[3], double *a, double *b)
{
  static const double to_xyz[3][3] = { { 0.4124564, 0.3575761, 0.1804375 },
                                       { 0.2126729, 0.7151522, 0.0721750 },
                                       { 0.0193339, 0.1191920, 0.9503041 } };
  static const double white[3] = { 0.95047, 1, 1.08883 };
  double linear[3], f[3];

  for (int i = 0; i < 3; i++)
    linear[i] = rgb[i] / 255.0 <= 0.04045 ? rgb[i] / 255.0 / 12.92
                                          : pow ((rgb[i] / 255.0 + 0.055) / 1.055, 2.4);
  for (int i = 0; i < 3; i++)
    {
      double t = 0;

      for (int k = 0; k < 3; k++)
        t += to_xyz[i][k] * linear[k] / white[i];
      f[i] = t > 216.0 / 24389 ? cbrt (t) : (24389.0 / 27 * t + 16) / 116;
    }
  *a = 500 * (f[0] - f[1]);
  *b = 200 * (f[1] - f[2]);
  return 116 * f[1] - 16;
}

/* Measured back from sRGB by the inverse path: lightness always rises, equal steps look
 * equal. */
static void
test_colours (void)
{
  double before = 0, before_a = 0, before_b = 0, smallest = 1e9, largest = 0;
  guint8 rgb[3], same[3];

  for (int i = 0; i <= 32; i++)
    {
      double a, b, l, step;

      nmd_colour (NMD_COLOURS_UNIFORM, i / 32.0, rgb);
      l = lightness (rgb, &a, &b);
      step = sqrt ((l - before) * (l - before) + (a - before_a) * (a - before_a)
                   + (b - before_b) * (b - before_b));
      if (i > 0)
        {
          g_assert_cmpfloat (l, >, before + 0.5);
          smallest = MIN (smallest, step);
          largest = MAX (largest, step);
        }
      before = l, before_a = a, before_b = b;
    }
  g_test_message ("steps of 1/32: %.2f to %.2f", smallest, largest);
  g_assert_cmpfloat (largest, <, 1.25 * smallest);
  nmd_colour (NMD_COLOURS_UNIFORM, 7, rgb);
  nmd_colour (NMD_COLOURS_UNIFORM, 1, same);
  g_assert_cmpmem (rgb, 3, same, 3);
  nmd_colour (NMD_COLOURS_JET, 0, rgb);
  g_assert_true (rgb[0] == 0 && rgb[1] == 0 && rgb[2] == 128);
  nmd_colour (NMD_COLOURS_JET, 0.5, rgb);
  g_assert_true (rgb[0] == 128 && rgb[1] == 255 && rgb[2] == 128);
  nmd_colour (NMD_COLOURS_JET, NAN, rgb);
  g_assert_true (rgb[2] == 128);
}

static void
test_latency (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, NULL);
  g_autoptr (NmdModel) model = make_model (1, 0);
  g_autoptr (NmdPredictor) predictor = nmd_predictor_new (session, model, 1, NULL);
  g_autoptr (NmdImage) image = make_image ();
  clock_t start; /* the processor's time: others may use the machine */
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  double seconds;

  nmd_map_unref (compute (predictor, image, NULL, -1)); /* compiles */
  start = clock ();
  nmd_map_unref (compute (predictor, image, NULL, -1));
  seconds = (double)(clock () - start) / CLOCKS_PER_SEC;
  g_test_message ("%s: %.3f s", nmd_session_get_description (session), seconds);
  if (strstr (nmd_session_get_description (session), "oneDNN") != NULL)
    g_assert_cmpfloat (seconds, <, 0.5);
  g_cancellable_cancel (cancelled);
  g_assert_null (nmd_map_compute (predictor, image, NULL, NMD_MAP_GRADCAM, -1, NULL,
                                  cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_missing_tensor (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, NULL);
  const NmdNetwork *network = nmd_network_find ("nmdassistnet", NULL);
  g_autoptr (NmdWeights) weights = nmd_weights_new ();
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdPassport) passport = nmd_passport_new ();
  g_autoptr (NmdModel) model
      = nmd_model_new (network, weights, parameters, passport, "best", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (nmd_predictor_new (session, model, 1, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
}

/* A small transformer on patches of 32 × 32. */
static NmdNode
build_tokens (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  const NmdBuilder builder = { .graph = graph, .mode = mode, .activation = NMD_GELU };
  const int class_dims[3] = { 1, 1, 8 }, position_dims[3] = { 1, 50, 8 };
  const NmdAttributes first = { .from = 0 };
  NmdNode inputs[3];

  inputs[1] = nmd_graph_store (graph, "cls_token", TRUE, class_dims, 3);
  inputs[2] = nmd_graph_store (graph, "pos_embed", TRUE, position_dims, 3);
  inputs[0] = nmd_block_patches (graph, "patches", x, 8, 32);
  x = nmd_graph_add (graph, NMD_OP_TOKENS, "tokens", NULL, inputs, 3);
  x = nmd_block_transformer (&builder, "blocks.0", x, 2, 16);
  x = nmd_graph_add (graph, NMD_OP_TOKEN, "token", &first, &x, 1);
  return nmd_block_linear (graph, "head", x, n_classes);
}

/* The map of a layer of tokens is that of the patches alone, as an image; a layer of the
 * same network that is an image stays one. */
static void
test_tokens (void)
{
  static const NmdInitRule init[] = { { "cls_token", 0, NMD_DRAW_NORMAL, 1 },
                                      { "pos_embed", 0, NMD_DRAW_NORMAL, 1 },
                                      { NULL } };
  static const NmdNetwork network = { .name = "tokens",
                                      .title = "Tokens",
                                      .note = "",
                                      .source = "",
                                      .cam_layer = "blocks.0.norm1",
                                      .cam_tokens = 1,
                                      .input_size = 224,
                                      .init = init,
                                      .build = build_tokens };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("reference", 1, &error);
  g_autoptr (NmdWeights) weights = nmd_network_init (&network, 2, 5);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdPassport) passport = nmd_passport_new ();
  g_autoptr (NmdModel) model
      = nmd_model_new (&network, weights, parameters, passport, "best", NULL);
  g_autoptr (NmdPredictor) predictor = nmd_predictor_new (session, model, 1, &error);
  g_autoptr (NmdImage) image = make_image ();
  g_autofree float *tensor = g_new (float, 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE);
  g_auto (NmdStages) stages = { 0 };
  g_auto (NmdCam) cam = { 0 };
  g_autoptr (NmdMap) map = NULL, patches = NULL;
  double largest = 0;

  g_assert_no_error (error);
  nmd_model_prepare (model, image, NULL, &stages, tensor);
  g_assert_true (nmd_predictor_cam (predictor, NULL, tensor, 1, &cam, &error));
  g_assert_cmpint (cam.height, ==, 50);
  map = nmd_map_compute (predictor, image, NULL, NMD_MAP_GRADCAM, 1, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (map->grid_width, ==, 7);
  g_assert_cmpint (map->grid_height, ==, 7);
  for (int i = 0; i < 49; i++)
    {
      double expected = 0;

      for (int k = 0; k < 8; k++)
        {
          double alpha = 0;

          for (int j = 0; j < 49; j++)
            alpha += (double)cam.gradient[k * 50 + 1 + j] / 49;
          expected += alpha * (double)cam.map[k * 50 + 1 + i];
        }
      close_to ((double)map->grid[i], MAX (expected, 0), 1e-6);
      largest = MAX (largest, expected);
    }
  g_assert_cmpfloat (largest, >, 0);
  patches = nmd_map_compute (predictor, image, NULL, NMD_MAP_GRADCAM, 1, "patches", NULL,
                             &error);
  g_assert_no_error (error);
  g_assert_cmpint (patches->grid_width, ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gradcam/enlarge", test_enlarge);
  g_test_add_func ("/gradcam/shares", test_shares);
  g_test_add_func ("/gradcam/percents", test_percents);
  g_test_add_func ("/gradcam/csv", test_csv);
  g_test_add_func ("/gradcam/colours", test_colours);
  g_test_add_func ("/gradcam/missing-tensor", test_missing_tensor);
  g_test_add_func ("/gradcam/whole", test_whole);
  g_test_add_func ("/gradcam/tokens", test_tokens);
  g_test_add_func ("/gradcam/two-models", test_two_models);
  g_test_add_func ("/gradcam/no-evidence", test_no_evidence);
  g_test_add_func ("/gradcam/latency", test_latency);
  return g_test_run ();
}
