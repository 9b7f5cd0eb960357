/* SPDX-License-Identifier: Apache-2.0
 *
 * What the model of the window under test answers about the scan shown.
 */
#pragma once

#include "engine/eval/nmd-map.h"
#include "engine/model/nmd-verdict.h"

/* The last answer heard. */
typedef struct
{
  guint n;                     /* heard since the last question of answers_ask() */
  gboolean has_map;
  guint methods;               /* of the maps heard since: bits 1 << NmdMapMethod */
  NmdFit fit;
} Answers;

extern Answers answers;

/* Hears them from now on. Returns: the handler, of screen.explanation. */
gulong answers_hear         (void);

/* Asks anew. Returns: the seconds to the next answer. */
double answers_ask          (void);

/* Turns the main loop until an answer of that fit has come and is shown; one to an earlier question
 * may come before it. */
void   answers_wait_for_fit (NmdFit fit);
