/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated user who shows a network where the muscle is: how much a box and clicks help. Pure functions
 * of masks. Threads: any.
 */
#pragma once

#include "engine/image/nmd-letterbox.h"

G_BEGIN_DECLS

/* What the user has shown: nothing, a box, or clicks, or a box and then clicks. */
enum
{
  NMD_SHOWN_NOTHING,
  NMD_SHOWN_BOX,
  NMD_SHOWN_CLICK_1,
  NMD_SHOWN_CLICK_2,
  NMD_SHOWN_CLICK_3,
  NMD_SHOWN_BOX_CLICK_1,
  NMD_SHOWN_BOX_CLICK_2,
  NMD_SHOWN_BOX_CLICK_3,
  NMD_N_SHOWN,
};

typedef struct
{
  const char *name;  /* in CSV and JSON: "none", "box", "click_1", "box_click_1" */
  const char *title; /* "box and 1 click" */
  gboolean has_box;
  guint n_clicks;
  int before;        /* the stage whose answer the last click corrects; −1 without clicks */
} NmdShownInfo;

extern const NmdShownInfo nmd_shown[NMD_N_SHOWN];

/* The box of the user: the bounds of @reference, exactly. FALSE for an empty one. */
gboolean nmd_outline_user_box   (const NmdImage *reference,
                                 NmdPrompts     *prompts);

/**
 * nmd_outline_user_click:
 * @prediction: (nullable): the answer so far; %NULL is an empty one
 * @reference: the expert's mask
 * @prompts: (inout): gets one click more
 *
 * Clicks where the answer is wrong most: of the 8-connected parts of R∖P and of P∖R the one with the most
 * pixels (a tie: R∖P), in it on the pixel whose centre is farthest from those outside it (of equal ones
 * the first by rows; the frame is no border). Inside if the pixel belongs to R.
 *
 * Source: the clicks of Xu et al., "Deep interactive object selection", CVPR 2016, as most evaluations of
 * clicks have them.
 *
 * Returns: FALSE, and no click, where the answer is right or there are NMD_PROMPTS_MAX_CLICKS already
 */
gboolean nmd_outline_user_click (const NmdImage *prediction,
                                 const NmdImage *reference,
                                 NmdPrompts     *prompts);

G_END_DECLS
