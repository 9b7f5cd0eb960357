/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of everything that a user can set (preprocessing, augmentation, outlines, split, recipe,
 * averaging), and a value for each row. It feeds validation, the flags of `nmd`, the rows of the window
 * and run.json. Defaults are the paper's where it gives one.
 *
 * Source: Xie and Zhang, Front. Neurol. 2025, doi 10.3389/fneur.2025.1640428.
 * Threads: any; a set of values that is shared is only read.
 */
#pragma once

#include "engine/core/nmd-error.h"
#include "engine/core/nmd-task.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  NMD_PARAMETER_INT,
  NMD_PARAMETER_DOUBLE,
  NMD_PARAMETER_SWITCH, /* values 0 and 1; text "on"/"off" */
  NMD_PARAMETER_CHOICE, /* value = index into choices */
} NmdParameterKind;

typedef struct
{
  const char *name;        /* "label-smoothing": flag and JSON key alike */
  const char *group;       /* "preprocessing", "augmentation", "outline", "split", "recipe", "averaging" */
  const char *title;       /* "Label smoothing" */
  const char *help;        /* one sentence */
  const char *unit;        /* "", "epochs", "pixels" … */
  const char *source;      /* "paper", "reconstruction", "ours" and why */
  NmdParameterKind kind;
  double minimum, maximum, standard; /* range and default; both ends belong to it … */
  const char *const *choices;        /* NULL-terminated, for CHOICE */
  gboolean is_open_below;            /* … but for the minimum where this is set */
} NmdParameterInfo;

/* The table, in the order in which it is shown. */
const NmdParameterInfo *nmd_parameters_list (guint *n);

/* What a parameter takes, exactly: "2 to 1024", "above 0 to 1", "on or off", "keep or black". */
char *nmd_parameter_range_to_text (const NmdParameterInfo *info) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the task has the row; and the row's default for it. */
gboolean nmd_parameter_is_for        (const NmdParameterInfo *info,
                                      NmdTask                 task);
double   nmd_parameter_get_standard  (const NmdParameterInfo *info,
                                      NmdTask                 task);

/* A value for every row, for one task. Rows that the task does not have keep their default, cannot be
 * set and are not in the JSON. Reference counted. */
typedef struct _NmdParameters NmdParameters;

/* The defaults of classification. */
NmdParameters *nmd_parameters_new        (void) G_GNUC_WARN_UNUSED_RESULT;

/* The defaults of @task. */
NmdParameters *nmd_parameters_new_for    (NmdTask              task) G_GNUC_WARN_UNUSED_RESULT;

/* What they are for. */
NmdTask        nmd_parameters_get_task   (const NmdParameters *self);

/* A copy to be changed. */
NmdParameters *nmd_parameters_copy       (const NmdParameters *self) G_GNUC_WARN_UNUSED_RESULT;

/* Another reference to the same values, which must not be changed from then on. */
NmdParameters *nmd_parameters_ref        (NmdParameters       *self);

/* Gives a reference back (%NULL is allowed). */
void           nmd_parameters_unref      (NmdParameters       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdParameters, nmd_parameters_unref)

/* The value of @name as a number: a switch is 0 or 1, a choice the index of its word. A name that is not
 * in the table ends the program, here and in the four functions below. */
double         nmd_parameters_get        (const NmdParameters *self,
                                          const char          *name);

/* The value of @name, clamped to an int. */
int            nmd_parameters_get_int    (const NmdParameters *self,
                                          const char          *name);

/* TRUE if the switch @name is on. */
gboolean       nmd_parameters_get_switch (const NmdParameters *self,
                                          const char          *name);

/* The word of the choice @name. Static. */
const char    *nmd_parameters_get_choice (const NmdParameters *self,
                                          const char          *name);

/* The value of @name as users type it: "0.001", "on", "threeway". Returns: (transfer full). */
char          *nmd_parameters_to_text    (const NmdParameters *self,
                                          const char          *name) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @name to @value. Errors: %NMD_ERROR_FORMAT, "Batch size must be 2 to 1024, not 0", "There is no
 * parameter “x”"; the value stays as it was. */
gboolean       nmd_parameters_set        (NmdParameters       *self,
                                          const char          *name,
                                          double               value,
                                          GError             **error);

/* Sets @name from text: a number with '.', a word of a choice, on, off, yes, no, true, false. Errors: as
 * nmd_parameters_set(). */
gboolean       nmd_parameters_set_text   (NmdParameters       *self,
                                          const char          *name,
                                          const char          *text,
                                          GError             **error);

/* All values: {"epochs": 100, "split": "threeway", "clahe": true, …}. Returns: (transfer full). */
JsonNode      *nmd_parameters_to_json    (const NmdParameters *self) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the values of the object @node; rows that it lacks keep theirs. Errors:
 * %NMD_ERROR_FORMAT for an unknown name, a wrong type or a value out of range; all values stay as they
 * were. */
gboolean       nmd_parameters_from_json  (NmdParameters       *self,
                                          JsonNode            *node,
                                          GError             **error);

G_END_DECLS
