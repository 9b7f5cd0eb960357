/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes tables of scores from a random stream, models and an image.
 */
#include "tests/eval/fixture.h"

#include "engine/core/nmd-random.h"

#include <math.h>

NmdScores *
make_scores (guint n_subjects,
             guint per,
             double strength,
             double echo_strength,
             guint64 seed,
             gboolean reverse)
{
  NmdScores *scores = nmd_scores_new ();
  NmdRandom stream;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);

  nmd_random_init_for (&stream, seed, "test", 0, "");
  for (guint s = 0; s < n_subjects; s++)
    {
      double habit = nmd_random_normal (&stream),
             habit_echo = nmd_random_normal (&stream);

      for (guint i = 0; i < per; i++)
        {
          NmdScore *row = g_new0 (NmdScore, 1);
          double v;

          row->label = s % 3 == 0;
          v = habit + 0.3 * nmd_random_normal (&stream) + strength * row->label;
          row->score = floor (50 / (1 + exp (-v))) / 50;
          row->echo = 80
                      + 15
                            * (habit_echo + 0.3 * nmd_random_normal (&stream)
                               + echo_strength * row->label);
          g_ptr_array_add (rows, row);
        }
    }
  for (guint k = 0; k < rows->len; k++)
    {
      guint i = reverse ? rows->len - 1 - k : k;
      NmdScore row = *(NmdScore *)rows->pdata[i];
      g_autofree char *subject = g_strdup_printf ("s%03u", i / per);
      g_autofree char *image = g_strdup_printf ("s%03u_%u.png", i / per, i % per);

      row.subject = subject;
      row.image = image;
      row.muscle = "BB";
      nmd_scores_add (scores, &row);
    }
  return scores;
}

JsonObject *
load_golden (const char *name)
{
  static GSList *kept;
  g_autofree char *file = g_strdup_printf ("golden-%s.json", name);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "eval", file, NULL);
  g_autoptr (GError) error = NULL;
  JsonNode *node = nmd_json_load (path, &error);

  g_assert_no_error (error);
  kept = g_slist_prepend (kept, node);
  return json_node_get_object (node);
}

NmdScores *
read_golden_rows (JsonArray *rows)
{
  NmdScores *scores = nmd_scores_new ();

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonArray *row = json_array_get_array_element (rows, i);

      nmd_scores_add (scores,
                      &(NmdScore){ .subject = json_array_get_string_element (row, 0),
                                   .image = json_array_get_string_element (row, 1),
                                   .label = (int)json_array_get_int_element (row, 2),
                                   .score = json_array_get_double_element (row, 3),
                                   .echo = NAN });
    }
  return scores;
}

NmdModel *
fixture_model_of (const NmdNetwork *network, NmdWeights *weights)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdPassport) passport = nmd_passport_new ();

  return nmd_model_new (network, weights, parameters, passport, "best", NULL);
}

NmdModel *
fixture_model (const char *name, guint64 seed)
{
  const NmdNetwork *network = nmd_network_find (name, NULL);
  g_autoptr (NmdWeights) weights = nmd_network_init (network, 2, seed);

  return fixture_model_of (network, weights);
}

NmdImage *
fixture_image (void)
{
  NmdImage *image = nmd_image_new (260, 240);
  NmdRandom stream;

  nmd_random_init_for (&stream, 3, "test", 0, "");
  for (int i = 0; i < 260 * 240; i++)
    image->pixels[i]
        = (guint8)(60 + 40 * sin (i / 40.0) + nmd_random_range (&stream, 0, 60));
  return image;
}
