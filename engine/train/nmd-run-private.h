/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a run folder, and the parts of reading one that resuming needs.
 *
 * A commit writes best (where there is a new one), history, last in this order and stops at the
 * first failure. So last.safetensors never counts what the other two do not hold: a resumed run
 * repeats what came after it and arrives at the same bits.
 */
#pragma once

#include "engine/core/nmd-json-value.h"
#include "engine/train/nmd-run.h"
#include "engine/train/nmd-schedule-private.h"

G_BEGIN_DECLS

#define NMD_RUN_FORMAT 1 /* of run.json */
#define NMD_RUN_LARGEST_INT 9007199254740991 /* that a double holds with all below it */

#define NMD_RUN_FINDINGS 50 /* names at most in each list of the import's findings */

#define NMD_RUN_JSON "run.json"
#define NMD_RUN_HISTORY "history.csv"
#define NMD_RUN_BEST "best.safetensors"
#define NMD_RUN_AVERAGE "average.safetensors"
#define NMD_RUN_LAST "last.safetensors"
#define NMD_RUN_PREDICTIONS "predictions.csv"
#define NMD_RUN_METRICS "metrics.json"
#define NMD_RUN_OUTLINES "outlines.csv"
#define NMD_RUN_PROMPTS "prompts.csv"

/* Beside numbers of the validation part. */
#define NMD_NOTE_NO_TEST                                                                       \
  "The split has no test part; these are numbers of the validation part"

/* A threshold of outlines that was chosen on the validation part. */
typedef struct
{
  double value;         /* NaN: none was */
  double dice;          /* mean of the validation part there */
  guint n_images;
  char *weights;        /* whose outlines they were: "average" or "best" */
} NmdRunThreshold;

/* What run.json says; see nmd_run_file_to_json(). */
typedef struct
{
  NmdRunState state;
  char *started, *finished;    /* ISO 8601; finished NULL until it is */
  const NmdNetwork *network;
  NmdParameters *parameters;
  char *device;                /* name, for opening it again */
  char *device_description;
  int threads;
  char *dataset_path, *dataset_title, *dataset_hash;
  NmdImportSettings import;    /* as it was read: label word and columns; owned */
  JsonNode *images;            /* one array a sample: id, image, mask, label, subject */
  JsonNode *split;
  NmdPassport *passport;
  char *stopped_early;         /* nullable: sentence */
  char *assumed;               /* nullable: sentence; not written */
  JsonNode *initial;           /* nullable: see nmd_initial_load() */
  NmdRunThreshold threshold;   /* of segmentation */
  JsonNode *findings;          /* nullable: see nmd_dataset_import_to_json() */
} NmdRunFile;

/* Frees what it holds. */
void        nmd_run_file_clear   (NmdRunFile *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdRunFile, nmd_run_file_clear)

/* Writes run.json, whole or not at all. Errors: those of nmd_file_write(). */
gboolean    nmd_run_file_save    (const NmdRunFile    *self,
                                  const char          *folder,
                                  GError             **error);

/**
 * nmd_run_file_load:
 * @self: all zero; to be cleared, also after an error
 * @folder: the run
 *
 * Reads run.json. Every member has its type, range and length checked.
 *
 * Errors: %NMD_ERROR_FORMAT naming the file, the member and what was expected, or that there is no
 *   run.json; those of nmd_run_find_network() and nmd_json_load().
 */
gboolean    nmd_run_file_load    (NmdRunFile          *self,
                                  const char          *folder,
                                  GError             **error);

/* Checks the member "import" of @top (run.json or metrics.json), which nmd_dataset_import_to_json() has
 * written and older runs lack. @node: (out) (optional) (nullable): its object, borrowed. Errors:
 * %NMD_ERROR_FORMAT naming the file and the member. */
gboolean    nmd_run_check_import (const NmdJsonValue  *top,
                                  JsonNode           **node,
                                  GError             **error);

/* The time as run.json has it, ISO 8601 in UTC. */
char       *nmd_run_now          (void);

/* Leading hexadecimal digits of SHA-256 that run.json keeps of each image and mask. */
#define NMD_RUN_DIGEST_LENGTH NMD_MODEL_DIGEST_LENGTH

/* Digests of the images, for naming what differs later: an array of rows id, image, mask, label,
 * subject. */
JsonNode   *nmd_run_list_images  (NmdDataset          *dataset);

/* The object of metrics.json; members of its first level have the right types. Errors:
 * %NMD_ERROR_FORMAT naming the member; those of nmd_json_load(). */
JsonNode   *nmd_run_load_metrics (const char          *folder,
                                  NmdTask              task,
                                  GError             **error);

/* A column of history.csv: where it stands in NmdEpoch, what it may hold, which tasks have it. */
typedef struct
{
  const char *name;
  gsize offset;
  enum { NMD_COLUMN_INT, NMD_COLUMN_DOUBLE, NMD_COLUMN_BOOLEAN } kind;
  double minimum, maximum;
  gboolean may_be_empty;
  gboolean is_for[NMD_N_TASKS];
} NmdEpochColumn;

#define NMD_N_EPOCH_COLUMNS 11
extern const NmdEpochColumn nmd_epoch_columns[NMD_N_EPOCH_COLUMNS];

/* history.csv as text: the heading and a row for each #NmdEpoch of @history. */
char       *nmd_history_to_text  (const GArray        *history,
                                  NmdTask              task);
/* Rows of history.csv; an empty array where there is no such file. Errors: %NMD_ERROR_FORMAT naming
 * row and column. */
GArray     *nmd_history_load     (const char          *folder,
                                  NmdTask              task,
                                  GError             **error);

/* Writes the event file of @folder anew with the epochs of @history, where there is one or @wanted. @path: (out)
 * (nullable): it. Errors: those of nmd_file_write(). */
gboolean    nmd_events_start     (const char          *folder,
                                  const char          *started,
                                  const GArray        *history,
                                  gboolean             wanted,
                                  char               **path,
                                  GError             **error);
/* Appends the last epoch of @history. FALSE if that was not possible. */
gboolean    nmd_events_add       (const char          *path,
                                  const char          *started,
                                  const GArray        *history);

/* The network called @name (nullable: the task's first) for the task and the size of @parameters. Errors:
 * those of nmd_network_find(); %NMD_ERROR_UNSUPPORTED if it is for another task. */
const NmdNetwork *nmd_run_find_network (const char          *name,
                                        const NmdParameters *parameters,
                                        GError             **error);

/* Counters in and out of last.safetensors. */
void        nmd_state_to_meta    (const NmdTrainState *state,
                                  NmdWeights          *weights);
/* Refuses with %NMD_ERROR_FORMAT what is missing, no whole number, or more than a training by
 * @parameters can arrive at; @name stands for the file. */
gboolean    nmd_state_from_meta  (NmdTrainState       *state,
                                  const NmdWeights    *weights,
                                  const NmdParameters *parameters,
                                  const char          *name,
                                  GError             **error);

/* Removes temporary files that a killed writer left. Only under the folder's lock. */
void        nmd_run_clean        (const char          *folder);

/* What run.json said when @self was opened. Borrowed. */
const NmdRunFile *nmd_run_get_file (const NmdRun      *self);

/* The file of the weights @which, as nmd_run_load_model() has it; @found gets its word ("average", "best",
 * "last"). Errors: those of nmd_run_load_model() but for reading. Returns: (transfer full): the path. */
char       *nmd_run_find_weights (const NmdRun        *self,
                                  const char          *which,
                                  const char         **found,
                                  GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE with %NMD_ERROR_FORMAT if @weights lack a tensor of @network or have it in another shape. */
gboolean    nmd_run_check_weights (const NmdNetwork   *network,
                                  const NmdWeights    *weights,
                                  const char          *name,
                                  GError             **error);

G_END_DECLS
