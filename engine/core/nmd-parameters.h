/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of everything that a user can set: preprocessing, augmentation, split, recipe.
 * It feeds validation, the flags of `nmd`, the rows of the window and run.json. Defaults are the
 * paper's where it gives one.
 *
 * Source: Xie and Zhang, Front. Neurol. 2025, doi 10.3389/fneur.2025.1640428.
 */
#pragma once

#include "engine/core/nmd-error.h"

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
  const char *group;       /* "preprocessing", "augmentation", "split", "recipe", "averaging" */
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

typedef struct _NmdParameters NmdParameters; /* a value for every row; reference counted */

NmdParameters *nmd_parameters_new        (void);              /* the defaults */
NmdParameters *nmd_parameters_copy       (const NmdParameters *self);
NmdParameters *nmd_parameters_ref        (NmdParameters       *self);
void           nmd_parameters_unref      (NmdParameters       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdParameters, nmd_parameters_unref)

/* Reading; @name must be in the table (programmer error otherwise). */
double         nmd_parameters_get        (const NmdParameters *self,
                                          const char          *name);
int            nmd_parameters_get_int    (const NmdParameters *self,
                                          const char          *name);
gboolean       nmd_parameters_get_switch (const NmdParameters *self,
                                          const char          *name);
const char    *nmd_parameters_get_choice (const NmdParameters *self,
                                          const char          *name);
char          *nmd_parameters_to_text    (const NmdParameters *self,
                                          const char          *name);

/* Errors: %NMD_ERROR_FORMAT: "Batch size must be 2 to 1024, not 0". Unknown names too. */
gboolean       nmd_parameters_set        (NmdParameters       *self,
                                          const char          *name,
                                          double               value,
                                          GError             **error);
gboolean       nmd_parameters_set_text   (NmdParameters       *self,
                                          const char          *name,
                                          const char          *text,
                                          GError             **error);

/* {"epochs": 100, "split": "threeway", "clahe": true, …}; unknown keys are an error. */
JsonNode      *nmd_parameters_to_json    (const NmdParameters *self);
gboolean       nmd_parameters_from_json  (NmdParameters       *self,
                                          JsonNode            *node,
                                          GError             **error);

G_END_DECLS
