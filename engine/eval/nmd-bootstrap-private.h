/* SPDX-License-Identifier: Apache-2.0
 *
 * The bootstrap of subjects for the band of a ROC curve: a draw is a weight for each subject, and a
 * ranking that was sorted once gives any draw's curve in one pass.
 */
#pragma once

#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-groups-private.h"
#include "engine/eval/nmd-roc.h"

G_BEGIN_DECLS

typedef struct
{
  NmdGroups groups;
  guint *weight;  /* of each subject in the present draw */
  NmdRandom stream;
} NmdBootstrap;

/* Stream "SEED:bootstrap:0:". */
void     nmd_bootstrap_init  (NmdBootstrap    *self,
                              const NmdScores *scores,
                              guint64          seed);
void     nmd_bootstrap_clear (NmdBootstrap    *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdBootstrap, nmd_bootstrap_clear)

/* The next draw that has both classes. FALSE if there is none. */
gboolean nmd_bootstrap_next  (NmdBootstrap    *self);

/* 2.5 and 97.5 percentiles of the finite among @values (linear between order statistics); sorts them.
 * NaN if fewer than two are finite. */
NmdInterval nmd_percentiles  (double          *values,
                              guint            n);

G_END_DECLS
