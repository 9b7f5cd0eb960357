/* SPDX-License-Identifier: Apache-2.0
 *
 * The networks that nmd-network.c lists, one model file each.
 */
#pragma once

#include "engine/nn/blocks/nmd-blocks.h"

G_BEGIN_DECLS

extern const NmdNetwork nmd_network_nmdassistnet;
extern const NmdNetwork nmd_network_ghostnet;
extern const NmdNetwork nmd_network_efficientnet;
extern const NmdNetwork nmd_network_cspnet;
extern const NmdNetwork nmd_network_hrnet;
extern const NmdNetwork nmd_network_vit;
extern const NmdNetwork nmd_network_ghostunet;
extern const NmdNetwork nmd_network_unet;

/* NMD-AssistNet without one of its ingredients each, for the ablation. */
#define NMD_N_ABLATION_NETWORKS 4
extern const NmdNetwork nmd_networks_ablation[NMD_N_ABLATION_NETWORKS];

/* Patterns of the names that its stem and stages have, ended by NULL. */
extern const char *const nmd_nmdassistnet_encoder[];

/* Stages that NMD-AssistNet has, each half as high and wide as the one before. */
#define NMD_NMDASSISTNET_STAGES 5

/* NMD-AssistNet's stem and stages on the image @x, whose sides are multiples of 32; @maps are the
 * stages' values, of 1/2, 1/4 … 1/32 of x's height and width. */
NmdBuilder nmd_nmdassistnet_builder (NmdGraph         *graph,
                                     NmdMode           mode);
void       nmd_nmdassistnet_encode  (const NmdBuilder *self,
                                     NmdNode           x,
                                     NmdNode          *maps);

G_END_DECLS
