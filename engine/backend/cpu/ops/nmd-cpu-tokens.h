/* SPDX-License-Identifier: Apache-2.0
 *
 * Pooling, enlarging, tokens and attention. Inputs → outputs in this order.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_max_pool;            /* x → y */
extern const NmdCpuOp nmd_cpu_max_pool_grad;       /* dy x y → dx */
extern const NmdCpuOp nmd_cpu_upsample;            /* x → each pixel kernel × kernel times */
extern const NmdCpuOp nmd_cpu_upsample_grad;       /* dy → dx; workspace of c */
extern const NmdCpuOp nmd_cpu_tokens;              /* x class position → y */
extern const NmdCpuOp nmd_cpu_tokens_grad;         /* dy → dx, all tokens but the first */
extern const NmdCpuOp nmd_cpu_token_sums;          /* dy → Σ over images; units are tokens */
extern const NmdCpuOp nmd_cpu_token;               /* x → token `index` */
extern const NmdCpuOp nmd_cpu_token_grad;          /* dy → dy as token `index`, else 0 */
extern const NmdCpuOp nmd_cpu_attention;           /* qkv → y; rows are heads; workspace */
extern const NmdCpuOp nmd_cpu_attention_grad;      /* dy qkv → dqkv; rows are heads; workspace */

G_END_DECLS
