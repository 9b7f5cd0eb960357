/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report says of a finished run of classification, gathered once: its results, its scores, its files
 * and, where it can be opened, its data set. Threads: any; not changed once loaded.
 */
#pragma once

#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/* A file of the run folder. */
typedef struct
{
  char *name;    /* "metrics.json" */
  gint64 bytes;
  char *sha256;  /* 64 hexadecimal digits */
} NmdRunFileFact;

/**
 * NmdRunFacts:
 * @run: the run
 * @name: of its folder
 * @dataset: (nullable): its data set
 * @dataset_missing: (nullable): why it is not there
 * @results: as metrics.json holds them; rows and curves are %NULL
 * @part: what @results measure
 * @scores: by #NmdPart: the rows of predictions.csv; those of %NMD_PART_NONE are %NULL
 * @weights: "average" or "best": whose scores they are
 * @scored_by: (nullable): device that scored, in words
 * @version: of the program that trained
 * @grouping: (nullable): what the split keeps together: "subject", "unit", "image"
 * @split_source: (nullable): what states the parts, or what was left out
 * @finished: (nullable): when the training ended, ISO 8601
 * @stopped_early: (nullable): a sentence
 * @n_numbers: numbers of metrics.json that predictions.csv gives again (nmd_metrics_check())
 * @files: (element-type NmdRunFileFact): of the run folder, in the order of nmd_run_files
 *
 * Everything is owned.
 */
typedef struct
{
  NmdRun *run;
  char *name;
  NmdDataset *dataset;
  char *dataset_missing;
  NmdEvalResults *results;
  NmdPart part;
  NmdScores *scores[NMD_PART_TEST + 1];
  char *weights, *scored_by, *version, *grouping, *split_source, *finished, *stopped_early;
  guint n_numbers;
  GPtrArray *files;
} NmdRunFacts;

/**
 * nmd_run_facts_load:
 * @run: a finished run that has been evaluated
 * @dataset: (nullable): its data set
 * @dataset_missing: (nullable): why there is none, for the reader
 * @cancellable: (nullable)
 *
 * Cost: the SHA-256 of all files of the run.
 *
 * Errors: %NMD_ERROR_REFUSED for a run of segmentation, one that is not finished or has not been evaluated (the
 *   sentence says what to do); %NMD_ERROR_CHANGED where metrics.json is not what predictions.csv gives; those of reading the files, naming them.
 *
 * Returns: (transfer full): the facts; %NULL with @error set
 */
NmdRunFacts *nmd_run_facts_load      (NmdRun             *run,
                                      NmdDataset         *dataset,
                                      const char         *dataset_missing,
                                      GCancellable       *cancellable,
                                      GError            **error) G_GNUC_WARN_UNUSED_RESULT;
void         nmd_run_facts_free      (NmdRunFacts        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRunFacts, nmd_run_facts_free)

/**
 * nmd_run_facts_list_wrong:
 * @most: at most so many
 * @n_wrong: (out): images of the measured part on the wrong side of the threshold
 *
 * The most wrong images of the measured part: those on the wrong side of the threshold, by |label − score|
 * falling, equal ones by name.
 *
 * Returns: (transfer full) (element-type guint): rows of scores[part]
 */
GArray      *nmd_run_facts_list_wrong (const NmdRunFacts *self,
                                       guint              most,
                                       guint             *n_wrong) G_GNUC_WARN_UNUSED_RESULT;

/* A covariate of an image's subject as the data set's table has it ("sex", "age", "device"), borrowed; %NULL
 * where there is none. */
const char  *nmd_run_facts_get_attribute (const NmdRunFacts *self,
                                          const char        *image,
                                          const char        *name);

/* Whether any image has it. */
gboolean     nmd_run_facts_has_attribute (const NmdRunFacts *self,
                                          const char        *name);

/**
 * nmd_run_facts_list_groups:
 * @name: "muscle", or a covariate as above
 *
 * The subgroup of each row of scores[part]: the value, of "age" "under 54" or "from 54 on" by the upper median of the
 * rows that have one, rounded up.
 *
 * Returns: (transfer full) (element-type utf8): as many as rows, %NULL for those without a value
 */
GPtrArray   *nmd_run_facts_list_groups (const NmdRunFacts *self,
                                        const char        *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
