/* SPDX-License-Identifier: Apache-2.0
 *
 * The six methods against Captum and pytorch-grad-cam (golden-maps.py), gradients by the input
 * against differences, and what holds of every map. Its checks: test-map-checks.c.
 */
#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-map-check.h"
#include "tests/eval/fixture.h"

#include <math.h>
#include <string.h>

#define SIDE NMD_INPUT_SIZE
#define AREA (SIDE * SIDE)
#define LENGTH (3 * AREA)
#define WORD "w15"

/* The rule of the golden files; the scale of norms is about @scale (golden-maps.py). */
static void
fill_tensor (const char *name, const NmdShape *shape, double scale, float *values)
{
  const gsize n = nmd_shape_count (shape);
  double start = 0, factor = 0.1;
  const gboolean variance = g_str_has_suffix (name, "running_var");

  if (variance)
    start = 1, factor = 0.5;
  else if (!g_str_has_suffix (name, "running_mean") && !g_str_has_suffix (name, "bias"))
    {
      if (shape->n_dims == 1)
        start = scale, factor = 0.1 * scale;
      else
        factor = sqrt ((shape->n_dims == 4 ? 6.0 : 3.0)
                       / (double)(n / (gsize)shape->dims[0]));
    }
  for (gsize i = 0; i < n; i++)
    {
      const double u = (double)values[i];

      values[i] = (float)(start + factor * (variance ? fabs (u) : u));
    }
}

static NmdModel *
golden_model (double scale)
{
  const NmdNetwork *network = nmd_network_find ("efficientnet", NULL);
  g_autoptr (NmdWeights) fresh = nmd_network_init (network, 2, 0);
  g_autoptr (NmdWeights) weights = nmd_weights_new ();

  for (guint i = 0; i < nmd_weights_get_n (fresh); i++)
    {
      const char *name = nmd_weights_get_name (fresh, i);
      g_autofree char *stream = g_strdup_printf (WORD ":efficientnet:%s", name);
      NmdShape shape;
      float *values;

      nmd_weights_get (fresh, name, &shape);
      values = nmd_weights_add (weights, name, &shape);
      nmd_random_fill (stream, values, nmd_shape_count (&shape));
      fill_tensor (name, &shape, scale, values);
    }
  return fixture_model_of (network, weights);
}

static float *
golden_input (void)
{
  float *x = g_new (float, LENGTH);

  nmd_random_fill (WORD ":input", x, LENGTH);
  for (int i = 0; i < LENGTH; i++)
    x[i] = (float)(1.5 * sin (0.07 * (i / SIDE % SIDE) + i / AREA)
                       * cos (0.05 * (i % SIDE))
                   + 0.5 * (double)x[i]);
  return x;
}

/* All of @count numbers within @tolerance of the largest magnitude there. */
static void
compare (JsonObject *golden,
         const char *name,
         const double *values,
         int count,
         double tolerance)
{
  JsonArray *list = json_object_get_array_member (golden, name);
  double largest = 0, worst = 0;

  g_assert_cmpuint (json_array_get_length (list), ==, (guint)count);
  for (int i = 0; i < count; i++)
    {
      const double expected = json_array_get_double_element (list, (guint)i);

      largest = MAX (largest, fabs (expected));
      worst = MAX (worst, fabs (expected - values[i]));
      g_assert_true (isfinite (values[i]));
    }
  g_test_message ("%s: off by %.1e of the largest", name, worst / largest);
  g_assert_true (worst <= tolerance * largest);
}

static void
attribute (NmdPredictor *predictor,
           NmdMapMethod method,
           const float *tensor,
           int target,
           const char *layer,
           NmdAttribution *out)
{
  g_autoptr (GError) error = NULL;

  nmd_attribution_compute (predictor, method, tensor, target, layer, NULL, out, &error);
  g_assert_no_error (error);
}

/* Norm, probe and the sums over blocks of 16 × 16. */
static void
compare_pixels (JsonObject *all, const char *name, const NmdAttribution *got)
{
  JsonObject *golden = json_object_get_object_member (all, name);
  g_autofree float *probe = g_new (float, AREA);
  g_autofree char *stream = g_strconcat (WORD ":probe:", name, NULL);
  const double norm = json_object_get_double_member (golden, "norm");
  double blocks[14 * 14] = { 0 }, square = 0, dot = 0;

  g_assert_cmpint (got->width, ==, SIDE);
  g_assert_cmpint (got->height, ==, SIDE);
  g_assert_cmpstr (got->layer, ==, "input");
  nmd_random_fill (stream, probe, AREA);
  for (int i = 0; i < AREA; i++)
    {
      blocks[i / SIDE / 16 * 14 + i % SIDE / 16] += got->values[i];
      square += got->values[i] * got->values[i];
      dot += got->values[i] * (double)probe[i];
    }
  close_to (sqrt (square), norm, 1e-4 * norm);
  close_to (dot, json_object_get_double_member (golden, "probe"), 1e-4 * norm);
  compare (golden, "blocks", blocks, 14 * 14, 1e-4);
}

/* ∂z/∂x along a direction is the difference of logits; padding and batches change
 * nothing. */
static void
check_gradient (NmdPredictor *predictor, const float *x)
{
  g_autofree float *d = g_new (float, LENGTH), *moved = g_new (float, 9 * LENGTH),
                   *gradients = g_new (float, 9 * LENGTH);
  float logits[4];
  const float h = 0.01f;
  double along = 0;
  g_autoptr (GError) error = NULL;

  nmd_random_fill ("test:direction", d, LENGTH);
  for (int i = 0; i < LENGTH; i++)
    {
      moved[i] = x[i] + h * d[i];
      moved[LENGTH + i] = x[i] - h * d[i];
    }
  g_assert_true (nmd_predictor_logits (predictor, moved, 2, logits, &error));
  for (int k = 0; k < 9; k++)
    memcpy (moved + (gsize)k * LENGTH, k == 8 ? x : d, LENGTH * sizeof *x);
  g_assert_true (
      nmd_predictor_input_gradient (predictor, moved, 9, 1, gradients, &error));
  for (int i = 0; i < LENGTH; i++)
    along += (double)gradients[8 * LENGTH + i] * (double)d[i];
  g_test_message ("gradient along a direction %g, by differences %g", along,
                  (double)(logits[1] - logits[3]) / (2 * (double)h));
  close_to (along, (double)(logits[1] - logits[3]) / (2 * (double)h),
            0.01 * fabs (along) + 1e-3);
  g_assert_true (nmd_predictor_input_gradient (predictor, x, 1, 1, gradients, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (gradients, LENGTH * sizeof *gradients, gradients + 8 * LENGTH,
                   LENGTH * sizeof *gradients);
}

static void
check_layers (NmdPredictor *predictor, const float *x, JsonObject *all)
{
  static const struct
  {
    const char *group, *layer;
    int side;
  } layers[] = { { "last", NULL, 7 }, { "inner", "blocks.4", 14 } };

  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    for (NmdMapMethod method = NMD_MAP_GRADCAM; method <= NMD_MAP_LAYERCAM; method++)
      {
        g_auto (NmdAttribution) got = { 0 };

        attribute (predictor, method, x, 1, layers[i].layer, &got);
        g_assert_cmpint (got.width, ==, layers[i].side);
        compare (json_object_get_object_member (all, layers[i].group),
                 nmd_map_method_get_name (method), got.values,
                 layers[i].side * layers[i].side, 1e-4);
      }
}

/* The positive parts of a map at blocks.4, divided by their largest. */
static void
fill_positive (NmdPredictor *predictor,
               NmdMapMethod method,
               const float *x,
               float values[14 * 14])
{
  g_auto (NmdAttribution) got = { 0 };
  double largest = 0;

  attribute (predictor, method, x, 1, "blocks.4", &got);
  for (int i = 0; i < 14 * 14; i++)
    largest = MAX (largest, got.values[i]);
  for (int i = 0; i < 14 * 14; i++)
    values[i] = (float)(MAX (got.values[i], 0) / largest);
}

/* Spearman and SSIM as scipy and scikit-image have them. */
static void
check_likeness (NmdPredictor *predictor, const float *x, JsonObject *all)
{
  float a[14 * 14], b[14 * 14];
  g_autofree float *p = g_new (float, AREA), *q = g_new (float, AREA);

  fill_positive (predictor, NMD_MAP_GRADCAM, x, a);
  fill_positive (predictor, NMD_MAP_LAYERCAM, x, b);
  nmd_map_enlarge (a, 14, 14, SIDE, SIDE, p);
  nmd_map_enlarge (b, 14, 14, SIDE, SIDE, q);
  close_to (nmd_map_spearman (a, b, 14 * 14),
            json_object_get_double_member (all, "spearman"), 1e-6);
  close_to (nmd_map_ssim (p, q, SIDE, SIDE), json_object_get_double_member (all, "ssim"),
            1e-4);
  close_to (nmd_map_ssim (p, p, SIDE, SIDE), 1, 1e-12);
}

static NmdPredictor *
golden_predictor (NmdSession *session, double scale)
{
  g_autoptr (NmdModel) model = golden_model (scale);
  g_autoptr (GError) error = NULL;
  NmdPredictor *predictor = nmd_predictor_new (session, model, 16, &error);

  g_assert_no_error (error);
  return predictor;
}

static void
test_golden (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 2, NULL);
  g_autoptr (NmdPredictor) predictor = golden_predictor (session, 1);
  g_autoptr (NmdPredictor) second = golden_predictor (session, 1.25);
  g_autofree float *x = golden_input ();
  JsonObject *all = load_golden ("maps");
  g_auto (NmdAttribution) ig = { 0 }, smooth = { 0 }, squares = { 0 };

  check_layers (predictor, x, all);
  check_likeness (predictor, x, all);
  attribute (predictor, NMD_MAP_INTEGRATED, x, 1, NULL, &ig);
  compare (all, "logits", ig.logits, 2, 1e-4);
  compare_pixels (all, "ig", &ig);
  close_to (
      ig.gap,
      json_object_get_double_member (json_object_get_object_member (all, "ig"), "gap"),
      1e-4 * fabs (ig.logits[1]));
  attribute (predictor, NMD_MAP_SMOOTHGRAD, x, 1, NULL, &smooth);
  compare_pixels (all, "smoothgrad", &smooth);
  attribute (second, NMD_MAP_OCCLUSION, x, 1, NULL, &squares);
  compare (all, "occlusion_logits", squares.logits, 2, 1e-4);
  compare (all, "occlusion", squares.values, 14 * 14, 1e-4);
  check_gradient (second, x);
}

/* HiResCAM, Σ_k g_kij A_kij, and XGrad-CAM, Σ_k (Σ_ij g A / Σ_ij A) A_kij, at the default
 * layer. */
static void
test_same_at_default_layer (void)
{
  static const char *const names[] = { "nmdassistnet", "ghostnet", "efficientnet" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, NULL);
      g_autoptr (NmdModel) model = fixture_model (names[i], 3);
      g_autoptr (NmdPredictor) predictor = nmd_predictor_new (session, model, 1, NULL);
      g_autofree float *x = golden_input ();
      g_auto (NmdAttribution) map = { 0 };
      g_auto (NmdCam) cam = { 0 };
      double hires[49] = { 0 }, xgrad[49] = { 0 }, largest = 0;

      attribute (predictor, NMD_MAP_GRADCAM, x, 1, NULL, &map);
      g_assert_true (nmd_predictor_cam (predictor, NULL, x, 1, &cam, NULL));
      g_assert_cmpint (cam.height * cam.width, ==, 49);
      for (int k = 0; k < cam.channels; k++)
        {
          const float *a = cam.map + (gsize)k * 49, *g = cam.gradient + (gsize)k * 49;
          double weighted = 0, total = 0;

          for (int j = 0; j < 49; j++)
            {
              weighted += (double)g[j] * (double)a[j];
              total += (double)a[j];
            }
          for (int j = 0; j < 49; j++)
            {
              hires[j] += (double)g[j] * (double)a[j];
              xgrad[j] += total != 0 ? weighted / total * (double)a[j] : 0;
            }
        }
      for (int j = 0; j < 49; j++)
        largest = MAX (largest, fabs (map.values[j]));
      g_assert_cmpfloat (largest, >, 0);
      for (int j = 0; j < 49; j++)
        {
          close_to (hires[j], map.values[j], 1e-6 * largest);
          close_to (xgrad[j], map.values[j], 1e-4 * largest);
        }
    }
}

/* The map of each network's default layer but vit's is read by mean pooling and nothing
 * else. */
static void
test_pooled_at_once (void)
{
  guint n = 0;
  const NmdNetwork *list = nmd_networks_list (NMD_TASK_CLASSIFY, &n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (NmdNetworkGraph) net = { 0 };
      NmdNode map;
      int readers = 0;

      g_assert_true (nmd_network_inference (&net, &list[i], 2, 1, NULL));
      map = nmd_graph_find (net.graph, list[i].cam_layer);
      for (NmdNode k = 0; k < nmd_graph_get_n_nodes (net.graph); k++)
        for (int j = 0; j < nmd_graph_get (net.graph, k)->n_inputs; j++)
          if (nmd_graph_get (net.graph, k)->inputs[j] == map)
            {
              readers++;
              g_assert_true ((nmd_graph_get (net.graph, k)->op == NMD_OP_REDUCE)
                             == !g_str_equal (list[i].name, "vit"));
            }
      g_assert_cmpint (readers, >=, 1);
    }
}

static void
check_map (const NmdMap *map, const NmdImage *mask, NmdMapMethod method)
{
  int width = map->box.x1 - map->box.x0, height = map->box.y1 - map->box.y0;
  double largest = 0, most = 0;
  int at = 0;

  g_assert_cmpint (map->method, ==, method);
  g_assert_cmpint (map->target, ==, map->score >= 0.5);
  for (int i = 0; i < map->grid_width * map->grid_height; i++)
    {
      g_assert_true (map->grid[i] >= 0);
      if ((double)map->grid[i] > largest)
        {
          largest = (double)map->grid[i];
          at = i;
        }
    }
  g_assert_cmpfloat (largest, >, 0);
  for (int i = 0; i < width * height; i++)
    {
      g_assert_true (map->values[i] >= 0 && map->values[i] <= 1);
      most = MAX (most, (double)map->values[i]);
    }
  g_assert_cmpfloat (most, >, 0.5);
  close_to (map->inside + map->edge + map->outside, 1, 1e-9);
  g_assert_cmpint (map->peak_x, ==,
                   map->box.x0
                       + (int)((at % map->grid_width + 0.5) * width / map->grid_width));
  g_assert_cmpint (map->peak_y, ==,
                   map->box.y0
                       + (int)((at / map->grid_width + 0.5) * height / map->grid_height));
  g_assert_cmpint (map->peak, !=, NMD_MAP_REGION_NONE);
  if (map->peak == NMD_MAP_REGION_INSIDE)
    g_assert_cmpint (mask->pixels[map->peak_y * mask->width + map->peak_x], !=, 0);
  if (map->peak == NMD_MAP_REGION_OUTSIDE)
    g_assert_cmpint (mask->pixels[map->peak_y * mask->width + map->peak_x], ==, 0);
}

static void
test_whole (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, NULL);
  g_autoptr (NmdModel) model = fixture_model ("nmdassistnet", 1);
  g_autoptr (NmdPredictor) predictor = nmd_predictor_new (session, model, 13, NULL);
  g_autoptr (NmdImage) image = fixture_image (), flat = nmd_image_new (260, 240);
  g_autoptr (NmdImage) mask = nmd_mask_new_box (260, 240, &(NmdBox){ 60, 50, 200, 180 });

  for (NmdMapMethod method = 0; method < NMD_N_MAP_METHODS; method++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GCancellable) cancelled = g_cancellable_new ();
      g_autoptr (NmdMap) map = NULL, again = NULL, nothing = NULL;
      NmdMapMethod found;

      map = nmd_map_compute (predictor, image, mask, method, -1, NULL, NULL, &error);
      g_assert_no_error (error);
      check_map (map, mask, method);
      g_assert_true (nmd_map_method_find (nmd_map_method_get_name (method), &found));
      g_assert_cmpint (found, ==, method);
      if (method == NMD_MAP_SMOOTHGRAD) /* its noise is always the same */
        {
          again
              = nmd_map_compute (predictor, image, mask, method, -1, NULL, NULL, &error);
          g_assert_cmpmem (map->grid, AREA * sizeof (float), again->grid,
                           AREA * sizeof (float));
        }
      g_cancellable_cancel (cancelled);
      g_assert_null (
          nmd_map_compute (predictor, image, mask, method, -1, NULL, cancelled, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      /* one grey: the baseline is the image */
      if (nmd_map_method_has_layer (method))
        continue;
      nothing = nmd_map_compute (predictor, flat, NULL, method, 1, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (nothing->no_positive_evidence);
      g_assert_cmpint (nothing->peak_x, ==, -1);
      g_assert_cmpint (nothing->peak, ==, NMD_MAP_REGION_NONE);
    }
}

/* Other weights give other maps, the model's own the same bits again; incomplete ones are
 * refused and change nothing. */
static void
test_other_weights (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, NULL);
  g_autoptr (NmdModel) model = fixture_model ("nmdassistnet", 1);
  g_autoptr (NmdModel) other = fixture_model ("nmdassistnet", 2);
  g_autoptr (NmdPredictor) predictor = nmd_predictor_new (session, model, 1, NULL);
  g_autoptr (NmdPredictor) second = nmd_predictor_new (session, other, 1, NULL);
  g_autoptr (NmdWeights) none = nmd_weights_new ();
  g_autoptr (GError) error = NULL;
  g_autofree float *x = golden_input ();
  float own[2], theirs[2], got[2];

  g_assert_true (nmd_predictor_logits (predictor, x, 1, own, NULL));
  g_assert_true (nmd_predictor_logits (second, x, 1, theirs, NULL));
  g_assert_true (
      nmd_predictor_use_weights (predictor, nmd_model_get_weights (other), &error));
  g_assert_true (nmd_predictor_logits (predictor, x, 1, got, NULL));
  g_assert_cmpmem (got, sizeof got, theirs, sizeof theirs);
  g_assert_false (nmd_predictor_use_weights (predictor, none, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_assert_true (nmd_predictor_logits (predictor, x, 1, got, NULL));
  g_assert_cmpmem (got, sizeof got, theirs, sizeof theirs);
  g_assert_true (nmd_predictor_use_weights (predictor, NULL, NULL));
  g_assert_true (nmd_predictor_logits (predictor, x, 1, got, NULL));
  g_assert_cmpmem (got, sizeof got, own, sizeof own);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/maps/golden", test_golden);
  g_test_add_func ("/maps/same-at-default-layer", test_same_at_default_layer);
  g_test_add_func ("/maps/pooled-at-once", test_pooled_at_once);
  g_test_add_func ("/maps/whole", test_whole);
  g_test_add_func ("/maps/other-weights", test_other_weights);
  return g_test_run ();
}
