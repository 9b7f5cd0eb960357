/* SPDX-License-Identifier: Apache-2.0
 *
 * Sorting by keys that are made once, so that tens of thousands of images take some milliseconds.
 */
#include "ui/widgets/nmd-sample-sorter.h"

#include <math.h>

struct _NmdSampleSorter
{
  GtkSorter parent_instance;

  NmdSampleFacts *facts;
  NmdSampleFact fact;
  char *column;       /* (nullable) */
  const double *keys; /* (nullable): the facts', of @serial */
  guint serial;
  gboolean is_reversed; /* by the view */
};

/* Set while the first sorter of a column view is looked for: the first one that is asked. */
static NmdSampleSorter **asked;

G_DEFINE_FINAL_TYPE (NmdSampleSorter, nmd_sample_sorter, GTK_TYPE_SORTER)

static GtkOrdering
nmd_sample_sorter_compare (GtkSorter *sorter, gpointer a, gpointer b)
{
  NmdSampleSorter *self = NMD_SAMPLE_SORTER (sorter);

  if (asked != NULL)
    {
      if (*asked == NULL)
        *asked = self;
      return GTK_ORDERING_SMALLER;
    }
  const guint left = nmd_sample_facts_get_place (self->facts, a);
  const guint right = nmd_sample_facts_get_place (self->facts, b);
  /* those that arrive before their data set does stay as they came */
  if (left == 0 || right == 0)
    return GTK_ORDERING_EQUAL;
  /* the list may be sorted before this sorter hears of a change */
  if (self->keys == NULL || self->serial != nmd_sample_facts_get_serial (self->facts))
    {
      self->keys = nmd_sample_facts_get_keys (self->facts, self->fact, self->column);
      self->serial = nmd_sample_facts_get_serial (self->facts);
    }
  const double x = self->keys[left - 1], y = self->keys[right - 1];
  if (isnan (x) || isnan (y))
    return isnan (x) && isnan (y)             ? GTK_ORDERING_EQUAL
           : (isnan (x) != self->is_reversed) ? GTK_ORDERING_LARGER
                                              : GTK_ORDERING_SMALLER;
  if (x == y)
    return GTK_ORDERING_EQUAL;
  return (x < y) == (self->fact != NMD_FACT_WRONG) ? GTK_ORDERING_SMALLER
                                                   : GTK_ORDERING_LARGER;
}

static GtkSorterOrder
nmd_sample_sorter_get_order (GtkSorter *sorter)
{
  return GTK_SORTER_ORDER_PARTIAL;
}

static void
on_changed (NmdSampleSorter *self)
{
  self->keys = NULL;
  gtk_sorter_changed (GTK_SORTER (self), GTK_SORTER_CHANGE_DIFFERENT);
}

static void
nmd_sample_sorter_finalize (GObject *object)
{
  NmdSampleSorter *self = NMD_SAMPLE_SORTER (object);

  g_clear_object (&self->facts);
  g_free (self->column);
  G_OBJECT_CLASS (nmd_sample_sorter_parent_class)->finalize (object);
}

static void
nmd_sample_sorter_class_init (NmdSampleSorterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_sample_sorter_finalize;
  GTK_SORTER_CLASS (klass)->compare = nmd_sample_sorter_compare;
  GTK_SORTER_CLASS (klass)->get_order = nmd_sample_sorter_get_order;
}

static void
nmd_sample_sorter_init (NmdSampleSorter *self)
{
}

GtkSorter *
nmd_sample_sorter_new (NmdSampleFacts *facts, NmdSampleFact fact, const char *column)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (facts), NULL);

  NmdSampleSorter *self = g_object_new (NMD_TYPE_SAMPLE_SORTER, NULL);
  self->facts = g_object_ref (facts);
  self->fact = fact;
  self->column = g_strdup (column);
  g_signal_connect_object (facts, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  return GTK_SORTER (self);
}

NmdSampleFact
nmd_sample_sorter_get_fact (NmdSampleSorter *self, const char **column)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_SORTER (self), NMD_FACT_NAME);
  if (column != NULL)
    *column = self->column;
  return self->fact;
}

NmdSampleSorter *
nmd_sample_sorter_find_first (GtkSorter *of_view, gboolean *is_descending)
{
  g_autoptr (NmdSample) one = nmd_sample_new ("");
  g_autoptr (NmdSample) other = nmd_sample_new ("");
  NmdSampleSorter *first = NULL;

  g_return_val_if_fail (GTK_IS_SORTER (of_view), NULL);
  asked = &first;
  *is_descending = gtk_sorter_compare (of_view, one, other) == GTK_ORDERING_LARGER;
  asked = NULL;
  if (first != NULL)
    first->is_reversed = *is_descending;
  return first;
}
