/* SPDX-License-Identifier: Apache-2.0
 *
 * The model card of a small run and the reporting checklists filled from it.
 */
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/report/nmd-checklist.h"
#include "engine/report/nmd-run-card.h"

#include <math.h>
#include <string.h>

static NmdRunFacts *
load (gboolean with_dataset)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (fixture.unbroken, &error);
  NmdRunFacts *facts = NULL;

  g_assert_no_error (error);
  facts = nmd_run_facts_load (run, with_dataset ? fixture.dataset : NULL,
                              with_dataset ? NULL : "It has gone", NULL, &error);
  g_assert_no_error (error);
  return facts;
}

/* Numbers of the card are those of the run's files. */
static void
test_numbers (void)
{
  static const NmdCardPicture roc = { "roc", "The ROC" };
  const NmdCardPictures pictures
      = { .charts = &roc, .n_charts = 1, .images_missing = "No images here" };
  g_autoptr (NmdRunFacts) facts = load (TRUE);
  g_autoptr (NmdDocument) document = nmd_run_card_new (facts, &pictures);
  g_autofree char *text = nmd_document_to_markdown (document, "figures");
  g_autofree char *auc = nmd_measure_to_text (&facts->results->by_image.auc);
  g_autofree char *path = g_build_filename (fixture.unbroken, "metrics.json", NULL);
  g_autofree char *sha256 = nmd_file_sha256 (path, NULL, NULL);

  *strpbrk (auc, " [") = '\0'; /* Markdown escapes the bracket */
  g_assert_nonnull (strstr (text, auc));
  g_assert_nonnull (strstr (text, sha256));
  g_assert_nonnull (strstr (text, nmd_run_get_dataset_hash (facts->run)));
  g_assert_nonnull (strstr (text, "![The ROC](figures/roc.png)"));
  g_assert_nonnull (strstr (text, "No images here."));
  g_assert_nonnull (strstr (text, "no such columns"));
  g_assert_nonnull (strstr (text, "| 1.33333 | same |")); /* not sixteen digits */
  g_assert_null (strstr (text, "nan"));
  g_assert_null (strstr (text, ".."));
  g_assert_cmpuint (nmd_document_get_section (document), ==, NMD_CARD_FILES + 1);
}

/* The worst come first, and each is on the wrong side. */
static void
test_wrong (void)
{
  g_autoptr (NmdRunFacts) facts = load (FALSE);
  guint n_wrong = 0, n_fewer = 0;
  g_autoptr (GArray) rows = nmd_run_facts_list_wrong (facts, 12, &n_wrong);
  g_autoptr (GArray) none = nmd_run_facts_list_wrong (facts, 0, &n_fewer);
  const NmdMetrics *metrics = &facts->results->by_image;
  double before = INFINITY;

  g_assert_cmpuint (n_wrong, ==, metrics->fp + metrics->fn);
  g_assert_cmpuint (n_fewer, ==, n_wrong);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (rows->len, ==, MIN (12, n_wrong));
  for (guint i = 0; i < rows->len; i++)
    {
      const NmdScore *score
          = nmd_scores_get (facts->scores[facts->part], g_array_index (rows, guint, i));
      double wrong = fabs (score->label - score->score);

      g_assert_true ((score->score >= metrics->threshold) != (score->label == 1));
      g_assert_cmpfloat (wrong, <=, before);
      before = wrong;
    }
}

/* As many rows and items as the guidelines have, each answered, each section there. */
static void
test_lists (void)
{
  static const guint n_rows[] = { 44, 52, 48 }, n_items[] = { 44, 27, 40 };
  guint n_named = 0;
  g_autoptr (NmdRunFacts) facts = load (TRUE);

  for (int i = 0; i < NMD_N_CHECKLISTS; i++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
      guint n = nmd_checklist_get_n ((NmdChecklist)i), last = 0;

      g_assert_cmpuint (n, ==, n_rows[i]);
      for (guint row = 0; row < n; row++)
        {
          const char *number = NULL, *title = NULL;
          g_autofree char *where = NULL;
          NmdItemState state = nmd_checklist_fill ((NmdChecklist)i, row, facts,
                                                   "Occlusion", &number, &title, &where);
          guint item = (guint)g_ascii_strtoull (number, NULL, 10);

          g_assert_true (g_hash_table_add (seen, (gpointer)number));
          g_assert_true (item == last || item == last + 1);
          last = item;
          g_assert_cmpuint (strlen (title), >, 0);
          g_assert_cmpuint (strlen (where), >, 0);
          g_assert_null (strstr (where, "Grad-CAM")); /* names the method that was used */
          n_named += strstr (where, "Occlusion") != NULL;
          g_assert_true ((state == NMD_ITEM_REPORTED)
                         == g_str_has_prefix (where, "section "));
        }
      g_assert_cmpuint (last, ==, n_items[i]);
    }
  g_assert_cmpuint (n_named, >=, 1);
}

static NmdItemState
find (NmdChecklist checklist,
      const char *item,
      const NmdRunFacts *facts,
      const char *maps)
{
  for (guint row = 0; row < nmd_checklist_get_n (checklist); row++)
    {
      const char *number = NULL, *title = NULL;
      g_autofree char *where = NULL;
      NmdItemState state
          = nmd_checklist_fill (checklist, row, facts, maps, &number, &title, &where);

      if (g_str_equal (number, item))
        return state;
    }
  g_error ("no item %s", item);
}

/* What the run has not is not said to be reported. */
static void
test_honest (void)
{
  g_autoptr (NmdRunFacts) with = load (TRUE), without = load (FALSE);

  /* funding, how labels were made, external data: no run has them */
  g_assert_cmpint (find (NMD_CHECKLIST_CLAIM, "44", with, "LayerCAM"), ==,
                   NMD_ITEM_NOT_AVAILABLE);
  g_assert_cmpint (find (NMD_CHECKLIST_CLAIM, "14", with, "LayerCAM"), ==,
                   NMD_ITEM_NOT_AVAILABLE);
  g_assert_cmpint (find (NMD_CHECKLIST_CLAIM, "33", with, "LayerCAM"), ==,
                   NMD_ITEM_NOT_AVAILABLE);
  g_assert_cmpint (find (NMD_CHECKLIST_STARD_AI, "29", with, "LayerCAM"), ==,
                   NMD_ITEM_NOT_APPLICABLE);
  /* real images: ethics is the authors' */
  g_assert_cmpint (find (NMD_CHECKLIST_TRIPOD_AI, "17", with, "LayerCAM"), ==,
                   NMD_ITEM_NOT_AVAILABLE);
  /* the small data set has no sex and age */
  g_assert_cmpint (find (NMD_CHECKLIST_CLAIM, "36", with, "LayerCAM"), ==,
                   NMD_ITEM_NOT_AVAILABLE);
  g_assert_cmpint (find (NMD_CHECKLIST_CLAIM, "31", with, "LayerCAM"), ==,
                   NMD_ITEM_REPORTED);
  g_assert_cmpint (find (NMD_CHECKLIST_CLAIM, "31", without, NULL), ==,
                   NMD_ITEM_NOT_AVAILABLE);
}

/* Subgroups are reported where the card has them; those that it leaves out are counted. */
static void
test_subgroups (void)
{
  g_autofree char *folder = g_path_get_dirname (fixture.manifest);

  for (int two = 0; two < 2; two++)
    {
      static const NmdCardPictures pictures = { .images_missing = "No images here" };
      g_autofree char *path
          = g_build_filename (folder, two ? "two.csv" : "one.csv", NULL);
      g_autoptr (GString) table
          = g_string_new ("image,mask,subject,label,organ,age,device\n");
      g_autoptr (NmdRun) run = nmd_run_open (fixture.unbroken, NULL);
      g_autoptr (NmdDataset) dataset = NULL;
      g_autoptr (NmdRunFacts) facts = NULL;
      g_autoptr (NmdDocument) document = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      /* the upper median of 5, 5, 5, 30 leaves nobody under it; a device an image */
      for (int i = 0; i < FIXTURE_IMAGES; i++)
        g_string_append_printf (
            table, "%02d_%d.png,mask_%02d_%d.png,s%02d,%d,phantom,%d,D%02d\n", i / 2,
            i % 2, i / 2, i % 2, i / 2, i / 2 % 2,
            two              ? 20 + i / 2
            : i / 2 % 4 == 3 ? 30
                             : 5,
            i);
      g_assert_true (nmd_file_write_text (path, table->str, NULL));
      dataset = fixture_import (path);
      facts = nmd_run_facts_load (run, dataset, NULL, NULL, &error);
      g_assert_no_error (error);
      facts->part = NMD_PART_TRAIN; /* 24 images */
      document = nmd_run_card_new (facts, &pictures);
      text = nmd_document_to_markdown (document, "figures");
      g_assert_cmpint (find (NMD_CHECKLIST_TRIPOD_AI, "14", facts, NULL), ==,
                       two ? NMD_ITEM_REPORTED : NMD_ITEM_NOT_AVAILABLE);
      g_assert_true ((strstr (text, "| age under ") != NULL) == two);
      g_assert_true ((strstr (text, "| age from ") != NULL) == two);
      g_assert_nonnull (strstr (text, "| device: 16 further groups are not shown |"));
    }
}

static void
test_csv (void)
{
  g_autoptr (NmdRunFacts) facts = load (FALSE);
  g_autoptr (NmdDocument) document = nmd_document_new ();

  for (int i = 0; i < NMD_N_CHECKLISTS; i++)
    {
      g_autofree char *text = nmd_checklist_to_csv ((NmdChecklist)i, facts, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdCsv) csv = nmd_csv_parse (text, strlen (text), "list", &error);

      g_assert_no_error (error);
      g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==,
                        nmd_checklist_get_n ((NmdChecklist)i));
      g_assert_cmpint (nmd_csv_find (csv, "state"), ==, 2);
    }
  nmd_checklists_add (document, facts, NULL);
  g_assert_cmpuint (nmd_document_get_n (document), ==, 2 + 3 * NMD_N_CHECKLISTS);
}

/* Metrics that the scores do not give make no card. */
static void
test_changed (void)
{
  g_autofree char *copy = fixture_path ("changed-run");
  g_autofree char *path = g_build_filename (copy, "metrics.json", NULL), *text = NULL;
  g_autoptr (GString) changed = NULL;
  g_autoptr (NmdRunFacts) facts = NULL;
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (GError) error = NULL;

  fixture_copy (fixture.unbroken, copy);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, "\"tp\": ", "\"tp\": 1", 1), ==, 1);
  g_assert_true (g_file_set_contents (path, changed->str, -1, NULL));
  run = nmd_run_open (copy, &error);
  g_assert_no_error (error);
  facts = nmd_run_facts_load (run, NULL, NULL, NULL, &error);
  g_assert_null (facts);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_CHANGED);
  g_assert_nonnull (strstr (error->message, "metrics.tp"));
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  nmd_networks_add (&bare_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/card/numbers", test_numbers);
  g_test_add_func ("/card/wrong", test_wrong);
  g_test_add_func ("/card/changed", test_changed);
  g_test_add_func ("/checklist/lists", test_lists);
  g_test_add_func ("/checklist/honest", test_honest);
  g_test_add_func ("/checklist/subgroups", test_subgroups);
  g_test_add_func ("/checklist/csv", test_csv);
  return fixture_close (g_test_run ());
}
