/* SPDX-License-Identifier: Apache-2.0
 *
 * What a network, a recipe or a run is for. Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * NmdTask:
 * @NMD_TASK_CLASSIFY: an image inside its outline gets a score
 * @NMD_TASK_SEGMENT: a whole frame gets an outline
 */
typedef enum
{
  NMD_TASK_CLASSIFY,
  NMD_TASK_SEGMENT,
} NmdTask;

#define NMD_N_TASKS 2

/* "classify", "segment". Static. */
const char *nmd_task_get_name (NmdTask      task);

/* Reads such a name; %FALSE, and @task untouched, for another word. */
gboolean    nmd_task_parse    (const char  *word,
                               NmdTask     *task);

G_END_DECLS
