/* SPDX-License-Identifier: Apache-2.0
 *
 * Splits: counts by the formula, no group divided, the same whatever the order of files,
 * and what is refused. And BUS-BRA with the split that a reference training used.
 */
#include "engine/data/nmd-split.h"
#include "tests/data/fixture.h"

/* A data set without files: @n_subjects subjects, every third pathological, @per images
 * each in two muscles. Reversed order of adding with @reverse. */
static NmdDataset *
make_dataset (guint n_subjects, guint per, gboolean reverse)
{
  g_autoptr (GPtrArray) samples = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = n_subjects * per * 2;

  for (guint k = 0; k < n; k++)
    {
      guint i = reverse ? n - 1 - k : k;
      guint subject = i / (2 * per) + 1;
      const char *muscle = (i / per) % 2 == 0 ? "BB" : "TA";
      g_autofree char *id
          = g_strdup_printf ("%s/%u_%u.png", muscle, subject, i % per + 1);
      NmdSample *sample = nmd_sample_new (id);

      g_free (sample->subject);
      sample->subject = g_strdup_printf ("%u", subject);
      g_free (sample->unit);
      sample->unit = g_strdup_printf ("%s %u", muscle, subject);
      g_free (sample->muscle);
      sample->muscle = g_strdup (muscle);
      /* Only one of the muscles of an ill subject is labelled so. */
      sample->label = subject % 3 == 0 && muscle[0] == 'B';
      g_ptr_array_add (samples, sample);
    }
  return nmd_dataset_new ("made", samples);
}

static NmdSplit *
make_split (NmdDataset *dataset, const char *kind, int seed, int limit, GError **error)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();

  g_assert_true (nmd_parameters_set_text (parameters, "split", kind, NULL));
  g_assert_true (nmd_parameters_set (parameters, "seed", seed, NULL));
  g_assert_true (nmd_parameters_set (parameters, "limit", limit, NULL));
  return nmd_split_new (dataset, parameters, error);
}

/* Groups by part and label; asserts that no group is divided. */
static void
count_groups (NmdDataset *dataset,
              const NmdSplit *split,
              gboolean by_unit,
              guint counts[4][2])
{
  g_autoptr (GHashTable) parts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) ill = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer key, part;

  memset (counts, 0, 8 * sizeof (guint));
  for (guint i = 0; i < split->n; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      char *group = by_unit ? sample->unit : sample->subject;

      if (g_hash_table_lookup_extended (parts, group, NULL, &part))
        g_assert_cmpint (GPOINTER_TO_INT (part), ==, split->parts[i]);
      g_hash_table_insert (parts, group, GINT_TO_POINTER (split->parts[i]));
      if (sample->label == 1)
        g_hash_table_add (ill, group);
    }
  g_hash_table_iter_init (&iter, parts);
  while (g_hash_table_iter_next (&iter, &key, &part))
    counts[GPOINTER_TO_INT (part)][g_hash_table_contains (ill, key)]++;
}

static void
test_threeway (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (101, 2, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSplit) split = make_split (dataset, "threeway", 1, 0, &error);
  guint counts[4][2];

  g_assert_no_error (error);
  count_groups (dataset, split, FALSE, counts);
  /* 33 ill and 68 healthy subjects: 0.15·33 + 0.5 = 5.45, 0.15·68 + 0.5 = 10.7. */
  g_assert_cmpuint (counts[NMD_PART_VALIDATION][1], ==, 5);
  g_assert_cmpuint (counts[NMD_PART_TEST][1], ==, 5);
  g_assert_cmpuint (counts[NMD_PART_TRAIN][1], ==, 23);
  g_assert_cmpuint (counts[NMD_PART_VALIDATION][0], ==, 10);
  g_assert_cmpuint (counts[NMD_PART_TEST][0], ==, 10);
  g_assert_cmpuint (counts[NMD_PART_TRAIN][0], ==, 48);
  g_assert_cmpstr (split->grouping, ==, "subject");
  g_assert_null (split->caveat);
}

static void
test_paper (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (30, 2, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSplit) split = make_split (dataset, "paper", 1, 0, &error);
  guint counts[4][2];

  g_assert_no_error (error);
  count_groups (dataset, split, TRUE, counts);
  /* 10 ill units (BB of every third subject), 50 healthy ones. */
  g_assert_cmpuint (counts[NMD_PART_VALIDATION][1], ==, 3);
  g_assert_cmpuint (counts[NMD_PART_TRAIN][1], ==, 7);
  g_assert_cmpuint (counts[NMD_PART_VALIDATION][0], ==, 15);
  g_assert_cmpuint (counts[NMD_PART_TRAIN][0], ==, 35);
  g_assert_cmpuint (nmd_split_count (split, NMD_PART_TEST), ==, 0);
  g_assert_cmpstr (split->grouping, ==, "muscle-and-number");
  g_assert_nonnull (strstr (split->caveat, "chosen on these images"));
  g_assert_nonnull (strstr (split->caveat, "more than one part"));
}

static void
test_folds (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (40, 1, FALSE);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autofree guint *tested = g_new0 (guint, nmd_dataset_get_n (dataset));
  g_autofree guint *validated = g_new0 (guint, nmd_dataset_get_n (dataset));
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_parameters_set_text (parameters, "split", "kfold", NULL));
  for (int fold = 0; fold < 5; fold++)
    {
      g_autoptr (NmdSplit) split = NULL;
      guint counts[4][2];

      g_assert_true (nmd_parameters_set (parameters, "fold", fold, NULL));
      split = nmd_split_new (dataset, parameters, &error);
      g_assert_no_error (error);
      count_groups (dataset, split, FALSE, counts);
      g_assert_cmpuint (counts[NMD_PART_TEST][0] + counts[NMD_PART_TEST][1], ==, 8);
      g_assert_cmpuint (counts[NMD_PART_TEST][1], >=, 2); /* 13 ill in 5 folds */
      for (guint i = 0; i < split->n; i++)
        {
          tested[i] += split->parts[i] == NMD_PART_TEST;
          validated[i] += split->parts[i] == NMD_PART_VALIDATION;
        }
    }
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      g_assert_cmpuint (tested[i], ==, 1);
      g_assert_cmpuint (validated[i], ==, 1);
    }
  g_assert_true (nmd_parameters_set (parameters, "fold", 5, NULL));
  g_assert_null (nmd_split_new (dataset, parameters, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
}

static void
test_order_and_seed (void)
{
  static const char *const kinds[] = { "paper", "threeway", "kfold", "image" };
  g_autoptr (NmdDataset) forward = make_dataset (60, 3, FALSE);
  g_autoptr (NmdDataset) backward = make_dataset (60, 3, TRUE);

  g_assert_cmpstr (nmd_dataset_get_hash (forward), ==, nmd_dataset_get_hash (backward));
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (NmdSplit) a = make_split (forward, kinds[k], 7, 0, NULL);
      g_autoptr (NmdSplit) b = make_split (backward, kinds[k], 7, 0, NULL);
      g_autoptr (NmdSplit) other = make_split (forward, kinds[k], 8, 0, NULL);

      g_assert_cmpmem (a->parts, a->n, b->parts, b->n);
      g_assert_cmpint (memcmp (a->parts, other->parts, a->n), !=, 0);
    }
}

static void
test_image_and_limit (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (60, 3, FALSE);
  g_autoptr (NmdSplit) leaky = make_split (dataset, "image", 1, 0, NULL);
  g_autoptr (NmdSplit) few = make_split (dataset, "threeway", 1, 10, NULL);
  g_autoptr (NmdSplit) leaky_few = NULL;
  g_autoptr (GError) error = NULL;
  guint counts[4][2];

  g_assert_nonnull (strstr (leaky->caveat, "more than one part"));
  g_assert_cmpuint (nmd_split_count (leaky, NMD_PART_TEST), ==,
                    9 + 45); /* of 60 and 300 */
  count_groups (dataset, few, FALSE, counts);
  for (int label = 0; label < 2; label++)
    {
      g_assert_cmpuint (counts[NMD_PART_TRAIN][label], ==, 6);
      g_assert_cmpuint (counts[NMD_PART_VALIDATION][label], ==, 2);
      g_assert_cmpuint (counts[NMD_PART_TEST][label], ==, 2);
      g_assert_cmpuint (counts[NMD_PART_NONE][label], ==, label == 1 ? 10 : 30);
    }
  /* the same images by image: who trains differs alone */
  leaky_few = make_split (dataset, "image", 1, 10, NULL);
  for (guint i = 0; i < few->n; i++)
    g_assert_true ((few->parts[i] == NMD_PART_NONE)
                   == (leaky_few->parts[i] == NMD_PART_NONE));
  g_assert_cmpuint (nmd_split_count (leaky_few, NMD_PART_NONE), <, few->n);
  g_assert_nonnull (strstr (leaky_few->caveat, "more than one part"));
  g_assert_null (make_split (dataset, "threeway", 1, 2, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "validation"));
}

static void
test_json (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (60, 1, FALSE);
  g_autoptr (NmdDataset) smaller = make_dataset (50, 1, FALSE);
  g_autoptr (NmdSplit) split = make_split (dataset, "threeway", 3, 20, NULL), back = NULL;
  g_autoptr (JsonNode) node = nmd_split_to_json (split, dataset);
  g_autoptr (GError) error = NULL;

  back = nmd_split_from_json (node, dataset, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (split->parts, split->n, back->parts, back->n);
  g_assert_cmpstr (split->kind, ==, back->kind);
  g_assert_null (nmd_split_from_json (node, smaller, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_CHANGED);
}

/* Parts as the data set states them; a subject in two of them is a question. */
static void
test_stated (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (12, 1, FALSE);
  g_autoptr (NmdSplit) split = NULL, back = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  NmdImportReport *report = (NmdImportReport *)nmd_dataset_get_report (dataset);
  NmdSample *first = nmd_dataset_get (dataset, 0);

  g_assert_false (nmd_dataset_states_parts (dataset));
  g_assert_null (make_split (dataset, "stated", 1, 0, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_clear_error (&error);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      int subject = atoi (sample->subject);

      sample->part = subject <= 6   ? NMD_PART_TRAIN
                     : subject <= 9 ? NMD_PART_VALIDATION
                                    : NMD_PART_TEST;
    }
  report->parts_source = g_strdup ("the column “split” of t.csv");
  g_assert_true (nmd_dataset_states_parts (dataset));
  g_assert_true (nmd_split_check_stated (dataset, NULL));
  split = make_split (dataset, "stated", 1, 0, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < split->n; i++)
    g_assert_cmpuint (split->parts[i], ==, nmd_dataset_get (dataset, i)->part);
  g_assert_cmpstr (split->kind, ==, "stated");
  g_assert_cmpstr (split->source, ==, "the column “split” of t.csv");
  g_assert_null (split->caveat);
  node = nmd_split_to_json (split, dataset);
  back = nmd_split_from_json (node, dataset, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->source, ==, split->source);

  first->part = NMD_PART_TRAIN; /* subject 10 */
  g_assert_false (nmd_split_check_stated (dataset, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_SPLIT);
  g_assert_nonnull (strstr (error->message, first->id));
  nmd_split_free (split);
  split = make_split (dataset, "stated", 1, 0, NULL);
  g_assert_nonnull (strstr (split->caveat, "more than one part"));
  first->part = NMD_PART_NONE;
  g_assert_false (nmd_dataset_states_parts (dataset));
}

static void
refuse_file (NmdDataset *dataset, const char *folder, const char *text, const char *words)
{
  g_autofree char *path = g_build_filename (folder, "split.csv", NULL);
  g_autoptr (GError) error = NULL;

  fixture_text (folder, "split.csv", text);
  g_assert_null (nmd_split_load (dataset, path, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
test_file (void)
{
  g_autofree char *folder = fixture_folder (), *path = NULL;
  g_autoptr (NmdDataset) dataset = make_dataset (6, 1, FALSE);
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (GError) error = NULL;

  path = g_build_filename (folder, "split.csv", NULL);
  fixture_text (folder, "split.csv",
                "\xEF\xBB\xBFimage;part\r\nBB/1_1.png;train\r\nBB/3_1.png;train\r\n"
                "BB/6_1.png;validation\r\nTA/6_1.png;Val\r\n");
  split = nmd_split_load (dataset, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_split_count (split, NMD_PART_TRAIN), ==, 2);
  g_assert_cmpuint (nmd_split_count (split, NMD_PART_VALIDATION), ==, 2);
  g_assert_cmpuint (nmd_split_count (split, NMD_PART_NONE), ==, 8);

  /* The same images by other names, in a table of Excel's. */
  g_assert_nonnull (split->source_sha256);
  {
    g_autoptr (NmdSplit) named = NULL;

    fixture_text (
        folder, "split.csv",
        "sep=;\r\nid;Split\r\nBB\\1_1.png;training\r\n.\\BB\\3_1;train\r\n"
        "D:\\set\\BB\\6_1.png;valid\r\n/mnt/TA/6_1.png;dev\r\nBB/2_1.png;NA\r\n");
    named = nmd_split_load (dataset, path, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (named->parts, named->n, split->parts, split->n);
  }
  refuse_file (dataset, folder, "image,part\n1_1,train\n", "may be two");
  refuse_file (dataset, folder, "image,part\nBB/99_1.png,train\n", "BB/99_1.png");
  refuse_file (dataset, folder, "image,part\nBB/1_1.png,holdout\n", "holdout");
  refuse_file (dataset, folder, "image,set\nBB/1_1.png,train\n", "part");
  refuse_file (dataset, folder, "image,part\nBB/1_1.png,train\nBB/1_1.png,test\n",
               "both");
  refuse_file (dataset, folder, "image,part\nBB/1_1.png,train\nBB/2_1.png,train\n",
               "pathological");
  fixture_remove (folder);
}

static void
test_busbra (void)
{
  g_autofree char *manifest = fixture_shared ("data/busbra/manifest.csv");
  g_autofree char *file
      = manifest != NULL ? fixture_shared ("reference/twin/split.csv") : NULL;
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdSplit) split = NULL, drawn = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  guint counts[4][2];

  if (file == NULL)
    return;
  dataset = nmd_dataset_import (manifest, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("imported in %.2f s", (double)(g_get_monotonic_time () - start) / 1e6);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 1505);
  g_assert_cmpuint (nmd_dataset_count_subjects (dataset), ==, 851);
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 1), ==, "malignant");
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 0), ==, "benign");
  g_assert_cmpstr (nmd_dataset_get_title (dataset), ==, "busbra");
  g_assert_cmpuint (nmd_dataset_get_report (dataset)->left_out->len, ==, 0);
  g_assert_cmpstr (
      g_hash_table_lookup (nmd_dataset_get (dataset, 0)->attributes, "organ"), ==,
      "breast");

  split = nmd_split_load (dataset, file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_split_count (split, NMD_PART_TRAIN), ==, 1055);
  g_assert_cmpuint (nmd_split_count (split, NMD_PART_VALIDATION), ==, 450);
  g_assert_nonnull (strstr (split->caveat, "chosen on these images"));
  g_assert_null (strstr (split->caveat, "more than one part"));

  drawn = make_split (dataset, "threeway", 1, 0, &error);
  g_assert_no_error (error);
  count_groups (dataset, drawn, FALSE, counts);
  g_assert_cmpuint (counts[NMD_PART_TEST][0], ==, 87); /* 583 benign: 87.45 + 0.5 */
  g_assert_cmpuint (counts[NMD_PART_TEST][1], ==, 40); /* 268 malignant: 40.2 + 0.5 */
}

/* A column fold in place of part: one fold is test, the next validation, in a circle. */
static void
test_fold_file (void)
{
  static const char *const words[] = { "train", "validation", "test" };
  g_autofree char *folder = fixture_folder (), *path = NULL;
  g_autoptr (NmdDataset) dataset = make_dataset (8, 1, FALSE);
  g_autoptr (GString) text = g_string_new ("image,fold\n");
  g_autoptr (GError) error = NULL;

  path = g_build_filename (folder, "folds.csv", NULL);
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      nmd_dataset_get (dataset, i)->label = i / 4 % 2; /* both classes in each fold */
      g_string_append_printf (text, "%s,%u\n", nmd_dataset_get (dataset, i)->id,
                              1 + i % 4 * 2);
    }
  fixture_text (folder, "folds.csv", text->str);
  for (int fold = 0; fold < 4; fold++)
    {
      g_autoptr (NmdSplit) split
          = nmd_split_load_fold (dataset, path, fold, NULL, &error);

      g_assert_no_error (error);
      if (fold == 3) /* 7, then 1 again */
        g_assert_cmpstr (split->grouping, ==,
                         "as the file says (fold 7 is tested, fold 1 is validation)");
      for (guint i = 0; i < split->n; i++)
        g_assert_cmpstr (nmd_part_get_name ((NmdPart)split->parts[i]), ==,
                         words[(int)(i % 4) == fold             ? 2
                               : (int)(i % 4) == (fold + 1) % 4 ? 1
                                                                : 0]);
    }
  g_assert_null (nmd_split_load_fold (dataset, path, 4, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_clear_error (&error);
  refuse_file (dataset, folder, "image,fold\nBB/1_1.png,1\nBB/2_1.png,2\n", "at least 3");
  refuse_file (dataset, folder, "image,fold\nBB/1_1.png,one\n", "row 2: fold");
  fixture_remove (folder);
}

/* A share of the subjects beside the tested fold validates: whole ones, of each label, other ones for
 * another seed; what is tested stays. */
static void
test_validation_share (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "folds.csv", NULL);
  g_autoptr (NmdDataset) dataset = make_dataset (60, 2, FALSE);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (GString) text = g_string_new ("image,fold\n");
  g_autoptr (NmdSplit) next = NULL;
  g_autoptr (GError) error = NULL;
  guint n_other = 0;

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    g_string_append_printf (text, "%s,%u\n", nmd_dataset_get (dataset, i)->id, i / 2 % 5);
  fixture_text (folder, "folds.csv", text->str);
  g_assert_true (nmd_parameters_set_text (parameters, "split", "kfold", &error));
  next = nmd_split_load_fold (dataset, path, 2, parameters, &error);
  g_assert_no_error (error);
  for (int kind = 0; kind < 2; kind++)
    {
      g_autoptr (GHashTable) parts = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr (NmdSplit) whole = NULL;
      g_autoptr (NmdSplit) split = NULL;
      guint counts[4] = { 0 }, rest = 0;

      nmd_parameters_set (parameters, "fold", 2, &error);
      nmd_parameters_set (parameters, "validation-share", 0, &error);
      whole = kind == 0 ? nmd_split_new (dataset, parameters, &error)
                        : nmd_split_copy (next);
      nmd_parameters_set (parameters, "validation-share", 0.245, &error);
      split = kind == 0 ? nmd_split_new (dataset, parameters, &error)
                        : nmd_split_load_fold (dataset, path, 2, parameters, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < split->n; i++)
        {
          const NmdSample *sample = nmd_dataset_get (dataset, i);
          gpointer before = g_hash_table_lookup (parts, sample->subject);

          g_assert_true (before == NULL || GPOINTER_TO_UINT (before) == split->parts[i]);
          g_hash_table_insert (parts, sample->subject,
                               GUINT_TO_POINTER (split->parts[i]));
          counts[split->parts[i]]++;
          g_assert_true ((split->parts[i] == NMD_PART_TEST)
                         == (whole->parts[i] == NMD_PART_TEST));
        }
      rest = counts[NMD_PART_TRAIN] + counts[NMD_PART_VALIDATION];
      g_assert_cmpfloat_with_epsilon (counts[NMD_PART_VALIDATION], 0.245 * rest, 4);
      if (kind == 1)
        g_assert_cmpstr (
            split->grouping, ==,
            "as the file says (fold 2 is tested, 24.5 % of the other subjects "
            "are validation)");
      nmd_parameters_set (parameters, "seed", 2, &error);
      g_clear_pointer (&whole, nmd_split_free);
      whole = kind == 0 ? nmd_split_new (dataset, parameters, &error)
                        : nmd_split_load_fold (dataset, path, 2, parameters, &error);
      for (guint i = 0; i < split->n; i++)
        n_other += split->parts[i] != whole->parts[i];
      nmd_parameters_set (parameters, "seed", 1, &error);
    }
  g_assert_cmpuint (n_other, >, 10);
  fixture_remove (folder);
}

/* A muscle is left out: only tested subjects are in the test part, on its images alone. */
static void
test_leave_out (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (40, 2, FALSE);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) values = nmd_split_list_values (dataset, "Muscle", &error);
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (NmdSplit) limited = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (values->len, ==, 2);
  g_assert_cmpstr (values->pdata[0], ==, "BB");
  g_assert_null (nmd_split_list_values (dataset, "device", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_clear_error (&error);
  /* everybody has both muscles: nobody is left to train */
  g_assert_null (nmd_split_new_leave_out (dataset, "muscle", "BB", parameters, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_clear_error (&error);
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      const int subject = atoi (sample->subject);

      /* 18 subjects on B (one of them also on A), one image of subject 40 on none */
      g_hash_table_insert (sample->attributes, g_strdup ("device"),
                           g_strdup (subject == 40 && i % 2 == 0 ? ""
                                     : subject <= 18 && (subject != 18 || i % 2 == 0)
                                         ? "B"
                                         : "A"));
    }
  split = nmd_split_new_leave_out (dataset, "device", "B", parameters, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (split->kind, ==, "leave-out");
  for (guint i = 0; i < split->n; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      const char *device = g_hash_table_lookup (sample->attributes, "device");

      if (atoi (sample->subject) <= 18)
        g_assert_cmpint (split->parts[i], ==,
                         device[0] == 'B' ? NMD_PART_TEST : NMD_PART_NONE);
      else if (*device == '\0')
        g_assert_cmpint (split->parts[i], ==, NMD_PART_NONE);
      else
        g_assert_true (split->parts[i] == NMD_PART_TRAIN
                       || split->parts[i] == NMD_PART_VALIDATION);
    }
  g_assert_nonnull (strstr (split->caveat, "2 images of tested subjects"));
  g_assert_nonnull (strstr (split->caveat, "2 images without"));
  g_assert_true (nmd_parameters_set (parameters, "limit", 4, NULL));
  limited = nmd_split_new_leave_out (dataset, "device", "A", parameters, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_split_count (limited, NMD_PART_TEST), <=, 8 * 4);
  g_assert_cmpuint (nmd_split_count (limited, NMD_PART_TEST), >, 0);
}

/* A stated split with fewer subjects: whole ones, in the part that they had. */
static void
test_limit (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset (40, 2, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSplit) split = make_split (dataset, "threeway", 1, 0, &error);
  g_autoptr (NmdSplit) all = NULL;
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_no_error (error);
  all = nmd_split_copy (split);
  g_assert_true (nmd_split_limit (split, dataset, 0, 1, &error));
  g_assert_cmpmem (split->parts, split->n, all->parts, all->n);
  g_assert_true (nmd_split_limit (split, dataset, 12, 1, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < split->n; i++)
    if (split->parts[i] != NMD_PART_NONE)
      {
        g_assert_cmpint (split->parts[i], ==, all->parts[i]);
        g_hash_table_add (kept, nmd_dataset_get (dataset, i)->subject);
      }
  g_assert_cmpuint (g_hash_table_size (kept), ==, 24);
  g_assert_cmpuint (split->n, ==, all->n);
  g_assert_false (nmd_split_limit (split, dataset, 1, 1, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/split/threeway", test_threeway);
  g_test_add_func ("/split/paper", test_paper);
  g_test_add_func ("/split/folds", test_folds);
  g_test_add_func ("/split/validation-share", test_validation_share);
  g_test_add_func ("/split/order-and-seed", test_order_and_seed);
  g_test_add_func ("/split/image-and-limit", test_image_and_limit);
  g_test_add_func ("/split/json", test_json);
  g_test_add_func ("/split/stated", test_stated);
  g_test_add_func ("/split/file", test_file);
  g_test_add_func ("/split/fold-file", test_fold_file);
  g_test_add_func ("/split/leave-out", test_leave_out);
  g_test_add_func ("/split/limit", test_limit);
  g_test_add_func ("/split/busbra", test_busbra);
  return g_test_run ();
}
