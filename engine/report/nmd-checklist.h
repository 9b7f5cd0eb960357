/* SPDX-License-Identifier: Apache-2.0
 *
 * Reporting checklists, filled by what a run really has. Items are named in short words of our own by their
 * numbers; the wording that counts is the guideline's:
 *
 * - CLAIM, 2024 update, 44 items: Tejani et al., Radiology: Artificial Intelligence 6 (2024) e240300
 * - TRIPOD+AI, 27 items in 52 rows: Collins et al., BMJ 385 (2024) e078378
 * - STARD-AI, 40 items in 48 rows: Sounderajah et al., Nature Medicine 31 (2025) 3283
 *
 * "Reported" says where in the model card it stands, never that it suffices. What a program cannot know (ethics,
 * funding, how labels were made) is "not available". Threads: any.
 */
#pragma once

#include "engine/report/nmd-document.h"
#include "engine/report/nmd-run-facts.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_CHECKLIST_CLAIM,
  NMD_CHECKLIST_TRIPOD_AI,
  NMD_CHECKLIST_STARD_AI,
} NmdChecklist;
#define NMD_N_CHECKLISTS 3

typedef enum
{
  NMD_ITEM_REPORTED,
  NMD_ITEM_NOT_AVAILABLE,
  NMD_ITEM_NOT_APPLICABLE,
} NmdItemState;

/* "reported", "not available", "not applicable". */
const char  *nmd_item_state_get_name  (NmdItemState       state);

/* "CLAIM 2024", and "claim" for names of files. */
const char  *nmd_checklist_get_title  (NmdChecklist       checklist);
const char  *nmd_checklist_get_name   (NmdChecklist       checklist);

/* Number of its rows. */
guint        nmd_checklist_get_n      (NmdChecklist       checklist);

/**
 * nmd_checklist_fill:
 * @row: below nmd_checklist_get_n()
 * @facts: the run
 * @maps: (nullable): method of the maps in the card, "Grad-CAM"; %NULL: it shows none
 * @number: (out): "12a"
 * @title: (out): what the item asks for
 * @where: (out) (transfer full): where it stands, or why it does not
 *
 * Returns: the state of the row
 */
NmdItemState nmd_checklist_fill       (NmdChecklist       checklist,
                                       guint              row,
                                       const NmdRunFacts *facts,
                                       const char        *maps,
                                       const char       **number,
                                       const char       **title,
                                       char             **where);

/* A table with the columns item, title, state, where. Returns: (transfer full) */
char        *nmd_checklist_to_csv     (NmdChecklist       checklist,
                                       const NmdRunFacts *facts,
                                       const char        *maps) G_GNUC_WARN_UNUSED_RESULT;

/* Appends the section of all checklists to a card. */
void         nmd_checklists_add       (NmdDocument       *document,
                                       const NmdRunFacts *facts,
                                       const char        *maps);

G_END_DECLS
