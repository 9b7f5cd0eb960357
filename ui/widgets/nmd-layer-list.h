/* SPDX-License-Identifier: Apache-2.0
 *
 * The layers of a model whose maps can be explained, for a drop-down.
 */
#pragma once

#include "engine/model/nmd-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Returns: (transfer full): names of layers: the network's own first, then from the last to the first;
 * empty for %NULL. */
GtkStringList *nmd_layer_list_new (NmdModel *model) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
