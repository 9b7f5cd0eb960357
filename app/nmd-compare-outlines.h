/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd evaluate RUN --outline RUN2`.
 */
#pragma once

#include "engine/train/nmd-evaluate.h"

/* Compares and prints; the exit status. */
int nmd_command_compare_outlines (const char                *folder,
                                  const char                *outline_folder,
                                  const NmdEvaluateSettings *settings);
