/* SPDX-License-Identifier: Apache-2.0
 *
 * The shape of a tensor.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NMD_MAX_DIMS 4

/* 1 to 4 dimensions; images are n c h w, vectors over classes or hidden units n c, a scalar is [1]. */
typedef struct
{
  int n_dims;
  int dims[NMD_MAX_DIMS]; /* unused ones are 1 */
} NmdShape;

/* Number of values, Π dims. */
gsize    nmd_shape_count     (const NmdShape *shape);

/* Whether both have the same dimensions. */
gboolean nmd_shape_equal     (const NmdShape *a,
                              const NmdShape *b);

/* "2 × 16 × 112 × 112" */
char    *nmd_shape_to_string (const NmdShape *shape) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
