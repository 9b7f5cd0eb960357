/* SPDX-License-Identifier: Apache-2.0
 *
 * Filtering images by facets and ranges. Within a facet chosen values add up, between facets they
 * narrow. What each image has is noted once a data set, as bits, so that filtering and counting tens of
 * thousands of images takes a few milliseconds.
 */
#include "ui/widgets/nmd-sample-filter.h"

#include "ui/widgets/nmd-sample-search.h"

#include <math.h>
#include <string.h>

struct _NmdSampleFilter
{
  GtkFilter parent_instance;

  NmdDataSession *data_session;
  NmdRecipeSession *recipe_session;
  NmdSampleFacts *facts;
  GPtrArray *facets;
  GPtrArray *ranges;
  NmdDataset *dataset;     /* (nullable): whose images the facets are of */
  GWeakRef last;           /* the one before, which comes back if another … */
  GPtrArray *last_facets;  /* (nullable): … cannot be read, with what was chosen */
  GPtrArray *last_ranges;  /* (nullable) */
  NmdSampleSearch *search; /* (nullable) */
  guint8 *found;           /* (nullable): by place, whether the search finds it */
  guint8 *passes;          /* (nullable): by place, whether it passes, as last counted */
  guint rebuild_id;
};

static guint facets_changed;

G_DEFINE_FINAL_TYPE (NmdSampleFilter, nmd_sample_filter, GTK_TYPE_FILTER)

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
range_is_narrow (const NmdRange *range)
{
  return range->from > range->lowest || range->to < range->highest;
}

/* Whether image @i passes; one without the number does only where all do. */
static gboolean
range_has (const NmdRange *range, guint i)
{
  return !range_is_narrow (range)
         || (range->values[i] >= range->from && range->values[i] <= range->to);
}

static gboolean
nmd_sample_filter_match (GtkFilter *filter, gpointer item)
{
  NmdSampleFilter *self = NMD_SAMPLE_FILTER (filter);
  const guint place = nmd_sample_facts_get_place (self->facts, item);

  /* one that arrives before its data set does, or before its facets are made */
  if (place == 0 || self->dataset != nmd_sample_facts_get_dataset (self->facts))
    return self->search == NULL || nmd_sample_search_finds (self->search, item);
  return self->passes == NULL || self->passes[place - 1] != 0;
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
  for (guint i = 0; i < self->ranges->len; i++)
    if (range_is_narrow (g_ptr_array_index (self->ranges, i)))
      return GTK_FILTER_MATCH_SOME;
  return GTK_FILTER_MATCH_ALL;
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

/* What was chosen among @former, of the same data set, is chosen again. */
static void
choose_again (NmdSampleFilter *self, GPtrArray *facets, GPtrArray *ranges)
{
  for (guint f = 0; f < facets->len; f++)
    for (guint k = 0; k < self->facets->len; k++)
      {
        const NmdFacet *former = facets->pdata[f], *facet = self->facets->pdata[k];

        if (!g_str_equal (former->name, facet->name))
          continue;
        for (guint i = 0; i < former->values->len; i++)
          for (guint j = 0; j < facet->values->len; j++)
            {
              const NmdFacetValue *was = former->values->pdata[i];
              NmdFacetValue *is = facet->values->pdata[j];

              if (was->chosen && g_str_equal (was->value, is->value))
                is->chosen = TRUE;
            }
      }
  for (guint f = 0; f < ranges->len; f++)
    for (guint k = 0; k < self->ranges->len; k++)
      {
        const NmdRange *former = ranges->pdata[f];
        NmdRange *range = self->ranges->pdata[k];

        if (former->fact != range->fact || !range_is_narrow (former))
          continue;
        range->from = MAX (former->from, range->lowest);
        range->to = MIN (former->to, range->highest);
      }
}

static gboolean
rebuild (gpointer data)
{
  NmdSampleFilter *self = data;
  NmdDataset *dataset = nmd_sample_facts_get_dataset (self->facts);
  g_autoptr (GPtrArray) facets = self->facets, ranges = self->ranges;
  g_autoptr (NmdDataset) last = g_weak_ref_get (&self->last);
  const gboolean same = dataset == self->dataset;
  gboolean filtered = nmd_sample_filter_is_active (self);

  self->rebuild_id = 0;
  if (dataset == NULL && !same)
    g_weak_ref_set (&self->last, self->dataset);
  self->facets = nmd_facets_new (self->facts, self->recipe_session);
  self->ranges = nmd_ranges_new (self->facts);
  g_set_object (&self->dataset, dataset);
  look (self);
  if (same)
    choose_again (self, facets, ranges);
  else if (dataset == NULL)
    {
      g_clear_pointer (&self->last_facets, g_ptr_array_unref);
      g_clear_pointer (&self->last_ranges, g_ptr_array_unref);
      self->last_facets = g_steal_pointer (&facets);
      self->last_ranges = g_steal_pointer (&ranges);
    }
  else if (dataset == last && self->last_facets != NULL)
    choose_again (self, self->last_facets, self->last_ranges);
  nmd_sample_filter_count (self);
  g_signal_emit (self, facets_changed, 0); /* before anybody looks at the former ones */
  if (filtered || nmd_sample_filter_is_active (self))
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

static void
count_in_range (NmdRange *range, guint i)
{
  const double share
      = (range->values[i] - range->lowest) / (range->highest - range->lowest);

  if (!isnan (share))
    range->bins[MIN ((guint)(MAX (share, 0) * NMD_RANGE_BINS), NMD_RANGE_BINS - 1)]++;
}

/* Image @i counts in a facet or range if it passes all the others. Returns: whether it passes all. */
static gboolean
count_sample (NmdSampleFilter *self, guint i, const guint32 *chosen)
{
  gpointer failed = NULL;

  if (self->found != NULL && self->found[i] == 0)
    return FALSE;
  for (guint f = 0; f < self->facets->len + self->ranges->len; f++)
    {
      const gboolean is_facet = f < self->facets->len;
      gpointer criterion = is_facet ? self->facets->pdata[f]
                                    : self->ranges->pdata[f - self->facets->len];

      if (is_facet ? chosen[f] == 0 || (((NmdFacet *)criterion)->bits[i] & chosen[f]) != 0
                   : range_has (criterion, i))
        continue;
      if (failed != NULL)
        return FALSE;
      failed = criterion;
    }
  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);
      guint32 bits = failed == NULL || failed == facet ? facet->bits[i] : 0;

      for (; bits != 0; bits &= bits - 1)
        ((NmdFacetValue *)g_ptr_array_index (facet->values, g_bit_nth_lsf (bits, -1)))
            ->n++;
    }
  for (guint r = 0; r < self->ranges->len; r++)
    if (failed == NULL || failed == self->ranges->pdata[r])
      count_in_range (self->ranges->pdata[r], i);
  return failed == NULL;
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
  for (guint r = 0; r < self->ranges->len; r++)
    memset (((NmdRange *)self->ranges->pdata[r])->bins, 0,
            sizeof ((NmdRange *)NULL)->bins);
  g_free (self->passes);
  self->passes = g_new (guint8, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    self->passes[i] = (guint8)count_sample (self, i, chosen);
}

gboolean
nmd_sample_filter_is_active (NmdSampleFilter *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FILTER (self), FALSE);
  return nmd_sample_filter_get_strictness (GTK_FILTER (self)) == GTK_FILTER_MATCH_SOME;
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

GPtrArray *
nmd_sample_filter_get_ranges (NmdSampleFilter *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FILTER (self), NULL);
  return self->ranges;
}

void
nmd_sample_filter_set_range (NmdSampleFilter *self,
                             NmdRange *range,
                             double from,
                             double to)
{
  g_return_if_fail (NMD_IS_SAMPLE_FILTER (self) && from <= to);

  from = CLAMP (from, range->lowest, range->highest);
  to = CLAMP (to, range->lowest, range->highest);
  if (from == range->from && to == range->to)
    return;
  range->from = from;
  range->to = to;
  nmd_sample_filter_count (self);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
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
nmd_sample_filter_choose_value (NmdSampleFilter *self,
                                NmdFacetKind kind,
                                const char *value)
{
  g_return_if_fail (NMD_IS_SAMPLE_FILTER (self) && value != NULL);

  for (guint f = 0; f < self->facets->len; f++)
    {
      NmdFacet *facet = g_ptr_array_index (self->facets, f);

      for (guint v = 0; facet->kind == kind && v < facet->values->len; v++)
        {
          NmdFacetValue *entry = g_ptr_array_index (facet->values, v);
          if (!g_str_equal (entry->value, value))
            continue;
          nmd_sample_filter_choose (self, entry, TRUE);
          g_signal_emit (self, facets_changed, 0);
          return;
        }
    }
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
  for (guint r = 0; r < self->ranges->len; r++)
    {
      NmdRange *range = g_ptr_array_index (self->ranges, r);
      range->from = range->lowest;
      range->to = range->highest;
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
  g_clear_object (&self->facts);
  g_clear_pointer (&self->facets, g_ptr_array_unref);
  g_clear_pointer (&self->ranges, g_ptr_array_unref);
  g_clear_object (&self->dataset);
  g_weak_ref_clear (&self->last);
  g_clear_pointer (&self->last_facets, g_ptr_array_unref);
  g_clear_pointer (&self->last_ranges, g_ptr_array_unref);
  g_free (self->found);
  g_free (self->passes);
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
  self->facets = g_ptr_array_new ();
  self->ranges = g_ptr_array_new ();
  g_weak_ref_init (&self->last, NULL);
}

NmdSampleFilter *
nmd_sample_filter_new (NmdDataSession *data_session,
                       NmdSampleFacts *facts,
                       NmdRecipeSession *recipe_session)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (data_session), NULL);
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (facts), NULL);

  NmdSampleFilter *self = g_object_new (NMD_TYPE_SAMPLE_FILTER, NULL);
  self->data_session = g_object_ref (data_session);
  self->recipe_session = g_object_ref (recipe_session);
  self->facts = g_object_ref (facts);
  g_signal_connect_object (facts, "changed", G_CALLBACK (rebuild_later), self,
                           G_CONNECT_SWAPPED);
  rebuild (self);
  return self;
}
