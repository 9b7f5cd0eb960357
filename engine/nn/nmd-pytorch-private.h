/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a written PyTorch module that do not depend on the network's graph.
 */
#pragma once

#include "engine/nn/nmd-pytorch.h"

G_BEGIN_DECLS

/* Docstring, imports, classes, preprocessing and helpers, those of @tokens if there are any, up to
 * the module's own class. */
void  nmd_pytorch_begin   (GString                  *text,
                           const NmdPytorchSettings *settings,
                           gboolean                  tokens);
/* load() and the command line. */
void  nmd_pytorch_end     (GString                  *text,
                           const NmdPytorchSettings *settings);
/* "NmdAssistNet": the module's name in Python. */
char *nmd_pytorch_class   (const NmdNetwork         *network) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
