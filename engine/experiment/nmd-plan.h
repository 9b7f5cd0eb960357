/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan of an experiment: which trainings it consists of. A plan has rows (a network or a change of the
 * recipe each, a line of the tables) and cells (a row at one fold and one seed, a training each). It is made
 * once, written to plan.json of the experiment's folder, and never changed.
 *
 * Threads: a plan is immutable; any may read it.
 */
#pragma once

#include "engine/data/import/nmd-import.h"
#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

/**
 * NmdExperimentKind:
 * @NMD_EXPERIMENT_CROSSVAL: each network on all folds
 * @NMD_EXPERIMENT_COMPARE: networks on the same split; the first is what the others are compared with
 * @NMD_EXPERIMENT_ABLATE: one network with parts of preprocessing, architecture or recipe left out; the full
 *   one is the first row
 * @NMD_EXPERIMENT_LEAK: one network under a split by subject (the first row) and one by image
 */
typedef enum
{
  NMD_EXPERIMENT_CROSSVAL,
  NMD_EXPERIMENT_COMPARE,
  NMD_EXPERIMENT_ABLATE,
  NMD_EXPERIMENT_LEAK,
} NmdExperimentKind;

/* What of the ablation; see nmd_plan_new(). */
typedef enum
{
  NMD_ABLATE_PREPROCESSING,
  NMD_ABLATE_ARCHITECTURE,
  NMD_ABLATE_RECIPE,
} NmdAblation;

/* "crossval", "compare", "ablate", "leak"; "preprocessing", "architecture", "recipe". Static. */
const char *nmd_experiment_kind_get_name (NmdExperimentKind  kind);
const char *nmd_ablation_get_name        (NmdAblation        ablation);
/* FALSE if @word (nullable) is none. */
gboolean    nmd_ablation_parse           (const char        *word,
                                          NmdAblation       *ablation);

/* A line of the tables. @changes: name, text, name, text …, ended by %NULL: what differs from the plan's
 * parameters. */
typedef struct
{
  char *id;       /* letters, digits, '-': "no-cbam" */
  char *title;    /* "without CBAM" */
  char *network;
  char **changes;
} NmdPlanRow;

/* A training. */
typedef struct
{
  char *id;       /* its names in the folder: "nmdassistnet.fold-0.seed-1" */
  guint row;
  int fold;       /* from 0; -1: the split has no folds */
  char *left_out; /* (nullable): the value left out */
  gint64 seed;
} NmdPlanCell;

typedef struct
{
  NmdExperimentKind kind;
  NmdAblation ablation;           /* of ABLATE */
  char *dataset_path, *dataset_title, *dataset_hash;
  NmdImportSettings import;
  char *organ;                    /* (nullable) */
  char *split_file;               /* (nullable): absolute */
  char *split_sha256;             /* (nullable): of its bytes */
  char *leave_out;                /* (nullable): the column */
  char *device;
  int threads;
  gboolean synthetic;             /* the images are simulated */
  gboolean events;                /* each run has a TensorBoard event file */
  NmdParameters *parameters;
  GPtrArray *rows;                /* NmdPlanRow */
  GPtrArray *cells;               /* NmdPlanCell: by seed, fold, row */
} NmdPlan;

#define NMD_PLAN_MAX_CELLS 10000
#define NMD_PLAN_MAX_ROWS  64

/**
 * NmdPlanSettings:
 * @dataset_path: stored in the plan
 * @dataset: the data set, imported with @import
 * @networks: (nullable) (array zero-terminated=1): %NULL: all of classification (COMPARE), else "nmdassistnet"
 * @seeds: @n_seeds seeds; none: the seed of @parameters
 * @split_file: (nullable): a table of folds or parts, in place of "split"
 * @leave_out: (nullable): column whose values are left out in turn, in place of both
 * @parameters: the recipe
 *
 * What nmd_plan_new() reads; everything is borrowed for the call.
 */
typedef struct
{
  NmdExperimentKind kind;
  NmdAblation ablation;
  const char *dataset_path;
  NmdDataset *dataset;
  const NmdImportSettings *import;
  const char *organ;
  const char *const *networks;
  const gint64 *seeds;
  guint n_seeds;
  const char *split_file;
  const char *leave_out;
  const char *device;
  int threads;
  gboolean events;
  const NmdParameters *parameters;
} NmdPlanSettings;

/**
 * nmd_plan_new:
 *
 * Makes the plan: every row at every fold and seed.
 *
 * **Folds**: the values of @leave_out; all folds of @split_file; of the split "kfold", which CROSSVAL takes
 * where nothing else is named, "folds" of them; otherwise none.
 *
 * **Rows of ABLATE**, the full one first: *preprocessing* A (box and resize alone), B (A and median), C (B and
 * CLAHE), D (C and augmentation), E (D and Mixup: the full one), and E on the whole frame; *architecture*
 * without CBAM, channel shuffle, separable stem, expansion; *recipe* without label smoothing (0), without
 * the schedule of averaging (SWALR: "average-lr" is "lr"), without averaging ("average-start" 1).
 * Source of the ingredients: Xie and Zhang 2025; the letters are ours.
 *
 * "limit" keeps so many subjects of each label, in every split; with a file's split nmd_split_limit().
 *
 * Cost: makes every split once.
 *
 * Errors: those of nmd_dataset_check_masks() and nmd_passport_check_organ(), as every training would give them;
 * %NMD_ERROR_UNSUPPORTED: no such network, or not for classification; more cells or rows than bounds; a
 *   seed or network named twice; those of nmd_split_new() and its like for a split that cannot be made.
 *
 * Returns: (transfer full): the plan, %NULL with @error set
 */
NmdPlan       *nmd_plan_new            (const NmdPlanSettings  *settings,
                                        GError                **error) G_GNUC_WARN_UNUSED_RESULT;
void           nmd_plan_free           (NmdPlan                *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPlan, nmd_plan_free)

/* The cell's row, number @i of the plan's cells. Borrowed. */
const NmdPlanCell *nmd_plan_get_cell   (const NmdPlan          *self,
                                        guint                   i);
const NmdPlanRow  *nmd_plan_get_row    (const NmdPlan          *self,
                                        guint                   i);

/* The recipe of a cell: the plan's with the row's changes, the fold and the seed. */
NmdParameters *nmd_plan_get_parameters (const NmdPlan          *self,
                                        const NmdPlanCell      *cell) G_GNUC_WARN_UNUSED_RESULT;

/* The split of a cell over @dataset. Errors: those of nmd_split_new() and its like; %NMD_ERROR_CHANGED if the
 * split's file is another one now. */
NmdSplit      *nmd_plan_make_split     (const NmdPlan          *self,
                                        const NmdPlanCell      *cell,
                                        NmdDataset             *dataset,
                                        GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/* "fold 2, seed 1", "GE Logiq 7, seed 1", "seed 1". */
char          *nmd_plan_describe_cell  (const NmdPlanCell      *cell) G_GNUC_WARN_UNUSED_RESULT;

/* plan.json as a text; the same plan gives the same text. */
char          *nmd_plan_to_text        (const NmdPlan          *self) G_GNUC_WARN_UNUSED_RESULT;

/* Reads plan.json of @folder. Errors: %NMD_ERROR_FORMAT naming file and member; those of nmd_json_load(). */
NmdPlan       *nmd_plan_load           (const char             *folder,
                                        GError                **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
