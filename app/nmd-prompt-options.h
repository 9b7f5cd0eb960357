/* SPDX-License-Identifier: Apache-2.0
 *
 * What a user shows of an outline on the command line: --box and --click, in pixels of the image.
 */
#pragma once

#include "engine/image/nmd-letterbox.h"

#include <json-glib/json-glib.h>

/* The words of the options; owned. */
typedef struct
{
  char *box;            /* (nullable) "X,Y,WIDTH,HEIGHT" */
  char **clicks;        /* (nullable) "+X,Y" inside, "-X,Y" outside */
} NmdPromptOptions;

void     nmd_prompt_options_clear   (NmdPromptOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdPromptOptions, nmd_prompt_options_clear)

/* Adds --box and --click to @table. */
void     nmd_prompt_options_add     (NmdPromptOptions *self,
                                     GArray           *table);

/* Whether there is a box or a click. */
gboolean nmd_prompt_options_are_given (const NmdPromptOptions *self);

/* Their words as @prompts, in pixels; a click on pixel (x, y) is at its centre. Errors: %NMD_ERROR_FORMAT
 * quoting the word; more clicks than NMD_PROMPTS_MAX_CLICKS. */
gboolean nmd_prompt_options_parse   (const NmdPromptOptions *self,
                                     NmdPrompts             *prompts,
                                     GError                **error);

/* FALSE with %NMD_ERROR_SHAPE, naming @path, if the box or a click does not lie within the image. */
gboolean nmd_prompts_check          (const NmdPrompts *prompts,
                                     int               width,
                                     int               height,
                                     const char       *path,
                                     GError          **error);

/* {"box": [x, y, width, height] or null, "clicks": [{"x", "y", "inside"}]}, in pixels. */
JsonObject *nmd_prompts_to_json     (const NmdPrompts *prompts) G_GNUC_WARN_UNUSED_RESULT;
