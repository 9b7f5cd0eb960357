/* SPDX-License-Identifier: Apache-2.0
 *
 * Filtering images by facets. Within a facet chosen values add up, between facets they
 * narrow.
 */
#include "ui/widgets/nmd-sample-filter.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST_COLUMNS 3
#define MOST_VALUES 8

struct _NmdSampleFilter
{
  GtkFilter parent_instance;

  NmdDataSession *data_session;
  NmdRecipeSession *recipe_session;
  GPtrArray *facets;
  char *search; /* case-folded, or NULL */
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
  g_free (facet);
}

static gboolean
has_problem (const NmdSample *sample, const char *value)
{
  if (strcmp (value, "none") == 0)
    return sample->problems == 0;
  for (guint i = 0; i < G_N_ELEMENTS (problem_table); i++)
    if (strcmp (problem_table[i].value, value) == 0)
      return (sample->problems & problem_table[i].bit) != 0;
  return FALSE;
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

/* TRUE if @sample has @value in @facet. */
static gboolean
has_value (NmdSampleFilter *self,
           const NmdFacet *facet,
           const char *value,
           NmdSample *sample)
{
  switch (facet->kind)
    {
    case NMD_FACET_LABEL:
      return sample->label == (value[0] - '0');
    case NMD_FACET_PART:
      return strcmp (nmd_part_get_name (
                         nmd_recipe_session_get_part (self->recipe_session, sample)),
                     value)
             == 0;
    case NMD_FACET_PROBLEM:
      return has_problem (sample, value);
    case NMD_FACET_MUSCLE:
    case NMD_FACET_COLUMN:
    default:
      return g_strcmp0 (text_of (facet, sample), value) == 0;
    }
}

static gboolean
passes_facet (NmdSampleFilter *self, const NmdFacet *facet, NmdSample *sample)
{
  gboolean any = FALSE;

  for (guint i = 0; i < facet->values->len; i++)
    {
      const NmdFacetValue *value = g_ptr_array_index (facet->values, i);
      if (!value->chosen)
        continue;
      any = TRUE;
      if (has_value (self, facet, value->value, sample))
        return TRUE;
    }
  return !any;
}

static gboolean
passes_search (NmdSampleFilter *self, NmdSample *sample)
{
  if (self->search == NULL)
    return TRUE;
  g_autofree char *id = g_utf8_casefold (sample->id, -1);
  g_autofree char *subject
      = g_utf8_casefold (sample->subject != NULL ? sample->subject : "", -1);
  return strstr (id, self->search) != NULL || strstr (subject, self->search) != NULL;
}

static gboolean
nmd_sample_filter_match (GtkFilter *filter, gpointer item)
{
  NmdSampleFilter *self = NMD_SAMPLE_FILTER (filter);

  if (!passes_search (self, item))
    return FALSE;
  for (guint i = 0; i < self->facets->len; i++)
    if (!passes_facet (self, g_ptr_array_index (self->facets, i), item))
      return FALSE;
  return TRUE;
}

static gboolean
is_chosen (const NmdFacet *facet)
{
  for (guint i = 0; i < facet->values->len; i++)
    if (((const NmdFacetValue *)g_ptr_array_index (facet->values, i))->chosen)
      return TRUE;
  return FALSE;
}

/* Where nothing is asked for the list is passed on whole, without a look at each image. */
static GtkFilterMatch
nmd_sample_filter_get_strictness (GtkFilter *filter)
{
  NmdSampleFilter *self = NMD_SAMPLE_FILTER (filter);

  if (self->search != NULL)
    return GTK_FILTER_MATCH_SOME;
  for (guint i = 0; i < self->facets->len; i++)
    if (is_chosen (g_ptr_array_index (self->facets, i)))
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
facet_new (NmdFacetKind kind, const char *name, const char *title)
{
  NmdFacet *facet = g_new0 (NmdFacet, 1);

  facet->kind = kind;
  facet->name = g_strdup (name);
  facet->title = g_strdup (title);
  facet->values = g_ptr_array_new_with_free_func (value_free);
  return facet;
}

static int
compare_values (gconstpointer a, gconstpointer b)
{
  const NmdFacetValue *left = *(const NmdFacetValue *const *)a;
  const NmdFacetValue *right = *(const NmdFacetValue *const *)b;

  return g_utf8_collate (left->title, right->title);
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
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  NmdFacet *facet = facet_new (kind, name, title);
  guint n = nmd_dataset_get_n (dataset);

  for (guint i = 0; i < n && facet->values->len <= most; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      const char *text = text_of (facet, sample);
      if (text == NULL || g_hash_table_contains (seen, text))
        continue;
      add_value (facet, text, *text != '\0' ? text : _ ("unknown"));
      g_hash_table_add (seen, ((NmdFacetValue *)g_ptr_array_index (
                                   facet->values, facet->values->len - 1))
                                  ->value);
    }
  if (facet->values->len < 2 || facet->values->len > most)
    {
      facet_free (facet);
      return NULL;
    }
  g_ptr_array_sort (facet->values, compare_values);
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
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  NmdFacet *facet = facet_new (NMD_FACET_PROBLEM, "problem", _ ("Problems"));
  guint n = nmd_dataset_get_n (dataset);
  NmdProblems all = 0;

  for (guint i = 0; i < n; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      all |= sample->problems;
    }
  if (all != 0)
    add_value (facet, "none", _ ("none"));
  for (guint i = 0; i < G_N_ELEMENTS (problem_table); i++)
    if ((all & problem_table[i].bit) != 0)
      add_value (facet, problem_table[i].value, _ (problem_table[i].title));
  return facet;
}

static NmdFacet *
part_facet (NmdSampleFilter *self)
{
  const NmdPart parts[] = { NMD_PART_TRAIN, NMD_PART_VALIDATION, NMD_PART_TEST };
  const char *const titles[] = { _ ("training"), _ ("validation"), _ ("test") };
  NmdFacet *facet = facet_new (NMD_FACET_PART, "part", _ ("Part"));

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (nmd_recipe_session_count_part (self->recipe_session, parts[i], NULL) > 0)
      add_value (facet, nmd_part_get_name (parts[i]), titles[i]);
  return facet;
}

/* Further columns of few values, in the order of their names. */
static void
add_columns (NmdSampleFilter *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  NmdSample *first
      = nmd_dataset_get_n (dataset) > 0 ? nmd_dataset_get (dataset, 0) : NULL;

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

static gboolean
rebuild (gpointer data)
{
  NmdSampleFilter *self = data;
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);

  gboolean filtered
      = nmd_sample_filter_get_strictness (GTK_FILTER (self)) == GTK_FILTER_MATCH_SOME;

  self->rebuild_id = 0;
  g_ptr_array_set_size (self->facets, 0);
  if (dataset != NULL && !nmd_data_session_get_loading (self->data_session))
    {
      add_facet (self,
                 facet_of_texts (self, NMD_FACET_MUSCLE, "muscle", _ ("Muscle"), 32));
      NmdFacet *label = facet_new (NMD_FACET_LABEL, "label", _ ("Label"));
      add_value (label, "0", nmd_dataset_get_class (dataset, 0));
      add_value (label, "1", nmd_dataset_get_class (dataset, 1));
      add_facet (self, label);
      add_facet (self, part_facet (self));
      add_facet (self, problem_facet (self));
      add_columns (self);
    }
  nmd_sample_filter_count (self);
  if (filtered)
    gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
  g_signal_emit (self, facets_changed, 0);
  return G_SOURCE_REMOVE;
}

/* Looking through a large data set gets a turn of its own, before the next frame. */
static void
rebuild_later (NmdSampleFilter *self)
{
  if (self->rebuild_id == 0)
    self->rebuild_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, rebuild, self, NULL);
}

/* @sample counts in a facet if it passes all the others. */
static void
count_sample (NmdSampleFilter *self, NmdSample *sample)
{
  NmdFacet *failed = NULL;

  if (!passes_search (self, sample))
    return;
  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);
      if (passes_facet (self, facet, sample))
        continue;
      if (failed != NULL)
        return;
      failed = facet;
    }
  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);
      for (guint v = 0; (failed == NULL || failed == facet) && v < facet->values->len;
           v++)
        {
          NmdFacetValue *value = g_ptr_array_index (facet->values, v);
          value->n += has_value (self, facet, value->value, sample);
        }
    }
}

void
nmd_sample_filter_count (NmdSampleFilter *self)
{
  g_return_if_fail (NMD_IS_SAMPLE_FILTER (self));

  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  guint n = dataset != NULL ? nmd_dataset_get_n (dataset) : 0;
  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);
      for (guint v = 0; v < facet->values->len; v++)
        ((NmdFacetValue *)g_ptr_array_index (facet->values, v))->n = 0;
    }
  for (guint i = 0; i < n && self->facets->len > 0; i++)
    count_sample (self, nmd_dataset_get (dataset, i));
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
  g_free (self->search);
  self->search = text != NULL && *text != '\0' ? g_utf8_casefold (text, -1) : NULL;
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
  g_free (self->search);
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
