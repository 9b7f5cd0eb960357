/* SPDX-License-Identifier: Apache-2.0
 *
 * Flags that several commands share: how a data set is read, and one flag for every row of the
 * parameter table.
 */
#pragma once

#include "engine/data/import/nmd-import.h"

/* A NULL-terminated GOption table on the heap. */
typedef GOptionEntry GOptionEntryArray;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GOptionEntryArray, g_free)

/* @more (nullable) followed by the flags that fill @settings; the texts are owned by @settings. */
GOptionEntry *nmd_import_options_entries  (NmdImportSettings *settings, const GOptionEntry *more);
/* Imports @path with progress on standard error. */
NmdDataset   *nmd_import_options_open     (const NmdImportSettings *settings, const char *path, GError **error);
/* NmdImportProgress that prints. */
void nmd_import_options_progress (double fraction, NmdSample *sample, gpointer user_data);

/* Texts of the flags that were given, one for each row of the parameter table. */
typedef struct
{
  char **texts;
} NmdParameterOptions;

void nmd_parameter_options_clear (NmdParameterOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdParameterOptions, nmd_parameter_options_clear)

/* @more followed by a flag for each row of @group (NULL: of all groups). */
GOptionEntry *nmd_parameter_options_entries (NmdParameterOptions *self,
                                             const GOptionEntry  *more,
                                             const char          *group);
/* The text given for @name, or NULL. */
const char *nmd_parameter_options_get_text (const NmdParameterOptions *self, const char *name);
/* Takes back what was given for @name, so that its default stands. */
void nmd_parameter_options_unset (NmdParameterOptions *self, const char *name);
/* The parameters of @task with the given flags set; NULL with @error for a value out of range, or one that
 * the task does not have. */
NmdParameters *nmd_parameter_options_get (const NmdParameterOptions *self, NmdTask task, GError **error);
