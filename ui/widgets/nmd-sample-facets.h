/* SPDX-License-Identifier: Apache-2.0
 *
 * What images of a data set can be told apart by: facets with few values, and ranges of numbers. What is chosen of them
 * and how many images have it is the filter's.
 */
#pragma once

#include "ui/widgets/nmd-sample-facts.h"

G_BEGIN_DECLS

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
  NMD_FACET_PREDICTED,
  NMD_FACET_PROBLEM,
  NMD_FACET_COLUMN,
} NmdFacetKind;

typedef struct
{
  NmdFacetKind kind;
  char *name;       /* "muscle", "label", "part", "predicted", "problem", or a column of the data set */
  char *title;
  GPtrArray *values; /* NmdFacetValue, at most 32 */
  guint32 *bits;     /* by place in the data set: bit v of an image that has values[v] */
} NmdFacet;

#define NMD_RANGE_BINS 24

/* A number that images have. While @from … @to is narrower than @lowest … @highest, images without it do not pass. */
typedef struct
{
  NmdSampleFact fact;      /* NMD_FACT_SCORE or NMD_FACT_ECHO */
  const char *title;
  double lowest, highest;  /* bounds of all images, rounded outwards to whole steps; 0 … 1 of scores */
  double step;
  int digits;
  double from, to;
  guint bins[NMD_RANGE_BINS]; /* images that pass all else, of equal width over lowest … highest */
  double *values;          /* by place; NaN: has none */
} NmdRange;

/* Facets of two values or more of the facts' data set: muscle, label, part, the class that the chosen run says, problems,
 * and up to three further columns. Returns: (transfer full): of NmdFacet; empty without a data set. */
GPtrArray *nmd_facets_new (NmdSampleFacts   *facts,
                           NmdRecipeSession *recipe) G_GNUC_WARN_UNUSED_RESULT;

/* Score and echo intensity, where images differ in them. Returns: (transfer full): of NmdRange. */
GPtrArray *nmd_ranges_new (NmdSampleFacts   *facts) G_GNUC_WARN_UNUSED_RESULT;

/* Short English words of @problems for tables, separated by "; ": "no mask; lossy". "" for none. */
char      *nmd_problems_to_words (NmdProblems problems) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
