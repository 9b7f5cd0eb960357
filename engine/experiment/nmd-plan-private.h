/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files about plans share.
 */
#pragma once

#include "engine/experiment/nmd-plan.h"

G_BEGIN_DECLS

#define NMD_PLAN_FORMAT 1
#define NMD_PLAN_JSON "plan.json"

/* An empty plan. */
NmdPlan *nmd_plan_alloc (void);

G_END_DECLS
