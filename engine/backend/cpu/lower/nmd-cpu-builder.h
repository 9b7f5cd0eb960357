/* SPDX-License-Identifier: Apache-2.0
 *
 * A graph on its way to steps: the state that all of lower/ shares, and the functions that make
 * values and steps and keep account of what reads what.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"
#include "engine/nn/graph/nmd-patterns.h"

G_BEGIN_DECLS

typedef struct
{
  NmdCpuProgram *p;
  const NmdGraph *graph;
  const gboolean *needed;
  const int *handles;
  NmdPatterns *patterns; /* who reads a node, what is overwritten */
  int *other;       /* by node: its value in the other layout, or -1 */
  int *packed;      /* by node · order: packed weights, or -1 */
  int *packed_at;   /* last writer of the store tensor when they were packed */
  gboolean *lazy;   /* activation gradients that their readers compute */
  NmdNode *norm_of; /* by what an activation's gradient is given: the batch norm before the
                       activation if they are one step, or -1 */
  int *factors;     /* by batch norm: the value gamma/√(variance + ε) */
  GHashTable *recomputed; /* by value + 1: the value computed again for the backward pass, + 1 */
  gboolean *done;   /* served together with another node */
  GArray *writer;   /* by handle: last step that updates it, or -1 */
  GPtrArray *readers; /* by handle: GArray of int, steps since */
  gboolean gradients;  /* the program goes backwards too */
  gboolean in_sum;     /* what a sum reads is computed again: no other sum then */
  int n_handles;
} NmdCpuLower;

const NmdNodeInfo *nmd_cpu_info (const NmdCpuLower *self, NmdNode node);

/* A new value of n images of h × w rows of c channels; its number. */
int         nmd_cpu_new_value      (NmdCpuLower *self, int n, int h, int w, int c);
/* n, h, w, c of images, rows of vectors, or one vector; a new value of them. */
void        nmd_cpu_rows_geometry  (const NmdShape *shape, int *g);
int         nmd_cpu_rows_value     (NmdCpuLower *self, const NmdShape *shape);
gboolean    nmd_cpu_has_geometry   (const NmdCpuValue *v, const int *g);
/* Whether @v is all of @shape as one row-major vector. */
gboolean    nmd_cpu_is_plain       (const NmdCpuValue *v, const NmdShape *shape);
/* Whether channels-last and row-major differ. */
gboolean    nmd_cpu_is_wide        (const NmdShape *shape);

/* A new step that writes value @out, or none yet where that is -1; valid as long as the program. */
NmdCpuStep *nmd_cpu_new_step       (NmdCpuLower *self, const NmdCpuOp *op, int out);
/* The same with a name of its own instead of @op's. */
NmdCpuStep *nmd_cpu_new_step_named (NmdCpuLower *self, const NmdCpuOp *op, const char *name, int out);
/* The newest step's number. */
int         nmd_cpu_step_index     (const NmdCpuLower *self);

/* @s comes after step @step, with @barrier after all images of it; -1: none. */
void        nmd_cpu_need           (NmdCpuStep *s, int step, gboolean barrier);
/* The newest step @s reads value @v: image i of it for its own image i; all of it for any image; as
 * @whole says. */
void        nmd_cpu_read_images    (NmdCpuLower *self, NmdCpuStep *s, int v);
void        nmd_cpu_read_whole     (NmdCpuLower *self, NmdCpuStep *s, int v);
void        nmd_cpu_read_as        (NmdCpuLower *self, NmdCpuStep *s, int v, gboolean whole);
/* The newest step @s writes value @v too. */
void        nmd_cpu_also_writes    (NmdCpuLower *self, NmdCpuStep *s, int v);
/* A value for the sums of each thread, @floats of them, that the newest step @s leaves. */
int         nmd_cpu_sums_of        (NmdCpuLower *self, NmdCpuStep *s, gsize floats);
/* The step that alone writes value @v, which is its first output and no part of another one; or
 * NULL. */
NmdCpuStep *nmd_cpu_writer_of      (const NmdCpuLower *self, int v);
/* Threads that share an image divide the channels of @s, a depthwise convolution or a reduction,
 * as those of what it reads were divided by step @writer, if they were. */
void        nmd_cpu_share_channels (NmdCpuStep *s, const NmdCpuStep *writer);

/* The activation that node @node is. */
NmdAct      nmd_cpu_act_of         (const NmdCpuLower *self, NmdNode node);
/* The node whose value a step for @node gives if an activation that alone reads it is fused, which
 * is then done; @act is that activation or none. */
NmdNode     nmd_cpu_with_act       (NmdCpuLower *self, NmdNode node, NmdAct *act);

G_END_DECLS
