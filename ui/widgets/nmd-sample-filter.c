/* SPDX-License-Identifier: Apache-2.0
 *
 * Filtering samples by facets. Within a facet chosen values add up, between facets they
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

/* TRUE if @sample has @value in @facet. */
static gboolean
has_value (NmdSampleFilter *self,
           const NmdFacet *facet,
           const char *value,
           NmdSample *sample)
{
  if (strcmp (facet->name, "muscle") == 0)
    return g_strcmp0 (sample->muscle, value) == 0;
  if (strcmp (facet->name, "label") == 0)
    return sample->label == (value[0] - '0');
  if (strcmp (facet->name, "part") == 0)
    return strcmp (nmd_part_get_name (
                       nmd_recipe_session_get_part (self->recipe_session, sample)),
                   value)
           == 0;
  if (strcmp (facet->name, "problem") == 0)
    {
      if (strcmp (value, "none") == 0)
        return sample->problems == 0;
      for (guint i = 0; i < G_N_ELEMENTS (problem_table); i++)
        if (strcmp (problem_table[i].value, value) == 0)
          return (sample->problems & problem_table[i].bit) != 0;
      return FALSE;
    }
  const char *cell = sample->attributes != NULL
                         ? g_hash_table_lookup (sample->attributes, facet->name)
                         : NULL;
  return g_strcmp0 (cell, value) == 0;
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

/* Whether @sample passes search and all facets but @except (nullable). */
static gboolean
passes (NmdSampleFilter *self, NmdSample *sample, const NmdFacet *except)
{
  if (!passes_search (self, sample))
    return FALSE;
  for (guint i = 0; i < self->facets->len; i++)
    {
      const NmdFacet *facet = g_ptr_array_index (self->facets, i);
      if (facet != except && !passes_facet (self, facet, sample))
        return FALSE;
    }
  return TRUE;
}

static gboolean
nmd_sample_filter_match (GtkFilter *filter, gpointer item)
{
  return passes (NMD_SAMPLE_FILTER (filter), item, NULL);
}

static GtkFilterMatch
nmd_sample_filter_get_strictness (GtkFilter *filter)
{
  return GTK_FILTER_MATCH_SOME;
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
facet_new (const char *name, const char *title)
{
  NmdFacet *facet = g_new0 (NmdFacet, 1);

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

/* The facet of one text per sample, from muscle or a column; NULL if it tells nothing
 * apart. */
static NmdFacet *
facet_of_texts (NmdSampleFilter *self, const char *name, const char *title, guint most)
{
  GListModel *samples = nmd_data_session_get_samples (self->data_session);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  NmdFacet *facet = facet_new (name, title);
  guint n = g_list_model_get_n_items (samples);

  for (guint i = 0; i < n && facet->values->len <= most; i++)
    {
      g_autoptr (NmdSample) sample = g_list_model_get_item (samples, i);
      const char *text = strcmp (name, "muscle") == 0
                             ? sample->muscle
                             : g_hash_table_lookup (sample->attributes, name);
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
  GListModel *samples = nmd_data_session_get_samples (self->data_session);
  NmdFacet *facet = facet_new ("problem", _ ("Problems"));
  guint n = g_list_model_get_n_items (samples);
  NmdProblems all = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NmdSample) sample = g_list_model_get_item (samples, i);
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
  NmdFacet *facet = facet_new ("part", _ ("Part"));

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (nmd_recipe_session_count_part (self->recipe_session, parts[i], NULL) > 0)
      add_value (facet, nmd_part_get_name (parts[i]), titles[i]);
  return facet;
}

/* Further columns of few values, in the order of their names. */
static void
add_columns (NmdSampleFilter *self)
{
  GListModel *samples = nmd_data_session_get_samples (self->data_session);
  g_autoptr (NmdSample) first = g_list_model_get_item (samples, 0);

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
      NmdFacet *facet = facet_of_texts (self, l->data, title, MOST_VALUES);
      added += facet != NULL;
      add_facet (self, facet);
    }
}

static void
rebuild (NmdSampleFilter *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);

  g_ptr_array_set_size (self->facets, 0);
  if (dataset != NULL && !nmd_data_session_get_loading (self->data_session))
    {
      add_facet (self, facet_of_texts (self, "muscle", _ ("Muscle"), 32));
      NmdFacet *label = facet_new ("label", _ ("Label"));
      add_value (label, "0", nmd_dataset_get_class (dataset, 0));
      add_value (label, "1", nmd_dataset_get_class (dataset, 1));
      add_facet (self, label);
      add_facet (self, part_facet (self));
      add_facet (self, problem_facet (self));
      add_columns (self);
    }
  nmd_sample_filter_count (self);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
  g_signal_emit (self, facets_changed, 0);
}

void
nmd_sample_filter_count (NmdSampleFilter *self)
{
  g_return_if_fail (NMD_IS_SAMPLE_FILTER (self));

  GListModel *samples = nmd_data_session_get_samples (self->data_session);
  guint n = g_list_model_get_n_items (samples);
  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);
      for (guint v = 0; v < facet->values->len; v++)
        ((NmdFacetValue *)g_ptr_array_index (facet->values, v))->n = 0;
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (NmdSample) sample = g_list_model_get_item (samples, i);
          if (!passes (self, sample, facet))
            continue;
          for (guint v = 0; v < facet->values->len; v++)
            {
              NmdFacetValue *value = g_ptr_array_index (facet->values, v);
              value->n += has_value (self, facet, value->value, sample);
            }
        }
    }
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
  g_signal_connect_object (data_session, "notify::loading", G_CALLBACK (rebuild), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe_session, "parts-changed", G_CALLBACK (rebuild), self,
                           G_CONNECT_SWAPPED);
  rebuild (self);
  return self;
}
