/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a second training show the same places? Maps of the same images by several networks of one recipe (other
 * seeds), compared pair by pair. Threads: any; filled by one thread, then read by all.
 */
#pragma once

#include "engine/eval/nmd-map-check.h"
#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

#define NMD_REPEAT_SAME 0.7 /* mean Spearman from which maps count as repeatable; ours */

/**
 * NmdMapRepeat:
 * @spearman: mean over the pairs of maps of the rank correlation of their grids, nmd_map_spearman()
 * @ssim: likewise of the structural similarity of both enlarged to 224 × 224, nmd_map_ssim()
 * @n_pairs: pairs that have a number
 *
 * Of one image. A map without positive evidence, and a pair of which one is constant, has no number; both are NaN where no pair
 * has one.
 */
typedef struct
{
  double spearman, ssim;
  guint n_pairs;
} NmdMapRepeat;

/* Compares @n ≥ 2 @maps of one image and one class, by networks and methods with the same grid. */
void     nmd_map_get_repeat    (const NmdMap *const *maps,
                                guint                n,
                                NmdMapRepeat        *out);

/* @image, @subject ("" if unknown) and @label (0 or 1) of each image; texts are borrowed for the call. */
typedef struct
{
  const char *image, *subject;
  int label;
  NmdMapRepeat repeat;
} NmdRepeatRow;

typedef struct
{
  double spearman, ssim;            /* means over images that have a number; NaN: none has */
  NmdInterval spearman_ci, ssim_ci; /* of 2,000 draws of subjects; NaN where there are fewer than two */
  guint n_images, n_measured, n_subjects;
} NmdRepeatMeans;

/* @rows: @n of them. @label: 0 or 1; −1: all. */
void     nmd_repeat_get_means  (const NmdRepeatRow  *rows,
                                guint                n,
                                int                  label,
                                guint64              seed,
                                NmdRepeatMeans      *out);

/* A row an image: image, subject, label, pairs, spearman, ssim. Returns: (transfer full): the text. */
char    *nmd_repeat_to_csv     (const NmdRepeatRow  *rows,
                                guint                n) G_GNUC_WARN_UNUSED_RESULT;

/* A Markdown table of the means by class (@classes) and of all, and the sentence. Returns: (transfer full): the text. */
char    *nmd_repeat_to_markdown (const NmdRepeatRow *rows,
                                guint                n,
                                guint                n_runs,
                                const char *const    classes[2],
                                guint64              seed) G_GNUC_WARN_UNUSED_RESULT;

/* "Maps of 3 trainings agree on 20 images with a mean rank correlation of 0.81 [0.74, 0.88] (SSIM 0.77): …". Returns:
 * (transfer full): the text. */
char    *nmd_repeat_to_sentence (const NmdRepeatMeans *means,
                                guint                n_runs) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
