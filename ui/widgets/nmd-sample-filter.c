/* SPDX-License-Identifier: Apache-2.0
 *
 * Filtering images by facets. Within a facet chosen values add up, between facets they
 * narrow. What each image has is noted once a data set, as bits, so that filtering and counting tens of
 * thousands of images takes a few milliseconds.
 */
#include "ui/widgets/nmd-sample-filter.h"

#include "ui/widgets/nmd-sample-search.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST_COLUMNS 3
#define MOST_VALUES 8
#define MOST_MUSCLES 32 /* bits of a facet */

struct _NmdSampleFilter
{
  GtkFilter parent_instance;

  NmdDataSession *data_session;
  NmdRecipeSession *recipe_session;
  GPtrArray *facets;
  NmdDataset *dataset;     /* (nullable): whose images the facets are of */
  GHashTable *places;      /* NmdSample of it → its place + 1 */
  NmdSampleSearch *search; /* (nullable) */
  guint8 *found;           /* (nullable): by place, whether the search finds it */
  guint rebuild_id;
};

static guint facets_changed;

G_DEFINE_FINAL_TYPE (NmdSampleFilter, nmd_sample_filter, GTK_TYPE_FILTER)

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

static guint32
chosen_bits (const NmdFacet *facet)
{
  guint32 bits = 0;

  for (guint i = 0; i < facet->values->len; i++)
    if (((const NmdFacetValue *)g_ptr_array_index (facet->values, i))->chosen)
      bits |= 1u << i;
  return bits;
}

static gboolean
nmd_sample_filter_match (GtkFilter *filter, gpointer item)
{
  NmdSampleFilter *self = NMD_SAMPLE_FILTER (filter);
  const guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->places, item));

  /* one that arrives before its data set does */
  if (place == 0)
    return self->search == NULL || nmd_sample_search_finds (self->search, item);
  if (self->found != NULL && self->found[place - 1] == 0)
    return FALSE;
  for (guint i = 0; i < self->facets->len; i++)
    {
      const NmdFacet *facet = g_ptr_array_index (self->facets, i);
      const guint32 chosen = chosen_bits (facet);

      if (chosen != 0 && (facet->bits[place - 1] & chosen) == 0)
        return FALSE;
    }
  return TRUE;
}

/* Where nothing is asked for the list is passed on whole, without a look at each image. */
static GtkFilterMatch
nmd_sample_filter_get_strictness (GtkFilter *filter)
{
  NmdSampleFilter *self = NMD_SAMPLE_FILTER (filter);

  if (self->search != NULL)
    return GTK_FILTER_MATCH_SOME;
  for (guint i = 0; i < self->facets->len; i++)
    if (chosen_bits (g_ptr_array_index (self->facets, i)) != 0)
      return GTK_FILTER_MATCH_SOME;
  return GTK_FILTER_MATCH_ALL;
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
facet_new (NmdSampleFilter *self, NmdFacetKind kind, const char *name, const char *title)
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
sort_values (NmdSampleFilter *self, NmdFacet *facet)
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
facet_of_texts (NmdSampleFilter *self,
                NmdFacetKind kind,
                const char *name,
                const char *title,
                guint most)
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
label_facet (NmdSampleFilter *self)
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
add_facet (NmdSampleFilter *self, NmdFacet *facet)
{
  if (facet == NULL)
    return;
  if (facet->values->len < 2)
    facet_free (facet);
  else
    g_ptr_array_add (self->facets, facet);
}

static NmdFacet *
problem_facet (NmdSampleFilter *self)
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
part_facet (NmdSampleFilter *self)
{
  const NmdPart parts[] = { NMD_PART_TRAIN, NMD_PART_VALIDATION, NMD_PART_TEST };
  const char *const titles[] = { _ ("training"), _ ("validation"), _ ("test") };
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
        add_value (facet, nmd_part_get_name (parts[i]), titles[i]);
      }
  for (guint i = 0; i < n; i++)
    facet->bits[i] = bits[nmd_recipe_session_get_part (
        self->recipe_session, nmd_dataset_get (self->dataset, i))];
  return facet;
}

/* Further columns of few values, in the order of their names. */
static void
add_columns (NmdSampleFilter *self)
{
  NmdSample *first
      = nmd_dataset_get_n (self->dataset) > 0 ? nmd_dataset_get (self->dataset, 0) : NULL;

  if (first == NULL || first->attributes == NULL)
    return;
  g_autoptr (GList) names
      = g_list_sort (g_hash_table_get_keys (first->attributes), (GCompareFunc)g_strcmp0);
  guint added = 0;
  for (GList *l = names; l != NULL && added < MOST_COLUMNS; l = l->next)
    {
      /* Columns keep their names, with a capital as the other headings. */
      g_autofree char *title = g_strdup (l->data);
      title[0] = g_ascii_toupper (title[0]);
      NmdFacet *facet
          = facet_of_texts (self, NMD_FACET_COLUMN, l->data, title, MOST_VALUES);
      added += facet != NULL;
      add_facet (self, facet);
    }
}

/* The places of the images in @dataset (nullable), and which the search finds. */
static void
note_places (NmdSampleFilter *self, NmdDataset *dataset)
{
  const guint n = dataset != NULL ? nmd_dataset_get_n (dataset) : 0;

  if (!g_set_object (&self->dataset, dataset))
    return;
  g_hash_table_remove_all (self->places);
  for (guint i = 0; i < n; i++)
    g_hash_table_insert (self->places, nmd_dataset_get (dataset, i),
                         GUINT_TO_POINTER (i + 1));
}

static void
look (NmdSampleFilter *self)
{
  const guint n = self->dataset != NULL ? nmd_dataset_get_n (self->dataset) : 0;

  g_clear_pointer (&self->found, g_free);
  if (self->search == NULL || n == 0)
    return;
  self->found = g_new (guint8, n);
  for (guint i = 0; i < n; i++)
    self->found[i]
        = nmd_sample_search_finds (self->search, nmd_dataset_get (self->dataset, i));
}

static gboolean
rebuild (gpointer data)
{
  NmdSampleFilter *self = data;
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);

  gboolean filtered
      = nmd_sample_filter_get_strictness (GTK_FILTER (self)) == GTK_FILTER_MATCH_SOME;

  self->rebuild_id = 0;
  g_ptr_array_set_size (self->facets, 0);
  note_places (self, nmd_data_session_get_loading (self->data_session) ? NULL : dataset);
  look (self);
  if (self->dataset != NULL)
    {
      add_facet (self, facet_of_texts (self, NMD_FACET_MUSCLE, "muscle", _ ("Muscle"),
                                       MOST_MUSCLES));
      add_facet (self, label_facet (self));
      add_facet (self, part_facet (self));
      add_facet (self, problem_facet (self));
      add_columns (self);
    }
  nmd_sample_filter_count (self);
  g_signal_emit (self, facets_changed, 0); /* before anybody looks at the former ones */
  if (filtered)
    gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
  return G_SOURCE_REMOVE;
}

/* Looking through a large data set gets a turn of its own, before the next frame. */
static void
rebuild_later (NmdSampleFilter *self)
{
  if (self->rebuild_id == 0)
    self->rebuild_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, rebuild, self, NULL);
}

/* Image @i counts in a facet if it passes all the others. */
static void
count_sample (NmdSampleFilter *self, guint i, const guint32 *chosen)
{
  NmdFacet *failed = NULL;

  if (self->found != NULL && self->found[i] == 0)
    return;
  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);

      if (chosen[f] == 0 || (facet->bits[i] & chosen[f]) != 0)
        continue;
      if (failed != NULL)
        return;
      failed = facet;
    }
  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);
      guint32 bits = failed == NULL || failed == facet ? facet->bits[i] : 0;

      for (; bits != 0; bits &= bits - 1)
        ((NmdFacetValue *)g_ptr_array_index (facet->values, g_bit_nth_lsf (bits, -1)))
            ->n++;
    }
}

void
nmd_sample_filter_count (NmdSampleFilter *self)
{
  g_return_if_fail (NMD_IS_SAMPLE_FILTER (self));

  g_autofree guint32 *chosen = g_new0 (guint32, MAX (self->facets->len, 1));
  guint n = self->dataset != NULL ? nmd_dataset_get_n (self->dataset) : 0;

  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);

      chosen[f] = chosen_bits (facet);
      for (guint v = 0; v < facet->values->len; v++)
        ((NmdFacetValue *)g_ptr_array_index (facet->values, v))->n = 0;
    }
  for (guint i = 0; i < n && self->facets->len > 0; i++)
    count_sample (self, i, chosen);
}

gboolean
nmd_sample_filter_is_waiting (NmdSampleFilter *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FILTER (self), FALSE);
  return self->dataset == NULL && nmd_data_session_get_loading (self->data_session);
}

GPtrArray *
nmd_sample_filter_get_facets (NmdSampleFilter *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FILTER (self), NULL);
  return self->facets;
}

void
nmd_sample_filter_choose (NmdSampleFilter *self, NmdFacetValue *value, gboolean chosen)
{
  g_return_if_fail (NMD_IS_SAMPLE_FILTER (self));
  if (value->chosen == chosen)
    return;
  value->chosen = chosen;
  nmd_sample_filter_count (self);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

void
nmd_sample_filter_set_search (NmdSampleFilter *self, const char *text)
{
  g_return_if_fail (NMD_IS_SAMPLE_FILTER (self));
  g_clear_pointer (&self->search, nmd_sample_search_free);
  self->search = nmd_sample_search_new (text);
  look (self);
  nmd_sample_filter_count (self);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

void
nmd_sample_filter_clear (NmdSampleFilter *self)
{
  g_return_if_fail (NMD_IS_SAMPLE_FILTER (self));
  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);
      for (guint v = 0; v < facet->values->len; v++)
        ((NmdFacetValue *)g_ptr_array_index (facet->values, v))->chosen = FALSE;
    }
  nmd_sample_filter_set_search (self, NULL);
  g_signal_emit (self, facets_changed, 0);
}

static void
nmd_sample_filter_finalize (GObject *object)
{
  NmdSampleFilter *self = NMD_SAMPLE_FILTER (object);

  g_clear_handle_id (&self->rebuild_id, g_source_remove);
  g_clear_object (&self->data_session);
  g_clear_object (&self->recipe_session);
  g_clear_pointer (&self->facets, g_ptr_array_unref);
  g_clear_object (&self->dataset);
  g_clear_pointer (&self->places, g_hash_table_unref);
  g_free (self->found);
  g_clear_pointer (&self->search, nmd_sample_search_free);
  G_OBJECT_CLASS (nmd_sample_filter_parent_class)->finalize (object);
}

static void
nmd_sample_filter_class_init (NmdSampleFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_sample_filter_finalize;
  GTK_FILTER_CLASS (klass)->match = nmd_sample_filter_match;
  GTK_FILTER_CLASS (klass)->get_strictness = nmd_sample_filter_get_strictness;
  facets_changed = g_signal_new ("facets-changed", G_TYPE_FROM_CLASS (klass),
                                 G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_sample_filter_init (NmdSampleFilter *self)
{
  self->facets = g_ptr_array_new_with_free_func (facet_free);
  self->places = g_hash_table_new (NULL, NULL);
}

NmdSampleFilter *
nmd_sample_filter_new (NmdDataSession *data_session, NmdRecipeSession *recipe_session)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (data_session), NULL);

  NmdSampleFilter *self = g_object_new (NMD_TYPE_SAMPLE_FILTER, NULL);
  self->data_session = g_object_ref (data_session);
  self->recipe_session = g_object_ref (recipe_session);
  g_signal_connect_object (data_session, "notify::loading", G_CALLBACK (rebuild_later),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe_session, "parts-changed", G_CALLBACK (rebuild_later),
                           self, G_CONNECT_SWAPPED);
  rebuild (self);
  return self;
}
