/* SPDX-License-Identifier: Apache-2.0
 *
 * The networks that nmd-network.c lists, one model file each.
 */
#pragma once

#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

extern const NmdNetwork nmd_network_nmdassistnet;
extern const NmdNetwork nmd_network_ghostnet;
extern const NmdNetwork nmd_network_efficientnet;
extern const NmdNetwork nmd_network_cspnet;
extern const NmdNetwork nmd_network_hrnet;
extern const NmdNetwork nmd_network_vit;

G_END_DECLS
