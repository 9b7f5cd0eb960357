/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory shared by values that do not live at the same time: both backends with an arena plan it
 * here.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A value that needs @size units from time @first to time @last, both included. */
typedef struct
{
  gsize size;
  int first, last;
  gsize offset; /* the plan */
} NmdLife;

/**
 * nmd_liveness_plan:
 * @lives: (inout) (array length=n): offsets are set
 *
 * Gives each value the lowest place that is free during its life, larger values first, of equal ones
 * the earlier, so that the plan depends on @lives alone. Sizes in whole alignments keep offsets
 * aligned.
 *
 * Cost: n² at worst. Threads: any.
 *
 * Returns: the units that all need together
 */
gsize nmd_liveness_plan (NmdLife *lives,
                         int      n);

G_END_DECLS
