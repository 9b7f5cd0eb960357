/* SPDX-License-Identifier: Apache-2.0
 *
 * Experiments in a list, and the trainings and rows of one. Immutable; a list puts another item in the place of one
 * that has changed.
 */
#pragma once

#include "engine/experiment/nmd-experiment-results.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* An experiment's folder. */
#define NMD_TYPE_EXPERIMENT_ITEM (nmd_experiment_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdExperimentItem, nmd_experiment_item, NMD, EXPERIMENT_ITEM, GObject)

struct _NmdExperimentItem
{
  GObject parent_instance;
  char *folder;
  char *title;      /* "Comparison of demo, 29 Nov 22:40 · 2 of 6 done"; of one that cannot be read its folder's name */
};

NmdExperimentItem *nmd_experiment_item_new (const char *folder,
                                            const char *title) G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  NMD_CELL_WAITS,
  NMD_CELL_BEGUN,   /* some epochs are on disk */
  NMD_CELL_RUNS,    /* here */
  NMD_CELL_ELSEWHERE, /* another process is at work on it */
  NMD_CELL_FAILED,  /* in this session: problem */
  NMD_CELL_IS_DONE,
} NmdCellStanding;

/* A training of the plan. */
#define NMD_TYPE_CELL_ITEM (nmd_cell_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdCellItem, nmd_cell_item, NMD, CELL_ITEM, GObject)

struct _NmdCellItem
{
  GObject parent_instance;
  guint index;      /* in the plan */
  char *title;      /* "NMD-AssistNet, fold 2, seed 1" */
  NmdCellStanding standing;
  double fraction;  /* while it runs */
  char *problem;    /* (nullable) */
  double auc;       /* NaN until measured */
  NmdInterval ci;
  char *part;       /* (nullable): what was measured */
};

/* "fold 2, seed 1", "GE Logiq 7 left out, seed 1", translated. Transfer full. */
char        *nmd_cell_describe (const NmdPlanCell   *cell) G_GNUC_WARN_UNUSED_RESULT;

/* Texts are copied. @result (nullable): its numbers, once it is done. */
NmdCellItem *nmd_cell_item_new (guint                index,
                                const char          *title,
                                NmdCellStanding      standing,
                                double               fraction,
                                const char          *problem,
                                const NmdCellResult *result) G_GNUC_WARN_UNUSED_RESULT;

/* A row of the tables. */
#define NMD_TYPE_ROW_ITEM (nmd_row_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdRowItem, nmd_row_item, NMD, ROW_ITEM, GObject)

struct _NmdRowItem
{
  GObject parent_instance;
  char *title;      /* "without CBAM" */
  NmdSpread measures[NMD_N_MEASURES];
  NmdSpread rival;  /* AUC of echo intensity alone, on the same images */
  NmdSpread difference; /* see NmdRowResult */
  NmdInterval interval;
  char *method;     /* (nullable): of the interval */
};

NmdRowItem *nmd_row_item_new (const NmdRowResult *row) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
