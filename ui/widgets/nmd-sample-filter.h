/* SPDX-License-Identifier: Apache-2.0
 *
 * Which images of a data set are shown: a search text, facets (muscle, label, part, class said by the
 * chosen run, problems, further columns), each with the values there are and how many images have them, and ranges of
 * numbers (score, echo intensity). All have to hold.
 */
#pragma once

#include "ui/widgets/nmd-sample-facets.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_SAMPLE_FILTER (nmd_sample_filter_get_type ())
G_DECLARE_FINAL_TYPE (NmdSampleFilter, nmd_sample_filter, NMD, SAMPLE_FILTER, GtkFilter)

/* All are referenced. */
NmdSampleFilter *nmd_sample_filter_new        (NmdDataSession   *data_session,
                                               NmdSampleFacts   *facts,
                                               NmdRecipeSession *recipe_session);

/* Facets that tell images apart (two values or more): of NmdFacet, borrowed. Signal
 * "facets-changed" says that there are others. */
GPtrArray       *nmd_sample_filter_get_facets (NmdSampleFilter *self);
/* Ranges of numbers that differ between images: of NmdRange, borrowed; others with "facets-changed". */
GPtrArray       *nmd_sample_filter_get_ranges (NmdSampleFilter *self);
/* Lets images from @from to @to pass, both included; cut at the range's bounds. */
void             nmd_sample_filter_set_range  (NmdSampleFilter *self,
                                               NmdRange        *range,
                                               double           from,
                                               double           to);
/* Whether anything is asked for. */
gboolean         nmd_sample_filter_is_active  (NmdSampleFilter *self);
/* Whether there are none because images are still being read. */
gboolean         nmd_sample_filter_is_waiting (NmdSampleFilter *self);
/* Renews the counts. */
void             nmd_sample_filter_count      (NmdSampleFilter *self);
void             nmd_sample_filter_choose     (NmdSampleFilter *self,
                                               NmdFacetValue   *value,
                                               gboolean         chosen);
/* Chooses the value called @value of the first facet of @kind, where there is one; "facets-changed" tells it. */
void             nmd_sample_filter_choose_value (NmdSampleFilter *self,
                                               NmdFacetKind     kind,
                                               const char      *value);
/* See nmd-sample-search.h for what is found. */
void             nmd_sample_filter_set_search (NmdSampleFilter *self,
                                               const char      *text);
/* Everything passes again; "facets-changed" tells it. */
void             nmd_sample_filter_clear      (NmdSampleFilter *self);

G_END_DECLS
