/* SPDX-License-Identifier: Apache-2.0
 *
 * Run folders without a training.
 */
#include "tests/ui/made-run.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-results.h"
#include "engine/train/nmd-run-private.h"

static const char *const part_names[] = { "train", "validation", "test" };

/* One part: its scores, lines of the tables, and a number for the rival. */
typedef struct
{
  NmdScores *scores;
  GArray *area;
} Part;

/* As run.json lists it. */
static void
list_image (
    JsonArray *images, JsonArray *names, const char *name, const char *subject, int label)
{
  JsonArray *image = json_array_new ();

  json_array_add_string_element (image, name);
  json_array_add_string_element (image, "0011223344556677");
  json_array_add_string_element (image, "");
  json_array_add_int_element (image, label);
  json_array_add_string_element (image, subject);
  json_array_add_array_element (images, image);
  json_array_add_string_element (names, name);
}

static void
add_image (Part *part,
           GString *csv,
           JsonArray *images,
           JsonArray *names,
           const NmdScore *score,
           const char *part_name,
           double area)
{
  char number[2][G_ASCII_DTOSTR_BUF_SIZE];

  nmd_scores_add (part->scores, score);
  g_array_append_val (part->area, area);
  list_image (images, names, score->image, score->subject, score->label);
  g_string_append_printf (csv, "%s,%s,,%s,%d,%s,%s\n", score->image, score->subject,
                          part_name, score->label,
                          g_ascii_dtostr (number[0], sizeof number[0], score->score),
                          g_ascii_dtostr (number[1], sizeof number[1], score->echo));
}

/* Subjects of the part @p; every second one is positive. */
static void
make_part (Part *part,
           int p,
           GRand *random,
           double better,
           GString *csv,
           JsonArray *images,
           JsonObject *parts)
{
  JsonArray *names = json_array_new ();

  part->scores = nmd_scores_new ();
  part->area = g_array_new (FALSE, FALSE, sizeof (double));
  for (int i = 0; i < 2 * MADE_RUN_SUBJECTS; i++)
    {
      g_autofree char *subject = g_strdup_printf ("s%d-%d", p, i / 2);
      g_autofree char *image = g_strdup_printf ("%s-%d.png", subject, i % 2);
      int label = i / 2 % 2;
      NmdScore score = { .subject = subject,
                         .image = image,
                         .muscle = "",
                         .label = label,
                         .score = CLAMP (0.5 + 0.2 * better * (2 * label - 1)
                                             + g_rand_double_range (random, -0.3, 0.3),
                                         0.02, 0.98),
                         .echo = g_rand_double_range (random, 60, 90) + 3 * label };

      add_image (part, csv, images, names, &score, part_names[p],
                 g_rand_double_range (random, 900, 1100) + 40 * label);
    }
  json_object_set_array_member (parts, part_names[p], names);
}

static void
save_text (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  nmd_file_write (path, text, strlen (text), &error);
  g_assert_no_error (error);
}

static void
save_metrics (const char *folder, const Part *parts, guint seed)
{
  const NmdRivalFeatures rival
      = { .title = "mask area",
          .n = 1,
          .train = (const double *)(void *)parts[0].area->data,
          .validation = (const double *)(void *)parts[1].area->data,
          .measured = (const double *)(void *)parts[2].area->data };
  const NmdEvalInput input = { .part = "test",
                               .scores = parts[2].scores,
                               .train = parts[0].scores,
                               .validation = parts[1].scores,
                               .rivals = &rival,
                               .n_rivals = 1,
                               .seed = seed,
                               .name = folder };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdEvalResults) results = nmd_eval_results_new (&input, &error);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  JsonObject *object = nmd_eval_results_to_json (results);
  json_object_set_string_member (object, "weights", "best");
  json_object_set_string_member (object, "device", "a test");
  JsonObject *all_parts = json_object_new ();
  for (int p = 0; p < 3; p++)
    {
      NmdMetrics metrics;
      nmd_metrics_compute (parts[p].scores, results->threshold.value, part_names[p],
                           &metrics, &error);
      g_assert_no_error (error);
      json_object_set_member (all_parts, part_names[p],
                              nmd_metrics_to_json (&metrics, part_names[p], "image"));
    }
  json_object_set_object_member (object, "parts", all_parts);
  json_node_take_object (node, object);
  text = json_to_string (node, FALSE);
  save_text (folder, NMD_RUN_METRICS, text);
}

static void
save_run (const char *folder,
          const char *dataset_hash,
          guint seed,
          NmdTask task,
          gboolean finished,
          JsonArray *images,
          JsonObject *parts)
{
  g_auto (NmdRunFile) file
      = { .state = finished ? NMD_RUN_FINISHED : NMD_RUN_STARTED, .threads = 1 };
  JsonObject *split = json_object_new ();
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (split, "kind", "threeway");
  json_object_set_string_member (split, "grouping", "subject");
  json_object_set_null_member (split, "caveat");
  json_object_set_object_member (split, "parts", parts);
  file.started = g_strdup_printf ("2026-01-02T03:04:%02uZ", seed % 60);
  if (finished)
    file.finished = g_strdup ("2026-01-02T04:04:00Z");
  file.network
      = nmd_network_find (task == NMD_TASK_SEGMENT ? "ghostunet" : "nmdassistnet", NULL);
  file.parameters = nmd_parameters_new_for (task);
  nmd_parameters_set (file.parameters, "seed", seed, &error);
  g_assert_no_error (error);
  file.passport = nmd_passport_new ();
  file.device = g_strdup ("cpu");
  file.dataset_path = g_strdup ("/data/made");
  file.dataset_hash = g_strdup (dataset_hash);
  file.images = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (file.images, images);
  file.split = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (file.split, split);
  nmd_run_file_save (&file, folder, &error);
  g_assert_no_error (error);
}

void
made_run_write (const char *folder,
                const char *dataset_hash,
                guint seed,
                double better,
                gboolean finished)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GString) csv
      = g_string_new ("image,subject,muscle,part,label,score,echo_intensity\n");
  JsonArray *images = json_array_new ();
  JsonObject *names = json_object_new ();
  Part parts[3] = { 0 };
  g_autoptr (GError) error = NULL;

  nmd_file_make_folder (folder, &error);
  g_assert_no_error (error);
  for (int p = 0; p < 3; p++)
    make_part (&parts[p], p, random, better, csv, images, names);
  save_run (folder, dataset_hash, seed, NMD_TASK_CLASSIFY, finished, images, names);
  save_text (folder, NMD_RUN_PREDICTIONS, csv->str);
  save_text (folder, NMD_RUN_HISTORY,
             "epoch,seconds,lr,train_loss,val_loss,val_auc,val_accuracy,wait,averaging,"
             "best\n0,1.5,0.001,0.7,0.69,0.6,0.5,0.1,0,1\n"
             "1,1.5,0.001,0.6,0.61,0.7,0.6,0.1,0,1\n"
             "2,1.4,0.0005,0.5,0.65,0.7,0.6,0.1,1,0\n");
  save_metrics (folder, parts, seed);
  g_autoptr (NmdRun) run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
  for (int p = 0; p < 3; p++)
    {
      nmd_scores_unref (parts[p].scores);
      g_array_unref (parts[p].area);
    }
}

void
made_run_write_outlines (const char *folder, const char *dataset_hash)
{
  g_autoptr (NmdOutlineTable) table = nmd_outline_table_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *metrics = json_object_new (), *measured = json_object_new ();
  JsonObject *names = json_object_new ();
  JsonArray *images = json_array_new (), *tested = json_array_new ();
  NmdOutlineResults results;
  g_autoptr (GError) error = NULL;

  nmd_file_make_folder (folder, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 6; i++)
    {
      g_autofree char *subject = g_strdup_printf ("s%d", i / 2);
      g_autofree char *image = g_strdup_printf ("%s-%d.png", subject, i % 2);
      const NmdOutlineRow row = { .image = image,
                                  .subject = subject,
                                  .part = "test",
                                  .measures = { .dice = 0.5 + 0.09 * i,
                                                .iou = 0.4 + 0.09 * i,
                                                .hd95 = 12 - i,
                                                .msd = 4 - 0.5 * i,
                                                .area = 900 + 20 * i,
                                                .area_reference = 1000,
                                                .echo = 70 + i,
                                                .echo_reference = 72 + 0.5 * i },
                                  .confidence = 0.9 };

      nmd_outline_table_add (table, &row);
      list_image (images, tested, image, subject, i % 2);
    }
  for (int p = 0; p < 2; p++)
    {
      JsonArray *part = json_array_new ();
      list_image (images, part, part_names[p], part_names[p], p);
      json_object_set_array_member (names, part_names[p], part);
    }
  json_object_set_array_member (names, "test", tested);
  save_run (folder, dataset_hash, 1, NMD_TASK_SEGMENT, TRUE, images, names);
  g_autofree char *csv = nmd_outline_table_to_csv (table);
  save_text (folder, NMD_RUN_OUTLINES, csv);
  save_text (folder, NMD_RUN_HISTORY,
             "epoch,seconds,lr,train_loss,val_loss,val_dice,wait,averaging,best\n"
             "0,1.5,0.001,0.7,0.69,0.6,0.1,0,1\n");
  nmd_outline_results_compute (table, 1, folder, &results, &error);
  g_assert_no_error (error);
  json_object_set_object_member (measured, "test",
                                 nmd_outline_results_to_json (&results));
  json_object_set_string_member (metrics, "part", "test");
  json_object_set_string_member (metrics, "weights", "best");
  json_object_set_string_member (metrics, "device", "a test");
  json_object_set_object_member (metrics, "parts", measured);
  json_object_set_object_member (metrics, "metrics",
                                 nmd_outline_results_to_json (&results));
  json_node_take_object (node, metrics);
  g_autofree char *text = json_to_string (node, FALSE);
  save_text (folder, NMD_RUN_METRICS, text);
  g_autoptr (NmdRun) run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
}
