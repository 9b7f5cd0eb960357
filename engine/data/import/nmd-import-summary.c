/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report in numbers, in words and as JSON. Nothing is measured here.
 */
#include "engine/core/nmd-text.h"
#include "engine/core/nmd-words.h"
#include "engine/data/import/nmd-import.h"

#include <glib/gi18n-lib.h>
#include <stddef.h>
#include <string.h>

#define LISTED 12 /* entries of a long list that the text shows; the JSON has all */

typedef struct
{
  const char *muscle; /* borrowed */
  guint n[2];
} MuscleCount;

static int
compare_counts (gconstpointer a, gconstpointer b)
{
  return strcmp (((const MuscleCount *)a)->muscle, ((const MuscleCount *)b)->muscle);
}

/* Images by muscle × label; muscle "" for data sets that do not say. */
static GArray *
count_muscles (NmdDataset *self)
{
  GArray *counts = g_array_new (FALSE, TRUE, sizeof (MuscleCount));
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    {
      const NmdSample *sample = nmd_dataset_get (self, i);
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, sample->muscle));

      if (place == 0)
        {
          MuscleCount fresh = { .muscle = sample->muscle };

          g_array_append_val (counts, fresh);
          place = counts->len;
          g_hash_table_insert (places, sample->muscle, GUINT_TO_POINTER (place));
        }
      g_array_index (counts, MuscleCount, place - 1).n[sample->label == 1]++;
    }
  g_array_sort (counts, compare_counts);
  return counts;
}

/* Subjects with at least one image of @label. */
static guint
count_subjects (NmdDataset *self, int label)
{
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    if (nmd_dataset_get (self, i)->label == label)
      g_hash_table_add (subjects, nmd_dataset_get (self, i)->subject);
  return g_hash_table_size (subjects);
}

/* What is found of masks: the number of images of each kind, and its words. */
static const struct
{
  NmdProblems problem;
  gsize offset;     /* of the number in NmdImportCounts */
  const char *name; /* in JSON */
  const char *one, *many;
} mask_kinds[] = {
  { NMD_PROBLEM_MASK_ALPHA, offsetof (NmdImportCounts, n_mask_alpha), "mask_alpha",
    NMD_WORDS ("image has its mask in the alpha channel",
               "images have their mask in the alpha channel") },
  { NMD_PROBLEM_MASK_SOFT, offsetof (NmdImportCounts, n_mask_soft), "mask_soft",
    NMD_WORDS ("image has a mask with soft edges", "images have masks with soft edges") },
  { NMD_PROBLEM_MASK_VOID, offsetof (NmdImportCounts, n_mask_void), "mask_void",
    NMD_WORDS ("image has an undecided border in its mask (255 of Pascal "
               "VOC's palette), which is not part of it",
               "images have undecided borders in their masks (255 of Pascal "
               "VOC's palette), which are not part of them") },
  { NMD_PROBLEM_MASK_GREY, offsetof (NmdImportCounts, n_mask_grey), "mask_grey",
    NMD_WORDS ("image has a mask that looks like a picture: DOUBTFUL",
               "images have masks that look like pictures: DOUBTFUL") },
  { NMD_PROBLEM_MASK_COVERS, offsetof (NmdImportCounts, n_mask_covers), "mask_covers",
    NMD_WORDS ("image has a mask that covers the frame: DOUBTFUL",
               "images have masks that cover the frame: DOUBTFUL") },
  { NMD_PROBLEM_MASK_INVERTED, offsetof (NmdImportCounts, n_mask_inverted),
    "mask_inverted",
    NMD_WORDS ("image has a mask that looks inverted: DOUBTFUL",
               "images have masks that look inverted: DOUBTFUL") },
  { NMD_PROBLEM_MASK_CONTOUR, offsetof (NmdImportCounts, n_mask_contour), "mask_contour",
    NMD_WORDS ("image has a line that is not filled as its mask: DOUBTFUL",
               "images have lines that are not filled as their masks: DOUBTFUL") },
  { NMD_PROBLEM_MASK_STRAY, offsetof (NmdImportCounts, n_mask_stray), "mask_stray",
    NMD_WORDS ("image has stray pixels in its mask, which make the ROI larger: DOUBTFUL",
               "images have stray pixels in their masks, which make the ROI larger: "
               "DOUBTFUL") },
};

static guint *
count_of (NmdImportCounts *counts, guint kind)
{
  return (guint *)(gpointer)((char *)counts + mask_kinds[kind].offset);
}

void
nmd_dataset_get_import_counts (NmdDataset *self, NmdImportCounts *counts)
{
  const NmdImportReport *report = NULL;

  g_return_if_fail (NMD_IS_DATASET (self) && counts != NULL);

  report = nmd_dataset_get_report (self);
  *counts = (NmdImportCounts){
    .n_images = nmd_dataset_get_n (self),
    .n_subjects = nmd_dataset_count_subjects (self),
    .n_left_out = report->left_out->len,
    .n_unreadable = report->n_unreadable,
    .n_size_mismatch = report->n_size_mismatch,
    .n_mixed_subjects = report->mixed_groups->len,
  };
  for (guint i = 0; i < counts->n_images; i++)
    {
      const NmdProblems problems = nmd_dataset_get (self, i)->problems;

      counts->n_no_mask += (problems & NMD_PROBLEM_NO_MASK) != 0;
      counts->n_empty_mask += (problems & NMD_PROBLEM_EMPTY_MASK) != 0;
      counts->n_merged_masks += (problems & NMD_PROBLEM_MERGED_MASKS) != 0;
      counts->n_doubtful += (problems & NMD_PROBLEMS_DOUBTFUL) != 0;
      counts->n_between += nmd_dataset_get (self, i)->n_between;
      for (guint k = 0; k < G_N_ELEMENTS (mask_kinds); k++)
        *count_of (counts, k) += (problems & mask_kinds[k].problem) != 0;
      counts->n_duplicate += (problems & NMD_PROBLEM_DUPLICATE) != 0;
      counts->n_label_conflict += (problems & NMD_PROBLEM_LABEL_CONFLICT) != 0;
      counts->n_coloured += (problems & NMD_PROBLEM_COLOURED) != 0;
      counts->n_lossy += (problems & NMD_PROBLEM_LOSSY) != 0;
      counts->n_black += (problems & NMD_PROBLEM_BLACK) != 0;
      counts->n_saturated += (problems & NMD_PROBLEM_SATURATED) != 0;
      counts->n_constant += (problems & NMD_PROBLEM_CONSTANT) != 0;
    }
  counts->n_whole_frame = counts->n_no_mask + counts->n_empty_mask;
}

/* One indented line; names of files and cells may hold anything. */
static void
add_line (GString *text, const char *line)
{
  g_autofree char *shown = nmd_text_display (line);

  g_string_append_printf (text, "  %s\n", shown);
}

static void
add_more (GString *text, guint n)
{
  if (n <= LISTED)
    return;
  g_string_append (text, "  ");
  /* Translators: the end of a list that is not shown whole */
  g_string_append_printf (text, nmd_word ("… and %u more"), n - LISTED);
  g_string_append (text, "\n");
}

/* @report: whose sentences the lines are */
static void
add_list (GString *text,
          const NmdImportReport *report,
          const char *heading,
          GPtrArray *lines)
{
  if (lines->len == 0)
    return;
  g_string_append_printf (text, "%s:\n", heading);
  for (guint i = 0; i < lines->len && i < LISTED; i++)
    add_line (text, nmd_import_report_say (report, lines->pdata[i]));
  add_more (text, lines->len);
}

/* A line of its own about @n of something, if there is any. */
static void G_GNUC_PRINTF (3, 4)
    add_number (GString *text, guint n, const char *sentence, ...)
{
  va_list args;

  if (n == 0)
    return;
  va_start (args, sentence);
  g_string_append_vprintf (text, sentence, args);
  va_end (args);
  g_string_append (text, "\n");
}

static void
add_counts (GString *text, NmdDataset *self)
{
  g_autoptr (GArray) counts = count_muscles (self);
  const NmdImportReport *report = nmd_dataset_get_report (self);
  guint n = nmd_dataset_get_n (self);
  guint subjects = nmd_dataset_count_subjects (self);
  guint units = nmd_dataset_count_units (self);

  g_string_append_printf (
      text, "%s: %s%s\n", nmd_dataset_get_title (self), nmd_word (report->kind),
      nmd_dataset_is_synthetic (self) ? nmd_word (", synthetic images") : "");
  if (report->archive_name != NULL)
    {
      /* Translators: a file */
      g_string_append_printf (text, nmd_word ("Read from %s"), report->archive_name);
      g_string_append (text, "\n");
    }
  g_string_append_printf (text, nmd_word_n ("%u image", "%u images", n), n);
  g_string_append_printf (
      text, nmd_word_n (" of %u subject", " of %u subjects", subjects), subjects);
  if (units != subjects)
    g_string_append_printf (text, nmd_word (" (%u muscle-and-number units)"), units);
  g_string_append (text, "\n");
  for (guint i = 0; i < counts->len; i++)
    {
      const MuscleCount *count = &g_array_index (counts, MuscleCount, i);

      g_string_append_printf (text, "  %s: %u %s, %u %s\n",
                              count->muscle[0] != '\0' ? count->muscle : nmd_word ("all"),
                              count->n[0], nmd_dataset_get_class (self, 0), count->n[1],
                              nmd_dataset_get_class (self, 1));
    }
}

/* How masks were found. */
static void
add_pairings (GString *text, const NmdImportReport *report)
{
  if (report->pairings->len > 0)
    g_string_append_printf (text, "%s\n", nmd_word ("Masks were found by"));
  for (guint i = 0; i < report->pairings->len; i++)
    {
      const NmdPairingCount *count = report->pairings->pdata[i];

      const char *rule = nmd_import_report_say (report, count->rule);
      g_string_append_printf (text, "  %s: ", nmd_word (rule));
      g_string_append_printf (text, nmd_word_n ("%u image", "%u images", count->n),
                              count->n);
      if (count->n_several > 0)
        g_string_append_printf (text, nmd_word (", %u of them with several masks"),
                                count->n_several);
      g_string_append (text, "\n");
    }
}

/* The parts that the data set states. */
static void
count_parts (NmdDataset *self, guint n[4])
{
  memset (n, 0, 4 * sizeof *n);
  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    n[nmd_dataset_get (self, i)->part]++;
}

static void
add_parts (GString *text, NmdDataset *self)
{
  const char *source = nmd_dataset_get_report (self)->parts_source;
  guint n[4];

  count_parts (self, n);
  if (n[NMD_PART_NONE] == nmd_dataset_get_n (self))
    return;
  g_string_append (text, "  ");
  g_string_append_printf (text,
                          nmd_word ("Parts as stated: %u train, %u validation, %u test"),
                          n[NMD_PART_TRAIN], n[NMD_PART_VALIDATION], n[NMD_PART_TEST]);
  if (n[NMD_PART_NONE] > 0)
    g_string_append_printf (text, nmd_word (", %u in none"), n[NMD_PART_NONE]);
  if (source != NULL)
    g_string_append_printf (
        text, " (%s)", nmd_import_report_say (nmd_dataset_get_report (self), source));
  g_string_append (text, "\n");
}

/* Names of the images with @problem, indented, the first few. */
static void
add_names (GString *text, NmdDataset *self, NmdProblems problem)
{
  guint n = 0;

  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    {
      const NmdSample *sample = nmd_dataset_get (self, i);

      if ((sample->problems & problem) != 0 && n++ < LISTED)
        add_line (text, sample->id);
    }
  add_more (text, n);
}

static void
add_left_out (GString *text, const NmdImportReport *report)
{
  guint n = report->left_out->len;

  if (n == 0)
    return;
  add_number (text, n, nmd_word_n ("%u file was left out:", "%u files were left out:", n),
              n);
  for (guint i = 0; i < n && i < LISTED; i++)
    {
      const NmdLeftOut *entry = report->left_out->pdata[i];

      g_string_append_printf (text, "  %s: %s\n", entry->path,
                              nmd_import_report_say (report, entry->reason));
    }
  add_more (text, n);
}

/* Pictures in which there is nothing to measure. */
static void
add_exposure (GString *text, NmdDataset *self, const NmdImportCounts *n)
{
  const struct
  {
    guint n;
    NmdProblems problem;
    const char *one, *many;
  } rows[] = {
    { n->n_black, NMD_PROBLEM_BLACK,
      NMD_WORDS ("image is black throughout", "images are black throughout") },
    { n->n_saturated, NMD_PROBLEM_SATURATED,
      NMD_WORDS ("image is saturated: at least half is white",
                 "images are saturated: at least half is white") },
    { n->n_constant, NMD_PROBLEM_CONSTANT,
      NMD_WORDS ("image is of one grey level throughout",
                 "images are of one grey level throughout") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (rows[i].n > 0)
        g_string_append_printf (text, "%u %s\n", rows[i].n,
                                nmd_word_n (rows[i].one, rows[i].many, rows[i].n));
      add_names (text, self, rows[i].problem);
    }
}

static void
add_mask_kinds (GString *text, NmdDataset *self, NmdImportCounts *n)
{
  for (guint k = 0; k < G_N_ELEMENTS (mask_kinds); k++)
    {
      const guint count = *count_of (n, k);

      if (count == 0)
        continue;
      g_string_append_printf (text, "%u %s", count,
                              nmd_word_n (mask_kinds[k].one, mask_kinds[k].many, count));
      if (mask_kinds[k].problem == NMD_PROBLEM_MASK_SOFT)
        {
          g_autofree char *between = g_strdup_printf ("%" G_GINT64_FORMAT, n->n_between);
          g_string_append_printf (
              text,
              nmd_word (": set from half the largest value on; %s pixels depend on that"),
              between);
        }
      g_string_append (text, "\n");
      add_names (text, self, mask_kinds[k].problem);
    }
}

static void
add_findings (GString *text, NmdDataset *self)
{
  const NmdImportReport *report = nmd_dataset_get_report (self);
  NmdImportCounts n;

  nmd_dataset_get_import_counts (self, &n);
  add_left_out (text, report);
  add_number (text, n.n_no_mask,
              nmd_word_n ("%u image has no mask: the whole frame is used, echo "
                          "intensity is not measured",
                          "%u images have no mask: the whole frame is used, echo "
                          "intensity is not measured",
                          n.n_no_mask),
              n.n_no_mask);
  add_names (text, self, NMD_PROBLEM_NO_MASK);
  add_number (text, n.n_empty_mask,
              nmd_word_n ("%u image has an empty mask: the whole frame is used, echo "
                          "intensity is not measured",
                          "%u images have an empty mask: the whole frame is used, echo "
                          "intensity is not measured",
                          n.n_empty_mask),
              n.n_empty_mask);
  add_names (text, self, NMD_PROBLEM_EMPTY_MASK);
  add_number (
      text, n.n_merged_masks,
      nmd_word_n ("%u image has several masks: the outline is all of them together",
                  "%u images have several masks: the outline is all of them together",
                  n.n_merged_masks),
      n.n_merged_masks);
  add_names (text, self, NMD_PROBLEM_MERGED_MASKS);
  add_exposure (text, self, &n);
  add_mask_kinds (text, self, &n);
  add_number (text, n.n_label_conflict,
              nmd_word_n ("%u image is identical to an image with the other label",
                          "%u images are identical to an image with the other label",
                          n.n_label_conflict),
              n.n_label_conflict);
  add_list (text, report, nmd_word ("The same picture more than once"),
            report->duplicates);
}

static void
add_quality (GString *text, NmdDataset *self)
{
  NmdImportCounts n;

  nmd_dataset_get_import_counts (self, &n);
  add_number (text, n.n_coloured,
              nmd_word_n ("%u image has coloured pixels inside the outline: echo "
                          "intensity may be off",
                          "%u images have coloured pixels inside the outline: echo "
                          "intensity may be off",
                          n.n_coloured),
              n.n_coloured);
  add_number (text, n.n_lossy,
              nmd_word_n ("%u image is stored in a lossy format: echo intensity may be "
                          "off",
                          "%u images are stored in a lossy format: echo intensity may be "
                          "off",
                          n.n_lossy),
              n.n_lossy);
}

char *
nmd_dataset_import_to_text (NmdDataset *self)
{
  GString *text = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (self), NULL);

  text = g_string_new (NULL);
  add_findings (text, self);
  return g_string_free (text, FALSE);
}

char *
nmd_dataset_report_to_text (NmdDataset *self)
{
  const NmdImportReport *report = NULL;
  GString *text = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (self), NULL);

  report = nmd_dataset_get_report (self);
  text = g_string_new (NULL);
  add_counts (text, self);
  add_pairings (text, report);
  add_parts (text, self);
  add_findings (text, self);
  add_quality (text, self);
  add_list (text, report, nmd_word ("Subjects with images of both labels"),
            report->mixed_groups);
  add_list (
      text, report,
      nmd_word ("Subjects that differ only by leading zeros or case, one person or two"),
      report->similar_subjects);
  add_list (text, report, nmd_word ("Characteristics and images that do not match"),
            report->unmatched_ids);
  add_list (text, report, nmd_word ("Assumed"), report->assumptions);
  add_list (text, report, nmd_word ("Passed over"), report->passed_over);
  return g_string_free (text, FALSE);
}

static JsonObject *
label_counts (NmdDataset *self, const guint n[2])
{
  JsonObject *object = json_object_new ();

  for (int label = 0; label < 2; label++)
    json_object_set_int_member (object, nmd_dataset_get_class (self, label), n[label]);
  return object;
}

static void
set_counts (JsonObject *object, NmdDataset *self)
{
  g_autoptr (GArray) counts = count_muscles (self);
  JsonObject *muscles = json_object_new (), *classes = json_object_new ();
  guint images[2] = { 0, 0 }, subjects[2];

  for (guint i = 0; i < counts->len; i++)
    {
      const MuscleCount *count = &g_array_index (counts, MuscleCount, i);

      json_object_set_object_member (muscles, count->muscle,
                                     label_counts (self, count->n));
      images[0] += count->n[0];
      images[1] += count->n[1];
    }
  for (int label = 0; label < 2; label++)
    subjects[label] = count_subjects (self, label);
  json_object_set_string_member (classes, "negative", nmd_dataset_get_class (self, 0));
  json_object_set_string_member (classes, "positive", nmd_dataset_get_class (self, 1));
  json_object_set_int_member (object, "units", nmd_dataset_count_units (self));
  json_object_set_object_member (object, "classes", classes);
  json_object_set_object_member (object, "images_by_label", label_counts (self, images));
  json_object_set_object_member (object, "subjects_by_label",
                                 label_counts (self, subjects));
  json_object_set_object_member (object, "muscles", muscles);
}

static void
set_names (JsonObject *object,
           const char *name,
           NmdDataset *self,
           NmdProblems problem,
           guint max)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    {
      const NmdSample *sample = nmd_dataset_get (self, i);

      if ((sample->problems & problem) != 0 && json_array_get_length (array) < max)
        json_array_add_string_element (array, sample->id);
    }
  json_object_set_array_member (object, name, array);
}

static void
set_left_out (JsonObject *object, const NmdImportReport *report, guint max)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < report->left_out->len && i < max; i++)
    {
      const NmdLeftOut *entry = report->left_out->pdata[i];
      JsonObject *item = json_object_new ();

      json_object_set_string_member (item, "path", entry->path);
      json_object_set_string_member (item, "reason", entry->reason);
      json_array_add_object_element (array, item);
    }
  json_object_set_array_member (object, "left_out_files", array);
}

static void
set_texts (JsonObject *object, const char *name, GPtrArray *texts, guint max)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < texts->len && i < max; i++)
    json_array_add_string_element (array, texts->pdata[i]);
  json_object_set_array_member (object, name, array);
}

/* "mask_rules": [{"rule", "images", "several"}]. */
static void
set_pairings (JsonObject *object, const NmdImportReport *report)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < report->pairings->len; i++)
    {
      const NmdPairingCount *count = report->pairings->pdata[i];
      JsonObject *item = json_object_new ();

      json_object_set_string_member (item, "rule", count->rule);
      json_object_set_int_member (item, "images", count->n);
      json_object_set_int_member (item, "several", count->n_several);
      json_array_add_object_element (array, item);
    }
  json_object_set_array_member (object, "mask_rules", array);
}

static void
set_findings (JsonObject *object, NmdDataset *self, guint max_names)
{
  const NmdImportReport *report = nmd_dataset_get_report (self);
  const guint max = max_names > 0 ? max_names : G_MAXUINT;
  NmdImportCounts n;

  nmd_dataset_get_import_counts (self, &n);
  const struct
  {
    const char *name;
    guint n;
  } counts[] = {
    { "images", n.n_images },
    { "subjects", n.n_subjects },
    { "left_out", n.n_left_out },
    { "unreadable", n.n_unreadable },
    { "size_mismatch", n.n_size_mismatch },
    { "no_mask", n.n_no_mask },
    { "empty_mask", n.n_empty_mask },
    { "whole_frame", n.n_whole_frame },
    { "merged_masks", n.n_merged_masks },
    { "doubtful_masks", n.n_doubtful },
    { "duplicate", n.n_duplicate },
    { "label_conflict", n.n_label_conflict },
    { "mixed_subjects", n.n_mixed_subjects },
    { "coloured", n.n_coloured },
    { "lossy", n.n_lossy },
    { "black", n.n_black },
    { "saturated", n.n_saturated },
    { "constant", n.n_constant },
  };
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    json_object_set_int_member (object, counts[i].name, counts[i].n);
  set_left_out (object, report, max);
  set_pairings (object, report);
  set_names (object, "no_mask_images", self, NMD_PROBLEM_NO_MASK, max);
  set_names (object, "empty_mask_images", self, NMD_PROBLEM_EMPTY_MASK, max);
  json_object_set_int_member (object, "mask_pixels_between", n.n_between);
  for (guint k = 0; k < G_N_ELEMENTS (mask_kinds); k++)
    {
      g_autofree char *images = g_strconcat (mask_kinds[k].name, "_images", NULL);

      json_object_set_int_member (object, mask_kinds[k].name, *count_of (&n, k));
      set_names (object, images, self, mask_kinds[k].problem, max);
    }
  set_names (object, "merged_masks_images", self, NMD_PROBLEM_MERGED_MASKS, max);
  set_names (object, "label_conflict_images", self, NMD_PROBLEM_LABEL_CONFLICT, max);
  set_names (object, "black_images", self, NMD_PROBLEM_BLACK, max);
  set_names (object, "saturated_images", self, NMD_PROBLEM_SATURATED, max);
  set_names (object, "constant_images", self, NMD_PROBLEM_CONSTANT, max);
  set_texts (object, "duplicate_images", report->duplicates, max);
}

JsonNode *
nmd_dataset_import_to_json (NmdDataset *self, guint max_names)
{
  JsonObject *object = NULL;
  JsonNode *node = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (self), NULL);

  object = json_object_new ();
  set_findings (object, self, max_names);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

/* "parts": {"train": n, …, "none": n, "source": text}, or null where none is stated. */
static void
set_parts (JsonObject *object, NmdDataset *self)
{
  const char *source = nmd_dataset_get_report (self)->parts_source;
  JsonObject *parts;
  guint n[4];

  count_parts (self, n);
  if (n[NMD_PART_NONE] == nmd_dataset_get_n (self))
    {
      json_object_set_null_member (object, "parts");
      return;
    }
  parts = json_object_new ();
  for (NmdPart part = NMD_PART_NONE; part <= NMD_PART_TEST; part++)
    json_object_set_int_member (parts, nmd_part_get_name (part), n[part]);
  if (source != NULL)
    json_object_set_string_member (parts, "source", source);
  json_object_set_object_member (object, "parts", parts);
}

JsonNode *
nmd_dataset_report_to_json (NmdDataset *self)
{
  JsonObject *object = NULL;
  JsonNode *node = NULL;
  const NmdImportReport *report = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (self), NULL);

  report = nmd_dataset_get_report (self);
  object = json_object_new ();
  json_object_set_string_member (object, "path", nmd_dataset_get_path (self));
  json_object_set_string_member (object, "title", nmd_dataset_get_title (self));
  json_object_set_string_member (object, "kind", report->kind);
  if (report->archive_name != NULL)
    json_object_set_string_member (object, "archive", report->archive_name);
  else
    json_object_set_null_member (object, "archive");
  json_object_set_boolean_member (object, "synthetic", nmd_dataset_is_synthetic (self));
  json_object_set_string_member (object, "hash", nmd_dataset_get_hash (self));
  set_counts (object, self);
  set_parts (object, self);
  set_findings (object, self, 0);
  json_object_set_int_member (object, "unmatched_ids", report->n_unmatched_ids);
  set_texts (object, "mixed_groups", report->mixed_groups, G_MAXUINT);
  set_texts (object, "similar_subjects", report->similar_subjects, G_MAXUINT);
  set_texts (object, "unmatched", report->unmatched_ids, G_MAXUINT);
  set_texts (object, "assumptions", report->assumptions, G_MAXUINT);
  set_texts (object, "passed_over", report->passed_over, G_MAXUINT);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}
