/* SPDX-License-Identifier: Apache-2.0
 *
 * z of the images of a data set, from the echo intensities that its import measured and the columns age, sex (or
 * gender), height (or length), weight and BMI. Labels by a limit of z are made of it, and what the window shows.
 * Threads: any.
 */
#pragma once

#include "engine/data/nmd-dataset.h"
#include "engine/model/nmd-reference.h"

G_BEGIN_DECLS

/* 1 for "m", "male", "man", "1"; 0 for "f", "female", "w", "0" (letters' case does not count); NaN else, and for
 * %NULL. */
double    nmd_sex_parse         (const char      *text);

/* What the columns of the data set say of the person that @sample is of; NaN where they do not. */
NmdPerson nmd_sample_get_person (const NmdSample *sample);

/**
 * NmdSubjectEcho:
 * @muscle: the data set's word, or "all" where it has none; borrowed from a sample
 * @subject: borrowed likewise
 * @person: of the first of its images
 * @mean: mean over the images of their echo intensities, each image counting alike
 * @n: images with an outline
 *
 * The images of one muscle of one subject: what a reference is fitted to and z is of.
 */
typedef struct
{
  const char *muscle, *subject;
  NmdPerson person;
  double mean;
  guint n;
} NmdSubjectEcho;

/* Averages the images that have an outline, of @label (0 or 1), or −1 for all, by subject and muscle, in the order
 * in which they first come up. Returns: (transfer full): array of NmdSubjectEcho; it must not outlive @dataset. */
GArray   *nmd_dataset_average_echo (NmdDataset   *dataset,
                                    int           label) G_GNUC_WARN_UNUSED_RESULT;

/**
 * NmdSampleZ:
 * @echo: mean echo intensity of the subject's images of the muscle; NaN: the image has no outline
 * @n: images averaged
 * @has_z: there is a z
 * @score: expected value, SD and z, where there is one
 * @reason: (nullable): why there is none: a sentence without full stop
 */
typedef struct
{
  double echo;
  guint n;
  gboolean has_z;
  NmdZScore score;
  char *reason;
} NmdSampleZ;

/* z of every image: that of its subject and muscle, so images of one muscle of one subject have the same. A data set
 * that names no muscle is compared with the reference's only muscle, if it has just one.
 *
 * Returns: (transfer full): array of NmdSampleZ, one for each sample of @dataset in its order; must not outlive
 * @reference */
GArray   *nmd_reference_score_dataset (const NmdReference *reference,
                                       NmdDataset   *dataset) G_GNUC_WARN_UNUSED_RESULT;

/* The same of one sample of @dataset. Returns: z; the caller frees its reason. */
NmdSampleZ nmd_reference_score_sample (const NmdReference *reference,
                                       NmdDataset   *dataset,
                                       NmdSample    *sample);

G_END_DECLS
