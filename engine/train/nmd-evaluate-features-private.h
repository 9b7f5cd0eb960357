/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of images without a network, for rivals.
 */
#pragma once

#include "engine/data/nmd-dataset.h"
#include "engine/data/nmd-split.h"
#include "engine/eval/nmd-rivals.h"

G_BEGIN_DECLS

#define NMD_N_FEATURE_SETS 3

/* Tables of features, by part; freed with nmd_features_clear(). */
typedef struct
{
  guint n_sets;
  const char *titles[NMD_N_FEATURE_SETS];
  guint n[NMD_N_FEATURE_SETS];
  GArray *values[NMD_N_FEATURE_SETS][NMD_PART_TEST + 1]; /* double */
} NmdFeatures;

void     nmd_features_clear   (NmdFeatures    *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdFeatures, nmd_features_clear)

/* Of every image of @split that has a mask: area of the mask; texture (nmd_texture_measure(), from the files where the
 * import did not measure it); and,
 * where a training image has age, sex, height and weight, these with echo intensity and muscle. Values that are
 * not known are NaN. Errors: those of nmd_sample_load(); `G_IO_ERROR_CANCELLED`. */
gboolean nmd_features_measure (NmdFeatures    *self,
                               NmdDataset     *dataset,
                               const NmdSplit *split,
                               GCancellable   *cancellable,
                               GError        **error);

/* The sets for @measured; @sets holds NMD_N_FEATURE_SETS. */
void     nmd_features_list    (const NmdFeatures *self,
                               NmdPart            measured,
                               NmdRivalFeatures  *sets);

G_END_DECLS
