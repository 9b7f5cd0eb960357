/* SPDX-License-Identifier: Apache-2.0
 *
 * Facets and ranges of a data set. What each image has is noted once, as bits and numbers, so that filtering and
 * counting tens of thousands of images takes a few milliseconds.
 */
#include "ui/widgets/nmd-sample-facets.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_COLUMNS 3
#define MOST_VALUES 8
#define MOST_MUSCLES 32 /* bits of a facet */

static const struct
{
  NmdProblems bit;
  const char *value;
  const char *title;
} problem_table[] = {
  { NMD_PROBLEM_NO_MASK, "no mask", N_ ("without mask") },
  { NMD_PROBLEM_EMPTY_MASK, "empty mask", N_ ("empty mask") },
  { NMD_PROBLEM_COLOURED, "coloured", N_ ("coloured pixels") },
  { NMD_PROBLEM_LOSSY, "lossy", N_ ("JPEG") },
  { NMD_PROBLEM_DUPLICATE, "duplicate", N_ ("duplicate") },
  { NMD_PROBLEM_LABEL_CONFLICT, "conflict", N_ ("two labels") },
  { NMD_PROBLEM_BLACK, "black", N_ ("black") },
  { NMD_PROBLEM_SATURATED, "saturated", N_ ("saturated") },
  { NMD_PROBLEM_CONSTANT, "constant", N_ ("one grey level") },
  { NMD_PROBLEM_MERGED_MASKS, "several masks", N_ ("several masks") },
  { NMD_PROBLEM_MASK_ALPHA, "alpha mask", N_ ("mask in alpha") },
  { NMD_PROBLEM_MASK_SOFT, "soft mask", N_ ("soft mask edge") },
  { NMD_PROBLEM_MASK_VOID, "void border", N_ ("undecided border") },
  { NMD_PROBLEMS_DOUBTFUL, "doubtful mask", N_ ("doubtful mask") },
  { NMD_PROBLEM_MASK_GREY, "grey mask", N_ ("mask like a picture") },
  { NMD_PROBLEM_MASK_COVERS, "covering mask", N_ ("mask over the frame") },
  { NMD_PROBLEM_MASK_INVERTED, "inverted mask", N_ ("inverted mask") },
  { NMD_PROBLEM_MASK_CONTOUR, "contour", N_ ("unfilled mask") },
  { NMD_PROBLEM_MASK_STRAY, "stray pixels", N_ ("stray mask pixels") },
};

/* While facets and ranges are made. */
typedef struct
{
  NmdSampleFacts *facts;
  NmdRecipeSession *recipe_session;
  NmdDataset *dataset;
  GPtrArray *facets, *ranges;
} Making;

static void
value_free (gpointer data)
{
  NmdFacetValue *value = data;

  g_free (value->value);
  g_free (value->title);
  g_free (value);
}

static void
facet_free (gpointer data)
{
  NmdFacet *facet = data;

  g_free (facet->name);
  g_free (facet->title);
  g_ptr_array_unref (facet->values);
  g_free (facet->bits);
  g_free (facet);
}

static void
range_free (gpointer data)
{
  g_free (((NmdRange *)data)->values);
  g_free (data);
}

/* What @sample has in @facet, of muscle and columns: a text, or NULL. */
static const char *
text_of (const NmdFacet *facet, const NmdSample *sample)
{
  if (facet->kind == NMD_FACET_MUSCLE)
    return sample->muscle;
  return sample->attributes != NULL
             ? g_hash_table_lookup (sample->attributes, facet->name)
             : NULL;
}

static void
add_value (NmdFacet *facet, const char *value, const char *title)
{
  NmdFacetValue *entry = g_new0 (NmdFacetValue, 1);

  entry->value = g_strdup (value);
  entry->title = g_strdup (title);
  g_ptr_array_add (facet->values, entry);
}

static NmdFacet *
facet_new (Making *self, NmdFacetKind kind, const char *name, const char *title)
{
  NmdFacet *facet = g_new0 (NmdFacet, 1);

  facet->kind = kind;
  facet->name = g_strdup (name);
  facet->title = g_strdup (title);
  facet->values = g_ptr_array_new_with_free_func (value_free);
  facet->bits = g_new0 (guint32, MAX (nmd_dataset_get_n (self->dataset), 1));
  return facet;
}

static int
compare_values (gconstpointer a, gconstpointer b)
{
  const NmdFacetValue *left = *(const NmdFacetValue *const *)a;
  const NmdFacetValue *right = *(const NmdFacetValue *const *)b;

  return g_utf8_collate (left->title, right->title);
}

/* Sorts the values of a facet by title, and its bits with them. */
static void
sort_values (Making *self, NmdFacet *facet)
{
  g_autoptr (GPtrArray) before = g_ptr_array_copy (facet->values, NULL, NULL);
  guint32 bits[MOST_MUSCLES] = { 0 };

  g_ptr_array_set_free_func (before, NULL); /* the copy would have that of the values */
  g_ptr_array_sort (facet->values, compare_values);
  for (guint v = 0; v < facet->values->len; v++)
    {
      guint old = 0;

      g_ptr_array_find (before, facet->values->pdata[v], &old);
      bits[old] = 1u << v;
    }
  for (guint i = 0; i < nmd_dataset_get_n (self->dataset); i++)
    if (facet->bits[i] != 0)
      facet->bits[i] = bits[g_bit_nth_lsf (facet->bits[i], -1)];
}

/* The facet of one text per image, from muscle or a column; NULL if it tells nothing
 * apart. */
static NmdFacet *
facet_of_texts (
    Making *self, NmdFacetKind kind, const char *name, const char *title, guint most)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  NmdFacet *facet = facet_new (self, kind, name, title);
  guint n = nmd_dataset_get_n (self->dataset);

  for (guint i = 0; i < n && facet->values->len <= most; i++)
    {
      const char *text = text_of (facet, nmd_dataset_get (self->dataset, i));
      guint place = 0;

      if (text == NULL)
        continue;
      place = GPOINTER_TO_UINT (g_hash_table_lookup (seen, text));
      if (place == 0 && facet->values->len < most)
        {
          add_value (facet, text, *text != '\0' ? text : _ ("unknown"));
          place = facet->values->len;
          g_hash_table_insert (seen, (gpointer)text, GUINT_TO_POINTER (place));
        }
      else if (place == 0)
        {
          facet_free (facet);
          return NULL;
        }
      facet->bits[i] = 1u << (place - 1);
    }
  if (facet->values->len < 2)
    {
      facet_free (facet);
      return NULL;
    }
  sort_values (self, facet);
  return facet;
}

static NmdFacet *
label_facet (Making *self)
{
  NmdFacet *facet = facet_new (self, NMD_FACET_LABEL, "label", _ ("Label"));

  for (int label = 0; label < 2; label++)
    add_value (facet, label == 0 ? "0" : "1",
               nmd_dataset_get_class (self->dataset, label));
  for (guint i = 0; i < nmd_dataset_get_n (self->dataset); i++)
    facet->bits[i] = 1u << nmd_dataset_get (self->dataset, i)->label;
  return facet;
}

static void
add_facet (Making *self, NmdFacet *facet)
{
  if (facet == NULL)
    return;
  if (facet->values->len < 2)
    facet_free (facet);
  else
    g_ptr_array_add (self->facets, facet);
}

static NmdFacet *
problem_facet (Making *self)
{
  NmdFacet *facet = facet_new (self, NMD_FACET_PROBLEM, "problem", _ ("Problems"));
  const guint n = nmd_dataset_get_n (self->dataset);
  guint places[G_N_ELEMENTS (problem_table)] = { 0 };
  NmdProblems all = 0;

  for (guint i = 0; i < n; i++)
    all |= nmd_dataset_get (self->dataset, i)->problems;
  if (all != 0)
    add_value (facet, "none", _ ("none"));
  for (guint k = 0; k < G_N_ELEMENTS (problem_table); k++)
    if ((all & problem_table[k].bit) != 0)
      {
        places[k] = facet->values->len;
        add_value (facet, problem_table[k].value, _ (problem_table[k].title));
      }
  for (guint i = 0; all != 0 && i < n; i++)
    {
      const NmdProblems problems = nmd_dataset_get (self->dataset, i)->problems;

      facet->bits[i] = problems == 0 ? 1 : 0;
      for (guint k = 0; problems != 0 && k < G_N_ELEMENTS (problem_table); k++)
        if ((problems & problem_table[k].bit) != 0)
          facet->bits[i] |= 1u << places[k];
    }
  return facet;
}

static NmdFacet *
part_facet (Making *self)
{
  const NmdPart parts[] = { NMD_PART_TRAIN, NMD_PART_VALIDATION, NMD_PART_TEST };
  NmdFacet *facet = facet_new (self, NMD_FACET_PART, "part", _ ("Part"));
  const guint n = nmd_dataset_get_n (self->dataset);
  guint counts[NMD_PART_TEST + 1] = { 0 };
  guint32 bits[NMD_PART_TEST + 1] = { 0 };

  for (guint i = 0; i < n; i++)
    counts[nmd_recipe_session_get_part (self->recipe_session,
                                        nmd_dataset_get (self->dataset, i))]++;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (counts[parts[i]] > 0)
      {
        bits[parts[i]] = 1u << facet->values->len;
        add_value (facet, nmd_part_get_name (parts[i]), nmd_part_get_title (parts[i]));
      }
  for (guint i = 0; i < n; i++)
    facet->bits[i] = bits[nmd_recipe_session_get_part (
        self->recipe_session, nmd_dataset_get (self->dataset, i))];
  return facet;
}

/* What the chosen run says of each image; none without scores. */
static NmdFacet *
predicted_facet (Making *self)
{
  /* Translators: the class that a network says an image is of */
  NmdFacet *facet = facet_new (self, NMD_FACET_PREDICTED, "predicted", _ ("Predicted"));

  if (!nmd_sample_facts_has_scores (self->facts))
    return facet;
  for (int label = 0; label < 2; label++)
    add_value (facet, label == 0 ? "0" : "1",
               nmd_dataset_get_class (self->dataset, label));
  add_value (facet, "none", _ ("no score"));
  for (guint i = 0; i < nmd_dataset_get_n (self->dataset); i++)
    {
      const int predicted = nmd_sample_facts_get_predicted (
          self->facts, nmd_dataset_get (self->dataset, i));
      facet->bits[i] = 1u << (predicted >= 0 ? predicted : 2);
    }
  return facet;
}

/* Further columns of few values, in the order of their names. */
static void
add_columns (Making *self)
{
  g_auto (GStrv) names = nmd_sample_facts_get_columns (self->facts);

  for (guint i = 0, added = 0; names[i] != NULL && added < MOST_COLUMNS; i++)
    {
      /* Columns keep their names, with a capital as the other headings. */
      g_autofree char *title = g_strdup (names[i]);
      title[0] = g_ascii_toupper (title[0]);
      NmdFacet *facet
          = facet_of_texts (self, NMD_FACET_COLUMN, names[i], title, MOST_VALUES);
      added += facet != NULL;
      add_facet (self, facet);
    }
}

/* The range of a fact, if images differ in it. */
static void
add_range (Making *self, NmdSampleFact fact, const char *title, double step, int digits)
{
  const double *values = nmd_sample_facts_get_keys (self->facts, fact, NULL);
  const guint n = nmd_dataset_get_n (self->dataset);
  double lowest = NAN, highest = NAN;

  for (guint i = 0; i < n; i++)
    {
      lowest = fmin (lowest, values[i]);
      highest = fmax (highest, values[i]);
    }
  if (!(lowest < highest))
    return;
  NmdRange *range = g_new0 (NmdRange, 1);
  range->fact = fact;
  range->title = title;
  range->values = g_memdup2 (values, MAX (n, 1) * sizeof (double));
  range->step = step;
  range->digits = digits;
  range->lowest = fact == NMD_FACT_SCORE ? 0 : floor (lowest / step) * step;
  range->highest = fact == NMD_FACT_SCORE ? 1 : ceil (highest / step) * step;
  range->from = range->lowest;
  range->to = range->highest;
  g_ptr_array_add (self->ranges, range);
}

GPtrArray *
nmd_facets_new (NmdSampleFacts *facts, NmdRecipeSession *recipe)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (facts), NULL);

  Making making = { .facts = facts, .recipe_session = recipe };
  making.dataset = nmd_sample_facts_get_dataset (facts);
  making.facets = g_ptr_array_new_with_free_func (facet_free);
  if (making.dataset == NULL)
    return making.facets;
  add_facet (&making, facet_of_texts (&making, NMD_FACET_MUSCLE, "muscle", _ ("Muscle"),
                                      MOST_MUSCLES));
  add_facet (&making, label_facet (&making));
  add_facet (&making, part_facet (&making));
  add_facet (&making, predicted_facet (&making));
  add_facet (&making, problem_facet (&making));
  add_columns (&making);
  return making.facets;
}

GPtrArray *
nmd_ranges_new (NmdSampleFacts *facts)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (facts), NULL);

  Making making = { .facts = facts };
  making.dataset = nmd_sample_facts_get_dataset (facts);
  making.ranges = g_ptr_array_new_with_free_func (range_free);
  if (making.dataset == NULL)
    return making.ranges;
  if (nmd_sample_facts_has_scores (facts))
    add_range (&making, NMD_FACT_SCORE, _ ("Score"), 0.01, 2);
  add_range (&making, NMD_FACT_ECHO, _ ("Echo intensity"), 1, 0);
  return making.ranges;
}

char *
nmd_problems_to_words (NmdProblems problems)
{
  GString *text = g_string_new (NULL);

  for (guint k = 0; k < G_N_ELEMENTS (problem_table); k++)
    if (problem_table[k].bit != NMD_PROBLEMS_DOUBTFUL
        && (problems & problem_table[k].bit) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "",
                              problem_table[k].value);
  return g_string_free (text, FALSE);
}
