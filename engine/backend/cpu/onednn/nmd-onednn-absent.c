/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in oneDNN's place in a build without it: products by the kernels' own, and no
 * convolution, so that dense ones are gathered in columns and multiplied.
 */
#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"

const char *
nmd_onednn_version (void)
{
  return "built without oneDNN";
}

gboolean
nmd_onednn_start (GError **error)
{
  return TRUE;
}

gboolean
nmd_onednn_gemm (gboolean transpose_a,
                 gboolean transpose_b,
                 long m,
                 long n,
                 long k,
                 const float *a,
                 long lda,
                 const float *b,
                 long ldb,
                 float beta,
                 float *c,
                 long ldc)
{
  nmd_kernels_get ()->product (transpose_a, transpose_b, m, n, k, a, lda, b, ldb,
                               beta != 0, c, ldc);
  return TRUE;
}

NmdOnednnConv *
nmd_onednn_conv_new (const NmdOnednnShape *shape,
                     NmdOnednnDirection direction,
                     gboolean bias,
                     double slope,
                     int threads)
{
  return NULL;
}

/* There is no convolution that these could be called with. */

void
nmd_onednn_conv_free (NmdOnednnConv *self)
{
}

gsize
nmd_onednn_conv_weight_floats (const NmdOnednnConv *self)
{
  return 0;
}

gsize
nmd_onednn_conv_work_floats (const NmdOnednnConv *self)
{
  return 0;
}

gboolean
nmd_onednn_conv_run (NmdOnednnConv *self,
                     int threads,
                     float *x,
                     float *w,
                     float *y,
                     float *bias,
                     float *work)
{
  return FALSE;
}

gboolean
nmd_onednn_conv_pack (NmdOnednnConv *self, const float *row_major, float *packed)
{
  return FALSE;
}

gboolean
nmd_onednn_conv_unpack (NmdOnednnConv *self, const float *packed, float *row_major)
{
  return FALSE;
}
