/* SPDX-License-Identifier: Apache-2.0
 *
 * The maps of many images in numbers: a row an image, means by class with intervals. Threads: any; filled by one
 * thread, then read by all.
 */
#pragma once

#include "engine/eval/nmd-map-check.h"
#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/**
 * NmdMapRow:
 * @image: its name
 * @subject: "" if unknown, the image then counts as a subject of its own
 * @label: 0 or 1
 * @score: softmax for class 1
 * @target: the class explained
 * @inside: the shares of the map, see NmdMap; NaN without outline or positive evidence
 * @peak: where its peak lies
 * @deletion: areas, see NmdMapFidelity; NaN without positive evidence
 *
 * Texts are borrowed from the table.
 */
typedef struct
{
  const char *image, *subject;
  int label;
  double score;
  int target;
  double inside, edge, outside;
  NmdMapRegion peak;
  double deletion, insertion;
} NmdMapRow;

/* What is averaged. */
typedef enum
{
  NMD_MAP_MEAN_INSIDE,
  NMD_MAP_MEAN_EDGE,
  NMD_MAP_MEAN_OUTSIDE,
  NMD_MAP_MEAN_PEAK, /* share of the peaks inside the outline or on its edge */
  NMD_MAP_MEAN_DELETION,
  NMD_MAP_MEAN_INSERTION,
} NmdMapMeasure;
#define NMD_N_MAP_MEASURES 6

/* "inside", "edge", "outside", "peak_hit", "deletion", "insertion"; static. */
const char  *nmd_map_measure_get_name  (NmdMapMeasure      self);

/* @n: rows that have the number; @n_subjects: theirs; @ci: NaN where fewer than two subjects of each class are in the
 * table or all draws are the same. */
typedef struct
{
  double mean;
  NmdInterval ci;
  guint n, n_subjects;
} NmdMapMean;

typedef struct _NmdMapTable NmdMapTable;

/* An empty table. */
NmdMapTable *nmd_map_table_new         (void) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self (nullable). */
void         nmd_map_table_free        (NmdMapTable       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdMapTable, nmd_map_table_free)
/* Appends a row; its texts are copied. */
void         nmd_map_table_add         (NmdMapTable       *self,
                                        const NmdMapRow   *row);
/* Number of rows. */
guint        nmd_map_table_get_n       (const NmdMapTable *self);
/* Row @i < n, borrowed. */
const NmdMapRow *nmd_map_table_get     (const NmdMapTable *self,
                                        guint              i);

/**
 * nmd_map_table_get_mean:
 * @label: the class whose images are averaged, 0 or 1; −1: all
 * @seed: of the draws
 * @out: (out): mean over images, with the percentile interval of 2,000 draws of subjects
 *   (nmd_cluster_bootstrap(): all rows of a subject together)
 *
 * Rows without the number are left out of its mean and counted by what is missing from @n.
 */
void         nmd_map_table_get_mean    (const NmdMapTable *self,
                                        NmdMapMeasure      measure,
                                        int                label,
                                        guint64            seed,
                                        NmdMapMean        *out);

/* A row an image: image, subject, label, score, target, method, inside, edge, outside, peak, deletion, insertion; what
 * there is not is empty. Returns: (transfer full): the text. */
char        *nmd_map_table_to_csv      (const NmdMapTable *self,
                                        NmdMapMethod       method) G_GNUC_WARN_UNUSED_RESULT;

/* A row a class and measure: class ("0", "1", "all"), method, measure, mean, low, high, images, subjects. Returns:
 * (transfer full): the text. */
char        *nmd_map_table_means_to_csv (const NmdMapTable *self,
                                        NmdMapMethod       method,
                                        guint64            seed) G_GNUC_WARN_UNUSED_RESULT;

/* The means as a Markdown table, a column a class, with @classes as headings and what the numbers are below. Returns:
 * (transfer full): the text. */
char        *nmd_map_table_to_markdown (const NmdMapTable *self,
                                        NmdMapMethod       method,
                                        const char *const  classes[2],
                                        guint64            seed) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
