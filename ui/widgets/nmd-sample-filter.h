/* SPDX-License-Identifier: Apache-2.0
 *
 * Which images of a data set are shown: a search text and facets (muscle, label, part,
 * problems, further columns), each with the values there are and how many images have them.
 */
#pragma once

#include "ui/session/nmd-recipe-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_SAMPLE_FILTER (nmd_sample_filter_get_type ())
G_DECLARE_FINAL_TYPE (NmdSampleFilter, nmd_sample_filter, NMD, SAMPLE_FILTER, GtkFilter)

/* One value of a facet. */
typedef struct
{
  char *value;      /* "BB" */
  char *title;      /* for people */
  gboolean chosen;
  guint n;          /* images with it among those that pass all other facets */
} NmdFacetValue;

typedef enum
{
  NMD_FACET_MUSCLE,
  NMD_FACET_LABEL,
  NMD_FACET_PART,
  NMD_FACET_PROBLEM,
  NMD_FACET_COLUMN,
} NmdFacetKind;

typedef struct
{
  NmdFacetKind kind;
  char *name;       /* "muscle", "label", "part", "problem", or a column of the data set */
  char *title;
  GPtrArray *values; /* NmdFacetValue, at most 32 */
  guint32 *bits;     /* by place in the data set: bit v of an image that has values[v] */
} NmdFacet;

NmdSampleFilter *nmd_sample_filter_new        (NmdDataSession   *data_session,
                                               NmdRecipeSession *recipe_session);

/* Facets that tell images apart (two values or more): of NmdFacet, borrowed. Signal
 * "facets-changed" says that there are others. */
GPtrArray       *nmd_sample_filter_get_facets (NmdSampleFilter *self);
/* Whether there are none because images are still being read. */
gboolean         nmd_sample_filter_is_waiting (NmdSampleFilter *self);
/* Renews the counts. */
void             nmd_sample_filter_count      (NmdSampleFilter *self);
void             nmd_sample_filter_choose     (NmdSampleFilter *self,
                                               NmdFacetValue   *value,
                                               gboolean         chosen);
/* See nmd-sample-search.h for what is found. */
void             nmd_sample_filter_set_search (NmdSampleFilter *self,
                                               const char      *text);
/* Everything passes again. */
void             nmd_sample_filter_clear      (NmdSampleFilter *self);

G_END_DECLS
