/* SPDX-License-Identifier: Apache-2.0
 *
 * What the window says of a network before it is trained: its size in a line, the list to choose
 * from, and the table of its layers.
 */
#pragma once

#include "engine/nn/nmd-network.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* "2,395,768 parameters, 0.13 GMAC": trainable ones with two classes; thousand million
 * multiply-adds an image. */
char               *nmd_network_describe_size  (const NmdNetwork *network) G_GNUC_WARN_UNUSED_RESULT;

/* Rows of nmd_networks_list(), by position: title, size and note. */
GtkListItemFactory *nmd_network_list_factory   (NmdTask           task) G_GNUC_WARN_UNUSED_RESULT;

/* Shows @network's layers, shapes, parameters, multiply-adds and memory over @parent. */
void                nmd_network_dialog_present (const NmdNetwork *network,
                                                GtkWindow        *parent);

G_END_DECLS
