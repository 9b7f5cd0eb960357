/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers of an experiment: of each cell, the mean and spread of each row, and what the rows differ by.
 * Computed from plan and runs alone.
 */
#pragma once

#include "engine/experiment/nmd-experiment.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_MEASURE_AUC,
  NMD_MEASURE_ACCURACY,
  NMD_MEASURE_SENSITIVITY,
  NMD_MEASURE_SPECIFICITY,
  NMD_MEASURE_PPV,
  NMD_MEASURE_NPV,
  NMD_MEASURE_F1,
  NMD_MEASURE_BRIER,
  NMD_N_MEASURES,
} NmdMeasureKind;

/* "auc"; and for people "AUC", "Sensitivity". Static. */
const char *nmd_measure_kind_get_name  (NmdMeasureKind     kind);
const char *nmd_measure_kind_get_title (NmdMeasureKind     kind);

/* One training. What stands in its metrics.json; NaN where that has none. */
typedef struct
{
  const NmdPlanCell *cell;  /* of the plan */
  gboolean is_done;
  double measures[NMD_N_MEASURES]; /* of images */
  NmdInterval auc_ci;       /* by subject */
  guint tp, tn, fp, fn;
  double rival_auc;         /* echo intensity alone, on the same images */
  char *part;               /* what was measured */
  double threshold;
  char *threshold_text;     /* by which rule, on which part it was chosen */
  char *threshold_local;    /* the same in the program's language, see nmd_words_set_local() */
  gboolean threshold_on_measured; /* on the images that are measured */
  guint n_train, n_measured, n_subjects; /* images; subjects that are measured */
} NmdCellResult;

/* Of @n trainings; SD is NaN for one. */
typedef struct
{
  guint n;
  double mean, sd;
} NmdSpread;

/**
 * NmdRowResult:
 * @measures: mean and SD over the row's cells that are done
 * @rival_auc: likewise
 * @auc_ci: by subject, of a row of one training; NaN else
 * @n_measured: images, of all its trainings together
 * @n_subjects: likewise
 * @difference: AUC less that of the first row in the same cell (seed and fold), over cells that both have done;
 *   n is 0 for the first row
 * @interval: 95 % of the difference; NaN where there is none
 * @interval_method: (nullable): how it was made, or why there is none
 *
 * **Interval** of J ≥ 2 paired differences of mean d and standard deviation s:
 *
 *     d ± t(0.975, J − 1) · s · √(1/J + n_measured/n_train)
 *
 * The second term is for training parts that overlap (Nadeau and Bengio, Machine Learning 52 (2003) 239, eq. 5): the
 * mean of n_measured/n_train over the row's J trainings, which differ where devices are left out.
 * Of J = 1 on the same images the percentiles of nmd_cluster_bootstrap_auc(); on other images (the leak) from the two
 * intervals by subject as if independent (Zou and Donner, Stat. Med. 27 (2008) 1693).
 */
typedef struct
{
  const NmdPlanRow *row;
  NmdSpread measures[NMD_N_MEASURES];
  NmdSpread rival_auc;
  NmdInterval auc_ci;
  guint n_measured, n_subjects;
  NmdSpread difference;
  NmdInterval interval;
  char *interval_method;
  guint tp, tn, fp, fn;     /* sums over cells */
  gint64 parameters, macs;  /* of its network */
} NmdRowResult;

/* Immutable. @plan is owned. @notes: sentences that have to stand beside the numbers. */
typedef struct
{
  NmdPlan *plan;
  guint n_done;
  NmdCellResult *cells;     /* one for each cell of the plan */
  NmdRowResult *rows;       /* one for each row */
  char **notes;             /* (array zero-terminated=1) */
} NmdExperimentResults;

/* Reads @folder as it is now. Cost: some milliseconds a cell. Threads: any. Errors: those of
 * nmd_plan_load(), and of nmd_run_open() for a cell that is done. */
NmdExperimentResults *nmd_experiment_results_load (const char                 *folder,
                                                   GError                    **error) G_GNUC_WARN_UNUSED_RESULT;
void                  nmd_experiment_results_free (NmdExperimentResults       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdExperimentResults, nmd_experiment_results_free)

/* The notes again, in the language that the calling thread speaks. (transfer full): ended by %NULL. */
char                **nmd_experiment_results_make_notes (const NmdExperimentResults *self) G_GNUC_WARN_UNUSED_RESULT;

/* "0.903 ± 0.018", "0.903" of one training, "–". Transfer full. */
char      *nmd_spread_to_text                  (const NmdSpread            *self,
                                                int                         decimals) G_GNUC_WARN_UNUSED_RESULT;

/* "Cross-validation, busbra: 10 of 15 trainings are done". */
char      *nmd_experiment_results_get_heading  (const NmdExperimentResults *self) G_GNUC_WARN_UNUSED_RESULT;

/* The tables: a row a cell; a table of rows in Markdown; the same in LaTeX (booktabs); everything as an object.
 * Same results, same bits. */
char      *nmd_experiment_results_to_csv       (const NmdExperimentResults *self) G_GNUC_WARN_UNUSED_RESULT;
char      *nmd_experiment_results_to_markdown  (const NmdExperimentResults *self) G_GNUC_WARN_UNUSED_RESULT;
char      *nmd_experiment_results_to_latex     (const NmdExperimentResults *self) G_GNUC_WARN_UNUSED_RESULT;
JsonNode  *nmd_experiment_results_to_json      (const NmdExperimentResults *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
