/* SPDX-License-Identifier: Apache-2.0
 *
 * A settings row for each line of the parameter table, bound to the app session's values.
 */
#pragma once

#include "ui/session/nmd-recipe-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A row for @info: spin button (int), entry (double), switch or choice. A value out of range is
 * refused: the row says why and keeps the old one. */
GtkWidget  *nmd_parameter_row_new          (NmdRecipeSession          *session,
                                            const NmdParameterInfo *info);

/* The line called @name, NULL if there is none. */
const NmdParameterInfo *nmd_parameter_find (const char             *name);

/* The group's title for people ("recipe" → "Recipe"). */
const char *nmd_parameter_group_title      (const char             *group);

/* Words for @choice of the line called @name, which the table writes for files and flags: "keep" → "Keep"; @choice itself
 * where there are none. */
const char *nmd_parameter_choice_title     (const char             *name,
                                            const char             *choice);

/* "median off, epochs 40": what differs from the defaults; "" if nothing does. */
char       *nmd_parameters_describe_changes (const NmdParameters   *parameters) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
