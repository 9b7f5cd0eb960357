/* SPDX-License-Identifier: Apache-2.0
 *
 * What a model was trained on, so that a scan which does not fit gets no score. Data and its JSON
 * form; judging a scan by it is nmd-verdict.h's, writing it after a training engine/train's.
 */
#pragma once

#include "engine/model/nmd-conformal.h"

G_BEGIN_DECLS

/**
 * NmdPassport:
 * @organ: "muscle", "breast" …; "unknown" where nobody stated it
 * @organ_source: (nullable): "user" where the user stated the organ; %NULL where the data set does,
 *   or nobody
 * @muscles: "BB", "GM" …, ended by %NULL; empty where nobody stated them
 * @view: "transverse" …, or "unknown"
 * @synthetic: the training images were drawn by a program
 * @devices: ultrasound machines, ended by %NULL; empty if unknown
 * @classes: words for label 0 and 1
 * @label_meaning: "folder of the data set", "label column of the data set" …
 * @label_source: form of the data set that gave the labels: "paper layout", "manifest" …
 * @n_subjects: subjects of the training part, by label
 * @n_images: images of the training part, by label
 * @n_whole_frame: of these, images without an outline, whose whole frame was trained on
 * @calibration: "none", or how the training turned scores into probabilities: see
 *   nmd_calibration_to_text()
 * @conformal: limits of "cannot be judged" from the validation part; level 0 without
 * @grey_mean: echo intensity (mean grey inside the outline), 0 to 255
 * @grey_sd: SD of grey inside the outline, in grey levels
 * @box_width: width of the outline's bounds in pixels of the untouched image
 * @box_height: its height likewise
 *
 * The last four are the 1st, 50th and 99th percentile over the training images that have an
 * outline, interpolated linearly between the sorted values; NaN (null in JSON) without any.
 */
typedef struct
{
  char *organ;
  char *organ_source;
  char **muscles;
  char *view;
  gboolean synthetic;
  char **devices;
  char *classes[2];
  char *label_meaning;
  char *label_source;
  guint n_subjects[2], n_images[2], n_whole_frame[2];
  char *calibration;
  NmdConformal conformal;
  double grey_mean[3], grey_sd[3], box_width[3], box_height[3];
} NmdPassport;

/* A passport that states nothing: "unknown", empty lists, NaN, classes "healthy" and "pathological". */
NmdPassport *nmd_passport_new       (void);
/* A deep copy. */
NmdPassport *nmd_passport_copy      (const NmdPassport *self);
/* Frees @self (nullable) and its texts. */
void         nmd_passport_free      (NmdPassport       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPassport, nmd_passport_free)

/* Where an echo intensity lies among those of the training images: 1 above the 99th percentile, −1 below the 1st, 0
 * between, and where either is not known. */
int          nmd_passport_place_grey (const NmdPassport *self,
                                      double             mean);

/* One object with a member for each field that is not %NULL, named as the field; "conformal" only where there
 * are limits. */
JsonNode    *nmd_passport_to_json   (const NmdPassport *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_passport_from_json:
 * @value: an object as nmd_passport_to_json() writes it
 * @error: return location for an error
 *
 * Reads a passport. A member that is missing or null stays as in nmd_passport_new(); members of
 * other names are ignored.
 *
 * Errors: %NMD_ERROR_FORMAT naming file, member and what was expected: another type, another number of
 *   elements, a count that is negative or no whole number, a negative or descending percentile.
 *
 * Returns: (transfer full): the passport; %NULL with @error set
 */
NmdPassport *nmd_passport_from_json (const NmdJsonValue *value,
                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
