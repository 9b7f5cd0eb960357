/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of measures that computing, writing and reading share.
 */
#pragma once

#include "engine/eval/nmd-groups-private.h"

G_BEGIN_DECLS

enum
{
  NMD_MEASURE_ACCURACY,
  NMD_MEASURE_SENSITIVITY,
  NMD_MEASURE_SPECIFICITY,
  NMD_MEASURE_PPV,
  NMD_MEASURE_NPV,
  NMD_MEASURE_F1,
  NMD_MEASURE_AUC,
  NMD_MEASURE_BRIER,
  NMD_N_MEASURES,
};

typedef struct
{
  const char *name;      /* in JSON */
  gsize offset;          /* in NmdMetrics */
  guint needs[2];        /* so many subjects with label 0 and 1, or there is no interval */
  gboolean has_by_image; /* an interval by image is defined */
} NmdMeasureInfo;

extern const NmdMeasureInfo nmd_measures[NMD_N_MEASURES];

#define NMD_MEASURE_NONE                                                                       \
  { .value = NAN, .ci = { NAN, NAN }, .ci_subject = { NAN, NAN }, .few_label = -1 }

NmdMeasure *nmd_metrics_get_measure (NmdMetrics          *self,
                                     guint                which);
/* The AUC of @placements with both intervals. */
NmdMeasure  nmd_auc_measure         (const NmdPlacements *placements,
                                     const NmdGroups     *groups);

/* One measure as members NAME, NAME_ci, NAME_ci_subject, NAME_no_interval, and back. @has_by_image:
 * NAME_ci is written. */
void        nmd_measure_to_json     (const NmdMeasure    *self,
                                     JsonObject          *object,
                                     const char          *name,
                                     gboolean             has_by_image);
gboolean    nmd_measure_from_json   (NmdMeasure          *self,
                                     const NmdJsonValue  *object,
                                     const char          *name,
                                     GError             **error);

G_END_DECLS
