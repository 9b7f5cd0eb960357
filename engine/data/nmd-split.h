/* SPDX-License-Identifier: Apache-2.0
 *
 * Which samples train, validate and test. Groups (subjects, muscle-and-number units or single
 * images) are sorted by id, shuffled within their stratum by the stream "SEED:split:0:KIND:LABEL", and
 * never divided. A group is pathological if any of its images is; each stratum gives
 * ⌊share·n + 0.5⌋ groups to each later part: of the shuffled groups the first go to validation, the
 * next to test, the rest train.
 *
 * - paper: 70/30 train/validation by unit (muscle and number, else subject)
 * - threeway: 70/15/15 by subject
 * - kfold: by subject; the shuffled groups are dealt to "folds" folds in turn, the pathological after
 *   the healthy; fold "fold" (from 0) is test, the next one (cyclically) validation, the others train. With
 *   "validation-share" s > 0 the subjects outside the tested fold, shuffled within their label by the stream
 *   "SEED:split:0:validation:LABEL", give the first ⌊s·n + 0.5⌋ to validation and the rest to training
 * - image: 70/15/15 by image, only to show what leakage does
 * - stated: the parts that the data set states (NmdSample.part); images without one are not used
 *
 * "limit" > 0 keeps the first so many shuffled groups of each label; the others have NMD_PART_NONE. Of "image" it
 * keeps all images of the subjects that "threeway" of the same seed keeps, so that the two differ by the leak alone.
 * Threads: a split belongs to one; give others a copy.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

typedef struct
{
  char *kind;           /* "paper", "threeway", "kfold", "image", "stated", "file",
                         * "leave-out" */
  char *grouping;       /* "muscle-and-number", "subject", "image", "as the data set states",
                         * "as the file says", "as the file says (fold 0 is tested, fold 1 is
                         * validation)", "as the file says (fold 0 is tested, 10 % of the other
                         * subjects are validation)" */
  char *source;         /* what states the parts: the absolute path of the file, "the column “split” of
                         * manifest.csv"; NULL where they were drawn */
  char *source_sha256;  /* of the file's bytes, 64 hex digits; NULL without one */
  char *caveat;         /* sentence shown with its numbers ("chosen on these images"), or NULL */
  guint n;              /* samples of the data set */
  guint8 *parts;        /* NmdPart of each sample, by index in the data set */
} NmdSplit;

/**
 * nmd_split_new:
 * @parameters: "split" (the kind), "folds", "fold", "validation-share", "limit", "seed"
 *
 * Divides @dataset as the head of this file says.
 *
 * Errors: %NMD_ERROR_SHAPE if a part, or a class in a part, would be empty (the message says which), or
 *   if "stated" is asked of a data set that states no part. A split that is stated needs a training part
 *   only.
 *
 * Returns: (transfer full): the split, %NULL with @error set
 */
NmdSplit   *nmd_split_new         (NmdDataset           *dataset,
                                   const NmdParameters  *parameters,
                                   GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_split_load:
 * @path: a table (nmd-table.h) with columns image (or id) and part (or split, partition, subset: train,
 *   validation, test as nmd_part_parse() reads them; empty or NA: not used)
 *
 * Reads a split. An image is named by its id, with '\' for '/', by an absolute path that ends in its id, or
 * without folder or ending where no other image has that name. Images that the table does not name are not
 * used. Subjects in several parts are said in `caveat`.
 *
 * Errors: %NMD_ERROR_FORMAT naming the file with the unknown image or part; those of nmd_table_load();
 *   %NMD_ERROR_SHAPE if the training part lacks a class.
 *
 * Returns: (transfer full): the split, %NULL with @error set
 */
NmdSplit   *nmd_split_load        (NmdDataset           *dataset,
                                   const char           *path,
                                   GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_split_check_stated:
 *
 * Whether the parts that @dataset states keep subjects whole: only then are they taken where nobody chose
 * a split. Asked for by name ("stated") they are taken anyway, with a caveat.
 *
 * Errors: %NMD_ERROR_NEEDS_SPLIT, which names the first such subject and two of its images.
 *
 * Returns: FALSE with @error set if a subject has images in two parts
 */
gboolean    nmd_split_check_stated (NmdDataset          *dataset,
                                   GError              **error);

/* The same; @path may have a column fold (whole numbers) in place of part: fold @fold, from 0 in the order of
 * the numbers, is test, the next one (cyclically) validation, the others train, or as "validation-share" and
 * "seed" of @parameters (nullable: 0) say at the head of this file. nmd_split_load() takes fold 0 and no
 * share. Errors: besides, %NMD_ERROR_FORMAT for fewer than three folds, or no such fold. */
NmdSplit   *nmd_split_load_fold   (NmdDataset           *dataset,
                                   const char           *path,
                                   int                   fold,
                                   const NmdParameters  *parameters,
                                   GError              **error) G_GNUC_WARN_UNUSED_RESULT;

#define NMD_SPLIT_MAX_VALUES 64

/* The values of a column ("muscle", or one of a manifest's others such as "device"), sorted; images whose cell
 * says nothing have none. Errors: %NMD_ERROR_FORMAT: no such column, one value only, or more than
 * %NMD_SPLIT_MAX_VALUES. Returns: (transfer full) (element-type utf8): frees its texts itself. */
GPtrArray  *nmd_split_list_values (NmdDataset           *dataset,
                                   const char           *column,
                                   GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_split_new_leave_out:
 * @column: "device", "muscle" …
 * @value: one of nmd_split_list_values()
 * @parameters: "limit", "seed"
 *
 * The kind "leave-out": subjects with an image of @value are tested, on these images; of the others, shuffled
 * within their label by the stream "SEED:split:0:leave-out:LABEL", the first ⌊0.15·n + 0.5⌋ are validation
 * and the rest train. A tested subject's images of another value, and images without one, are in no part;
 * `caveat` counts them. "limit" > 0 keeps the first so many subjects of each label, of those tested (shuffled
 * by "…leave-out-test:LABEL") and of the others.
 *
 * Errors: %NMD_ERROR_SHAPE if a part, or a class in a part, would be empty.
 *
 * Returns: (transfer full): the split, %NULL with @error set
 */
NmdSplit   *nmd_split_new_leave_out (NmdDataset         *dataset,
                                   const char           *column,
                                   const char           *value,
                                   const NmdParameters  *parameters,
                                   GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps @limit subjects of each label of a split that a file states, shuffled by the stream
 * "SEED:split:0:limit:LABEL"; 0 keeps all. Errors: %NMD_ERROR_SHAPE as nmd_split_new(); the split is then
 * not to be used. */
gboolean    nmd_split_limit       (NmdSplit             *self,
                                   NmdDataset           *dataset,
                                   guint                 limit,
                                   guint64               seed,
                                   GError              **error);

/* A deep copy. */
NmdSplit   *nmd_split_copy        (const NmdSplit       *self);

/* Frees @self (nullable). */
void        nmd_split_free        (NmdSplit             *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdSplit, nmd_split_free)

/* Indices (into the data set) of one part, ascending: array of guint, transfer full. */
GArray     *nmd_split_get_indices (const NmdSplit       *self,
                                   NmdPart               part) G_GNUC_WARN_UNUSED_RESULT;

/* Number of images in @part. */
guint       nmd_split_count       (const NmdSplit       *self,
                                   NmdPart               part);

/* {"kind", "grouping", "caveat" (or null), "source" and "source_sha256" where there are, "parts":
 * {"train": [ids], …}}; transfer full. */
JsonNode   *nmd_split_to_json     (const NmdSplit       *self,
                                   NmdDataset           *dataset) G_GNUC_WARN_UNUSED_RESULT;

/* The split that nmd_split_to_json() gave, against @dataset. Errors: %NMD_ERROR_FORMAT (a member is
 * missing or of another type), %NMD_ERROR_CHANGED (an image is not in @dataset). */
NmdSplit   *nmd_split_from_json   (JsonNode             *node,
                                   NmdDataset           *dataset,
                                   GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
