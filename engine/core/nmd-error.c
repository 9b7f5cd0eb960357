/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers the engine's error domain; the messages are written where the errors happen.
 */
#include "engine/core/nmd-error.h"

G_DEFINE_QUARK (nmd - error - quark, nmd_error)
