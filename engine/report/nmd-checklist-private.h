/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of the checklists, and by what each is answered.
 */
#pragma once

#include "engine/report/nmd-checklist.h"

G_BEGIN_DECLS

/* What answers a row; nmd-checklist.c has a line or a case for each. */
typedef enum
{
  NMD_ANSWER_AUTHORS,      /* no program knows it */
  NMD_ANSWER_PEOPLE,       /* likewise; not applicable to simulated images */
  NMD_ANSWER_REFERENCE,    /* how labels were made */
  NMD_ANSWER_SIZE,         /* a planned size */
  NMD_ANSWER_SOURCE,
  NMD_ANSWER_FLOW,
  NMD_ANSWER_PREPROCESSING,
  NMD_ANSWER_SUBSET,
  NMD_ANSWER_MISSING,
  NMD_ANSWER_DEVICES,
  NMD_ANSWER_SPLIT,
  NMD_ANSWER_DISJOINT,
  NMD_ANSWER_PREDICTORS,
  NMD_ANSWER_MODEL,
  NMD_ANSWER_SOFTWARE,
  NMD_ANSWER_INITIAL,
  NMD_ANSWER_TRAINING,
  NMD_ANSWER_SELECTION,
  NMD_ANSWER_ENSEMBLE,
  NMD_ANSWER_IMBALANCE,
  NMD_ANSWER_THRESHOLD,
  NMD_ANSWER_OUTPUT,
  NMD_ANSWER_MEASURES,
  NMD_ANSWER_INTERVALS,
  NMD_ANSWER_ROBUSTNESS,
  NMD_ANSWER_MAPS,
  NMD_ANSWER_INTERNAL,
  NMD_ANSWER_EXTERNAL,
  NMD_ANSWER_EXTERNAL_DATA, /* how it differs: only where there is one */
  NMD_ANSWER_DEMOGRAPHICS,
  NMD_ANSWER_PARTS,
  NMD_ANSWER_COUNTS,
  NMD_ANSWER_MATRIX,
  NMD_ANSWER_FAILURES,
  NMD_ANSWER_FAIRNESS,
  NMD_ANSWER_CLUSTERS,
  NMD_ANSWER_SUBGROUPS,
  NMD_ANSWER_UPDATING,
  NMD_ANSWER_CANNOT_JUDGE,
  NMD_ANSWER_BLIND,
  NMD_ANSWER_LIMITS,
  NMD_ANSWER_DETAILS,
  NMD_ANSWER_WEIGHTS,
  NMD_ANSWER_AUDIT,
} NmdAnswer;

typedef struct
{
  const char *number;
  const char *title;
  NmdAnswer answer;
} NmdChecklistRow;

/* The @n rows of @checklist. */
const NmdChecklistRow *nmd_checklist_list_rows (NmdChecklist  checklist,
                                                guint        *n);

G_END_DECLS
