/* SPDX-License-Identifier: Apache-2.0
 *
 * The card's section on data: who is in which part. Counts are of predictions.csv; sex and
 * age are the data set's, where it can be opened and has them.
 */
#include "config.h"

#include "engine/report/nmd-run-card-private.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-json-value.h"

#include <math.h>

#define NOT_AVAILABLE "not available"

/* The images of one label in one part. */
typedef struct
{
  guint n_images;
  GHashTable *subjects; /* set; those that were counted */
  GHashTable *muscles;  /* word → GUINT_TO_POINTER (images) */
  GHashTable *sexes;    /* word → GUINT_TO_POINTER (subjects) */
  GArray *ages;         /* double, of subjects */
} Group;

static void
group_init (Group *self)
{
  self->n_images = 0;
  self->subjects = g_hash_table_new (g_str_hash, g_str_equal);
  self->muscles = g_hash_table_new (g_str_hash, g_str_equal);
  self->sexes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->ages = g_array_new (FALSE, FALSE, sizeof (double));
}

static void
group_clear (Group *self)
{
  g_hash_table_unref (self->subjects);
  g_hash_table_unref (self->muscles);
  g_hash_table_unref (self->sexes);
  g_array_unref (self->ages);
}

static void
count (GHashTable *table, const char *word)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (table, word));

  g_hash_table_insert (table, (gpointer)word, GUINT_TO_POINTER (n + 1));
}

static void
group_fill (Group *self, const NmdRunFacts *facts, int part, int label)
{
  const NmdScores *scores = facts->scores[part];

  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);
      const char *sex = nmd_run_facts_get_attribute (facts, score->image, "sex");
      const char *age = nmd_run_facts_get_attribute (facts, score->image, "age");
      double years;

      if (score->label != label)
        continue;
      self->n_images++;
      if (*score->muscle != '\0')
        count (self->muscles, score->muscle);
      if (!g_hash_table_add (self->subjects, (gpointer)nmd_score_group (score)))
        continue;
      if (sex != NULL)
        {
          char *word = g_utf8_strdown (sex, -1);
          guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->sexes, word));

          g_hash_table_insert (self->sexes, word, GUINT_TO_POINTER (n + 1));
        }
      if (age != NULL && nmd_csv_parse_number (age, &years))
        g_array_append_val (self->ages, years);
    }
}

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (a, b);
}

/* "BB 42, GM 40", or that there is nothing. */
static char *
describe_words (GHashTable *table)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (table), compare_words);
  GString *text = g_string_new (NULL);

  if (keys == NULL)
    return g_string_free (g_string_append (text, NOT_AVAILABLE), FALSE);
  for (GList *key = keys; key != NULL; key = key->next)
    g_string_append_printf (text, "%s%s %u", text->len > 0 ? ", " : "",
                            (const char *)key->data,
                            GPOINTER_TO_UINT (g_hash_table_lookup (table, key->data)));
  return g_string_free (text, FALSE);
}

/* "54.1 ± 12.3, 21 to 80 (18 subjects)". */
static char *
describe_ages (const GArray *ages)
{
  double sum = 0, squares = 0, low = INFINITY, high = -INFINITY;
  g_autofree char *mean = NULL, *sd = NULL, *from = NULL, *to = NULL;

  if (ages->len == 0)
    return g_strdup (NOT_AVAILABLE);
  for (guint i = 0; i < ages->len; i++)
    {
      double age = g_array_index (ages, double, i);

      sum += age;
      low = MIN (low, age);
      high = MAX (high, age);
    }
  for (guint i = 0; i < ages->len; i++)
    squares += pow (g_array_index (ages, double, i) - sum / ages->len, 2);
  mean = nmd_card_number (sum / ages->len, 1);
  sd = nmd_card_number (ages->len > 1 ? sqrt (squares / (ages->len - 1)) : NAN, 1);
  from = nmd_card_number (low, 0);
  to = nmd_card_number (high, 0);
  return g_strdup_printf ("%s ± %s, %s to %s (%u)", mean, sd, from, to, ages->len);
}

static void
add_people (NmdDocument *document, const NmdRunFacts *facts)
{
  static const char *const head[] = { "Part",
                                      "Label",
                                      "Images",
                                      "Subjects",
                                      "Muscle: images",
                                      "Sex: subjects",
                                      "Age: mean ± SD, range (subjects)" };
  const NmdPassport *passport = nmd_run_get_passport (facts->run);

  nmd_document_add_table (
      document, "Parts by label; a subject with images of both labels is in both rows",
      G_N_ELEMENTS (head), head);
  for (int part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    for (int label = 1; label >= 0 && nmd_scores_get_n (facts->scores[part]) > 0; label--)
      {
        Group group;
        g_autofree char *images = NULL, *subjects = NULL, *muscles = NULL, *sexes = NULL,
                        *ages = NULL;

        group_init (&group);
        group_fill (&group, facts, part, label);
        images = g_strdup_printf ("%u", group.n_images);
        subjects = g_strdup_printf ("%u", g_hash_table_size (group.subjects));
        muscles = describe_words (group.muscles);
        sexes = describe_words (group.sexes);
        ages = describe_ages (group.ages);
        {
          const char *const cells[] = { nmd_part_get_name ((NmdPart)part),
                                        passport->classes[label],
                                        images,
                                        subjects,
                                        muscles,
                                        sexes,
                                        ages };

          nmd_document_add_row (document, cells);
        }
        group_clear (&group);
      }
}

/* What the import left out or doubted; counts of run.json's or metrics.json's "import". */
static void
add_import (NmdDocument *document, const NmdRunFacts *facts)
{
  static const struct
  {
    const char *member, *words;
  } rows[] = {
    { "left_out", "files left out" },
    { "whole_frame", "images without an outline, whose whole frame is used" },
    { "doubtful_masks", "images with a doubtful mask" },
    { "duplicate", "images with the same pixels as an earlier one" },
    { "label_conflict", "of these with the other label" },
    { "mixed_subjects", "subjects with images of both labels" },
    { "coloured", "images with coloured pixels inside the outline" },
    { "lossy", "images of a lossy format" },
  };
  NmdJsonValue top
      = nmd_json_value_top (nmd_run_get_metrics (facts->run), "metrics.json"),
      import;
  gint64 images = 0, subjects = 0;

  if (!nmd_json_get_object (&top, "import", NMD_JSON_OPTIONAL, &import, NULL)
      || import.node == NULL
      || !nmd_json_get_int (&import, "images", NMD_JSON_REQUIRED, 0, G_MAXINT, &images,
                            NULL)
      || !nmd_json_get_int (&import, "subjects", NMD_JSON_REQUIRED, 0, G_MAXINT,
                            &subjects, NULL))
    {
      nmd_document_add (document, NMD_BLOCK_TEXT,
                        "What the import left out: " NOT_AVAILABLE
                        " (the run is older than that record).");
      return;
    }
  nmd_document_add (document, NMD_BLOCK_TEXT,
                    "Flow: the import read %d images of %d subjects. Of these the split "
                    "gave %u images to training, %u to validation and %u to test.",
                    (int)images, (int)subjects,
                    nmd_scores_get_n (facts->scores[NMD_PART_TRAIN]),
                    nmd_scores_get_n (facts->scores[NMD_PART_VALIDATION]),
                    nmd_scores_get_n (facts->scores[NMD_PART_TEST]));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 n = 0;

      if (nmd_json_get_int (&import, rows[i].member, NMD_JSON_OPTIONAL, 0, G_MAXINT, &n,
                            NULL))
        nmd_document_add (document, NMD_BLOCK_ITEM, "%d %s", (int)n, rows[i].words);
    }
}

static char *
join (char **words)
{
  return words != NULL && *words != NULL ? g_strjoinv (", ", words)
                                         : g_strdup ("unknown");
}

void
nmd_card_add_data (NmdDocument *document, const NmdRunFacts *facts)
{
  const NmdPassport *passport = nmd_run_get_passport (facts->run);
  g_autofree char *muscles = join (passport->muscles),
                  *devices = join (passport->devices);
  g_autofree char *title
      = facts->dataset != NULL
            ? g_strdup (nmd_dataset_get_title (facts->dataset))
            : g_path_get_basename (nmd_run_get_dataset_path (facts->run));

  nmd_document_add (document, NMD_BLOCK_HEADING, "%s",
                    nmd_card_section_get_title (NMD_CARD_DATA));
  nmd_document_add (
      document, NMD_BLOCK_TEXT,
      "Data set “%s”. Organ: %s. Muscles: %s. View: %s. Devices: %s. %s Labels: “%s” is "
      "positive, “%s” negative; they come from the %s (%s).",
      title, passport->organ, muscles, passport->view, devices,
      passport->synthetic ? "The images are simulated." : "", passport->classes[1],
      passport->classes[0], passport->label_meaning, passport->label_source);
  nmd_document_add (document, NMD_BLOCK_TEXT,
                    "SHA-256 of its contents (ids, images, masks, labels, subjects): %s.",
                    nmd_run_get_dataset_hash (facts->run));
  add_import (document, facts);
  add_people (document, facts);
  if (facts->dataset == NULL)
    nmd_document_add (document, NMD_BLOCK_TEXT, "Sex and age are " NOT_AVAILABLE ": %s.",
                      facts->dataset_missing != NULL ? facts->dataset_missing
                                                     : "the data set was not opened");
  else if (!nmd_run_facts_has_attribute (facts, "sex")
           && !nmd_run_facts_has_attribute (facts, "age"))
    nmd_document_add (document, NMD_BLOCK_TEXT,
                      "Sex and age are " NOT_AVAILABLE ": the data set has no such "
                      "columns.");
}
