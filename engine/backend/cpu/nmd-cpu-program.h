/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs as such: their memory, and where a value lies in it.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* Memory aligned to 64 bytes, zeroed if asked; NULL if there is none. Large blocks on large pages where
 * the system offers them. Freed with free(). */
float         *nmd_cpu_alloc        (gsize floats, gboolean zero);

/* An empty program; @graph lives as long as it. */
NmdCpuProgram *nmd_cpu_program_new  (NmdCpuSession  *session,
                                     const NmdGraph *graph,
                                     const gboolean *is_output);
void           nmd_cpu_program_free (NmdCpuProgram  *self);

/* A new value of n images of h × w rows of c channels; its number. */
int            nmd_cpu_add_value    (NmdCpuProgram *self, int n, int h, int w, int c);
/* A new step that writes value @out, or none yet where that is -1; valid as long as the program. */
NmdCpuStep    *nmd_cpu_add_step     (NmdCpuProgram *self, const NmdCpuOp *op, int out);

/* The value in whose memory value @value lies, and its first channel there. */
int            nmd_cpu_root         (const NmdCpuProgram *self, int value, int *from);
/* Where steps find value @value, once the plan has given it memory. */
NmdCpuView     nmd_cpu_view         (const NmdCpuProgram *self, int value);

G_END_DECLS
