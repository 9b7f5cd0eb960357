/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks of a split: subjects with images in several parts, and pictures in different parts that show the same.
 */
#pragma once

#include "engine/data/nmd-split.h"

G_BEGIN_DECLS

/* Pairs are looked at more closely up to this many differing bits of the hash … */
#define NMD_LEAK_DISTANCE 12
/* … and are near-duplicates from this correlation on. In BUS-BRA and the demo cohort pictures of different
 * subjects stay below. */
#define NMD_LEAK_CORRELATION 0.95
/* At most so many pairs and subjects are listed; all are counted. */
#define NMD_LEAK_MAX_LISTED 200

/* Two images, by their index in the data set, a < b. */
typedef struct
{
  guint a, b;
  int distance;
  double correlation;
  gboolean same_subject;
} NmdNearPair;

/**
 * NmdLeakReport:
 * @has_split: pairs are of different parts of it; else of different subjects
 * @n_images: that were compared: those in a part
 * @n_subjects: their subjects
 * @n_divided: subjects with images in several parts
 * @divided: names of the first of them, sorted
 * @n_pairs: near-duplicates across parts (or subjects)
 * @n_pairs_of_others: those of different subjects
 * @pairs: #NmdNearPair, the most alike first
 */
typedef struct
{
  gboolean has_split;
  guint n_images, n_subjects;
  guint n_divided;
  GPtrArray *divided;
  guint n_pairs, n_pairs_of_others;
  GArray *pairs;
} NmdLeakReport;

/**
 * nmd_leak_check:
 * @split: (nullable): whose parts are compared; %NULL: near-duplicates of different subjects are looked for, which
 *   a split by subject would not keep together
 * @progress: (nullable): called with the fraction done
 *
 * Compares each image with each other one: by perceptual hash, then by correlation of 64 × 64 pixels
 * (nmd-perceptual-hash.h).
 *
 * Edge cases: mirrored pictures are not found.
 *
 * Memory: 4 KiB an image. Cost: decoding each image, and 1 ns for each pair. Threads: any.
 *
 * Errors: those of nmd_sample_load(); `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full): the report, %NULL with @error set
 */
NmdLeakReport *nmd_leak_check       (NmdDataset        *dataset,
                                     const NmdSplit    *split,
                                     void             (*progress) (double fraction, gpointer data),
                                     gpointer           user_data,
                                     GCancellable      *cancellable,
                                     GError           **error) G_GNUC_WARN_UNUSED_RESULT;
void           nmd_leak_report_free (NmdLeakReport     *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdLeakReport, nmd_leak_report_free)

/* {"images", "subjects", "divided_subjects", "near_duplicates", "near_duplicates_of_other_subjects", "divided":
 * [names], "pairs": [{"a", "b", "distance", "correlation", "same_subject"}]}; transfer full. */
JsonNode      *nmd_leak_report_to_json (const NmdLeakReport *self,
                                     NmdDataset        *dataset) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
