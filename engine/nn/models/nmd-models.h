/* SPDX-License-Identifier: Apache-2.0
 *
 * The networks that nmd-network.c lists, one model file each.
 */
#pragma once

#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

extern const NmdNetwork nmd_network_nmdassistnet;

G_END_DECLS
