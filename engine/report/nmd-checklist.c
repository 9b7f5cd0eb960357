/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills checklists by what a run has. The rows are nmd-checklist-rows.c's.
 */
#include "config.h"

#include "engine/report/nmd-checklist.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-json-value.h"
#include "engine/report/nmd-checklist-private.h"
#include "engine/report/nmd-run-card.h"

#include <math.h>
#include <string.h>

static const struct
{
  const char *title, *name, *source;
} lists[NMD_N_CHECKLISTS] = {
  { "CLAIM 2024", "claim",
    "Tejani et al., Radiology: Artificial Intelligence 6 (2024) e240300; 44 items" },
  { "TRIPOD+AI", "tripod-ai",
    "Collins et al., BMJ 385 (2024) e078378; 27 items in 52 rows" },
  { "STARD-AI", "stard-ai",
    "Sounderajah et al., Nature Medicine 31 (2025) 3283; 40 items in 48 rows" },
};

const char *
nmd_item_state_get_name (NmdItemState state)
{
  static const char *const names[] = { "reported", "not available", "not applicable" };

  g_return_val_if_fail (state < G_N_ELEMENTS (names), "");
  return names[state];
}

const char *
nmd_checklist_get_title (NmdChecklist checklist)
{
  g_return_val_if_fail (checklist < NMD_N_CHECKLISTS, "");
  return lists[checklist].title;
}

const char *
nmd_checklist_get_name (NmdChecklist checklist)
{
  g_return_val_if_fail (checklist < NMD_N_CHECKLISTS, "");
  return lists[checklist].name;
}

guint
nmd_checklist_get_n (NmdChecklist checklist)
{
  guint n = 0;

  nmd_checklist_list_rows (checklist, &n);
  return n;
}

/* ---- Answers */

#define BY_AUTHORS "to be written by the authors"

/* An answer that holds for every run of classification with results. */
static const struct
{
  NmdAnswer answer;
  NmdCardSection section;
  const char *what;
} always[] = {
  { NMD_ANSWER_SOURCE, NMD_CARD_DATA,
    "name and hash of the data set; where it comes from is to be added" },
  { NMD_ANSWER_PREPROCESSING, NMD_CARD_NETWORK, "parameters of the preprocessing" },
  { NMD_ANSWER_MISSING, NMD_CARD_DATA,
    "what was left out, images without outline; nothing is imputed" },
  { NMD_ANSWER_SPLIT, NMD_CARD_PROTOCOL, "split, seed; sizes in the section before" },
  { NMD_ANSWER_PREDICTORS, NMD_CARD_NETWORK,
    "the only predictor is the image in the box around its outline" },
  { NMD_ANSWER_MODEL, NMD_CARD_NETWORK, "network, parameters, source" },
  { NMD_ANSWER_SOFTWARE, NMD_CARD_FILES, "program, version, device" },
  { NMD_ANSWER_INITIAL, NMD_CARD_PROTOCOL, "where the weights started" },
  { NMD_ANSWER_TRAINING, NMD_CARD_NETWORK, "every parameter of the training" },
  { NMD_ANSWER_SELECTION, NMD_CARD_PROTOCOL, "which weights, by which rule" },
  { NMD_ANSWER_IMBALANCE, NMD_CARD_NETWORK, "class weights; numbers by label in Data" },
  { NMD_ANSWER_THRESHOLD, NMD_CARD_PROTOCOL, "the score, the threshold and its rule" },
  { NMD_ANSWER_OUTPUT, NMD_CARD_PROTOCOL, "which weights gave the scores, with what" },
  { NMD_ANSWER_MEASURES, NMD_CARD_RESULTS, "measures, calibration, decision curve" },
  { NMD_ANSWER_PARTS, NMD_CARD_RESULTS, "all parts at the same threshold" },
  { NMD_ANSWER_COUNTS, NMD_CARD_DATA, "images and subjects of each part by label" },
  { NMD_ANSWER_MATRIX, NMD_CARD_RESULTS, "images by true label and call" },
  { NMD_ANSWER_FAILURES, NMD_CARD_WRONG, "the most wrong images" },
  { NMD_ANSWER_LIMITS, NMD_CARD_LIMITS, "what follows from the run; others to be added" },
  { NMD_ANSWER_DETAILS, NMD_CARD_FILES,
    "run.json holds every setting; its hash is there" },
  { NMD_ANSWER_WEIGHTS, NMD_CARD_FILES, "weights as a file with its hash" },
  { NMD_ANSWER_AUDIT, NMD_CARD_FILES, "predictions.csv holds every score" },
  { NMD_ANSWER_BLIND, NMD_CARD_PROTOCOL,
    "the network gets the image alone; what those knew who drew outlines is to be "
    "added" },
};

/* A state with its sentence; @section −1: none is named. */
typedef struct
{
  NmdItemState state;
  int section;
  const char *what;
} Filled;

static Filled
reported (NmdCardSection section, const char *what)
{
  return (Filled){ NMD_ITEM_REPORTED, (int)section, what };
}

static Filled
missing (const char *why)
{
  return (Filled){ NMD_ITEM_NOT_AVAILABLE, -1, why };
}

static Filled
inapplicable (const char *why)
{
  return (Filled){ NMD_ITEM_NOT_APPLICABLE, -1, why };
}

/* Whether the measured images have two subgroups by @name at least: then Results has them. */
static gboolean
varies (const NmdRunFacts *facts, const char *name)
{
  g_autoptr (GPtrArray) groups = nmd_run_facts_list_groups (facts, name);
  const char *first = NULL;

  for (guint i = 0; i < groups->len; i++)
    {
      const char *group = groups->pdata[i];

      if (group != NULL && first != NULL && strcmp (group, first) != 0)
        return TRUE;
      first = group != NULL ? group : first;
    }
  return FALSE;
}

static gboolean
has_people (const NmdRunFacts *facts)
{
  return nmd_run_facts_has_attribute (facts, "sex")
         || nmd_run_facts_has_attribute (facts, "age");
}

/* Answers that depend on what the data set has. */
static Filled
answer_by_data (NmdAnswer answer, const NmdRunFacts *facts)
{
  const NmdPassport *passport = nmd_run_get_passport (facts->run);

  switch (answer)
    {
    case NMD_ANSWER_PEOPLE:
      return passport->synthetic ? inapplicable ("simulated images, no patients")
                                 : missing (BY_AUTHORS);
    case NMD_ANSWER_REFERENCE:
      return missing ("the run knows which labels there are and where they stand, see "
                      "Data; how they were made is " BY_AUTHORS);
    case NMD_ANSWER_SIZE:
      return missing ("no size was planned here; Results says how many subjects would be "
                      "needed");
    case NMD_ANSWER_SUBSET:
      return nmd_parameters_get_int (nmd_run_get_parameters (facts->run), "limit") > 0
                 ? reported (NMD_CARD_PROTOCOL, "limited to some groups")
                 : inapplicable ("the whole data set was used");
    case NMD_ANSWER_DEVICES:
      return passport->devices != NULL && passport->devices[0] != NULL
                 ? reported (NMD_CARD_DATA, "devices; settings are to be added")
                 : missing (
                     "the data set does not name its devices; software is in Files");
    case NMD_ANSWER_DEMOGRAPHICS:
      return has_people (facts)
                 ? reported (NMD_CARD_DATA, "sex and age by part and label")
             : facts->dataset == NULL ? missing ("the data set could not be opened")
                                      : missing ("the data set has no sex and no age");
    case NMD_ANSWER_FAIRNESS:
      if (varies (facts, "sex"))
        return reported (NMD_CARD_RESULTS, varies (facts, "age")
                                               ? "subgroups by sex and age, exploratory"
                                               : "subgroups by sex, exploratory");
      return varies (facts, "age")
                 ? reported (NMD_CARD_RESULTS, "subgroups by age, exploratory")
                 : missing ("the measured images have no two sexes or ages");
    case NMD_ANSWER_CLUSTERS:
      return varies (facts, "device")
                 ? reported (NMD_CARD_RESULTS, "subgroups by device, exploratory")
                 : missing ("the measured images have no two devices");
    default:
      return missing (BY_AUTHORS);
    }
}

/* Answers that depend on what was measured. */
static Filled
answer_by_results (NmdAnswer answer, const NmdRunFacts *facts, const char *maps)
{
  const NmdEvalResults *results = facts->results;
  NmdJsonValue top = nmd_json_value_top (nmd_run_get_metrics (facts->run), "");

  switch (answer)
    {
    case NMD_ANSWER_FLOW:
      return nmd_json_value_has (&top, "import")
                 ? reported (NMD_CARD_DATA, "what was read, left out, and given to parts")
                 : missing ("the run is older than that record");
    case NMD_ANSWER_DISJOINT:
      return facts->grouping != NULL
                 ? reported (NMD_CARD_PROTOCOL, "what the split keeps together")
                 : missing ("the file does not say what the split keeps together");
    case NMD_ANSWER_ENSEMBLE:
      return inapplicable ("one network");
    case NMD_ANSWER_INTERVALS:
      return isfinite (results->by_image.auc.ci_subject.low)
                 ? reported (NMD_CARD_RESULTS,
                             "95 % intervals; rivals in the next section")
                 : missing ("too few subjects for intervals; the values are in Results");
    case NMD_ANSWER_ROBUSTNESS:
      return missing (
          "one training; nmd crossval, nmd ablate and nmd leak-gap measure it");
    case NMD_ANSWER_MAPS:
      return maps != NULL
                 ? reported (NMD_CARD_WRONG,
                             "with their shares; nmd explain --check and --cohort say "
                             "what they are worth")
                 : missing ("no maps are in this report");
    case NMD_ANSWER_INTERNAL:
      return facts->part == NMD_PART_TEST
                 ? reported (NMD_CARD_RESULTS, "the test part")
                 : missing ("the split has no test part, or another part was measured");
    case NMD_ANSWER_EXTERNAL:
      return missing ("this run has none; nmd evaluate RUN --dataset OTHER measures it");
    case NMD_ANSWER_EXTERNAL_DATA:
      return inapplicable ("no external data were measured");
    case NMD_ANSWER_SUBGROUPS:
      return varies (facts, "muscle") || varies (facts, "sex") || varies (facts, "device")
                     || varies (facts, "age")
                 ? reported (NMD_CARD_RESULTS, "subgroups, exploratory")
                 : missing ("the measured images are of one group");
    case NMD_ANSWER_UPDATING:
      return inapplicable ("no existing model was updated");
    case NMD_ANSWER_CANNOT_JUDGE:
      return results->has_conformal && isfinite (results->conformal.limit[0])
                     && isfinite (results->conformal.limit[1])
                 ? reported (NMD_CARD_RESULTS, "how many images cannot be judged")
                 : missing (
                     "no conformal limits; images that do not fit the passport get "
                     "no score");
    default:
      return missing (BY_AUTHORS);
    }
}

static Filled
answer_row (NmdAnswer answer, const NmdRunFacts *facts, const char *maps)
{
  for (gsize i = 0; i < G_N_ELEMENTS (always); i++)
    if (always[i].answer == answer)
      return reported (always[i].section, always[i].what);
  switch (answer)
    {
    case NMD_ANSWER_PEOPLE:
    case NMD_ANSWER_REFERENCE:
    case NMD_ANSWER_SIZE:
    case NMD_ANSWER_SUBSET:
    case NMD_ANSWER_DEVICES:
    case NMD_ANSWER_DEMOGRAPHICS:
    case NMD_ANSWER_FAIRNESS:
    case NMD_ANSWER_CLUSTERS:
      return answer_by_data (answer, facts);
    default:
      return answer_by_results (answer, facts, maps);
    }
}

NmdItemState
nmd_checklist_fill (NmdChecklist checklist,
                    guint row,
                    const NmdRunFacts *facts,
                    const char *maps,
                    const char **number,
                    const char **title,
                    char **where)
{
  guint n = 0;
  const NmdChecklistRow *rows = nmd_checklist_list_rows (checklist, &n);
  Filled filled;

  g_return_val_if_fail (row < n, NMD_ITEM_NOT_AVAILABLE);
  filled = answer_row (rows[row].answer, facts, maps);
  *number = rows[row].number;
  *title = rows[row].title;
  *where = filled.section < 0
               ? g_strdup (filled.what)
               : g_strdup_printf (
                   "section %d, %s: %s%s%s", filled.section + 1,
                   nmd_card_section_get_title ((NmdCardSection)filled.section),
                   rows[row].answer == NMD_ANSWER_MAPS ? maps : "",
                   rows[row].answer == NMD_ANSWER_MAPS ? " " : "", filled.what);
  return filled.state;
}

char *
nmd_checklist_to_csv (NmdChecklist checklist, const NmdRunFacts *facts, const char *maps)
{
  static const char *const head[] = { "item", "title", "state", "where" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    nmd_csv_append (text, head[i]);
  nmd_csv_end_line (text);
  for (guint row = 0; row < nmd_checklist_get_n (checklist); row++)
    {
      const char *number = NULL, *title = NULL;
      g_autofree char *where = NULL;
      NmdItemState state
          = nmd_checklist_fill (checklist, row, facts, maps, &number, &title, &where);

      nmd_csv_append (text, number);
      nmd_csv_append (text, title);
      nmd_csv_append (text, nmd_item_state_get_name (state));
      nmd_csv_append (text, where);
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
}

static void
add_list (NmdDocument *document,
          NmdChecklist checklist,
          const NmdRunFacts *facts,
          const char *maps)
{
  static const char *const head[]
      = { "Item", "What it asks for", "State", "Where, or why not" };
  guint counts[3] = { 0 }, n = nmd_checklist_get_n (checklist);

  nmd_document_add (document, NMD_BLOCK_SUBHEADING, "%s", lists[checklist].title);
  nmd_document_add_table (document, lists[checklist].source, G_N_ELEMENTS (head), head);
  for (guint row = 0; row < n; row++)
    {
      const char *number = NULL, *title = NULL;
      g_autofree char *where = NULL;
      NmdItemState state
          = nmd_checklist_fill (checklist, row, facts, maps, &number, &title, &where);
      const char *const cells[]
          = { number, title, nmd_item_state_get_name (state), where };

      counts[state]++;
      nmd_document_add_row (document, cells);
    }
  nmd_document_add (document, NMD_BLOCK_TEXT,
                    "%u rows: %u reported, %u not available, %u not applicable.", n,
                    counts[NMD_ITEM_REPORTED], counts[NMD_ITEM_NOT_AVAILABLE],
                    counts[NMD_ITEM_NOT_APPLICABLE]);
}

void
nmd_checklists_add (NmdDocument *document, const NmdRunFacts *facts, const char *maps)
{
  nmd_document_add (document, NMD_BLOCK_HEADING, "%s",
                    nmd_card_section_get_title (NMD_CARD_CHECKLISTS));
  nmd_document_add (
      document, NMD_BLOCK_TEXT,
      "Filled by what the run has. “Reported” says where something stands, "
      "not that it suffices; what a program cannot know is not available. "
      "Items are named in short words; the guidelines' own wording counts.");
  for (int i = 0; i < NMD_N_CHECKLISTS; i++)
    add_list (document, (NmdChecklist)i, facts, maps);
}
