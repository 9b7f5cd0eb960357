/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of images by one of their facts.
 */
#pragma once

#include "ui/widgets/nmd-sample-facts.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_SAMPLE_SORTER (nmd_sample_sorter_get_type ())
G_DECLARE_FINAL_TYPE (NmdSampleSorter, nmd_sample_sorter, NMD, SAMPLE_SORTER, GtkSorter)

/* Smallest first, images of which it is not known last; the most wrong first by %NMD_FACT_WRONG. @facts: referenced.
 * @column: (nullable): of %NMD_FACT_COLUMN. */
GtkSorter    *nmd_sample_sorter_new          (NmdSampleFacts  *facts,
                                              NmdSampleFact    fact,
                                              const char      *column);

/* Returns: what it sorts by. @column (out) (nullable): borrowed. */
NmdSampleFact nmd_sample_sorter_get_fact     (NmdSampleSorter *self,
                                              const char     **column);

/* Of the sorter of a column view whose columns have such sorters: which one comes first, and whether it is turned
 * round, which it is told too: what is not known stays last. GTK 4.8 does not tell. Returns: (transfer none) (nullable): %NULL where nothing is sorted. */
NmdSampleSorter *nmd_sample_sorter_find_first (GtkSorter      *of_view,
                                              gboolean        *is_descending);

G_END_DECLS
