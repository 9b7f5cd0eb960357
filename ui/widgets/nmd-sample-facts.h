/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of the images of the open data set, by the image: what its files and table say, its part, and what the
 * chosen run says of it. Lists filter, sort and show by it.
 */
#pragma once

#include "ui/session/nmd-recipe-session.h"

G_BEGIN_DECLS

#define NMD_TYPE_SAMPLE_FACTS (nmd_sample_facts_get_type ())
G_DECLARE_FINAL_TYPE (NmdSampleFacts, nmd_sample_facts, NMD, SAMPLE_FACTS, GObject)

/**
 * NmdSampleFact:
 * @NMD_FACT_NAME: the id
 * @NMD_FACT_SUBJECT: numbers within it in their order: 2 before 10
 * @NMD_FACT_MUSCLE: as the data set says it
 * @NMD_FACT_LABEL: the word of the label
 * @NMD_FACT_PART: training, validation, test
 * @NMD_FACT_ECHO: echo intensity, mean; of images with an outline
 * @NMD_FACT_ECHO_SD: its standard deviation
 * @NMD_FACT_SCORE: stored score by the chosen run, 0 … 1
 * @NMD_FACT_PREDICTED: the class that the score means by the run's threshold
 * @NMD_FACT_WRONG: |label − score|: 1 is as wrong as can be
 * @NMD_FACT_PROBLEMS: number of problems of the image
 * @NMD_FACT_COLUMN: a further column of the data set, by numbers where all its cells are numbers
 */
typedef enum
{
  NMD_FACT_NAME,
  NMD_FACT_SUBJECT,
  NMD_FACT_MUSCLE,
  NMD_FACT_LABEL,
  NMD_FACT_PART,
  NMD_FACT_ECHO,
  NMD_FACT_ECHO_SD,
  NMD_FACT_SCORE,
  NMD_FACT_PREDICTED,
  NMD_FACT_WRONG,
  NMD_FACT_PROBLEMS,
  NMD_FACT_COLUMN,
} NmdSampleFact;

/**
 * NmdSampleFacts:
 *
 * Signal "changed": another data set is open whole, or none; or parts or scores are others. Keys and places that were
 * handed out are gone.
 *
 * Threads: main thread only.
 */

/* All are referenced. */
NmdSampleFacts *nmd_sample_facts_new         (NmdDataSession   *data,
                                              NmdRecipeSession *recipe,
                                              NmdRunsSession   *runs);

/* Returns: another number after each change: keys of an earlier one are gone, also before "changed" has been heard. */
guint           nmd_sample_facts_get_serial  (NmdSampleFacts   *self);

/* Returns: (transfer none) (nullable): the data set that the facts are of; %NULL while one is being read. */
NmdDataset     *nmd_sample_facts_get_dataset (NmdSampleFacts   *self);

/* Returns: the place of @sample in that data set plus one; 0 for another's. */
guint           nmd_sample_facts_get_place   (NmdSampleFacts   *self,
                                              gconstpointer     sample);

/* Whether the chosen run has scores of images of this data set. */
gboolean        nmd_sample_facts_has_scores  (NmdSampleFacts   *self);

/* Returns: (nullable) (transfer none): numbers by place to sort and filter by: the value of a fact that is a number, NaN
 * where there is none; else the rank of its text. %NULL without a data set. Made when first asked for; valid until
 * "changed". @column: (nullable): of %NMD_FACT_COLUMN. */
const double   *nmd_sample_facts_get_keys    (NmdSampleFacts   *self,
                                              NmdSampleFact     fact,
                                              const char       *column);

/* Returns: what a table shows of it; "" where there is nothing. */
char           *nmd_sample_facts_get_text    (NmdSampleFacts   *self,
                                              NmdSample        *sample,
                                              NmdSampleFact     fact,
                                              const char       *column) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: the class, 0 or 1, that the chosen run's score of @sample means; −1 without one. */
int             nmd_sample_facts_get_predicted (NmdSampleFacts *self,
                                              NmdSample        *sample);

/* Returns: that score, NaN without one; the part of @sample. */
double          nmd_sample_facts_get_score   (NmdSampleFacts   *self,
                                              NmdSample        *sample);
NmdPart         nmd_sample_facts_get_part    (NmdSampleFacts   *self,
                                              NmdSample        *sample);

/* Returns: (transfer full) (array zero-terminated=1): the further columns of the data set, in their order by name. */
GStrv           nmd_sample_facts_get_columns (NmdSampleFacts   *self) G_GNUC_WARN_UNUSED_RESULT;

/* "training", "validation", "test"; "" for none. Translated, static. */
const char     *nmd_part_get_title           (NmdPart           part);

G_END_DECLS
